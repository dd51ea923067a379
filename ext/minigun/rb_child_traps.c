#include "rb_child.h"

#include "fork.h"

#include <signal.h>
#include <unistd.h>

static const int handled[] = {MG_FORK_SIGNALS, SIGCHLD};

#define HANDLED (sizeof(handled) / sizeof(handled[0]))

#ifdef HAVE_RB_THREAD_CHECK_TRAP_PENDING
/* Exported for extensions, but in no header. */
int rb_thread_check_trap_pending(void);
#endif

/* Made once, in the parent: what a child makes anew costs it the copies of the pages it is made
 * in. */
static VALUE mSignal;
static VALUE nothing;
static VALUE standard;
static ID id_trap;
static ID id_kill;

VALUE rb_mg_child_do_nothing(RB_BLOCK_CALL_FUNC_ARGLIST(argument, data))
{
    (void)argument, (void)data, (void)argc, (void)argv, (void)blockarg;
    return Qnil;
}

static VALUE set_trap(int number, VALUE command)
{
    return rb_funcall(mSignal, id_trap, 2, INT2FIX(number), command);
}

/* Is it Ruby that handles the signal? An ignored one stays ignored, and what other extensions
 * installed stays theirs. */
static bool take_over(int number, VALUE command)
{
    struct sigaction before;

    if (sigaction(number, NULL, &before) != 0 || before.sa_handler == SIG_IGN ||
        before.sa_handler == SIG_DFL)
        return false;
    if (!NIL_P(set_trap(number, command)))
        return true;
    (void)sigaction(number, &before, NULL);
    return false;
}

/* Are there signals that this process, or its parent before the fork, has got, and whose traps have
 * not run? */
static bool traps_wait(void)
{
#ifdef HAVE_RB_THREAD_CHECK_TRAP_PENDING
    return rb_thread_check_trap_pending() != 0;
#else
    return true;
#endif
}

/* They were not meant for the child. A signal to oneself makes Ruby go through its list of them. */
static void forget_signals(void)
{
    bool taken[HANDLED];
    int any = 0;

    for (size_t i = 0; i < HANDLED; i++) {
        taken[i] = take_over(handled[i], nothing);
        if (taken[i])
            any = handled[i];
    }
    if (any != 0)
        rb_funcall(rb_mProcess, id_kill, 2, INT2FIX(any), INT2FIX(getpid()));
    for (size_t i = 0; i < HANDLED; i++)
        if (taken[i])
            set_trap(handled[i], standard);
}

/* What the program wants a signal to do in itself is not what it wants in each of its children. */
void rb_mg_child_reset_traps(void)
{
    if (traps_wait()) {
        forget_signals();
        return;
    }
    for (size_t i = 0; i < HANDLED; i++)
        (void)take_over(handled[i], standard);
}

static VALUE refuse_trap(VALUE unused)
{
    (void)unused;
    return set_trap(SIGVTALRM, standard);
}

void rb_mg_child_rehearse_traps(void)
{
    int raised;

    /* Ruby keeps this signal to itself, so that the call has no effect. */
    rb_protect(refuse_trap, Qnil, &raised);
    rb_set_errinfo(Qnil);
}

void rb_mg_child_define_traps(void)
{
    id_trap = rb_intern("trap");
    id_kill = rb_intern("kill");
    mSignal = rb_const_get(rb_cObject, rb_intern("Signal"));
    nothing = rb_proc_new(rb_mg_child_do_nothing, Qnil);
    standard = rb_obj_freeze(rb_str_new_cstr("DEFAULT"));
    rb_gc_register_mark_object(mSignal);
    rb_gc_register_mark_object(nothing);
    rb_gc_register_mark_object(standard);
}
