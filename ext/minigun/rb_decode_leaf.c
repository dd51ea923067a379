#include <ruby/encoding.h>
#include <string.h>

#include "rb_decode_parts.h"
#include "rb_status.h"
#include "rb_user_code.h"

/* Bytes. Longer ones are no names of columns. */
#define LONGEST_KEY 64

/* Instead of the tag of a raise: the failure is an exception still to be raised. */
#define REFUSED (-1)

static rb_encoding *encodings[MG_WIRE_NAMED];
/* Of Ruby's first encodings, which fit into the flags of a String. */
static int indexes[MG_WIRE_NAMED];

/* Only the first failure is kept; what was raised stays in $! until the message is read. */
static void keep_failure(mg_codec_decoder_t *decoder, int state, VALUE failure)
{
    if (decoder->failed)
        return;
    decoder->failed = state;
    decoder->failure = failure;
}

static void refuse(mg_codec_decoder_t *decoder, VALUE text)
{
    keep_failure(decoder, REFUSED, rb_mg_error_new(rb_mg_eSerializationError, text, (char *)NULL));
}

void rb_mg_raise_failure(mg_codec_decoder_t *decoder)
{
    VALUE failure = decoder->failure;

    decoder->failure = Qnil;
    if (decoder->failed == REFUSED)
        rb_exc_raise(failure);
    if (NIL_P(failure))
        rb_jump_tag(decoder->failed);
    rb_mg_raise_serialization(
        rb_sprintf("an object that another process sent cannot be rebuilt: %" PRIsVALUE,
                   rb_mg_reason(failure)),
        Qnil, Qnil, failure);
}

VALUE rb_mg_decode_bignum(const mg_wire_token_t *token)
{
    int flags = INTEGER_PACK_LSWORD_FIRST | INTEGER_PACK_LSBYTE_FIRST;

    return rb_integer_unpack(token->text.bytes, token->text.length, 1, 0,
                             token->flag ? flags | INTEGER_PACK_NEGATIVE : flags);
}

static rb_encoding *named_encoding(mg_codec_decoder_t *decoder, const mg_wire_span_t *name)
{
    char text[MG_WIRE_MAX_ENCODING + 1];
    int index;

    memcpy(text, name->bytes, name->length);
    text[name->length] = '\0';
    index = rb_enc_find_index(text);
    if (index >= 0)
        return rb_enc_from_index(index);
    refuse(decoder, rb_sprintf("the encoding %s is not known in this process", text));
    return encodings[MG_WIRE_BINARY];
}

VALUE rb_mg_decode_string(mg_codec_decoder_t *decoder, const mg_wire_token_t *token)
{
    VALUE string;

    if (token->encoding == MG_WIRE_NAMED)
        return rb_enc_str_new((const char *)token->text.bytes, (long)token->text.length,
                              named_encoding(decoder, &token->name));
    string = rb_str_new((const char *)token->text.bytes, (long)token->text.length);
    RB_ENCODING_SET_INLINED(string, indexes[token->encoding]);
    return string;
}

/* Where a key has its place among those of late. */
static size_t place_of(const unsigned char *bytes, size_t length)
{
    uint64_t first = 0;
    uint64_t last = 0;
    size_t part = length < sizeof(first) ? length : sizeof(first);

    memcpy(&first, bytes, part);
    memcpy(&last, bytes + length - part, part);
    first = (first ^ length) * UINT64_C(0x9e3779b97f4a7c15) + last;
    return (size_t)((first * UINT64_C(0xbf58476d1ce4e5b9)) >> 32) % RB_MG_KEYS;
}

VALUE rb_mg_decode_string_key(mg_codec_decoder_t *decoder, const mg_wire_token_t *token)
{
    const char *bytes = (const char *)token->text.bytes;
    size_t length = token->text.length;
    VALUE *key;

    if (length > LONGEST_KEY)
        return rb_enc_interned_str(bytes, (long)length, encodings[MG_WIRE_UTF8]);
    key = &decoder->keys[place_of(token->text.bytes, length)];
    if (*key == 0 || (size_t)RSTRING_LEN(*key) != length ||
        memcmp(RSTRING_PTR(*key), bytes, length) != 0)
        *key = rb_enc_interned_str(bytes, (long)length, encodings[MG_WIRE_UTF8]);
    return *key;
}

VALUE rb_mg_decode_symbol(mg_codec_decoder_t *decoder, const mg_wire_token_t *token)
{
    VALUE text = rb_mg_decode_string(decoder, token);
    VALUE symbol;

    if (rb_enc_str_coderange(text) == ENC_CODERANGE_BROKEN)
        rb_mg_malformed(MG_MALFORMED);
    symbol = rb_str_intern(text);
    if (token->flag && !rb_mg_entries_append(&decoder->entries, symbol))
        rb_mg_malformed(MG_MALFORMED);
    return symbol;
}

