#include "fork.h"

#include "fault.h"
#include "supervisor.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#define DEATH_SIGNAL (SIGRTMAX - 1)
#endif

/* One for each thread, and read by the handlers on the thread that forks: threads that fork at
 * the same time do not meet. */
static _Thread_local struct {
    mg_process_t *process;
    pid_t parent;
    bool main_thread;
    bool made;
    sigset_t mask;
} forking;

static void (*on_refusal)(void);
static pid_t self_pid;
static volatile pid_t parent_pid; /* in a child: read by the death signal's handler */

static const int blocked_signals[] = {MG_FORK_SIGNALS};

pid_t mg_fork_self(void)
{
    return self_pid;
}

static bool on_main_thread(pid_t self)
{
#ifdef __linux__
    return (pid_t)syscall(SYS_gettid) == self;
#else
    (void)self;
    return false;
#endif
}

static void before_fork(void)
{
    mg_supervisor_lock();
    errno = 0;
}

static void in_parent(void)
{
    /* The C library calls this after a failed fork as well, and then errno says so. */
    int error = errno;

    if (forking.process != NULL)
        forking.made = error == 0;
    if (error == EAGAIN && forking.process != NULL && on_refusal != NULL)
        on_refusal();
    MG_FAULT_WHEN(forking.process != NULL, after_fork);
    /* What a hook of another library forks now is its own. */
    if (forking.made)
        forking.process = NULL;
    mg_supervisor_unlock();
    errno = error;
}

#ifdef __linux__
/* The kernel sends the death signal when the *thread* that forked ends; only the parent's pid
 * tells whether the process has gone too. */
static void on_death_signal(int signal)
{
    (void)signal;
    if (getppid() != parent_pid)
        _exit(1);
}

static void die_with_parent(void)
{
    struct sigaction action = {0};
    sigset_t set;

    if (forking.main_thread) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        return;
    }
    action.sa_handler = on_death_signal;
    action.sa_flags = SA_RESTART;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(DEATH_SIGNAL, &action, NULL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, DEATH_SIGNAL);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    (void)sigdelset(&forking.mask, DEATH_SIGNAL);
    (void)prctl(PR_SET_PDEATHSIG, DEATH_SIGNAL);
}
#else
static void die_with_parent(void)
{
}
#endif

static void become_child(mg_process_t *process)
{
    process->self = self_pid;
    MG_FAULT(at_fork);
    atomic_store(&process->control->pid, self_pid);
    /* 0: the parent is outside our pid namespace, and getppid can never tell. */
    parent_pid = getppid() == 0 ? 0 : forking.parent;
    process->parent = parent_pid;
    die_with_parent();
    /* The parent may have died before it was too late for a signal, and may have given this fork
     * up before it could know the pid. */
    if (mg_process_orphaned(process) ||
        atomic_load(&process->control->cancelled) == process->generation)
        _exit(1);
    if (process->group)
        (void)setpgid(0, 0);
    atomic_store(&process->control->state, MG_CHILD_FORKED);
}

static void in_child(void)
{
    self_pid = getpid();
    mg_supervisor_after_fork(forking.process);
    if (forking.process != NULL)
        become_child(forking.process);
    /* A fork by whatever runs next in this thread is not ours. */
    forking.process = NULL;
}

static int install_failed;

static void install(void)
{
    self_pid = getpid();
    mg_fault_install();
    install_failed = pthread_atfork(before_fork, in_parent, in_child);
}

mg_status_t mg_fork_install(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, install);
    errno = install_failed;
    return install_failed == 0 ? MG_OK : MG_SYSTEM;
}

void mg_fork_on_refusal(void (*function)(void))
{
    on_refusal = function;
}

void mg_fork_begin(mg_process_t *process)
{
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof(blocked_signals) / sizeof(blocked_signals[0]); i++)
        (void)sigaddset(&set, blocked_signals[i]);
    (void)pthread_sigmask(SIG_BLOCK, &set, &forking.mask);
    forking.parent = self_pid;
    forking.main_thread = on_main_thread(self_pid);
    forking.made = false;
    forking.process = process;
    process->fork_ticks = mg_fork_ticks();
}

bool mg_fork_end(void)
{
    forking.process = NULL;
    (void)pthread_sigmask(SIG_SETMASK, &forking.mask, NULL);
    return forking.made;
}
