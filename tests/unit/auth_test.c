/* auth_test.c -- the answer to Proxy-Authenticate. */
#include "auth.h"
#include "test.h"

#define OUT_MAX 100000
#define RESPONSE "11111111111111111111111111111111"
#define CNONCE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char alice[] = "alice", secret[] = "secret", second[] = "second",
	    colon[] = "a:b", empty[] = "", latin1[] = "\xe4\xf6";
static const char no_hash[] = "there is no hash library";

/* What the hasher lacks, a bit for each enum hash, and whether random fails. */
static unsigned lacks;
static int random_fails;

/* Digests that are easily recognized: all ones. */
static int
ones(void *arg, enum hash kind, const struct span *pieces, size_t n,
    uint8_t out[HASH_MAX])
{
	size_t len = kind == HASH_MD5 ? 16 : 32;

	(void)arg;
	(void)pieces;
	(void)n;
	if (lacks & 1u << kind)
		return -1;
	memset(out, 0x11, len);
	return (int)len;
}

static int
ones_hmac(void *arg, const uint8_t key[16], const struct span *pieces, size_t n,
    uint8_t out[16])
{
	(void)arg;
	(void)key;
	(void)pieces;
	(void)n;
	if (lacks & 1u << HASH_MD5)
		return -1;
	memset(out, 0x11, 16);
	return 16;
}

static int
fill(void *p, size_t n)
{
	memset(p, 0xaa, n);
	return random_fails ? -1 : 0;
}

static int64_t
the_time(void)
{
	return 1700000000;
}

static const struct hasher hasher = { ones, ones_hmac, NULL };
static const struct auth_env env = { &hasher, no_hash, fill, the_time };

/* A login under test, with what was last said of its failure. */
struct bench {
	struct login login;
	struct auth_setup setup;
	struct auth *auth;
	struct failure why;
	struct buf notes;
};

static void
set_up(struct bench *b, char *user, char *password, unsigned allowed)
{
	memset(b, 0, sizeof *b);
	lacks = 0;
	random_fails = 0;
	b->login.credentials = (struct credentials){ user, password };
	b->setup =
	    (struct auth_setup){ &b->login, allowed, NULL, "HTTP/proxy", &env };
	b->auth = auth_new(&b->setup);
	buf_init(&b->notes, OUT_MAX);
	CHECK(b->auth != NULL);
}

static void
tear_down(struct bench *b)
{
	CHECK(strstr(b->why.text, secret) == NULL);
	CHECK(strstr(buf_str(&b->notes), secret) == NULL);
	auth_free(b->auth);
	learnt_free(&b->login.learnt);
	buf_free(&b->notes);
}

static enum auth_step
connection(struct bench *b)
{
	return auth_connection(b->auth, (struct span){ NULL, 0 }, &b->notes);
}

/* A refusal with that one field, NULL: without. */
static enum auth_step
refusal(struct bench *b, const char *value)
{
	auth_response(b->auth);
	if (value != NULL)
		auth_challenge(b->auth, span_of(value));
	return auth_next(b->auth, &b->why);
}

/* What would be sent now, against what is expected. */
static void
check_answer(struct bench *b, const char *want)
{
	struct buf out;

	buf_init(&out, OUT_MAX);
	CHECK_INT(auth_answer(b->auth, "CONNECT", "host:22", &out), 0);
	CHECK_BUF(&out, want);
	buf_free(&out);
}

/* Only its beginning. */
static void
check_begins(struct bench *b, const char *want)
{
	struct buf out;

	buf_init(&out, OUT_MAX);
	CHECK_INT(auth_answer(b->auth, "CONNECT", "host:22", &out), 0);
	buf_cut(
	    &out, buf_len(&out) < strlen(want) ? buf_len(&out) : strlen(want));
	CHECK_BUF(&out, want);
	buf_free(&out);
}

static void
check_failed(struct bench *b, enum auth_step step, const char *text)
{
	CHECK_INT(step, AUTH_FAILED);
	CHECK_INT(b->why.code, FAIL_AUTH);
	CHECK_STR(b->why.text, text);
}

static struct span
none(void)
{
	return (struct span){ NULL, 0 };
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
	struct bench b;

	set_up(&b, user, password, AUTH_BASIC);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, want);
	tear_down(&b);
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
	struct bench b;
	unsigned allowed;

	for (allowed = 0; allowed <= AUTH_ALL; allowed++) {
		if (allowed == AUTH_BASIC)
			continue;
		set_up(&b, alice, secret, allowed);
		b.login.asks = 1;
		CHECK_INT(connection(&b), AUTH_SEND);
		check_answer(&b, "");
		check_answer(&b, "");
		CHECK_INT(connection(&b), AUTH_SEND);
		check_answer(&b, "");
		tear_down(&b);
	}
	auth_free(NULL);
}

static void
basic_asked_for_first(void)
{
	struct bench b;

	set_up(&b, alice, NULL, AUTH_BASIC);
	b.login.asks = 1;
	CHECK_INT(connection(&b), AUTH_ASK);
	b.login.credentials.password = secret;
	CHECK_INT(auth_asked(b.auth, NULL, &b.why), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U6c2VjcmV0");
	tear_down(&b);

	set_up(&b, alice, NULL, AUTH_BASIC);
	b.login.asks = 1;
	CHECK_INT(connection(&b), AUTH_ASK);
	CHECK_INT(auth_asked(b.auth, "nobody is here", &b.why), AUTH_SEND);
	check_answer(&b, "");
	b.login.asks = 0;
	check_failed(&b, refusal(&b, "Basic"),
	    "demands credentials and offers Basic: nobody is here");
	tear_down(&b);
}

static void
weaker_ones_follow(void)
{
	static const char offers[] = "Negotiate, NTLM, "
				     "Digest qop=\"auth,auth-int\", nonce=\"x\""
				     ", realm=r, bAsIc realm=\"proxy\"";
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK_INT(refusal(&b, offers), AUTH_STEP);
	CHECK_INT(auth_token(b.auth).n, 0);
	CHECK_INT(
	    auth_stepped(b.auth, span_of("ticket"), NULL, &b.why), AUTH_SEND);
	CHECK(auth_is_bound(b.auth));
	check_answer(&b, "Negotiate dGlja2V0");
	CHECK(!auth_wants_connection(b.auth));
	CHECK_INT(refusal(&b, offers), AUTH_SEND);
	CHECK(!auth_is_bound(b.auth));
	CHECK(auth_wants_connection(b.auth));
	CHECK_INT(connection(&b), AUTH_SEND);
	CHECK(!auth_wants_connection(b.auth));
	check_answer(&b,
	    "Digest username=\"alice\", realm=\"r\", nonce=\"x\", "
	    "uri=\"host:22\", response=\"" RESPONSE "\", qop=auth, "
	    "nc=00000001, cnonce=\"" CNONCE "\"");
	CHECK_INT(refusal(&b, offers), AUTH_SEND);
	CHECK(auth_is_bound(b.auth));
	CHECK(!auth_wants_connection(b.auth));
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, offers), AUTH_SEND);
	CHECK(!auth_is_bound(b.auth));
	CHECK(auth_wants_connection(b.auth));
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U6c2VjcmV0");
	/* The same over a new connection. */
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U6c2VjcmV0");
	check_failed(&b, refusal(&b, offers),
	    "refused the credentials of this user: it offers Negotiate, NTLM, "
	    "Digest, bAsIc; Negotiate: refused, Digest: refused, NTLM: "
	    "refused before a password was sent, Basic: refused (is the "
	    "password right?)");
	CHECK_BUF(&b.notes, "* Negotiate: refused\n* Digest: refused\n"
			    "* NTLM: refused before a password was sent\n"
			    "* Basic: refused\n");
	check_answer(&b, "");
	tear_down(&b);
}

