#ifndef RB_MG_FORK_H
#define RB_MG_FORK_H

#include <ruby.h>

/* Kernel#fork, with whatever other libraries have put around it. `raised` as with rb_protect.
 *
 * Where the system has no place for another process Ruby tries again every second, for ever. Here
 * the first try is the last: Errno::EAGAIN. */
VALUE rb_mg_fork(int *raised);

/* Writes what was printed, and lets in what other threads throw meanwhile. Ruby does the first
 * before each fork, and has forgotten the second after it; rb_mg_fork does both. */
void rb_mg_fork_flush(void);

/* Calls the function. What other threads throw meanwhile comes after it. */
void rb_mg_fork_undisturbed(void (*function)(void));

/* Waits for a moment until there is room again, when the last fork was refused: others come to an
 * end. Raises Errno::EAGAIN and the like. */
void rb_mg_fork_await_room(void);

/* Before the first fork. */
void rb_mg_define_fork(void);

#endif
