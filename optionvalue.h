/* optionvalue.h -- what values of options have in common.  Floor 5. */
#ifndef OPTIONVALUE_H
#define OPTIONVALUE_H

#include "fail.h"

/* Copies a text: where it stands the list of processes may get another. */
int options_keep(char **field, const char *, struct failure *);

/* The same at the end of a list of n, which grows. */
int options_append(char ***list, size_t *n, const char *, struct failure *);

/* Seconds, as milliseconds, and a number; the name is for the failure. */
int options_time(
    const char *arg, const char *name, int least, int *ms, struct failure *);
int options_number(const char *arg, const char *name, unsigned long min,
    unsigned long max, unsigned long *number, struct failure *);

#endif
