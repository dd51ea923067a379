#include "semaphore.h"

#define MAGIC UINT64_C(0x414d45534e47494d)

size_t mg_semaphore_footprint(size_t permits)
{
    if (permits == 0 || permits > MG_SEMAPHORE_MAX_PERMITS)
        return 0;
    return sizeof(mg_semaphore_header_t) + permits * sizeof(mg_permit_t);
}

mg_status_t mg_semaphore_init(mg_semaphore_t *semaphore, void *memory, size_t size, size_t permits)
{
    size_t footprint = mg_semaphore_footprint(permits);
    mg_semaphore_header_t *header = memory;

    *semaphore = (mg_semaphore_t){0};
    if (footprint == 0 || (uintptr_t)memory % MG_CACHE_LINE != 0)
        return MG_INVALID;
    if (size < footprint)
        return MG_TOO_LARGE;
    header->magic = MAGIC;
    header->permits = permits;
    atomic_init(&header->next, 0);
    mg_eventcount_init(&header->freed);
    for (size_t i = 0; i < permits; i++) {
        mg_status_t status = mg_lock_init(&header->locks[i].lock);

        if (status != MG_OK)
            return status;
    }
    *semaphore = (mg_semaphore_t){.header = header, .permits = permits};
    return MG_OK;
}

mg_status_t mg_semaphore_try(const mg_semaphore_t *semaphore, size_t *permit)
{
    mg_semaphore_header_t *header = semaphore->header;
    uint64_t first = atomic_fetch_add_explicit(&header->next, 1, memory_order_relaxed);

    if (header->magic != MAGIC || header->permits != semaphore->permits)
        return MG_CORRUPT;
    for (size_t i = 0; i < semaphore->permits; i++) {
        size_t number = (size_t)((first + i) % semaphore->permits);
        mg_status_t status = mg_lock_try(&header->locks[number].lock);

        if (status == MG_BUSY)
            continue;
        *permit = number;
        return status;
    }
    return MG_BUSY;
}

mg_status_t mg_semaphore_acquire(const mg_semaphore_t *semaphore, uint64_t deadline_ns,
                                 size_t *permit)
{
    mg_eventcount_t *freed = &semaphore->header->freed;

    for (;;) {
        uint32_t ticket = mg_eventcount_prepare(freed);
        mg_status_t status = mg_semaphore_try(semaphore, permit);
        uint64_t now;
        uint64_t slice_end;

        if (status != MG_BUSY) {
            mg_eventcount_cancel(freed);
            return status;
        }
        now = mg_monotonic_ns();
        slice_end = now + MG_SEMAPHORE_SLICE_NS;
        status =
            mg_eventcount_wait(freed, ticket, slice_end < deadline_ns ? slice_end : deadline_ns);
        if (status == MG_SYSTEM)
            return status;
        if (status != MG_INTERRUPTED && mg_monotonic_ns() < deadline_ns)
            continue;
        /* A release may have chosen this waiter, who leaves: the next one is to look. */
        (void)mg_eventcount_notify_one(freed);
        return status == MG_INTERRUPTED ? MG_INTERRUPTED : MG_TIMEOUT;
    }
}

/* The eventcount wants a sequentially consistent operation between the unlocking, whose order is
 * the C library's affair, and the look at the waiters: without it a waiter that found the permit
 * taken might not be seen, and sleep until its slice is over. */
mg_status_t mg_semaphore_release(const mg_semaphore_t *semaphore, size_t permit)
{
    mg_status_t status;

    if (permit >= semaphore->permits)
        return MG_INVALID;
    status = mg_lock_release(&semaphore->header->locks[permit].lock);
    if (status != MG_OK)
        return status;
    atomic_fetch_add_explicit(&semaphore->header->next, 0, memory_order_seq_cst);
    (void)mg_eventcount_notify_one(&semaphore->header->freed);
    return MG_OK;
}

size_t mg_semaphore_available(const mg_semaphore_t *semaphore)
{
    size_t count = 0;

    for (size_t i = 0; i < semaphore->permits; i++) {
        mg_status_t status = mg_lock_try(&semaphore->header->locks[i].lock);

        if (status != MG_OK && status != MG_OWNER_DEAD)
            continue;
        count++;
        /* Somebody may have found it taken meanwhile. */
        (void)mg_semaphore_release(semaphore, i);
    }
    return count;
}
