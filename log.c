/*
 * log.c -- lines on standard error, or for syslogd.  Floor 0; the one global
 * state.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LOG_LINE 2048 /* bytes: a failure's text and its prefix fit */

static enum log_level level = SAY_NOTICE;
static int by_syslog;

void
log_set(enum log_level l)
{
	level = l;
}

void
log_to_syslog(void)
{
	openlog("proxytunnel", LOG_PID, LOG_DAEMON);
	by_syslog = 1;
}

int
log_on(enum log_level l)
{
	return l <= level;
}

static void
log_write(enum log_level l, const char *p, size_t n)
{
	static const int priorities[] = { [SAY_FAILURE] = LOG_ERR,
		[SAY_NOTICE] = LOG_NOTICE,
		[SAY_EVENT] = LOG_INFO,
		[SAY_STEP] = LOG_DEBUG };
	const char *end;
	size_t line;

	for (; by_syslog && n > 0; p += line, n -= line) {
		end = memchr(p, '\n', n);
		line = end != NULL ? (size_t)(end - p) : n;
		syslog(priorities[l], "%.*s", (int)line, p);
		line += end != NULL;
	}
	if (by_syslog)
		return;
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
	if (by_syslog)
		n = 0; /* it puts the name there itself */
	memcpy(line, name, n);
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
	va_end(ap);
	n = strlen(line);
	line[n++] = '\n';
	log_write(l, line, n);
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
		log_write(SAY_EVENT, lines, len);
}
