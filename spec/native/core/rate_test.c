#include "rate.h"

#include "harness.h"

#define PROCESSES 4
#define ROUNDS    200000

typedef struct {
    mg_rate_t rate;
    _Atomic uint64_t starts;
    _Atomic uint32_t ready;
    unsigned char taken[PROCESSES * ROUNDS]; /* which places, counted by who got them */
} shared_t;

static mg_rate_t make(uint64_t interval, uint64_t burst)
{
    mg_rate_t rate;

    ASSERT_OK(mg_rate_init(&rate, harness_shared(sizeof(mg_rate_word_t)), interval, burst));
    return rate;
}

TEST(starts_lie_an_interval_apart)
{
    mg_rate_t rate = make(10, 1);

    ASSERT_EQ(1000, mg_rate_reserve(&rate, 1000));
    ASSERT_EQ(1010, mg_rate_reserve(&rate, 1000));
    ASSERT_EQ(1020, mg_rate_reserve(&rate, 1001));
    ASSERT_EQ(1030, mg_rate_reserve(&rate, 1029));
    ASSERT_EQ(1041, mg_rate_reserve(&rate, 1041));
    ASSERT_EQ(1051, mg_rate_reserve(&rate, 1042));
}

TEST(after_a_pause_a_burst_may_start_at_once)
{
    mg_rate_t rate = make(10, 3);

    for (uint64_t i = 0; i < 3; i++)
        ASSERT(mg_rate_reserve(&rate, 1000) <= 1000);
    ASSERT_EQ(1010, mg_rate_reserve(&rate, 1000));
    ASSERT_EQ(1020, mg_rate_reserve(&rate, 1015));
    for (uint64_t i = 0; i < 3; i++)
        ASSERT(mg_rate_reserve(&rate, 5000) <= 5000);
    ASSERT_EQ(5010, mg_rate_reserve(&rate, 5000));
}

TEST(a_clock_that_has_just_begun_is_no_trouble)
{
    mg_rate_t rate = make(100, 3);

    for (uint64_t i = 0; i < 3; i++)
        ASSERT(mg_rate_reserve(&rate, 5) <= 5);
    ASSERT_EQ(105, mg_rate_reserve(&rate, 5));
    ASSERT_EQ(205, mg_rate_reserve(&rate, 250));
    ASSERT_EQ(305, mg_rate_reserve(&rate, 250));
}

TEST(what_makes_no_sense_is_refused)
{
    unsigned char *memory = harness_shared(4096);
    mg_rate_t rate;

    ASSERT_STATUS(MG_INVALID, mg_rate_init(&rate, memory, 0, 1));
    ASSERT_STATUS(MG_INVALID, mg_rate_init(&rate, memory, 1, 0));
    ASSERT_STATUS(MG_INVALID, mg_rate_init(&rate, memory + 8, 1, 1));
    ASSERT_STATUS(MG_TOO_LARGE, mg_rate_init(&rate, memory, INT64_MAX, 3));
}

static void take_places(void *argument)
{
    shared_t *shared = argument;

    /* All at once, or the first is done before the last has begun. */
    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->ready) < PROCESSES)
        ;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t place = mg_rate_reserve(&shared->rate, 1);

        ASSERT(place >= 1 && (place - 1) % 10 == 0 && (place - 1) / 10 < PROCESSES * ROUNDS);
        shared->taken[(place - 1) / 10]++;
        atomic_fetch_add(&shared->starts, 1);
    }
}

TEST(no_place_is_given_to_two_processes)
{
    shared_t *shared = harness_shared(sizeof(*shared));
    pid_t children[PROCESSES];

    shared->rate = make(10, 1);
    for (int i = 0; i < PROCESSES; i++)
        children[i] = harness_fork(take_places, shared);
    for (int i = 0; i < PROCESSES; i++)
        ASSERT_EXITED(0, children[i]);
    ASSERT_EQ(PROCESSES * ROUNDS, atomic_load(&shared->starts));
    for (size_t i = 0; i < PROCESSES * ROUNDS; i++)
        ASSERT_EQ(1, shared->taken[i]);
}

int main(void)
{
    RUN(starts_lie_an_interval_apart);
    RUN(after_a_pause_a_burst_may_start_at_once);
    RUN(a_clock_that_has_just_begun_is_no_trouble);
    RUN(what_makes_no_sense_is_refused);
    RUN(no_place_is_given_to_two_processes);
    return harness_finish();
}
