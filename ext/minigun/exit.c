#include "exit.h"

#include "pidfd.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static uint64_t peak_rss(const struct rusage *usage)
{
#ifdef __APPLE__
    return (uint64_t)usage->ru_maxrss;
#else
    return (uint64_t)usage->ru_maxrss * 1024;
#endif
}

static int wait_by_pidfd(int pidfd, mg_exit_t *exit, struct rusage *usage)
{
    siginfo_t info = {0};

    if (mg_pidfd_wait(pidfd, &info, usage) != 0)
        return -1;
    if (info.si_pid == 0)
        return 0;
    exit->known = true;
    exit->code = info.si_code == CLD_EXITED ? info.si_status : -1;
    exit->signal = info.si_code != CLD_EXITED ? info.si_status : 0;
    return 0;
}

static int wait_by_number(pid_t pid, mg_exit_t *exit, struct rusage *usage)
{
    int status = 0;
    pid_t ended = wait4(pid, &status, WNOHANG, usage);

    if (ended != pid)
        return ended < 0 ? -1 : 0;
    exit->known = true;
    exit->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    exit->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 0;
}

mg_status_t mg_exit_take(pid_t pid, int pidfd, mg_exit_t *exit)
{
    struct rusage usage = {0};
    int failed = -1;

    *exit = (mg_exit_t){.code = -1};
    if (pidfd >= 0)
        failed = wait_by_pidfd(pidfd, exit, &usage);
    if (failed != 0 && (pidfd < 0 || errno == EINVAL || errno == ENOSYS))
        failed = wait_by_number(pid, exit, &usage);
    if (failed != 0)
        return errno == EINTR ? MG_EMPTY : MG_SYSTEM;
    if (!exit->known)
        return MG_EMPTY;
    exit->peak_rss = peak_rss(&usage);
    return MG_OK;
}
