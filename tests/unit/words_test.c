/* words_test.c -- what a person can read out of a proxy's answer. */
#include "test.h"
#include "words.h"

static uint8_t bytes[70000];
static struct http_response response;

static void
parse(const char *status, const char *fields)
{
	int n = snprintf((char *)bytes, sizeof bytes, "HTTP/1.1 %s\r\n%s\r\n",
	    status, fields);

	CHECK_STR(http_parse_head(&response, bytes, (size_t)n), NULL);
}

static void
check_proxy_status(const char *fields, const char *want)
{
	struct buf b;

	test_row = fields;
	parse("502 Bad Gateway", fields);
	buf_init(&b, 1000);
	CHECK_INT(words_of_fields(&b, &response), 0);
	CHECK_BUF(&b, want);
	buf_free(&b);
	test_row = NULL;
}

static void
proxy_status(void)
{
	check_proxy_status("", "");
	check_proxy_status("Proxy-Status: p\r\n", "");
	check_proxy_status("Proxy-Status: p; error=connection_refused\r\n",
	    "connection_refused");
	check_proxy_status(
	    "Proxy-Status: p; error=dns_error; rcode=\"NXDOMAIN\"\r\n",
	    "dns_error");
	check_proxy_status("proxy-status: \"p, q\";error=http_request_denied;"
			   "details=\"by rule 7, see; there\"\r\n",
	    "http_request_denied: by rule 7, see; there");
	check_proxy_status(
	    "Proxy-Status: a; error=first, b; error=second\r\n", "second");
	check_proxy_status("Proxy-Status: a; error=first; details=\"x\"\r\n"
			   "Proxy-Status: b; error=second, c\r\n",
	    "second");
	check_proxy_status(
	    "Proxy-Status: a; error=first, b; details=\"x\"\r\n", "first");
	check_proxy_status(
	    "Proxy-Status: a; details=\"x\", b; error=second\r\n", "second");
	check_proxy_status("Proxy-Status: p; error=\r\n", "");
	check_proxy_status("Proxy-Status: p; error=x; details=\"\r\n", "x");
	check_proxy_status("Proxy-Status: p; error=\"a\x1b[2J\"\r\n", "a?[2J");
}

/* Parameters are told apart from what quoted strings say (RFC 8941 3.1.2). */
static void
proxy_status_strings(void)
{
	check_proxy_status("Proxy-Status: p; details=\"no error=here\"; "
			   "error=dns_error\r\n",
	    "dns_error: no error=here");
	check_proxy_status("Proxy-Status: p; error=e; details=\"a \\\"b\\\" "
			   "c\"\r\n",
	    "e: a \"b\" c");
}

static void
check_body(const char *fields, const char *body, const char *want)
{
	struct buf b;

	test_row = body;
	parse("403 Forbidden", fields);
	buf_init(&b, 1000);
	CHECK_INT(words_of_body(&b, &response, span_of(body)), 0);
	CHECK_BUF(&b, want);
	buf_free(&b);
	test_row = NULL;
}

static void
plain_bodies(void)
{
	static const char plain[] = "Content-Type: text/plain\r\n";

	check_body(plain, "", "");
	check_body(
	    plain, "Port 22 is not allowed.\n", "Port 22 is not allowed.");
	check_body(plain, "\r\n\r\n  Not  today\r\nmore\r\n", "Not today");
	check_body("", "no type, no line end", "no type, no line end");
	check_body(plain, "403 Forbidden\nby policy", "by policy");
	check_body(plain, "Forbidden\n403\n----\n1234\nby policy", "by policy");
	check_body(plain, "forbidden", "");
	check_body(plain, "ERROR\nreason", "reason");
	check_body(
	    plain, "The system returned: x\nDetails:\nso it is", "so it is");
	check_body(plain, "404 Forbidden", "404 Forbidden");
	check_body(plain, "\x1b[2Jred\x9b", "?[2Jred?");
	check_body("Content-Encoding: gzip\r\n", "looks like text", "");
}

static void
html_bodies(void)
{
	static const char html[] = "Content-Type: text/html; charset=x\r\n";

	check_body(html,
	    "<html><head><title>Squid</title></head><body>"
	    "<h1>ERROR</h1><p>Access denied.</p></body></html>",
	    "Access denied.");
	check_body("", "<!DOCTYPE html><p>Denied", "Denied");
	check_body(
	    html, "<h1>403 Forbidden</h1>\n<p>by\npolicy</p>", "by policy");
	check_body(html, "<p>a<b>b</b><i>c</i> d</p>", "abc d");
	check_body(html, "<p>Forbidden</p>a &amp; b &lt;c&gt; &quot;d&#39;&x",
	    "a & b <c> \"d'&x");
	check_body(html, "<style>p { color: red }</style><p>text</p>", "text");
	check_body(html, "<STYLE>p</sTyle>text", "text");
	check_body(html, "<!-- hidden > still --><p>seen</p>", "seen");
	check_body(html, "<!-- open", "");
	check_body(html, "<script>var a = 1;</script>text", "text");
	check_body(html, "<script src=\"x\"></script>text", "text");
	check_body(html, "<p", "");
	check_body(html, "<", "");
	check_body(html, "</", "");
	check_body(html, "&", "");
	check_body(html, "a&am", "a&am");
	check_body(html, "<p>text</p", "text");
	check_body(html, "<header>top</header>", "top");
	check_body(html, "<p>&lt;script&gt;</p>", "<script>");
}

/* A script ends at its end tag only, whatever it compares. */
static void
html_scripts(void)
{
	check_body("", "<script>if (a<b) c();</script><p>text</p>", "text");
	check_body("", "<style>a<b</style><p>text</p>", "text");
}

