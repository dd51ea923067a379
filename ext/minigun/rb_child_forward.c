#include "rb_child.h"

#include "rb_outlet.h"
#include "rb_records.h"

typedef struct {
    rb_mg_child_t *child;
    VALUE outlet;
    const rb_mg_outlet_t *way;
} forward_t;

static void pass_on(const forward_t *forward)
{
    rb_mg_child_t *child = forward->child;
    VALUE item = rb_mg_child_decode(child);

    rb_mg_message_clear(&child->message);
    child->forwarded++;
    rb_mg_outlet_emit(forward->outlet, forward->way, item);
    rb_thread_check_ints();
    rb_mg_child_check_open(child);
}

static VALUE forward_all(VALUE argument)
{
    const forward_t *forward = (const forward_t *)argument;
    rb_mg_child_t *child = forward->child;

    while (rb_mg_child_await(child, RB_MG_PARENT) == RB_MG_ARRIVED) {
        if (child->message.kind != RB_MG_RECORD_EMIT)
            return rb_mg_child_record(child);
        pass_on(forward);
    }
    return Qnil;
}

static VALUE end_forwarding(VALUE argument)
{
    rb_mg_child_end_reading(((const forward_t *)argument)->child);
    return Qnil;
}

static VALUE child_forward(VALUE self, VALUE outlet)
{
    forward_t forward = {.outlet = outlet};
    VALUE record;

    forward.child = rb_mg_child_parent(self, "forward");
    forward.way = rb_mg_outlet_get(outlet);
    rb_mg_child_begin_reading(forward.child);
    record = rb_ensure(forward_all, (VALUE)&forward, end_forwarding, (VALUE)&forward);
    RB_GC_GUARD(self);
    RB_GC_GUARD(outlet);
    return record;
}

static VALUE child_take_forwarded(VALUE self)
{
    rb_mg_child_t *child = rb_mg_child_get(self);
    int64_t count = child->forwarded;

    child->forwarded = 0;
    return LL2NUM(count);
}

void rb_mg_child_define_forward(VALUE cChild)
{
    rb_define_method(cChild, "forward", child_forward, 1);
    rb_define_method(cChild, "take_forwarded", child_take_forwarded, 0);
}
