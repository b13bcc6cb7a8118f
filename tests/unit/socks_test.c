/* socks_test.c -- the requests of SOCKS, the replies and the verdicts. */
#include "socks.h"
#include "test.h"

#include <stdlib.h>

#define ROOM 65536 /* bytes that may be sent, or be said of it */

/* Messages, and how many bytes they have. */
#define BYTES(s) (s), sizeof(s) - 1
#define GREETING "\5\1\0"
#define GREETING_LOGIN "\5\2\0\2"
#define LOGIN_BOB "\1\3bob\6secret"
#define NAME5 "\5\1\0\3\14host.example\0\26"
#define OPEN5 "\5\0"
#define DONE5 "\5\0\0\1\0\0\0\0\0\0"
#define DONE4 "\0\132\0\0\0\0\0\0"

static char bob[] = "bob", secret[] = "secret";
static char host[1100] = "host.example";
static char authority[1200] = "host.example:22";
static struct endpoint to;
static struct login login;
static struct socks_connect what;
static const char *addresses; /* what the name resolves to */
static struct handshake *h;
static struct buf out, talk;
static struct failure why;

static void
aim_at(const char *name)
{
	snprintf(host, sizeof host, "%s", name);
	snprintf(authority, sizeof authority,
	    strchr(name, ':') != NULL ? "[%s]:22" : "%s:22", name);
}

/* A plain question, to be changed before begin. */
static void
plain(enum socks_version version)
{
	memset(&login, 0, sizeof login);
	memset(&what, 0, sizeof what);
	memset(&why, 0, sizeof why);
	aim_at("host.example");
	addresses = NULL;
	to.host = host;
	to.port = 22;
	what.version = version;
	what.to = &to;
	what.authority = authority;
	what.login = &login;
	what.allowed = AUTH_ALL;
}

static void
with_bob(enum socks_version version)
{
	plain(version);
	login.credentials.user = bob;
	login.credentials.password = secret;
}

static enum handshake_verdict
start(void)
{
	buf_free(&out);
	return h->ops->start(h, &out, &why);
}

static enum handshake_verdict
begin(void)
{
	buf_init(&out, ROOM);
	buf_init(&talk, ROOM);
	h = socks_connect(&what);
	CHECK(h != NULL);
	h->talk = &talk;
	return start();
}

static void
finish(void)
{
	h->ops->free(h);
	buf_free(&out);
	buf_free(&talk);
}

static enum handshake_verdict
resume(const char *token, const char *fault)
{
	return h->ops->resume(h, span_of(token), fault, &out, &why);
}

/* Feeds all of it at once; with MORE it is used up. */
static enum handshake_verdict
feed(const char *bytes, size_t n)
{
	size_t used = 0;
	enum handshake_verdict v;

	v = h->ops->feed(h, (const uint8_t *)bytes, n, &used, &out, &why);
	CHECK(used <= n);
	if (v == HANDSHAKE_MORE)
		CHECK_INT(used, n);
	return v;
}

static void
check_out(const char *want, size_t n)
{
	CHECK_MEM(buf_ptr(&out), buf_len(&out), want, n);
}

/* Feeds a piece, and gives what is wanted on the way; how much was used. */
static size_t
feed_piece(enum handshake_verdict *v, const char *bytes, size_t n)
{
	size_t used, at = 0;

	while (*v == HANDSHAKE_MORE && at < n) {
		*v = h->ops->feed(
		    h, (const uint8_t *)bytes + at, n - at, &used, &out, &why);
		at += used;
		if (*v == HANDSHAKE_PASSWORD) {
			login.credentials.password = secret;
			*v = resume("", NULL);
		}
	}
	return at;
}

struct course {
	const char *said;
	size_t n;
	enum handshake_verdict verdict;
	const char *sent;
	size_t nsent;
};

/* In up to three pieces, with bytes of the tunnel behind. */
static void
check_cut(const struct course *c, size_t first, size_t second)
{
	static const char tunnel[] = "SSH-2.0-x\r\n";
	char all[600];
	size_t n = c->n + sizeof tunnel, used;
	enum handshake_verdict v = begin();

	memcpy(all, c->said, c->n);
	memcpy(all + c->n, tunnel, sizeof tunnel);
	if (v == HANDSHAKE_ADDRESS)
		v = resume(addresses, NULL);
	used = feed_piece(&v, all, first);
	used += feed_piece(&v, all + used, second - used);
	used += feed_piece(&v, all + used, n - used);
	CHECK_INT(v, c->verdict);
	CHECK_INT(used, c->n);
	check_out(c->sent, c->nsent);
	finish();
}

