#include "semaphore.h"

#include "harness.h"

#include <time.h>

#define PROCESSES 4
#define ROUNDS    5000

typedef struct {
    mg_semaphore_t semaphore;
    _Atomic uint32_t inside;
    _Atomic uint32_t most;
    _Atomic uint32_t held;
    _Atomic uint64_t rounds;
} shared_t;

static shared_t *make(size_t permits)
{
    shared_t *shared = harness_shared(sizeof(*shared));
    size_t size = mg_semaphore_footprint(permits);

    ASSERT_OK(mg_semaphore_init(&shared->semaphore, harness_shared(size), size, permits));
    return shared;
}

static void acquire(shared_t *shared, size_t *permit)
{
    mg_status_t status = mg_semaphore_acquire(&shared->semaphore, harness_deadline(20000), permit);

    ASSERT(status == MG_OK || status == MG_OWNER_DEAD);
}

TEST(there_are_as_many_permits_as_were_asked_for)
{
    shared_t *shared = make(3);
    size_t permits[3];
    size_t none;

    for (size_t i = 0; i < 3; i++) {
        ASSERT_EQ(3 - i, mg_semaphore_available(&shared->semaphore));
        ASSERT_OK(mg_semaphore_try(&shared->semaphore, &permits[i]));
        ASSERT(permits[i] < 3);
        for (size_t other = 0; other < i; other++)
            ASSERT(permits[other] != permits[i]);
    }
    ASSERT_STATUS(MG_BUSY, mg_semaphore_try(&shared->semaphore, &none));
    ASSERT_EQ(0, mg_semaphore_available(&shared->semaphore));
    ASSERT_STATUS(MG_TIMEOUT,
                  mg_semaphore_acquire(&shared->semaphore, harness_deadline(30), &none));
    ASSERT_OK(mg_semaphore_release(&shared->semaphore, permits[1]));
    ASSERT_STATUS(MG_NOT_OWNER, mg_semaphore_release(&shared->semaphore, permits[1]));
    ASSERT_OK(mg_semaphore_acquire(&shared->semaphore, 0, &none));
    ASSERT_EQ(permits[1], none);
}

TEST(what_makes_no_sense_is_refused)
{
    shared_t *shared = make(2);
    unsigned char *memory = harness_shared(4096);
    mg_semaphore_t semaphore;
    size_t permit;

    ASSERT_EQ(0, mg_semaphore_footprint(0));
    ASSERT_EQ(0, mg_semaphore_footprint(MG_SEMAPHORE_MAX_PERMITS + 1));
    ASSERT_STATUS(MG_INVALID, mg_semaphore_init(&semaphore, memory, 4096, 0));
    ASSERT_STATUS(MG_INVALID, mg_semaphore_init(&semaphore, memory + 8, 4000, 1));
    ASSERT_STATUS(MG_TOO_LARGE, mg_semaphore_init(&semaphore, memory, 128, 9));
    ASSERT_STATUS(MG_INVALID, mg_semaphore_release(&shared->semaphore, 2));
    shared->semaphore.header->permits = 99;
    ASSERT_STATUS(MG_CORRUPT, mg_semaphore_try(&shared->semaphore, &permit));
}

static void hold_and_hang(void *argument)
{
    shared_t *shared = argument;
    size_t permit;

    acquire(shared, &permit);
    atomic_fetch_add(&shared->held, 1);
    for (;;)
        pause();
}

