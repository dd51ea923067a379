/* What a process has in memory, and what a child of it will have to copy. */
#ifndef MG_MEMORY_H
#define MG_MEMORY_H

#include "platform.h"

#include <stdbool.h>

/* Bytes. */
typedef struct {
    uint64_t share;     /* of all memory: a page that n processes have counts an n-th */
    uint64_t exclusive; /* only this process has it */
    uint64_t in_common; /* others have it as well */
} mg_memory_t;

/* Reads a file like /proc/PID/smaps_rollup of Linux: false when it cannot be read or is another.
 * Nothing is allocated: in a child that would be the memory that is measured. */
bool mg_memory_read(const char *path, mg_memory_t *memory);

/* To be called by a thread that is about to fork. The C library leaves small pieces of freed memory
 * as they are until somebody asks for a larger one, and then puts all of them together, writing to
 * each: what the parent has not done each of its children would do, in copies of all those pages.
 */
void mg_memory_settle(void);

/* Gives freed memory back to the system, as far as that is whole pages: what is touched next is new
 * then, and need not be copied because a child has it, too. Was there any? */
bool mg_memory_give_back(void);

#endif
