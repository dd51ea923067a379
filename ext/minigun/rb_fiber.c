#include "rb_fiber.h"

#include "platform.h"

#include <pthread.h>
#include <stdbool.h>

/* A thread's first fiber runs on the thread's own stack, every other on memory of its own. Where
 * the bounds cannot be had, or threads move between native ones, the answer is "no". */
static bool on_native_stack(const void *address)
{
#if defined(__linux__)
    static _Thread_local const char *low;
    static _Thread_local size_t size;
    pthread_attr_t attributes;
    void *base;

    if (size == 0) {
        if (pthread_getattr_np(pthread_self(), &attributes) != 0)
            return false;
        if (pthread_attr_getstack(&attributes, &base, &size) == 0)
            low = base;
        (void)pthread_attr_destroy(&attributes);
    }
    return low != NULL && (const char *)address >= low && (const char *)address < low + size;
#elif defined(__APPLE__)
    const char *high = pthread_get_stackaddr_np(pthread_self());

    return (const char *)address < high &&
           (const char *)address >= high - pthread_get_stacksize_np(pthread_self());
#else
    (void)address;
    return false;
#endif
}

static VALUE native_is_root_fiber(VALUE self)
{
    char here = 0;

    (void)self;
    return on_native_stack(&here) ? Qtrue : Qfalse;
}

void rb_mg_fiber_define(VALUE mNative)
{
    rb_define_singleton_method(mNative, "root_fiber?", native_is_root_fiber, 0);
}
