/* printconfig.h -- the text of --print-config.  Floor 5. */
#ifndef PRINTCONFIG_H
#define PRINTCONFIG_H

#include "options.h"

/*
 * Appends what counts for this run: a configuration file that has the same
 * said, with *** in the place of secrets, and in comments who has said it and
 * what is for the command line alone.  The config has its trail, and its route
 * has logged in.  0, or -1 without memory.
 */
int printconfig_put(
    struct buf *, const struct config *, const struct config_files *);

#endif
