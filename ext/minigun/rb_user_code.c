#include "rb_user_code.h"

#include <ruby/encoding.h>

#include "rb_status.h"

#define REASON_CHARACTERS 500

static VALUE mMarshal;
static ID id_dump, id_load, id_message, id_raise, id_cause;

static VALUE dump(VALUE object)
{
    VALUE string = rb_funcall(mMarshal, id_dump, 2, object, INT2FIX(RB_MG_MARSHAL_DEPTH));

    return StringValue(string);
}

static VALUE load(VALUE string)
{
    return rb_funcall(mMarshal, id_load, 1, string);
}

VALUE rb_mg_try_dump(VALUE object, int *state)
{
    return rb_protect(dump, object, state);
}

VALUE rb_mg_try_load(VALUE string, int *state)
{
    return rb_protect(load, string, state);
}

VALUE rb_mg_try_class(VALUE name, int *state)
{
    return rb_protect(rb_path_to_class, name, state);
}

/* What a throw or the end of a thread leaves behind is no object to ask for its class. */
static bool exception_p(VALUE object)
{
    return !SPECIAL_CONST_P(object) && RB_TYPE_P(object, T_OBJECT) &&
           RTEST(rb_obj_is_kind_of(object, rb_eException));
}

static bool timeout_p(VALUE exception)
{
    VALUE mTimeout;
    ID name = rb_intern("Timeout");
    ID error = rb_intern("Error");

    if (!rb_const_defined(rb_cObject, name) || rb_autoload_p(rb_cObject, name) != Qnil)
        return false;
    mTimeout = rb_const_get(rb_cObject, name);
    return RB_TYPE_P(mTimeout, T_MODULE) && rb_const_defined(mTimeout, error) &&
           RTEST(rb_obj_is_kind_of(exception, rb_const_get(mTimeout, error)));
}

VALUE rb_mg_failure(void)
{
    VALUE error = rb_errinfo();

    if (!exception_p(error) || timeout_p(error))
        return Qnil;
    if (RTEST(rb_obj_is_kind_of(error, rb_eStandardError)) ||
        RTEST(rb_obj_is_kind_of(error, rb_eScriptError)) ||
        RTEST(rb_obj_is_kind_of(error, rb_eSysStackError)))
        return error;
    return Qnil;
}

static VALUE message_of(VALUE exception)
{
    return rb_String(rb_funcall(exception, id_message, 0));
}

static VALUE legible(VALUE text)
{
    int coderange = rb_enc_str_coderange(text);

    if (coderange == ENC_CODERANGE_7BIT)
        return text;
    if (coderange == ENC_CODERANGE_VALID && rb_enc_get_index(text) == rb_utf8_encindex())
        return text;
    return rb_str_dump(text);
}

bool rb_mg_too_deep_p(VALUE exception)
{
    VALUE text;

    if (RTEST(rb_obj_is_kind_of(exception, rb_eSysStackError)))
        return true;
    if (rb_obj_class(exception) != rb_eArgError)
        return false;
    text = message_of(exception);
    return rb_str_cmp(text, rb_str_new_cstr("exceed depth limit")) == 0;
}

VALUE rb_mg_reason(VALUE exception)
{
    int state;
    VALUE name = rb_class_name(rb_obj_class(exception));
    VALUE text = rb_protect(message_of, exception, &state);

    if (state) {
        rb_set_errinfo(Qnil);
        return name;
    }
    if (rb_mg_too_deep_p(exception))
        return rb_sprintf("nested deeper than %d levels", RB_MG_MARSHAL_DEPTH);
    text = rb_str_substr(legible(text), 0, REASON_CHARACTERS);
    if (rb_obj_class(exception) == rb_eTypeError || rb_obj_class(exception) == rb_eArgError)
        return text;
    return rb_sprintf("%" PRIsVALUE ": %" PRIsVALUE, legible(name), text);
}

/* Kernel#raise, because only it takes a cause; in C that is left to what $! happens to be. */
void rb_mg_raise_serialization(VALUE message, VALUE path, VALUE object_class, VALUE cause)
{
    VALUE keywords = rb_hash_new();
    VALUE arguments[2];

    arguments[0] = rb_mg_error_new(rb_mg_eSerializationError, message, "path", path, "object_class",
                                   object_class, (char *)NULL);
    arguments[1] = keywords;
    rb_hash_aset(keywords, ID2SYM(id_cause), cause);
    rb_set_errinfo(Qnil);
    rb_funcallv_kw(rb_mKernel, id_raise, 2, arguments, RB_PASS_KEYWORDS);
    UNREACHABLE;
}

void rb_mg_init_user_code(void)
{
    mMarshal = rb_const_get(rb_cObject, rb_intern("Marshal"));
    rb_gc_register_mark_object(mMarshal);
    id_dump = rb_intern("dump");
    id_load = rb_intern("load");
    id_message = rb_intern("message");
    id_raise = rb_intern("raise");
    id_cause = rb_intern("cause");
}
