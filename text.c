/* text.c -- spans of a message, and the few encodings HTTP needs.  Floor 0. */
#include "text.h"

#include <string.h>

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int
text_same(const char *a, const char *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return 0;
	return 1;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

struct span
span_trim(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

int
span_starts(struct span s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && text_same(s.p, with, n);
}

int
span_is(struct span s, const char *what)
{
	return s.n == strlen(what) && span_starts(s, what);
}

const char *
span_find(struct span s, const char *what)
{
	size_t n = strlen(what);

	for (; s.n > 0 && s.n >= n; s.p++, s.n--)
		if (text_same(s.p, what, n))
			return s.p;
	return NULL;
}

int
span_line(struct span *rest, struct span *line)
{
	const char *lf;

	if (rest->n == 0)
		return 0;
	lf = memchr(rest->p, '\n', rest->n);
	line->p = rest->p;
	line->n = lf == NULL ? rest->n : (size_t)(lf - rest->p);
	rest->n -= line->n + (lf != NULL);
	rest->p += line->n + (lf != NULL);
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return 1;
}

int
text_next_element(struct span *rest, struct span *element)
{
	int quoted = 0;
	size_t i;

	do {
		if (rest->n == 0)
			return 0;
		for (i = 0; i < rest->n; i++) {
			if (quoted && rest->p[i] == '\\' && i + 1 < rest->n)
				i++;
			else if (rest->p[i] == '"')
				quoted = !quoted;
			else if (!quoted && rest->p[i] == ',')
				break;
		}
		*element = span_trim((struct span){ rest->p, i });
		rest->p += i + (i < rest->n);
		rest->n -= i + (i < rest->n);
	} while (element->n == 0);
	return 1;
}

int
text_unquote(struct buf *out, struct span s)
{
	char quote;
	size_t i;

	if (s.n < 2 || (*s.p != '"' && *s.p != '\''))
		return -1;
	quote = *s.p;
	for (i = 1; i < s.n; i++) {
		if (s.p[i] == quote)
			return i == s.n - 1 ? 0 : -1;
		if (s.p[i] == '\\' && i + 1 < s.n &&
		    (s.p[i + 1] == quote || s.p[i + 1] == '\\'))
			i++;
		if (buf_putc(out, s.p[i]) < 0)
			return NO_MEMORY;
	}
	return -1;
}

int
text_is_token(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/*
 * Does a list element open a new challenge?  A scheme is a token that stands
 * alone or has a blank behind it; NAME=VALUE, with or without blanks around
 * the sign, belongs to the challenge before it.
 */
static int
opens_challenge(struct span e, size_t *scheme)
{
	size_t i = 0;

	while (i < e.n && text_is_token(e.p[i]))
		i++;
	*scheme = i;
	if (i == 0 || (i < e.n && !is_blank(e.p[i])))
		return 0;
	while (i < e.n && is_blank(e.p[i]))
		i++;
	return i == e.n || e.p[i] != '=';
}

int
text_next_challenge(struct span *rest, struct span *scheme, struct span *params)
{
	struct span element, ahead;
	size_t n;

	do {
		if (!text_next_element(rest, &element))
			return 0;
	} while (!opens_challenge(element, &n));
	*scheme = (struct span){ element.p, n };
	*params = (struct span){ element.p + n, element.n - n };
	for (ahead = *rest; text_next_element(&ahead, &element) &&
			    !opens_challenge(element, &n);
	     *rest = ahead)
		params->n = (size_t)(element.p + element.n - params->p);
	*params = span_trim(*params);
	return 1;
}

int
text_next_param(struct span *rest, struct span *name, struct buf *value)
{
	struct span element, v;
	size_t i, n;

	do {
		if (!text_next_element(rest, &element))
			return 0;
		for (n = 0; n < element.n && text_is_token(element.p[n]);)
			n++;
		for (i = n; i < element.n && is_blank(element.p[i]);)
			i++;
	} while (n == 0 || i == element.n || element.p[i] != '=');
	*name = (struct span){ element.p, n };
	v = span_trim((struct span){ element.p + i + 1, element.n - i - 1 });
	buf_cut(value, 0);
	if (v.n == 0 || *v.p != '"')
		return buf_put(value, v.p, v.n) < 0 ? NO_MEMORY : 1;
	for (i = 1; i < v.n && v.p[i] != '"'; i++) {
		if (v.p[i] == '\\' && i + 1 < v.n)
			i++;
		if (buf_putc(value, v.p[i]) < 0)
			return NO_MEMORY;
	}
	return 1;
}

int
text_quote(struct buf *b, struct span s)
{
	size_t i;

	if (buf_putc(b, '"') < 0)
		return -1;
	for (i = 0; i < s.n; i++)
		if (((s.p[i] == '"' || s.p[i] == '\\') &&
			buf_putc(b, '\\') < 0) ||
		    buf_putc(b, s.p[i]) < 0)
			return -1;
	return buf_putc(b, '"');
}

int
base64_encode(struct buf *b, const void *data, size_t n)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/=";
	const uint8_t *p = data;
	char quad[4];

	while (n > 0) {
		unsigned v = (unsigned)p[0] << 16;

		if (n > 1)
			v |= (unsigned)p[1] << 8;
		if (n > 2)
			v |= p[2];
		quad[0] = digit[v >> 18];
		quad[1] = digit[v >> 12 & 63];
		quad[2] = digit[n > 1 ? v >> 6 & 63 : 64];
		quad[3] = digit[n > 2 ? v & 63 : 64];
		if (buf_put(b, quad, sizeof quad) < 0)
			return -1;
		p += n > 2 ? 3 : n;
		n -= n > 2 ? 3 : n;
	}
	return 0;
}

/* The six bits of a digit; -1: it is none. */
static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
base64_decode(struct buf *b, struct span s)
{
	unsigned bits = 0, left = 0; /* bits that make no byte yet */
	size_t i;

	for (i = 0; i < 2 && s.n > 0 && s.p[s.n - 1] == '='; i++)
		s.n--;
	if (s.n % 4 == 1 || (i > 0 && (s.n + i) % 4 != 0))
		return -1;
	for (i = 0; i < s.n; i++) {
		if (sextet(s.p[i]) < 0)
			return -1;
		bits = (bits << 6 | (unsigned)sextet(s.p[i])) & 0xfff;
		left += 6;
		if (left < 8)
			continue;
		left -= 8;
		if (buf_putc(b, (char)(bits >> left & 0xff)) < 0)
			return NO_MEMORY;
	}
	return 0;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
percent_decode(struct buf *b, struct span s)
{
	char c;

	while (s.n > 0) {
		c = *s.p++;
		s.n--;
		if (c == '%') {
			if (s.n < 2 || hex(s.p[0]) < 0 || hex(s.p[1]) < 0)
				return -1;
			c = (char)(hex(s.p[0]) << 4 | hex(s.p[1]));
			s.p += 2;
			s.n -= 2;
		}
		if (c == '\0' || c == '\r' || c == '\n')
			return -1;
		if (buf_putc(b, c) < 0)
			return NO_MEMORY;
	}
	return 0;
}

size_t
text_character(struct span s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)s.p;
	size_t n = 1, i;

	*c = p[0];
	if (p[0] >= 0x80) {
		n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
		if (p[0] < 0xc2 || p[0] > 0xf4 || n > s.n)
			return 0;
		*c = p[0] & (0x7fu >> n);
	}
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	return *c < least[n] || (*c >= 0xd800 && *c <= 0xdfff) || *c > 0x10ffff
		   ? 0
		   : n;
}

/* How many bytes of s make one printable character; 0: they do not. */
static size_t
printable(struct span s)
{
	uint32_t c;
	size_t n = text_character(s, &c);

	/*
	 * Neither a control character, nor one of those that turn the
	 * direction of the text around.
	 */
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff)
		return 0;
	return n;
}

int
text_show(struct buf *b, struct span s, size_t max)
{
	size_t n, shown = 0;
	int blank = 0;

	s = span_trim(s);
	while (s.n > 0) {
		if (is_blank(*s.p)) {
			blank = 1;
			s.p++;
			s.n--;
			continue;
		}
		n = printable(s);
		if (shown + (size_t)blank + (n > 0 ? n : 1) > max)
			return buf_puts(b, "...");
		if ((blank && buf_putc(b, ' ') < 0) ||
		    (n > 0 ? buf_put(b, s.p, n) : buf_putc(b, '?')) < 0)
			return -1;
		shown += (size_t)blank + (n > 0 ? n : 1);
		blank = 0;
		s.p += n > 0 ? n : 1;
		s.n -= n > 0 ? n : 1;
	}
	return 0;
}

int
text_number(
    struct span s, unsigned long min, unsigned long max, unsigned long *value)
{
	unsigned long v = 0, digit;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		digit = (unsigned long)(s.p[i] - '0');
		if (v > (max - digit) / 10 || digit > max)
			return -1;
		v = v * 10 + digit;
	}
	if (s.n == 0 || v < min)
		return -1;
	*value = v;
	return 0;
}

