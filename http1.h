/*
 * http1.h -- the framing of HTTP/1 responses: head, fields, body.  Floor 1.
 * RFC 9112.
 */
#ifndef HTTP1_H
#define HTTP1_H

#include "buf.h"
#include "text.h"

#define HTTP_HEAD_MAX ((size_t)65536) /* bytes of a response's head */
#define HTTP_LINE_MAX 4096     /* bytes of a chunk's size line and extensions */
#define HTTP_TRAILER_MAX 65536 /* bytes of trailer lines behind a body */

struct http_response {
	int minor;  /* of HTTP/1.x */
	int status; /* 100 to 599 */
	struct span reason;
	struct span fields; /* their lines, none of them folded */
};

/*
 * Does this look like the beginning of an HTTP/1 status line, as far as it
 * goes?
 */
int http_is_response(const uint8_t *, size_t);

/*
 * Where the head ends: the number of bytes up to and with the empty line, or
 * 0: not there yet.  Lines may end in CRLF or a bare LF.  scanned is the
 * caller's, 0 at first; it saves looking at the same bytes again.
 */
size_t http_head_end(const uint8_t *, size_t, size_t *scanned);

/*
 * Reads a complete head, as http_head_end measured it (RFC 9112 4 and 5).
 * Folded lines are joined within the bytes given; the spans of the result
 * point into them.  Returns NULL, or what is wrong with it.
 */
const char *http_parse_head(struct http_response *, uint8_t *, size_t);

/*
 * The value of the next field of that name behind the one whose value this
 * is, from the first where its p is NULL.  Returns 0 where there is none.
 */
int http_next_field(
    const struct http_response *, const char *name, struct span *value);

/* The value of the first field of that name; its p is NULL: there is none. */
struct span http_field(const struct http_response *, const char *name);

/* Does a list-valued field hold that element, in any letter case? */
int http_has_element(
    const struct http_response *, const char *name, const char *element);

enum http_body_kind { BODY_NONE, BODY_LENGTH, BODY_CHUNKED, BODY_CLOSE };

struct http_body {
	enum http_body_kind kind;
	int state;
	uint64_t left; /* of the content or the chunk */
	size_t line;   /* bytes of the present line, or of the trailers */
};

/* How the body behind a head is framed (RFC 9112 6.3); not for 2xx. */
void http_body_start(struct http_body *, const struct http_response *);

/*
 * Takes bytes of a body.  Returns how many were used, or -1 where the
 * framing is broken; data is what of them is content.  *over is set once the
 * body is complete.  Call it again with the rest while some bytes were used.
 */
ptrdiff_t http_body_read(
    struct http_body *, const uint8_t *, size_t, struct span *data, int *over);

/* May the connection carry another request after the body (RFC 9112 9.3)? */
int http_keeps_alive(const struct http_response *, const struct http_body *);

#endif
