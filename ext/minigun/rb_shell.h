/*
 * What a block has around it: an emitter, and the thread group by which threads find it.
 *
 * Both would have to be new for each item, so that a thread which a block has left behind is known
 * by its group. They serve again when nobody can have them: nobody asked for the scope, and no
 * thread was started. That is known at once where less was allocated than a thread takes. Otherwise
 * they are put aside, and when there are some, the groups of all threads are looked at together:
 * that takes time for each thread of the process, which is too much for each item.
 */
#ifndef RB_SHELL_H
#define RB_SHELL_H

#include "platform.h"

#include "rb_emitter.h"

#include <ruby.h>
#include <stdbool.h>

#define RB_MG_SPARES 32

typedef struct {
    VALUE emitter;
    VALUE carrier;
    rb_mg_emitter_t *way; /* of the emitter */
} rb_mg_cover_t;

typedef struct {
    VALUE thread; /* that runs the blocks */
    VALUE emitter;
    VALUE carrier;
    rb_mg_emitter_t *way; /* of the emitter; NULL without one */
    size_t allocated;     /* objects, when the last block had returned or the thread had slept */
    size_t own;           /* of them, what the call of a block takes */
    unsigned clean;       /* the first of the spares: nobody has them */
    unsigned spent;       /* those after them: threads may */
    rb_mg_cover_t spares[RB_MG_SPARES];
} rb_mg_shell_t;

/* Empty. The thread is set by its owner, `self` below. */
void rb_mg_shell_init(rb_mg_shell_t *shell);
void rb_mg_shell_mark(const rb_mg_shell_t *shell);

/* To be filled before the next block? */
static inline bool rb_mg_shell_is_empty(const rb_mg_shell_t *shell)
{
    return shell->way == NULL;
}

/* Takes what has served before. False when there is nothing. */
bool rb_mg_shell_reuse(VALUE self, rb_mg_shell_t *shell);

/* Takes a new emitter, and a new group for it. */
void rb_mg_shell_fill(VALUE self, rb_mg_shell_t *shell, VALUE emitter);

/* A block begins, on the shell's thread. */
void rb_mg_shell_open(rb_mg_shell_t *shell);

/* The block is over; what it was given it has no more. */
void rb_mg_shell_shut(rb_mg_shell_t *shell);

/* Objects were allocated that no block has: it is not to be asked for them. */
void rb_mg_shell_refresh(rb_mg_shell_t *shell);

/* Learns how much the call of a block allocates, from calls of an empty one. */
void rb_mg_shell_learn(rb_mg_shell_t *shell);

void rb_mg_init_shell(void);

#endif