int
text_seconds(const char *s, int *ms)
{
	struct span whole = span_of(s), part = { "", 0 };
	const char *dot = strchr(s, '.');
	unsigned long v = 0, frac = 0;
	size_t i;

	if (dot != NULL) {
		whole.n = (size_t)(dot - s);
		part = span_of(dot + 1);
	}
	if ((whole.n == 0 && part.n == 0) || part.n > 9 ||
	    (whole.n > 0 && text_number(whole, 0, TEXT_SECONDS_MAX, &v) < 0) ||
	    (part.n > 0 && text_number(part, 0, 999999999, &frac) < 0))
		return -1;
	for (i = part.n; i < 3; i++)
		frac *= 10;
	for (i = part.n; i > 3; i--)
		frac /= 10;
	if (v == TEXT_SECONDS_MAX && frac > 0)
		return -1;
	/* What is more than nothing stays more than nothing. */
	if (v == 0 && frac == 0 && strpbrk(s, "123456789") != NULL)
		frac = 1;
	*ms = (int)(v * 1000 + frac);
	return 0;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
text_distance(struct span a, struct span b)
{
	/* The rows of the last two letters of a, and of the present one. */
	size_t rows[3][TEXT_WORD_MAX + 1], *before, *last, *row, i, j, change;

	if (a.n > TEXT_WORD_MAX || b.n > TEXT_WORD_MAX)
		return TEXT_WORD_MAX + 1;
	for (j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (i = 1; i <= a.n; i++) {
		row = rows[i % 3];
		last = rows[(i + 2) % 3];
		before = rows[(i + 1) % 3];
		row[0] = i;
		for (j = 1; j <= b.n; j++) {
			change = !text_same(&a.p[i - 1], &b.p[j - 1], 1);
			row[j] = least(least(last[j], row[j - 1]) + 1,
			    last[j - 1] + change);
			if (i > 1 && j > 1 &&
			    text_same(&a.p[i - 1], &b.p[j - 2], 1) &&
			    text_same(&a.p[i - 2], &b.p[j - 1], 1))
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[a.n % 3][b.n];
}
