/*
 * ntlm_fuzz.c -- a challenge of NTLM, and the answer to it.  The first byte
 * says how long the user's name before the challenge is.
 */
#include <stdlib.h>
#include <string.h>

#include "fakes.h"
#include "ntlm.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
is_within(struct span part, struct span all)
{
	return part.n == 0 || (part.p >= all.p && part.n <= all.n &&
				  part.p + part.n <= all.p + all.n);
}

/* Each field of an answer is within it and behind its header. */
static void
check_fields(const uint8_t *m, size_t n)
{
	size_t at, length, offset;

	if (n < 88 || n > NTLM_MESSAGE_MAX)
		__builtin_trap();
	for (at = 12; at < 60; at += 8) {
		length = m[at] | (size_t)m[at + 1] << 8;
		offset = m[at + 4] | (size_t)m[at + 5] << 8 |
			 (size_t)m[at + 6] << 16;
		if (offset < 88 || offset > n || length > n - offset)
			__builtin_trap();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct ntlm_login l = { NULL, NULL, "Password", "WORKSTATION",
		"HTTP/proxy.example", NULL, { 1 }, 1 };
	size_t user = n == 0 ? 0 : p[0] < n ? p[0] : n - 1;
	struct span m = { NULL, n == 0 ? 0 : n - 1 - user };
	char *name = calloc(1, user + 1), *copy = malloc(m.n + (m.n == 0));
	struct ntlm_challenge c;
	struct buf negotiate, out;
	int rc;

	if (n > 0) {
		memcpy(name, p + 1, user);
		memcpy(copy, p + 1 + user, m.n);
	}
	m.p = copy;
	l.user = name;
	buf_init(&negotiate, 100);
	buf_init(&out, NTLM_MESSAGE_MAX);
	if (ntlm_parse(&c, m) == NULL) {
		if (!is_within(c.target, m) || !is_within(c.info, m))
			__builtin_trap();
		ntlm_negotiate(&negotiate);
		rc = ntlm_authenticate(
		    &out, &c, BUF_SPAN(&negotiate), &l, &fake_hasher);
		if (rc == 0)
			check_fields(buf_ptr(&out), buf_len(&out));
		else if ((rc != NTLM_NOT_UTF8 && rc != NTLM_TOO_LONG) ||
			 buf_len(&out) > 0)
			__builtin_trap();
	}
	buf_free(&negotiate);
	buf_free(&out);
	free(name);
	free(copy);
	return 0;
}