static void
check_byte_by_byte(const struct course *c)
{
	enum handshake_verdict v = begin();
	size_t at;

	if (v == HANDSHAKE_ADDRESS)
		v = resume(addresses, NULL);
	for (at = 0; at < c->n; at++) {
		CHECK_INT(v, HANDSHAKE_MORE);
		CHECK_INT(feed_piece(&v, c->said + at, 1), 1);
	}
	CHECK_INT(v, c->verdict);
	check_out(c->sent, c->nsent);
	finish();
}

/* The same wherever it is cut, and what is behind is left to the tunnel. */
static void
check_course(const struct course *c)
{
	char *password = login.credentials.password;
	size_t first, second;

	check_byte_by_byte(c);
	for (first = 0; first <= c->n; first++)
		for (second = first; second <= c->n; second++) {
			login.credentials.password = password;
			check_cut(c, first, second);
		}
}

#define COURSE(said, verdict, sent) \
	check_course(               \
	    &(const struct course){ BYTES(said), verdict, BYTES(sent) })

static void
courses_of_5(void)
{
	plain(SOCKS_5);
	COURSE(OPEN5 DONE5, HANDSHAKE_DONE, GREETING NAME5);
	COURSE("\5\0\5\0\0\3\4name\1\2", HANDSHAKE_DONE, GREETING NAME5);
	COURSE("\5\0\5\0\0\3\0\1\2", HANDSHAKE_DONE, GREETING NAME5);
	COURSE(
	    "\5\0\5\0\0\4ABCDEFGHIJKLMNOP\1\2", HANDSHAKE_DONE, GREETING NAME5);
	COURSE("\5\0\5\0\xff\1\0\0\0\0\0\0", HANDSHAKE_DONE, GREETING NAME5);
	COURSE("\5\0\5\0\0\2\0", HANDSHAKE_FAILED, GREETING NAME5);
	COURSE("\5\0\5\5", HANDSHAKE_FAILED, GREETING NAME5);
	COURSE("\5\0\4", HANDSHAKE_FAILED, GREETING NAME5);
	COURSE("\5\xff", HANDSHAKE_FAILED, GREETING);
	COURSE("\5\1", HANDSHAKE_FAILED, GREETING);
	COURSE("HTTP/1.1 400 Bad\n", HANDSHAKE_FAILED, GREETING);
}

static void
courses_with_a_login(void)
{
	with_bob(SOCKS_5);
	COURSE(OPEN5 DONE5, HANDSHAKE_DONE, GREETING_LOGIN NAME5);
	COURSE(
	    "\5\2\1\0" DONE5, HANDSHAKE_DONE, GREETING_LOGIN LOGIN_BOB NAME5);
	COURSE(
	    "\5\2\5\0" DONE5, HANDSHAKE_DONE, GREETING_LOGIN LOGIN_BOB NAME5);
	COURSE("\5\2\1\1", HANDSHAKE_FAILED, GREETING_LOGIN LOGIN_BOB);
	COURSE("\5\2\2", HANDSHAKE_FAILED, GREETING_LOGIN LOGIN_BOB);
	login.credentials.password = NULL;
	login.asks = 1;
	COURSE(
	    "\5\2\1\0" DONE5, HANDSHAKE_DONE, GREETING_LOGIN LOGIN_BOB NAME5);
}

static void
courses_of_4(void)
{
	plain(SOCKS_4);
	addresses = "192.0.2.1 192.0.2.2";
	COURSE(DONE4, HANDSHAKE_DONE, "\4\1\0\26\300\0\2\1\0");
	COURSE("\4\132\1\2\3\4\5\6", HANDSHAKE_DONE, "\4\1\0\26\300\0\2\1\0");
	COURSE("\0\133", HANDSHAKE_AGAIN, "\4\1\0\26\300\0\2\1\0");
	COURSE("\0\134", HANDSHAKE_FAILED, "\4\1\0\26\300\0\2\1\0");
	COURSE("SSH-2.0-x\r\n", HANDSHAKE_FAILED, "\4\1\0\26\300\0\2\1\0");
	plain(SOCKS_4A);
	COURSE(DONE4, HANDSHAKE_DONE, "\4\1\0\26\0\0\0\1\0host.example\0");
	COURSE("\0\133", HANDSHAKE_FAILED, "\4\1\0\26\0\0\0\1\0host.example\0");
}

/* The longest reply, at each place. */
static void
longest_reply(void)
{
	char said[2 + 262];
	struct course c = { said, sizeof said, HANDSHAKE_DONE,
		BYTES(GREETING NAME5) };
	size_t i;

	plain(SOCKS_5);
	memset(said, 'n', sizeof said);
	memcpy(said, "\5\0\5\0\0\3\xff", 7);
	check_byte_by_byte(&c);
	for (i = 0; i <= sizeof said; i++)
		check_cut(&c, i, sizeof said);
}

