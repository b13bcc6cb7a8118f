/* configfile_fuzz.c -- a configuration file, for three destinations. */
#include <stdlib.h>
#include <string.h>

#include "configfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int condition)
{
	if (!condition)
		__builtin_trap();
}

static void
walk(const char *text, size_t n, const struct endpoint *to)
{
	struct configfile c;
	struct span what, rest;
	const char *fault = NULL;
	unsigned line = 0, section = 0;
	int rc;

	configfile_begin(&c, (struct span){ text, n }, to);
	while ((rc = configfile_next(&c, &what, &fault)) == 1) {
		must(c.line > line && c.section >= section);
		must(c.section > section || c.line > 0);
		must(c.applies || c.section > 0);
		must(c.keyword.p >= text && c.keyword.p <= text + n);
		must(!span_is(c.keyword, "host"));
		must(c.raw.n == 0 ||
		     (c.raw.p >= text && c.raw.p + c.raw.n <= text + n));
		for (rest = c.raw; configfile_word(&rest, &what);)
			must(what.p >= c.raw.p &&
			     what.p + what.n <= c.raw.p + c.raw.n);
		must(rest.n == 0);
		must(buf_len(&c.value) == strlen(buf_str(&c.value)));
		must(
		    memchr(buf_str(&c.value), '\n', buf_len(&c.value)) == NULL);
		line = c.line;
		section = c.section;
	}
	must(rc == 0 || (rc == -1 && fault != NULL && c.line > line &&
			    what.p >= text && what.p + what.n <= text + n));
	configfile_end(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char name[] = "host.example", v4[] = "192.0.2.1", v6[] = "2001:db8::1";
	const struct endpoint to[] = { { name, NULL, 22 }, { v4, NULL, 443 },
		{ v6, NULL, 65535 } };
	char *text = malloc(n == 0 ? 1 : n); /* its own, for its bounds */
	size_t i;

	memcpy(text, p, n);
	for (i = 0; i < sizeof to / sizeof *to; i++)
		walk(text, n, &to[i]);
	free(text);
	return 0;
}
