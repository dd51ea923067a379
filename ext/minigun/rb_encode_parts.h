/* What the rb_encode_*.c share. Functions that answer bool say false, having written nothing, when
 * the object is none for their short form and has to go by Marshal. */
#ifndef RB_ENCODE_PARTS_H
#define RB_ENCODE_PARTS_H

#include "rb_encode.h"

struct rb_mg_place {
    const rb_mg_place_t *parent;
    VALUE container; /* Array, Hash or Struct */
    VALUE key;       /* of a Hash */
    long index;      /* in an Array or Struct */
};

/* Instance variables make even an object of a core class one for Marshal. */
static inline bool rb_mg_bare(VALUE object)
{
#ifdef HAVE_CONST_RUBY_FL_EXIVAR
    return !RB_FL_TEST_RAW(object, RUBY_FL_EXIVAR);
#else
    return rb_ivar_count(object) == 0;
#endif
}

/* A singleton class, too, shows as a class that is not exactly that one. */
static inline bool rb_mg_exactly(VALUE object, VALUE klass)
{
    return RBASIC_CLASS(object) == klass && rb_mg_bare(object);
}

NORETURN(void rb_mg_encoding_failed(mg_status_t status));

static inline void rb_mg_written(mg_status_t status)
{
    if (RB_UNLIKELY(status != MG_OK))
        rb_mg_encoding_failed(status);
}

bool rb_mg_encode_string(mg_codec_encoder_t *encoder, VALUE string);

/* False: given up, as rb_mg_encode_marshal. */
bool rb_mg_encode_symbol(mg_codec_encoder_t *encoder, VALUE symbol);

void rb_mg_encode_bignum(mg_codec_encoder_t *encoder, VALUE integer);
bool rb_mg_encode_range(mg_codec_encoder_t *encoder, VALUE range);
bool rb_mg_encode_time(mg_codec_encoder_t *encoder, VALUE time);

/* Writes the header of a struct up to its class; the count of its members is left to the caller. */
bool rb_mg_encode_struct_class(mg_codec_encoder_t *encoder, VALUE object);

/* False: nothing may be called. Raises SerializationError when Marshal refuses. */
bool rb_mg_encode_marshal(mg_codec_encoder_t *encoder, VALUE object);

/* Has the Hash no default and does it compare keys by value? */
bool rb_mg_ordinary_hash(VALUE hash);

/* The same, without a call of Ruby's; false where that is not certain. */
bool rb_mg_surely_ordinary_hash(VALUE hash);

void rb_mg_init_encode_leaves(void);
void rb_mg_init_hash_kind(void);

#endif
