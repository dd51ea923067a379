#include "table_parts.h"

#include <string.h>

/* A block of MG_TABLE_BYTES: `a` is the length, bytes follow. Of MG_TABLE_LIST: `a` is the first
 * element, `b` the last one known; a process that died may have linked one more behind it. */
typedef struct {
    uint64_t kind;
    _Atomic uint64_t a;
    _Atomic uint64_t b;
} block_t;

typedef struct {
    _Atomic uint64_t next;
    uint64_t length;
    uint64_t whole;
    unsigned char bytes[];
} element_t;

static bool inline_word(uint64_t word)
{
    return (word & 1) != 0;
}

static element_t *element_at(const mg_arena_t *arena, uint64_t offset)
{
    element_t *element = mg_arena_at(arena, offset, sizeof(*element));

    if (element == NULL || element->length > arena->size ||
        mg_arena_at(arena, offset, sizeof(*element) + (size_t)element->length) == NULL)
        return NULL;
    return element;
}

static mg_status_t read_bytes(const mg_arena_t *arena, uint64_t word, mg_table_value_t *value)
{
    const block_t *block = mg_arena_at(arena, word, sizeof(*block));
    uint64_t length = atomic_load_explicit(&block->a, memory_order_acquire);

    if (length > arena->size || mg_arena_at(arena, word, sizeof(*block) + (size_t)length) == NULL)
        return MG_CORRUPT;
    value->bytes = (const unsigned char *)(block + 1);
    value->length = (size_t)length;
    return MG_OK;
}

mg_status_t mg_table_value_read(const mg_arena_t *arena, uint64_t word, mg_table_value_t *value)
{
    const block_t *block;

    *value = (mg_table_value_t){.kind = MG_TABLE_INTEGER};
    if (inline_word(word)) {
        /* Division, not a shift: that of a negative number is the compiler's choice. */
        value->integer = ((int64_t)word - 1) / 2;
        return MG_OK;
    }
    block = mg_arena_at(arena, word, sizeof(*block));
    if (block == NULL)
        return MG_CORRUPT;
    value->kind = (mg_table_kind_t)block->kind;
    if (block->kind == MG_TABLE_BYTES)
        return read_bytes(arena, word, value);
    value->element = atomic_load_explicit(&block->a, memory_order_acquire);
    return block->kind == MG_TABLE_LIST ? MG_OK : MG_CORRUPT;
}

mg_status_t mg_table_value_make(const mg_arena_t *arena, const mg_table_value_t *value,
                                uint64_t *word)
{
    block_t *block;
    mg_status_t status;

    if (value->kind == MG_TABLE_INTEGER) {
        *word = (uint64_t)value->integer * 2 + 1;
        return MG_OK;
    }
    status = value->length < SIZE_MAX - sizeof(*block)
                 ? mg_arena_alloc(arena, sizeof(*block) + value->length, word)
                 : MG_FULL;
    if (status != MG_OK)
        return status;
    block = mg_arena_at(arena, *word, sizeof(*block));
    block->kind = MG_TABLE_BYTES;
    atomic_store_explicit(&block->a, value->length, memory_order_relaxed);
    atomic_store_explicit(&block->b, 0, memory_order_relaxed);
    if (value->length > 0)
        memcpy(block + 1, value->bytes, value->length);
    return MG_OK;
}

static mg_status_t free_elements(const mg_arena_t *arena, uint64_t offset)
{
    size_t most = mg_arena_used(arena) / sizeof(element_t);

    /* Longer than the arena no list can be: scribbled links may lead in a circle. */
    for (; offset != 0 && most > 0; most--) {
        const element_t *element = element_at(arena, offset);
        uint64_t next;
        mg_status_t status;

        if (element == NULL)
            return MG_CORRUPT;
        next = atomic_load_explicit(&element->next, memory_order_acquire);
        status = mg_arena_free(arena, offset);
        if (status != MG_OK)
            return status;
        offset = next;
    }
    return offset == 0 ? MG_OK : MG_CORRUPT;
}

