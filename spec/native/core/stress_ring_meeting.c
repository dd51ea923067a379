/*
 * The moments in which a wake-up or a last record could be lost: one side begins to wait for the
 * very thing that the other side does now. Both meet before every round, then act at once, each
 * after a random few nanoseconds. In a stream of records the next one would make up for a lost
 * wake-up; here nothing follows, and the round would end at its deadline.
 * MINIGUN_STRESS multiplies the number of rounds.
 */
#include "ring_support.h"

#include <pthread.h>
#include <sched.h>

#if defined(__SANITIZE_THREAD__)
#define ROUNDS 5000u
#elif defined(MG_NO_FUTEX)
#define ROUNDS 500u
#else
#define ROUNDS 50000u
#endif

#define PAYLOAD 40u /* a whole fragment of the smallest ring: four of them fill it */
#define SPINS   4000

/* Turns of an empty loop. The reader leaves first, by the time that the news takes to the writer,
 * and has less to do before it waits. */
#define WRITER_HESITATES 50
#define READER_HESITATES 3000

typedef struct {
    ring_t *ring;
    void (*reader)(ring_t *);
    void (*writer)(ring_t *);
    _Alignas(MG_CACHE_LINE) _Atomic uint64_t arrived;
    _Alignas(MG_CACHE_LINE) _Atomic uint64_t round;
} meeting_t;

static uint64_t rounds(void)
{
    const char *factor = getenv("MINIGUN_STRESS");

    return ROUNDS * (factor != NULL ? strtoull(factor, NULL, 10) : 1);
}

#ifdef __linux__
static cpu_set_t processors;

/* The kernel likes to bring threads that wake each other onto one processor, where they never do
 * anything at the same moment. */
static void stay_on_processor(int nth)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &processors) && nth-- == 0)
            CPU_SET(cpu, &one);
    if (CPU_COUNT(&one) == 1)
        ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
}
#else
static void stay_on_processor(int nth)
{
    (void)nth;
}
#endif

/* Spins, for both to leave within nanoseconds; yields in case both share a processor. */
static void spin_until(const _Atomic uint64_t *word, uint64_t value)
{
    for (int spins = 0; atomic_load_explicit(word, memory_order_acquire) < value; spins++)
        if (spins % SPINS == SPINS - 1)
            sched_yield();
}

static void hesitate(uint64_t *random, uint64_t most)
{
    for (volatile uint64_t i = harness_random(random) % most; i > 0; i--)
        continue;
}

static void send_one(ring_t *ring)
{
    unsigned char bytes[PAYLOAD];
    mg_message_t message = message_make(bytes, PAYLOAD, 7);

    ASSERT_OK(ring_send(ring, &message, harness_deadline(5000)));
}

static void receive_one(ring_t *ring)
{
    unsigned char bytes[PAYLOAD];
    mg_record_t record;

    ASSERT_OK(ring_await(ring, &record, harness_deadline(5000)));
    message_check(ring, record, bytes, PAYLOAD, 7);
}

static void send_one_and_close(ring_t *ring)
{
    unsigned char bytes[PAYLOAD];
    mg_message_t message = message_make(bytes, PAYLOAD, 7);

    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    mg_ring_close_writer(&ring->writer);
    mg_eventcount_notify(&ring->data);
}

static void receive_one_and_closed(ring_t *ring)
{
    mg_record_t record;

    receive_one(ring);
    ASSERT_STATUS(MG_CLOSED, ring_await(ring, &record, harness_deadline(5000)));
    ring_reset(ring, 0, 1);
}

static void *write_each_round(void *argument)
{
    meeting_t *meeting = argument;
    uint64_t random = 1;

    stay_on_processor(1);
    for (uint64_t round = 1; round <= rounds(); round++) {
        atomic_store_explicit(&meeting->arrived, round, memory_order_release);
        spin_until(&meeting->round, round);
        hesitate(&random, WRITER_HESITATES);
        meeting->writer(meeting->ring);
    }
    return NULL;
}

static void meet(ring_t *ring, void (*writer)(ring_t *), void (*reader)(ring_t *))
{
    meeting_t *meeting = harness_shared(sizeof(*meeting));
    uint64_t random = 2;
    pthread_t thread;

    meeting->ring = ring;
    meeting->writer = writer;
    meeting->reader = reader;
    ASSERT_EQ(0, pthread_create(&thread, NULL, write_each_round, meeting));
    stay_on_processor(0);
    for (uint64_t round = 1; round <= rounds(); round++) {
        spin_until(&meeting->arrived, round);
        atomic_store_explicit(&meeting->round, round, memory_order_release);
        hesitate(&random, READER_HESITATES);
        reader(ring);
    }
    ASSERT_EQ(0, pthread_join(thread, NULL));
}

TEST(a_reader_that_begins_to_wait_when_the_record_comes)
{
    meet(ring_make(256), send_one, receive_one);
}

TEST(a_writer_that_begins_to_wait_when_room_comes)
{
    ring_t *ring = ring_make(256);

    for (int i = 0; i < 4; i++)
        send_one(ring);
    meet(ring, send_one, receive_one);
}

TEST(a_reader_that_looks_when_the_last_record_comes_and_the_writer_closes)
{
    meet(ring_make(256), send_one_and_close, receive_one_and_closed);
}

int main(void)
{
    /* A failed assertion ends the process: it may stand in either thread. */
    harness.child = true;
#ifdef __linux__
    ASSERT_EQ(0, sched_getaffinity(0, sizeof(processors), &processors));
#endif
    RUN(a_reader_that_begins_to_wait_when_the_record_comes);
    RUN(a_writer_that_begins_to_wait_when_room_comes);
    RUN(a_reader_that_looks_when_the_last_record_comes_and_the_writer_closes);
    return harness_finish();
}
