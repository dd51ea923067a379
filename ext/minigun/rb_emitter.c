#include "rb_emitter.h"

#include "fork.h"
#include "minigun.h"
#include "rb_records.h"
#include "rb_status.h"

static VALUE cEmitter;
static ID id_outlet, id_outlet_to, id_scope_of, id_unknown_target, id_name, id_turn, id_channel,
    id_emit;

static void emitter_mark(void *pointer)
{
    const rb_mg_emitter_t *emitter = pointer;

    rb_gc_mark_movable(emitter->node);
    rb_gc_mark_movable(emitter->outlet);
    rb_gc_mark_movable(emitter->scope);
    rb_gc_mark_movable(emitter->uplink);
    rb_gc_mark_movable(emitter->turn);
    rb_gc_mark_movable(emitter->channel);
}

static void emitter_compact(void *pointer)
{
    rb_mg_emitter_t *emitter = pointer;

    emitter->node = rb_gc_location(emitter->node);
    emitter->outlet = rb_gc_location(emitter->outlet);
    emitter->scope = rb_gc_location(emitter->scope);
    emitter->uplink = rb_gc_location(emitter->uplink);
    emitter->turn = rb_gc_location(emitter->turn);
    emitter->channel = rb_gc_location(emitter->channel);
}

static size_t emitter_memsize(const void *pointer)
{
    (void)pointer;
    return sizeof(rb_mg_emitter_t);
}

