/*
 * Append-only sequence of byte records in given memory, shared between processes.
 *
 *   +-----------------------------------+--------+-------+--------+-------+-----------+
 *   | lock magic generation count  top  | length | bytes | length | bytes | untouched |
 *   +-----------------------------------+--------+-------+--------+-------+-----------+
 *                                                                         top
 *
 * Callers hold the lock around every function but init. Appending commits with the one store of
 * `top`: a process that dies before it has added nothing, one that dies after has added all.
 * Where records begin is remembered by each process for itself, in a cursor; offsets found in the
 * memory are checked before they are used (MG_CORRUPT).
 */
#ifndef MG_LIST_H
#define MG_LIST_H

#include "lock.h"
#include "platform.h"
#include "status.h"

typedef struct {
    _Alignas(MG_CACHE_LINE) mg_lock_t lock;
    _Alignas(MG_CACHE_LINE) uint64_t magic;
    _Atomic uint64_t generation; /* raised by clear: offsets known before are void */
    _Atomic uint64_t top;
} mg_list_header_t;

typedef struct {
    mg_list_header_t *header;
    size_t size; /* private: what init was given */
} mg_list_t;

/* What one process knows of the records: where the first `count` begin. All zero to start with. */
typedef struct {
    uint64_t *offsets;
    size_t count;
    size_t capacity;
    uint64_t generation;
    uint64_t top; /* where the next record will begin */
} mg_list_cursor_t;

/* Records to append, one after another in `bytes`. */
typedef struct {
    const unsigned char *bytes;
    const size_t *lengths;
    size_t count;
} mg_list_records_t;

/* Formats `memory` (cache-line aligned). MG_OK, MG_INVALID (alignment), MG_TOO_LARGE (too short),
 * MG_SYSTEM. */
mg_status_t mg_list_init(mg_list_t *list, void *memory, size_t size);

/* Adds all records or none. MG_OK, MG_FULL, MG_CORRUPT. */
mg_status_t mg_list_append(const mg_list_t *list, const mg_list_records_t *records);

/* Learns of what was added since. MG_OK, MG_NO_MEMORY, MG_CORRUPT. */
mg_status_t mg_list_sync(const mg_list_t *list, mg_list_cursor_t *cursor);

/* A record that the cursor knows of. MG_OK, MG_EMPTY (no such index), MG_CORRUPT. */
mg_status_t mg_list_at(const mg_list_t *list, const mg_list_cursor_t *cursor, size_t index,
                       const unsigned char **bytes, size_t *length);

/* Removes all records. */
void mg_list_clear(const mg_list_t *list);

void mg_list_cursor_free(mg_list_cursor_t *cursor);

#endif
