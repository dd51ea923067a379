#include "memory.h"

#include "minigun.h"
#include "rb_growth.h"

static VALUE native_memory(VALUE self, VALUE path)
{
    mg_memory_t memory;

    (void)self;
    if (!mg_memory_read(StringValueCStr(path), &memory))
        return Qnil;
    return rb_ary_new_from_args(3, ULL2NUM(memory.share), ULL2NUM(memory.exclusive),
                                ULL2NUM(memory.in_common));
}

static VALUE native_trim(VALUE self)
{
    (void)self;
    if (!mg_memory_give_back())
        return Qfalse;
    rb_mg_growth_after_trim();
    return Qtrue;
}

void Init_minigun_memory(VALUE mNative)
{
    rb_define_singleton_method(mNative, "memory", native_memory, 1);
    rb_define_singleton_method(mNative, "trim", native_trim, 0);
}
