/* What Linux tells of this process's memory, and whose malloc it has. */
#ifndef SMAPS_H
#define SMAPS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kilobytes, from /proc/self/smaps_rollup. */
static inline unsigned long smaps_kilobytes(const char *name)
{
    char line[256];
    unsigned long value = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "re");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtoul(line + strlen(name), NULL, 10);
    }
    if (file != NULL)
        (void)fclose(file);
    return value;
}

/* The setting of huge pages that the system's administrator has chosen: "[always]", "[madvise]" or
 * "[never]". */
static inline bool huge_pages_are(const char *chosen)
{
    char words[64] = "[never]";
    FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");

    if (file != NULL) {
        (void)fgets(words, sizeof words, file);
        (void)fclose(file);
    }
    return strstr(words, chosen) != NULL;
}

#if defined(__has_feature)
#define SANITIZED_BY_CLANG (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED_BY_CLANG 0
#endif

/* Sanitizers have an allocator of their own. */
static inline bool with_malloc_of_glibc(void)
{
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    return !SANITIZED_BY_CLANG;
#else
    return false;
#endif
}

#endif
