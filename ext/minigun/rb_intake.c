#include "platform.h"

#include "minigun.h"
#include "rb_blocking.h"
#include "rb_child.h"
#include "rb_records.h"
#include "rb_shell.h"
#include "rb_status.h"
#include "rb_watch.h"

#include <stdbool.h>

/*
 * Minigun::Native::Intake: in a child, the items of its inbox, one after another. To ask for the
 * next one is to say that the block has done well with the one before.
 */
typedef struct {
    VALUE main; /* answers `scope_of`, `name` and `send_state` */
    VALUE uplink;
    VALUE channel;
    VALUE turn;
    VALUE watch; /* over the user's containers; nil: there are none */
    VALUE item;
    rb_mg_child_t *child;
    rb_mg_shell_t shell;
    uint64_t number;
    uint64_t began_ns;
    uint64_t ended_ns; /* when the item before was over, if nothing was waited for since; 0 */
    bool busy;         /* an item has no outcome yet */
    bool over;
} intake_t;

static ID id_send_state, id_write, id_turn, id_channel;

static void intake_mark(void *pointer)
{
    const intake_t *intake = pointer;

    rb_gc_mark(intake->main);
    rb_gc_mark(intake->uplink);
    rb_gc_mark(intake->channel);
    rb_gc_mark(intake->turn);
    rb_gc_mark(intake->watch);
    rb_gc_mark(intake->item);
    rb_mg_shell_mark(&intake->shell);
}

static size_t intake_memsize(const void *pointer)
{
    (void)pointer;
    return sizeof(intake_t);
}

