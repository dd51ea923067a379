#include "rb_decode_parts.h"

#include "rb_status.h"

/* A header may announce more elements than ever come: memory is taken as they do. */
#define MAX_PREALLOCATED 4096

/* Elements are gathered on the stack, where the garbage collector finds them, and added together.
 */
#define CHUNK 32

static VALUE decode_value(mg_codec_decoder_t *decoder);

void rb_mg_malformed(mg_status_t status)
{
    rb_mg_raise(status, "decoding a value");
}

static void enter(mg_codec_decoder_t *decoder)
{
    rb_mg_read(mg_wire_enter(&decoder->reader));
    if (decoder->reader.depth % RB_MG_STACK_CHECK == 1 && ruby_stack_check())
        rb_mg_malformed(MG_TOO_DEEP);
}

static VALUE decode_array(mg_codec_decoder_t *decoder, size_t count)
{
    VALUE array = rb_ary_new_capa(count < MAX_PREALLOCATED ? (long)count : MAX_PREALLOCATED);
    VALUE some[CHUNK];

    enter(decoder);
    while (count > 0) {
        size_t length = count < CHUNK ? count : CHUNK;

        for (size_t i = 0; i < length; i++)
            some[i] = decode_value(decoder);
        rb_ary_cat(array, some, (long)length);
        count -= length;
    }
    mg_wire_leave(&decoder->reader);
    return array;
}

/* A Hash interns its String keys anyway: this spares the copy. */
static VALUE decode_key(mg_codec_decoder_t *decoder)
{
    mg_wire_token_t token;
    VALUE key;

    rb_mg_read(mg_wire_read(&decoder->reader, &token));
    if (token.kind == MG_WIRE_STRING && token.encoding == MG_WIRE_UTF8)
        return rb_mg_decode_string_key(decoder, &token);
    key = rb_mg_decode_token(decoder, &token);
    if (SPECIAL_CONST_P(key) || RB_TYPE_P(key, T_SYMBOL) || RB_TYPE_P(key, T_FLOAT) ||
        RB_TYPE_P(key, T_BIGNUM) || (RB_TYPE_P(key, T_STRING) && RBASIC_CLASS(key) == rb_cString))
        return key;
    rb_mg_malformed(MG_MALFORMED);
}

static VALUE decode_hash(mg_codec_decoder_t *decoder, size_t count)
{
    VALUE hash = rb_hash_new();
    VALUE some[CHUNK];

    enter(decoder);
    while (count > 0) {
        size_t length = count < CHUNK / 2 ? count : CHUNK / 2;

        for (size_t i = 0; i < length; i++) {
            some[2 * i] = decode_key(decoder);
            some[2 * i + 1] = decode_value(decoder);
        }
        rb_hash_bulk_insert((long)(2 * length), some, hash);
        count -= length;
    }
    mg_wire_leave(&decoder->reader);
    return hash;
}

/* Only ends that can be compared without code of the application. */
static bool range_ends(VALUE first, VALUE last)
{
    VALUE ends[2] = {first, last};

    for (int i = 0; i < 2; i++) {
        if (!NIL_P(ends[i]) && !RB_INTEGER_TYPE_P(ends[i]) &&
            !(RB_FLOAT_TYPE_P(ends[i]) && RFLOAT_VALUE(ends[i]) == RFLOAT_VALUE(ends[i])))
            return false;
    }
    return true;
}

static VALUE decode_end(mg_codec_decoder_t *decoder)
{
    mg_wire_token_t token;

    rb_mg_read(mg_wire_read(&decoder->reader, &token));
    if (token.kind != MG_WIRE_NIL && token.kind != MG_WIRE_INTEGER &&
        token.kind != MG_WIRE_BIGNUM && token.kind != MG_WIRE_FLOAT)
        rb_mg_malformed(MG_MALFORMED);
    return rb_mg_decode_token(decoder, &token);
}

