#include "ring_support.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#ifdef MG_NO_FUTEX
#define KILLS 50
#else
#define KILLS 300
#endif
#define KILLS_PER_ALARM 50

/* MINIGUN_KILLS says how many there are to be, except where a waiting writer polls. */
static uint32_t kills(void)
{
    const char *wanted = getenv("MINIGUN_KILLS");

#ifdef MG_NO_FUTEX
    wanted = NULL;
#endif
    return wanted != NULL ? (uint32_t)strtoul(wanted, NULL, 10) : KILLS;
}

static void kill_self(int number)
{
    (void)number;
    kill(getpid(), SIGKILL);
}

/* The payload's second page cannot be read: the writer is killed between claim and publication. */
static void die_inside_a_record(void *argument)
{
    ring_t *ring = argument;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *bytes = harness_shared(2 * page);
    mg_message_t message = message_make(bytes, page, 0);
    struct sigaction action = {.sa_handler = kill_self};

    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    ASSERT_EQ(0, sigaction(SIGSEGV, &action, NULL));
    ASSERT_EQ(0, sigaction(SIGBUS, &action, NULL));
    ASSERT_EQ(0, mprotect(bytes + page, page, PROT_NONE));
    message = (mg_message_t){.bytes = bytes, .length = 2 * page};
    (void)mg_ring_write(&ring->writer, &message);
}

TEST(a_writer_killed_inside_a_record_left_the_others_whole)
{
    ring_t *ring = ring_make((size_t)1 << 20);
    static unsigned char buffer[1 << 18];
    mg_record_t record;

    ASSERT_SIGNALLED(SIGKILL, harness_fork(die_inside_a_record, ring));
    ASSERT(mg_ring_claimed(ring->memory));
    ASSERT_OK(mg_ring_valid(ring->memory, (size_t)1 << 20));
    ASSERT_OK(mg_ring_peek(&ring->reader, &record));
    message_check(ring, record, buffer, (uint64_t)sysconf(_SC_PAGESIZE), 0);
    ASSERT_STATUS(MG_EMPTY, mg_ring_peek(&ring->reader, &record));
}

static size_t length_of(uint64_t seed)
{
    return (size_t)(seed * 2654435761u % 9000);
}

/* Messages are pieces of one pattern: making and checking them takes little time, so that most of
 * the writer's time is spent, and most of its deaths happen, where they matter. */
static unsigned char pattern[1 << 14];

static const unsigned char *bytes_of(uint64_t seed)
{
    return pattern + seed % 7000;
}

static uint64_t kill_delay;

/* The killer is a timer of the writer's own: independent of what the reader does. */
static void write_until_killed(void *argument)
{
    ring_t *ring = argument;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    struct itimerspec when = {.it_value = {.tv_nsec = (long)kill_delay}};
    timer_t timer;

    ASSERT_EQ(0, timer_create(CLOCK_MONOTONIC, &event, &timer));
    ASSERT_EQ(0, timer_settime(timer, 0, &when, NULL));
    for (uint64_t seed = 0;; seed++) {
        mg_message_t message = {.bytes = bytes_of(seed), .length = length_of(seed)};

        ASSERT_OK(ring_send(ring, &message, harness_deadline(20000)));
        atomic_store(&ring->progress, seed + 1);
    }
}

static void dawdle(uint64_t *random)
{
    if (harness_random(random) % 16 != 0)
        return;
    for (volatile uint64_t i = harness_random(random) % 20000; i > 0; i--)
        continue;
}

/* Reads until there is nothing more at the moment; returns the seed of the message that comes next
 * or is unfinished, of which `received` bytes were read. */
static uint64_t drain(ring_t *ring, uint64_t seed, uint64_t *received, uint64_t *random)
{
    static unsigned char buffer[9000];
    mg_record_t record;
    mg_status_t status;

    while ((status = mg_ring_peek(&ring->reader, &record)) == MG_OK) {
        ASSERT_EQ(length_of(seed), record.message_length);
        ASSERT_EQ(*received == 0, (record.flags & MG_RECORD_FIRST) != 0);
        ASSERT_OK(mg_ring_take(&ring->reader, &record, buffer));
        mg_eventcount_notify(&ring->room);
        ASSERT_MEM(bytes_of(seed) + *received, buffer, record.length);
        *received += record.length;
        if ((record.flags & MG_RECORD_LAST) != 0) {
            ASSERT_EQ(length_of(seed), *received);
            *received = 0;
            seed++;
        }
        dawdle(random);
    }
    ASSERT_STATUS(MG_EMPTY, status);
    return seed;
}

/* "Dead" is asked before the ring is looked at: what was published before the death is read. */
static bool read_until_dead(ring_t *ring, pid_t child, uint64_t *random)
{
    uint64_t seed = 0, received = 0;
    bool dead = false;

    while (!dead) {
        int status;

        dead = waitpid(child, &status, WNOHANG) == child;
        seed = drain(ring, seed, &received, random);
    }
    ASSERT(seed >= atomic_load(&ring->progress));
    ASSERT(seed <= atomic_load(&ring->progress) + 1);
    return mg_ring_claimed(ring->memory);
}

TEST(no_published_record_is_lost_when_the_writer_is_killed_anywhere)
{
    ring_t *ring = ring_make(1 << 17);
    uint64_t random = 4711;
    unsigned inside = 0;

    content_fill(pattern, sizeof(pattern), 0, 1);
    for (uint32_t i = 0; i < kills(); i++) {
        if (i % KILLS_PER_ALARM == 0)
            alarm(HARNESS_SECONDS);
        ring_reset(ring, UINT64_MAX - 65535, i);
        kill_delay = 1 + harness_random(&random) % 1500000;
        inside += read_until_dead(ring, harness_fork(write_until_killed, ring), &random);
    }
    printf("%u kills, %u of them inside a record\n", kills(), inside);
    /* Else the kills hit nothing that matters, and the test has shown nothing. A polling writer
     * sleeps nearly all the time. */
#ifndef MG_NO_FUTEX
    ASSERT(inside > kills() / 20);
#endif
}

static void take_one_and_die(void *argument)
{
    ring_t *ring = argument;
    unsigned char buffer[64];
    mg_record_t record;

    ASSERT_OK(ring_await(ring, &record, harness_deadline(20000)));
    ASSERT_OK(mg_ring_take(&ring->reader, &record, buffer));
    mg_eventcount_notify(&ring->room);
    kill(getpid(), SIGKILL);
}

TEST(a_dead_reader_leaves_a_full_ring_and_a_bounded_wait)
{
    ring_t *ring = ring_make(256);
    pid_t child = harness_fork(take_one_and_die, ring);
    unsigned char buffer[64];
    mg_status_t status = MG_OK;
    uint64_t sent = 0;

    while (status == MG_OK) {
        mg_message_t message = message_make(buffer, 40, sent++);

        status = ring_send(ring, &message, harness_deadline(100));
        ASSERT(sent < 100);
    }
    ASSERT_STATUS(MG_TIMEOUT, status);
    ASSERT_SIGNALLED(SIGKILL, child);
    ASSERT_OK(mg_ring_valid(ring->memory, 256));

    ring_reset(ring, 0, 2);
    ring_pass(ring, 40, 1);
}

int main(void)
{
    RUN(a_writer_killed_inside_a_record_left_the_others_whole);
    RUN(no_published_record_is_lost_when_the_writer_is_killed_anywhere);
    RUN(a_dead_reader_leaves_a_full_ring_and_a_bounded_wait);
    return harness_finish();
}
