#include "rb_child.h"

#include "fault.h"
#include "fork.h"
#include "rb_status.h"
#include "supervisor.h"

static VALUE child_pid(VALUE self)
{
    const rb_mg_child_t *child = rb_mg_child_get(self);
    rb_mg_role_t role;

    if (child->process == NULL)
        return child->last_pid > 0 ? INT2FIX(child->last_pid) : Qnil;
    (void)rb_mg_child_open(self, &role);
    if (role == RB_MG_WORKER)
        return INT2FIX(child->process->self);
    return child->process->pid > 0 ? INT2FIX(child->process->pid) : Qnil;
}

static VALUE child_alive(VALUE self)
{
    const rb_mg_child_t *child = rb_mg_child_get(self);

    switch (rb_mg_child_role(child)) {
    case RB_MG_WORKER:
        return Qtrue;
    case RB_MG_PARENT:
        return mg_process_is(child->process, MG_LIFE_LIVE) ? Qtrue : Qfalse;
    default:
        return Qfalse;
    }
}

static VALUE child_ready(VALUE self)
{
    rb_mg_role_t role;
    const rb_mg_child_t *child = rb_mg_child_open(self, &role);

    return mg_process_ready(child->process) ? Qtrue : Qfalse;
}

static VALUE child_ended(VALUE self)
{
    return rb_mg_child_get(self)->ended ? Qtrue : Qfalse;
}

static VALUE symbol(const char *name)
{
    return ID2SYM(rb_intern(name));
}

static VALUE cause_symbol(mg_cause_t cause)
{
    switch (cause) {
    case MG_CAUSE_START_TIMEOUT:
        return symbol("start_timeout");
    case MG_CAUSE_DEADLINE:
        return symbol("deadline");
    case MG_CAUSE_TERMINATED:
        return symbol("terminated");
    default:
        return Qnil;
    }
}

static VALUE make_status(mg_process_t *process)
{
    const mg_exit_t *exit = &process->exit;
    VALUE status = rb_hash_new();

    rb_hash_aset(status, symbol("exit"), exit->code >= 0 ? INT2FIX(exit->code) : Qnil);
    rb_hash_aset(status, symbol("signal"), exit->signal > 0 ? INT2FIX(exit->signal) : Qnil);
    rb_hash_aset(status, symbol("peak_rss"), exit->peak_rss > 0 ? ULL2NUM(exit->peak_rss) : Qnil);
    rb_hash_aset(status, symbol("unknown"), exit->known ? Qfalse : Qtrue);
    rb_hash_aset(status, symbol("cause"), cause_symbol(mg_supervisor_cause(process)));
    return rb_obj_freeze(status);
}

void rb_mg_child_keep_status(rb_mg_child_t *child)
{
    if (NIL_P(child->status) && mg_process_is(child->process, MG_LIFE_DEAD))
        child->status = make_status(child->process);
    child->last_pid = child->process->pid;
}

static VALUE child_status(VALUE self)
{
    rb_mg_child_t *child = rb_mg_child_get(self);

    if (child->process != NULL)
        rb_mg_child_keep_status(rb_mg_child_parent(self, "status"));
    return child->status;
}

static VALUE child_cause(VALUE self)
{
    rb_mg_child_t *child = rb_mg_child_get(self);

    if (child->process == NULL)
        return NIL_P(child->status) ? Qnil : rb_hash_aref(child->status, symbol("cause"));
    return cause_symbol(mg_supervisor_cause(rb_mg_child_parent(self, "cause")->process));
}

static mg_control_t *control_of(VALUE self)
{
    rb_mg_role_t role;

    return rb_mg_child_open(self, &role)->process->control;
}

#define DEFINE_COUNTER(name)                                                                       \
    static VALUE child_##name(VALUE self)                                                          \
    {                                                                                              \
        return ULL2NUM(atomic_load_explicit(&control_of(self)->name, memory_order_acquire));       \
    }

DEFINE_COUNTER(emitted)
DEFINE_COUNTER(started)
DEFINE_COUNTER(finished)
DEFINE_COUNTER(failed)

static _Atomic uint32_t *item_word(mg_control_t *control, uint64_t number)
{
    return &control->items[number % MG_ITEM_STATES];
}

static VALUE child_item_state(VALUE self, VALUE index)
{
    mg_control_t *control = control_of(self);

    return UINT2NUM(atomic_load_explicit(item_word(control, NUM2ULL(index)), memory_order_acquire));
}

/* The word is released after the result: whoever reads "result published" finds it in the ring. */
static void set_item(mg_control_t *control, uint64_t number, uint32_t state)
{
    atomic_store_explicit(item_word(control, number), state, memory_order_release);
}

void rb_mg_child_start_item(rb_mg_child_t *child, uint64_t number, uint64_t now_ns)
{
    mg_control_t *control = child->process->control;

    set_item(control, number, 1);
    atomic_store_explicit(&control->began_ns, now_ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&control->started, 1, memory_order_release);
    MG_FAULT(after_started);
}

void rb_mg_child_finish_item(rb_mg_child_t *child, uint64_t number, bool success)
{
    mg_control_t *control = child->process->control;

    set_item(control, number, success ? 2 : 3);
    atomic_fetch_add_explicit(success ? &control->finished : &control->failed, 1,
                              memory_order_release);
}

static VALUE child_start_item(VALUE self, VALUE index)
{
    rb_mg_child_start_item(rb_mg_child_worker(self, "start_item"), NUM2ULL(index),
                           mg_monotonic_ns());
    return Qnil;
}

static VALUE child_finish_item(VALUE self, VALUE index, VALUE success)
{
    rb_mg_child_finish_item(rb_mg_child_worker(self, "finish_item"), NUM2ULL(index),
                            RTEST(success));
    return Qnil;
}

void rb_mg_child_define_state(VALUE cChild)
{
    rb_define_method(cChild, "pid", child_pid, 0);
    rb_define_method(cChild, "alive?", child_alive, 0);
    rb_define_method(cChild, "ready?", child_ready, 0);
    rb_define_method(cChild, "ended?", child_ended, 0);
    rb_define_method(cChild, "status", child_status, 0);
    rb_define_method(cChild, "cause", child_cause, 0);
    rb_define_method(cChild, "emitted", child_emitted, 0);
    rb_define_method(cChild, "started", child_started, 0);
    rb_define_method(cChild, "finished", child_finished, 0);
    rb_define_method(cChild, "failed", child_failed, 0);
    rb_define_method(cChild, "item_state", child_item_state, 1);
    rb_define_method(cChild, "start_item", child_start_item, 1);
    rb_define_method(cChild, "finish_item", child_finish_item, 2);
}
