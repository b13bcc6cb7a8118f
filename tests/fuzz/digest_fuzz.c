/*
 * digest_fuzz.c -- a user name, a line end, and the parameters of a challenge;
 * these once more as the field that confirms.
 */
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "fakes.h"

#define OUT_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The value of a parameter of an answer; 0: it has none. */
static int
find(const struct buf *answer, const char *name, struct buf *value)
{
	struct span rest = BUF_SPAN(answer), scheme, params, at;

	must(text_next_challenge(&rest, &scheme, &params));
	must(span_is(scheme, "Digest") && rest.n == 0);
	while (text_next_param(&params, &at, value) == 1)
		if (span_is(at, name))
			return 1;
	return 0;
}

static void
must_have(const struct buf *answer, const char *name, const char *want)
{
	struct buf value;

	buf_init(&value, OUT_MAX);
	must(find(answer, name, &value) == (want != NULL));
	must(want == NULL ||
	     (buf_len(&value) == strlen(want) &&
		 memcmp(buf_str(&value), want, strlen(want)) == 0));
	buf_free(&value);
}

static void
check_user(const struct buf *answer, const struct digest_challenge *c,
    const char *user)
{
	struct buf value, plain;

	buf_init(&value, OUT_MAX);
	buf_init(&plain, OUT_MAX);
	if (find(answer, "username*", &value)) {
		must(!c->userhash && buf_len(&value) >= 7);
		buf_take(&value, 7); /* UTF-8'' */
		/* Line ends are not decoded, which is as well. */
		if (percent_decode(&plain, BUF_SPAN(&value)) == 0)
			must(strcmp(buf_str(&plain), user) == 0);
		else
			must(strpbrk(user, "\r\n") != NULL);
	} else if (c->userhash) {
		must(find(answer, "username", &value));
		must(buf_len(&value) == (c->hash == HASH_MD5 ? 32 : 64));
	} else
		must_have(answer, "username", user);
	buf_free(&value);
	buf_free(&plain);
}

/* An answer without a method is what the proxy would prove itself with. */
static void
check_confirmed(const struct digest_challenge *c, const struct credentials *who,
    struct digest_request r, const struct hasher *h)
{
	struct buf proof, value, field;

	buf_init(&proof, OUT_MAX);
	buf_init(&value, OUT_MAX);
	buf_init(&field, OUT_MAX);
	r.method = "";
	must(digest_answer(c, who, &r, h, &proof) == 0);
	must(find(&proof, "response", &value));
	buf_puts(&field, "rspauth=");
	buf_put(&field, buf_ptr(&value), buf_len(&value));
	must(digest_confirms(c, who, &r, h, BUF_SPAN(&field)) == 1);
	buf_ptr(&field)[8] ^= 1;
	must(digest_confirms(c, who, &r, h, BUF_SPAN(&field)) == 0);
	buf_free(&proof);
	buf_free(&value);
	buf_free(&field);
}

static void
check_answer(const struct digest_challenge *c, const struct credentials *who,
    const struct digest_request *r, const struct hasher *h)
{
	struct buf out;
	size_t i;

	buf_init(&out, OUT_MAX);
	must(digest_answer(c, who, r, h, &out) == 0);
	for (i = 0; i < buf_len(&out); i++)
		must(buf_ptr(&out)[i] >= ' ' || buf_ptr(&out)[i] == '\t');
	must(memchr(buf_ptr(&out), 0x7f, buf_len(&out)) == NULL);
	check_user(&out, c, who->user);
	must_have(&out, "realm", c->realm);
	must_have(&out, "nonce", c->nonce);
	must_have(&out, "opaque", c->opaque);
	must_have(&out, "algorithm", c->algorithm);
	must_have(&out, "userhash", c->userhash ? "true" : NULL);
	must_have(&out, "nc", c->qop != DIGEST_NO_QOP ? "00000002" : NULL);
	must_have(&out, "cnonce",
	    c->qop != DIGEST_NO_QOP || c->sess ? r->cnonce : NULL);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct digest_request r = { "CONNECT", "host:443", "c", 2 };
	char *text = malloc(n == 0 ? 1 : n), password[] = "secret";
	struct credentials who = { NULL, password };
	struct span rest = { text, n }, user = { "", 0 };
	struct digest_challenge c;
	int rc;

	memcpy(text, p, n);
	span_line(&rest, &user);
	who.user = secret_copy(user.p, user.n);
	if (digest_parse(&c, rest) == NULL) {
		must(c.realm != NULL && c.nonce != NULL && *c.nonce != '\0');
		check_answer(&c, &who, &r, &fake_hasher);
		check_confirmed(&c, &who, r, &fake_hasher);
		rc = digest_confirms(&c, &who, &r, &fake_hasher, rest);
		must(rc == 0 || rc == 1);
		digest_free(&c);
	} else
		must(c.realm == NULL && c.nonce == NULL);
	secret_free(who.user);
	free(text);
	return 0;
}
