/* Both directions of the codec, for those who send and receive. */
#ifndef RB_CODEC_H
#define RB_CODEC_H

#include "rb_decode.h"
#include "rb_encode.h"

#endif
