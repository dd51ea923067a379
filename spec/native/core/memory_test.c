#include "memory.h"

#include "harness.h"
#include "smaps.h"

#define KB 1024

static char path[] = "/tmp/minigun-memory-XXXXXX";

/* A file with these words, read. */
static bool read_from(const char *words, mg_memory_t *memory)
{
    char name[sizeof path];
    int fd;
    bool done;

    memcpy(name, path, sizeof path);
    fd = mkstemp(name);
    ASSERT(fd >= 0);
    ASSERT_EQ(strlen(words), (size_t)write(fd, words, strlen(words)));
    (void)close(fd);
    done = mg_memory_read(name, memory);
    (void)unlink(name);
    return done;
}

#define LINES                                                                                      \
    "1-2 ---p 0 00:00 0 [rollup]\nRss: 9 kB\nPss:      50 kB\nPss_Dirty: 7 kB\n"                   \
    "Shared_Clean:  1 kB\nShared_Dirty:  20 kB\nPrivate_Clean:  300 kB\n"

TEST(the_lines_are_added_up)
{
    mg_memory_t memory;

    ASSERT(read_from(LINES "Private_Dirty:  4000 kB\nSwap: 1 kB\n", &memory));
    ASSERT_EQ(50 * KB, memory.share);
    ASSERT_EQ(4300 * KB, memory.exclusive);
    ASSERT_EQ(21 * KB, memory.in_common);
}

TEST(what_is_no_such_file_is_refused)
{
    mg_memory_t memory;

    ASSERT(!read_from("", &memory));
    ASSERT(!read_from(LINES, &memory));
    ASSERT(!read_from(LINES "Private_Dirty: much kB\n", &memory));
    ASSERT(!read_from(LINES "Private_Dirty: 4000 MB\n", &memory));
    ASSERT(!mg_memory_read("/proc/self/no_such_file", &memory));
    ASSERT(!mg_memory_read("/proc", &memory));
}

#ifdef __linux__
TEST(the_memory_of_this_process)
{
    mg_memory_t before;
    mg_memory_t after;
    size_t size = (size_t)8 << 20;
    char *bytes;

    if (access("/proc/self/smaps_rollup", R_OK) != 0)
        return;
    ASSERT(mg_memory_read("/proc/self/smaps_rollup", &before));
    ASSERT(before.share > 0 && before.exclusive > 0 && before.in_common > 0);
    bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT(bytes != MAP_FAILED);
    memset(bytes, 1, size);
    ASSERT(mg_memory_read("/proc/self/smaps_rollup", &after));
    ASSERT(after.exclusive >= before.exclusive + size / 2);
    (void)munmap(bytes, size);
}

/* One in a hundred pieces is kept, so that the end of the heap is not free. */
TEST(freed_memory_is_given_back)
{
    enum {
        PIECES = 20000,
        SIZE = 2000,
        KEPT = 100
    };
    static void *pieces[PIECES];
    unsigned long before;
    bool any;

    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = malloc(SIZE);
        ASSERT(pieces[i] != NULL);
        memset(pieces[i], 1, SIZE);
    }
    for (size_t i = 0; i < PIECES; i++) {
        if (i % KEPT != KEPT - 1)
            free(pieces[i]);
    }
    before = smaps_kilobytes("Rss:");
    any = mg_memory_give_back();
    if (with_malloc_of_glibc() && before > 0) {
        ASSERT(any);
        ASSERT(smaps_kilobytes("Rss:") < before - PIECES / 1000 * SIZE / 2);
    }
    for (size_t i = KEPT - 1; i < PIECES; i += KEPT) {
        ASSERT_EQ(1, *(char *)pieces[i]);
        free(pieces[i]);
    }
}
#endif

int main(void)
{
    RUN(the_lines_are_added_up);
    RUN(what_is_no_such_file_is_refused);
#ifdef __linux__
    RUN(the_memory_of_this_process);
    RUN(freed_memory_is_given_back);
#endif
    return harness_finish();
}
