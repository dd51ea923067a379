#include "rb_emission.h"

#include "minigun.h"
#include "rb_emitter.h"
#include "rb_status.h"

#include <stdbool.h>

static VALUE cCarrier;
static ID id_group, id_emit, id_emit_to_stage, id_emitter, id_scope;

/* Known to the garbage collector: what lies here is alive and has its address for itself. Threads
 * of other Ractors only ever read the first, to find that they are not meant. */
static VALUE last_thread = Qfalse, last_emitter = Qnil;
static rb_mg_emitter_t *last_way; /* of last_emitter */

void rb_mg_emission_remember(VALUE thread, VALUE emitter, rb_mg_emitter_t *way)
{
    last_thread = thread;
    last_emitter = emitter;
    last_way = way;
}

void rb_mg_emission_forget(void)
{
    if (last_thread == rb_thread_current())
        rb_mg_emission_remember(Qfalse, Qnil, NULL);
}

VALUE rb_mg_carrier_new(VALUE emitter)
{
    VALUE carrier = rb_class_new_instance(0, NULL, cCarrier);

    rb_ivar_set(carrier, id_emitter, emitter);
    return carrier;
}

/* The carrier of the running thread; nil outside of blocks. */
static VALUE current_carrier(VALUE thread)
{
    VALUE group = rb_funcallv(thread, id_group, 0, NULL);

    return rb_obj_class(group) == cCarrier ? group : Qnil;
}

static VALUE emit_by_scope(VALUE carrier, ID method, int argc, const VALUE *argv)
{
    if (NIL_P(carrier))
        rb_raise(rb_mg_eError, "%s called outside a stage block", rb_id2name(method));
    rb_funcallv(rb_attr_get(carrier, id_scope), method, argc, argv);
    return Qnil;
}

static VALUE emission_emit(VALUE self, VALUE item)
{
    VALUE thread = rb_thread_current();
    VALUE carrier, emitter;
    rb_mg_emitter_t *way;

    (void)self;
    if (RB_LIKELY(thread == last_thread))
        return rb_mg_emitter_emit(last_emitter, last_way, item);
    carrier = current_carrier(thread);
    emitter = NIL_P(carrier) ? Qnil : rb_attr_get(carrier, id_emitter);
    if (NIL_P(emitter))
        return emit_by_scope(carrier, id_emit, 1, &item);
    way = rb_mg_emitter_get(emitter);
    rb_mg_emission_remember(thread, emitter, way);
    return rb_mg_emitter_emit(emitter, way, item);
}

static VALUE emission_emit_to_stage(VALUE self, VALUE name, VALUE item)
{
    VALUE thread = rb_thread_current();
    VALUE arguments[2] = {name, item};
    VALUE carrier, emitter;

    (void)self;
    if (thread == last_thread)
        return rb_mg_emitter_emit_to_stage(last_emitter, name, item);
    carrier = current_carrier(thread);
    emitter = NIL_P(carrier) ? Qnil : rb_attr_get(carrier, id_emitter);
    if (NIL_P(emitter))
        return emit_by_scope(carrier, id_emit_to_stage, 2, arguments);
    return rb_mg_emitter_emit_to_stage(emitter, name, item);
}

static VALUE native_forget_emitter(VALUE self)
{
    (void)self;
    rb_mg_emission_forget();
    return Qnil;
}

/* A run that is over shall not be kept alive by its last emission. */
static VALUE native_forget_emitters(VALUE self)
{
    (void)self;
    rb_mg_emission_remember(Qfalse, Qnil, NULL);
    return Qnil;
}

void Init_minigun_emission(VALUE mNative)
{
    VALUE mEmission = rb_define_module_under(mNative, "Emission");

    cCarrier = rb_define_class_under(mNative, "Carrier", rb_path2class("ThreadGroup"));
    rb_gc_register_mark_object(cCarrier);
    rb_gc_register_address(&last_thread);
    rb_gc_register_address(&last_emitter);
    id_group = rb_intern("group");
    id_emit = rb_intern("emit");
    id_emit_to_stage = rb_intern("emit_to_stage");
    id_emitter = rb_intern("@emitter");
    id_scope = rb_intern("@scope");
#ifdef HAVE_RB_EXT_RACTOR_SAFE
    rb_ext_ractor_safe(true);
#endif
    rb_define_method(mEmission, "emit", emission_emit, 1);
    rb_define_method(mEmission, "emit_to_stage", emission_emit_to_stage, 2);
    rb_define_singleton_method(mNative, "forget_emitter", native_forget_emitter, 0);
#ifdef HAVE_RB_EXT_RACTOR_SAFE
    rb_ext_ractor_safe(false);
#endif
    rb_define_singleton_method(mNative, "forget_emitters", native_forget_emitters, 0);
}