static void await_held(shared_t *shared, uint32_t count)
{
    uint64_t deadline = harness_deadline(20000);

    while (atomic_load(&shared->held) < count) {
        ASSERT(mg_monotonic_ns() < deadline);
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
}

TEST(permits_of_the_killed_come_back_to_those_who_wait)
{
    for (int round = 0; round < 10; round++) {
        shared_t *shared = make(2);
        pid_t first = harness_fork(hold_and_hang, shared);
        pid_t second = harness_fork(hold_and_hang, shared);
        size_t permit;

        await_held(shared, 2);
        ASSERT_STATUS(MG_BUSY, mg_semaphore_try(&shared->semaphore, &permit));
        ASSERT_EQ(0, kill(round % 2 ? first : second, SIGKILL));
#ifndef MG_ROBUST_MUTEX
        ASSERT_SIGNALLED(SIGKILL, round % 2 ? first : second);
#endif
        ASSERT_STATUS(MG_OWNER_DEAD,
                      mg_semaphore_acquire(&shared->semaphore, harness_deadline(20000), &permit));
        ASSERT_OK(mg_semaphore_release(&shared->semaphore, permit));
        ASSERT_EQ(1, mg_semaphore_available(&shared->semaphore));
        ASSERT_EQ(0, kill(round % 2 ? second : first, SIGKILL));
#ifdef MG_ROBUST_MUTEX
        ASSERT_SIGNALLED(SIGKILL, round % 2 ? first : second);
#endif
        ASSERT_SIGNALLED(SIGKILL, round % 2 ? second : first);
        ASSERT_EQ(2, mg_semaphore_available(&shared->semaphore));
    }
}

static void enter_and_leave(shared_t *shared)
{
    uint32_t inside;
    uint32_t most;
    size_t permit;

    acquire(shared, &permit);
    inside = atomic_fetch_add(&shared->inside, 1) + 1;
    most = atomic_load(&shared->most);
    while (inside > most && !atomic_compare_exchange_weak(&shared->most, &most, inside))
        ;
    atomic_fetch_sub(&shared->inside, 1);
    ASSERT_OK(mg_semaphore_release(&shared->semaphore, permit));
}

static void work(void *argument)
{
    shared_t *shared = argument;

    for (int i = 0; i < ROUNDS; i++) {
        enter_and_leave(shared);
        atomic_fetch_add(&shared->rounds, 1);
    }
}

/* Without the slices, which would only make it slow, a lost wake-up would show as a timeout. */
TEST(never_more_hold_one_than_there_are)
{
    shared_t *shared = make(2);
    pid_t children[PROCESSES];

    for (int i = 0; i < PROCESSES; i++)
        children[i] = harness_fork(work, shared);
    for (int i = 0; i < PROCESSES; i++)
        ASSERT_EXITED(0, children[i]);
    ASSERT_EQ(PROCESSES * ROUNDS, atomic_load(&shared->rounds));
    ASSERT(atomic_load(&shared->most) <= 2);
    ASSERT_EQ(2, mg_semaphore_available(&shared->semaphore));
}

static void work_for_ever(void *argument)
{
    shared_t *shared = argument;
    size_t permit;

    for (;;) {
        acquire(shared, &permit);
        ASSERT_OK(mg_semaphore_release(&shared->semaphore, permit));
    }
}

TEST(processes_killed_at_any_instant_take_no_permit_with_them)
{
    uint64_t random = 5;
    int rounds = harness_rounds(100);

    for (int round = 0; round < rounds; round++) {
        shared_t *shared = make(2);
        pid_t children[3];

        for (int i = 0; i < 3; i++)
            children[i] = harness_fork(work_for_ever, shared);
        nanosleep(&(struct timespec){.tv_nsec = (long)(harness_random(&random) % 3000000)}, NULL);
        for (int i = 0; i < 3; i++)
            ASSERT_EQ(0, kill(children[i], SIGKILL));
        for (int i = 0; i < 3; i++)
            ASSERT_SIGNALLED(SIGKILL, children[i]);
        ASSERT_EQ(2, mg_semaphore_available(&shared->semaphore));
    }
}

int main(void)
{
    RUN(there_are_as_many_permits_as_were_asked_for);
    RUN(what_makes_no_sense_is_refused);
    RUN(permits_of_the_killed_come_back_to_those_who_wait);
    RUN(never_more_hold_one_than_there_are);
    RUN(processes_killed_at_any_instant_take_no_permit_with_them);
    return harness_finish();
}
