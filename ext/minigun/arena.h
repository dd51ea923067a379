/*
 * Blocks in shared memory, named by their offset; offset 0 is no block.
 *
 *   +--------+--------------------------------------+-----------+
 *   | header | tag payload | tag payload | ...      | untouched |   a block never moves and is
 *   +--------+--------------------------------------+-----------+   never split or merged
 *                                                   top
 *
 * Sizes are rounded up to one of four steps per power of two; a freed block waits in the list of
 * its step for the next of that size.
 *
 * One caller at a time: whoever shares an arena guards it with a lock. A process that dies inside
 * any of these functions leaves an arena in good order, at the price of the one block it handled.
 * What is read from the memory is checked before it is used, so that scribbled bytes cost an
 * MG_CORRUPT and never a stray access or an endless loop.
 */
#ifndef MG_ARENA_H
#define MG_ARENA_H

#include "platform.h"
#include "status.h"

#define MG_ARENA_STEPS 160u

typedef struct {
    uint64_t magic;
    _Atomic uint64_t top; /* where untouched memory begins */
    _Atomic uint64_t freed[MG_ARENA_STEPS];
} mg_arena_header_t;

typedef struct {
    unsigned char *base; /* of the header; offsets count from here */
    size_t size;         /* private: what init was given */
} mg_arena_t;

/* Formats `memory` (cache-line aligned). MG_OK, MG_INVALID (alignment), MG_TOO_LARGE (too short to
 * hold anything). */
mg_status_t mg_arena_init(mg_arena_t *arena, void *memory, size_t size);

/* A block of at least `size` bytes, 8-byte aligned, its contents undefined.
 * MG_OK, MG_FULL, MG_CORRUPT. */
mg_status_t mg_arena_alloc(const mg_arena_t *arena, size_t size, uint64_t *offset);

/* Gives a block back. MG_OK, MG_CORRUPT (the offset is no block). */
mg_status_t mg_arena_free(const mg_arena_t *arena, uint64_t offset);

/* The address of `size` bytes at an offset, or NULL when they are not all inside blocks handed out
 * so far. */
void *mg_arena_at(const mg_arena_t *arena, uint64_t offset, size_t size);

/* Takes all blocks back at once. */
void mg_arena_clear(const mg_arena_t *arena);

/* Bytes up to the untouched memory, freed blocks included. */
size_t mg_arena_used(const mg_arena_t *arena);

#endif
