/*
 * challenge_fuzz.c -- the values of Proxy-Authenticate, a line each, refused
 * again and again until nothing is left to try.
 */
#include <stdlib.h>
#include <string.h>

#include "auth.h"

#define OUT_MAX (1 << 20)
#define LEGS_MAX 3    /* that GSSAPI goes */
#define ROUNDS_MAX 12 /* each scheme, a stale nonce, the legs of NTLM */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int condition)
{
	if (!condition)
		__builtin_trap();
}

/* Not a digest, but it reads each byte and differs with it. */
static void
sum(const struct span *pieces, size_t n, uint8_t *out, size_t len)
{
	size_t i, k, at = 0;

	for (k = 0; k < n; k++)
		for (i = 0; i < pieces[k].n; i++, at++)
			out[at % len] = (uint8_t)(out[at % len] * 31 +
						  (uint8_t)pieces[k].p[i]);
}

static int
hash(void *arg, enum hash kind, const struct span *pieces, size_t n,
    uint8_t out[HASH_MAX])
{
	size_t len = kind == HASH_MD5 ? 16 : 32;

	(void)arg;
	memset(out, kind, len);
	sum(pieces, n, out, len);
	return (int)len;
}

static int
hmac_md5(void *arg, const uint8_t key[16], const struct span *pieces, size_t n,
    uint8_t out[16])
{
	uint8_t state[16];

	(void)arg;
	memcpy(state, key, sizeof state);
	sum(pieces, n, state, sizeof state);
	memcpy(out, state, sizeof state);
	return 16;
}

static int
fill(void *p, size_t n)
{
	memset(p, 0xaa, n);
	return 0;
}

static int64_t
the_time(void)
{
	return 1700000000;
}

static void
check_challenges(struct span all)
{
	struct span rest = all, scheme, params;
	size_t before = all.n + 1;

	while (text_next_challenge(&rest, &scheme, &params)) {
		must(rest.n < before && scheme.n > 0 && scheme.p >= all.p);
		must(params.p >= scheme.p + scheme.n);
		must(params.p + params.n <= all.p + all.n);
		before = rest.n;
	}
}

static void
hear(struct auth *a, struct span rest)
{
	struct span line;

	auth_response(a);
	while (span_line(&rest, &line))
		auth_challenge(a, line);
}

/* Something is sent, and it fits a field. */
static void
check_answer(struct auth *a)
{
	struct buf out;
	size_t i;

	buf_init(&out, OUT_MAX);
	must(auth_answer(a, "CONNECT", "host:22", &out) == 0);
	must(buf_len(&out) > 0);
	for (i = 0; i < buf_len(&out); i++)
		must((buf_ptr(&out)[i] >= ' ' || buf_ptr(&out)[i] == '\t') &&
		     buf_ptr(&out)[i] != 0x7f);
	buf_free(&out);
}

/* Answers what is wanted; AUTH_SEND or AUTH_FAILED. */
static enum auth_step
answer(struct auth *a, enum auth_step step, int *legs, struct failure *why)
{
	must(step != AUTH_ASK);
	if (step == AUTH_STEP) {
		must(auth_is_bound(a));
		step = auth_stepped(a, span_of("token"),
		    ++*legs > LEGS_MAX ? "no more" : NULL, why);
		must(step == AUTH_SEND || step == AUTH_FAILED);
	}
	if (step == AUTH_SEND)
		check_answer(a);
	return step;
}

static void
refuse_all(const struct auth_setup *setup, struct span all)
{
	struct failure why = { FAIL_NONE, 0, "" };
	struct auth *a = auth_new(setup);
	int rounds = 0, legs = 0;

	must(auth_connection(a, (struct span){ NULL, 0 }, NULL) == AUTH_SEND);
	do {
		must(rounds++ < ROUNDS_MAX);
		hear(a, all);
	} while (answer(a, auth_next(a, &why), &legs, &why) == AUTH_SEND);
	must(why.code == FAIL_AUTH && why.text[0] != '\0');
	auth_free(a);
}

/* The first answer is right; then comes what may be a proof. */
static void
open_at_once(const struct auth_setup *setup, struct span all)
{
	struct failure why = { FAIL_NONE, 0, "" };
	struct auth *a = auth_new(setup);
	int legs = 0;

	hear(a, all);
	if (answer(a, auth_next(a, &why), &legs, &why) == AUTH_SEND)
		must((auth_opened(a, all, &why) == AUTH_FAILED) ==
		     (why.code == FAIL_AUTH));
	auth_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct hasher hasher = { hash, hmac_md5, NULL };
	static const struct auth_env env = { &hasher, "no hash", fill,
		the_time };
	char user[] = "user", password[] = "secret", *copy = malloc(n + !n);
	struct login login = { { user, password }, 0, 0 };
	const struct auth_setup setup = { &login, AUTH_ALL, NULL, "HTTP/proxy",
		&env };
	struct span all = { copy, n };

	memcpy(copy, p, n);
	check_challenges(all);
	refuse_all(&setup, all);
	open_at_once(&setup, all);
	free(copy);
	return 0;
}
