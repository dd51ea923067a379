#include "rb_table.h"

#include "process.h"
#include "rb_codec.h"
#include "rb_lock.h"
#include "rb_status.h"

#include <string.h>
#include <unistd.h>

/* Bytes copied out under one hold of the lock: others get their turn. */
#define CHUNK_BYTES ((size_t)256 * 1024)

static mg_lock_t *key_lock(const rb_mg_access_t *access)
{
    return &access->object->table.header->key_locks[mg_table_key_lock(&access->key)].lock;
}

void rb_mg_access_init(rb_mg_access_t *access, rb_mg_table_t *object, VALUE key,
                       mg_status_t (*run)(rb_mg_access_t *access))
{
    *access = (rb_mg_access_t){.object = object, .run = run, .key_bytes = rb_mg_dump(key)};
    access->key = mg_table_key((const unsigned char *)RSTRING_PTR(access->key_bytes),
                               (size_t)RSTRING_LEN(access->key_bytes));
}

void rb_mg_access_read(rb_mg_access_t *access)
{
    mg_lock_t *lock = &access->object->table.header->lock.lock;
    mg_status_t status = rb_mg_lock(lock, MG_NEVER);

    if (status == MG_OWNER_DEAD)
        status = mg_table_recover(&access->object->table);
    else
        rb_mg_check(status, "locking a table");
    access->status = status == MG_OK ? access->run(access) : status;
    (void)mg_lock_release(lock);
}

/* --- key locks -------------------------------------------------------------------------------- */

/* A forked child inherits the list of holders, but none of the locks. */
static void forget_others(rb_mg_table_t *object)
{
    if (object->pid == getpid())
        return;
    object->pid = getpid();
    object->holding = 0;
    memset(object->holders, 0, sizeof(object->holders));
}

/* Two blocks that each waited for the other's key would wait for ever. */
static bool holds_already(const rb_mg_access_t *access)
{
    rb_mg_table_t *object = access->object;
    size_t own = mg_table_key_lock(&access->key);
    VALUE thread = rb_thread_current();

    forget_others(object);
    if (object->holding == 0)
        return false;
    for (size_t i = 0; i < MG_TABLE_KEY_LOCKS; i++)
        if (object->holders[i] == thread && i != own)
            rb_raise(rb_eThreadError, "a block that updates one key must not change another");
    return object->holders[own] == thread;
}

static void hold_key(const rb_mg_access_t *access)
{
    mg_status_t status = rb_mg_lock(key_lock(access), MG_NEVER);

    /* What a key holds is whole whatever became of the last owner. */
    rb_mg_check(status == MG_OWNER_DEAD ? MG_OK : status, "locking a key");
}

static VALUE run_access(VALUE argument)
{
    rb_mg_access_read((rb_mg_access_t *)argument);
    return Qnil;
}

static VALUE release_key(VALUE argument)
{
    (void)mg_lock_release(key_lock((const rb_mg_access_t *)argument));
    return Qnil;
}

void rb_mg_access_write(rb_mg_access_t *access)
{
    if (holds_already(access)) {
        rb_mg_access_read(access);
        return;
    }
    hold_key(access);
    (void)rb_ensure(run_access, (VALUE)access, release_key, (VALUE)access);
}

static VALUE end_update(VALUE argument)
{
    const rb_mg_access_t *access = (const rb_mg_access_t *)argument;

    /* In a process that the block has forked nothing is held. */
    if (access->object->pid != getpid())
        return Qnil;
    access->object->holders[mg_table_key_lock(&access->key)] = 0;
    access->object->holding--;
    return release_key(argument);
}

VALUE rb_mg_access_update(rb_mg_access_t *access)
{
    rb_mg_table_t *object = access->object;

    if (holds_already(access))
        rb_raise(rb_eThreadError, "the key is being updated by this thread");
    hold_key(access);
    object->holders[mg_table_key_lock(&access->key)] = rb_thread_current();
    object->holding++;
    return rb_ensure(rb_yield, Qundef, end_update, (VALUE)access);
}

/* --- values ----------------------------------------------------------------------------------- */

/* In the scratch: the kind, then an integer; or a length and bytes; or for each element of a list
 * 1, whole, length and bytes, and 0 behind the last. */
static mg_status_t copy_bytes(rb_mg_scratch_t *scratch, const mg_table_value_t *value)
{
    mg_status_t status = rb_mg_scratch_add_word(scratch, value->length);

    return status == MG_OK ? rb_mg_scratch_add(scratch, value->bytes, value->length) : status;
}

