#include "minigun.h"

#ifdef HAVE_RB_PROC_ISOLATE

/* Exported by Ruby, but declared in none of the headers that it installs. */
VALUE rb_proc_isolate(VALUE proc);

static VALUE native_isolate(VALUE self, VALUE proc)
{
    (void)self;
    if (!rb_obj_is_proc(proc))
        rb_raise(rb_eTypeError, "a Proc is needed, got %" PRIsVALUE, rb_obj_class(proc));
    return rb_proc_isolate(proc);
}

#endif

void Init_minigun_isolate(VALUE mNative)
{
#ifdef HAVE_RB_PROC_ISOLATE
    rb_define_singleton_method(mNative, "isolate", native_isolate, 1);
#else
    (void)mNative;
#endif
}
