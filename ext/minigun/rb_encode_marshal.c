#include "rb_culprit.h"
#include "rb_encode_parts.h"
#include "rb_user_code.h"

typedef struct {
    mg_codec_encoder_t *encoder;
    VALUE object;
    VALUE failure;
} refusal_t;

static VALUE raise_culprit(VALUE argument)
{
    const refusal_t *refusal = (const refusal_t *)argument;

    rb_mg_raise_culprit(refusal->encoder->place, refusal->object, refusal->failure);
    UNREACHABLE_RETURN(Qnil);
}

static VALUE unlock(VALUE argument)
{
    ((mg_codec_encoder_t *)argument)->locked = false;
    return Qnil;
}

bool rb_mg_encode_marshal(mg_codec_encoder_t *encoder, VALUE object)
{
    refusal_t refusal = {.encoder = encoder, .object = object};
    int state;
    VALUE string;

    if (encoder->alone)
        return false;
    encoder->locked = true;
    string = rb_mg_try_dump(object, &state);
    if (state) {
        refusal.failure = rb_mg_failure();
        if (!NIL_P(refusal.failure))
            rb_ensure(raise_culprit, (VALUE)&refusal, unlock, (VALUE)encoder);
        encoder->locked = false;
        rb_jump_tag(state);
    }
    encoder->locked = false;
    rb_mg_written(mg_wire_write_marshal(
        &encoder->writer, (mg_wire_span_t){.bytes = (const unsigned char *)RSTRING_PTR(string),
                                           .length = (size_t)RSTRING_LEN(string)}));
    RB_GC_GUARD(string);
    return true;
}