static mg_status_t copy_elements(rb_mg_table_t *object, mg_table_value_t *list)
{
    rb_mg_scratch_t *scratch = &object->scratch;
    /* No list has more elements than this: scribbled links may lead in a circle. */
    size_t most = mg_arena_used(&object->table.arena) / 32;
    mg_status_t status;

    while ((status = mg_table_element(&object->table, list)) == MG_OK) {
        if (most-- == 0)
            return MG_CORRUPT;
        status = rb_mg_scratch_add_word(scratch, 1);
        if (status == MG_OK)
            status = rb_mg_scratch_add_word(scratch, list->whole);
        if (status == MG_OK)
            status = copy_bytes(scratch, list);
        if (status != MG_OK)
            return status;
    }
    return status == MG_EMPTY ? rb_mg_scratch_add_word(scratch, 0) : status;
}

mg_status_t rb_mg_copy_value(rb_mg_table_t *object, mg_table_value_t *value)
{
    rb_mg_scratch_t *scratch = &object->scratch;
    mg_status_t status = rb_mg_scratch_add_word(scratch, value->kind);

    if (status != MG_OK)
        return status;
    switch (value->kind) {
    case MG_TABLE_INTEGER:
        return rb_mg_scratch_add_word(scratch, (uint64_t)value->integer);
    case MG_TABLE_BYTES:
        return copy_bytes(scratch, value);
    case MG_TABLE_LIST:
        return copy_elements(object, value);
    }
    return MG_CORRUPT;
}

static VALUE take_elements(VALUE string, size_t *offset)
{
    VALUE values = rb_ary_new();

    while (rb_mg_scratch_take_word(string, offset) != 0) {
        bool whole = rb_mg_scratch_take_word(string, offset) != 0;
        size_t length = (size_t)rb_mg_scratch_take_word(string, offset);
        VALUE value = rb_mg_scratch_take_value(string, offset, length);

        if (whole)
            rb_ary_concat(values, rb_convert_type(value, T_ARRAY, "Array", "to_ary"));
        else
            rb_ary_push(values, value);
    }
    return values;
}

VALUE rb_mg_take_value(VALUE string, size_t *offset)
{
    uint64_t kind = rb_mg_scratch_take_word(string, offset);

    if (kind == MG_TABLE_INTEGER)
        return LL2NUM((int64_t)rb_mg_scratch_take_word(string, offset));
    if (kind == MG_TABLE_BYTES) {
        size_t length = (size_t)rb_mg_scratch_take_word(string, offset);

        return rb_mg_scratch_take_value(string, offset, length);
    }
    return take_elements(string, offset);
}

static mg_status_t copy_entry(rb_mg_table_t *object, uint64_t *position, mg_table_entry_t *entry)
{
    mg_status_t status = mg_table_read(&object->table, position, entry);

    if (status == MG_OK)
        status = rb_mg_scratch_add_word(&object->scratch, entry->key.length);
    if (status == MG_OK)
        status = rb_mg_scratch_add(&object->scratch, entry->key.bytes, entry->key.length);
    return status == MG_OK ? rb_mg_copy_value(object, &entry->value) : status;
}

/* Entries behind access->position, which ends as the place to go on from; 0 behind the last. A part
 * ends between two orders only, so that going on misses none of one order. */
static mg_status_t run_entries(rb_mg_access_t *access)
{
    rb_mg_table_t *object = access->object;
    mg_table_entry_t entry = {0};
    uint64_t position;
    mg_status_t status = mg_table_seek(&object->table, access->position, &position);

    object->scratch.length = 0;
    while (status == MG_OK && position != 0) {
        uint64_t next = position;
        mg_table_entry_t ahead;

        if (object->scratch.length > CHUNK_BYTES) {
            status = mg_table_read(&object->table, &next, &ahead);
            if (status != MG_OK || ahead.order != entry.order)
                break;
        }
        status = copy_entry(object, &position, &entry);
    }
    access->position = position == 0 ? 0 : entry.order;
    return status;
}

VALUE rb_mg_table_entries(rb_mg_table_t *object, uint64_t position)
{
    rb_mg_access_t access = {
        .object = object, .run = run_entries, .position = position, .key_bytes = Qnil};
    VALUE entries = rb_ary_new();
    size_t offset = 0;
    VALUE string;

    rb_mg_access_read(&access);
    rb_mg_check(access.status, "reading a table");
    string = rb_mg_scratch_string(&access.object->scratch);
    while (offset < (size_t)RSTRING_LEN(string)) {
        size_t length = (size_t)rb_mg_scratch_take_word(string, &offset);
        VALUE key = rb_mg_scratch_take_value(string, &offset, length);

        rb_ary_push(entries, rb_assoc_new(key, rb_mg_take_value(string, &offset)));
    }
    return rb_assoc_new(access.position ? ULL2NUM(access.position) : Qnil, entries);
}
