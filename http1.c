/* http1.c -- the framing of HTTP/1 responses.  Floor 1.  RFC 9112. */
#include "http1.h"

#include <string.h>

static const char version[] = "HTTP/1.";

#define STATUS_LINE_MIN (sizeof version - 1 + sizeof "1 200" - 1)

int
http_is_response(const uint8_t *p, size_t n)
{
	size_t whole = sizeof version - 1;

	return memcmp(p, version, n < whole ? n : whole) == 0;
}

size_t
http_head_end(const uint8_t *p, size_t n, size_t *scanned)
{
	size_t i = *scanned;
	const uint8_t *lf;

	while (i < n && (lf = memchr(p + i, '\n', n - i)) != NULL) {
		i = (size_t)(lf - p);
		if (i + 1 < n && p[i + 1] == '\n')
			return i + 2;
		if (i + 2 < n && p[i + 1] == '\r' && p[i + 2] == '\n')
			return i + 3;
		if (i + 2 >= n) { /* the line feed may yet be the last one */
			*scanned = i;
			return 0;
		}
		i++;
	}
	*scanned = n;
	return 0;
}

/* "HTTP/1.1 200 OK"; the reason, and the blank before it, may be missing. */
static const char *
parse_status_line(struct http_response *r, struct span s)
{
	unsigned long status;
	struct span code;

	if (s.n < STATUS_LINE_MIN || memcmp(s.p, version, 7) != 0)
		return "the status line is not HTTP/1";
	if (s.p[7] < '0' || s.p[7] > '9' || s.p[8] != ' ')
		return "the version in the status line is malformed";
	r->minor = s.p[7] - '0';
	s.p += 8;
	s.n -= 8;
	while (s.n > 0 && *s.p == ' ') {
		s.p++;
		s.n--;
	}
	code = (struct span){ s.p, s.n < 3 ? s.n : 3 };
	if (code.n < 3 || text_number(code, 100, 599, &status) < 0 ||
	    (s.n > 3 && s.p[3] != ' ' && s.p[3] != '\t'))
		return "the status code is malformed";
	r->status = (int)status;
	r->reason = span_trim((struct span){ s.p + 3, s.n - 3 });
	return NULL;
}

/* Joins folded lines (RFC 9112 5.2): their line ends become blanks. */
static void
unfold(uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n; i++)
		if (p[i] == '\n' && (p[i + 1] == ' ' || p[i + 1] == '\t')) {
			p[i] = ' ';
			if (i > 0 && p[i - 1] == '\r')
				p[i - 1] = ' ';
		}
}

const char *
http_parse_head(struct http_response *r, uint8_t *p, size_t n)
{
	struct span rest = { (const char *)p, n }, line;
	const char *fault;

	if (memchr(p, '\0', n) != NULL)
		return "there is a NUL byte in its answer";
	if (!span_line(&rest, &line))
		return "its answer is empty";
	fault = parse_status_line(r, line);
	if (fault != NULL)
		return fault;
	if (rest.n > 0)
		unfold(p + (rest.p - (const char *)p), rest.n);
	r->fields = rest;
	return NULL;
}

/* What of the fields' lines is behind the one that a value is of. */
static struct span
fields_behind(const struct http_response *r, struct span value)
{
	struct span rest = r->fields, line;

	if (value.p != NULL) {
		rest.n -= (size_t)(value.p - rest.p);
		rest.p = value.p;
		span_line(&rest, &line);
	}
	return rest;
}

int
http_next_field(
    const struct http_response *r, const char *name, struct span *value)
{
	struct span rest = fields_behind(r, *value), line, front;
	const char *colon;

	while (span_line(&rest, &line) && line.n > 0) {
		/* What is not a field means nothing here, and does no harm. */
		colon = memchr(line.p, ':', line.n);
		if (colon == NULL)
			continue;
		front = (struct span){ line.p, (size_t)(colon - line.p) };
		if (!span_is(span_trim(front), name))
			continue;
		*value = span_trim((struct span){
		    colon + 1, line.n - (size_t)(colon + 1 - line.p) });
		return 1;
	}
	return 0;
}

struct span
http_field(const struct http_response *r, const char *name)
{
	struct span value = { NULL, 0 };

	http_next_field(r, name, &value);
	return value;
}

int
http_has_element(
    const struct http_response *r, const char *name, const char *element)
{
	struct span value = { NULL, 0 }, rest, e;

	while (http_next_field(r, name, &value))
		for (rest = value; text_next_element(&rest, &e);)
			if (span_is(e, element))
				return 1;
	return 0;
}

