/* How many objects have been allocated: who has allocated none has made no thread. */
#ifndef RB_ALLOCATIONS_H
#define RB_ALLOCATIONS_H

#include "platform.h"

#include <stdbool.h>
#include <stddef.h>

/* Objects so far, of all threads. */
size_t rb_mg_allocations(void);

/* Is each one counted at once? Ruby may count them in lumps. */
bool rb_mg_allocations_known(void);

/* How many it takes to run the block of the running method, which is called a few times. */
size_t rb_mg_allocations_of_block(void);

void rb_mg_init_allocations(void);

#endif
