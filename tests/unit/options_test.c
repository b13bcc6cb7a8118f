/* options_test.c -- the command line and the environment. */
#include "auth.h"
#include "environment.h"
#include "help.h"
#include "options.h"
#include "optiontable.h"
#include "test.h"

#include <stdlib.h>
#include <sys/socket.h>

#define ARGS_MAX 40
#define ARG_MAX_BYTES 256

static char storage[ARGS_MAX][ARG_MAX_BYTES];
static char *argv[ARGS_MAX + 1];
static struct {
	char name[32], value[ARG_MAX_BYTES];
} environment[8];
static struct config_files files;
static struct config c;
static struct failure why;

static char *
env(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(environment); i++)
		if (strcmp(environment[i].name, name) == 0)
			return environment[i].value;
	return NULL;
}

static void
set_env(size_t i, const char *name, const char *value)
{
	strcpy(environment[i].name, name);
	strcpy(environment[i].value, value);
}

static void
clear_env(void)
{
	memset(environment, 0, sizeof environment);
}

/* Arguments up to NULL, copied to where they can be overwritten. */
static int
parse(const char *const *args)
{
	static char row[1000];
	size_t n = 0;
	int argc;

	memset(&why, 0, sizeof why);
	*row = '\0';
	for (argc = 0; argc < ARGS_MAX && args[argc] != NULL; argc++) {
		snprintf(storage[argc], ARG_MAX_BYTES, "%s", args[argc]);
		argv[argc] = storage[argc];
		n += (size_t)snprintf(
		    row + n, sizeof row - n, " %s", args[argc]);
	}
	argv[argc] = NULL;
	test_row = row + 1;
	return options_parse(&c, argc, argv, &files, env, &why);
}

#define PARSE(...) \
	parse((const char *const[]){ "proxytunnel", __VA_ARGS__, NULL })
#define BASE "-p", "p.example:3128", "-d", "host.example:22"

#define CHECK_FINE(...) CHECK_INT(PARSE(__VA_ARGS__), 0)
#define CHECK_FAILS(failure_code, part, ...)       \
	do {                                       \
		CHECK_INT(PARSE(__VA_ARGS__), -1); \
		CHECK_INT(why.code, failure_code); \
		CHECK_HAS(why.text, part);         \
		options_free(&c);                  \
	} while (0)

static void
done(void)
{
	options_free(&c);
	test_row = NULL;
}

static void
defaults(void)
{
	CHECK_FINE(BASE);
	CHECK_INT(c.what, DO_TUNNEL);
	CHECK_INT(c.level, SAY_NOTICE);
	CHECK_INT(c.route.nhops, 1);
	CHECK_STR(c.route.hops[0].at.host, "p.example");
	CHECK_INT(c.route.hops[0].at.port, 3128);
	CHECK_STR(c.route.hops[0].name, "p.example:3128");
	CHECK_STR(c.route.hops[0].request.http.authority, "host.example:22");
	CHECK(c.route.hops[0].request.http.host == NULL);
	CHECK_INT(c.route.hops[0].request.http.nheaders, 0);
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_ALL);
	CHECK(c.route.hops[0].request.http.auth == &c.route.hops[0].auth);
	CHECK(c.route.hops[0].auth.login == &c.route.hops[0].login);
	CHECK_STR(c.route.hops[0].target.name, "HTTP@p.example");
	CHECK_STR(c.route.hops[0].auth.spn, "HTTP/p.example");
	CHECK(c.route.hops[0].auth.domain == NULL);
	CHECK_INT(c.route.hops[0].target.delegate, 0);
	CHECK_INT(c.route.hops[0].login.asks, ASK_TIMES);
	CHECK(c.route.hops[0].sources.command == NULL);
	CHECK_INT(c.route.files.use_netrc, 0);
	CHECK_STR(c.route.target.host, "host.example");
	CHECK_INT(c.route.target.port, 22);
	CHECK_STR(c.route.target_name, "host.example:22");
	CHECK_INT(c.route.family, AF_UNSPEC);
	CHECK_INT(c.route.connect_ms, 0);
	CHECK_INT(c.route.open_ms, 30000);
	CHECK_INT(c.route.keepalive_ms, 120000);
	CHECK_INT(c.route.rules.half_close_ms, 5000);
	CHECK_INT(c.route.rules.linger_ms, 1000);
	CHECK_INT(c.route.rules.idle_ms, 0);
	CHECK_INT(c.route.rules.dead_ms, 120000);
	CHECK_INT(c.route.rules.answer_due, 1);
	CHECK(c.route.hops[0].option.user == NULL);
	CHECK(c.route.hops[0].option.password == NULL);
	CHECK(c.route.hops[0].environment.user == NULL);
	CHECK(c.route.hops[0].environment.password == NULL);
	CHECK_INT(c.route.hops[0].scheme, PROXY_HTTP);
	CHECK_INT(c.route.hops[0].secure.on, 0);
	CHECK_INT(c.route.secure.on, 0);
	CHECK(c.route.files.passfile == NULL && c.route.host == NULL &&
	      c.title == NULL);
	CHECK(c.old_flag == NULL && c.direct == NULL && !c.ignored);
	done();
}

/* The options of versions before this one. */
static const struct old {
	char letter;
	const char *name, *value; /* NULL: it takes none */
} olds[] = {
	{ 'i', "inetd", NULL },
	{ 'a', "standalone", "8080" },
	{ 'p', "proxy", "other.example:80" },
	{ 'r', "remproxy", "second.example:80" },
	{ 'd', "dest", "far.example:443" },
	{ 'e', "encrypt", NULL },
	{ 'E', "encrypt-proxy", NULL },
	{ 'X', "encrypt-remproxy", NULL },
	{ 'W', "wa-bug-29744", NULL },
	{ 'B', "buggy-encrypt-proxy", NULL },
	{ 'z', "no-check-certificate", NULL },
	{ 'C', "cacert", "/etc/ssl/certs" },
	{ '4', "ipv4", NULL },
	{ '6', "ipv6", NULL },
	{ 'F', "passfile", "/some/file" },
	{ 'P', "proxyauth", "alice:secret" },
	{ 'R', "remproxyauth", "bob:hidden" },
	{ 'c', "cert", "/some/cert" },
	{ 'k', "key", "/some/key" },
	{ 'N', "ntlm", NULL },
	{ 't', "domain", "EXAMPLE" },
	{ 'H', "header", "X-Some: thing" },
	{ 'o', "host", "front.example" },
	{ 'x', "proctitle", "some title" },
	{ 'I', "no-sni", NULL },
	{ 'v', "verbose", NULL },
	{ 'q', "quiet", NULL },
	{ 'h', "help", NULL },
	{ 'V', "version", NULL },
	{ 'L', "tlsenforce", NULL },
	{ 'T', "no-ssl3", NULL },
};

