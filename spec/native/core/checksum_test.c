#include "harness.h"

#include "checksum.h"

#include <string.h>

#define LONGEST 5000

static unsigned char bytes[LONGEST + 8];

static void fill(void)
{
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 131 + (i >> 8));
}

/* Around the lengths at which another way of hashing takes over. */
static const size_t lengths[] = {0, 1, 7, 8, 31, 32, 33, 255, 2047, 2048, 2049, 2303, 2304, 4999};

TEST(depends_on_bytes_and_length_only)
{
    fill();
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        static unsigned char copy[LONGEST + 8];

        memcpy(copy + 3, bytes, lengths[i]);
        ASSERT_EQ(mg_checksum(7, bytes, lengths[i]), mg_checksum(7, copy + 3, lengths[i]));
        ASSERT(mg_checksum(7, bytes, lengths[i]) != mg_checksum(8, bytes, lengths[i]));
        ASSERT(mg_checksum(7, bytes, lengths[i]) != mg_checksum(7, bytes, lengths[i] + 1));
    }
}

TEST(finds_every_flipped_bit)
{
    fill();
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        uint32_t whole = mg_checksum(1, bytes, lengths[i]);

        for (size_t bit = 0; bit < lengths[i] * 8; bit += 5) {
            bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
            ASSERT(mg_checksum(1, bytes, lengths[i]) != whole);
            bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
    }
}

TEST(finds_parts_that_changed_places)
{
    static const size_t sizes[] = {8, 32, 256};
    uint32_t whole;

    fill();
    whole = mg_checksum(1, bytes, LONGEST);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char part[256];

        memcpy(part, bytes, sizes[i]);
        memcpy(bytes, bytes + 1024, sizes[i]);
        memcpy(bytes + 1024, part, sizes[i]);
        ASSERT(mg_checksum(1, bytes, LONGEST) != whole);
        fill();
    }
}

int main(void)
{
    RUN(depends_on_bytes_and_length_only);
    RUN(finds_every_flipped_bit);
    RUN(finds_parts_that_changed_places);
    return harness_finish();
}
