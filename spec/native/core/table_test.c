#include "table_support.h"

#include "table_parts.h"

#define SIZE   (1u << 22)
#define KEYS   500
#define ROUNDS 60000

TEST(memory_must_be_aligned_and_long_enough)
{
    mg_table_t table;
    unsigned char *memory = harness_shared(SIZE);

    ASSERT_STATUS(MG_INVALID, mg_table_init(&table, memory + 8, SIZE - 8));
    ASSERT_STATUS(MG_TOO_LARGE, mg_table_init(&table, memory, sizeof(mg_table_header_t) - 1));
    ASSERT_STATUS(MG_TOO_LARGE, mg_table_init(&table, memory, sizeof(mg_table_header_t) + 1400));
}

TEST(values_of_every_kind_are_set_and_replaced)
{
    mg_table_t table = make_table(SIZE);
    mg_table_value_t value;

    ASSERT_STATUS(MG_EMPTY, get(&table, 1, &value));
    ASSERT_OK(put_text(&table, 1, "one"));
    ASSERT_OK(put_integer(&table, 2, -7));
    ASSERT_OK(put_text(&table, 3, ""));
    ASSERT_EQ(3, mg_table_count(&table));
    assert_text(&table, 1, "one");
    assert_integer(&table, 2, -7);
    assert_text(&table, 3, "");
    ASSERT_OK(put_integer(&table, 1, INT64_MAX / 2));
    ASSERT_OK(put_text(&table, 2, "two"));
    ASSERT_OK(put_integer(&table, 3, INT64_MIN / 2));
    ASSERT_EQ(3, mg_table_count(&table));
    assert_integer(&table, 1, INT64_MAX / 2);
    assert_text(&table, 2, "two");
    assert_integer(&table, 3, INT64_MIN / 2);
}

TEST(adding_knows_its_limits)
{
    mg_table_t table = make_table(SIZE);
    named_t name;
    int64_t sum;

    ASSERT_OK(mg_table_add(&table, name_of(&name, 1), 5, &sum));
    ASSERT_OK(mg_table_add(&table, name_of(&name, 1), -8, &sum));
    ASSERT(sum == -3);
    assert_integer(&table, 1, -3);
    ASSERT_OK(put_integer(&table, 1, INT64_MAX / 2));
    ASSERT_STATUS(MG_INVALID, mg_table_add(&table, &name.key, 1, &sum));
    ASSERT_STATUS(MG_INVALID, mg_table_add(&table, &name.key, INT64_MAX, &sum));
    assert_integer(&table, 1, INT64_MAX / 2);
    ASSERT_OK(put_text(&table, 1, "text"));
    ASSERT_STATUS(MG_INVALID, mg_table_add(&table, &name.key, 1, &sum));
    assert_text(&table, 1, "text");
}

static void assert_element(const mg_table_t *table, mg_table_value_t *list, const char *text,
                           bool whole)
{
    ASSERT_OK(mg_table_element(table, list));
    ASSERT_EQ(strlen(text), list->length);
    ASSERT_MEM(text, list->bytes, list->length);
    ASSERT_EQ(whole, list->whole);
}

TEST(elements_are_appended_in_order)
{
    mg_table_t table = make_table(SIZE);
    mg_table_value_t list;

    ASSERT_OK(append_text(&table, 1, "a", false));
    ASSERT_OK(append_text(&table, 1, "", false));
    ASSERT_OK(append_text(&table, 1, "ccc", false));
    ASSERT_OK(get(&table, 1, &list));
    ASSERT_EQ(MG_TABLE_LIST, list.kind);
    assert_element(&table, &list, "a", false);
    assert_element(&table, &list, "", false);
    assert_element(&table, &list, "ccc", false);
    ASSERT_STATUS(MG_EMPTY, mg_table_element(&table, &list));
    ASSERT_EQ(1, mg_table_count(&table));
}

TEST(bytes_become_a_list_only_when_told)
{
    mg_table_t table = make_table(SIZE);
    mg_table_value_t list;

    ASSERT_OK(put_text(&table, 1, "before"));
    ASSERT_STATUS(MG_INVALID, append_text(&table, 1, "x", false));
    assert_text(&table, 1, "before");
    ASSERT_OK(append_text(&table, 1, "x", true));
    ASSERT_OK(append_text(&table, 1, "y", true));
    ASSERT_OK(get(&table, 1, &list));
    assert_element(&table, &list, "before", true);
    assert_element(&table, &list, "x", false);
    assert_element(&table, &list, "y", false);
    ASSERT_OK(put_integer(&table, 2, 1));
    ASSERT_STATUS(MG_INVALID, append_text(&table, 2, "x", true));
}

