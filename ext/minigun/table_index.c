#include "table_parts.h"

#include <string.h>

#define LOAD_FACTOR 2u /* entries for each bucket, before their number doubles */

mg_table_node_t *mg_table_node_at(const mg_table_t *table, uint64_t offset)
{
    mg_table_node_t *node = mg_arena_at(&table->arena, offset, sizeof(*node));

    if (node == NULL || node->key_length > table->arena.size ||
        mg_arena_at(&table->arena, offset, sizeof(*node) + (size_t)node->key_length) == NULL)
        return NULL;
    return node;
}

static uint64_t reversed(uint64_t word)
{
    word =
        ((word >> 1) & UINT64_C(0x5555555555555555)) | ((word & UINT64_C(0x5555555555555555)) << 1);
    word =
        ((word >> 2) & UINT64_C(0x3333333333333333)) | ((word & UINT64_C(0x3333333333333333)) << 2);
    word =
        ((word >> 4) & UINT64_C(0x0f0f0f0f0f0f0f0f)) | ((word & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4);
    return __builtin_bswap64(word);
}

uint64_t mg_table_order(uint64_t hash)
{
    return reversed(hash) | 1;
}

/* --- nodes ------------------------------------------------------------------------------------ */

mg_status_t mg_table_node_make(const mg_table_t *table, uint64_t order, const mg_table_key_t *key,
                               uint64_t *offset)
{
    mg_table_node_t *node;
    size_t length = key ? key->length : 0;
    mg_status_t status = length < SIZE_MAX - sizeof(*node)
                             ? mg_arena_alloc(&table->arena, sizeof(*node) + length, offset)
                             : MG_FULL;

    if (status != MG_OK)
        return status;
    node = mg_arena_at(&table->arena, *offset, sizeof(*node));
    atomic_store_explicit(&node->next, 0, memory_order_relaxed);
    atomic_store_explicit(&node->value, 0, memory_order_relaxed);
    node->order = order;
    node->key_length = length;
    if (length > 0)
        memcpy(node->key, key->bytes, length);
    return MG_OK;
}

static bool same_key(const mg_table_node_t *node, const mg_table_key_t *key)
{
    size_t length = key ? key->length : 0;

    return node->key_length == length &&
           (length == 0 || memcmp(node->key, key->bytes, length) == 0);
}

/* Walks from a head with a smaller order. Longer than all nodes together no walk can be. */
mg_status_t mg_table_find(const mg_table_t *table, uint64_t head, uint64_t order,
                          const mg_table_key_t *key, mg_table_place_t *place)
{
    size_t steps = mg_arena_used(&table->arena) / sizeof(mg_table_node_t);

    *place = (mg_table_place_t){.before = mg_table_node_at(table, head)};
    if (place->before == NULL)
        return MG_CORRUPT;
    for (; steps > 0; steps--) {
        uint64_t next = atomic_load_explicit(&place->before->next, memory_order_acquire);
        mg_table_node_t *node = next == 0 ? NULL : mg_table_node_at(table, next);

        if (next != 0 && node == NULL)
            return MG_CORRUPT;
        if (node == NULL || node->order > order)
            return MG_OK;
        if (node->order == order && same_key(node, key)) {
            place->node = node;
            place->offset = next;
            return MG_OK;
        }
        place->before = node;
    }
    return MG_CORRUPT;
}

/* The one store that makes a node part of the table. */
void mg_table_link(const mg_table_place_t *place, mg_table_node_t *node, uint64_t offset)
{
    atomic_store_explicit(&node->next,
                          atomic_load_explicit(&place->before->next, memory_order_acquire),
                          memory_order_relaxed);
    atomic_store_explicit(&place->before->next, offset, memory_order_release);
}

/* --- buckets ---------------------------------------------------------------------------------- */

static unsigned log_of(uint64_t word)
{
    return 63 - (unsigned)__builtin_clzll(word);
}

/* Bucket 0 is segment 0; buckets 2^n to 2^(n+1) - 1 are segment n + 1. */
_Atomic uint64_t *mg_table_bucket(const mg_table_t *table, uint64_t bucket)
{
    unsigned segment = bucket == 0 ? 0 : log_of(bucket) + 1;
    uint64_t first = bucket == 0 ? 0 : UINT64_C(1) << (segment - 1);
    uint64_t size = bucket == 0 ? 1 : first;
    uint64_t offset;
    _Atomic uint64_t *words;

    if (segment >= MG_TABLE_SEGMENTS)
        return NULL;
    offset = atomic_load_explicit(&table->header->segments[segment], memory_order_acquire);
    words = mg_arena_at(&table->arena, offset, (size_t)size * sizeof(*words));
    return words == NULL ? NULL : words + (bucket - first);
}

mg_status_t mg_table_add_segment(const mg_table_t *table, unsigned segment, uint64_t size)
{
    size_t bytes = (size_t)size * sizeof(uint64_t);
    uint64_t offset;
    mg_status_t status;

    if (segment >= MG_TABLE_SEGMENTS)
        return MG_FULL;
    status = mg_arena_alloc(&table->arena, bytes, &offset);
    if (status != MG_OK)
        return status;
    memset(mg_arena_at(&table->arena, offset, bytes), 0, bytes);
    atomic_store_explicit(&table->header->segments[segment], offset, memory_order_release);
    return MG_OK;
}

static mg_status_t make_head(const mg_table_t *table, uint64_t parent, uint64_t bucket,
                             uint64_t *head)
{
    mg_table_place_t place;
    mg_status_t status = mg_table_find(table, parent, reversed(bucket), NULL, &place);

    /* There already when the process that linked it died before it wrote the bucket. */
    if (status != MG_OK || place.node != NULL) {
        *head = place.offset;
        return status;
    }
    status = mg_table_node_make(table, reversed(bucket), NULL, head);
    if (status == MG_OK)
        mg_table_link(&place, mg_table_node_at(table, *head), *head);
    return status;
}

/* The head of a bucket, made when it is used first. One that cannot be made for lack of memory is
 * stood in for by its parent: a longer walk, the same result. */
static mg_status_t bucket_head(const mg_table_t *table, uint64_t bucket, uint64_t *head)
{
    uint64_t missing[64];
    size_t count = 0;
    uint64_t parent = 0;

    for (;; bucket ^= UINT64_C(1) << log_of(bucket)) {
        const _Atomic uint64_t *word = mg_table_bucket(table, bucket);

        if (word == NULL)
            return MG_CORRUPT;
        parent = atomic_load_explicit(word, memory_order_acquire);
        if (parent != 0)
            break;
        if (bucket == 0)
            return MG_CORRUPT;
        missing[count++] = bucket;
    }
    while (count > 0) {
        uint64_t made;
        mg_status_t status = make_head(table, parent, missing[--count], &made);

        if (status == MG_FULL)
            break;
        if (status != MG_OK)
            return status;
        atomic_store_explicit(mg_table_bucket(table, missing[count]), made, memory_order_release);
        parent = made;
    }
    *head = parent;
    return MG_OK;
}

mg_status_t mg_table_head(const mg_table_t *table, uint64_t hash, uint64_t *head)
{
    uint64_t buckets = atomic_load_explicit(&table->header->buckets, memory_order_acquire);

    if (table->header->magic != MG_TABLE_MAGIC || buckets == 0 || (buckets & (buckets - 1)) != 0)
        return MG_CORRUPT;
    return bucket_head(table, hash & (buckets - 1), head);
}

/* Without memory for more buckets the table goes on with those it has. */
mg_status_t mg_table_grow(const mg_table_t *table)
{
    mg_table_header_t *header = table->header;
    uint64_t buckets = atomic_load_explicit(&header->buckets, memory_order_acquire);
    mg_status_t status;

    if (mg_table_count(table) <= buckets * LOAD_FACTOR)
        return MG_OK;
    status = mg_table_add_segment(table, log_of(buckets) + 1, buckets);
    if (status == MG_OK)
        atomic_store_explicit(&header->buckets, buckets * 2, memory_order_release);
    return status == MG_FULL ? MG_OK : status;
}

/* --- walking ---------------------------------------------------------------------------------- */

/* From a position on: the next node that is an entry. */
static mg_status_t skip_heads(const mg_table_t *table, uint64_t *position)
{
    size_t steps = mg_arena_used(&table->arena) / sizeof(mg_table_node_t);

    for (; *position != 0 && steps > 0; steps--) {
        const mg_table_node_t *node = mg_table_node_at(table, *position);

        if (node == NULL)
            return MG_CORRUPT;
        if (node->order % 2 != 0)
            return MG_OK;
        *position = atomic_load_explicit(&node->next, memory_order_acquire);
    }
    return *position == 0 ? MG_OK : MG_CORRUPT;
}

mg_status_t mg_table_seek(const mg_table_t *table, uint64_t order, uint64_t *position)
{
    uint64_t head;
    size_t steps = mg_arena_used(&table->arena) / sizeof(mg_table_node_t);
    mg_status_t status = mg_table_head(table, reversed(order), &head);

    *position = 0;
    if (status != MG_OK)
        return status;
    for (*position = head; *position != 0 && steps > 0; steps--) {
        const mg_table_node_t *node = mg_table_node_at(table, *position);

        if (node == NULL)
            return MG_CORRUPT;
        if (node->order > order)
            return skip_heads(table, position);
        *position = atomic_load_explicit(&node->next, memory_order_acquire);
    }
    return *position == 0 ? MG_OK : MG_CORRUPT;
}

mg_status_t mg_table_read(const mg_table_t *table, uint64_t *position, mg_table_entry_t *entry)
{
    const mg_table_node_t *node = mg_table_node_at(table, *position);

    if (node == NULL)
        return MG_CORRUPT;
    entry->order = node->order;
    entry->key = (mg_table_key_t){
        .bytes = node->key, .length = (size_t)node->key_length, .hash = reversed(node->order)};
    *position = atomic_load_explicit(&node->next, memory_order_acquire);
    if (mg_table_value_read(&table->arena, atomic_load_explicit(&node->value, memory_order_acquire),
                            &entry->value) != MG_OK)
        return MG_CORRUPT;
    return skip_heads(table, position);
}
