/* configfile_test.c -- a file in the manner of ssh_config. */
#include "configfile.h"
#include "test.h"

#include <stdlib.h>

/*
 * Walks over a copy of an exact size, for a destination; appends all that
 * applies as "LINE.SECTION KEYWORD=[VALUE];", and what ends the walk unless
 * that is the end.
 */
static void
walk(struct buf *out, const char *text, size_t n, const struct endpoint *to)
{
	char *copy = malloc(n == 0 ? 1 : n);
	struct configfile c;
	struct span what;
	const char *fault;
	int rc;

	memcpy(copy, text, n);
	configfile_begin(&c, (struct span){ copy, n }, to);
	while ((rc = configfile_next(&c, &what, &fault)) == 1)
		if (c.applies)
			buf_putf(out, "%u.%u %.*s=[%s];", c.line, c.section,
			    (int)c.keyword.n, c.keyword.p, buf_str(&c.value));
	if (rc == -1)
		buf_putf(
		    out, "%u '%.*s': %s", c.line, (int)what.n, what.p, fault);
	else
		CHECK_INT(rc, 0);
	configfile_end(&c);
	free(copy);
}

static void
check(const char *text, const char *want)
{
	char host[] = "host.example";
	const struct endpoint to = { host, NULL, 22 };
	struct buf out;

	test_row = text;
	buf_init(&out, 4000);
	walk(&out, text, strlen(text), &to);
	CHECK_BUF(&out, want);
	buf_free(&out);
	test_row = NULL;
}

static void
lines(void)
{
	check("", "");
	check("\n\r\n \t\n", "");
	check("Proxy p:1", "1.0 Proxy=[p:1];");
	check("Proxy p:1\n", "1.0 Proxy=[p:1];");
	check("\n\n  Proxy\t p:1 \t\r\n", "3.0 Proxy=[p:1];");
	check("Proxy=p:1", "1.0 Proxy=[p:1];");
	check("Proxy = p:1", "1.0 Proxy=[p:1];");
	check("Proxy\t=p:1", "1.0 Proxy=[p:1];");
	check("Proxy ==p:1", "1.0 Proxy=[=p:1];");
	check("Header X-A: b  c=d", "1.0 Header=[X-A: b  c=d];");
	check("Encrypt", "1.0 Encrypt=[];");
	check("Encrypt=", "1.0 Encrypt=[];");
	check("=x", "1.0 =[x];");
	check("a 1\nB 2\r\nc 3", "1.0 a=[1];2.0 B=[2];3.0 c=[3];");
	check("a \xc3\xa4", "1.0 a=[\xc3\xa4];");
	check("hosts x", "1.0 hosts=[x];");
}

static void
comments(void)
{
	check("# a\n  #b\n#\nc 1", "4.0 c=[1];");
	check("a 1 # b", "1.0 a=[1];");
	check("a 1\t#", "1.0 a=[1];");
	check("a # b", "1.0 a=[];");
	check("a=#b", "1.0 a=[];");
	check("a b#c", "1.0 a=[b#c];");
	check("a \"b # c\" # d", "1.0 a=[b # c];");
	check("a 'b # c'", "1.0 a=[b # c];");
	check("a b \"c # d\" # e", "1.0 a=[b \"c # d\"];");
	check("a \"b\\\" # c\" # d", "1.0 a=[b\" # c];");
	/* What looks like an open quote holds it. */
	check("a don't # b", "1.0 a=[don't # b];");
	check("Host host.example # other\na 1", "2.1 a=[1];");
	check("a 1 #\nb 2", "1.0 a=[1];2.0 b=[2];");
}

static void
quotes(void)
{
	check("a \"b c\"", "1.0 a=[b c];");
	check("a=\"b c\"", "1.0 a=[b c];");
	check("a 'b \"c'", "1.0 a=[b \"c];");
	check("a \"b \\\"c\\\\\"", "1.0 a=[b \"c\\];");
	check("a \" b \"", "1.0 a=[ b ];");
	check("a \"\"", "1.0 a=[];");
	/* A command has quotes of its own. */
	check(
	    "a \"my pass\" show \"x y\"", "1.0 a=[\"my pass\" show \"x y\"];");
	check("a pass 'x'", "1.0 a=[pass 'x'];");
	check("a \"b", "1.0 a=[\"b];");
	check("a b\\c", "1.0 a=[b\\c];");
}

