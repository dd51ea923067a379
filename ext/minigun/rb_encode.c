#include "rb_encode_parts.h"
#include "rb_status.h"

/* Of what is encoded alone, keys included. */
#define MOST_PARTS 256

typedef struct {
    mg_codec_encoder_t *encoder;
    rb_mg_place_t place;
    size_t left;
    unsigned depth;
    bool given_up;
    bool foreign_key;
} hash_walk_t;

static bool encode_object(mg_codec_encoder_t *encoder, VALUE object, unsigned depth);

void rb_mg_encoding_failed(mg_status_t status)
{
    if (status == MG_NO_MEMORY)
        rb_memerror();
    rb_mg_raise(status, "encoding a value");
}

NORETURN(static void changed(VALUE container));

static void changed(VALUE container)
{
    VALUE name = rb_class_name(rb_obj_class(container));

    rb_exc_raise(rb_mg_error_new(
        rb_mg_eSerializationError,
        rb_sprintf("%" PRIsVALUE " was changed while it was sent to another process", name), "path",
        Qnil, "object_class", name, (char *)NULL));
}

static bool too_deep(unsigned depth)
{
    return depth >= MG_WIRE_MAX_DEPTH || (depth % RB_MG_STACK_CHECK == 0 && ruby_stack_check());
}

/* False: nested too deeply for the short forms, or given up: what was written is of no use. */
static inline bool encode_value(mg_codec_encoder_t *encoder, VALUE value, unsigned depth)
{
    mg_status_t status;

    if (!SPECIAL_CONST_P(value))
        return encode_object(encoder, value, depth);
    if (FIXNUM_P(value))
        status = mg_wire_write_integer(&encoder->writer, FIX2LONG(value));
    else if (STATIC_SYM_P(value))
        return rb_mg_encode_symbol(encoder, value);
    else if (NIL_P(value))
        status = mg_wire_write_nil(&encoder->writer);
    else if (FLONUM_P(value))
        status = mg_wire_write_float(&encoder->writer, RFLOAT_VALUE(value));
    else
        status = mg_wire_write_boolean(&encoder->writer, value == Qtrue);
    rb_mg_written(status);
    return true;
}

static inline bool encode_part(mg_codec_encoder_t *encoder, VALUE value, unsigned depth)
{
    if (RB_UNLIKELY(encoder->left == 0))
        return false;
    encoder->left--;
    return encode_value(encoder, value, depth);
}

/* What is larger than what may still come is given up before its first part. */
static bool too_large(const mg_codec_encoder_t *encoder, uint64_t parts)
{
    return parts > encoder->left;
}

static bool encode_array(mg_codec_encoder_t *encoder, VALUE array, unsigned depth)
{
    rb_mg_place_t place = {.parent = encoder->place, .container = array, .key = Qnil};
    long count = RARRAY_LEN(array);
    bool done = true;

    if (too_deep(depth) || too_large(encoder, (uint64_t)count))
        return false;
    rb_mg_written(mg_wire_write_array(&encoder->writer, (size_t)count));
    encoder->place = &place; /* cppcheck-suppress autoVariables; read by calls below only */
    for (; done && place.index < count && place.index < RARRAY_LEN(array); place.index++)
        done = encode_part(encoder, RARRAY_AREF(array, place.index), depth + 1);
    encoder->place = place.parent;
    if (done && RARRAY_LEN(array) != count)
        changed(array);
    RB_GC_GUARD(array);
    return done;
}

/* Any other key has a hash method of its own, which rebuilding the Hash would call. */
static bool simple_key(VALUE key)
{
    if (SPECIAL_CONST_P(key))
        return true;
    switch (BUILTIN_TYPE(key)) {
    case T_SYMBOL:
    case T_FLOAT:
    case T_BIGNUM:
        return true;
    case T_STRING:
        return rb_mg_exactly(key, rb_cString);
    default:
        return false;
    }
}

static int encode_pair(VALUE key, VALUE value, VALUE argument)
{
    hash_walk_t *walk = (hash_walk_t *)argument;

    if (!simple_key(key)) {
        walk->foreign_key = true;
        return ST_STOP;
    }
    if (walk->left == 0)
        changed(walk->place.container);
    walk->left--;
    walk->place.key = key;
    walk->encoder->place = &walk->place;
    if (encode_part(walk->encoder, key, walk->depth + 1) &&
        encode_part(walk->encoder, value, walk->depth + 1))
        return ST_CONTINUE;
    walk->given_up = true;
    return ST_STOP;
}

