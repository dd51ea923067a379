#include "segment.h"

#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

typedef struct {
    uint64_t magic;
    uint64_t size;
    uint32_t version;
    uint32_t reserved[11];
} segment_header_t;

_Static_assert(sizeof(segment_header_t) == MG_CACHE_LINE,
               "the first region starts on its own line");

static mg_status_t mapped_size(size_t size, size_t *out)
{
    long page = sysconf(_SC_PAGESIZE);
    size_t mask;

    if (page <= 0)
        return MG_SYSTEM;
    mask = (size_t)page - 1;
    if (size > SIZE_MAX - sizeof(segment_header_t) - mask)
        return MG_TOO_LARGE;
    *out = (size + sizeof(segment_header_t) + mask) & ~mask;
    return MG_OK;
}

mg_status_t mg_segment_create(mg_segment_t *segment, size_t size)
{
    segment_header_t *header;
    size_t total;
    void *base;
    mg_status_t status;

    *segment = (mg_segment_t){0};
    if (size == 0)
        return MG_INVALID;
    status = mapped_size(size, &total);
    if (status != MG_OK)
        return status;
    /* Anonymous: not bounded by the size of /dev/shm, and nothing stays when all processes died. */
    base = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return MG_NO_MEMORY;

    header = base;
    header->magic = MG_SEGMENT_MAGIC;
    header->version = MG_ABI_VERSION;
    header->size = total;
    segment->base = base;
    segment->size = total;
    segment->used = sizeof(*header);
    segment->owner = getpid();
    return MG_OK;
}

mg_status_t mg_segment_carve(mg_segment_t *segment, size_t size, size_t alignment, void **out)
{
    uintptr_t next;
    size_t padding;
    size_t room;

    *out = NULL;
    if (segment->base == NULL)
        return MG_CLOSED;
    if (alignment < 8 || (alignment & (alignment - 1)) != 0)
        return MG_INVALID;
    next = (uintptr_t)segment->base + segment->used;
    padding = (size_t)(0 - next) & (alignment - 1);
    room = segment->size - segment->used;
    if (padding > room || size > room - padding)
        return MG_TOO_LARGE;
    *out = segment->base + segment->used + padding;
    segment->used += padding + size;
    return MG_OK;
}

mg_status_t mg_segment_check(const mg_segment_t *segment)
{
    const segment_header_t *header = (const void *)segment->base;

    if (header == NULL)
        return MG_CLOSED;
    if (header->magic != MG_SEGMENT_MAGIC || header->version != MG_ABI_VERSION)
        return MG_CORRUPT;
    return header->size == segment->size ? MG_OK : MG_CORRUPT;
}

void mg_segment_destroy(mg_segment_t *segment)
{
    if (segment->base == NULL)
        return;
    /* A mapping belongs to one process: the others keep theirs, whoever unmaps first. */
    (void)munmap(segment->base, segment->size);
    segment->base = NULL;
    segment->size = 0;
    segment->used = 0;
}
