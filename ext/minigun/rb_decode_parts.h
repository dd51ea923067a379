/* What the rb_decode*.c share. */
#ifndef RB_DECODE_PARTS_H
#define RB_DECODE_PARTS_H

#include "rb_decode.h"

NORETURN(void rb_mg_malformed(mg_status_t status));

static inline void rb_mg_read(mg_status_t status)
{
    if (RB_UNLIKELY(status != MG_OK))
        rb_mg_malformed(status);
}

/* The value that begins with the step just read. */
VALUE rb_mg_decode_token(mg_codec_decoder_t *decoder, const mg_wire_token_t *token);

VALUE rb_mg_decode_bignum(const mg_wire_token_t *token);
VALUE rb_mg_decode_string(mg_codec_decoder_t *decoder, const mg_wire_token_t *token);
VALUE rb_mg_decode_string_key(mg_codec_decoder_t *decoder,
                              const mg_wire_token_t *token); /* UTF-8, frozen */
VALUE rb_mg_decode_symbol(mg_codec_decoder_t *decoder, const mg_wire_token_t *token);
VALUE rb_mg_decode_time(const mg_wire_token_t *token);

VALUE rb_mg_decode_known_symbol(const mg_codec_decoder_t *decoder, const mg_wire_token_t *token);

/* In what follows a failure is kept for the end of the message and nil returned: the rest must
 * still be read, for what it adds to the table. */
VALUE rb_mg_decode_marshal(mg_codec_decoder_t *decoder, const mg_wire_token_t *token);
VALUE rb_mg_decode_class(mg_codec_decoder_t *decoder);
VALUE rb_mg_build_struct(mg_codec_decoder_t *decoder, VALUE klass, VALUE values);
NORETURN(void rb_mg_raise_failure(mg_codec_decoder_t *decoder));

void rb_mg_init_decode_leaves(void);

#endif