/* The name and bit of each scheme, the strongest first. */
static const struct {
	const char *offer, *begins;
	unsigned bit;
} order[] = {
	{ "Negotiate", "Negotiate dGlja2V0", AUTH_NEGOTIATE },
	{ "Digest realm=r, nonce=n", "Digest username=", AUTH_DIGEST },
	{ "NTLM", "NTLM TlRMTVNTUAAB", AUTH_NTLM },
	{ "Basic realm=r", "Basic YWxpY2U6c2VjcmV0", AUTH_BASIC },
};

/* All of one set are offered, in this order or the other. */
static enum auth_step
offer(struct bench *b, unsigned offered, int backwards)
{
	size_t i, at;

	auth_response(b->auth);
	for (i = 0; i < COUNT(order); i++) {
		at = backwards ? COUNT(order) - 1 - i : i;
		if (offered & order[at].bit)
			auth_challenge(b->auth, span_of(order[at].offer));
	}
	return auth_next(b->auth, &b->why);
}

static void
check_order(unsigned offered, unsigned allowed, int backwards)
{
	struct bench b;
	enum auth_step step;
	unsigned usable = offered, tried = 0;
	const char *begins;
	char row[80];
	size_t i;

	snprintf(row, sizeof row, "offered %x, allowed %x", offered, allowed);
	test_row = row;
	if (offered & AUTH_NEGOTIATE) /* may hold NTLM */
		usable |= AUTH_NTLM;
	usable &= allowed;
	set_up(&b, alice, secret, allowed);
	step = connection(&b);
	CHECK_INT(step, AUTH_SEND);
	if (allowed == AUTH_BASIC) {
		check_begins(&b, order[3].begins);
		tried = AUTH_BASIC;
	} else
		check_answer(&b, "");
	step = offer(&b, offered, backwards);
	for (i = 0; i < COUNT(order); i++) {
		if ((usable & ~tried & order[i].bit) == 0)
			continue;
		tried |= order[i].bit;
		begins = order[i].begins;
		if (order[i].bit == AUTH_NEGOTIATE) {
			CHECK_INT(step, AUTH_STEP);
			step = auth_stepped(
			    b.auth, span_of("ticket"), NULL, &b.why);
		} else if (order[i].bit == AUTH_NTLM &&
			   (offered & AUTH_NTLM) == 0)
			begins = "Negotiate TlRMTVNTUAAB";
		CHECK_INT(step, AUTH_SEND);
		check_begins(&b, begins);
		step = offer(&b, offered, backwards);
	}
	CHECK_INT(step, AUTH_FAILED);
	CHECK_INT(b.why.code, FAIL_AUTH);
	CHECK_HAS(b.why.text, (tried & ~(unsigned)AUTH_NTLM) != 0
				  ? "refused the credentials"
				  : "demands credentials");
	if ((tried & AUTH_NTLM) != 0)
		CHECK_HAS(b.why.text, "NTLM: refused before a password");
	tear_down(&b);
	test_row = NULL;
}

static void
order_of_preference(void)
{
	unsigned offered, allowed;

	for (offered = 0; offered <= AUTH_ALL; offered++)
		for (allowed = 0; allowed <= AUTH_ALL; allowed++) {
			check_order(offered, allowed, 0);
			check_order(offered, allowed, 1);
		}
}

/* One response to one question: what follows, and what is said of it. */
static void
check_next(char *user, char *password, unsigned allowed, const char *value,
    const char *text)
{
	struct bench b;

	test_row = value;
	set_up(&b, user, password, allowed);
	if (text == NULL) {
		CHECK_INT(refusal(&b, value), AUTH_SEND);
	} else {
		check_failed(&b, refusal(&b, value), text);
		check_answer(&b, "");
	}
	tear_down(&b);
	test_row = NULL;
}

#define DEMANDS "demands credentials and offers "
#define GIVE_BOTH ": give them with -P USER, PROXYUSER and PROXYPASS, or -F"
#define GIVE_ONE \
	": give the password with PROXYPASS, -F FILE or --password-command"

static void
gives_up(void)
{
	const unsigned all = AUTH_ALL;

	check_next(alice, secret, all, NULL, DEMANDS "no scheme");
	check_next(alice, secret, all, "", DEMANDS "no scheme");
	check_next(alice, secret, all, "Bearer x, SCRAM-SHA-1",
	    DEMANDS "Bearer, SCRAM-SHA-1: none that proxytunnel can answer");
	check_next(alice, secret, AUTH_DIGEST, "Basic realm=x",
	    DEMANDS "Basic; Basic: --auth does not allow it");
	check_next(alice, secret, AUTH_BASIC, "Negotiate, NTLM, Digest x=y",
	    DEMANDS "Negotiate, NTLM, Digest; Negotiate: --auth does not "
		    "allow it, Digest: --auth does not allow it, NTLM: --auth "
		    "does not allow it");
	check_next(NULL, NULL, all, "Basic realm=x", DEMANDS "Basic" GIVE_BOTH);
	check_next(
	    NULL, secret, AUTH_BASIC, "Basic", DEMANDS "Basic" GIVE_BOTH);
	check_next(NULL, NULL, all - AUTH_NTLM, "NTLM, Digest realm=r",
	    DEMANDS "NTLM, Digest; NTLM: --auth does not allow it" GIVE_BOTH);
	check_next(alice, NULL, all, "Basic realm=x", DEMANDS "Basic" GIVE_ONE);
	check_next(alice, NULL, all, "NTLM, Digest realm=r, nonce=n",
	    DEMANDS "NTLM, Digest" GIVE_ONE);
	check_next(colon, secret, all, "Basic realm=x",
	    DEMANDS "Basic; Basic: it can't send a user name with a colon");
	check_next(alice, secret, all, "Digest nonce=n",
	    DEMANDS "Digest; Digest: it has no realm");
	check_next(alice, secret, all, "Digest realm=r, nonce=n, algorithm=x",
	    DEMANDS "Digest; Digest: its algorithm is not known");
	check_next(alice, secret, all, "Basic realm=x", NULL);
	check_next(alice, secret, all, "Basic", NULL);
	check_next(alice, empty, all, "BASIC", NULL);
	check_next(empty, empty, all, "Digest realm=r, nonce=n", NULL);
	check_next(alice, latin1, all, "NTLM", NULL);
}

