/* A private buffer for what is copied out of shared memory while its lock is held: it grows by
 * plain realloc, so that nothing of Ruby runs meanwhile, and becomes a String afterwards. */
#ifndef RB_SCRATCH_H
#define RB_SCRATCH_H

#include "platform.h"

#include <ruby.h>

#include "status.h"

typedef struct {
    unsigned char *bytes;
    size_t length;
    size_t capacity;
} rb_mg_scratch_t;

/* MG_OK, MG_NO_MEMORY. */
mg_status_t rb_mg_scratch_add(rb_mg_scratch_t *scratch, const void *bytes, size_t length);

/* A word, and with rb_mg_scratch_take_word back. */
mg_status_t rb_mg_scratch_add_word(rb_mg_scratch_t *scratch, uint64_t word);

/* The contents as a String; the buffer is empty afterwards, and given back when it is large. */
VALUE rb_mg_scratch_string(rb_mg_scratch_t *scratch);

void rb_mg_scratch_free(rb_mg_scratch_t *scratch);

/* Reads such a String from `*offset` on, and moves that behind what was read. */
uint64_t rb_mg_scratch_take_word(VALUE string, size_t *offset);
VALUE rb_mg_scratch_take_value(VALUE string, size_t *offset, size_t length);

#endif
