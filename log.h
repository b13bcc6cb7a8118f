/*
 * log.h -- lines on standard error, or for syslogd.  Floor 0, but closed to
 * the pure code, which reports by what it returns.
 */
#ifndef LOG_H
#define LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level {
	SAY_FAILURE, /* -q: the one failure */
	SAY_NOTICE,  /* what one should know */
	SAY_EVENT,   /* -v: what happens, and the talk with each proxy */
	SAY_STEP     /* -vv: every step */
};

/* Sets how much is said from now on. */
void log_set(enum log_level);

/* From now on the lines are for syslogd. */
void log_to_syslog(void);

/* From now on each line begins with the time. */
void log_with_time(void);

/* Whom lines are about from now on; borrowed, NULL: nobody. */
void log_subject(const char *);

/* Is that level said at all? */
int log_on(enum log_level);

/*
 * Writes one line, the program's name first, in one piece.  Foreign text in
 * it must have come through text_show.
 */
void log_line(enum log_level, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Shows a line that the next one, of either kind, takes the place of; NULL: it
 * is taken away.  For a terminal.
 */
void log_passing(const char *);

/* The wall clock: seconds since 1970 (UTC). */
int64_t log_clock(void);

/* Writes a time such as "0.250 s" into text, which it returns. */
const char *log_seconds(int64_t ms, char text[32]);

/* Writes len bytes that are whole lines already, at SAY_EVENT. */
void log_talk(const void *lines, size_t len);

#endif
