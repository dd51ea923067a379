#include "platform.h"

#include "counters.h"
#include "minigun.h"
#include "rb_segment.h"
#include "rb_status.h"

/* Any process that inherits the object uses the same counters: forked children are what they are
 * for. Only the process that made them gives the memory back to the system; elsewhere the free
 * function just unmaps. */
typedef struct {
    mg_segment_t segment;
    mg_counters_t counters;
    size_t size;
} counters_t;

static void counters_free(void *pointer)
{
    counters_t *object = pointer;

    mg_segment_destroy(&object->segment);
    xfree(object);
}

static size_t counters_memsize(const void *pointer)
{
    const counters_t *object = pointer;

    return sizeof(*object) + object->segment.size;
}

static const rb_data_type_t counters_type = {
    .wrap_struct_name = "minigun/native/counters",
    .function = {.dfree = counters_free, .dsize = counters_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

static VALUE counters_alloc(VALUE klass)
{
    counters_t *object;

    return TypedData_Make_Struct(klass, counters_t, &counters_type, object);
}

static counters_t *get(VALUE self)
{
    counters_t *object;

    TypedData_Get_Struct(self, counters_t, &counters_type, object);
    if (object->size == 0)
        rb_raise(rb_mg_eError, "the counters were not initialised");
    return object;
}

static size_t index_of(const counters_t *object, VALUE index)
{
    long position = NUM2LONG(index);

    if (position < 0 || (size_t)position >= object->size)
        rb_raise(rb_eIndexError, "index %ld outside of counters; there are %" PRIuSIZE, position,
                 object->size);
    return (size_t)position;
}

static VALUE counters_initialize(VALUE self, VALUE size)
{
    counters_t *object;
    long count = NUM2LONG(size);
    size_t bytes;
    void *memory;

    TypedData_Get_Struct(self, counters_t, &counters_type, object);
    if (object->size != 0)
        rb_raise(rb_mg_eError, "the counters are initialised already");
    if (count <= 0)
        rb_raise(rb_eArgError, "there must be at least one counter, got %ld", count);
    bytes = mg_counters_footprint((size_t)count);
    if (bytes == 0)
        rb_raise(rb_eArgError, "too many counters: %ld", count);
    memory = rb_mg_segment(&object->segment, bytes, "allocating counters");
    rb_mg_check(mg_counters_init(memory, bytes, (size_t)count), "formatting counters");
    rb_mg_check(mg_counters_attach(&object->counters, memory, (size_t)count), "attaching counters");
    object->size = (size_t)count;
    return self;
}

static VALUE counters_add(VALUE self, VALUE index, VALUE amount)
{
    const counters_t *object = get(self);
    int64_t result;

    rb_mg_check(
        mg_counters_add(&object->counters, index_of(object, index), NUM2LL(amount), &result),
        "adding to a counter");
    return LL2NUM(result);
}

static VALUE counters_get(VALUE self, VALUE index)
{
    const counters_t *object = get(self);
    int64_t value;

    rb_mg_check(mg_counters_get(&object->counters, index_of(object, index), &value),
                "reading a counter");
    return LL2NUM(value);
}

static VALUE counters_set(VALUE self, VALUE index, VALUE value)
{
    const counters_t *object = get(self);

    rb_mg_check(mg_counters_set(&object->counters, index_of(object, index), NUM2LL(value)),
                "setting a counter");
    return value;
}

static VALUE counters_compare_and_set(VALUE self, VALUE index, VALUE expected, VALUE value)
{
    const counters_t *object = get(self);
    mg_status_t status = mg_counters_compare_and_set(&object->counters, index_of(object, index),
                                                     NUM2LL(expected), NUM2LL(value));

    if (status == MG_BUSY)
        return Qfalse;
    rb_mg_check(status, "setting a counter");
    return Qtrue;
}

static VALUE counters_size(VALUE self)
{
    return SIZET2NUM(get(self)->size);
}

static VALUE counters_to_a(VALUE self)
{
    const counters_t *object = get(self);
    VALUE values = rb_ary_new_capa((long)object->size);

    for (size_t i = 0; i < object->size; i++)
        rb_ary_push(values, counters_get(self, SIZET2NUM(i)));
    return values;
}

void Init_minigun_counters(VALUE mNative)
{
    VALUE cCounters = rb_define_class_under(mNative, "Counters", rb_cObject);

    rb_define_alloc_func(cCounters, counters_alloc);
    rb_mg_forbid_copies(cCounters);
    rb_define_method(cCounters, "initialize", counters_initialize, 1);
    rb_define_method(cCounters, "add", counters_add, 2);
    rb_define_method(cCounters, "get", counters_get, 1);
    rb_define_method(cCounters, "set", counters_set, 2);
    rb_define_method(cCounters, "compare_and_set", counters_compare_and_set, 3);
    rb_define_method(cCounters, "size", counters_size, 0);
    rb_define_method(cCounters, "to_a", counters_to_a, 0);
}
