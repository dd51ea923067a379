#include "rb_allocations.h"

#include <ruby.h>
#include <stdint.h>

/* Other threads may allocate meanwhile: the smallest of some results is right. */
#define TRIALS 4

static VALUE sym_allocated;
static bool known;

size_t rb_mg_allocations(void)
{
    return rb_gc_stat(sym_allocated);
}

bool rb_mg_allocations_known(void)
{
    return known;
}

size_t rb_mg_allocations_of_block(void)
{
    size_t least = SIZE_MAX;

    for (int i = 0; i < TRIALS; i++) {
        size_t before = rb_mg_allocations();
        size_t grown;

        rb_yield(Qnil);
        grown = rb_mg_allocations() - before;
        if (grown < least)
            least = grown;
    }
    return least;
}

static bool counts_each_allocation(void)
{
    for (int i = 0; i < TRIALS; i++) {
        size_t before = rb_mg_allocations();
        VALUE string = rb_str_new_cstr("");

        if (rb_mg_allocations() - before != 1)
            return false;
        RB_GC_GUARD(string);
    }
    return true;
}

void rb_mg_init_allocations(void)
{
    sym_allocated = ID2SYM(rb_intern("total_allocated_objects"));
    known = counts_each_allocation();
}
