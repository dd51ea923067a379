/*
 * Two processes that wake one another by a futex, and do nothing else.
 *
 *   pingpong ROUNDS      prints nanoseconds a round trip and the number of round trips
 */
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(_Atomic uint32_t *word, uint32_t value)
{
    atomic_store(word, value);
    (void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void hear(_Atomic uint32_t *word, uint32_t value)
{
    for (uint32_t seen; (seen = atomic_load(word)) != value;)
        (void)syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

int main(int argc, char **argv)
{
    uint32_t rounds = argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    _Atomic uint32_t *words =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct timespec from;
    struct timespec to;
    pid_t pid;

    if (rounds == 0 || words == MAP_FAILED || (pid = fork()) < 0)
        return 2;
    if (pid == 0) {
        for (uint32_t round = 1; round <= rounds; round++) {
            hear(&words[0], round);
            say(&words[16], round);
        }
        _exit(0);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    for (uint32_t round = 1; round <= rounds; round++) {
        say(&words[0], round);
        hear(&words[16], round);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    (void)waitpid(pid, NULL, 0);
    printf("%.1f %u\n",
           ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / rounds,
           rounds);
    return 0;
}
