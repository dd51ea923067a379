#include <string.h>

#include "wire.h"
#include "wire_tags.h"

#define CHECK(call)                                                                                \
    do {                                                                                           \
        mg_status_t status_ = (call);                                                              \
        if (status_ != MG_OK)                                                                      \
            return status_;                                                                        \
    } while (0)

static inline size_t left(const mg_wire_reader_t *reader)
{
    return (size_t)(reader->end - reader->cursor);
}

static mg_status_t take_varint(mg_wire_reader_t *reader, uint64_t *value)
{
    uint64_t result = 0;
    unsigned shift = 0;
    unsigned char byte;

    do {
        if (reader->cursor == reader->end)
            return MG_TRUNCATED;
        byte = *reader->cursor++;
        if (shift == 63 && byte > 1)
            return MG_MALFORMED;
        result |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (byte == 0 && shift > 7)
        return MG_MALFORMED;
    *value = result;
    return MG_OK;
}

static mg_status_t take_zigzag(mg_wire_reader_t *reader, int64_t *value)
{
    uint64_t raw;

    CHECK(take_varint(reader, &raw));
    *value = (int64_t)(raw >> 1) ^ ((raw & 1) ? -1 : 0);
    return MG_OK;
}

static mg_status_t take_span(mg_wire_reader_t *reader, size_t length, mg_wire_span_t *span)
{
    if (length > left(reader))
        return MG_TRUNCATED;
    *span = (mg_wire_span_t){.bytes = reader->cursor, .length = length};
    reader->cursor += length;
    return MG_OK;
}

static mg_status_t take_text(mg_wire_reader_t *reader, mg_wire_span_t *span)
{
    uint64_t length;

    CHECK(take_varint(reader, &length));
    return length > left(reader) ? MG_TRUNCATED : take_span(reader, (size_t)length, span);
}

/* Names of encodings end up in file names when Ruby looks for one it has not loaded yet. */
static bool plain_name(mg_wire_span_t name)
{
    if (name.length == 0 || name.length > MG_WIRE_MAX_ENCODING)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        unsigned char c = name.bytes[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

static mg_status_t take_encoded(mg_wire_reader_t *reader, mg_wire_token_t *token,
                                mg_wire_encoding_t encoding)
{
    token->encoding = encoding;
    if (encoding == MG_WIRE_NAMED) {
        CHECK(take_text(reader, &token->name));
        if (!plain_name(token->name))
            return MG_MALFORMED;
    }
    return take_text(reader, &token->text);
}

static mg_status_t take_float(mg_wire_reader_t *reader, double *value)
{
    uint64_t bits = 0;

    if (left(reader) < sizeof(bits))
        return MG_TRUNCATED;
    for (unsigned shift = 0; shift < 64; shift += 8)
        bits |= (uint64_t)*reader->cursor++ << shift;
    memcpy(value, &bits, sizeof(bits));
    return MG_OK;
}

/* `width` bytes at the least are needed for each of what the count announces. */
static mg_status_t check_count(const mg_wire_reader_t *reader, uint64_t count, size_t width)
{
    return count > left(reader) / width ? MG_TRUNCATED : MG_OK;
}

static mg_status_t take_count(mg_wire_reader_t *reader, size_t width, size_t *count)
{
    uint64_t value;

    CHECK(take_varint(reader, &value));
    CHECK(check_count(reader, value, width));
    *count = (size_t)value;
    return MG_OK;
}

static mg_status_t take_index(mg_wire_reader_t *reader, size_t *index)
{
    uint64_t value;

    CHECK(take_varint(reader, &value));
    if (value >= MG_WIRE_MAX_ENTRIES)
        return MG_MALFORMED;
    *index = (size_t)value;
    return MG_OK;
}

static mg_status_t take_time(mg_wire_reader_t *reader, mg_wire_token_t *token)
{
    uint64_t nanoseconds;
    int64_t offset = 0;

    CHECK(take_zigzag(reader, &token->integer));
    CHECK(take_varint(reader, &nanoseconds));
    if (token->flag)
        CHECK(take_zigzag(reader, &offset));
    if (nanoseconds >= NANOSECONDS || offset <= -86400 || offset >= 86400)
        return MG_MALFORMED;
    token->nanoseconds = (uint32_t)nanoseconds;
    token->offset = (int32_t)offset;
    return MG_OK;
}

static mg_status_t read_short(mg_wire_reader_t *reader, unsigned tag, mg_wire_token_t *token)
{
    if (tag >= TAG_SHORT_INTEGER) {
        token->kind = MG_WIRE_INTEGER;
        token->integer = (int64_t)tag - TAG_SHORT_INTEGER + SHORT_INTEGER_MIN;
        return MG_OK;
    }
    if (tag >= TAG_SHORT_ENTRY) {
        token->kind = MG_WIRE_ENTRY;
        token->count = tag - TAG_SHORT_ENTRY;
        return MG_OK;
    }
    if (tag >= TAG_SHORT_HASH) {
        token->kind = MG_WIRE_HASH;
        token->count = tag - TAG_SHORT_HASH;
        return check_count(reader, token->count, 2);
    }
    if (tag >= TAG_SHORT_ARRAY) {
        token->kind = MG_WIRE_ARRAY;
        token->count = tag - TAG_SHORT_ARRAY;
        return check_count(reader, token->count, 1);
    }
    token->kind = MG_WIRE_STRING;
    token->encoding = MG_WIRE_UTF8;
    return take_span(reader, tag - TAG_SHORT_STRING, &token->text);
}

static mg_status_t read_symbol(mg_wire_reader_t *reader, unsigned tag, mg_wire_token_t *token)
{
    bool named = tag == TAG_SYMBOL_ENTRY_NAMED || tag == TAG_SYMBOL_NAMED;

    token->kind = MG_WIRE_SYMBOL;
    token->flag = tag == TAG_SYMBOL_ENTRY || tag == TAG_SYMBOL_ENTRY_NAMED;
    return take_encoded(reader, token, named ? MG_WIRE_NAMED : MG_WIRE_UTF8);
}

static mg_status_t read_compound(mg_wire_reader_t *reader, unsigned tag, mg_wire_token_t *token)
{
    switch (tag) {
    case TAG_ARRAY:
        token->kind = MG_WIRE_ARRAY;
        return take_count(reader, 1, &token->count);
    case TAG_HASH:
        token->kind = MG_WIRE_HASH;
        return take_count(reader, 2, &token->count);
    case TAG_RANGE:
    case TAG_RANGE_EXCLUSIVE:
        token->kind = MG_WIRE_RANGE;
        token->flag = tag == TAG_RANGE_EXCLUSIVE;
        return MG_OK;
    case TAG_TIME_UTC:
    case TAG_TIME:
        token->kind = MG_WIRE_TIME;
        token->flag = tag == TAG_TIME;
        return take_time(reader, token);
    case TAG_STRUCT:
        token->kind = MG_WIRE_STRUCT;
        return MG_OK;
    case TAG_MARSHAL:
        token->kind = MG_WIRE_MARSHAL;
        return take_text(reader, &token->text);
    case TAG_CLASS:
        token->kind = MG_WIRE_CLASS;
        return take_text(reader, &token->text);
    default:
        return MG_MALFORMED;
    }
}

static mg_status_t read_tagged(mg_wire_reader_t *reader, unsigned tag, mg_wire_token_t *token)
{
    switch (tag) {
    case TAG_NIL:
        token->kind = MG_WIRE_NIL;
        return MG_OK;
    case TAG_FALSE:
        token->kind = MG_WIRE_FALSE;
        return MG_OK;
    case TAG_TRUE:
        token->kind = MG_WIRE_TRUE;
        return MG_OK;
    case TAG_INTEGER:
        token->kind = MG_WIRE_INTEGER;
        return take_zigzag(reader, &token->integer);
    case TAG_BIGNUM_POSITIVE:
    case TAG_BIGNUM_NEGATIVE:
        token->kind = MG_WIRE_BIGNUM;
        token->flag = tag == TAG_BIGNUM_NEGATIVE;
        return take_text(reader, &token->text);
    case TAG_FLOAT:
        token->kind = MG_WIRE_FLOAT;
        return take_float(reader, &token->real);
    case TAG_STRING_UTF8:
    case TAG_STRING_BINARY:
    case TAG_STRING_ASCII:
    case TAG_STRING_NAMED:
        token->kind = MG_WIRE_STRING;
        return take_encoded(reader, token, (mg_wire_encoding_t)(tag - TAG_STRING_UTF8));
    case TAG_SYMBOL_ENTRY:
    case TAG_SYMBOL_ENTRY_NAMED:
    case TAG_SYMBOL:
    case TAG_SYMBOL_NAMED:
        return read_symbol(reader, tag, token);
    case TAG_ENTRY:
        token->kind = MG_WIRE_ENTRY;
        return take_index(reader, &token->count);
    default:
        return read_compound(reader, tag, token);
    }
}

void mg_wire_reader_init(mg_wire_reader_t *reader, const void *bytes, size_t length)
{
    reader->cursor = bytes;
    reader->end = reader->cursor + length;
    reader->depth = 0;
}

mg_status_t mg_wire_read(mg_wire_reader_t *reader, mg_wire_token_t *token)
{
    unsigned tag;

    if (reader->cursor == reader->end)
        return MG_TRUNCATED;
    tag = *reader->cursor++;
    return tag >= TAG_SHORT_STRING ? read_short(reader, tag, token)
                                   : read_tagged(reader, tag, token);
}

mg_status_t mg_wire_read_count(mg_wire_reader_t *reader, size_t *count)
{
    return take_count(reader, 1, count);
}

mg_status_t mg_wire_enter(mg_wire_reader_t *reader)
{
    if (reader->depth >= MG_WIRE_MAX_DEPTH)
        return MG_TOO_DEEP;
    reader->depth++;
    return MG_OK;
}

void mg_wire_leave(mg_wire_reader_t *reader)
{
    reader->depth--;
}

mg_status_t mg_wire_finish(const mg_wire_reader_t *reader)
{
    return reader->cursor == reader->end ? MG_OK : MG_MALFORMED;
}
