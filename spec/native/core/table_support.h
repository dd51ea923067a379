/* A table with keys and values that are numbers written out, for the tests of it. */
#ifndef TABLE_SUPPORT_H
#define TABLE_SUPPORT_H

#include "table.h"

#include "harness.h"

typedef struct {
    char text[32];
    mg_table_key_t key;
} named_t;

static inline mg_table_t make_table(size_t size)
{
    mg_table_t table;

    ASSERT_OK(mg_table_init(&table, harness_shared(size), size));
    return table;
}

static inline mg_table_key_t *name_of(named_t *name, uint64_t number)
{
    int length = snprintf(name->text, sizeof(name->text), "key %ju", (uintmax_t)number);

    name->key = mg_table_key((const unsigned char *)name->text, (size_t)length);
    return &name->key;
}

static inline mg_status_t put_text(const mg_table_t *table, uint64_t number, const char *text)
{
    named_t name;

    return mg_table_put(table, name_of(&name, number),
                        &(mg_table_value_t){.kind = MG_TABLE_BYTES,
                                            .bytes = (const unsigned char *)text,
                                            .length = strlen(text)});
}

static inline mg_status_t put_integer(const mg_table_t *table, uint64_t number, int64_t integer)
{
    named_t name;

    return mg_table_put(table, name_of(&name, number),
                        &(mg_table_value_t){.kind = MG_TABLE_INTEGER, .integer = integer});
}

static inline mg_status_t append_text(const mg_table_t *table, uint64_t number, const char *text,
                                      bool wrap)
{
    named_t name;

    return mg_table_append(table, name_of(&name, number), (const unsigned char *)text, strlen(text),
                           wrap);
}

static inline mg_status_t get(const mg_table_t *table, uint64_t number, mg_table_value_t *value)
{
    named_t name;

    return mg_table_get(table, name_of(&name, number), value);
}

static inline void assert_text(const mg_table_t *table, uint64_t number, const char *text)
{
    mg_table_value_t value;

    ASSERT_OK(get(table, number, &value));
    ASSERT_EQ(MG_TABLE_BYTES, value.kind);
    ASSERT_EQ(strlen(text), value.length);
    ASSERT_MEM(text, value.bytes, value.length);
}

static inline void assert_integer(const mg_table_t *table, uint64_t number, int64_t integer)
{
    mg_table_value_t value;

    ASSERT_OK(get(table, number, &value));
    ASSERT_EQ(MG_TABLE_INTEGER, value.kind);
    ASSERT(value.integer == integer);
}

#endif
