/*
 * Labelled 64-bit counters in given memory, readable and changeable by any process that has it.
 *
 *   +-----------------------+-----------------------+----
 *   | magic version count   | value | label         | ...     one cache line for each counter:
 *   +-----------------------+-----------------------+----     neighbours do not slow each other
 *
 * Any number of processes and threads may add, set and get at once. Labels are written before
 * the counters are shared and only read afterwards. Arithmetic wraps in two's complement.
 */
#ifndef MG_COUNTERS_H
#define MG_COUNTERS_H

#include "platform.h"
#include "status.h"

#define MG_COUNTER_LABEL_SIZE 56u /* the terminating NUL included */

typedef struct {
    _Atomic int64_t value;
    char label[MG_COUNTER_LABEL_SIZE];
} mg_counter_slot_t;

typedef struct {
    mg_counter_slot_t *slots;
    size_t count; /* private: what attach was given */
} mg_counters_t;

/* Bytes of memory that `count` counters need; 0 when `count` is 0 or the size overflows. */
size_t mg_counters_footprint(size_t count);

/* Formats `memory` (cache-line aligned, `length` >= footprint): all zero, labels empty.
 * MG_OK, MG_INVALID (count, alignment), MG_TOO_LARGE (memory too short). */
mg_status_t mg_counters_init(void *memory, size_t length, size_t count);

/* MG_OK, MG_CORRUPT when magic, version or count disagree. */
mg_status_t mg_counters_attach(mg_counters_t *counters, void *memory, size_t count);

/* Adds and stores the new value in `result` (which may be NULL). MG_OK, MG_INVALID (index).
 * A process that sees the new value also sees what was written before the addition. */
mg_status_t mg_counters_add(const mg_counters_t *counters, size_t index, int64_t amount,
                            int64_t *result);
mg_status_t mg_counters_get(const mg_counters_t *counters, size_t index, int64_t *value);
mg_status_t mg_counters_set(const mg_counters_t *counters, size_t index, int64_t value);

/* Sets the counter to `value` if it is `expected`. MG_OK, MG_BUSY (it is something else),
 * MG_INVALID (index). */
mg_status_t mg_counters_compare_and_set(const mg_counters_t *counters, size_t index,
                                        int64_t expected, int64_t value);

/* Cuts `text` to the label's size. MG_OK, MG_INVALID (index). */
mg_status_t mg_counters_set_label(const mg_counters_t *counters, size_t index, const char *text);

/* Copies the label out, terminated whatever the shared bytes hold. MG_OK, MG_INVALID (index). */
mg_status_t mg_counters_label(const mg_counters_t *counters, size_t index,
                              char text[MG_COUNTER_LABEL_SIZE]);

#endif
