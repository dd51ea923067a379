#include "rb_status.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "minigun.h"

VALUE rb_mg_eError;
VALUE rb_mg_eSerializationError;
VALUE rb_mg_eRingCorrupted;
VALUE rb_mg_eRingAllocError;
VALUE rb_mg_eRecordTooLarge;
VALUE rb_mg_eForkError;
VALUE rb_mg_eUnsafeForkError;
VALUE rb_mg_eWorkerDied;
VALUE rb_mg_eWorkerTimeout;
VALUE rb_mg_eParentGone;

static VALUE mMinigun;

static const struct {
    const char *name;
    VALUE *error_class;
} classes[] = {
    {"Error", &rb_mg_eError},
    {"SerializationError", &rb_mg_eSerializationError},
    {"RingCorrupted", &rb_mg_eRingCorrupted},
    {"RingAllocError", &rb_mg_eRingAllocError},
    {"RecordTooLarge", &rb_mg_eRecordTooLarge},
    {"ForkError", &rb_mg_eForkError},
    {"UnsafeForkError", &rb_mg_eUnsafeForkError},
    {"WorkerDied", &rb_mg_eWorkerDied},
    {"WorkerTimeout", &rb_mg_eWorkerTimeout},
    {"ParentGone", &rb_mg_eParentGone},
};

VALUE rb_mg_error_new(VALUE error_class, VALUE message, ...)
{
    VALUE keywords = rb_hash_new();
    VALUE arguments[2] = {message, keywords};
    const char *name;
    va_list pairs;

    va_start(pairs, message);
    while ((name = va_arg(pairs, const char *)) != NULL)
        rb_hash_aset(keywords, ID2SYM(rb_intern(name)), va_arg(pairs, VALUE));
    va_end(pairs);
    return rb_class_new_instance_kw(2, arguments, error_class, RB_PASS_KEYWORDS);
}

static const char *explanation(mg_status_t status)
{
    switch (status) {
    case MG_CORRUPT:
        return "shared memory is damaged";
    case MG_TRUNCATED:
        return "the bytes end inside a value";
    case MG_MALFORMED:
        return "the bytes are no value";
    case MG_TOO_DEEP:
        return "the bytes are nested too deeply";
    case MG_CLOSED:
        return "closed";
    case MG_TIMEOUT:
        return "the deadline passed";
    case MG_PEER_DEAD:
        return "the other process is gone";
    case MG_UNRECOVERABLE:
        return "the lock was given up for good";
    case MG_TOO_LARGE:
        return "too large";
    case MG_INVALID:
        return "out of range";
    case MG_NOT_OWNER:
        return "belongs to another process";
    default:
        return mg_status_name(status);
    }
}

static VALUE class_of_status(mg_status_t status)
{
    switch (status) {
    case MG_CORRUPT:
    case MG_TRUNCATED:
    case MG_MALFORMED:
    case MG_TOO_DEEP:
        return rb_mg_eRingCorrupted;
    case MG_TIMEOUT:
        return rb_mg_eWorkerTimeout;
    case MG_PEER_DEAD:
        return rb_mg_eWorkerDied;
    case MG_TOO_LARGE:
        return rb_mg_eRecordTooLarge;
    case MG_INVALID:
        return rb_eArgError;
    default:
        return rb_mg_eError;
    }
}

/* ": text of the error (limits that it stands for)" */
static void append_error(VALUE message, int error)
{
    VALUE limits = rb_const_get(mMinigun, rb_intern("SystemLimits"));

    rb_str_catf(message, ": %s%" PRIsVALUE, strerror(error),
                rb_funcall(limits, rb_intern("explain"), 1, INT2NUM(error)));
}

void rb_mg_raise_fork(const char *what, int error)
{
    VALUE message = rb_str_new_cstr(what);

    append_error(message, error);
    rb_exc_raise(rb_mg_error_new(rb_mg_eForkError, message, (char *)NULL));
}

void rb_mg_raise(mg_status_t status, const char *what)
{
    int error = errno;

    if (status == MG_SYSTEM)
        rb_syserr_fail(error, what);
    if (status == MG_NO_MEMORY) {
        VALUE message = rb_str_new_cstr(what);

        append_error(message, error);
        rb_exc_raise(rb_mg_error_new(rb_mg_eRingAllocError, message, (char *)NULL));
    }
    rb_raise(class_of_status(status), "%s: %s", what, explanation(status));
}

void rb_mg_raise_alloc(size_t size, int error)
{
    VALUE message = rb_sprintf("cannot allocate %" PRIuSIZE " bytes of shared memory", size);

    if (error)
        append_error(message, error);
    rb_exc_raise(
        rb_mg_error_new(rb_mg_eRingAllocError, message, "size", SIZET2NUM(size), (char *)NULL));
}

void Init_minigun_status(VALUE mNative)
{
    (void)mNative;
    mMinigun = rb_const_get(rb_cObject, rb_intern("Minigun"));
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        *classes[i].error_class = rb_const_get(mMinigun, rb_intern(classes[i].name));
        rb_gc_register_mark_object(*classes[i].error_class);
    }
}
