/*
 * What the programs that move records have in common: the records, and the result.
 *
 *   PROGRAM MODE BYTES RECORDS
 *
 * prints nanoseconds a record, the number of records and their checksum as they arrived.
 */
#ifndef BENCHMARK_RECORDS_H
#define BENCHMARK_RECORDS_H

#include "eventcount.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPACITY (UINT64_C(1) << 20)

typedef struct {
    const char *name;
    void (*run)(void);
} bench_mode_t;

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

static int bench_main(int argc, char **argv, const bench_mode_t *modes, size_t mode_count)
{
    if (argc != 4)
        return 2;
    record_bytes = strtoull(argv[2], NULL, 10);
    records = strtoull(argv[3], NULL, 10);
    warm_up = records / 10;
    if (record_bytes < sizeof(uint64_t) || records < 10)
        return 2;
    for (size_t i = 0; i < mode_count; i++) {
        if (strcmp(argv[1], modes[i].name) != 0)
            continue;
        modes[i].run();
        printf("%.3f %llu %llu\n",
               (double)(mg_monotonic_ns() - started_ns) / (double)(records - warm_up),
               (unsigned long long)count, (unsigned long long)checksum);
        return 0;
    }
    return 2;
}

#endif
