#include "platform.h"

#include "minigun.h"
#include "process.h"
#include "rate.h"
#include "rb_blocking.h"
#include "rb_segment.h"
#include "rb_status.h"

#define NAP_NS UINT64_C(500000000)

typedef struct {
    mg_segment_t segment;
    mg_rate_t rate;
} rate_t;

static void rate_free(void *pointer)
{
    rate_t *object = pointer;

    mg_segment_destroy(&object->segment);
    xfree(object);
}

static size_t rate_memsize(const void *pointer)
{
    const rate_t *object = pointer;

    return sizeof(*object) + object->segment.size;
}

static const rb_data_type_t rate_type = {
    .wrap_struct_name = "minigun/native/rate",
    .function = {.dfree = rate_free, .dsize = rate_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

static VALUE rate_alloc(VALUE klass)
{
    rate_t *object;

    return TypedData_Make_Struct(klass, rate_t, &rate_type, object);
}

static const mg_rate_t *get(VALUE self)
{
    rate_t *object;

    TypedData_Get_Struct(self, rate_t, &rate_type, object);
    if (object->rate.word == NULL)
        rb_raise(rb_mg_eError, "the rate was not initialised");
    return &object->rate;
}

static VALUE rate_initialize(VALUE self, VALUE interval, VALUE burst)
{
    rate_t *object;
    uint64_t interval_ns = NUM2ULL(interval);
    void *memory;

    TypedData_Get_Struct(self, rate_t, &rate_type, object);
    if (object->rate.word != NULL)
        rb_raise(rb_mg_eError, "the rate is initialised already");
    memory = rb_mg_segment(&object->segment, sizeof(mg_rate_word_t), "allocating a rate");
    rb_mg_check(mg_rate_init(&object->rate, memory, interval_ns, NUM2ULL(burst)), "making a rate");
    return self;
}

static VALUE rate_wait(VALUE self)
{
    const mg_rate_t *rate = get(self);
    uint64_t start = mg_rate_reserve(rate, mg_monotonic_ns());
    uint64_t now;

    while ((now = mg_monotonic_ns()) < start)
        rb_mg_nap(start - now < NAP_NS ? start - now : NAP_NS, start);
    RB_GC_GUARD(self);
    return Qnil;
}

void Init_minigun_rate(VALUE mNative)
{
    VALUE cRate = rb_define_class_under(mNative, "Rate", rb_cObject);

    rb_define_alloc_func(cRate, rate_alloc);
    rb_mg_forbid_copies(cRate);
    rb_define_method(cRate, "initialize", rate_initialize, 2);
    rb_define_method(cRate, "wait", rate_wait, 0);
}
