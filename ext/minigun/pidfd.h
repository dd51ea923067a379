/* Process descriptors where the kernel has them; without them a child is known by its number. */
#ifndef MG_PIDFD_H
#define MG_PIDFD_H

#include "platform.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

/* A close-on-exec descriptor for `pid`, readable when it has ended; -1 when there is none:
 * unknown to the kernel, no descriptor free, MINIGUN_NO_PIDFD=1 in the environment. */
int mg_pidfd_open(pid_t pid);

/* 0, or -1 with errno; ESRCH once the process was reaped. */
int mg_pidfd_signal(int pidfd, int signal);

/* Reaps if the process has ended (si_pid != 0; `usage` says what it took), without waiting.
 * 0, or -1 with errno. */
int mg_pidfd_wait(int pidfd, siginfo_t *info, struct rusage *usage);

#endif
