#include "rb_waiters.h"

#include <stdbool.h>

static VALUE cQueue;
static ID id_pop, id_push;

void rb_mg_waiters_init(VALUE self, rb_mg_waiters_t *waiters)
{
    RB_OBJ_WRITE(self, &waiters->queue, rb_class_new_instance(0, NULL, cQueue));
}

static void call_one(rb_mg_waiters_t *waiters)
{
    VALUE entry = Qtrue;

    waiters->called++;
    rb_funcallv(waiters->queue, id_push, 1, &entry);
}

typedef struct {
    rb_mg_waiters_t *waiters;
    bool called;
} sleeper_t;

static VALUE sleep_in_queue(VALUE argument)
{
    sleeper_t *sleeper = (sleeper_t *)argument;

    rb_funcallv(sleeper->waiters->queue, id_pop, 0, NULL);
    sleeper->called = true;
    return Qnil;
}

/* Ruby may have changed threads since the entry was taken, which is why it is taken off the count
 * and not the queue that is asked. A thread that is ended here may have been the one that was
 * called, and may or may not have taken the entry: another goes and looks. The count may then be
 * too small, which wakes somebody for nothing; too large it never is, for that would leave somebody
 * asleep. */
static VALUE leave(VALUE argument)
{
    const sleeper_t *sleeper = (const sleeper_t *)argument;
    rb_mg_waiters_t *waiters = sleeper->waiters;

    waiters->waiting--;
    if (waiters->called > 0)
        waiters->called--;
    if (!sleeper->called && waiters->waiting > 0)
        call_one(waiters);
    return Qnil;
}

void rb_mg_waiters_wait(rb_mg_waiters_t *waiters)
{
    sleeper_t sleeper = {waiters, false};

    waiters->waiting++;
    rb_ensure(sleep_in_queue, (VALUE)&sleeper, leave, (VALUE)&sleeper);
}

void rb_mg_waiters_wake(rb_mg_waiters_t *waiters, size_t count)
{
    for (; count > 0 && waiters->called < waiters->waiting; count--)
        call_one(waiters);
}

void rb_mg_init_waiters(void)
{
    cQueue = rb_path2class("Thread::Queue");
    rb_gc_register_mark_object(cQueue);
    id_pop = rb_intern("pop");
    id_push = rb_intern("push");
}
