/*
 * So many permits, shared between processes, in given memory; those of the dead come back.
 *
 *   +-----------------------+--------+--------+--------+
 *   | magic permits   freed | lock 0 | lock 1 | ...    |   a permit is a robust lock: the kernel
 *   +-----------------------+--------+--------+--------+   knows whose it is, and when he is gone
 *
 * A permit belongs to the thread that acquired it, which alone can release it; a thread may have
 * several. A forked child inherits none. The memory must stay mapped while a permit is held.
 *
 * A release wakes one waiter. A death wakes nobody: waiters look again by themselves every
 * MG_SEMAPHORE_SLICE_NS.
 */
#ifndef MG_SEMAPHORE_H
#define MG_SEMAPHORE_H

#include "eventcount.h"
#include "lock.h"

#define MG_SEMAPHORE_SLICE_NS    UINT64_C(20000000)
#define MG_SEMAPHORE_MAX_PERMITS 100000u

typedef struct {
    _Alignas(MG_CACHE_LINE) mg_lock_t lock;
} mg_permit_t;

typedef struct {
    uint64_t magic;
    uint64_t permits;
    _Alignas(MG_CACHE_LINE) _Atomic uint64_t next; /* where the next search begins */
    mg_eventcount_t freed;
    mg_permit_t locks[];
} mg_semaphore_header_t;

typedef struct {
    mg_semaphore_header_t *header;
    size_t permits; /* private: what init was given */
} mg_semaphore_t;

/* Bytes of memory that so many permits need; 0 when there are none or too many. */
size_t mg_semaphore_footprint(size_t permits);

/* Formats `memory` (cache-line aligned, `size` >= footprint). MG_OK, MG_INVALID (permits,
 * alignment), MG_TOO_LARGE (memory too short), MG_SYSTEM. */
mg_status_t mg_semaphore_init(mg_semaphore_t *semaphore, void *memory, size_t size, size_t permits);

/* Held afterwards, `permit` says which: MG_OK, MG_OWNER_DEAD (its last holder died with it).
 * Not held: MG_BUSY, MG_CORRUPT, MG_SYSTEM. */
mg_status_t mg_semaphore_try(const mg_semaphore_t *semaphore, size_t *permit);

/* Waits until CLOCK_MONOTONIC reads `deadline_ns` at the latest. As try, with MG_TIMEOUT for
 * MG_BUSY, and MG_INTERRUPTED (a signal). A wake-up that comes to one who gives up is passed on. */
mg_status_t mg_semaphore_acquire(const mg_semaphore_t *semaphore, uint64_t deadline_ns,
                                 size_t *permit);

/* MG_OK, MG_NOT_OWNER (not this thread's), MG_INVALID (no such permit), MG_SYSTEM. */
mg_status_t mg_semaphore_release(const mg_semaphore_t *semaphore, size_t permit);

/* How many are free, those of the dead included; not at one instant. */
size_t mg_semaphore_available(const mg_semaphore_t *semaphore);

#endif
