/*
 * options_fuzz.c -- arguments, one a line; a line with a '$' in front is a
 * variable of the environment, one with a '<' in front is of a file, and one
 * with a '>' of one that its first line may include.
 */
#include <stdlib.h>
#include <string.h>

#include "alternatives.h"
#include "environment.h"
#include "options.h"
#include "printconfig.h"

#define LINES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char named[] = "https://u:w@a:1\nsocks://b:2\ndirect://\n";

static char *variables[LINES_MAX + 1];
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
	char file[] = "file";
	struct config_file storage[2] = { { .includer = SIZE_MAX },
		{ .includer = 0 } };
	struct config_files files = { storage, 2 };
	struct buf *lines = &storage[0].text, *included = &storage[1].text;
	struct failure why = NO_FAILURE;
	const struct route *r;
	struct config c;
	struct buf shown;
	int argc = 1;

	storage[0].name = storage[1].name = file;
	storage[0].shared = storage[1].shared = n % 2 != 0;
	storage[1].line = 1;
	buf_init(lines, n + 1);
	buf_init(included, n + 1);
	for (nvariables = 0;
	     next != NULL && argc < LINES_MAX && nvariables < LINES_MAX;) {
		line = next;
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (*line == '$')
			variables[nvariables++] = line + 1;
		else if (*line == '<') {
			buf_puts(lines, line + 1);
			buf_putc(lines, '\n');
		} else if (*line == '>') {
			buf_puts(included, line + 1);
			buf_putc(included, '\n');
		} else
			argv[argc++] = line;
	}
	variables[nvariables] = NULL;
	options_file(argc, argv);
	if (options_parse(&c, argc, argv, &files, env, &why) < 0) {
		if (why.code != FAIL_USAGE && why.code != FAIL_MISSING &&
		    (why.code != FAIL_FILE || !storage[0].shared))
			__builtin_trap();
	} else if (c.what == DO_TUNNEL &&
		   (!c.route.automatic ||
		       route_choose(&c.route, span_of(named), &why) == 0)) {
		for (r = &c.route; r != NULL; r = r->next)
			if (r->target_name == NULL || route_name(r, 0) == NULL)
				__builtin_trap();
	}
	if (why.code == FAIL_NONE && c.what == DO_TUNNEL && c.trail != NULL) {
		buf_init(&shown, SIZE_MAX);
		/* No files are read here. */
		if (c.route.files.passfile == NULL &&
		    !c.route.files.use_netrc &&
		    route_log_in(&c.route, &why) < 0)
			__builtin_trap();
		if (printconfig_put(&shown, &c, &files) < 0)
			__builtin_trap();
		buf_free(&shown);
	}
	environment_wipe(variables);
	options_free(&c);
	buf_free(lines);
	buf_free(included);
	free(text);
	return 0;
}
