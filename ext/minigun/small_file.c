#include "small_file.h"

#include <fcntl.h>
#include <unistd.h>

bool mg_small_file_read(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t count;

    if (fd < 0)
        return false;
    while (length < size - 1 && (count = read(fd, text + length, size - 1 - length)) > 0)
        length += (size_t)count;
    (void)close(fd);
    text[length] = '\0';
    return length > 0;
}
