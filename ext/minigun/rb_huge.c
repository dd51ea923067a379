#include "huge.h"

#include "minigun.h"
#include "rb_blocking.h"
#include "rb_child.h"
#include "supervisor.h"

#include <stdbool.h>

typedef struct {
    uint64_t budget_ns;
    mg_process_t *process; /* whose child's end ends it */
    size_t bytes;
} step_t;

static mg_huge_t huge;

/* Looked at and changed with the GVL. A child that was forked meanwhile moves nothing. */
static bool busy;

static void step(void *argument)
{
    step_t *one = argument;

    one->bytes = mg_huge_step(&huge, one->budget_ns, rb_mg_process_gone, one->process);
}

static VALUE native_huge_pages(VALUE self, VALUE seconds, VALUE child)
{
    step_t one = {.budget_ns = rb_mg_duration(seconds)};

    (void)self;
    one.process = rb_mg_child_parent(child, "huge_pages")->process;
    if (busy)
        return INT2FIX(0);
    busy = true;
    /* Another thread may close the slot meanwhile. */
    mg_supervisor_retain(one.process);
    (void)rb_mg_without_gvl(step, &one);
    mg_supervisor_release(one.process);
    busy = false;
    RB_GC_GUARD(child);
    return SIZET2NUM(one.bytes);
}

void Init_minigun_huge(VALUE mNative)
{
    rb_define_singleton_method(mNative, "huge_pages", native_huge_pages, 2);
}
