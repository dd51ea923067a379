#include "huge.h"

#include "eventcount.h"
#include "small_file.h"

#ifdef __linux__

#include "huge_parts.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define AREA      MG_HUGE_PAGE
#define PAGE      4096
#define PAGES     (AREA / PAGE)
#define IN_MEMORY (UINT64_C(1) << 63)
/* An area with more holes than an eighth would make the process larger. */
#define DENSE (PAGES / 8 * 7)
/* Addresses that a sanitizer keeps for itself: nearly all of them are holes. */
#define VAST ((uintptr_t)64 << 30)
/* Of processor time. Copying takes less: the system looks for memory in one piece, and has none. */
#define SLOW_NS UINT64_C(50000000)

typedef struct {
    mg_huge_t *huge;
    int pagemap;
    uint64_t end_ns;
    mg_huge_over_t ask;
    void *argument;
    size_t bytes;
    bool over;     /* the budget, or who was asked said so */
    bool hopeless; /* the system has no memory in one piece */
} pass_t;

mg_huge_choice_t mg_huge_choice(void)
{
    char words[64];

    if (!mg_small_file_read("/sys/kernel/mm/transparent_hugepage/enabled", words, sizeof words))
        return MG_HUGE_NEVER;
    if (strstr(words, "[always]") != NULL)
        return MG_HUGE_ALWAYS;
    return strstr(words, "[madvise]") != NULL ? MG_HUGE_ADVISED : MG_HUGE_NEVER;
}

static bool wanted_by_system(void)
{
    return sysconf(_SC_PAGESIZE) == PAGE && mg_huge_choice() != MG_HUGE_NEVER;
}

static size_t resident(void)
{
    char words[128];
    char *after;

    if (!mg_small_file_read("/proc/self/statm", words, sizeof words))
        return 0;
    (void)strtoull(words, &after, 10);
    return (size_t)strtoull(after, NULL, 10) * PAGE;
}

static uint64_t processor_ns(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

static bool dense(const pass_t *pass, uintptr_t area)
{
    uint64_t entries[PAGES];
    unsigned present = 0;

    if (pread(pass->pagemap, entries, sizeof entries, (off_t)(area / PAGE * sizeof *entries)) !=
        (ssize_t)sizeof entries)
        return false;
    for (unsigned i = 0; i < PAGES; i++)
        present += (entries[i] & IN_MEMORY) != 0;
    return present >= DENSE;
}

bool mg_huge_mapping(const char *line, uintptr_t *start, uintptr_t *end)
{
    char *at;

    *start = (uintptr_t)strtoull(line, &at, 16);
    if (*at != '-')
        return false;
    *end = (uintptr_t)strtoull(at + 1, &at, 16);
    return strncmp(at, " rw-p 00000000 00:00 0 ", 23) == 0;
}

/* A stack is left alone. */
static bool areas(const char *line, uintptr_t *start, uintptr_t *end)
{
    if (!mg_huge_mapping(line, start, end) || strstr(line, "[stack") != NULL)
        return false;
    *start = (*start + AREA - 1) / AREA * AREA;
    *end = *end / AREA * AREA;
    return *start < *end && *end - *start < VAST;
}

/* What cannot be moved, because it is gone by now or somebody else holds it, stays as it is. */
static void collapse(pass_t *pass, uintptr_t start, uintptr_t end)
{
    if (start < pass->huge->next)
        start = pass->huge->next;
    for (uintptr_t area = start; area < end && !pass->over; area += AREA) {
        uint64_t began_ns = processor_ns();

        if (dense(pass, area) && madvise((void *)area, AREA, MADV_COLLAPSE) == 0)
            pass->bytes += AREA;
        pass->huge->next = area + AREA;
        pass->hopeless = processor_ns() - began_ns > SLOW_NS;
        pass->over = pass->hopeless || mg_monotonic_ns() >= pass->end_ns ||
                     (pass->ask != NULL && pass->ask(pass->argument));
    }
}

static void walk(pass_t *pass)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    uintptr_t start;
    uintptr_t end;

    if (maps == NULL)
        return;
    while (!pass->over && fgets(line, sizeof line, maps) != NULL) {
        if (areas(line, &start, &end))
            collapse(pass, start, end);
    }
    (void)fclose(maps);
}

/* Ruby has huge pages switched off for its process, lest memory grow by what it touches. They are
 * only on while memory is moved that is in use. */
static void walk_allowed(pass_t *pass)
{
    int disabled = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0);

    if (disabled > 0 && prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0) != 0)
        return;
    walk(pass);
    if (disabled > 0)
        (void)prctl(PR_SET_THP_DISABLE, 1, disabled & ~1, 0, 0);
}

size_t mg_huge_step(mg_huge_t *huge, uint64_t budget_ns, mg_huge_over_t over, void *argument)
{
    pass_t pass = {
        .huge = huge, .end_ns = mg_monotonic_ns() + budget_ns, .ask = over, .argument = argument};
    size_t now = resident();

    if (now < MG_HUGE_LEAST || (huge->next == 0 && now / 5 * 4 < huge->resident) ||
        !wanted_by_system())
        return 0;
    pass.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (pass.pagemap < 0)
        return 0;
    walk_allowed(&pass);
    (void)close(pass.pagemap);
    if (!pass.over || pass.hopeless) {
        huge->next = 0;
        huge->resident = now;
    }
    return pass.bytes;
}

#else

size_t mg_huge_step(mg_huge_t *huge, uint64_t budget_ns, mg_huge_over_t over, void *argument)
{
    (void)huge;
    (void)budget_ns;
    (void)over;
    (void)argument;
    return 0;
}

#endif