/* The end tag of a head may be left out (HTML 13.1.2.4). */
static void
html_without_end_of_head(void)
{
	check_body("", "<html><head><title>x</title><body><p>text</p>", "text");
}

static void
long_bodies(void)
{
	static char body[WORDS_BODY_MAX + 1000];
	struct buf b;

	parse("403 Forbidden", "");
	memset(body, 'a', sizeof body);
	buf_init(&b, 1000);
	CHECK_INT(
	    words_of_body(&b, &response, (struct span){ body, sizeof body }),
	    0);
	CHECK_INT(buf_len(&b), WORDS_MAX + 3);
	buf_free(&b);
	memcpy(body, "<p>", 3);
	CHECK_INT(
	    words_of_body(&b, &response, (struct span){ body, sizeof body }),
	    0);
	CHECK_INT(buf_len(&b), WORDS_MAX + 3);
	buf_free(&b);
	memset(body, '<', sizeof body);
	CHECK_INT(
	    words_of_body(&b, &response, (struct span){ body, sizeof body }),
	    0);
	CHECK_INT(buf_len(&b), 0);
	buf_free(&b);
	buf_init(&b, 3);
	CHECK_INT(words_of_body(&b, &response, span_of("text")), -1);
	buf_free(&b);
}

static void
blames_the_name(void)
{
	parse("503 Service Unavailable", "X-Squid-Error: ERR_DNS_FAIL 0\r\n");
	CHECK(words_blame_name(&response, span_of("")));
	parse("502 x", "Proxy-Status: p; error=dns_timeout\r\n");
	CHECK(words_blame_name(&response, span_of("")));
	parse("502 Host not found", "");
	CHECK(words_blame_name(&response, span_of("")));
	parse("502 x", "");
	CHECK(words_blame_name(&response,
	    span_of("<p>Unable to determine IP address from host name")));
	CHECK(words_blame_name(
	    &response, span_of("lookup x on 192.0.2.1:53: no such host")));
	CHECK(!words_blame_name(&response, span_of("Connection refused")));
	parse("503 x", "X-Squid-Error: ERR_CONNECT_FAIL 111\r\n");
	CHECK(!words_blame_name(&response, span_of("")));
}

static void
wants_tls(void)
{
	CHECK(words_want_tls(span_of("<center>The plain HTTP request was "
				     "sent to HTTPS port</center>")));
	CHECK(words_want_tls(span_of("You're speaking plain HTTP to an "
				     "SSL-enabled server port.")));
	CHECK(words_want_tls(span_of(
	    "Client sent an HTTP request to an HTTPS server.\nSent to https")));
	CHECK(!words_want_tls(span_of("Bad request")));
	CHECK(!words_want_tls(span_of("")));
}

static void
check_banner(const void *p, size_t n, enum fail_cause cause, const char *want)
{
	enum fail_cause got_cause;
	const char *got = words_banner((struct span){ p, n }, &got_cause);

	test_row = p;
	CHECK_INT(got_cause, cause);
	if (want == NULL || got == NULL)
		CHECK_STR(got, want);
	else
		CHECK_HAS(got, want);
	test_row = NULL;
}

static void
banners(void)
{
#define BANNER(s, cause, want) \
	check_banner(s, sizeof s - 1, CAUSE_##cause, want)
	BANNER("", ALIEN, NULL);
	BANNER("SSH-2.0-OpenSSH_9.2\r\n", SERVER, "SSH");
	BANNER("SSH", ALIEN, NULL);
	BANNER("220 mail.example ESMTP\r\n", SERVER, "SMTP");
	BANNER("220-welcome", SERVER, "FTP");
	BANNER("+OK ready", SERVER, "POP3");
	BANNER("* OK IMAP4rev1", SERVER, "IMAP");
	BANNER("RFB 003.008\n", SERVER, "VNC");
	BANNER("@RSYNCD: 31.0\n", SERVER, "rsync");
	BANNER("-ERR unknown command", SERVER, "Redis");
	BANNER("CONNECT host.example:22", SERVER, "echo");
	BANNER("\x15\x03\x01\x00\x02\x02\x46", TLS, "TLS");
	BANNER("\x17\x03\x03\x00\x02\x02\x46", OTHER, "leave -W");
	BANNER("\x05\xff", SOCKS5, "SOCKS5");
	BANNER("\0\x5b", SOCKS4, "SOCKS4");
	BANNER("\0\0\x12\x04\0\0\0\0\0\0\x03", SERVER, "HTTP/2");
	BANNER("\0\0\x06\x04\0\0\0\0\0\0\x03", SERVER, "HTTP/2");
	BANNER("\0\0\x06\x04\0\0\0\0", ALIEN, NULL);
	BANNER("\0\0\x06\x04\0\0\0\0\x01", ALIEN, NULL);
	BANNER("HTTP/1.1 400 Bad Request\r\n", HTTP, "use http://");
	BANNER("HTTP/2 200", SERVER, "HTTP/2");
	BANNER("<!DOCTYPE HTML>", SERVER, "HTTP/0.9");
	BANNER("<HTML>", SERVER, "HTTP/0.9");
	BANNER("ssh-2.0", ALIEN, NULL);
	BANNER("hello", ALIEN, NULL);
#undef BANNER
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(proxy_status),
		TEST(proxy_status_strings),
		TEST(plain_bodies),
		TEST(html_bodies),
		TEST(html_scripts),
		TEST(html_without_end_of_head),
		TEST(long_bodies),
		TEST(blames_the_name),
		TEST(wants_tls),
		TEST(banners),
	};

	return test_all(tests, COUNT(tests));
}
