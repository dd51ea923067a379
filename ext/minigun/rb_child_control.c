#include "rb_child.h"

#include "fork.h"
#include "rb_blocking.h"
#include "rb_status.h"
#include "supervisor.h"

static bool in_parent(const rb_mg_child_t *child)
{
    return child->process != NULL && child->process->owner == mg_fork_self();
}

static VALUE child_kill(VALUE self)
{
    const rb_mg_child_t *child = rb_mg_child_get(self);

    if (in_parent(child))
        mg_supervisor_kill(child->process);
    return Qnil;
}

static VALUE child_terminate(int argc, VALUE *argv, VALUE self)
{
    const rb_mg_child_t *child = rb_mg_child_get(self);
    ID name = rb_intern("grace");
    VALUE options;
    VALUE grace = Qundef;
    uint64_t grace_ns;

    rb_scan_args(argc, argv, "0:", &options);
    if (!NIL_P(options))
        rb_get_kwargs(options, &name, 0, 1, &grace);
    grace_ns = grace == Qundef ? MG_GRACE_NS : rb_mg_duration(grace);
    if (in_parent(child))
        mg_supervisor_terminate(child->process, grace_ns);
    return Qnil;
}

static VALUE child_set_deadline(VALUE self, VALUE seconds)
{
    const rb_mg_child_t *child = rb_mg_child_parent(self, "deadline=");

    mg_supervisor_set_deadline(child->process, rb_mg_deadline(seconds));
    return seconds;
}

static VALUE child_time_item(VALUE self, VALUE item, VALUE seconds, VALUE start)
{
    const rb_mg_child_t *child = rb_mg_child_parent(self, "time_item");

    mg_supervisor_set_item_deadline(child->process, NUM2ULL(item), rb_mg_duration(seconds),
                                    rb_mg_duration(start));
    return Qnil;
}

static VALUE child_set_grace(VALUE self, VALUE seconds)
{
    const rb_mg_child_t *child = rb_mg_child_parent(self, "grace=");

    mg_supervisor_set_grace(child->process, rb_mg_duration(seconds));
    return seconds;
}

bool rb_mg_process_gone(void *process)
{
    return !mg_process_is(process, MG_LIFE_LIVE);
}

static bool join_until(rb_mg_child_t *child, uint64_t deadline)
{
    while (!rb_mg_process_gone(child->process)) {
        if (deadline != MG_NEVER && mg_monotonic_ns() >= deadline)
            return false;
        rb_mg_wait(child->process, &child->process->control->parent_ec, rb_mg_process_gone,
                   child->process, deadline);
        if (child->process == NULL)
            return true;
    }
    return true;
}

static VALUE child_join(int argc, VALUE *argv, VALUE self)
{
    rb_mg_child_t *child = rb_mg_child_parent(self, "join");
    VALUE timeout;
    bool joined;

    rb_scan_args(argc, argv, "01", &timeout);
    joined = join_until(child, rb_mg_deadline(timeout));
    RB_GC_GUARD(self);
    return joined ? Qtrue : Qfalse;
}

static VALUE child_drop(VALUE self)
{
    rb_mg_child_t *child = rb_mg_child_parent(self, "drop");

    mg_supervisor_kill(child->process);
    join_until(child, MG_NEVER);
    if (child->process != NULL) {
        child->reader_closed = true;
        child->corrupted = false;
        if (!child->reading)
            rb_mg_message_free(&child->message);
    }
    RB_GC_GUARD(self);
    return Qnil;
}

/* Gives the memory back. A thread that sleeps on it keeps it mapped until it wakes and finds the
 * slot closed. */
static VALUE child_close(VALUE self)
{
    rb_mg_child_t *child = rb_mg_child_get(self);
    mg_process_t *process = child->process;

    if (process == NULL || process->self == mg_fork_self())
        return Qnil;
    if (in_parent(child)) {
        mg_supervisor_kill(process);
        join_until(child, MG_NEVER);
        if (child->process == NULL)
            return Qnil;
        rb_mg_child_keep_status(child);
    }
    child->process = NULL;
    mg_supervisor_release(process);
    RB_GC_GUARD(self);
    return Qnil;
}

static VALUE child_closed(VALUE self)
{
    return rb_mg_child_get(self)->process == NULL ? Qtrue : Qfalse;
}

void rb_mg_child_define_control(VALUE cChild)
{
    rb_define_method(cChild, "kill", child_kill, 0);
    rb_define_method(cChild, "terminate", child_terminate, -1);
    rb_define_method(cChild, "deadline=", child_set_deadline, 1);
    rb_define_method(cChild, "time_item", child_time_item, 3);
    rb_define_method(cChild, "grace=", child_set_grace, 1);
    rb_define_method(cChild, "join", child_join, -1);
    rb_define_method(cChild, "drop", child_drop, 0);
    rb_define_method(cChild, "close", child_close, 0);
    rb_define_method(cChild, "closed?", child_closed, 0);
}