static void
no_ticket(void)
{
	struct bench b;

	set_up(&b, NULL, NULL, AUTH_ALL);
	CHECK_INT(refusal(&b, "Negotiate, Basic"), AUTH_STEP);
	check_failed(&b,
	    auth_stepped(b.auth, none(), "there is\nno ticket", &b.why),
	    DEMANDS "Negotiate, Basic; Negotiate: there is no "
		    "ticket" GIVE_BOTH);
	tear_down(&b);

	/* NTLM might go inside, but nobody offered it by its name. */
	set_up(&b, NULL, NULL, AUTH_ALL);
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_STEP);
	check_failed(&b, auth_stepped(b.auth, none(), "no ticket", &b.why),
	    DEMANDS "Negotiate; Negotiate: no ticket");
	tear_down(&b);
}

/* Messages of NTLM: one to answer, and one that is none. */
#define TYPE2                                                      \
	"TlRMTVNTUAACAAAAAAAAAAAAAAABgAAAASNFZ4mrze8AAAAAAAAAAAAA" \
	"AAAAAAAA"
#define NOT_TYPE2 "TlRMTVNTUAADAAAAAAAAAAAAAAABgAAAASNFZ4mrze8="

static void
ntlm_by_steps(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "NTLM"), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, "NTLM " TYPE2), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAD");
	/* A second one is no use. */
	check_failed(&b, refusal(&b, "NTLM " TYPE2),
	    "refused the credentials of this user: it offers NTLM; NTLM: "
	    "refused (is the password right?)");
	tear_down(&b);

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "NTLM"), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	check_failed(&b, refusal(&b, "NTLM " NOT_TYPE2),
	    DEMANDS "NTLM; NTLM: its message is not a challenge");
	tear_down(&b);

	set_up(&b, alice, latin1, AUTH_ALL);
	CHECK_INT(refusal(&b, "NTLM, Basic"), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, "NTLM " TYPE2 ", Basic"), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U65PY=");
	CHECK_BUF(&b.notes, ""); /* there is no connection that has any */
	tear_down(&b);
}

static void
asks_anew_where_one_alone_is_named(void)
{
	struct bench b;

	set_up(&b, alice, latin1, AUTH_ALL);
	CHECK_INT(connection(&b), AUTH_SEND);
	CHECK_INT(refusal(&b, "NTLM, Basic"), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, "NTLM " TYPE2), AUTH_SEND);
	check_answer(&b, "");
	/* That happens once. */
	check_failed(&b, refusal(&b, "NTLM"),
	    DEMANDS "NTLM, Basic; NTLM: user, domain or password is not UTF-8");
	tear_down(&b);
}

static void
connection_is_lost(void)
{
	static const char offers[] = "Negotiate, NTLM, Basic";
	struct bench b;
	struct auth *a;

	set_up(&b, alice, secret, AUTH_ALL);
	a = b.auth;
	CHECK_INT(connection(&b), AUTH_SEND);
	CHECK_INT(refusal(&b, offers), AUTH_STEP);
	/* Not in the middle: its first token is not sent yet. */
	CHECK_INT(auth_stepped(a, span_of("one"), NULL, &b.why), AUTH_SEND);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "Negotiate b25l");
	CHECK_INT(refusal(&b, "Negotiate dHdv"), AUTH_STEP);
	CHECK_SPAN(auth_token(a), "two");
	CHECK_INT(auth_stepped(a, span_of("three"), NULL, &b.why), AUTH_SEND);
	check_answer(&b, "Negotiate dGhyZWU=");
	CHECK_INT(connection(&b), AUTH_STEP);
	CHECK_INT(auth_token(a).n, 0);
	CHECK_INT(auth_stepped(a, span_of("four"), NULL, &b.why), AUTH_SEND);
	check_answer(&b, "Negotiate Zm91cg==");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK_INT(refusal(&b, offers), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, "NTLM " TYPE2), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAD");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK_INT(refusal(&b, offers), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U6c2VjcmV0");
	check_failed(&b, refusal(&b, "Basic"),
	    "refused the credentials of this user: it offers "
	    "Negotiate, NTLM, Basic; Negotiate: the proxy closed the "
	    "connection in its middle, NTLM: "
	    "the proxy closed the connection in its middle, Basic: refused "
	    "(is the password right?)");
	tear_down(&b);
}

static void
without_a_hash_library(void)
{
	static const char offers[] = "NTLM, Digest realm=r, nonce=n";
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	lacks = ~0u;
	CHECK_INT(connection(&b), AUTH_SEND);
	auth_response(b.auth);
	auth_challenge(b.auth, span_of(offers));
	auth_challenge(b.auth, span_of("Basic"));
	CHECK_INT(auth_next(b.auth, &b.why), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U6c2VjcmV0");
	CHECK_BUF(&b.notes, "* Digest: there is no hash library\n"
			    "* NTLM: there is no hash library\n");
	tear_down(&b);

	set_up(&b, alice, secret, AUTH_ALL);
	lacks = ~0u;
	check_failed(&b, refusal(&b, offers),
	    DEMANDS "NTLM, Digest; Digest: there is no hash library, NTLM: "
		    "there is no hash library");
	tear_down(&b);

	/* What NTLM might have been inside of is no matter. */
	set_up(&b, alice, secret, AUTH_ALL);
	lacks = ~0u;
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_STEP);
	check_failed(&b, auth_stepped(b.auth, none(), "no ticket", &b.why),
	    DEMANDS "Negotiate; Negotiate: no ticket");
	tear_down(&b);
}

static void
without_one_digest(void)
{
	static const char offers[] =
	    "Digest realm=r, nonce=1, Digest realm=r, nonce=3, "
	    "algorithm=SHA-512-256, Digest realm=r, nonce=2, "
	    "algorithm=SHA-256, NTLM";
	static const char *const want[] = { "3", "3", "3", "3", "2", "2", "1" };
	struct bench b;
	char begins[100];
	unsigned i;

	for (i = 0; i < COUNT(want); i++) {
		set_up(&b, alice, secret, AUTH_ALL);
		lacks = i;
		snprintf(begins, sizeof begins,
		    "Digest username=\"alice\", realm=\"r\", nonce=\"%s\"",
		    want[i]);
		test_row = begins;
		CHECK_INT(refusal(&b, offers), AUTH_SEND);
		check_begins(&b, begins);
		test_row = NULL;
		tear_down(&b);
	}
	/* It may go away while a nonce is in use. */
	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=n"), AUTH_SEND);
	check_begins(&b, "Digest ");
	lacks = ~0u;
	CHECK_INT(
	    refusal(&b, "Digest realm=r, nonce=m, stale=true"), AUTH_FAILED);
	tear_down(&b);
}

static void
without_random_numbers(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	random_fails = 1;
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=n, Basic"), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U6c2VjcmV0");
	tear_down(&b);

	set_up(&b, alice, secret, AUTH_ALL);
	random_fails = 1;
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=n, NTLM"), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	check_failed(&b, refusal(&b, "Digest realm=r, nonce=n, NTLM " TYPE2),
	    DEMANDS "Digest, NTLM; Digest: there are no random numbers here, "
		    "NTLM: there are no random numbers here");
	tear_down(&b);
}

