/*
 * The smallest harness that these tests need.
 *
 *     TEST(adds) { ASSERT_EQ(3, add(1, 2)); }
 *     int main(void) { RUN(adds); return harness_finish(); }
 *
 * A failed assertion prints where, ends its test and makes the program fail; the next test runs.
 * Every test, and every child it forks, is killed when it takes longer than HARNESS_SECONDS.
 * A failed assertion in a child makes the child exit with 1: end with ASSERT_EXITED(0, child).
 */
#ifndef HARNESS_H
#define HARNESS_H

#include "eventcount.h"
#include "status.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#ifndef HARNESS_SECONDS
#define HARNESS_SECONDS 60
#endif

static struct {
    const char *name;
    unsigned long tests, failed;
    _Atomic unsigned long assertions; /* also counted by threads */
    bool child;
    jmp_buf next;
} harness;

#define TEST(name) static void name(void)
#define RUN(name)  harness_run(#name, name)

#define ASSERT(condition) harness_check((condition), #condition, __FILE__, __LINE__)
#define ASSERT_EQ(expected, actual)                                                                \
    harness_equal((uintmax_t)(expected), (uintmax_t)(actual), #actual, __FILE__, __LINE__)
#define ASSERT_STR(expected, actual)                                                               \
    harness_string((expected), (actual), #actual, __FILE__, __LINE__)
#define ASSERT_MEM(expected, actual, length)                                                       \
    ASSERT((length) == 0 || memcmp((expected), (actual), (length)) == 0)
#define ASSERT_STATUS(expected, actual)                                                            \
    harness_status((expected), (actual), #actual, __FILE__, __LINE__)
#define ASSERT_OK(actual)             ASSERT_STATUS(MG_OK, actual)
#define ASSERT_EXITED(code, pid)      harness_exited((code), (pid), __FILE__, __LINE__)
#define ASSERT_SIGNALLED(number, pid) harness_signalled((number), (pid), __FILE__, __LINE__)

static inline _Noreturn void harness_fail(void)
{
    fflush(NULL);
    if (harness.child)
        _exit(1);
    longjmp(harness.next, 1);
}

static inline void harness_check(bool holds, const char *text, const char *file, int line)
{
    atomic_fetch_add_explicit(&harness.assertions, 1, memory_order_relaxed);
    if (holds)
        return;
    fprintf(stderr, "%s:%d: %s: not true: %s\n", file, line, harness.name, text);
    harness_fail();
}

static inline void harness_equal(uintmax_t expected, uintmax_t actual, const char *text,
                                 const char *file, int line)
{
    atomic_fetch_add_explicit(&harness.assertions, 1, memory_order_relaxed);
    if (expected == actual)
        return;
    fprintf(stderr, "%s:%d: %s: %s is %ju (0x%jx), expected %ju (0x%jx)\n", file, line,
            harness.name, text, actual, actual, expected, expected);
    harness_fail();
}

static inline void harness_string(const char *expected, const char *actual, const char *text,
                                  const char *file, int line)
{
    atomic_fetch_add_explicit(&harness.assertions, 1, memory_order_relaxed);
    if (strcmp(expected, actual) == 0)
        return;
    fprintf(stderr, "%s:%d: %s: %s is \"%s\", expected \"%s\"\n", file, line, harness.name, text,
            actual, expected);
    harness_fail();
}

static inline void harness_status(mg_status_t expected, mg_status_t actual, const char *text,
                                  const char *file, int line)
{
    atomic_fetch_add_explicit(&harness.assertions, 1, memory_order_relaxed);
    if (expected == actual)
        return;
    fprintf(stderr, "%s:%d: %s: %s is %s, expected %s\n", file, line, harness.name, text,
            mg_status_name(actual), mg_status_name(expected));
    harness_fail();
}

static inline void harness_run(const char *name, void (*test)(void))
{
    harness.name = name;
    harness.tests++;
    alarm(HARNESS_SECONDS);
    if (setjmp(harness.next) == 0)
        test();
    else
        harness.failed++;
    alarm(0);
}

static inline int harness_finish(void)
{
    printf("%lu tests, %lu assertions, %lu failed\n", harness.tests,
           atomic_load(&harness.assertions), harness.failed);
    return harness.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Runs `body` in a child that dies with this process and exits 0 unless an assertion failed. */
static inline pid_t harness_fork(void (*body)(void *), void *argument)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    ASSERT(pid >= 0);
    if (pid > 0)
        return pid;
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    harness.child = true;
    alarm(HARNESS_SECONDS);
    body(argument);
    fflush(NULL);
    _exit(0);
}

static inline int harness_wait(pid_t pid)
{
    int status = 0;

    ASSERT(waitpid(pid, &status, 0) == pid);
    return status;
}

static inline void harness_exited(int code, pid_t pid, const char *file, int line)
{
    int status = harness_wait(pid);

    harness_check(WIFEXITED(status), "the child exited", file, line);
    harness_equal((uintmax_t)code, (uintmax_t)WEXITSTATUS(status), "exit code", file, line);
}

static inline void harness_signalled(int number, pid_t pid, const char *file, int line)
{
    int status = harness_wait(pid);

    harness_check(WIFSIGNALED(status), "a signal ended the child", file, line);
    harness_equal((uintmax_t)number, (uintmax_t)WTERMSIG(status), "signal", file, line);
}

/* Zeroed memory that children share; never unmapped, the program is short. */
static inline void *harness_shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ASSERT(memory != MAP_FAILED);
    return memory;
}

/* A time on mg_monotonic_ns's clock, for waits that must end. */
static inline uint64_t harness_deadline(uint64_t milliseconds)
{
    return mg_monotonic_ns() + milliseconds * UINT64_C(1000000);
}

/* MINIGUN_PART=3: a third of the rounds will do where others have run the same test in full. */
static inline int harness_rounds(int usual)
{
    const char *part = getenv("MINIGUN_PART");
    return part != NULL ? usual / atoi(part) : usual;
}

/* A repeatable stream of numbers (splitmix64). */
static inline uint64_t harness_random(uint64_t *state)
{
    uint64_t word = *state += UINT64_C(0x9e3779b97f4a7c15);

    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

#endif
