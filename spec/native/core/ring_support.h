/* What the ring's tests share: a ring in shared memory with both sides, and known content. */
#ifndef RING_SUPPORT_H
#define RING_SUPPORT_H

#include "ring_layout.h"

#include "harness.h"

typedef struct {
    mg_eventcount_t data; /* notified after writing */
    mg_eventcount_t room; /* notified after reading */
    _Atomic uint64_t progress;
    mg_ring_writer_t writer;
    mg_ring_reader_t reader;
    size_t capacity;
    _Alignas(MG_CACHE_LINE) unsigned char memory[];
} ring_t;

static inline void ring_reset(ring_t *ring, uint64_t start, uint32_t generation)
{
    mg_eventcount_init(&ring->data);
    mg_eventcount_init(&ring->room);
    atomic_store(&ring->progress, 0);
    ASSERT_OK(mg_ring_init(ring->memory, mg_ring_footprint(ring->capacity), ring->capacity, start,
                           generation));
    ASSERT_OK(mg_ring_attach_writer(&ring->writer, ring->memory, ring->capacity, generation));
    ASSERT_OK(mg_ring_attach_reader(&ring->reader, ring->memory, ring->capacity, generation));
}

static inline ring_t *ring_make(size_t capacity)
{
    ring_t *ring = harness_shared(sizeof(*ring) + mg_ring_footprint(capacity));

    ring->capacity = capacity;
    ring_reset(ring, 0, 1);
    return ring;
}

static inline mg_ring_shared_t *ring_shared(ring_t *ring)
{
    return (mg_ring_shared_t *)(void *)ring->memory;
}

static inline unsigned char *ring_data(ring_t *ring)
{
    return ring->memory + sizeof(mg_ring_shared_t);
}

/* Bytes [offset, offset + length) of the content that belongs to `seed`; offset a multiple of 8. */
static inline void content_fill(unsigned char *bytes, size_t length, uint64_t offset, uint64_t seed)
{
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = (seed ^ (offset + i)) * UINT64_C(0x9e3779b97f4a7c15);

        word ^= word >> 31;
        memcpy(bytes + i, &word, length - i < 8 ? length - i : 8);
    }
}

static inline bool content_matches(const unsigned char *bytes, size_t length, uint64_t offset,
                                   uint64_t seed)
{
    for (size_t i = 0; i < length; i += 8) {
        unsigned char expected[8];
        size_t part = length - i < 8 ? length - i : 8;

        content_fill(expected, part, offset + i, seed);
        if (memcmp(bytes + i, expected, part) != 0)
            return false;
    }
    return true;
}

/* The message that belongs to `seed`: kind and aux follow from it as well. */
static inline mg_message_t message_make(unsigned char *buffer, size_t length, uint64_t seed)
{
    content_fill(buffer, length, 0, seed);
    return (mg_message_t){
        .bytes = buffer, .length = length, .aux = (uint32_t)(seed * 3), .kind = (uint8_t)seed};
}

/* Writes all of it, sleeping where the ring is full. */
static inline mg_status_t ring_send(ring_t *ring, mg_message_t *message, uint64_t deadline)
{
    for (;;) {
        mg_status_t status = mg_ring_write(&ring->writer, message);
        uint32_t ticket;

        mg_eventcount_notify(&ring->data);
        if (status != MG_FULL)
            return status;
        ticket = mg_eventcount_prepare(&ring->room);
        if (mg_ring_writable(&ring->writer))
            mg_eventcount_cancel(&ring->room);
        else if (mg_eventcount_wait(&ring->room, ticket, deadline) == MG_TIMEOUT)
            return MG_TIMEOUT;
    }
}

/* The next record, sleeping where the ring is empty. */
static inline mg_status_t ring_await(ring_t *ring, mg_record_t *record, uint64_t deadline)
{
    for (;;) {
        mg_status_t status = mg_ring_peek(&ring->reader, record);
        uint32_t ticket;

        if (status != MG_EMPTY)
            return status;
        ticket = mg_eventcount_prepare(&ring->data);
        if (mg_ring_readable(&ring->reader))
            mg_eventcount_cancel(&ring->data);
        else if (mg_eventcount_wait(&ring->data, ticket, deadline) == MG_TIMEOUT)
            return MG_TIMEOUT;
    }
}

/* The oracle: takes one whole message, which must be the one of `length` and `seed`. The first of
 * its records is given; the others are awaited. */
static inline void message_check(ring_t *ring, mg_record_t record, unsigned char *buffer,
                                 uint64_t length, uint64_t seed)
{
    uint64_t received = 0;

    ASSERT((record.flags & MG_RECORD_FIRST) != 0);
    for (;;) {
        mg_status_t status;

        ASSERT_EQ(length, record.message_length);
        ASSERT_EQ((uint8_t)seed, record.kind);
        ASSERT_EQ((uint32_t)(seed * 3), record.aux);
        status = mg_ring_take(&ring->reader, &record, buffer);
        /* No assertion between the two: it counts, which is a fence that hides a missing one. */
        mg_eventcount_notify(&ring->room);
        ASSERT_OK(status);
        ASSERT(content_matches(buffer, record.length, received, seed));
        received += record.length;
        if ((record.flags & MG_RECORD_LAST) != 0)
            break;
        ASSERT_OK(ring_await(ring, &record, harness_deadline(20000)));
        ASSERT((record.flags & MG_RECORD_FIRST) == 0);
    }
    ASSERT_EQ(length, received);
}

/* Writes and reads one message of a size that fits into the ring. */
static inline void ring_pass(ring_t *ring, size_t length, uint64_t seed)
{
    unsigned char buffer[4096];
    mg_record_t record;
    mg_message_t message = message_make(buffer, length, seed);

    ASSERT_OK(mg_ring_write(&ring->writer, &message));
    memset(buffer, 0, length);
    ASSERT_OK(mg_ring_peek(&ring->reader, &record));
    message_check(ring, record, buffer, length, seed);
}

#endif
