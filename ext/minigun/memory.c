#include "memory.h"

#include "small_file.h"

#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#define BYTES_PER_KB 1024
/* The file has some 30 lines of 28 bytes. */
#define TEXT 4096
/* What glibc takes for large begins at 1024. */
#define LARGE 4096

/* Adds what a line of this name says: "\nName:   number kB". */
static bool add(const char *text, const char *name, uint64_t *bytes)
{
    const char *line = strstr(text, name);
    char *end;
    unsigned long long kilobytes;

    if (line == NULL)
        return false;
    line += strlen(name);
    kilobytes = strtoull(line, &end, 10);
    if (end == line || strncmp(end, " kB\n", 4) != 0)
        return false;
    *bytes += kilobytes * BYTES_PER_KB;
    return true;
}

bool mg_memory_read(const char *path, mg_memory_t *memory)
{
    char text[TEXT];

    *memory = (mg_memory_t){0};
    return mg_small_file_read(path, text, sizeof(text)) && add(text, "\nPss:", &memory->share) &&
           add(text, "\nPrivate_Clean:", &memory->exclusive) &&
           add(text, "\nPrivate_Dirty:", &memory->exclusive) &&
           add(text, "\nShared_Clean:", &memory->in_common) &&
           add(text, "\nShared_Dirty:", &memory->in_common);
}

void mg_memory_settle(void)
{
    /* A compiler may leave out an allocation that it sees through. */
    void *volatile block = malloc(LARGE);

    free(block);
}

bool mg_memory_give_back(void)
{
#ifdef __GLIBC__
    return malloc_trim(0) != 0;
#else
    return false;
#endif
}
