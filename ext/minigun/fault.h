/* Named places at which a test makes the process die, stop or sleep.
 *
 * They exist only where MINIGUN_FAULTS is defined (extconf.rb); elsewhere the macros are nothing,
 * and their arguments are not evaluated. The environment variable MINIGUN_FAULT, read when the
 * library is loaded, chooses one:
 *
 *     MINIGUN_FAULT=name:action[:nth]
 *
 * action is kill, stop or sleep (50 ms); nth counts the visits of all processes together, from 1 on
 * (the default), 0 is every visit. A name alone means the children of the process that loaded the
 * library, "parent." before it that process itself: the same code often serves both. A line for
 * each time that the action is taken is appended to the file named by MINIGUN_FAULT_LOG. */
#ifndef MG_FAULT_H
#define MG_FAULT_H

#include "platform.h"

#ifdef MINIGUN_FAULTS

void mg_fault_install(void);
void mg_fault_visit(const char *name);

#define MG_FAULT(name)                 mg_fault_visit(#name)
#define MG_FAULT_WHEN(condition, name) ((condition) ? mg_fault_visit(#name) : (void)0)

#else

#define mg_fault_install()             ((void)0)
#define MG_FAULT(name)                 ((void)0)
#define MG_FAULT_WHEN(condition, name) ((void)0)

#endif
#endif
