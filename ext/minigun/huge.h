/*
 * The memory of this process in huge pages.
 *
 * A fork copies an entry of the page tables for each 4 KB that are in use, and one for each 2 MB
 * that are in a huge page. A page that either side writes to afterwards is copied alone, as ever:
 * its huge page falls apart in the process that writes.
 *
 * Linux 6.1 and later can move what is in use into a huge page at once (MADV_COLLAPSE). That takes
 * the time of copying it, so it is done in steps. Elsewhere, and where the system's administrator
 * wants no huge pages, a step does nothing.
 */
#ifndef MG_HUGE_H
#define MG_HUGE_H

#include "platform.h"

#include <stdbool.h>

/* How far it has come. All zero in the beginning. */
typedef struct {
    uintptr_t next;  /* address to go on from; 0 = at the start of a pass */
    size_t resident; /* bytes that the process had in memory when the last pass was through */
} mg_huge_t;

/* A process with less in memory forks quickly as it is. */
#define MG_HUGE_LEAST ((size_t)48 << 20)

typedef bool (*mg_huge_over_t)(void *argument);

/* Goes on for budget_ns, or until `over` (may be NULL), which is asked after each, says so; for an
 * area of 2 MB at least. A pass that is through is followed by another one when the process has
 * grown by a quarter. Bytes that are in huge pages now; 0 = there is nothing to do. One thread at a
 * time. */
size_t mg_huge_step(mg_huge_t *huge, uint64_t budget_ns, mg_huge_over_t over, void *argument);

#endif
