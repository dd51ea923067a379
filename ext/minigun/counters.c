#include "counters.h"

#include <string.h>

#define MAGIC UINT64_C(0x31544e554f43474d)

typedef struct {
    uint64_t magic;
    uint64_t count;
    uint32_t version;
    uint32_t reserved[11];
} counters_header_t;

_Static_assert(sizeof(counters_header_t) == MG_CACHE_LINE, "the first counter has its own line");
_Static_assert(sizeof(mg_counter_slot_t) == MG_CACHE_LINE, "one counter fills one line");

#define VERSION 1u

size_t mg_counters_footprint(size_t count)
{
    if (count == 0 || count > (SIZE_MAX - MG_CACHE_LINE) / sizeof(mg_counter_slot_t))
        return 0;
    return sizeof(counters_header_t) + count * sizeof(mg_counter_slot_t);
}

static mg_counter_slot_t *slots_of(void *memory)
{
    return (void *)((unsigned char *)memory + sizeof(counters_header_t));
}

mg_status_t mg_counters_init(void *memory, size_t length, size_t count)
{
    size_t footprint = mg_counters_footprint(count);
    counters_header_t *header = memory;
    mg_counter_slot_t *slots;

    if (footprint == 0 || (uintptr_t)memory % MG_CACHE_LINE != 0)
        return MG_INVALID;
    if (length < footprint)
        return MG_TOO_LARGE;
    *header = (counters_header_t){.magic = MAGIC, .count = count, .version = VERSION};
    slots = slots_of(memory);
    for (size_t i = 0; i < count; i++) {
        atomic_init(&slots[i].value, 0);
        memset(slots[i].label, 0, sizeof(slots[i].label));
    }
    return MG_OK;
}

mg_status_t mg_counters_attach(mg_counters_t *counters, void *memory, size_t count)
{
    const counters_header_t *header = memory;

    if (header->magic != MAGIC || header->version != VERSION || header->count != count)
        return MG_CORRUPT;
    counters->slots = slots_of(memory);
    counters->count = count;
    return MG_OK;
}

/* The release half pairs with the acquire load of get (or of another add): whoever reads a count
 * of finished items finds the items finished. The addition itself would be exact in any order. */
mg_status_t mg_counters_add(const mg_counters_t *counters, size_t index, int64_t amount,
                            int64_t *result)
{
    int64_t before;

    if (index >= counters->count)
        return MG_INVALID;
    before = atomic_fetch_add_explicit(&counters->slots[index].value, amount, memory_order_acq_rel);
    /* As the atomic addition wraps, so does this one. */
    if (result != NULL)
        *result = (int64_t)((uint64_t)before + (uint64_t)amount);
    return MG_OK;
}

mg_status_t mg_counters_get(const mg_counters_t *counters, size_t index, int64_t *value)
{
    if (index >= counters->count)
        return MG_INVALID;
    *value = atomic_load_explicit(&counters->slots[index].value, memory_order_acquire);
    return MG_OK;
}

mg_status_t mg_counters_set(const mg_counters_t *counters, size_t index, int64_t value)
{
    if (index >= counters->count)
        return MG_INVALID;
    atomic_store_explicit(&counters->slots[index].value, value, memory_order_release);
    return MG_OK;
}

mg_status_t mg_counters_compare_and_set(const mg_counters_t *counters, size_t index,
                                        int64_t expected, int64_t value)
{
    if (index >= counters->count)
        return MG_INVALID;
    return atomic_compare_exchange_strong_explicit(&counters->slots[index].value, &expected, value,
                                                   memory_order_acq_rel, memory_order_acquire)
               ? MG_OK
               : MG_BUSY;
}

mg_status_t mg_counters_set_label(const mg_counters_t *counters, size_t index, const char *text)
{
    char label[MG_COUNTER_LABEL_SIZE] = {0};
    size_t length = strlen(text);

    if (index >= counters->count)
        return MG_INVALID;
    memcpy(label, text, length < sizeof(label) ? length : sizeof(label) - 1);
    memcpy(counters->slots[index].label, label, sizeof(label));
    return MG_OK;
}

mg_status_t mg_counters_label(const mg_counters_t *counters, size_t index,
                              char text[MG_COUNTER_LABEL_SIZE])
{
    if (index >= counters->count)
        return MG_INVALID;
    memcpy(text, counters->slots[index].label, MG_COUNTER_LABEL_SIZE);
    text[MG_COUNTER_LABEL_SIZE - 1] = '\0';
    return MG_OK;
}
