/*
 * Hash table of byte strings in given memory, shared between processes.
 *
 *   +------------------------------------------+-------------------------------------+
 *   | lock magic count buckets[] key locks     | arena: nodes, values, bucket arrays |
 *   +------------------------------------------+-------------------------------------+
 *
 *   buckets   0        1                   all nodes form one list, sorted by the reversed bits of
 *             |        |                   their hashes; a bucket is a head node in the midst of
 *             v        v                   it. Doubling the number of buckets therefore moves
 *            head - n - head - n - n - 0   nothing, and every change is the store of one word.
 *                                          (Split-ordered list: Shalev and Shavit, 2006.)
 *
 * Callers hold `lock` around every function but init. A process that dies in any of them leaves the
 * table as it was before or as it is afterwards; whoever gets the lock then (MG_OWNER_DEAD) calls
 * mg_table_recover. What is read from the memory is checked first: MG_CORRUPT, never a stray
 * access.
 *
 * The key locks guard read-change-write cycles of one key: take the key's lock first, then `lock`.
 */
#ifndef MG_TABLE_H
#define MG_TABLE_H

#include "arena.h"
#include "lock.h"

#include <stdbool.h>

#define MG_TABLE_SEGMENTS  40u
#define MG_TABLE_KEY_LOCKS 32u

typedef struct {
    _Alignas(MG_CACHE_LINE) mg_lock_t lock;
} mg_table_lock_t;

typedef struct {
    mg_table_lock_t lock;
    uint64_t magic;
    _Atomic uint64_t clearing; /* a clear has begun: recover finishes it */
    _Atomic uint64_t count;
    _Atomic uint64_t buckets; /* a power of two */
    _Atomic uint64_t segments[MG_TABLE_SEGMENTS];
    mg_table_lock_t key_locks[MG_TABLE_KEY_LOCKS];
} mg_table_header_t;

typedef struct {
    mg_table_header_t *header;
    mg_arena_t arena;
} mg_table_t;

typedef struct {
    const unsigned char *bytes;
    size_t length;
    uint64_t hash;
} mg_table_key_t;

typedef enum {
    MG_TABLE_INTEGER = 1, /* 63 bits, changed in place */
    MG_TABLE_BYTES,
    MG_TABLE_LIST /* elements that were appended */
} mg_table_kind_t;

typedef struct {
    mg_table_kind_t kind;
    int64_t integer;
    const unsigned char *bytes;
    size_t length;
    uint64_t element; /* of a list: the next one to read, 0 after the last */
    bool whole;       /* of an element: its bytes are the list as it was before the first append */
} mg_table_value_t;

typedef struct {
    uint64_t order; /* where in the list: seek goes on behind it */
    mg_table_key_t key;
    mg_table_value_t value;
} mg_table_entry_t;

/* Formats `memory` (cache-line aligned). MG_OK, MG_INVALID (alignment), MG_TOO_LARGE (too short),
 * MG_SYSTEM. */
mg_status_t mg_table_init(mg_table_t *table, void *memory, size_t size);

/* The bytes must stay while the key is used. */
mg_table_key_t mg_table_key(const unsigned char *bytes, size_t length);

size_t mg_table_key_lock(const mg_table_key_t *key);

/* Puts what a dead owner of the lock may have left right. MG_OK, MG_CORRUPT. */
mg_status_t mg_table_recover(const mg_table_t *table);

uint64_t mg_table_count(const mg_table_t *table);

/* MG_OK, MG_EMPTY (no such key), MG_CORRUPT. The value points into the memory. */
mg_status_t mg_table_get(const mg_table_t *table, const mg_table_key_t *key,
                         mg_table_value_t *value);

/* Sets, adding the key when it is new. MG_OK, MG_FULL (nothing changed), MG_CORRUPT. */
mg_status_t mg_table_put(const mg_table_t *table, const mg_table_key_t *key,
                         const mg_table_value_t *value);

/* Adds a key that is not there yet. MG_OK, MG_BUSY (it is there: nothing changed), MG_FULL (nothing
 * changed), MG_CORRUPT. */
mg_status_t mg_table_insert(const mg_table_t *table, const mg_table_key_t *key,
                            const mg_table_value_t *value);

/* Adds to an integer; a key that is new counts as 0. MG_OK, MG_INVALID (no integer, or the sum has
 * more than 63 bits: nothing changed), MG_FULL, MG_CORRUPT. */
mg_status_t mg_table_add(const mg_table_t *table, const mg_table_key_t *key, int64_t amount,
                         int64_t *sum);

/* Appends an element; a key that is new counts as the empty list. `wrap` makes a list of bytes:
 * they become its first, whole element. MG_OK, MG_INVALID (no list: nothing changed), MG_FULL,
 * MG_CORRUPT. */
mg_status_t mg_table_append(const mg_table_t *table, const mg_table_key_t *key,
                            const unsigned char *bytes, size_t length, bool wrap);

/* The next element of a list that mg_table_get gave: bytes, length and whole. MG_OK, MG_EMPTY (no
 * more), MG_CORRUPT. */
mg_status_t mg_table_element(const mg_table_t *table, mg_table_value_t *list);

/* MG_OK, MG_EMPTY (no such key), MG_CORRUPT. */
mg_status_t mg_table_delete(const mg_table_t *table, const mg_table_key_t *key);

mg_status_t mg_table_clear(const mg_table_t *table);

/* The first entry behind `order` (0: of all): 0 when there is none. MG_OK, MG_CORRUPT. */
mg_status_t mg_table_seek(const mg_table_t *table, uint64_t order, uint64_t *position);

/* Reads the entry at a position and moves on to the next one, 0 behind the last.
 * MG_OK, MG_CORRUPT. */
mg_status_t mg_table_read(const mg_table_t *table, uint64_t *position, mg_table_entry_t *entry);

#endif
