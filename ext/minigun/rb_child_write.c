#include "rb_child.h"

#include "fault.h"
#include "rb_blocking.h"
#include "rb_status.h"

typedef struct {
    rb_mg_child_t *child;
    rb_mg_role_t role;
    uint8_t kind;
    uint32_t aux;
    VALUE object;
    rb_mg_drain_t drain; /* is called while the out ring has records; NULL: they wait */
    void *argument;      /* of drain */
    bool posted;         /* the message is made, and perhaps published in part */
    bool published;      /* all of it */
    mg_message_t message;
} write_t;

static bool out_readable(const write_t *write)
{
    return write->drain != NULL && !write->child->reader_closed && !write->child->corrupted &&
           mg_ring_readable(&write->child->reader);
}

/* Runs without the GVL. */
static bool may_go_on(void *argument)
{
    const write_t *write = argument;

    if (mg_ring_writable(&write->child->writer) || out_readable(write))
        return true;
    return write->role == RB_MG_PARENT && !mg_process_is(write->child->process, MG_LIFE_LIVE);
}

static void wait_for_room(write_t *write)
{
    rb_mg_child_t *child = write->child;
    mg_control_t *control = child->process->control;

    if (out_readable(write)) {
        rb_thread_check_ints();
        write->drain(write->argument);
    } else {
        rb_mg_wait(child->process,
                   write->role == RB_MG_PARENT ? &control->parent_ec : &control->child_ec,
                   may_go_on, write, MG_NEVER);
    }
    rb_mg_child_check_open(child);
}

/* Publishes what there is room for and wakes the reader. */
static mg_status_t publish(write_t *write)
{
    rb_mg_child_t *child = write->child;
    mg_control_t *control = child->process->control;
    uint64_t before = child->writer.tail;
    mg_status_t status = mg_ring_write(&child->writer, &write->message);

    if (child->writer.tail != before) {
        MG_FAULT(before_wake);
        (void)mg_eventcount_notify(write->role == RB_MG_PARENT ? &control->child_ec
                                                               : &control->parent_ec);
    }
    return status;
}

/* Its threads take turns, and nobody else counts. */
static void count_emission(mg_control_t *control)
{
    uint64_t emitted = atomic_load_explicit(&control->emitted, memory_order_relaxed);

    atomic_store_explicit(&control->emitted, emitted + 1, memory_order_release);
}

NORETURN(static void parent_gone(const char *why));

static void parent_gone(const char *why)
{
    rb_raise(rb_mg_eParentGone, "the parent process %s", why);
}

/* False when there is nobody to read it. */
static bool write_out(write_t *write)
{
    for (;;) {
        mg_status_t status;

        if (write->role == RB_MG_PARENT && rb_mg_child_peer_gone(write->child, RB_MG_PARENT))
            return false;
        status = publish(write);
        if (status == MG_OK)
            return write->published = true;
        if (status == MG_CLOSED && write->role == RB_MG_PARENT)
            return false;
        if (status == MG_CLOSED)
            parent_gone("reads no more");
        if (status != MG_FULL)
            rb_mg_raise(status, "writing a record");
        if (write->role == RB_MG_WORKER && rb_mg_child_peer_gone(write->child, RB_MG_WORKER))
            parent_gone("is gone");
        wait_for_room(write);
    }
}

static VALUE write_body(VALUE argument)
{
    write_t *write = (write_t *)argument;
    rb_mg_child_t *child = write->child;

    if (write->posted)
        return write_out(write) ? Qtrue : Qfalse;
    if (write->kind != RB_MG_KIND_END) {
        rb_mg_encode(&child->encoder, write->object);
        rb_mg_child_check_open(child);
        write->message.bytes = child->encoder.bytes;
        write->message.length = child->encoder.length;
    }
    write->message.kind = write->kind;
    write->message.aux = write->aux;
    return write_out(write) ? Qtrue : Qfalse;
}

/* A message cut short is dropped by its reader, with the Symbols it would have learnt from it. */
static VALUE end_writing(VALUE argument)
{
    write_t *write = (write_t *)argument;

    write->child->writing = false;
    if (!write->published)
        rb_mg_encoder_rollback(&write->child->encoder);
    rb_mg_encoder_trim(&write->child->encoder, RB_MG_KEPT_BYTES);
    return Qnil;
}

static VALUE run(write_t *write)
{
    rb_mg_child_t *child = write->child;

    if (child->writing)
        rb_raise(rb_mg_eError, "a write to this slot is going on already");
    if (write->role == RB_MG_PARENT && rb_mg_child_peer_gone(child, RB_MG_PARENT))
        return Qfalse;
    if (child->writer_closed)
        rb_raise(rb_mg_eError, "nothing can be written %s",
                 write->role == RB_MG_WORKER          ? "after finish"
                 : child->process->inbox_ring != NULL ? "to a closed inbox"
                                                      : "to a child without an inbox");
    child->writing = true;
    child->burst = 0;
    return rb_ensure(write_body, (VALUE)write, end_writing, (VALUE)write);
}

