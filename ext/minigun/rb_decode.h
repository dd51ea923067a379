/* From bytes to Ruby objects; trusts nothing in the bytes. */
#ifndef RB_DECODE_H
#define RB_DECODE_H

#include "platform.h"

#include <ruby.h>
#include <stdbool.h>

#include "rb_entries.h"
#include "wire.h"

/* String keys that Hashes have had of late, by what is written in them: few are different, and to
 * find one in Ruby's own table takes as long as the rest of a short value. 0 = none. */
#define RB_MG_KEYS 32

/* All zero is a decoder with an empty table. It belongs to a holder as an encoder does. */
typedef struct mg_codec_decoder {
    rb_mg_entries_t entries;
    VALUE keys[RB_MG_KEYS];
    bool unfinished; /* the last decode was cut short: the table may lack entries */
    bool locked;     /* user code runs */
    mg_wire_reader_t reader;
    int failed;    /* the tag of the first raise out of user code, 0 for none */
    VALUE failure; /* what was raised, nil for a throw or the like */
} mg_codec_decoder_t;

void rb_mg_decoder_init(mg_codec_decoder_t *decoder);
void rb_mg_decoder_mark(const mg_codec_decoder_t *decoder);
void rb_mg_decoder_free(mg_codec_decoder_t *decoder);
size_t rb_mg_decoder_memsize(const mg_codec_decoder_t *decoder);

/* Empties the table, for a writer that starts afresh. */
void rb_mg_decoder_reset(mg_codec_decoder_t *decoder);

/* The object of one whole message. The bytes must stay where they are meanwhile, and the decoder
 * must not be freed or reset; a nested call on it raises Minigun::Error.
 * RingCorrupted: the bytes are not exactly one value, or an earlier message was cut short.
 * SerializationError: an object that Marshal refuses to load, or a class that is unknown here; the
 * message was read to its end, and the next one can be decoded. So too after any other raise out
 * of marshal_load. */
VALUE rb_mg_decode(mg_codec_decoder_t *decoder, const unsigned char *bytes, size_t length);

#endif
