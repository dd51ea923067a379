#include "platform.h"

#include "eventcount.h"
#include "fork.h"
#include "minigun.h"
#include "rb_blocking.h"
#include "rb_flight.h"
#include "rb_inbox.h"
#include "rb_shell.h"
#include "rb_status.h"
#include "rb_tally.h"

#include <stdbool.h>

/*
 * Minigun::Native::Stream: the items of one slot, one after another. To ask for the next one is to
 * say that the block has done well with the one before.
 */
typedef struct {
    VALUE node;
    VALUE inbox;
    VALUE flight;
    VALUE tally;
    VALUE item;
    rb_mg_inbox_t *box;
    rb_mg_flight_t *units;
    rb_mg_tally_t *counts;
    rb_mg_shell_t shell;
    pid_t pid;
    long place;        /* in the sample of latencies */
    uint64_t began_ns; /* known for an item in the sample */
    bool busy;         /* an item has no outcome yet */
    bool over;
} stream_t;

static void stream_mark(void *pointer)
{
    const stream_t *stream = pointer;

    rb_gc_mark(stream->node);
    rb_gc_mark(stream->inbox);
    rb_gc_mark(stream->flight);
    rb_gc_mark(stream->tally);
    rb_gc_mark(stream->item);
    rb_mg_shell_mark(&stream->shell);
}

static size_t stream_memsize(const void *pointer)
{
    (void)pointer;
    return sizeof(stream_t);
}

static const rb_data_type_t stream_type = {
    .wrap_struct_name = "minigun/native/stream",
    .function = {.dmark = stream_mark, .dfree = RUBY_DEFAULT_FREE, .dsize = stream_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

static stream_t *get(VALUE self)
{
    return rb_check_typeddata(self, &stream_type);
}

static VALUE stream_alloc(VALUE klass)
{
    stream_t *stream;
    VALUE self = TypedData_Make_Struct(klass, stream_t, &stream_type, stream);

    stream->node = stream->inbox = stream->flight = stream->tally = stream->item = Qnil;
    rb_mg_shell_init(&stream->shell);
    stream->over = true;
    return self;
}

static VALUE stream_initialize(VALUE self, VALUE node, VALUE inbox, VALUE flight, VALUE tally)
{
    stream_t *stream = get(self);

    stream->box = rb_mg_inbox_get(inbox);
    stream->units = rb_mg_flight_get(flight);
    stream->counts = rb_mg_tally_get(tally);
    RB_OBJ_WRITE(self, &stream->node, node);
    RB_OBJ_WRITE(self, &stream->inbox, inbox);
    RB_OBJ_WRITE(self, &stream->flight, flight);
    RB_OBJ_WRITE(self, &stream->tally, tally);
    RB_OBJ_WRITE(self, &stream->shell.thread, rb_thread_current());
    stream->pid = mg_fork_self();
    stream->over = false;
    return self;
}

/* From here to the last line nothing looks for interrupts: the item has one outcome, and its unit
 * is given back once. */
static void settle(stream_t *stream, bool done)
{
    VALUE seconds = Qnil;

    rb_mg_shell_shut(&stream->shell);
    if (done) {
        if (stream->place != RB_MG_UNSAMPLED)
            seconds = rb_mg_seconds(mg_monotonic_ns() - stream->began_ns);
        stream->counts->processed++;
        rb_mg_tally_observe(stream->counts, stream->place, seconds);
    }
    stream->busy = false;
    stream->item = Qnil;
    rb_mg_flight_lower(stream->units, 1);
}

static void begin(VALUE self, stream_t *stream, VALUE item)
{
    RB_OBJ_WRITE(self, &stream->item, item);
    stream->busy = true;
    stream->counts->consumed++;
    rb_mg_shell_open(&stream->shell);
    stream->place = rb_mg_tally_draw(stream->counts);
    if (stream->place != RB_MG_UNSAMPLED)
        stream->began_ns = mg_monotonic_ns();
}

/* A process that the block has forked has no business here. */
static bool stray(const stream_t *stream)
{
    return stream->pid != mg_fork_self();
}

static VALUE stream_next(VALUE self)
{
    stream_t *stream = RTYPEDDATA_DATA(self);
    VALUE item;

    if (stream->over || stray(stream)) {
        stream->over = true;
        return Qnil;
    }
    if (stream->busy)
        settle(stream, true);
    if (rb_mg_shell_is_empty(&stream->shell) && !rb_mg_shell_reuse(self, &stream->shell))
        rb_mg_shell_fill(self, &stream->shell, rb_mg_emitter_new(stream->node));
    while (!rb_mg_inbox_take_wanted(stream->box, stream->units, &item)) {
        if (stream->box->closed) {
            stream->over = true;
            return Qnil;
        }
        rb_mg_inbox_await_item(stream->box);
        rb_mg_shell_refresh(&stream->shell);
    }
    begin(self, stream, item);
    rb_mg_inbox_freed(stream->box);
    return item;
}

/* The item has another outcome, which was counted. */
static VALUE stream_drop(VALUE self)
{
    stream_t *stream = get(self);

    if (stream->busy)
        settle(stream, false);
    return self;
}

static VALUE stream_learn(VALUE self)
{
    rb_mg_shell_learn(&get(self)->shell);
    return self;
}

/* The block has ended, but not well: what it was given it has no more, before anything is made of
 * that. */
static VALUE stream_leave(VALUE self)
{
    stream_t *stream = get(self);

    if (stream->shell.way != NULL)
        stream->shell.way->open = false;
    return stream->item;
}

static VALUE stream_emitted(VALUE self)
{
    const stream_t *stream = get(self);

    return stream->shell.way == NULL ? INT2FIX(0) : LL2NUM(stream->shell.way->emitted);
}

static VALUE stream_is_busy(VALUE self)
{
    return get(self)->busy ? Qtrue : Qfalse;
}

static VALUE stream_is_over(VALUE self)
{
    return get(self)->over ? Qtrue : Qfalse;
}

void Init_minigun_stream(VALUE mNative)
{
    VALUE cStream = rb_define_class_under(mNative, "Stream", rb_cObject);

    rb_mg_init_shell();
    rb_define_alloc_func(cStream, stream_alloc);
    rb_mg_forbid_copies(cStream);
    rb_define_method(cStream, "initialize", stream_initialize, 4);
    rb_define_method(cStream, "next", stream_next, 0);
    rb_define_method(cStream, "drop", stream_drop, 0);
    rb_define_method(cStream, "learn", stream_learn, 0);
    rb_define_method(cStream, "leave", stream_leave, 0);
    rb_define_method(cStream, "emitted", stream_emitted, 0);
    rb_define_method(cStream, "busy?", stream_is_busy, 0);
    rb_define_method(cStream, "over?", stream_is_over, 0);
}
