/*
 * The methods `emit` and `emit_to_stage` of the object that blocks run on.
 *
 * The threads of a block find its emitter by way of their ThreadGroup, a Minigun::Native::Carrier
 * (see lib/minigun/scope.rb). The thread that asked last is remembered with its emitter: asking
 * Ruby for the group costs more than the rest of an emission.
 */
#ifndef RB_EMISSION_H
#define RB_EMISSION_H

#include "platform.h"

#include "rb_emitter.h"

#include <ruby.h>

/* A group for the threads of the block that the emitter belongs to. */
VALUE rb_mg_carrier_new(VALUE emitter);

/* `thread`, which is the one that runs, emits by this one until that is forgotten. `way` is the
 * struct of the emitter. */
void rb_mg_emission_remember(VALUE thread, VALUE emitter, rb_mg_emitter_t *way);

/* To be called whenever the running thread changes its group. */
void rb_mg_emission_forget(void);

#endif