static void
check_request(const char *want, size_t n)
{
	CHECK_INT(begin(), HANDSHAKE_MORE);
	if (what.version == SOCKS_5) {
		buf_free(&out);
		CHECK_INT(feed(BYTES(OPEN5)), HANDSHAKE_MORE);
	}
	check_out(want, n);
	finish();
}

static void
requests(void)
{
	plain(SOCKS_5);
	check_request(BYTES(NAME5));
	to.port = 65535;
	check_request(BYTES("\5\1\0\3\14host.example\xff\xff"));
	plain(SOCKS_5);
	aim_at("192.0.2.255");
	check_request(BYTES("\5\1\0\1\300\0\2\377\0\26"));
	what.resolve_here = 1;
	check_request(BYTES("\5\1\0\1\300\0\2\377\0\26"));
	aim_at("2001:db8::5");
	check_request(
	    BYTES("\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\5\0\26"));
	plain(SOCKS_4);
	aim_at("192.0.2.1");
	check_request(BYTES("\4\1\0\26\300\0\2\1\0"));
	plain(SOCKS_4A);
	aim_at("192.0.2.1");
	check_request(BYTES("\4\1\0\26\300\0\2\1\0"));
	with_bob(SOCKS_4A);
	what.allowed = 0;
	check_request(BYTES("\4\1\0\26\0\0\0\1bob\0host.example\0"));
}

static void
check_refused_at_start(const char *words)
{
	test_row = words;
	CHECK_INT(begin(), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_USAGE);
	CHECK_HAS(why.text, "can't be asked for ");
	CHECK_HAS(why.text, words);
	CHECK_INT(buf_len(&out), 0);
	finish();
	test_row = NULL;
}

static void
what_no_version_can_carry(void)
{
	plain(SOCKS_4);
	aim_at("::1");
	check_refused_at_start("use socks5://");
	plain(SOCKS_4A);
	aim_at("fe80::1%eth0");
	check_refused_at_start("use socks5://");
	plain(SOCKS_5);
	aim_at("fe80::1%eth0");
	check_refused_at_start("zone");
	aim_at("1:2:3");
	check_refused_at_start("no IPv6 address");
}

/* Texts of 255 bytes are sent, those of 256 are not. */
static void
limits(void)
{
	static char full[256], over[257];
	char want[262];
	enum socks_version v;

	memset(full, 'f', 255);
	memset(over, 'o', 256);
	for (v = SOCKS_4; v <= SOCKS_5; v++) {
		plain(v);
		aim_at(over);
		check_refused_at_start("a name of over 255");
		plain(v);
		login.credentials.user = over;
		check_refused_at_start("a user of over 255");
	}
	with_bob(SOCKS_5);
	login.credentials.password = over;
	check_refused_at_start("a password of over 255");
	what.allowed = AUTH_DIGEST;
	login.credentials.user = over;
	check_request(BYTES(NAME5));
	with_bob(SOCKS_4A);
	login.credentials.password = over;
	check_request(BYTES("\4\1\0\26\0\0\0\1bob\0host.example\0"));
	plain(SOCKS_5);
	aim_at(full);
	memcpy(want, "\5\1\0\3\xff", 5);
	memset(want + 5, 'f', 255);
	memcpy(want + 260, "\0\26", 2);
	check_request(want, 262);
}

static void
check_login(char *user, char *password)
{
	char want[600];
	int n = snprintf(want, sizeof want, "\1%c%s%c%s", (char)strlen(user),
	    user, (char)strlen(password), password);

	with_bob(SOCKS_5);
	login.credentials.user = user;
	login.credentials.password = password;
	CHECK_INT(begin(), HANDSHAKE_MORE);
	check_out(BYTES(GREETING_LOGIN));
	buf_free(&out);
	CHECK_INT(feed(BYTES("\5\2")), HANDSHAKE_MORE);
	check_out(want, (size_t)n);
	finish();
}

static void
logins(void)
{
	static char full[256], empty[] = "";

	memset(full, 'f', 255);
	check_login(bob, secret);
	check_login(full, full);
	with_bob(SOCKS_5);
	login.credentials.user = login.credentials.password = empty;
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\5\2")), HANDSHAKE_MORE);
	check_out(BYTES(GREETING_LOGIN "\1\0\0"));
	finish();
}

static void
check_choice(const char *offer, size_t n, const char *choice,
    enum fail_code code, const char *words)
{
	test_row = words;
	CHECK_INT(begin(), HANDSHAKE_MORE);
	check_out(offer, n);
	CHECK_INT(feed(choice, 2), HANDSHAKE_FAILED);
	CHECK_INT(why.code, code);
	CHECK_HAS(why.text, words);
	CHECK_INT(buf_len(&out), n);
	finish();
	test_row = NULL;
}

