/* auth_test.c -- the answer to Proxy-Authenticate. */
#include "auth.h"
#include "test.h"

static char alice[] = "alice", secret[] = "secret", colon[] = "a:b",
	    empty[] = "";

/* What would be sent now, against what is expected. */
static void
check_answer(struct auth *a, const char *want)
{
	struct buf out;

	buf_init(&out, 4000);
	CHECK_INT(auth_answer(a, &out), 0);
	CHECK_BUF(&out, want);
	buf_free(&out);
}

static void
scheme_bits(void)
{
	CHECK_INT(auth_scheme_bit(span_of("Basic")), AUTH_BASIC);
	CHECK_INT(auth_scheme_bit(span_of("bASIC")), AUTH_BASIC);
	CHECK_INT(auth_scheme_bit(span_of("digest")), AUTH_DIGEST);
	CHECK_INT(auth_scheme_bit(span_of("ntlm")), AUTH_NTLM);
	CHECK_INT(auth_scheme_bit(span_of("Negotiate")), AUTH_NEGOTIATE);
	CHECK_INT(auth_scheme_bit(span_of("Bearer")), 0);
	CHECK_INT(auth_scheme_bit(span_of("Basi")), 0);
	CHECK_INT(auth_scheme_bit(span_of("Basic ")), 0);
	CHECK_INT(auth_scheme_bit(span_of("")), 0);
}

static void
check_basic(char *user, char *password, const char *want)
{
	struct credentials c = { user, password };
	struct auth *a = auth_new(&c, AUTH_BASIC);

	CHECK(a != NULL);
	check_answer(a, want);
	auth_free(a);
}

