#include "ring_layout.h"

#include "checksum.h"

#include <string.h>

#define FRAGMENT_PART 4u
/* A generation starts at its own sequence number, so that what an earlier one left in the data
 * area is not taken for a record of this one. */
#define SEQUENCE_STRIDE UINT32_C(2654435761)

uint64_t mg_ring_record_size(uint32_t length)
{
    return MG_RING_RECORD_HEADER + (((uint64_t)length + 7) & ~UINT64_C(7));
}

uint32_t mg_ring_fragment_limit(uint64_t capacity)
{
    uint64_t limit = capacity / FRAGMENT_PART - MG_RING_RECORD_HEADER;

    return limit > UINT32_MAX - 7 ? UINT32_MAX - 7 : (uint32_t)limit;
}

uint32_t mg_ring_record_checksum(const mg_ring_header_t *header, const void *payload)
{
    uint64_t seed = mg_checksum_chain(mg_checksum_chain(0, header->extent),
                                      (uint64_t)header->aux << 32 | header->sequence);

    return mg_checksum(seed, payload, header->length);
}

void mg_ring_copy_out(const unsigned char *data, uint64_t capacity, uint64_t position,
                      void *destination, size_t length)
{
    size_t offset = (size_t)(position & (capacity - 1));
    size_t first = (size_t)capacity - offset;

    if (length == 0)
        return;
    if (first > length)
        first = length;
    memcpy(destination, data + offset, first);
    memcpy((unsigned char *)destination + first, data, length - first);
}

/* The message's length is only bounded here; that its fragments add up to it is the reader's
 * business, who alone knows what came before. */
bool mg_ring_header_valid(const mg_ring_header_t *header, uint64_t capacity, uint64_t available)
{
    uint64_t message = header->extent & MG_RING_LENGTH_MASK;
    uint64_t flags = header->extent >> MG_RING_FLAGS_SHIFT;

    if (flags > (MG_RECORD_FIRST | MG_RECORD_LAST) || message > MG_RING_MAX_MESSAGE)
        return false;
    if (header->length > mg_ring_fragment_limit(capacity) || header->length > message)
        return false;
    return mg_ring_record_size(header->length) <= available;
}

static bool capacity_valid(uint64_t capacity)
{
    return capacity >= MG_RING_MIN_CAPACITY && capacity <= MG_RING_MAX_CAPACITY &&
           (capacity & (capacity - 1)) == 0;
}

size_t mg_ring_footprint(size_t capacity)
{
    return sizeof(mg_ring_shared_t) + capacity;
}

mg_status_t mg_ring_init(void *memory, size_t length, size_t capacity, uint64_t start,
                         uint32_t generation)
{
    mg_ring_shared_t *shared = memory;

    if (!capacity_valid(capacity) || start % 8 != 0 || (uintptr_t)memory % MG_CACHE_LINE != 0)
        return MG_INVALID;
    if (length < mg_ring_footprint(capacity))
        return MG_TOO_LARGE;
    shared->magic = MG_RING_MAGIC;
    shared->capacity = capacity;
    shared->version = MG_RING_VERSION;
    shared->generation = generation;
    atomic_init(&shared->writer_closed, 0);
    atomic_init(&shared->reader_closed, 0);
    atomic_init(&shared->tail, start);
    atomic_init(&shared->claim, start);
    atomic_init(&shared->head, start);
    return MG_OK;
}

static mg_status_t check_shared(const mg_ring_shared_t *shared, size_t capacity)
{
    uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
    uint64_t head = atomic_load_explicit(&shared->head, memory_order_acquire);

    if (shared->magic != MG_RING_MAGIC || shared->version != MG_RING_VERSION)
        return MG_CORRUPT;
    if (shared->capacity != capacity || !capacity_valid(capacity))
        return MG_CORRUPT;
    return tail - head > capacity || tail % 8 != 0 || head % 8 != 0 ? MG_CORRUPT : MG_OK;
}

mg_status_t mg_ring_attach_writer(mg_ring_writer_t *writer, void *memory, size_t capacity,
                                  uint32_t generation)
{
    mg_ring_shared_t *shared = memory;

    if (check_shared(shared, capacity) != MG_OK || shared->generation != generation)
        return MG_CORRUPT;
    *writer = (mg_ring_writer_t){
        .shared = shared,
        .data = (unsigned char *)memory + sizeof(*shared),
        .capacity = capacity,
        .tail = atomic_load_explicit(&shared->tail, memory_order_relaxed),
        .cached_head = atomic_load_explicit(&shared->head, memory_order_acquire),
        .sequence = generation * SEQUENCE_STRIDE,
    };
    return MG_OK;
}

mg_status_t mg_ring_attach_reader(mg_ring_reader_t *reader, void *memory, size_t capacity,
                                  uint32_t generation)
{
    mg_ring_shared_t *shared = memory;
    uint64_t head;

    if (check_shared(shared, capacity) != MG_OK || shared->generation != generation)
        return MG_CORRUPT;
    head = atomic_load_explicit(&shared->head, memory_order_relaxed);
    *reader = (mg_ring_reader_t){
        .shared = shared,
        .data = (const unsigned char *)memory + sizeof(*shared),
        .capacity = capacity,
        .head = head,
        .cached_tail = head,
        .sequence = generation * SEQUENCE_STRIDE,
    };
    return MG_OK;
}

void mg_ring_close_writer(mg_ring_writer_t *writer)
{
    /* Pairs with the loads of writer_closed in refresh() and mg_ring_readable: who sees it set
     * sees the last tail. Sequentially consistent for mg_eventcount_notify. */
    atomic_store_explicit(&writer->shared->writer_closed, 1, memory_order_seq_cst);
}

void mg_ring_close_reader(mg_ring_reader_t *reader)
{
    /* Pairs with the loads of reader_closed in mg_ring_write and mg_ring_writable. */
    atomic_store_explicit(&reader->shared->reader_closed, 1, memory_order_seq_cst);
}

/* Headers that follow one another with consecutive sequence numbers, exactly up to tail. */
static mg_status_t walk(const mg_ring_shared_t *shared, const unsigned char *data, size_t capacity)
{
    uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
    uint64_t position = atomic_load_explicit(&shared->head, memory_order_acquire);
    mg_ring_header_t header = {0};
    uint32_t sequence = 0;

    for (bool begun = false; position != tail; begun = true) {
        if (tail - position < sizeof(header))
            return MG_CORRUPT;
        mg_ring_copy_out(data, capacity, position, &header, sizeof(header));
        if (!mg_ring_header_valid(&header, capacity, tail - position))
            return MG_CORRUPT;
        if (begun && header.sequence != sequence)
            return MG_CORRUPT;
        sequence = header.sequence + 1;
        position += mg_ring_record_size(header.length);
    }
    return MG_OK;
}

mg_status_t mg_ring_valid(const void *memory, size_t capacity)
{
    const mg_ring_shared_t *shared = memory;

    if (check_shared(shared, capacity) != MG_OK)
        return MG_CORRUPT;
    return walk(shared, (const unsigned char *)memory + sizeof(*shared), capacity);
}

bool mg_ring_claimed(const void *memory)
{
    const mg_ring_shared_t *shared = memory;

    return atomic_load_explicit(&shared->claim, memory_order_acquire) !=
           atomic_load_explicit(&shared->tail, memory_order_acquire);
}
