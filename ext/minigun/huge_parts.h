/* What both ways to huge pages share; nobody else includes this. For Linux alone. */
#ifndef MG_HUGE_PARTS_H
#define MG_HUGE_PARTS_H

#include "platform.h"

#include <stdbool.h>
#include <sys/prctl.h>

#ifndef PR_SET_THP_DISABLE
#define PR_SET_THP_DISABLE 41
#define PR_GET_THP_DISABLE 42
#endif

/* Bytes of a huge page, and what its address is a multiple of. */
#define MG_HUGE_PAGE ((uintptr_t)2 << 20)

/* What the system's administrator has chosen for huge pages: programs have them never, where they
 * ask for them, or always. */
typedef enum {
    MG_HUGE_NEVER,
    MG_HUGE_ADVISED,
    MG_HUGE_ALWAYS
} mg_huge_choice_t;

/* NEVER where there are none. */
mg_huge_choice_t mg_huge_choice(void);

/* The bounds of the mapping that a line of /proc/self/maps tells of. False for what is not
 * MAP_PRIVATE memory of no file that can be written to: "start-end rw-p 00000000 00:00 0 [heap]".
 * Such lines have brackets around a name only. */
bool mg_huge_mapping(const char *line, uintptr_t *start, uintptr_t *end);

#endif
