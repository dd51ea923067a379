#include "growth.h"

#include "harness.h"
#include "smaps.h"

#include <pthread.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define PIECE  4096
#define PIECES (3 * MG_GROWTH / 4 / PIECE)
/* Kilobytes: a part of what is allocated here. */
#define MUCH 4096

#ifdef __linux__

static int disabled(void)
{
    return prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0);
}

/* As Ruby does. */
static void disable(void)
{
    ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
}

/* Whether this system has what is tested, asked of it directly: before Linux 6.18 a process has
 * huge pages switched on or off for everything. */
static bool available(void)
{
    bool possible;

    disable();
    possible = huge_pages_are("[madvise]") ||
               (huge_pages_are("[always]") && prctl(PR_SET_THP_DISABLE, 1, 2, 0, 0) == 0);
    disable();
    return possible && with_malloc_of_glibc();
}

/* Small pieces, from the end of the heap, and a last one that stays. Kilobytes in huge pages. */
static unsigned long grow_below(void **last)
{
    static void *pieces[PIECES];
    unsigned long before = smaps_kilobytes("AnonHugePages:");
    unsigned long after;

    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = malloc(PIECE);
        ASSERT(pieces[i] != NULL);
        memset(pieces[i], (int)(i % 251), PIECE);
    }
    after = smaps_kilobytes("AnonHugePages:");
    if (last != NULL)
        *last = malloc(PIECE);
    for (size_t i = 0; i < PIECES; i++)
        free(pieces[i]);
    return after - before;
}

static unsigned long grow(void)
{
    return grow_below(NULL);
}

static void reserve_and_grow(void *unused)
{
    bool expected = available();

    (void)unused;
    mg_growth_reserve();
    ASSERT_EQ(expected, grow() > MUCH);
    ASSERT(expected || disabled() == 1);
    mg_growth_end();
    ASSERT_EQ(1, disabled());
}

static void *in_thread(void *function)
{
    (*(void (**)(void *))function)(NULL);
    return NULL;
}

static void call_in_thread(void *function)
{
    pthread_t thread;

    ASSERT_EQ(0, pthread_create(&thread, NULL, in_thread, function));
    ASSERT_EQ(0, pthread_join(thread, NULL));
}

/* What lies behind them keeps the end of the heap where it is. */
static void free_and_grow(void *unused)
{
    bool expected = available();
    void *last;

    (void)unused;
    ASSERT(grow() < MUCH);
    (void)grow_below(&last);
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
    mg_growth_reuse();
    ASSERT_EQ(expected, grow() > MUCH);
    mg_growth_end();
    ASSERT_EQ(1, disabled());
    free(last);
}

static void reserve_for_nothing(void *unused)
{
    unsigned long before;

    (void)unused;
    disable();
    mg_growth_reserve();
    before = smaps_kilobytes("Rss:");
    for (int i = 0; i < 1000; i++)
        mg_growth_reserve();
    ASSERT(smaps_kilobytes("Rss:") < before + 1024);
    mg_growth_end();
}

static void with_settings_of_the_user(void *name)
{
    bool tunables = strcmp(name, "GLIBC_TUNABLES") == 0;
    const char *value = tunables ? "glibc.malloc.top_pad=131072" : "131072";

    disable();
    ASSERT_EQ(0, setenv(name, value, 1));
    mg_growth_reserve();
    ASSERT_EQ(1, disabled());
    ASSERT(grow() < MUCH);
}

static void with_settings_of_another_kind(void *unused)
{
    ASSERT_EQ(0, setenv("GLIBC_TUNABLES", "glibc.pthread.mutex_spin_count=100", 1));
    reserve_and_grow(unused);
}

static void where_it_is_left_to_programs(void *unused)
{
    (void)unused;
    ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
    mg_growth_reserve();
    mg_growth_end();
    ASSERT_EQ(0, disabled());
}

/* Each in a process of its own: what malloc has learned it does not forget. */
TEST(what_is_allocated_next_is_in_huge_pages)
{
    void (*function)(void *) = reserve_and_grow;

    ASSERT_EXITED(0, harness_fork(function, NULL));
    ASSERT_EXITED(0, harness_fork(call_in_thread, &function));
}

TEST(what_was_given_back_is_in_huge_pages_when_it_is_used_again)
{
    void (*function)(void *) = free_and_grow;

    ASSERT_EXITED(0, harness_fork(function, NULL));
    ASSERT_EXITED(0, harness_fork(call_in_thread, &function));
}

TEST(costs_no_memory)
{
    ASSERT_EXITED(0, harness_fork(reserve_for_nothing, NULL));
}

TEST(leaves_malloc_to_those_who_have_set_it)
{
    ASSERT_EXITED(0, harness_fork(with_settings_of_the_user, "MALLOC_TOP_PAD_"));
    ASSERT_EXITED(0, harness_fork(with_settings_of_the_user, "MALLOC_MMAP_THRESHOLD_"));
    ASSERT_EXITED(0, harness_fork(with_settings_of_the_user, "GLIBC_TUNABLES"));
    ASSERT_EXITED(0, harness_fork(with_settings_of_another_kind, NULL));
}

TEST(leaves_the_switch_of_the_process_where_it_was)
{
    ASSERT_EXITED(0, harness_fork(where_it_is_left_to_programs, NULL));
}

int main(void)
{
    RUN(what_is_allocated_next_is_in_huge_pages);
    RUN(what_was_given_back_is_in_huge_pages_when_it_is_used_again);
    RUN(costs_no_memory);
    RUN(leaves_malloc_to_those_who_have_set_it);
    RUN(leaves_the_switch_of_the_process_where_it_was);
    return harness_finish();
}

#else

TEST(does_nothing_elsewhere)
{
    mg_growth_reserve();
    mg_growth_end();
    ASSERT(!with_malloc_of_glibc());
}

int main(void)
{
    RUN(does_nothing_elsewhere);
    return harness_finish();
}

#endif
