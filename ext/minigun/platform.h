/* What the core needs from compiler and platform, checked at compile time. */
#ifndef MG_PLATFORM_H
#define MG_PLATFORM_H

/* Before any system header: futexes, robust mutexes and anonymous mappings are not plain C11. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* NOLINT(bugprone-reserved-identifier) */
#endif

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define MG_CACHE_LINE 64

/* A lock-based 64-bit atomic keeps its lock in private memory and would not work between
 * processes. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics must be lock-free");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "32-bit atomics must be lock-free");
_Static_assert(sizeof(_Atomic uint64_t) == 8, "64-bit atomics must be plain words");
_Static_assert(sizeof(_Atomic uint32_t) == 4, "32-bit atomics must be plain words");

#define MG_ALIGN_UP(value, alignment) (((value) + ((alignment)-1)) & ~((size_t)(alignment)-1))

#endif
