/* file.h -- a file as bytes.  Floor 2. */
#ifndef FILE_H
#define FILE_H

#include "buf.h"

/*
 * Appends all that a descriptor has to read; what was on the way is wiped.  0,
 * or -1 with errno: EFBIG past the buffer's ceiling, ENOMEM.
 */
int file_read(int fd, struct buf *);

/*
 * Puts /dev/null in the place of a descriptor.  0, or -1: then that is closed.
 */
int file_replace(int fd);

#endif
