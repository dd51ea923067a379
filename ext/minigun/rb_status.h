/* From what went wrong to a Ruby exception, in one place. */
#ifndef RB_STATUS_H
#define RB_STATUS_H

#include "status.h"

#include <ruby.h>

/* Classes of lib/minigun/errors.rb, valid after Init_minigun_status. */
extern VALUE rb_mg_eError;
extern VALUE rb_mg_eSerializationError;
extern VALUE rb_mg_eRingCorrupted;
extern VALUE rb_mg_eRingAllocError;
extern VALUE rb_mg_eRecordTooLarge;
extern VALUE rb_mg_eForkError;
extern VALUE rb_mg_eUnsafeForkError;
extern VALUE rb_mg_eWorkerDied;
extern VALUE rb_mg_eWorkerTimeout;
extern VALUE rb_mg_eParentGone;

/* Raises what `status` stands for; `what` says what was being done ("reading a record"). Reads
 * errno first, for MG_SYSTEM (an Errno class) and MG_NO_MEMORY. A status that is no failure raises
 * Minigun::Error with its name, so that a forgotten case is seen. */
NORETURN(void rb_mg_raise(mg_status_t status, const char *what));

/* As above when the status is a failure; returns for MG_OK. */
static inline void rb_mg_check(mg_status_t status, const char *what)
{
    if (RB_UNLIKELY(status != MG_OK))
        rb_mg_raise(status, what);
}

/* RingAllocError for `size` bytes, with the text of `error` (an errno, 0 for none). */
NORETURN(void rb_mg_raise_alloc(size_t size, int error));

/* Raises ForkError: what could not be done, the text of `error` (an errno) and the limits that it
 * stands for. */
NORETURN(void rb_mg_raise_fork(const char *what, int error));

/* An instance of an error class, made with a message and keywords: name, value, ..., NULL. */
VALUE rb_mg_error_new(VALUE error_class, VALUE message, ...);

#endif