static void
digest_nonces(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=1, qop=auth"), AUTH_SEND);
	check_begins(&b, "Digest username=\"alice\", realm=\"r\", nonce=\"1\"");
	/* Over a new connection it is used once more. */
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b,
	    "Digest username=\"alice\", realm=\"r\", nonce=\"1\", "
	    "uri=\"host:22\", response=\"" RESPONSE "\", qop=auth, "
	    "nc=00000002, cnonce=\"" CNONCE "\"");
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=2, qop=auth, stale=true"),
	    AUTH_SEND);
	check_answer(&b,
	    "Digest username=\"alice\", realm=\"r\", nonce=\"2\", "
	    "uri=\"host:22\", response=\"" RESPONSE "\", qop=auth, "
	    "nc=00000001, cnonce=\"" CNONCE "\"");
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=3, qop=auth, stale=true"),
	    AUTH_FAILED);
	CHECK_HAS(b.why.text, "Digest: refused");
	tear_down(&b);
}

#define NONCE_1(count)                                           \
	"Digest username=\"alice\", realm=\"r\", nonce=\"1\", "  \
	"uri=\"host:22\", response=\"" RESPONSE "\", qop=auth, " \
	"nc=" count ", cnonce=\"" CNONCE "\""

/* A proxy that gives the same nonce again has counted its uses. */
static void
digest_nonce_comes_again(void)
{
	static const char again[] =
	    "Digest realm=r, nonce=1, qop=auth, stale=true";
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=1, qop=auth"), AUTH_SEND);
	check_answer(&b, NONCE_1("00000001"));
	CHECK_INT(refusal(&b, again), AUTH_SEND);
	check_answer(&b, NONCE_1("00000002"));
	b.login.typed = 1;
	b.login.asks = 1;
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=1, qop=auth"), AUTH_ASK);
	b.login.credentials.password = second;
	CHECK_INT(auth_asked(b.auth, NULL, &b.why), AUTH_SEND);
	check_answer(&b, NONCE_1("00000003"));
	tear_down(&b);
}

static void
password_is_asked_for(void)
{
	struct bench b;

	set_up(&b, alice, NULL, AUTH_ALL);
	b.login.asks = 2;
	CHECK_INT(connection(&b), AUTH_SEND);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=n, Basic"), AUTH_ASK);
	b.login.credentials.password = secret;
	b.login.asks--;
	b.login.typed = 1;
	CHECK_INT(auth_asked(b.auth, NULL, &b.why), AUTH_SEND);
	check_begins(&b, "Digest ");
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=n, Basic"), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U6c2VjcmV0");
	/* All of them have another chance now. */
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=m, Basic"), AUTH_ASK);
	b.login.credentials.password = second;
	b.login.asks--;
	CHECK_INT(auth_asked(b.auth, NULL, &b.why), AUTH_SEND);
	check_begins(&b, "Digest username=\"alice\", realm=\"r\", nonce=\"m\"");
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=n, Basic"), AUTH_SEND);
	check_answer(&b, "Basic YWxpY2U6c2Vjb25k");
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=m, Basic"), AUTH_FAILED);
	CHECK_HAS(b.why.text,
	    "Digest: refused, Basic: refused (is the password right?)");
	tear_down(&b);

	set_up(&b, alice, NULL, AUTH_ALL);
	b.login.asks = 1;
	CHECK_INT(refusal(&b, "Basic"), AUTH_ASK);
	b.login.asks = 0;
	check_failed(&b, auth_asked(b.auth, "nobody is here", &b.why),
	    DEMANDS "Basic: nobody is here");
	tear_down(&b);

	/* A password that nobody typed is not asked for again. */
	set_up(&b, alice, secret, AUTH_ALL);
	b.login.asks = 3;
	CHECK_INT(refusal(&b, "Basic"), AUTH_SEND);
	check_begins(&b, "Basic ");
	CHECK_INT(refusal(&b, "Basic"), AUTH_FAILED);
	tear_down(&b);
}

static enum auth_step
opened(struct bench *b, const char *challenge, const char *info)
{
	auth_response(b->auth);
	if (challenge != NULL)
		auth_challenge(b->auth, span_of(challenge));
	return auth_opened(
	    b->auth, info != NULL ? span_of(info) : none(), &b->why);
}

static void
proof_of_digest(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=1, qop=auth"), AUTH_SEND);
	check_begins(&b, "Digest ");
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	CHECK_INT(opened(&b, NULL, "nextnonce=1"), AUTH_SEND);
	CHECK_INT(opened(&b, NULL, "rspauth=\"" RESPONSE "\""), AUTH_SEND);
	/* That of another scheme is no matter. */
	CHECK_INT(opened(&b, "Negotiate eA==", NULL), AUTH_SEND);
	check_failed(&b, opened(&b, NULL, "rspauth=\"0" RESPONSE "\""),
	    "opened the tunnel but could not prove who it is: Digest: its "
	    "rspauth is wrong");
	tear_down(&b);
}

static void
proof_of_negotiate(void)
{
	struct bench b;

	set_up(&b, NULL, NULL, AUTH_ALL);
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_STEP);
	CHECK_INT(
	    auth_stepped(b.auth, span_of("one"), NULL, &b.why), AUTH_SEND);
	check_answer(&b, "Negotiate b25l");
	CHECK_INT(opened(&b, NULL, "rspauth=x"), AUTH_SEND);
	CHECK_INT(opened(&b, "Negotiate", NULL), AUTH_SEND);
	CHECK_INT(opened(&b, "Basic", NULL), AUTH_SEND);
	CHECK_INT(opened(&b, "Negotiate dHdv", NULL), AUTH_STEP);
	CHECK_SPAN(auth_token(b.auth), "two");
	CHECK_INT(auth_stepped(b.auth, none(), NULL, &b.why), AUTH_SEND);
	CHECK_INT(opened(&b, "Negotiate dHdv", NULL), AUTH_STEP);
	check_failed(&b, auth_stepped(b.auth, none(), "not for us", &b.why),
	    "opened the tunnel but could not prove who it is: not for us");
	check_failed(&b, opened(&b, "Negotiate x", NULL),
	    "opened the tunnel but could not prove who it is: Negotiate: its "
	    "token is malformed");
	tear_down(&b);
}

static void
forgets_the_last_response(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	auth_challenge(b.auth, span_of("Basic"));
	CHECK_INT(refusal(&b, "Bearer"), AUTH_FAILED);
	check_answer(&b, "");
	/* Its name is still worth a word. */
	CHECK_HAS(b.why.text, "offers Basic, Bearer");
	tear_down(&b);
}

