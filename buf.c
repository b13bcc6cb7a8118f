/* buf.c -- bytes in a row, with a ceiling given at birth.  Floor 0. */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST 128 /* bytes of the first allocation */

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof *b);
	b->max = max;
}

void
buf_free(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	free(b->data);
	buf_init(b, b->max);
}

/*
 * Makes room for want more bytes behind the content.  A new place is
 * allocated rather than the old one resized, so that the old can be wiped.
 */
static int
buf_room(struct buf *b, size_t want)
{
	uint8_t *data;
	size_t cap = b->cap;

	if (want > b->max || b->len > b->max - want)
		return -1;
	if (b->cap - b->off - b->len >= want && b->data != NULL)
		return 0;
	if (b->data != NULL && b->off > 0) {
		memmove(b->data, b->data + b->off, b->len);
		b->off = 0;
		if (b->cap - b->len >= want)
			return 0;
	}
	if (cap == 0)
		cap = BUF_FIRST;
	while (cap < b->len + want)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	data = malloc(cap);
	if (data == NULL)
		return -1;
	if (b->data != NULL) {
		memcpy(data, b->data, b->len);
		explicit_bzero(b->data, b->cap);
		free(b->data);
	}
	b->data = data;
	b->cap = cap;
	return 0;
}

int
buf_put(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return 0;
	if (buf_room(b, n) < 0)
		return -1;
	memcpy(b->data + b->off + b->len, p, n);
	b->len += n;
	return 0;
}

int
buf_puts(struct buf *b, const char *s)
{
	return buf_put(b, s, strlen(s));
}

int
buf_putc(struct buf *b, char c)
{
	return buf_put(b, &c, 1);
}

int
buf_join(struct buf *b, ...)
{
	size_t before = b->len;
	const char *s;
	va_list ap;
	int rc = 0;

	va_start(ap, b);
	while (rc == 0 && (s = va_arg(ap, const char *)) != NULL)
		rc = buf_puts(b, s);
	va_end(ap);
	if (rc < 0)
		b->len = before;
	return rc;
}

int
buf_putf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n, rc = -1;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0 && buf_room(b, (size_t)n + 1) == 0) {
		vsnprintf((char *)b->data + b->off + b->len, (size_t)n + 1, fmt,
		    again);
		b->len += (size_t)n;
		rc = 0;
	}
	va_end(again);
	va_end(ap);
	return rc;
}

uint8_t *
buf_ptr(const struct buf *b)
{
	return b->data == NULL ? NULL : b->data + b->off;
}

size_t
buf_len(const struct buf *b)
{
	return b->len;
}

void
buf_take(struct buf *b, size_t n)
{
	b->off += n;
	b->len -= n;
	if (b->len == 0)
		b->off = 0;
}

void
buf_cut(struct buf *b, size_t len)
{
	b->len = len;
}

const char *
buf_str(struct buf *b)
{
	if (buf_room(b, 1) < 0)
		return "";
	b->data[b->off + b->len] = '\0';
	return (const char *)b->data + b->off;
}
