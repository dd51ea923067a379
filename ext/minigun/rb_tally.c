#include "rb_tally.h"

#include "minigun.h"
#include "process.h"

static ID id_samples, id_count;

static void tally_mark(void *pointer)
{
    rb_gc_mark_movable(((const rb_mg_tally_t *)pointer)->stats);
}

static void tally_compact(void *pointer)
{
    rb_mg_tally_t *tally = pointer;

    tally->stats = rb_gc_location(tally->stats);
}

static size_t tally_memsize(const void *pointer)
{
    (void)pointer;
    return sizeof(rb_mg_tally_t);
}

static const rb_data_type_t tally_type = {
    .wrap_struct_name = "minigun/native/tally",
    .function = {.dmark = tally_mark,
                 .dfree = RUBY_DEFAULT_FREE,
                 .dsize = tally_memsize,
                 .dcompact = tally_compact},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

rb_mg_tally_t *rb_mg_tally_get(VALUE self)
{
    return rb_check_typeddata(self, &tally_type);
}

static VALUE tally_alloc(VALUE klass)
{
    rb_mg_tally_t *tally;
    VALUE self = TypedData_Make_Struct(klass, rb_mg_tally_t, &tally_type, tally);

    tally->stats = Qnil;
    tally->random = (mg_monotonic_ns() ^ (uintptr_t)tally) | 1u;
    return self;
}

static VALUE tally_initialize(VALUE self, VALUE stats, VALUE sample_size)
{
    rb_mg_tally_t *tally = rb_mg_tally_get(self);

    tally->sample_size = NUM2LONG(sample_size);
    RB_OBJ_WRITE(self, &tally->stats, stats);
    return self;
}

/* xorshift64*: the sequence of Kernel#rand belongs to the user. */
static uint64_t next_random(rb_mg_tally_t *tally)
{
    uint64_t x = tally->random;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    tally->random = x;
    return x * UINT64_C(2685821657736338717);
}

/* Uniform below `limit`. Up to 2^32 without a division. */
static uint64_t below(rb_mg_tally_t *tally, uint64_t limit)
{
    uint64_t x = next_random(tally);

    return limit <= UINT32_MAX ? ((x >> 32) * limit) >> 32 : x % limit;
}

/* Algorithm R: the n-th is kept with probability size / n, in anyone's place. */
long rb_mg_tally_draw(rb_mg_tally_t *tally)
{
    int64_t number = tally->observed + 1;
    uint64_t place;

    if (number <= tally->sample_size)
        return (long)number - 1;
    place = below(tally, (uint64_t)number);
    return place < (uint64_t)tally->sample_size ? (long)place : RB_MG_UNSAMPLED;
}

/* @latency_count is the truth, and anyone may have set it. What is no such number is not heeded:
 * this must not raise, an item is half counted. */
static void report(rb_mg_tally_t *tally)
{
    VALUE truth = rb_ivar_get(tally->stats, id_count);
    int64_t known = FIXNUM_P(truth) ? FIX2LONG(truth) : tally->reported;
    int64_t count = known + (tally->observed - tally->reported);

    if (count != known)
        rb_ivar_set(tally->stats, id_count, LL2NUM(count));
    tally->observed = tally->reported = count;
}

/* The sample may have been replaced from outside, by a smaller one as well. */
static void keep(const rb_mg_tally_t *tally, long place, VALUE seconds)
{
    VALUE samples = rb_ivar_get(tally->stats, id_samples);

    if (!RB_TYPE_P(samples, T_ARRAY) || OBJ_FROZEN(samples))
        return;
    if (RARRAY_LEN(samples) < tally->sample_size)
        rb_ary_push(samples, seconds);
    else
        rb_ary_store(samples, place, seconds);
}

void rb_mg_tally_observe(rb_mg_tally_t *tally, long place, VALUE seconds)
{
    tally->observed++;
    if (place == RB_MG_UNSAMPLED)
        return;
    keep(tally, place, seconds);
    report(tally);
}

static VALUE tally_report(VALUE self)
{
    report(rb_mg_tally_get(self));
    return self;
}

static VALUE tally_observe(VALUE self, VALUE seconds)
{
    rb_mg_tally_t *tally = rb_mg_tally_get(self);

    report(tally);
    rb_mg_tally_observe(tally, rb_mg_tally_draw(tally), seconds);
    report(tally);
    return self;
}

#define COUNT(name)                                                                                \
    static VALUE tally_##name(VALUE self)                                                          \
    {                                                                                              \
        return LL2NUM(rb_mg_tally_get(self)->name);                                                \
    }                                                                                              \
    static VALUE tally_add_##name(VALUE self, VALUE count)                                         \
    {                                                                                              \
        return LL2NUM(rb_mg_tally_get(self)->name += NUM2LL(count));                               \
    }

COUNT(accepted)
COUNT(consumed)
COUNT(produced)
COUNT(processed)
COUNT(failed)
COUNT(retried)

#define DEFINE_COUNT(name)                                                                         \
    rb_define_method(cTally, #name, tally_##name, 0);                                              \
    rb_define_method(cTally, "add_" #name, tally_add_##name, 1)

void Init_minigun_tally(VALUE mNative)
{
    VALUE cTally = rb_define_class_under(mNative, "Tally", rb_cObject);

    id_samples = rb_intern("@latency_samples");
    id_count = rb_intern("@latency_count");
    rb_define_alloc_func(cTally, tally_alloc);
    rb_mg_forbid_copies(cTally);
    rb_define_method(cTally, "initialize", tally_initialize, 2);
    rb_define_method(cTally, "observe", tally_observe, 1);
    rb_define_method(cTally, "report", tally_report, 0);
    DEFINE_COUNT(accepted);
    DEFINE_COUNT(consumed);
    DEFINE_COUNT(produced);
    DEFINE_COUNT(processed);
    DEFINE_COUNT(failed);
    DEFINE_COUNT(retried);
}