static bool encode_hash(mg_codec_encoder_t *encoder, VALUE hash, unsigned depth)
{
    hash_walk_t walk = {
        .encoder = encoder,
        .place = {.parent = encoder->place, .container = hash, .key = Qnil},
        .left = RHASH_SIZE(hash),
        .depth = depth,
    };
    size_t start = encoder->writer.length;
    size_t entries = encoder->entries.count;

    if (too_deep(depth) || too_large(encoder, 2 * (uint64_t)walk.left))
        return false;
    rb_mg_written(mg_wire_write_hash(&encoder->writer, walk.left));
    if (walk.left > 0)
        rb_hash_foreach(hash, encode_pair, (VALUE)&walk);
    encoder->place = walk.place.parent;
    if (walk.given_up)
        return false;
    if (walk.foreign_key) {
        encoder->writer.length = start;
        rb_mg_entries_truncate(&encoder->entries, entries);
        return rb_mg_encode_marshal(encoder, hash);
    }
    if (walk.left > 0)
        changed(hash);
    RB_GC_GUARD(hash);
    return true;
}

static bool encode_struct(mg_codec_encoder_t *encoder, VALUE object, unsigned depth)
{
    rb_mg_place_t place = {.parent = encoder->place, .container = object, .key = Qnil};
    long count = NUM2LONG(rb_struct_size(object));
    bool done = true;

    if (too_deep(depth))
        return false;
    if (!rb_mg_encode_struct_class(encoder, object))
        return rb_mg_encode_marshal(encoder, object);
    rb_mg_written(mg_wire_write_count(&encoder->writer, (size_t)count));
    encoder->place = &place; /* cppcheck-suppress autoVariables; read by calls below only */
    for (; done && place.index < count; place.index++)
        done = encode_value(encoder, rb_struct_aref(object, LONG2FIX(place.index)), depth + 1);
    encoder->place = place.parent;
    RB_GC_GUARD(object);
    return done;
}

static bool ordinary(const mg_codec_encoder_t *encoder, VALUE hash)
{
    return encoder->alone ? rb_mg_surely_ordinary_hash(hash) : rb_mg_ordinary_hash(hash);
}

static bool encode_object(mg_codec_encoder_t *encoder, VALUE object, unsigned depth)
{
    bool done = false;

    switch (BUILTIN_TYPE(object)) {
    case T_STRING:
        done = rb_mg_exactly(object, rb_cString) && rb_mg_encode_string(encoder, object);
        break;
    case T_SYMBOL:
        return rb_mg_encode_symbol(encoder, object);
    case T_ARRAY:
        if (rb_mg_exactly(object, rb_cArray))
            return encode_array(encoder, object, depth);
        break;
    case T_HASH:
        if (rb_mg_exactly(object, rb_cHash) && ordinary(encoder, object))
            return encode_hash(encoder, object, depth);
        break;
    case T_FLOAT:
        rb_mg_written(mg_wire_write_float(&encoder->writer, RFLOAT_VALUE(object)));
        return true;
    case T_BIGNUM:
        rb_mg_encode_bignum(encoder, object);
        return true;
    case T_STRUCT:
        if (encoder->alone)
            break;
        if (rb_mg_exactly(object, rb_cRange))
            done = rb_mg_encode_range(encoder, object);
        else if (rb_mg_bare(object) && rb_obj_is_kind_of(object, rb_cStruct))
            return encode_struct(encoder, object, depth);
        break;
    case T_DATA:
        done = !encoder->alone && rb_mg_exactly(object, rb_cTime) &&
               rb_mg_encode_time(encoder, object);
        break;
    default:
        break;
    }
    return done || rb_mg_encode_marshal(encoder, object);
}

static void begin(mg_codec_encoder_t *encoder, bool alone)
{
    if (encoder->unfinished)
        rb_mg_encoder_rollback(encoder);
    encoder->checkpoint = encoder->entries.count;
    encoder->unfinished = true;
    encoder->alone = alone;
    encoder->left = alone ? MOST_PARTS : UINT64_MAX;
    encoder->place = NULL;
    encoder->writer.length = 0;
}

static void finish(mg_codec_encoder_t *encoder)
{
    encoder->bytes = encoder->writer.bytes;
    encoder->length = encoder->writer.length;
    encoder->place = NULL;
    encoder->unfinished = false;
}

void rb_mg_encode(mg_codec_encoder_t *encoder, VALUE object)
{
    if (encoder->locked)
        rb_raise(rb_mg_eError, "a value is being sent already, and sending it led here");
    begin(encoder, false);
    if (!encode_value(encoder, object, 0)) {
        /* Cyclic, perhaps: Marshal keeps identity, so it sees a cycle for what it is. */
        encoder->writer.length = 0;
        rb_mg_entries_truncate(&encoder->entries, encoder->checkpoint);
        encoder->place = NULL;
        (void)rb_mg_encode_marshal(encoder, object);
    }
    finish(encoder);
    RB_GC_GUARD(object);
}

bool rb_mg_encode_alone(mg_codec_encoder_t *encoder, VALUE object)
{
    begin(encoder, true);
    if (!encode_value(encoder, object, 0)) {
        rb_mg_encoder_rollback(encoder);
        return false;
    }
    finish(encoder);
    RB_GC_GUARD(object);
    return true;
}
