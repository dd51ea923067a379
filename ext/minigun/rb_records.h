/* Kinds of record that C knows as well; Minigun::Execution::Record has them all. */
#ifndef RB_RECORDS_H
#define RB_RECORDS_H

#define RB_MG_RECORD_ITEM    1u
#define RB_MG_RECORD_EMIT    2u
#define RB_MG_RECORD_EMIT_TO 3u
#define RB_MG_RECORD_STATE   4u
#define RB_MG_RECORD_DONE    7u
#define RB_MG_RECORD_FAILED  8u

#endif
