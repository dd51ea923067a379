#include "minigun.h"

/* From Ruby 3.3 on the data of an object may lie in the object itself. */
static void *data_of(VALUE object)
{
#ifdef TYPED_DATA_EMBEDDED
    return RTYPEDDATA_GET_DATA(object);
#else
    return RTYPEDDATA_DATA(object);
#endif
}

/*
 * A Proc begins with the object that its block runs on: rb_proc_t, rb_block, rb_captured_block and
 * `self` are each the first member of the one before, from Ruby 2.4 on. No header says so, which is
 * why nothing is written unless the word is the object that Ruby itself names, and why whoever uses
 * this first looks at what becomes of it.
 */
static VALUE native_rebind(VALUE self, VALUE block, VALUE from, VALUE to)
{
    VALUE *first;

    (void)self;
    if (!RTEST(rb_obj_is_proc(block)))
        return Qfalse;
    first = data_of(block);
    if (*first != from)
        return Qfalse;
    RB_OBJ_WRITE(block, first, to);
    return Qtrue;
}

void Init_minigun_bound(VALUE mNative)
{
    rb_define_singleton_method(mNative, "rebind", native_rebind, 3);
}
