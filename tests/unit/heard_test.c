/* heard_test.c -- what a proxy says of itself. */
#include "heard.h"
#include "test.h"

static uint8_t bytes[70000];
static struct http_response response;
static struct heard heard;

static void
hear(const char *status, const char *fields)
{
	int n = snprintf((char *)bytes, sizeof bytes, "HTTP/1.1 %s\r\n%s\r\n",
	    status, fields);

	test_row = fields;
	CHECK_STR(http_parse_head(&response, bytes, (size_t)n), NULL);
	heard_response(&heard, &response);
}

static void
products(void)
{
	static const struct {
		const char *fields, *product;
	} rows[] = {
		{ "", "" },
		{ "Server: squid/5.7\r\nVia: 1.1 h (other)\r\n", "squid/5.7" },
		{ "Via: 1.1 localhost (squid/5.7)\r\n", "squid/5.7" },
		{ "Via: 1.1 localhost (squid/5.7\r\n", "squid/5.7" },
		{ "Via: HTTP/1.1 ats.example\r\n", "ats.example" },
		{ "Proxy-agent: Apache/2.4.71 (Debian)\r\n",
		    "Apache/2.4.71 (Debian)" },
		{ "Server: \x1b]0;x\a\r\n", "?]0;x?" },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		heard_init(&heard);
		hear("200 OK", rows[i].fields);
		CHECK_BUF(&heard.product, rows[i].product);
		heard_free(&heard);
	}
}

static void
a_login(void)
{
	heard_init(&heard);
	CHECK_INT(heard.status, -1);
	hear("407 Proxy Authentication Required",
	    "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic "
	    "realm=\"a, b\"\r\nServer: squid/5.7\r\n");
	CHECK_INT(heard.status, 407);
	CHECK_INT(heard.demands, 1);
	CHECK_BUF(&heard.offers.names, "Negotiate, Basic");
	CHECK_BUF(&heard.reason, "Proxy Authentication Required");
	hear("200 Connection established", "");
	CHECK_INT(heard.status, 200);
	CHECK_INT(heard.demands, 1);
	CHECK_INT(heard.has_page, 0);
	CHECK_BUF(&heard.offers.names, "Negotiate, Basic");
	CHECK_BUF(&heard.product, "squid/5.7");
	hear("200 OK", "Content-Type: text/html; charset=utf-8\r\n");
	CHECK_INT(heard.has_page, 1);
	heard_free(&heard);
	heard_init(&heard);
	hear("401 No", "WWW-Authenticate: Basic realm=x\r\n");
	CHECK_INT(heard.demands, 1);
	CHECK_BUF(&heard.offers.names, "Basic");
	heard_free(&heard);
}

static void
without_end(void)
{
	static char fields[60000];
	size_t n = 0;
	unsigned i;

	for (i = 0; n < sizeof fields - 400; i++)
		n += (size_t)snprintf(fields + n, sizeof fields - n,
		    "Proxy-Authenticate: Scheme%u %0300u\r\n", i, i);
	heard_init(&heard);
	hear("407 No", fields);
	test_row = NULL;
	CHECK(buf_len(&heard.offers.names) <= HEARD_MAX);
	heard_free(&heard);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(products),
		TEST(a_login),
		TEST(without_end),
	};

	return test_all(tests, COUNT(tests));
}
