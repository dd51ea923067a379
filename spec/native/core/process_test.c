#include "fork.h"
#include "process.h"

#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

static mg_process_t *make(size_t inbox)
{
    mg_process_t *process;

    ASSERT_OK(mg_fork_install());
    ASSERT_OK(mg_process_create(1024, inbox, &process));
    ASSERT_OK(mg_process_reset(process, true, MG_NEVER));
    return process;
}

/* Forks a child of the slot that runs `body` and exits 0. */
static pid_t spawn(mg_process_t *process, void (*body)(mg_process_t *))
{
    pid_t pid;

    fflush(NULL);
    mg_fork_begin(process);
    pid = fork();
    ASSERT(pid >= 0);
    (void)mg_fork_end();
    if (pid > 0)
        return pid;
    harness.child = true;
    alarm(HARNESS_SECONDS);
    body(process);
    _exit(0);
}

static void reap(mg_process_t *process)
{
    uint64_t deadline = harness_deadline(20000);

    while (!mg_process_reap(process))
        ASSERT(mg_monotonic_ns() < deadline);
}

static void nothing(mg_process_t *process)
{
    (void)process;
}

static void wait_for_ever(mg_process_t *process)
{
    (void)process;
    for (;;)
        pause();
}

TEST(sizes_are_checked)
{
    mg_process_t *process;

    ASSERT_OK(mg_fork_install());
    ASSERT_STATUS(MG_INVALID, mg_process_create(0, 0, &process));
    ASSERT_STATUS(MG_INVALID, mg_process_create(1000, 0, &process));
    ASSERT_STATUS(MG_INVALID, mg_process_create(1024, 128, &process));
    ASSERT_STATUS(MG_INVALID, mg_process_create((size_t)MG_RING_MAX_CAPACITY * 2, 0, &process));
}

TEST(a_slot_without_a_child_is_not_alive)
{
    mg_process_t *process = make(0);

    ASSERT(process->inbox_ring == NULL);
    ASSERT(!mg_process_is(process, MG_LIFE_LIVE));
    ASSERT(!mg_process_ready(process));
    mg_process_signal(process, SIGKILL);
    mg_process_destroy(process);
}

static void check_child(mg_process_t *process)
{
    ASSERT_EQ(getpid(), process->self);
    ASSERT_EQ(getpid(), atomic_load(&process->control->pid));
    ASSERT_EQ(getpid(), mg_fork_self());
    ASSERT_EQ(getppid(), process->parent);
    ASSERT_EQ(getpid(), getpgrp());
    ASSERT(!mg_process_orphaned(process));
    ASSERT_EQ(MG_CHILD_FORKED, atomic_load(&process->control->state));
}

TEST(a_child_knows_itself_before_any_other_code_runs)
{
    mg_process_t *process = make(1024);
    pid_t pid = spawn(process, check_child);

    mg_process_adopt(process, pid);
    reap(process);
    ASSERT(process->exit.known);
    ASSERT_EQ(0, process->exit.code);
    ASSERT_EQ(0, process->exit.signal);
    ASSERT_EQ(0, process->self);
    mg_process_mark_dead(process);
    mg_process_destroy(process);
}

TEST(a_slot_is_used_again)
{
    mg_process_t *process = make(0);

    for (uint32_t i = 1; i <= 5; i++) {
        ASSERT_EQ(i, process->generation);
        mg_process_adopt(process, spawn(process, nothing));
        ASSERT_STATUS(MG_BUSY, mg_process_reset(process, true, MG_NEVER));
        reap(process);
        mg_process_mark_dead(process);
        atomic_store(&process->control->items[3], 2);
        ASSERT_OK(mg_process_reset(process, true, MG_NEVER));
        ASSERT_EQ(0, atomic_load(&process->control->items[3]));
        ASSERT_EQ(0, atomic_load(&process->control->pid));
    }
    mg_process_destroy(process);
}

TEST(a_signal_reaches_the_child_and_is_reported)
{
    mg_process_t *process = make(0);

    mg_process_adopt(process, spawn(process, wait_for_ever));
    ASSERT(!mg_process_reap(process));
    mg_process_signal(process, SIGKILL);
    reap(process);
    ASSERT_EQ(SIGKILL, process->exit.signal);
    ASSERT_EQ((unsigned)-1, (unsigned)process->exit.code);
    /* The number may be somebody else's now. */
    mg_process_signal(process, SIGKILL);
    mg_process_mark_dead(process);
    mg_process_destroy(process);
}

TEST(a_child_that_somebody_else_reaped_has_an_unknown_end)
{
    mg_process_t *process = make(0);
    pid_t pid = spawn(process, nothing);

    mg_process_adopt(process, pid);
    ASSERT_EXITED(0, pid);
    reap(process);
    ASSERT(!process->exit.known);
    mg_process_mark_dead(process);
    mg_process_destroy(process);
}

TEST(a_child_is_known_without_a_pidfd)
{
    mg_process_t *process = make(0);

    ASSERT(setenv("MINIGUN_NO_PIDFD", "1", 1) == 0);
    mg_process_adopt(process, spawn(process, wait_for_ever));
    ASSERT(unsetenv("MINIGUN_NO_PIDFD") == 0);
    ASSERT(process->pidfd == -1);
    mg_process_signal(process, SIGTERM);
    reap(process);
    ASSERT_EQ(SIGTERM, process->exit.signal);
    mg_process_mark_dead(process);
    mg_process_destroy(process);
}

