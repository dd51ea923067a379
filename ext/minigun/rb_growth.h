/* When memory is reserved ahead (see growth.h): while a run is under way, and in children. */
#ifndef RB_GROWTH_H
#define RB_GROWTH_H

/* In a thread that is about to fork: its child takes memory from the same heap, and what it sends
 * is decoded by this thread. */
void rb_mg_growth_before_fork(void);

/* In a new child. */
void rb_mg_growth_in_child(void);

#endif
