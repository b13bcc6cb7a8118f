/* fail.c -- what went wrong, for one tunnel.  Floor 0. */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUOTED_MAX 64 /* bytes of a text that are repeated */

int
fail(struct failure *why, enum fail_code code, const char *fmt, ...)
{
	char text[FAIL_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	memcpy(why->text, text, sizeof text);
	why->code = code;
	return -1;
}

int
fail_about(struct failure *why, enum fail_code code, const char *before,
    struct span text, const char *after)
{
	struct buf shown;

	buf_init(&shown, QUOTED_MAX + 8);
	text_show(&shown, text, QUOTED_MAX);
	fail(why, code, "%s'%s': %s", before, buf_str(&shown), after);
	buf_free(&shown);
	return -1;
}

int
fail_exit(enum fail_code code)
{
	switch (code) {
	case FAIL_NONE:
		return 0;
	case FAIL_LOST:
		return 1;
	case FAIL_USAGE:
		return 64;
	case FAIL_FILE:
		return 66;
	case FAIL_RESOLVE:
		return 68;
	case FAIL_CONNECT:
		return 69;
	case FAIL_LOCAL:
		return 70;
	case FAIL_TIMEOUT:
		return 75;
	case FAIL_PROTOCOL:
		return 76;
	case FAIL_AUTH:
	case FAIL_REFUSED:
	case FAIL_TRUST:
		return 77;
	case FAIL_MISSING:
		return 78;
	}
	return 70;
}

int
fail_is_passing(enum fail_code code)
{
	return code == FAIL_CONNECT || code == FAIL_TIMEOUT;
}
