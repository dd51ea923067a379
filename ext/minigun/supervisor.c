#include "supervisor.h"

#include "supervisor_state.h"

#include <errno.h>
#include <time.h>

mg_supervisor_t mg_supervisor = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                                 .wakeup = {.reader = -1, .writer = -1},
                                 .poller = {.descriptor = -1}};

void mg_supervisor_lock(void)
{
    (void)pthread_mutex_lock(&mg_supervisor.mutex);
}

void mg_supervisor_unlock(void)
{
    (void)pthread_mutex_unlock(&mg_supervisor.mutex);
}

void mg_supervisor_wake_locked(void)
{
    if (mg_supervisor.running)
        mg_wakeup_signal(&mg_supervisor.wakeup);
}

void mg_supervisor_release_locked(mg_process_t *process)
{
    if (atomic_fetch_sub(&process->references, 1) != 1)
        return;
    if (process->previous != NULL)
        process->previous->next = process->next;
    else
        mg_supervisor.handles = process->next;
    if (process->next != NULL)
        process->next->previous = process->previous;
    mg_process_destroy(process);
}

mg_status_t mg_supervisor_reserve(void)
{
    int error;

    mg_supervisor_lock();
    error = mg_supervisor_start_locked();
    if (error == 0)
        mg_supervisor.reserved++;
    mg_supervisor_unlock();
    errno = error;
    return error == 0 ? MG_OK : MG_SYSTEM;
}

void mg_supervisor_unreserve(void)
{
    mg_supervisor_lock();
    mg_supervisor.reserved--;
    /* The thread counts how long it has had nothing to do from when it hears of that. */
    if (mg_supervisor.reserved + mg_supervisor.watched == 0)
        mg_supervisor_wake_locked();
    mg_supervisor_unlock();
}

void mg_supervisor_register(mg_process_t *process)
{
    mg_supervisor_lock();
    process->previous = NULL;
    process->next = mg_supervisor.handles;
    if (mg_supervisor.handles != NULL)
        mg_supervisor.handles->previous = process;
    mg_supervisor.handles = process;
    mg_supervisor_unlock();
}

void mg_supervisor_retain(mg_process_t *process)
{
    atomic_fetch_add(&process->references, 1);
}

void mg_supervisor_release(mg_process_t *process)
{
    mg_supervisor_lock();
    mg_supervisor_release_locked(process);
    mg_supervisor_unlock();
}

/* A thread that wakes too early only looks again. One whose time has come is about to look. */
static void wake_by(uint64_t due)
{
    if (due < mg_supervisor.wake_at)
        mg_supervisor_wake_locked();
}

/* The thread is left asleep where it can be: the child begins now, and may have its processor. */
void mg_supervisor_adopt(mg_process_t *process, pid_t pid)
{
    mg_supervisor_lock();
    mg_process_adopt(process, pid);
    process->watched = true;
    process->heard = mg_poller_add(&mg_supervisor.poller, process->pidfd);
    mg_supervisor.watched++;
    mg_supervisor.reserved--;
    mg_supervisor_retain(process);
    wake_by(process->heard ? mg_plan_wake_at(&process->plan, false) : 0);
    mg_supervisor_unlock();
}

void mg_supervisor_kill(mg_process_t *process)
{
    mg_supervisor_lock();
    if (process->watched && !process->plan.kill_wanted) {
        process->plan.kill_wanted = true;
        mg_supervisor_wake_locked();
    }
    mg_supervisor_unlock();
}

void mg_supervisor_terminate(mg_process_t *process, uint64_t grace_ns)
{
    uint64_t kill_at = mg_after(mg_monotonic_ns(), grace_ns);

    mg_supervisor_lock();
    if (process->watched) {
        process->plan.term_wanted = true;
        process->plan.grace_ns = grace_ns;
        if (process->plan.term_sent && kill_at < process->plan.kill_at)
            process->plan.kill_at = kill_at;
        mg_supervisor_wake_locked();
    }
    mg_supervisor_unlock();
}

