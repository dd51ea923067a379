#include "supervisor.h"

#include "supervisor_state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#define STACK_SIZE ((size_t)256 * 1024)
#define NS_PER_MS  UINT64_C(1000000)
#define POLLING_NS (10 * NS_PER_MS)
#define LINGER_NS  (200 * NS_PER_MS)

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

/* Reaps, then signals; says when the next plan is due. */
static uint64_t look_after_children(void)
{
    uint64_t now = mg_monotonic_ns();
    uint64_t wake_at = MG_NEVER;
    mg_process_t *next;

    for (mg_process_t *process = mg_supervisor.handles; process != NULL; process = next) {
        uint64_t due;

        next = process->next;
        if (!process->watched)
            continue;
        mg_supervisor_follow_item(process, now);
        send_due_signals(process, now);
        due = mg_plan_wake_at(&process->plan, mg_process_ready(process));
        if (process->pidfd < 0)
            due = due < now + POLLING_NS ? due : now + POLLING_NS;
        wake_at = due < wake_at ? due : wake_at;
        reap_if_ended(process);
    }
    return wake_at;
}

/* The descriptors to sleep on: the wake-up, then a pidfd each. When there is no memory for all
 * of them the rest is polled. */
static nfds_t collect_descriptors(struct pollfd **fds, size_t *capacity, uint64_t *wake_at)
{
    nfds_t count = 1;

    if (*capacity < mg_supervisor.watched + 1) {
        struct pollfd *grown = realloc(*fds, (mg_supervisor.watched + 1) * sizeof(**fds));

        if (grown != NULL) {
            *fds = grown;
            *capacity = mg_supervisor.watched + 1;
        }
    }
    if (*capacity < mg_supervisor.watched + 1)
        *wake_at = mg_monotonic_ns() + POLLING_NS;
    if (*capacity == 0)
        return 0;
    (*fds)[0] =
        (struct pollfd){.fd = mg_wakeup_descriptor(&mg_supervisor.wakeup), .events = POLLIN};
    for (const mg_process_t *process = mg_supervisor.handles; process != NULL;
         process = process->next)
        if (process->watched && process->pidfd >= 0 && count < *capacity)
            (*fds)[count++] = (struct pollfd){.fd = process->pidfd, .events = POLLIN};
    return count;
}

static int poll_timeout(uint64_t wake_at)
{
    uint64_t now = mg_monotonic_ns();
    uint64_t wait;

    if (wake_at == MG_NEVER)
        return -1;
    if (wake_at <= now)
        return 0;
    wait = (wake_at - now + NS_PER_MS - 1) / NS_PER_MS;
    return wait > 60000 ? 60000 : (int)wait;
}

/* With nothing to do for a while the thread ends, and its descriptor with it: the next child
 * makes another. */
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
    mg_wakeup_close(&mg_supervisor.wakeup);
    return true;
}

static void *supervise(void *unused)
{
    struct pollfd *fds = NULL;
    size_t capacity = 0;
    uint64_t idle_since = MG_NEVER;

    (void)unused;
    for (;;) {
        uint64_t wake_at;
        nfds_t count;
        bool leave;

        mg_supervisor_lock();
        mg_wakeup_clear(&mg_supervisor.wakeup);
        wake_at = look_after_children();
        leave = ready_to_leave(&idle_since, &wake_at);
        count = leave ? 0 : collect_descriptors(&fds, &capacity, &wake_at);
        mg_supervisor.wake_at = wake_at;
        mg_supervisor_unlock();
        if (leave)
            break;
        (void)poll(fds, count, poll_timeout(wake_at));
    }
    free(fds);
    return NULL;
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

int mg_supervisor_start_locked(void)
{
    int error;

    if (mg_supervisor.running)
        return 0;
    if (mg_wakeup_open(&mg_supervisor.wakeup) != 0)
        return errno;
    mg_supervisor.stopping = false;
    mg_supervisor.wake_at = 0;
    error = create_thread();
    mg_supervisor.running = error == 0;
    if (error != 0)
        mg_wakeup_close(&mg_supervisor.wakeup);
    return error;
}
