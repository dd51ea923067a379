/* What a fork costs at least: libc's fork, _exit at once, wait; by a process of any size. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns how many children have ended well. */
int bench_fork(int times)
{
    int ended = 0;

    for (int index = 0; index < times; index++) {
        int status = -1;
        pid_t pid = fork();

        if (pid == 0)
            _exit(0);
        while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        if (status == 0)
            ended++;
    }
    return ended;
}
