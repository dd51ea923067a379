#include "rate.h"

mg_status_t mg_rate_init(mg_rate_t *rate, void *memory, uint64_t interval_ns, uint64_t burst)
{
    mg_rate_word_t *word = memory;

    *rate = (mg_rate_t){0};
    if ((uintptr_t)memory % MG_CACHE_LINE != 0 || interval_ns == 0 || burst == 0)
        return MG_INVALID;
    if (burst - 1 > INT64_MAX / interval_ns)
        return MG_TOO_LARGE;
    atomic_init(&word->next_ahead_ns, 0);
    *rate =
        (mg_rate_t){.word = word, .interval_ns = interval_ns, .lead_ns = (burst - 1) * interval_ns};
    return MG_OK;
}

/* The word's times run ahead by the lead: the clock may begin with this machine, and a start may
 * lie before it. Relaxed: the word guards nothing but itself. */
uint64_t mg_rate_reserve(const mg_rate_t *rate, uint64_t now_ns)
{
    uint64_t next = atomic_load_explicit(&rate->word->next_ahead_ns, memory_order_relaxed);
    uint64_t start;

    do {
        start = next > now_ns ? next : now_ns;
    } while (!atomic_compare_exchange_weak_explicit(&rate->word->next_ahead_ns, &next,
                                                    start + rate->interval_ns, memory_order_relaxed,
                                                    memory_order_relaxed));
    return start > rate->lead_ns ? start - rate->lead_ns : 0;
}
