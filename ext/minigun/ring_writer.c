#include "ring_layout.h"

#include "fault.h"

#include <string.h>

/* Bytes may go around the end of the data area: two parts, the second often empty. */
static void copy_in(unsigned char *data, uint64_t capacity, uint64_t position, const void *source,
                    size_t length)
{
    size_t offset = (size_t)(position & (capacity - 1));
    size_t first = (size_t)capacity - offset;

    if (length == 0)
        return;
    if (first > length)
        first = length;
    memcpy(data + offset, source, first);
    memcpy(data, (const unsigned char *)source + first, length - first);
}

/* The head read here pairs with the store in mg_ring_take: with a weaker load this side could
 * overwrite bytes that the reader has not finished copying. */
static mg_status_t make_room(mg_ring_writer_t *writer, uint64_t size)
{
    uint64_t head;

    if (writer->capacity - (writer->tail - writer->cached_head) >= size)
        return MG_OK;
    head = atomic_load_explicit(&writer->shared->head, memory_order_acquire);
    if (writer->tail - head > writer->capacity)
        return MG_CORRUPT;
    writer->cached_head = head;
    return writer->capacity - (writer->tail - head) >= size ? MG_OK : MG_FULL;
}

static mg_ring_header_t next_header(const mg_ring_writer_t *writer, const mg_message_t *message)
{
    size_t left = message->length - message->written;
    uint32_t limit = mg_ring_fragment_limit(writer->capacity);
    uint32_t length = left < limit ? (uint32_t)left : limit;
    uint64_t flags =
        (message->started ? 0 : MG_RECORD_FIRST) | (length == left ? MG_RECORD_LAST : 0);
    mg_ring_header_t header = {
        .extent = message->length | (uint64_t)message->kind << MG_RING_KIND_SHIFT |
                  flags << MG_RING_FLAGS_SHIFT,
        .length = length,
        .aux = message->aux,
        .sequence = writer->sequence,
    };

    return header;
}

static void copy_payload(mg_ring_writer_t *writer, const unsigned char *payload, uint32_t length)
{
    uint64_t position = writer->tail + MG_RING_RECORD_HEADER;

#ifdef MINIGUN_FAULTS
    if (length > 0) {
        copy_in(writer->data, writer->capacity, position, payload, length / 2);
        MG_FAULT(mid_copy);
    }
#endif
    copy_in(writer->data, writer->capacity, position, payload, length);
}

static void publish(mg_ring_writer_t *writer, mg_ring_header_t *header,
                    const unsigned char *payload)
{
    mg_ring_shared_t *shared = writer->shared;
    uint64_t next = writer->tail + mg_ring_record_size(header->length);

    /* An observer of a dead writer must not find bytes of a record that nobody claimed. A process
     * dies between two instructions, and who has waited for its end sees all that came before: it
     * is the compiler alone that must not have the payload written first. */
    atomic_store_explicit(&shared->claim, next, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    MG_FAULT(after_reserve);
    header->checksum = mg_ring_record_checksum(header, payload);
    copy_in(writer->data, writer->capacity, writer->tail, header, sizeof(*header));
    copy_payload(writer, payload, header->length);
    MG_FAULT(before_publish);
    /* Publishes. The release half pairs with the loads of tail in refresh() and mg_ring_readable:
     * without it the reader could see the new tail before the record's bytes. Sequentially
     * consistent for mg_eventcount_notify, which must not look for a waiter before this. */
    atomic_store_explicit(&shared->tail, next, memory_order_seq_cst);
    MG_FAULT(after_publish);
    writer->tail = next;
    writer->sequence++;
}

mg_status_t mg_ring_write(mg_ring_writer_t *writer, mg_message_t *message)
{
    if (message->length > MG_RING_MAX_MESSAGE)
        return MG_TOO_LARGE;
    if (message->written > message->length)
        return MG_INVALID;
    while (!message->started || message->written < message->length) {
        mg_ring_header_t header = next_header(writer, message);
        mg_status_t status;

        if (atomic_load_explicit(&writer->shared->reader_closed, memory_order_acquire) != 0)
            return MG_CLOSED;
        status = make_room(writer, mg_ring_record_size(header.length));
        if (status != MG_OK)
            return status;
        publish(writer, &header, header.length > 0 ? message->bytes + message->written : NULL);
        message->started = true;
        message->written += header.length;
    }
    return MG_OK;
}

bool mg_ring_writable(const mg_ring_writer_t *writer)
{
    const mg_ring_shared_t *shared = writer->shared;
    uint64_t free_bytes;

    /* Both loads are W3 in eventcount.c; they pair with the stores in mg_ring_take and
     * mg_ring_close_reader. Weaker, and the last record taken could be missed before a sleep. */
    if (atomic_load_explicit(&shared->reader_closed, memory_order_seq_cst) != 0)
        return true;
    free_bytes = writer->capacity -
                 (writer->tail - atomic_load_explicit(&shared->head, memory_order_seq_cst));
    /* A head that makes more than the capacity wraps to a huge number: write then says why. */
    return free_bytes >= mg_ring_record_size(mg_ring_fragment_limit(writer->capacity));
}
