#include "wire_support.h"

TEST(a_count_beyond_the_bytes_left_is_refused)
{
    static const unsigned char huge_array[] = {0x11, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1, 1};
    static const unsigned char huge_hash[] = {0x12, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0x01, 1};
    static const unsigned char three_pairs[] = {0x53, 1, 1, 1, 1, 1};
    static const unsigned char huge_string[] = {0x08, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                0xff, 0xff, 0xff, 0xff, 0x01, 'x'};
    mg_wire_token_t token;
    size_t used;

    ASSERT_STATUS(MG_TRUNCATED, read_exactly(huge_array, sizeof(huge_array), &token, &used));
    ASSERT_STATUS(MG_TRUNCATED, read_exactly(huge_hash, sizeof(huge_hash), &token, &used));
    ASSERT_STATUS(MG_TRUNCATED, read_exactly(three_pairs, sizeof(three_pairs), &token, &used));
    ASSERT_STATUS(MG_TRUNCATED, read_exactly(huge_string, sizeof(huge_string), &token, &used));
}

TEST(what_no_writer_writes_is_malformed)
{
    static const struct {
        unsigned char bytes[16];
        size_t length;
    } cases[] = {
        {{0x00}, 1},             /* zeroed memory */
        {{0x1a}, 1},             /* no such tag */
        {{0x1f}, 1},             /* no such tag */
        {{0x04, 0x80, 0x00}, 3}, /* padded varint */
        {{0x04, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, 11}, /* 65 bits */
        {{0x04, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 12},
        {{0x10, 0x80, 0x20}, 3},                         /* entry 4096 */
        {{0x0b, 0x00, 0x00}, 3},                         /* encoding without a name */
        {{0x0b, 0x03, '.', '.', '/', 0x00}, 6},          /* an encoding that is a path */
        {{0x0b, 0x03, 'a', 0x00, 'b', 0x00}, 6},         /* an encoding with a NUL */
        {{0x15, 0x00, 0x80, 0x94, 0xeb, 0xdc, 0x03}, 7}, /* 1,000,000,000 nanoseconds */
        {{0x16, 0x00, 0x00, 0x80, 0xc6, 0x0a}, 6},       /* offset of a day */
        {{0x16, 0x00, 0x00, 0xff, 0xc5, 0x0a}, 6},       /* offset of minus a day */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mg_wire_token_t token;
        size_t used;

        ASSERT_STATUS(MG_MALFORMED, read_exactly(cases[i].bytes, cases[i].length, &token, &used));
    }
}

TEST(depth_is_limited)
{
    mg_wire_reader_t reader;

    mg_wire_reader_init(&reader, memory, 0);
    for (unsigned i = 0; i < MG_WIRE_MAX_DEPTH; i++)
        ASSERT_OK(mg_wire_enter(&reader));
    ASSERT_STATUS(MG_TOO_DEEP, mg_wire_enter(&reader));
    mg_wire_leave(&reader);
    ASSERT_OK(mg_wire_enter(&reader));
}

TEST(a_full_buffer_is_left_as_it_was)
{
    writer = (mg_wire_writer_t){.bytes = memory, .capacity = 10};
    ASSERT_STATUS(MG_FULL, mg_wire_write_string(&writer, MG_WIRE_BINARY, span(""),
                                                span("longer than ten bytes")));
    ASSERT_EQ(0, writer.length);
    ASSERT_OK(mg_wire_write_float(&writer, 1.0));
    ASSERT_STATUS(MG_FULL, mg_wire_write_float(&writer, 1.0));
    ASSERT_EQ(9, writer.length);
    ASSERT_OK(mg_wire_write_nil(&writer));
    ASSERT_STATUS(MG_FULL, mg_wire_write_nil(&writer));
    ASSERT_EQ(10, writer.length);
}

static mg_status_t grow(mg_wire_writer_t *growing, size_t extra)
{
    size_t capacity = growing->length + extra;
    unsigned char *bytes = realloc(growing->bytes, capacity);

    if (bytes == NULL)
        return MG_NO_MEMORY;
    growing->bytes = bytes;
    growing->capacity = capacity;
    return MG_OK;
}

TEST(a_writer_grows_by_its_callback)
{
    mg_wire_writer_t growing = {.grow = grow};
    mg_wire_span_t endless = {.bytes = memory, .length = SIZE_MAX - 5};

    for (int i = 0; i < 1000; i++)
        ASSERT_OK(mg_wire_write_integer(&growing, INT64_C(1) << (i % 60)));
    ASSERT(growing.length > 2000);
    ASSERT_STATUS(MG_TOO_LARGE, mg_wire_write_marshal(&growing, endless));
    free(growing.bytes);
}

/* Follows whatever bytes say to the end of the value or the first error. */
static void walk(mg_wire_reader_t *reader, unsigned long *steps)
{
    mg_wire_token_t token;
    size_t count = 0;

    ASSERT(++*steps < 100000);
    if (mg_wire_read(reader, &token) != MG_OK)
        reader->cursor = reader->end;
    else if (token.kind == MG_WIRE_ARRAY)
        count = token.count;
    else if (token.kind == MG_WIRE_HASH || token.kind == MG_WIRE_RANGE)
        count = token.kind == MG_WIRE_HASH ? token.count * 2 : 2;
    if (count == 0 || mg_wire_enter(reader) != MG_OK)
        return;
    while (count-- > 0 && reader->cursor < reader->end)
        walk(reader, steps);
    mg_wire_leave(reader);
}

TEST(random_bytes_end_in_a_value_or_an_error)
{
    uint64_t state = 42;

    for (int round = 0; round < 20000; round++) {
        size_t length = harness_random(&state) % 64;
        unsigned char *bytes = malloc(length ? length : 1);
        mg_wire_reader_t reader;
        unsigned long steps = 0;

        ASSERT(bytes != NULL);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (unsigned char)(harness_random(&state) % (round % 2 ? 256 : 0x60));
        mg_wire_reader_init(&reader, bytes, length);
        walk(&reader, &steps);
        ASSERT(reader.cursor <= reader.end);
        free(bytes);
    }
}

int main(void)
{
    RUN(a_count_beyond_the_bytes_left_is_refused);
    RUN(what_no_writer_writes_is_malformed);
    RUN(depth_is_limited);
    RUN(a_full_buffer_is_left_as_it_was);
    RUN(a_writer_grows_by_its_callback);
    RUN(random_bytes_end_in_a_value_or_an_error);
    return harness_finish();
}
