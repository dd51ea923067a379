#include "table_parts.h"

#include "checksum.h"

mg_table_key_t mg_table_key(const unsigned char *bytes, size_t length)
{
    return (mg_table_key_t){
        .bytes = bytes, .length = length, .hash = mg_checksum(MG_TABLE_MAGIC, bytes, length)};
}

size_t mg_table_key_lock(const mg_table_key_t *key)
{
    /* Other bits than those that choose the bucket: neighbours in a table share no lock. */
    return (size_t)(key->hash >> 20) % MG_TABLE_KEY_LOCKS;
}

static mg_status_t format(const mg_table_t *table)
{
    mg_table_header_t *header = table->header;
    uint64_t head;
    mg_status_t status;

    for (size_t i = 0; i < MG_TABLE_SEGMENTS; i++)
        atomic_store_explicit(&header->segments[i], 0, memory_order_relaxed);
    mg_arena_clear(&table->arena);
    atomic_store_explicit(&header->count, 0, memory_order_relaxed);
    atomic_store_explicit(&header->buckets, 1, memory_order_relaxed);
    status = mg_table_add_segment(table, 0, 1);
    if (status == MG_OK)
        status = mg_table_node_make(table, 0, NULL, &head);
    if (status == MG_OK)
        atomic_store_explicit(mg_table_bucket(table, 0), head, memory_order_relaxed);
    return status == MG_FULL ? MG_TOO_LARGE : status;
}

mg_status_t mg_table_init(mg_table_t *table, void *memory, size_t size)
{
    size_t start = MG_ALIGN_UP(sizeof(mg_table_header_t), MG_CACHE_LINE);
    mg_table_header_t *header = memory;
    mg_status_t status;

    *table = (mg_table_t){0};
    if ((uintptr_t)memory % MG_CACHE_LINE != 0)
        return MG_INVALID;
    if (size < start)
        return MG_TOO_LARGE;
    status = mg_arena_init(&table->arena, (unsigned char *)memory + start, size - start);
    if (status == MG_OK)
        status = mg_lock_init(&header->lock.lock);
    for (size_t i = 0; status == MG_OK && i < MG_TABLE_KEY_LOCKS; i++)
        status = mg_lock_init(&header->key_locks[i].lock);
    if (status != MG_OK)
        return status;
    header->magic = MG_TABLE_MAGIC;
    table->header = header;
    return format(table);
}

uint64_t mg_table_count(const mg_table_t *table)
{
    return atomic_load_explicit(&table->header->count, memory_order_acquire);
}

static void count_by(const mg_table_t *table, uint64_t change)
{
    atomic_store_explicit(&table->header->count, mg_table_count(table) + change,
                          memory_order_release);
}

static mg_status_t place_of(const mg_table_t *table, const mg_table_key_t *key,
                            mg_table_place_t *place)
{
    uint64_t head;
    mg_status_t status = mg_table_head(table, key->hash, &head);

    return status == MG_OK ? mg_table_find(table, head, mg_table_order(key->hash), key, place)
                           : status;
}

mg_status_t mg_table_get(const mg_table_t *table, const mg_table_key_t *key,
                         mg_table_value_t *value)
{
    mg_table_place_t place;
    mg_status_t status = place_of(table, key, &place);

    if (status != MG_OK)
        return status;
    if (place.node == NULL)
        return MG_EMPTY;
    return mg_table_value_read(
        &table->arena, atomic_load_explicit(&place.node->value, memory_order_acquire), value);
}

/* Gives the key at `place` the value `word`: a new node, or one store and the old value freed. */
static mg_status_t set(const mg_table_t *table, const mg_table_key_t *key, mg_table_place_t *place,
                       uint64_t word)
{
    uint64_t old;
    mg_status_t status;

    if (place->node != NULL) {
        old = atomic_load_explicit(&place->node->value, memory_order_acquire);
        atomic_store_explicit(&place->node->value, word, memory_order_release);
        return mg_table_value_free(&table->arena, old);
    }
    status = mg_table_node_make(table, mg_table_order(key->hash), key, &place->offset);
    if (status != MG_OK) {
        (void)mg_table_value_free(&table->arena, word);
        return status;
    }
    place->node = mg_table_node_at(table, place->offset);
    atomic_store_explicit(&place->node->value, word, memory_order_relaxed);
    mg_table_link(place, place->node, place->offset);
    count_by(table, 1);
    return mg_table_grow(table);
}

