#include "rb_inbox.h"

#include "eventcount.h"
#include "minigun.h"

#define FIRST_ALLOCATION 16
/* From full to full. A thread switch there and back costs some 30 us. */
#define TOO_OFTEN_NS  UINT64_C(1000000)
#define TOO_SELDOM_NS UINT64_C(4000000)

static VALUE closed_mark; /* CLOSED */
static VALUE eClosedQueueError;
static ID id_grow;

static VALUE *place(const rb_mg_inbox_t *inbox, size_t index)
{
    return &inbox->items[(inbox->head + index) & (inbox->allocated - 1)];
}

static void inbox_mark(void *pointer)
{
    const rb_mg_inbox_t *inbox = pointer;

    for (size_t i = 0; i < inbox->size; i++)
        rb_gc_mark_movable(*place(inbox, i));
    rb_gc_mark_movable(inbox->takers.queue);
    rb_gc_mark_movable(inbox->putters.queue);
    rb_gc_mark_movable(inbox->staff);
}

static void inbox_compact(void *pointer)
{
    rb_mg_inbox_t *inbox = pointer;

    for (size_t i = 0; i < inbox->size; i++)
        *place(inbox, i) = rb_gc_location(*place(inbox, i));
    inbox->takers.queue = rb_gc_location(inbox->takers.queue);
    inbox->putters.queue = rb_gc_location(inbox->putters.queue);
    inbox->staff = rb_gc_location(inbox->staff);
}

static void inbox_free(void *pointer)
{
    rb_mg_inbox_t *inbox = pointer;

    xfree(inbox->items);
    xfree(inbox);
}

static size_t inbox_memsize(const void *pointer)
{
    const rb_mg_inbox_t *inbox = pointer;

    return sizeof(*inbox) + inbox->allocated * sizeof(VALUE);
}

