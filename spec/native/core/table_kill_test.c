/* Processes that share a table and are killed at any instant. */
#include "table_support.h"

#include <time.h>

#define KEYS      16
#define PROCESSES 4

typedef struct {
    mg_table_t table;
    _Atomic int64_t added[PROCESSES];     /* of "key 0", raised after the addition */
    _Atomic uint64_t appended[PROCESSES]; /* to "key 1", raised after the append */
    _Atomic uint64_t recovered;
} shared_t;

typedef struct {
    shared_t *shared;
    uint64_t number;
    uint64_t rounds;
} worker_t;

static void hold(shared_t *shared)
{
    mg_status_t status = mg_lock_acquire(&shared->table.header->lock.lock, harness_deadline(20000));

    if (status == MG_OWNER_DEAD) {
        atomic_fetch_add(&shared->recovered, 1);
        status = mg_table_recover(&shared->table);
    }
    ASSERT_OK(status);
}

static void release(shared_t *shared)
{
    ASSERT_OK(mg_lock_release(&shared->table.header->lock.lock));
}

static void step(const worker_t *worker, uint64_t *random)
{
    shared_t *shared = worker->shared;
    mg_table_t *table = &shared->table;
    uint64_t number = 2 + harness_random(random) % KEYS;
    named_t name;
    char text[64];
    int64_t sum;

    hold(shared);
    switch (harness_random(random) % 5) {
    case 0:
        ASSERT_OK(mg_table_add(table, name_of(&name, 0), 1, &sum));
        atomic_fetch_add(&shared->added[worker->number], 1);
        break;
    case 1:
        (void)snprintf(text, sizeof(text), "%ju %ju", (uintmax_t)worker->number,
                       (uintmax_t)atomic_load(&shared->appended[worker->number]));
        ASSERT_OK(append_text(table, 1, text, false));
        atomic_fetch_add(&shared->appended[worker->number], 1);
        break;
    case 2:
        ASSERT(mg_table_delete(table, name_of(&name, number)) != MG_CORRUPT);
        break;
    default:
        /* A value that shows when it is not whole: the same letter, as often as it says. */
        memset(text, 'a' + (int)(harness_random(random) % 26), sizeof(text));
        text[1 + harness_random(random) % 60] = '\0';
        ASSERT_OK(put_text(table, number, text));
    }
    release(shared);
}

static void work(void *argument)
{
    const worker_t *worker = argument;
    uint64_t random = worker->number * 977 + (uint64_t)getpid();

    for (uint64_t i = 0; i < worker->rounds; i++)
        step(worker, &random);
}

static void check_texts(const mg_table_t *table)
{
    for (uint64_t number = 2; number < 2 + KEYS; number++) {
        mg_table_value_t value;
        mg_status_t status = get(table, number, &value);

        ASSERT(status == MG_OK || status == MG_EMPTY);
        if (status == MG_EMPTY)
            continue;
        ASSERT_EQ(MG_TABLE_BYTES, value.kind);
        ASSERT(value.length >= 1 && value.length <= 60);
        for (size_t i = 1; i < value.length; i++)
            ASSERT_EQ(value.bytes[0], value.bytes[i]);
    }
}

/* Each process may have died between its last change and the note of it. */
static void check_sum(shared_t *shared)
{
    mg_table_value_t value = {0};
    int64_t known = 0;

    for (size_t i = 0; i < PROCESSES; i++)
        known += atomic_load(&shared->added[i]);
    if (get(&shared->table, 0, &value) == MG_OK)
        ASSERT_EQ(MG_TABLE_INTEGER, value.kind);
    ASSERT(value.integer >= known && value.integer <= known + PROCESSES);
}

static void check_elements(shared_t *shared)
{
    mg_table_value_t list = {0};
    uint64_t seen[PROCESSES] = {0};

    (void)get(&shared->table, 1, &list);
    while (mg_table_element(&shared->table, &list) == MG_OK) {
        char text[64] = {0};
        char *rest;
        uint64_t writer;

        ASSERT(list.length < sizeof(text));
        memcpy(text, list.bytes, list.length);
        writer = strtoull(text, &rest, 10);
        ASSERT(writer < PROCESSES);
        ASSERT_EQ(seen[writer]++, strtoull(rest, NULL, 10));
    }
    for (size_t i = 0; i < PROCESSES; i++)
        ASSERT(seen[i] == atomic_load(&shared->appended[i]) ||
               seen[i] == atomic_load(&shared->appended[i]) + 1);
}

static shared_t *make(size_t size)
{
    shared_t *shared = harness_shared(sizeof(*shared));

    shared->table = make_table(size);
    return shared;
}

TEST(processes_change_one_table_exactly)
{
    shared_t *shared = make(64u << 20);
    worker_t workers[PROCESSES];
    pid_t pids[PROCESSES];
    mg_table_value_t value;
    int64_t sum = 0;

    for (uint64_t i = 0; i < PROCESSES; i++) {
        workers[i] = (worker_t){.shared = shared, .number = i, .rounds = 20000};
        pids[i] = harness_fork(work, &workers[i]);
    }
    for (size_t i = 0; i < PROCESSES; i++)
        ASSERT_EXITED(0, pids[i]);
    for (size_t i = 0; i < PROCESSES; i++)
        sum += atomic_load(&shared->added[i]);
    ASSERT_OK(get(&shared->table, 0, &value));
    ASSERT(value.integer == sum);
    check_texts(&shared->table);
    check_elements(shared);
    ASSERT_EQ(0, atomic_load(&shared->recovered));
}

TEST(processes_killed_at_any_instant_leave_a_table_in_good_order)
{
    uint64_t random = 3;
    unsigned long recovered = 0;
    int rounds = harness_rounds(150);

    for (int round = 0; round < rounds; round++) {
        size_t size = 16u << 20;
        shared_t *shared = make(size);
        worker_t workers[2];
        pid_t pids[2];

        for (uint64_t i = 0; i < 2; i++) {
            workers[i] = (worker_t){.shared = shared, .number = i, .rounds = UINT64_MAX};
            pids[i] = harness_fork(work, &workers[i]);
        }
        nanosleep(&(struct timespec){.tv_nsec = (long)(harness_random(&random) % 4000000)}, NULL);
        for (size_t i = 0; i < 2; i++)
            ASSERT(kill(pids[i], SIGKILL) == 0);
        for (size_t i = 0; i < 2; i++)
            ASSERT_SIGNALLED(SIGKILL, pids[i]);
        hold(shared);
        check_texts(&shared->table);
        check_sum(shared);
        check_elements(shared);
        ASSERT_OK(mg_table_recover(&shared->table));
        release(shared);
        /* It still works: another process adds what it should. */
        workers[0] = (worker_t){.shared = shared, .number = 2, .rounds = 200};
        ASSERT_EXITED(0, harness_fork(work, &workers[0]));
        check_elements(shared);
        recovered += atomic_load(&shared->recovered);
        (void)munmap(shared->table.header, size);
        (void)munmap(shared, sizeof(*shared));
    }
    /* Else the kills did not meet anybody at work, and prove nothing. */
    ASSERT(recovered > (unsigned long)rounds / 8);
}

int main(void)
{
    RUN(processes_change_one_table_exactly);
    RUN(processes_killed_at_any_instant_leave_a_table_in_good_order);
    return harness_finish();
}
