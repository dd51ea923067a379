#include "growth.h"

#if defined(__linux__) && defined(__GLIBC__)

#include "huge_parts.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Linux 6.18: what is asked for by madvise stays allowed. */
#ifndef PR_THP_DISABLE_EXCEPT_ADVISED
#define PR_THP_DISABLE_EXCEPT_ADVISED 2
#endif

/* Of PR_GET_THP_DISABLE. */
#define ALL_DISABLED 1

/* The heaps of threads: HEAP_MAX_SIZE of glibc, at multiples of which they begin. */
#define THREAD_HEAP ((uintptr_t)64 << 20)

static bool changed_here;

static bool changed_by_user(void)
{
    static const char *const names[] = {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_",
                                        "MALLOC_TOP_PAD_", "MALLOC_MMAP_MAX_"};
    const char *tunables = getenv("GLIBC_TUNABLES");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (getenv(names[i]) != NULL)
            return true;
    }
    return tunables != NULL && strstr(tunables, "glibc.malloc") != NULL;
}

/* jemalloc and the like come before the C library, which is there all the same. */
static bool allocates_by_glibc(void)
{
    Dl_info allocator;
    Dl_info library;

    return dladdr((void *)(uintptr_t)malloc, &allocator) != 0 &&
           dladdr((void *)(uintptr_t)gnu_get_libc_version, &library) != 0 &&
           allocator.dli_fbase == library.dli_fbase;
}

/* glibc takes what is larger than anything that it saw freed from the system, and gives it back to
 * it; pieces of that size it takes from its heaps from then on. */
static void teach_size(void)
{
    void *volatile piece = malloc(MG_GROWTH + MG_HUGE_PAGE);

    free(piece);
}

static bool possible(void)
{
    static bool asked;
    static bool answer;

    if (asked)
        return answer;
    asked = true;
    answer = mg_huge_choice() != MG_HUGE_NEVER && !changed_by_user() && allocates_by_glibc();
    if (answer)
        teach_size();
    return answer;
}

/* Ruby has huge pages switched off for its process, lest all of its memory be in them where that is
 * the system's habit. What is asked for is another matter. */
static bool allowed(void)
{
    if (prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) != ALL_DISABLED)
        return true;
    if (prctl(PR_SET_THP_DISABLE, 1, PR_THP_DISABLE_EXCEPT_ADVISED, 0, 0) != 0 &&
        (mg_huge_choice() != MG_HUGE_ADVISED || prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0) != 0))
        return false;
    changed_here = true;
    return true;
}

void mg_growth_reserve(void)
{
    void *piece;
    uintptr_t start;
    uintptr_t end;

    if (!possible() || !allowed())
        return;
    piece = malloc(MG_GROWTH);
    if (piece == NULL)
        return;
    start = ((uintptr_t)piece + MG_HUGE_PAGE - 1) / MG_HUGE_PAGE * MG_HUGE_PAGE;
    end = ((uintptr_t)piece + MG_GROWTH) / MG_HUGE_PAGE * MG_HUGE_PAGE;
    (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
    free(piece);
}

/* A heap may lie in several mappings, which follow each other; marked alike they are one again. */
static bool of_malloc(const char *line, uintptr_t *heap, uintptr_t *start, uintptr_t *end)
{
    if (!mg_huge_mapping(line, start, end))
        return false;
    if (strchr(line, '[') != NULL)
        return strstr(line, "[heap]") != NULL;
    if (*start % THREAD_HEAP == 0)
        *heap = *start;
    return *heap != 0 && *start - *heap < THREAD_HEAP;
}

void mg_growth_reuse(void)
{
    char line[512];
    FILE *maps;
    uintptr_t heap = 0;
    uintptr_t start;
    uintptr_t end;

    if (!possible() || !allowed())
        return;
    maps = fopen("/proc/self/maps", "re");
    if (maps == NULL)
        return;
    while (fgets(line, sizeof line, maps) != NULL)
        if (of_malloc(line, &heap, &start, &end) && end - start >= MG_HUGE_PAGE)
            (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
    (void)fclose(maps);
}

void mg_growth_end(void)
{
    if (changed_here)
        (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    changed_here = false;
}

#else

void mg_growth_reserve(void)
{
}

void mg_growth_reuse(void)
{
}

void mg_growth_end(void)
{
}

#endif
