#include "fork.h"
#include "process.h"
#include "supervisor.h"

#include "harness.h"

#include <sys/syscall.h>

static mg_process_t *make(void)
{
    mg_process_t *process;

    ASSERT_OK(mg_fork_install());
    ASSERT_OK(mg_process_create(1024, 0, &process));
    ASSERT_OK(mg_process_reset(process, false, MG_NEVER));
    mg_supervisor_register(process);
    return process;
}

static _Noreturn void wait_for_ever(void)
{
    alarm(HARNESS_SECONDS);
    for (;;)
        pause();
}

/* Past the handlers of the fork: a child that publishes nothing. */
static pid_t spawn(mg_process_t *process)
{
    pid_t pid;

    mg_fork_begin(process);
    pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
    ASSERT(pid >= 0);
    if (pid == 0)
        wait_for_ever();
    (void)mg_fork_end();
    return pid;
}

/* Which has left the slots behind when this returns. */
static pid_t spawn_other(void)
{
    _Atomic bool *ran = harness_shared(sizeof(*ran));
    pid_t pid = fork();

    ASSERT(pid >= 0);
    if (pid == 0) {
        atomic_store(ran, true);
        wait_for_ever();
    }
    while (!atomic_load(ran))
        continue;
    return pid;
}

static void kill_and_leave(pid_t pid)
{
    siginfo_t info;

    ASSERT(kill(pid, SIGKILL) == 0);
    ASSERT(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
}

static void next_tick(void)
{
    uint64_t now = mg_fork_ticks();

    while (mg_fork_ticks() == now)
        continue;
}

TEST(the_child_is_found_as_long_as_it_is_one)
{
    mg_process_t *process = make();
    pid_t pid = spawn(process);

    ASSERT_EQ(pid, mg_fork_find(process));
    ASSERT(kill(pid, SIGSTOP) == 0);
    ASSERT_EQ(pid, mg_fork_find(process));
    kill_and_leave(pid);
    ASSERT_EQ(pid, mg_fork_find(process));
    (void)harness_wait(pid);
    ASSERT_EQ(0, mg_fork_find(process));
    mg_supervisor_release(process);
}

TEST(a_fork_that_was_given_up_finds_it)
{
    mg_process_t *process = make();
    pid_t pid = spawn(process);

    ASSERT_EQ(0, mg_process_cancel(process, 0));
    ASSERT_EQ(pid, mg_process_cancel(process, 5000000000));
    kill_and_leave(pid);
    ASSERT_EQ(pid, mg_process_cancel(process, 5000000000));
    (void)harness_wait(pid);
    ASSERT_EQ(0, mg_process_cancel(process, 1000000));
    mg_supervisor_release(process);
}

TEST(neither_an_older_child_nor_one_of_somebody_else_is_taken)
{
    mg_process_t *process = make();
    pid_t older = spawn_other();
    pid_t pid;
    pid_t other;

    kill_and_leave(older);
    next_tick();
    pid = spawn(process);
    other = spawn_other();
    kill_and_leave(pid);
    ASSERT_EQ(pid, mg_fork_find(process));
    (void)harness_wait(pid);
    ASSERT_EQ(0, mg_fork_find(process));
    kill_and_leave(other);
    (void)harness_wait(older);
    (void)harness_wait(other);
    mg_supervisor_release(process);
}

TEST(of_two_dead_ones_neither_is_taken)
{
    mg_process_t *process = make();
    pid_t pid = spawn(process);
    pid_t other = spawn_other();

    kill_and_leave(pid);
    kill_and_leave(other);
    ASSERT_EQ(0, mg_fork_find(process));
    (void)harness_wait(other);
    ASSERT_EQ(pid, mg_fork_find(process));
    (void)harness_wait(pid);
    mg_supervisor_release(process);
}

TEST(a_child_of_another_slot_is_not_taken)
{
    mg_process_t *process = make();
    mg_process_t *other = make();

    ASSERT_OK(mg_supervisor_reserve());
    process->fork_ticks = mg_fork_ticks();
    mg_supervisor_adopt(other, spawn(other));
    ASSERT_EQ(0, mg_fork_find(process));
    ASSERT(mg_supervisor_watches(other->pid));
    mg_supervisor_shutdown(harness_deadline(20000));
    ASSERT(mg_process_is(other, MG_LIFE_DEAD));
    ASSERT(!mg_supervisor_watches(other->pid));
    mg_supervisor_release(other);
    mg_supervisor_release(process);
}

int main(void)
{
    RUN(the_child_is_found_as_long_as_it_is_one);
    RUN(a_fork_that_was_given_up_finds_it);
    RUN(neither_an_older_child_nor_one_of_somebody_else_is_taken);
    RUN(of_two_dead_ones_neither_is_taken);
    RUN(a_child_of_another_slot_is_not_taken);
    return harness_finish();
}