static void
sections(void)
{
	check("a 1\nHost other\nb 2\nHost host.example\nc 3\n"
	      "Host *\nd 4",
	    "1.0 a=[1];5.2 c=[3];7.3 d=[4];");
	check("HOST=host.example\na 1", "2.1 a=[1];");
	check("host = \"host.example\"\na 1", "2.1 a=[1];");
	check("Host other host.example\na 1", "2.1 a=[1];");
	check("Host other\na 1\nb 2", "");
	check("Host host.example", "");
	check("Host", "1 'Host': a pattern is missing");
	check("a 1\nHost # x", "1.0 a=[1];2 'Host': a pattern is missing");
}

/* Does a section with these patterns apply? */
static void
check_host(const char *patterns, char *host, uint16_t port, int want)
{
	const struct endpoint to = { host, NULL, port };
	char text[300];
	struct buf out;

	snprintf(text, sizeof text, "Host %s", patterns);
	test_row = text;
	strcat(text, "\na 1\n");
	buf_init(&out, 1000);
	walk(&out, text, strlen(text), &to);
	CHECK_BUF(&out, want ? "2.1 a=[1];" : "");
	buf_free(&out);
	test_row = NULL;
}

static void
names(void)
{
	char host[] = "a.Corp.example", address[] = "192.0.2.7";

	check_host("a.corp.example", host, 22, 1);
	check_host("A.CORP.EXAMPLE", host, 22, 1);
	/* A name alone has nothing below it. */
	check_host("corp.example", host, 22, 0);
	check_host("a.corp.exampl", host, 22, 0);
	check_host("a.corp.example.", host, 22, 0);
	check_host("*", host, 22, 1);
	check_host("**", host, 22, 1);
	check_host("*.corp.example", host, 22, 1);
	check_host("*.example", host, 22, 1);
	check_host("*corp*", host, 22, 1);
	check_host("*corp", host, 22, 0);
	check_host("a.*.e*", host, 22, 1);
	check_host("a.corp.example*", host, 22, 1);
	check_host("?.corp.example", host, 22, 1);
	check_host("?a.corp.example", host, 22, 0);
	check_host("??corp.example", host, 22, 1);
	check_host("a.corp.example?", host, 22, 0);
	check_host("*a*a*e", host, 22, 1);
	check_host("*a*a*a*e", host, 22, 0);
	check_host("x y *.example z", host, 22, 1);
	check_host("192.0.2.*", address, 22, 1);
	check_host("192.0.2.?", address, 22, 1);
	check_host("192.0.2.*", host, 22, 0);
}

static void
negations(void)
{
	char host[] = "a.example";

	check_host("!a.example", host, 22, 0);
	check_host("* !a.example", host, 22, 0);
	check_host("!a.example *", host, 22, 0);
	check_host("* !b.example", host, 22, 1);
	/* Nobody is let in by what does not keep it out. */
	check_host("!b.example", host, 22, 0);
	check_host("* !*:22", host, 22, 0);
	check_host("* !*:22", host, 443, 1);
	check_host("* !10.0.0.0/8", host, 22, 1);
}

static void
addresses(void)
{
	char v4[] = "10.1.2.3", v6[] = "2001:db8::7", name[] = "ten.example";

	check_host("10.1.2.3", v4, 22, 1);
	check_host("10.0.0.0/8", v4, 22, 1);
	check_host("11.0.0.0/8", v4, 22, 0);
	check_host("10.0.0.0/8", name, 22, 0);
	check_host("0.0.0.0/0", name, 22, 0);
	check_host("2001:db8::7", v6, 22, 1);
	check_host("[2001:db8::7]", v6, 22, 1);
	check_host("2001:DB8:0::7", v6, 22, 1);
	check_host("2001:db8::/32", v6, 22, 1);
	check_host("[2001:db8::]/32", v6, 22, 1);
	check_host("2001:db9::/32", v6, 22, 0);
	check_host("::/0", v4, 22, 0);
	check_host("*", v6, 22, 1);
}

