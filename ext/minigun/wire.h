/*
 * The byte format of values. Little-endian, no alignment, the same on every platform.
 *
 *   0x00        invalid: zeroed memory is no value     0x11        array       count
 *   0x01        nil                                    0x12        hash        count of pairs
 *   0x02 0x03   false, true                            0x13 0x14   range, inclusive, exclusive
 *   0x04        integer        zigzag                  0x15        UTC time    seconds nanoseconds
 *   0x05 0x06   big integer    + and -, bytes          0x16        time        ... and UTC offset
 *   0x07        float          8 bytes                 0x17        struct      entry, count
 *   0x08        UTF-8 string   bytes                   0x18        marshalled  bytes
 *   0x09        binary string  bytes                   0x19        class, new table entry: name
 *   0x0a        ASCII string   bytes                   0x20..0x3f  UTF-8 string of 0..31 bytes
 *   0x0b        other string   encoding bytes          0x40..0x4f  array of 0..15
 *   0x0c 0x0d   symbol, new table entry: UTF-8, other  0x50..0x5f  hash of 0..15 pairs
 *   0x0e 0x0f   symbol, not kept:        UTF-8, other  0x60..0x7f  table entry 0..31
 *   0x10        table entry    index                   0x80..0xff  integer -32..95
 *
 * bytes, encoding, name: a varint length and so many bytes. index, count, nanoseconds: varint.
 * varint: LEB128, at most 10 bytes, shortest form only. zigzag: a varint of (n << 1) ^ (n >> 63);
 * seconds and UTC offset are zigzag. A big integer's bytes are its magnitude, lowest first.
 * The elements of an array, the keys and values of a hash in turn, the two ends of a range and the
 * members of a struct follow their header as values. The table belongs to the ring, not to the
 * message: writer and reader number its entries alike, from 0.
 *
 * Nothing here allocates: a writer asks `grow` for room, a reader points into the bytes it was
 * given. One thread at a time per writer or reader.
 */
#ifndef MG_WIRE_H
#define MG_WIRE_H

#include <stdbool.h>

#include "platform.h"
#include "status.h"

/* Containers inside containers. Below 127, where Ruby starts to keep the count of walks through one
 * Hash, as a cycle makes them, outside of the object. */
#define MG_WIRE_MAX_DEPTH 100u

/* Entries of a table. Symbols beyond it travel by name each time. */
#define MG_WIRE_MAX_ENTRIES 4096u

/* Bytes in the name of an encoding. */
#define MG_WIRE_MAX_ENCODING 63u

typedef struct mg_wire_writer mg_wire_writer_t;

/* Makes room for `extra` more bytes, keeping those written. MG_OK, MG_NO_MEMORY, MG_TOO_LARGE. */
typedef mg_status_t mg_wire_grow_t(mg_wire_writer_t *writer, size_t extra);

struct mg_wire_writer {
    unsigned char *bytes;
    size_t length;
    size_t capacity;
    mg_wire_grow_t *grow; /* NULL: the given memory is all there is, MG_FULL when it is used up */
};

typedef enum {
    MG_WIRE_UTF8,
    MG_WIRE_BINARY,
    MG_WIRE_ASCII,
    MG_WIRE_NAMED /* any other encoding, by its name */
} mg_wire_encoding_t;

typedef struct {
    const unsigned char *bytes;
    size_t length;
} mg_wire_span_t;

typedef enum {
    MG_WIRE_NIL,
    MG_WIRE_FALSE,
    MG_WIRE_TRUE,
    MG_WIRE_INTEGER, /* integer */
    MG_WIRE_BIGNUM,  /* flag: negative; text: magnitude */
    MG_WIRE_FLOAT,   /* real */
    MG_WIRE_STRING,  /* text, encoding, name */
    MG_WIRE_SYMBOL,  /* flag: a new table entry; text, encoding (UTF8 or NAMED), name */
    MG_WIRE_ENTRY,   /* count: index */
    MG_WIRE_ARRAY,   /* count */
    MG_WIRE_HASH,    /* count: pairs */
    MG_WIRE_RANGE,   /* flag: exclusive */
    MG_WIRE_TIME,    /* integer: seconds, nanoseconds; flag: has an offset, offset */
    MG_WIRE_STRUCT,  /* an entry or a class follows, then what mg_wire_read_count reads */
    MG_WIRE_MARSHAL, /* text */
    MG_WIRE_CLASS    /* text: name; always a new table entry */
} mg_wire_kind_t;

