#include "checksum_wide.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(MG_NO_WIDE_CHECKSUM)

#define PRIME UINT32_C(0x9e3779b1)
#define SHIFT 15

typedef uint32_t lanes_t __attribute__((vector_size(32)));

/* The shift brings what the product mixed best under the next multiplication. */
#define STEP(lane, index)                                                                          \
    do {                                                                                           \
        memcpy(&words, bytes + (index) * sizeof(words), sizeof(words));                            \
        (lane) = ((lane) ^ words) * PRIME;                                                         \
        (lane) ^= (lane) >> SHIFT;                                                                 \
    } while (0)

bool mg_checksum_wide_available(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

/* Eight registers of lanes, because one chain of multiplications would wait for its own latency.
 * In an array compilers would keep them in memory. */
__attribute__((target("avx2"))) void mg_checksum_wide(uint32_t seed, const unsigned char *bytes,
                                                      size_t blocks,
                                                      uint32_t lanes[MG_CHECKSUM_WIDE_LANES])
{
    lanes_t a = {0};
    lanes_t b, c, d, e, f, g, h, words;

    a += seed;
    b = c = d = e = f = g = h = a;
    for (; blocks > 0; blocks--, bytes += MG_CHECKSUM_WIDE_BLOCK) {
        STEP(a, 0);
        STEP(b, 1);
        STEP(c, 2);
        STEP(d, 3);
        STEP(e, 4);
        STEP(f, 5);
        STEP(g, 6);
        STEP(h, 7);
    }
    memcpy(lanes, &a, sizeof(a));
    memcpy(lanes + 8, &b, sizeof(b));
    memcpy(lanes + 16, &c, sizeof(c));
    memcpy(lanes + 24, &d, sizeof(d));
    memcpy(lanes + 32, &e, sizeof(e));
    memcpy(lanes + 40, &f, sizeof(f));
    memcpy(lanes + 48, &g, sizeof(g));
    memcpy(lanes + 56, &h, sizeof(h));
}

#else

bool mg_checksum_wide_available(void)
{
    return false;
}

void mg_checksum_wide(uint32_t seed, const unsigned char *bytes, size_t blocks,
                      uint32_t lanes[MG_CHECKSUM_WIDE_LANES])
{
    (void)seed;
    (void)bytes;
    (void)blocks;
    (void)lanes;
}

#endif
