#include "rb_codec.h"

#include "minigun.h"
#include "rb_culprit.h"
#include "rb_decode_parts.h"
#include "rb_encode_parts.h"
#include "rb_user_code.h"

typedef struct {
    mg_codec_encoder_t encoder;
    mg_codec_decoder_t decoder;
} codec_t;

static void codec_mark(void *pointer)
{
    const codec_t *codec = pointer;

    rb_mg_encoder_mark(&codec->encoder);
    rb_mg_decoder_mark(&codec->decoder);
}

static void codec_free(void *pointer)
{
    codec_t *codec = pointer;

    rb_mg_encoder_free(&codec->encoder);
    rb_mg_decoder_free(&codec->decoder);
    xfree(codec);
}

static size_t codec_size(const void *pointer)
{
    const codec_t *codec = pointer;

    return sizeof(*codec) + rb_mg_encoder_memsize(&codec->encoder) +
           rb_mg_decoder_memsize(&codec->decoder);
}

static const rb_data_type_t codec_type = {
    .wrap_struct_name = "minigun/native/codec",
    .function = {.dmark = codec_mark, .dfree = codec_free, .dsize = codec_size},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

/* Never seen by Ruby code: it only ties the tables to the stack, for the garbage collector. */
static VALUE make_codec(codec_t **codec)
{
    VALUE holder = TypedData_Make_Struct(0, codec_t, &codec_type, *codec);

    rb_mg_encoder_init(&(*codec)->encoder);
    rb_mg_decoder_init(&(*codec)->decoder);
    return holder;
}

typedef struct {
    mg_codec_encoder_t *encoder;
    VALUE object;
} dump_t;

static VALUE encode(VALUE argument)
{
    const dump_t *dump = (const dump_t *)argument;

    rb_mg_encode(dump->encoder, dump->object);
    return rb_str_new((const char *)dump->encoder->bytes, (long)dump->encoder->length);
}

/* The garbage collector does not know how large the buffer is: it must not be left to it. */
static VALUE free_encoder(VALUE argument)
{
    rb_mg_encoder_free((mg_codec_encoder_t *)argument);
    return Qnil;
}

VALUE rb_mg_dump(VALUE object)
{
    codec_t *codec;
    VALUE holder = make_codec(&codec);
    dump_t dump = {.encoder = &codec->encoder, .object = object};
    VALUE string = rb_ensure(encode, (VALUE)&dump, free_encoder, (VALUE)&codec->encoder);

    RB_GC_GUARD(holder);
    return string;
}

VALUE rb_mg_load(const unsigned char *bytes, size_t length)
{
    codec_t *codec;
    VALUE holder = make_codec(&codec);
    VALUE object = rb_mg_decode(&codec->decoder, bytes, length);

    rb_mg_decoder_free(&codec->decoder);
    RB_GC_GUARD(holder);
    return object;
}

static VALUE native_dump(VALUE self, VALUE object)
{
    (void)self;
    return rb_mg_dump(object);
}

static VALUE native_load(VALUE self, VALUE string)
{
    VALUE bytes, object;

    (void)self;
    StringValue(string);
    /* A frozen copy: code that Marshal calls could change the caller's String under the reader. */
    bytes = rb_str_new_frozen(string);
    object = rb_mg_load((const unsigned char *)RSTRING_PTR(bytes), (size_t)RSTRING_LEN(bytes));
    RB_GC_GUARD(bytes);
    return object;
}

void Init_minigun_codec(VALUE mNative)
{
    rb_mg_init_user_code();
    rb_mg_init_encode_leaves();
    rb_mg_init_hash_kind();
    rb_mg_init_decode_leaves();
    rb_mg_init_culprit();
    rb_define_module_function(mNative, "dump", native_dump, 1);
    rb_define_module_function(mNative, "load", native_load, 1);
}