static void
ports(void)
{
	char host[] = "a.example", v4[] = "10.1.2.3", v6[] = "::1";

	check_host("a.example:22", host, 22, 1);
	check_host("a.example:22", host, 443, 0);
	check_host("*:443", host, 443, 1);
	check_host(":443", host, 443, 1);
	check_host(":443", v6, 443, 1);
	check_host(":443", host, 22, 0);
	check_host("b.example:22", host, 22, 0);
	check_host("10.0.0.0/8:22", v4, 22, 1);
	check_host("10.0.0.0/8:22", v4, 23, 0);
	check_host("[::1]:22", v6, 22, 1);
	check_host("[::1]:22", v6, 23, 0);
	check_host("[::]/0:22", v6, 22, 1);
	check_host("::1", v6, 22, 1);
}

static void
patterns_that_are_none(void)
{
	check("Host *:ssh\na 1",
	    "1 '*:ssh': the port is a number from 1 to 65535");
	check("Host a:0", "1 'a:0': the port is a number from 1 to 65535");
	check("Host a:65536",
	    "1 'a:65536': the port is a number from 1 to 65535");
	check("Host a:", "1 'a:': the port is a number from 1 to 65535");
	check("Host x !a:y", "1 'a:y': the port is a number from 1 to 65535");
	check("Host 10.0.0.0/33",
	    "1 '10.0.0.0/33': neither a name nor an address nor a network");
	check(
	    "Host a/8", "1 'a/8': neither a name nor an address nor a network");
	check("Host a:b:c",
	    "1 'a:b:c': neither a name nor an address nor a network");
	check("Host \"\"", "1 '': neither a name nor an address nor a network");
	check("Host !", "1 '': neither a name nor an address nor a network");
	check(
	    "Host !!a", "1 '!a': neither a name nor an address nor a network");
	check("Host \"a b\"",
	    "1 'a b': neither a name nor an address nor a network");
	check("Host \"a b",
	    "1 '\"a b': neither a name nor an address nor a network");
	/* Also where the section before it has all that is wanted. */
	check("a 1\nHost host.example\nb 2\nHost a:\n",
	    "1.0 a=[1];3.1 b=[2];4 'a:': the port is a number from 1 to 65535");
}

static void
words(void)
{
	static const char text[] =
	    "include = a \"b c\"\t'd e'  \"f # x\nInclude x # y\nincludes z\n";
	static const char *const want[] = { "a", "b c", "'d", "e'",
		"\"f # x" };
	char host[] = "h";
	const struct endpoint to = { host, NULL, 1 };
	struct configfile at;
	struct span what, word;
	const char *fault;
	size_t i = 0;

	configfile_begin(&at, span_of(text), &to);
	CHECK_INT(configfile_next(&at, &what, &fault), 1);
	CHECK(configfile_includes(&at));
	for (; configfile_word(&at.raw, &word); i++)
		CHECK(i < COUNT(want) && span_is(word, want[i]));
	CHECK_INT(i, COUNT(want));
	CHECK_INT(configfile_next(&at, &what, &fault), 1);
	CHECK(configfile_includes(&at));
	CHECK(configfile_word(&at.raw, &word) && span_is(word, "x"));
	CHECK(!configfile_word(&at.raw, &word));
	CHECK_INT(configfile_next(&at, &what, &fault), 1);
	CHECK(!configfile_includes(&at));
	configfile_end(&at);
}

static void
nul_bytes(void)
{
	char host[] = "h";
	const struct endpoint to = { host, NULL, 22 };
	struct buf out;

	buf_init(&out, 1000);
	walk(&out, "a 1\nb \0\n", 8, &to);
	CHECK_HAS(buf_str(&out), "1.0 a=[1];2 'b ");
	CHECK_HAS(buf_str(&out), ": a NUL byte is in this line");
	buf_free(&out);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(lines),
		TEST(comments),
		TEST(quotes),
		TEST(sections),
		TEST(names),
		TEST(negations),
		TEST(addresses),
		TEST(ports),
		TEST(patterns_that_are_none),
		TEST(words),
		TEST(nul_bytes),
	};

	return test_all(tests, COUNT(tests));
}
