/*
 * Bounded single-producer single-consumer ring of variable-length records in given memory.
 *
 *   shared header (mg_ring_shared_t)                     data, capacity bytes (power of two)
 *   +---------------------------+-------+-------+        +----------------------------------+
 *   | magic version capacity    | tail  | head  |        | record | record | ...            |
 *   | generation flags          | claim |       |        +----------------------------------+
 *   +---------------------------+-------+-------+
 *     written once                writer  reader   each on its own cache line
 *
 *   record: 24-byte header {message length, kind, flags, length, checksum, aux, sequence}, payload,
 *   padding to 8.
 *   Headers and payloads may wrap around the end of the data area; both sides copy in two parts.
 *
 * Rules that keep it right:
 *  - tail and head are free-running 64-bit positions, compared only by their unsigned difference.
 *  - A record exists once tail has passed it (release store); the reader's acquire load of tail
 *    pairs with it. A writer that dies before that store leaves nothing that a reader could see;
 *    a `claim` beyond tail tells an observer that it died inside a record.
 *  - head is released only after the payload was copied out: it is the writer's licence to
 *    overwrite.
 *  - The reader trusts nothing: capacity, head and the expected sequence are private copies, a
 *    header is copied once and validated, the checksum is computed over the copy.
 *  - A message larger than a fragment travels as several records flagged FIRST .. LAST. A FIRST
 *    seen while another message is being put together means that the writer gave that one up.
 *  - Nothing here blocks, allocates or calls Ruby.
 */
#ifndef MG_RING_H
#define MG_RING_H

#include "platform.h"
#include "status.h"

#include <stdbool.h>

#define MG_RING_MIN_CAPACITY  256u
#define MG_RING_MAX_CAPACITY  (UINT64_C(1) << 40)
#define MG_RING_MAX_MESSAGE   (UINT64_C(1) << 40)
#define MG_RING_RECORD_HEADER 24u

#define MG_RECORD_FIRST 1u
#define MG_RECORD_LAST  2u

typedef struct mg_ring_shared mg_ring_shared_t;

typedef struct {
    uint64_t message_length; /* of the whole message; the same in each of its fragments */
    uint32_t length;         /* payload bytes of this record */
    uint32_t checksum;       /* of the payload and all of the header */
    uint32_t aux;            /* the caller's */
    uint8_t kind;            /* the caller's */
    uint8_t flags;           /* MG_RECORD_FIRST | MG_RECORD_LAST */
    uint32_t sequence;
} mg_record_t;

typedef struct {
    mg_ring_shared_t *shared;
    unsigned char *data;
    uint64_t capacity;
    uint64_t tail;        /* private: all that is published */
    uint64_t cached_head; /* last head seen; refreshed only when the ring looks full */
    uint32_t sequence;    /* of the next record */
} mg_ring_writer_t;

typedef struct {
    mg_ring_shared_t *shared;
    const unsigned char *data;
    uint64_t capacity;
    uint64_t head;           /* private: all that is released */
    uint64_t cached_tail;    /* last tail seen */
    uint64_t message_length; /* of the message being read in fragments */
    uint64_t message_left;   /* payload bytes of it that are still to come; 0 between messages */
    uint32_t sequence;       /* expected next */
} mg_ring_reader_t;

/* A message on its way into the ring; lets a write go on where a full ring stopped it. */
typedef struct {
    const unsigned char *bytes;
    size_t length;
    size_t written; /* payload bytes published so far */
    uint32_t aux;
    uint8_t kind;
    bool started; /* the first fragment is out */
} mg_message_t;

/* Bytes of memory that a ring of `capacity` data bytes needs. */
size_t mg_ring_footprint(size_t capacity);

/* Formats `memory` (cache-line aligned, `length` >= footprint) as an empty open ring. Positions
 * start at `start` (0 in the product; tests start near wrap; a multiple of 8).
 * No reader or writer may be active.
 * MG_OK, MG_INVALID (capacity no power of two or out of range, misaligned), MG_TOO_LARGE. */
mg_status_t mg_ring_init(void *memory, size_t length, size_t capacity, uint64_t start,
                         uint32_t generation);

/* Takes one side, once after each init: a second writer would begin with the wrong sequence.
 * `capacity` is what init was given, not read from shared memory.
 * MG_OK, MG_CORRUPT when magic, version, capacity or generation disagree. */
mg_status_t mg_ring_attach_writer(mg_ring_writer_t *writer, void *memory, size_t capacity,
                                  uint32_t generation);
mg_status_t mg_ring_attach_reader(mg_ring_reader_t *reader, void *memory, size_t capacity,
                                  uint32_t generation);

/* Publishes as much of the message as fits, in fragments of at most a quarter of the capacity
 * (so that the reader drains one while the next is written). MG_OK: all of it is out. MG_FULL:
 * call again with the same message when there is room. MG_CLOSED: the reader closed. MG_TOO_LARGE:
 * beyond MG_RING_MAX_MESSAGE. MG_INVALID: written > length. MG_CORRUPT: the reader's position is
 * none. An unfinished message may simply be dropped: the next message's FIRST tells the reader. */
mg_status_t mg_ring_write(mg_ring_writer_t *writer, mg_message_t *message);

/* The next record, validated but not consumed. MG_OK, MG_EMPTY, MG_CLOSED (writer closed and
 * everything was read), MG_CORRUPT. A record that is no FIRST continues the message of the record
 * taken before it, and the lengths of a message's fragments add up to message_length exactly at
 * the LAST: the caller may rely on both. */
mg_status_t mg_ring_peek(mg_ring_reader_t *reader, mg_record_t *record);

/* Copies the peeked record's payload to `destination` (record->length bytes), verifies the
 * checksum of the copy, then releases the record. `destination` may be NULL for length 0.
 * MG_OK, MG_CORRUPT (nothing is released), MG_INVALID (not the record last peeked). */
mg_status_t mg_ring_take(mg_ring_reader_t *reader, const mg_record_t *record, void *destination);

/* Says that this side will not use the ring any more. Idempotent. Records published before the
 * writer closed are still read; after the reader closed writes answer MG_CLOSED. */
void mg_ring_close_writer(mg_ring_writer_t *writer);
void mg_ring_close_reader(mg_ring_reader_t *reader);

/* Would a peek say something else than MG_EMPTY? / Would a write of any message make progress, or
 * fail? (False while less than one full fragment is free; a short message may fit before.)
 * Used as the re-check before sleeping: sequentially consistent loads. */
bool mg_ring_readable(const mg_ring_reader_t *reader);
bool mg_ring_writable(const mg_ring_writer_t *writer);

/* For observers, at rest only: MG_OK or MG_CORRUPT; and whether the writer stands (or died)
 * inside a record it had claimed and not published. */
mg_status_t mg_ring_valid(const void *memory, size_t capacity);
bool mg_ring_claimed(const void *memory);

#endif
