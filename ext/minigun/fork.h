/*
 * What happens on both sides of a fork, before any other code of the child runs.
 *
 * One set of pthread_atfork handlers serves every fork of the process. A fork announced by
 * mg_fork_begin on the same thread makes a child of ours: it publishes its pid, leads its own
 * process group, arranges to die with its parent and keeps that one slot. Any other fork (the
 * user's, a library's) only gets rid of what belongs to the parent. In both cases the child
 * starts with no supervisor, no pidfds, and every other slot unmapped.
 *
 * From mg_fork_begin to mg_fork_end, on either side, the forking thread takes none of the signals
 * for which the child might have inherited a handler.
 */
#ifndef MG_FORK_H
#define MG_FORK_H

#include "platform.h"

#include "process.h"
#include "status.h"

/* Those signals. Not SIGCHLD: a hook around fork may wait for processes of its own, which Rubies
 * older than 3.3 do by means of it. */
#define MG_FORK_SIGNALS SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2

/* Registers the handlers, once. MG_OK, MG_SYSTEM. */
mg_status_t mg_fork_install(void);

/* The pid of this process, kept current by the handlers. */
pid_t mg_fork_self(void);

/* The next fork of this thread makes the child of `process`. */
void mg_fork_begin(mg_process_t *process);

/* Ends what begin announced: in the parent after the fork, in the child when the inherited
 * handlers are gone. In the parent: true when a fork was tried since begin and, as far as one can
 * tell, a child was made. */
bool mg_fork_end(void);

/* The clock by which the kernel says when a process began, in its ticks. 0: there is none. */
uint64_t mg_fork_ticks(void);

/* The child that this thread's last fork for `process` made, as the kernel knows it: the one child
 * of this thread that began since, is nobody else's and has the slot's memory, or, dead, none any
 * more. 0: none, several that could be it, or not to be told. */
pid_t mg_fork_find(const mg_process_t *process);

/* Is called on the thread that forks, amid the fork, when the system has no place for the child
 * that begin announced. */
void mg_fork_on_refusal(void (*function)(void));

/* Would a fork be refused now for want of a place? Asks the kernel with the cheapest child there
 * is. MG_OK, MG_SYSTEM with errno. */
mg_status_t mg_fork_probe(void);

#endif
