#include "rb_outlet.h"

#include "minigun.h"

static void outlet_mark(void *pointer)
{
    const rb_mg_outlet_t *outlet = pointer;

    rb_gc_mark_movable(outlet->flight);
    rb_gc_mark_movable(outlet->produced);
    rb_gc_mark_movable(outlet->exits);
    for (size_t i = 0; i < outlet->count; i++) {
        rb_gc_mark_movable(outlet->targets[i].inbox);
        rb_gc_mark_movable(outlet->targets[i].arrivals);
        rb_gc_mark_movable(outlet->targets[i].entered);
    }
}

static void outlet_compact(void *pointer)
{
    rb_mg_outlet_t *outlet = pointer;

    outlet->flight = rb_gc_location(outlet->flight);
    outlet->produced = rb_gc_location(outlet->produced);
    outlet->exits = rb_gc_location(outlet->exits);
    for (size_t i = 0; i < outlet->count; i++) {
        rb_mg_target_t *target = &outlet->targets[i];

        target->inbox = rb_gc_location(target->inbox);
        target->arrivals = rb_gc_location(target->arrivals);
        target->entered = rb_gc_location(target->entered);
    }
}

static void outlet_free(void *pointer)
{
    rb_mg_outlet_t *outlet = pointer;

    xfree(outlet->targets);
    xfree(outlet);
}

static size_t outlet_memsize(const void *pointer)
{
    const rb_mg_outlet_t *outlet = pointer;

    return sizeof(*outlet) + outlet->count * sizeof(rb_mg_target_t);
}

