/* http_test.c -- the CONNECT request, its talk and its verdicts. */
#include "auth.h"
#include "http.h"
#include "test.h"
#include "version.h"

#include <stdlib.h>

#define REQUEST "CONNECT host.example:22 HTTP/1.1\r\n"
#define HOST "Host: host.example:22\r\n"
#define AGENT "User-Agent: proxytunnel/" VERSION "\r\n"
#define KEEP "Proxy-Connection: Keep-Alive\r\n"
#define BASIC "Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n"

static char alice[] = "alice", secret[] = "secret";
static struct login login;
static struct auth_setup setup;
static struct auth_env env; /* Basic needs nothing of it */
static struct http_connect what;
static const char *headers[8];
static struct handshake *h;
static struct buf out, talk;
static struct failure why;

/* A plain question, to be changed before begin. */
static void
plain(void)
{
	memset(&login, 0, sizeof login);
	memset(&setup, 0, sizeof setup);
	memset(&what, 0, sizeof what);
	memset(headers, 0, sizeof headers);
	memset(&why, 0, sizeof why);
	what.authority = "host.example:22";
	what.headers = headers;
	what.auth = &setup;
	setup.login = &login;
	setup.env = &env;
	setup.allowed = AUTH_ALL;
}

static void
with_alice(void)
{
	plain();
	login.credentials.user = alice;
	login.credentials.password = secret;
}

static enum handshake_verdict
begin(void)
{
	buf_init(&out, 2 * HTTP_REQUEST_MAX);
	buf_init(&talk, 2 * HTTP_REQUEST_MAX);
	h = http_connect(&what);
	CHECK(h != NULL);
	h->talk = &talk;
	return h->ops->start(h, &out, &why);
}

static void
finish(void)
{
	h->ops->free(h);
	buf_free(&out);
	buf_free(&talk);
}

static enum handshake_verdict
feed(const char *text)
{
	size_t used, n = strlen(text);
	enum handshake_verdict v;

	v = h->ops->feed(h, (const uint8_t *)text, n, &used, &out, &why);
	CHECK(used <= n);
	if (v == HANDSHAKE_MORE)
		CHECK_INT(used, n);
	return v;
}

static void
check_request(const char *want)
{
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_BUF(&out, want);
	finish();
}

static void
requests(void)
{
	plain();
	check_request(REQUEST HOST AGENT KEEP "\r\n");
	what.authority = "[2001:db8::1]:22";
	check_request("CONNECT [2001:db8::1]:22 HTTP/1.1\r\n"
		      "Host: [2001:db8::1]:22\r\n" AGENT KEEP "\r\n");
	plain();
	what.host = "other.example";
	check_request(REQUEST "Host: other.example\r\n" AGENT KEEP "\r\n");
	with_alice();
	check_request(REQUEST HOST AGENT KEEP "\r\n");
	setup.allowed = AUTH_BASIC;
	check_request(REQUEST HOST BASIC AGENT KEEP "\r\n");
}

static void
headers_of_the_user(void)
{
	plain();
	headers[0] = "X-One: 1";
	headers[1] = "X-Two:2";
	headers[2] = "X-One: again";
	what.nheaders = 3;
	check_request(REQUEST HOST AGENT KEEP
	    "X-One: 1\r\nX-Two:2\r\nX-One: again\r\n\r\n");
	headers[0] = "user-agent: Mozilla";
	headers[1] = "HOST: h";
	headers[2] = "Proxy-connection: close";
	check_request(REQUEST "user-agent: Mozilla\r\nHOST: h\r\n"
			      "Proxy-connection: close\r\n\r\n");
	headers[0] = "User-Agent:";
	headers[1] = "Proxy-Connection: \t";
	headers[2] = "X-Nothing:";
	check_request(REQUEST HOST "\r\n");
	headers[0] = "User-Agent:";
	headers[1] = "User-Agent: mine";
	what.nheaders = 2;
	check_request(REQUEST HOST KEEP "User-Agent: mine\r\n\r\n");
	headers[0] = "Host-Not: x";
	what.nheaders = 1;
	check_request(REQUEST HOST AGENT KEEP "Host-Not: x\r\n\r\n");
	with_alice();
	setup.allowed = AUTH_BASIC;
	headers[0] = "proxy-authorization: Bearer x";
	what.nheaders = 1;
	check_request(
	    REQUEST HOST AGENT KEEP "proxy-authorization: Bearer x\r\n\r\n");
	headers[0] = "Proxy-Authorization:";
	check_request(REQUEST HOST AGENT KEEP "\r\n");
}

