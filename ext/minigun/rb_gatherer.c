#include "platform.h"

#include "eventcount.h"
#include "fork.h"
#include "minigun.h"
#include "rb_blocking.h"
#include "rb_flight.h"
#include "rb_inbox.h"
#include "rb_tally.h"

#include <limits.h>
#include <stdbool.h>

/*
 * Minigun::Native::Gatherer: the items of an accumulator's slot, gathered in batches. What Ruby
 * gets is the item that fills a batch, or a signal, and its unit in flight with it. The units of
 * all others are given back here: they are in a batch that is known to hold something.
 */
typedef struct {
    VALUE inbox;
    VALUE flight;
    VALUE tally;
    VALUE signal; /* none of the user's items */
    VALUE item;   /* the last one of a full batch, or the signal */
    rb_mg_inbox_t *box;
    rb_mg_flight_t *units;
    rb_mg_tally_t *counts;
    pid_t pid;
    bool busy; /* `item` is not worked off yet */
    bool over;
} gatherer_t;

static void gatherer_mark(void *pointer)
{
    const gatherer_t *gatherer = pointer;

    rb_gc_mark(gatherer->inbox);
    rb_gc_mark(gatherer->flight);
    rb_gc_mark(gatherer->tally);
    rb_gc_mark(gatherer->signal);
    rb_gc_mark(gatherer->item);
}

static size_t gatherer_memsize(const void *pointer)
{
    (void)pointer;
    return sizeof(gatherer_t);
}

static const rb_data_type_t gatherer_type = {
    .wrap_struct_name = "minigun/native/gatherer",
    .function = {.dmark = gatherer_mark, .dfree = RUBY_DEFAULT_FREE, .dsize = gatherer_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

static gatherer_t *get(VALUE self)
{
    return rb_check_typeddata(self, &gatherer_type);
}

static VALUE gatherer_alloc(VALUE klass)
{
    gatherer_t *gatherer;
    VALUE self = TypedData_Make_Struct(klass, gatherer_t, &gatherer_type, gatherer);

    gatherer->inbox = gatherer->flight = gatherer->tally = Qnil;
    gatherer->signal = gatherer->item = Qnil;
    gatherer->over = true;
    return self;
}

static VALUE gatherer_initialize(VALUE self, VALUE inbox, VALUE flight, VALUE tally, VALUE signal)
{
    gatherer_t *gatherer = get(self);

    gatherer->box = rb_mg_inbox_get(inbox);
    gatherer->units = rb_mg_flight_get(flight);
    gatherer->counts = rb_mg_tally_get(tally);
    RB_OBJ_WRITE(self, &gatherer->inbox, inbox);
    RB_OBJ_WRITE(self, &gatherer->flight, flight);
    RB_OBJ_WRITE(self, &gatherer->tally, tally);
    RB_OBJ_WRITE(self, &gatherer->signal, signal);
    gatherer->pid = mg_fork_self();
    gatherer->over = false;
    return self;
}

static void hold(VALUE self, gatherer_t *gatherer, VALUE item)
{
    RB_OBJ_WRITE(self, &gatherer->item, item);
    gatherer->busy = true;
}

static uint64_t now_if_sampled(long place)
{
    return place == RB_MG_UNSAMPLED ? 0 : mg_monotonic_ns();
}

/* The first item is in its batch, and has an outcome, before it is out of the inbox: memory may be
 * short. The latency of the one that fills the batch is not known yet. */
static void append(VALUE self, gatherer_t *gatherer, VALUE items, long most)
{
    VALUE item = rb_mg_inbox_first(gatherer->box);
    long place = rb_mg_tally_draw(gatherer->counts);
    uint64_t began_ns = now_if_sampled(place);
    VALUE seconds = Qnil;

    rb_ary_push(items, item);
    rb_mg_inbox_remove(gatherer->box);
    gatherer->counts->consumed++;
    if (RARRAY_LEN(items) >= most) {
        hold(self, gatherer, item);
        return;
    }
    if (place != RB_MG_UNSAMPLED)
        seconds = rb_mg_seconds(mg_monotonic_ns() - began_ns);
    rb_mg_tally_observe(gatherer->counts, place, seconds);
}

/* Takes what there is, until there is something for Ruby to do. Nothing looks for interrupts before
 * the last steps, when each item that was taken is known to somebody. */
static bool take(VALUE self, gatherer_t *gatherer, VALUE items, long most)
{
    rb_mg_inbox_t *box = gatherer->box;
    int64_t settled = 0;

    while (box->size > 0 && !gatherer->busy) {
        if (RB_UNLIKELY(rb_mg_inbox_first(box) == gatherer->signal)) {
            rb_mg_inbox_remove(box);
            hold(self, gatherer, gatherer->signal);
        } else if (RB_UNLIKELY(box->discarding)) {
            rb_mg_inbox_remove(box);
            settled++;
        } else {
            append(self, gatherer, items, most);
            settled += !gatherer->busy;
        }
    }
    if (settled > 0)
        rb_mg_flight_lower(gatherer->units, settled);
    rb_mg_inbox_freed(box);
    return gatherer->busy;
}

static VALUE gatherer_gather(VALUE self, VALUE items, VALUE most)
{
    gatherer_t *gatherer = get(self);
    long size = RB_TYPE_P(most, T_BIGNUM) ? LONG_MAX : NUM2LONG(most);

    Check_Type(items, T_ARRAY);
    if (gatherer->over || gatherer->pid != mg_fork_self()) {
        gatherer->over = true;
        return Qnil;
    }
    while (!take(self, gatherer, items, size)) {
        if (gatherer->box->closed && gatherer->box->size == 0) {
            gatherer->over = true;
            return Qnil;
        }
        if (gatherer->box->size == 0)
            rb_mg_inbox_await_item(gatherer->box);
    }
    return gatherer->item;
}

/* The item has its outcome. */
static VALUE gatherer_drop(VALUE self)
{
    gatherer_t *gatherer = get(self);

    if (!gatherer->busy)
        return self;
    gatherer->busy = false;
    gatherer->item = Qnil;
    rb_mg_flight_lower(gatherer->units, 1);
    return self;
}

static VALUE gatherer_leave(VALUE self)
{
    return get(self)->item;
}

static VALUE gatherer_is_busy(VALUE self)
{
    return get(self)->busy ? Qtrue : Qfalse;
}

static VALUE gatherer_is_over(VALUE self)
{
    return get(self)->over ? Qtrue : Qfalse;
}

void Init_minigun_gatherer(VALUE mNative)
{
    VALUE cGatherer = rb_define_class_under(mNative, "Gatherer", rb_cObject);

    rb_define_alloc_func(cGatherer, gatherer_alloc);
    rb_mg_forbid_copies(cGatherer);
    rb_define_method(cGatherer, "initialize", gatherer_initialize, 4);
    rb_define_method(cGatherer, "gather", gatherer_gather, 2);
    rb_define_method(cGatherer, "drop", gatherer_drop, 0);
    rb_define_method(cGatherer, "leave", gatherer_leave, 0);
    rb_define_method(cGatherer, "busy?", gatherer_is_busy, 0);
    rb_define_method(cGatherer, "over?", gatherer_is_over, 0);
}
