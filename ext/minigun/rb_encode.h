/*
 * From Ruby objects to bytes.
 *
 * A round trip through encode and decode gives what Marshal.load(Marshal.dump(object)) would: an
 * object that is ==, of the same class and encoding, unfrozen where Marshal leaves it so. Objects
 * of the core classes go straight to bytes; subclasses, objects with instance variables or a
 * singleton class, and all other classes go by Marshal, each by itself. Two places of a value that
 * hold the same object come back as two objects, except inside what went by Marshal.
 */
#ifndef RB_ENCODE_H
#define RB_ENCODE_H

#include "platform.h"

#include <ruby.h>
#include <stdbool.h>

#include "rb_entries.h"
#include "wire.h"

/* Where the encoder is, inside the object being encoded; lives on the C stack. */
typedef struct rb_mg_place rb_mg_place_t;

/* All zero is an encoder without memory and with an empty table. It belongs to a Ruby object, the
 * holder, which must not be flagged WB_PROTECTED and whose mark function calls
 * rb_mg_encoder_mark. */
typedef struct mg_codec_encoder {
    const unsigned char *bytes; /* the last message, until the next call; set by rb_mg_encode */
    size_t length;
    mg_wire_writer_t writer;
    rb_mg_entries_t entries;
    size_t checkpoint; /* entries before the last message */
    bool unfinished;   /* the last encode raised: its entries are to be forgotten */
    bool locked;       /* user code runs */
    bool alone;        /* nothing may be called, see rb_mg_encode_alone */
    uint64_t left;     /* values that may still come inside of others */
    const rb_mg_place_t *place;
} mg_codec_encoder_t;

void rb_mg_encoder_init(mg_codec_encoder_t *encoder);
void rb_mg_encoder_mark(const mg_codec_encoder_t *encoder);
void rb_mg_encoder_free(mg_codec_encoder_t *encoder);
size_t rb_mg_encoder_memsize(const mg_codec_encoder_t *encoder);

/* Empties the table, for a reader that starts afresh. */
void rb_mg_encoder_reset(mg_codec_encoder_t *encoder);

/* Encodes into the emptied buffer: encoder->bytes, encoder->length. May raise anything (user code
 * runs in marshal_dump), mostly SerializationError; the table then is as it was before. The
 * encoder must not be freed or reset meanwhile; a nested call on it raises Minigun::Error. */
void rb_mg_encode(mg_codec_encoder_t *encoder, VALUE object);

/* The same if it takes no call of Ruby's and no error but want of memory: for short objects of the
 * core classes, small Hashes and Arrays of them included. Those need no Mutex and nothing that
 * cleans up, for no other thread runs and nothing is raised meanwhile. False: nothing was encoded.
 * What is large or nested is given up early. Not while the encoder is locked. */
bool rb_mg_encode_alone(mg_codec_encoder_t *encoder, VALUE object);

/* Forgets what the last message added to the table: to be called when it was not published. */
void rb_mg_encoder_rollback(mg_codec_encoder_t *encoder);

/* Gives the buffer back when it is larger than `keep` bytes. */
void rb_mg_encoder_trim(mg_codec_encoder_t *encoder, size_t keep);

#endif
