#include "rb_flight.h"

#include "minigun.h"

static ID id_push;
static VALUE sym_quiet;

static void flight_mark(void *pointer)
{
    rb_gc_mark_movable(((const rb_mg_flight_t *)pointer)->signals);
}

static void flight_compact(void *pointer)
{
    rb_mg_flight_t *flight = pointer;

    flight->signals = rb_gc_location(flight->signals);
}

static size_t flight_memsize(const void *pointer)
{
    (void)pointer;
    return sizeof(rb_mg_flight_t);
}

static const rb_data_type_t flight_type = {
    .wrap_struct_name = "minigun/native/in_flight",
    .function = {.dmark = flight_mark,
                 .dfree = RUBY_DEFAULT_FREE,
                 .dsize = flight_memsize,
                 .dcompact = flight_compact},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

rb_mg_flight_t *rb_mg_flight_get(VALUE self)
{
    return rb_check_typeddata(self, &flight_type);
}

static VALUE flight_alloc(VALUE klass)
{
    rb_mg_flight_t *flight;
    VALUE self = TypedData_Make_Struct(klass, rb_mg_flight_t, &flight_type, flight);

    flight->signals = Qnil;
    return self;
}

static VALUE flight_initialize(VALUE self, VALUE signals)
{
    RB_OBJ_WRITE(self, &rb_mg_flight_get(self)->signals, signals);
    return self;
}

void rb_mg_flight_quiet(const rb_mg_flight_t *flight)
{
    rb_funcallv(flight->signals, id_push, 1, &sym_quiet);
}

static VALUE flight_raise_by(VALUE self, VALUE count)
{
    rb_mg_flight_get(self)->count += NUM2LL(count);
    return self;
}

static VALUE flight_lower_by(VALUE self, VALUE count)
{
    rb_mg_flight_lower(rb_mg_flight_get(self), NUM2LL(count));
    return self;
}

static VALUE flight_count(VALUE self)
{
    return LL2NUM(rb_mg_flight_get(self)->count);
}

static VALUE flight_is_zero(VALUE self)
{
    return rb_mg_flight_get(self)->count == 0 ? Qtrue : Qfalse;
}

void Init_minigun_flight(VALUE mNative)
{
    VALUE cInFlight = rb_define_class_under(mNative, "InFlight", rb_cObject);

    id_push = rb_intern("push");
    sym_quiet = ID2SYM(rb_intern("quiet"));
    rb_define_alloc_func(cInFlight, flight_alloc);
    rb_mg_forbid_copies(cInFlight);
    rb_define_method(cInFlight, "initialize", flight_initialize, 1);
    rb_define_method(cInFlight, "raise_by", flight_raise_by, 1);
    rb_define_method(cInFlight, "lower_by", flight_lower_by, 1);
    rb_define_method(cInFlight, "count", flight_count, 0);
    rb_define_method(cInFlight, "zero?", flight_is_zero, 0);
}
