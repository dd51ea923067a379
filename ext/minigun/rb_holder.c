#include "rb_holder.h"

#include <ruby/thread.h>
#include <unistd.h>

void rb_mg_holder_set(rb_mg_holder_t *holder)
{
#ifdef HAVE_RB_THREAD_LOCK_NATIVE_THREAD
    (void)rb_thread_lock_native_thread();
#endif
    holder->thread = rb_thread_current();
    holder->pid = getpid();
}

void rb_mg_holder_clear(rb_mg_holder_t *holder)
{
    holder->thread = 0;
}

bool rb_mg_holder_here(const rb_mg_holder_t *holder)
{
    return holder->thread != 0 && holder->pid == getpid();
}

bool rb_mg_holder_current(const rb_mg_holder_t *holder)
{
    return rb_mg_holder_here(holder) && holder->thread == rb_thread_current();
}
