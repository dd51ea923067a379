/* Between table.c (the operations), table_index.c (nodes and buckets) and table_value.c (values).
 */
#ifndef MG_TABLE_PARTS_H
#define MG_TABLE_PARTS_H

#include "table.h"

#define MG_TABLE_MAGIC UINT64_C(0x31454c425447494d)

typedef struct {
    _Atomic uint64_t next;
    uint64_t order;         /* odd: an entry; even: the head of a bucket */
    _Atomic uint64_t value; /* odd: an integer in 63 bits; even: the offset of a block */
    uint64_t key_length;
    unsigned char key[];
} mg_table_node_t;

/* Where a node is, or belongs. */
typedef struct {
    mg_table_node_t *before;
    mg_table_node_t *node; /* NULL: not there */
    uint64_t offset;       /* of node */
} mg_table_place_t;

/* NULL: no node can be there. */
mg_table_node_t *mg_table_node_at(const mg_table_t *table, uint64_t offset);

/* The place of an entry in the list of nodes. */
uint64_t mg_table_order(uint64_t hash);

/* MG_OK, MG_FULL, MG_CORRUPT. Without a key it is the head of a bucket. */
mg_status_t mg_table_node_make(const mg_table_t *table, uint64_t order, const mg_table_key_t *key,
                               uint64_t *offset);

/* Looks for a node, from one of smaller order on. MG_OK, MG_CORRUPT. */
mg_status_t mg_table_find(const mg_table_t *table, uint64_t head, uint64_t order,
                          const mg_table_key_t *key, mg_table_place_t *place);

/* The one store that makes a node part of the table. */
void mg_table_link(const mg_table_place_t *place, mg_table_node_t *node, uint64_t offset);

/* The word that holds the offset of a bucket's head; NULL: there is no such bucket. */
_Atomic uint64_t *mg_table_bucket(const mg_table_t *table, uint64_t bucket);

/* Room for `size` more buckets. MG_OK, MG_FULL, MG_CORRUPT. */
mg_status_t mg_table_add_segment(const mg_table_t *table, unsigned segment, uint64_t size);

/* The head of the bucket of a hash. MG_OK, MG_CORRUPT. */
mg_status_t mg_table_head(const mg_table_t *table, uint64_t hash, uint64_t *head);

/* Doubles the buckets when there are too few; without memory the table goes on with those it has.
 * MG_OK, MG_CORRUPT. */
mg_status_t mg_table_grow(const mg_table_t *table);

/* The value word of a node, as a value. MG_OK, MG_CORRUPT. */
mg_status_t mg_table_value_read(const mg_arena_t *arena, uint64_t word, mg_table_value_t *value);

/* The word of a new value, its block allocated. MG_OK, MG_FULL, MG_CORRUPT. */
mg_status_t mg_table_value_make(const mg_arena_t *arena, const mg_table_value_t *value,
                                uint64_t *word);

/* Gives the blocks of a value back. MG_OK, MG_CORRUPT. */
mg_status_t mg_table_value_free(const mg_arena_t *arena, uint64_t word);

/* A list of one element. With `first` (a word of bytes) that comes before it, taken over whole; its
 * block is copied and left to the caller. MG_OK, MG_FULL, MG_CORRUPT. */
mg_status_t mg_table_value_list(const mg_arena_t *arena, uint64_t first, const unsigned char *bytes,
                                size_t length, uint64_t *word);

/* Appends to a list, in place. MG_OK, MG_INVALID (no list), MG_FULL, MG_CORRUPT. */
mg_status_t mg_table_value_append(const mg_arena_t *arena, uint64_t word,
                                  const unsigned char *bytes, size_t length);

#endif