/* All that arguments have set, in one line. */
static void
describe(char *text, size_t n, int rc)
{
	const struct hop *hop = c.route.hops, *last = hop + c.route.nhops - 1;
	const struct tls_options *o = &hop->secure.options;

	snprintf(text, n,
	    "%d %zu %s %s %d %d %d | %d %d %d %s %s %s | "
	    "%d %d '%s' %d | %s %s %s %s | %s %s %s %s %zu %s %s %d %d "
	    "%u %s",
	    c.inetd, c.route.nhops, last->name, last->option.user,
	    hop->secure.on, last->secure.on, c.route.secure.on, (int)o->cut,
	    (int)o->no_verify, (int)o->no_sni, o->ca, o->cert, o->key, rc,
	    why.code, why.text, c.what, hop->name, hop->request.http.authority,
	    hop->request.http.host,
	    c.route.hops[0].nheaders > 0 ? c.route.hops[0].headers[0] : "-",
	    c.route.hops[0].option.user, c.route.hops[0].option.password,
	    c.route.files.passfile, c.title, c.route.hops[0].nheaders,
	    c.route.target_name, c.old_flag, c.route.family, c.level,
	    hop->auth.allowed, hop->domain);
}

/* What one way of writing an option comes to. */
static void
run_old(const struct old *o, const char *option, const char *value, char *text,
    size_t n)
{
	const char *args[14] = { "proxytunnel", option };
	size_t i = 2;

	if (value != NULL)
		args[i++] = value;
	if (o->letter != 'd') {
		args[i++] = "-d";
		args[i++] = "host.example:22";
	}
	if (o->letter == 'k') {
		args[i++] = "-c";
		args[i++] = "/some/cert";
	}
	if (strchr("XR", o->letter) != NULL) {
		args[i++] = "-r";
		args[i++] = "third.example:80";
	}
	if (o->letter != 'p') {
		args[i++] = "-p";
		args[i++] = "p.example:3128";
	}
	args[i] = NULL;
	describe(text, n, parse(args));
	options_free(&c);
}

static int
old_beginnings(const char *name, size_t n)
{
	size_t i;
	int found = 0;

	for (i = 0; i < COUNT(olds); i++)
		found += strncmp(olds[i].name, name, n) == 0;
	return found;
}

static void
old_options(void)
{
	const struct old *o;
	char letter[3] = "-x";

	for (o = olds; o < olds + COUNT(olds); o++) {
		char want[3000], got[3000], option[200];
		size_t n, whole = strlen(o->name);

		letter[1] = o->letter;
		run_old(o, letter, o->value, want, sizeof want);
		CHECK_INT(why.code, FAIL_NONE);
		if (o->value != NULL) {
			snprintf(option, sizeof option, "-%c%s", o->letter,
			    o->value);
			run_old(o, option, NULL, got, sizeof got);
			CHECK_STR(got, want);
		}
		for (n = 1; n <= whole; n++) {
			if (n < whole && old_beginnings(o->name, n) > 1)
				continue;
			snprintf(
			    option, sizeof option, "--%.*s", (int)n, o->name);
			run_old(o, option, o->value, got, sizeof got);
			CHECK_STR(got, want);
			if (o->value == NULL)
				continue;
			snprintf(option, sizeof option, "--%.*s=%s", (int)n,
			    o->name, o->value);
			run_old(o, option, NULL, got, sizeof got);
			CHECK_STR(got, want);
		}
	}
}

static void
nearly_options(void)
{
	CHECK_FAILS(FAIL_USAGE, "(is it --proxy?)", "--porxy=x:1", BASE);
	CHECK_FAILS(
	    FAIL_USAGE, "(is it --idle-timeout?)", "--idle-timout=3", BASE);
	CHECK_FAILS(FAIL_USAGE, "'--hlep'", "--hlep", BASE);
	CHECK_FAILS(FAIL_USAGE, "(is it --help?)", "--hlep", BASE);
	CHECK_FAILS(FAIL_USAGE, "(see --help)", "--xyzzy", BASE);
	CHECK_FAILS(FAIL_USAGE, "(see --help)", "--pro", BASE);
	CHECK_FAILS(FAIL_USAGE, "not a URL", "-p", "p:1", "http://h/", "80");
	CHECK_FAILS(FAIL_USAGE, "not a URL", "-p", "p:1", "-d", "http://h:80");
}

