#include "ring_support.h"

TEST(formats_only_what_can_be_a_ring)
{
    unsigned char *memory = harness_shared(1 << 16);

    ASSERT_EQ(192 + 4096, mg_ring_footprint(4096));
    ASSERT_STATUS(MG_INVALID, mg_ring_init(memory, 1 << 16, 0, 0, 1));
    ASSERT_STATUS(MG_INVALID, mg_ring_init(memory, 1 << 16, 128, 0, 1));
    ASSERT_STATUS(MG_INVALID, mg_ring_init(memory, 1 << 16, 4096 + 8, 0, 1));
    ASSERT_STATUS(MG_INVALID, mg_ring_init(memory, SIZE_MAX, (size_t)1 << 41, 0, 1));
    ASSERT_STATUS(MG_INVALID, mg_ring_init(memory + 8, 1 << 15, 4096, 0, 1));
    ASSERT_STATUS(MG_INVALID, mg_ring_init(memory, 1 << 16, 4096, 4, 1));
    ASSERT_STATUS(MG_TOO_LARGE, mg_ring_init(memory, 4096 + 191, 4096, 0, 1));
    ASSERT_OK(mg_ring_init(memory, 4096 + 192, 4096, 0, 1));
    ASSERT_OK(mg_ring_init(memory, 256 + 192, 256, 0, 1));
}

TEST(attaches_only_to_the_ring_it_expects)
{
    ring_t *ring = ring_make(4096);
    mg_ring_writer_t writer;
    mg_ring_reader_t reader;

    ASSERT_STATUS(MG_CORRUPT, mg_ring_attach_writer(&writer, ring->memory, 8192, 1));
    ASSERT_STATUS(MG_CORRUPT, mg_ring_attach_reader(&reader, ring->memory, 8192, 1));
    ASSERT_STATUS(MG_CORRUPT, mg_ring_attach_writer(&writer, ring->memory, 4096, 2));
    ASSERT_STATUS(MG_CORRUPT, mg_ring_attach_reader(&reader, ring->memory, 4096, 2));
    for (size_t i = 0; i < 24; i++) {
        ring->memory[i] ^= 0x10;
        ASSERT_STATUS(MG_CORRUPT, mg_ring_attach_writer(&writer, ring->memory, 4096, 1));
        ASSERT_STATUS(MG_CORRUPT, mg_ring_attach_reader(&reader, ring->memory, 4096, 1));
        ring->memory[i] ^= 0x10;
    }
    atomic_store(&ring_shared(ring)->tail, 4104);
    ASSERT_STATUS(MG_CORRUPT, mg_ring_attach_reader(&reader, ring->memory, 4096, 1));
    atomic_store(&ring_shared(ring)->tail, 4);
    ASSERT_STATUS(MG_CORRUPT, mg_ring_attach_writer(&writer, ring->memory, 4096, 1));
}

TEST(a_new_ring_is_empty_open_and_at_rest)
{
    ring_t *ring = ring_make(256);
    mg_record_t record;

    ASSERT_STATUS(MG_EMPTY, mg_ring_peek(&ring->reader, &record));
    ASSERT(!mg_ring_readable(&ring->reader));
    ASSERT(mg_ring_writable(&ring->writer));
    ASSERT(!mg_ring_claimed(ring->memory));
    ASSERT_OK(mg_ring_valid(ring->memory, 256));
}

TEST(a_record_comes_out_as_it_went_in)
{
    ring_t *ring = ring_make(256);
    mg_message_t message = {.bytes = (const unsigned char *)"payload", .length = 7};
    unsigned char bytes[8] = {0};
    mg_record_t record;

    message.kind = 254;
    message.aux = UINT32_MAX;
    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    ASSERT_EQ(7, message.written);
    ASSERT(mg_ring_readable(&ring->reader));
    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    ASSERT_OK(mg_ring_peek(&ring->reader, &record));
    ASSERT_OK(mg_ring_peek(&ring->reader, &record));
    ASSERT_EQ(7, record.length);
    ASSERT_EQ(7, record.message_length);
    ASSERT_EQ(254, record.kind);
    ASSERT_EQ(UINT32_MAX, record.aux);
    ASSERT_EQ(MG_RECORD_FIRST | MG_RECORD_LAST, record.flags);
    ASSERT_OK(mg_ring_take(&ring->reader, &record, bytes));
    ASSERT_STR("payload", (const char *)bytes);
    ASSERT_STATUS(MG_INVALID, mg_ring_take(&ring->reader, &record, bytes));
    ASSERT_STATUS(MG_EMPTY, mg_ring_peek(&ring->reader, &record));
}

TEST(a_record_may_be_without_payload)
{
    ring_t *ring = ring_make(256);
    mg_message_t message = {.kind = 255};
    mg_record_t record;

    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    ASSERT_OK(mg_ring_peek(&ring->reader, &record));
    ASSERT_EQ(0, record.length);
    ASSERT_EQ(255, record.kind);
    ASSERT_EQ(MG_RECORD_FIRST | MG_RECORD_LAST, record.flags);
    ASSERT_OK(mg_ring_take(&ring->reader, &record, NULL));
    ASSERT(!mg_ring_readable(&ring->reader));
}

static void pass_at_every_offset(size_t capacity, uint64_t base, size_t longest)
{
    ring_t *ring = ring_make(capacity);

    for (uint64_t offset = 0; offset < capacity; offset += 8)
        for (size_t length = 0; length <= longest; length++) {
            ring_reset(ring, base + offset, 7);
            ring_pass(ring, length, offset * 1000 + length);
            ASSERT_EQ(atomic_load(&ring_shared(ring)->tail), ring->reader.head);
        }
}

