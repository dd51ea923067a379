/*
 * Records of one size without the ring.
 *
 * memcpy  into a buffer of a ring's size and out again, one thread
 * cross   into a buffer by one process, out of it by another; both spin, nothing is checked
 * pipe    write(2) and read(2) of whole records between two processes
 */
#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

static void run_memcpy(void)
{
    unsigned char *source = new_record();
    unsigned char *target = new_record();
    unsigned char *buffer = malloc(CAPACITY);
    size_t offset = 0;

    if (buffer == NULL)
        fail("malloc");
    for (uint64_t number = 0; number < records; number++) {
        stamp(source, number);
        memcpy(buffer + offset, source, record_bytes);
        memcpy(target, buffer + offset, record_bytes);
        arrive(target);
        offset += record_bytes;
        if (offset + record_bytes > CAPACITY)
            offset = 0;
    }
}

typedef struct {
    _Alignas(MG_CACHE_LINE) _Atomic uint64_t tail;
    _Alignas(MG_CACHE_LINE) _Atomic uint64_t head;
    _Alignas(MG_CACHE_LINE) unsigned char data[CAPACITY];
} buffer_t;

static void cross_write(buffer_t *buffer, uint64_t slots)
{
    unsigned char *source = new_record();

    for (uint64_t number = 0; number < records; number++) {
        stamp(source, number);
        while (number - atomic_load_explicit(&buffer->head, memory_order_acquire) == slots)
            continue;
        memcpy(buffer->data + number % slots * record_bytes, source, record_bytes);
        atomic_store_explicit(&buffer->tail, number + 1, memory_order_release);
    }
}

static void run_cross(void)
{
    buffer_t *buffer =
        mmap(NULL, sizeof(buffer_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned char *target = new_record();
    uint64_t slots = CAPACITY / record_bytes;
    pid_t pid;

    if (buffer == MAP_FAILED)
        fail("mmap");
    pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        cross_write(buffer, slots);
        _exit(0);
    }
    while (count < records) {
        while (atomic_load_explicit(&buffer->tail, memory_order_acquire) == count)
            continue;
        memcpy(target, buffer->data + count % slots * record_bytes, record_bytes);
        arrive(target);
        atomic_store_explicit(&buffer->head, count, memory_order_release);
    }
    (void)waitpid(pid, NULL, 0);
}

static void transfer(int fd, unsigned char *record, ssize_t (*call)(int, unsigned char *, size_t))
{
    for (size_t done = 0; done < record_bytes;) {
        ssize_t moved = call(fd, record + done, record_bytes - done);

        if (moved <= 0 && errno != EINTR)
            fail("pipe");
        done += (size_t)moved;
    }
}

static ssize_t put(int fd, unsigned char *bytes, size_t length)
{
    return write(fd, bytes, length);
}

static ssize_t get(int fd, unsigned char *bytes, size_t length)
{
    return read(fd, bytes, length);
}

static void run_pipe(void)
{
    unsigned char *record = new_record();
    int ends[2];
    pid_t pid;

    if (pipe(ends) != 0)
        fail("pipe");
    /* As much room as the ring has. */
    (void)fcntl(ends[1], F_SETPIPE_SZ, (int)CAPACITY);
    pid = fork();
    if (pid < 0)
        fail("fork");
    for (uint64_t number = 0; pid == 0 && number < records; number++) {
        stamp(record, number);
        transfer(ends[1], record, put);
    }
    if (pid == 0)
        _exit(0);
    while (count < records) {
        transfer(ends[0], record, get);
        arrive(record);
    }
    (void)waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
    static const bench_mode_t modes[] = {
        {"memcpy", run_memcpy}, {"cross", run_cross}, {"pipe", run_pipe}};

    return bench_main(argc, argv, modes, sizeof(modes) / sizeof(modes[0]));
}