TEST(an_element_linked_by_a_process_that_died_is_kept)
{
    mg_table_t table = make_table(SIZE);
    mg_table_value_t list;
    named_t name;
    mg_table_place_t place;
    uint64_t head, word;
    _Atomic uint64_t *last;

    ASSERT_OK(append_text(&table, 1, "a", false));
    ASSERT_OK(mg_table_head(&table, name_of(&name, 1)->hash, &head));
    ASSERT_OK(mg_table_find(&table, head, mg_table_order(name.key.hash), &name.key, &place));
    word = place.node->value;
    last = (_Atomic uint64_t *)mg_arena_at(&table.arena, word, 24) + 2;
    head = *last;
    ASSERT_OK(append_text(&table, 1, "b", false));
    *last = head; /* as if it had died between the two stores */
    ASSERT_OK(append_text(&table, 1, "c", false));
    ASSERT_OK(get(&table, 1, &list));
    assert_element(&table, &list, "a", false);
    assert_element(&table, &list, "b", false);
    assert_element(&table, &list, "c", false);
}

TEST(many_keys_with_a_model_beside)
{
    mg_table_t table = make_table(SIZE * 4u);
    static int64_t model[KEYS]; /* 0: absent */
    uint64_t random = 7, present = 0;

    for (int i = 0; i < ROUNDS; i++) {
        uint64_t number = harness_random(&random) % KEYS;
        int64_t change = (int64_t)(harness_random(&random) % 1000) + 1;
        named_t name;
        int64_t sum;

        present += model[number] == 0;
        switch (harness_random(&random) % 4) {
        case 0:
            ASSERT_STATUS(model[number] == 0 ? MG_EMPTY : MG_OK,
                          mg_table_delete(&table, name_of(&name, number)));
            model[number] = 0;
            present--;
            break;
        case 1:
            ASSERT_OK(put_integer(&table, number, change));
            model[number] = change;
            break;
        default:
            ASSERT_OK(mg_table_add(&table, name_of(&name, number), change, &sum));
            model[number] += change;
            ASSERT(sum == model[number]);
        }
        ASSERT_EQ(present, mg_table_count(&table));
    }
    for (uint64_t number = 0; number < KEYS; number++) {
        mg_table_value_t value;

        if (model[number] == 0)
            ASSERT_STATUS(MG_EMPTY, get(&table, number, &value));
        else
            assert_integer(&table, number, model[number]);
    }
    ASSERT_OK(mg_table_recover(&table));
    ASSERT_EQ(present, mg_table_count(&table));
}

TEST(memory_of_replaced_values_is_used_again)
{
    mg_table_t table = make_table(SIZE);
    char text[2000];

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 20000; i++) {
        text[100 + i % 1800] = '\0';
        ASSERT_OK(put_text(&table, (uint64_t)i % 10, text));
        text[100 + i % 1800] = 'x';
    }
    for (int i = 0; i < 20000; i++) {
        named_t name;

        ASSERT_OK(append_text(&table, 99, "an element", false));
        if (i % 100 == 99)
            ASSERT_OK(mg_table_delete(&table, name_of(&name, 99)));
    }
    ASSERT(mg_arena_used(&table.arena) < SIZE / 2);
}

static uint64_t count_entries(const mg_table_t *table)
{
    mg_table_entry_t entry = {0};
    uint64_t position, count = 0;

    ASSERT_OK(mg_table_seek(table, 0, &position));
    while (position != 0) {
        uint64_t before = entry.order;

        ASSERT_OK(mg_table_read(table, &position, &entry));
        ASSERT(entry.order >= before);
        count++;
    }
    return count;
}

TEST(walking_meets_each_key_once_also_in_parts)
{
    mg_table_t table = make_table(SIZE * 4u);
    static unsigned char seen[3000];
    mg_table_entry_t entry = {0};
    uint64_t position;

    for (uint64_t i = 0; i < 3000; i++)
        ASSERT_OK(put_integer(&table, i, (int64_t)i));
    ASSERT_EQ(3000, count_entries(&table));
    for (;;) {
        ASSERT_OK(mg_table_seek(&table, entry.order, &position));
        if (position == 0)
            break;
        ASSERT_OK(mg_table_read(&table, &position, &entry));
        if (entry.value.integer >= 3000)
            continue;
        ASSERT_EQ(0, seen[entry.value.integer]++);
        /* What is added meanwhile moves nothing. */
        ASSERT_OK(put_integer(&table, 10000 + (uint64_t)entry.value.integer, 5000));
    }
    for (size_t i = 0; i < 3000; i++)
        ASSERT_EQ(1, seen[i]);
    ASSERT_OK(mg_table_clear(&table));
    ASSERT_EQ(0, mg_table_count(&table));
    ASSERT_EQ(0, count_entries(&table));
    ASSERT_OK(put_text(&table, 1, "again"));
    assert_text(&table, 1, "again");
}

