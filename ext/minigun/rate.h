/*
 * So many starts in so much time, over all processes that have the memory: one word, the time at
 * which the next start is due (GCRA, the leaky bucket as a meter).
 *
 *     start     = max(next, now - (burst - 1) * interval)
 *     next      = start + interval
 *
 * Every caller gets a time of its own, at least `interval` behind that of the one before. After a
 * pause up to `burst` of them lie in the past and may start at once; so in any time t there are at
 * most t / interval + burst starts. A caller that dies or gives up before its time leaves its place
 * unused. Nobody waits for anybody: there is no lock and no wake-up.
 */
#ifndef MG_RATE_H
#define MG_RATE_H

#include "platform.h"
#include "status.h"

typedef struct {
    _Alignas(MG_CACHE_LINE) _Atomic uint64_t next_ahead_ns;
} mg_rate_word_t;

typedef struct {
    mg_rate_word_t *word;
    uint64_t interval_ns; /* private: what init was given */
    uint64_t lead_ns;     /* how far back a start may lie */
} mg_rate_t;

/* Formats `memory` (cache-line aligned). MG_OK, MG_INVALID (alignment, no interval, no burst),
 * MG_TOO_LARGE (a burst that takes longer than a clock can say). */
mg_status_t mg_rate_init(mg_rate_t *rate, void *memory, uint64_t interval_ns, uint64_t burst);

/* Takes the next place at `now_ns` by CLOCK_MONOTONIC; answers when to start, which may be past
 * (0 = before the clock began). */
uint64_t mg_rate_reserve(const mg_rate_t *rate, uint64_t now_ns);

#endif