static VALUE entry_of(const mg_codec_decoder_t *decoder, const mg_wire_token_t *token)
{
    if (token->count >= decoder->entries.count)
        rb_mg_malformed(MG_MALFORMED);
    return decoder->entries.items[token->count];
}

VALUE rb_mg_decode_known_symbol(const mg_codec_decoder_t *decoder, const mg_wire_token_t *token)
{
    VALUE entry = entry_of(decoder, token);

    if (!RB_TYPE_P(entry, T_SYMBOL))
        rb_mg_malformed(MG_MALFORMED);
    return entry;
}

VALUE rb_mg_decode_time(const mg_wire_token_t *token)
{
    struct timespec at = {.tv_sec = (time_t)token->integer, .tv_nsec = (long)token->nanoseconds};

    if ((int64_t)at.tv_sec != token->integer)
        rb_mg_malformed(MG_MALFORMED);
    return rb_time_timespec_new(&at, token->flag ? token->offset : INT_MAX - 1);
}

/* Runs one of the rb_mg_try_ functions, unless an earlier failure made the result useless. */
static VALUE run(mg_codec_decoder_t *decoder, VALUE (*function)(VALUE, int *), VALUE argument)
{
    VALUE result;
    int state;

    if (decoder->failed)
        return Qnil;
    decoder->locked = true;
    result = function(argument, &state);
    decoder->locked = false;
    if (!state)
        return result;
    keep_failure(decoder, state, rb_mg_failure());
    return Qnil;
}

VALUE rb_mg_decode_marshal(mg_codec_decoder_t *decoder, const mg_wire_token_t *token)
{
    VALUE string = rb_str_new((const char *)token->text.bytes, (long)token->text.length);

    return run(decoder, rb_mg_try_load, string);
}

static bool struct_class_p(VALUE klass)
{
    return RB_TYPE_P(klass, T_CLASS) && klass != rb_cStruct &&
           RTEST(rb_class_inherited_p(klass, rb_cStruct));
}

/* An entry stays a name until its class was found: after a failure nothing is looked up, but later
 * messages may use the entry. */
static VALUE find_class(mg_codec_decoder_t *decoder, size_t index)
{
    VALUE name = decoder->entries.items[index];
    VALUE klass = run(decoder, rb_mg_try_class, name);

    if (NIL_P(klass))
        return Qnil;
    if (!struct_class_p(klass)) {
        refuse(decoder, rb_sprintf("%" PRIsVALUE " is no Struct in this process", name));
        return Qnil;
    }
    decoder->entries.items[index] = klass;
    return klass;
}

VALUE rb_mg_decode_class(mg_codec_decoder_t *decoder)
{
    mg_wire_token_t token;
    VALUE entry;

    rb_mg_read(mg_wire_read(&decoder->reader, &token));
    if (token.kind == MG_WIRE_CLASS) {
        token.count = decoder->entries.count;
        entry = rb_utf8_str_new((const char *)token.text.bytes, (long)token.text.length);
        if (!rb_mg_entries_append(&decoder->entries, entry))
            rb_mg_malformed(MG_MALFORMED);
    } else if (token.kind != MG_WIRE_ENTRY) {
        rb_mg_malformed(MG_MALFORMED);
    }
    entry = entry_of(decoder, &token);
    if (RB_TYPE_P(entry, T_SYMBOL))
        rb_mg_malformed(MG_MALFORMED);
    return RB_TYPE_P(entry, T_CLASS) ? entry : find_class(decoder, token.count);
}

VALUE rb_mg_build_struct(mg_codec_decoder_t *decoder, VALUE klass, VALUE values)
{
    VALUE object;

    if (NIL_P(klass))
        return Qnil;
    object = rb_obj_alloc(klass);
    if (NUM2LONG(rb_struct_size(object)) != RARRAY_LEN(values)) {
        refuse(decoder, rb_sprintf("%" PRIsVALUE " has other members in this process",
                                   rb_class_name(klass)));
        return Qnil;
    }
    for (long i = 0; i < RARRAY_LEN(values); i++)
        rb_struct_aset(object, LONG2FIX(i), RARRAY_AREF(values, i));
    RB_GC_GUARD(values);
    return object;
}

void rb_mg_init_decode_leaves(void)
{
    encodings[MG_WIRE_UTF8] = rb_utf8_encoding();
    encodings[MG_WIRE_BINARY] = rb_ascii8bit_encoding();
    encodings[MG_WIRE_ASCII] = rb_usascii_encoding();
    for (int i = 0; i < MG_WIRE_NAMED; i++)
        indexes[i] = rb_enc_to_index(encodings[i]);
}
