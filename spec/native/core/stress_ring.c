/*
 * One writer and one reader at full speed through a ring that is often full and often empty, with
 * an oracle for length, order and content. As threads for ThreadSanitizer, which sees nothing
 * between processes, and as processes, which is what the ring is for.
 * MINIGUN_STRESS multiplies the number of messages.
 */
#include "ring_support.h"

#include <pthread.h>

#define CAPACITY 4096u
#define LONGEST  6000u

#if defined(__SANITIZE_THREAD__)
#define THREADS_ONLY 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREADS_ONLY 1
#endif
#endif

#if defined(THREADS_ONLY) || defined(MG_NO_FUTEX)
#define MESSAGES 20000u
#else
#define MESSAGES 200000u
#endif

static uint64_t messages(void)
{
    const char *factor = getenv("MINIGUN_STRESS");

    return MESSAGES * (factor != NULL ? strtoull(factor, NULL, 10) : 1);
}

/* Mostly short, some without payload, a few longer than the whole ring. */
static size_t length_of(uint64_t seed)
{
    uint64_t random = seed;
    uint64_t word = harness_random(&random);

    return (size_t)(word % 64 == 0 ? word / 64 % LONGEST : word / 64 % 200);
}

static void send_all(void *argument)
{
    ring_t *ring = argument;
    unsigned char bytes[LONGEST];

    for (uint64_t seed = 0; seed < messages(); seed++) {
        mg_message_t message = message_make(bytes, length_of(seed), seed);

        ASSERT_OK(ring_send(ring, &message, harness_deadline(10000)));
    }
    mg_ring_close_writer(&ring->writer);
    mg_eventcount_notify(&ring->data);
}

static void receive_all(ring_t *ring)
{
    unsigned char buffer[CAPACITY];
    mg_record_t record;

    for (uint64_t seed = 0; seed < messages(); seed++) {
        ASSERT_OK(ring_await(ring, &record, harness_deadline(10000)));
        message_check(ring, record, buffer, length_of(seed), seed);
    }
    ASSERT_STATUS(MG_CLOSED, ring_await(ring, &record, harness_deadline(10000)));
    ASSERT_EQ(0, atomic_load(&ring->data.waiters));
}

static void *send_in_thread(void *argument)
{
    send_all(argument);
    return NULL;
}

TEST(between_two_threads)
{
    ring_t *ring = ring_make(CAPACITY);
    pthread_t writer;

    ring_reset(ring, UINT64_MAX - 65535, 3);
    ASSERT_EQ(0, pthread_create(&writer, NULL, send_in_thread, ring));
    receive_all(ring);
    ASSERT_EQ(0, pthread_join(writer, NULL));
}

#ifndef THREADS_ONLY
TEST(between_two_processes)
{
    ring_t *ring = ring_make(CAPACITY);
    pid_t child = harness_fork(send_all, ring);

    receive_all(ring);
    ASSERT_EXITED(0, child);
}
#endif

int main(void)
{
    /* A failed assertion ends the process: it may stand in either thread. */
    harness.child = true;
    RUN(between_two_threads);
#ifndef THREADS_ONLY
    RUN(between_two_processes);
#endif
    return harness_finish();
}
