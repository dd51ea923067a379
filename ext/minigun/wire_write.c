#include <string.h>

#include "wire.h"
#include "wire_tags.h"

/* Tag and two varints: no header without text is longer. */
#define HEADER_MAX (1 + 2 * VARINT_MAX)

mg_status_t mg_wire_make_room(mg_wire_writer_t *writer, size_t extra)
{
    return writer->grow ? writer->grow(writer, extra) : MG_FULL;
}

/* The put_ functions rely on room that their caller reserved. */
static inline void put_byte(mg_wire_writer_t *writer, unsigned byte)
{
    writer->bytes[writer->length++] = (unsigned char)byte;
}

static inline void put_varint(mg_wire_writer_t *writer, uint64_t value)
{
    while (value >= 0x80) {
        put_byte(writer, (unsigned)(value & 0x7f) | 0x80);
        value >>= 7;
    }
    put_byte(writer, (unsigned)value);
}

static inline void put_zigzag(mg_wire_writer_t *writer, int64_t value)
{
    put_varint(writer, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

static inline void put_span(mg_wire_writer_t *writer, mg_wire_span_t span)
{
    if (span.length == 0)
        return;
    memcpy(writer->bytes + writer->length, span.bytes, span.length);
    writer->length += span.length;
}

static mg_status_t write_byte(mg_wire_writer_t *writer, unsigned byte)
{
    mg_status_t status = mg_wire_reserve(writer, 1);

    if (status == MG_OK)
        put_byte(writer, byte);
    return status;
}

static mg_status_t reserve_text(mg_wire_writer_t *writer, size_t length)
{
    if (length > SIZE_MAX - HEADER_MAX - MG_WIRE_MAX_ENCODING)
        return MG_TOO_LARGE;
    return mg_wire_reserve(writer, HEADER_MAX + MG_WIRE_MAX_ENCODING + length);
}

static mg_status_t write_text(mg_wire_writer_t *writer, unsigned tag, mg_wire_span_t text)
{
    mg_status_t status = reserve_text(writer, text.length);

    if (status != MG_OK)
        return status;
    put_byte(writer, tag);
    put_varint(writer, text.length);
    put_span(writer, text);
    return MG_OK;
}

static mg_status_t write_named(mg_wire_writer_t *writer, unsigned tag, mg_wire_span_t name,
                               mg_wire_span_t text)
{
    mg_status_t status;

    if (name.length == 0 || name.length > MG_WIRE_MAX_ENCODING)
        return MG_INVALID;
    status = reserve_text(writer, text.length);
    if (status != MG_OK)
        return status;
    put_byte(writer, tag);
    put_varint(writer, name.length);
    put_span(writer, name);
    put_varint(writer, text.length);
    put_span(writer, text);
    return MG_OK;
}

static mg_status_t write_counted(mg_wire_writer_t *writer, unsigned tag, unsigned short_tag,
                                 size_t short_limit, size_t count)
{
    mg_status_t status = mg_wire_reserve(writer, HEADER_MAX);

    if (status != MG_OK)
        return status;
    if (count < short_limit) {
        put_byte(writer, short_tag + (unsigned)count);
    } else {
        put_byte(writer, tag);
        put_varint(writer, count);
    }
    return MG_OK;
}

mg_status_t mg_wire_write_nil(mg_wire_writer_t *writer)
{
    return write_byte(writer, TAG_NIL);
}

mg_status_t mg_wire_write_boolean(mg_wire_writer_t *writer, bool value)
{
    return write_byte(writer, value ? TAG_TRUE : TAG_FALSE);
}

mg_status_t mg_wire_write_integer(mg_wire_writer_t *writer, int64_t value)
{
    mg_status_t status = mg_wire_reserve(writer, HEADER_MAX);

    if (status != MG_OK)
        return status;
    if (value >= SHORT_INTEGER_MIN && value <= SHORT_INTEGER_MAX) {
        put_byte(writer, (unsigned)(TAG_SHORT_INTEGER + (value - SHORT_INTEGER_MIN)));
    } else {
        put_byte(writer, TAG_INTEGER);
        put_zigzag(writer, value);
    }
    return MG_OK;
}

mg_status_t mg_wire_write_float(mg_wire_writer_t *writer, double value)
{
    mg_status_t status = mg_wire_reserve(writer, 1 + sizeof(uint64_t));
    uint64_t bits;

    if (status != MG_OK)
        return status;
    memcpy(&bits, &value, sizeof(bits));
    put_byte(writer, TAG_FLOAT);
    for (unsigned shift = 0; shift < 64; shift += 8)
        put_byte(writer, (unsigned)(bits >> shift) & 0xff);
    return MG_OK;
}

mg_status_t mg_wire_write_array(mg_wire_writer_t *writer, size_t count)
{
    return write_counted(writer, TAG_ARRAY, TAG_SHORT_ARRAY, SHORT_CONTAINER_LIMIT, count);
}

mg_status_t mg_wire_write_hash(mg_wire_writer_t *writer, size_t pairs)
{
    return write_counted(writer, TAG_HASH, TAG_SHORT_HASH, SHORT_CONTAINER_LIMIT, pairs);
}

mg_status_t mg_wire_write_entry(mg_wire_writer_t *writer, size_t index)
{
    return write_counted(writer, TAG_ENTRY, TAG_SHORT_ENTRY, SHORT_ENTRY_LIMIT, index);
}

mg_status_t mg_wire_write_range(mg_wire_writer_t *writer, bool exclusive)
{
    return write_byte(writer, exclusive ? TAG_RANGE_EXCLUSIVE : TAG_RANGE);
}

mg_status_t mg_wire_write_string(mg_wire_writer_t *writer, mg_wire_encoding_t encoding,
                                 mg_wire_span_t name, mg_wire_span_t text)
{
    mg_status_t status;

    if (encoding == MG_WIRE_NAMED)
        return write_named(writer, TAG_STRING_NAMED, name, text);
    if (encoding != MG_WIRE_UTF8 || text.length >= SHORT_STRING_LIMIT)
        return write_text(writer, TAG_STRING_UTF8 + (unsigned)encoding, text);
    status = mg_wire_reserve(writer, 1 + SHORT_STRING_LIMIT);
    if (status != MG_OK)
        return status;
    put_byte(writer, TAG_SHORT_STRING + (unsigned)text.length);
    put_span(writer, text);
    return MG_OK;
}

mg_status_t mg_wire_write_symbol(mg_wire_writer_t *writer, bool entry, mg_wire_encoding_t encoding,
                                 mg_wire_span_t name, mg_wire_span_t text)
{
    if (encoding == MG_WIRE_NAMED)
        return write_named(writer, entry ? TAG_SYMBOL_ENTRY_NAMED : TAG_SYMBOL_NAMED, name, text);
    return write_text(writer, entry ? TAG_SYMBOL_ENTRY : TAG_SYMBOL, text);
}

mg_status_t mg_wire_write_class(mg_wire_writer_t *writer, mg_wire_span_t name)
{
    return write_text(writer, TAG_CLASS, name);
}

mg_status_t mg_wire_write_struct(mg_wire_writer_t *writer)
{
    return write_byte(writer, TAG_STRUCT);
}

mg_status_t mg_wire_write_count(mg_wire_writer_t *writer, size_t count)
{
    mg_status_t status = mg_wire_reserve(writer, VARINT_MAX);

    if (status == MG_OK)
        put_varint(writer, count);
    return status;
}

mg_status_t mg_wire_write_time(mg_wire_writer_t *writer, int64_t seconds, uint32_t nanoseconds)
{
    mg_status_t status = mg_wire_reserve(writer, HEADER_MAX);

    if (status != MG_OK)
        return status;
    put_byte(writer, TAG_TIME_UTC);
    put_zigzag(writer, seconds);
    put_varint(writer, nanoseconds);
    return MG_OK;
}

mg_status_t mg_wire_write_time_at(mg_wire_writer_t *writer, int64_t seconds, uint32_t nanoseconds,
                                  int32_t offset)
{
    mg_status_t status = mg_wire_reserve(writer, HEADER_MAX + VARINT_MAX);

    if (status != MG_OK)
        return status;
    put_byte(writer, TAG_TIME);
    put_zigzag(writer, seconds);
    put_varint(writer, nanoseconds);
    put_zigzag(writer, offset);
    return MG_OK;
}

mg_status_t mg_wire_write_bignum(mg_wire_writer_t *writer, bool negative, size_t length,
                                 unsigned char **place)
{
    mg_status_t status = reserve_text(writer, length);

    if (status != MG_OK)
        return status;
    put_byte(writer, negative ? TAG_BIGNUM_NEGATIVE : TAG_BIGNUM_POSITIVE);
    put_varint(writer, length);
    *place = writer->bytes + writer->length;
    writer->length += length;
    return MG_OK;
}

mg_status_t mg_wire_write_marshal(mg_wire_writer_t *writer, mg_wire_span_t text)
{
    return write_text(writer, TAG_MARSHAL, text);
}
