#include "checksum.h"

#include "checksum_wide.h"

#include <string.h>

#define LANE_PRIME UINT64_C(0x9e3779b185ebca87)
#define MIX_PRIME  UINT64_C(0xc2b2ae3d27d4eb4f)
#define WORD       sizeof(uint64_t)
#define BLOCK      (4 * WORD)
/* Folding the lanes of the wide form costs as much as hashing a few hundred bytes. */
#define WIDE_FROM 2048u

static inline uint64_t load_word(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* The rotation brings the high half, where the product mixed best, under the next multiplication.
 */
static inline uint64_t step(uint64_t lane, uint64_t word)
{
    uint64_t product = (lane ^ word) * LANE_PRIME;

    return (product << 32) | (product >> 32);
}

uint64_t mg_checksum_mix(uint64_t word)
{
    word ^= word >> 32;
    word *= MIX_PRIME;
    word ^= word >> 29;
    word *= LANE_PRIME;
    return word ^ (word >> 32);
}

/* Four lanes, because one chain of multiplications would wait for its own latency. */
static uint64_t hash_blocks(uint64_t seed, const unsigned char *bytes, size_t blocks)
{
    uint64_t a = seed + LANE_PRIME;
    uint64_t b = seed ^ MIX_PRIME;
    uint64_t c = ~seed;
    uint64_t d = seed - LANE_PRIME;

    for (; blocks > 0; blocks--, bytes += BLOCK) {
        a = step(a, load_word(bytes));
        b = step(b, load_word(bytes + WORD));
        c = step(c, load_word(bytes + 2 * WORD));
        d = step(d, load_word(bytes + 3 * WORD));
    }
    return mg_checksum_mix(mg_checksum_mix(mg_checksum_mix(a ^ seed) ^ b) ^ c) + mg_checksum_mix(d);
}

static uint64_t hash_wide_blocks(uint64_t seed, const unsigned char *bytes, size_t blocks)
{
    uint32_t lanes[MG_CHECKSUM_WIDE_LANES];

    mg_checksum_wide((uint32_t)(seed ^ (seed >> 32)), bytes, blocks, lanes);
    return hash_blocks(seed, (const unsigned char *)lanes, sizeof(lanes) / BLOCK);
}

uint32_t mg_checksum(uint64_t seed, const void *bytes, size_t length)
{
    const unsigned char *cursor = bytes;
    uint64_t hash = seed + (uint64_t)length * MIX_PRIME;
    size_t rest = length;

    if (rest >= WIDE_FROM && mg_checksum_wide_available()) {
        hash = hash_wide_blocks(hash, cursor, rest / MG_CHECKSUM_WIDE_BLOCK);
        cursor += rest - rest % MG_CHECKSUM_WIDE_BLOCK;
        rest %= MG_CHECKSUM_WIDE_BLOCK;
    }
    if (rest >= BLOCK) {
        hash = hash_blocks(hash, cursor, rest / BLOCK);
        cursor += rest - rest % BLOCK;
        rest %= BLOCK;
    }
    for (; rest >= WORD; rest -= WORD, cursor += WORD)
        hash = step(hash, load_word(cursor));
    if (rest > 0) {
        uint64_t word = 0;

        memcpy(&word, cursor, rest);
        hash = step(hash, word);
    }
    hash = mg_checksum_mix(hash);
    return (uint32_t)(hash ^ (hash >> 32));
}
