/* ports.c -- a set of ports.  Floor 1. */
#include "ports.h"

#include <string.h>

/* "22" or "1-1024".  0, or -1. */
static int
parse_range(struct span s, unsigned long *first, unsigned long *last)
{
	const char *dash = memchr(s.p, '-', s.n);
	size_t n = dash == NULL ? s.n : (size_t)(dash - s.p);

	if (text_number((struct span){ s.p, n }, 1, PORTS_MAX, first) < 0)
		return -1;
	*last = *first;
	return dash == NULL
		   ? 0
		   : text_number((struct span){ dash + 1, s.n - n - 1 }, *first,
			 PORTS_MAX, last);
}

int
ports_parse(struct ports *p, const char *text, struct failure *why)
{
	struct span rest = span_of(text), one;
	unsigned long first, last;

	while (text_next_element(&rest, &one)) {
		if (parse_range(one, &first, &last) < 0)
			return fail_about(why, FAIL_USAGE,
			    "--scan=", span_of(text),
			    "ports are written 22,80,1-1024, each from 1 to "
			    "65535");
		for (; first <= last; first++)
			p->bits[first / 8] |= (uint8_t)(1u << first % 8);
	}
	return ports_next(p, 1) > 0
		   ? 0
		   : fail(why, FAIL_USAGE, "--scan: a port is missing");
}

unsigned
ports_next(const struct ports *p, unsigned from)
{
	for (; from <= PORTS_MAX; from++)
		if ((p->bits[from / 8] >> from % 8 & 1) != 0)
			return from;
	return 0;
}

unsigned
ports_count(const struct ports *p)
{
	unsigned n = 0, at = 0;

	while (at < PORTS_MAX && (at = ports_next(p, at + 1)) != 0)
		n++;
	return n;
}
