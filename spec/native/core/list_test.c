#include "list.h"

#include "harness.h"

#include <time.h>

#define SIZE (1u << 16)
#define MAX  4096

static mg_list_t make(size_t size)
{
    mg_list_t list;

    ASSERT_OK(mg_list_init(&list, harness_shared(size), size));
    return list;
}

static mg_status_t append(const mg_list_t *list, const char *text)
{
    size_t length = strlen(text);

    return mg_list_append(
        list,
        &(mg_list_records_t){.bytes = (const unsigned char *)text, .lengths = &length, .count = 1});
}

static void assert_at(const mg_list_t *list, const mg_list_cursor_t *cursor, size_t index,
                      const char *text)
{
    const unsigned char *bytes;
    size_t length;

    ASSERT_OK(mg_list_at(list, cursor, index, &bytes, &length));
    ASSERT_EQ(strlen(text), length);
    ASSERT_MEM(text, bytes, length);
}

TEST(memory_must_be_aligned_and_long_enough)
{
    mg_list_t list;
    unsigned char *memory = harness_shared(SIZE);

    ASSERT_STATUS(MG_INVALID, mg_list_init(&list, memory + 8, SIZE - 8));
    ASSERT_STATUS(MG_TOO_LARGE, mg_list_init(&list, memory, sizeof(mg_list_header_t)));
}

TEST(records_are_read_in_order_by_any_cursor)
{
    mg_list_t list = make(SIZE);
    mg_list_cursor_t early = {0}, late = {0};
    const unsigned char *bytes;
    size_t length;

    ASSERT_OK(mg_list_sync(&list, &early));
    ASSERT_EQ(0, early.count);
    ASSERT_STATUS(MG_EMPTY, mg_list_at(&list, &early, 0, &bytes, &length));
    ASSERT_OK(append(&list, "one"));
    ASSERT_OK(append(&list, ""));
    ASSERT_OK(mg_list_sync(&list, &early));
    ASSERT_OK(append(&list, "a third record"));
    ASSERT_EQ(2, early.count);
    ASSERT_OK(mg_list_sync(&list, &early));
    ASSERT_OK(mg_list_sync(&list, &late));
    ASSERT_EQ(3, early.count);
    ASSERT_EQ(3, late.count);
    assert_at(&list, &early, 0, "one");
    assert_at(&list, &late, 1, "");
    assert_at(&list, &late, 2, "a third record");
    mg_list_cursor_free(&early);
    mg_list_cursor_free(&late);
}

TEST(several_records_are_added_together_or_not_at_all)
{
    mg_list_t list = make(SIZE);
    mg_list_cursor_t cursor = {0};
    size_t lengths[] = {1, 2, 3};
    size_t too_long[] = {1, SIZE};
    size_t overflowing[] = {SIZE_MAX - 3};
    mg_list_records_t records = {
        .bytes = (const unsigned char *)"abbccc", .lengths = lengths, .count = 3};

    ASSERT_OK(mg_list_append(&list, &records));
    records = (mg_list_records_t){.bytes = records.bytes, .lengths = too_long, .count = 2};
    ASSERT_STATUS(MG_FULL, mg_list_append(&list, &records));
    records = (mg_list_records_t){.bytes = records.bytes, .lengths = overflowing, .count = 1};
    ASSERT_STATUS(MG_FULL, mg_list_append(&list, &records));
    ASSERT_OK(mg_list_sync(&list, &cursor));
    ASSERT_EQ(3, cursor.count);
    assert_at(&list, &cursor, 1, "bb");
    mg_list_cursor_free(&cursor);
}

TEST(a_full_list_stays_full_until_it_is_cleared)
{
    mg_list_t list = make(4096);
    mg_list_cursor_t cursor = {0};
    size_t count = 0;

    while (append(&list, "some text") == MG_OK)
        count++;
    ASSERT(count > 100 && count < 4096 / 24);
    ASSERT_OK(mg_list_sync(&list, &cursor));
    ASSERT_EQ(count, cursor.count);
    mg_list_clear(&list);
    ASSERT_OK(append(&list, "new"));
    ASSERT_OK(mg_list_sync(&list, &cursor));
    ASSERT_EQ(1, cursor.count);
    assert_at(&list, &cursor, 0, "new");
    mg_list_cursor_free(&cursor);
}

TEST(scribbled_memory_is_found)
{
    mg_list_t list = make(SIZE);
    mg_list_cursor_t cursor = {0}, other = {0};
    uint64_t top;

    ASSERT_OK(append(&list, "one"));
    top = list.header->top;
    ASSERT_OK(mg_list_sync(&list, &cursor));
    list.header->top = SIZE * 2u;
    ASSERT_STATUS(MG_CORRUPT, append(&list, "two"));
    list.header->top = 8;
    ASSERT_STATUS(MG_CORRUPT, mg_list_sync(&list, &cursor));
    list.header->top = top;
    memset((unsigned char *)list.header + cursor.offsets[0], 0xff, 8);
    ASSERT_STATUS(MG_CORRUPT, mg_list_sync(&list, &other));
    ASSERT_STATUS(MG_CORRUPT,
                  mg_list_at(&list, &cursor, 0, &(const unsigned char *){NULL}, &(size_t){0}));
    list.header->magic = 0;
    ASSERT_STATUS(MG_CORRUPT, append(&list, "two"));
    mg_list_cursor_free(&cursor);
    mg_list_cursor_free(&other);
}

/* --- processes -------------------------------------------------------------------------------- */

static void kill_self(int number)
{
    (void)number;
    kill(getpid(), SIGKILL);
}

