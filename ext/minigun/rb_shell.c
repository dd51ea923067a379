#include "rb_shell.h"

#include "rb_allocations.h"
#include "rb_emission.h"

static ID id_add, id_list;

void rb_mg_shell_init(rb_mg_shell_t *shell)
{
    *shell = (rb_mg_shell_t){.thread = Qnil, .emitter = Qnil, .carrier = Qnil};
}

void rb_mg_shell_mark(const rb_mg_shell_t *shell)
{
    rb_gc_mark(shell->thread);
    rb_gc_mark(shell->emitter);
    rb_gc_mark(shell->carrier);
}

/* Has a thread, or anybody else, been left with emitter and group? */
static bool shared(rb_mg_shell_t *shell)
{
    size_t before = shell->allocated;

    shell->allocated = rb_mg_allocations();
    if (!NIL_P(shell->way->scope))
        return true;
    if (RB_LIKELY(rb_mg_allocations_known() && shell->allocated - before <= shell->own))
        return false;
    return RARRAY_LEN(rb_funcallv(shell->carrier, id_list, 0, NULL)) != 1;
}

void rb_mg_shell_fill(VALUE self, rb_mg_shell_t *shell, VALUE emitter)
{
    RB_OBJ_WRITE(self, &shell->carrier, rb_mg_carrier_new(emitter));
    rb_mg_emission_forget();
    rb_funcallv(shell->carrier, id_add, 1, &shell->thread);
    shell->way = rb_mg_emitter_get(emitter);
    shell->way->open = false;
    RB_OBJ_WRITE(self, &shell->emitter, emitter);
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
    if (shared(shell)) {
        shell->emitter = Qnil;
        shell->way = NULL;
    }
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
    rb_mg_init_allocations();
}