/* What the tunnel's own end can be is one thing alone. */
static void
modes(void)
{
	CHECK_FAILS(FAIL_USAGE, "-i or --fdpass", "-i", "--fdpass", BASE);
	CHECK_FAILS(FAIL_USAGE, "-a, -i", "-i", "-a", "1", BASE);
	CHECK_FAILS(FAIL_USAGE, "not two", "-a", "1", "--fdpass", BASE);
	CHECK_FINE("-a", "80", "-a", "unix:/s", "--max-tunnels=7",
	    "--drain=0.5", "--daemon", "--pidfile=/p", BASE);
	CHECK_INT(c.listening.nat, 2);
	CHECK_STR(c.listening.at[0], "80");
	CHECK_STR(c.listening.at[1], "unix:/s");
	CHECK_INT(c.listening.max_tunnels, 7);
	CHECK_INT(c.listening.drain_ms, 500);
	CHECK_INT(c.listening.daemon, 1);
	CHECK_STR(c.listening.pidfile, "/p");
	done();
	CHECK_FINE(BASE);
	CHECK(c.of_listening == NULL);
	done();
	CHECK_FINE("--max-tunnels=7", BASE);
	CHECK_STR(c.of_listening, "--max-tunnels");
	done();
	CHECK_FINE("--drain=0", BASE);
	CHECK_STR(c.of_listening, "--drain");
	done();
	CHECK_FINE("--daemon", BASE);
	CHECK_STR(c.of_listening, "--daemon");
	done();
	CHECK_FINE("--pidfile=/p", BASE);
	CHECK_STR(c.of_listening, "--pidfile");
	done();
	CHECK_FAILS(FAIL_USAGE, "--max-tunnels='0'", "--max-tunnels=0", BASE);
	CHECK_FAILS(FAIL_USAGE, "--drain='x'", "--drain=x", BASE);
	done();
}

#define HOP(n) (c.route.hops[n])

static void
chains(void)
{
	CHECK_FINE("-R", "bob:one", "-p", "https://a@p", "-r", "q:1", "-r",
	    "socks4a://u:w@s", "-R", "carl", "-X", "-E", "-e", "h.example:22");
	CHECK_INT(c.route.nhops, 3);
	CHECK_INT(HOP(0).scheme, PROXY_HTTPS);
	CHECK_INT(HOP(0).secure.on, 1);
	CHECK_STR(HOP(0).secure.name, "p");
	CHECK_STR(HOP(0).name, "p:443");
	CHECK_STR(HOP(0).request.http.authority, "q:1");
	CHECK(HOP(0).request.to == &HOP(1).at);
	CHECK_INT(HOP(1).secure.on, 0);
	CHECK_STR(HOP(1).option.user, "bob");
	CHECK_STR(HOP(1).option.password, "one");
	CHECK_STR(HOP(1).request.http.authority, "s:1080");
	CHECK_STR(HOP(2).option.user, "carl");
	CHECK_STR(HOP(2).uri.user, "u");
	CHECK_INT(HOP(2).secure.on, 1);
	CHECK_INT(HOP(2).request.socks.version, SOCKS_4A);
	CHECK(HOP(2).request.socks.to == &c.route.target);
	CHECK_STR(HOP(2).request.socks.authority, "h.example:22");
	CHECK_INT(c.route.secure.on, 1);
	CHECK_STR(c.route.secure.name, "h.example");
	CHECK_STR(route_name(&c.route, 1), "q:1");
	CHECK_STR(route_name(&c.route, 3), "h.example:22");
	CHECK(route_secure(&c.route, 3) == &c.route.secure);
	done();
	CHECK_FINE("-X", "-r", "q:1", BASE);
	CHECK_INT(HOP(0).secure.on, 0);
	CHECK_INT(HOP(1).secure.on, 1);
	done();
	/* It was for a proxy that never came. */
	CHECK_FINE("-R", "bob:one", BASE);
	CHECK_INT(c.route.nhops, 1);
	CHECK(HOP(0).option.user == NULL);
	done();
	CHECK_FAILS(FAIL_USAGE, "-X: there is no further proxy", "-X", BASE);
	CHECK_FAILS(FAIL_USAGE, "only the first proxy", "-r", "unix:/p", BASE);
	CHECK_FAILS(FAIL_USAGE, "-r: more than 16 proxies", BASE, "-r", "a:1",
	    "-r", "a:1", "-r", "a:1", "-r", "a:1", "-r", "a:1", "-r", "a:1",
	    "-r", "a:1", "-r", "a:1", "-r", "a:1", "-r", "a:1", "-r", "a:1",
	    "-r", "a:1", "-r", "a:1", "-r", "a:1", "-r", "a:1", "-r", "a:1");
	CHECK_FINE("-p", "socks5://p", "h:1");
	CHECK_INT(HOP(0).request.socks.version, SOCKS_5);
	CHECK_INT(HOP(0).request.socks.resolve_here, 1);
	CHECK_INT(HOP(0).request.socks.allowed, AUTH_ALL);
	done();
	CHECK_FINE("-p", "socks5h://p", "--auth=digest", "h:1");
	CHECK_INT(HOP(0).request.socks.resolve_here, 0);
	CHECK_INT(HOP(0).request.socks.allowed, AUTH_DIGEST);
	done();
	CHECK_FINE("-p", "unix:/run/p", "h:1");
	CHECK_STR(HOP(0).name, "unix:/run/p");
	CHECK_STR(HOP(0).spn, "HTTP@localhost");
	CHECK_STR(HOP(0).at.path, "/run/p");
	done();
	CHECK_FAILS(FAIL_USAGE, "--sni=NAME", "-E", "-p", "unix:/p", "h:1");
	CHECK_FINE("-E", "-p", "unix:/p", "--sni=p.example", "h:1");
	CHECK_STR(HOP(0).secure.name, "p.example");
	done();
}

