#include "rb_blocking.h"

#include "supervisor.h"

#include <math.h>
#include <ruby/thread.h>
#include <time.h>

typedef struct {
    mg_eventcount_t *ec;
    rb_mg_ready_t ready;
    void *argument;
    uint64_t deadline_ns;
} wait_t;

typedef struct {
    void (*function)(void *);
    void *argument;
    bool ran;
} call_t;

static void *run_call(void *argument)
{
    call_t *call = argument;

    call->function(call->argument);
    call->ran = true;
    return NULL;
}

/* The second form of the call does not look at interrupts after the function: an exception there
 * would pass over what the caller holds. RUBY_UBF_IO ends a system call with EINTR. */
bool rb_mg_without_gvl(void (*function)(void *argument), void *argument)
{
    call_t call = {function, argument, false};

    (void)rb_thread_call_without_gvl2(run_call, &call, RUBY_UBF_IO, NULL);
    return call.ran;
}

static void sleep_on(void *argument)
{
    const wait_t *wait = argument;
    uint32_t ticket = mg_eventcount_prepare(wait->ec);

    if (wait->ready(wait->argument))
        mg_eventcount_cancel(wait->ec);
    else
        (void)mg_eventcount_wait(wait->ec, ticket, wait->deadline_ns);
}

void rb_mg_wait(mg_process_t *process, mg_eventcount_t *ec, rb_mg_ready_t ready, void *argument,
                uint64_t deadline_ns)
{
    wait_t wait = {ec, ready, argument, deadline_ns};
    uint64_t slice_end;

    /* An interrupt that was deferred (Thread.handle_interrupt) and may come now does not end a
     * wait that begins after it arrived: look first. */
    rb_thread_check_ints();
    slice_end = mg_after(mg_monotonic_ns(), RB_MG_SLICE_NS);
    if (slice_end < wait.deadline_ns)
        wait.deadline_ns = slice_end;
    mg_supervisor_retain(process);
    (void)rb_mg_without_gvl(sleep_on, &wait);
    mg_supervisor_release(process);
}

static void nap(void *argument)
{
    const uint64_t *duration = argument;
    struct timespec time = {0, (long)*duration};

    (void)nanosleep(&time, NULL);
}

void rb_mg_nap(uint64_t duration_ns, uint64_t deadline_ns)
{
    uint64_t now = mg_monotonic_ns();
    uint64_t left = deadline_ns > now ? deadline_ns - now : 0;

    rb_thread_check_ints();
    if (left < duration_ns)
        duration_ns = left;
    (void)rb_mg_without_gvl(nap, &duration_ns);
}

uint64_t rb_mg_duration(VALUE seconds)
{
    double value = NUM2DBL(seconds);

    if (isnan(value) || value < 0)
        rb_raise(rb_eArgError, "a duration must not be negative: %" PRIsVALUE, seconds);
    return value >= 1e9 ? MG_NEVER : (uint64_t)(value * 1e9);
}

uint64_t rb_mg_deadline(VALUE timeout)
{
    if (NIL_P(timeout))
        return MG_NEVER;
    return mg_after(mg_monotonic_ns(), rb_mg_duration(timeout));
}
