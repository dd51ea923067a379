#include "pidfd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#define WAIT_PIDFD 3 /* P_PIDFD, an enumerator that old headers lack */

static int switched_off(void)
{
    const char *value = getenv("MINIGUN_NO_PIDFD");

    return value != NULL && strcmp(value, "1") == 0;
}

/* Present at build time says nothing about the kernel below, or a sandbox's filter: asked each
 * time, and every failure means the same, "none". */
int mg_pidfd_open(pid_t pid)
{
    if (switched_off())
        return -1;
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int mg_pidfd_signal(int pidfd, int signal)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

/* The library's waitid leaves out what the kernel's says of resources. */
int mg_pidfd_wait(int pidfd, siginfo_t *info, struct rusage *usage)
{
    return (int)syscall(SYS_waitid, WAIT_PIDFD, pidfd, info, WEXITED | WNOHANG, usage);
}

#else

int mg_pidfd_open(pid_t pid)
{
    (void)pid;
    errno = ENOSYS;
    return -1;
}

int mg_pidfd_signal(int pidfd, int signal)
{
    (void)pidfd;
    (void)signal;
    errno = ENOSYS;
    return -1;
}

int mg_pidfd_wait(int pidfd, siginfo_t *info, struct rusage *usage)
{
    (void)pidfd;
    (void)info;
    (void)usage;
    errno = ENOSYS;
    return -1;
}

#endif
