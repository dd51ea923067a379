#include "huge.h"

#include "harness.h"
#include "smaps.h"

#define AREA   ((size_t)2 << 20)
#define AREAS  32
#define PAGE   4096
#define PAGES  ((AREAS + 1) * AREA / PAGE)
#define BUDGET UINT64_C(10000000000)
/* Some areas may stay as they are: the system has pages of them in hand at that moment. */
#define MOST (AREAS * AREA / 2)

/* AREAS whole areas, and each page with bytes of its own. */
static unsigned char *fill(void)
{
    unsigned char *memory =
        mmap(NULL, (AREAS + 1) * AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ASSERT(memory != MAP_FAILED);
    for (size_t i = 0; i < PAGES; i++)
        memset(memory + i * PAGE, (int)(i * 31 % 251), PAGE);
    return memory;
}

static void check_and_free(unsigned char *memory)
{
    size_t wrong = 0;

    for (size_t i = 0; i < PAGES; i++) {
        unsigned char *page = memory + i * PAGE;

        wrong += page[0] != i * 31 % 251 || memcmp(page, page + 1, PAGE - 1) != 0;
    }
    ASSERT_EQ(0, wrong);
    (void)munmap(memory, (AREAS + 1) * AREA);
}

/* Whether this system has what is tested, asked of it directly. */
static bool available(void)
{
    static int answer = -1;
    unsigned char *memory;
    unsigned char *first;

    if (answer >= 0)
        return answer;
    answer = 0;
    memory = fill();
    first = (unsigned char *)(((uintptr_t)memory + AREA - 1) / AREA * AREA);
    for (size_t i = 0; i < AREAS && !huge_pages_are("[never]"); i++)
        answer |= madvise(first + i * AREA, AREA, 25) == 0;
    check_and_free(memory);
    return answer;
}

TEST(moves_what_is_in_use_and_leaves_it_as_it_was)
{
    unsigned char *memory = fill();
    mg_huge_t huge = {0, 0};
    size_t bytes = mg_huge_step(&huge, BUDGET, NULL, NULL);

    if (available()) {
        ASSERT(bytes >= MOST);
        ASSERT(smaps_kilobytes("AnonHugePages:") >= MOST / 1024);
    } else {
        ASSERT_EQ(0, bytes);
    }
    check_and_free(memory);
}

TEST(does_nothing_more_until_the_process_has_grown)
{
    unsigned char *memory = fill();
    unsigned char *more;
    mg_huge_t huge = {0, 0};

    (void)mg_huge_step(&huge, BUDGET, NULL, NULL);
    ASSERT_EQ(0, mg_huge_step(&huge, BUDGET, NULL, NULL));
    more = fill();
    ASSERT(!available() || mg_huge_step(&huge, BUDGET, NULL, NULL) >= 2 * MOST);
    check_and_free(more);
    check_and_free(memory);
}

TEST(goes_on_where_it_has_left_off)
{
    unsigned char *memory = fill();
    mg_huge_t huge = {0, 0};
    size_t bytes = 0;
    unsigned steps = 0;

    do {
        bytes += mg_huge_step(&huge, 1, NULL, NULL);
        steps++;
        ASSERT(steps < 1000000);
    } while (huge.next != 0);
    ASSERT(!available() || (bytes >= MOST && steps >= AREAS));
    check_and_free(memory);
}

static bool count_down(void *argument)
{
    unsigned *left = argument;

    return --*left == 0;
}

TEST(stops_when_it_is_told_to_and_goes_on_later)
{
    unsigned char *memory = fill();
    mg_huge_t huge = {0, 0};
    unsigned left = AREAS / 2;

    if (mg_huge_step(&huge, BUDGET, count_down, &left) > 0) {
        ASSERT_EQ(0, left);
        ASSERT(huge.next != 0);
        ASSERT(mg_huge_step(&huge, BUDGET, NULL, NULL) > 0);
        ASSERT_EQ(0, huge.next);
    }
    check_and_free(memory);
}

TEST(leaves_areas_with_holes_alone)
{
    unsigned char *memory = fill();
    unsigned char *holes = fill();
    mg_huge_t huge = {0, 0};
    unsigned long before;

    for (size_t i = 0; i < (AREAS + 1) * AREA; i += 4 * PAGE)
        ASSERT_EQ(0, madvise(holes + i, PAGE, MADV_DONTNEED));
    before = smaps_kilobytes("Rss:");
    (void)mg_huge_step(&huge, BUDGET, NULL, NULL);
    ASSERT(smaps_kilobytes("Rss:") < before + 4096);
    (void)munmap(holes, (AREAS + 1) * AREA);
    check_and_free(memory);
}

TEST(keeps_the_switch_of_the_process)
{
#ifdef __linux__
    unsigned char *memory = fill();
    mg_huge_t huge = {0, 0};
    size_t bytes;

    ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    bytes = mg_huge_step(&huge, BUDGET, NULL, NULL);
    ASSERT_EQ(1, prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
    ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
    ASSERT(!available() || bytes >= MOST);
    check_and_free(memory);
#endif
}

TEST(leaves_small_processes_alone)
{
    mg_huge_t huge = {0, 0};

    if (smaps_kilobytes("Rss:") < MG_HUGE_LEAST / 1024)
        ASSERT_EQ(0, mg_huge_step(&huge, BUDGET, NULL, NULL));
}

int main(void)
{
#ifdef __linux__
    /* Ruby switches them off for itself and all programs that it starts. */
    (void)prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
#endif
    RUN(leaves_small_processes_alone);
    RUN(moves_what_is_in_use_and_leaves_it_as_it_was);
    RUN(does_nothing_more_until_the_process_has_grown);
    RUN(goes_on_where_it_has_left_off);
    RUN(stops_when_it_is_told_to_and_goes_on_later);
    RUN(leaves_areas_with_holes_alone);
    RUN(keeps_the_switch_of_the_process);
    return harness_finish();
}
