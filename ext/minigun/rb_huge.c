#include "huge.h"

#include "minigun.h"
#include "rb_blocking.h"

#include <stdbool.h>

typedef struct {
    uint64_t budget_ns;
    size_t bytes;
} step_t;

static mg_huge_t huge;

/* Looked at and changed with the GVL. A child that was forked meanwhile moves nothing. */
static bool busy;

static void step(void *argument)
{
    step_t *one = argument;

    one->bytes = mg_huge_step(&huge, one->budget_ns);
}

static VALUE native_huge_pages(VALUE self, VALUE seconds)
{
    step_t one = {rb_mg_duration(seconds), 0};

    (void)self;
    if (busy)
        return INT2FIX(0);
    busy = true;
    (void)rb_mg_without_gvl(step, &one);
    busy = false;
    return SIZET2NUM(one.bytes);
}

void Init_minigun_huge(VALUE mNative)
{
    rb_define_singleton_method(mNative, "huge_pages", native_huge_pages, 1);
}
