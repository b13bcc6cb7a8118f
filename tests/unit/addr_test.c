/* addr_test.c -- endpoints, and the URI of a proxy. */
#include "addr.h"
#include "test.h"

/* What came of reading; want is the authority form, or what the text has. */
static void
check_read(int rc, struct endpoint *e, struct failure *why, const char *want)
{
	struct buf b;

	buf_init(&b, 4000);
	if (rc < 0) {
		CHECK_INT(why->code, FAIL_USAGE);
		CHECK(e->host == NULL);
		CHECK_HAS(why->text, want);
	} else {
		CHECK_INT(endpoint_authority(e, &b), 0);
		CHECK_BUF(&b, want);
	}
	buf_free(&b);
	endpoint_free(e);
	test_row = NULL;
}

static void
check_endpoint(const char *text, uint16_t port_default, const char *want)
{
	struct failure why = NO_FAILURE;
	struct endpoint e;

	test_row = text;
	check_read(
	    endpoint_parse(&e, text, port_default, &why), &e, &why, want);
}

static void
endpoints(void)
{
	check_endpoint("host.example:22", 0, "host.example:22");
	check_endpoint("host:1", 0, "host:1");
	check_endpoint("host:65535", 0, "host:65535");
	check_endpoint("host:0022", 0, "host:22");
	check_endpoint("192.0.2.1:443", 0, "192.0.2.1:443");
	check_endpoint("a_b-c.d:1", 0, "a_b-c.d:1");
	check_endpoint("[2001:db8::1]:22", 0, "[2001:db8::1]:22");
	check_endpoint("[::]:22", 0, "[::]:22");
	check_endpoint("[fe80::1%eth0]:22", 0, "[fe80::1%eth0]:22");
	check_endpoint("[fe80::1%25eth0]:22", 0, "[fe80::1%eth0]:22");
	check_endpoint("[fe80::1%25]:22", 0, "[fe80::1%25]:22");
	check_endpoint("host", 3128, "host:3128");
	check_endpoint("host:22", 3128, "host:22");
	check_endpoint("[::1]", 3128, "[::1]:3128");
	check_endpoint("[::1]:22", 3128, "[::1]:22");
}

static void
wrong_endpoints(void)
{
	static const char port[] = "the port is a number from 1 to 65535";

	check_endpoint("", 0, "the host is missing");
	check_endpoint("", 80, "the host is missing");
	check_endpoint(":22", 0, "the host is missing");
	check_endpoint("[]:22", 0, "the host is missing");
	check_endpoint("host", 0, "the port is missing");
	check_endpoint("[::1]", 0, "the port is missing");
	check_endpoint("host:", 0, port);
	check_endpoint("host:", 80, port);
	check_endpoint("host:0", 0, port);
	check_endpoint("host:65536", 0, port);
	check_endpoint("host:99999999999999999999", 0, port);
	check_endpoint("host:22x", 0, port);
	check_endpoint("host: 22", 0, port);
	check_endpoint("host:-1", 0, port);
	check_endpoint("host:+22", 0, port);
	check_endpoint("host:ssh", 0, port);
	check_endpoint("::1", 80, "brackets");
	check_endpoint("2001:db8::1:22", 0, "brackets");
	check_endpoint("host:22:23", 0, "brackets");
	check_endpoint("[::1", 80, "the closing bracket is missing");
	check_endpoint("[::1]22", 0, "behind the bracket comes :PORT");
	check_endpoint("[host]:22", 0, "brackets are for an IPv6 address");
	check_endpoint("[[::1]]:22", 0, "behind the bracket");
	check_endpoint("b\xc3\xbc"
		       "cher.example:1",
	    0, "xn--");
	check_endpoint("ho st:22", 0, "that character");
	check_endpoint("ho\r\nst:22", 0, "that character");
	check_endpoint("host\x7f:22", 0, "that character");
	check_endpoint("user@host:22", 0, "that character");
	check_endpoint("host/path:22", 0, "that character");
	check_endpoint("host?:22", 0, "that character");
	check_endpoint("host#:22", 0, "that character");
	check_endpoint("a]:22", 0, "that character");
	check_endpoint("[a:b[]:22", 0, "that character");
}

static void
long_endpoints(void)
{
	struct failure why = NO_FAILURE;
	struct endpoint e;
	struct buf b;
	char text[1100];

	memset(text, 'a', sizeof text);
	memcpy(text + 1025, ":22", 4);
	CHECK_INT(endpoint_parse(&e, text, 0, &why), 0);
	buf_init(&b, 1027);
	CHECK_INT(endpoint_authority(&e, &b), -1);
	buf_free(&b);
	endpoint_free(&e);
	memset(text, 'a', sizeof text);
	memcpy(text + 1026, ":22", 4);
	CHECK_INT(endpoint_parse(&e, text, 0, &why), -1);
	CHECK_INT(why.code, FAIL_USAGE);
	CHECK_HAS(why.text, "too long");
	CHECK(strlen(why.text) < 200);
}

