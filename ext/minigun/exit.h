/* How a child came to its end. */
#ifndef MG_EXIT_H
#define MG_EXIT_H

#include "platform.h"

#include "status.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    bool known;        /* false: somebody else reaped it */
    int code;          /* exit status, or -1 */
    int signal;        /* that ended it, or 0 */
    uint64_t peak_rss; /* the most memory it had resident at once, in bytes; 0: unknown */
} mg_exit_t;

/* Reaps child `pid`, known by `pidfd` where that is not -1, without waiting for its end.
 * MG_OK, MG_EMPTY (still there), MG_SYSTEM (nobody of ours). `exit` is whole after MG_OK, and
 * says that nothing is known after MG_SYSTEM. */
mg_status_t mg_exit_take(pid_t pid, int pidfd, mg_exit_t *exit);

#endif
