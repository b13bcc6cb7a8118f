/* help.h -- the texts of --help.  Floor 5. */
#ifndef HELP_H
#define HELP_H

#include "buf.h"

/* Topics as one may name them, in a row for a message. */
extern const char help_topics[];

/* That topic's name, for as long as the program runs; NULL: there is none. */
const char *help_topic(const char *name);

/* The text about a topic, NULL: the first screen.  0, or -1 without memory. */
int help_put(struct buf *, const char *topic);

#endif