static const rb_data_type_t intake_type = {
    .wrap_struct_name = "minigun/native/intake",
    .function = {.dmark = intake_mark, .dfree = RUBY_DEFAULT_FREE, .dsize = intake_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static intake_t *get(VALUE self)
{
    return rb_check_typeddata(self, &intake_type);
}

static VALUE intake_alloc(VALUE klass)
{
    intake_t *intake;
    VALUE self = TypedData_Make_Struct(klass, intake_t, &intake_type, intake);

    intake->main = intake->uplink = intake->channel = intake->turn = Qnil;
    intake->watch = intake->item = Qnil;
    rb_mg_shell_init(&intake->shell);
    intake->over = true;
    return self;
}

static VALUE intake_initialize(VALUE self, VALUE main, VALUE uplink, VALUE watch)
{
    intake_t *intake = get(self);

    intake->channel = rb_funcallv(uplink, id_channel, 0, NULL);
    intake->child = rb_mg_child_worker(intake->channel, "an intake");
    intake->turn = rb_funcallv(uplink, id_turn, 0, NULL);
    intake->main = main;
    intake->uplink = uplink;
    intake->watch = watch;
    if (!NIL_P(watch))
        (void)rb_mg_watch_get(watch);
    intake->shell.thread = rb_thread_current();
    intake->over = false;
    return self;
}

/* The outcome. To wait for room in the ring is no time of the next item. */
static void report(intake_t *intake, VALUE seconds)
{
    VALUE arguments[3] = {UINT2NUM(RB_MG_RECORD_DONE), ULL2NUM(intake->number), seconds};

    if (rb_mg_child_try(intake->child, intake->turn, RB_MG_RECORD_DONE, (uint32_t)intake->number,
                        seconds))
        return;
    intake->ended_ns = 0;
    rb_funcallv(intake->uplink, id_write, 3, arguments);
}

/* Sends what has come to the user's containers. */
static void send_state(const intake_t *intake)
{
    rb_mg_watch_t *watch = NIL_P(intake->watch) ? NULL : rb_mg_watch_get(intake->watch);

    if (watch == NULL || rb_mg_watch_quiet(watch))
        return;
    rb_funcallv(intake->main, id_send_state, 0, NULL);
    rb_mg_watch_mark(watch);
}

/* The block has returned. Its state goes home before its outcome. */
static void finish(intake_t *intake)
{
    VALUE seconds;

    rb_mg_shell_shut(&intake->shell);
    send_state(intake);
    intake->ended_ns = mg_monotonic_ns();
    seconds = rb_mg_seconds(intake->ended_ns - intake->began_ns);
    report(intake, seconds);
    intake->busy = false;
    intake->item = Qnil;
    rb_mg_child_finish_item(intake->child, intake->number, true);
}

/* False: there are no more. */
static bool receive(intake_t *intake)
{
    rb_mg_child_t *child = intake->child;

    if (rb_mg_child_receive(child, &child->process->control->parent_ec))
        return true;
    intake->ended_ns = 0;
    return rb_mg_child_await(child, RB_MG_WORKER) == RB_MG_ARRIVED;
}

static void begin(VALUE self, intake_t *intake)
{
    rb_mg_child_t *child = intake->child;

    if (child->message.kind != RB_MG_RECORD_ITEM)
        rb_raise(rb_mg_eRingCorrupted, "a record of kind %u where an item is due",
                 child->message.kind);
    intake->number = child->message.aux;
    intake->item = rb_mg_child_decode(child);
    rb_mg_message_clear(&child->message);
    if (rb_mg_shell_is_empty(&intake->shell) && !rb_mg_shell_reuse(self, &intake->shell))
        rb_mg_shell_fill(self, &intake->shell,
                         rb_mg_emitter_new_remote(intake->main, intake->uplink));
    intake->began_ns = intake->ended_ns > 0 ? intake->ended_ns : mg_monotonic_ns();
    rb_mg_child_start_item(child, intake->number, intake->began_ns);
    rb_mg_shell_refresh(&intake->shell);
    rb_mg_shell_open(&intake->shell);
    intake->busy = true;
}

static VALUE intake_next(VALUE self)
{
    intake_t *intake = get(self);

    if (intake->over)
        return Qnil;
    (void)rb_mg_child_worker(intake->channel, "next");
    if (intake->busy)
        finish(intake);
    if (!receive(intake)) {
        intake->over = true;
        return Qnil;
    }
    begin(self, intake);
    rb_thread_check_ints();
    return intake->item;
}

/* The block has ended, but not well: what it was given it has no more. */
static VALUE intake_leave(VALUE self)
{
    intake_t *intake = get(self);

    rb_mg_shell_shut(&intake->shell);
    return intake->item;
}

/* The item has another outcome, which was written. */
static VALUE intake_drop(VALUE self)
{
    intake_t *intake = get(self);

    if (intake->busy)
        rb_mg_child_finish_item(intake->child, intake->number, false);
    intake->busy = false;
    intake->item = Qnil;
    intake->ended_ns = 0;
    return self;
}

static VALUE intake_learn(VALUE self)
{
    rb_mg_shell_learn(&get(self)->shell);
    return self;
}

static VALUE intake_number(VALUE self)
{
    return ULL2NUM(get(self)->number);
}

static VALUE intake_seconds(VALUE self)
{
    return rb_mg_seconds(mg_monotonic_ns() - get(self)->began_ns);
}

static VALUE intake_is_busy(VALUE self)
{
    return get(self)->busy ? Qtrue : Qfalse;
}

static VALUE intake_is_over(VALUE self)
{
    return get(self)->over ? Qtrue : Qfalse;
}

void Init_minigun_intake(VALUE mNative)
{
    VALUE cIntake = rb_define_class_under(mNative, "Intake", rb_cObject);

    id_send_state = rb_intern("send_state");
    id_write = rb_intern("write");
    id_turn = rb_intern("turn");
    id_channel = rb_intern("channel");
    rb_mg_init_shell();
    rb_define_alloc_func(cIntake, intake_alloc);
    rb_mg_forbid_copies(cIntake);
    rb_define_method(cIntake, "initialize", intake_initialize, 3);
    rb_define_method(cIntake, "next", intake_next, 0);
    rb_define_method(cIntake, "leave", intake_leave, 0);
    rb_define_method(cIntake, "drop", intake_drop, 0);
    rb_define_method(cIntake, "learn", intake_learn, 0);
    rb_define_method(cIntake, "number", intake_number, 0);
    rb_define_method(cIntake, "seconds", intake_seconds, 0);
    rb_define_method(cIntake, "busy?", intake_is_busy, 0);
    rb_define_method(cIntake, "over?", intake_is_over, 0);
}
