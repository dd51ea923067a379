/* Which object inside a value is the one that Marshal refuses, and where it is. */
#ifndef RB_CULPRIT_H
#define RB_CULPRIT_H

#include "rb_encode_parts.h"

/* Raises SerializationError about `object`, which stands at `place` and of which Marshal said
 * `failure`. Looks inside it, by dumping its parts one by one, so code of the application runs. */
NORETURN(void rb_mg_raise_culprit(const rb_mg_place_t *place, VALUE object, VALUE failure));

void rb_mg_init_culprit(void);

#endif