static void
many_challenges(void)
{
	static char value[60000];
	struct bench b;
	size_t i, at = 0;

	set_up(&b, alice, secret, AUTH_ALL);
	for (i = 0; i < 1000; i++)
		at += (size_t)sprintf(value + at,
		    "%03zu-scheme-of-some-considerable-length x, ", i);
	for (i = 0; i < 20; i++)
		auth_challenge(b.auth, span_of(value));
	CHECK_INT(auth_next(b.auth, &b.why), AUTH_FAILED);
	CHECK_HAS(b.why.text, "001-scheme-of-some-consi..., ");
	CHECK_HAS(b.why.text, ": none that proxytunnel can answer");
	CHECK(strlen(b.why.text) < 512);
	tear_down(&b);
	/* Basic is found behind what does not fit the text. */
	set_up(&b, alice, secret, AUTH_ALL);
	value[60 * 40] = '\0';
	auth_challenge(b.auth, span_of(value));
	auth_challenge(b.auth, span_of("Basic realm=x"));
	CHECK_INT(auth_next(b.auth, &b.why), AUTH_SEND);
	check_begins(&b, "Basic ");
	tear_down(&b);
}

static void
long_texts(void)
{
	static char fault[5000];
	struct bench b;

	memset(fault, 'x', sizeof fault - 1);
	set_up(&b, alice, secret, AUTH_ALL - AUTH_NTLM);
	CHECK_INT(connection(&b), AUTH_SEND);
	CHECK_INT(refusal(&b, "Negotiate, Basic"), AUTH_STEP);
	CHECK_INT(auth_stepped(b.auth, none(), fault, &b.why), AUTH_SEND);
	check_begins(&b, "Basic ");
	CHECK_INT(refusal(&b, "Negotiate, Basic"), AUTH_FAILED);
	CHECK_HAS(b.why.text, "xxx..., Basic: refused (is the");
	tear_down(&b);

	/* The reason for which no password is there may not fit at all. */
	set_up(&b, alice, NULL, AUTH_ALL);
	b.login.asks = 1;
	CHECK_INT(refusal(&b, "Basic"), AUTH_ASK);
	b.login.asks = 0;
	CHECK_INT(auth_asked(b.auth, fault, &b.why), AUTH_FAILED);
	CHECK_HAS(b.why.text, DEMANDS "Basic");
	tear_down(&b);
}

static void
ceiling_of_the_answer(void)
{
	static const char *const offers[] = { "Basic",
		"Digest realm=r, nonce=n", "NTLM", "Negotiate" };
	struct bench b;
	struct buf out;
	size_t i, max;

	for (i = 0; i < COUNT(offers); i++)
		for (max = 0; max < 17; max++) {
			set_up(&b, alice, secret, AUTH_ALL);
			if (refusal(&b, offers[i]) == AUTH_STEP)
				auth_stepped(
				    b.auth, span_of("a ticket"), NULL, &b.why);
			buf_init(&out, max);
			CHECK_INT(
			    auth_answer(b.auth, "CONNECT", "host:22", &out),
			    -1);
			buf_free(&out);
			tear_down(&b);
		}
}

/* Another tunnel over the login of the first. */
static void
join(struct bench *b, const struct bench *first)
{
	memset(b, 0, sizeof *b);
	b->setup = first->setup;
	b->auth = auth_new(&b->setup);
	buf_init(&b->notes, OUT_MAX);
	CHECK(b->auth != NULL);
}

/* The tunnel is there, or has failed; its login is for the next one. */
static void
follow(struct bench *b)
{
	auth_free(b->auth);
	b->auth = auth_new(&b->setup);
	memset(&b->why, 0, sizeof b->why);
	buf_free(&b->notes);
}

/* One that opens with all that is asked for. */
static void
open_with(struct bench *b, const char *challenge)
{
	CHECK_INT(connection(b), AUTH_SEND);
	check_answer(b, "");
	CHECK_INT(refusal(b, challenge), AUTH_SEND);
	check_begins(b, "");
	CHECK_INT(opened(b, NULL, NULL), AUTH_SEND);
}

#define BASIC_ANSWER "Basic YWxpY2U6c2VjcmV0"
#define UNASKED(scheme) "* " scheme ": unasked, as it opened a tunnel before\n"

/* An answer to "Digest realm=r, nonce=..., qop=auth". */
static void
check_digest(struct bench *b, const char *nonce, unsigned nc)
{
	char want[300];

	snprintf(want, sizeof want,
	    "Digest username=\"alice\", realm=\"r\", nonce=\"%s\", "
	    "uri=\"host:22\", response=\"" RESPONSE "\", qop=auth, "
	    "nc=%08x, cnonce=\"" CNONCE "\"",
	    nonce, nc);
	check_answer(b, want);
}

static void
learns_basic(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Basic realm=r");
	CHECK_BUF(&b.notes, "");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	CHECK_BUF(&b.notes, UNASKED("Basic"));
	check_answer(&b, BASIC_ANSWER);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	/* Refused it is not sent twice, nor begun with again. */
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, BASIC_ANSWER);
	check_failed(&b, refusal(&b, "Basic realm=r"),
	    "refused the credentials of this user: it offers Basic; Basic: "
	    "refused (is the password right?)");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	tear_down(&b);
}

#define BOTH "Digest realm=r, nonce=1, qop=auth, Basic"

static void
learnt_basic_yields_to_digest(void)
{
	struct bench b, early;

	/* By the refusal of what was sent. */
	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Basic");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, BASIC_ANSWER);
	CHECK_INT(refusal(&b, BOTH), AUTH_SEND);
	check_digest(&b, "1", 1);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 2);
	tear_down(&b);

	/* By what another tunnel is told. */
	set_up(&b, alice, secret, AUTH_ALL);
	join(&early, &b);
	CHECK_INT(connection(&early), AUTH_SEND);
	check_answer(&early, "");
	open_with(&b, "Basic");
	CHECK_INT(refusal(&early, BOTH), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	tear_down(&early);
	tear_down(&b);

	/* By the response that opens the tunnel. */
	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Basic");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, BASIC_ANSWER);
	CHECK_INT(opened(&b, BOTH, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	tear_down(&b);
}

/* It stays with what can be answered, and is allowed. */
static void
learnt_basic_is_the_strongest(void)
{
	static const char *const others[] = { "Basic", "Bearer, Basic",
		"Negotiate, NTLM, Basic",
		"Digest realm=r, nonce=n, algorithm=x, Basic" };
	struct bench b;
	size_t i;

	for (i = 0; i < COUNT(others); i++) {
		test_row = others[i];
		set_up(&b, alice, secret, AUTH_BASIC | AUTH_DIGEST);
		CHECK_INT(connection(&b), AUTH_SEND);
		check_answer(&b, "");
		CHECK_INT(refusal(&b, others[i]), AUTH_SEND);
		check_answer(&b, BASIC_ANSWER);
		CHECK_INT(opened(&b, others[i], NULL), AUTH_SEND);
		follow(&b);
		CHECK_INT(connection(&b), AUTH_SEND);
		check_answer(&b, BASIC_ANSWER);
		tear_down(&b);
	}
	test_row = NULL;
}

static void
learns_digest(void)
{
	struct bench b;
	unsigned nc;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	for (nc = 2; nc < 20; nc++) {
		follow(&b);
		CHECK_INT(connection(&b), AUTH_SEND);
		CHECK_BUF(&b.notes, UNASKED("Digest"));
		check_digest(&b, "1", nc);
		CHECK_INT(
		    opened(&b, NULL, "rspauth=\"" RESPONSE "\""), AUTH_SEND);
	}
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", nc);
	CHECK_INT(opened(&b, NULL, "rspauth=00"), AUTH_FAILED);
	tear_down(&b);

	/* All of the challenge is kept. */
	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, opaque=\"o,o\", "
		      "algorithm=SHA-256-sess, userhash=true");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b,
	    "Digest username=\"" RESPONSE RESPONSE "\", realm=\"r\", "
	    "nonce=\"1\", uri=\"host:22\", response=\"" RESPONSE RESPONSE
	    "\", algorithm=SHA-256-sess, opaque=\"o,o\", cnonce=\"" CNONCE
	    "\", userhash=true");
	tear_down(&b);
}

