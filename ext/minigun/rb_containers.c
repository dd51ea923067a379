#include "minigun.h"

#include <string.h>

typedef struct {
    VALUE found;
    const char *reserved;
    size_t length;
} search_t;

static VALUE cSet;

static bool container_p(VALUE value)
{
    if (SPECIAL_CONST_P(value))
        return false;
    return RB_TYPE_P(value, T_ARRAY) || RB_TYPE_P(value, T_HASH) ||
           RTEST(rb_obj_is_kind_of(value, cSet));
}

/* Ruby keeps notes of its own between the variables: their names begin with no @. */
static int look_at(ID name, VALUE value, st_data_t argument)
{
    search_t *search = (search_t *)argument;

    if (!rb_is_instance_id(name) || !container_p(value) ||
        strncmp(rb_id2name(name), search->reserved, search->length) == 0)
        return ST_CONTINUE;
    if (NIL_P(search->found))
        search->found = rb_hash_new();
    rb_hash_aset(search->found, ID2SYM(name), value);
    return ST_CONTINUE;
}

/* In a child each Ruby method on the way, and each object, costs copies of pages; most objects have
 * nothing to be found. */
static VALUE native_containers(VALUE self, VALUE object, VALUE reserved)
{
    search_t search = {.found = Qnil};

    (void)self;
    search.reserved = StringValueCStr(reserved);
    search.length = strlen(search.reserved);
    rb_ivar_foreach(object, look_at, (st_data_t)&search);
    RB_GC_GUARD(reserved);
    return search.found;
}

void Init_minigun_containers(VALUE mNative)
{
    cSet = rb_path2class("Set");
    rb_gc_register_mark_object(cSet);
    rb_define_singleton_method(mNative, "containers", native_containers, 2);
}
