/*
 * The one native thread that ends and reaps children: it sends the signals their plans ask for,
 * when they ask for them, reaps each as soon as it has ended and wakes whoever waits for that.
 *
 * It calls no Ruby, so no busy interpreter makes it late; it takes no signals; it holds one mutex
 * that the fork handlers take too, so a child never inherits it locked. Made when first needed,
 * and made anew in a child that itself has children.
 *
 * All functions may be called from any thread.
 */
#ifndef MG_SUPERVISOR_H
#define MG_SUPERVISOR_H

#include "platform.h"

#include "process.h"
#include "status.h"

/* Before a fork: sees to it that the thread runs and stays. Followed by one adopt or unreserve.
 * MG_OK, MG_SYSTEM (no thread, no descriptor; errno). */
mg_status_t mg_supervisor_reserve(void);
void mg_supervisor_unreserve(void);

/* Makes a handle known to the fork handlers; every handle, right after it was created. */
void mg_supervisor_register(mg_process_t *process);

/* References. The last release forgets, unmaps and frees the handle. */
void mg_supervisor_retain(mg_process_t *process);
void mg_supervisor_release(mg_process_t *process);

/* After reserve and a fork: takes over the live child of the handle until it is reaped. */
void mg_supervisor_adopt(mg_process_t *process, pid_t pid);

/* Requests, carried out at once by the thread. Without effect on a child that has ended. */
void mg_supervisor_kill(mg_process_t *process);
void mg_supervisor_terminate(mg_process_t *process, uint64_t grace_ns);
void mg_supervisor_set_deadline(mg_process_t *process, uint64_t finish_by);

/* The same for one item (from 1, in the order in which the child starts them): `budget_ns` after
 * the child has started it. Until then it does not count, but no longer than `start_ns`. */
void mg_supervisor_set_item_deadline(mg_process_t *process, uint64_t item, uint64_t budget_ns,
                                     uint64_t start_ns);

/* From TERM to KILL, for a TERM that was not sent yet. */
void mg_supervisor_set_grace(mg_process_t *process, uint64_t grace_ns);

/* Consistent copy of what a plan's signals were sent for. */
mg_cause_t mg_supervisor_cause(mg_process_t *process);

/* Children watched now. */
size_t mg_supervisor_watched(void);

/* Is `pid` one of them? */
bool mg_supervisor_watches(pid_t pid);

/* Kills all children of this process, waits until they are reaped (until `deadline_ns` at most)
 * and ends the thread. */
void mg_supervisor_shutdown(uint64_t deadline_ns);

/* For the fork handlers. after_fork: in the child, `kept` is the slot it belongs to or NULL. */
void mg_supervisor_lock(void);
void mg_supervisor_unlock(void);
void mg_supervisor_after_fork(mg_process_t *kept);

#endif
