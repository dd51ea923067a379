#include "rb_child.h"

#include "fork.h"
#include "minigun.h"
#include "rb_fiber.h"
#include "rb_status.h"
#include "supervisor.h"

#include <errno.h>
#include <ruby/vm.h>

#define DEFAULT_RING ((size_t)1 << 20)
#define EXIT_WAIT_NS UINT64_C(5000000000)

static void child_mark(void *pointer)
{
    rb_mg_child_t *child = pointer;

    rb_gc_mark(child->label);
    rb_gc_mark(child->status);
    rb_mg_encoder_mark(&child->encoder);
    rb_mg_decoder_mark(&child->decoder);
}

/* A child that still runs is left to the supervisor, which holds a reference of its own: the
 * collector does not wait for a process to end. */
static void child_free(void *pointer)
{
    rb_mg_child_t *child = pointer;

    if (child->process != NULL) {
        if (child->process->owner == mg_fork_self())
            mg_supervisor_kill(child->process);
        mg_supervisor_release(child->process);
    }
    rb_mg_encoder_free(&child->encoder);
    rb_mg_decoder_free(&child->decoder);
    rb_mg_message_free(&child->message);
    xfree(child);
}

static size_t child_size(const void *pointer)
{
    const rb_mg_child_t *child = pointer;
    size_t size = sizeof(*child) + child->message.capacity +
                  rb_mg_encoder_memsize(&child->encoder) + rb_mg_decoder_memsize(&child->decoder);

    if (child->process != NULL)
        size += sizeof(*child->process) + child->process->segment.size;
    return size;
}

