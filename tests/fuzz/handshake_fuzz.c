/*
 * handshake_fuzz.c -- the CONNECT conversation, whole, byte by byte and in
 * the pieces that the input chooses; all three must come to the same.
 */
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "http.h"

#define CONNECTIONS_MAX 3 /* the same bytes are fed to each */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct result {
	enum handshake_verdict verdict;
	size_t used;
	struct failure why;
};

static enum handshake_verdict
feed(struct handshake *h, const uint8_t *p, size_t n, const uint8_t *pieces,
    size_t npieces, struct buf *out, struct result *r)
{
	enum handshake_verdict v = HANDSHAKE_MORE;
	size_t at, piece, used, i = 0;

	for (at = 0; at < n && v == HANDSHAKE_MORE; at += used) {
		piece = npieces == 0 ? n : (size_t)pieces[i++ % npieces] + 1;
		if (piece > n - at)
			piece = n - at;
		v = h->ops->feed(h, p + at, piece, &used, out, &r->why);
		if (used > piece || (v == HANDSHAKE_MORE && used != piece))
			__builtin_trap();
	}
	r->used = at;
	return v;
}

/* Does a line of ours hold the password in its base64 form? */
static int
says_secret(struct span talk)
{
	struct span line;

	while (span_line(&talk, &line))
		if (span_starts(line, "> ") && span_find(line, "c2VjcmV0"))
			return 1;
	return 0;
}

static struct result
play(const struct http_connect *what, const uint8_t *p, size_t n,
    const uint8_t *pieces, size_t npieces, enum handshake_end end)
{
	struct handshake *h = http_connect(what);
	struct result r = { HANDSHAKE_AGAIN, 0, { FAIL_NONE, 0, "" } };
	struct buf out, talk;
	int i;

	buf_init(&out, HTTP_REQUEST_MAX);
	buf_init(&talk, HTTP_REQUEST_MAX);
	h->talk = &talk;
	for (i = 0; i < CONNECTIONS_MAX && r.verdict == HANDSHAKE_AGAIN; i++) {
		buf_free(&out);
		if (h->ops->start(h, &out, &r.why) < 0)
			__builtin_trap();
		r.verdict = feed(h, p, n, pieces, npieces, &out, &r);
		if (r.verdict != HANDSHAKE_MORE)
			continue;
		r.verdict = h->ops->end(h, end, &r.why);
		if (r.verdict == HANDSHAKE_MORE || r.verdict == HANDSHAKE_DONE)
			__builtin_trap();
	}
	if (says_secret(BUF_SPAN(&talk)) ||
	    (r.verdict == HANDSHAKE_FAILED && r.why.code == FAIL_NONE))
		__builtin_trap();
	h->ops->free(h);
	buf_free(&out);
	buf_free(&talk);
	return r;
}

static void
compare(const struct result *a, const struct result *b)
{
	if (a->verdict != b->verdict || a->why.code != b->why.code ||
	    strcmp(a->why.text, b->why.text) != 0 ||
	    (a->verdict == HANDSHAKE_DONE && a->used != b->used))
		__builtin_trap();
}

/* The first byte: schemes, how it ends, and how many lengths follow. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint8_t one = 0;
	char user[] = "user", password[] = "xsecret";
	struct credentials c = { user, password };
	struct http_connect what = { .authority = "host.example:22",
		.credentials = &c,
		.schemes = AUTH_ALL };
	size_t npieces = n > 0 ? p[0] >> 4 : 0;
	enum handshake_end end = HANDSHAKE_EOF;
	struct result whole, bytes, cut;

	if (n < 1 + npieces)
		return 0;
	if (p[0] & 1)
		what.schemes = AUTH_BASIC;
	if (p[0] & 2)
		end = p[0] & 4 ? HANDSHAKE_RESET : HANDSHAKE_DEADLINE;
	if (p[0] & 8)
		c.user = NULL;
	p++;
	n -= 1 + npieces;
	whole = play(&what, p + npieces, n, NULL, 0, end);
	bytes = play(&what, p + npieces, n, &one, 1, end);
	cut = play(&what, p + npieces, n, p, npieces, end);
	compare(&whole, &bytes);
	compare(&whole, &cut);
	return 0;
}
