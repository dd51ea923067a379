/*
 * Minigun::Native::Inbox: the bounded queue of items in front of one stage.
 *
 * Its users are threads of one process, one at a time because of the GVL: neither a put into an
 * inbox with room nor a take from one with items gives the GVL up. A thread switch happens only
 * when an inbox is full or empty.
 *
 * How many items it has room for goes by time, within bounds: where items come and go so fast that
 * thread switches cost more than they do, more of them may wait.
 */
#ifndef RB_INBOX_H
#define RB_INBOX_H

#include "platform.h"

#include "rb_flight.h"
#include "rb_waiters.h"

#include <ruby.h>
#include <stdbool.h>

typedef struct {
    VALUE *items; /* a ring; its size is a power of two */
    size_t allocated;
    size_t head;
    size_t size;
    size_t capacity; /* from least to most */
    size_t least;
    size_t most;
    uint64_t full_ns;        /* when it was full last */
    rb_mg_waiters_t takers;  /* for items */
    rb_mg_waiters_t putters; /* for room */
    bool closed;
    bool discarding; /* nobody wants what it holds */
    VALUE staff; /* is told (`grow`) that items wait that nobody comes for; nil: none is to come */
} rb_mg_inbox_t;

/* TypeError for anything else. */
rb_mg_inbox_t *rb_mg_inbox_get(VALUE self);

static inline bool rb_mg_inbox_full(const rb_mg_inbox_t *inbox)
{
    return inbox->size >= inbox->capacity;
}

/* Waits until there is room or the inbox is closed. */
void rb_mg_inbox_await_room(rb_mg_inbox_t *inbox);

/* Makes sure that one item can be put in, whether there is room or not. ClosedQueueError when it
 * is too late for that. Does not give up the GVL. */
void rb_mg_inbox_enlarge(rb_mg_inbox_t *inbox);

static inline void rb_mg_inbox_reserve(rb_mg_inbox_t *inbox)
{
    if (RB_UNLIKELY(inbox->closed || inbox->size == inbox->allocated))
        rb_mg_inbox_enlarge(inbox);
}

/* Puts the item in; to be called right after reserve. Raises at most what `staff` raises, and then
 * the item is in. */
void rb_mg_inbox_put(VALUE self, rb_mg_inbox_t *inbox, VALUE item);

/* The next item of an inbox that has one. */
static inline VALUE rb_mg_inbox_first(const rb_mg_inbox_t *inbox)
{
    return inbox->items[inbox->head];
}

/* Takes the first item out. To be followed by freed, when it is known what has become of it: freed
 * calls a method of Ruby's, which may let in an interrupt. */
static inline void rb_mg_inbox_remove(rb_mg_inbox_t *inbox)
{
    inbox->head = (inbox->head + 1) & (inbox->allocated - 1);
    inbox->size--;
}

/* Items were taken out. Those that wait for room are called when half of it is free, not for each
 * item: a thread switch costs more than an item. */
static inline void rb_mg_inbox_freed(rb_mg_inbox_t *inbox)
{
    if (RB_UNLIKELY(inbox->putters.waiting > 0) && inbox->size <= inbox->capacity / 2)
        rb_mg_waiters_call(&inbox->putters, inbox->putters.waiting);
}

/* Takes the next item. False when it is empty. */
bool rb_mg_inbox_take(rb_mg_inbox_t *inbox, VALUE *item);

/* The same, to be followed by freed; what a discarding inbox holds gives back its units instead. */
bool rb_mg_inbox_take_wanted(rb_mg_inbox_t *inbox, rb_mg_flight_t *units, VALUE *item);

/* Waits until there may be an item, or the inbox may have been closed. */
void rb_mg_inbox_await_item(rb_mg_inbox_t *inbox);

#endif