TEST(a_full_table_refuses_and_stays_as_it_was)
{
    mg_table_t table = make_table(1u << 15);
    uint64_t count = 0;
    mg_status_t status;
    mg_table_value_t value;

    while ((status = put_text(&table, count, "forty bytes of text, or a few less")) == MG_OK)
        count++;
    ASSERT_STATUS(MG_FULL, status);
    ASSERT(count > 100);
    ASSERT_EQ(count, mg_table_count(&table));
    ASSERT_STATUS(MG_EMPTY, get(&table, count, &value));
    ASSERT_STATUS(MG_FULL, append_text(&table, count, "x", false));
    ASSERT_STATUS(MG_FULL, put_text(&table, 0,
                                    "a text that is longer than all of those before, so "
                                    "that no block which was freed can take it in"));
    assert_text(&table, 0, "forty bytes of text, or a few less");
    for (uint64_t i = 0; i < count; i++) {
        named_t name;

        ASSERT_OK(mg_table_delete(&table, name_of(&name, i)));
    }
    ASSERT_OK(put_text(&table, 0, "room again"));
}

TEST(a_half_done_clear_is_finished_by_recovery)
{
    mg_table_t table = make_table(SIZE);

    for (uint64_t i = 0; i < 100; i++)
        ASSERT_OK(put_integer(&table, i, 1));
    table.header->clearing = 1;
    table.header->segments[0] = 0;
    ASSERT_OK(mg_table_recover(&table));
    ASSERT_EQ(0, mg_table_count(&table));
    ASSERT_OK(put_integer(&table, 1, 1));
}

/* Between the link of a node and the count of it there is a moment to die in. */
TEST(a_count_that_a_dead_process_left_behind_is_made_right)
{
    mg_table_t table = make_table(SIZE);

    for (uint64_t i = 0; i < 100; i++)
        ASSERT_OK(put_integer(&table, i, 1));
    table.header->count = 99;
    ASSERT_OK(mg_table_recover(&table));
    ASSERT_EQ(100, mg_table_count(&table));
}

/* Whatever stands in the memory: no crash, no endless loop. */
TEST(scribbled_memory_does_no_harm)
{
    uint64_t random = 11;
    unsigned long corrupt = 0;

    for (int round = 0; round < 2000; round++) {
        size_t size = 1u << 15;
        unsigned char *memory = harness_shared(size);
        mg_table_t table;

        ASSERT_OK(mg_table_init(&table, memory, size));
        for (uint64_t i = 0; i < 40; i++) {
            ASSERT_OK(i % 2 ? put_text(&table, i, "text") : put_integer(&table, i, 5));
            ASSERT_OK(append_text(&table, 1000 + i % 3, "element", false));
        }
        for (int i = 0; i < 20; i++) {
            size_t at = harness_random(&random) % (size / 8 - 1) * 8;

            /* Locks are the system's affair. */
            if (at >= offsetof(mg_table_header_t, magic) &&
                (at < offsetof(mg_table_header_t, key_locks) || at >= sizeof(mg_table_header_t)))
                memcpy(memory + at, &(uint64_t){harness_random(&random) % (size * 2)}, 8);
        }
        for (uint64_t i = 0; i < 60; i++) {
            mg_table_value_t value;
            named_t name;
            mg_status_t status = get(&table, i, &value);

            corrupt += status == MG_CORRUPT;
            status = i % 3 ? put_text(&table, i, "another text")
                           : mg_table_delete(&table, name_of(&name, i));
            corrupt += status == MG_CORRUPT;
            corrupt += append_text(&table, 1000 + i % 3, "more", true) == MG_CORRUPT;
        }
        corrupt += mg_table_recover(&table) == MG_CORRUPT;
        (void)munmap(memory, size);
    }
    ASSERT(corrupt > 1000);
}

int main(void)
{
    RUN(memory_must_be_aligned_and_long_enough);
    RUN(values_of_every_kind_are_set_and_replaced);
    RUN(adding_knows_its_limits);
    RUN(elements_are_appended_in_order);
    RUN(bytes_become_a_list_only_when_told);
    RUN(an_element_linked_by_a_process_that_died_is_kept);
    RUN(many_keys_with_a_model_beside);
    RUN(memory_of_replaced_values_is_used_again);
    RUN(walking_meets_each_key_once_also_in_parts);
    RUN(a_full_table_refuses_and_stays_as_it_was);
    RUN(a_half_done_clear_is_finished_by_recovery);
    RUN(a_count_that_a_dead_process_left_behind_is_made_right);
    RUN(scribbled_memory_does_no_harm);
    return harness_finish();
}
