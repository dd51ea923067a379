#include "rb_culprit.h"

#include <ruby/encoding.h>

#include "rb_user_code.h"

#define MAX_LEVELS     64
#define MAX_ATTEMPTS   10000
#define MAX_PATH       300
#define KEY_CHARACTERS 40

typedef struct {
    VALUE seen; /* Array of the objects that were looked into: a cycle leads back to them */
    unsigned attempts;
    bool found;
    VALUE path;
    VALUE object;
    VALUE failure;
} search_t;

/* One object on the way down. */
typedef struct {
    search_t *search;
    VALUE path;
    unsigned depth;
    bool cyclic; /* a part was passed over because it had been looked into */
} level_t;

static ID id_marshal_dump;

/* A path that grows too long ends with dots. */
static void append(VALUE path, VALUE step)
{
    if (RSTRING_LEN(path) >= MAX_PATH)
        return;
    rb_str_append(path, step);
    if (RSTRING_LEN(path) >= MAX_PATH)
        rb_str_cat_cstr(path, "...");
}

/* Keys with an inspect method of their own are shown by their class. */
static VALUE key_step(VALUE key)
{
    VALUE text;

    if (SPECIAL_CONST_P(key) || RB_TYPE_P(key, T_SYMBOL) || RB_TYPE_P(key, T_BIGNUM) ||
        (RB_TYPE_P(key, T_STRING) && RBASIC_CLASS(key) == rb_cString))
        text = rb_str_substr(rb_inspect(key), 0, KEY_CHARACTERS);
    else
        text = rb_sprintf("#<%" PRIsVALUE ">", rb_class_name(rb_obj_class(key)));
    return rb_sprintf("[%" PRIsVALUE "]", text);
}

static VALUE member_step(VALUE object, long index)
{
    VALUE members = rb_struct_members(object);

    return rb_sprintf(".%" PRIsVALUE, rb_sym2str(RARRAY_AREF(members, index)));
}

static VALUE step_of(const rb_mg_place_t *place)
{
    if (RB_TYPE_P(place->container, T_HASH))
        return key_step(place->key);
    if (RB_TYPE_P(place->container, T_ARRAY))
        return rb_sprintf("[%ld]", place->index);
    return member_step(place->container, place->index);
}

static void append_place(VALUE path, const rb_mg_place_t *place)
{
    if (place == NULL)
        return;
    append_place(path, place->parent);
    append(path, step_of(place));
}

static bool look_into(search_t *search, VALUE object, VALUE path, VALUE failure, unsigned depth);

static bool seen(const search_t *search, VALUE object)
{
    for (long i = 0; i < RARRAY_LEN(search->seen); i++) {
        if (RARRAY_AREF(search->seen, i) == object)
            return true;
    }
    return false;
}

/* True ends the walk: the culprit is this part or inside of it. */
static bool try_part(level_t *level, VALUE part, VALUE step)
{
    search_t *search = level->search;
    VALUE path, failure;
    int state;

    if (SPECIAL_CONST_P(part) || search->attempts >= MAX_ATTEMPTS)
        return false;
    if (seen(search, part)) {
        level->cyclic = true;
        return false;
    }
    search->attempts++;
    rb_mg_try_dump(part, &state);
    if (!state)
        return false;
    failure = rb_mg_failure();
    if (NIL_P(failure))
        rb_jump_tag(state);
    rb_set_errinfo(Qnil);
    path = rb_str_dup(level->path);
    append(path, step);
    return look_into(search, part, path, failure, level->depth + 1);
}

static int try_pair(VALUE key, VALUE value, VALUE argument)
{
    level_t *level = (level_t *)argument;

    if (try_part(level, key, rb_str_new_cstr(".key")) || try_part(level, value, key_step(key)))
        return ST_STOP;
    return ST_CONTINUE;
}

static void try_elements(level_t *level, VALUE array)
{
    for (long i = 0; i < RARRAY_LEN(array); i++) {
        if (try_part(level, RARRAY_AREF(array, i), rb_sprintf("[%ld]", i)))
            return;
    }
}

