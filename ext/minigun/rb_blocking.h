/* The one way to wait: without the GVL, in bounded slices, ended by any interrupt. */
#ifndef RB_BLOCKING_H
#define RB_BLOCKING_H

#include "platform.h"

#include "process.h"

#include <ruby.h>

/* No wait lasts longer than this without a look at the world (parent alive, slot closed). */
#define RB_MG_SLICE_NS UINT64_C(100000000)

/* Called without the GVL; true ends the wait. */
typedef bool (*rb_mg_ready_t)(void *argument);

/* Sleeps on `ec`, which lies in the memory of `process`, until it is notified, `ready` says yes,
 * `deadline_ns` passed or a slice is over: the caller looks and decides itself. The memory stays
 * mapped meanwhile even if another thread closes the slot. Raises what is pending for this thread
 * (Timeout, Thread#kill, a signal's exception) before it sleeps; nothing is held then. */
void rb_mg_wait(mg_process_t *process, mg_eventcount_t *ec, rb_mg_ready_t ready, void *argument,
                uint64_t deadline_ns);

/* Sleeps for `duration_ns` (below a second), or until an interrupt or `deadline_ns`: nobody wakes
 * it. Raises as rb_mg_wait does. */
void rb_mg_nap(uint64_t duration_ns, uint64_t deadline_ns);

/* Runs `function` without the GVL; raises nothing. False when an interrupt was pending and it was
 * not run: call rb_thread_check_ints and come again. */
bool rb_mg_without_gvl(void (*function)(void *argument), void *argument);

/* CLOCK_MONOTONIC at which a timeout in seconds ends; MG_NEVER for nil. ArgumentError when it is
 * negative or not a number. */
uint64_t rb_mg_deadline(VALUE timeout);

/* Nanoseconds of a duration in seconds, and the other way round, as a Float. */
uint64_t rb_mg_duration(VALUE seconds);

static inline VALUE rb_mg_seconds(uint64_t duration_ns)
{
    return DBL2NUM((double)duration_ns / 1e9);
}

#endif