/* One that does not open teaches nothing. */
static void
learns_from_success_alone(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=1, qop=auth"), AUTH_SEND);
	check_digest(&b, "1", 1);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=2, qop=auth"), AUTH_SEND);
	check_digest(&b, "2", 1);
	CHECK_INT(opened(&b, NULL, "rspauth=00"), AUTH_FAILED);
	/* Nor does one without credentials. */
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	tear_down(&b);
}

/* A learnt nonce is refused with this challenge: that is no verdict. */
static void
check_renewed(const char *challenge, const char *nonce, unsigned nc)
{
	struct bench b;

	test_row = challenge;
	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 2);
	CHECK_INT(refusal(&b, challenge), AUTH_SEND);
	CHECK(!auth_wants_connection(b.auth));
	CHECK_BUF(&b.notes, UNASKED("Digest") "* Digest: not taken unasked\n");
	check_digest(&b, nonce, nc);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, nonce, nc + 1);
	/* Now the fresh one is refused, too. */
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=3, qop=auth"), AUTH_SEND);
	check_digest(&b, "3", 1);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=4, qop=auth, stale=true"),
	    AUTH_SEND);
	check_digest(&b, "4", 1);
	check_failed(&b, refusal(&b, "Digest realm=r, nonce=5, qop=auth"),
	    "refused the credentials of this user: it offers Digest; Digest: "
	    "refused (is the password right?)");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	tear_down(&b);
	test_row = NULL;
}

static void
learnt_nonce_is_old(void)
{
	check_renewed("Digest realm=r, nonce=2, qop=auth, stale=true", "2", 1);
	check_renewed("Digest realm=r, nonce=2, qop=auth, stale=false", "2", 1);
	check_renewed("Digest realm=r, nonce=2, qop=auth", "2", 1);
	/* The same again has been used twice. */
	check_renewed("Digest realm=r, nonce=1, qop=auth", "1", 3);
}

static void
learnt_scheme_is_gone(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 2);
	CHECK_INT(refusal(&b, "NTLM, Basic"), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, "Basic"), AUTH_SEND);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, BASIC_ANSWER);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, BASIC_ANSWER);
	tear_down(&b);

	/* What is not allowed, or lacks the password, does not go out. */
	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	follow(&b);
	b.setup.allowed = AUTH_ALL - AUTH_DIGEST;
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	follow(&b);
	b.setup.allowed = AUTH_ALL;
	b.login.credentials.password = NULL;
	b.login.asks = 1;
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	tear_down(&b);
}

static void
learnt_with_another_password(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	follow(&b);
	b.login.credentials.password = second;
	b.login.typed = 1;
	b.login.asks = 1;
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 2);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=2, qop=auth"), AUTH_SEND);
	check_digest(&b, "2", 1);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=3, qop=auth"), AUTH_ASK);
	b.login.credentials.password = secret;
	CHECK_INT(auth_asked(b.auth, NULL, &b.why), AUTH_SEND);
	check_digest(&b, "3", 1);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "3", 2);
	tear_down(&b);
}

static void
nonce_is_replaced_meanwhile(void)
{
	struct bench b, slow, slower;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	join(&slow, &b);
	join(&slower, &b);
	CHECK_INT(connection(&slow), AUTH_SEND);
	CHECK_INT(connection(&slower), AUTH_SEND);
	check_digest(&slower, "1", 2);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 3);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=2, qop=auth"), AUTH_SEND);
	check_digest(&b, "2", 1);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	/* What has not gone out yet is of now. */
	check_digest(&slow, "2", 2);
	CHECK_INT(opened(&slow, NULL, "rspauth=\"" RESPONSE "\""), AUTH_SEND);
	/* What has is refused: there is better in the place of it. */
	CHECK_INT(
	    refusal(&slower, "Digest realm=r, nonce=3, qop=auth"), AUTH_SEND);
	check_digest(&slower, "3", 1);
	CHECK_INT(opened(&slower, NULL, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "2", 3);
	tear_down(&slower);
	tear_down(&slow);
	tear_down(&b);

	/* One that still opens with the old one does not bring that back. */
	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	join(&slow, &b);
	CHECK_INT(connection(&slow), AUTH_SEND);
	check_digest(&slow, "1", 2);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 3);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=2, qop=auth"), AUTH_SEND);
	check_digest(&b, "2", 1);
	CHECK_INT(opened(&slow, NULL, NULL), AUTH_SEND);
	follow(&slow);
	CHECK_INT(connection(&slow), AUTH_SEND);
	check_answer(&slow, "");
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "2", 2);
	tear_down(&slow);
	tear_down(&b);
}

/* The response that opens a tunnel has a nonce for the next one. */
static void
learns_the_next_nonce(void)
{
	struct bench b, slow;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	join(&slow, &b);
	CHECK_INT(connection(&slow), AUTH_SEND);
	check_digest(&slow, "1", 2);
	check_digest(&b, "1", 3);
	CHECK_INT(opened(&b, NULL, "rspauth=\"" RESPONSE "\", nextnonce=\"2\""),
	    AUTH_SEND);
	/* This one knows less. */
	CHECK_INT(opened(&slow, NULL, "nextnonce=\"3\""), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "2", 1);
	/* The same is none that begins anew. */
	CHECK_INT(opened(&b, NULL, "nextnonce=\"2\""), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "2", 2);
	/* From one who can't prove who it is none is taken. */
	CHECK_INT(opened(&b, NULL, "nextnonce=3, rspauth=00"), AUTH_FAILED);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "2", 3);
	tear_down(&slow);
	tear_down(&b);

	/* The first response may have one already; it serves this tunnel, too.
	 */
	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=1, qop=auth"), AUTH_SEND);
	check_digest(&b, "1", 1);
	CHECK_INT(opened(&b, NULL, "nextnonce=\"2\""), AUTH_SEND);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "2", 1);
	CHECK_INT(opened(&b, NULL, "rspauth=\"" RESPONSE "\""), AUTH_SEND);
	tear_down(&b);
}

