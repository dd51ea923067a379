#include "rb_table.h"

#include "minigun.h"
#include "rb_codec.h"
#include "rb_segment.h"
#include "rb_status.h"

#include <unistd.h>

static void table_mark(void *pointer)
{
    const rb_mg_table_t *object = pointer;

    for (size_t i = 0; i < MG_TABLE_KEY_LOCKS; i++)
        rb_gc_mark(object->holders[i]);
}

static void table_free(void *pointer)
{
    rb_mg_table_t *object = pointer;

    mg_segment_destroy(&object->segment);
    rb_mg_scratch_free(&object->scratch);
    xfree(object);
}

static size_t table_memsize(const void *pointer)
{
    const rb_mg_table_t *object = pointer;

    return sizeof(*object) + object->segment.size + object->scratch.capacity;
}

/* Not flagged WB_PROTECTED: holders are written without a barrier. */
static const rb_data_type_t table_type = {
    .wrap_struct_name = "minigun/native/table",
    .function = {.dmark = table_mark, .dfree = table_free, .dsize = table_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static VALUE table_alloc(VALUE klass)
{
    rb_mg_table_t *object;

    return TypedData_Make_Struct(klass, rb_mg_table_t, &table_type, object);
}

static rb_mg_table_t *get(VALUE self)
{
    rb_mg_table_t *object;

    TypedData_Get_Struct(self, rb_mg_table_t, &table_type, object);
    if (object->table.header == NULL)
        rb_raise(rb_mg_eError, "the table was not initialised");
    return object;
}

static VALUE table_initialize(VALUE self, VALUE capacity)
{
    rb_mg_table_t *object;
    size_t size = NUM2SIZET(capacity);
    void *memory;

    TypedData_Get_Struct(self, rb_mg_table_t, &table_type, object);
    if (object->table.header != NULL)
        rb_raise(rb_mg_eError, "the table is initialised already");
    memory = rb_mg_segment(&object->segment, size, "allocating a table");
    rb_mg_check(mg_table_init(&object->table, memory, size), "making a table");
    object->pid = getpid();
    return self;
}

/* --- reading ---------------------------------------------------------------------------------- */

static mg_status_t run_get(rb_mg_access_t *access)
{
    mg_status_t status = mg_table_get(&access->object->table, &access->key, &access->value);

    access->object->scratch.length = 0;
    return status == MG_OK ? rb_mg_copy_value(access->object, &access->value) : status;
}

/* What the access copies, or `absent` when there is no such key. */
static VALUE value_of(VALUE self, VALUE key, VALUE absent, mg_status_t (*run)(rb_mg_access_t *),
                      void (*perform)(rb_mg_access_t *))
{
    rb_mg_access_t access;
    size_t offset = 0;

    rb_mg_access_init(&access, get(self), key, run);
    perform(&access);
    RB_GC_GUARD(access.key_bytes);
    if (access.status == MG_EMPTY)
        return absent;
    rb_mg_check(access.status, "reading a table");
    return rb_mg_take_value(rb_mg_scratch_string(&access.object->scratch), &offset);
}

static VALUE table_get(VALUE self, VALUE key, VALUE absent)
{
    return value_of(self, key, absent, run_get, rb_mg_access_read);
}

static mg_status_t run_find(rb_mg_access_t *access)
{
    return mg_table_get(&access->object->table, &access->key, &access->value);
}

static VALUE table_key_p(VALUE self, VALUE key)
{
    rb_mg_access_t access;

    rb_mg_access_init(&access, get(self), key, run_find);
    rb_mg_access_read(&access);
    RB_GC_GUARD(access.key_bytes);
    if (access.status == MG_EMPTY)
        return Qfalse;
    rb_mg_check(access.status, "reading a table");
    return Qtrue;
}

static VALUE table_size(VALUE self)
{
    return ULL2NUM(mg_table_count(&get(self)->table));
}

static VALUE table_entries(VALUE self, VALUE from)
{
    return rb_mg_table_entries(get(self), NUM2ULL(from));
}

/* --- changing --------------------------------------------------------------------------------- */

static mg_status_t run_put(rb_mg_access_t *access)
{
    return mg_table_put(&access->object->table, &access->key, &access->value);
}

static bool small(VALUE value)
{
    return FIXNUM_P(value) && FIX2LONG(value) >= INT64_MIN / 2 && FIX2LONG(value) <= INT64_MAX / 2;
}

/* true, or false: full. */
static VALUE written(const rb_mg_access_t *access)
{
    if (access->status == MG_FULL)
        return Qfalse;
    rb_mg_check(access->status, "writing a table");
    return Qtrue;
}

static VALUE table_put(VALUE self, VALUE key, VALUE value)
{
    rb_mg_access_t access;
    VALUE bytes = small(value) ? Qnil : rb_mg_dump(value);

    rb_mg_access_init(&access, get(self), key, run_put);
    if (NIL_P(bytes))
        access.value = (mg_table_value_t){.kind = MG_TABLE_INTEGER, .integer = FIX2LONG(value)};
    else
        access.value = (mg_table_value_t){.kind = MG_TABLE_BYTES,
                                          .bytes = (const unsigned char *)RSTRING_PTR(bytes),
                                          .length = (size_t)RSTRING_LEN(bytes)};
    rb_mg_access_write(&access);
    RB_GC_GUARD(bytes);
    RB_GC_GUARD(access.key_bytes);
    return written(&access);
}

static mg_status_t run_insert(rb_mg_access_t *access)
{
    return mg_table_insert(&access->object->table, &access->key, &access->value);
}

/* true; nil: the key was there already; false: full. */
static VALUE table_insert(VALUE self, VALUE key)
{
    rb_mg_access_t access;

    rb_mg_access_init(&access, get(self), key, run_insert);
    access.value = (mg_table_value_t){.kind = MG_TABLE_INTEGER};
    rb_mg_access_read(&access);
    RB_GC_GUARD(access.key_bytes);
    return access.status == MG_BUSY ? Qnil : written(&access);
}

static mg_status_t run_add(rb_mg_access_t *access)
{
    return mg_table_add(&access->object->table, &access->key, access->value.integer, &access->sum);
}

/* The sum; nil: it takes more than adding two small Integers; false: full. */
static VALUE table_add(VALUE self, VALUE key, VALUE amount)
{
    rb_mg_access_t access;

    if (!small(amount))
        return Qnil;
    rb_mg_access_init(&access, get(self), key, run_add);
    access.value.integer = FIX2LONG(amount);
    rb_mg_access_write(&access);
    RB_GC_GUARD(access.key_bytes);
    if (access.status == MG_INVALID)
        return Qnil;
    return written(&access) == Qtrue ? LL2NUM(access.sum) : Qfalse;
}

static mg_status_t run_append(rb_mg_access_t *access)
{
    return mg_table_append(&access->object->table, &access->key, access->value.bytes,
                           access->value.length, access->value.whole);
}

/* true; nil: the value is no list; false: full. With `wrap` the value is known to be an Array. */
static VALUE table_append(VALUE self, VALUE key, VALUE element, VALUE wrap)
{
    rb_mg_access_t access;
    VALUE bytes = rb_mg_dump(element);

    rb_mg_access_init(&access, get(self), key, run_append);
    access.value = (mg_table_value_t){.bytes = (const unsigned char *)RSTRING_PTR(bytes),
                                      .length = (size_t)RSTRING_LEN(bytes),
                                      .whole = RTEST(wrap)};
    rb_mg_access_write(&access);
    RB_GC_GUARD(bytes);
    RB_GC_GUARD(access.key_bytes);
    return access.status == MG_INVALID ? Qnil : written(&access);
}

static mg_status_t run_delete(rb_mg_access_t *access)
{
    mg_status_t status = run_get(access);

    return status == MG_OK ? mg_table_delete(&access->object->table, &access->key) : status;
}

static VALUE table_delete(VALUE self, VALUE key, VALUE absent)
{
    return value_of(self, key, absent, run_delete, rb_mg_access_write);
}

static mg_status_t run_clear(rb_mg_access_t *access)
{
    return mg_table_clear(&access->object->table);
}

static VALUE table_clear(VALUE self)
{
    rb_mg_access_t access = {.object = get(self), .run = run_clear, .key_bytes = Qnil};

    rb_mg_access_read(&access);
    rb_mg_check(access.status, "clearing a table");
    return Qnil;
}

static VALUE table_update(VALUE self, VALUE key)
{
    rb_mg_access_t access;
    VALUE result;

    rb_need_block();
    rb_mg_access_init(&access, get(self), key, NULL);
    result = rb_mg_access_update(&access);
    RB_GC_GUARD(access.key_bytes);
    return result;
}

void Init_minigun_table(VALUE mNative)
{
    VALUE cTable = rb_define_class_under(mNative, "Table", rb_cObject);

    rb_define_alloc_func(cTable, table_alloc);
    rb_mg_forbid_copies(cTable);
    rb_define_method(cTable, "initialize", table_initialize, 1);
    rb_define_method(cTable, "get", table_get, 2);
    rb_define_method(cTable, "key?", table_key_p, 1);
    rb_define_method(cTable, "size", table_size, 0);
    rb_define_method(cTable, "entries", table_entries, 1);
    rb_define_method(cTable, "put", table_put, 2);
    rb_define_method(cTable, "insert", table_insert, 1);
    rb_define_method(cTable, "add", table_add, 2);
    rb_define_method(cTable, "append", table_append, 3);
    rb_define_method(cTable, "delete", table_delete, 2);
    rb_define_method(cTable, "clear", table_clear, 0);
    rb_define_method(cTable, "update", table_update, 1);
}
