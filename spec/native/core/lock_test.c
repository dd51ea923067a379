#include "lock.h"

#include "harness.h"

#define PROCESSES 4
#define ROUNDS    20000

typedef struct {
    mg_lock_t lock;
    mg_eventcount_t changed;
    _Atomic uint32_t step;
    uint64_t guarded; /* by lock, not atomic */
} shared_t;

static shared_t *make(void)
{
    shared_t *shared = harness_shared(sizeof(*shared));

    ASSERT_OK(mg_lock_init(&shared->lock));
    mg_eventcount_init(&shared->changed);
    return shared;
}

static void advance(shared_t *shared, uint32_t step)
{
    atomic_store_explicit(&shared->step, step, memory_order_seq_cst);
    mg_eventcount_notify(&shared->changed);
}

static void await(shared_t *shared, uint32_t step)
{
    uint64_t deadline = harness_deadline(20000);

    for (;;) {
        uint32_t ticket = mg_eventcount_prepare(&shared->changed);

        if (atomic_load_explicit(&shared->step, memory_order_seq_cst) >= step) {
            mg_eventcount_cancel(&shared->changed);
            return;
        }
        ASSERT(mg_eventcount_wait(&shared->changed, ticket, deadline) != MG_TIMEOUT);
    }
}

TEST(one_thread_acquires_and_releases)
{
    shared_t *shared = make();

    ASSERT_OK(mg_lock_acquire(&shared->lock, MG_LOCK_NO_DEADLINE));
    ASSERT_STATUS(MG_INVALID, mg_lock_acquire(&shared->lock, MG_LOCK_NO_DEADLINE));
    ASSERT_STATUS(MG_INVALID, mg_lock_acquire(&shared->lock, harness_deadline(1)));
    ASSERT_STATUS(MG_BUSY, mg_lock_try(&shared->lock));
    ASSERT_OK(mg_lock_release(&shared->lock));
    ASSERT_STATUS(MG_NOT_OWNER, mg_lock_release(&shared->lock));
    ASSERT_OK(mg_lock_try(&shared->lock));
    ASSERT_OK(mg_lock_release(&shared->lock));
    ASSERT_OK(mg_lock_acquire(&shared->lock, 0));
    ASSERT_OK(mg_lock_release(&shared->lock));
}

static void hold_until_told(void *argument)
{
    shared_t *shared = argument;

    ASSERT_OK(mg_lock_acquire(&shared->lock, MG_LOCK_NO_DEADLINE));
    advance(shared, 1);
    await(shared, 2);
    ASSERT_OK(mg_lock_release(&shared->lock));
}

TEST(waiting_ends_at_the_deadline)
{
    shared_t *shared = make();
    pid_t child = harness_fork(hold_until_told, shared);
    uint64_t deadline;

    await(shared, 1);
    ASSERT_STATUS(MG_BUSY, mg_lock_try(&shared->lock));
    ASSERT_STATUS(MG_NOT_OWNER, mg_lock_release(&shared->lock));
    deadline = harness_deadline(30);
    ASSERT_STATUS(MG_TIMEOUT, mg_lock_acquire(&shared->lock, deadline));
    ASSERT(mg_monotonic_ns() >= deadline);
    ASSERT_STATUS(MG_TIMEOUT, mg_lock_acquire(&shared->lock, 0));
    advance(shared, 2);
    ASSERT_OK(mg_lock_acquire(&shared->lock, harness_deadline(20000)));
    ASSERT_OK(mg_lock_release(&shared->lock));
    ASSERT_EXITED(0, child);
}

static void acquire_and_exit(void *argument)
{
    shared_t *shared = argument;

    ASSERT_OK(mg_lock_acquire(&shared->lock, MG_LOCK_NO_DEADLINE));
}

static void acquire_and_hang(void *argument)
{
    acquire_and_exit(argument);
    advance(argument, 1);
    for (;;)
        pause();
}

static void assert_dead_then_ordinary(shared_t *shared)
{
    ASSERT_STATUS(MG_OWNER_DEAD, mg_lock_acquire(&shared->lock, harness_deadline(20000)));
    ASSERT_STATUS(MG_BUSY, mg_lock_try(&shared->lock));
    ASSERT_OK(mg_lock_release(&shared->lock));
    ASSERT_OK(mg_lock_acquire(&shared->lock, harness_deadline(20000)));
    ASSERT_OK(mg_lock_release(&shared->lock));
}

