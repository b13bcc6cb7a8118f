/* optionvalue.c -- what values of options have in common.  Floor 5. */
#include "optionvalue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

int
options_keep(char **field, const char *arg, struct failure *why)
{
	free(*field);
	*field = strdup(arg);
	return *field != NULL ? 0 : fail(why, FAIL_LOCAL, "out of memory");
}

int
options_append(char ***list, size_t *n, const char *arg, struct failure *why)
{
	char **grown = realloc(*list, (*n + 1) * sizeof *grown);

	if (grown == NULL)
		return fail(why, FAIL_LOCAL, "out of memory");
	*list = grown;
	grown[*n] = NULL;
	if (options_keep(&grown[*n], arg, why) < 0)
		return -1;
	++*n;
	return 0;
}

int
options_time(
    const char *arg, const char *name, int least, int *ms, struct failure *why)
{
	if (text_seconds(arg, ms) < 0 || *ms < least)
		return fail_about(why, FAIL_USAGE, name, span_of(arg),
		    least > 0 ? "not a number of seconds above 0"
			      : "not a number of seconds");
	return 0;
}

int
options_number(const char *arg, const char *name, unsigned long min,
    unsigned long max, unsigned long *number, struct failure *why)
{
	char wrong[64];

	if (text_number(span_of(arg), min, max, number) == 0)
		return 0;
	snprintf(wrong, sizeof wrong, "not a number from %lu to %lu", min, max);
	return fail_about(why, FAIL_USAGE, name, span_of(arg), wrong);
}
