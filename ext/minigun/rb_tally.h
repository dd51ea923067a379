/* Minigun::Native::Tally: what one stage of a run counts. */
#ifndef RB_TALLY_H
#define RB_TALLY_H

#include "platform.h"

#include <ruby.h>
#include <stdint.h>

/* Every change is one step for other threads, and for what is thrown into this one: it is made
 * with the GVL held, and nothing here looks for interrupts. */
typedef struct {
    int64_t accepted;
    int64_t consumed;
    int64_t produced;
    int64_t processed;
    int64_t failed;
    int64_t retried;
    int64_t observed; /* latencies, in the sample or not */
    int64_t reported; /* of them, those that @latency_count has */
    uint64_t random;
    long sample_size;
    VALUE stats; /* keeps the sample */
} rb_mg_tally_t;

/* Not in the sample. */
#define RB_MG_UNSAMPLED (-1L)

/* TypeError for anything else. */
rb_mg_tally_t *rb_mg_tally_get(VALUE self);

/* The place in the sample that the next latency will have, or RB_MG_UNSAMPLED. It does not depend
 * on the latency, so the clock need be read only for those that get one. */
long rb_mg_tally_draw(rb_mg_tally_t *tally);

/* Counts a latency; keeps `seconds` if draw gave it a place. */
void rb_mg_tally_observe(rb_mg_tally_t *tally, long place, VALUE seconds);

#endif
