#include "platform.h"

#include "eventcount.h"
#include "lock.h"
#include "minigun.h"
#include "rb_blocking.h"
#include "rb_lock.h"
#include "rb_status.h"
#include "segment.h"

#include <errno.h>

/* Signals do not end a wait for a mutex: an interrupt is noticed when the slice is over. */
#define LOCK_SLICE_NS UINT64_C(10000000)

typedef struct {
    mg_segment_t segment;
    mg_lock_t *lock;
} lock_t;

typedef struct {
    mg_lock_t *lock;
    uint64_t deadline_ns;
    mg_status_t status;
} acquire_t;

static void lock_free(void *pointer)
{
    lock_t *object = pointer;

    mg_segment_destroy(&object->segment);
    xfree(object);
}

static size_t lock_memsize(const void *pointer)
{
    const lock_t *object = pointer;

    return sizeof(*object) + object->segment.size;
}

static const rb_data_type_t lock_type = {
    .wrap_struct_name = "minigun/native/lock",
    .function = {.dfree = lock_free, .dsize = lock_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

static VALUE lock_alloc(VALUE klass)
{
    lock_t *object;

    return TypedData_Make_Struct(klass, lock_t, &lock_type, object);
}

static mg_lock_t *get(VALUE self)
{
    lock_t *object;

    TypedData_Get_Struct(self, lock_t, &lock_type, object);
    if (object->lock == NULL)
        rb_raise(rb_mg_eError, "the lock was not initialised");
    return object->lock;
}

static VALUE lock_initialize(VALUE self)
{
    lock_t *object;
    void *memory;
    mg_status_t status;

    TypedData_Get_Struct(self, lock_t, &lock_type, object);
    if (object->lock != NULL)
        rb_raise(rb_mg_eError, "the lock is initialised already");
    status = mg_segment_create(&object->segment, sizeof(mg_lock_t) + MG_CACHE_LINE);
    if (status != MG_OK)
        rb_mg_raise_alloc(sizeof(mg_lock_t), status == MG_NO_MEMORY ? errno : 0);
    rb_mg_check(mg_segment_carve(&object->segment, sizeof(mg_lock_t), MG_CACHE_LINE, &memory),
                "allocating a lock");
    rb_mg_check(mg_lock_init(memory), "making a lock");
    object->lock = memory;
    return self;
}

/* Qnil: not acquired. */
static VALUE outcome(mg_status_t status)
{
    switch (status) {
    case MG_OK:
        return ID2SYM(rb_intern("ok"));
    case MG_OWNER_DEAD:
        return ID2SYM(rb_intern("owner_dead"));
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

/* Between the return of rb_mg_lock and the return to Ruby nothing may raise: the caller would not
 * know that it holds the lock. */
static VALUE lock_until(VALUE self, uint64_t deadline)
{
    VALUE result = outcome(rb_mg_lock(get(self), deadline));

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
    mg_status_t status = mg_lock_try(get(self));

    /* Held by this very thread: no more free than if another had it. */
    return status == MG_INVALID ? Qnil : outcome(status);
}

static VALUE lock_unlock(VALUE self)
{
    mg_status_t status = mg_lock_release(get(self));

    if (status == MG_NOT_OWNER)
        rb_raise(rb_eThreadError, "the lock is not held by this thread");
    rb_mg_check(status, "releasing a lock");
    return self;
}

static VALUE lock_synchronize(VALUE self)
{
    rb_need_block();
    (void)lock_until(self, MG_NEVER);
    return rb_ensure(rb_yield, Qundef, lock_unlock, self);
}

void Init_minigun_lock(VALUE mNative)
{
    VALUE cLock = rb_define_class_under(mNative, "Lock", rb_cObject);

    rb_define_alloc_func(cLock, lock_alloc);
    rb_undef_method(cLock, "dup");
    rb_undef_method(cLock, "clone");
    rb_undef_method(cLock, "initialize_copy");
    rb_define_method(cLock, "initialize", lock_initialize, 0);
    rb_define_method(cLock, "lock", lock_lock, -1);
    rb_define_method(cLock, "try_lock", lock_try, 0);
    rb_define_method(cLock, "unlock", lock_unlock, 0);
    rb_define_method(cLock, "synchronize", lock_synchronize, 0);
}
