#include "rb_shell.h"

#include "rb_allocations.h"
#include "rb_emission.h"

/* A Thread, and two Arrays of its own. Whatever else it takes is more. */
#define OBJECTS_OF_THREAD 3

static ID id_add, id_list, id_group;

void rb_mg_shell_init(rb_mg_shell_t *shell)
{
    *shell = (rb_mg_shell_t){.thread = Qnil, .emitter = Qnil, .carrier = Qnil};
}

void rb_mg_shell_mark(const rb_mg_shell_t *shell)
{
    rb_gc_mark(shell->thread);
    rb_gc_mark(shell->emitter);
    rb_gc_mark(shell->carrier);
    for (unsigned i = 0; i < shell->clean + shell->spent; i++) {
        rb_gc_mark(shell->spares[i].emitter);
        rb_gc_mark(shell->spares[i].carrier);
    }
}

static bool thread_started(rb_mg_shell_t *shell)
{
    size_t before = shell->allocated;

    shell->allocated = rb_mg_allocations();
    return !rb_mg_allocations_known() ||
           shell->allocated - before >= shell->own + OBJECTS_OF_THREAD;
}

static void put_aside(rb_mg_shell_t *shell)
{
    unsigned count = shell->clean + shell->spent;

    if (count == RB_MG_SPARES)
        return;
    shell->spares[count] = (rb_mg_cover_t){shell->emitter, shell->carrier, shell->way};
    shell->spent++;
}

/* A thread has the group. */
static void part_with(rb_mg_shell_t *shell, VALUE group)
{
    for (unsigned i = shell->clean; i < shell->clean + shell->spent; i++) {
        if (shell->spares[i].carrier != group)
            continue;
        shell->spares[i] = shell->spares[shell->clean + --shell->spent];
        return;
    }
}

/* Those that no living thread has are clean. A thread that ends meanwhile may have started another
 * one that is not in the list. */
static void sift(rb_mg_shell_t *shell)
{
    VALUE threads = rb_funcallv(rb_cThread, id_list, 0, NULL);

    for (long i = 0; i < RARRAY_LEN(threads) && shell->spent > 0; i++) {
        VALUE thread = RARRAY_AREF(threads, i);
        VALUE group = thread == shell->thread ? Qfalse : rb_funcallv(thread, id_group, 0, NULL);

        if (NIL_P(group))
            shell->spent = 0;
        else if (group != Qfalse)
            part_with(shell, group);
    }
    shell->clean += shell->spent;
    shell->spent = 0;
    RB_GC_GUARD(threads);
}

static void enter(rb_mg_shell_t *shell, VALUE carrier)
{
    rb_mg_emission_forget();
    rb_funcallv(carrier, id_add, 1, &shell->thread);
}

bool rb_mg_shell_reuse(VALUE self, rb_mg_shell_t *shell)
{
    rb_mg_cover_t cover;

    if (shell->clean == 0 && shell->spent == RB_MG_SPARES)
        sift(shell);
    if (shell->clean == 0)
        return false;
    cover = shell->spares[--shell->clean];
    shell->spares[shell->clean] = shell->spares[shell->clean + shell->spent];
    /* While other threads run here garbage may be collected: `self` had neither of them then. */
    enter(shell, cover.carrier);
    RB_OBJ_WRITE(self, &shell->emitter, cover.emitter);
    RB_OBJ_WRITE(self, &shell->carrier, cover.carrier);
    shell->way = cover.way;
    rb_mg_shell_refresh(shell);
    return true;
}

void rb_mg_shell_fill(VALUE self, rb_mg_shell_t *shell, VALUE emitter)
{
    RB_OBJ_WRITE(self, &shell->carrier, rb_mg_carrier_new(emitter));
    enter(shell, shell->carrier);
    shell->way = rb_mg_emitter_get(emitter);
    shell->way->open = false;
    RB_OBJ_WRITE(self, &shell->emitter, emitter);
    rb_mg_shell_refresh(shell);
}

void rb_mg_shell_open(rb_mg_shell_t *shell)
{
    shell->way->emitted = 0;
    shell->way->open = true;
    rb_mg_emission_remember(shell->thread, shell->emitter, shell->way);
}

void rb_mg_shell_shut(rb_mg_shell_t *shell)
{
    if (shell->way == NULL)
        return;
    shell->way->open = false;
    if (NIL_P(shell->way->scope)) {
        if (RB_LIKELY(!thread_started(shell)))
            return;
        put_aside(shell);
    }
    shell->emitter = Qnil;
    shell->way = NULL;
}

void rb_mg_shell_refresh(rb_mg_shell_t *shell)
{
    shell->allocated = rb_mg_allocations();
}

void rb_mg_shell_learn(rb_mg_shell_t *shell)
{
    shell->own = rb_mg_allocations_of_block();
}

void rb_mg_init_shell(void)
{
    id_add = rb_intern("add");
    id_list = rb_intern("list");
    id_group = rb_intern("group");
    rb_mg_init_allocations();
}
