/* The reader of the byte format, given any bytes: it comes to an end, stays inside them, and
 * promises no more elements than there are bytes. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const unsigned char *begin;

static void check_span(const mg_wire_reader_t *reader, mg_wire_span_t span)
{
    volatile unsigned char last;

    if (span.length == 0)
        return;
    REQUIRE(span.bytes >= begin && span.bytes + span.length <= reader->cursor);
    last = span.bytes[span.length - 1];
    (void)last;
}

static mg_status_t walk(mg_wire_reader_t *reader);

static mg_status_t walk_all(mg_wire_reader_t *reader, size_t count)
{
    mg_status_t status = mg_wire_enter(reader);

    REQUIRE(reader->depth <= MG_WIRE_MAX_DEPTH);
    for (; status == MG_OK && count > 0; count--)
        status = walk(reader);
    if (status == MG_OK)
        mg_wire_leave(reader);
    return status;
}

static mg_status_t walk_struct(mg_wire_reader_t *reader)
{
    mg_wire_token_t token;
    size_t count = 0;
    mg_status_t status = mg_wire_read(reader, &token);

    if (status == MG_OK && token.kind != MG_WIRE_ENTRY && token.kind != MG_WIRE_CLASS)
        return MG_MALFORMED;
    if (status == MG_OK)
        status = mg_wire_read_count(reader, &count);
    if (status != MG_OK)
        return status;
    REQUIRE(count <= (size_t)(reader->end - reader->cursor));
    return walk_all(reader, count);
}

static mg_status_t walk(mg_wire_reader_t *reader)
{
    mg_wire_token_t token = {0};
    mg_status_t status = mg_wire_read(reader, &token);

    REQUIRE(reader->cursor <= reader->end);
    if (status != MG_OK)
        return status;
    switch (token.kind) {
    case MG_WIRE_STRING:
    case MG_WIRE_SYMBOL:
        check_span(reader, token.text);
        if (token.encoding == MG_WIRE_NAMED) {
            REQUIRE(token.name.length > 0 && token.name.length <= MG_WIRE_MAX_ENCODING);
            check_span(reader, token.name);
        }
        return MG_OK;
    case MG_WIRE_BIGNUM:
    case MG_WIRE_MARSHAL:
    case MG_WIRE_CLASS:
        check_span(reader, token.text);
        return MG_OK;
    case MG_WIRE_ENTRY:
        REQUIRE(token.count < MG_WIRE_MAX_ENTRIES);
        return MG_OK;
    case MG_WIRE_ARRAY:
        REQUIRE(token.count <= (size_t)(reader->end - reader->cursor));
        return walk_all(reader, token.count);
    case MG_WIRE_HASH:
        REQUIRE(token.count <= (size_t)(reader->end - reader->cursor) / 2);
        return walk_all(reader, token.count * 2);
    case MG_WIRE_RANGE:
        return walk_all(reader, 2);
    case MG_WIRE_STRUCT:
        return walk_struct(reader);
    default:
        return MG_OK;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    mg_wire_reader_t reader;
    mg_status_t status = MG_OK;

    begin = bytes;
    mg_wire_reader_init(&reader, bytes, length);
    while (status == MG_OK && reader.cursor < reader.end)
        status = walk(&reader);
    REQUIRE(status == MG_OK || status == MG_TRUNCATED || status == MG_MALFORMED ||
            status == MG_TOO_DEEP);
    if (status == MG_OK)
        REQUIRE(mg_wire_finish(&reader) == MG_OK);
    return 0;
}