static void
tls(void)
{
	static const char pin[] =
	    "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	const struct tls_options *o;
	size_t at;

	CHECK_FINE("-z", "-C", "ca", "-c", "cert", "-k", "key", "-I", "--pin",
	    pin, "--alpn=h2,http/1.1", "--tls-min=1.3", "--ciphers", "A:B",
	    "-r", "q:1", BASE);
	for (at = 0; at < 3; at++) {
		o = &route_secure(&c.route, at)->options;
		CHECK(o->no_verify && o->no_sni && !o->cut);
		CHECK_STR(o->ca, "ca");
		CHECK_STR(o->cert, "cert");
		CHECK_STR(o->key, "key");
		CHECK_STR(o->pins, pin);
		CHECK_STR(o->alpn, "h2,http/1.1");
		CHECK_INT(o->version_min, 0x304);
		CHECK_STR(o->ciphers, "A:B");
	}
	done();
	CHECK_FINE("-B", BASE);
	CHECK(HOP(0).secure.on && HOP(0).secure.options.cut);
	done();
	CHECK_FINE("-E", "-W", "-e", "-o", "front.example:8443", BASE);
	CHECK(HOP(0).secure.on && HOP(0).secure.options.cut);
	CHECK_STR(HOP(0).secure.name, "front.example");
	CHECK_STR(c.route.secure.name, "front.example");
	done();
	CHECK_FINE("-E", "-o", "front.example", "--sni=other.example", BASE);
	CHECK_STR(HOP(0).secure.name, "other.example");
	done();
	CHECK_FAILS(FAIL_USAGE, "--pin='sha256//AA'", "--pin=sha256//AA", BASE);
	CHECK_FAILS(FAIL_USAGE, "--tls-min='1.4'", "--tls-min=1.4", BASE);
	CHECK_FAILS(FAIL_USAGE, "--alpn='a,,b'", "--alpn=a,,b", BASE);
	CHECK_FAILS(FAIL_USAGE, "--sni=''", "--sni=", BASE);
	CHECK_FAILS(FAIL_USAGE, "-k: the certificate", "-k", "key", BASE);
	CHECK_FAILS(FAIL_USAGE, "'a:b:c'", "-E", "-o", "a:b:c", BASE);
	done();
}

static void
scopes(void)
{
	CHECK_FINE("-r", "q:1", "-e", "-C", "all", "--for=2", "-C", "second",
	    "-z", "-N", "-t", "B", "-P", "u:w", "-H", "X: y", "--for=dest",
	    "-C", "third", "--for=1", "--auth=basic", "--for=all", "-I", "-H",
	    "Y: z", "-H", "Cookie: c", BASE);
	CHECK_STR(HOP(0).secure.options.ca, "all");
	CHECK_STR(HOP(1).secure.options.ca, "second");
	CHECK_STR(c.route.secure.options.ca, "third");
	CHECK(!HOP(0).secure.options.no_verify);
	CHECK(HOP(1).secure.options.no_verify);
	CHECK(!c.route.secure.options.no_verify);
	CHECK(c.route.secure.options.no_sni && HOP(0).secure.options.no_sni);
	CHECK_INT(HOP(0).auth.allowed, AUTH_BASIC);
	CHECK_INT(HOP(1).auth.allowed, AUTH_NTLM);
	CHECK(HOP(0).domain == NULL);
	CHECK_STR(HOP(1).domain, "B");
	CHECK_STR(HOP(1).option.user, "u");
	CHECK(HOP(0).option.user == NULL);
	/* A secret goes to the first alone, what is none to all. */
	CHECK_INT(HOP(0).nheaders, 2);
	CHECK_STR(HOP(0).headers[0], "Y: z");
	CHECK_STR(HOP(0).headers[1], "Cookie: c");
	CHECK_INT(HOP(1).nheaders, 2);
	CHECK_STR(HOP(1).headers[0], "X: y");
	CHECK_STR(HOP(1).headers[1], "Y: z");
	done();
	CHECK_FINE("-r", "q:1", "--auth=digest", "-N", BASE);
	CHECK_INT(HOP(0).auth.allowed, AUTH_NTLM);
	CHECK_INT(HOP(1).auth.allowed, AUTH_DIGEST);
	done();
	CHECK_FAILS(FAIL_USAGE, "--for='2'", "--for=2", BASE);
	CHECK_FAILS(FAIL_USAGE, "--for='0'", "--for=0", BASE);
	CHECK_FAILS(FAIL_USAGE, "--for='x'", "--for=x", BASE);
	CHECK_FAILS(FAIL_USAGE, "--for=dest", "--for=dest", "-N", BASE);
	CHECK_FAILS(FAIL_USAGE, "--for=dest", "--for=dest", "-H", "A: b", BASE);
	done();
}

static void
direct(void)
{
	CHECK_FINE("--direct", "h:1");
	CHECK_STR(c.direct, "--direct");
	CHECK_INT(c.fdpass, 0);
	CHECK_INT(c.route.nhops, 0);
	CHECK_STR(route_name(&c.route, 0), "h:1");
	done();
	CHECK_FINE(
	    "--direct", "--fdpass", "-X", "-e", "--sni=x", "-P", "u:w", BASE);
	CHECK_INT(c.fdpass, 1);
	CHECK_INT(c.route.nhops, 0);
	CHECK_STR(c.route.secure.name, "x");
	done();
}

static void
effects(void)
{
	CHECK_FINE(BASE, "-F", "a", "-F", "file", "-o", "b", "-o", "front:1",
	    "-x", "a title", "-H", "A: b", "-H", "C:", "-L", "-T", "-P",
	    "alice:a:b:c", "-4", "-4");
	CHECK_STR(c.route.files.passfile, "file");
	CHECK_STR(c.route.host, "front:1");
	CHECK_STR(c.route.hops[0].request.http.host, "front:1");
	CHECK_STR(c.title, "a title");
	CHECK_INT(c.route.hops[0].nheaders, 2);
	CHECK_INT(c.route.hops[0].request.http.nheaders, 2);
	CHECK_STR(c.route.hops[0].request.http.headers[0], "A: b");
	CHECK_STR(c.route.hops[0].request.http.headers[1], "C:");
	CHECK_STR(c.old_flag, "-T");
	CHECK_STR(c.route.hops[0].option.user, "alice");
	CHECK_STR(c.route.hops[0].option.password, "a:b:c");
	CHECK_INT(c.route.family, AF_INET);
	done();
	CHECK_FINE(BASE, "-6");
	CHECK_INT(c.route.family, AF_INET6);
	done();
	CHECK_FINE(BASE, "-P", "alice");
	CHECK_STR(c.route.hops[0].option.user, "alice");
	CHECK(c.route.hops[0].option.password == NULL);
	done();
	CHECK_FINE(BASE, "-P", "alice:");
	CHECK_STR(c.route.hops[0].option.password, "");
	done();
	CHECK_FINE(BASE, "-P", "alice:x", "-P", "bob");
	CHECK_STR(c.route.hops[0].option.user, "bob");
	CHECK(c.route.hops[0].option.password == NULL);
	done();
	CHECK_FINE("-h");
	CHECK_INT(c.what, DO_HELP);
	done();
	CHECK_FINE("-v", "--version", "--nonsense");
	CHECK_INT(c.what, DO_VERSION);
	done();
}

