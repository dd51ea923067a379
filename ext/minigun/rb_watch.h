/*
 * Minigun::Native::Watch: tells at little cost that the containers of a user's object are what they
 * were, where that can be told. What it is not sure of it calls changed; State::Snapshot, which
 * knows what has come to them, decides then.
 */
#ifndef RB_WATCH_H
#define RB_WATCH_H

#include "platform.h"

#include <ruby.h>
#include <stdbool.h>

typedef struct rb_mg_watch rb_mg_watch_t;

/* TypeError for anything else. */
rb_mg_watch_t *rb_mg_watch_get(VALUE self);

/* Remembers what the containers hold. */
void rb_mg_watch_mark(rb_mg_watch_t *watch);

/* Is it certain that they hold the same? Calls nothing of Ruby's that gives up the GVL. */
bool rb_mg_watch_quiet(const rb_mg_watch_t *watch);

#endif
