#include <ruby/encoding.h>
#include <string.h>

#include "rb_encode_parts.h"
#include "rb_user_code.h"

static int utf8_index, binary_index, ascii_index;
static ID id_utc, id_zone, id_to_i, id_nsec, id_equal;
static ID id_marshal_dump, id_dump, id_marshal_load;

static const mg_wire_span_t no_name = {.bytes = NULL, .length = 0};

static mg_wire_span_t span_of(VALUE string)
{
    return (mg_wire_span_t){.bytes = (const unsigned char *)RSTRING_PTR(string),
                            .length = (size_t)RSTRING_LEN(string)};
}

/* False when a reader would refuse the name: an encoding that the application made. */
static bool encoding_name(int index, mg_wire_span_t *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *text = rb_enc_name(rb_enc_from_index(index));
    size_t length = strlen(text);

    *name = (mg_wire_span_t){.bytes = (const unsigned char *)text, .length = length};
    return length > 0 && length <= MG_WIRE_MAX_ENCODING && strspn(text, plain) == length;
}

bool rb_mg_encode_string(mg_codec_encoder_t *encoder, VALUE string)
{
    int index = RB_ENCODING_GET(string);
    mg_wire_encoding_t encoding = MG_WIRE_UTF8;
    mg_wire_span_t name = no_name;

    if (index == binary_index)
        encoding = MG_WIRE_BINARY;
    else if (index == ascii_index)
        encoding = MG_WIRE_ASCII;
    else if (index != utf8_index) {
        encoding = MG_WIRE_NAMED;
        if (encoder->alone || !encoding_name(index, &name))
            return false;
    }
    rb_mg_written(mg_wire_write_string(&encoder->writer, encoding, name, span_of(string)));
    RB_GC_GUARD(string);
    return true;
}

/* A name of ASCII characters only is the same Symbol in every encoding. */
static bool write_symbol(mg_codec_encoder_t *encoder, VALUE symbol)
{
    VALUE text = rb_sym2str(symbol);
    int index = RB_ENCODING_GET(text);
    bool utf8 = index == utf8_index || index == ascii_index;
    bool entry = encoder->entries.count < MG_WIRE_MAX_ENTRIES;
    mg_wire_span_t name = no_name;

    if (!utf8 && (encoder->alone || !encoding_name(index, &name)))
        return rb_mg_encode_marshal(encoder, symbol);
    rb_mg_written(mg_wire_write_symbol(&encoder->writer, entry, utf8 ? MG_WIRE_UTF8 : MG_WIRE_NAMED,
                                       name, span_of(text)));
    if (entry)
        rb_mg_entries_add(&encoder->entries, symbol);
    RB_GC_GUARD(text);
    return true;
}

bool rb_mg_encode_symbol(mg_codec_encoder_t *encoder, VALUE symbol)
{
    size_t index = rb_mg_entries_find(&encoder->entries, symbol);

    if (index == RB_MG_NO_ENTRY)
        return write_symbol(encoder, symbol);
    rb_mg_written(mg_wire_write_entry(&encoder->writer, index));
    return true;
}

void rb_mg_encode_bignum(mg_codec_encoder_t *encoder, VALUE integer)
{
    size_t length = rb_absint_size(integer, NULL);
    bool negative = RBIGNUM_NEGATIVE_P(integer);
    unsigned char *place;

    rb_mg_written(mg_wire_write_bignum(&encoder->writer, negative, length, &place));
    rb_integer_pack(integer, place, length, 1, 0,
                    INTEGER_PACK_LSWORD_FIRST | INTEGER_PACK_LSBYTE_FIRST);
}

static bool number_or_nil(VALUE value)
{
    return NIL_P(value) || RB_INTEGER_TYPE_P(value) || RB_FLOAT_TYPE_P(value);
}

static void encode_end(mg_codec_encoder_t *encoder, VALUE value)
{
    if (NIL_P(value))
        rb_mg_written(mg_wire_write_nil(&encoder->writer));
    else if (FIXNUM_P(value))
        rb_mg_written(mg_wire_write_integer(&encoder->writer, FIX2LONG(value)));
    else if (RB_FLOAT_TYPE_P(value))
        rb_mg_written(mg_wire_write_float(&encoder->writer, RFLOAT_VALUE(value)));
    else
        rb_mg_encode_bignum(encoder, value);
}

