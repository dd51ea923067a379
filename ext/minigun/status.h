/* Status codes of the core: every function that can fail returns one. */
#ifndef MG_STATUS_H
#define MG_STATUS_H

#define MG_STATUS_MAP(XX)                                                                          \
    XX(MG_OK, 0)                                                                                   \
    XX(MG_EMPTY, 1)         /* nothing to read now */                                              \
    XX(MG_FULL, 2)          /* no room now; the operation can be continued later */                \
    XX(MG_CLOSED, 3)        /* the other side closed: nothing more will come, or go */             \
    XX(MG_TIMEOUT, 4)       /* the deadline passed */                                              \
    XX(MG_INTERRUPTED, 5)   /* a signal ended the wait; check interrupts and wait again */         \
    XX(MG_PEER_DEAD, 6)     /* the process on the other side is gone */                            \
    XX(MG_OWNER_DEAD, 7)    /* robust lock acquired; its last owner died holding it */             \
    XX(MG_UNRECOVERABLE, 8) /* robust lock given up for good */                                    \
    XX(MG_BUSY, 9)          /* try_lock: somebody holds it */                                      \
    XX(MG_CORRUPT, 10)      /* shared memory holds what no correct writer can have written */      \
    XX(MG_TOO_LARGE, 11)    /* a size beyond what the format or the memory allows */               \
    XX(MG_INVALID, 12)      /* an argument is out of range */                                      \
    XX(MG_NOT_OWNER, 13)    /* called in a process that does not own the object */                 \
    XX(MG_NO_MEMORY, 14)    /* the system refused memory; errno says more */                       \
    XX(MG_SYSTEM, 15)       /* a system call failed; errno says more */                            \
    XX(MG_TRUNCATED, 16)    /* wire: the bytes end inside a value */                               \
    XX(MG_MALFORMED, 17)    /* wire: the bytes are no value of the format */                       \
    XX(MG_TOO_DEEP, 18)     /* wire: nesting beyond the limit */

typedef enum {
#define XX(name, code) name = (code),
    MG_STATUS_MAP(XX)
#undef XX
} mg_status_t;

/* The name of a code, "MG_FULL" for MG_FULL; "MG_UNKNOWN" for a number that is none. Never NULL. */
const char *mg_status_name(mg_status_t status);

#endif
