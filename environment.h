/* environment.h -- what the environment says, below any option.  Floor 5. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include "options.h"

/*
 * Takes what the environment knows of credentials and, where wanted, of the
 * proxy, and whether it is to be a direct connection; env as for
 * options_parse.  0, or -1 with the failure.
 */
int environment_read(struct config *, int want_proxy, int destination_by_d,
    char *(*env)(const char *), struct failure *);

/* Overwrites the secrets of environ(7), once they are copied. */
void environment_wipe(char **variables);

#endif
