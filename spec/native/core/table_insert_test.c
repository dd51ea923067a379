/* A key is added for one process only, whoever is killed. */
#include "table_support.h"

#include <time.h>

#define PROCESSES 4
#define KEYS      5000

typedef struct {
    mg_table_t table;
    _Atomic uint32_t told[KEYS]; /* how often somebody was told that he added the key */
} shared_t;

static mg_status_t insert(const mg_table_t *table, uint64_t number)
{
    named_t name;

    return mg_table_insert(table, name_of(&name, number),
                           &(mg_table_value_t){.kind = MG_TABLE_INTEGER, .integer = 1});
}

TEST(a_key_is_added_once)
{
    mg_table_t table = make_table(1 << 16);

    ASSERT_OK(insert(&table, 1));
    ASSERT_STATUS(MG_BUSY, insert(&table, 1));
    ASSERT_OK(put_integer(&table, 1, 7));
    ASSERT_STATUS(MG_BUSY, insert(&table, 1));
    assert_integer(&table, 1, 7);
    ASSERT_OK(insert(&table, 2));
    ASSERT_EQ(2, mg_table_count(&table));
}

TEST(a_full_table_says_so_and_knows_what_it_has)
{
    mg_table_t table = make_table(1 << 14);
    uint64_t count = 0;

    while (insert(&table, count) == MG_OK)
        count++;
    ASSERT(count > 50);
    ASSERT_STATUS(MG_FULL, insert(&table, count));
    ASSERT_STATUS(MG_BUSY, insert(&table, count - 1));
    ASSERT_EQ(count, mg_table_count(&table));
}

/* In short slices, as the binding waits: a process that is killed just when it was woken takes the
 * wake-up with it. */
static void hold(const shared_t *shared)
{
    mg_lock_t *lock = &shared->table.header->lock.lock;
    uint64_t deadline = harness_deadline(20000);
    mg_status_t status;

    while ((status = mg_lock_acquire(lock, harness_deadline(10))) == MG_TIMEOUT)
        ASSERT(mg_monotonic_ns() < deadline);
    if (status == MG_OWNER_DEAD)
        status = mg_table_recover(&shared->table);
    ASSERT_OK(status);
}

static void insert_all(void *argument)
{
    shared_t *shared = argument;

    for (uint64_t number = 0; number < KEYS; number++) {
        mg_status_t status;

        hold(shared);
        status = insert(&shared->table, number);
        ASSERT_OK(mg_lock_release(&shared->table.header->lock.lock));
        if (status == MG_OK)
            atomic_fetch_add(&shared->told[number], 1);
        else
            ASSERT_STATUS(MG_BUSY, status);
    }
}

static shared_t *make(void)
{
    shared_t *shared = harness_shared(sizeof(*shared));

    shared->table = make_table(4u << 20);
    return shared;
}

static uint64_t told(const shared_t *shared)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < KEYS; i++) {
        uint32_t count = atomic_load(&shared->told[i]);

        ASSERT(count <= 1);
        sum += count;
    }
    return sum;
}

TEST(one_process_of_many_is_told)
{
    shared_t *shared = make();
    pid_t children[PROCESSES];

    for (int i = 0; i < PROCESSES; i++)
        children[i] = harness_fork(insert_all, shared);
    for (int i = 0; i < PROCESSES; i++)
        ASSERT_EXITED(0, children[i]);
    ASSERT_EQ(KEYS, told(shared));
    ASSERT_EQ(KEYS, mg_table_count(&shared->table));
}

TEST(nobody_is_told_twice_whoever_is_killed)
{
    uint64_t random = 11;

    for (int round = 0; round < 40; round++) {
        shared_t *shared = make();
        pid_t killed[2];
        pid_t last;
        uint64_t sum;

        for (int i = 0; i < 2; i++)
            killed[i] = harness_fork(insert_all, shared);
        last = harness_fork(insert_all, shared);
        nanosleep(&(struct timespec){.tv_nsec = (long)(harness_random(&random) % 4000000)}, NULL);
        for (int i = 0; i < 2; i++)
            ASSERT_EQ(0, kill(killed[i], SIGKILL));
        for (int i = 0; i < 2; i++)
            (void)harness_wait(killed[i]);
        ASSERT_EXITED(0, last);
        ASSERT_EQ(KEYS, mg_table_count(&shared->table));
        /* Each killed process may have taken one answer with it. */
        sum = told(shared);
        ASSERT(sum <= KEYS && sum + 2 >= KEYS);
        (void)munmap(shared->table.header, 4u << 20);
        (void)munmap(shared, sizeof(*shared));
    }
}

int main(void)
{
    RUN(a_key_is_added_once);
    RUN(a_full_table_says_so_and_knows_what_it_has);
    RUN(one_process_of_many_is_told);
    RUN(nobody_is_told_twice_whoever_is_killed);
    return harness_finish();
}
