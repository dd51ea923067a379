#include "minigun.h"

RUBY_FUNC_EXPORTED void Init_minigun(void);

void Init_minigun(void)
{
    VALUE mMinigun = rb_define_module("Minigun");
    VALUE mNative = rb_define_module_under(mMinigun, "Native");

    Init_minigun_status(mNative);
    Init_minigun_codec(mNative);
    Init_minigun_child(mNative);
    Init_minigun_counters(mNative);
    Init_minigun_lock(mNative);
    Init_minigun_semaphore(mNative);
    Init_minigun_rate(mNative);
    Init_minigun_list(mNative);
    Init_minigun_table(mNative);
    Init_minigun_isolate(mNative);
    Init_minigun_containers(mNative);
    Init_minigun_huge(mNative);
    Init_minigun_memory(mNative);
    Init_minigun_growth(mNative);
    Init_minigun_tally(mNative);
    Init_minigun_flight(mNative);
    Init_minigun_inbox(mNative);
    Init_minigun_outlet(mNative);
    Init_minigun_emitter(mNative);
    Init_minigun_emission(mNative);
    Init_minigun_stream(mNative);
    Init_minigun_gatherer(mNative);
    Init_minigun_relay(mNative);
    Init_minigun_intake(mNative);
    Init_minigun_watch(mNative);
    Init_minigun_bound(mNative);
}
