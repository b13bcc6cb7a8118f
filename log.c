/*
 * log.c -- lines on standard error, or for syslogd.  Floor 0; the one global
 * state.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE 2048 /* bytes: a failure's text and its prefix fit */
#define LOG_FRONT 256 /* bytes: time, name and subject */

static enum log_level level = SAY_NOTICE;
static int by_syslog, with_time;
static int passing; /* a line that does not stay is on the screen */
static const char *subject;

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

void
log_with_time(void)
{
	with_time = 1;
}

void
log_subject(const char *s)
{
	subject = s;
}

void
log_passing(const char *text)
{
	static const char clear[] = "\r\033[K";
	struct iovec line[2] = { { (char *)clear, sizeof clear - 1 },
		{ (char *)(text != NULL ? text : ""), 0 } };

	if (text == NULL && !passing)
		return;
	line[1].iov_len = strlen(line[1].iov_base);
	passing = text != NULL;
	if (writev(STDERR_FILENO, line, 2) < 0)
		return;
}

/* One line: the time, the program's name, the subject, as far as wanted. */
static void
write_line(enum log_level l, const char *name, const char *text, size_t len)
{
	static const int priorities[] = { [SAY_FAILURE] = LOG_ERR,
		[SAY_NOTICE] = LOG_NOTICE,
		[SAY_EVENT] = LOG_INFO,
		[SAY_STEP] = LOG_DEBUG };
	const char *who = subject != NULL ? subject : "";
	const char *colon = subject != NULL ? ": " : "";
	char front[LOG_FRONT];
	struct iovec line[3] = { { front, 0 }, { (char *)text, len },
		{ (char *)"\n", 1 } };
	struct tm tm;
	time_t now = with_time ? log_clock() : 0;
	size_t n = 0;

	if (by_syslog) { /* it puts time and name there itself */
		syslog(priorities[l], "%s%s%.*s", who, colon, (int)len, text);
		return;
	}
	if (with_time && localtime_r(&now, &tm) != NULL)
		n = strftime(front, sizeof front, "%Y-%m-%d %H:%M:%S ", &tm);
	snprintf(front + n, sizeof front - n, "%s%s%s", name, who, colon);
	line[0].iov_len = strlen(front);
	log_passing(NULL);
	/* Nobody is left to be told when standard error itself fails. */
	if (writev(STDERR_FILENO, line, 3) < 0)
		return;
}

void
log_line(enum log_level l, const char *fmt, ...)
{
	char line[LOG_LINE];
	va_list ap;

	if (!log_on(l))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	write_line(l, "proxytunnel: ", line, strlen(line));
}

/* For time(2) the dynamic linker searches the vDSO as each run starts. */
int64_t
log_clock(void)
{
	struct timespec now = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
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
	const char *p = lines, *end, *stop;

	if (len == 0 || !log_on(SAY_EVENT))
		return;
	for (end = p + len; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		write_line(SAY_EVENT, "", p, (size_t)(stop - p));
	}
}
