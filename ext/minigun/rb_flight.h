/* Minigun::Native::InFlight: units of work that are under way in one run. */
#ifndef RB_FLIGHT_H
#define RB_FLIGHT_H

#include "platform.h"

#include <ruby.h>
#include <stdint.h>

/* Memory of this process alone: what becomes of a copy of the run in a forked one is not counted.
 */
typedef struct {
    int64_t count;
    VALUE signals; /* gets :quiet each time the count reaches 0 */
} rb_mg_flight_t;

/* TypeError for anything else. */
rb_mg_flight_t *rb_mg_flight_get(VALUE self);

/* Says that nothing is under way. */
void rb_mg_flight_quiet(const rb_mg_flight_t *flight);

/* Gives units back. Looks for no interrupts: it is over, or was not begun. */
static inline void rb_mg_flight_lower(rb_mg_flight_t *flight, int64_t count)
{
    flight->count -= count;
    if (RB_UNLIKELY(flight->count == 0))
        rb_mg_flight_quiet(flight);
}

#endif
