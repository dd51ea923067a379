#include "lock.h"

#ifndef MG_ROBUST_MUTEX

#include "eventcount.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define POLL_NS      UINT64_C(1000000)
#define THREAD_BITS  36
#define THREAD_SHIFT 12 /* thread descriptors stand at least a page apart */

/* Who holds the lock is one word, so that no death can leave a holder that nobody knows. A dead
 * owner whose process id was given to another process counts as alive until that one ends. */
static uint64_t self(void)
{
    uint64_t thread = (uint64_t)(uintptr_t)pthread_self() >> THREAD_SHIFT;

    return (uint64_t)getpid() << THREAD_BITS | (thread & ((UINT64_C(1) << THREAD_BITS) - 1));
}

mg_status_t mg_lock_init(mg_lock_t *lock)
{
    atomic_init(&lock->owner, 0);
    return MG_OK;
}

/* The acquire half of the exchange pairs with the release store of mg_lock_release: without it
 * what the last owner wrote under the lock might not be visible yet. */
static mg_status_t seize(mg_lock_t *lock, uint64_t from)
{
    if (!atomic_compare_exchange_strong_explicit(&lock->owner, &from, self(), memory_order_acq_rel,
                                                 memory_order_relaxed))
        return MG_BUSY;
    return from == 0 ? MG_OK : MG_OWNER_DEAD;
}

mg_status_t mg_lock_try(mg_lock_t *lock)
{
    uint64_t owner = atomic_load_explicit(&lock->owner, memory_order_relaxed);

    if (owner != 0 && (kill((pid_t)(owner >> THREAD_BITS), 0) == 0 || errno != ESRCH))
        return MG_BUSY;
    return seize(lock, owner);
}

mg_status_t mg_lock_acquire(mg_lock_t *lock, uint64_t deadline_ns)
{
    if (atomic_load_explicit(&lock->owner, memory_order_relaxed) == self())
        return MG_INVALID;
    for (;;) {
        struct timespec slice = {0, POLL_NS};
        mg_status_t status = mg_lock_try(lock);

        if (status != MG_BUSY)
            return status;
        if (mg_monotonic_ns() >= deadline_ns)
            return MG_TIMEOUT;
        (void)nanosleep(&slice, NULL);
    }
}

mg_status_t mg_lock_release(mg_lock_t *lock)
{
    if (atomic_load_explicit(&lock->owner, memory_order_relaxed) != self())
        return MG_NOT_OWNER;
    atomic_store_explicit(&lock->owner, 0, memory_order_release);
    return MG_OK;
}

#endif
