/* When memory is reserved ahead (see growth.h): while a run that wants it is under way, in its
 * children too. */
#ifndef RB_GROWTH_H
#define RB_GROWTH_H

/* In a thread that is about to fork: its child takes memory from the same heap, and what it sends
 * is decoded by this thread. */
void rb_mg_growth_before_fork(void);

/* Memory was given back to the system. */
void rb_mg_growth_after_trim(void);

#endif