static void
shows_wrong_endpoints_safely(void)
{
	struct failure why = NO_FAILURE;
	struct endpoint e;

	CHECK_INT(endpoint_parse(&e, "a\x1b[2J\xe2\x80\xae", 0, &why), -1);
	CHECK(strchr(why.text, '\x1b') == NULL);
	CHECK(memchr(why.text, 0x80, strlen(why.text)) == NULL);
}

static void
check_pair(const char *host, const char *port, const char *want)
{
	struct failure why = NO_FAILURE;
	struct endpoint e;

	test_row = host;
	check_read(endpoint_parse_pair(&e, host, port, &why), &e, &why, want);
}

static void
pairs(void)
{
	check_pair("host", "22", "host:22");
	check_pair("::1", "22", "[::1]:22");
	check_pair("[::1]", "22", "[::1]:22");
	check_pair("fe80::1%eth0", "22", "[fe80::1%eth0]:22");
	check_pair("[fe80::1%25eth0]", "22", "[fe80::1%eth0]:22");
	check_pair("", "22", "the host is missing");
	check_pair("[]", "22", "the host is missing");
	check_pair("[", "22", "the closing bracket");
	check_pair("[::1", "22", "the closing bracket");
	check_pair("host:22", "22", "the port stands here");
	check_pair("[host]", "22", "brackets are for");
	check_pair("::1]", "22", "that character");
	check_pair("host", "", "the port is a number");
	check_pair("host", "0", "the port is a number");
	check_pair("host", "65536", "the port is a number");
	check_pair("host", "ssh", "the port is a number");
	check_pair("host", "22 ", "the port is a number");
	check_pair("user@host", "22", "that character");
}

static void
copies_secrets(void)
{
	struct credentials c = { NULL, NULL };
	char *s = secret_copy("abcdef", 3);

	CHECK_STR(s, "abc");
	secret_free(s);
	s = secret_copy("", 0);
	CHECK_STR(s, "");
	secret_free(s);
	secret_free(NULL);
	c.user = secret_copy("u", 1);
	credentials_free(&c);
	CHECK(c.user == NULL && c.password == NULL);
	credentials_free(&c);
}

struct uri_row {
	const char *text;
	enum proxy_scheme scheme;
	const char *user, *password, *host; /* or the path */
	int port;
};

static void
check_uri(const struct uri_row *row)
{
	struct failure why = NO_FAILURE;
	struct proxy_uri u;

	test_row = row->text;
	CHECK_INT(proxy_uri_parse(&u, row->text, &why), 0);
	CHECK_INT(u.scheme, row->scheme);
	CHECK_STR(u.credentials.user, row->user);
	CHECK_STR(u.credentials.password, row->password);
	CHECK_STR(row->port != 0 ? u.at.host : u.at.path, row->host);
	CHECK_STR(row->port != 0 ? u.at.path : u.at.host, NULL);
	CHECK_INT(u.at.port, row->port);
	proxy_uri_free(&u);
	proxy_uri_free(&u);
	test_row = NULL;
}

