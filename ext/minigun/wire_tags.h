/* First bytes of values; wire.h draws the table. For wire_*.c only. */
#ifndef MG_WIRE_TAGS_H
#define MG_WIRE_TAGS_H

enum {
    TAG_NIL = 0x01,
    TAG_FALSE = 0x02,
    TAG_TRUE = 0x03,
    TAG_INTEGER = 0x04,
    TAG_BIGNUM_POSITIVE = 0x05,
    TAG_BIGNUM_NEGATIVE = 0x06,
    TAG_FLOAT = 0x07,
    TAG_STRING_UTF8 = 0x08,
    TAG_STRING_BINARY = 0x09,
    TAG_STRING_ASCII = 0x0a,
    TAG_STRING_NAMED = 0x0b,
    TAG_SYMBOL_ENTRY = 0x0c,
    TAG_SYMBOL_ENTRY_NAMED = 0x0d,
    TAG_SYMBOL = 0x0e,
    TAG_SYMBOL_NAMED = 0x0f,
    TAG_ENTRY = 0x10,
    TAG_ARRAY = 0x11,
    TAG_HASH = 0x12,
    TAG_RANGE = 0x13,
    TAG_RANGE_EXCLUSIVE = 0x14,
    TAG_TIME_UTC = 0x15,
    TAG_TIME = 0x16,
    TAG_STRUCT = 0x17,
    TAG_MARSHAL = 0x18,
    TAG_CLASS = 0x19,
    TAG_SHORT_STRING = 0x20,
    TAG_SHORT_ARRAY = 0x40,
    TAG_SHORT_HASH = 0x50,
    TAG_SHORT_ENTRY = 0x60,
    TAG_SHORT_INTEGER = 0x80
};

#define SHORT_STRING_LIMIT    32
#define SHORT_CONTAINER_LIMIT 16
#define SHORT_ENTRY_LIMIT     32
#define SHORT_INTEGER_MIN     (-32)
#define SHORT_INTEGER_MAX     95

/* Bytes of the longest varint. */
#define VARINT_MAX 10

#define NANOSECONDS 1000000000u

#endif
