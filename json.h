/*
 * json.h -- writes JSON (RFC 8259), a value after the other, into a buffer.
 * Floor 1.
 */
#ifndef JSON_H
#define JSON_H

#include "text.h"

struct json {
	struct buf *out; /* borrowed */
	int comma;	 /* stands in front of the next value */
	int failed;	 /* it does not fit: all that follows is no use */
};

void json_init(struct json *, struct buf *out);

/*
 * An object or array is opened and closed; with a name it is a member of the
 * object that is open, NULL: an element of the array, or the whole.
 */
void json_open(struct json *, const char *name, char bracket);
void json_close(struct json *, char bracket);

/*
 * Whatever the bytes are, the text is valid UTF-8: what is none becomes
 * U+FFFD.
 */
void json_span(struct json *, const char *name, struct span);
void json_string(struct json *, const char *name, const char *); /* or null */
void json_number(struct json *, const char *name, int64_t);
void json_bool(struct json *, const char *name, int);
void json_null(struct json *, const char *name);

/* Microseconds as milliseconds with three decimals. */
void json_ms(struct json *, const char *name, int64_t us);

#endif
