/* What the system tells in small files, below /proc or /sys. */
#ifndef MG_SMALL_FILE_H
#define MG_SMALL_FILE_H

#include "platform.h"

#include <stdbool.h>

/* The file's text, or as much of it as fits, ended by a zero. false: there is none. Nothing is
 * allocated. */
bool mg_small_file_read(const char *path, char *text, size_t size);

#endif
