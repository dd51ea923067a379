#include "wire_support.h"

#include <math.h>

TEST(constants_take_a_byte)
{
    start();
    ASSERT_OK(mg_wire_write_nil(&writer));
    ASSERT_EQ(MG_WIRE_NIL, read_back(0).kind);
    start();
    ASSERT_OK(mg_wire_write_boolean(&writer, false));
    ASSERT_EQ(MG_WIRE_FALSE, read_back(0).kind);
    start();
    ASSERT_OK(mg_wire_write_boolean(&writer, true));
    ASSERT_EQ(MG_WIRE_TRUE, read_back(0).kind);
    ASSERT_EQ(1, writer.length);
}

static void check_integer(int64_t value, size_t length)
{
    mg_wire_token_t token;

    start();
    ASSERT_OK(mg_wire_write_integer(&writer, value));
    ASSERT_EQ(length, writer.length);
    token = read_back(0);
    ASSERT_EQ(MG_WIRE_INTEGER, token.kind);
    ASSERT(token.integer == value);
}

TEST(integers_grow_at_the_edges_of_a_varint)
{
    static const struct {
        int64_t value;
        size_t length;
    } cases[] = {
        {0, 1},
        {95, 1},
        {-32, 1},
        {96, 3},
        {-33, 2},
        {-64, 2},
        {-65, 3},
        {8191, 3},
        {8192, 4},
        {-8192, 3},
        {-8193, 4},
        {1 << 20, 5},
        {INT32_MAX, 6},
        {INT32_MIN, 6},
        {INT64_MAX, 11},
        {INT64_MIN, 11},
        {INT64_C(1) << 62, 11},
        {(INT64_C(1) << 62) - 1, 10},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_integer(cases[i].value, cases[i].length);
}

TEST(every_power_of_two_and_its_neighbours_come_back)
{
    for (unsigned shift = 0; shift < 63; shift++) {
        for (int64_t by = -1; by <= 1; by++) {
            int64_t values[2] = {(INT64_C(1) << shift) + by, -(INT64_C(1) << shift) + by};

            for (int i = 0; i < 2; i++) {
                start();
                ASSERT_OK(mg_wire_write_integer(&writer, values[i]));
                ASSERT(read_back(0).integer == values[i]);
            }
        }
    }
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

TEST(floats_keep_every_bit)
{
    static const double values[] = {0.0, -0.0, 1.5, -1e308, 5e-324, INFINITY, -INFINITY};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        mg_wire_token_t token;

        start();
        ASSERT_OK(mg_wire_write_float(&writer, values[i]));
        ASSERT_EQ(9, writer.length);
        token = read_back(0);
        ASSERT_EQ(bits_of(values[i]), bits_of(token.real));
    }
}

TEST(floats_are_little_endian)
{
    static const unsigned char bytes[] = {0x07, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f};

    start();
    ASSERT_OK(mg_wire_write_float(&writer, 1.5));
    ASSERT_MEM(bytes, memory, sizeof(bytes));
}

static void check_text(size_t text_length, mg_wire_encoding_t encoding, size_t length)
{
    static unsigned char text[300];
    mg_wire_token_t token;

    memset(text, 'x', sizeof(text));
    start();
    ASSERT_OK(mg_wire_write_string(&writer, encoding, span("UTF-16LE"),
                                   (mg_wire_span_t){.bytes = text, .length = text_length}));
    ASSERT_EQ(length, writer.length);
    token = read_back(0);
    ASSERT_EQ(MG_WIRE_STRING, token.kind);
    ASSERT_EQ(encoding, token.encoding);
    ASSERT_EQ(text_length, token.text.length);
    if (encoding == MG_WIRE_NAMED)
        ASSERT_EQ(strlen("UTF-16LE"), token.name.length);
}

TEST(strings_carry_length_and_encoding)
{
    check_text(0, MG_WIRE_UTF8, 1);
    check_text(31, MG_WIRE_UTF8, 32);
    check_text(32, MG_WIRE_UTF8, 34);
    check_text(127, MG_WIRE_UTF8, 129);
    check_text(128, MG_WIRE_UTF8, 131);
    check_text(0, MG_WIRE_BINARY, 2);
    check_text(127, MG_WIRE_ASCII, 129);
    check_text(3, MG_WIRE_NAMED, 1 + 1 + 8 + 1 + 3);
}

TEST(symbols_are_entries_or_not)
{
    mg_wire_token_t token;

    for (int entry = 0; entry <= 1; entry++) {
        start();
        ASSERT_OK(mg_wire_write_symbol(&writer, entry, MG_WIRE_UTF8, span(""), span("name")));
        token = read_back(0);
        ASSERT_EQ(MG_WIRE_SYMBOL, token.kind);
        ASSERT_EQ(entry, token.flag);
        ASSERT_EQ(4, token.text.length);
        start();
        ASSERT_OK(mg_wire_write_symbol(&writer, entry, MG_WIRE_NAMED, span("EUC-JP"), span("n")));
        token = read_back(0);
        ASSERT_EQ(MG_WIRE_NAMED, token.encoding);
        ASSERT_EQ(entry, token.flag);
        ASSERT_EQ(6, token.name.length);
    }
}

TEST(counts_are_short_up_to_their_limits)
{
    mg_wire_token_t token;

    for (size_t count = 0; count < 300; count++) {
        start();
        ASSERT_OK(mg_wire_write_array(&writer, count));
        ASSERT_EQ(count < 16 ? 1 : count < 128 ? 2 : 3, writer.length);
        token = read_back(count);
        ASSERT_EQ(MG_WIRE_ARRAY, token.kind);
        ASSERT_EQ(count, token.count);
        start();
        ASSERT_OK(mg_wire_write_hash(&writer, count));
        token = read_back(2 * count);
        ASSERT_EQ(MG_WIRE_HASH, token.kind);
        ASSERT_EQ(count, token.count);
        start();
        ASSERT_OK(mg_wire_write_entry(&writer, count));
        ASSERT_EQ(count < 32 ? 1 : count < 128 ? 2 : 3, writer.length);
        token = read_back(0);
        ASSERT_EQ(MG_WIRE_ENTRY, token.kind);
        ASSERT_EQ(count, token.count);
    }
}

TEST(times_carry_seconds_nanoseconds_and_offset)
{
    mg_wire_token_t token;

    start();
    ASSERT_OK(mg_wire_write_time(&writer, -1, 999999999));
    token = read_back(0);
    ASSERT_EQ(MG_WIRE_TIME, token.kind);
    ASSERT(token.integer == -1 && token.nanoseconds == 999999999 && !token.flag);
    start();
    ASSERT_OK(mg_wire_write_time_at(&writer, INT64_MAX, 0, -86399));
    token = read_back(0);
    ASSERT(token.integer == INT64_MAX && token.offset == -86399 && token.flag);
}

TEST(big_integers_marshalled_objects_and_structs_come_back)
{
    mg_wire_token_t token;
    mg_wire_reader_t reader;
    unsigned char *place;
    size_t count;

    start();
    ASSERT_OK(mg_wire_write_bignum(&writer, true, 9, &place));
    memset(place, 0xab, 9);
    token = read_back(0);
    ASSERT(token.kind == MG_WIRE_BIGNUM && token.flag && token.text.length == 9);
    start();
    ASSERT_OK(mg_wire_write_marshal(&writer, span("abc")));
    token = read_back(0);
    ASSERT(token.kind == MG_WIRE_MARSHAL && token.text.length == 3);
    start();
    ASSERT_OK(mg_wire_write_struct(&writer));
    ASSERT_OK(mg_wire_write_class(&writer, span("Point")));
    ASSERT_OK(mg_wire_write_count(&writer, 1));
    ASSERT_OK(mg_wire_write_nil(&writer));
    mg_wire_reader_init(&reader, memory, writer.length);
    ASSERT_OK(mg_wire_read(&reader, &token));
    ASSERT_EQ(MG_WIRE_STRUCT, token.kind);
    ASSERT_OK(mg_wire_read(&reader, &token));
    ASSERT(token.kind == MG_WIRE_CLASS && token.text.length == 5);
    ASSERT_OK(mg_wire_read_count(&reader, &count));
    ASSERT_EQ(1, count);
    ASSERT_STATUS(MG_MALFORMED, mg_wire_finish(&reader));
    ASSERT_OK(mg_wire_read(&reader, &token));
    ASSERT_OK(mg_wire_finish(&reader));
}

int main(void)
{
    RUN(constants_take_a_byte);
    RUN(integers_grow_at_the_edges_of_a_varint);
    RUN(every_power_of_two_and_its_neighbours_come_back);
    RUN(floats_keep_every_bit);
    RUN(floats_are_little_endian);
    RUN(strings_carry_length_and_encoding);
    RUN(symbols_are_entries_or_not);
    RUN(counts_are_short_up_to_their_limits);
    RUN(times_carry_seconds_nanoseconds_and_offset);
    RUN(big_integers_marshalled_objects_and_structs_come_back);
    return harness_finish();
}
