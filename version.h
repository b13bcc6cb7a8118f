/* version.h -- the version of the whole, and what it can do.  Floor 5. */
#ifndef VERSION_H
#define VERSION_H

#include "buf.h"

#define VERSION "2.0.0"

/*
 * The text of --version: below its name and number a line for each feature,
 * with the library that is there for it.  0, or -1 without memory.
 */
int version_put(struct buf *);

#endif
