/*
 * Which objects are encoded without a call of Ruby's and without an error but want of memory: those
 * need no Mutex and nothing that cleans up, for no other thread runs and nothing is raised
 * meanwhile.
 *
 * To look costs a part of what it saves, so it is given up early with what is large or nested.
 */
#include <ruby/encoding.h>

#include "rb_encode_parts.h"

/* Of what is looked at, keys included. */
#define MOST_PARTS 64
#define MOST_DEPTH 4

typedef struct {
    unsigned parts;
    unsigned depth;
    bool alone;
} look_t;

static bool look(look_t *look_at, VALUE object);

static bool short_encoding(VALUE string)
{
    int index = RB_ENCODING_GET(string);

    return index == rb_utf8_encindex() || index == rb_ascii8bit_encindex() ||
           index == rb_usascii_encindex();
}

static bool short_symbol(VALUE symbol)
{
    return short_encoding(rb_sym2str(symbol));
}

static bool look_into_array(look_t *look_at, VALUE array)
{
    if (RARRAY_LEN(array) > MOST_PARTS)
        return false;
    for (long i = 0; i < RARRAY_LEN(array); i++)
        if (!look(look_at, RARRAY_AREF(array, i)))
            return false;
    return true;
}

/* Keys of other classes make the whole Hash one for Marshal. */
static int look_at_pair(VALUE key, VALUE value, VALUE argument)
{
    look_t *look_at = (look_t *)argument;
    bool simple = SPECIAL_CONST_P(key) || RB_TYPE_P(key, T_STRING) || RB_TYPE_P(key, T_SYMBOL);

    look_at->alone = simple && look(look_at, key) && look(look_at, value);
    return look_at->alone ? ST_CONTINUE : ST_STOP;
}

static bool look_into_hash(look_t *look_at, VALUE hash)
{
    if (RHASH_SIZE(hash) > MOST_PARTS / 2 || !rb_mg_surely_ordinary_hash(hash))
        return false;
    look_at->alone = true;
    if (RHASH_SIZE(hash) > 0)
        rb_hash_foreach(hash, look_at_pair, (VALUE)look_at);
    return look_at->alone;
}

static bool look_into(look_t *look_at, VALUE container)
{
    bool alone = false;

    if (++look_at->depth <= MOST_DEPTH)
        alone = RB_TYPE_P(container, T_HASH) ? look_into_hash(look_at, container)
                                             : look_into_array(look_at, container);
    look_at->depth--;
    return alone;
}

static bool look(look_t *look_at, VALUE object)
{
    if (++look_at->parts > MOST_PARTS)
        return false;
    if (SPECIAL_CONST_P(object))
        return !STATIC_SYM_P(object) || short_symbol(object);
    switch (BUILTIN_TYPE(object)) {
    case T_FLOAT:
    case T_BIGNUM:
        return true;
    case T_SYMBOL:
        return short_symbol(object);
    case T_STRING:
        return rb_mg_exactly(object, rb_cString) && short_encoding(object);
    case T_HASH:
        return rb_mg_exactly(object, rb_cHash) && look_into(look_at, object);
    case T_ARRAY:
        return rb_mg_exactly(object, rb_cArray) && look_into(look_at, object);
    default:
        return false;
    }
}

bool rb_mg_encodes_alone(VALUE object)
{
    look_t look_at = {0};

    return look(&look_at, object);
}
