#include "ring_support.h"

#define MEGABYTE ((size_t)1 << 20)

static const size_t transfer_sizes[] = {
    0,
    1,
    7,
    8,
    9,
    100,
    4095,
    65536,
    262119,
    262120,
    262121,
    524240,
    524241,
    786360,
    MEGABYTE - 1,
    MEGABYTE,
    MEGABYTE + 1,
    3 * MEGABYTE + 5,
    0,
    1,
    17,
    33,
    999,
    262120,
    16 * MEGABYTE,
    256 * MEGABYTE,
    3,
};

#define TRANSFERS (sizeof(transfer_sizes) / sizeof(*transfer_sizes))

static void send_all(void *argument)
{
    ring_t *ring = argument;
    unsigned char *bytes = malloc(256 * MEGABYTE);

    ASSERT(bytes != NULL);
    for (uint64_t i = 0; i < TRANSFERS; i++) {
        mg_message_t message = message_make(bytes, transfer_sizes[i], i);

        ASSERT_OK(ring_send(ring, &message, harness_deadline(20000)));
    }
    mg_ring_close_writer(&ring->writer);
    mg_eventcount_notify(&ring->data);
    free(bytes);
}

TEST(everything_from_nothing_to_256_megabytes_goes_through_one_megabyte)
{
    ring_t *ring = ring_make(MEGABYTE);
    unsigned char *buffer = malloc(MEGABYTE);
    pid_t child = harness_fork(send_all, ring);
    mg_record_t record;

    ASSERT(buffer != NULL);
    for (uint64_t i = 0; i < TRANSFERS; i++) {
        ASSERT_OK(ring_await(ring, &record, harness_deadline(20000)));
        message_check(ring, record, buffer, transfer_sizes[i], i);
    }
    ASSERT_STATUS(MG_CLOSED, ring_await(ring, &record, harness_deadline(20000)));
    ASSERT_EXITED(0, child);
    ASSERT(!mg_ring_claimed(ring->memory));
    free(buffer);
}

static uint64_t wild_seed;

/* Writes records and, all the time, garbage into the ring that it shares with the reader. */
static void run_wild(void *argument)
{
    ring_t *ring = argument;
    uint64_t random = wild_seed;
    unsigned char bytes[512];

    for (uint64_t seed = 0; seed < 2000; seed++) {
        mg_message_t message = message_make(bytes, harness_random(&random) % 400, seed);

        (void)mg_ring_write(&ring->writer, &message);
        if (seed > harness_random(&random) % 2000)
            ring->memory[harness_random(&random) % mg_ring_footprint(4096)] ^= 0x40;
    }
    mg_ring_close_writer(&ring->writer);
}

TEST(a_wild_writer_neither_crashes_nor_hangs_the_reader)
{
    ring_t *ring = ring_make(4096);
    uint64_t random = 99;

    for (uint32_t i = 0; i < 100; i++) {
        mg_status_t status = MG_OK;
        pid_t child;

        ring_reset(ring, 0, i);
        wild_seed = harness_random(&random);
        child = harness_fork(run_wild, ring);
        for (int reads = 0; status == MG_OK || status == MG_EMPTY; reads++) {
            unsigned char buffer[1024];
            mg_record_t record;

            status = mg_ring_peek(&ring->reader, &record);
            if (status == MG_OK) {
                ASSERT(record.length <= sizeof(buffer));
                status = mg_ring_take(&ring->reader, &record, buffer);
            }
            if (status == MG_EMPTY && kill(child, 0) == 0 && reads > 3000000)
                break;
        }
        ASSERT(status == MG_CLOSED || status == MG_CORRUPT || status == MG_EMPTY);
        ASSERT_EXITED(0, child);
    }
}

int main(void)
{
    RUN(everything_from_nothing_to_256_megabytes_goes_through_one_megabyte);
    RUN(a_wild_writer_neither_crashes_nor_hangs_the_reader);
    return harness_finish();
}
