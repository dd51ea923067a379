#include "rb_child.h"

#include "fault.h"
#include "fork.h"
#include "rb_status.h"

#include <signal.h>
#include <unistd.h>

/* How often the error that ends a child is asked what it means. */
#define QUESTIONS 5

typedef struct {
    VALUE self;
    rb_mg_child_t *child;
    VALUE block;
    VALUE title;
    VALUE lock;
} main_t;

static VALUE set_title(VALUE title)
{
    return rb_funcall(rb_mProcess, rb_intern("setproctitle"), 1, title);
}

static VALUE take_role(VALUE argument)
{
    const main_t *arguments = (const main_t *)argument;
    rb_mg_child_t *child = arguments->child;
    mg_process_t *process = child->process;
    mg_status_t status = mg_ring_attach_writer(&child->writer, process->out_ring,
                                               process->out_capacity, process->generation);

    if (status == MG_OK && process->inbox_ring != NULL)
        status = mg_ring_attach_reader(&child->reader, process->inbox_ring, process->inbox_capacity,
                                       process->generation);
    rb_mg_check(status, "taking over the slot");
    child->reader_closed = process->inbox_ring == NULL;
    child->writer_closed = false;
    rb_mutex_unlock(arguments->lock);
    rb_mg_child_reset_traps();
    if (!NIL_P(arguments->title))
        set_title(arguments->title);
    return Qnil;
}

static VALUE call_with(VALUE block, VALUE argument)
{
    return rb_funcall(block, rb_intern("call"), 1, argument);
}

static VALUE call_block(VALUE argument)
{
    const main_t *arguments = (const main_t *)argument;

    return call_with(arguments->block, arguments->self);
}

static VALUE flush(VALUE io)
{
    return rb_funcall(io, rb_intern("flush"), 0);
}

static VALUE report(VALUE error)
{
    VALUE text = rb_funcall(error, rb_intern("full_message"), 0);

    rb_funcall(rb_stderr, rb_intern("write"), 1, text);
    return Qnil;
}

static VALUE status_of_exit(VALUE error)
{
    return rb_funcall(error, rb_intern("status"), 0);
}

static VALUE number_of_signal(VALUE error)
{
    return rb_funcall(error, rb_intern("signo"), 0);
}

/* An integer that the error answers, or 0. The next signal may interrupt the question: it is asked
 * again, for a process that signals end does not end with an exit code. */
static int ask(VALUE (*question)(VALUE), VALUE error)
{
    int raised = 1;
    VALUE answer = Qnil;

    for (int i = 0; raised != 0 && i < QUESTIONS; i++)
        answer = rb_protect(question, error, &raised);
    return raised == 0 && FIXNUM_P(answer) ? FIX2INT(answer) : 0;
}

/* Errors on the way out are nobody's: the streams may be closed, or a pipe without a reader. */
static void flush_streams(void)
{
    int raised;

    rb_protect(flush, rb_stdout, &raised);
    MG_FAULT(during_flush);
    rb_protect(flush, rb_stderr, &raised);
    rb_set_errinfo(Qnil);
}

/* So that whoever looks at the status sees the signal, as with any other process. */
static void die_of(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t set;

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, number);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(number);
}

/* What ended the block other than its end. Not every jump carries an exception: throw and
 * Thread#kill leave an internal value that no method may be called on. */
static int leave_by_jump(const rb_mg_child_t *child)
{
    VALUE error = rb_errinfo();
    bool exception = RB_TYPE_P(error, T_OBJECT) && RTEST(rb_obj_is_kind_of(error, rb_eException));
    int raised;
    int signal = 0;
    int code = 0;

    rb_set_errinfo(Qnil);
    if (exception && RTEST(rb_obj_is_kind_of(error, rb_eSystemExit)))
        code = ask(status_of_exit, error);
    else if (exception && RTEST(rb_obj_is_kind_of(error, rb_eSignal)))
        signal = ask(number_of_signal, error);
    else if (exception)
        rb_protect(report, error, &raised);
    flush_streams();
    if (signal > 0)
        die_of(signal);
    if (child->ended)
        return 0;
    return code != 0 ? code : 1;
}

void rb_mg_child_rehearse_main(void)
{
    int raised;

    rb_mg_child_rehearse_traps();
    /* Refused, so that this process keeps its title. */
    rb_protect(set_title, Qnil, &raised);
    rb_set_errinfo(Qnil);
    call_with(rb_proc_new(rb_mg_child_do_nothing, Qnil), Qnil);
    flush_streams();
}

void rb_mg_child_main(VALUE self, rb_mg_child_t *child, VALUE block, VALUE title, VALUE lock,
                      int raised)
{
    main_t arguments = {self, child, block, title, lock};
    mg_control_t *control = child->process->control;
    int code;

    if (raised == 0)
        rb_protect(take_role, (VALUE)&arguments, &raised);
    (void)mg_fork_end();
    if (raised == 0) {
        MG_FAULT(before_ready);
        atomic_store(&control->state, MG_CHILD_READY);
        rb_protect(call_block, (VALUE)&arguments, &raised);
    }
    if (raised == 0) {
        flush_streams();
        code = child->ended ? 0 : 1;
    } else {
        code = leave_by_jump(child);
    }
    RB_GC_GUARD(self);
    RB_GC_GUARD(block);
    RB_GC_GUARD(title);
    /* No finalizer, at_exit block or heap teardown of the parent runs here. */
    _exit(code);
}
