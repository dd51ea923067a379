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

/* Scrambles one word; chains fields into a seed: mix(mix(a) ^ b). */
uint64_t mg_checksum_mix(uint64_t word);

#endif