/* Most records find room, and then there is nothing to wait for and nothing to clean up. */
bool rb_mg_child_post(rb_mg_child_t *child, uint8_t kind, uint32_t aux, VALUE object,
                      rb_mg_drain_t drain, void *argument)
{
    write_t write = {.child = child,
                     .role = RB_MG_PARENT,
                     .object = object,
                     .drain = drain,
                     .argument = argument,
                     .posted = true};

    if (child->writing)
        rb_raise(rb_mg_eError, "a write to this slot is going on already");
    rb_mg_encode(&child->encoder, object);
    rb_mg_child_check_open(child);
    write.message = (mg_message_t){
        .bytes = child->encoder.bytes, .length = child->encoder.length, .kind = kind, .aux = aux};
    if (!child->writer_closed && mg_ring_write(&child->writer, &write.message) == MG_OK)
        rb_mg_encoder_trim(&child->encoder, RB_MG_KEPT_BYTES);
    else if (!RTEST(run(&write)))
        return rb_mg_encoder_rollback(&child->encoder), false;
    RB_GC_GUARD(object);
    return true;
}

bool rb_mg_child_try(rb_mg_child_t *child, VALUE turn, uint8_t kind, uint32_t aux, VALUE object)
{
    mg_control_t *control = child->process->control;
    mg_message_t message = {.kind = kind, .aux = aux};

    if (RTEST(rb_mutex_locked_p(turn)) || child->writing || child->writer_closed ||
        child->encoder.locked || !rb_mg_encode_alone(&child->encoder, object))
        return false;
    message.bytes = child->encoder.bytes;
    message.length = child->encoder.length;
    /* Less than a fragment goes in whole, or not at all. */
    if (message.length > child->writer.capacity / 8 ||
        mg_ring_write(&child->writer, &message) != MG_OK) {
        rb_mg_encoder_rollback(&child->encoder);
        return false;
    }
    MG_FAULT(before_wake);
    (void)mg_eventcount_notify(&control->parent_ec);
    count_emission(control);
    RB_GC_GUARD(object);
    return true;
}

void rb_mg_child_notify(rb_mg_child_t *child)
{
    MG_FAULT(before_wake);
    (void)mg_eventcount_notify(&child->process->control->child_ec);
}

static void yield(void *argument)
{
    (void)argument;
    rb_yield(Qundef);
}

static uint32_t in_range(VALUE value, unsigned long long limit, const char *name)
{
    unsigned long long number;

    if (FIXNUM_P(value) && FIX2LONG(value) >= 0 && (unsigned long long)FIX2LONG(value) < limit)
        return (uint32_t)FIX2LONG(value);
    if (!RB_INTEGER_TYPE_P(value) || RTEST(rb_funcall(value, '<', 1, INT2FIX(0))))
        rb_raise(rb_eArgError, "%s must be an Integer from 0, got %+" PRIsVALUE, name, value);
    number = NUM2ULL(value);
    if (number >= limit)
        rb_raise(rb_eArgError, "%s must be below %llu, got %llu", name, limit, number);
    return (uint32_t)number;
}

static VALUE child_write(VALUE self, VALUE kind, VALUE aux, VALUE object)
{
    write_t write = {.object = object};
    VALUE result;

    write.child = rb_mg_child_open(self, &write.role);
    write.kind = (uint8_t)in_range(kind, RB_MG_KIND_LIMIT, "kind");
    write.aux = in_range(aux, 1ULL << 32, "aux");
    write.drain = write.role == RB_MG_PARENT && rb_block_given_p() ? yield : NULL;
    result = run(&write);
    if (write.role == RB_MG_WORKER)
        count_emission(write.child->process->control);
    RB_GC_GUARD(self);
    RB_GC_GUARD(object);
    return result;
}

/* END is the truth about a child: whatever its status says later, it came to its end. */
static VALUE child_finish(VALUE self)
{
    write_t write = {.kind = RB_MG_KIND_END, .role = RB_MG_WORKER};

    write.child = rb_mg_child_worker(self, "finish");
    MG_FAULT(after_last_item);
    run(&write);
    MG_FAULT(after_end);
    write.child->ended = true;
    write.child->writer_closed = true;
    mg_ring_close_writer(&write.child->writer);
    atomic_store(&write.child->process->control->state, MG_CHILD_ENDED);
    (void)mg_eventcount_notify(&write.child->process->control->parent_ec);
    RB_GC_GUARD(self);
    return Qnil;
}

static VALUE child_close_inbox(VALUE self)
{
    rb_mg_child_t *child = rb_mg_child_parent(self, "close_inbox");

    if (child->process->inbox_ring == NULL || child->writer_closed)
        return Qnil;
    child->writer_closed = true;
    mg_ring_close_writer(&child->writer);
    (void)mg_eventcount_notify(&child->process->control->child_ec);
    return Qnil;
}

void rb_mg_child_define_write(VALUE cChild)
{
    rb_define_method(cChild, "write", child_write, 3);
    rb_define_method(cChild, "finish", child_finish, 0);
    rb_define_method(cChild, "close_inbox", child_close_inbox, 0);
}
