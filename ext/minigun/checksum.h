/*
 * Checksum of a record: a multiply-and-rotate hash of 64-bit words in four independent lanes (of
 * long payloads: of 32-bit words in 64 lanes, where the processor can), folded to 32 bits. It finds
 * accidents (torn, stale or scribbled bytes), not forgers.
 * Every step is a bijection of the lane, so damage within one word always changes the state. Words
 * are read in the machine's byte order: a value means something on one machine only.
 */
#ifndef MG_CHECKSUM_H
#define MG_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* `bytes` may be NULL when `length` is 0. */
uint32_t mg_checksum(uint64_t seed, const void *bytes, size_t length);

#define MG_CHECKSUM_PRIME UINT64_C(0x9e3779b185ebca87)

/* Takes one more word into a hash; chains fields into a seed: chain(chain(0, a), b). The rotation
 * brings the high half, where the product mixed best, under the next multiplication. */
static inline uint64_t mg_checksum_chain(uint64_t hash, uint64_t word)
{
    uint64_t product = (hash ^ word) * MG_CHECKSUM_PRIME;

    return (product << 32) | (product >> 32);
}

#endif
