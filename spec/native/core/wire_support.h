/* A writer with a page of memory, and reading back what it wrote. */
#ifndef WIRE_SUPPORT_H
#define WIRE_SUPPORT_H

#include "harness.h"
#include "wire.h"

static unsigned char memory[4096];
static mg_wire_writer_t writer;

static inline void start(void)
{
    writer = (mg_wire_writer_t){.bytes = memory, .capacity = sizeof(memory)};
}

static inline mg_wire_span_t span(const char *text)
{
    return (mg_wire_span_t){.bytes = (const unsigned char *)text, .length = strlen(text)};
}

/* Reads one step out of memory of exactly that size, so that a sanitizer sees a byte too many. */
static inline mg_status_t read_exactly(const void *bytes, size_t length, mg_wire_token_t *token,
                                       size_t *used)
{
    unsigned char *copy = malloc(length ? length : 1);
    mg_wire_reader_t reader;
    mg_status_t status;

    ASSERT(copy != NULL);
    if (length > 0)
        memcpy(copy, bytes, length);
    mg_wire_reader_init(&reader, copy, length);
    status = mg_wire_read(&reader, token);
    *used = (size_t)(reader.cursor - copy);
    free(copy);
    return status;
}

/* What was written reads back whole, and no shorter. The header alone of a container reads back
 * only with room for its elements, so these get bytes to spare. */
static inline mg_wire_token_t read_back(size_t spare)
{
    mg_wire_token_t token;
    size_t used;

    for (size_t length = 0; length < writer.length; length++)
        ASSERT_STATUS(MG_TRUNCATED, read_exactly(memory, length, &token, &used));
    memset(memory + writer.length, 0x01, spare);
    ASSERT_OK(read_exactly(memory, writer.length + spare, &token, &used));
    ASSERT_EQ(writer.length, used);
    return token;
}

#endif
