#include "ring_support.h"

#define CAPACITY 256u
#define LIMIT    40u /* payload bytes of a fragment: a quarter of the capacity less the header */

TEST(a_fragment_is_at_most_a_quarter_of_the_ring)
{
    ASSERT_EQ(LIMIT, mg_ring_fragment_limit(CAPACITY));
    ASSERT_EQ((1 << 18) - 24, mg_ring_fragment_limit(1 << 20));
    ASSERT(mg_ring_fragment_limit(MG_RING_MAX_CAPACITY) <= UINT32_MAX - 7);
}

TEST(a_message_travels_as_first_to_last)
{
    ring_t *ring = ring_make(CAPACITY);
    unsigned char buffer[3 * LIMIT];
    mg_message_t message = message_make(buffer, 2 * LIMIT + 1, 5);
    static const uint8_t flags[] = {MG_RECORD_FIRST, 0, MG_RECORD_LAST};
    static const uint32_t lengths[] = {LIMIT, LIMIT, 1};

    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    for (int i = 0; i < 3; i++) {
        mg_record_t record;

        ASSERT_OK(mg_ring_peek(&ring->reader, &record));
        ASSERT_EQ(flags[i], record.flags);
        ASSERT_EQ(lengths[i], record.length);
        ASSERT_EQ(2 * LIMIT + 1, record.message_length);
        ASSERT_OK(mg_ring_take(&ring->reader, &record, buffer));
        ASSERT(content_matches(buffer, record.length, (uint64_t)i * LIMIT, 5));
    }
}

/* Reads what is there after every MG_FULL; a fragment is whole or not there at all. */
TEST(a_message_larger_than_the_ring_goes_through_in_parts)
{
    ring_t *ring = ring_make(CAPACITY);

    for (size_t length = 0; length <= 1500; length++) {
        static unsigned char bytes[1500], buffer[LIMIT];
        mg_message_t message = message_make(bytes, length, length);
        uint64_t received = 0;
        mg_status_t status;

        do {
            mg_record_t record;

            status = mg_ring_write(&ring->writer, &message);
            ASSERT(status == MG_OK || status == MG_FULL);
            ASSERT_OK(mg_ring_valid(ring->memory, CAPACITY));
            ASSERT(!mg_ring_claimed(ring->memory));
            while (mg_ring_peek(&ring->reader, &record) == MG_OK) {
                ASSERT_OK(mg_ring_take(&ring->reader, &record, buffer));
                ASSERT(content_matches(buffer, record.length, received, length));
                received += record.length;
            }
            ASSERT_EQ(message.written, received);
        } while (status == MG_FULL);
        ASSERT_EQ(length, received);
    }
}

TEST(a_message_given_up_is_followed_by_the_next_first)
{
    ring_t *ring = ring_make(CAPACITY);
    unsigned char bytes[1000], buffer[LIMIT];
    mg_message_t given_up = message_make(bytes, sizeof(bytes), 1);
    mg_message_t next = message_make(bytes, 20, 2);
    mg_record_t record;

    for (int i = 0; i < 10; i++) {
        mg_message_t message = given_up;
        uint64_t left = sizeof(bytes);

        ASSERT_STATUS(MG_FULL, mg_ring_write(&ring->writer, &message));
        while (mg_ring_peek(&ring->reader, &record) == MG_OK) {
            ASSERT_OK(mg_ring_take(&ring->reader, &record, buffer));
            left -= record.length;
        }
        ASSERT_EQ(left, ring->reader.message_left);
        message = next;
        ASSERT_OK(mg_ring_write(&ring->writer, &message));
        ASSERT_OK(mg_ring_peek(&ring->reader, &record));
        message_check(ring, record, buffer, 20, 2);
        ASSERT_EQ(0, ring->reader.message_left);
    }
}

/* Two messages begun and given up directly after one another. */
TEST(a_first_may_follow_a_first)
{
    ring_t *ring = ring_make(CAPACITY);
    unsigned char bytes[1000];
    mg_record_t record;

    for (uint64_t seed = 1; seed <= 4; seed++) {
        mg_message_t message = message_make(bytes, sizeof(bytes), seed);
        unsigned char buffer[LIMIT];

        ASSERT_STATUS(MG_FULL, mg_ring_write(&ring->writer, &message));
        ASSERT_OK(mg_ring_peek(&ring->reader, &record));
        ASSERT_EQ(MG_RECORD_FIRST, record.flags);
        for (int i = 0; i < 4; i++) {
            ASSERT_OK(mg_ring_peek(&ring->reader, &record));
            ASSERT_OK(mg_ring_take(&ring->reader, &record, buffer));
        }
    }
}

/* A correct checksum does not make a sequence of fragments that no writer can have written. */
static void assert_refused(size_t length, size_t written, bool started)
{
    ring_t *ring = ring_make(CAPACITY);
    unsigned char bytes[1000], buffer[LIMIT];
    mg_message_t begun = message_make(bytes, 2 * LIMIT, 1);
    mg_message_t odd = message_make(bytes, length, 2);
    mg_record_t record;

    begun.length = LIMIT + 1;
    ASSERT_OK(mg_ring_write(&ring->writer, &begun));
    ASSERT_OK(mg_ring_peek(&ring->reader, &record));
    ASSERT_OK(mg_ring_take(&ring->reader, &record, buffer));
    ring->writer.tail -= 32;
    ring->writer.sequence--;

    odd.written = written;
    odd.started = started;
    (void)mg_ring_write(&ring->writer, &odd);
    ASSERT_STATUS(MG_CORRUPT, mg_ring_peek(&ring->reader, &record));
}

TEST(fragments_that_do_not_add_up_are_refused)
{
    assert_refused(LIMIT + 2, LIMIT + 1, true);
    assert_refused(LIMIT + 1, LIMIT - 1, true);
    assert_refused(500, LIMIT, true);
}

TEST(a_continuation_of_nothing_is_refused)
{
    ring_t *ring = ring_make(CAPACITY);
    unsigned char bytes[100];
    mg_message_t message = message_make(bytes, 100, 1);
    mg_record_t record;

    message.started = true;
    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    ASSERT_STATUS(MG_CORRUPT, mg_ring_peek(&ring->reader, &record));
}

int main(void)
{
    RUN(a_fragment_is_at_most_a_quarter_of_the_ring);
    RUN(a_message_travels_as_first_to_last);
    RUN(a_message_larger_than_the_ring_goes_through_in_parts);
    RUN(a_message_given_up_is_followed_by_the_next_first);
    RUN(a_first_may_follow_a_first);
    RUN(fragments_that_do_not_add_up_are_refused);
    RUN(a_continuation_of_nothing_is_refused);
    return harness_finish();
}
