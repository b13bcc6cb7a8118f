/* utf16.c -- text as NTLM has it: UTF-16, the low byte first.  Floor 0. */
#include "utf16.h"

static unsigned
unit(const char *p)
{
	const uint8_t *u = (const uint8_t *)p;

	return u[0] | (unsigned)u[1] << 8;
}

static int
put_unit(struct buf *b, uint32_t unit)
{
	uint8_t p[2] = { (uint8_t)unit, (uint8_t)(unit >> 8) };

	return buf_put(b, p, sizeof p);
}

int
utf16_put(struct buf *b, struct span s)
{
	uint32_t c;
	size_t n;
	int rc;

	for (; s.n > 0; s.p += n, s.n -= n) {
		n = text_character(s, &c);
		if (n == 0)
			return -1;
		if (c < 0x10000)
			rc = put_unit(b, c);
		else if ((rc = put_unit(b, 0xd7c0 + (c >> 10))) == 0)
			rc = put_unit(b, 0xdc00 + (c & 0x3ff));
		if (rc < 0)
			return NO_MEMORY;
	}
	return 0;
}

/* Appends a character as UTF-8; half a surrogate pair is written like any. */
static int
put_character(struct buf *b, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
	uint8_t p[4];

	for (i = n - 1; i > 0; i--, c >>= 6)
		p[i] = (uint8_t)(0x80 | (c & 0x3f));
	p[0] = (uint8_t)(n == 1 ? c : (0xff00u >> n & 0xff) | c);
	return buf_put(b, p, n);
}

int
utf16_to_utf8(struct buf *b)
{
	struct buf wide = *b;
	const char *p = (const char *)buf_ptr(&wide);
	size_t n = buf_len(&wide) / 2;
	uint32_t c;
	int rc = 0;

	buf_init(b, wide.max * 2);
	for (; rc == 0 && n > 0; n--, p += 2) {
		c = unit(p);
		if (c >> 10 == 0x36 && n > 1 && unit(p + 2) >> 10 == 0x37) {
			n--;
			p += 2;
			c = 0x10000 + ((c & 0x3ff) << 10) + (unit(p) & 0x3ff);
		}
		rc = put_character(b, c);
	}
	buf_free(&wide);
	return rc < 0 ? NO_MEMORY : 0;
}

/*
 * The upper case of one unit of UTF-16.  What is here Unicode and the table
 * of Windows agree on; a server must come to the same result, so the micro
 * sign, the dotless i and the long s stay as Windows leaves them.
 */
unsigned
utf16_upper(unsigned c)
{
	static const struct {
		uint16_t first, last;
		uint8_t step;
		int16_t to; /* from here to the upper case */
	} ranges[] = {
		{ 0x61, 0x7a, 1, -32 },
		/* Latin-1, Latin Extended-A and what of B is in daily use */
		{ 0xe0, 0xf6, 1, -32 },
		{ 0xf8, 0xfe, 1, -32 },
		{ 0xff, 0xff, 1, 121 },
		{ 0x101, 0x12f, 2, -1 },
		{ 0x133, 0x137, 2, -1 },
		{ 0x13a, 0x148, 2, -1 },
		{ 0x14b, 0x177, 2, -1 },
		{ 0x17a, 0x17e, 2, -1 },
		{ 0x1a1, 0x1a5, 2, -1 },
		{ 0x1b0, 0x1b0, 1, -1 },
		{ 0x1ce, 0x1dc, 2, -1 },
		{ 0x1df, 0x1ef, 2, -1 },
		{ 0x1f9, 0x21f, 2, -1 },
		{ 0x223, 0x233, 2, -1 },
		/* Greek */
		{ 0x3ac, 0x3ac, 1, -38 },
		{ 0x3ad, 0x3af, 1, -37 },
		{ 0x3b1, 0x3c1, 1, -32 },
		{ 0x3c2, 0x3c2, 1, -31 },
		{ 0x3c3, 0x3cb, 1, -32 },
		{ 0x3cc, 0x3cc, 1, -64 },
		{ 0x3cd, 0x3ce, 1, -63 },
		/* Cyrillic */
		{ 0x430, 0x44f, 1, -32 },
		{ 0x450, 0x45f, 1, -80 },
		{ 0x461, 0x481, 2, -1 },
		{ 0x48b, 0x4bf, 2, -1 },
		{ 0x4c2, 0x4ce, 2, -1 },
		{ 0x4cf, 0x4cf, 1, -15 },
		{ 0x4d1, 0x513, 2, -1 },
		/* Armenian, Latin Extended Additional, fullwidth Latin */
		{ 0x561, 0x586, 1, -48 },
		{ 0x1e01, 0x1e95, 2, -1 },
		{ 0x1ea1, 0x1ef9, 2, -1 },
		{ 0xff41, 0xff5a, 1, -32 },
	};
	size_t i;

	for (i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (c >= ranges[i].first && c <= ranges[i].last &&
		    (c - ranges[i].first) % ranges[i].step == 0)
			return (unsigned)((int)c + ranges[i].to);
	return c;
}
