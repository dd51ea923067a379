#include "rb_fork.h"

#include "fork.h"

#include <ruby/debug.h>
#include <ruby/io.h>

#include <errno.h>

#define PROBES   5
#define PAUSE_US 100000

static VALUE eAgain;
static VALUE mask;       /* {Errno::EAGAIN => :on_blocking} */
static VALUE never_mask; /* {Object => :never} */
static ID id_fork, id_handle_interrupt, id_raise;

/* The thread whose fork must not be tried again, or nil. There is one fork of ours at a time. */
static VALUE forker;

static bool refused;

/* Runs at the next moment that Ruby thinks safe; the thread lets the error in when it has slept
 * until the next try. */
static void interrupt(void *unused)
{
    (void)unused;
    if (!NIL_P(forker))
        rb_funcall(forker, id_raise, 1, eAgain);
}

#ifdef HAVE_RB_POSTPONED_JOB_PREREGISTER

static rb_postponed_job_handle_t job;

static void prepare_job(void)
{
    job = rb_postponed_job_preregister(0, interrupt, NULL);
}

static void demand_job(void)
{
    rb_postponed_job_trigger(job);
}

#else

static void prepare_job(void)
{
}

static void demand_job(void)
{
    (void)rb_postponed_job_register_one(0, interrupt, NULL);
}

#endif

/* Called amid fork, where no method may be. */
static void on_refusal(void)
{
    refused = true;
    if (!NIL_P(forker))
        demand_job();
}

static VALUE fork_once(RB_BLOCK_CALL_FUNC_ARGLIST(argument, data))
{
    (void)argument, (void)data, (void)argc, (void)argv, (void)blockarg;
    return rb_funcall(rb_mKernel, id_fork, 0);
}

void rb_mg_fork_flush(void)
{
    rb_io_flush(rb_stdout);
    rb_io_flush(rb_stderr);
    rb_thread_check_ints();
}

static VALUE try_once(VALUE unused)
{
    (void)unused;
    rb_mg_fork_flush();
    return rb_block_call(rb_cThread, id_handle_interrupt, 1, &mask, fork_once, Qnil);
}

static VALUE call_function(RB_BLOCK_CALL_FUNC_ARGLIST(argument, function))
{
    (void)argument, (void)argc, (void)argv, (void)blockarg;
    (*(void (**)(void))function)();
    return Qnil;
}

void rb_mg_fork_undisturbed(void (*function)(void))
{
    (void)rb_block_call(rb_cThread, id_handle_interrupt, 1, &never_mask, call_function,
                        (VALUE)&function);
}

VALUE rb_mg_fork(int *raised)
{
    VALUE pid;

    forker = rb_thread_current();
    pid = rb_protect(try_once, Qnil, raised);
    forker = Qnil;
    return pid;
}

void rb_mg_fork_await_room(void)
{
    int error = 0;

    for (int i = 0; refused && i < PROBES; i++) {
        if (i > 0)
            rb_thread_wait_for((struct timeval){0, PAUSE_US});
        refused = mg_fork_probe() != MG_OK;
        error = errno;
    }
    if (refused)
        rb_syserr_fail(error, "fork(2)");
}

/* Of Thread.handle_interrupt. */
static VALUE new_mask(VALUE error, const char *timing)
{
    VALUE created = rb_hash_new();

    rb_hash_aset(created, error, ID2SYM(rb_intern(timing)));
    rb_gc_register_mark_object(rb_obj_freeze(created));
    return created;
}

void rb_mg_define_fork(void)
{
    eAgain = rb_path2class("Errno::EAGAIN");
    rb_gc_register_mark_object(eAgain);
    mask = new_mask(eAgain, "on_blocking");
    never_mask = new_mask(rb_cObject, "never");
    forker = Qnil;
    rb_gc_register_address(&forker);
    id_fork = rb_intern("fork");
    id_handle_interrupt = rb_intern("handle_interrupt");
    id_raise = rb_intern("raise");
    prepare_job();
    mg_fork_on_refusal(on_refusal);
}
