#include "rb_encode.h"

#include <stdlib.h>

#define FIRST_CAPACITY 1024

/* Plain realloc: no garbage collection may start while bytes are copied out of Ruby objects. */
static mg_status_t grow(mg_wire_writer_t *writer, size_t extra)
{
    size_t capacity = writer->capacity ? writer->capacity : FIRST_CAPACITY;
    unsigned char *bytes;

    if (extra > SIZE_MAX / 4 - writer->length)
        return MG_TOO_LARGE;
    while (capacity < writer->length + extra)
        capacity *= 2;
    bytes = realloc(writer->bytes, capacity);
    if (bytes == NULL)
        return MG_NO_MEMORY;
    writer->bytes = bytes;
    writer->capacity = capacity;
    return MG_OK;
}

void rb_mg_encoder_rollback(mg_codec_encoder_t *encoder)
{
    rb_mg_entries_truncate(&encoder->entries, encoder->checkpoint);
    encoder->unfinished = false;
}

void rb_mg_encoder_init(mg_codec_encoder_t *encoder)
{
    *encoder = (mg_codec_encoder_t){.writer = {.grow = grow}};
}

void rb_mg_encoder_mark(const mg_codec_encoder_t *encoder)
{
    rb_mg_entries_mark(&encoder->entries);
}

void rb_mg_encoder_free(mg_codec_encoder_t *encoder)
{
    free(encoder->writer.bytes);
    encoder->writer = (mg_wire_writer_t){.grow = grow};
    rb_mg_entries_free(&encoder->entries);
}

size_t rb_mg_encoder_memsize(const mg_codec_encoder_t *encoder)
{
    return encoder->writer.capacity + rb_mg_entries_memsize(&encoder->entries);
}

void rb_mg_encoder_reset(mg_codec_encoder_t *encoder)
{
    rb_mg_entries_truncate(&encoder->entries, 0);
    encoder->checkpoint = 0;
    encoder->unfinished = false;
}

void rb_mg_encoder_trim(mg_codec_encoder_t *encoder, size_t keep)
{
    if (encoder->writer.capacity <= keep || encoder->locked)
        return;
    free(encoder->writer.bytes);
    encoder->writer.bytes = NULL;
    encoder->writer.capacity = encoder->writer.length = encoder->length = 0;
    encoder->bytes = NULL;
}
