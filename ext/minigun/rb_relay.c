#include "rb_relay.h"

#include "fork.h"
#include "minigun.h"
#include "rb_records.h"
#include "rb_status.h"

static void relay_mark(void *pointer)
{
    const rb_mg_relay_t *relay = pointer;

    rb_gc_mark(relay->node);
    rb_gc_mark(relay->inbox);
    rb_gc_mark(relay->flight);
    rb_gc_mark(relay->tally);
    rb_gc_mark(relay->channel);
    rb_gc_mark(relay->outlet);
    for (unsigned i = 0; i < MG_WINDOW_MOST; i++)
        rb_gc_mark(relay->items[i]);
}

static size_t relay_memsize(const void *pointer)
{
    (void)pointer;
    return sizeof(rb_mg_relay_t);
}

/* Written to for each item, which a write barrier would cost more than marking it each time. */
static const rb_data_type_t relay_type = {
    .wrap_struct_name = "minigun/native/relay",
    .function = {.dmark = relay_mark, .dfree = RUBY_DEFAULT_FREE, .dsize = relay_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static rb_mg_relay_t *get(VALUE self)
{
    return rb_check_typeddata(self, &relay_type);
}

static VALUE relay_alloc(VALUE klass)
{
    rb_mg_relay_t *relay;
    VALUE self = TypedData_Make_Struct(klass, rb_mg_relay_t, &relay_type, relay);

    relay->node = relay->inbox = relay->flight = relay->tally = Qnil;
    relay->channel = relay->outlet = Qnil;
    for (unsigned i = 0; i < MG_WINDOW_MOST; i++)
        relay->items[i] = Qnil;
    relay->number = 1;
    relay->width = 1;
    relay->over = true;
    return self;
}

static VALUE relay_initialize(VALUE self, VALUE node, VALUE inbox, VALUE flight, VALUE tally)
{
    rb_mg_relay_t *relay = get(self);

    relay->box = rb_mg_inbox_get(inbox);
    relay->units = rb_mg_flight_get(flight);
    relay->counts = rb_mg_tally_get(tally);
    relay->node = node;
    relay->inbox = inbox;
    relay->flight = flight;
    relay->tally = tally;
    relay->width = NUM2UINT(rb_funcall(node, rb_intern("width"), 0));
    relay->singles = RTEST(rb_funcall(node, rb_intern("singles?"), 0));
    relay->direct = RTEST(rb_funcall(node, rb_intern("direct?"), 0));
    relay->pid = mg_fork_self();
    relay->over = false;
    if (relay->width == 0)
        rb_raise(rb_eArgError, "a stage has one slot at least");
    return self;
}

/* In a process that a hook has forked there is nothing to do. */
static VALUE relay_await(VALUE self)
{
    rb_mg_relay_t *relay = get(self);

    while (!relay->over && relay->count == 0 && !rb_mg_relay_take(relay)) {
        if (relay->box->closed)
            relay->over = true;
        else
            rb_mg_inbox_await_item(relay->box);
    }
    if (relay->pid != mg_fork_self())
        relay->over = true;
    return relay->over ? Qfalse : Qtrue;
}

/* Nothing was sent to this one yet. */
static VALUE relay_meet(VALUE self, VALUE channel)
{
    rb_mg_relay_t *relay = get(self);

    relay->child = rb_mg_child_parent(channel, "meet");
    relay->channel = channel;
    relay->sent = 0;
    relay->number = 1;
    relay->delivered = 0;
    relay->stateful = relay->holding = relay->gone = false;
    relay->window.known = false;
    return self;
}

static VALUE run(VALUE argument)
{
    return rb_mg_relay_run((rb_mg_relay_t *)argument) ? Qtrue : Qfalse;
}

static VALUE end_run(VALUE argument)
{
    rb_mg_child_end_reading(((const rb_mg_relay_t *)argument)->child);
    return Qnil;
}

static VALUE relay_run(VALUE self)
{
    rb_mg_relay_t *relay = get(self);
    VALUE all;

    if (relay->child == NULL)
        rb_raise(rb_mg_eError, "the relay has no child");
    (void)rb_mg_child_parent(relay->channel, "run");
    rb_mg_child_begin_reading(relay->child);
    all = rb_ensure(run, (VALUE)relay, end_run, (VALUE)relay);
    RB_GC_GUARD(self);
    return all;
}

static VALUE relay_oldest(VALUE self)
{
    const rb_mg_relay_t *relay = get(self);

    return relay->count > 0 ? relay->items[relay->head] : Qnil;
}

static VALUE relay_drop(VALUE self)
{
    rb_mg_relay_t *relay = get(self);

    if (relay->count > 0)
        rb_mg_relay_settle(relay);
    return self;
}

static VALUE relay_took(VALUE self, VALUE seconds)
{
    mg_window_took(&get(self)->window, NUM2DBL(seconds));
    return self;
}

static VALUE relay_hold(VALUE self)
{
    get(self)->holding = true;
    get(self)->encoding = false;
    return self;
}

static VALUE relay_release(VALUE self)
{
    get(self)->holding = false;
    return self;
}

static VALUE relay_window(VALUE self)
{
    return UINT2NUM(mg_window_size(&get(self)->window));
}

static VALUE relay_sent(VALUE self)
{
    return UINT2NUM(get(self)->sent);
}

static VALUE relay_number(VALUE self)
{
    return ULL2NUM(get(self)->number);
}

static VALUE relay_delivered(VALUE self)
{
    return LL2NUM(get(self)->delivered);
}

static VALUE relay_is_encoding(VALUE self)
{
    return get(self)->encoding ? Qtrue : Qfalse;
}

static VALUE relay_is_busy(VALUE self)
{
    return get(self)->count > 0 ? Qtrue : Qfalse;
}

void Init_minigun_relay(VALUE mNative)
{
    VALUE cRelay = rb_define_class_under(mNative, "Relay", rb_cObject);

    rb_mg_init_relay_run();
    rb_define_const(cRelay, "ITEM", UINT2NUM(RB_MG_RECORD_ITEM));
    rb_define_const(cRelay, "EMIT", UINT2NUM(RB_MG_RECORD_EMIT));
    rb_define_const(cRelay, "EMIT_TO", UINT2NUM(RB_MG_RECORD_EMIT_TO));
    rb_define_const(cRelay, "STATE", UINT2NUM(RB_MG_RECORD_STATE));
    rb_define_const(cRelay, "DONE", UINT2NUM(RB_MG_RECORD_DONE));
    rb_define_const(cRelay, "FAILED", UINT2NUM(RB_MG_RECORD_FAILED));
    rb_define_alloc_func(cRelay, relay_alloc);
    rb_mg_forbid_copies(cRelay);
    rb_define_method(cRelay, "initialize", relay_initialize, 4);
    rb_define_method(cRelay, "await", relay_await, 0);
    rb_define_method(cRelay, "meet", relay_meet, 1);
    rb_define_method(cRelay, "run", relay_run, 0);
    rb_define_method(cRelay, "oldest", relay_oldest, 0);
    rb_define_method(cRelay, "leave", relay_oldest, 0);
    rb_define_method(cRelay, "drop", relay_drop, 0);
    rb_define_method(cRelay, "took", relay_took, 1);
    rb_define_method(cRelay, "hold", relay_hold, 0);
    rb_define_method(cRelay, "release", relay_release, 0);
    rb_define_method(cRelay, "window", relay_window, 0);
    rb_define_method(cRelay, "sent", relay_sent, 0);
    rb_define_method(cRelay, "number", relay_number, 0);
    rb_define_method(cRelay, "delivered", relay_delivered, 0);
    rb_define_method(cRelay, "encoding?", relay_is_encoding, 0);
    rb_define_method(cRelay, "busy?", relay_is_busy, 0);
}
