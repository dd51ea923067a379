#include "rb_child.h"

#include "fork.h"
#include "memory.h"
#include "rb_blocking.h"
#include "rb_fork.h"
#include "rb_growth.h"
#include "rb_status.h"
#include "supervisor.h"

#include <errno.h>
#include <unistd.h>

#define LOST_PID_WAIT_NS UINT64_C(1000000000)

/* Hooks that other libraries run around a fork may give up the GVL; those of two of our forks do
 * not mix. */
static VALUE fork_lock;

typedef struct {
    VALUE self;
    rb_mg_child_t *child;
    VALUE block;
    VALUE title;
    VALUE start_timeout;
    bool group;
} spawn_t;

static void check_free(const rb_mg_child_t *child)
{
    rb_mg_child_check_open(child);
    if (mg_process_is(child->process, MG_LIFE_LIVE))
        rb_raise(rb_mg_eError, "the slot's last child (pid %d) is still there",
                 (int)child->process->pid);
    if (child->reading || child->writing)
        rb_raise(rb_mg_eError, "another thread is reading from or writing to the slot");
}

/* Everything that both processes will use is made now, before there are two. */
static void prepare(const spawn_t *spawn)
{
    rb_mg_child_t *child = spawn->child;
    mg_process_t *process = child->process;
    mg_status_t status =
        mg_process_reset(process, spawn->group, rb_mg_deadline(spawn->start_timeout));

    if (status == MG_OK)
        status = mg_ring_attach_reader(&child->reader, process->out_ring, process->out_capacity,
                                       process->generation);
    if (status == MG_OK && process->inbox_ring != NULL)
        status = mg_ring_attach_writer(&child->writer, process->inbox_ring, process->inbox_capacity,
                                       process->generation);
    rb_mg_check(status, "preparing the slot");
    rb_mg_encoder_reset(&child->encoder);
    rb_mg_decoder_reset(&child->decoder);
    rb_mg_message_free(&child->message);
    child->status = Qnil;
    child->ended = child->corrupted = false;
    child->burst = 0;
    child->reader_closed = false;
    child->writer_closed = process->inbox_ring == NULL;
}

/* fork raised: in this process, before or after there was a child. Nobody has its pid, but the
 * child published it first of all, or the kernel has it. */
static void give_up(rb_mg_child_t *child, bool made)
{
    pid_t pid = mg_process_cancel(child->process, made ? LOST_PID_WAIT_NS : 0);

    if (pid == 0) {
        mg_supervisor_unreserve();
        return;
    }
    mg_supervisor_adopt(child->process, pid);
    mg_supervisor_kill(child->process);
}

static VALUE spawn_locked(VALUE argument)
{
    spawn_t *spawn = (spawn_t *)argument;
    rb_mg_child_t *child = spawn->child;
    mg_process_t *process;
    VALUE pid;
    int raised;
    bool made;

    check_free(child);
    process = child->process;
    prepare(spawn);
    if (mg_supervisor_reserve() != MG_OK)
        rb_mg_raise_fork("cannot start the supervisor of child processes", errno);
    rb_mg_growth_before_fork();
    mg_memory_settle();
    mg_fork_begin(process);
    pid = rb_mg_fork(&raised);
    if (rb_mg_child_role(child) == RB_MG_WORKER)
        rb_mg_child_main(spawn->self, child, spawn->block, spawn->title, fork_lock, raised);
    made = mg_fork_end();
    if (raised == 0 && FIXNUM_P(pid)) {
        mg_supervisor_adopt(process, FIX2INT(pid));
        return spawn->self;
    }
    give_up(child, made);
    if (raised != 0)
        rb_jump_tag(raised);
    rb_raise(rb_mg_eForkError, "fork returned no pid");
}

static void rehearse(void)
{
    static bool done;

    if (done)
        return;
    /* The rehearsal writes, too, and lets nothing out: what is thrown meanwhile has to wait. */
    rb_mg_fork_flush();
    done = true;
    rb_mg_fork_undisturbed(rb_mg_child_rehearse_main);
}

static VALUE child_fork(VALUE self, VALUE start_timeout, VALUE group, VALUE title, VALUE block)
{
    spawn_t spawn = {self,        rb_mg_child_parent(self, "spawn"), block, title, start_timeout,
                     RTEST(group)};
    VALUE result;

    if (!NIL_P(title))
        Check_Type(title, T_STRING);
    check_free(spawn.child);
    rb_mg_fork_await_room();
    rehearse();
    result = rb_mutex_synchronize(fork_lock, spawn_locked, (VALUE)&spawn);
    RB_GC_GUARD(title);
    RB_GC_GUARD(block);
    return result;
}

void rb_mg_child_define_spawn(VALUE cChild)
{
    rb_mg_define_fork();
    fork_lock = rb_mutex_new();
    rb_gc_register_mark_object(fork_lock);
    rb_define_private_method(cChild, "fork_child", child_fork, 4);
}