static void
next_nonces_that_are_none(void)
{
	static const char *const infos[] = { "nextnonce",
		"nextnonce=", "nextnonce=\"\"", "nextnonce=\"\x01\"", "nonce=2",
		"nextnonce=1", "qop=\"nextnonce=2\"" };
	static char is_long[10000] = "nextnonce=";
	struct bench b;
	size_t i;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	for (i = 0; i < COUNT(infos); i++) {
		test_row = infos[i];
		follow(&b);
		CHECK_INT(connection(&b), AUTH_SEND);
		check_digest(&b, "1", (unsigned)i + 2);
		CHECK_INT(opened(&b, NULL, infos[i]), AUTH_SEND);
	}
	test_row = NULL;
	memset(is_long + strlen(is_long), 'x', 9000);
	CHECK_INT(opened(&b, NULL, is_long), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", (unsigned)i + 2);
	tear_down(&b);

	/* What -sess builds on is no matter to agree upon. */
	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, algorithm=MD5-sess");
	CHECK_INT(opened(&b, NULL, "nextnonce=2"), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_begins(&b, "Digest username=\"alice\", realm=\"r\", nonce=\"1\"");
	tear_down(&b);
}

/* The first tunnels of a login begin at once; nobody has learnt yet. */
static void
nonces_of_tunnels_at_once(void)
{
	static const char one[] = "Digest realm=r, nonce=1, qop=auth";
	struct bench b, other;

	set_up(&b, alice, secret, AUTH_ALL);
	join(&other, &b);
	CHECK_INT(refusal(&b, one), AUTH_SEND);
	CHECK_INT(refusal(&other, one), AUTH_SEND);
	check_digest(&other, "1", 1);
	check_digest(&b, "1", 2);
	CHECK_INT(opened(&other, NULL, NULL), AUTH_SEND);
	follow(&other);
	CHECK_INT(connection(&other), AUTH_SEND);
	check_digest(&other, "1", 3);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 4);
	tear_down(&other);
	tear_down(&b);

	/* With one nonce each, that of the first to open is for all. */
	set_up(&b, alice, secret, AUTH_ALL);
	join(&other, &b);
	CHECK_INT(refusal(&b, one), AUTH_SEND);
	check_digest(&b, "1", 1);
	CHECK_INT(
	    refusal(&other, "Digest realm=r, nonce=2, qop=auth"), AUTH_SEND);
	check_digest(&other, "2", 1);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	CHECK_INT(opened(&other, NULL, NULL), AUTH_SEND);
	follow(&other);
	CHECK_INT(connection(&other), AUTH_SEND);
	check_digest(&other, "1", 2);
	tear_down(&other);
	tear_down(&b);
}

/* The nonce is forgotten before one that has not gone out yet can use it. */
static void
nothing_is_left_to_begin_with(void)
{
	struct bench b, slow;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	join(&slow, &b);
	CHECK_INT(connection(&slow), AUTH_SEND);
	learnt_free(&b.login.learnt);
	check_answer(&slow, "");
	CHECK_INT(
	    refusal(&slow, "Digest realm=r, nonce=2, qop=auth"), AUTH_SEND);
	check_digest(&slow, "2", 1);
	tear_down(&slow);
	tear_down(&b);
}

/* Another tunnel asks for a password, in place of the one there was. */
static void
password_is_gone(void)
{
	static const char *const offers[] = { "Basic",
		"Digest realm=r, nonce=1, qop=auth" };
	struct bench b;
	size_t i;

	for (i = 0; i < COUNT(offers); i++) {
		test_row = offers[i];
		set_up(&b, alice, secret, AUTH_ALL);
		CHECK_INT(refusal(&b, offers[i]), AUTH_SEND);
		b.login.credentials.password = NULL;
		b.login.asks = 1;
		check_answer(&b, "");
		CHECK_INT(refusal(&b, offers[i]), AUTH_ASK);
		tear_down(&b);
	}
	test_row = NULL;

	/* A proof can't be looked at, nor be wrong. */
	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, offers[1]), AUTH_SEND);
	check_digest(&b, "1", 1);
	b.login.credentials.password = NULL;
	CHECK_INT(opened(&b, NULL, "rspauth=00"), AUTH_SEND);
	tear_down(&b);
}

/* A tunnel by NTLM, begun unasked or not; name is what it goes by. */
static void
open_by_ntlm(struct bench *b, const char *name)
{
	char type1[40], type2[100], type3[40];

	snprintf(type1, sizeof type1, "%s TlRMTVNTUAAB", name);
	snprintf(type2, sizeof type2, "%s " TYPE2, name);
	snprintf(type3, sizeof type3, "%s TlRMTVNTUAAD", name);
	check_begins(b, type1);
	CHECK(auth_is_bound(b->auth));
	CHECK_INT(refusal(b, type2), AUTH_SEND);
	check_begins(b, type3);
	CHECK_INT(opened(b, NULL, NULL), AUTH_SEND);
	follow(b);
}

static void
learns_ntlm(void)
{
	static const char *const names[] = { "NTLM", "Negotiate" };
	struct bench b;
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		test_row = names[i];
		set_up(&b, alice, secret, AUTH_ALL - AUTH_NEGOTIATE);
		CHECK_INT(connection(&b), AUTH_SEND);
		check_answer(&b, "");
		CHECK_INT(refusal(&b, names[i]), AUTH_SEND);
		open_by_ntlm(&b, names[i]);
		CHECK_INT(connection(&b), AUTH_SEND);
		CHECK_BUF(&b.notes, UNASKED("NTLM"));
		open_by_ntlm(&b, names[i]);
		/* Not taken, it is tried once more as it is offered. */
		CHECK_INT(connection(&b), AUTH_SEND);
		check_begins(&b, names[i]);
		CHECK_INT(refusal(&b, names[i]), AUTH_SEND);
		CHECK(auth_wants_connection(b.auth));
		CHECK_INT(connection(&b), AUTH_SEND);
		open_by_ntlm(&b, names[i]);
		CHECK_INT(connection(&b), AUTH_SEND);
		open_by_ntlm(&b, names[i]);
		tear_down(&b);
	}
	test_row = NULL;
}

static void
learnt_ntlm_is_not_taken(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "NTLM"), AUTH_SEND);
	open_by_ntlm(&b, "NTLM");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, BOTH ", NTLM"), AUTH_SEND);
	CHECK(auth_wants_connection(b.auth));
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 1);
	CHECK_INT(refusal(&b, BOTH ", NTLM"), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, BOTH ", NTLM"), AUTH_SEND);
	CHECK_BUF(&b.notes,
	    UNASKED("NTLM") "* NTLM: not taken unasked\n"
			    "* Digest: refused\n"
			    "* NTLM: refused before a password was sent\n");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, BASIC_ANSWER);
	tear_down(&b);

	/* The proxy closes the connection: asked, it may say what it wants. */
	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "NTLM"), AUTH_SEND);
	open_by_ntlm(&b, "NTLM");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK(!auth_wants_connection(b.auth));
	CHECK_INT(refusal(&b, "NTLM"), AUTH_SEND);
	open_by_ntlm(&b, "NTLM");
	tear_down(&b);
}

