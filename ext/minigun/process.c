#include "process.h"

#include "fault.h"
#include "fork.h"
#include "pidfd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static mg_status_t carve_all(mg_process_t *process)
{
    void *memory;
    mg_status_t status;

    status = mg_segment_carve(&process->segment, sizeof(mg_control_t), MG_CACHE_LINE, &memory);
    if (status != MG_OK)
        return status;
    process->control = memory;
    status = mg_segment_carve(&process->segment, mg_ring_footprint(process->out_capacity),
                              MG_CACHE_LINE, &process->out_ring);
    if (status != MG_OK || process->inbox_capacity == 0)
        return status;
    return mg_segment_carve(&process->segment, mg_ring_footprint(process->inbox_capacity),
                            MG_CACHE_LINE, &process->inbox_ring);
}

static mg_status_t format_rings(mg_process_t *process)
{
    mg_status_t status = mg_ring_init(process->out_ring, mg_ring_footprint(process->out_capacity),
                                      process->out_capacity, 0, process->generation);

    if (status != MG_OK || process->inbox_ring == NULL)
        return status;
    return mg_ring_init(process->inbox_ring, mg_ring_footprint(process->inbox_capacity),
                        process->inbox_capacity, 0, process->generation);
}

static bool capacity_valid(size_t capacity)
{
    return capacity >= MG_RING_MIN_CAPACITY && capacity <= MG_RING_MAX_CAPACITY &&
           (capacity & (capacity - 1)) == 0;
}

/* Memory the segment needs; 0 when the sum overflows. */
static size_t segment_size(const mg_process_t *process)
{
    size_t out = mg_ring_footprint(process->out_capacity);
    size_t inbox = process->inbox_capacity != 0 ? mg_ring_footprint(process->inbox_capacity) : 0;
    size_t fixed = sizeof(mg_control_t) + (size_t)3 * MG_CACHE_LINE;

    if (inbox > SIZE_MAX - fixed || out > SIZE_MAX - fixed - inbox)
        return 0;
    return out + inbox + fixed;
}

static mg_status_t map_memory(mg_process_t *process)
{
    size_t size = segment_size(process);
    mg_status_t status;

    if (size == 0)
        return MG_TOO_LARGE;
    status = mg_segment_create(&process->segment, size);
    if (status != MG_OK)
        return status;
    status = carve_all(process);
    if (status != MG_OK)
        return status;
    mg_eventcount_init(&process->control->parent_ec);
    return format_rings(process);
}

mg_status_t mg_process_create(size_t out_capacity, size_t inbox_capacity, mg_process_t **out)
{
    mg_process_t *process;
    mg_status_t status;

    if (!capacity_valid(out_capacity) || (inbox_capacity != 0 && !capacity_valid(inbox_capacity)))
        return MG_INVALID;
    process = calloc(1, sizeof(*process));
    if (process == NULL)
        return MG_NO_MEMORY;
    process->out_capacity = out_capacity;
    process->inbox_capacity = inbox_capacity;
    process->pidfd = -1;
    process->owner = mg_fork_self();
    atomic_init(&process->references, 1);
    atomic_init(&process->life, MG_LIFE_NONE);
    status = map_memory(process);
    if (status != MG_OK) {
        int error = errno;

        mg_process_destroy(process);
        errno = error;
        return status;
    }
    *out = process;
    return MG_OK;
}

void mg_process_close_pidfd(mg_process_t *process)
{
    if (process->pidfd >= 0)
        (void)close(process->pidfd);
    process->pidfd = -1;
}

void mg_process_destroy(mg_process_t *process)
{
    mg_process_close_pidfd(process);
    mg_segment_destroy(&process->segment);
    free(process);
}

mg_status_t mg_process_reset(mg_process_t *process, bool group, uint64_t start_by)
{
    mg_control_t *control = process->control;

    if (mg_process_is(process, MG_LIFE_LIVE))
        return MG_BUSY;
    process->generation++;
    process->group = group;
    process->pid = 0;
    process->exit = (mg_exit_t){0};
    process->plan = (mg_plan_t){
        .start_by = start_by, .finish_by = MG_NEVER, .kill_at = MG_NEVER, .grace_ns = MG_GRACE_NS};
    atomic_store(&process->life, MG_LIFE_NONE);
    atomic_store(&control->state, MG_CHILD_NEW);
    atomic_store(&control->pid, 0);
    /* parent_ec stays: a thread of the parent may still be about to leave it. */
    mg_eventcount_init(&control->child_ec);
    atomic_store(&control->emitted, 0);
    atomic_store(&control->began_ns, 0);
    atomic_store(&control->started, 0);
    atomic_store(&control->finished, 0);
    atomic_store(&control->failed, 0);
    for (size_t i = 0; i < MG_ITEM_STATES; i++)
        atomic_store_explicit(&control->items[i], 0, memory_order_relaxed);
    return format_rings(process);
}

