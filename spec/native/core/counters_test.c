#include "counters.h"

#include "harness.h"

#define COUNTERS  3u
#define PROCESSES 4
#define ROUNDS    50000

static mg_counters_t make(void)
{
    size_t length = mg_counters_footprint(COUNTERS);
    void *memory = harness_shared(length);
    mg_counters_t counters;

    ASSERT_OK(mg_counters_init(memory, length, COUNTERS));
    ASSERT_OK(mg_counters_attach(&counters, memory, COUNTERS));
    return counters;
}

static int64_t value_of(const mg_counters_t *counters, size_t index)
{
    int64_t value;

    ASSERT_OK(mg_counters_get(counters, index, &value));
    return value;
}

TEST(each_counter_has_its_own_cache_line)
{
    mg_counters_t counters = make();

    for (size_t i = 0; i < COUNTERS; i++)
        ASSERT_EQ(0, (uintptr_t)&counters.slots[i] % MG_CACHE_LINE);
    ASSERT_EQ(MG_CACHE_LINE * (COUNTERS + 1), mg_counters_footprint(COUNTERS));
}

TEST(begins_at_zero_adds_sets_and_gets)
{
    mg_counters_t counters = make();
    int64_t value;

    for (size_t i = 0; i < COUNTERS; i++)
        ASSERT_EQ(0, value_of(&counters, i));
    ASSERT_OK(mg_counters_add(&counters, 1, 5, &value));
    ASSERT_EQ(5, value);
    ASSERT_OK(mg_counters_add(&counters, 1, -7, &value));
    ASSERT_EQ(-2, value);
    ASSERT_OK(mg_counters_add(&counters, 1, 1, NULL));
    ASSERT_EQ(-1, value_of(&counters, 1));
    ASSERT_OK(mg_counters_set(&counters, 2, INT64_MIN));
    ASSERT_EQ(INT64_MIN, value_of(&counters, 2));
    ASSERT_EQ(0, value_of(&counters, 0));
}

TEST(wraps_like_two_s_complement)
{
    mg_counters_t counters = make();
    int64_t value;

    ASSERT_OK(mg_counters_set(&counters, 0, INT64_MAX));
    ASSERT_OK(mg_counters_add(&counters, 0, 1, &value));
    ASSERT_EQ(INT64_MIN, value);
    ASSERT_EQ(INT64_MIN, value_of(&counters, 0));
}

TEST(refuses_what_is_out_of_range)
{
    mg_counters_t counters = make();
    void *memory = harness_shared(4096);
    char text[MG_COUNTER_LABEL_SIZE];
    int64_t value;

    ASSERT_STATUS(MG_INVALID, mg_counters_add(&counters, COUNTERS, 1, &value));
    ASSERT_STATUS(MG_INVALID, mg_counters_get(&counters, SIZE_MAX, &value));
    ASSERT_STATUS(MG_INVALID, mg_counters_set(&counters, COUNTERS, 1));
    ASSERT_STATUS(MG_INVALID, mg_counters_label(&counters, COUNTERS, text));
    ASSERT_STATUS(MG_INVALID, mg_counters_set_label(&counters, COUNTERS, "x"));
    ASSERT_EQ(0, mg_counters_footprint(0));
    ASSERT_EQ(0, mg_counters_footprint(SIZE_MAX / 8));
    ASSERT_STATUS(MG_INVALID, mg_counters_init(memory, 4096, 0));
    ASSERT_STATUS(MG_INVALID, mg_counters_init((char *)memory + 8, 4000, 2));
    ASSERT_STATUS(MG_TOO_LARGE, mg_counters_init(memory, 191, 2));
    ASSERT_OK(mg_counters_init(memory, 192, 2));
}

TEST(attaching_checks_what_is_there)
{
    unsigned char *memory = harness_shared(4096);
    mg_counters_t counters;

    ASSERT_STATUS(MG_CORRUPT, mg_counters_attach(&counters, memory, 2));
    ASSERT_OK(mg_counters_init(memory, 4096, 2));
    ASSERT_STATUS(MG_CORRUPT, mg_counters_attach(&counters, memory, 3));
    for (size_t i = 0; i < 20; i++) {
        memory[i] ^= 1;
        ASSERT_STATUS(MG_CORRUPT, mg_counters_attach(&counters, memory, 2));
        memory[i] ^= 1;
    }
    ASSERT_OK(mg_counters_attach(&counters, memory, 2));
}

TEST(labels_are_cut_and_always_end)
{
    mg_counters_t counters = make();
    char text[MG_COUNTER_LABEL_SIZE];
    char longer[] = "a label that goes on and on, well beyond the end of what fits in";

    ASSERT_OK(mg_counters_label(&counters, 0, text));
    ASSERT_STR("", text);
    ASSERT_OK(mg_counters_set_label(&counters, 0, longer));
    ASSERT_OK(mg_counters_label(&counters, 0, text));
    longer[MG_COUNTER_LABEL_SIZE - 1] = '\0';
    ASSERT_STR(longer, text);
    ASSERT_OK(mg_counters_set_label(&counters, 0, "short"));
    ASSERT_OK(mg_counters_label(&counters, 0, text));
    ASSERT_STR("short", text);

    memset(counters.slots[0].label, 'x', sizeof(counters.slots[0].label));
    ASSERT_OK(mg_counters_label(&counters, 0, text));
    ASSERT_EQ(MG_COUNTER_LABEL_SIZE - 1, strlen(text));
    ASSERT_EQ(0, value_of(&counters, 0));
}

static void count(void *argument)
{
    const mg_counters_t *counters = argument;
    int64_t before = 0;

    for (int i = 0; i < ROUNDS; i++) {
        int64_t value;

        ASSERT_OK(mg_counters_add(counters, 0, 1, &value));
        ASSERT(value > before);
        before = value;
        ASSERT_OK(mg_counters_add(counters, 1, i % 2 == 0 ? 3 : -3, NULL));
    }
}

TEST(exact_when_several_processes_count)
{
    mg_counters_t counters = make();
    pid_t children[PROCESSES];

    for (int i = 0; i < PROCESSES; i++)
        children[i] = harness_fork(count, &counters);
    for (int i = 0; i < PROCESSES; i++)
        ASSERT_EXITED(0, children[i]);
    ASSERT_EQ(PROCESSES * ROUNDS, value_of(&counters, 0));
    ASSERT_EQ(0, value_of(&counters, 1));
}

TEST(comparing_and_setting_loses_nothing)
{
    void *memory = harness_shared(4096);
    mg_counters_t counters;
    int64_t value;

    ASSERT_OK(mg_counters_init(memory, 4096, 1));
    ASSERT_OK(mg_counters_attach(&counters, memory, 1));
    ASSERT_STATUS(MG_INVALID, mg_counters_compare_and_set(&counters, 1, 0, 1));
    ASSERT_STATUS(MG_BUSY, mg_counters_compare_and_set(&counters, 0, 1, 2));
    ASSERT_OK(mg_counters_compare_and_set(&counters, 0, 0, -5));
    ASSERT_OK(mg_counters_get(&counters, 0, &value));
    ASSERT(value == -5);
}

int main(void)
{
    RUN(each_counter_has_its_own_cache_line);
    RUN(begins_at_zero_adds_sets_and_gets);
    RUN(wraps_like_two_s_complement);
    RUN(refuses_what_is_out_of_range);
    RUN(attaching_checks_what_is_there);
    RUN(labels_are_cut_and_always_end);
    RUN(exact_when_several_processes_count);
    RUN(comparing_and_setting_loses_nothing);
    return harness_finish();
}
