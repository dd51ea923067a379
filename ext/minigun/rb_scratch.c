#include "rb_scratch.h"

#include "rb_codec.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 1024
#define KEPT_CAPACITY  ((size_t)64 * 1024)

mg_status_t rb_mg_scratch_add(rb_mg_scratch_t *scratch, const void *bytes, size_t length)
{
    size_t capacity = scratch->capacity ? scratch->capacity : FIRST_CAPACITY;
    unsigned char *grown;

    while (capacity - scratch->length < length) {
        if (capacity > SIZE_MAX / 4)
            return MG_NO_MEMORY;
        capacity *= 2;
    }
    if (capacity != scratch->capacity) {
        grown = realloc(scratch->bytes, capacity);
        if (grown == NULL)
            return MG_NO_MEMORY;
        scratch->bytes = grown;
        scratch->capacity = capacity;
    }
    if (length > 0)
        memcpy(scratch->bytes + scratch->length, bytes, length);
    scratch->length += length;
    return MG_OK;
}

mg_status_t rb_mg_scratch_add_word(rb_mg_scratch_t *scratch, uint64_t word)
{
    return rb_mg_scratch_add(scratch, &word, sizeof(word));
}

void rb_mg_scratch_free(rb_mg_scratch_t *scratch)
{
    free(scratch->bytes);
    *scratch = (rb_mg_scratch_t){0};
}

VALUE rb_mg_scratch_string(rb_mg_scratch_t *scratch)
{
    VALUE string = rb_str_new((const char *)scratch->bytes, (long)scratch->length);

    scratch->length = 0;
    if (scratch->capacity > KEPT_CAPACITY)
        rb_mg_scratch_free(scratch);
    return string;
}

uint64_t rb_mg_scratch_take_word(VALUE string, size_t *offset)
{
    uint64_t word;

    memcpy(&word, RSTRING_PTR(string) + *offset, sizeof(word));
    *offset += sizeof(word);
    return word;
}

VALUE rb_mg_scratch_take_value(VALUE string, size_t *offset, size_t length)
{
    VALUE value = rb_mg_load((const unsigned char *)RSTRING_PTR(string) + *offset, length);

    *offset += length;
    RB_GC_GUARD(string);
    return value;
}
