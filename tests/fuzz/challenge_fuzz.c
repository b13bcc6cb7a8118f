/*
 * challenge_fuzz.c -- the values of Proxy-Authenticate, a line each, refused
 * again and again until nothing is left to try.
 */
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "fakes.h"

#define OUT_MAX (1 << 20)
#define LEGS_MAX 3    /* that GSSAPI goes */
#define ROUNDS_MAX 12 /* each scheme, a stale nonce, the legs of NTLM */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

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
	struct failure why = NO_FAILURE;
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
	struct failure why = NO_FAILURE;
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
	char user[] = "user", password[] = "secret", *copy = malloc(n + !n);
	struct login login = { { user, password }, 0, 0 };
	const struct auth_setup setup = { &login, AUTH_ALL, NULL, "HTTP/proxy",
		&fake_env };
	struct span all = { copy, n };

	memcpy(copy, p, n);
	check_challenges(all);
	refuse_all(&setup, all);
	learnt_free(&login.learnt);
	open_at_once(&setup, all);
	learnt_free(&login.learnt);
	free(copy);
	return 0;
}
