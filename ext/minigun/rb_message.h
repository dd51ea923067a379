/* Messages put together again from the records of a ring. */
#ifndef RB_MESSAGE_H
#define RB_MESSAGE_H

#include "platform.h"

#include "eventcount.h"
#include "ring.h"

/* A message larger than this gives its memory back when it is done with. */
#define RB_MG_KEPT_BYTES ((size_t)256 * 1024)

/* Grows with what has arrived, never with what a header announces. */
typedef struct {
    unsigned char *bytes;
    size_t length;
    size_t capacity;
    uint64_t expected; /* length of the whole message */
    uint32_t aux;
    uint8_t kind;
    bool partial;
    size_t freed; /* bytes of the ring released since its writer was last told */
} rb_mg_message_t;

/* Takes what the ring holds until a message is complete, and tells the ring's writer on `room`
 * when there is a good deal of room for it again, or all of it. MG_OK: complete, in `message`,
 * until rb_mg_message_clear. MG_EMPTY: more must arrive. MG_CLOSED: nothing more will.
 * MG_CORRUPT. MG_NO_MEMORY: nothing was lost; try again. */
mg_status_t rb_mg_message_receive(rb_mg_message_t *message, mg_ring_reader_t *reader,
                                  mg_eventcount_t *room);

/* Ready for the next message. */
void rb_mg_message_clear(rb_mg_message_t *message);

void rb_mg_message_free(rb_mg_message_t *message);

#endif
