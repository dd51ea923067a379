#include "fork.h"
#include "supervisor.h"
#include "supervisor_state.h"

#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>

#define MS UINT64_C(1000000)
/* Milliseconds: before the thread looks by itself. */
#define SOONER 4000

static mg_process_t *make(void)
{
    mg_process_t *process;

    ASSERT_OK(mg_fork_install());
    ASSERT_OK(mg_process_create(1024, 0, &process));
    mg_supervisor_register(process);
    return process;
}

static void wait_for_ever(mg_process_t *process)
{
    (void)process;
    for (;;)
        pause();
}

static void ignore_term(mg_process_t *process)
{
    (void)signal(SIGTERM, SIG_IGN);
    atomic_store(&process->control->state, MG_CHILD_READY);
    wait_for_ever(process);
}

static void leave(mg_process_t *process)
{
    (void)process;
}

static void spawn(mg_process_t *process, uint64_t start_by, void (*body)(mg_process_t *))
{
    pid_t pid;

    ASSERT_OK(mg_process_reset(process, true, start_by));
    ASSERT_OK(mg_supervisor_reserve());
    fflush(NULL);
    mg_fork_begin(process);
    pid = fork();
    (void)mg_fork_end();
    ASSERT(pid >= 0);
    if (pid == 0) {
        harness.child = true;
        alarm(HARNESS_SECONDS);
        body(process);
        _exit(7);
    }
    mg_supervisor_adopt(process, pid);
}

static bool join(mg_process_t *process, uint64_t deadline)
{
    while (!mg_process_is(process, MG_LIFE_DEAD)) {
        mg_eventcount_t *ec = &process->control->parent_ec;
        uint32_t ticket = mg_eventcount_prepare(ec);

        if (mg_process_is(process, MG_LIFE_DEAD))
            mg_eventcount_cancel(ec);
        else if (mg_eventcount_wait(ec, ticket, deadline) == MG_TIMEOUT)
            return false;
    }
    return true;
}

static size_t open_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    ASSERT(directory != NULL);
    while (readdir(directory) != NULL)
        count++;
    (void)closedir(directory);
    return count;
}

static void nobody_is_left(void)
{
    ASSERT_EQ(0, mg_supervisor_watched());
    ASSERT(waitpid(-1, NULL, WNOHANG) == -1);
    ASSERT_EQ(ECHILD, errno);
}

TEST(reaps_and_tells)
{
    mg_process_t *process = make();

    for (int i = 0; i < 50; i++) {
        spawn(process, MG_NEVER, leave);
        ASSERT(join(process, harness_deadline(20000)));
        ASSERT_EQ(7, process->exit.code);
        ASSERT_EQ(MG_CAUSE_NONE, mg_supervisor_cause(process));
    }
    mg_supervisor_release(process);
    nobody_is_left();
}

TEST(kills_on_request)
{
    mg_process_t *process = make();

    spawn(process, MG_NEVER, wait_for_ever);
    ASSERT(!join(process, harness_deadline(20)));
    mg_supervisor_kill(process);
    ASSERT(join(process, harness_deadline(20000)));
    ASSERT_EQ(SIGKILL, process->exit.signal);
    ASSERT_EQ(MG_CAUSE_TERMINATED, mg_supervisor_cause(process));
    mg_supervisor_kill(process);
    mg_supervisor_terminate(process, 0);
    mg_supervisor_release(process);
    nobody_is_left();
}

static void wait_until_ready(mg_process_t *process)
{
    uint64_t deadline = harness_deadline(20000);

    while (!mg_process_ready(process))
        ASSERT(mg_monotonic_ns() < deadline);
}

TEST(kills_what_ignores_term)
{
    mg_process_t *process = make();

    spawn(process, MG_NEVER, ignore_term);
    wait_until_ready(process);
    mg_supervisor_terminate(process, 50 * MS);
    ASSERT(join(process, harness_deadline(20000)));
    ASSERT_EQ(SIGKILL, process->exit.signal);
    mg_supervisor_release(process);
    nobody_is_left();
}