static void
levels(void)
{
	static const struct {
		const char *flags;
		enum log_level level;
	} rows[] = {
		{ "-v", SAY_EVENT },
		{ "-vv", SAY_STEP },
		{ "-vvv", SAY_STEP },
		{ "-q", SAY_FAILURE },
		{ "-vq", SAY_FAILURE },
		{ "-qv", SAY_EVENT },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		CHECK_FINE(BASE, rows[i].flags);
		CHECK_INT(c.level, rows[i].level);
		done();
	}
}

static void
wrong_usage(void)
{
	CHECK_FAILS(FAIL_USAGE, "-u is not an option", "-u", "x", BASE);
	CHECK_FAILS(FAIL_USAGE, "-s is not an option", "-vs", "x", BASE);
	CHECK_FAILS(FAIL_USAGE, "--nonsense", "--nonsense", BASE);
	CHECK_FAILS(FAIL_USAGE, "--p", "--p=x", BASE);
	CHECK_FAILS(FAIL_USAGE, "needs a value", "-p");
	CHECK_FAILS(FAIL_USAGE, "needs a value", "--proxy");
	CHECK_FAILS(FAIL_USAGE, "--quiet", "--quiet=x", BASE);
	CHECK_FAILS(FAIL_USAGE, "-4 or -6", "-4", "-6", BASE);
	CHECK_FAILS(FAIL_USAGE, "-4 or -6", "-64", BASE);
	CHECK_FAILS(FAIL_USAGE, "-o", "-o", "", BASE);
	CHECK_FAILS(FAIL_USAGE, "-o", "-o", "a b", BASE);
	CHECK_FAILS(FAIL_USAGE, "-o", "-o", "a\r\nX: y", BASE);
	CHECK_FAILS(FAIL_USAGE, "-H", "-H", "nonsense", BASE);
	CHECK_FAILS(FAIL_USAGE, "-H", "-H", "A: b\r\nC: d", BASE);
	CHECK_FAILS(FAIL_USAGE, "-P", "-P", "a\nb:c", BASE);
	CHECK_FAILS(FAIL_USAGE, "-P", "-P", "a:b\rc", BASE);
	CHECK_FAILS(FAIL_USAGE, "-p", "-p", "p", "-d", "h:1");
	CHECK_FAILS(FAIL_USAGE, "-p", "-p", "p:99999", "-d", "h:1");
	CHECK_FAILS(FAIL_USAGE, "-p", "-p", "", "-d", "h:1");
	CHECK_FAILS(FAIL_USAGE, "h", "-p", "p:1", "-d", "h");
	CHECK_FAILS(FAIL_USAGE, "no destination", "-p", "p:1");
	CHECK_FAILS(FAIL_USAGE, "no proxy", "-d", "h:1");
	done();
}

static void
destinations(void)
{
	CHECK_FINE("-p", "p:1", "h:22");
	CHECK_STR(c.route.target_name, "h:22");
	done();
	CHECK_FINE("-p", "p:1", "h", "22");
	CHECK_STR(c.route.target_name, "h:22");
	done();
	CHECK_FINE("h", "-p", "p:1", "22", "-v");
	CHECK_STR(c.route.target_name, "h:22");
	CHECK_INT(c.level, SAY_EVENT);
	done();
	CHECK_FINE("-p", "p:1", "--", "h", "22");
	CHECK_STR(c.route.target_name, "h:22");
	done();
	CHECK_FINE("-p", "p:1", "::1", "22");
	CHECK_STR(c.route.target_name, "[::1]:22");
	done();
	CHECK_FINE("-p", "p:1", "[::1]:22");
	CHECK_STR(c.route.target_name, "[::1]:22");
	CHECK(!c.ignored);
	done();
	CHECK_FINE("-p", "p:1", "-d", "a:1", "-d", "h:22", "x", "y", "z");
	CHECK_STR(c.route.target_name, "h:22");
	CHECK(c.ignored);
	done();
	CHECK_FAILS(FAIL_USAGE, "too many", "-p", "p:1", "h", "22", "x");
	CHECK_FAILS(FAIL_USAGE, "h", "-p", "p:1", "h");
	CHECK_FAILS(FAIL_USAGE, "port", "-p", "p:1", "h", "ssh");
	CHECK_FAILS(FAIL_USAGE, "port", "-p", "p:1", "h:22", "22");
	CHECK_FAILS(FAIL_USAGE, "character", "-p", "p:1", "a b", "22");
	CHECK_FAILS(FAIL_USAGE, "character", "-p", "p:1", "-d", "a\r\nb:22");
	done();
}

