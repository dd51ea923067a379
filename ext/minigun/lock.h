/*
 * Mutex between processes that survives its owner's death, in given memory.
 *
 * Acquiring a lock whose owner died (killed, exited, exec'ed, or a thread that ended) succeeds
 * with MG_OWNER_DEAD: the caller holds a lock in good order, but what it protects may be half
 * changed. The next acquisition is an ordinary MG_OK again.
 *
 * Belongs to the thread that acquired it: no other may release it, and a forked child does not
 * inherit it. Not recursive. The memory must stay mapped while the lock is held.
 */
#ifndef MG_LOCK_H
#define MG_LOCK_H

#include "platform.h"
#include "status.h"

#include <pthread.h>

/* macOS has no robust mutexes; lock_portable.c stands in. */
#if !defined(__APPLE__) && !defined(MG_NO_ROBUST_MUTEX)
#define MG_ROBUST_MUTEX 1
#endif

#define MG_LOCK_NO_DEADLINE UINT64_MAX

typedef struct {
#ifdef MG_ROBUST_MUTEX
    pthread_mutex_t mutex;
#else
    _Atomic uint64_t owner; /* 0, or process and thread in one word */
#endif
} mg_lock_t;

/* Once, before the lock is shared; nobody may be using it. MG_OK, MG_SYSTEM. */
mg_status_t mg_lock_init(mg_lock_t *lock);

/* Waits until CLOCK_MONOTONIC reads `deadline_ns` at the latest (MG_LOCK_NO_DEADLINE: for ever).
 * Not ended by signals: interruptible callers use short deadlines and try again.
 * Held afterwards: MG_OK, MG_OWNER_DEAD. Not held: MG_TIMEOUT, MG_INVALID (this thread holds it
 * already), MG_UNRECOVERABLE, MG_SYSTEM (errno says more). */
mg_status_t mg_lock_acquire(mg_lock_t *lock, uint64_t deadline_ns);

/* As acquire, but MG_BUSY instead of waiting (also when this thread holds it). */
mg_status_t mg_lock_try(mg_lock_t *lock);

/* MG_OK, MG_NOT_OWNER (another thread's, or nobody's), MG_SYSTEM. */
mg_status_t mg_lock_release(mg_lock_t *lock);

#endif