static const rb_data_type_t outlet_type = {
    .wrap_struct_name = "minigun/native/outlet",
    .function = {.dmark = outlet_mark,
                 .dfree = outlet_free,
                 .dsize = outlet_memsize,
                 .dcompact = outlet_compact},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

rb_mg_outlet_t *rb_mg_outlet_get(VALUE self)
{
    rb_mg_outlet_t *outlet = rb_check_typeddata(self, &outlet_type);

    if (NIL_P(outlet->flight))
        rb_raise(rb_eArgError, "the outlet was not initialised");
    return outlet;
}

static VALUE outlet_alloc(VALUE klass)
{
    rb_mg_outlet_t *outlet;
    VALUE self = TypedData_Make_Struct(klass, rb_mg_outlet_t, &outlet_type, outlet);

    outlet->flight = outlet->produced = outlet->exits = Qnil;
    return self;
}

static VALUE tallies(VALUE list)
{
    Check_Type(list, T_ARRAY);
    if (RARRAY_LEN(list) == 0)
        return Qnil;
    list = rb_ary_freeze(rb_ary_dup(list));
    for (long i = 0; i < RARRAY_LEN(list); i++)
        (void)rb_mg_tally_get(RARRAY_AREF(list, i));
    return list;
}

static void add_target(VALUE self, rb_mg_outlet_t *outlet, VALUE description)
{
    rb_mg_target_t *target = &outlet->targets[outlet->count];
    VALUE entered;

    Check_Type(description, T_ARRAY);
    entered = tallies(rb_ary_entry(description, 2));
    target->box = rb_mg_inbox_get(rb_ary_entry(description, 0));
    target->tally = rb_mg_tally_get(rb_ary_entry(description, 1));
    target->forced = RTEST(rb_ary_entry(description, 3));
    target->inbox = target->arrivals = target->entered = Qnil;
    outlet->count++;
    RB_OBJ_WRITE(self, &target->inbox, rb_ary_entry(description, 0));
    RB_OBJ_WRITE(self, &target->arrivals, rb_ary_entry(description, 1));
    RB_OBJ_WRITE(self, &target->entered, entered);
}

/* new(in_flight, tally, [tally, ...], [[inbox, tally, [tally, ...], forced], ...]) */
static VALUE outlet_initialize(VALUE self, VALUE flight, VALUE produced, VALUE exits, VALUE targets)
{
    rb_mg_outlet_t *outlet = rb_check_typeddata(self, &outlet_type);

    if (outlet->targets != NULL)
        rb_raise(rb_eArgError, "the outlet is initialised already");
    Check_Type(targets, T_ARRAY);
    outlet->units = rb_mg_flight_get(flight);
    outlet->targets = ALLOC_N(rb_mg_target_t, RARRAY_LEN(targets) + 1);
    outlet->tally = rb_mg_tally_get(produced);
    RB_OBJ_WRITE(self, &outlet->produced, produced);
    RB_OBJ_WRITE(self, &outlet->exits, tallies(exits));
    for (long i = 0; i < RARRAY_LEN(targets); i++)
        add_target(self, outlet, RARRAY_AREF(targets, i));
    RB_OBJ_WRITE(self, &outlet->flight, flight);
    return self;
}

typedef struct {
    const rb_mg_outlet_t *outlet;
    rb_mg_inbox_t *inbox;
    bool reserved;
} passage_t;

static VALUE await_room(VALUE argument)
{
    passage_t *passage = (passage_t *)argument;

    rb_mg_inbox_await_room(passage->inbox);
    rb_mg_inbox_reserve(passage->inbox);
    passage->reserved = true;
    return Qnil;
}

static VALUE give_up(VALUE argument)
{
    const passage_t *passage = (const passage_t *)argument;

    if (!passage->reserved)
        rb_mg_flight_lower(passage->outlet->units, 1);
    return Qnil;
}

/* The unit is raised before the thread waits: the block it emits for may return meanwhile, and the
 * run must not end then. */
static void wait_with_unit(const rb_mg_outlet_t *outlet, const rb_mg_target_t *target)
{
    passage_t passage = {outlet, target->box, false};

    outlet->units->count++;
    rb_ensure(await_room, (VALUE)&passage, give_up, (VALUE)&passage);
}

static inline void raise_unit(const rb_mg_outlet_t *outlet, const rb_mg_target_t *target)
{
    if (RB_UNLIKELY(rb_mg_inbox_full(target->box)) && !target->forced) {
        wait_with_unit(outlet, target);
        return;
    }
    rb_mg_inbox_reserve(target->box);
    outlet->units->count++;
}

/* What is counted for the pipelines around stages. */
typedef enum {
    CONSUMED,
    PRODUCED
} movement_t;

static void count_movement(VALUE list, movement_t movement)
{
    for (long i = 0; i < RARRAY_LEN(list); i++) {
        rb_mg_tally_t *tally = rb_mg_tally_get(RARRAY_AREF(list, i));

        if (movement == CONSUMED)
            tally->consumed++;
        else
            tally->produced++;
    }
}

void rb_mg_outlet_emit(VALUE self, const rb_mg_outlet_t *outlet, VALUE item)
{
    outlet->tally->produced++;
    if (!NIL_P(outlet->exits))
        count_movement(outlet->exits, PRODUCED);
    for (size_t i = 0; i < outlet->count; i++) {
        const rb_mg_target_t *target = &outlet->targets[i];

        if (!NIL_P(target->entered))
            count_movement(target->entered, CONSUMED);
        raise_unit(outlet, target);
        target->tally->accepted++;
        rb_mg_inbox_put(target->inbox, target->box, item);
    }
    RB_GC_GUARD(self);
    RB_GC_GUARD(item);
}

static VALUE outlet_emit(VALUE self, VALUE item)
{
    rb_mg_outlet_emit(self, rb_mg_outlet_get(self), item);
    return Qnil;
}

void Init_minigun_outlet(VALUE mNative)
{
    VALUE cOutlet = rb_define_class_under(mNative, "Outlet", rb_cObject);

    rb_define_alloc_func(cOutlet, outlet_alloc);
    rb_mg_forbid_copies(cOutlet);
    rb_define_method(cOutlet, "initialize", outlet_initialize, 4);
    rb_define_method(cOutlet, "emit", outlet_emit, 1);
}