static void
choices_of_a_login(void)
{
	plain(SOCKS_5);
	check_choice(
	    BYTES(GREETING), "\5\xff", FAIL_AUTH, "give one with -P USER");
	check_choice(BYTES(GREETING), "\5\2", FAIL_AUTH, "-P USER");
	check_choice(BYTES(GREETING), "\5\1", FAIL_PROTOCOL, "method 1");
	check_choice(BYTES(GREETING), "\5\xfe", FAIL_PROTOCOL, "method 254");
	with_bob(SOCKS_5);
	check_choice(
	    BYTES(GREETING_LOGIN), "\5\xff", FAIL_AUTH, "refused both");
	check_choice(BYTES(GREETING_LOGIN), "\5\3", FAIL_PROTOCOL, "method 3");
	what.allowed = AUTH_DIGEST | AUTH_NTLM;
	check_choice(BYTES(GREETING), "\5\xff", FAIL_AUTH, "--auth");
	check_choice(BYTES(GREETING), "\5\2", FAIL_AUTH, "--auth");
	with_bob(SOCKS_5);
	login.credentials.password = NULL;
	check_choice(BYTES(GREETING_LOGIN), "\5\2", FAIL_AUTH, "PROXYPASS");
}

static void
ask_for_a_password(void)
{
	with_bob(SOCKS_5);
	login.credentials.password = NULL;
	login.asks = 3;
	CHECK_INT(begin(), HANDSHAKE_MORE);
	buf_free(&out);
	CHECK_INT(feed(BYTES("\5\2")), HANDSHAKE_PASSWORD);
	CHECK_INT(buf_len(&out), 0);
	login.asks = 2;
}

static void
passwords_asked_for(void)
{
	ask_for_a_password();
	CHECK_INT(resume("", "nobody\x1b[2J there"), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_AUTH);
	CHECK_STR(why.text, "demands user and password: nobody?[2J there");
	CHECK_INT(buf_len(&out), 0);
	finish();
	ask_for_a_password();
	login.credentials.password = secret;
	CHECK_INT(resume("", NULL), HANDSHAKE_MORE);
	check_out(BYTES(LOGIN_BOB));
	CHECK_INT(feed(BYTES("\1\0")), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES(DONE5)), HANDSHAKE_DONE);
	finish();
}

static void
passwords_too_long(void)
{
	static char over[257];

	memset(over, 'o', 256);
	ask_for_a_password();
	login.credentials.password = over;
	CHECK_INT(resume("", NULL), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_USAGE);
	CHECK_INT(buf_len(&out), 0);
	finish();
}

