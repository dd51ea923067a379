#include "rb_growth.h"

#include "growth.h"
#include "minigun.h"

#include <stdbool.h>

static unsigned runs;  /* under way */
static unsigned begun; /* so far */
static VALUE sym_gc_by, sym_newobj, sym_malloc;

/* Somebody has allocated much, and nobody asked for the collection. */
static bool by_itself(void)
{
    VALUE cause = rb_gc_latest_gc_info(sym_gc_by);

    return cause == sym_newobj || cause == sym_malloc;
}

/* The garbage collector has reached the witness: the thread that runs here is the one that needs
 * memory. Nothing of Ruby may be allocated. */
static void collecting(void *unused)
{
    (void)unused;
    if (runs > 0 && by_itself())
        mg_growth_reserve();
}

/* Not flagged WB_PROTECTED: such an object is reached in each collection. */
static const rb_data_type_t witness_type = {
    .wrap_struct_name = "minigun/native/witness",
    .function = {.dmark = collecting},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

void rb_mg_growth_before_fork(void)
{
    /* Ruby gives the threads of one run to the next. */
    static _Thread_local unsigned prepared;

    if (runs == 0 || prepared == begun)
        return;
    prepared = begun;
    mg_growth_reserve();
}

void rb_mg_growth_after_trim(void)
{
    if (runs > 0)
        mg_growth_reuse();
}

static VALUE end_run(VALUE unused)
{
    (void)unused;
    if (--runs == 0)
        mg_growth_end();
    return Qnil;
}

static VALUE native_growing(VALUE self)
{
    (void)self;
    runs++;
    begun++;
    return rb_ensure(rb_yield, Qnil, end_run, Qnil);
}

void Init_minigun_growth(VALUE mNative)
{
    sym_gc_by = ID2SYM(rb_intern("gc_by"));
    sym_newobj = ID2SYM(rb_intern("newobj"));
    sym_malloc = ID2SYM(rb_intern("malloc"));
    /* Asked once where it may allocate what it knows its answers by. */
    (void)by_itself();
    /* Without data the collector would not ask for what is marked. */
    rb_gc_register_mark_object(TypedData_Wrap_Struct(rb_cObject, &witness_type, &runs));
    rb_define_singleton_method(mNative, "growing", native_growing, 0);
}