/* The second record's bytes cannot be read: the writer is killed between the two. */
static void die_inside_an_append(void *argument)
{
    const mg_list_t *list = argument;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *bytes = harness_shared(2 * page);
    size_t lengths[] = {page, page};
    struct sigaction action = {.sa_handler = kill_self};

    ASSERT_EQ(0, sigaction(SIGSEGV, &action, NULL));
    ASSERT_EQ(0, sigaction(SIGBUS, &action, NULL));
    ASSERT_EQ(0, mprotect(bytes + page, page, PROT_NONE));
    (void)mg_list_append(list,
                         &(mg_list_records_t){.bytes = bytes, .lengths = lengths, .count = 2});
}

TEST(a_writer_killed_inside_an_append_has_added_nothing)
{
    size_t size = 1u << 16;
    void *memory = harness_shared(size);
    mg_list_cursor_t cursor = {0};
    mg_list_t list;

    ASSERT_OK(mg_list_init(&list, memory, size));
    ASSERT_OK(append(&list, "before"));
    ASSERT_SIGNALLED(SIGKILL, harness_fork(die_inside_an_append, &list));
    ASSERT_OK(mg_list_sync(&list, &cursor));
    ASSERT_EQ(1, cursor.count);
    mg_list_cursor_free(&cursor);
    (void)munmap(memory, size);
}

typedef struct {
    mg_list_t list;
    _Atomic uint64_t *added; /* by each process, raised after the append */
    size_t number;
} writer_t;

static void hold(const mg_list_t *list)
{
    mg_status_t status = mg_lock_acquire(&list->header->lock, harness_deadline(20000));

    ASSERT(status == MG_OK || status == MG_OWNER_DEAD);
}

/* Records of 24 to 56 bytes: writer, number in the writer's sequence, filling that repeats both. */
static void write_one(const writer_t *writer, uint64_t sequence)
{
    uint64_t words[7] = {writer->number, sequence};
    size_t count = 3 + sequence % 5;
    size_t length = count * sizeof(uint64_t);

    for (size_t i = 2; i < count; i++)
        words[i] = writer->number ^ (sequence << 8) ^ i;
    hold(&writer->list);
    ASSERT_OK(mg_list_append(
        &writer->list,
        &(mg_list_records_t){.bytes = (void *)words, .lengths = &length, .count = 1}));
    ASSERT_OK(mg_lock_release(&writer->list.header->lock));
}

static void write_until_killed(void *argument)
{
    const writer_t *writer = argument;

    for (uint64_t i = 0;; i++) {
        write_one(writer, i);
        atomic_store(&writer->added[writer->number], i + 1);
    }
}

/* Every record whole, each writer's in sequence, none missing that was known to be added. */
static void check_records(const mg_list_t *list, size_t writers, const _Atomic uint64_t *added)
{
    mg_list_cursor_t cursor = {0};
    uint64_t seen[8] = {0};

    hold(list);
    ASSERT_OK(mg_list_sync(list, &cursor));
    for (size_t i = 0; i < cursor.count; i++) {
        const unsigned char *bytes;
        uint64_t words[7];
        size_t length;

        ASSERT_OK(mg_list_at(list, &cursor, i, &bytes, &length));
        ASSERT(length <= sizeof(words));
        memcpy(words, bytes, length);
        ASSERT(words[0] < writers);
        ASSERT_EQ(seen[words[0]]++, words[1]);
        ASSERT_EQ(3 + words[1] % 5, length / sizeof(uint64_t));
        for (size_t j = 2; j < length / sizeof(uint64_t); j++)
            ASSERT_EQ(words[0] ^ (words[1] << 8) ^ j, words[j]);
    }
    for (size_t i = 0; i < writers; i++)
        ASSERT(seen[i] == atomic_load(&added[i]) || seen[i] == atomic_load(&added[i]) + 1);
    ASSERT_OK(mg_lock_release(&list->header->lock));
    mg_list_cursor_free(&cursor);
}

TEST(writers_killed_at_any_instant_leave_whole_records)
{
    uint64_t random = 1;
    unsigned long busy = 0;
    int rounds = harness_rounds(150);

    for (int round = 0; round < rounds; round++) {
        _Atomic uint64_t *added = harness_shared(4 * sizeof(*added));
        size_t size = 64u << 20;
        writer_t writers[2] = {{.added = added}, {.added = added, .number = 1}};
        void *memory = harness_shared(size);
        pid_t pids[2];

        ASSERT_OK(mg_list_init(&writers[0].list, memory, size));
        writers[1].list = writers[0].list;
        for (size_t i = 0; i < 2; i++)
            pids[i] = harness_fork(write_until_killed, &writers[i]);
        nanosleep(&(struct timespec){.tv_nsec = (long)(harness_random(&random) % 4000000)}, NULL);
        for (size_t i = 0; i < 2; i++)
            ASSERT(kill(pids[i], SIGKILL) == 0);
        for (size_t i = 0; i < 2; i++)
            ASSERT_SIGNALLED(SIGKILL, pids[i]);
        busy += atomic_load(&added[0]) + atomic_load(&added[1]) > 0;
        check_records(&writers[0].list, 2, added);
        (void)munmap(memory, size);
    }
    ASSERT(busy > (unsigned long)rounds / 3);
}

int main(void)
{
    RUN(memory_must_be_aligned_and_long_enough);
    RUN(records_are_read_in_order_by_any_cursor);
    RUN(several_records_are_added_together_or_not_at_all);
    RUN(a_full_list_stays_full_until_it_is_cleared);
    RUN(scribbled_memory_is_found);
    RUN(a_writer_killed_inside_an_append_has_added_nothing);
    RUN(writers_killed_at_any_instant_leave_whole_records);
    return harness_finish();
}
