/*
 * Records of one size through memory, the ring, and a pipe.
 *
 *   ring memcpy|cross|alone|pair|pipe BYTES RECORDS
 *
 * memcpy  into a buffer of a ring's size and out again, one thread
 * cross   into a buffer by one process, out of it by another; both spin, nothing is checked
 * alone   the ring, written and read by one thread
 * pair    the ring between two processes that sleep and wake as the library's do
 * pipe    write(2) and read(2) of whole records between two processes
 *
 * Prints nanoseconds a record, the number of records and their checksum as they arrived.
 */
#include "ring.h"
#include "eventcount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CAPACITY (UINT64_C(1) << 20)
#define NAP_NS   100000L

typedef struct {
    _Alignas(MG_CACHE_LINE) mg_eventcount_t reader_ec;
    _Alignas(MG_CACHE_LINE) mg_eventcount_t writer_ec;
    _Alignas(MG_CACHE_LINE) unsigned char ring[];
} shared_t;

static size_t record_bytes;
static uint64_t records;
static uint64_t warm_up; /* records before the clock starts */
static uint64_t count;
static uint64_t checksum;
static uint64_t started_ns;

static void fail(const char *what)
{
    perror(what);
    _exit(1);
}

/* A record has its number in the first and in the last eight bytes. */
static void stamp(unsigned char *record, uint64_t number)
{
    memcpy(record, &number, sizeof(number));
    memcpy(record + record_bytes - sizeof(number), &number, sizeof(number));
}

static void arrive(const unsigned char *record)
{
    uint64_t first;
    uint64_t last;

    memcpy(&first, record, sizeof(first));
    memcpy(&last, record + record_bytes - sizeof(last), sizeof(last));
    if (count == warm_up)
        started_ns = mg_monotonic_ns();
    count++;
    checksum += first ^ (last << 1);
}

static unsigned char *new_record(void)
{
    unsigned char *record = malloc(record_bytes);

    if (record == NULL)
        fail("malloc");
    memset(record, 'x', record_bytes);
    return record;
}

static shared_t *new_shared(mg_ring_writer_t *writer, mg_ring_reader_t *reader)
{
    size_t size = sizeof(shared_t) + mg_ring_footprint(CAPACITY);
    shared_t *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        fail("mmap");
    mg_eventcount_init(&shared->reader_ec);
    mg_eventcount_init(&shared->writer_ec);
    if (mg_ring_init(shared->ring, mg_ring_footprint(CAPACITY), CAPACITY, 0, 1) != MG_OK ||
        mg_ring_attach_writer(writer, shared->ring, CAPACITY, 1) != MG_OK ||
        mg_ring_attach_reader(reader, shared->ring, CAPACITY, 1) != MG_OK)
        fail("ring");
    return shared;
}

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

    if (buffer == MAP_FAILED || (pid = fork()) < 0)
        fail("mmap, fork");
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

static void run_alone(void)
{
    mg_ring_writer_t writer;
    mg_ring_reader_t reader;
    unsigned char *source = new_record();
    unsigned char *target = new_record();

    (void)new_shared(&writer, &reader);
    for (uint64_t number = 0; number < records; number++) {
        mg_message_t message = {.bytes = source, .length = record_bytes};
        mg_record_t record;

        stamp(source, number);
        if (mg_ring_write(&writer, &message) != MG_OK || mg_ring_peek(&reader, &record) != MG_OK ||
            mg_ring_take(&reader, &record, target) != MG_OK)
            fail("ring");
        arrive(target);
    }
}

static void write_all(shared_t *shared, mg_ring_writer_t *writer)
{
    unsigned char *source = new_record();

    for (uint64_t number = 0; number < records; number++) {
        mg_message_t message = {.bytes = source, .length = record_bytes};
        mg_status_t status;

        stamp(source, number);
        while ((status = mg_ring_write(writer, &message)) == MG_FULL) {
            uint32_t ticket = mg_eventcount_prepare(&shared->writer_ec);

            (void)mg_eventcount_notify(&shared->reader_ec);
            if (mg_ring_writable(writer))
                mg_eventcount_cancel(&shared->writer_ec);
            else
                (void)mg_eventcount_wait(&shared->writer_ec, ticket, UINT64_MAX);
        }
        if (status != MG_OK)
            fail("write");
        (void)mg_eventcount_notify(&shared->reader_ec);
    }
}

/* Sleeps as the library's reader does: naps while records come in bursts. */
static void wait_for_records(shared_t *shared, mg_ring_reader_t *reader, unsigned burst)
{
    struct timespec nap = {0, NAP_NS};
    uint32_t ticket;

    (void)mg_eventcount_notify(&shared->writer_ec);
    if (burst >= 2) {
        (void)nanosleep(&nap, NULL);
        return;
    }
    ticket = mg_eventcount_prepare(&shared->reader_ec);
    if (mg_ring_readable(reader))
        mg_eventcount_cancel(&shared->reader_ec);
    else
        (void)mg_eventcount_wait(&shared->reader_ec, ticket, UINT64_MAX);
}

static void read_all(shared_t *shared, mg_ring_reader_t *reader)
{
    unsigned char *target = new_record();
    uint64_t freed = 0;
    unsigned burst = 0;

    while (count < records) {
        mg_record_t record;
        mg_status_t status = mg_ring_peek(reader, &record);

        if (status == MG_EMPTY) {
            wait_for_records(shared, reader, burst);
            burst = 0;
            continue;
        }
        if (status != MG_OK || mg_ring_take(reader, &record, target) != MG_OK)
            fail("read");
        arrive(target);
        burst++;
        freed += record.length + MG_RING_RECORD_HEADER;
        if (freed >= CAPACITY / 4) {
            (void)mg_eventcount_notify(&shared->writer_ec);
            freed = 0;
        }
    }
}

static void run_pair(void)
{
    mg_ring_writer_t writer;
    mg_ring_reader_t reader;
    shared_t *shared = new_shared(&writer, &reader);
    pid_t pid = fork();

    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        write_all(shared, &writer);
        _exit(0);
    }
    read_all(shared, &reader);
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
    if (argc != 4)
        return 2;
    record_bytes = strtoull(argv[2], NULL, 10);
    records = strtoull(argv[3], NULL, 10);
    warm_up = records / 10;
    if (record_bytes < sizeof(uint64_t) || records < 10)
        return 2;
    if (strcmp(argv[1], "memcpy") == 0)
        run_memcpy();
    else if (strcmp(argv[1], "cross") == 0)
        run_cross();
    else if (strcmp(argv[1], "alone") == 0)
        run_alone();
    else if (strcmp(argv[1], "pair") == 0)
        run_pair();
    else if (strcmp(argv[1], "pipe") == 0)
        run_pipe();
    else
        return 2;
    printf("%.3f %llu %llu\n",
           (double)(mg_monotonic_ns() - started_ns) / (double)(records - warm_up),
           (unsigned long long)count, (unsigned long long)checksum);
    return 0;
}
