/* log.c -- lines on standard error.  Floor 0; the one global state. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_LINE 2048 /* bytes: a failure's text and its prefix fit */

static enum log_level level = SAY_NOTICE;

void
log_set(enum log_level l)
{
	level = l;
}

int
log_on(enum log_level l)
{
	return l <= level;
}

static void
log_write(const void *p, size_t n)
{
	/* Nobody is left to be told when standard error itself fails. */
	if (write(STDERR_FILENO, p, n) < 0)
		return;
}

void
log_line(enum log_level l, const char *fmt, ...)
{
	static const char name[] = "proxytunnel: ";
	char line[LOG_LINE];
	size_t n = sizeof name - 1;
	va_list ap;

	if (!log_on(l))
		return;
	memcpy(line, name, n);
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
	va_end(ap);
	n = strlen(line);
	line[n++] = '\n';
	log_write(line, n);
}

const char *
log_seconds(int64_t ms, char text[32])
{
	snprintf(text, 32, "%lld.%03lld s", (long long)(ms / 1000),
	    (long long)(ms % 1000));
	return text;
}

void
log_talk(const void *lines, size_t len)
{
	if (log_on(SAY_EVENT) && len > 0)
		log_write(lines, len);
}
