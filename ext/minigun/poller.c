#include "poller.h"

#include <errno.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/epoll.h>

int mg_poller_open(mg_poller_t *poller, int first)
{
    poller->descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (poller->descriptor < 0)
        return -1;
    if (!mg_poller_add(poller, first)) {
        int error = errno;

        mg_poller_close(poller);
        errno = error;
        return -1;
    }
    return 0;
}

void mg_poller_close(mg_poller_t *poller)
{
    if (poller->descriptor >= 0)
        (void)close(poller->descriptor);
    *poller = MG_POLLER_CLOSED;
}

bool mg_poller_add(const mg_poller_t *poller, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN};

    return descriptor >= 0 && epoll_ctl(poller->descriptor, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void mg_poller_remove(const mg_poller_t *poller, int descriptor)
{
    struct epoll_event unused = {0};

    if (descriptor >= 0)
        (void)epoll_ctl(poller->descriptor, EPOLL_CTL_DEL, descriptor, &unused);
}

void mg_poller_wait(const mg_poller_t *poller, int milliseconds)
{
    struct epoll_event event;

    (void)epoll_wait(poller->descriptor, &event, 1, milliseconds);
}

#else
#include <poll.h>

int mg_poller_open(mg_poller_t *poller, int first)
{
    poller->descriptor = first;
    return 0;
}

void mg_poller_close(mg_poller_t *poller)
{
    *poller = MG_POLLER_CLOSED;
}

bool mg_poller_add(const mg_poller_t *poller, int descriptor)
{
    (void)poller;
    (void)descriptor;
    return false;
}

void mg_poller_remove(const mg_poller_t *poller, int descriptor)
{
    (void)poller;
    (void)descriptor;
}

void mg_poller_wait(const mg_poller_t *poller, int milliseconds)
{
    struct pollfd first = {.fd = poller->descriptor, .events = POLLIN};

    (void)poll(&first, 1, milliseconds);
}

#endif
