/*
 * options_fuzz.c -- arguments, one a line; a line with a '$' in front is a
 * variable of the environment.
 */
#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "options.h"

#define LINES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static char *variables[LINES_MAX];
static size_t nvariables;

static char *
env(const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; i < nvariables; i++)
		if (strncmp(variables[i], name, n) == 0 &&
		    variables[i][n] == '=')
			return variables[i] + n + 1;
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char name[] = "proxytunnel", *argv[LINES_MAX + 2] = { name };
	char *text = secret_copy((const char *)p, n), *line, *next = text;
	struct failure why = { FAIL_NONE, 0, "" };
	struct config c;
	int argc = 1;

	for (nvariables = 0;
	     next != NULL && argc < LINES_MAX && nvariables < LINES_MAX;) {
		line = next;
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (*line == '$')
			variables[nvariables++] = line + 1;
		else
			argv[argc++] = line;
	}
	if (options_parse(&c, argc, argv, env, &why) < 0) {
		if (why.code != FAIL_USAGE && why.code != FAIL_MISSING)
			__builtin_trap();
	} else if (c.what == DO_TUNNEL &&
		   (c.route.target_name == NULL ||
		       route_name(&c.route, 0) == NULL))
		__builtin_trap();
	environment_wipe(env);
	options_free(&c);
	free(text);
	return 0;
}
