/*
 * How many items a child may be given at once: as many as it is likely to be through with in a
 * millisecond, so that no item waits for longer behind others while another child is idle. What its
 * items have taken of late says what is likely: one that took long counts at once, shorter ones
 * little by little.
 */
#ifndef MG_WINDOW_H
#define MG_WINDOW_H

#include "platform.h"

#include <stdbool.h>

/* However short they are. */
#define MG_WINDOW_MOST 512u

typedef struct {
    double seconds;
    bool known; /* is anything? */
} mg_window_t;

/* 1 as long as nothing is known. */
unsigned mg_window_size(const mg_window_t *window);

/* An item took so long. */
void mg_window_took(mg_window_t *window, double seconds);

#endif