static void
request_over_its_ceiling(void)
{
	char *header = malloc(HTTP_REQUEST_MAX + 10);

	plain();
	memset(header, 'x', HTTP_REQUEST_MAX + 10);
	memcpy(header, "A: ", 3);
	header[HTTP_REQUEST_MAX + 9] = '\0';
	headers[0] = header;
	what.nheaders = 1;
	buf_init(&out, HTTP_REQUEST_MAX);
	h = http_connect(&what);
	CHECK_INT(h->ops->start(h, &out, &why), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_LOCAL);
	h->ops->free(h);
	buf_free(&out);
	free(header);
}

static void
faults_of_headers(void)
{
	static const char *const fine[] = { "A: b", "A:", "A:b", "A: b:c",
		"X-Y_z.1~!: \ttab and \xc3\xa9", "Cookie: a=b; c=\"d\"" };
	static const char *const wrong[] = { "", ":", ": x", "A", "A b",
		"A : b", " A: b", "A\t: b", "A: b\r", "A: b\r\nC: d", "A: b\nC",
		"A: \x1b[2J", "A: \x7f", "A: \x01", "A(: b", "\xc3\xa9: b",
		"\n", "A\r\n: b", "A/B: c" };
	size_t i;

	for (i = 0; i < COUNT(fine); i++) {
		test_row = fine[i];
		CHECK_STR(http_header_fault(fine[i]), NULL);
	}
	for (i = 0; i < COUNT(wrong); i++) {
		test_row = wrong[i];
		CHECK(http_header_fault(wrong[i]) != NULL);
	}
}

static void
secret_fields(void)
{
	CHECK(http_is_secret(span_of("Proxy-Authorization")));
	CHECK(http_is_secret(span_of("authorization")));
	CHECK(http_is_secret(span_of(" COOKIE\t")));
	CHECK(!http_is_secret(span_of("Proxy-Authenticate")));
	CHECK(!http_is_secret(span_of("Cookies")));
	CHECK(!http_is_secret(span_of("")));
}

static void
talk_without_secrets(void)
{
	with_alice();
	setup.allowed = AUTH_BASIC;
	headers[0] = "Cookie: session";
	headers[1] = "AUTHORIZATION:Bearer token token";
	headers[2] = "X: \t y";
	what.nheaders = 3;
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_BUF(&talk, "> CONNECT host.example:22 HTTP/1.1\n"
			 "> Host: host.example:22\n"
			 "> Proxy-Authorization: Basic [hidden]\n"
			 "> User-Agent: proxytunnel/" VERSION "\n"
			 "> Proxy-Connection: Keep-Alive\n"
			 "> Cookie: [hidden]\n"
			 "> AUTHORIZATION: Bearer [hidden]\n"
			 "> X: y\n");
	buf_free(&talk);
	CHECK_INT(feed("HTTP/1.1 200 O\x1b[2JK\r\nX:  a\x9b\t b\r\n"
		       "no field\r\nCookie: session token\r\n\r\nrest"),
	    HANDSHAKE_DONE);
	CHECK_BUF(&talk, "< HTTP/1.1 200 O?[2JK\n< X: a? b\n< no field\n"
			 "< Cookie: session [hidden]\n");
	CHECK(strstr(buf_str(&talk), "token") == NULL);
	finish();
}

static void
talks_to_nobody(void)
{
	plain();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	h->talk = NULL;
	CHECK_INT(feed("HTTP/1.1 200 OK\r\n\r\n"), HANDSHAKE_DONE);
	CHECK_INT(buf_len(&out), strlen(REQUEST HOST AGENT KEEP "\r\n"));
	finish();
}

struct meaning {
	const char *status, *fields;
	enum handshake_verdict verdict;
	enum fail_code code;
};

static void
check_meaning(const struct meaning *m)
{
	char head[500];
	int status;

	test_row = m->status;
	plain();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	snprintf(head, sizeof head,
	    "HTTP/1.1 %s\r\nContent-Length: 0\r\n%s\r\n", m->status, m->fields);
	CHECK_INT(feed(head), m->verdict);
	if (m->verdict == HANDSHAKE_FAILED) {
		status = atoi(m->status);
		CHECK_INT(why.code, m->code);
		CHECK_INT(
		    why.status, status == 101 || status > 599 ? 0 : status);
		CHECK(*why.text != '\0');
	}
	finish();
	test_row = NULL;
}

