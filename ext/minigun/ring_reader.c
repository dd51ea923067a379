#include "ring_layout.h"

#include <string.h>

/* Looks for records beyond those already seen.
 *
 * The load of tail pairs with the store in publish(): relaxed, it would let the bytes of a record
 * be read before they are there. Closed is read after an empty tail and tail once more after it:
 * the writer may have published its last record between the two. */
static mg_status_t refresh(mg_ring_reader_t *reader)
{
    const mg_ring_shared_t *shared = reader->shared;
    uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_acquire);

    if (tail == reader->head) {
        if (atomic_load_explicit(&shared->writer_closed, memory_order_acquire) == 0)
            return MG_EMPTY;
        tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
        if (tail == reader->head)
            return MG_CLOSED;
    }
    if (tail - reader->head > reader->capacity || tail % 8 != 0)
        return MG_CORRUPT;
    reader->cached_tail = tail;
    return MG_OK;
}

/* A first record may come at any time; the others only where the message before them goes on.
 * No record but a message's only one may be without payload: else a message would have no end. */
static bool continues(const mg_ring_reader_t *reader, const mg_record_t *record)
{
    bool first = (record->flags & MG_RECORD_FIRST) != 0;
    bool last = (record->flags & MG_RECORD_LAST) != 0;
    uint64_t left = first ? record->message_length : reader->message_left;

    if (!first && (left == 0 || record->message_length != reader->message_length))
        return false;
    if (record->length == 0 && !(first && last))
        return false;
    return record->length <= left && last == (record->length == left);
}

mg_status_t mg_ring_peek(mg_ring_reader_t *reader, mg_record_t *record)
{
    mg_ring_header_t header = {0};
    uint64_t available;

    if (reader->head == reader->cached_tail) {
        mg_status_t status = refresh(reader);

        if (status != MG_OK)
            return status;
    }
    available = reader->cached_tail - reader->head;
    if (available < sizeof(header))
        return MG_CORRUPT;
    mg_ring_copy_out(reader->data, reader->capacity, reader->head, &header, sizeof(header));
    if (header.sequence != reader->sequence ||
        !mg_ring_header_valid(&header, reader->capacity, available))
        return MG_CORRUPT;
    *record = (mg_record_t){
        .message_length = header.extent & MG_RING_LENGTH_MASK,
        .length = header.length,
        .checksum = header.checksum,
        .aux = header.aux,
        .kind = (uint8_t)(header.extent >> MG_RING_KIND_SHIFT),
        .flags = (uint8_t)(header.extent >> MG_RING_FLAGS_SHIFT),
        .sequence = header.sequence,
    };
    return continues(reader, record) ? MG_OK : MG_CORRUPT;
}

static uint32_t expected_checksum(const mg_record_t *record, const void *payload)
{
    mg_ring_header_t header = {
        .extent = record->message_length | (uint64_t)record->kind << MG_RING_KIND_SHIFT |
                  (uint64_t)record->flags << MG_RING_FLAGS_SHIFT,
        .length = record->length,
        .aux = record->aux,
        .sequence = record->sequence,
    };

    return mg_ring_record_checksum(&header, payload);
}

mg_status_t mg_ring_take(mg_ring_reader_t *reader, const mg_record_t *record, void *destination)
{
    uint64_t size = mg_ring_record_size(record->length);
    uint64_t left;

    if (record->sequence != reader->sequence || size > reader->cached_tail - reader->head)
        return MG_INVALID;
    mg_ring_copy_out(reader->data, reader->capacity, reader->head + MG_RING_RECORD_HEADER,
                     destination, record->length);
    /* Of the copy: the bytes in the ring could change after they were checked. */
    if (expected_checksum(record, destination) != record->checksum)
        return MG_CORRUPT;

    left = (record->flags & MG_RECORD_FIRST) != 0 ? record->message_length : reader->message_left;
    reader->message_length = record->message_length;
    reader->message_left = left - record->length;
    reader->sequence++;
    reader->head += size;
    /* The writer's licence to overwrite. The release half pairs with the loads of head in
     * make_room() and mg_ring_writable: without it the copying above could still be going on.
     * Sequentially consistent for mg_eventcount_notify, as publish() is. */
    atomic_store_explicit(&reader->shared->head, reader->head, memory_order_seq_cst);
    return MG_OK;
}

bool mg_ring_readable(const mg_ring_reader_t *reader)
{
    const mg_ring_shared_t *shared = reader->shared;

    /* W3 in eventcount.c; pairs with the stores in publish() and mg_ring_close_writer. */
    return atomic_load_explicit(&shared->tail, memory_order_seq_cst) != reader->head ||
           atomic_load_explicit(&shared->writer_closed, memory_order_seq_cst) != 0;
}
