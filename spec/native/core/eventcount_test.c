#include "eventcount.h"

#include "harness.h"

#include <errno.h>

#ifdef MG_NO_FUTEX
#define ROUNDS 500u /* each takes the other side's polling interval */
#else
#define ROUNDS 20000u
#endif

typedef struct {
    mg_eventcount_t ping;
    mg_eventcount_t pong;
    _Alignas(MG_CACHE_LINE) _Atomic uint32_t sent;
    _Alignas(MG_CACHE_LINE) _Atomic uint32_t answered;
} shared_t;

static shared_t *make(void)
{
    shared_t *shared = harness_shared(sizeof(*shared));

    mg_eventcount_init(&shared->ping);
    mg_eventcount_init(&shared->pong);
    return shared;
}

/* The canonical use. Every round has its own deadline: a lost wake-up is a failure, not a delay. */
static void await(mg_eventcount_t *ec, const _Atomic uint32_t *word, uint32_t value)
{
    uint64_t deadline = harness_deadline(5000);

    for (;;) {
        uint32_t ticket = mg_eventcount_prepare(ec);

        if (atomic_load_explicit(word, memory_order_seq_cst) == value) {
            mg_eventcount_cancel(ec);
            return;
        }
        ASSERT_OK(mg_eventcount_wait(ec, ticket, deadline));
    }
}

static void tell(mg_eventcount_t *ec, _Atomic uint32_t *word, uint32_t value)
{
    atomic_store_explicit(word, value, memory_order_seq_cst);
    mg_eventcount_notify(ec);
}

TEST(a_wait_ends_at_its_deadline)
{
    shared_t *shared = make();
    uint64_t deadline = harness_deadline(20);
    uint32_t ticket = mg_eventcount_prepare(&shared->ping);

    ASSERT_STATUS(MG_TIMEOUT, mg_eventcount_wait(&shared->ping, ticket, deadline));
    ASSERT(mg_monotonic_ns() >= deadline);
    ASSERT_EQ(0, atomic_load(&shared->ping.waiters));

    ticket = mg_eventcount_prepare(&shared->ping);
    ASSERT_STATUS(MG_TIMEOUT, mg_eventcount_wait(&shared->ping, ticket, 0));
}

TEST(without_a_waiter_a_notification_costs_one_load)
{
    shared_t *shared = make();

    ASSERT_EQ(0, mg_eventcount_notify(&shared->ping));
    ASSERT_EQ(0, atomic_load(&shared->ping.sequence));
    mg_eventcount_prepare(&shared->ping);
    mg_eventcount_cancel(&shared->ping);
    ASSERT_EQ(0, mg_eventcount_notify(&shared->ping));
    ASSERT_EQ(0, atomic_load(&shared->ping.sequence));
}

TEST(a_notification_between_prepare_and_wait_is_not_lost)
{
    shared_t *shared = make();
    uint32_t ticket = mg_eventcount_prepare(&shared->ping);

    mg_eventcount_notify(&shared->ping);
    ASSERT_OK(mg_eventcount_wait(&shared->ping, ticket, UINT64_MAX));
    ASSERT_EQ(0, atomic_load(&shared->ping.waiters));
}

TEST(the_sequence_may_wrap)
{
    shared_t *shared = make();
    uint32_t ticket;

    atomic_store(&shared->ping.sequence, UINT32_MAX);
    ticket = mg_eventcount_prepare(&shared->ping);
    mg_eventcount_notify(&shared->ping);
    ASSERT_EQ(0, atomic_load(&shared->ping.sequence));
    ASSERT_OK(mg_eventcount_wait(&shared->ping, ticket, UINT64_MAX));
}

static void wait_for_one(void *argument)
{
    shared_t *shared = argument;

    await(&shared->ping, &shared->sent, 1);
}

