#include "supervisor.h"

#include "supervisor_state.h"

#include <errno.h>
#include <signal.h>

#define STACK_SIZE ((size_t)256 * 1024)
#define NS_PER_MS  UINT64_C(1000000)
#define POLLING_NS (10 * NS_PER_MS)
#define LINGER_NS  (200 * NS_PER_MS)
/* A thread that looks that often anyway need not be woken for a deadline that is further ahead. */
#define LOOK_NS (5000 * NS_PER_MS)

static void send_due_signals(mg_process_t *process, uint64_t now)
{
    switch (mg_plan_next(&process->plan, mg_process_ready(process), now)) {
    case MG_ACTION_TERM:
        mg_process_signal(process, SIGTERM);
        /* A stopped process would keep TERM pending. */
        mg_process_signal(process, SIGCONT);
        break;
    case MG_ACTION_KILL:
        mg_process_signal(process, SIGKILL);
        break;
    case MG_ACTION_NONE:
        break;
    }
}

static void reap_if_ended(mg_process_t *process)
{
    if (!mg_process_reap(process))
        return;
    if (process->heard)
        mg_poller_remove(&mg_supervisor.poller, process->pidfd);
    mg_process_close_pidfd(process);
    process->watched = false;
    mg_supervisor.watched--;
    mg_process_mark_dead(process);
    mg_supervisor_release_locked(process);
}

/* What the child wrote is believed only as far as that it did not begin in the future. */
void mg_supervisor_follow_item(mg_process_t *process, uint64_t now)
{
    mg_plan_t *plan = &process->plan;
    uint64_t began;

    if (plan->item == 0 || now < plan->finish_by)
        return;
    if (mg_process_started(process) >= plan->item) {
        began = atomic_load_explicit(&process->control->began_ns, memory_order_relaxed);
        plan->finish_by = mg_after(began < now ? began : now, plan->budget_ns);
        plan->item = 0;
    } else if (now < plan->begin_by) {
        plan->finish_by = now + POLLING_NS;
    }
}

/* Reaps, then signals; says when to do it again. */
static uint64_t look_after_children(void)
{
    uint64_t now = mg_monotonic_ns();
    uint64_t wake_at = now + LOOK_NS;
    mg_process_t *next;

    for (mg_process_t *process = mg_supervisor.handles; process != NULL; process = next) {
        uint64_t due;

        next = process->next;
        if (!process->watched)
            continue;
        mg_supervisor_follow_item(process, now);
        send_due_signals(process, now);
        due = mg_plan_wake_at(&process->plan, mg_process_ready(process));
        if (!process->heard)
            due = due < now + POLLING_NS ? due : now + POLLING_NS;
        wake_at = due < wake_at ? due : wake_at;
        reap_if_ended(process);
    }
    return wake_at;
}

static int milliseconds_until(uint64_t wake_at)
{
    uint64_t now = mg_monotonic_ns();

    return wake_at <= now ? 0 : (int)((wake_at - now + NS_PER_MS - 1) / NS_PER_MS);
}

static void close_descriptors(void)
{
    mg_poller_close(&mg_supervisor.poller);
    mg_wakeup_close(&mg_supervisor.wakeup);
}

/* With nothing to do for a while the thread ends, and its descriptors with it: the next child
 * makes others. */
static bool ready_to_leave(uint64_t *idle_since, uint64_t *wake_at)
{
    uint64_t now = mg_monotonic_ns();

    if (mg_supervisor.watched + mg_supervisor.reserved != 0) {
        *idle_since = MG_NEVER;
        return false;
    }
    if (*idle_since == MG_NEVER)
        *idle_since = now;
    *wake_at = *idle_since + LINGER_NS;
    if (!mg_supervisor.stopping && now < *wake_at)
        return false;
    mg_supervisor.running = false;
    close_descriptors();
    return true;
}

static void *supervise(void *unused)
{
    uint64_t idle_since = MG_NEVER;

    (void)unused;
    for (;;) {
        uint64_t wake_at;
        bool leave;

        mg_supervisor_lock();
        mg_wakeup_clear(&mg_supervisor.wakeup);
        wake_at = look_after_children();
        leave = ready_to_leave(&idle_since, &wake_at);
        mg_supervisor.wake_at = wake_at;
        mg_supervisor_unlock();
        if (leave)
            return NULL;
        mg_poller_wait(&mg_supervisor.poller, milliseconds_until(wake_at));
    }
}

/* The thread inherits the mask: no signal meant for the program may be taken by it. */
static int create_thread(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all;
    sigset_t saved;
    int error;

    error = pthread_attr_init(&attributes);
    if (error != 0)
        return error;
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &saved);
    error = pthread_create(&thread, &attributes, supervise, NULL);
    (void)pthread_sigmask(SIG_SETMASK, &saved, NULL);
    (void)pthread_attr_destroy(&attributes);
    return error;
}

static int open_descriptors(void)
{
    int error;

    if (mg_wakeup_open(&mg_supervisor.wakeup) != 0)
        return errno;
    if (mg_poller_open(&mg_supervisor.poller, mg_wakeup_descriptor(&mg_supervisor.wakeup)) == 0)
        return 0;
    error = errno;
    mg_wakeup_close(&mg_supervisor.wakeup);
    return error;
}

int mg_supervisor_start_locked(void)
{
    int error;

    if (mg_supervisor.running)
        return 0;
    error = open_descriptors();
    if (error != 0)
        return error;
    mg_supervisor.stopping = false;
    mg_supervisor.wake_at = 0;
    error = create_thread();
    mg_supervisor.running = error == 0;
    if (error != 0)
        close_descriptors();
    return error;
}
