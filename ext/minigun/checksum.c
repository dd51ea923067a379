#include "checksum.h"

#include "checksum_wide.h"

#include <string.h>

#define MIX_PRIME UINT64_C(0xc2b2ae3d27d4eb4f)
#define WORD      sizeof(uint64_t)
#define BLOCK     (4 * WORD)
/* Folding the lanes of the wide form costs as much as hashing a few hundred bytes. */
#define WIDE_FROM 2048u

static inline uint64_t load_word(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Fewer bytes than a word, and at least one: each of them is in the result. Of a copy of unknown
 * length the compiler would make a call or a loop. */
static inline uint64_t load_rest(const unsigned char *bytes, size_t length)
{
    uint32_t first;
    uint32_t last;

    if (length < sizeof(first))
        return (uint64_t)bytes[0] << 16 | (uint64_t)bytes[length / 2] << 8 | bytes[length - 1];
    memcpy(&first, bytes, sizeof(first));
    memcpy(&last, bytes + length - sizeof(last), sizeof(last));
    return (uint64_t)first << 32 | last;
}

static uint64_t mix(uint64_t word)
{
    word ^= word >> 32;
    word *= MIX_PRIME;
    word ^= word >> 29;
    word *= MG_CHECKSUM_PRIME;
    return word ^ (word >> 32);
}

/* Four lanes, because one chain of multiplications would wait for its own latency. */
static uint64_t hash_blocks(uint64_t seed, const unsigned char *bytes, size_t blocks)
{
    uint64_t a = seed + MG_CHECKSUM_PRIME;
    uint64_t b = seed ^ MIX_PRIME;
    uint64_t c = ~seed;
    uint64_t d = seed - MG_CHECKSUM_PRIME;

    for (; blocks > 0; blocks--, bytes += BLOCK) {
        a = mg_checksum_chain(a, load_word(bytes));
        b = mg_checksum_chain(b, load_word(bytes + WORD));
        c = mg_checksum_chain(c, load_word(bytes + 2 * WORD));
        d = mg_checksum_chain(d, load_word(bytes + 3 * WORD));
    }
    return mix(mix(mix(a ^ seed) ^ b) ^ c) + mix(d);
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
        hash = mg_checksum_chain(hash, load_word(cursor));
    if (rest > 0)
        hash = mg_checksum_chain(hash, load_rest(cursor, rest));
    hash = mix(hash);
    return (uint32_t)(hash ^ (hash >> 32));
}