TEST(an_owner_that_exited_is_an_ordinary_result)
{
    shared_t *shared = make();

    ASSERT_EXITED(0, harness_fork(acquire_and_exit, shared));
    assert_dead_then_ordinary(shared);
    ASSERT_EXITED(0, harness_fork(acquire_and_exit, shared));
    ASSERT_STATUS(MG_OWNER_DEAD, mg_lock_try(&shared->lock));
    ASSERT_OK(mg_lock_release(&shared->lock));
}

TEST(an_owner_that_was_killed_is_an_ordinary_result)
{
    shared_t *shared = make();

    for (int i = 0; i < 20; i++) {
        pid_t child = harness_fork(acquire_and_hang, shared);

        await(shared, 1);
        atomic_store(&shared->step, 0);
        ASSERT_EQ(0, kill(child, SIGKILL));
        ASSERT_SIGNALLED(SIGKILL, child);
        assert_dead_then_ordinary(shared);
    }
}

/* Killed by a third process, and reaped only after the lock was passed on where the system can. */
TEST(waiters_learn_of_a_death_while_they_wait)
{
    shared_t *shared = make();
    pid_t owner = harness_fork(acquire_and_hang, shared);

    await(shared, 1);
    ASSERT_STATUS(MG_TIMEOUT, mg_lock_acquire(&shared->lock, harness_deadline(5)));
    ASSERT_EQ(0, kill(owner, SIGKILL));
#ifdef MG_ROBUST_MUTEX
    assert_dead_then_ordinary(shared);
    ASSERT_SIGNALLED(SIGKILL, owner);
#else
    ASSERT_SIGNALLED(SIGKILL, owner);
    assert_dead_then_ordinary(shared);
#endif
}

static void release_what_the_parent_holds(void *argument)
{
    shared_t *shared = argument;

    ASSERT_STATUS(MG_NOT_OWNER, mg_lock_release(&shared->lock));
    ASSERT_STATUS(MG_BUSY, mg_lock_try(&shared->lock));
    ASSERT_STATUS(MG_TIMEOUT, mg_lock_acquire(&shared->lock, harness_deadline(5)));
}

TEST(a_child_does_not_inherit_the_lock)
{
    shared_t *shared = make();

    ASSERT_OK(mg_lock_acquire(&shared->lock, MG_LOCK_NO_DEADLINE));
    ASSERT_EXITED(0, harness_fork(release_what_the_parent_holds, shared));
    ASSERT_OK(mg_lock_release(&shared->lock));
}

#ifdef MG_ROBUST_MUTEX
TEST(a_lock_that_was_given_up_says_so)
{
    shared_t *shared = make();

    ASSERT_EXITED(0, harness_fork(acquire_and_exit, shared));
    ASSERT(pthread_mutex_lock(&shared->lock.mutex) != 0);
    ASSERT_EQ(0, pthread_mutex_unlock(&shared->lock.mutex));
    ASSERT_STATUS(MG_UNRECOVERABLE, mg_lock_acquire(&shared->lock, MG_LOCK_NO_DEADLINE));
    ASSERT_STATUS(MG_UNRECOVERABLE, mg_lock_acquire(&shared->lock, harness_deadline(5)));
    ASSERT_STATUS(MG_UNRECOVERABLE, mg_lock_try(&shared->lock));
}
#endif

static void add_under_lock(void *argument)
{
    shared_t *shared = argument;

    for (int i = 0; i < ROUNDS; i++) {
        ASSERT_OK(mg_lock_acquire(&shared->lock, harness_deadline(20000)));
        shared->guarded++;
        ASSERT_OK(mg_lock_release(&shared->lock));
    }
}

TEST(excludes_other_processes)
{
    shared_t *shared = make();
    pid_t children[PROCESSES];

    for (int i = 0; i < PROCESSES; i++)
        children[i] = harness_fork(add_under_lock, shared);
    for (int i = 0; i < PROCESSES; i++)
        ASSERT_EXITED(0, children[i]);
    ASSERT_EQ(PROCESSES * ROUNDS, shared->guarded);
}

int main(void)
{
    RUN(one_thread_acquires_and_releases);
    RUN(waiting_ends_at_the_deadline);
    RUN(an_owner_that_exited_is_an_ordinary_result);
    RUN(an_owner_that_was_killed_is_an_ordinary_result);
    RUN(waiters_learn_of_a_death_while_they_wait);
    RUN(a_child_does_not_inherit_the_lock);
#ifdef MG_ROBUST_MUTEX
    RUN(a_lock_that_was_given_up_says_so);
#endif
    RUN(excludes_other_processes);
    return harness_finish();
}