TEST(shortens_the_grace_on_a_second_request)
{
    mg_process_t *process = make();

    spawn(process, MG_NEVER, ignore_term);
    wait_until_ready(process);
    mg_supervisor_terminate(process, MG_NEVER);
    ASSERT(!join(process, harness_deadline(50)));
    mg_supervisor_terminate(process, 0);
    ASSERT(join(process, harness_deadline(20000)));
    ASSERT_EQ(SIGKILL, process->exit.signal);
    mg_supervisor_release(process);
    nobody_is_left();
}

TEST(ends_what_is_stopped)
{
    mg_process_t *process = make();
    siginfo_t info;

    spawn(process, MG_NEVER, wait_for_ever);
    ASSERT(kill(process->pid, SIGSTOP) == 0);
    /* Of two signals that it has not seen yet it would take TERM first. */
    ASSERT(waitid(P_PID, (id_t)process->pid, &info, WSTOPPED | WNOWAIT) == 0);
    mg_supervisor_terminate(process, MG_NEVER);
    ASSERT(join(process, harness_deadline(20000)));
    ASSERT_EQ(SIGTERM, process->exit.signal);
    mg_supervisor_release(process);
    nobody_is_left();
}

TEST(keeps_deadlines)
{
    mg_process_t *process = make();

    spawn(process, MG_NEVER, wait_for_ever);
    mg_supervisor_set_deadline(process, MG_NEVER);
    mg_supervisor_set_deadline(process, harness_deadline(30));
    ASSERT(join(process, harness_deadline(20000)));
    ASSERT_EQ(SIGTERM, process->exit.signal);
    ASSERT_EQ(MG_CAUSE_DEADLINE, mg_supervisor_cause(process));
    spawn(process, harness_deadline(30), wait_for_ever);
    ASSERT(join(process, harness_deadline(20000)));
    ASSERT_EQ(SIGKILL, process->exit.signal);
    ASSERT_EQ(MG_CAUSE_START_TIMEOUT, mg_supervisor_cause(process));
    mg_supervisor_release(process);
    nobody_is_left();
}

TEST(wakes_for_a_deadline_that_comes_first)
{
    mg_process_t *process = make();
    mg_process_t *other = make();

    spawn(process, MG_NEVER, wait_for_ever);
    mg_supervisor_set_deadline(process, harness_deadline(HARNESS_SECONDS * 1000));
    spawn(other, MG_NEVER, leave);
    /* The thread that has reaped this one waits for the other's deadline now. */
    ASSERT(join(other, harness_deadline(20000)));
    mg_supervisor_set_deadline(process, harness_deadline(30));
    ASSERT(join(process, harness_deadline(SOONER)));
    ASSERT_EQ(SIGTERM, process->exit.signal);

    spawn(process, MG_NEVER, wait_for_ever);
    spawn(other, MG_NEVER, leave);
    ASSERT(join(other, harness_deadline(20000)));
    mg_supervisor_set_item_deadline(process, 1, 1000000, 30000000);
    ASSERT(join(process, harness_deadline(SOONER)));
    ASSERT_EQ(MG_CAUSE_DEADLINE, mg_supervisor_cause(process));
    mg_supervisor_release(other);
    mg_supervisor_release(process);
    nobody_is_left();
}

TEST(polls_without_pidfds)
{
    mg_process_t *process = make();

    ASSERT(setenv("MINIGUN_NO_PIDFD", "1", 1) == 0);
    spawn(process, MG_NEVER, leave);
    ASSERT(join(process, harness_deadline(20000)));
    spawn(process, MG_NEVER, wait_for_ever);
    mg_supervisor_kill(process);
    ASSERT(join(process, harness_deadline(20000)));
    ASSERT(unsetenv("MINIGUN_NO_PIDFD") == 0);
    mg_supervisor_release(process);
    nobody_is_left();
}

