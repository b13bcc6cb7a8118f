/* noproxy_test.c -- which destinations no_proxy takes out. */
#include "noproxy.h"
#include "test.h"

struct row {
	const char *list, *host;
	int matches;
};

static void
check_rows(const struct row *rows, size_t n)
{
	char text[200];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof text, "'%s' and %s", rows[i].list,
		    rows[i].host);
		test_row = text;
		CHECK_INT(noproxy_matches(rows[i].list, rows[i].host),
		    rows[i].matches);
		test_row = NULL;
	}
}

static void
names(void)
{
	static const struct row rows[] = {
		{ "", "host", 0 },
		{ "host", "host", 1 },
		{ "HOST", "host", 1 },
		{ "host", "HoSt", 1 },
		{ "host", "host2", 0 },
		{ "host", "ahost", 0 },
		{ "corp.example", "www.corp.example", 1 },
		{ "corp.example", "a.b.corp.example", 1 },
		{ "corp.example", "corp.example", 1 },
		{ "corp.example", "notcorp.example", 0 },
		{ "corp.example", "corp.example.org", 0 },
		{ "corp.example", "example", 0 },
		{ ".corp.example", "www.corp.example", 1 },
		{ ".corp.example", "corp.example", 1 },
		{ ".corp.example", "notcorp.example", 0 },
		{ "corp.example.", "www.corp.example", 1 },
		{ "corp.example", "www.corp.example.", 1 },
		{ ".", "host", 0 },
		{ "localhost", "127.0.0.1", 0 },
	};

	check_rows(rows, COUNT(rows));
}

static void
lists(void)
{
	static const struct row rows[] = {
		{ "a,b,c", "b", 1 },
		{ "a, b ,\tc", "c", 1 },
		{ "a b c", "b", 1 },
		{ ",,a,,", "a", 1 },
		{ ",,a,,", "b", 0 },
		{ " , ", "b", 0 },
		{ "*", "anything", 1 },
		{ " * ", "anything", 1 },
		{ "*", "192.0.2.1", 1 },
		{ "*", "::1", 1 },
		{ "a,*", "b", 0 },
		{ "*.example", "www.example", 0 },
		{ "localhost,.corp.example,10.0.0.0/8,[::1]", "10.9.8.7", 1 },
		{ "localhost,.corp.example,10.0.0.0/8,[::1]", "::1", 1 },
		{ "localhost,.corp.example,10.0.0.0/8,[::1]", "x.example", 0 },
	};

	check_rows(rows, COUNT(rows));
}

static void
addresses(void)
{
	static const struct row rows[] = {
		{ "192.0.2.1", "192.0.2.1", 1 },
		{ "192.0.2.1", "192.0.2.10", 0 },
		{ "2.1", "192.0.2.1", 0 },
		{ ".2.1", "192.0.2.1", 0 },
		{ "::1", "::1", 1 },
		{ "[::1]", "::1", 1 },
		{ "::1", "[::1]", 1 },
		{ "0:0:0:0:0:0:0:1", "::1", 1 },
		{ "2001:DB8::1", "2001:db8:0::1", 1 },
		{ "::2", "::1", 0 },
		{ "192.0.2.1", "host", 0 },
		{ "0.0.0.0", "::", 0 },
		{ "fe80::1%eth0", "fe80::1%eth0", 1 },
		{ "fe80::1%eth0", "fe80::1%eth1", 0 },
	};

	check_rows(rows, COUNT(rows));
}

static void
networks(void)
{
	static const struct row rows[] = {
		{ "10.0.0.0/8", "10.255.255.255", 1 },
		{ "10.0.0.0/8", "11.0.0.0", 0 },
		{ "10.1.2.3/8", "10.9.9.9", 1 },
		{ "172.16.0.0/12", "172.31.255.255", 1 },
		{ "172.16.0.0/12", "172.32.0.0", 0 },
		{ "192.0.2.128/25", "192.0.2.127", 0 },
		{ "192.0.2.128/25", "192.0.2.128", 1 },
		{ "192.0.2.1/32", "192.0.2.1", 1 },
		{ "192.0.2.1/32", "192.0.2.0", 0 },
		{ "192.0.2.0/31", "192.0.2.1", 1 },
		{ "0.0.0.0/0", "198.51.100.1", 1 },
		{ "0.0.0.0/0", "::1", 0 },
		{ "0.0.0.0/0", "host", 0 },
		{ "10.0.0.0/33", "10.0.0.0", 0 },
		{ "10.0.0.0/", "10.0.0.0", 0 },
		{ "10.0.0.0/x", "10.0.0.0", 0 },
		{ "10.0.0.0/-1", "10.0.0.0", 0 },
		{ "10.0.0.0/8/8", "10.0.0.0", 0 },
		{ "10.0/8", "10.0.0.1", 0 },
		{ "2001:db8::/32", "2001:db8:ffff::1", 1 },
		{ "2001:db8::/32", "2001:db9::1", 0 },
		{ "2001:db8::/33", "2001:db8:7fff::1", 1 },
		{ "2001:db8::/33", "2001:db8:8000::1", 0 },
		{ "[2001:db8::]/32", "2001:db8::1", 1 },
		{ "::1/128", "::1", 1 },
		{ "::1/128", "::2", 0 },
		{ "::1/129", "::1", 0 },
		{ "::/0", "2001:db8::1", 1 },
		{ "::/0", "192.0.2.1", 0 },
	};

	check_rows(rows, COUNT(rows));
}

static void
one_network(void)
{
	static const struct row rows[] = {
		{ "192.0.2.1", "192.0.2.1", 1 },
		{ "192.0.2.1", "192.0.2.2", 0 },
		{ "10.0.0.0/8", "10.1.2.3", 1 },
		{ "[2001:db8::]/32", "2001:db8::1", 1 },
		{ "2001:db8::/32", "[2001:db8::1]", 1 },
		{ "10.0.0.0/8", "host", 0 },
		{ "::/0", "host", 0 },
		{ "10.0.0.0/33", "10.0.0.0", -1 },
		{ "10.0.0.0/", "10.0.0.0", -1 },
		{ "host", "host", -1 },
		{ "*", "10.0.0.0", -1 },
		{ "", "10.0.0.0", -1 },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].list;
		CHECK_INT(
		    noproxy_in_network(span_of(rows[i].list), rows[i].host),
		    rows[i].matches);
	}
	test_row = NULL;
}

static void
hostile_lists(void)
{
	char list[5000];

	memset(list, 'a', sizeof list);
	list[sizeof list - 1] = '\0';
	CHECK_INT(noproxy_matches(list, "a"), 0);
	CHECK_INT(noproxy_matches("a", list), 0);
	CHECK_INT(noproxy_matches(list, list), 1);
	memset(list, ',', sizeof list - 1);
	CHECK_INT(noproxy_matches(list, "a"), 0);
	memset(list, ':', sizeof list - 1);
	CHECK_INT(noproxy_matches(list, "::1"), 0);
	CHECK_INT(noproxy_matches("[", "::1"), 0);
	CHECK_INT(noproxy_matches("[]", "::1"), 0);
	CHECK_INT(noproxy_matches("/", "::1"), 0);
	CHECK_INT(noproxy_matches("[]/0", "::1"), 0);
	CHECK_INT(noproxy_matches("a", ""), 0);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(names),
		TEST(lists),
		TEST(addresses),
		TEST(networks),
		TEST(one_network),
		TEST(hostile_lists),
	};

	return test_all(tests, COUNT(tests));
}
