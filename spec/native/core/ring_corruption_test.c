#include "ring_support.h"

#define CAPACITY  512u
#define WILD_RUNS 30000u
#define MESSAGES  6u

/* As mg_ring_take with memory of just the length that the record claims, for ASan to guard. */
static mg_status_t take_exactly(ring_t *ring, const mg_record_t *record, uint64_t seed)
{
    unsigned char *bytes = malloc(record->length > 0 ? record->length : 1);
    mg_status_t status;
    bool right;

    ASSERT(bytes != NULL);
    status = mg_ring_take(&ring->reader, record, bytes);
    right = status != MG_OK || (content_matches(bytes, record->length, 0, seed) &&
                                record->aux == (uint32_t)(seed * 3));
    free(bytes);
    ASSERT(right);
    return status;
}

static void write_messages(ring_t *ring, uint64_t count, size_t length)
{
    for (uint64_t seed = 0; seed < count; seed++) {
        unsigned char buffer[CAPACITY];
        mg_message_t message = message_make(buffer, length, seed);

        ASSERT_OK(mg_ring_write(&ring->writer, &message));
    }
}

static mg_status_t peek_and_take(ring_t *ring, uint64_t seed)
{
    mg_record_t record;
    mg_status_t status = mg_ring_peek(&ring->reader, &record);

    return status == MG_OK ? take_exactly(ring, &record, seed) : status;
}

/* Every bit of header and payload, where they are in one piece and where they wrap around. */
static void flip_every_bit(uint64_t start)
{
    ring_t *ring = ring_make(CAPACITY);

    for (size_t bit = 0; bit < 8 * (MG_RING_RECORD_HEADER + 21); bit++) {
        unsigned char *victim;

        ring_reset(ring, start, 1);
        write_messages(ring, 2, 21);
        victim = ring_data(ring) + ((start + bit / 8) & (CAPACITY - 1));
        *victim ^= (unsigned char)(1u << bit % 8);
        ASSERT_STATUS(MG_CORRUPT, peek_and_take(ring, 0));
        ASSERT_STATUS(MG_CORRUPT, peek_and_take(ring, 0));
        ASSERT_EQ(start, ring->reader.head);

        *victim ^= (unsigned char)(1u << bit % 8);
        ASSERT_OK(peek_and_take(ring, 0));
        ASSERT_OK(peek_and_take(ring, 1));
    }
}

TEST(every_flipped_bit_of_a_record_is_found)
{
    flip_every_bit(0);
    flip_every_bit(CAPACITY - 16);
    flip_every_bit(CAPACITY - 32);
}

TEST(a_tail_that_cannot_be_is_found)
{
    static const uint64_t bad[] = {8, 16, 23, 25, 4, CAPACITY + 8, UINT64_MAX - 7, UINT64_MAX / 2};
    mg_record_t record;

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        ring_t *ring = ring_make(CAPACITY);

        atomic_store(&ring_shared(ring)->tail, bad[i]);
        ASSERT_STATUS(MG_CORRUPT, mg_ring_peek(&ring->reader, &record));
        ASSERT_STATUS(MG_CORRUPT, mg_ring_valid(ring->memory, CAPACITY));
    }
}

/* Even when the record at head is a good one: who wrote such a tail may have written anything. */
TEST(a_tail_that_cannot_be_spoils_good_records)
{
    static const uint64_t excess[] = {4, CAPACITY, 2 * CAPACITY, UINT64_C(1) << 63};

    for (size_t i = 0; i < sizeof(excess) / sizeof(*excess); i++) {
        ring_t *ring = ring_make(CAPACITY);

        write_messages(ring, 2, 30);
        atomic_fetch_add(&ring_shared(ring)->tail, excess[i]);
        ASSERT_STATUS(MG_CORRUPT, peek_and_take(ring, 0));
        atomic_fetch_sub(&ring_shared(ring)->tail, excess[i]);
        ASSERT_OK(peek_and_take(ring, 0));
    }
}

/* Beyond what was written there are zeros, or records of an earlier turn or generation. */
TEST(a_tail_ahead_of_the_writer_is_found)
{
    ring_t *ring = ring_make(CAPACITY);

    atomic_fetch_add(&ring_shared(ring)->tail, 24);
    ASSERT_STATUS(MG_CORRUPT, peek_and_take(ring, 0));

    for (uint32_t generation = 2; generation < 50; generation++) {
        write_messages(ring, 4, 40);
        ring_reset(ring, 0, generation);
        atomic_store(&ring_shared(ring)->tail, 64);
        ASSERT_STATUS(MG_CORRUPT, peek_and_take(ring, 0));
        ring_reset(ring, 0, generation);
    }
}

TEST(a_record_of_another_sequence_is_found)
{
    ring_t *ring = ring_make(CAPACITY);

    ring->writer.sequence++;
    write_messages(ring, 1, 8);
    ASSERT_STATUS(MG_CORRUPT, peek_and_take(ring, 0));
}

TEST(the_reader_needs_nothing_of_the_header_but_tail)
{
    ring_t *ring = ring_make(CAPACITY);
    mg_ring_shared_t *shared = ring_shared(ring);

    write_messages(ring, 3, 30);
    shared->magic = shared->capacity = 0;
    shared->version = shared->generation = 77;
    atomic_store(&shared->head, UINT64_MAX);
    atomic_store(&shared->claim, 1);
    for (uint64_t seed = 0; seed < 3; seed++)
        ASSERT_OK(peek_and_take(ring, seed));
    ASSERT_STATUS(MG_EMPTY, peek_and_take(ring, 3));
}

