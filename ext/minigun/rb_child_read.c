#include "rb_child.h"

#include "fault.h"
#include "rb_blocking.h"
#include "rb_status.h"

#define STREAMING_BURST 2u
#define NAP_NS          UINT64_C(100000)

typedef struct {
    rb_mg_child_t *child;
    rb_mg_role_t role;
    uint64_t deadline;
} read_t;

/* Runs without the GVL. */
static bool readable(void *argument)
{
    const read_t *read = argument;

    if (read->role == RB_MG_PARENT && !mg_process_is(read->child->process, MG_LIFE_LIVE))
        return true;
    return !read->child->reader_closed && mg_ring_readable(&read->child->reader);
}

static mg_eventcount_t *own_ec(const read_t *read)
{
    mg_control_t *control = read->child->process->control;

    return read->role == RB_MG_PARENT ? &control->parent_ec : &control->child_ec;
}

static mg_eventcount_t *peer_ec(const read_t *read)
{
    mg_control_t *control = read->child->process->control;

    return read->role == RB_MG_PARENT ? &control->child_ec : &control->parent_ec;
}

/* The message that has arrived: its object. */
VALUE rb_mg_child_decode(rb_mg_child_t *child)
{
    return rb_mg_decode(&child->decoder, child->message.bytes, child->message.length);
}

VALUE rb_mg_child_record(rb_mg_child_t *child)
{
    return rb_ary_new_from_args(3, UINT2NUM(child->message.kind), UINT2NUM(child->message.aux),
                                rb_mg_child_decode(child));
}

bool rb_mg_child_receive(rb_mg_child_t *child, mg_eventcount_t *writer)
{
    if (child->corrupted)
        rb_mg_raise(MG_CORRUPT, "reading a record");
    while (!child->reader_closed) {
        mg_status_t status = rb_mg_message_receive(&child->message, &child->reader, writer);

        switch (status) {
        case MG_OK:
            child->burst++;
            if (child->message.kind != RB_MG_KIND_END)
                return true;
            rb_mg_message_clear(&child->message);
            child->ended = true;
            break;
        case MG_EMPTY:
            return false;
        case MG_CLOSED:
            child->reader_closed = true;
            break;
        default:
            child->corrupted = status != MG_NO_MEMORY;
            rb_mg_raise(status, "reading a record");
        }
    }
    return false;
}

/* A child that streams would have to wake this side for each record it publishes: a short nap lets
 * many gather. A record that comes alone, or answers what was written, is slept for. */
static void sleep_until_readable(read_t *read)
{
    rb_mg_child_t *child = read->child;
    bool streaming = read->role == RB_MG_PARENT && child->burst >= STREAMING_BURST;

    child->burst = 0;
    if (streaming)
        rb_mg_nap(child->nap_ns > NAP_NS ? child->nap_ns : NAP_NS, read->deadline);
    else
        rb_mg_wait(child->process, own_ec(read), readable, read, read->deadline);
}

/* "Gone" is asked before the ring is looked at: a record published in between is still found. It
 * may take a system call, so a record that is there already is not kept waiting for it. */
static rb_mg_arrival_t await(read_t *read)
{
    rb_mg_child_t *child = read->child;

    if (rb_mg_child_receive(child, peer_ec(read)))
        return RB_MG_ARRIVED;
    for (;;) {
        bool gone = rb_mg_child_peer_gone(child, read->role);

        MG_FAULT_WHEN(gone, after_death);
        if (rb_mg_child_receive(child, peer_ec(read)))
            return RB_MG_ARRIVED;
        if (read->role == RB_MG_WORKER && child->reader_closed)
            return RB_MG_GONE;
        if (gone && read->role == RB_MG_WORKER)
            rb_raise(rb_mg_eParentGone, "the parent process is gone");
        if (gone)
            return RB_MG_GONE;
        if (read->deadline != MG_NEVER && mg_monotonic_ns() >= read->deadline)
            return RB_MG_LATE;
        sleep_until_readable(read);
        rb_mg_child_check_open(child);
    }
}

rb_mg_arrival_t rb_mg_child_await(rb_mg_child_t *child, rb_mg_role_t role)
{
    read_t read = {child, role, MG_NEVER};

    return await(&read);
}

static VALUE read_record(VALUE argument)
{
    read_t *read = (read_t *)argument;
    rb_mg_child_t *child = read->child;

    switch (await(read)) {
    case RB_MG_ARRIVED:
        return rb_mg_child_record(child);
    case RB_MG_LATE:
        return Qfalse;
    default:
        return Qnil;
    }
}

void rb_mg_child_begin_reading(rb_mg_child_t *child)
{
    if (child->reading)
        rb_raise(rb_mg_eError, "a read from this slot is going on already");
    child->reading = true;
}

void rb_mg_child_end_reading(rb_mg_child_t *child)
{
    child->reading = false;
    /* Unfinished messages go on in the next read. */
    if (!child->message.partial)
        rb_mg_message_clear(&child->message);
}

static VALUE end_reading(VALUE argument)
{
    rb_mg_child_end_reading(((read_t *)argument)->child);
    return Qnil;
}

static VALUE child_read(int argc, VALUE *argv, VALUE self)
{
    read_t read;
    VALUE timeout;
    VALUE result;

    rb_scan_args(argc, argv, "01", &timeout);
    read.child = rb_mg_child_open(self, &read.role);
    read.deadline = rb_mg_deadline(timeout);
    rb_mg_child_begin_reading(read.child);
    result = rb_ensure(read_record, (VALUE)&read, end_reading, (VALUE)&read);
    RB_GC_GUARD(self);
    return result;
}

void rb_mg_child_define_read(VALUE cChild)
{
    rb_define_method(cChild, "read", child_read, -1);
}
