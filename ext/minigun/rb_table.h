/* Between rb_table.c (the class) and rb_table_access.c (locks, copies, conversions). */
#ifndef RB_TABLE_H
#define RB_TABLE_H

#include "platform.h"

#include <ruby.h>

#include "rb_scratch.h"
#include "segment.h"
#include "table.h"

#include <sys/types.h>

typedef struct {
    mg_segment_t segment;
    mg_table_t table;
    rb_mg_scratch_t scratch;
    /* Threads of this process that hold a key's lock while a block of the user runs. */
    VALUE holders[MG_TABLE_KEY_LOCKS];
    size_t holding; /* how many of them there are */
    pid_t pid;      /* whose threads they are */
} rb_mg_table_t;

/* One change or look: `run` is called with the table's lock held and raises nothing. */
typedef struct rb_mg_access rb_mg_access_t;
struct rb_mg_access {
    rb_mg_table_t *object;
    mg_table_key_t key;
    mg_status_t (*run)(rb_mg_access_t *access);
    VALUE key_bytes; /* keeps key alive */
    mg_table_value_t value;
    int64_t sum;
    uint64_t position;
    mg_status_t status;
};

/* An access to a key, which is dumped for it; may raise. */
void rb_mg_access_init(rb_mg_access_t *access, rb_mg_table_t *object, VALUE key,
                       mg_status_t (*run)(rb_mg_access_t *access));

/* Runs it. Readers wait for changes only as long as those take; writers also for the block that
 * updates their key, and ThreadError when this thread runs such a block for another key. */
void rb_mg_access_read(rb_mg_access_t *access);
void rb_mg_access_write(rb_mg_access_t *access);

/* Yields with the key's lock held. */
VALUE rb_mg_access_update(rb_mg_access_t *access);

/* Appends a value to the scratch, and takes it from there. MG_OK, MG_NO_MEMORY, MG_CORRUPT. */
mg_status_t rb_mg_copy_value(rb_mg_table_t *object, mg_table_value_t *value);
VALUE rb_mg_take_value(VALUE string, size_t *offset);

/* A part of the entries, behind a position: [where to go on, nil behind the last; [[key, value],
 * ...]]. */
VALUE rb_mg_table_entries(rb_mg_table_t *object, uint64_t position);

#endif