/* Each offset as the place of the header's beginning: header and payload go around the end in
 * every possible way. The last base makes the positions themselves go through zero. */
TEST(wraps_around_at_every_offset_with_every_length)
{
    pass_at_every_offset(256, 0, 120);
    pass_at_every_offset(1024, UINT64_C(1) << 40, 240);
    pass_at_every_offset(512, UINT64_MAX - 511, 280);
}

TEST(positions_and_sequence_may_wrap)
{
    ring_t *ring = ring_make(256);

    ring_reset(ring, UINT64_MAX - 7, 1);
    ring->writer.sequence = ring->reader.sequence = UINT32_MAX - 2;
    for (uint64_t i = 0; i < 1000; i++)
        ring_pass(ring, i % 41, i);
    ASSERT_EQ(997, ring->reader.sequence);
    ASSERT(ring->reader.head < 100000);
}

/* Fills with records of one length, then empties; two full turns without losing order. */
static void fill_and_empty(ring_t *ring, size_t length)
{
    unsigned char buffer[64];
    mg_record_t record;
    uint64_t count = ring->capacity / mg_ring_record_size((uint32_t)length);
    mg_message_t message;

    for (uint64_t i = 0; i < count; i++) {
        message = message_make(buffer, length, i);
        ASSERT_OK(mg_ring_write(&ring->writer, &message));
    }
    message = message_make(buffer, length, count);
    ASSERT_STATUS(MG_FULL, mg_ring_write(&ring->writer, &message));
    ASSERT(!message.started);
    ASSERT(!mg_ring_writable(&ring->writer));
    ASSERT_OK(mg_ring_valid(ring->memory, ring->capacity));
    for (uint64_t i = 0; i <= count; i++) {
        ASSERT_OK(mg_ring_peek(&ring->reader, &record));
        message_check(ring, record, buffer, length, i);
        message = message_make(buffer, length, count);
        if (i == 0)
            ASSERT_OK(mg_ring_write(&ring->writer, &message));
    }
    ASSERT_STATUS(MG_EMPTY, mg_ring_peek(&ring->reader, &record));
    ASSERT(mg_ring_writable(&ring->writer));
}

TEST(takes_records_until_it_is_full_and_goes_on_when_it_is_not)
{
    ring_t *ring = ring_make(1024);

    for (size_t length = 0; length <= 64; length++) {
        ring_reset(ring, length * 8, 1);
        fill_and_empty(ring, length);
        fill_and_empty(ring, length);
    }
}

TEST(what_was_written_before_closing_is_still_read)
{
    ring_t *ring = ring_make(256);
    unsigned char buffer[16];
    mg_message_t message = message_make(buffer, 16, 9);
    mg_record_t record;

    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    mg_ring_close_writer(&ring->writer);
    mg_ring_close_writer(&ring->writer);
    ASSERT(mg_ring_readable(&ring->reader));
    ASSERT_OK(mg_ring_peek(&ring->reader, &record));
    message_check(ring, record, buffer, 16, 9);
    ASSERT_STATUS(MG_CLOSED, mg_ring_peek(&ring->reader, &record));
    ASSERT_STATUS(MG_CLOSED, mg_ring_peek(&ring->reader, &record));
    ASSERT(mg_ring_readable(&ring->reader));
}

TEST(after_the_reader_closed_writing_says_so)
{
    ring_t *ring = ring_make(256);
    unsigned char buffer[200];
    mg_message_t message = message_make(buffer, 200, 1);
    mg_message_t next = message_make(buffer, 8, 2);

    ASSERT_STATUS(MG_FULL, mg_ring_write(&ring->writer, &message));
    mg_ring_close_reader(&ring->reader);
    mg_ring_close_reader(&ring->reader);
    ASSERT(mg_ring_writable(&ring->writer));
    ASSERT_STATUS(MG_CLOSED, mg_ring_write(&ring->writer, &message));
    ASSERT_STATUS(MG_CLOSED, mg_ring_write(&ring->writer, &next));
    ASSERT(!next.started);
}

TEST(a_message_beyond_the_format_is_refused)
{
    ring_t *ring = ring_make(256);
    unsigned char buffer[256] = {0};
    mg_message_t message = {.bytes = buffer, .length = MG_RING_MAX_MESSAGE + 1};
    mg_record_t record;

    ASSERT_STATUS(MG_TOO_LARGE, mg_ring_write(&ring->writer, &message));
    ASSERT(!message.started);
    message.length = 10;
    message.written = 11;
    ASSERT_STATUS(MG_INVALID, mg_ring_write(&ring->writer, &message));
    message.written = 0;
    message.length = MG_RING_MAX_MESSAGE;
    ASSERT_STATUS(MG_FULL, mg_ring_write(&ring->writer, &message));
    ASSERT_OK(mg_ring_peek(&ring->reader, &record));
    ASSERT_EQ(MG_RING_MAX_MESSAGE, record.message_length);
}

int main(void)
{
    RUN(formats_only_what_can_be_a_ring);
    RUN(attaches_only_to_the_ring_it_expects);
    RUN(a_new_ring_is_empty_open_and_at_rest);
    RUN(a_record_comes_out_as_it_went_in);
    RUN(a_record_may_be_without_payload);
    RUN(wraps_around_at_every_offset_with_every_length);
    RUN(positions_and_sequence_may_wrap);
    RUN(takes_records_until_it_is_full_and_goes_on_when_it_is_not);
    RUN(what_was_written_before_closing_is_still_read);
    RUN(after_the_reader_closed_writing_says_so);
    RUN(a_message_beyond_the_format_is_refused);
    return harness_finish();
}