/* The one Content-Length there is; 0 where there is none or they differ. */
static int
content_length(const struct http_response *r, uint64_t *length)
{
	struct span value = { NULL, 0 }, rest, e;
	unsigned long v;
	int seen = 0;

	while (http_next_field(r, "Content-Length", &value))
		for (rest = value; text_next_element(&rest, &e);) {
			if (text_number(e, 0, ~0ul >> 1, &v) < 0 ||
			    (seen && v != *length))
				return 0;
			*length = v;
			seen = 1;
		}
	return seen;
}

/* Is chunked the last transfer coding (RFC 9112 6.3)? */
static int
is_chunked(const struct http_response *r)
{
	struct span value = { NULL, 0 }, rest, e = { NULL, 0 };

	while (http_next_field(r, "Transfer-Encoding", &value))
		for (rest = value; text_next_element(&rest, &e);)
			;
	return span_is(e, "chunked");
}

/* The states of a chunked body, in their order (RFC 9112 7.1). */
enum { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER };

void
http_body_start(struct http_body *b, const struct http_response *r)
{
	memset(b, 0, sizeof *b);
	if (r->status < 200 || r->status == 204 || r->status == 304)
		b->kind = BODY_NONE;
	else if (http_field(r, "Transfer-Encoding").p != NULL)
		b->kind = is_chunked(r) ? BODY_CHUNKED : BODY_CLOSE;
	else if (content_length(r, &b->left))
		b->kind = b->left == 0 ? BODY_NONE : BODY_LENGTH;
	else
		b->kind = BODY_CLOSE;
}

int
http_keeps_alive(const struct http_response *r, const struct http_body *b)
{
	if (b->kind == BODY_CLOSE ||
	    http_has_element(r, "Connection", "close") ||
	    http_has_element(r, "Proxy-Connection", "close"))
		return 0;
	/* Both framings, or one too new: who knows (RFC 9112 6.1, 6.3). */
	if (b->kind == BODY_CHUNKED &&
	    (r->minor == 0 || http_field(r, "Content-Length").p != NULL))
		return 0;
	return r->minor >= 1 ||
	       http_has_element(r, "Connection", "keep-alive") ||
	       http_has_element(r, "Proxy-Connection", "keep-alive");
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes one byte of a chunked body that is not content; -1: broken. */
static int
chunk_byte(struct http_body *b, uint8_t c, int *over)
{
	int digit = hex_digit(c);

	switch (b->state) {
	case CHUNK_SIZE:
		if (digit >= 0) {
			if (b->left >> 59 != 0 || ++b->line > HTTP_LINE_MAX)
				return -1;
			b->left = b->left << 4 | (unsigned)digit;
			return 0;
		}
		if (b->line == 0)
			return -1;
		b->state = CHUNK_EXTENSION;
		/* fall through */
	case CHUNK_EXTENSION:
		if (++b->line > HTTP_LINE_MAX)
			return -1;
		if (c == '\n') {
			b->state = b->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
			b->line = 0;
		}
		return 0;
	case CHUNK_END:
		if (c == '\r' && b->line++ == 0)
			return 0;
		b->state = CHUNK_SIZE;
		b->line = 0;
		return c == '\n' ? 0 : -1;
	default: /* CHUNK_TRAILER: left counts the bytes of the line */
		if (c == '\n' && b->left == 0)
			*over = 1;
		else if (++b->line > HTTP_TRAILER_MAX)
			return -1;
		else if (c == '\n')
			b->left = 0;
		else if (c != '\r')
			b->left++;
		return 0;
	}
}

ptrdiff_t
http_body_read(struct http_body *b, const uint8_t *p, size_t n,
    struct span *data, int *over)
{
	size_t used = 0;

	*data = (struct span){ (const char *)p, 0 };
	*over = b->kind == BODY_NONE;
	while (used < n && !*over && data->n == 0) {
		if (b->kind == BODY_CHUNKED && b->state != CHUNK_DATA) {
			if (chunk_byte(b, p[used++], over) < 0)
				return -1;
			continue;
		}
		data->p = (const char *)p + used;
		data->n = n - used;
		if (b->kind != BODY_CLOSE) {
			if (data->n > b->left)
				data->n = (size_t)b->left;
			b->left -= data->n;
		}
		used += data->n;
		if (b->kind == BODY_LENGTH)
			*over = b->left == 0;
		else if (b->kind == BODY_CHUNKED && b->left == 0)
			b->state = CHUNK_END;
	}
	return (ptrdiff_t)used;
}
