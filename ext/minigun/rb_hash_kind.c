/*
 * Is a Hash an ordinary one: without a default, and comparing its keys by value?
 *
 * Ruby offers three methods to find out, which together cost more than to encode a small Hash. What
 * they look at is a word and some flags of the Hash. Where those are is no part of Ruby's
 * interface, so it is found out from Hashes that are known, when the library is loaded; where they
 * do not show it clearly, and for every Hash with one of the flags, the methods are asked.
 */
#include "rb_encode_parts.h"

/* Words of the smallest object; the first two are flags and class. */
#define FIRST_WORD 2
#define WORDS      5

static ID id_default, id_default_proc, id_compare_by_identity;
static int default_word; /* 0: unknown */
static VALUE unusual_flags;

static VALUE word_of(VALUE hash, int index)
{
    return ((const VALUE *)hash)[index];
}

static bool ask(VALUE hash)
{
    return NIL_P(rb_funcallv(hash, id_default, 0, NULL)) &&
           NIL_P(rb_funcallv(hash, id_default_proc, 0, NULL)) &&
           !RTEST(rb_funcallv(hash, id_compare_by_identity, 0, NULL));
}

bool rb_mg_surely_ordinary_hash(VALUE hash)
{
    return default_word != 0 && NIL_P(word_of(hash, default_word)) &&
           (RBASIC(hash)->flags & unusual_flags) == 0;
}

bool rb_mg_ordinary_hash(VALUE hash)
{
    return rb_mg_surely_ordinary_hash(hash) || ask(hash);
}

static VALUE no_default(VALUE yielded, VALUE argument, int argc, const VALUE *argv, VALUE block)
{
    (void)yielded;
    (void)argument;
    (void)argc;
    (void)argv;
    (void)block;
    return Qnil;
}

static VALUE filled(VALUE hash)
{
    rb_hash_aset(hash, INT2FIX(1), Qtrue);
    return hash;
}

static VALUE by_identity(VALUE hash)
{
    return rb_funcall(hash, rb_intern("compare_by_identity"), 0);
}

/* The flags that both Hashes have and no plain one has. */
static VALUE flags_of(VALUE one, VALUE other)
{
    VALUE plain = RBASIC(rb_hash_new())->flags | RBASIC(filled(rb_hash_new()))->flags;

    return RBASIC(one)->flags & RBASIC(other)->flags & ~plain;
}

static VALUE with_block(void)
{
    return rb_block_call(rb_cHash, rb_intern("new"), 0, NULL, no_default, Qnil);
}

static int find_default_word(void)
{
    VALUE marker = rb_obj_alloc(rb_cObject);
    VALUE with_default = rb_class_new_instance(1, &marker, rb_cHash);
    VALUE plain = filled(rb_hash_new());
    int found = 0;

    for (int index = FIRST_WORD; index < WORDS; index++) {
        if (word_of(with_default, index) == marker && NIL_P(word_of(plain, index)))
            found = index;
    }
    RB_GC_GUARD(with_default);
    RB_GC_GUARD(plain);
    return found;
}

void rb_mg_init_hash_kind(void)
{
    VALUE of_blocks, of_identity;

    id_default = rb_intern("default");
    id_default_proc = rb_intern("default_proc");
    id_compare_by_identity = rb_intern("compare_by_identity?");
    of_blocks = flags_of(with_block(), filled(with_block()));
    of_identity = flags_of(by_identity(rb_hash_new()), by_identity(filled(rb_hash_new())));
    unusual_flags = of_blocks | of_identity;
    if (of_blocks != 0 && of_identity != 0)
        default_word = find_default_word();
}
