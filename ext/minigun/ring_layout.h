/* The bytes of a ring, for ring*.c and the tests that put them into broken states. */
#ifndef MG_RING_LAYOUT_H
#define MG_RING_LAYOUT_H

#include "ring.h"

#define MG_RING_MAGIC   UINT64_C(0x31474e495247494d)
#define MG_RING_VERSION 1u

/*
 *     0  magic     8  capacity   16  version  20  generation  24  writer_closed  28  reader_closed
 *    64  tail     72  claim                                   the writer's line
 *   128  head                                                 the reader's line
 *   192  data
 *
 * Offsets 0 .. 23 are written once, the closed flags once more: both sides keep that line cached.
 */
struct mg_ring_shared {
    uint64_t magic;
    uint64_t capacity;
    uint32_t version;
    uint32_t generation;
    _Atomic uint32_t writer_closed;
    _Atomic uint32_t reader_closed;

    _Alignas(MG_CACHE_LINE) _Atomic uint64_t tail;
    _Atomic uint64_t claim; /* where the writer's tail will be next; == tail while it is at rest */

    _Alignas(MG_CACHE_LINE) _Atomic uint64_t head;
};

_Static_assert(offsetof(mg_ring_shared_t, writer_closed) == 24, "layout of version 1");
_Static_assert(offsetof(mg_ring_shared_t, reader_closed) == 28, "layout of version 1");
_Static_assert(offsetof(mg_ring_shared_t, tail) == 64, "tail has the writer's cache line");
_Static_assert(offsetof(mg_ring_shared_t, claim) == 72, "claim shares the writer's cache line");
_Static_assert(offsetof(mg_ring_shared_t, head) == 128, "head has the reader's cache line");
_Static_assert(sizeof(mg_ring_shared_t) == 192, "data begins on its own cache line");

typedef struct {
    uint64_t extent; /* message length in 48 bits, then kind and flags in 8 each */
    uint32_t length;
    uint32_t checksum;
    uint32_t aux;
    uint32_t sequence;
} mg_ring_header_t;

_Static_assert(sizeof(mg_ring_header_t) == MG_RING_RECORD_HEADER, "no padding in a record header");
_Static_assert(MG_RING_RECORD_HEADER % 8 == 0, "payloads start on a multiple of 8");

#define MG_RING_KIND_SHIFT  48
#define MG_RING_FLAGS_SHIFT 56
#define MG_RING_LENGTH_MASK ((UINT64_C(1) << MG_RING_KIND_SHIFT) - 1)

_Static_assert(MG_RING_MAX_MESSAGE <= MG_RING_LENGTH_MASK, "message lengths fit into the extent");

/* Bytes that a record of `length` payload bytes takes; and the longest payload of one record. */
uint64_t mg_ring_record_size(uint32_t length);
uint32_t mg_ring_fragment_limit(uint64_t capacity);

/* Over all of the header but the checksum itself, and the payload (header->length bytes). */
uint32_t mg_ring_record_checksum(const mg_ring_header_t *header, const void *payload);

/* Copies out of the data area, around its end where needed. */
void mg_ring_copy_out(const unsigned char *data, uint64_t capacity, uint64_t position,
                      void *destination, size_t length);

/* Can `header` stand before `available` published bytes, apart from sequence and checksum? */
bool mg_ring_header_valid(const mg_ring_header_t *header, uint64_t capacity, uint64_t available);

#endif