static const rb_data_type_t emitter_type = {
    .wrap_struct_name = "minigun/native/emitter",
    .function = {.dmark = emitter_mark,
                 .dfree = RUBY_DEFAULT_FREE,
                 .dsize = emitter_memsize,
                 .dcompact = emitter_compact},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

rb_mg_emitter_t *rb_mg_emitter_get(VALUE self)
{
    return rb_check_typeddata(self, &emitter_type);
}

static VALUE emitter_alloc(VALUE klass)
{
    rb_mg_emitter_t *emitter;
    VALUE self = TypedData_Make_Struct(klass, rb_mg_emitter_t, &emitter_type, emitter);

    emitter->node = emitter->outlet = emitter->scope = Qnil;
    emitter->uplink = emitter->turn = emitter->channel = Qnil;
    emitter->pid = mg_fork_self();
    return self;
}

static VALUE emitter_initialize(VALUE self, VALUE node)
{
    rb_mg_emitter_t *emitter = rb_mg_emitter_get(self);

    RB_OBJ_WRITE(self, &emitter->node, node);
    emitter->open = true;
    return self;
}

VALUE rb_mg_emitter_new(VALUE node)
{
    return rb_class_new_instance(1, &node, cEmitter);
}

VALUE rb_mg_emitter_new_remote(VALUE node, VALUE uplink)
{
    VALUE self = rb_mg_emitter_new(node);
    rb_mg_emitter_t *emitter = rb_mg_emitter_get(self);

    RB_OBJ_WRITE(self, &emitter->turn, rb_funcallv(uplink, id_turn, 0, NULL));
    RB_OBJ_WRITE(self, &emitter->channel, rb_funcallv(uplink, id_channel, 0, NULL));
    emitter->child = rb_mg_child_get(emitter->channel);
    RB_OBJ_WRITE(self, &emitter->uplink, uplink);
    return self;
}

static VALUE emitter_remote(VALUE klass, VALUE node, VALUE uplink)
{
    (void)klass;
    return rb_mg_emitter_new_remote(node, uplink);
}

NORETURN(static void refuse(const rb_mg_emitter_t *emitter));

static void refuse(const rb_mg_emitter_t *emitter)
{
    VALUE name = rb_inspect(rb_funcallv(emitter->node, id_name, 0, NULL));

    if (!emitter->open)
        rb_raise(rb_mg_eError, "emit called after the block of stage %" PRIsVALUE " had returned",
                 name);
    rb_raise(rb_mg_eError,
             "emit called in a process that the block of stage %" PRIsVALUE " has forked itself",
             name);
}

/* A remote one was made by the parent, and is its children's. */
static inline pid_t owner(const rb_mg_emitter_t *emitter)
{
    if (emitter->child == NULL)
        return emitter->pid;
    return emitter->child->process != NULL ? emitter->child->process->self : 0;
}

/* Nothing is counted before this: as long as the block runs, its own unit keeps the run from
 * ending, so an emission that finds the emitter open cannot be late. */
static inline void check(const rb_mg_emitter_t *emitter)
{
    if (RB_UNLIKELY(!emitter->open || owner(emitter) != mg_fork_self()))
        refuse(emitter);
}

static void resolve(VALUE self, rb_mg_emitter_t *emitter)
{
    VALUE outlet = rb_funcallv(emitter->node, id_outlet, 0, NULL);
    const rb_mg_outlet_t *way = rb_mg_outlet_get(outlet);

    RB_OBJ_WRITE(self, &emitter->outlet, outlet);
    emitter->way = way;
}

static void send(const rb_mg_emitter_t *emitter, uint8_t kind, VALUE payload, VALUE item)
{
    VALUE arguments[3] = {UINT2NUM(kind), payload, item};

    if (!rb_mg_child_try(emitter->child, emitter->turn, kind, 0, payload))
        rb_funcallv(emitter->uplink, id_emit, 3, arguments);
}

VALUE rb_mg_emitter_emit(VALUE self, rb_mg_emitter_t *emitter, VALUE item)
{
    check(emitter);
    if (emitter->child != NULL) {
        emitter->emitted++;
        send(emitter, RB_MG_RECORD_EMIT, item, item);
        return Qnil;
    }
    if (RB_UNLIKELY(emitter->way == NULL)) {
        resolve(self, emitter);
        check(emitter);
    }
    emitter->emitted++;
    rb_mg_outlet_emit(emitter->outlet, emitter->way, item);
    RB_GC_GUARD(self);
    return Qnil;
}

static VALUE emitter_emit(VALUE self, VALUE item)
{
    return rb_mg_emitter_emit(self, rb_mg_emitter_get(self), item);
}

VALUE rb_mg_emitter_emit_to_stage(VALUE self, VALUE name, VALUE item)
{
    rb_mg_emitter_t *emitter = rb_mg_emitter_get(self);
    VALUE outlet;

    check(emitter);
    if (emitter->child != NULL) {
        emitter->emitted++;
        send(emitter, RB_MG_RECORD_EMIT_TO, rb_assoc_new(name, item), item);
        return Qnil;
    }
    outlet = rb_funcallv(emitter->node, id_outlet_to, 1, &name);
    check(emitter);
    emitter->emitted++;
    if (NIL_P(outlet))
        rb_funcall(emitter->node, id_unknown_target, 2, name, item);
    else
        rb_mg_outlet_emit(outlet, rb_mg_outlet_get(outlet), item);
    RB_GC_GUARD(self);
    return Qnil;
}

static VALUE emitter_emitted(VALUE self)
{
    return LL2NUM(rb_mg_emitter_get(self)->emitted);
}

static VALUE emitter_close(VALUE self)
{
    rb_mg_emitter_get(self)->open = false;
    return self;
}

static VALUE emitter_is_open(VALUE self)
{
    return rb_mg_emitter_get(self)->open ? Qtrue : Qfalse;
}

/* The block as an object, for those who ask. */
static VALUE emitter_scope(VALUE self)
{
    rb_mg_emitter_t *emitter = rb_mg_emitter_get(self);

    if (NIL_P(emitter->scope))
        RB_OBJ_WRITE(self, &emitter->scope, rb_funcallv(emitter->node, id_scope_of, 1, &self));
    return emitter->scope;
}

void Init_minigun_emitter(VALUE mNative)
{
    cEmitter = rb_define_class_under(mNative, "Emitter", rb_cObject);
    rb_gc_register_mark_object(cEmitter);
    id_outlet = rb_intern("outlet");
    id_outlet_to = rb_intern("outlet_to");
    id_scope_of = rb_intern("scope_of");
    id_unknown_target = rb_intern("unknown_target");
    id_name = rb_intern("name");
    id_turn = rb_intern("turn");
    id_channel = rb_intern("channel");
    id_emit = rb_intern("emit");
    rb_define_alloc_func(cEmitter, emitter_alloc);
    rb_mg_forbid_copies(cEmitter);
    rb_define_singleton_method(cEmitter, "remote", emitter_remote, 2);
    rb_define_method(cEmitter, "initialize", emitter_initialize, 1);
    rb_define_method(cEmitter, "emit", emitter_emit, 1);
    rb_define_method(cEmitter, "emit_to_stage", rb_mg_emitter_emit_to_stage, 2);
    rb_define_method(cEmitter, "emitted", emitter_emitted, 0);
    rb_define_method(cEmitter, "close", emitter_close, 0);
    rb_define_method(cEmitter, "open?", emitter_is_open, 0);
    rb_define_method(cEmitter, "scope", emitter_scope, 0);
}
