#include "fault.h"

#ifdef MINIGUN_FAULTS

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define PARENT_PREFIX "parent."
#define NAME_SIZE     32
#define SLEEP_NS      50000000

static struct {
    char name[NAME_SIZE];
    char action[8];
    unsigned nth;
    bool in_parent;
    pid_t owner;
    const char *log;
    _Atomic unsigned *visits; /* shared by all processes */
} chosen;

static void refuse(const char *text)
{
    (void)fprintf(stderr, "MINIGUN_FAULT=%s is not name:kill|stop|sleep[:nth]\n", text);
    abort();
}

static void parse(const char *text)
{
    const char *name = text;
    int used = 0;

    chosen.in_parent = strncmp(text, PARENT_PREFIX, sizeof(PARENT_PREFIX) - 1) == 0;
    if (chosen.in_parent)
        name += sizeof(PARENT_PREFIX) - 1;
    if (sscanf(name, "%31[a-z_]:%7[a-z]%n", chosen.name, chosen.action, &used) != 2 ||
        (strcmp(chosen.action, "kill") != 0 && strcmp(chosen.action, "stop") != 0 &&
         strcmp(chosen.action, "sleep") != 0))
        refuse(text);
    chosen.nth = name[used] == ':' ? (unsigned)strtoul(name + used + 1, NULL, 10) : 1;
}

void mg_fault_install(void)
{
    const char *text = getenv("MINIGUN_FAULT");
    void *memory;

    if (text == NULL || chosen.visits != NULL)
        return;
    parse(text);
    memory = mmap(NULL, sizeof(*chosen.visits), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
    if (memory == MAP_FAILED)
        abort();
    chosen.owner = getpid();
    chosen.log = getenv("MINIGUN_FAULT_LOG");
    chosen.visits = memory;
}

/* So that a test knows whether the place was reached at all. */
static void record(const char *name)
{
    int file = chosen.log == NULL ? -1 : open(chosen.log, O_WRONLY | O_APPEND | O_CREAT, 0600);
    char line[NAME_SIZE + 1];
    size_t length = strlen(name);

    if (file < 0)
        return;
    memcpy(line, name, length);
    line[length] = '\n';
    if (write(file, line, length + 1) < 0)
        abort();
    (void)close(file);
}

/* By system calls alone: some of these places are reached between fork and the first Ruby code. */
void mg_fault_visit(const char *name)
{
    const struct timespec pause = {0, SLEEP_NS};
    int error = errno;

    if (chosen.visits == NULL || strcmp(name, chosen.name) != 0 ||
        (getpid() == chosen.owner) != chosen.in_parent)
        return;
    if (atomic_fetch_add(chosen.visits, 1) + 1 != chosen.nth && chosen.nth != 0)
        return;
    record(name);
    if (chosen.action[0] == 'k')
        (void)kill(getpid(), SIGKILL);
    else if (chosen.action[1] == 't')
        (void)kill(getpid(), SIGSTOP);
    else
        (void)nanosleep(&pause, NULL);
    errno = error;
}

#endif
