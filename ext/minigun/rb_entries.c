#include "rb_entries.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define FIRST_CAPACITY ((size_t)32)

void rb_mg_entries_mark(const rb_mg_entries_t *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        rb_gc_mark(entries->items[i]);
}

void rb_mg_entries_free(rb_mg_entries_t *entries)
{
    free(entries->items);
    free(entries->slots);
    *entries = (rb_mg_entries_t){0};
}

size_t rb_mg_entries_memsize(const rb_mg_entries_t *entries)
{
    return entries->capacity * sizeof(*entries->items) +
           entries->slot_count * sizeof(*entries->slots);
}

/* The slot that holds the item, or the empty one where it belongs. */
static size_t slot_of(const rb_mg_entries_t *entries, VALUE item)
{
    size_t mask = entries->slot_count - 1;
    size_t slot = (size_t)(((uint64_t)item * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;

    while (entries->slots[slot] != 0 && entries->items[entries->slots[slot] - 1] != item)
        slot = (slot + 1) & mask;
    return slot;
}

size_t rb_mg_entries_find(const rb_mg_entries_t *entries, VALUE item)
{
    uint32_t found;

    if (entries->slot_count == 0)
        return RB_MG_NO_ENTRY;
    found = entries->slots[slot_of(entries, item)];
    return found == 0 ? RB_MG_NO_ENTRY : found - 1;
}

/* Plain malloc: ruby_xmalloc may collect garbage in the middle of a change. */
static void reserve_item(rb_mg_entries_t *entries)
{
    size_t capacity = entries->capacity ? entries->capacity * 2 : FIRST_CAPACITY;
    VALUE *items;

    if (entries->count < entries->capacity)
        return;
    items = realloc(entries->items, capacity * sizeof(*items));
    if (items == NULL)
        rb_memerror();
    entries->items = items;
    entries->capacity = capacity;
}

/* Filled in the order of numbers, so that the newest entry is never in the way of an older one. */
static void reserve_slot(rb_mg_entries_t *entries)
{
    size_t slot_count = entries->slot_count ? entries->slot_count * 2 : FIRST_CAPACITY * 2;
    uint32_t *slots;

    if ((entries->count + 1) * 2 <= entries->slot_count)
        return;
    slots = calloc(slot_count, sizeof(*slots));
    if (slots == NULL)
        rb_memerror();
    free(entries->slots);
    entries->slots = slots;
    entries->slot_count = slot_count;
    for (size_t i = 0; i < entries->count; i++)
        slots[slot_of(entries, entries->items[i])] = (uint32_t)i + 1;
}

bool rb_mg_entries_append(rb_mg_entries_t *entries, VALUE item)
{
    if (entries->count >= MG_WIRE_MAX_ENTRIES)
        return false;
    reserve_item(entries);
    entries->items[entries->count++] = item;
    return true;
}

bool rb_mg_entries_add(rb_mg_entries_t *entries, VALUE item)
{
    if (entries->count >= MG_WIRE_MAX_ENTRIES)
        return false;
    reserve_item(entries);
    reserve_slot(entries);
    entries->slots[slot_of(entries, item)] = (uint32_t)entries->count + 1;
    entries->items[entries->count++] = item;
    return true;
}

/* Taking out the newest first leaves every search for an older one as it was. */
void rb_mg_entries_truncate(rb_mg_entries_t *entries, size_t count)
{
    while (entries->count > count) {
        if (entries->slot_count != 0)
            entries->slots[slot_of(entries, entries->items[entries->count - 1])] = 0;
        entries->count--;
    }
}
