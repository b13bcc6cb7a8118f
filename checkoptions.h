/* checkoptions.h -- what is said of checks, and of destinations.  Floor 5. */
#ifndef CHECKOPTIONS_H
#define CHECKOPTIONS_H

#include "options.h"

/* Is it about a check?  Then it is set; 0, or -1 with the failure. */
int options_is_checking(int option);
int options_set_checking(
    struct checking *, int option, const char *arg, struct failure *);

/*
 * The destination is that of -d, NULL: none, or one or two arguments; of a
 * check there may be many.  0, or -1 with the failure.
 */
int options_set_destinations(
    struct config *, const char *dest, char *args[], int n, struct failure *);

#endif
