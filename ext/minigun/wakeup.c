#include "wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>

int mg_wakeup_open(mg_wakeup_t *wakeup)
{
    wakeup->reader = wakeup->writer = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wakeup->reader < 0 ? -1 : 0;
}

#else

int mg_wakeup_open(mg_wakeup_t *wakeup)
{
    int ends[2];

    *wakeup = MG_WAKEUP_CLOSED;
    if (pipe(ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    *wakeup = (mg_wakeup_t){ends[0], ends[1]};
    return 0;
}

#endif

void mg_wakeup_close(mg_wakeup_t *wakeup)
{
    if (wakeup->writer >= 0 && wakeup->writer != wakeup->reader)
        (void)close(wakeup->writer);
    if (wakeup->reader >= 0)
        (void)close(wakeup->reader);
    *wakeup = MG_WAKEUP_CLOSED;
}

void mg_wakeup_signal(const mg_wakeup_t *wakeup)
{
    const uint64_t one = 1;
    ssize_t written;

    /* EAGAIN: full, so it is readable already. */
    do
        written = write(wakeup->writer, &one, sizeof(one));
    while (written < 0 && errno == EINTR);
}

void mg_wakeup_clear(const mg_wakeup_t *wakeup)
{
    uint64_t buffer[16];
    ssize_t count;

    do
        count = read(wakeup->reader, buffer, sizeof(buffer));
    while (count == (ssize_t)sizeof(buffer) || (count < 0 && errno == EINTR));
}
