#include "huge.h"

#include "minigun.h"
#include "rb_blocking.h"
#include "rb_child.h"
#include "supervisor.h"

#include <stdbool.h>

typedef struct {
    uint64_t budget_ns;
    mg_process_t *process; /* whose child is waited for; NULL: none */
    size_t bytes;
} step_t;

static mg_huge_t huge;

/* Looked at and changed with the GVL. A child that was forked meanwhile moves nothing. */
static bool busy;

static bool gone(void *argument)
{
    return !mg_process_is(argument, MG_LIFE_LIVE);
}

static void step(void *argument)
{
    step_t *one = argument;

    one->bytes =
        mg_huge_step(&huge, one->budget_ns, one->process == NULL ? NULL : gone, one->process);
}

/* huge_pages(seconds, child = nil) */
static VALUE native_huge_pages(int argc, VALUE *argv, VALUE self)
{
    step_t one = {0};

    (void)self;
    rb_check_arity(argc, 1, 2);
    one.budget_ns = rb_mg_duration(argv[0]);
    if (argc == 2 && !NIL_P(argv[1]))
        one.process = rb_mg_child_parent(argv[1], "huge_pages")->process;
    if (busy)
        return INT2FIX(0);
    busy = true;
    /* Another thread may close the slot meanwhile. */
    if (one.process != NULL)
        mg_supervisor_retain(one.process);
    (void)rb_mg_without_gvl(step, &one);
    if (one.process != NULL)
        mg_supervisor_release(one.process);
    busy = false;
    return SIZET2NUM(one.bytes);
}

void Init_minigun_huge(VALUE mNative)
{
    rb_define_singleton_method(mNative, "huge_pages", native_huge_pages, -1);
}
