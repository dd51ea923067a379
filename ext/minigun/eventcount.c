#include "eventcount.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

#if defined(__linux__) && !defined(MG_NO_FUTEX)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define NS_PER_SECOND UINT64_C(1000000000)

uint64_t mg_monotonic_ns(void)
{
    struct timespec now;

    /* Cannot fail with a valid clock and pointer. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

void mg_eventcount_init(mg_eventcount_t *ec)
{
    atomic_init(&ec->sequence, 0);
    atomic_init(&ec->waiters, 0);
}

/*
 * The four operations that decide whether a wake-up can be lost, all sequentially consistent:
 *
 *     waiter                                  notifier
 *     W1  waiters += 1   (prepare)            N1  condition = true  (the caller)
 *     W2  ticket = sequence                   N2  read waiters      (notify)
 *     W3  read condition (the caller)         N3  sequence += 1
 *     W4  sleep while sequence == ticket      N4  wake
 *
 * In the one total order of these either W1 stands before N2, and the notifier goes on to N3, or
 * N1 stands before W3, and the waiter does not sleep. Were any of W1, W3, N1, N2 weaker, both
 * loads could be served before both stores are visible, and the waiter would sleep for good.
 * If N3 comes before W2 the ticket is too new to notice it, but then N1 is before W3 as well.
 * If N3 comes after W2 the kernel's comparison in W4, or N4, ends the sleep.
 */
uint32_t mg_eventcount_prepare(mg_eventcount_t *ec)
{
    atomic_fetch_add_explicit(&ec->waiters, 1, memory_order_seq_cst);
    return atomic_load_explicit(&ec->sequence, memory_order_seq_cst);
}

void mg_eventcount_cancel(mg_eventcount_t *ec)
{
    /* Pairs with nothing: a notifier that still sees the waiter makes one needless system call. */
    atomic_fetch_sub_explicit(&ec->waiters, 1, memory_order_relaxed);
}

#if defined(__linux__) && !defined(MG_NO_FUTEX) && defined(SYS_futex)

/* Not the PRIVATE variants: those look the word up in one address space and wake nobody in
 * another process. */
static mg_status_t sleep_until(mg_eventcount_t *ec, uint32_t ticket, uint64_t deadline_ns)
{
    /* What SYS_futex reads is two longs, also where libc's timespec is wider. */
    struct {
        long seconds;
        long nanoseconds;
    } deadline;
    uint64_t seconds = deadline_ns / NS_PER_SECOND;

    deadline.seconds = seconds > LONG_MAX ? LONG_MAX : (long)seconds;
    deadline.nanoseconds = (long)(deadline_ns % NS_PER_SECOND);
    /* WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC: a wait cut short by a signal and
     * begun again does not grow. */
    if (syscall(SYS_futex, &ec->sequence, FUTEX_WAIT_BITSET, ticket, &deadline, NULL,
                FUTEX_BITSET_MATCH_ANY) == 0)
        return MG_OK;
    switch (errno) {
    case EAGAIN:
        return MG_OK;
    case ETIMEDOUT:
        return MG_TIMEOUT;
    case EINTR:
        return MG_INTERRUPTED;
    default:
        return MG_SYSTEM;
    }
}

static int wake(mg_eventcount_t *ec, int most)
{
    long woken = syscall(SYS_futex, &ec->sequence, FUTEX_WAKE, most, NULL, NULL, 0);

    return woken > 0 ? (int)woken : 0;
}

#else

#define POLL_NS UINT64_C(1000000)

/* Where no call sleeps on a word of shared memory: looks at it a thousand times a second. */
static mg_status_t sleep_until(mg_eventcount_t *ec, uint32_t ticket, uint64_t deadline_ns)
{
    while (atomic_load_explicit(&ec->sequence, memory_order_seq_cst) == ticket) {
        uint64_t now = mg_monotonic_ns();
        struct timespec slice = {0, 0};

        if (now >= deadline_ns)
            return MG_TIMEOUT;
        slice.tv_nsec = (long)(deadline_ns - now < POLL_NS ? deadline_ns - now : POLL_NS);
        if (nanosleep(&slice, NULL) != 0 && errno == EINTR)
            return MG_INTERRUPTED;
    }
    return MG_OK;
}

/* The sleepers find the new sequence themselves. */
static int wake(mg_eventcount_t *ec, int most)
{
    (void)most;
    return (int)atomic_load_explicit(&ec->waiters, memory_order_relaxed);
}

#endif

mg_status_t mg_eventcount_wait(mg_eventcount_t *ec, uint32_t ticket, uint64_t deadline_ns)
{
    mg_status_t status = sleep_until(ec, ticket, deadline_ns);
    int error = errno;

    mg_eventcount_cancel(ec);
    errno = error;
    return status;
}

static int notify(mg_eventcount_t *ec, int most)
{
    /* N2 of the table above. */
    if (atomic_load_explicit(&ec->waiters, memory_order_seq_cst) == 0)
        return 0;
    atomic_fetch_add_explicit(&ec->sequence, 1, memory_order_seq_cst);
    return wake(ec, most);
}

int mg_eventcount_notify(mg_eventcount_t *ec)
{
    return notify(ec, INT_MAX);
}

int mg_eventcount_notify_one(mg_eventcount_t *ec)
{
    return notify(ec, 1);
}