#ifndef MG_NO_FUTEX
TEST(wakes_every_waiter_in_other_processes)
{
    shared_t *shared = make();
    pid_t children[3];
    int woken = 0;

    for (int i = 0; i < 3; i++)
        children[i] = harness_fork(wait_for_one, shared);
    /* Asleep or not: only FUTEX_WAKE's count tells. It must come to 3 without the condition being
     * true, which a wake-up that does not cross processes cannot do. */
    for (uint64_t end = harness_deadline(5000); woken < 3 && mg_monotonic_ns() < end;)
        woken += mg_eventcount_notify(&shared->ping);
    ASSERT(woken >= 3);
    tell(&shared->ping, &shared->sent, 1);
    for (int i = 0; i < 3; i++)
        ASSERT_EXITED(0, children[i]);
    ASSERT_EQ(0, atomic_load(&shared->ping.waiters));
}
#endif

static void prepare_only(void *argument)
{
    shared_t *shared = argument;

    mg_eventcount_prepare(&shared->ping);
}

TEST(a_waiter_that_died_costs_needless_wake_ups_only)
{
    shared_t *shared = make();
    pid_t child;

    ASSERT_EXITED(0, harness_fork(prepare_only, shared));
    ASSERT_EQ(1, atomic_load(&shared->ping.waiters));
    mg_eventcount_notify(&shared->ping);
    child = harness_fork(wait_for_one, shared);
    tell(&shared->ping, &shared->sent, 1);
    ASSERT_EXITED(0, child);
}

static void on_signal(int number)
{
    (void)number;
}

static void wait_for_a_signal(void *argument)
{
    shared_t *shared = argument;
    struct sigaction action = {.sa_handler = on_signal};
    uint32_t ticket;

    ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
    tell(&shared->pong, &shared->answered, 1);
    ticket = mg_eventcount_prepare(&shared->ping);
    errno = 0;
    ASSERT_STATUS(MG_INTERRUPTED,
                  mg_eventcount_wait(&shared->ping, ticket, harness_deadline(5000)));
    ASSERT_EQ(EINTR, errno);
    ASSERT_EQ(0, atomic_load(&shared->ping.waiters));
    tell(&shared->pong, &shared->answered, 2);
}

TEST(a_signal_ends_the_wait)
{
    shared_t *shared = make();
    pid_t child = harness_fork(wait_for_a_signal, shared);
    uint64_t end = harness_deadline(4000);

    await(&shared->pong, &shared->answered, 1);
    /* A signal before the sleep ends nothing, so signals come until one has. */
    while (atomic_load(&shared->answered) != 2 && mg_monotonic_ns() < end)
        ASSERT_EQ(0, kill(child, SIGUSR1));
    ASSERT_EXITED(0, child);
}

static void answer(void *argument)
{
    shared_t *shared = argument;

    for (uint32_t round = 1; round <= ROUNDS; round++) {
        await(&shared->ping, &shared->sent, round);
        tell(&shared->pong, &shared->answered, round);
    }
}

TEST(no_wake_up_is_lost_between_two_processes)
{
    shared_t *shared = make();
    pid_t child = harness_fork(answer, shared);

    for (uint32_t round = 1; round <= ROUNDS; round++) {
        tell(&shared->ping, &shared->sent, round);
        await(&shared->pong, &shared->answered, round);
    }
    ASSERT_EXITED(0, child);
    ASSERT_EQ(0, atomic_load(&shared->ping.waiters));
    ASSERT_EQ(0, atomic_load(&shared->pong.waiters));
}

int main(void)
{
    RUN(a_wait_ends_at_its_deadline);
    RUN(without_a_waiter_a_notification_costs_one_load);
    RUN(a_notification_between_prepare_and_wait_is_not_lost);
    RUN(the_sequence_may_wrap);
#ifndef MG_NO_FUTEX
    RUN(wakes_every_waiter_in_other_processes);
#endif
    RUN(a_waiter_that_died_costs_needless_wake_ups_only);
    RUN(a_signal_ends_the_wait);
    RUN(no_wake_up_is_lost_between_two_processes);
    return harness_finish();
}