static const rb_data_type_t inbox_type = {
    .wrap_struct_name = "minigun/native/inbox",
    .function = {.dmark = inbox_mark,
                 .dfree = inbox_free,
                 .dsize = inbox_memsize,
                 .dcompact = inbox_compact},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

rb_mg_inbox_t *rb_mg_inbox_get(VALUE self)
{
    rb_mg_inbox_t *inbox = rb_check_typeddata(self, &inbox_type);

    if (inbox->capacity == 0)
        rb_raise(rb_eArgError, "the inbox was not initialised");
    return inbox;
}

static VALUE inbox_alloc(VALUE klass)
{
    rb_mg_inbox_t *inbox;
    VALUE self = TypedData_Make_Struct(klass, rb_mg_inbox_t, &inbox_type, inbox);

    inbox->takers.queue = inbox->putters.queue = inbox->staff = Qnil;
    return self;
}

/* new(capacity, most = capacity) */
static VALUE inbox_initialize(int argc, VALUE *argv, VALUE self)
{
    rb_mg_inbox_t *inbox = rb_check_typeddata(self, &inbox_type);
    long size;
    long most;

    rb_check_arity(argc, 1, 2);
    size = NUM2LONG(argv[0]);
    most = argc == 2 ? NUM2LONG(argv[1]) : size;

    if (inbox->capacity != 0)
        rb_raise(rb_eArgError, "the inbox is initialised already");
    if (size <= 0)
        rb_raise(rb_eArgError, "an inbox has room for at least one item, got %ld", size);
    if (most < size)
        rb_raise(rb_eArgError, "an inbox of %ld items cannot have room for %ld at most", size,
                 most);
    rb_mg_waiters_init(self, &inbox->takers);
    rb_mg_waiters_init(self, &inbox->putters);
    inbox->items = ALLOC_N(VALUE, FIRST_ALLOCATION);
    inbox->allocated = FIRST_ALLOCATION;
    inbox->capacity = inbox->least = (size_t)size;
    inbox->most = (size_t)most;
    return self;
}

void rb_mg_inbox_enlarge(rb_mg_inbox_t *inbox)
{
    VALUE *items;

    if (inbox->closed)
        rb_raise(eClosedQueueError, "queue closed");
    items = ALLOC_N(VALUE, inbox->allocated * 2);
    for (size_t i = 0; i < inbox->size; i++)
        items[i] = *place(inbox, i);
    xfree(inbox->items);
    inbox->items = items;
    inbox->head = 0;
    inbox->allocated *= 2;
}

void rb_mg_inbox_put(VALUE self, rb_mg_inbox_t *inbox, VALUE item)
{
    RB_OBJ_WRITE(self, place(inbox, inbox->size), item);
    inbox->size++;
    rb_mg_waiters_call(&inbox->takers, 1);
    if (!NIL_P(inbox->staff) && inbox->size > inbox->takers.waiting)
        rb_funcallv(inbox->staff, id_grow, 0, NULL);
}

bool rb_mg_inbox_take(rb_mg_inbox_t *inbox, VALUE *item)
{
    if (inbox->size == 0)
        return false;
    *item = rb_mg_inbox_first(inbox);
    rb_mg_inbox_remove(inbox);
    rb_mg_inbox_freed(inbox);
    return true;
}

bool rb_mg_inbox_take_wanted(rb_mg_inbox_t *inbox, rb_mg_flight_t *units, VALUE *item)
{
    while (inbox->size > 0) {
        *item = rb_mg_inbox_first(inbox);
        rb_mg_inbox_remove(inbox);
        if (RB_LIKELY(!inbox->discarding))
            return true;
        rb_mg_flight_lower(units, 1);
    }
    rb_mg_inbox_freed(inbox);
    return false;
}

/* The whole time counts, not only that of those who take: a source that computes for long between
 * its items has to stop as soon as ever, for the stages behind it. */
static void adapt(rb_mg_inbox_t *inbox)
{
    uint64_t now = mg_monotonic_ns();
    uint64_t passed = now - inbox->full_ns;

    inbox->full_ns = now;
    if (passed < TOO_OFTEN_NS && inbox->capacity * 2 <= inbox->most)
        inbox->capacity *= 2;
    else if (passed > TOO_SELDOM_NS && inbox->capacity / 2 >= inbox->least)
        inbox->capacity /= 2;
}

void rb_mg_inbox_await_room(rb_mg_inbox_t *inbox)
{
    if (rb_mg_inbox_full(inbox) && !inbox->closed)
        adapt(inbox);
    while (rb_mg_inbox_full(inbox) && !inbox->closed)
        rb_mg_waiters_wait(&inbox->putters);
}

void rb_mg_inbox_await_item(rb_mg_inbox_t *inbox)
{
    rb_mg_waiters_wait(&inbox->takers);
}

static VALUE inbox_put(VALUE self, VALUE item)
{
    rb_mg_inbox_t *inbox = rb_mg_inbox_get(self);

    rb_mg_inbox_reserve(inbox);
    rb_mg_inbox_put(self, inbox, item);
    return self;
}

static VALUE inbox_await_room(VALUE self)
{
    rb_mg_inbox_await_room(rb_mg_inbox_get(self));
    return self;
}

static VALUE inbox_pop(VALUE self)
{
    rb_mg_inbox_t *inbox = rb_mg_inbox_get(self);
    VALUE item;

    while (!rb_mg_inbox_take(inbox, &item)) {
        if (inbox->closed)
            return closed_mark;
        rb_mg_inbox_await_item(inbox);
    }
    return item;
}

static VALUE inbox_close(VALUE self)
{
    rb_mg_inbox_t *inbox = rb_mg_inbox_get(self);

    inbox->closed = true;
    rb_mg_waiters_call(&inbox->takers, inbox->takers.waiting);
    rb_mg_waiters_call(&inbox->putters, inbox->putters.waiting);
    return self;
}

static VALUE inbox_discard(VALUE self)
{
    rb_mg_inbox_get(self)->discarding = true;
    return self;
}

static VALUE inbox_abandon(VALUE self)
{
    rb_mg_inbox_t *inbox = rb_mg_inbox_get(self);
    size_t dropped = inbox->size;

    inbox->head = inbox->size = 0;
    inbox_close(self);
    return SIZET2NUM(dropped);
}

static VALUE inbox_size(VALUE self)
{
    return SIZET2NUM(rb_mg_inbox_get(self)->size);
}

static VALUE inbox_capacity(VALUE self)
{
    return SIZET2NUM(rb_mg_inbox_get(self)->capacity);
}

static VALUE inbox_is_full(VALUE self)
{
    return rb_mg_inbox_full(rb_mg_inbox_get(self)) ? Qtrue : Qfalse;
}

static VALUE inbox_is_backlog(VALUE self)
{
    const rb_mg_inbox_t *inbox = rb_mg_inbox_get(self);

    return inbox->size > inbox->takers.waiting ? Qtrue : Qfalse;
}

static VALUE inbox_set_staff(VALUE self, VALUE staff)
{
    RB_OBJ_WRITE(self, &rb_mg_inbox_get(self)->staff, staff);
    return staff;
}

void Init_minigun_inbox(VALUE mNative)
{
    VALUE cInbox = rb_define_class_under(mNative, "Inbox", rb_cObject);

    rb_mg_init_waiters();
    eClosedQueueError = rb_path2class("ClosedQueueError");
    id_grow = rb_intern("grow");
    closed_mark = rb_obj_freeze(rb_obj_alloc(rb_cObject));
    rb_define_const(cInbox, "CLOSED", closed_mark);
    rb_gc_register_mark_object(closed_mark);
    rb_define_alloc_func(cInbox, inbox_alloc);
    rb_mg_forbid_copies(cInbox);
    rb_define_method(cInbox, "initialize", inbox_initialize, -1);
    rb_define_method(cInbox, "put", inbox_put, 1);
    rb_define_method(cInbox, "await_room", inbox_await_room, 0);
    rb_define_method(cInbox, "pop", inbox_pop, 0);
    rb_define_method(cInbox, "close", inbox_close, 0);
    rb_define_method(cInbox, "abandon", inbox_abandon, 0);
    rb_define_method(cInbox, "discard", inbox_discard, 0);
    rb_define_method(cInbox, "size", inbox_size, 0);
    rb_define_method(cInbox, "capacity", inbox_capacity, 0);
    rb_define_method(cInbox, "full?", inbox_is_full, 0);
    rb_define_method(cInbox, "backlog?", inbox_is_backlog, 0);
    rb_define_method(cInbox, "staff=", inbox_set_staff, 1);
}
