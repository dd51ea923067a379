#include "platform.h"

#include "minigun.h"
#include "process.h"
#include "rb_blocking.h"
#include "rb_holder.h"
#include "rb_segment.h"
#include "rb_status.h"
#include "semaphore.h"

typedef struct {
    mg_segment_t segment;
    mg_semaphore_t semaphore;
    rb_mg_holder_t *holders; /* one for each permit */
} semaphore_t;

typedef struct {
    const mg_semaphore_t *semaphore;
    uint64_t deadline_ns;
    size_t permit;
    mg_status_t status;
} acquire_t;

static bool held_here(const semaphore_t *object)
{
    for (size_t i = 0; i < object->semaphore.permits; i++)
        if (rb_mg_holder_here(&object->holders[i]))
            return true;
    return false;
}

static void semaphore_mark(void *pointer)
{
    const semaphore_t *object = pointer;

    for (size_t i = 0; i < object->semaphore.permits; i++)
        if (object->holders[i].thread != 0)
            rb_gc_mark(object->holders[i].thread);
}

/* The list of robust locks that the kernel walks leads through a lock that is held: the memory
 * stays, although nobody can release it any more, until the process ends. */
static void semaphore_free(void *pointer)
{
    semaphore_t *object = pointer;

    if (!held_here(object))
        mg_segment_destroy(&object->segment);
    xfree(object->holders);
    xfree(object);
}

static size_t semaphore_memsize(const void *pointer)
{
    const semaphore_t *object = pointer;

    return sizeof(*object) + object->segment.size +
           object->semaphore.permits * sizeof(*object->holders);
}