TEST(a_head_that_cannot_be_is_found_by_the_writer)
{
    ring_t *ring = ring_make(CAPACITY);
    unsigned char buffer[CAPACITY];
    mg_message_t message = message_make(buffer, sizeof(buffer), 1);

    atomic_store(&ring_shared(ring)->head, 8 * CAPACITY);
    ASSERT_STATUS(MG_CORRUPT, mg_ring_write(&ring->writer, &message));
    ASSERT(mg_ring_writable(&ring->writer));
    ASSERT_STATUS(MG_CORRUPT, mg_ring_write(&ring->writer, &message));
    atomic_store(&ring_shared(ring)->head, 0);
    ASSERT_STATUS(MG_FULL, mg_ring_write(&ring->writer, &message));
}

TEST(observers_tell_whole_from_broken)
{
    ring_t *ring = ring_make(CAPACITY);
    mg_ring_header_t *second = (mg_ring_header_t *)(void *)(ring_data(ring) + 48);

    write_messages(ring, 3, 20);
    ASSERT_OK(mg_ring_valid(ring->memory, CAPACITY));
    ASSERT_STATUS(MG_CORRUPT, mg_ring_valid(ring->memory, 2 * CAPACITY));
    second->sequence++;
    ASSERT_STATUS(MG_CORRUPT, mg_ring_valid(ring->memory, CAPACITY));
    second->sequence--;
    second->length = 64;
    ASSERT_STATUS(MG_CORRUPT, mg_ring_valid(ring->memory, CAPACITY));
    second->length = 20;
    second->extent |= UINT64_C(4) << MG_RING_FLAGS_SHIFT;
    ASSERT_STATUS(MG_CORRUPT, mg_ring_valid(ring->memory, CAPACITY));
}

/* What a writer leaves that died after claiming, with any part of the record written. */
TEST(a_writer_that_died_inside_a_record_left_nothing_to_read)
{
    for (size_t written = 0; written <= 64; written++) {
        ring_t *ring = ring_make(CAPACITY);
        mg_ring_shared_t *shared = ring_shared(ring);

        write_messages(ring, 2, 40);
        atomic_store(&shared->claim, atomic_load(&shared->tail) + 64);
        memset(ring_data(ring) + 128, 0xa5, written);
        ASSERT(mg_ring_claimed(ring->memory));
        ASSERT_OK(mg_ring_valid(ring->memory, CAPACITY));
        ASSERT_OK(peek_and_take(ring, 0));
        ASSERT_OK(peek_and_take(ring, 1));
        ASSERT_STATUS(MG_EMPTY, peek_and_take(ring, 2));
    }
}

static void scribble(ring_t *ring, uint64_t *random)
{
    size_t length = mg_ring_footprint(CAPACITY);
    size_t at = harness_random(random) % length;
    size_t count = 1 + harness_random(random) % 16;

    if (harness_random(random) % 4 == 0)
        at = offsetof(mg_ring_shared_t, tail) + harness_random(random) % 8;
    for (size_t i = at; i < at + count && i < length; i++)
        ring->memory[i] = (unsigned char)harness_random(random);
}

/* Whatever the bytes are, the reader answers in bounded time, and what it accepts is right. */
TEST(random_writes_never_yield_a_wrong_record)
{
    ring_t *ring = ring_make(CAPACITY);
    uint64_t random = 20240229;
    unsigned long found = 0, unnoticed = 0;

    for (unsigned run = 0; run < WILD_RUNS; run++) {
        mg_status_t status = MG_OK;
        uint64_t seed = 0;

        ring_reset(ring, (harness_random(&random) % CAPACITY) & ~UINT64_C(7), run);
        write_messages(ring, MESSAGES, harness_random(&random) % 56);
        for (uint64_t i = harness_random(&random) % 4; i > 0; i--)
            ASSERT_OK(peek_and_take(ring, seed++));
        scribble(ring, &random);
        while (status == MG_OK && seed <= MESSAGES)
            status = peek_and_take(ring, seed++);
        ASSERT(status == MG_EMPTY || status == MG_CLOSED || status == MG_CORRUPT);
        (void)mg_ring_valid(ring->memory, CAPACITY);
        *(status == MG_CORRUPT ? &found : &unnoticed) += 1;
    }
    ASSERT(found > WILD_RUNS / 10);
    ASSERT(unnoticed > 0);
}

int main(void)
{
    RUN(every_flipped_bit_of_a_record_is_found);
    RUN(a_tail_that_cannot_be_is_found);
    RUN(a_tail_that_cannot_be_spoils_good_records);
    RUN(a_tail_ahead_of_the_writer_is_found);
    RUN(a_record_of_another_sequence_is_found);
    RUN(the_reader_needs_nothing_of_the_header_but_tail);
    RUN(a_head_that_cannot_be_is_found_by_the_writer);
    RUN(observers_tell_whole_from_broken);
    RUN(a_writer_that_died_inside_a_record_left_nothing_to_read);
    RUN(random_writes_never_yield_a_wrong_record);
    return harness_finish();
}