static void
times(void)
{
	CHECK_FINE(BASE, "--timeout=7", "--connect-timeout=0.25",
	    "--idle-timeout=60", "--half-close=0.5", "--linger=2",
	    "--keepalive=30");
	CHECK_INT(c.route.open_ms, 7000);
	CHECK_INT(c.route.connect_ms, 250);
	CHECK_INT(c.route.rules.idle_ms, 60000);
	CHECK_INT(c.route.rules.half_close_ms, 500);
	CHECK_INT(c.route.rules.linger_ms, 2000);
	CHECK_INT(c.route.keepalive_ms, 30000);
	CHECK_INT(c.route.rules.dead_ms, 30000);
	done();
	CHECK_FINE(BASE, "--half-close=now", "--linger=0", "--keepalive=0",
	    "--idle-timeout", "0");
	CHECK_INT(c.route.rules.half_close_ms, 0);
	CHECK_INT(c.route.rules.linger_ms, 0);
	CHECK_INT(c.route.keepalive_ms, 0);
	CHECK_INT(c.route.rules.dead_ms, 0);
	CHECK_INT(c.route.rules.idle_ms, 0);
	done();
	CHECK_FINE(BASE, "--half-close=never", "--time=1", "--conn=2");
	CHECK_INT(c.route.rules.half_close_ms, RELAY_NEVER);
	CHECK_INT(c.route.open_ms, 1000);
	CHECK_INT(c.route.connect_ms, 2000);
	done();
	CHECK_FAILS(FAIL_USAGE, "--timeout", "--timeout=0", BASE);
	CHECK_FAILS(FAIL_USAGE, "--timeout", "--timeout=", BASE);
	CHECK_FAILS(FAIL_USAGE, "--timeout", "--timeout=-1", BASE);
	CHECK_FAILS(FAIL_USAGE, "--timeout", "--timeout=1s", BASE);
	CHECK_FAILS(FAIL_USAGE, "--timeout", "--timeout=2000001", BASE);
	CHECK_FAILS(
	    FAIL_USAGE, "--connect-timeout", "--connect-timeout=0", BASE);
	CHECK_FAILS(FAIL_USAGE, "--linger", "--linger=x", BASE);
	CHECK_FAILS(FAIL_USAGE, "--half-close", "--half-close=Never", BASE);
	CHECK_FAILS(FAIL_USAGE, "--half-close", "--half-close=-1", BASE);
	CHECK_FAILS(FAIL_USAGE, "--keepalive", "--keepalive=1e9", BASE);
	done();
}

static void
schemes(void)
{
	CHECK_FINE(BASE, "--auth=basic");
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_BASIC);
	done();
	CHECK_FINE(BASE, "--auth", "Basic, ,BASIC");
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_BASIC);
	done();
	CHECK_FAILS(FAIL_USAGE, "--auth", "--auth=", BASE);
	CHECK_FAILS(FAIL_USAGE, "--auth", "--auth=,", BASE);
	CHECK_FAILS(FAIL_USAGE, "--auth", "--auth=basic,bearer", BASE);
	CHECK_FAILS(FAIL_USAGE, "--auth", "--auth=basi", BASE);
	done();
	CHECK_FINE(BASE, "--auth=negotiate,digest , NTLM");
	CHECK_INT(c.route.hops[0].auth.allowed,
	    AUTH_NEGOTIATE | AUTH_DIGEST | AUTH_NTLM);
	done();
	CHECK_FINE(BASE, "--auth=basic", "-N");
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_NTLM);
	done();
}

static void
logins(void)
{
	struct ask_sources *s;

	CHECK_FINE(BASE, "-t", "EXAMPLE", "--spn=HTTP@front", "--delegate",
	    "--password-command=pass show x", "--netrc");
	CHECK_STR(c.route.hops[0].auth.domain, "EXAMPLE");
	CHECK_STR(c.route.hops[0].target.name, "HTTP@front");
	CHECK_STR(c.route.hops[0].auth.spn, "HTTP/front");
	CHECK_INT(c.route.hops[0].target.delegate, 1);
	CHECK_STR(c.route.hops[0].sources.command, "pass show x");
	CHECK_INT(c.route.hops[0].login.asks, 1);
	CHECK_INT(c.route.files.use_netrc, 1);
	CHECK(c.route.files.netrc == NULL);
	done();
	CHECK_FINE(
	    BASE, "--netrc=/some/file", "-t", "", "--spn=HTTP/front@REALM");
	CHECK_STR(c.route.files.netrc, "/some/file");
	CHECK_STR(c.route.hops[0].auth.domain, "");
	CHECK_STR(c.route.hops[0].target.name, "HTTP/front@REALM");
	CHECK_STR(c.route.hops[0].auth.spn, "HTTP/front@REALM");
	done();
	CHECK_FAILS(FAIL_USAGE, "--spn", "--spn=HTTP", BASE);
	CHECK_FAILS(FAIL_USAGE, "--spn", "--spn=@host", BASE);
	CHECK_FAILS(FAIL_USAGE, "--spn", "--spn=HTTP/", BASE);
	clear_env();
	set_env(0, "SSH_ASKPASS", "/some/program");
	CHECK_FINE(BASE);
	CHECK(c.route.hops[0].sources.askpass == NULL);
	done();
	set_env(1, "WAYLAND_DISPLAY", "wayland-0");
	CHECK_FINE(BASE);
	s = &c.route.hops[0].sources;
	CHECK_STR(s->askpass, "/some/program");
	CHECK_INT(s->when, ASKPASS_WITHOUT_TERMINAL);
	done();
	set_env(2, "SSH_ASKPASS_REQUIRE", "prefer");
	CHECK_FINE(BASE);
	CHECK_INT(c.route.hops[0].sources.when, ASKPASS_FIRST);
	done();
	set_env(2, "SSH_ASKPASS_REQUIRE", "never");
	CHECK_FINE(BASE);
	CHECK(c.route.hops[0].sources.askpass == NULL);
	done();
	set_env(1, "DISPLAY", "");
	set_env(2, "SSH_ASKPASS_REQUIRE", "force");
	CHECK_FINE(BASE);
	CHECK_INT(c.route.hops[0].sources.when, ASKPASS_FIRST);
	done();
	clear_env();
}

static void
proxies(void)
{
	CHECK_FINE("-p", "http://alice:s%3Ac@p", "h:1");
	CHECK_STR(c.route.hops[0].name, "p:80");
	CHECK_STR(c.route.hops[0].uri.user, "alice");
	CHECK_STR(c.route.hops[0].uri.password, "s:c");
	done();
	CHECK_FINE("-p", "alice:x@a:1", "-p", "b:2", "h:1");
	CHECK_STR(c.route.hops[0].name, "b:2");
	CHECK(c.route.hops[0].uri.user == NULL);
	CHECK(c.route.hops[0].uri.password == NULL);
	done();
}

