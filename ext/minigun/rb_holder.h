/* Which thread of this process holds a lock while code of the user runs.
 *
 * A robust lock belongs to a native thread, and its memory must not go while it is held. Ruby's
 * threads end, and leave their native thread to the next one. */
#ifndef RB_HOLDER_H
#define RB_HOLDER_H

#include "platform.h"

#include <ruby.h>

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    VALUE thread; /* marked by the object that the holder is part of */
    pid_t pid;    /* of a forked child the note is not */
} rb_mg_holder_t;

/* The current thread holds the lock; it stays on its native thread. Raises nothing. */
void rb_mg_holder_set(rb_mg_holder_t *holder);
void rb_mg_holder_clear(rb_mg_holder_t *holder);

/* Is it held by a thread of this process, or by the current one? */
bool rb_mg_holder_here(const rb_mg_holder_t *holder);
bool rb_mg_holder_current(const rb_mg_holder_t *holder);

#endif
