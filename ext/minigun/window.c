#include "window.h"

/* Seconds. */
#define PATIENCE 0.001
/* What the latest of several short items counts. */
#define WEIGHT 0.2

unsigned mg_window_size(const mg_window_t *window)
{
    double size;

    if (!window->known)
        return 1;
    if (window->seconds * MG_WINDOW_MOST < PATIENCE)
        return MG_WINDOW_MOST;
    size = PATIENCE / window->seconds;
    return size > 1 ? (unsigned)size : 1;
}

void mg_window_took(mg_window_t *window, double seconds)
{
    if (window->known && seconds < window->seconds)
        seconds = window->seconds + (seconds - window->seconds) * WEIGHT;
    window->seconds = seconds;
    window->known = true;
}
