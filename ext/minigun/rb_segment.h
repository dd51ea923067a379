/* Shared memory for an object of the binding. */
#ifndef RB_SEGMENT_H
#define RB_SEGMENT_H

#include "platform.h"

#include <ruby.h>

#include "segment.h"

/* Maps `size` bytes that begin on a cache line and are zero. The segment is the object's to
 * destroy. Raises RingAllocError, or what a status stands for, with `what` in the message. */
void *rb_mg_segment(mg_segment_t *segment, size_t size, const char *what);

#endif
