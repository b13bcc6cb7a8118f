/* text.h -- spans of a message, and the few encodings HTTP needs.  Floor 0. */
#ifndef TEXT_H
#define TEXT_H

#include "buf.h"

/* A stretch of somebody else's bytes; lives as long as those do. */
struct span {
	const char *p;
	size_t n;
};

struct span span_of(const char *s);
struct span span_trim(struct span);	    /* without blanks at either end */
int span_is(struct span, const char *);	    /* ASCII letters of any case */
int span_starts(struct span, const char *); /* the same, for a beginning */
const char *span_find(struct span, const char *); /* the same; NULL: nowhere */

/* Cuts the next line off rest, without its LF or CRLF; 0: none left. */
int span_line(struct span *rest, struct span *line);

/*
 * Cuts the next element off a comma-separated list; commas within quoted
 * strings do not count, empty elements are passed over (RFC 9110 5.6.1).
 * Returns 1, or 0 at the end.
 */
int text_next_element(struct span *rest, struct span *element);

/*
 * Cuts the next challenge off the value of a Proxy-Authenticate field: its
 * scheme, and its parameters or token68 as they stand (RFC 9110 11.6.1).
 * Returns 1, or 0 at the end.
 */
int text_next_challenge(
    struct span *rest, struct span *scheme, struct span *params);

/*
 * Cuts the next NAME=VALUE off the parameters of a challenge; the value
 * replaces what is in the buffer, a quoted string without its quotes and
 * escapes (RFC 9110 11.2, 5.6.4).  What is of another form is passed over.
 * Returns 1, 0 at the end, or NO_MEMORY.
 */
int text_next_param(struct span *rest, struct span *name, struct buf *value);

/* Appends text as a quoted string (RFC 9110 5.6.4).  0, or -1 as buf_put. */
int text_quote(struct buf *, struct span);

/*
 * Appends a text without the pair of quotes, " or ', that all of it stands in;
 * within, \ precedes the quote or another \.  0; -1 where it does not, and
 * what was appended is of no use; NO_MEMORY.
 */
int text_unquote(struct buf *, struct span);

/* Is c a tchar (RFC 9110 5.6.2)? */
int text_is_token(char c);

/* Appends the base64 form (RFC 4648 4).  0, or -1 as buf_put. */
int base64_encode(struct buf *, const void *, size_t);

/*
 * Appends what a base64 text stands for; the padding may be missing.  0; -1
 * where it is none; NO_MEMORY where buf_put fails.
 */
int base64_decode(struct buf *, struct span);

/*
 * Appends what %XX escapes stand for (RFC 3986 2.1).  0; -1 on a broken
 * escape, on NUL, CR or LF; NO_MEMORY where buf_put fails.
 */
int percent_decode(struct buf *, struct span);

/*
 * How many bytes the first character of a text that is not empty has in UTF-8
 * (RFC 3629), neither overlong nor a surrogate; 0: it is none.
 */
size_t text_character(struct span, uint32_t *);

/*
 * Appends at most max bytes of foreign text in a form that is safe to show
 * on a terminal and in a log: UTF-8 only, no control characters, runs of
 * blanks as one, "..." where it was cut.  0, or -1 as buf_put.
 */
int text_show(struct buf *, struct span, size_t max);

/*
 * Reads seconds such as "30" or "0.25" into milliseconds.  0, or -1 when the
 * text is anything else or more than TEXT_SECONDS_MAX.
 */
#define TEXT_SECONDS_MAX 2000000 /* 23 days: milliseconds fit in an int */
int text_seconds(const char *, int *ms);

/*
 * How many letters are to be changed, put in, taken out or exchanged with the
 * next one to make one word of another, of any case; of words of up to
 * TEXT_WORD_MAX bytes, else more than that.
 */
#define TEXT_WORD_MAX 32
size_t text_distance(struct span, struct span);

/* Are n bytes the same but for the case of ASCII letters, in any locale? */
int text_same(const char *, const char *, size_t n);

/* Reads a decimal number from min to max, digits only.  0, or -1. */
int text_number(
    struct span, unsigned long min, unsigned long max, unsigned long *);

#endif