static void
basic_unasked(void)
{
	static char aladdin[] = "Aladdin", sesame[] = "open sesame",
		    test[] = "test", pound[] = "123\xc2\xa3";

	/* RFC 7617 2 and 2.1 */
	check_basic(aladdin, sesame, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	check_basic(test, pound, "Basic dGVzdDoxMjPCow==");
	check_basic(empty, empty, "Basic Og==");
	check_basic(alice, colon, "Basic YWxpY2U6YTpi");
	check_basic(alice, NULL, "");
	check_basic(NULL, secret, "");
	check_basic(NULL, NULL, "");
	check_basic(colon, secret, "");
}

static void
nothing_unasked_where_more_is_allowed(void)
{
	struct credentials c = { alice, secret };
	struct auth *a = auth_new(&c, AUTH_ALL);

	check_answer(a, "");
	check_answer(a, "");
	auth_free(a);
	auth_free(NULL);
}

static void
basic_once_offered(void)
{
	struct credentials c = { alice, secret };
	struct failure why = { FAIL_NONE, 0, "" };
	struct auth *a = auth_new(&c, AUTH_ALL);

	auth_response(a);
	auth_challenge(a, span_of("Negotiate, NTLM"));
	auth_challenge(a, span_of("Digest qop=\"auth,auth-int\", nonce=\"x\""
				  ", bAsIc realm=\"proxy\""));
	CHECK_INT(auth_next(a, &why), 1);
	check_answer(a, "Basic YWxpY2U6c2VjcmV0");
	/* The same over a new connection. */
	check_answer(a, "Basic YWxpY2U6c2VjcmV0");
	auth_response(a);
	auth_challenge(a, span_of("Basic realm=\"proxy\""));
	CHECK_INT(auth_next(a, &why), 0);
	CHECK_INT(why.code, FAIL_AUTH);
	CHECK_HAS(why.text, "Basic was tried");
	CHECK(strstr(why.text, secret) == NULL);
	auth_free(a);
}

/* One response to one question: what follows, and what is said of it. */
static void
check_next(char *user, char *password, unsigned allowed, const char *value,
    int want, const char *text)
{
	struct credentials c = { user, password };
	struct failure why = { FAIL_NONE, 0, "" };
	struct auth *a = auth_new(&c, allowed);

	test_row = value;
	auth_response(a);
	if (value != NULL)
		auth_challenge(a, span_of(value));
	CHECK_INT(auth_next(a, &why), want);
	if (want == 0) {
		CHECK_INT(why.code, FAIL_AUTH);
		CHECK_HAS(why.text, text);
		check_answer(a, "");
	}
	auth_free(a);
	test_row = NULL;
}

static void
gives_up(void)
{
	check_next(alice, secret, AUTH_ALL, NULL, 0, "offers no scheme");
	check_next(alice, secret, AUTH_ALL, "", 0, "offers no scheme");
	check_next(alice, secret, AUTH_ALL, "Negotiate, NTLM", 0,
	    "offers Negotiate, NTLM: none");
	check_next(alice, secret, AUTH_ALL, "Bearer x", 0, "offers Bearer");
	check_next(alice, secret, AUTH_DIGEST, "Basic realm=x", 0,
	    "--auth does not allow that");
	check_next(NULL, NULL, AUTH_ALL, "Basic realm=x", 0, "give them with");
	check_next(alice, NULL, AUTH_ALL, "Basic realm=x", 0, "give them with");
	check_next(NULL, secret, AUTH_BASIC, "Basic", 0, "give them with");
	check_next(colon, secret, AUTH_ALL, "Basic realm=x", 0, "colon");
	check_next(alice, secret, AUTH_ALL, "Basic realm=x", 1, "");
	check_next(alice, secret, AUTH_ALL, "Basic", 1, "");
	check_next(alice, empty, AUTH_ALL, "BASIC", 1, "");
}

static void
forgets_the_last_response(void)
{
	struct credentials c = { alice, secret };
	struct failure why = { FAIL_NONE, 0, "" };
	struct auth *a = auth_new(&c, AUTH_ALL);

	auth_challenge(a, span_of("Basic"));
	auth_response(a);
	auth_challenge(a, span_of("NTLM"));
	CHECK_INT(auth_next(a, &why), 0);
	CHECK(strstr(why.text, "Basic") == NULL);
	CHECK_HAS(why.text, "NTLM");
	auth_free(a);
}

static void
many_challenges(void)
{
	static char value[60000];
	struct credentials c = { alice, secret };
	struct failure why = { FAIL_NONE, 0, "" };
	struct auth *a = auth_new(&c, AUTH_ALL);
	size_t i, at = 0;

	for (i = 0; i < 1000; i++)
		at += (size_t)sprintf(value + at,
		    "Scheme-of-some-considerable-length-%zu x, ", i);
	for (i = 0; i < 20; i++)
		auth_challenge(a, span_of(value));
	CHECK_INT(auth_next(a, &why), 0);
	CHECK_HAS(why.text, "Scheme-of-some-considera..., ");
	CHECK(strlen(why.text) < 512);
	auth_free(a);
	/* Basic is found behind what does not fit the text. */
	a = auth_new(&c, AUTH_ALL);
	value[60 * 40] = '\0';
	auth_challenge(a, span_of(value));
	auth_challenge(a, span_of("Basic realm=x"));
	CHECK_INT(auth_next(a, &why), 1);
	auth_free(a);
}

static void
ceiling_of_the_answer(void)
{
	struct credentials c = { alice, secret };
	struct auth *a = auth_new(&c, AUTH_BASIC);
	struct buf out;

	buf_init(&out, 8);
	CHECK_INT(auth_answer(a, &out), -1);
	buf_free(&out);
	auth_free(a);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(scheme_bits),
		TEST(basic_unasked),
		TEST(nothing_unasked_where_more_is_allowed),
		TEST(basic_once_offered),
		TEST(gives_up),
		TEST(forgets_the_last_response),
		TEST(many_challenges),
		TEST(ceiling_of_the_answer),
	};

	return test_all(tests, COUNT(tests));
}