static const rb_data_type_t child_type = {
    .wrap_struct_name = "minigun/native/child",
    .function = {.dmark = child_mark, .dfree = child_free, .dsize = child_size},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static VALUE child_alloc(VALUE klass)
{
    rb_mg_child_t *child;
    VALUE self = TypedData_Make_Struct(klass, rb_mg_child_t, &child_type, child);

    child->label = Qnil;
    child->status = Qnil;
    child->reader_closed = child->writer_closed = true;
    rb_mg_encoder_init(&child->encoder);
    rb_mg_decoder_init(&child->decoder);
    return self;
}

rb_mg_child_t *rb_mg_child_get(VALUE self)
{
    rb_mg_child_t *child;

    TypedData_Get_Struct(self, rb_mg_child_t, &child_type, child);
    if (!child->initialised)
        rb_raise(rb_mg_eError, "the child slot was not initialised");
    return child;
}

rb_mg_role_t rb_mg_child_role(const rb_mg_child_t *child)
{
    pid_t self = mg_fork_self();

    if (child->process == NULL)
        return RB_MG_STRANGER;
    if (child->process->self == self)
        return RB_MG_WORKER;
    return child->process->owner == self ? RB_MG_PARENT : RB_MG_STRANGER;
}

void rb_mg_child_check_open(const rb_mg_child_t *child)
{
    if (child->process == NULL)
        rb_raise(rb_mg_eError, "the child slot is closed");
}

rb_mg_child_t *rb_mg_child_open(VALUE self, rb_mg_role_t *role)
{
    rb_mg_child_t *child = rb_mg_child_get(self);

    rb_mg_child_check_open(child);
    *role = rb_mg_child_role(child);
    if (*role == RB_MG_STRANGER)
        rb_raise(rb_mg_eError, "the child slot belongs to process %d, this is process %d",
                 (int)child->process->owner, (int)mg_fork_self());
    return child;
}

rb_mg_child_t *rb_mg_child_parent(VALUE self, const char *what)
{
    rb_mg_role_t role;
    rb_mg_child_t *child = rb_mg_child_open(self, &role);

    if (role != RB_MG_PARENT)
        rb_raise(rb_mg_eError, "%s is for the parent, this is the spawned process", what);
    return child;
}

rb_mg_child_t *rb_mg_child_worker(VALUE self, const char *what)
{
    rb_mg_role_t role;
    rb_mg_child_t *child = rb_mg_child_open(self, &role);

    if (role != RB_MG_WORKER)
        rb_raise(rb_mg_eError, "%s is for the spawned process, this is the parent", what);
    return child;
}

bool rb_mg_child_peer_gone(const rb_mg_child_t *child, rb_mg_role_t role)
{
    if (role == RB_MG_WORKER)
        return mg_process_orphaned(child->process);
    return !mg_process_is(child->process, MG_LIFE_LIVE);
}

static size_t ring_size(VALUE value, const char *name)
{
    size_t size = NUM2SIZET(value);

    if (size < MG_RING_MIN_CAPACITY || size > MG_RING_MAX_CAPACITY || (size & (size - 1)) != 0)
        rb_raise(rb_eArgError, "%s must be a power of two from %u bytes on, got %" PRIsVALUE, name,
                 MG_RING_MIN_CAPACITY, value);
    return size;
}

/* Mappings of slots that nobody uses any more may be waiting for their finalizers. */
static mg_process_t *allocate(size_t ring, size_t inbox)
{
    mg_process_t *process;
    mg_status_t status = mg_process_create(ring, inbox, &process);

    if (status == MG_NO_MEMORY) {
        rb_gc();
        status = mg_process_create(ring, inbox, &process);
    }
    if (status != MG_OK)
        rb_mg_raise_alloc(ring + inbox, status == MG_NO_MEMORY ? errno : 0);
    mg_supervisor_register(process);
    return process;
}

static VALUE child_initialize(int argc, VALUE *argv, VALUE self)
{
    ID names[3] = {rb_intern("ring"), rb_intern("inbox"), rb_intern("label")};
    VALUE values[3];
    VALUE options;
    rb_mg_child_t *child;
    size_t ring = DEFAULT_RING;
    size_t inbox = 0;

    rb_scan_args(argc, argv, "0:", &options);
    rb_get_kwargs(options, names, 0, 3, values);
    TypedData_Get_Struct(self, rb_mg_child_t, &child_type, child);
    if (child->initialised)
        rb_raise(rb_mg_eError, "the child slot is initialised already");
    if (values[0] != Qundef)
        ring = ring_size(values[0], "ring");
    if (values[1] != Qundef && !NIL_P(values[1]))
        inbox = ring_size(values[1], "inbox");
    if (values[2] != Qundef && !NIL_P(values[2]))
        child->label = rb_str_new_frozen(rb_String(values[2]));
    child->process = allocate(ring, inbox);
    child->initialised = true;
    return self;
}

static VALUE child_label(VALUE self)
{
    return rb_mg_child_get(self)->label;
}

static VALUE child_is_child(VALUE self)
{
    return rb_mg_child_role(rb_mg_child_get(self)) == RB_MG_WORKER ? Qtrue : Qfalse;
}

/* Process.pid without a system call: kept by a handler of fork. */
static VALUE native_pid(VALUE self)
{
    (void)self;
    return INT2FIX(mg_fork_self());
}

/* After the program's at_exit blocks, threads and finalizers, which may still use children. A
 * program that does not get here is seen to by the kernel's death signal. */
static void end_children(ruby_vm_t *vm)
{
    (void)vm;
    mg_supervisor_shutdown(mg_after(mg_monotonic_ns(), EXIT_WAIT_NS));
}

void Init_minigun_child(VALUE mNative)
{
    VALUE cChild = rb_define_class_under(mNative, "Child", rb_cObject);

    rb_mg_check(mg_fork_install(), "pthread_atfork");
    ruby_vm_at_exit(end_children);
    rb_define_alloc_func(cChild, child_alloc);
    rb_mg_forbid_copies(cChild);
    rb_define_method(cChild, "initialize", child_initialize, -1);
    rb_define_method(cChild, "label", child_label, 0);
    rb_define_method(cChild, "child?", child_is_child, 0);
    rb_define_singleton_method(mNative, "pid", native_pid, 0);
    rb_mg_fiber_define(mNative);
    rb_mg_child_define_spawn(cChild);
    rb_mg_child_define_read(cChild);
    rb_mg_child_define_forward(cChild);
    rb_mg_child_define_write(cChild);
    rb_mg_child_define_control(cChild);
    rb_mg_child_define_state(cChild);
    rb_mg_child_define_traps();
}
