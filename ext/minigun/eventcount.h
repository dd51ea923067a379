/*
 * Sleep and wake between processes, by one word in shared memory.
 *
 * Use, on the waiting side:
 *     uint32_t ticket = mg_eventcount_prepare(ec);
 *     if (condition) { mg_eventcount_cancel(ec); go on }
 *     else mg_eventcount_wait(ec, ticket, deadline_ns);       // then look again
 * and on the other side: make the condition true, then mg_eventcount_notify(ec).
 *
 * prepare announces the waiter with a sequentially consistent store before the caller re-checks the
 * condition; notify loads the waiter word with sequential consistency after the condition was made
 * true (so the condition's own store must be seq_cst too, or an earlier seq_cst operation must lie
 * between). Without that order each side could miss the other and the waiter would sleep for
 * good. Any number of waiters and notifiers; a waiter killed between prepare and wait leaves a
 * count behind that only costs needless wake-ups.
 */
#ifndef MG_EVENTCOUNT_H
#define MG_EVENTCOUNT_H

#include "platform.h"
#include "status.h"

typedef struct {
    _Atomic uint32_t sequence;
    _Atomic uint32_t waiters;
} mg_eventcount_t;

void mg_eventcount_init(mg_eventcount_t *ec);
uint32_t mg_eventcount_prepare(mg_eventcount_t *ec);
void mg_eventcount_cancel(mg_eventcount_t *ec);

/* Sleeps until notified after `ticket`, or until CLOCK_MONOTONIC reads `deadline_ns`.
 * Ends the preparation in every case. MG_OK (notified, perhaps spuriously), MG_TIMEOUT,
 * MG_INTERRUPTED (EINTR), MG_SYSTEM (errno says more). */
mg_status_t mg_eventcount_wait(mg_eventcount_t *ec, uint32_t ticket, uint64_t deadline_ns);

/* Wakes every waiter; costs one load when there is none. Returns how many it woke (where there is
 * no futex: how many are waiting). */
int mg_eventcount_notify(mg_eventcount_t *ec);

/* Wakes one waiter, for conditions that one alone can use. Who is woken and does not use it passes
 * it on by a call of this. */
int mg_eventcount_notify_one(mg_eventcount_t *ec);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t mg_monotonic_ns(void);

#endif