/* In the middle of NTLM it was named alone: there may be more. */
static void
learnt_ntlm_was_named_alone(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "NTLM"), AUTH_SEND);
	open_by_ntlm(&b, "NTLM");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, "NTLM " TYPE2), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAD");
	CHECK_INT(refusal(&b, "NTLM"), AUTH_SEND);
	CHECK(auth_wants_connection(b.auth));
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK_INT(refusal(&b, "NTLM, Basic"), AUTH_SEND);
	check_answer(&b, BASIC_ANSWER);
	check_failed(&b, refusal(&b, "NTLM, Basic"),
	    "refused the credentials of this user: it offers NTLM, Basic; "
	    "NTLM: refused, Basic: refused (is the password right?)");
	tear_down(&b);

	/* Nothing is offered at all: that happens once. */
	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "NTLM"), AUTH_SEND);
	open_by_ntlm(&b, "NTLM");
	CHECK_INT(connection(&b), AUTH_SEND);
	check_begins(&b, "NTLM TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, NULL), AUTH_SEND);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	check_failed(&b, refusal(&b, NULL), DEMANDS "no scheme");
	tear_down(&b);
}

static void
ticket(struct bench *b)
{
	CHECK_INT(auth_token(b->auth).n, 0);
	CHECK_INT(
	    auth_stepped(b->auth, span_of("ticket"), NULL, &b->why), AUTH_SEND);
	check_answer(b, "Negotiate dGlja2V0");
}

static void
learns_negotiate(void)
{
	struct bench b;

	set_up(&b, NULL, NULL, AUTH_ALL);
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_STEP);
	ticket(&b);
	CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	/* The proxy's proof counts before anything is learnt. */
	follow(&b);
	CHECK_INT(connection(&b), AUTH_STEP);
	CHECK_BUF(&b.notes, UNASKED("Negotiate"));
	ticket(&b);
	CHECK_INT(opened(&b, "Negotiate dHdv", NULL), AUTH_STEP);
	CHECK_INT(auth_stepped(b.auth, none(), NULL, &b.why), AUTH_SEND);
	/* Not taken, another ticket is got, for another connection. */
	follow(&b);
	CHECK_INT(connection(&b), AUTH_STEP);
	ticket(&b);
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_STEP);
	CHECK(auth_wants_connection(b.auth));
	CHECK_INT(
	    auth_stepped(b.auth, span_of("ticket"), NULL, &b.why), AUTH_SEND);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "Negotiate dGlja2V0");
	/* Now that is a refusal; asked for all it has, the proxy has no more.
	 */
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_SEND);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_FAILED);
	CHECK_HAS(b.why.text, "Negotiate: refused");
	tear_down(&b);
}

static void
learnt_negotiate_without_a_ticket(void)
{
	struct bench b;

	set_up(&b, alice, secret, AUTH_ALL);
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_STEP);
	ticket(&b);
	CHECK_INT(opened(&b, "Negotiate dHdv", NULL), AUTH_STEP);
	CHECK_INT(auth_stepped(b.auth, none(), NULL, &b.why), AUTH_SEND);
	follow(&b);
	CHECK_INT(connection(&b), AUTH_STEP);
	CHECK_INT(auth_stepped(b.auth, none(), "no ticket", &b.why), AUTH_SEND);
	CHECK(!auth_wants_connection(b.auth));
	check_answer(&b, "");
	CHECK_INT(refusal(&b, "Negotiate, Basic"), AUTH_SEND);
	check_begins(&b, "Negotiate TlRMTVNTUAAB");
	CHECK_INT(refusal(&b, "Negotiate, Basic"), AUTH_SEND);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, BASIC_ANSWER);
	/* Nobody else waits for a KDC because of that. */
	follow(&b);
	CHECK_INT(connection(&b), AUTH_SEND);
	check_answer(&b, "");
	tear_down(&b);
}

/* A hop behind wants another connection: this one is asked once more. */
static void
opened_again_and_again(void)
{
	struct bench b;
	unsigned i;

	set_up(&b, alice, secret, AUTH_ALL);
	open_with(&b, "Digest realm=r, nonce=1, qop=auth");
	for (i = 2; i < 6; i++) {
		CHECK_INT(connection(&b), AUTH_SEND);
		check_digest(&b, "1", i);
		CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
	}
	/* By now the nonce may have become too old. */
	CHECK_INT(connection(&b), AUTH_SEND);
	check_digest(&b, "1", 6);
	CHECK_INT(refusal(&b, "Digest realm=r, nonce=2, qop=auth"), AUTH_SEND);
	check_digest(&b, "2", 1);
	tear_down(&b);

	set_up(&b, NULL, NULL, AUTH_ALL);
	CHECK_INT(refusal(&b, "Negotiate"), AUTH_STEP);
	for (i = 0; i < 4; i++) {
		ticket(&b);
		CHECK_INT(opened(&b, NULL, NULL), AUTH_SEND);
		CHECK_INT(connection(&b), AUTH_STEP);
	}
	CHECK_INT(auth_stepped(b.auth, none(), "no ticket", &b.why), AUTH_SEND);
	check_answer(&b, "");
	check_failed(&b, refusal(&b, "Negotiate"),
	    DEMANDS "Negotiate; Negotiate: no ticket");
	tear_down(&b);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(scheme_bits),
		TEST(basic_unasked),
		TEST(nothing_unasked_where_more_is_allowed),
		TEST(basic_asked_for_first),
		TEST(weaker_ones_follow),
		TEST(order_of_preference),
		TEST(gives_up),
		TEST(no_ticket),
		TEST(ntlm_by_steps),
		TEST(asks_anew_where_one_alone_is_named),
		TEST(connection_is_lost),
		TEST(without_a_hash_library),
		TEST(without_one_digest),
		TEST(without_random_numbers),
		TEST(digest_nonces),
		TEST(digest_nonce_comes_again),
		TEST(password_is_asked_for),
		TEST(proof_of_digest),
		TEST(proof_of_negotiate),
		TEST(forgets_the_last_response),
		TEST(many_challenges),
		TEST(long_texts),
		TEST(ceiling_of_the_answer),
		TEST(learns_basic),
		TEST(learnt_basic_yields_to_digest),
		TEST(learnt_basic_is_the_strongest),
		TEST(learns_digest),
		TEST(learns_from_success_alone),
		TEST(learnt_nonce_is_old),
		TEST(learnt_scheme_is_gone),
		TEST(learnt_with_another_password),
		TEST(nonce_is_replaced_meanwhile),
		TEST(learns_the_next_nonce),
		TEST(next_nonces_that_are_none),
		TEST(nonces_of_tunnels_at_once),
		TEST(nothing_is_left_to_begin_with),
		TEST(password_is_gone),
		TEST(learns_ntlm),
		TEST(learnt_ntlm_is_not_taken),
		TEST(learnt_ntlm_was_named_alone),
		TEST(learns_negotiate),
		TEST(learnt_negotiate_without_a_ticket),
		TEST(opened_again_and_again),
	};

	return test_all(tests, COUNT(tests));
}
