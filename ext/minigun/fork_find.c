#include "fork.h"

#include "small_file.h"
#include "supervisor.h"

#ifdef __linux__

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE 80
#define STAT_SIZE 1024

/* Of /proc/PID/stat, from the closing parenthesis of the name, which may contain anything. */
#define STATE_AND_START                                                                            \
    ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu"

typedef struct {
    char state;
    unsigned long long start; /* clock ticks since the system's boot */
} seen_t;

uint64_t mg_fork_ticks(void)
{
    struct timespec now;
    uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * hertz + (uint64_t)now.tv_nsec * hertz / 1000000000u;
}

static bool look(pid_t pid, seen_t *seen)
{
    char path[PATH_SIZE];
    char line[STAT_SIZE];
    const char *rest;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if (!mg_small_file_read(path, line, sizeof(line)))
        return false;
    rest = strrchr(line, ')');
    /* NOLINTNEXTLINE(cert-err34-c): the kernel wrote these numbers */
    return rest != NULL && sscanf(rest, STATE_AND_START, &seen->state, &seen->start) == 2;
}

/* Whoever has the slot's memory still is what fork has made of this process: any other program has
 * left it behind, and any other fork of this process has unmapped it. */
static bool maps(pid_t pid, const mg_segment_t *segment)
{
    unsigned long start = (unsigned long)segment->base;
    char path[PATH_SIZE];
    struct stat found;

    (void)snprintf(path, sizeof(path), "/proc/%d/map_files/%lx-%lx", (int)pid, start,
                   start + (unsigned long)segment->size);
    return lstat(path, &found) == 0;
}

pid_t mg_fork_find(const mg_process_t *process)
{
    FILE *children = fopen("/proc/thread-self/children", "re");
    pid_t found = 0;
    int candidates = 0;
    pid_t pid;

    if (children == NULL)
        return 0;
    /* NOLINTNEXTLINE(cert-err34-c): the kernel wrote these numbers */
    while (fscanf(children, "%d", &pid) == 1) {
        seen_t seen;

        if (mg_supervisor_watches(pid) || !look(pid, &seen) || seen.start < process->fork_ticks)
            continue;
        if (seen.state == 'Z' || maps(pid, &process->segment)) {
            found = pid;
            candidates++;
        }
    }
    (void)fclose(children);
    return candidates == 1 ? found : 0;
}

#else

uint64_t mg_fork_ticks(void)
{
    return 0;
}

pid_t mg_fork_find(const mg_process_t *process)
{
    (void)process;
    return 0;
}

#endif
