/* Threads that wait for something which other threads of this process do with the GVL held. */
#ifndef RB_WAITERS_H
#define RB_WAITERS_H

#include "platform.h"

#include <ruby.h>

/* They sleep in a Thread::Queue, which fiber schedulers, Ruby's search for deadlocks and
 * interrupts know; one entry of it wakes one of them. Who was woken must look again. */
typedef struct {
    VALUE queue;
    size_t waiting;
    size_t called; /* of them, those for whom there is an entry, or who have taken it just now */
} rb_mg_waiters_t;

/* To be called by the owner `self`, whose mark function marks the queue. */
void rb_mg_waiters_init(VALUE self, rb_mg_waiters_t *waiters);

/* Sleeps until called, or raises what is thrown in. */
void rb_mg_waiters_wait(rb_mg_waiters_t *waiters);

/* Wakes at most `count` of those that were not called yet. Does not give up the GVL. */
void rb_mg_waiters_wake(rb_mg_waiters_t *waiters, size_t count);

/* The same, for those who call often, mostly while nobody waits. */
static inline void rb_mg_waiters_call(rb_mg_waiters_t *waiters, size_t count)
{
    if (RB_UNLIKELY(waiters->called < waiters->waiting))
        rb_mg_waiters_wake(waiters, count);
}

void rb_mg_init_waiters(void);

#endif
