/* Minigun::Native.root_fiber?: does the caller run on its thread's own stack? */
#ifndef RB_FIBER_H
#define RB_FIBER_H

#include <ruby.h>

void rb_mg_fiber_define(VALUE mNative);

#endif