/* Making a Range compares its ends: only where that is no code of the application. */
bool rb_mg_encode_range(mg_codec_encoder_t *encoder, VALUE range)
{
    VALUE first, last;
    int exclusive;

    if (!rb_range_values(range, &first, &last, &exclusive) || !number_or_nil(first) ||
        !number_or_nil(last))
        return false;
    rb_mg_written(mg_wire_write_range(&encoder->writer, exclusive));
    encode_end(encoder, first);
    encode_end(encoder, last);
    return true;
}

/* The short forms hold whole nanoseconds and no zone name. What comes of them is compared with the
 * original, which also finds fractions of a nanosecond. */
bool rb_mg_encode_time(mg_codec_encoder_t *encoder, VALUE time)
{
    bool utc = RTEST(rb_funcallv(time, id_utc, 0, NULL));
    VALUE seconds, offset;
    struct timespec at;

    if (!utc && !NIL_P(rb_funcallv(time, id_zone, 0, NULL)))
        return false;
    seconds = rb_funcallv(time, id_to_i, 0, NULL);
    offset = utc ? INT2FIX(0) : rb_time_utc_offset(time);
    if (!FIXNUM_P(seconds) || !FIXNUM_P(offset))
        return false;
    at.tv_sec = (time_t)FIX2LONG(seconds);
    at.tv_nsec = NUM2LONG(rb_funcallv(time, id_nsec, 0, NULL));
    if (!RTEST(rb_funcall(rb_time_timespec_new(&at, INT_MAX - 1), id_equal, 1, time)))
        return false;
    if (utc)
        rb_mg_written(mg_wire_write_time(&encoder->writer, at.tv_sec, (uint32_t)at.tv_nsec));
    else
        rb_mg_written(mg_wire_write_time_at(&encoder->writer, at.tv_sec, (uint32_t)at.tv_nsec,
                                            (int32_t)FIX2LONG(offset)));
    return true;
}

/* A class that Marshal would treat as a plain struct, and that its name leads back to. */
static bool plain_struct_class(mg_codec_encoder_t *encoder, VALUE object, VALUE *name)
{
    VALUE klass = RBASIC_CLASS(object);
    VALUE found;
    int state;

    if (klass != rb_obj_class(object) || encoder->entries.count >= MG_WIRE_MAX_ENTRIES)
        return false;
    *name = rb_mod_name(klass);
    if (NIL_P(*name) || rb_obj_respond_to(object, id_marshal_dump, 1) ||
        rb_obj_respond_to(object, id_dump, 1) || rb_obj_respond_to(object, id_marshal_load, 1))
        return false;
    encoder->locked = true;
    found = rb_mg_try_class(*name, &state);
    encoder->locked = false;
    if (state && NIL_P(rb_mg_failure()))
        rb_jump_tag(state);
    if (state)
        rb_set_errinfo(Qnil);
    return !state && found == klass;
}

bool rb_mg_encode_struct_class(mg_codec_encoder_t *encoder, VALUE object)
{
    size_t index = rb_mg_entries_find(&encoder->entries, RBASIC_CLASS(object));
    VALUE name;

    if (index == RB_MG_NO_ENTRY && !plain_struct_class(encoder, object, &name))
        return false;
    rb_mg_written(mg_wire_write_struct(&encoder->writer));
    if (index != RB_MG_NO_ENTRY) {
        rb_mg_written(mg_wire_write_entry(&encoder->writer, index));
        return true;
    }
    rb_mg_written(mg_wire_write_class(&encoder->writer, span_of(name)));
    rb_mg_entries_add(&encoder->entries, RBASIC_CLASS(object));
    RB_GC_GUARD(name);
    return true;
}

void rb_mg_init_encode_leaves(void)
{
    utf8_index = rb_utf8_encindex();
    binary_index = rb_ascii8bit_encindex();
    ascii_index = rb_usascii_encindex();
    id_utc = rb_intern("utc?");
    id_zone = rb_intern("zone");
    id_to_i = rb_intern("to_i");
    id_nsec = rb_intern("nsec");
    id_equal = rb_intern("==");
    id_marshal_dump = rb_intern("marshal_dump");
    id_dump = rb_intern("_dump");
    id_marshal_load = rb_intern("marshal_load");
}
