/* alternatives_test.c -- a route's first proxy is one of a list. */
#include "alternatives.h"
#include "options.h"
#include "test.h"

static struct config c;
static struct failure why;

static char *
no_env(const char *name)
{
	(void)name;
	return NULL;
}

/* Chooses for host:22, with these options behind -p auto. */
static int
choose(const char *proxies, const char *words)
{
	static const struct config_files none = { .n = 0 };
	static char line[200];
	char *argv[30], *word;
	int argc = 0;

	test_row = proxies;
	memset(&why, 0, sizeof why);
	snprintf(line, sizeof line, "pt host:22 -p auto %s", words);
	for (word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	CHECK_INT(options_parse(&c, argc, argv, &none, no_env, &why), 0);
	CHECK_INT(c.route.automatic, 1);
	return route_choose(&c.route, span_of(proxies), &why);
}

static void
done(void)
{
	options_free(&c);
	test_row = NULL;
}

/* The routes, as "SCHEME NAME NAME..., ..." */
static void
check(const char *proxies, const char *words, const char *want)
{
	const struct route *r;
	struct buf got;
	size_t at;

	CHECK_INT(choose(proxies, words), 0);
	buf_init(&got, 1000);
	for (r = &c.route; r != NULL; r = r->next) {
		buf_puts(&got, r == &c.route ? "" : ", ");
		for (at = 0; at < r->nhops; at++)
			buf_putf(&got, "%d %s ", r->hops[at].scheme,
			    r->hops[at].name);
		buf_puts(&got, r->target_name);
		CHECK_INT(r->rules.answer_due, r->nhops > 0);
	}
	CHECK_BUF(&got, want);
	buf_free(&got);
	done();
}

static void
lists(void)
{
	check("http://a:1\n", "", "0 a:1 host:22");
	check("http://a:1", "", "0 a:1 host:22");
	check("http://a:1\nhttps://b:2\nsocks5h://c:3\ndirect://\n", "",
	    "0 a:1 host:22, 1 b:2 host:22, 5 c:3 host:22, host:22");
	check("direct://\nb:2\n", "", "host:22, 0 b:2 host:22");
	check("socks://s:1\n", "", "5 s:1 host:22, 3 s:1 host:22");
	check("\nftp://x:1\n \nhttp://\nhttp://[::1]:2/\n", "",
	    "0 [::1]:2 host:22");
	check("http://a:1\ndirect://\n", "-r b:2 -r c:3",
	    "0 a:1 0 b:2 0 c:3 host:22, 0 b:2 0 c:3 host:22");
}

/* Of what was said of another proxy nothing is left. */
static void
the_last_proxy_option(void)
{
	static const struct config_files none = { .n = 0 };
	char a[] = "pt", b[] = "h:22", d[] = "-pbob:x@z:1", e[] = "-pauto";
	char *argv[] = { a, b, d, e, NULL };

	CHECK_INT(options_parse(&c, 4, argv, &none, no_env, &why), 0);
	CHECK_INT(route_choose(&c.route, span_of("a:1\nb:1\n"), &why), 0);
	CHECK_STR(c.route.hops[0].name, "a:1");
	CHECK(c.route.hops[0].uri.user == NULL);
	CHECK(c.route.next->hops[0].uri.user == NULL);
	done();
}

static void
none_of_use(void)
{
	static const char *const rows[] = { "", "\n", "ftp://x:1\n",
		"socks://x:y\n", "nonsense\n" };
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		CHECK_INT(choose(rows[i], ""), -1);
		CHECK_INT(why.code, FAIL_CONNECT);
		done();
	}
}

static void
no_more_than_there_is_room_for(void)
{
	const struct route *r;
	char text[2000] = "";
	size_t n = 0;
	int i;

	for (i = 0; i < 100; i++)
		strcat(text, "socks://s:1\n");
	CHECK_INT(choose(text, ""), 0);
	for (r = &c.route; r != NULL; r = r->next)
		n++;
	CHECK_INT(n, ALTERNATIVES_MAX);
	done();
	memmove(text + 11, text, strlen(text) + 1);
	memcpy(text, "http://a:1\n", 11);
	CHECK_INT(choose(text, ""), 0);
	for (n = 0, r = &c.route; r != NULL; r = r->next)
		n++;
	CHECK_INT(n, ALTERNATIVES_MAX + 1);
	done();
}

static void
what_is_said_of_it(void)
{
	const struct route *r;
	const struct hop *h;

	CHECK_INT(choose("http://eve:y@a:1\nhttps://b:2\ndirect://\n",
		      "-P bob:x -HA:1 -HB:2 -t D --spn=HTTP@s -C /ca -o h "
		      "--password-command=p -F /f --netrc=/n -N"),
	    0);
	r = &c.route;
	CHECK_STR(r->hops[0].uri.user, "eve");
	CHECK_STR(r->hops[0].uri.password, "y");
	CHECK_INT(r->hops[0].secure.on, 0);
	r = r->next;
	h = &r->hops[0];
	CHECK(h->uri.user == NULL);
	CHECK_INT(h->secure.on, 1);
	CHECK_STR(h->secure.name, "h");
	CHECK_STR(h->option.user, "bob");
	CHECK_STR(h->option.password, "x");
	CHECK_INT(h->nheaders, 2);
	CHECK_STR(h->headers[1], "B:2");
	CHECK(h->request.http.headers[1] == h->headers[1]);
	CHECK(h->auth.login == &h->login && h->request.http.auth == &h->auth);
	CHECK_STR(h->domain, "D");
	CHECK_STR(h->spn, "HTTP@s");
	CHECK_STR(h->sources.command, "p");
	CHECK_INT(h->auth.allowed, c.route.hops[0].auth.allowed);
	CHECK_STR(h->secure.options.ca, "/ca");
	CHECK_STR(r->host, "h");
	CHECK_STR(r->files.passfile, "/f");
	CHECK_STR(r->files.netrc, "/n");
	CHECK_STR(r->secure.options.ca, "/ca");
	CHECK(r->secure.options.ca != c.route.secure.options.ca);
	r = r->next;
	CHECK_INT(r->nhops, 0);
	CHECK(r->next == NULL);
	done();
	CHECK_INT(choose("direct://\n", "-r b:2 -R eve:y"), 0);
	CHECK_INT(c.route.hops[0].login.further, 1);
	CHECK_STR(c.route.hops[0].option.user, "eve");
	done();
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(lists),
		TEST(the_last_proxy_option),
		TEST(none_of_use),
		TEST(no_more_than_there_is_room_for),
		TEST(what_is_said_of_it),
	};

	return test_all(tests, COUNT(tests));
}
