/*
 * Minigun::Native::Relay: takes the items of one slot to its child, several at a time, and what the
 * child sends to where it belongs.
 *
 * An item is under way from the moment that it leaves the inbox until it has its outcome, and in
 * that order: some were sent to the child, which works on the oldest of them; those behind were
 * not.
 */
#ifndef RB_RELAY_H
#define RB_RELAY_H

#include "platform.h"

#include "rb_child.h"
#include "rb_flight.h"
#include "rb_inbox.h"
#include "rb_outlet.h"
#include "rb_tally.h"
#include "window.h"

#include <ruby.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    VALUE node; /* answers `outlet` */
    VALUE inbox;
    VALUE flight;
    VALUE tally;
    VALUE channel; /* the Child that items were sent to; nil: none */
    VALUE outlet;  /* nil until the first emission */
    rb_mg_inbox_t *box;
    rb_mg_flight_t *units;
    rb_mg_tally_t *counts;
    rb_mg_child_t *child;
    const rb_mg_outlet_t *way;
    VALUE items[MG_WINDOW_MOST]; /* a ring of those under way */
    unsigned head;
    unsigned count;
    unsigned sent;     /* of them */
    uint64_t number;   /* of the oldest in its child */
    int64_t delivered; /* emissions of the oldest */
    mg_window_t window;
    unsigned width; /* slots that share the inbox */
    pid_t pid;
    bool singles;  /* an item is one item, and no batch of some */
    bool direct;   /* emissions go to an outlet */
    bool stateful; /* the child has sent state that belongs to the oldest */
    bool encoding; /* or the last to be encoded could not be */
    bool holding;  /* no more are to be sent */
    bool gone;     /* the child takes no more */
    bool over;
} rb_mg_relay_t;

/* Takes another item from the inbox. False: there is none. */
bool rb_mg_relay_take(rb_mg_relay_t *relay);

/* The oldest has its outcome, which was counted. */
void rb_mg_relay_settle(rb_mg_relay_t *relay);

/* Sends what is under way, and more as there is room, until everything that was sent has its
 * outcome. False: the child is gone before that. Yields the records that C does not know how to
 * handle: kind, number, object. */
bool rb_mg_relay_run(rb_mg_relay_t *relay);

void rb_mg_init_relay_run(void);

#endif