TEST(a_fork_that_was_given_up_has_a_pid_or_ends_itself)
{
    for (int i = 0; i < 50; i++) {
        mg_process_t *process = make(0);
        pid_t pid = spawn(process, wait_for_ever);

        /* Cancelled after the pid is out, it is found; before, the child leaves by itself. */
        if (mg_process_cancel(process, i % 2 == 0 ? 5000000000 : 0) == pid)
            ASSERT(kill(pid, SIGKILL) == 0);
        else
            ASSERT(i % 2 == 1);
        (void)harness_wait(pid);
        mg_process_destroy(process);
    }
}

TEST(a_pid_that_is_no_child_of_ours_is_not_believed)
{
    mg_process_t *process = make(0);

    atomic_store(&process->control->pid, 1);
    ASSERT_EQ(0, mg_process_cancel(process, 0));
    atomic_store(&process->control->pid, -1);
    ASSERT_EQ(0, mg_process_cancel(process, 0));
    atomic_store(&process->control->pid, getpid());
    ASSERT_EQ(0, mg_process_cancel(process, 0));
    mg_process_destroy(process);
}

static void count(int signal)
{
    (void)signal;
    _exit(3);
}

static void wait_for_term(mg_process_t *process)
{
    atomic_store(&process->control->state, MG_CHILD_READY);
    wait_for_ever(process);
}

TEST(signals_wait_until_inherited_handlers_are_gone)
{
    mg_process_t *process = make(0);
    sigset_t mask;
    pid_t pid;

    ASSERT(signal(SIGTERM, count) != SIG_ERR);
    mg_fork_begin(process);
    pid = fork();
    if (pid == 0) {
        harness.child = true;
        alarm(HARNESS_SECONDS);
        (void)raise(SIGTERM);
        (void)signal(SIGTERM, SIG_DFL);
        (void)mg_fork_end();
        _exit(4);
    }
    ASSERT(mg_fork_end());
    ASSERT(signal(SIGTERM, SIG_DFL) != SIG_ERR);
    ASSERT_SIGNALLED(SIGTERM, pid);
    ASSERT(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
    ASSERT(!sigismember(&mask, SIGTERM));
    mg_process_destroy(process);
}

TEST(probing_leaves_nothing_behind)
{
    for (unsigned i = 0; i < 100; i++)
        ASSERT_OK(mg_fork_probe());
    ASSERT(waitpid(-1, NULL, WNOHANG) == -1);
    ASSERT_EQ(ECHILD, errno);
}

static unsigned refusals;

static void count_refusal(void)
{
    refusals++;
}

/* As a user who runs nothing else, and may run no more than this. */
static void be_refused(void *argument)
{
    mg_process_t *process = argument;
    struct rlimit limit = {1, 1};

    ASSERT_EQ(0, setuid(65125));
    ASSERT_EQ(0, setrlimit(RLIMIT_NPROC, &limit));
    mg_fork_on_refusal(count_refusal);
    ASSERT_EQ(-1, fork());
    ASSERT_EQ(EAGAIN, errno);
    ASSERT_EQ(0, refusals);
    mg_fork_begin(process);
    ASSERT_EQ(-1, fork());
    ASSERT_EQ(EAGAIN, errno);
    ASSERT_EQ(1, refusals);
    ASSERT(!mg_fork_end());
    ASSERT_STATUS(MG_SYSTEM, mg_fork_probe());
    ASSERT_EQ(EAGAIN, errno);
}

TEST(a_fork_of_ours_that_is_refused_is_told)
{
    mg_process_t *process;

    if (getuid() != 0)
        return;
    process = make(0);
    ASSERT_EXITED(0, harness_fork(be_refused, process));
    mg_process_destroy(process);
}

static void spawn_and_be_killed(void *argument)
{
    mg_process_t *process = argument;
    uint64_t deadline = harness_deadline(20000);

    (void)spawn(process, wait_for_term);
    while (!mg_process_ready(process))
        ASSERT(mg_monotonic_ns() < deadline);
    (void)kill(getpid(), SIGKILL);
}

TEST(a_child_does_not_outlive_its_parent)
{
    mg_process_t *process = make(0);
    uint64_t deadline = harness_deadline(5000);
    pid_t grandchild;

    process->owner = 0;
    ASSERT_SIGNALLED(SIGKILL, harness_fork(spawn_and_be_killed, process));
    grandchild = (pid_t)atomic_load(&process->control->pid);
    ASSERT(grandchild > 0);
    while (kill(grandchild, 0) == 0)
        ASSERT(mg_monotonic_ns() < deadline);
    mg_process_destroy(process);
}

int main(void)
{
    RUN(sizes_are_checked);
    RUN(a_slot_without_a_child_is_not_alive);
    RUN(a_child_knows_itself_before_any_other_code_runs);
    RUN(a_slot_is_used_again);
    RUN(a_signal_reaches_the_child_and_is_reported);
    RUN(a_child_that_somebody_else_reaped_has_an_unknown_end);
    RUN(a_child_is_known_without_a_pidfd);
    RUN(a_fork_that_was_given_up_has_a_pid_or_ends_itself);
    RUN(a_pid_that_is_no_child_of_ours_is_not_believed);
    RUN(signals_wait_until_inherited_handlers_are_gone);
    RUN(probing_leaves_nothing_behind);
    RUN(a_fork_of_ours_that_is_refused_is_told);
    RUN(a_child_does_not_outlive_its_parent);
    return harness_finish();
}