/* No secret is left where the list of processes shows it. */
static void
overwrites_secrets(void)
{
	CHECK_FINE("-p", "http://alice:secret@p", "-P", "bob:secret", "-v",
	    "--proxyauth=bob:secret", "-Pbob:secret", "--proxy",
	    "alice:secret@p:1", "h:1");
	CHECK_STR(storage[1], "-p");
	CHECK_STR(storage[2], "http://alice:......@p");
	CHECK_STR(storage[4], "..........");
	CHECK_STR(storage[5], "-v");
	CHECK_STR(storage[6], "--proxyauth=..........");
	CHECK_STR(storage[7], "-P..........");
	CHECK_STR(storage[9], "alice:......@p:1");
	CHECK_STR(storage[10], "h:1");
	CHECK_STR(c.route.hops[0].option.password, "secret");
	CHECK_STR(c.route.hops[0].uri.password, "secret");
	done();
	CHECK_FAILS(FAIL_USAGE, "-p", "-p", "http://alice:secret@p:x", "h:1");
	CHECK_STR(storage[2], "http://alice:......@p:x");
	CHECK(strstr(why.text, "secret") == NULL);
	CHECK_FINE("-p", "socks5://alice:secret@p", "-r", "u:w@unix:/p", "-R",
	    "bob:hidden", "--direct", "h:1");
	CHECK_STR(storage[2], "socks5://alice:......@p");
	CHECK_STR(storage[4], "u:.@unix:/p");
	CHECK_STR(storage[6], "..........");
	done();
}

static void
overwrites_secret_headers(void)
{
	CHECK_FINE(BASE, "-H", "Proxy-Authorization: Basic c2VjcmV0");
	CHECK_STR(
	    c.route.hops[0].headers[0], "Proxy-Authorization: Basic c2VjcmV0");
	CHECK(strstr(storage[6], "c2VjcmV0") == NULL);
	done();
}

/* A mistyped option does not carry its secret into a log. */
static void
does_not_repeat_secrets(void)
{
	CHECK_FAILS(FAIL_USAGE, "--p", "--p=bob:secret", BASE);
	CHECK(strstr(why.text, "secret") == NULL);
	CHECK_FAILS(FAIL_USAGE, "--pasword", "--pasword=secret", BASE);
	CHECK(strstr(why.text, "secret") == NULL);
	done();
}

static void
check_env_proxy(const char *want)
{
	CHECK_FINE("h.example:1");
	CHECK_STR(c.route.hops[0].name, want);
	CHECK(c.direct == NULL);
	done();
}

static void
proxy_of_the_environment(void)
{
	clear_env();
	set_env(0, "ALL_PROXY", "http://a:1");
	check_env_proxy("a:1");
	set_env(1, "all_proxy", "http://b:1");
	check_env_proxy("b:1");
	set_env(2, "HTTP_PROXY", "c:1");
	check_env_proxy("c:1");
	set_env(3, "http_proxy", "http://d:1/");
	check_env_proxy("d:1");
	set_env(4, "HTTPS_PROXY", "http://e");
	check_env_proxy("e:80");
	set_env(5, "https_proxy", "http://u:w@f:1");
	check_env_proxy("f:1");
	CHECK_STR(environment[5].value, "http://u:w@f:1");
	set_env(5, "https_proxy", "");
	check_env_proxy("e:80");
	CHECK_FINE(BASE);
	CHECK_STR(c.route.hops[0].name, "p.example:3128");
	done();
	set_env(5, "https_proxy", "f");
	CHECK_FAILS(FAIL_USAGE, "https_proxy", "h:1");
	set_env(5, "https_proxy", "https://f");
	check_env_proxy("f:443");
	CHECK_FINE("h.example:1");
	CHECK_INT(HOP(0).secure.on, 1);
	done();
	clear_env();
	set_env(0, "http_proxy", "");
	CHECK_FAILS(FAIL_USAGE, "no proxy", "h:1");
	clear_env();
	done();
}

static void
no_proxy(void)
{
	clear_env();
	set_env(0, "http_proxy", "p:1");
	set_env(1, "no_proxy", "x,.example");
	CHECK_FINE("h.example:1");
	CHECK(c.direct != NULL);
	CHECK_INT(c.route.nhops, 0);
	CHECK_INT(c.route.rules.answer_due, 0);
	CHECK(route_first(&c.route) == &c.route.target);
	CHECK_STR(route_name(&c.route, 0), "h.example:1");
	done();
	CHECK_FINE("h.other:1");
	CHECK(c.direct == NULL);
	CHECK_INT(c.route.nhops, 1);
	done();
	CHECK_FINE("-p", "p:1", "-r", "q:1", "-P", "u:w", "h.example:1");
	CHECK_INT(c.route.nhops, 0);
	done();
	/* The old tool's way, and so it always was. */
	CHECK_FINE("-p", "p:1", "-d", "h.example:1");
	CHECK_INT(c.route.nhops, 1);
	done();
	CHECK_FINE("-d", "h.example:1");
	CHECK_INT(c.route.nhops, 0);
	done();
	set_env(1, "NO_PROXY", "::1");
	CHECK_FINE("[::1]:1");
	CHECK_INT(c.route.nhops, 0);
	done();
	clear_env();
}

static void
credentials_of_the_environment(void)
{
	clear_env();
	set_env(0, "PROXYUSER", "carol");
	set_env(1, "PROXYPASS", "quiet");
	CHECK_FINE(BASE, "-P", "alice:secret");
	CHECK_STR(c.route.hops[0].option.user, "alice");
	CHECK_STR(c.route.hops[0].option.password, "secret");
	CHECK_STR(c.route.hops[0].environment.user, "carol");
	CHECK_STR(c.route.hops[0].environment.password, "quiet");
	done();
	set_env(0, "PROXYUSER", "");
	CHECK_FINE(BASE);
	CHECK(c.route.hops[0].environment.user == NULL);
	done();
	set_env(2, "REMPROXYUSER", "dan");
	set_env(3, "REMPROXYPASS", "still");
	CHECK_FINE("-r", "q:1", "-r", "s:1", BASE);
	CHECK_STR(HOP(0).environment.password, "quiet");
	CHECK_STR(HOP(1).environment.user, "dan");
	CHECK_STR(HOP(1).environment.password, "still");
	CHECK(HOP(2).environment.user == NULL);
	done();
	set_env(3, "REMPROXYPASS", "a\nb");
	CHECK_FAILS(FAIL_USAGE, "REMPROXYPASS", "-r", "q:1", BASE);
	set_env(3, "REMPROXYPASS", "");
	set_env(1, "PROXYPASS", "a\nb");
	CHECK_FAILS(FAIL_USAGE, "PROXYPASS", BASE);
	done();
	/* One user's password does not go out with another's name. */
	set_env(0, "PROXYUSER", "bob");
	set_env(1, "PROXYPASS", "bobs");
	set_env(2, "https_proxy", "http://alice@p:1");
	CHECK_FINE("h:1");
	CHECK_STR(c.route.hops[0].environment.user, "alice");
	CHECK(c.route.hops[0].environment.password == NULL);
	done();
	set_env(0, "PROXYUSER", "alice");
	CHECK_FINE("h:1");
	CHECK_STR(c.route.hops[0].environment.password, "bobs");
	clear_env();
	done();
}

