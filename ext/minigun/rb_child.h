/*
 * Minigun::Native::Child: one slot for child processes, as the parts of its class see it.
 *
 * The same object has two roles. Parent: the process that made it; it reads the out ring and
 * writes the inbox. Worker: the child spawned last, and no process that child forks; it writes
 * the out ring and reads the inbox. Anywhere else every call that touches memory raises.
 *
 * The files: rb_child.c class and life of the object, rb_child_spawn.c fork in the parent,
 * rb_child_main.c the child's way from fork to _exit, rb_child_traps.c its signals,
 * rb_child_read.c, rb_child_forward.c and rb_child_write.c records, rb_child_control.c ending and
 * waiting, rb_child_state.c what shared memory says.
 */
#ifndef RB_CHILD_H
#define RB_CHILD_H

#include "platform.h"

#include "process.h"
#include "rb_codec.h"
#include "rb_message.h"

#include <ruby.h>

#define RB_MG_KIND_END   255u
#define RB_MG_KIND_LIMIT 240u /* the first that the engine may not use */

typedef enum {
    RB_MG_PARENT,
    RB_MG_WORKER,
    RB_MG_STRANGER
} rb_mg_role_t;

typedef struct {
    mg_process_t *process; /* NULL: closed */
    mg_ring_writer_t writer;
    mg_ring_reader_t reader;
    mg_codec_encoder_t encoder;
    mg_codec_decoder_t decoder;
    rb_mg_message_t message;
    VALUE label;
    VALUE status;   /* nil until the child is gone */
    pid_t last_pid; /* for a closed slot */
    bool initialised;
    unsigned burst;    /* records read since this side last slept or wrote */
    uint64_t nap_ns;   /* that the parent may nap while records come in bursts; 0: as usual */
    int64_t forwarded; /* emissions, since that was asked last */
    bool reading;      /* a thread is inside read, and may have given up the GVL */
    bool writing;
    bool writer_closed; /* END written, or inbox closed */
    bool reader_closed; /* the other side closed its end, and all was read */
    bool corrupted;
    bool ended; /* END was read, or written */
} rb_mg_child_t;

/* The struct of an initialised object, in any role. */
rb_mg_child_t *rb_mg_child_get(VALUE self);

rb_mg_role_t rb_mg_child_role(const rb_mg_child_t *child);

/* As get, but raises Minigun::Error when the slot is closed or this process has no role. */
rb_mg_child_t *rb_mg_child_open(VALUE self, rb_mg_role_t *role);

/* As open, but only in that role; `what` is the name of the method. */
rb_mg_child_t *rb_mg_child_parent(VALUE self, const char *what);
rb_mg_child_t *rb_mg_child_worker(VALUE self, const char *what);

/* Raises when the slot was closed while a thread waited. */
void rb_mg_child_check_open(const rb_mg_child_t *child);

/* Has the process on the other side gone? To be asked before the ring is looked at. */
bool rb_mg_child_peer_gone(const rb_mg_child_t *child, rb_mg_role_t role);

/* In the parent, with or without the GVL: has the child of this mg_process_t gone? */
bool rb_mg_process_gone(void *process);

/* In the spawned process, from the return of fork on. `raised` is the state in which fork ended. */
NORETURN(void rb_mg_child_main(VALUE self, rb_mg_child_t *child, VALUE block, VALUE title,
                               VALUE lock, int raised));

/* In the spawned process: signals have their standard effect, and none of the parent's is pending.
 * May raise. */
void rb_mg_child_reset_traps(void);

/* In the parent, to no effect: Ruby notes at a call which method it has found, and what is noted
 * before the fork need not be noted, on a page's copy, in each child. */
VALUE rb_mg_child_do_nothing(RB_BLOCK_CALL_FUNC_ARGLIST(argument, data));
void rb_mg_child_rehearse_traps(void);
void rb_mg_child_rehearse_main(void);

/* In the parent: what is to be known of the last child when the slot's memory has gone. */
void rb_mg_child_keep_status(rb_mg_child_t *child);

typedef enum {
    RB_MG_ARRIVED, /* child->message, until it is cleared or the next one is looked for */
    RB_MG_GONE,    /* and everything it had written was read */
    RB_MG_LATE
} rb_mg_arrival_t;

/* One thread at a time reads, from begin to end; Minigun::Error for another. */
void rb_mg_child_begin_reading(rb_mg_child_t *child);
void rb_mg_child_end_reading(rb_mg_child_t *child);

/* Is there a whole record? `writer` is what its writer sleeps on. Raises when the ring is corrupt.
 */
bool rb_mg_child_receive(rb_mg_child_t *child, mg_eventcount_t *writer);

/* Waits for a record, in any role; never LATE. Raises what is pending for the thread, too. */
rb_mg_arrival_t rb_mg_child_await(rb_mg_child_t *child, rb_mg_role_t role);

/* The object of the record that has arrived, or all of it as an Array. May raise anything, as
 * rb_mg_decode does. */
VALUE rb_mg_child_decode(rb_mg_child_t *child);
VALUE rb_mg_child_record(rb_mg_child_t *child);

/* To be called while the writer of a record waits and there are records to read. */
typedef void (*rb_mg_drain_t)(void *argument);

/* In the parent: publishes a record for the child, without waking it where there is room. False
 * when there is nobody to read it. Raises what encoding does, nothing was sent then. */
bool rb_mg_child_post(rb_mg_child_t *child, uint8_t kind, uint32_t aux, VALUE object,
                      rb_mg_drain_t drain, void *argument);

/* In the child: publishes a record if that takes nothing but room in the ring that is there: the
 * object is encoded without a call of Ruby's, and nobody has locked `turn`, the Mutex of those who
 * write. Nothing gives up the GVL on the way, so it need not be locked here. False: nothing was
 * sent. */
bool rb_mg_child_try(rb_mg_child_t *child, VALUE turn, uint8_t kind, uint32_t aux, VALUE object);

/* In the child: it begins with an item, at this time; the item's result was written. */
void rb_mg_child_start_item(rb_mg_child_t *child, uint64_t number, uint64_t now_ns);
void rb_mg_child_finish_item(rb_mg_child_t *child, uint64_t number, bool success);

/* In the parent: wakes the child, if it sleeps, to read what was posted. */
void rb_mg_child_notify(rb_mg_child_t *child);

void rb_mg_child_define_spawn(VALUE cChild);
void rb_mg_child_define_read(VALUE cChild);
void rb_mg_child_define_forward(VALUE cChild);
void rb_mg_child_define_write(VALUE cChild);
void rb_mg_child_define_control(VALUE cChild);
void rb_mg_child_define_state(VALUE cChild);
void rb_mg_child_define_traps(void);

#endif
