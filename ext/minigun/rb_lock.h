/* Acquiring a lock of the core from Ruby: without the GVL, interruptible. */
#ifndef RB_LOCK_H
#define RB_LOCK_H

#include "platform.h"

#include <ruby.h>

#include "lock.h"

/* Waits until `deadline_ns` (MG_NEVER: for ever). As mg_lock_acquire, with MG_BUSY for MG_TIMEOUT;
 * the lock's memory must stay mapped. Raises what is pending for this thread, and then holds
 * nothing; when it returns holding the lock, nothing may raise before the caller knows. */
mg_status_t rb_mg_lock(mg_lock_t *lock, uint64_t deadline_ns);

#endif