mg_status_t mg_table_value_free(const mg_arena_t *arena, uint64_t word)
{
    mg_table_value_t value;
    mg_status_t status;

    if (inline_word(word))
        return MG_OK;
    status = mg_table_value_read(arena, word, &value);
    if (status == MG_OK)
        status = mg_arena_free(arena, word);
    if (status == MG_OK && value.kind == MG_TABLE_LIST)
        status = free_elements(arena, value.element);
    return status;
}

static mg_status_t make_element(const mg_arena_t *arena, const unsigned char *bytes, size_t length,
                                uint64_t *offset)
{
    element_t *element;
    mg_status_t status = length < SIZE_MAX - sizeof(*element)
                             ? mg_arena_alloc(arena, sizeof(*element) + length, offset)
                             : MG_FULL;

    if (status != MG_OK)
        return status;
    element = mg_arena_at(arena, *offset, sizeof(*element));
    atomic_store_explicit(&element->next, 0, memory_order_relaxed);
    element->length = length;
    element->whole = 0;
    if (length > 0)
        memcpy(element->bytes, bytes, length);
    return MG_OK;
}

static mg_status_t link_whole(const mg_arena_t *arena, uint64_t word, uint64_t *first)
{
    mg_table_value_t value;
    element_t *element;
    uint64_t last = *first;
    mg_status_t status = mg_table_value_read(arena, word, &value);

    if (status == MG_OK)
        status = make_element(arena, value.bytes, value.length, first);
    if (status != MG_OK)
        return status;
    element = mg_arena_at(arena, *first, sizeof(*element));
    element->whole = 1;
    atomic_store_explicit(&element->next, last, memory_order_relaxed);
    return MG_OK;
}

mg_status_t mg_table_value_list(const mg_arena_t *arena, uint64_t first, const unsigned char *bytes,
                                size_t length, uint64_t *word)
{
    uint64_t head;
    uint64_t last;
    block_t *block;
    mg_status_t status = make_element(arena, bytes, length, &last);

    if (status != MG_OK)
        return status;
    head = last;
    if (first != 0)
        status = link_whole(arena, first, &head);
    if (status == MG_OK)
        status = mg_arena_alloc(arena, sizeof(*block), word);
    if (status != MG_OK) {
        (void)free_elements(arena, head);
        return status;
    }
    block = mg_arena_at(arena, *word, sizeof(*block));
    block->kind = MG_TABLE_LIST;
    atomic_store_explicit(&block->a, head, memory_order_relaxed);
    atomic_store_explicit(&block->b, last, memory_order_relaxed);
    return MG_OK;
}

mg_status_t mg_table_value_append(const mg_arena_t *arena, uint64_t word,
                                  const unsigned char *bytes, size_t length)
{
    block_t *block = inline_word(word) ? NULL : mg_arena_at(arena, word, sizeof(*block));
    element_t *last;
    uint64_t offset;
    uint64_t next;
    mg_status_t status;

    if (inline_word(word) || (block != NULL && block->kind == MG_TABLE_BYTES))
        return MG_INVALID;
    if (block == NULL || block->kind != MG_TABLE_LIST)
        return MG_CORRUPT;
    last = element_at(arena, atomic_load_explicit(&block->b, memory_order_acquire));
    if (last == NULL)
        return MG_CORRUPT;
    /* At most one: the next to append comes by here before it links another. */
    next = atomic_load_explicit(&last->next, memory_order_acquire);
    if (next != 0) {
        last = element_at(arena, next);
        if (last == NULL || atomic_load_explicit(&last->next, memory_order_acquire) != 0)
            return MG_CORRUPT;
    }
    status = make_element(arena, bytes, length, &offset);
    if (status != MG_OK)
        return status;
    if (next != 0)
        atomic_store_explicit(&block->b, next, memory_order_release);
    atomic_store_explicit(&last->next, offset, memory_order_release);
    atomic_store_explicit(&block->b, offset, memory_order_release);
    return MG_OK;
}

mg_status_t mg_table_element(const mg_table_t *table, mg_table_value_t *list)
{
    const element_t *element;

    if (list->element == 0)
        return MG_EMPTY;
    element = element_at(&table->arena, list->element);
    if (element == NULL)
        return MG_CORRUPT;
    list->bytes = element->bytes;
    list->length = (size_t)element->length;
    list->whole = element->whole != 0;
    list->element = atomic_load_explicit(&element->next, memory_order_acquire);
    return MG_OK;
}