static void
uris(void)
{
	static const struct uri_row rows[] = {
		{ "p.example:3128", PROXY_HTTP, NULL, NULL, "p.example", 3128 },
		{ "http://p", PROXY_HTTP, NULL, NULL, "p", 80 },
		{ "HTTP://p/", PROXY_HTTP, NULL, NULL, "p", 80 },
		{ "http://p:3128/", PROXY_HTTP, NULL, NULL, "p", 3128 },
		{ "http://p:3128/path", PROXY_HTTP, NULL, NULL, "p", 3128 },
		{ "https://p", PROXY_HTTPS, NULL, NULL, "p", 443 },
		{ "socks4://p", PROXY_SOCKS4, NULL, NULL, "p", 1080 },
		{ "socks4a://p", PROXY_SOCKS4A, NULL, NULL, "p", 1080 },
		{ "socks5://p", PROXY_SOCKS5, NULL, NULL, "p", 1080 },
		{ "socks5h://p:9", PROXY_SOCKS5H, NULL, NULL, "p", 9 },
		{ "socks://p", PROXY_SOCKS5H, NULL, NULL, "p", 1080 },
		{ "unix:/run/proxy", PROXY_HTTP, NULL, NULL, "/run/proxy", 0 },
		{ "unix:/a@b:c@unix:/d", PROXY_HTTP, NULL, NULL,
		    "/a@b:c@unix:/d", 0 },
		{ "http://unix:/p", PROXY_HTTP, NULL, NULL, "/p", 0 },
		{ "https://u@unix:/p", PROXY_HTTPS, "u", NULL, "/p", 0 },
		{ "SOCKS5H://u:w@unix:/p@x/", PROXY_SOCKS5H, "u", "w", "/p@x/",
		    0 },
		{ "u:w@unix:/p", PROXY_HTTP, "u", "w", "/p", 0 },
		{ "http://[::1]:3128/", PROXY_HTTP, NULL, NULL, "::1", 3128 },
		{ "http://[fe80::1%25eth0]", PROXY_HTTP, NULL, NULL,
		    "fe80::1%eth0", 80 },
		{ "u@p:1", PROXY_HTTP, "u", NULL, "p", 1 },
		{ "u:w@p:1", PROXY_HTTP, "u", "w", "p", 1 },
		{ "http://u:w@p", PROXY_HTTP, "u", "w", "p", 80 },
		{ "http://u:@p", PROXY_HTTP, "u", "", "p", 80 },
		{ "http://:w@p", PROXY_HTTP, "", "w", "p", 80 },
		{ "http://@p", PROXY_HTTP, "", NULL, "p", 80 },
		{ "http://u:a:b:c@p", PROXY_HTTP, "u", "a:b:c", "p", 80 },
		{ "http://u:w@x/y?#@p:1/", PROXY_HTTP, "u", "w@x/y?#", "p", 1 },
		{ "http://u%3A:%40%25%C2%A3@p", PROXY_HTTP, "u:", "@%\xc2\xa3",
		    "p", 80 },
		{ "http://u:w@[::1]:1", PROXY_HTTP, "u", "w", "::1", 1 },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_uri(&rows[i]);
}

static void
wrong_uris(void)
{
	static const char *const wrong[] = { "", "p", "p:0", "http://",
		"http:///", "ftp://p:21", "://p:1", "http:/p", "u:w@", "u:w@p",
		"http://u:%@p", "http://u:%zz@p", "http://%0a@p",
		"http://u:%00@p", "http://u:a\nb@p", "http://u:w@p:x",
		"http://::1", "http://[::1", "http://p:1:2", "http://p q",
		"u:w://x@p:1", "unix:p", "unix://x", "unix:/a\nb",
		"unix:/p\x7f", "http://u:%@unix:/p",
		/* 108 bytes of a path */
		("unix:/1234567890123456789012345678901234567890123456789012"
		 "3456789012345678901234567890123456789012345678901234567") };
	struct failure why;
	struct proxy_uri u;
	size_t i;

	for (i = 0; i < COUNT(wrong); i++) {
		test_row = wrong[i];
		memset(&why, 0, sizeof why);
		CHECK_INT(proxy_uri_parse(&u, wrong[i], &why), -1);
		CHECK_INT(why.code, FAIL_USAGE);
		CHECK(*why.text != '\0');
		CHECK(u.at.host == NULL && u.credentials.user == NULL &&
		      u.credentials.password == NULL);
	}
}

static void
wrong_uris_keep_their_secrets(void)
{
	static const char *const wrong[] = { "http://u:secret@p:x",
		"u:secret@p", "http://u:secret%@p", "ftp://u:secret@p",
		"http://u:secret@[::1", "http://u:secret@" };
	struct failure why;
	struct proxy_uri u;
	size_t i;

	for (i = 0; i < COUNT(wrong); i++) {
		test_row = wrong[i];
		CHECK_INT(proxy_uri_parse(&u, wrong[i], &why), -1);
		CHECK(strstr(why.text, "secret") == NULL);
	}
}

static void
finds_the_password(void)
{
	static const struct {
		const char *text, *want;
		size_t at;
	} rows[] = {
		{ "http://u:word@p:1", "word", 9 },
		{ "u:word@p:1", "word", 2 },
		{ "http://u:w@x:y@p", "w@x:y", 9 },
		{ "http://u:%41@p", "%41", 9 },
		{ "ftp://u:word@p", "word", 8 },
		{ "http://:word@p", "word", 8 },
		{ "http://u:@p", "", 9 },
		{ "http://u@p", "", 0 },
		{ "http://p:80", "", 0 },
		{ "p:80", "", 0 },
		{ "", "", 0 },
		{ "@", "", 0 },
		{ "u:word@", "word", 2 },
	};
	struct span s;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].text;
		s = proxy_uri_password(rows[i].text);
		CHECK_SPAN(s, rows[i].want);
		if (s.n > 0)
			CHECK_INT(s.p - rows[i].text, rows[i].at);
	}
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(endpoints),
		TEST(wrong_endpoints),
		TEST(long_endpoints),
		TEST(shows_wrong_endpoints_safely),
		TEST(pairs),
		TEST(copies_secrets),
		TEST(uris),
		TEST(wrong_uris),
		TEST(wrong_uris_keep_their_secrets),
		TEST(finds_the_password),
	};

	return test_all(tests, COUNT(tests));
}
