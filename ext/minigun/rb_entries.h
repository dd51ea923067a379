/* The table of a ring: Symbols and Struct classes, numbered in the order of their first use. */
#ifndef RB_ENTRIES_H
#define RB_ENTRIES_H

#include "platform.h"

#include <ruby.h>
#include <stdbool.h>

#define RB_MG_NO_ENTRY SIZE_MAX

/* Levels of nesting from one look at the room on the C stack to the next: fewer than fit into what
 * Ruby keeps in reserve there. */
#define RB_MG_STACK_CHECK 8

/* All zero is an empty table. Nothing here runs the garbage collector. */
typedef struct {
    VALUE *items;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* open addressing by the VALUE: its number + 1, or 0; empty in a decoder */
    size_t slot_count;
} rb_mg_entries_t;

/* Items are pinned: the slots know them by their address, and a Symbol that was freed would leave
 * its address to another. */
void rb_mg_entries_mark(const rb_mg_entries_t *entries);
void rb_mg_entries_free(rb_mg_entries_t *entries);
size_t rb_mg_entries_memsize(const rb_mg_entries_t *entries);

/* The item's number, or RB_MG_NO_ENTRY. */
size_t rb_mg_entries_find(const rb_mg_entries_t *entries, VALUE item);

/* Gives the next number to an item that has none, so that find knows it. False: full. */
bool rb_mg_entries_add(rb_mg_entries_t *entries, VALUE item);

/* As add, for a table that is only read by number. False: full. */
bool rb_mg_entries_append(rb_mg_entries_t *entries, VALUE item);

/* Forgets all but the first `count`. */
void rb_mg_entries_truncate(rb_mg_entries_t *entries, size_t count);

#endif
