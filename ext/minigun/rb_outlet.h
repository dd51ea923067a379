/* Minigun::Native::Outlet: where the emissions of one stage go, resolved once. */
#ifndef RB_OUTLET_H
#define RB_OUTLET_H

#include "platform.h"

#include "rb_flight.h"
#include "rb_inbox.h"
#include "rb_tally.h"

#include <ruby.h>
#include <stdbool.h>

typedef struct {
    VALUE inbox;
    VALUE arrivals; /* the Tally that counts what it accepts */
    VALUE entered;  /* Array of Tally, of the pipelines an emission enters on its way; nil: none */
    rb_mg_inbox_t *box;
    rb_mg_tally_t *tally;
    bool forced; /* against the direction of the graph: waiting for room could go round in a circle
                  */
} rb_mg_target_t;

typedef struct {
    VALUE flight;
    VALUE produced; /* the Tally of the stage */
    VALUE exits;    /* Array of Tally, of the pipelines an emission leaves; nil: none */
    rb_mg_flight_t *units;
    rb_mg_tally_t *tally;
    rb_mg_target_t *targets;
    size_t count;
} rb_mg_outlet_t;

/* TypeError for anything else. */
rb_mg_outlet_t *rb_mg_outlet_get(VALUE self);

/* Hands the item to every target, as a unit in flight each. Gives up the GVL only to wait for room;
 * what is thrown in there finds everything counted that was delivered, and nothing else. */
void rb_mg_outlet_emit(VALUE self, const rb_mg_outlet_t *outlet, VALUE item);

#endif
