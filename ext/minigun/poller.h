/*
 * Descriptors that one thread sleeps on until one of them can be read.
 *
 * On Linux others may add and remove descriptors while it sleeps (epoll). Elsewhere there is the
 * first descriptor alone, and nothing can be added.
 */
#ifndef MG_POLLER_H
#define MG_POLLER_H

#include "platform.h"

#include <stdbool.h>

typedef struct {
    int descriptor;
} mg_poller_t;

#define MG_POLLER_CLOSED ((mg_poller_t){-1})

/* With a first descriptor, which stays open as long as the poller. 0, or -1 with errno. */
int mg_poller_open(mg_poller_t *poller, int first);

/* Closing it in a forked child changes nothing for the parent. */
void mg_poller_close(mg_poller_t *poller);

/* false: its thread does not hear of this descriptor. */
bool mg_poller_add(const mg_poller_t *poller, int descriptor);

/* To be called before the descriptor is closed: a forked child may have it as well. */
void mg_poller_remove(const mg_poller_t *poller, int descriptor);

/* Until one can be read, or a signal, or so many milliseconds; -1 = no limit. */
void mg_poller_wait(const mg_poller_t *poller, int milliseconds);

#endif
