#include "platform.h"

#include "eventcount.h"
#include "lock.h"
#include "minigun.h"
#include "rb_blocking.h"
#include "rb_holder.h"
#include "rb_lock.h"
#include "rb_segment.h"
#include "rb_status.h"

/* Signals do not end a wait for a mutex: an interrupt is noticed when the slice is over. */
#define LOCK_SLICE_NS UINT64_C(10000000)

typedef struct {
    mg_segment_t segment;
    mg_lock_t *lock;
    rb_mg_holder_t holder;
} lock_t;

typedef struct {
    mg_lock_t *lock;
    uint64_t deadline_ns;
    mg_status_t status;
} acquire_t;

static void lock_mark(void *pointer)
{
    const lock_t *object = pointer;

    if (object->holder.thread != 0)
        rb_gc_mark(object->holder.thread);
}

/* The list of robust locks that the kernel walks leads through a lock that is held: the memory
 * stays, although nobody can release it any more, until the process ends. */
static void lock_free(void *pointer)
{
    lock_t *object = pointer;

    if (!rb_mg_holder_here(&object->holder))
        mg_segment_destroy(&object->segment);
    xfree(object);
}

static size_t lock_memsize(const void *pointer)
{
    const lock_t *object = pointer;

    return sizeof(*object) + object->segment.size;
}

/* Not flagged WB_PROTECTED: the holder is written without a barrier. */
static const rb_data_type_t lock_type = {
    .wrap_struct_name = "minigun/native/lock",
    .function = {.dmark = lock_mark, .dfree = lock_free, .dsize = lock_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static VALUE lock_alloc(VALUE klass)
{
    lock_t *object;

    return TypedData_Make_Struct(klass, lock_t, &lock_type, object);
}

static lock_t *get(VALUE self)
{
    lock_t *object;

    TypedData_Get_Struct(self, lock_t, &lock_type, object);
    if (object->lock == NULL)
        rb_raise(rb_mg_eError, "the lock was not initialised");
    return object;
}

static VALUE lock_initialize(VALUE self)
{
    lock_t *object;
    void *memory;

    TypedData_Get_Struct(self, lock_t, &lock_type, object);
    if (object->lock != NULL)
        rb_raise(rb_mg_eError, "the lock is initialised already");
    memory = rb_mg_segment(&object->segment, sizeof(mg_lock_t), "allocating a lock");
    rb_mg_check(mg_lock_init(memory), "making a lock");
    object->lock = memory;
    return self;
}

/* A thread that has ended with the lock leaves its native thread, which the lock belongs to, to the
 * next one: that has it now. */
static mg_status_t inherited(const lock_t *object)
{
    return rb_mg_holder_here(&object->holder) && !rb_mg_holder_current(&object->holder)
               ? MG_OWNER_DEAD
               : MG_INVALID;
}

/* Qnil: not acquired. Nothing may raise between the acquisition and the return to Ruby: the caller
 * would not know that it holds the lock. */
static VALUE outcome(lock_t *object, mg_status_t status)
{
    if (status == MG_INVALID)
        status = inherited(object);
    switch (status) {
    case MG_OK:
    case MG_OWNER_DEAD:
        rb_mg_holder_set(&object->holder);
        return ID2SYM(rb_intern(status == MG_OK ? "ok" : "owner_dead"));
    case MG_TIMEOUT:
    case MG_BUSY:
        return Qnil;
    case MG_INVALID:
        rb_raise(rb_eThreadError, "deadlock; recursive locking");
    default:
        rb_mg_raise(status, "acquiring a lock");
    }
}

static void acquire(void *argument)
{
    acquire_t *attempt = argument;

    attempt->status = mg_lock_acquire(attempt->lock, attempt->deadline_ns);
}

mg_status_t rb_mg_lock(mg_lock_t *lock, uint64_t deadline_ns)
{
    acquire_t attempt = {.lock = lock, .status = mg_lock_try(lock)};

    while (attempt.status == MG_BUSY || attempt.status == MG_TIMEOUT) {
        uint64_t now = mg_monotonic_ns();

        if (now >= deadline_ns)
            return MG_BUSY;
        rb_thread_check_ints();
        attempt.deadline_ns = mg_after(now, LOCK_SLICE_NS);
        if (deadline_ns < attempt.deadline_ns)
            attempt.deadline_ns = deadline_ns;
        (void)rb_mg_without_gvl(acquire, &attempt);
    }
    return attempt.status;
}

static VALUE lock_until(VALUE self, uint64_t deadline)
{
    lock_t *object = get(self);
    VALUE result = outcome(object, rb_mg_lock(object->lock, deadline));

    RB_GC_GUARD(self);
    return result;
}

static VALUE lock_lock(int argc, VALUE *argv, VALUE self)
{
    VALUE timeout;

    rb_scan_args(argc, argv, "01", &timeout);
    return lock_until(self, rb_mg_deadline(timeout));
}

static VALUE lock_try(VALUE self)
{
    lock_t *object = get(self);

    return outcome(object, mg_lock_try(object->lock));
}

static VALUE lock_unlock(VALUE self)
{
    lock_t *object = get(self);
    mg_status_t status;

    if (rb_mg_holder_here(&object->holder) && !rb_mg_holder_current(&object->holder))
        status = MG_NOT_OWNER;
    else
        status = mg_lock_release(object->lock);
    if (status == MG_NOT_OWNER)
        rb_raise(rb_eThreadError, "the lock is not held by this thread");
    rb_mg_check(status, "releasing a lock");
    rb_mg_holder_clear(&object->holder);
    return self;
}

/* In a process that the block has forked nothing is held. */
static VALUE end_synchronize(VALUE self)
{
    return rb_mg_holder_current(&get(self)->holder) ? lock_unlock(self) : Qnil;
}

static VALUE lock_synchronize(int argc, VALUE *argv, VALUE self)
{
    VALUE how;

    rb_need_block();
    how = lock_lock(argc, argv, self);
    if (NIL_P(how))
        return Qnil;
    return rb_ensure(rb_yield, how, end_synchronize, self);
}

static VALUE lock_owned(VALUE self)
{
    return rb_mg_holder_current(&get(self)->holder) ? Qtrue : Qfalse;
}

void Init_minigun_lock(VALUE mNative)
{
    VALUE cLock = rb_define_class_under(mNative, "Lock", rb_cObject);

    rb_define_alloc_func(cLock, lock_alloc);
    rb_mg_forbid_copies(cLock);
    rb_define_method(cLock, "initialize", lock_initialize, 0);
    rb_define_method(cLock, "lock", lock_lock, -1);
    rb_define_method(cLock, "try_lock", lock_try, 0);
    rb_define_method(cLock, "unlock", lock_unlock, 0);
    rb_define_method(cLock, "synchronize", lock_synchronize, -1);
    rb_define_method(cLock, "owned?", lock_owned, 0);
}