/* One step of reading: which members mean something is said at the kind. */
typedef struct {
    mg_wire_kind_t kind;
    mg_wire_encoding_t encoding;
    bool flag;
    uint32_t nanoseconds;
    int32_t offset;
    int64_t integer;
    double real;
    size_t count;
    mg_wire_span_t text;
    mg_wire_span_t name;
} mg_wire_token_t;

typedef struct {
    const unsigned char *cursor;
    const unsigned char *end;
    unsigned depth;
} mg_wire_reader_t;

/* The cold part of mg_wire_reserve. */
mg_status_t mg_wire_make_room(mg_wire_writer_t *writer, size_t extra);

/* Every writing function answers MG_OK, or what `grow` answered (MG_FULL without one); then
 * nothing of that value was written. */
static inline mg_status_t mg_wire_reserve(mg_wire_writer_t *writer, size_t extra)
{
    return writer->capacity - writer->length >= extra ? MG_OK : mg_wire_make_room(writer, extra);
}

mg_status_t mg_wire_write_nil(mg_wire_writer_t *writer);
mg_status_t mg_wire_write_boolean(mg_wire_writer_t *writer, bool value);
mg_status_t mg_wire_write_integer(mg_wire_writer_t *writer, int64_t value);
mg_status_t mg_wire_write_float(mg_wire_writer_t *writer, double value);
mg_status_t mg_wire_write_array(mg_wire_writer_t *writer, size_t count);
mg_status_t mg_wire_write_hash(mg_wire_writer_t *writer, size_t pairs);
mg_status_t mg_wire_write_range(mg_wire_writer_t *writer, bool exclusive);
mg_status_t mg_wire_write_entry(mg_wire_writer_t *writer, size_t index);
mg_status_t mg_wire_write_string(mg_wire_writer_t *writer, mg_wire_encoding_t encoding,
                                 mg_wire_span_t name, mg_wire_span_t text);

/* `encoding` is UTF8 or NAMED; ASCII names count as UTF-8. */
mg_status_t mg_wire_write_symbol(mg_wire_writer_t *writer, bool entry, mg_wire_encoding_t encoding,
                                 mg_wire_span_t name, mg_wire_span_t text);
mg_status_t mg_wire_write_class(mg_wire_writer_t *writer, mg_wire_span_t name);

/* The two parts of a struct's header; between them the caller writes an entry or a class. */
mg_status_t mg_wire_write_struct(mg_wire_writer_t *writer);
mg_status_t mg_wire_write_count(mg_wire_writer_t *writer, size_t count);

mg_status_t mg_wire_write_time(mg_wire_writer_t *writer, int64_t seconds, uint32_t nanoseconds);
mg_status_t mg_wire_write_time_at(mg_wire_writer_t *writer, int64_t seconds, uint32_t nanoseconds,
                                  int32_t offset);

/* Writes the header and leaves `length` bytes for the caller to fill in at once: `*place`. */
mg_status_t mg_wire_write_bignum(mg_wire_writer_t *writer, bool negative, size_t length,
                                 unsigned char **place);
mg_status_t mg_wire_write_marshal(mg_wire_writer_t *writer, mg_wire_span_t text);

void mg_wire_reader_init(mg_wire_reader_t *reader, const void *bytes, size_t length);

/* Reads one step. A count never promises more elements than there are bytes left, so that it may
 * size a loop; memory should be taken as elements really come.
 * MG_OK, MG_TRUNCATED, MG_MALFORMED. The reader is of no use after a failure. */
mg_status_t mg_wire_read(mg_wire_reader_t *reader, mg_wire_token_t *token);
mg_status_t mg_wire_read_count(mg_wire_reader_t *reader, size_t *count);

/* Around the contents of an array, hash, range or struct. MG_OK, MG_TOO_DEEP. */
mg_status_t mg_wire_enter(mg_wire_reader_t *reader);
void mg_wire_leave(mg_wire_reader_t *reader);

/* MG_OK when every byte was read, else MG_MALFORMED. */
mg_status_t mg_wire_finish(const mg_wire_reader_t *reader);

#endif
