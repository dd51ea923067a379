#include "rb_message.h"

#include <errno.h>
#include <stdlib.h>

static mg_status_t make_room(rb_mg_message_t *message, size_t length)
{
    size_t needed = message->length + length;
    size_t capacity = message->capacity;
    unsigned char *bytes;

    if (needed < length)
        return MG_TOO_LARGE;
    if (needed <= capacity && message->bytes != NULL)
        return MG_OK;
    capacity = capacity + capacity / 2 > needed ? capacity + capacity / 2 : needed + 64;
    bytes = realloc(message->bytes, capacity);
    if (bytes == NULL) {
        errno = ENOMEM;
        return MG_NO_MEMORY;
    }
    message->bytes = bytes;
    message->capacity = capacity;
    return MG_OK;
}

static bool continues(const rb_mg_message_t *message, const mg_record_t *record)
{
    return message->partial && record->kind == message->kind && record->aux == message->aux &&
           record->message_length == message->expected;
}

/* A first fragment gives up whatever was unfinished: its writer did. */
static mg_status_t begin_or_continue(rb_mg_message_t *message, const mg_record_t *record)
{
    if ((record->flags & MG_RECORD_FIRST) != 0) {
        message->length = 0;
        message->expected = record->message_length;
        message->kind = record->kind;
        message->aux = record->aux;
        message->partial = true;
    } else if (!continues(message, record)) {
        return MG_CORRUPT;
    }
    if (record->length > message->expected - message->length)
        return MG_CORRUPT;
    return make_room(message, record->length);
}

/* Waking a writer for each small record would cost two switches of context a record. A quarter of
 * the ring is also the largest fragment there is. */
static void tell_writer(rb_mg_message_t *message, size_t enough, mg_eventcount_t *room)
{
    if (message->freed == 0 || message->freed < enough)
        return;
    message->freed = 0;
    (void)mg_eventcount_notify(room);
}

mg_status_t rb_mg_message_receive(rb_mg_message_t *message, mg_ring_reader_t *reader,
                                  mg_eventcount_t *room)
{
    size_t enough = (size_t)reader->capacity / 4;
    mg_record_t record;
    mg_status_t status;

    while ((status = mg_ring_peek(reader, &record)) == MG_OK) {
        status = begin_or_continue(message, &record);
        if (status != MG_OK)
            return status;
        status = mg_ring_take(reader, &record, message->bytes + message->length);
        if (status != MG_OK)
            return status;
        message->freed += MG_RING_RECORD_HEADER + record.length;
        tell_writer(message, enough, room);
        message->length += record.length;
        if ((record.flags & MG_RECORD_LAST) == 0)
            continue;
        message->partial = false;
        return message->length == message->expected ? MG_OK : MG_CORRUPT;
    }
    tell_writer(message, 0, room);
    return status;
}

void rb_mg_message_clear(rb_mg_message_t *message)
{
    message->length = 0;
    message->partial = false;
    if (message->capacity <= RB_MG_KEPT_BYTES)
        return;
    free(message->bytes);
    message->bytes = NULL;
    message->capacity = 0;
}

void rb_mg_message_free(rb_mg_message_t *message)
{
    free(message->bytes);
    *message = (rb_mg_message_t){0};
}