static void
wipes_the_environment(void)
{
	static char variables[][40] = { "PROXYUSER=carol", "PROXYPASS=quiet",
		"REMPROXYPASS=hush", "https_proxy=http://u:word@p:1",
		"ALL_PROXY=u:w@p:1", "HTTP_PROXY=p:1", "NOPROXYPASS=a",
		"proxypass=b", "odd", "=odd" };
	char *row[COUNT(variables) + 1] = { NULL };
	size_t i;

	environment_wipe(row);
	for (i = 0; i < COUNT(variables); i++)
		row[i] = variables[i];
	environment_wipe(row);
	CHECK_STR(row[0], "PROXYUSER=carol");
	CHECK_MEM(row[1], 15, "PROXYPASS=\0\0\0\0\0", 15);
	CHECK_MEM(row[2], 17, "REMPROXYPASS=\0\0\0\0", 17);
	CHECK_STR(row[3], "https_proxy=http://u:....@p:1");
	CHECK_STR(row[4], "ALL_PROXY=u:.@p:1");
	CHECK_STR(row[5], "HTTP_PROXY=p:1");
	CHECK_STR(row[6], "NOPROXYPASS=a");
	CHECK_STR(row[7], "proxypass=b");
	CHECK_STR(row[8], "odd");
	CHECK_STR(row[9], "=odd");
}

static void
help(void)
{
	const struct option *o = options_table;
	const char *line;
	char name[64];
	struct buf text;

	buf_init(&text, 100000);
	CHECK_INT(help_put(&text, "all"), 0);
	/* What is behind the version is not worth a word. */
	do {
		snprintf(name, sizeof name, "--%s", o->name);
		CHECK_HAS(buf_str(&text), name);
	} while (o++->val != 'V');
	for (line = buf_str(&text); *line != '\0';
	     line += strcspn(line, "\n") + 1)
		CHECK(strcspn(line, "\n") <= 80);
	buf_free(&text);
	CHECK_FINE("--help=tls", "--nonsense");
	CHECK_INT(c.what, DO_HELP);
	CHECK_STR(c.topic, "tls");
	options_free(&c);
	CHECK_FINE("-h");
	CHECK(c.topic == NULL);
	options_free(&c);
	CHECK_FAILS(FAIL_USAGE, "--help='tl': not a topic (", "--help=tl");
	CHECK(help_topic("all") != NULL && help_topic("") == NULL);
	/* Without memory. */
	for (text.max = 0; text.max < 3000; text.max += 7) {
		CHECK_INT(help_put(&text, "all"), -1);
		CHECK(buf_len(&text) <= text.max);
		buf_free(&text);
	}
}

/* A route over the same hops to somewhere else. */
static void
other_targets(void)
{
	struct endpoint to = { (char *)"other.example", NULL, 443 };
	struct route *r, *direct;

	CHECK_FINE("-p", "p:1", "-r", "socks5://q:2", "-e", "h.example:22");
	r = route_for(&c.route, &to, 0, &why);
	direct = route_for(&c.route, &to, 1, &why);
	CHECK_STR(route_name(r, 2), "other.example:443");
	CHECK(route_secure(r, 2) == &c.route.secure);
	CHECK_STR(route_secure_name(r, 2), "other.example");
	CHECK_STR(route_secure_name(&c.route, 2), "h.example");
	CHECK(route_request(r, 0) == &c.route.hops[0].request);
	CHECK_STR(route_request(r, 1)->socks.authority, "other.example:443");
	CHECK_INT(route_request(r, 1)->socks.to->port, 443);
	CHECK(route_request(r, 1)->socks.login == &c.route.hops[1].login);
	CHECK_STR(
	    route_request(&c.route, 1)->socks.authority, "h.example:22");
	CHECK(route_base(r) == &c.route && route_base(&c.route) == &c.route);
	CHECK_INT(direct->nhops, 0);
	CHECK_STR(route_first(direct)->host, "other.example");
	CHECK(route_secure(direct, 0) == &c.route.secure);
	route_release(r);
	route_release(direct);
	route_release(NULL);
	done();
	CHECK_FINE("-p", "p:1", "-e", "--sni=front.example", "h.example:22");
	r = route_for(&c.route, &to, 0, &why);
	CHECK_STR(route_secure_name(r, 1), "front.example");
	route_release(r);
	done();
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(defaults),
		TEST(old_options),
		TEST(nearly_options),
		TEST(modes),
		TEST(nearly_options),
		TEST(chains),
		TEST(other_targets),
		TEST(tls),
		TEST(scopes),
		TEST(direct),
		TEST(effects),
		TEST(levels),
		TEST(wrong_usage),
		TEST(destinations),
		TEST(times),
		TEST(schemes),
		TEST(logins),
		TEST(proxies),
		TEST(overwrites_secrets),
		TEST(overwrites_secret_headers),
		TEST(does_not_repeat_secrets),
		TEST(proxy_of_the_environment),
		TEST(no_proxy),
		TEST(credentials_of_the_environment),
		TEST(wipes_the_environment),
		TEST(help),
	};

	unsetenv("POSIXLY_CORRECT");
	return test_all(tests, COUNT(tests));
}
