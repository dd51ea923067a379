/* Both directions of the codec, for those who send and receive. */
#ifndef RB_CODEC_H
#define RB_CODEC_H

#include "rb_decode.h"
#include "rb_encode.h"

/* The bytes of one value by itself, and back. May raise anything, as rb_mg_encode and rb_mg_decode
 * do. */
VALUE rb_mg_dump(VALUE object);
VALUE rb_mg_load(const unsigned char *bytes, size_t length);

#endif
