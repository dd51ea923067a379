#include "exit.h"
#include "pidfd.h"

#include "harness.h"

#define MEGABYTES 24

static void wait_for_ever(void *unused)
{
    (void)unused;
    for (;;)
        pause();
}

static void use_memory(void *unused)
{
    const size_t size = (size_t)MEGABYTES << 20;
    unsigned char *memory = malloc(size);

    (void)unused;
    ASSERT(memory != NULL);
    memset(memory, 1, size);
    /* Read again: what nobody reads need not be written. */
    ASSERT_EQ(1, *(volatile unsigned char *)(memory + size - 1));
    free(memory);
    _exit(7);
}

static mg_exit_t taken(pid_t pid, int pidfd)
{
    uint64_t deadline = harness_deadline(20000);
    mg_exit_t how;
    mg_status_t status;

    while ((status = mg_exit_take(pid, pidfd, &how)) == MG_EMPTY)
        ASSERT(mg_monotonic_ns() < deadline);
    ASSERT_OK(status);
    if (pidfd >= 0)
        (void)close(pidfd);
    return how;
}

static void check_memory(pid_t pid, int pidfd)
{
    mg_exit_t how = taken(pid, pidfd);

    ASSERT(how.known);
    ASSERT_EQ(7, how.code);
    ASSERT_EQ(0, how.signal);
    /* The kernel's count lags behind by some pages. */
    ASSERT(how.peak_rss >= (uint64_t)(MEGABYTES - 1) << 20);
}

TEST(what_was_freed_before_the_end_counts_as_well)
{
    pid_t pid = harness_fork(use_memory, NULL);

    check_memory(pid, mg_pidfd_open(pid));
    check_memory(harness_fork(use_memory, NULL), -1);
}

TEST(a_signal_is_told_with_and_without_a_pidfd)
{
    for (int i = 0; i < 2; i++) {
        pid_t pid = harness_fork(wait_for_ever, NULL);
        int pidfd = i == 0 ? mg_pidfd_open(pid) : -1;
        mg_exit_t how;

        ASSERT_STATUS(MG_EMPTY, mg_exit_take(pid, pidfd, &how));
        ASSERT(!how.known);
        ASSERT(kill(pid, SIGKILL) == 0);
        how = taken(pid, pidfd);
        ASSERT_EQ(SIGKILL, how.signal);
        ASSERT_EQ((unsigned)-1, (unsigned)how.code);
    }
}

TEST(nothing_is_known_of_a_child_that_somebody_else_took)
{
    for (int i = 0; i < 2; i++) {
        pid_t pid = harness_fork(use_memory, NULL);
        int pidfd = i == 0 ? mg_pidfd_open(pid) : -1;
        mg_exit_t how;

        ASSERT_EXITED(7, pid);
        ASSERT_STATUS(MG_SYSTEM, mg_exit_take(pid, pidfd, &how));
        ASSERT(!how.known);
        ASSERT_EQ((unsigned)-1, (unsigned)how.code);
        ASSERT_EQ(0, how.signal);
        ASSERT_EQ(0, how.peak_rss);
        if (pidfd >= 0)
            (void)close(pidfd);
    }
}

int main(void)
{
    RUN(what_was_freed_before_the_end_counts_as_well);
    RUN(a_signal_is_told_with_and_without_a_pidfd);
    RUN(nothing_is_known_of_a_child_that_somebody_else_took);
    return harness_finish();
}