void mg_supervisor_set_deadline(mg_process_t *process, uint64_t finish_by)
{
    mg_supervisor_lock();
    if (process->watched) {
        process->plan.finish_by = finish_by;
        process->plan.item = 0;
        wake_by(finish_by);
    }
    mg_supervisor_unlock();
}

void mg_supervisor_set_item_deadline(mg_process_t *process, uint64_t item, uint64_t budget_ns,
                                     uint64_t start_ns)
{
    uint64_t now = mg_monotonic_ns();
    mg_plan_t *plan = &process->plan;

    mg_supervisor_lock();
    if (process->watched) {
        plan->item = item;
        plan->budget_ns = budget_ns;
        plan->begin_by = mg_after(now, start_ns);
        plan->finish_by = mg_process_started(process) < item ? mg_after(now, budget_ns) : now;
        mg_supervisor_follow_item(process, now);
        wake_by(plan->finish_by);
    }
    mg_supervisor_unlock();
}

void mg_supervisor_set_grace(mg_process_t *process, uint64_t grace_ns)
{
    mg_supervisor_lock();
    process->plan.grace_ns = grace_ns;
    mg_supervisor_unlock();
}

mg_cause_t mg_supervisor_cause(mg_process_t *process)
{
    mg_cause_t cause;

    mg_supervisor_lock();
    cause = process->plan.cause;
    mg_supervisor_unlock();
    return cause;
}

size_t mg_supervisor_watched(void)
{
    size_t watched;

    mg_supervisor_lock();
    watched = mg_supervisor.watched;
    mg_supervisor_unlock();
    return watched;
}

bool mg_supervisor_watches(pid_t pid)
{
    bool watches = false;

    mg_supervisor_lock();
    for (const mg_process_t *process = mg_supervisor.handles; process != NULL && !watches;
         process = process->next)
        watches = process->watched && process->pid == pid;
    mg_supervisor_unlock();
    return watches;
}

static void kill_all(void)
{
    mg_supervisor_lock();
    mg_supervisor.stopping = true;
    for (mg_process_t *process = mg_supervisor.handles; process != NULL; process = process->next)
        process->plan.kill_wanted = process->plan.kill_wanted || process->watched;
    mg_supervisor_wake_locked();
    mg_supervisor_unlock();
}

static bool is_running(void)
{
    bool running;

    mg_supervisor_lock();
    running = mg_supervisor.running;
    mg_supervisor_unlock();
    return running;
}

void mg_supervisor_shutdown(uint64_t deadline_ns)
{
    const struct timespec pause = {0, 500000};

    kill_all();
    while (is_running() && mg_monotonic_ns() < deadline_ns)
        (void)nanosleep(&pause, NULL);
}

/* Only its slot is the child's business: the others' memory it could only damage, and their
 * owner's memory would stay allocated as long as the child lives. */
static void forget(mg_process_t *process)
{
    mg_process_close_pidfd(process);
    mg_segment_destroy(&process->segment);
    process->control = NULL;
    process->out_ring = NULL;
    process->inbox_ring = NULL;
}

void mg_supervisor_after_fork(mg_process_t *kept)
{
    mg_process_t *next;

    (void)pthread_mutex_init(&mg_supervisor.mutex, NULL);
    mg_poller_close(&mg_supervisor.poller);
    mg_wakeup_close(&mg_supervisor.wakeup);
    mg_supervisor.running = false;
    mg_supervisor.stopping = false;
    mg_supervisor.watched = 0;
    mg_supervisor.reserved = 0;
    for (mg_process_t *process = mg_supervisor.handles; process != NULL; process = next) {
        /* Only the supervisor's reference was left, and that thread is not here. */
        bool abandoned = process->watched && atomic_load(&process->references) == 1;

        next = process->next;
        process->watched = false;
        atomic_store(&process->references, 1);
        if (process != kept)
            forget(process);
        if (abandoned)
            mg_supervisor_release_locked(process);
    }
}
