/* Minigun::Native::Emitter: what `emit` of one running block in this process does. */
#ifndef RB_EMITTER_H
#define RB_EMITTER_H

#include "platform.h"

#include "rb_child.h"
#include "rb_outlet.h"

#include <ruby.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    VALUE node;   /* answers `outlet`, `outlet_to`, `unknown_target`, `scope_of` and `name` */
    VALUE outlet; /* nil until the first emission */
    VALUE scope;  /* nil until somebody has asked for it */
    const rb_mg_outlet_t *way;
    VALUE uplink; /* in a child: answers `emit`, and there is no outlet */
    VALUE turn;   /* the Mutex of those who write there */
    VALUE channel;
    rb_mg_child_t *child; /* of channel */
    int64_t emitted;
    pid_t pid;
    bool open;
} rb_mg_emitter_t;

/* TypeError for anything else. */
rb_mg_emitter_t *rb_mg_emitter_get(VALUE self);

/* An open one. */
VALUE rb_mg_emitter_new(VALUE node);

/* The same for the children at the other end of the uplink, see Minigun::Execution::Uplink. */
VALUE rb_mg_emitter_new_remote(VALUE node, VALUE uplink);

/* Minigun::Error when the block has returned, or in a process that it has forked itself. */
VALUE rb_mg_emitter_emit(VALUE self, rb_mg_emitter_t *emitter, VALUE item);
VALUE rb_mg_emitter_emit_to_stage(VALUE self, VALUE name, VALUE item);

#endif
