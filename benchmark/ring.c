/*
 * Records of one size through the ring.
 *
 * alone   written and read by one thread
 * pair    between two processes that sleep and wake as the library's do
 */
#include "records.h"

#include "ring.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define NAP_NS 100000L

typedef struct {
    _Alignas(MG_CACHE_LINE) mg_eventcount_t reader_ec;
    _Alignas(MG_CACHE_LINE) mg_eventcount_t writer_ec;
    _Alignas(MG_CACHE_LINE) unsigned char ring[];
} shared_t;

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

int main(int argc, char **argv)
{
    static const bench_mode_t modes[] = {{"alone", run_alone}, {"pair", run_pair}};

    return bench_main(argc, argv, modes, sizeof(modes) / sizeof(modes[0]));
}
