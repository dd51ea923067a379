/* The extension's parts, as its entry point sees them. */
#ifndef MINIGUN_H
#define MINIGUN_H

#include <ruby.h>

/* Of memory that belongs to one object, or to several processes. */
static inline void rb_mg_forbid_copies(VALUE klass)
{
    rb_undef_method(klass, "dup");
    rb_undef_method(klass, "clone");
    rb_undef_method(klass, "initialize_copy");
}

/* Each defines its part of the module Minigun::Native. */
void Init_minigun_status(VALUE mNative);
void Init_minigun_codec(VALUE mNative);
void Init_minigun_child(VALUE mNative);
void Init_minigun_counters(VALUE mNative);
void Init_minigun_lock(VALUE mNative);
void Init_minigun_semaphore(VALUE mNative);
void Init_minigun_rate(VALUE mNative);
void Init_minigun_list(VALUE mNative);
void Init_minigun_table(VALUE mNative);
void Init_minigun_isolate(VALUE mNative);
void Init_minigun_containers(VALUE mNative);
void Init_minigun_huge(VALUE mNative);
void Init_minigun_memory(VALUE mNative);
void Init_minigun_growth(VALUE mNative);
void Init_minigun_tally(VALUE mNative);
void Init_minigun_flight(VALUE mNative);
void Init_minigun_inbox(VALUE mNative);
void Init_minigun_outlet(VALUE mNative);
void Init_minigun_emitter(VALUE mNative);
void Init_minigun_emission(VALUE mNative);
void Init_minigun_stream(VALUE mNative);
void Init_minigun_gatherer(VALUE mNative);
void Init_minigun_relay(VALUE mNative);
void Init_minigun_intake(VALUE mNative);
void Init_minigun_watch(VALUE mNative);
void Init_minigun_bound(VALUE mNative);

#endif
