/* A descriptor that one thread sleeps on and others make readable: an eventfd, a pipe
 * where there is none. Close-on-exec, never blocking. */
#ifndef MG_WAKEUP_H
#define MG_WAKEUP_H

#include "platform.h"

typedef struct {
    int reader;
    int writer; /* the same descriptor for an eventfd */
} mg_wakeup_t;

#define MG_WAKEUP_CLOSED ((mg_wakeup_t){-1, -1})

/* 0, or -1 with errno and nothing open. */
int mg_wakeup_open(mg_wakeup_t *wakeup);

/* Idempotent. */
void mg_wakeup_close(mg_wakeup_t *wakeup);

void mg_wakeup_signal(const mg_wakeup_t *wakeup);
void mg_wakeup_clear(const mg_wakeup_t *wakeup);

static inline int mg_wakeup_descriptor(const mg_wakeup_t *wakeup)
{
    return wakeup->reader;
}

#endif
