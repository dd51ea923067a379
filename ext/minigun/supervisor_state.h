/* What the files of the supervisor share; nobody else includes this. */
#ifndef MG_SUPERVISOR_STATE_H
#define MG_SUPERVISOR_STATE_H

#include "platform.h"

#include "poller.h"
#include "process.h"
#include "wakeup.h"

#include <pthread.h>

/* There is one process, so there is one of these; everything is under `mutex`. */
typedef struct {
    pthread_mutex_t mutex;
    mg_process_t *handles;
    size_t watched;
    size_t reserved; /* forks on their way: the thread must not leave */
    bool running;
    bool stopping;
    mg_wakeup_t wakeup;
    mg_poller_t poller;
    uint64_t wake_at; /* when the thread looks again by itself */
} mg_supervisor_t;

extern mg_supervisor_t mg_supervisor;

/* With the mutex held. */
void mg_supervisor_release_locked(mg_process_t *process);
void mg_supervisor_wake_locked(void);

/* The time of an item is counted from its start: sets the deadline anew when that is known, or has
 * to be asked for again. With the mutex held. */
void mg_supervisor_follow_item(mg_process_t *process, uint64_t now);

/* Makes the thread; with the mutex held. 0 or an errno. */
int mg_supervisor_start_locked(void);

#endif
