#include "list.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAGIC UINT64_C(0x314c495354474d21)
#define UNIT       8u /* records begin at multiples of it */

typedef uint64_t length_t;

static uint64_t first_offset(void)
{
    return MG_ALIGN_UP(sizeof(mg_list_header_t), MG_CACHE_LINE);
}

static unsigned char *address(const mg_list_t *list, uint64_t offset)
{
    return (unsigned char *)list->header + offset;
}

/* Bytes of a record with its length word; 0 when that overflows. */
static uint64_t footprint(uint64_t length)
{
    if (length > SIZE_MAX / 2)
        return 0;
    return sizeof(length_t) + MG_ALIGN_UP((size_t)length, UNIT);
}

mg_status_t mg_list_init(mg_list_t *list, void *memory, size_t size)
{
    mg_list_header_t *header = memory;
    mg_status_t status;

    *list = (mg_list_t){0};
    if ((uintptr_t)memory % MG_CACHE_LINE != 0)
        return MG_INVALID;
    if (size < first_offset() + sizeof(length_t))
        return MG_TOO_LARGE;
    status = mg_lock_init(&header->lock);
    if (status != MG_OK)
        return status;
    header->magic = LIST_MAGIC;
    atomic_store_explicit(&header->generation, 0, memory_order_relaxed);
    atomic_store_explicit(&header->top, first_offset(), memory_order_release);
    *list = (mg_list_t){.header = header, .size = size};
    return MG_OK;
}

static mg_status_t read_top(const mg_list_t *list, uint64_t *top)
{
    *top = atomic_load_explicit(&list->header->top, memory_order_acquire);
    if (list->header->magic != LIST_MAGIC || *top < first_offset() || *top > list->size ||
        *top % UNIT != 0)
        return MG_CORRUPT;
    return MG_OK;
}

static mg_status_t room_for(const mg_list_t *list, const mg_list_records_t *records, uint64_t top)
{
    uint64_t room = list->size - top;

    for (size_t i = 0; i < records->count; i++) {
        uint64_t need = footprint(records->lengths[i]);

        if (need == 0 || need > room)
            return MG_FULL;
        room -= need;
    }
    return MG_OK;
}

mg_status_t mg_list_append(const mg_list_t *list, const mg_list_records_t *records)
{
    const unsigned char *bytes = records->bytes;
    uint64_t top;
    mg_status_t status = read_top(list, &top);

    if (status == MG_OK)
        status = room_for(list, records, top);
    if (status != MG_OK)
        return status;
    for (size_t i = 0; i < records->count; i++) {
        length_t length = records->lengths[i];

        memcpy(address(list, top), &length, sizeof(length));
        if (length > 0)
            memcpy(address(list, top + sizeof(length)), bytes, (size_t)length);
        bytes += length;
        top += footprint(length);
    }
    /* The commit: what lies below the top is complete. */
    atomic_store_explicit(&list->header->top, top, memory_order_release);
    return MG_OK;
}

static mg_status_t remember(mg_list_cursor_t *cursor, uint64_t offset)
{
    if (cursor->count == cursor->capacity) {
        size_t capacity = cursor->capacity ? cursor->capacity * 2 : 64;
        uint64_t *offsets = realloc(cursor->offsets, capacity * sizeof(*offsets));

        if (offsets == NULL)
            return MG_NO_MEMORY;
        cursor->offsets = offsets;
        cursor->capacity = capacity;
    }
    cursor->offsets[cursor->count++] = offset;
    return MG_OK;
}

mg_status_t mg_list_sync(const mg_list_t *list, mg_list_cursor_t *cursor)
{
    uint64_t generation = atomic_load_explicit(&list->header->generation, memory_order_acquire);
    uint64_t top;
    mg_status_t status = read_top(list, &top);

    if (cursor->top == 0 || cursor->generation != generation) {
        cursor->count = 0;
        cursor->generation = generation;
        cursor->top = first_offset();
    }
    while (status == MG_OK && cursor->top < top) {
        length_t length;
        uint64_t need;

        memcpy(&length, address(list, cursor->top), sizeof(length));
        need = footprint(length);
        if (need == 0 || need > top - cursor->top)
            return MG_CORRUPT;
        status = remember(cursor, cursor->top);
        if (status == MG_OK)
            cursor->top += need;
    }
    return status;
}

mg_status_t mg_list_at(const mg_list_t *list, const mg_list_cursor_t *cursor, size_t index,
                       const unsigned char **bytes, size_t *length)
{
    length_t stored;
    uint64_t offset;
    uint64_t top;
    mg_status_t status = read_top(list, &top);

    if (status != MG_OK)
        return status;
    if (index >= cursor->count)
        return MG_EMPTY;
    offset = cursor->offsets[index];
    if (offset > top || sizeof(stored) > top - offset)
        return MG_CORRUPT;
    memcpy(&stored, address(list, offset), sizeof(stored));
    if (stored > top - offset - sizeof(stored))
        return MG_CORRUPT;
    *bytes = address(list, offset + sizeof(stored));
    *length = (size_t)stored;
    return MG_OK;
}

void mg_list_clear(const mg_list_t *list)
{
    mg_list_header_t *header = list->header;

    /* The generation first: a death in between voids offsets that were still good, not the
     * reverse. */
    atomic_fetch_add_explicit(&header->generation, 1, memory_order_release);
    atomic_store_explicit(&header->top, first_offset(), memory_order_release);
}

void mg_list_cursor_free(mg_list_cursor_t *cursor)
{
    free(cursor->offsets);
    *cursor = (mg_list_cursor_t){0};
}