static VALUE decode_range(mg_codec_decoder_t *decoder, bool exclusive)
{
    VALUE first = decode_end(decoder);
    VALUE last = decode_end(decoder);

    if (!range_ends(first, last))
        rb_mg_malformed(MG_MALFORMED);
    return rb_range_new(first, last, exclusive);
}

static VALUE decode_struct(mg_codec_decoder_t *decoder)
{
    VALUE klass = rb_mg_decode_class(decoder);
    size_t count;
    VALUE values;

    rb_mg_read(mg_wire_read_count(&decoder->reader, &count));
    values = decode_array(decoder, count);
    return rb_mg_build_struct(decoder, klass, values);
}

VALUE rb_mg_decode_token(mg_codec_decoder_t *decoder, const mg_wire_token_t *token)
{
    switch (token->kind) {
    case MG_WIRE_NIL:
        return Qnil;
    case MG_WIRE_FALSE:
        return Qfalse;
    case MG_WIRE_TRUE:
        return Qtrue;
    case MG_WIRE_INTEGER:
        return LL2NUM(token->integer);
    case MG_WIRE_BIGNUM:
        return rb_mg_decode_bignum(token);
    case MG_WIRE_FLOAT:
        return DBL2NUM(token->real);
    case MG_WIRE_STRING:
        return rb_mg_decode_string(decoder, token);
    case MG_WIRE_SYMBOL:
        return rb_mg_decode_symbol(decoder, token);
    case MG_WIRE_ENTRY:
        return rb_mg_decode_known_symbol(decoder, token);
    case MG_WIRE_ARRAY:
        return decode_array(decoder, token->count);
    case MG_WIRE_HASH:
        return decode_hash(decoder, token->count);
    case MG_WIRE_RANGE:
        return decode_range(decoder, token->flag);
    case MG_WIRE_TIME:
        return rb_mg_decode_time(token);
    case MG_WIRE_STRUCT:
        return decode_struct(decoder);
    case MG_WIRE_MARSHAL:
        return rb_mg_decode_marshal(decoder, token);
    case MG_WIRE_CLASS:
        break;
    }
    rb_mg_malformed(MG_MALFORMED);
}

static VALUE decode_value(mg_codec_decoder_t *decoder)
{
    mg_wire_token_t token;

    rb_mg_read(mg_wire_read(&decoder->reader, &token));
    return rb_mg_decode_token(decoder, &token);
}

VALUE rb_mg_decode(mg_codec_decoder_t *decoder, const unsigned char *bytes, size_t length)
{
    VALUE object;

    if (decoder->locked)
        rb_raise(rb_mg_eError, "a value is being received already, and receiving it led here");
    if (decoder->unfinished)
        rb_raise(rb_mg_eRingCorrupted, "an earlier value was received only in part");
    decoder->unfinished = true;
    decoder->failed = 0;
    decoder->failure = Qnil;
    mg_wire_reader_init(&decoder->reader, bytes, length);
    object = decode_value(decoder);
    rb_mg_read(mg_wire_finish(&decoder->reader));
    decoder->unfinished = false;
    if (RB_UNLIKELY(decoder->failed))
        rb_mg_raise_failure(decoder);
    return object;
}

void rb_mg_decoder_init(mg_codec_decoder_t *decoder)
{
    *decoder = (mg_codec_decoder_t){.failure = Qnil};
}

void rb_mg_decoder_mark(const mg_codec_decoder_t *decoder)
{
    rb_mg_entries_mark(&decoder->entries);
    for (size_t i = 0; i < RB_MG_KEYS; i++)
        rb_gc_mark(decoder->keys[i]);
    rb_gc_mark(decoder->failure);
}

void rb_mg_decoder_free(mg_codec_decoder_t *decoder)
{
    rb_mg_entries_free(&decoder->entries);
}

size_t rb_mg_decoder_memsize(const mg_codec_decoder_t *decoder)
{
    return rb_mg_entries_memsize(&decoder->entries);
}

void rb_mg_decoder_reset(mg_codec_decoder_t *decoder)
{
    rb_mg_entries_truncate(&decoder->entries, 0);
    decoder->unfinished = false;
}
