/* Threads and two permits at full speed, for ThreadSanitizer: what a permit guards is no atomic. */
#include "semaphore.h"

#include "harness.h"

#include <pthread.h>

#define THREADS 4
#define ROUNDS  5000

typedef struct {
    mg_semaphore_t semaphore;
    struct {
        _Alignas(MG_CACHE_LINE) uint64_t count;
    } guarded[2];
} shared_t;

static void *work(void *argument)
{
    shared_t *shared = argument;

    for (int i = 0; i < ROUNDS; i++) {
        size_t permit = 0;

        if (mg_semaphore_acquire(&shared->semaphore, harness_deadline(20000), &permit) != MG_OK)
            abort();
        shared->guarded[permit].count++;
        if (mg_semaphore_release(&shared->semaphore, permit) != MG_OK)
            abort();
    }
    return NULL;
}

TEST(a_permit_guards_what_belongs_to_it)
{
    static shared_t shared;
    size_t size = mg_semaphore_footprint(2);
    pthread_t threads[THREADS];

    ASSERT_OK(mg_semaphore_init(&shared.semaphore, harness_shared(size), size, 2));
    for (size_t i = 0; i < THREADS; i++)
        ASSERT_EQ(0, pthread_create(&threads[i], NULL, work, &shared));
    for (size_t i = 0; i < THREADS; i++)
        ASSERT_EQ(0, pthread_join(threads[i], NULL));
    ASSERT_EQ(THREADS * ROUNDS, shared.guarded[0].count + shared.guarded[1].count);
}

int main(void)
{
    RUN(a_permit_guards_what_belongs_to_it);
    return harness_finish();
}