/* What was typed is asked for again, and sent over a new connection. */
static void
passwords_mistyped(void)
{
	static char wrong[] = "wrong";

	ask_for_a_password();
	login.credentials.password = wrong;
	login.typed = 1;
	login.asks = 1;
	CHECK_INT(resume("", NULL), HANDSHAKE_MORE);
	buf_free(&out);
	CHECK_INT(feed(BYTES("\1\1")), HANDSHAKE_PASSWORD);
	login.credentials.password = secret;
	login.asks = 0;
	CHECK_INT(resume("", NULL), HANDSHAKE_AGAIN);
	CHECK_INT(buf_len(&out), 0);
	CHECK_INT(why.code, FAIL_NONE);
	CHECK_INT(start(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\5\2\1\1")), HANDSHAKE_FAILED);
	check_out(BYTES(GREETING_LOGIN LOGIN_BOB));
	CHECK_INT(why.code, FAIL_AUTH);
	CHECK_HAS(why.text, "refused user and password");
	finish();
	ask_for_a_password();
	login.credentials.password = wrong;
	login.typed = 1;
	CHECK_INT(resume("", NULL), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\1\xff")), HANDSHAKE_PASSWORD);
	CHECK_INT(resume("", "no more"), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_AUTH);
	CHECK_STR(why.text, "refused user and password: no more");
	finish();
}

/* The server hung up while a person typed. */
static void
passwords_typed_slowly(void)
{
	ask_for_a_password();
	login.credentials.password = secret;
	CHECK_INT(resume("", NULL), HANDSHAKE_MORE);
	CHECK_INT(h->ops->end(h, HANDSHAKE_EOF, &why), HANDSHAKE_AGAIN);
	CHECK_INT(start(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\5\2")), HANDSHAKE_MORE);
	CHECK_INT(h->ops->end(h, HANDSHAKE_EOF, &why), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_AUTH);
	finish();
	ask_for_a_password();
	login.credentials.password = secret;
	CHECK_INT(resume("", NULL), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\1\0")), HANDSHAKE_MORE);
	CHECK_INT(h->ops->end(h, HANDSHAKE_EOF, &why), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_CONNECT);
	finish();
}

struct meaning {
	int code;
	enum fail_code fail;
	const char *words;
};

static void
check_meanings(const struct meaning *m, size_t n, uint8_t first)
{
	uint8_t reply[2];
	size_t used;

	for (; n > 0; m++, n--) {
		test_row = m->words;
		reply[0] = first;
		reply[1] = (uint8_t)m->code;
		CHECK_INT(begin(), HANDSHAKE_MORE);
		if (what.version == SOCKS_5)
			CHECK_INT(feed(BYTES(OPEN5)), HANDSHAKE_MORE);
		buf_free(&out);
		CHECK_INT(h->ops->feed(h, reply, 2, &used, &out, &why),
		    HANDSHAKE_FAILED);
		CHECK_INT(why.code, m->fail);
		CHECK_INT(why.status, m->code);
		CHECK_HAS(why.text, m->words);
		CHECK_HAS(why.text, " the tunnel to host.example:22: ");
		CHECK_INT(buf_len(&out), 0);
		finish();
	}
	test_row = NULL;
}

static void
replies_of_5(void)
{
	static const struct meaning rows[] = {
		{ 1, FAIL_CONNECT, "could not open the tunnel" },
		{ 1, FAIL_CONNECT, "general failure (SOCKS5 reply 1)" },
		{ 2, FAIL_REFUSED, "refused the tunnel" },
		{ 2, FAIL_REFUSED,
		    "not allowed by its ruleset (SOCKS5 reply 2)" },
		{ 3, FAIL_CONNECT, "network unreachable (SOCKS5 reply 3)" },
		{ 4, FAIL_CONNECT, "host unreachable (SOCKS5 reply 4)" },
		{ 5, FAIL_CONNECT, "connection refused (SOCKS5 reply 5)" },
		{ 6, FAIL_CONNECT, "TTL expired (SOCKS5 reply 6)" },
		{ 7, FAIL_PROTOCOL, "command not supported (SOCKS5 reply 7)" },
		{ 8, FAIL_PROTOCOL, "address type not supported (SOCKS5" },
		{ 9, FAIL_PROTOCOL, "SOCKS5 reply 9" },
		{ 90, FAIL_PROTOCOL, "SOCKS5 reply 90" },
		{ 255, FAIL_PROTOCOL, "SOCKS5 reply 255" },
	};

	plain(SOCKS_5);
	check_meanings(rows, COUNT(rows), 5);
}

static void
replies_of_4(void)
{
	static const struct meaning rows[] = {
		{ 91, FAIL_CONNECT, "rejected or failed (SOCKS4 reply 91)" },
		{ 92, FAIL_AUTH, "identd" },
		{ 93, FAIL_AUTH, "-P USER" },
		{ 0, FAIL_PROTOCOL, "SOCKS4 reply 0" },
		{ 1, FAIL_PROTOCOL, "SOCKS4 reply 1" },
		{ 94, FAIL_PROTOCOL, "SOCKS4 reply 94" },
		{ 255, FAIL_PROTOCOL, "SOCKS4 reply 255" },
	};

	plain(SOCKS_4A);
	check_meanings(rows, COUNT(rows), 0);
	check_meanings(rows, COUNT(rows), 4);
}

static void
versions_that_are_wrong(void)
{
	plain(SOCKS_5);
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES(OPEN5 "\4")), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_PROTOCOL);
	CHECK_HAS(why.text, "its reply is of version 4");
	finish();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES(OPEN5 "\5\0\0\7\0")), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_PROTOCOL);
	CHECK_HAS(why.text, "an address of type 7");
	finish();
	with_bob(SOCKS_5);
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\5\2\0")), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_PROTOCOL);
	CHECK_HAS(why.text, "of version 0");
	finish();
}

static void
begin_to_resolve(enum socks_version version)
{
	plain(version);
	what.resolve_here = 1;
	CHECK_INT(begin(), HANDSHAKE_ADDRESS);
	CHECK_INT(buf_len(&out), 0);
	CHECK_SPAN(h->token, "host.example");
	CHECK_INT(h->ipv4_only, version == SOCKS_4);
}

/* All that is sent to one address of version 5. */
static void
check_goes_to(const char *want, size_t n, enum handshake_verdict verdict,
    const char *reply, size_t nreply)
{
	CHECK_INT(feed(BYTES(OPEN5)), HANDSHAKE_MORE);
	check_out(want, n);
	CHECK_INT(feed(reply, nreply), verdict);
	CHECK_INT(buf_len(&out), n);
}

static void
addresses_in_turn(void)
{
	begin_to_resolve(SOCKS_5);
	CHECK_INT(
	    resume("2001:db8::5 192.0.2.1 192.0.2.2", NULL), HANDSHAKE_MORE);
	CHECK_INT(h->token.n, 0);
	check_goes_to(BYTES(GREETING "\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0"
				     "\0\0\0\5\0\26"),
	    HANDSHAKE_AGAIN, BYTES("\5\3\0\1\0\0\0\0\0\0"));
	CHECK_INT(why.code, FAIL_NONE);
	CHECK_INT(start(), HANDSHAKE_MORE);
	check_goes_to(BYTES(GREETING "\5\1\0\1\300\0\2\1\0\26"),
	    HANDSHAKE_AGAIN, BYTES("\5\5"));
	CHECK_INT(start(), HANDSHAKE_MORE);
	check_goes_to(BYTES(GREETING "\5\1\0\1\300\0\2\2\0\26"),
	    HANDSHAKE_FAILED, BYTES("\5\4"));
	CHECK_INT(why.code, FAIL_CONNECT);
	CHECK_INT(why.status, 4);
	CHECK_HAS(why.text, "host unreachable");
	finish();
}

/* Only what is said of the one address is a reason to try another. */
static void
replies_about_one_address(void)
{
	char reply[] = "\5\0";
	int code;

	for (code = 1; code < 256; code++) {
		begin_to_resolve(SOCKS_5);
		CHECK_INT(resume("192.0.2.1 192.0.2.2", NULL), HANDSHAKE_MORE);
		CHECK_INT(feed(BYTES(OPEN5)), HANDSHAKE_MORE);
		reply[1] = (char)code;
		CHECK_INT(feed(reply, 2),
		    code == 1 || (code >= 3 && code <= 6) || code == 8
			? HANDSHAKE_AGAIN
			: HANDSHAKE_FAILED);
		finish();
	}
}

static void
addresses_for_version_4(void)
{
	begin_to_resolve(SOCKS_4);
	CHECK_INT(resume("::1 192.0.2.1 2001:db8::1 192.0.2.2", NULL),
	    HANDSHAKE_MORE);
	check_out(BYTES("\4\1\0\26\300\0\2\1\0"));
	CHECK_INT(feed(BYTES("\0\133\0\0\0\0\0\0")), HANDSHAKE_AGAIN);
	CHECK_INT(start(), HANDSHAKE_MORE);
	check_out(BYTES("\4\1\0\26\300\0\2\2\0"));
	CHECK_INT(feed(BYTES("\0\133")), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_CONNECT);
	finish();
}

static void
addresses_without_end(void)
{
	char list[12 * 10 + 1] = "";
	int i;

	for (i = 1; i <= 12; i++)
		snprintf(list + strlen(list), sizeof list - strlen(list),
		    "%s192.0.2.%d", i > 1 ? " " : "", i % 10);
	begin_to_resolve(SOCKS_4);
	CHECK_INT(resume(list, NULL), HANDSHAKE_MORE);
	for (i = 1; i < 8; i++) {
		CHECK_INT(feed(BYTES("\0\133")), HANDSHAKE_AGAIN);
		CHECK_INT(start(), HANDSHAKE_MORE);
	}
	CHECK_INT(feed(BYTES("\0\133")), HANDSHAKE_FAILED);
	finish();
}

static void
check_unresolved(enum socks_version version, const char *list,
    const char *fault, const char *words)
{
	test_row = words;
	begin_to_resolve(version);
	CHECK_INT(resume(list, fault), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_RESOLVE);
	CHECK_HAS(why.text, "host.example can't be resolved here: ");
	CHECK_HAS(why.text, words);
	CHECK_INT(buf_len(&out), 0);
	finish();
	test_row = NULL;
}

static void
names_without_address(void)
{
	check_unresolved(SOCKS_5, "", "no such\nhost",
	    "no such host (socks5h:// leaves it to the proxy)");
	check_unresolved(SOCKS_4, "192.0.2.1", "no such host",
	    "no such host (socks4a:// leaves it to the proxy)");
	check_unresolved(SOCKS_5, "", NULL, "it has no address");
	check_unresolved(SOCKS_5, "fe80::1%eth0 x  y", NULL, "no address");
	check_unresolved(SOCKS_5,
	    "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111", NULL,
	    "it has no address");
	check_unresolved(SOCKS_4, "::1", NULL, "it has no IPv4 address");
}

/* Where it stands in a list does not get lost with a wrong password. */
static void
addresses_and_passwords(void)
{
	with_bob(SOCKS_5);
	what.resolve_here = 1;
	login.typed = 1;
	login.asks = 1;
	CHECK_INT(begin(), HANDSHAKE_ADDRESS);
	CHECK_INT(resume("192.0.2.1 192.0.2.2", NULL), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\5\2\1\0\5\1")), HANDSHAKE_AGAIN);
	CHECK_INT(start(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\5\2\1\1")), HANDSHAKE_PASSWORD);
	CHECK_INT(resume("", NULL), HANDSHAKE_AGAIN);
	CHECK_INT(start(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\5\2\1\0")), HANDSHAKE_MORE);
	check_out(BYTES(GREETING_LOGIN LOGIN_BOB "\5\1\0\1\300\0\2\2\0\26"));
	finish();
}

static void
check_alien(
    enum socks_version version, const char *said, size_t n, const char *words)
{
	test_row = words;
	plain(version);
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(h->patience_ms, 0);
	if (feed(said, n) == HANDSHAKE_MORE) {
		CHECK_INT(h->patience_ms, 250);
		CHECK_INT(
		    h->ops->end(h, HANDSHAKE_DEADLINE, &why), HANDSHAKE_FAILED);
	}
	CHECK_INT(why.code, FAIL_PROTOCOL);
	CHECK_HAS(why.text, version == SOCKS_5 ? "does not speak SOCKS5: "
					       : "does not speak SOCKS4: ");
	CHECK_HAS(why.text, words);
	finish();
	test_row = NULL;
}

static void
aliens(void)
{
	static char endless[4096];

	check_alien(
	    SOCKS_5, BYTES("HTTP/1.1 400 Bad Request\r\n"), "HTTP server");
	check_alien(SOCKS_4A, BYTES("HTTP/1.0 400 Bad"), "use http://");
	check_alien(SOCKS_5, BYTES("SSH-2.0-OpenSSH_9.2\r\n"), "an SSH server");
	check_alien(SOCKS_4A, BYTES("\25\3\1\0\2\2\n"), "a TLS port: use -E");
	check_alien(SOCKS_5, BYTES("\25\3\3\0\2\2\106"), "a TLS port: use -E");
	check_alien(SOCKS_5, BYTES("\0\133\0\0\0\0\0\0"), "use socks4a://");
	check_alien(SOCKS_4A, BYTES("\5\xff"), "use socks5h://");
	check_alien(SOCKS_5, BYTES("hello\x1b[2J\n"), "it sent 'hello?[2J'");
	check_alien(SOCKS_5, BYTES("\n"), "it sent ''");
	memset(endless, 'x', sizeof endless);
	check_alien(SOCKS_5, endless, sizeof endless, "it sent 'xxxx");
}

static void
check_end(const char *fed, size_t n, enum handshake_end end,
    enum fail_code code, const char *words)
{
	test_row = words;
	why.status = 407; /* of a hop before */
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed(fed, n), HANDSHAKE_MORE);
	CHECK_INT(h->ops->end(h, end, &why), HANDSHAKE_FAILED);
	CHECK_INT(why.code, code);
	CHECK_INT(why.status, 0);
	CHECK_HAS(why.text, words);
	finish();
	test_row = NULL;
}

static void
ends_of_5(void)
{
	with_bob(SOCKS_5);
	check_end("", 0, HANDSHAKE_EOF, FAIL_PROTOCOL,
	    "closed the connection without an answer "
	    "(does it speak SOCKS5? try socks4a://)");
	check_end("", 0, HANDSHAKE_RESET, FAIL_PROTOCOL, "reset the");
	check_end("", 0, HANDSHAKE_DEADLINE, FAIL_TIMEOUT, "has not answered");
	check_end(BYTES("\5"), HANDSHAKE_EOF, FAIL_PROTOCOL,
	    "closed the connection in the middle of its answer");
	check_end(BYTES("\5"), HANDSHAKE_DEADLINE, FAIL_TIMEOUT,
	    "has not finished its answer");
	check_end(BYTES("\5\2"), HANDSHAKE_EOF, FAIL_AUTH,
	    "without an answer to user and password");
	check_end(BYTES("\5\2"), HANDSHAKE_RESET, FAIL_AUTH, "reset");
	check_end(BYTES("\5\2"), HANDSHAKE_DEADLINE, FAIL_TIMEOUT,
	    "has not answered");
	check_end(BYTES("\5\2\1"), HANDSHAKE_RESET, FAIL_PROTOCOL,
	    "reset the connection in the middle of its answer");
	check_end(BYTES("\5\2\1\0"), HANDSHAKE_EOF, FAIL_CONNECT,
	    "when it was asked for host.example:22");
	check_end(BYTES(OPEN5), HANDSHAKE_DEADLINE, FAIL_TIMEOUT,
	    "has not opened the tunnel to host.example:22");
	check_end(BYTES(OPEN5 "\5\0\0\1\0\0"), HANDSHAKE_RESET, FAIL_PROTOCOL,
	    "reset the connection in the middle of its answer");
	check_end(BYTES(OPEN5 "\5"), HANDSHAKE_DEADLINE, FAIL_TIMEOUT,
	    "has not finished its answer");
	check_end(BYTES("SSH-2"), HANDSHAKE_EOF, FAIL_PROTOCOL, "SSH");
}

static void
ends_of_4(void)
{
	plain(SOCKS_4A);
	check_end("", 0, HANDSHAKE_EOF, FAIL_PROTOCOL,
	    "closed the connection without an answer "
	    "(does it speak SOCKS4? try socks5h://)");
	check_end("", 0, HANDSHAKE_RESET, FAIL_PROTOCOL, "reset the");
	check_end("", 0, HANDSHAKE_DEADLINE, FAIL_TIMEOUT,
	    "has not opened the tunnel to host.example:22");
	check_end(BYTES("\0\132\0"), HANDSHAKE_EOF, FAIL_PROTOCOL,
	    "closed the connection in the middle of its answer");
	check_end(BYTES("\0\132\0"), HANDSHAKE_DEADLINE, FAIL_TIMEOUT,
	    "has not finished its answer");
}

static void
talk_without_secrets(void)
{
	with_bob(SOCKS_5);
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\5\2\1\0" DONE5)), HANDSHAKE_DONE);
	CHECK_BUF(&talk, "> SOCKS5 offers no login, or user and password\n"
			 "< SOCKS5 wants user and password\n"
			 "> SOCKS5 user bob, password [hidden]\n"
			 "< SOCKS5 login accepted\n"
			 "> SOCKS5 CONNECT host.example:22\n"
			 "< SOCKS5 succeeded\n");
	finish();
	with_bob(SOCKS_4A);
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES("\0\133")), HANDSHAKE_FAILED);
	CHECK_BUF(&talk, "> SOCKS4 CONNECT host.example:22, user bob\n"
			 "* SOCKS4 has no place for the password: it is not "
			 "sent\n"
			 "< SOCKS4 rejected or failed\n");
	finish();
	begin_to_resolve(SOCKS_5);
	CHECK_INT(resume("2001:db8::5", NULL), HANDSHAKE_MORE);
	CHECK_INT(feed(BYTES(OPEN5)), HANDSHAKE_MORE);
	CHECK_BUF(&talk, "> SOCKS5 offers no login\n"
			 "< SOCKS5 wants no login\n"
			 "> SOCKS5 CONNECT [2001:db8::5]:22\n");
	finish();
}

static void
talks_to_nobody(void)
{
	with_bob(SOCKS_5);
	CHECK_INT(begin(), HANDSHAKE_MORE);
	h->talk = NULL;
	CHECK_INT(feed(BYTES("\5\2\1\0" DONE5)), HANDSHAKE_DONE);
	finish();
}

static void
check_ceiling(size_t need, const char *said, size_t n)
{
	size_t room;

	for (room = 0; room < need; room++) {
		CHECK_INT(begin(), HANDSHAKE_MORE);
		buf_free(&out);
		buf_init(&out, room);
		if (h->ops->start(h, &out, &why) == HANDSHAKE_MORE)
			CHECK_INT(feed(said, n), HANDSHAKE_FAILED);
		CHECK_INT(why.code, FAIL_LOCAL);
		CHECK(*why.text != '\0');
		finish();
	}
}

static void
messages_over_the_ceiling(void)
{
	with_bob(SOCKS_5);
	check_ceiling(sizeof(GREETING_LOGIN LOGIN_BOB NAME5) - 1,
	    BYTES("\5\2\1\0" DONE5));
	with_bob(SOCKS_4A);
	check_ceiling(8 + sizeof "bob" + sizeof "host.example", BYTES(DONE4));
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(courses_of_5),
		TEST(courses_with_a_login),
		TEST(courses_of_4),
		TEST(longest_reply),
		TEST(requests),
		TEST(what_no_version_can_carry),
		TEST(limits),
		TEST(logins),
		TEST(choices_of_a_login),
		TEST(passwords_asked_for),
		TEST(passwords_too_long),
		TEST(passwords_mistyped),
		TEST(passwords_typed_slowly),
		TEST(replies_of_5),
		TEST(replies_of_4),
		TEST(versions_that_are_wrong),
		TEST(addresses_in_turn),
		TEST(replies_about_one_address),
		TEST(addresses_for_version_4),
		TEST(addresses_without_end),
		TEST(names_without_address),
		TEST(addresses_and_passwords),
		TEST(aliens),
		TEST(ends_of_5),
		TEST(ends_of_4),
		TEST(talk_without_secrets),
		TEST(talks_to_nobody),
		TEST(messages_over_the_ceiling),
	};

	return test_all(tests, COUNT(tests));
}