static void
statuses(void)
{
	static const struct meaning rows[] = {
		{ "100 Continue", "", HANDSHAKE_MORE, 0 },
		{ "101 Switching", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "102 Processing", "", HANDSHAKE_MORE, 0 },
		{ "103 Early Hints", "", HANDSHAKE_MORE, 0 },
		{ "200 OK", "", HANDSHAKE_DONE, 0 },
		{ "201 x", "", HANDSHAKE_DONE, 0 },
		{ "204 x", "", HANDSHAKE_DONE, 0 },
		{ "299 x", "", HANDSHAKE_DONE, 0 },
		{ "300 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "302 Found", "Location: http://portal/\r\n", HANDSHAKE_FAILED,
		    FAIL_REFUSED },
		{ "304 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "307 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "400 Bad Request", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "401 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "401 x", "WWW-Authenticate: Basic\r\n", HANDSHAKE_FAILED,
		    FAIL_AUTH },
		{ "402 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "403 Forbidden", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "404 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "405 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "406 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "407 x", "", HANDSHAKE_FAILED, FAIL_AUTH },
		{ "407 x", "Proxy-Authenticate: Basic\r\n", HANDSHAKE_FAILED,
		    FAIL_AUTH },
		{ "408 x", "", HANDSHAKE_FAILED, FAIL_TIMEOUT },
		{ "410 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "411 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "414 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "418 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "425 x", "", HANDSHAKE_FAILED, FAIL_TIMEOUT },
		{ "429 x", "", HANDSHAKE_FAILED, FAIL_TIMEOUT },
		{ "431 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "451 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "499 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "500 x", "", HANDSHAKE_FAILED, FAIL_CONNECT },
		{ "501 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "502 Bad Gateway", "", HANDSHAKE_FAILED, FAIL_CONNECT },
		{ "502 Host not found", "", HANDSHAKE_FAILED, FAIL_RESOLVE },
		{ "503 x", "", HANDSHAKE_FAILED, FAIL_CONNECT },
		{ "503 x", "X-Squid-Error: ERR_DNS_FAIL 0\r\n",
		    HANDSHAKE_FAILED, FAIL_RESOLVE },
		{ "503 x", "Proxy-Status: p; error=dns_error\r\n",
		    HANDSHAKE_FAILED, FAIL_RESOLVE },
		{ "504 x", "", HANDSHAKE_FAILED, FAIL_TIMEOUT },
		{ "504 x", "Proxy-Status: p; error=dns_timeout\r\n",
		    HANDSHAKE_FAILED, FAIL_RESOLVE },
		{ "505 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "511 x", "", HANDSHAKE_FAILED, FAIL_REFUSED },
		{ "599 x", "", HANDSHAKE_FAILED, FAIL_CONNECT },
		{ "600 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
		{ "999 x", "", HANDSHAKE_FAILED, FAIL_PROTOCOL },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_meaning(&rows[i]);
}

/* A refusal quotes the proxy, safely and in bounds. */
static void
text_of_a_refusal(void)
{
	static char long_target[3000];

	plain();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed("HTTP/1.1 403 For\x1b[2Jbidden\r\n"
		       "Content-Length: 12\r\n\r\nnot\x07 port 22"),
	    HANDSHAKE_FAILED);
	CHECK_HAS(why.text, "host.example:22");
	CHECK_HAS(why.text, "403 For?[2Jbidden");
	CHECK_HAS(why.text, "not? port 22");
	finish();
	plain();
	memset(long_target, 'a', sizeof long_target - 1);
	what.authority = long_target;
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed("HTTP/1.1 403 x\r\nContent-Length: 3\r\n\r\nwhy"),
	    HANDSHAKE_FAILED);
	CHECK_HAS(why.text, "aaa...: 403 x: why");
	finish();
}

static void
waits_for_words_with_patience(void)
{
	plain();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(h->patience_ms, 0);
	CHECK_INT(feed("HTTP/1.1 403 x\r\n\r\nfirst line\n"), HANDSHAKE_MORE);
	CHECK(h->patience_ms > 0);
	CHECK_INT(h->ops->end(h, HANDSHAKE_DEADLINE, &why), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_REFUSED);
	CHECK_HAS(why.text, "first line");
	finish();
	plain();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed("SSH-2.0-x"), HANDSHAKE_MORE);
	CHECK(h->patience_ms > 0);
	CHECK_INT(h->ops->end(h, HANDSHAKE_DEADLINE, &why), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_PROTOCOL);
	CHECK_HAS(why.text, "SSH");
	finish();
}

static void
check_end(const char *fed, enum handshake_end end,
    enum handshake_verdict verdict, enum fail_code code)
{
	test_row = fed;
	with_alice();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	if (*fed != '\0')
		CHECK_INT(feed(fed), HANDSHAKE_MORE);
	CHECK_INT(h->ops->end(h, end, &why), verdict);
	if (verdict == HANDSHAKE_FAILED)
		CHECK_INT(why.code, code);
	finish();
	test_row = NULL;
}

static void
ends(void)
{
	static const char kept[] = "HTTP/1.1 407 x\r\nContent-Length: 0\r\n"
				   "Proxy-Authenticate: Basic\r\n\r\n";
	static const char body[] = "HTTP/1.1 407 x\r\nContent-Length: 9\r\n"
				   "Proxy-Authenticate: Basic\r\n\r\nabc";

	check_end("", HANDSHAKE_EOF, HANDSHAKE_FAILED, FAIL_PROTOCOL);
	check_end("", HANDSHAKE_RESET, HANDSHAKE_FAILED, FAIL_PROTOCOL);
	check_end("", HANDSHAKE_DEADLINE, HANDSHAKE_FAILED, FAIL_TIMEOUT);
	check_end("HTTP/1.1 2", HANDSHAKE_EOF, HANDSHAKE_FAILED, FAIL_PROTOCOL);
	check_end("HTTP/1.1 100 x\r\n\r\n", HANDSHAKE_RESET, HANDSHAKE_FAILED,
	    FAIL_PROTOCOL);
	check_end(
	    "HTTP/1.1 2", HANDSHAKE_DEADLINE, HANDSHAKE_FAILED, FAIL_TIMEOUT);
	check_end(kept, HANDSHAKE_EOF, HANDSHAKE_AGAIN, 0);
	check_end(kept, HANDSHAKE_RESET, HANDSHAKE_AGAIN, 0);
	check_end(kept, HANDSHAKE_DEADLINE, HANDSHAKE_FAILED, FAIL_TIMEOUT);
	check_end(body, HANDSHAKE_EOF, HANDSHAKE_AGAIN, 0);
	check_end(body, HANDSHAKE_RESET, HANDSHAKE_AGAIN, 0);
	check_end(body, HANDSHAKE_DEADLINE, HANDSHAKE_FAILED, FAIL_TIMEOUT);
}

/* What was learnt on one connection is used on the next. */
static void
begins_again(void)
{
	with_alice();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	buf_free(&out);
	CHECK_INT(feed("HTTP/1.0 407 x\r\nProxy-Authenticate: Basic\r\n\r\n"),
	    HANDSHAKE_AGAIN);
	CHECK_INT(buf_len(&out), 0);
	CHECK_INT(h->ops->start(h, &out, &why), HANDSHAKE_MORE);
	CHECK_BUF(&out, REQUEST HOST BASIC AGENT KEEP "\r\n");
	CHECK_INT(feed("HTTP/1.1 200 OK\r\n\r\n"), HANDSHAKE_DONE);
	finish();
	/* On the new connection nothing was kept that could be closed. */
	with_alice();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	CHECK_INT(feed("HTTP/1.0 407 x\r\nProxy-Authenticate: Basic\r\n\r\n"),
	    HANDSHAKE_AGAIN);
	CHECK_INT(h->ops->start(h, &out, &why), HANDSHAKE_MORE);
	CHECK_INT(h->ops->end(h, HANDSHAKE_EOF, &why), HANDSHAKE_FAILED);
	CHECK_INT(why.code, FAIL_PROTOCOL);
	finish();
}

#define PLAIN REQUEST HOST AGENT KEEP "\r\n"
#define TICKET "Proxy-Authorization: Negotiate dGlja2V0\r\n"

/* What is to go out now, and nothing else. */
static void
check_out(const char *want)
{
	CHECK_BUF(&out, want);
	buf_free(&out);
}

/* A tunnel with that challenge, after which one follows over the login. */
static void
open_after(const char *challenge)
{
	char head[200];

	CHECK_INT(begin(), HANDSHAKE_MORE);
	check_out(PLAIN);
	snprintf(head, sizeof head,
	    "HTTP/1.1 407 x\r\nContent-Length: 0\r\n"
	    "Proxy-Authenticate: %s\r\n\r\n",
	    challenge);
	if (feed(head) == HANDSHAKE_TOKEN)
		CHECK_INT(
		    h->ops->resume(h, span_of("ticket"), NULL, &out, &why),
		    HANDSHAKE_MORE);
	CHECK_INT(feed("HTTP/1.1 200 OK\r\n\r\n"), HANDSHAKE_DONE);
	finish();
}

static void
begins_with_what_was_learnt(void)
{
	with_alice();
	open_after("Basic realm=x");
	CHECK_INT(begin(), HANDSHAKE_MORE);
	check_out(REQUEST HOST BASIC AGENT KEEP "\r\n");
	CHECK(span_starts(BUF_SPAN(&talk), "* Basic: unasked, "));
	CHECK_INT(feed("HTTP/1.1 200 OK\r\n\r\n"), HANDSHAKE_DONE);
	finish();
	/* A header of the user's still goes instead. */
	headers[0] = "Proxy-Authorization: Bearer x";
	what.nheaders = 1;
	check_request(
	    REQUEST HOST AGENT KEEP "Proxy-Authorization: Bearer x\r\n\r\n");
}

/* The first thing that a connection is for may be a token. */
static void
begins_with_a_token(void)
{
	plain();
	open_after("Negotiate");
	CHECK_INT(begin(), HANDSHAKE_TOKEN);
	CHECK_INT(h->token.n, 0);
	CHECK_INT(buf_len(&out), 0);
	CHECK_INT(h->ops->resume(h, span_of("ticket"), NULL, &out, &why),
	    HANDSHAKE_MORE);
	check_out(REQUEST HOST TICKET AGENT KEEP "\r\n");
	CHECK_INT(feed("HTTP/1.1 200 OK\r\n\r\n"), HANDSHAKE_DONE);
	finish();
	/* Some close where they do not want one: they are asked plainly. */
	CHECK_INT(begin(), HANDSHAKE_TOKEN);
	CHECK_INT(h->ops->resume(h, span_of("ticket"), NULL, &out, &why),
	    HANDSHAKE_MORE);
	check_out(REQUEST HOST TICKET AGENT KEEP "\r\n");
	CHECK_INT(h->ops->end(h, HANDSHAKE_EOF, &why), HANDSHAKE_AGAIN);
	CHECK_INT(h->ops->start(h, &out, &why), HANDSHAKE_MORE);
	check_out(PLAIN);
	CHECK_INT(h->ops->end(h, HANDSHAKE_EOF, &why), HANDSHAKE_FAILED);
	finish();
}

static void
begins_plainly_without_a_token(void)
{
	with_alice();
	open_after("Negotiate");
	CHECK_INT(begin(), HANDSHAKE_TOKEN);
	CHECK_INT(h->ops->resume(
		      h, (struct span){ NULL, 0 }, "no ticket", &out, &why),
	    HANDSHAKE_MORE);
	check_out(PLAIN);
	CHECK_INT(feed("HTTP/1.1 407 x\r\nContent-Length: 0\r\n"
		       "Proxy-Authenticate: Basic\r\n\r\n"),
	    HANDSHAKE_MORE);
	check_out(REQUEST HOST BASIC AGENT KEEP "\r\n");
	finish();
}

/* The verdict does not hang on how the bytes come. */
static void
long_body_of_407(void)
{
	static const char head[] = "HTTP/1.1 407 x\r\nContent-Length: 300000"
				   "\r\nProxy-Authenticate: Basic\r\n\r\n";
	size_t n = sizeof head - 1 + 300000, used, at, piece;
	uint8_t *all = malloc(n);
	enum handshake_verdict whole, pieces = HANDSHAKE_MORE;

	memset(all, 'x', n);
	memcpy(all, head, sizeof head - 1);
	with_alice();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	whole = h->ops->feed(h, all, n, &used, &out, &why);
	finish();
	CHECK_INT(begin(), HANDSHAKE_MORE);
	for (at = 0; pieces == HANDSHAKE_MORE && at < n; at += used) {
		piece = n - at < 1000 ? n - at : 1000;
		pieces = h->ops->feed(h, all + at, piece, &used, &out, &why);
	}
	finish();
	CHECK_INT(whole, pieces);
	free(all);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(requests),
		TEST(headers_of_the_user),
		TEST(request_over_its_ceiling),
		TEST(faults_of_headers),
		TEST(secret_fields),
		TEST(talk_without_secrets),
		TEST(talks_to_nobody),
		TEST(statuses),
		TEST(text_of_a_refusal),
		TEST(waits_for_words_with_patience),
		TEST(ends),
		TEST(begins_again),
		TEST(begins_with_what_was_learnt),
		TEST(begins_with_a_token),
		TEST(begins_plainly_without_a_token),
		TEST(long_body_of_407),
	};

	return test_all(tests, COUNT(tests));
}