static void try_members(level_t *level, VALUE object)
{
    long count = NUM2LONG(rb_struct_size(object));

    for (long i = 0; i < count; i++) {
        if (try_part(level, rb_struct_aref(object, LONG2FIX(i)), member_step(object, i)))
            return;
    }
}

static void try_ends(level_t *level, VALUE range)
{
    VALUE first, last;
    int exclusive;

    if (rb_range_values(range, &first, &last, &exclusive) &&
        !try_part(level, first, rb_str_new_cstr(".begin")))
        try_part(level, last, rb_str_new_cstr(".end"));
}

static void try_variables(level_t *level, VALUE object)
{
    VALUE names = rb_obj_instance_variables(object);

    for (long i = 0; i < RARRAY_LEN(names); i++) {
        VALUE name = RARRAY_AREF(names, i);

        if (try_part(level, rb_ivar_get(object, rb_sym2id(name)),
                     rb_sprintf(".%" PRIsVALUE, rb_sym2str(name))))
            return;
    }
}

static VALUE call_marshal_dump(VALUE object)
{
    return rb_funcall(object, id_marshal_dump, 0);
}

static void try_marshal_dump(level_t *level, VALUE object)
{
    int state;
    VALUE stand_in = rb_protect(call_marshal_dump, object, &state);

    if (!state)
        try_part(level, stand_in, rb_str_new_cstr(".marshal_dump"));
    else if (NIL_P(rb_mg_failure()))
        rb_jump_tag(state);
    else
        rb_set_errinfo(Qnil);
}

static void try_parts(level_t *level, VALUE object)
{
    if (rb_obj_respond_to(object, id_marshal_dump, 1)) {
        try_marshal_dump(level, object);
        return;
    }
    /* What lives in C is refused for what it is, whatever hangs on it. */
    if (RB_TYPE_P(object, T_DATA) || RB_TYPE_P(object, T_FILE))
        return;
    if (RB_TYPE_P(object, T_ARRAY))
        try_elements(level, object);
    else if (RB_TYPE_P(object, T_HASH))
        rb_hash_foreach(object, try_pair, (VALUE)level);
    else if (rb_obj_is_kind_of(object, rb_cStruct))
        try_members(level, object);
    else if (rb_obj_is_kind_of(object, rb_cRange))
        try_ends(level, object);
    if (!level->search->found)
        try_variables(level, object);
}

/* An object that is refused although all its parts pass is the culprit. One with a part that is
 * being looked into already may only be on a way back to it. */
static bool look_into(search_t *search, VALUE object, VALUE path, VALUE failure, unsigned depth)
{
    level_t level = {.search = search, .path = path, .depth = depth};

    rb_ary_push(search->seen, object);
    if (depth < MAX_LEVELS)
        try_parts(&level, object);
    if (search->found)
        return true;
    if (level.cyclic)
        return false;
    search->path = path;
    search->object = object;
    search->failure = failure;
    return search->found = true;
}

void rb_mg_raise_culprit(const rb_mg_place_t *place, VALUE object, VALUE failure)
{
    VALUE path = rb_utf8_str_new_cstr("item");
    search_t search = {.seen = rb_ary_new(), .path = path, .object = object, .failure = failure};
    VALUE name, message;

    append_place(path, place);
    if (!rb_mg_too_deep_p(failure))
        look_into(&search, object, path, failure, 0);
    name = rb_class_name(rb_obj_class(search.object));
    message =
        rb_sprintf("%" PRIsVALUE " (%" PRIsVALUE ") cannot be sent to another process: %" PRIsVALUE,
                   search.path, name, rb_mg_reason(search.failure));
    RB_GC_GUARD(search.seen);
    rb_mg_raise_serialization(message, search.path, name, search.failure);
}

void rb_mg_init_culprit(void)
{
    id_marshal_dump = rb_intern("marshal_dump");
}