TEST(takes_over_a_child_whose_owner_has_gone)
{
    mg_process_t *process = make();
    uint64_t deadline = harness_deadline(20000);

    spawn(process, MG_NEVER, wait_for_ever);
    mg_supervisor_kill(process);
    mg_supervisor_release(process);
    while (mg_supervisor_watched() != 0)
        ASSERT(mg_monotonic_ns() < deadline);
    nobody_is_left();
}

static void look_around(void *argument)
{
    mg_process_t **slots = argument;

    ASSERT_EQ(0, mg_supervisor_watched());
    for (int i = 0; i < 2; i++) {
        ASSERT(slots[i]->control == NULL);
        mg_supervisor_kill(slots[i]);
        mg_supervisor_release(slots[i]);
    }
    /* Starts afresh here. */
    slots[0] = make();
    spawn(slots[0], MG_NEVER, leave);
    ASSERT(join(slots[0], harness_deadline(20000)));
    mg_supervisor_shutdown(harness_deadline(5000));
}

TEST(a_fork_that_is_not_ours_touches_nothing)
{
    mg_process_t *slots[2] = {make(), make()};

    spawn(slots[0], MG_NEVER, wait_for_ever);
    ASSERT_EXITED(0, harness_fork(look_around, slots));
    ASSERT(mg_process_is(slots[0], MG_LIFE_LIVE));
    mg_supervisor_kill(slots[0]);
    ASSERT(join(slots[0], harness_deadline(20000)));
    for (int i = 0; i < 2; i++)
        mg_supervisor_release(slots[i]);
    nobody_is_left();
}

TEST(shuts_down_and_starts_again)
{
    mg_process_t *slots[8];
    size_t before;

    mg_supervisor_shutdown(harness_deadline(20000));
    before = open_descriptors();
    for (int i = 0; i < 8; i++)
        spawn(slots[i] = make(), MG_NEVER, i % 2 == 0 ? ignore_term : wait_for_ever);
    mg_supervisor_shutdown(harness_deadline(20000));
    nobody_is_left();
    ASSERT_EQ(before, open_descriptors());
    for (int i = 0; i < 8; i++) {
        ASSERT(mg_process_is(slots[i], MG_LIFE_DEAD));
        mg_supervisor_release(slots[i]);
    }
    ASSERT_OK(mg_supervisor_reserve());
    mg_supervisor_unreserve();
    mg_supervisor_shutdown(harness_deadline(20000));
    ASSERT_EQ(before, open_descriptors());
}

static bool has_looked(void)
{
    bool looked;

    mg_supervisor_lock();
    looked = mg_supervisor.wake_at != 0;
    mg_supervisor_unlock();
    return looked;
}

TEST(leaves_when_a_fork_came_to_nothing)
{
    uint64_t deadline = harness_deadline(20000);
    size_t before;

    mg_supervisor_shutdown(deadline);
    before = open_descriptors();
    ASSERT_OK(mg_supervisor_reserve());
    while (!has_looked() && mg_monotonic_ns() < deadline)
        (void)sched_yield();
    ASSERT(has_looked());
    mg_supervisor_unreserve();
    deadline = harness_deadline(SOONER);
    while (open_descriptors() > before && mg_monotonic_ns() < deadline)
        (void)sched_yield();
    ASSERT_EQ(before, open_descriptors());
}

int main(void)
{
    RUN(reaps_and_tells);
    RUN(kills_on_request);
    RUN(kills_what_ignores_term);
    RUN(shortens_the_grace_on_a_second_request);
    RUN(ends_what_is_stopped);
    RUN(keeps_deadlines);
    RUN(wakes_for_a_deadline_that_comes_first);
    RUN(polls_without_pidfds);
    RUN(takes_over_a_child_whose_owner_has_gone);
    RUN(a_fork_that_is_not_ours_touches_nothing);
    RUN(shuts_down_and_starts_again);
    RUN(leaves_when_a_fork_came_to_nothing);
    return harness_finish();
}
