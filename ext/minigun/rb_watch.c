#include "rb_watch.h"

#include "minigun.h"

/* Of an Array as many elements are compared as State::ArrayMark does; of a Hash keys and values. */
#define SAMPLES 64

typedef struct {
    ID name; /* of the variable */
    VALUE object;
    long size;
    VALUE sample[SAMPLES];
    bool known; /* is `sample` all that can change? */
} watched_t;

struct rb_mg_watch {
    VALUE context;
    size_t count;
    bool marked;
    watched_t *containers;
};

static void watch_mark(void *pointer)
{
    const rb_mg_watch_t *watch = pointer;

    rb_gc_mark(watch->context);
    for (size_t i = 0; i < watch->count; i++) {
        rb_gc_mark(watch->containers[i].object);
        for (size_t j = 0; j < SAMPLES; j++)
            rb_gc_mark(watch->containers[i].sample[j]);
    }
}

static void watch_free(void *pointer)
{
    rb_mg_watch_t *watch = pointer;

    xfree(watch->containers);
    xfree(watch);
}

static size_t watch_memsize(const void *pointer)
{
    const rb_mg_watch_t *watch = pointer;

    return sizeof(*watch) + watch->count * sizeof(watched_t);
}

static const rb_data_type_t watch_type = {
    .wrap_struct_name = "minigun/native/watch",
    .function = {.dmark = watch_mark, .dfree = watch_free, .dsize = watch_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

rb_mg_watch_t *rb_mg_watch_get(VALUE self)
{
    return rb_check_typeddata(self, &watch_type);
}

static VALUE watch_alloc(VALUE klass)
{
    rb_mg_watch_t *watch;
    VALUE self = TypedData_Make_Struct(klass, rb_mg_watch_t, &watch_type, watch);

    watch->context = Qnil;
    return self;
}

static int add(VALUE name, VALUE object, VALUE argument)
{
    rb_mg_watch_t *watch = (rb_mg_watch_t *)argument;
    watched_t *watched = &watch->containers[watch->count++];

    *watched = (watched_t){.name = rb_sym2id(name), .object = object};
    for (size_t i = 0; i < SAMPLES; i++)
        watched->sample[i] = Qnil;
    return ST_CONTINUE;
}

/* new(object, {variable => container}) */
static VALUE watch_initialize(VALUE self, VALUE context, VALUE containers)
{
    rb_mg_watch_t *watch = rb_mg_watch_get(self);

    Check_Type(containers, T_HASH);
    if (watch->containers != NULL)
        rb_raise(rb_eArgError, "the watch is initialised already");
    watch->containers = ALLOC_N(watched_t, RHASH_SIZE(containers) + 1);
    watch->context = context;
    rb_hash_foreach(containers, add, (VALUE)watch);
    return self;
}

/* As State::ArrayMark chooses. */
static long position(long size, long index)
{
    return size <= SAMPLES ? index : index * (size - 1) / (SAMPLES - 1);
}

static long sampled(long size)
{
    return size < SAMPLES ? size : SAMPLES;
}

/* What is added to what such a value holds does not show here. */
static bool holds_nothing(VALUE value)
{
    return SPECIAL_CONST_P(value) || RB_TYPE_P(value, T_STRING) || RB_TYPE_P(value, T_SYMBOL) ||
           RB_TYPE_P(value, T_FLOAT) || RB_TYPE_P(value, T_BIGNUM);
}

typedef struct {
    watched_t *watched; /* to write to; NULL: compare */
    const watched_t *compare;
    long index;
    bool same;
} walk_t;

static int keep_pair(VALUE key, VALUE value, VALUE argument)
{
    walk_t *walk = (walk_t *)argument;

    walk->watched->sample[walk->index++] = key;
    walk->watched->sample[walk->index++] = value;
    walk->watched->known = walk->watched->known && holds_nothing(value);
    return ST_CONTINUE;
}

static int compare_pair(VALUE key, VALUE value, VALUE argument)
{
    walk_t *walk = (walk_t *)argument;

    walk->same = walk->compare->sample[walk->index] == key &&
                 walk->compare->sample[walk->index + 1] == value;
    walk->index += 2;
    return walk->same ? ST_CONTINUE : ST_STOP;
}

static void mark_one(watched_t *watched)
{
    VALUE object = watched->object;

    watched->known = false;
    if (RB_TYPE_P(object, T_ARRAY)) {
        watched->size = RARRAY_LEN(object);
        for (long i = 0; i < sampled(watched->size); i++)
            watched->sample[i] = RARRAY_AREF(object, position(watched->size, i));
        watched->known = true;
    } else if (RB_TYPE_P(object, T_HASH) && RHASH_SIZE(object) <= SAMPLES / 2) {
        walk_t walk = {.watched = watched};

        watched->size = (long)RHASH_SIZE(object);
        watched->known = true;
        rb_hash_foreach(object, keep_pair, (VALUE)&walk);
    }
}

void rb_mg_watch_mark(rb_mg_watch_t *watch)
{
    for (size_t i = 0; i < watch->count; i++)
        mark_one(&watch->containers[i]);
    watch->marked = true;
}

static bool same_array(const watched_t *watched)
{
    if (RARRAY_LEN(watched->object) != watched->size)
        return false;
    for (long i = 0; i < sampled(watched->size); i++) {
        if (RARRAY_AREF(watched->object, position(watched->size, i)) != watched->sample[i])
            return false;
    }
    return true;
}

static bool same_hash(const watched_t *watched)
{
    walk_t walk = {.compare = watched, .same = true};

    if ((long)RHASH_SIZE(watched->object) != watched->size)
        return false;
    if (watched->size > 0)
        rb_hash_foreach(watched->object, compare_pair, (VALUE)&walk);
    return walk.same;
}

static bool same(const rb_mg_watch_t *watch, const watched_t *watched)
{
    if (!watched->known || rb_ivar_get(watch->context, watched->name) != watched->object)
        return false;
    return RB_TYPE_P(watched->object, T_ARRAY) ? same_array(watched) : same_hash(watched);
}

bool rb_mg_watch_quiet(const rb_mg_watch_t *watch)
{
    if (!watch->marked)
        return false;
    for (size_t i = 0; i < watch->count; i++) {
        if (!same(watch, &watch->containers[i]))
            return false;
    }
    return true;
}

static VALUE watch_set_mark(VALUE self)
{
    rb_mg_watch_mark(rb_mg_watch_get(self));
    return self;
}

static VALUE watch_is_quiet(VALUE self)
{
    return rb_mg_watch_quiet(rb_mg_watch_get(self)) ? Qtrue : Qfalse;
}

void Init_minigun_watch(VALUE mNative)
{
    VALUE cWatch = rb_define_class_under(mNative, "Watch", rb_cObject);

    rb_define_alloc_func(cWatch, watch_alloc);
    rb_mg_forbid_copies(cWatch);
    rb_define_method(cWatch, "initialize", watch_initialize, 2);
    rb_define_method(cWatch, "mark", watch_set_mark, 0);
    rb_define_method(cWatch, "quiet?", watch_is_quiet, 0);
}
