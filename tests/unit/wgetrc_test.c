/* wgetrc_test.c -- a password file in wget's manner. */
#include "test.h"
#include "wgetrc.h"

static void
check_file(const char *text, const char *user, const char *password,
    const char *remuser, const char *rempassword)
{
	struct wgetrc w;

	test_row = text;
	CHECK_INT(wgetrc_parse(&w, span_of(text)), 0);
	CHECK_STR(w.proxy.user, user);
	CHECK_STR(w.proxy.password, password);
	CHECK_STR(w.remproxy.user, remuser);
	CHECK_STR(w.remproxy.password, rempassword);
	wgetrc_free(&w);
	wgetrc_free(&w);
	test_row = NULL;
}

static void
check_password(const char *value, const char *want)
{
	char text[200];

	snprintf(text, sizeof text, "proxy_passwd = %s\n", value);
	check_file(text, NULL, want, NULL, NULL);
}

static void
reads_names(void)
{
	check_file("", NULL, NULL, NULL, NULL);
	check_file("proxy_user = alice\nproxy_passwd = secret\n"
		   "remproxy_user = bob\nremproxy_passwd = hidden\n",
	    "alice", "secret", "bob", "hidden");
	check_file("proxy_user=alice\r\nproxy_password=secret\r\n", "alice",
	    "secret", NULL, NULL);
	check_file("\n\n  proxy_user\t=\talice  \nproxy_passwd=x", "alice", "x",
	    NULL, NULL);
	check_file("proxy_user = alice", "alice", NULL, NULL, NULL);
	check_file("proxy_user = a\nproxy_user = b\n", "b", NULL, NULL, NULL);
	check_file(
	    "proxy_passwd = a\nproxy_password = b\n", NULL, "b", NULL, NULL);
}

static void
passes_over_the_rest(void)
{
	check_file(
	    "# proxy_user = x\n#proxy_user = y\n", NULL, NULL, NULL, NULL);
	check_file("http_proxy = p:1\nproxy_user2 = x\nmyproxy_user = y\n"
		   "proxy_user\nproxy_passwd: z\n= w\n",
	    NULL, NULL, NULL, NULL);
	check_file("user = alice\npassword = secret\n", NULL, NULL, NULL, NULL);
}

static void
reads_values(void)
{
	check_password("plain", "plain");
	check_password("", "");
	check_password("a b c", "a");
	check_password("a\tb", "a");
	check_password("a=b", "a=b");
	check_password("pass#word", "pass#word");
	check_password("a # comment", "a");
	check_password("\"a b\"", "a b");
	check_password("'a b'", "a b");
	check_password("\"a 'b'\"", "a 'b'");
	check_password("\"a \\\"b\\\"\"", "a \"b\"");
	check_password("'a \\'b\\''", "a 'b'");
	check_password("\"a\\\\b\"", "a\\b");
	check_password("\"a\\nb\"", "a\\nb");
	check_password("\"\"", "");
	check_password("\" \"", " ");
	check_password("\"open", "\"open");
	check_password("\"a\"b", "\"a\"b");
	check_password("\"a\" b", "\"a\"");
	check_password("\"a\\\"", "\"a\\\"");
	check_password("\"", "\"");
	check_password("it's", "it's");
	check_password("\"a'", "\"a'");
	check_password("a\\b", "a\\b");
	check_password("p\xc3\xa4ss", "p\xc3\xa4ss");
}

static void
long_values(void)
{
	static char text[10100];

	strcpy(text, "proxy_passwd = ");
	memset(text + 15, 'x', 10000);
	check_file(text, NULL, text + 15, NULL, NULL);
}

static void
nul_bytes(void)
{
	static const char bad[] = "proxy_user = a\nproxy_passwd = b\0c\n";
	static const char fine[] = "# \0\nproxy_user = a\n";
	struct wgetrc w;

	CHECK_INT(wgetrc_parse(&w, (struct span){ bad, sizeof bad - 1 }), -1);
	CHECK(w.proxy.user == NULL && w.proxy.password == NULL);
	CHECK_INT(wgetrc_parse(&w, (struct span){ fine, sizeof fine - 1 }), 0);
	CHECK_STR(w.proxy.user, "a");
	wgetrc_free(&w);
	CHECK_INT(wgetrc_parse(&w, (struct span){ NULL, 0 }), 0);
	wgetrc_free(&w);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(reads_names),
		TEST(passes_over_the_rest),
		TEST(reads_values),
		TEST(long_values),
		TEST(nul_bytes),
	};

	return test_all(tests, COUNT(tests));
}