/* Not flagged WB_PROTECTED: holders are written without a barrier. */
static const rb_data_type_t semaphore_type = {
    .wrap_struct_name = "minigun/native/semaphore",
    .function = {.dmark = semaphore_mark, .dfree = semaphore_free, .dsize = semaphore_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static VALUE semaphore_alloc(VALUE klass)
{
    semaphore_t *object;

    return TypedData_Make_Struct(klass, semaphore_t, &semaphore_type, object);
}

static semaphore_t *get(VALUE self)
{
    semaphore_t *object;

    TypedData_Get_Struct(self, semaphore_t, &semaphore_type, object);
    if (object->semaphore.permits == 0)
        rb_raise(rb_mg_eError, "the semaphore was not initialised");
    return object;
}

static VALUE semaphore_initialize(VALUE self, VALUE permits)
{
    semaphore_t *object;
    long count = NUM2LONG(permits);
    size_t size = count > 0 ? mg_semaphore_footprint((size_t)count) : 0;
    void *memory;

    TypedData_Get_Struct(self, semaphore_t, &semaphore_type, object);
    if (object->semaphore.permits != 0)
        rb_raise(rb_mg_eError, "the semaphore is initialised already");
    if (size == 0)
        rb_raise(rb_eArgError, "permits must be 1 to %u, got %ld", MG_SEMAPHORE_MAX_PERMITS, count);
    memory = rb_mg_segment(&object->segment, size, "allocating a semaphore");
    object->holders = ALLOC_N(rb_mg_holder_t, (size_t)count);
    MEMZERO(object->holders, rb_mg_holder_t, (size_t)count);
    rb_mg_check(mg_semaphore_init(&object->semaphore, memory, size, (size_t)count),
                "making a semaphore");
    return self;
}

static void acquire(void *argument)
{
    acquire_t *attempt = argument;

    attempt->status =
        mg_semaphore_acquire(attempt->semaphore, attempt->deadline_ns, &attempt->permit);
}

/* With every permit in this thread's hands nobody else will ever release one. */
static void refuse_waiting_for_oneself(const semaphore_t *object)
{
    for (size_t i = 0; i < object->semaphore.permits; i++)
        if (!rb_mg_holder_current(&object->holders[i]))
            return;
    rb_raise(rb_eThreadError, "deadlock; this thread holds every permit");
}

/* A thread that has ended with a permit leaves its native thread, which the permit belongs to, to
 * the next one. */
static mg_status_t inherit(const semaphore_t *object, size_t *permit)
{
    for (size_t i = 0; i < object->semaphore.permits; i++) {
        if (!rb_mg_holder_here(&object->holders[i]) || rb_mg_holder_current(&object->holders[i]) ||
            RTEST(rb_funcall(object->holders[i].thread, rb_intern("alive?"), 0)))
            continue;
        if (mg_semaphore_release(&object->semaphore, i) != MG_OK)
            continue;
        rb_mg_holder_clear(&object->holders[i]);
        return mg_semaphore_try(&object->semaphore, permit);
    }
    return MG_BUSY;
}

/* Between the return of the core and the return to Ruby nothing may raise: the caller would not
 * know that it holds a permit. */
static VALUE acquired(semaphore_t *object, const acquire_t *attempt)
{
    if (attempt->status != MG_OK && attempt->status != MG_OWNER_DEAD)
        rb_mg_raise(attempt->status, "acquiring a permit");
    rb_mg_holder_set(&object->holders[attempt->permit]);
    return ID2SYM(rb_intern(attempt->status == MG_OK ? "ok" : "owner_dead"));
}

static bool waiting(mg_status_t status)
{
    return status == MG_BUSY || status == MG_TIMEOUT || status == MG_INTERRUPTED;
}

static VALUE acquire_until(VALUE self, uint64_t deadline_ns)
{
    semaphore_t *object = get(self);
    acquire_t attempt = {.semaphore = &object->semaphore};

    attempt.status = mg_semaphore_try(&object->semaphore, &attempt.permit);
    if (attempt.status == MG_BUSY)
        attempt.status = inherit(object, &attempt.permit);
    if (attempt.status == MG_BUSY && deadline_ns == MG_NEVER)
        refuse_waiting_for_oneself(object);
    while (waiting(attempt.status)) {
        uint64_t now = mg_monotonic_ns();

        if (now >= deadline_ns)
            return Qnil;
        rb_thread_check_ints();
        attempt.deadline_ns = mg_after(now, RB_MG_SLICE_NS);
        if (deadline_ns < attempt.deadline_ns)
            attempt.deadline_ns = deadline_ns;
        (void)rb_mg_without_gvl(acquire, &attempt);
    }
    return acquired(object, &attempt);
}

static VALUE semaphore_acquire(int argc, VALUE *argv, VALUE self)
{
    VALUE timeout;
    VALUE result;

    rb_scan_args(argc, argv, "01", &timeout);
    result = acquire_until(self, rb_mg_deadline(timeout));
    RB_GC_GUARD(self);
    return result;
}

static VALUE semaphore_try(VALUE self)
{
    return acquire_until(self, 0);
}

static VALUE semaphore_release(VALUE self)
{
    semaphore_t *object = get(self);

    for (size_t i = object->semaphore.permits; i-- > 0;) {
        if (!rb_mg_holder_current(&object->holders[i]))
            continue;
        rb_mg_holder_clear(&object->holders[i]);
        rb_mg_check(mg_semaphore_release(&object->semaphore, i), "releasing a permit");
        return self;
    }
    rb_raise(rb_eThreadError, "no permit is held by this thread");
}

/* In a process that the block has forked nothing is held. */
static VALUE end_synchronize(VALUE self)
{
    const semaphore_t *object = get(self);

    for (size_t i = 0; i < object->semaphore.permits; i++)
        if (rb_mg_holder_current(&object->holders[i]))
            return semaphore_release(self);
    return Qnil;
}

static VALUE semaphore_synchronize(int argc, VALUE *argv, VALUE self)
{
    VALUE how;

    rb_need_block();
    how = semaphore_acquire(argc, argv, self);
    if (NIL_P(how))
        return Qnil;
    return rb_ensure(rb_yield, how, end_synchronize, self);
}

static VALUE semaphore_available(VALUE self)
{
    return SIZET2NUM(mg_semaphore_available(&get(self)->semaphore));
}

static VALUE semaphore_permits(VALUE self)
{
    return SIZET2NUM(get(self)->semaphore.permits);
}

void Init_minigun_semaphore(VALUE mNative)
{
    VALUE cSemaphore = rb_define_class_under(mNative, "Semaphore", rb_cObject);

    rb_define_alloc_func(cSemaphore, semaphore_alloc);
    rb_mg_forbid_copies(cSemaphore);
    rb_define_method(cSemaphore, "initialize", semaphore_initialize, 1);
    rb_define_method(cSemaphore, "acquire", semaphore_acquire, -1);
    rb_define_method(cSemaphore, "try_acquire", semaphore_try, 0);
    rb_define_method(cSemaphore, "release", semaphore_release, 0);
    rb_define_method(cSemaphore, "synchronize", semaphore_synchronize, -1);
    rb_define_method(cSemaphore, "available", semaphore_available, 0);
    rb_define_method(cSemaphore, "permits", semaphore_permits, 0);
}
