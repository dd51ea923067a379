/*
 * One anonymous shared mapping, inherited by forked children, with no name that could leak.
 *
 *   +--------+------------+------------+---- ... ----+
 *   | header | region     | region     |             |   regions are carved once, before any
 *   +--------+------------+------------+---- ... ----+   fork, cache-line aligned, never freed
 *
 * Not thread-safe: create, carve and destroy belong to one thread (the binding holds the GVL).
 */
#ifndef MG_SEGMENT_H
#define MG_SEGMENT_H

#include "platform.h"
#include "status.h"

#include <sys/types.h>

#define MG_SEGMENT_MAGIC UINT64_C(0x314e554749494d4d)
#define MG_ABI_VERSION   1u

typedef struct {
    unsigned char *base; /* NULL when destroyed */
    size_t size;         /* bytes mapped, a multiple of the page size */
    size_t used;         /* bytes carved so far, the header included */
    pid_t owner;         /* the process that created it; only it may destroy */
} mg_segment_t;

/* Maps at least `size` usable bytes, zeroed, and writes magic and ABI version.
 * MG_OK, MG_INVALID (size 0), MG_TOO_LARGE (size overflows), MG_NO_MEMORY (errno kept). */
mg_status_t mg_segment_create(mg_segment_t *segment, size_t size);

/* Cuts the next `size` bytes, aligned to `alignment` (a power of two, at least 8).
 * MG_OK, MG_INVALID (alignment), MG_TOO_LARGE (does not fit), MG_CLOSED (destroyed). */
mg_status_t mg_segment_carve(mg_segment_t *segment, size_t size, size_t alignment, void **out);

/* MG_OK when magic and version are intact, else MG_CORRUPT; MG_CLOSED when destroyed. */
mg_status_t mg_segment_check(const mg_segment_t *segment);

/* Unmaps. In a process other than the owner it only unmaps this process's view. Idempotent. */
void mg_segment_destroy(mg_segment_t *segment);

#endif
