#include "lock.h"

#ifdef MG_ROBUST_MUTEX

#include <errno.h>
#include <time.h>

#define NS_PER_SECOND UINT64_C(1000000000)

#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 30)
#define HAVE_CLOCKLOCK 1
#endif
#endif

static struct timespec timespec_of(uint64_t ns)
{
    uint64_t seconds = ns / NS_PER_SECOND;

    return (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)(ns % NS_PER_SECOND)};
}

#ifdef HAVE_CLOCKLOCK

static int lock_until(pthread_mutex_t *mutex, uint64_t deadline_ns)
{
    struct timespec deadline = timespec_of(deadline_ns);

    return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &deadline);
}

#else

#include "eventcount.h"

#define SLICE_NS UINT64_C(100000000)

/* timedlock knows the wall clock only, which may jump: short slices, the monotonic clock decides.
 */
static int lock_until(pthread_mutex_t *mutex, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t now = mg_monotonic_ns();
        uint64_t left = now < deadline_ns ? deadline_ns - now : 0;
        struct timespec wall;
        int error;

        if (clock_gettime(CLOCK_REALTIME, &wall) != 0)
            return errno;
        wall = timespec_of((uint64_t)wall.tv_sec * NS_PER_SECOND + (uint64_t)wall.tv_nsec +
                           (left < SLICE_NS ? left : SLICE_NS));
        error = pthread_mutex_timedlock(mutex, &wall);
        if (error != ETIMEDOUT || left == 0)
            return error;
    }
}

#endif

mg_status_t mg_lock_init(mg_lock_t *lock)
{
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);

    if (error == 0) {
        error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        if (error == 0)
            error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        if (error == 0)
            error = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
        if (error == 0)
            error = pthread_mutex_init(&lock->mutex, &attributes);
        (void)pthread_mutexattr_destroy(&attributes);
    }
    errno = error;
    return error == 0 ? MG_OK : MG_SYSTEM;
}

static mg_status_t acquired(mg_lock_t *lock, int error)
{
    switch (error) {
    case 0:
        return MG_OK;
    case EOWNERDEAD:
        /* At once: a release of a lock that was not made consistent gives it up for good. */
        error = pthread_mutex_consistent(&lock->mutex);
        errno = error;
        return error == 0 ? MG_OWNER_DEAD : MG_SYSTEM;
    case ETIMEDOUT:
        return MG_TIMEOUT;
    case EBUSY:
        return MG_BUSY;
    case EDEADLK:
        return MG_INVALID;
    case ENOTRECOVERABLE:
        return MG_UNRECOVERABLE;
    default:
        errno = error;
        return MG_SYSTEM;
    }
}

mg_status_t mg_lock_acquire(mg_lock_t *lock, uint64_t deadline_ns)
{
    if (deadline_ns == MG_LOCK_NO_DEADLINE)
        return acquired(lock, pthread_mutex_lock(&lock->mutex));
    return acquired(lock, lock_until(&lock->mutex, deadline_ns));
}

mg_status_t mg_lock_try(mg_lock_t *lock)
{
    int error = pthread_mutex_trylock(&lock->mutex);

    /* Whether an own lock says EBUSY or EDEADLK differs from one libc to the next. */
    return acquired(lock, error == EDEADLK ? EBUSY : error);
}

mg_status_t mg_lock_release(mg_lock_t *lock)
{
    int error = pthread_mutex_unlock(&lock->mutex);

    if (error == 0)
        return MG_OK;
    errno = error;
    return error == EPERM ? MG_NOT_OWNER : MG_SYSTEM;
}

#endif