void mg_process_adopt(mg_process_t *process, pid_t pid)
{
    process->pid = pid;
    MG_FAULT(before_pidfd);
    process->pidfd = mg_pidfd_open(pid);
    /* The child does the same: whoever comes first, both see the group after this. */
    if (process->group)
        (void)setpgid(pid, pid);
    MG_FAULT(before_register);
    atomic_store(&process->life, MG_LIFE_LIVE);
}

/*
 * parent: cancelled = generation, then read pid      child: pid = self, then read cancelled
 * Sequentially consistent on both sides: either the parent finds the pid and ends the child, or
 * the child finds itself cancelled and ends before it has run anything. Of a child that somebody
 * ended or stopped before that, only the kernel knows.
 */
pid_t mg_process_cancel(mg_process_t *process, uint64_t wait_ns)
{
    const struct timespec pause = {0, 200000};
    uint64_t give_up = mg_after(mg_monotonic_ns(), wait_ns);
    siginfo_t info;
    pid_t pid;

    atomic_store(&process->control->cancelled, process->generation);
    while ((pid = (pid_t)atomic_load(&process->control->pid)) == 0 && mg_monotonic_ns() < give_up &&
           (pid = mg_fork_find(process)) == 0)
        (void)nanosleep(&pause, NULL);
    /* A word of shared memory decides nothing alone: only a child of ours may be signalled. */
    if (pid <= 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return 0;
    return pid;
}

void mg_process_signal(const mg_process_t *process, int signal)
{
    bool group = process->group && getpgid(process->pid) == process->pid;
    /* A program may count its TERMs, so the process gets its own with those of its group. KILL does
     * not depend on what group the process has just gone to. */
    int alone = group && signal == SIGTERM ? 0 : signal;

    if (process->pid <= 0)
        return;
    if (process->pidfd >= 0) {
        /* Gone from the process table: its number may be somebody else's by now. */
        if (mg_pidfd_signal(process->pidfd, alone) != 0 && errno == ESRCH)
            return;
    } else {
        (void)kill(process->pid, alone);
    }
    if (group)
        (void)kill(-process->pid, signal);
}

/* While a child is one its number still names its own group. */
static bool is_zombie(const mg_process_t *process)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == process->pid;
}

bool mg_process_reap(mg_process_t *process)
{
    mg_exit_t exit;

    /* What the block started goes down with a child that was told to go. */
    if ((process->plan.kill_sent || process->plan.term_sent) && process->group &&
        is_zombie(process) && getpgid(process->pid) == process->pid)
        (void)kill(-process->pid, SIGKILL);
    MG_FAULT_WHEN(is_zombie(process), before_reap);
    if (mg_exit_take(process->pid, process->pidfd, &exit) == MG_EMPTY)
        return false;
    process->exit = exit;
    return true;
}

void mg_process_mark_dead(mg_process_t *process)
{
    /* Pairs with the load in mg_process_is. Sequentially consistent because the event count
     * needs the condition in the one total order; `exit` is carried along. */
    atomic_store_explicit(&process->life, MG_LIFE_DEAD, memory_order_seq_cst);
    (void)mg_eventcount_notify(&process->control->parent_ec);
}

uint64_t mg_process_started(const mg_process_t *process)
{
    return atomic_load_explicit(&process->control->started, memory_order_acquire);
}

bool mg_process_ready(const mg_process_t *process)
{
    return atomic_load_explicit(&process->control->state, memory_order_acquire) >= MG_CHILD_READY;
}

bool mg_process_orphaned(const mg_process_t *process)
{
    return process->parent != 0 && getppid() != process->parent;
}

uint64_t mg_after(uint64_t now, uint64_t duration_ns)
{
    return duration_ns > MG_NEVER - now ? MG_NEVER : now + duration_ns;
}
