#include "platform.h"

#include "list.h"
#include "minigun.h"
#include "process.h"
#include "rb_codec.h"
#include "rb_lock.h"
#include "rb_scratch.h"
#include "rb_segment.h"
#include "rb_status.h"

/* Bytes copied out under one hold of the lock: others get their turn. */
#define CHUNK_BYTES ((size_t)256 * 1024)

typedef struct {
    mg_segment_t segment;
    mg_list_t list;
    mg_list_cursor_t cursor;
    rb_mg_scratch_t scratch;
} list_t;

static void list_free(void *pointer)
{
    list_t *object = pointer;

    mg_segment_destroy(&object->segment);
    mg_list_cursor_free(&object->cursor);
    rb_mg_scratch_free(&object->scratch);
    xfree(object);
}

static size_t list_memsize(const void *pointer)
{
    const list_t *object = pointer;

    return sizeof(*object) + object->segment.size + object->scratch.capacity +
           object->cursor.capacity * sizeof(*object->cursor.offsets);
}

static const rb_data_type_t list_type = {
    .wrap_struct_name = "minigun/native/list",
    .function = {.dfree = list_free, .dsize = list_memsize},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED,
};

static VALUE list_alloc(VALUE klass)
{
    list_t *object;

    return TypedData_Make_Struct(klass, list_t, &list_type, object);
}

static list_t *get(VALUE self)
{
    list_t *object;

    TypedData_Get_Struct(self, list_t, &list_type, object);
    if (object->list.header == NULL)
        rb_raise(rb_mg_eError, "the list was not initialised");
    return object;
}

static VALUE list_initialize(VALUE self, VALUE capacity)
{
    list_t *object;
    size_t size = NUM2SIZET(capacity);
    void *memory;

    TypedData_Get_Struct(self, list_t, &list_type, object);
    if (object->list.header != NULL)
        rb_raise(rb_mg_eError, "the list is initialised already");
    memory = rb_mg_segment(&object->segment, size, "allocating a list");
    rb_mg_check(mg_list_init(&object->list, memory, size), "making a list");
    return self;
}

/* An owner that died has left either all of a record or nothing: there is nothing to put right. */
static void hold(list_t *object)
{
    mg_status_t status = rb_mg_lock(&object->list.header->lock, MG_NEVER);

    rb_mg_check(status == MG_OWNER_DEAD ? MG_OK : status, "locking a list");
}

static void release(list_t *object)
{
    (void)mg_lock_release(&object->list.header->lock);
}

/* false: full. */
static VALUE list_append(VALUE self, VALUE values)
{
    list_t *object = get(self);
    VALUE bytes = rb_str_new(NULL, 0);
    VALUE lengths = rb_str_new(NULL, 0);
    mg_list_records_t records;
    mg_status_t status;

    Check_Type(values, T_ARRAY);
    for (long i = 0; i < RARRAY_LEN(values); i++) {
        VALUE dumped = rb_mg_dump(RARRAY_AREF(values, i));
        size_t length = (size_t)RSTRING_LEN(dumped);

        rb_str_buf_append(bytes, dumped);
        rb_str_buf_cat(lengths, (const char *)&length, sizeof(length));
    }
    records.bytes = (const unsigned char *)RSTRING_PTR(bytes);
    records.lengths = (const size_t *)(const void *)RSTRING_PTR(lengths);
    records.count = (size_t)RSTRING_LEN(lengths) / sizeof(size_t);
    hold(object);
    status = mg_list_append(&object->list, &records);
    release(object);
    RB_GC_GUARD(bytes);
    RB_GC_GUARD(lengths);
    if (status == MG_FULL)
        return Qfalse;
    rb_mg_check(status, "appending to a list");
    return Qtrue;
}

static VALUE list_size(VALUE self)
{
    list_t *object = get(self);
    mg_status_t status;

    hold(object);
    status = mg_list_sync(&object->list, &object->cursor);
    release(object);
    rb_mg_check(status, "reading a list");
    return SIZET2NUM(object->cursor.count);
}

static mg_status_t copy_records(list_t *object, size_t from, size_t most)
{
    mg_status_t status = mg_list_sync(&object->list, &object->cursor);

    object->scratch.length = 0;
    for (size_t i = from; status == MG_OK && i < object->cursor.count && i - from < most; i++) {
        const unsigned char *bytes;
        size_t length;

        if (object->scratch.length > CHUNK_BYTES)
            break;
        status = mg_list_at(&object->list, &object->cursor, i, &bytes, &length);
        if (status == MG_OK)
            status = rb_mg_scratch_add_word(&object->scratch, length);
        if (status == MG_OK)
            status = rb_mg_scratch_add(&object->scratch, bytes, length);
    }
    return status;
}

/* Values from an index on: at most so many, and a chunk at once; empty behind the last. */
static VALUE list_read(VALUE self, VALUE from, VALUE most)
{
    list_t *object = get(self);
    size_t first = NUM2SIZET(from);
    size_t count = NUM2SIZET(most);
    size_t offset = 0;
    VALUE values = rb_ary_new();
    VALUE string;
    mg_status_t status;

    hold(object);
    status = copy_records(object, first, count);
    release(object);
    rb_mg_check(status, "reading a list");
    string = rb_mg_scratch_string(&object->scratch);
    while (offset < (size_t)RSTRING_LEN(string)) {
        uint64_t length = rb_mg_scratch_take_word(string, &offset);

        rb_ary_push(values, rb_mg_scratch_take_value(string, &offset, (size_t)length));
    }
    return values;
}

static VALUE list_clear(VALUE self)
{
    list_t *object = get(self);

    hold(object);
    mg_list_clear(&object->list);
    release(object);
    return Qnil;
}

void Init_minigun_list(VALUE mNative)
{
    VALUE cList = rb_define_class_under(mNative, "List", rb_cObject);

    rb_define_alloc_func(cList, list_alloc);
    rb_mg_forbid_copies(cList);
    rb_define_method(cList, "initialize", list_initialize, 1);
    rb_define_method(cList, "append", list_append, 1);
    rb_define_method(cList, "size", list_size, 0);
    rb_define_method(cList, "read", list_read, 2);
    rb_define_method(cList, "clear", list_clear, 0);
}
