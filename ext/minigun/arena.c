#include "arena.h"

#define ARENA_MAGIC  UINT64_C(0x31414e524147494d)
#define TAG_MAGIC    UINT64_C(0x6b636f6c62000000)
#define SMALLEST     32u /* bytes of a block of step 0, its tag included */
#define SMALLEST_LOG 5u

/* Before each payload: which step the block belongs to. */
typedef uint64_t tag_t;

static mg_arena_header_t *header_of(const mg_arena_t *arena)
{
    return (void *)arena->base;
}

static uint64_t first_offset(void)
{
    return MG_ALIGN_UP(sizeof(mg_arena_header_t), MG_CACHE_LINE);
}

/*   step   0  1  2  3  4  5  6   7   8
 *   bytes 32 40 48 56 64 80 96 112 128 ... */
static uint64_t bytes_of(uint64_t step)
{
    return (4 + step % 4) << (step / 4 + SMALLEST_LOG - 2);
}

static uint64_t step_for(uint64_t bytes)
{
    uint64_t log, base, quarter;

    if (bytes <= SMALLEST)
        return 0;
    log = 63 - (uint64_t)__builtin_clzll(bytes - 1);
    base = UINT64_C(1) << log;
    quarter = base / 4;
    return 4 * (log - SMALLEST_LOG) + (bytes - base + quarter - 1) / quarter;
}

mg_status_t mg_arena_init(mg_arena_t *arena, void *memory, size_t size)
{
    mg_arena_header_t *header = memory;

    *arena = (mg_arena_t){0};
    if ((uintptr_t)memory % MG_CACHE_LINE != 0)
        return MG_INVALID;
    if (size < first_offset() + SMALLEST)
        return MG_TOO_LARGE;
    *arena = (mg_arena_t){.base = memory, .size = size};
    header->magic = ARENA_MAGIC;
    mg_arena_clear(arena);
    return MG_OK;
}

void mg_arena_clear(const mg_arena_t *arena)
{
    mg_arena_header_t *header = header_of(arena);

    /* Lists first: with the top moved and a list left, a block would be handed out twice. */
    for (size_t step = 0; step < MG_ARENA_STEPS; step++)
        atomic_store_explicit(&header->freed[step], 0, memory_order_release);
    atomic_store_explicit(&header->top, first_offset(), memory_order_release);
}

static uint64_t top_of(const mg_arena_t *arena)
{
    uint64_t top = atomic_load_explicit(&header_of(arena)->top, memory_order_acquire);

    return top <= arena->size ? top : arena->size;
}

void *mg_arena_at(const mg_arena_t *arena, uint64_t offset, size_t size)
{
    uint64_t top = top_of(arena);

    if (offset < first_offset() + sizeof(tag_t) || offset % 8 != 0 || offset > top ||
        size > top - offset)
        return NULL;
    return arena->base + offset;
}

static tag_t *tag_at(const mg_arena_t *arena, uint64_t offset)
{
    tag_t *tag;

    if (mg_arena_at(arena, offset, SMALLEST - sizeof(tag_t)) == NULL)
        return NULL;
    tag = (void *)(arena->base + offset - sizeof(tag_t));
    return (*tag ^ TAG_MAGIC) < MG_ARENA_STEPS ? tag : NULL;
}

/* The first word of a freed block's payload links to the next one. */
static mg_status_t pop_freed(const mg_arena_t *arena, uint64_t step, uint64_t *offset)
{
    _Atomic uint64_t *head = &header_of(arena)->freed[step];
    uint64_t first = atomic_load_explicit(head, memory_order_acquire);
    const tag_t *tag;

    if (first == 0)
        return MG_EMPTY;
    tag = tag_at(arena, first);
    if (tag == NULL || *tag != (TAG_MAGIC | step))
        return MG_CORRUPT;
    atomic_store_explicit(head, *(uint64_t *)mg_arena_at(arena, first, sizeof(uint64_t)),
                          memory_order_release);
    *offset = first;
    return MG_OK;
}

static mg_status_t take_untouched(const mg_arena_t *arena, uint64_t step, uint64_t *offset)
{
    mg_arena_header_t *header = header_of(arena);
    uint64_t top = top_of(arena);
    uint64_t bytes = bytes_of(step);

    if (top < first_offset() || top % 8 != 0)
        return MG_CORRUPT;
    if (bytes > arena->size - top)
        return MG_FULL;
    *(tag_t *)(void *)(arena->base + top) = TAG_MAGIC | step;
    /* The tag before the top: a block below the top always has one. */
    atomic_store_explicit(&header->top, top + bytes, memory_order_release);
    *offset = top + sizeof(tag_t);
    return MG_OK;
}

mg_status_t mg_arena_alloc(const mg_arena_t *arena, size_t size, uint64_t *offset)
{
    uint64_t step;
    mg_status_t status;

    *offset = 0;
    if (header_of(arena)->magic != ARENA_MAGIC)
        return MG_CORRUPT;
    if (size > arena->size)
        return MG_FULL;
    step = step_for((uint64_t)size + sizeof(tag_t));
    if (step >= MG_ARENA_STEPS)
        return MG_FULL;
    status = pop_freed(arena, step, offset);
    if (status != MG_EMPTY)
        return status;
    status = take_untouched(arena, step, offset);
    /* Nothing untouched is left: a freed block that is larger than needed serves as well. */
    while (status == MG_FULL && ++step < MG_ARENA_STEPS) {
        mg_status_t larger = pop_freed(arena, step, offset);

        if (larger != MG_EMPTY)
            status = larger;
    }
    return status;
}

mg_status_t mg_arena_free(const mg_arena_t *arena, uint64_t offset)
{
    mg_arena_header_t *header = header_of(arena);
    const tag_t *tag = tag_at(arena, offset);
    _Atomic uint64_t *head;

    if (tag == NULL)
        return MG_CORRUPT;
    head = &header->freed[*tag ^ TAG_MAGIC];
    *(uint64_t *)mg_arena_at(arena, offset, sizeof(uint64_t)) =
        atomic_load_explicit(head, memory_order_acquire);
    atomic_store_explicit(head, offset, memory_order_release);
    return MG_OK;
}

size_t mg_arena_used(const mg_arena_t *arena)
{
    return (size_t)top_of(arena);
}
