/*
 * Memory that a process is about to ask for, in huge pages.
 *
 * The first touch of each 4 KB is a page fault, and for a process that makes many objects these are
 * a good part of its time. Where the system's administrator lets programs ask for huge pages, one
 * fault serves 2 MB.
 *
 * On Linux with the malloc of glibc, as long as its settings are its own: whoever has changed them
 * in the environment (MALLOC_TOP_PAD_ and the like, GLIBC_TUNABLES) knows better. Elsewhere nothing
 * is done.
 */
#ifndef MG_GROWTH_H
#define MG_GROWTH_H

#include "platform.h"

/* Bytes. glibc comes to keep twice as much of freed memory at the end of each of its heaps. */
#define MG_GROWTH ((size_t)16 << 20)

/* The next MG_GROWTH bytes at the end of the heap that the calling thread allocates from will be in
 * huge pages as soon as they are touched. Nothing is touched here, and what is reserved already is
 * not reserved again. One thread at a time. */
void mg_growth_reserve(void);

/* What has been given back to the system of all heaps will be in huge pages when it is touched
 * again. For memory in large pieces: an area in which anything is left comes page by page. */
void mg_growth_reuse(void);

/* Leaves the process as it was before the first reservation, but for the memory. */
void mg_growth_end(void);

#endif
