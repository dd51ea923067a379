#include "rb_segment.h"

#include "rb_status.h"

#include <errno.h>

void *rb_mg_segment(mg_segment_t *segment, size_t size, const char *what)
{
    void *memory;
    mg_status_t status = size > SIZE_MAX - MG_CACHE_LINE
                             ? MG_TOO_LARGE
                             : mg_segment_create(segment, size + MG_CACHE_LINE);

    if (status != MG_OK)
        rb_mg_raise_alloc(size, status == MG_NO_MEMORY ? errno : 0);
    rb_mg_check(mg_segment_carve(segment, size, MG_CACHE_LINE, &memory), what);
    return memory;
}
