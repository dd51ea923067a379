#include "poller.h"
#include "wakeup.h"

#include "harness.h"

#include <fcntl.h>
#include <pthread.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#define NS_PER_MS UINT64_C(1000000)
/* Nobody waits that long: longer than the test may take. */
#define LONG_MS (HARNESS_SECONDS * 1000)

typedef struct {
    mg_wakeup_t first;
    mg_wakeup_t second;
    mg_poller_t poller;
} fixture_t;

static fixture_t make(void)
{
    fixture_t fixture;

    ASSERT_EQ(0, mg_wakeup_open(&fixture.first));
    ASSERT_EQ(0, mg_wakeup_open(&fixture.second));
    ASSERT_EQ(0, mg_poller_open(&fixture.poller, mg_wakeup_descriptor(&fixture.first)));
    return fixture;
}

static void drop(fixture_t *fixture)
{
    mg_poller_close(&fixture->poller);
    mg_poller_close(&fixture->poller);
    ASSERT_EQ(-1, fixture->poller.descriptor);
    mg_wakeup_close(&fixture->second);
    mg_wakeup_close(&fixture->first);
}

/* Milliseconds that it waits, when nobody wakes it, are all that it may. */
static bool wakes(const fixture_t *fixture, int milliseconds)
{
    uint64_t began = mg_monotonic_ns();

    mg_poller_wait(&fixture->poller, milliseconds);
    return mg_monotonic_ns() - began < (uint64_t)milliseconds * NS_PER_MS;
}

TEST(the_first_descriptor_wakes)
{
    fixture_t fixture = make();

    ASSERT(!wakes(&fixture, 20));
    mg_wakeup_signal(&fixture.first);
    ASSERT(wakes(&fixture, LONG_MS));
    ASSERT(wakes(&fixture, LONG_MS));
    mg_wakeup_clear(&fixture.first);
    ASSERT(!wakes(&fixture, 20));
    drop(&fixture);
}

#ifdef __linux__

typedef struct {
    fixture_t *fixture;
    _Atomic pid_t tid;
} sleeper_t;

static void *sleep_on(void *argument)
{
    sleeper_t *sleeper = argument;

    atomic_store(&sleeper->tid, (pid_t)syscall(SYS_gettid));
    mg_poller_wait(&sleeper->fixture->poller, -1);
    return NULL;
}

/* From then on it has nothing to do but to sleep. */
static void await_sleep(sleeper_t *sleeper)
{
    uint64_t deadline = harness_deadline(20000);
    char path[64];
    char text[512];
    bool asleep = false;

    while (!asleep) {
        FILE *file;

        ASSERT(mg_monotonic_ns() < deadline);
        (void)snprintf(path, sizeof path, "/proc/self/task/%d/stat", atomic_load(&sleeper->tid));
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        asleep = fgets(text, sizeof text, file) != NULL && strstr(text, ") S ") != NULL;
        (void)fclose(file);
    }
}

TEST(one_that_is_added_wakes_who_sleeps_already)
{
    fixture_t fixture = make();
    sleeper_t sleeper = {.fixture = &fixture};
    pthread_t thread;

    mg_wakeup_signal(&fixture.second);
    ASSERT_EQ(0, pthread_create(&thread, NULL, sleep_on, &sleeper));
    await_sleep(&sleeper);
    ASSERT(mg_poller_add(&fixture.poller, mg_wakeup_descriptor(&fixture.second)));
    ASSERT_EQ(0, pthread_join(thread, NULL));
    drop(&fixture);
}

static void wait_for_end(void *argument)
{
    const int *ends = argument;
    char byte;

    (void)close(ends[1]);
    ASSERT_EQ(0, read(ends[0], &byte, 1));
}

TEST(one_that_was_removed_does_not_wake_though_a_child_has_it)
{
    fixture_t fixture = make();
    int ends[2];
    pid_t pid;

    ASSERT_EQ(0, pipe(ends));
    ASSERT(mg_poller_add(&fixture.poller, mg_wakeup_descriptor(&fixture.second)));
    mg_wakeup_signal(&fixture.second);
    pid = harness_fork(wait_for_end, ends);
    ASSERT(wakes(&fixture, LONG_MS));
    mg_poller_remove(&fixture.poller, mg_wakeup_descriptor(&fixture.second));
    mg_wakeup_close(&fixture.second);
    ASSERT(!wakes(&fixture, 20));
    (void)close(ends[1]);
    (void)close(ends[0]);
    ASSERT_EXITED(0, pid);
    drop(&fixture);
}

TEST(what_cannot_be_heard_of_is_refused)
{
    fixture_t fixture = make();
    int plain = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

    ASSERT(!mg_poller_add(&fixture.poller, -1));
    ASSERT(!mg_poller_add(&fixture.poller, plain));
    (void)close(plain);
    mg_poller_remove(&fixture.poller, -1);
    drop(&fixture);
    ASSERT(!mg_poller_add(&fixture.poller, 0));
}

#endif

int main(void)
{
    RUN(the_first_descriptor_wakes);
#ifdef __linux__
    RUN(one_that_is_added_wakes_who_sleeps_already);
    RUN(one_that_was_removed_does_not_wake_though_a_child_has_it);
    RUN(what_cannot_be_heard_of_is_refused);
#endif
    return harness_finish();
}
