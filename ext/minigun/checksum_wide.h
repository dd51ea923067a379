/* The part of mg_checksum for long payloads, on processors that multiply eight words at once. */
#ifndef MG_CHECKSUM_WIDE_H
#define MG_CHECKSUM_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MG_CHECKSUM_WIDE_BLOCK 256u
#define MG_CHECKSUM_WIDE_LANES 64u

/* Can this processor do it? The same answer in every process of a machine. */
bool mg_checksum_wide_available(void);

/* Hashes `blocks` blocks into lanes of 32 bits, each set to `seed` before; every step is a
 * bijection of its lane. To be called only where it is available. */
void mg_checksum_wide(uint32_t seed, const unsigned char *bytes, size_t blocks,
                      uint32_t lanes[MG_CHECKSUM_WIDE_LANES]);

#endif