mg_status_t mg_table_put(const mg_table_t *table, const mg_table_key_t *key,
                         const mg_table_value_t *value)
{
    mg_table_place_t place;
    uint64_t word;
    mg_status_t status = place_of(table, key, &place);

    if (status == MG_OK)
        status = mg_table_value_make(&table->arena, value, &word);
    return status == MG_OK ? set(table, key, &place, word) : status;
}

mg_status_t mg_table_insert(const mg_table_t *table, const mg_table_key_t *key,
                            const mg_table_value_t *value)
{
    mg_table_place_t place;
    uint64_t word;
    mg_status_t status = place_of(table, key, &place);

    if (status != MG_OK)
        return status;
    if (place.node != NULL)
        return MG_BUSY;
    status = mg_table_value_make(&table->arena, value, &word);
    return status == MG_OK ? set(table, key, &place, word) : status;
}

mg_status_t mg_table_add(const mg_table_t *table, const mg_table_key_t *key, int64_t amount,
                         int64_t *sum)
{
    mg_table_place_t place;
    mg_table_value_t value = {.kind = MG_TABLE_INTEGER};
    uint64_t word;
    mg_status_t status = place_of(table, key, &place);

    if (status == MG_OK && place.node != NULL)
        status = mg_table_value_read(
            &table->arena, atomic_load_explicit(&place.node->value, memory_order_acquire), &value);
    if (status != MG_OK)
        return status;
    if (value.kind != MG_TABLE_INTEGER || __builtin_add_overflow(value.integer, amount, sum) ||
        *sum < INT64_MIN / 2 || *sum > INT64_MAX / 2)
        return MG_INVALID;
    value.integer = *sum;
    status = mg_table_value_make(&table->arena, &value, &word);
    return status == MG_OK ? set(table, key, &place, word) : status;
}

mg_status_t mg_table_append(const mg_table_t *table, const mg_table_key_t *key,
                            const unsigned char *bytes, size_t length, bool wrap)
{
    mg_table_place_t place;
    uint64_t old = 0;
    uint64_t word;
    mg_status_t status = place_of(table, key, &place);

    if (status != MG_OK)
        return status;
    if (place.node != NULL) {
        old = atomic_load_explicit(&place.node->value, memory_order_acquire);
        status = mg_table_value_append(&table->arena, old, bytes, length);
        if (status != MG_INVALID || !wrap || (old & 1) != 0)
            return status;
    }
    status = mg_table_value_list(&table->arena, old, bytes, length, &word);
    return status == MG_OK ? set(table, key, &place, word) : status;
}

mg_status_t mg_table_delete(const mg_table_t *table, const mg_table_key_t *key)
{
    mg_table_place_t place;
    uint64_t word;
    mg_status_t status = place_of(table, key, &place);

    if (status != MG_OK)
        return status;
    if (place.node == NULL)
        return MG_EMPTY;
    word = atomic_load_explicit(&place.node->value, memory_order_acquire);
    atomic_store_explicit(&place.before->next,
                          atomic_load_explicit(&place.node->next, memory_order_acquire),
                          memory_order_release);
    count_by(table, UINT64_MAX);
    status = mg_arena_free(&table->arena, place.offset);
    return status == MG_OK ? mg_table_value_free(&table->arena, word) : status;
}

mg_status_t mg_table_clear(const mg_table_t *table)
{
    mg_status_t status;

    atomic_store_explicit(&table->header->clearing, 1, memory_order_release);
    status = format(table);
    atomic_store_explicit(&table->header->clearing, 0, memory_order_release);
    return status;
}

mg_status_t mg_table_recover(const mg_table_t *table)
{
    mg_table_entry_t entry;
    uint64_t count = 0;
    uint64_t position;
    mg_status_t status;

    if (atomic_load_explicit(&table->header->clearing, memory_order_acquire) != 0)
        return mg_table_clear(table);
    status = mg_table_seek(table, 0, &position);
    for (; status == MG_OK && position != 0; count++)
        status = mg_table_read(table, &position, &entry);
    if (status == MG_OK)
        atomic_store_explicit(&table->header->count, count, memory_order_release);
    return status;
}
