/* json.c -- writes JSON into a buffer.  Floor 1.  RFC 8259. */
#include "json.h"

#include <string.h>

static void
put(struct json *j, const void *p, size_t n)
{
	if (buf_put(j->out, p, n) < 0)
		j->failed = 1;
}

static void
put_text(struct json *j, const char *s)
{
	put(j, s, strlen(s));
}

void
json_init(struct json *j, struct buf *out)
{
	j->out = out;
	j->comma = j->failed = 0;
}

/* One character, which has n bytes; 0: it is none (RFC 8259 7). */
static void
put_character(struct json *j, const char *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)*p;
	char escape[] = "\\u0000";

	if (n == 0)
		put_text(j, "\xef\xbf\xbd");
	else if (c == '"' || c == '\\') {
		put(j, "\\", 1);
		put(j, p, 1);
	} else if (c < ' ' || c == 0x7f) {
		escape[4] = hex[c >> 4];
		escape[5] = hex[c & 15];
		put_text(j, escape);
	} else
		put(j, p, n);
}

static void
put_string(struct json *j, struct span s)
{
	uint32_t character;
	size_t n;

	put(j, "\"", 1);
	while (s.n > 0) {
		n = text_character(s, &character);
		put_character(j, s.p, n);
		n += n == 0;
		s.p += n;
		s.n -= n;
	}
	put(j, "\"", 1);
}

static void
begin(struct json *j, const char *name)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = 1;
	if (name == NULL)
		return;
	put_string(j, span_of(name));
	put(j, ":", 1);
}

void
json_open(struct json *j, const char *name, char bracket)
{
	begin(j, name);
	put(j, &bracket, 1);
	j->comma = 0;
}

void
json_close(struct json *j, char bracket)
{
	put(j, &bracket, 1);
	j->comma = 1;
}

void
json_span(struct json *j, const char *name, struct span s)
{
	begin(j, name);
	put_string(j, s);
}

void
json_string(struct json *j, const char *name, const char *s)
{
	if (s == NULL)
		json_null(j, name);
	else
		json_span(j, name, span_of(s));
}

void
json_number(struct json *j, const char *name, int64_t n)
{
	begin(j, name);
	if (buf_putf(j->out, "%lld", (long long)n) < 0)
		j->failed = 1;
}

void
json_bool(struct json *j, const char *name, int is)
{
	begin(j, name);
	put_text(j, is ? "true" : "false");
}

void
json_null(struct json *j, const char *name)
{
	begin(j, name);
	put_text(j, "null");
}

void
json_ms(struct json *j, const char *name, int64_t us)
{
	begin(j, name);
	if (buf_putf(j->out, "%lld.%03lld", (long long)(us / 1000),
		(long long)(us % 1000)) < 0)
		j->failed = 1;
}
