/*
 * One slot for child processes: the shared memory it talks through and the life of the child in
 * it, seen from the parent. Used again and again: reset, fork, adopt, reap, reset ...
 *
 *   segment:  +---------+-----------------------+----------------------------+
 *             | control | out ring              | inbox ring (may be absent) |
 *             +---------+-----------------------+----------------------------+
 *                         child writes            parent writes
 *
 * All memory is allocated before the fork. The handle (mg_process_t) is private memory: what the
 * parent believes about a child is never read from memory the child could have scribbled over,
 * except the pid of a child whose fork was cut short, and that is checked against the kernel.
 *
 * A handle is counted: its owner holds one reference, the supervisor one while it watches a
 * child, a thread that sleeps on the shared memory one. Fields marked (s) belong to the
 * supervisor's mutex.
 */
#ifndef MG_PROCESS_H
#define MG_PROCESS_H

#include "platform.h"

#include "eventcount.h"
#include "exit.h"
#include "ring.h"
#include "segment.h"
#include "status.h"

#include <stdbool.h>
#include <sys/types.h>

#define MG_ITEM_STATES 64u
#define MG_NEVER       UINT64_MAX
#define MG_GRACE_NS    UINT64_C(5000000000)

typedef enum {
    MG_CHILD_NEW,
    MG_CHILD_FORKED,
    MG_CHILD_READY,
    MG_CHILD_ENDED
} mg_child_state_t;
typedef enum {
    MG_LIFE_NONE,
    MG_LIFE_LIVE,
    MG_LIFE_DEAD
} mg_life_t;
typedef enum {
    MG_CAUSE_NONE,
    MG_CAUSE_START_TIMEOUT,
    MG_CAUSE_DEADLINE,
    MG_CAUSE_TERMINATED
} mg_cause_t;
typedef enum {
    MG_ACTION_NONE,
    MG_ACTION_TERM,
    MG_ACTION_KILL
} mg_action_t;

/* In shared memory. The counters and item states have one writer, the child. */
typedef struct {
    _Atomic uint32_t state; /* mg_child_state_t */
    _Atomic int32_t pid;    /* published by the child before anything else */
    /* Generation whose fork was given up: a child of it that finds this ends itself. */
    _Atomic uint32_t cancelled;
    _Alignas(MG_CACHE_LINE) mg_eventcount_t parent_ec; /* what the parent sleeps on */
    _Alignas(MG_CACHE_LINE) mg_eventcount_t child_ec;  /* what the child sleeps on */
    _Alignas(MG_CACHE_LINE) _Atomic uint64_t emitted;
    _Atomic uint64_t began_ns; /* when the last item was started; written before `started` */
    _Atomic uint64_t started;
    _Atomic uint64_t finished;
    _Atomic uint64_t failed;
    _Alignas(MG_CACHE_LINE) _Atomic uint32_t items[MG_ITEM_STATES];
} mg_control_t;

/* When to send which signal; a pure table, see mg_plan_next. Times by CLOCK_MONOTONIC. */
typedef struct {
    uint64_t start_by;  /* killed when it is not READY by then */
    uint64_t finish_by; /* TERM then */
    uint64_t kill_at;   /* KILL then; set when TERM was sent */
    uint64_t grace_ns;  /* from TERM to KILL */
    uint64_t item;      /* that finish_by is to follow once it was started; 0: none */
    uint64_t budget_ns; /* of the item, from its start */
    uint64_t begin_by;  /* no later than that it must have been started */
    bool term_wanted;
    bool kill_wanted;
    bool term_sent;
    bool kill_sent;
    mg_cause_t cause; /* why the first signal was sent */
} mg_plan_t;

typedef struct mg_process {
    struct mg_process *next; /* (s) of all handles of this process */
    struct mg_process *previous;
    mg_segment_t segment;
    mg_control_t *control;
    void *out_ring;
    void *inbox_ring; /* NULL: none */
    size_t out_capacity;
    size_t inbox_capacity;
    pid_t owner;  /* the process that made the handle */
    pid_t self;   /* in the child: its own pid; 0 elsewhere */
    pid_t parent; /* in the child: whose death ends it; 0: not to be told by getppid */
    uint32_t generation;
    uint64_t fork_ticks; /* mg_fork_ticks when the fork began */
    _Atomic int references;
    bool group;       /* the child leads a process group of its own */
    pid_t pid;        /* (s) of the child; kept after its death */
    int pidfd;        /* (s) -1: none */
    bool heard;       /* (s) its end wakes the supervisor's thread */
    bool watched;     /* (s) */
    mg_plan_t plan;   /* (s) */
    mg_exit_t exit;   /* complete before `life` says DEAD */
    _Atomic int life; /* mg_life_t */
} mg_process_t;

/* Makes a handle with one reference. `inbox_capacity` 0: no inbox.
 * MG_OK, MG_INVALID (a capacity is no power of two or out of range), MG_TOO_LARGE,
 * MG_NO_MEMORY (errno kept). */
mg_status_t mg_process_create(size_t out_capacity, size_t inbox_capacity, mg_process_t **out);

/* Unmaps and frees; no reference may be left and no child be alive. */
void mg_process_destroy(mg_process_t *process);

/* Makes the slot empty for the next child: next generation, rings formatted, counters zero.
 * MG_OK, MG_BUSY (a child is alive). */
mg_status_t mg_process_reset(mg_process_t *process, bool group, uint64_t start_by);

/* After a fork that worked: takes over child `pid` (opens its pidfd, sets its group). */
void mg_process_adopt(mg_process_t *process, pid_t pid);

/* After a fork of this thread that was cut short: forbids a child that may be there to go on and
 * says its pid when there is one, else 0. Waits `wait_ns` at most for it to show. */
pid_t mg_process_cancel(mg_process_t *process, uint64_t wait_ns);

/* Sends a signal to the child, to its whole group if it has its own. Nothing once reaped. */
void mg_process_signal(const mg_process_t *process, int signal);

/* Reaps the child if it has ended: true when it is gone, `process->exit` says how. */
bool mg_process_reap(mg_process_t *process);

/* Closes the pidfd, if there is one. */
void mg_process_close_pidfd(mg_process_t *process);

/* Says that the child is gone: what was stored before is seen by whoever sees DEAD. */
void mg_process_mark_dead(mg_process_t *process);

static inline bool mg_process_is(const mg_process_t *process, mg_life_t life)
{
    return atomic_load_explicit(&process->life, memory_order_seq_cst) == (int)life;
}

/* Items the child has started. */
uint64_t mg_process_started(const mg_process_t *process);

bool mg_process_ready(const mg_process_t *process);

/* In the child: has the parent gone? */
bool mg_process_orphaned(const mg_process_t *process);

/* Which signal is due now, and what that changes in the plan. */
mg_action_t mg_plan_next(mg_plan_t *plan, bool ready, uint64_t now);

/* When the plan must be looked at again; MG_NEVER: on request only. */
uint64_t mg_plan_wake_at(const mg_plan_t *plan, bool ready);

/* The next number of a positive duration, MG_NEVER when it overflows. */
uint64_t mg_after(uint64_t now, uint64_t duration_ns);

#endif
