/* Running Marshal, and with it code of the application, where a raise must not pass at once. */
#ifndef RB_USER_CODE_H
#define RB_USER_CODE_H

#include <ruby.h>
#include <stdbool.h>

/* Marshal takes up to a kilobyte of stack for a level; a thread has one megabyte. */
#define RB_MG_MARSHAL_DEPTH 1000

/* As Marshal.dump(object, RB_MG_MARSHAL_DEPTH), Marshal.load(string) and the class of that name.
 * `*state` is 0, or what rb_jump_tag takes; rb_errinfo() then still is what was raised. */
VALUE rb_mg_try_dump(VALUE object, int *state);
VALUE rb_mg_try_load(VALUE string, int *state);
VALUE rb_mg_try_class(VALUE name, int *state);

/* After such a failure: the exception, when it speaks about the object; nil when it is meant for
 * somebody else and has to go on (an interrupt, a timeout, a throw, the end of the thread). */
VALUE rb_mg_failure(void);

/* Was the object nested too deeply for Marshal? */
bool rb_mg_too_deep_p(VALUE exception);

/* What an exception says, as valid UTF-8 and not too long. */
VALUE rb_mg_reason(VALUE exception);

/* SerializationError with that cause. */
NORETURN(void rb_mg_raise_serialization(VALUE message, VALUE path, VALUE object_class,
                                        VALUE cause));

void rb_mg_init_user_code(void);

#endif
