/* settings_test.c -- what configuration files say, among the other sources. */
#include "auth.h"
#include "options.h"
#include "test.h"

#include <stdlib.h>
#include <sys/socket.h>

#define ARGS_MAX 20
#define ARG_MAX_BYTES 256

static struct config_file storage[4];
static struct config_files files = { storage, 0 };
static const char *variable, *variable_value; /* of the environment */
static struct config c;
static struct failure why;

static char *
env(const char *name)
{
	static char copy[ARG_MAX_BYTES];

	if (variable == NULL || strcmp(name, variable) != 0)
		return NULL;
	snprintf(copy, sizeof copy, "%s", variable_value);
	return copy;
}

static void
add_file(const char *text)
{
	static char names[2][8] = { "one", "two" };
	struct config_file *f = &files.file[files.n];

	f->name = names[files.n++];
	f->shared = 0;
	f->includer = SIZE_MAX;
	buf_init(&f->text, 100000);
	buf_puts(&f->text, text);
}

static void
drop_files(void)
{
	config_files_wipe(&files);
	files.n = 0;
}

/* Parses words for the destination host.example:22, with one file or those. */
static int
parse(const char *text, const char *words)
{
	static char line[ARG_MAX_BYTES];
	char name[] = "proxytunnel", dest[] = "host.example:22";
	char *argv[ARGS_MAX + 3] = { name, dest };
	int argc = 2, rc;

	test_row = text;
	if (text != NULL)
		add_file(text);
	memset(&why, 0, sizeof why);
	snprintf(line, sizeof line, "%s", words);
	for (argv[argc] = strtok(line, " "); argv[argc] != NULL;)
		argv[++argc] = strtok(NULL, " ");
	rc = options_parse(&c, argc, argv, &files, env, &why);
	drop_files();
	return rc;
}

#define CHECK_FINE(text, words) CHECK_INT(parse(text, words), 0)
#define CHECK_FAILS(lines, want)                      \
	do {                                          \
		CHECK_INT(parse(lines, "-pp:1"), -1); \
		CHECK_INT(why.code, FAIL_USAGE);      \
		CHECK_STR(why.text, want);            \
		options_free(&c);                     \
		test_row = NULL;                      \
	} while (0)

static void
done(void)
{
	options_free(&c);
	variable = NULL;
	test_row = NULL;
}

/* The hops' names in order, "direct", or why there are none. */
static void
check_hops(const char *text, const char *want)
{
	struct buf hops;
	size_t at;

	buf_init(&hops, 1000);
	for (at = 0; at < c.route.nhops; at++)
		BUF_JOIN(&hops, at > 0 ? " " : "", c.route.hops[at].name);
	if (c.direct != NULL)
		buf_puts(&hops, "direct");
	test_row = text;
	CHECK_BUF(&hops, want);
	buf_free(&hops);
}

#define CHECK_HOPS(text, want, ...)            \
	do {                                   \
		CHECK_FINE(text, __VA_ARGS__); \
		check_hops(text, want);        \
		done();                        \
	} while (0)

static void
options_of_all_kinds(void)
{
	const struct hop *h;

	CHECK_FINE("Proxy https://p:1\n"
		   "proxy-auth bob\n"
		   "PasswordCommand \"my pass\" show 'x'\n"
		   "PassFile /pass\n"
		   "Netrc /netrc\n"
		   "Auth digest, basic\n"
		   "Domain CORP\n"
		   "Spn HTTP@p.corp\n"
		   "Delegate yes\n"
		   "Header X-A: b  c\n"
		   "Header \"X-B: # \"\n"
		   "HostHeader h:80\n"
		   "Encrypt yes\n"
		   "CACert /ca\nCert /cert\nKey /key\n"
		   "SNI name\nALPN ssh\nTLSMin 1.3\nCiphers C\n"
		   "NoCheckCertificate yes\n"
		   "ConnectTimeout 1.5\nTIMEOUT = 2\nidle-timeout=3\n"
		   "HalfClose never\nLinger 4\nKeepalive 5\n"
		   "MaxTunnels 6\nDrain 7\n"
		   "IPv6 yes\nVerbose yes\n",
	    "");
	h = &c.route.hops[0];
	check_hops("", "p:1");
	CHECK_INT(h->scheme, PROXY_HTTPS);
	CHECK_STR(h->option.user, "bob");
	CHECK(h->option.password == NULL);
	CHECK_STR(h->sources.command, "\"my pass\" show 'x'");
	CHECK_STR(c.route.files.passfile, "/pass");
	CHECK_INT(c.route.files.use_netrc, 1);
	CHECK_STR(c.route.files.netrc, "/netrc");
	CHECK_INT(h->auth.allowed, AUTH_DIGEST | AUTH_BASIC);
	CHECK_STR(h->domain, "CORP");
	CHECK_STR(h->spn, "HTTP@p.corp");
	CHECK_INT(h->target.delegate, 1);
	CHECK_INT(h->nheaders, 2);
	CHECK_STR(h->headers[0], "X-A: b  c");
	CHECK_STR(h->headers[1], "X-B: # ");
	CHECK_STR(c.route.host, "h:80");
	CHECK_INT(c.route.secure.on, 1);
	CHECK_STR(c.route.secure.options.ca, "/ca");
	CHECK_STR(h->secure.options.cert, "/cert");
	CHECK_STR(h->secure.options.key, "/key");
	CHECK_STR(h->secure.options.sni, "name");
	CHECK_STR(h->secure.options.alpn, "ssh");
	CHECK_STR(h->secure.options.ciphers, "C");
	CHECK_INT(h->secure.options.version_min, tls_version("1.3"));
	CHECK_INT(h->secure.options.no_verify, 1);
	CHECK_INT(c.route.secure.options.no_verify, 1);
	CHECK_INT(c.route.connect_ms, 1500);
	CHECK_INT(c.route.open_ms, 2000);
	CHECK_INT(c.route.rules.idle_ms, 3000);
	CHECK_INT(c.route.rules.half_close_ms, RELAY_NEVER);
	CHECK_INT(c.route.rules.linger_ms, 4000);
	CHECK_INT(c.route.keepalive_ms, 5000);
	CHECK_INT(c.listening.max_tunnels, 6);
	CHECK_INT(c.listening.drain_ms, 7000);
	CHECK(c.of_listening == NULL);
	CHECK_INT(c.route.family, AF_INET6);
	CHECK_INT(c.level, SAY_EVENT);
	done();
}

static void
the_first_counts(void)
{
	CHECK_HOPS("Proxy a:1\nProxy b:1", "a:1", "");
	CHECK_HOPS("Host x\nProxy a:1\nHost host.example\nProxy b:1\n"
		   "Host *\nProxy c:1",
	    "b:1", "");
	CHECK_FINE("Proxy p:1\nTimeout 1\nHost *\nTimeout 2\nLinger 3\n", "");
	CHECK_INT(c.route.open_ms, 1000);
	CHECK_INT(c.route.rules.linger_ms, 3000);
	done();
	/* What is switched off stays so. */
	CHECK_FINE("Proxy p:1\nEncrypt no\nDelegate NO\nNetrc no\n"
		   "Encrypt yes\nDelegate yes\nNetrc yes\nNetrc /x",
	    "");
	CHECK_INT(c.route.secure.on, 0);
	CHECK_INT(c.route.hops[0].target.delegate, 0);
	CHECK_INT(c.route.files.use_netrc, 0);
	done();
	/* Options about the same. */
	CHECK_FINE("Proxy p:1\nIPv4 yes\nIPv6 yes\nQuiet yes\nVerbose yes\n"
		   "NTLM yes\nAuth basic\nSNI a\nNoSNI yes",
	    "");
	CHECK_INT(c.route.family, AF_INET);
	CHECK_INT(c.level, SAY_FAILURE);
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_NTLM);
	CHECK_INT(c.route.hops[0].secure.options.no_sni, 0);
	done();
	/* Headers are added. */
	CHECK_FINE("Proxy p:1\nHeader A: 1\nHost *\nHeader B: 2", "-HC:3");
	CHECK_INT(c.route.hops[0].nheaders, 3);
	done();
	/* The user's file before that of the machine. */
	add_file("Proxy a:1\nHost x\nTimeout 1");
	add_file("Timeout 2\nProxy b:1");
	CHECK_FINE(NULL, "");
	check_hops("", "a:1");
	CHECK_INT(c.route.open_ms, 2000);
	done();
}

static void
command_line_before_files(void)
{
	CHECK_HOPS("Proxy a:1", "b:1", "-pb:1");
	CHECK_HOPS("Proxy a:1", "direct", "--direct");
	CHECK_HOPS("Proxy a:1", "direct", "-pdirect");
	CHECK_HOPS("Proxy direct", "b:1", "-pb:1");
	CHECK_FINE("Proxy p:1\nTimeout 1\nLinger 2\nVerbose yes\nIPv4 yes\n"
		   "ProxyAuth bob\nAuth basic\nHostHeader h\nNoSNI yes\n"
		   "Netrc /x\nHalfClose never",
	    "--timeout=3 -q -6 -Peve -N -oi --sni=j --netrc --half-close=now");
	CHECK_INT(c.route.open_ms, 3000);
	CHECK_INT(c.route.rules.linger_ms, 2000);
	CHECK_INT(c.level, SAY_FAILURE);
	CHECK_INT(c.route.family, AF_INET6);
	CHECK_STR(c.route.hops[0].option.user, "eve");
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_NTLM);
	CHECK_STR(c.route.host, "i");
	CHECK_STR(c.route.hops[0].secure.options.sni, "j");
	CHECK_INT(c.route.hops[0].secure.options.no_sni, 0);
	CHECK(c.route.files.netrc == NULL);
	CHECK_INT(c.route.rules.half_close_ms, 0);
	done();
}

static void
files_before_the_environment(void)
{
	variable = "https_proxy";
	variable_value = "e:1";
	CHECK_HOPS("Proxy a:1", "a:1", "");
	variable = "https_proxy";
	CHECK_HOPS("Proxy none", "direct", "");
	variable = "https_proxy";
	CHECK_HOPS("Timeout 1\nRemProxy b:1", "e:1 b:1", "");
	/* Also that which says for whom the proxy is not. */
	variable = "no_proxy";
	variable_value = "host.example";
	CHECK_HOPS("Proxy a:1", "a:1", "");
	variable = "no_proxy";
	CHECK_HOPS("Proxy a:1", "direct", "-pb:1");
	variable = "PROXYUSER";
	variable_value = "eve";
	CHECK_FINE("Proxy a:1\nProxyAuth bob", "");
	CHECK_STR(c.route.hops[0].option.user, "bob");
	CHECK_STR(c.route.hops[0].environment.user, "eve");
	done();
}

static void
further_proxies(void)
{
	CHECK_HOPS("Proxy a:1\nRemProxy b:1\nRemProxy c:1", "a:1 b:1 c:1", "");
	/* They are those of one section. */
	CHECK_HOPS(
	    "Proxy a:1\nRemProxy b:1\nHost *\nRemProxy c:1", "a:1 b:1", "");
	CHECK_HOPS("Proxy a:1\nHost host.example\nRemProxy b:1\n"
		   "RemProxy c:1\nHost *\nRemProxy d:1",
	    "a:1 b:1 c:1", "");
	CHECK_HOPS("RemProxy none\nHost *\nProxy a:1\nRemProxy b:1", "a:1", "");
	CHECK_HOPS("Proxy a:1\nRemProxy b:1", "a:1 c:1 d:1", "-rc:1 -rd:1");
	CHECK_FINE("Proxy a:1\nRemProxy b:1\nRemProxyAuth bob\n"
		   "EncryptRemProxy yes\nRemProxy c:1\nRemProxyAuth eve",
	    "");
	CHECK_STR(c.route.hops[1].option.user, "bob");
	CHECK_STR(c.route.hops[2].option.user, "eve");
	CHECK_INT(c.route.hops[1].secure.on, 1);
	CHECK_INT(c.route.hops[2].secure.on, 0);
	done();
	CHECK_FINE("Proxy a:1\nRemProxy b:1\nRemProxyAuth bob", "-Reve");
	CHECK_STR(c.route.hops[1].option.user, "eve");
	done();
	/* The login at one does not go to another. */
	CHECK_FINE("Proxy a:1\nRemProxy b:1\nRemProxyAuth bob\n"
		   "EncryptRemProxy yes",
	    "-rc:1");
	CHECK(c.route.hops[1].option.user == NULL);
	CHECK_INT(c.route.hops[1].secure.on, 0);
	done();
	/* -r on the command line wants a proxy in front of it. */
	variable = "http_proxy";
	variable_value = "e:1";
	CHECK_HOPS("Proxy direct", "e:1 b:1", "-rb:1");
}

/* What a section says of its proxy is not said of another. */
static void
sections_of_unused_proxies(void)
{
	static const char corp[] = "Host *\nProxy https://a:1\nRemProxy b:1\n"
				   "ProxyAuth bob:x\nPasswordCommand y\n"
				   "PassFile /f\nNetrc yes\nHeader A: b\n"
				   "HostHeader h\nAuth basic\n"
				   "NoCheckCertificate yes\nCACert /ca\n"
				   "For 2\nDomain d\nTimeout 1\n";
	char text[1000];
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(text, sizeof text, "%s%s", i == 0 ? "Proxy c:1\n" : "",
		    corp);
		if (i == 0)
			CHECK_FINE(text, "");
		else
			CHECK_FINE(text, "-pc:1");
		check_hops(text, "c:1");
		CHECK(c.route.hops[0].option.user == NULL);
		CHECK(c.route.hops[0].sources.command == NULL);
		CHECK(c.route.files.passfile == NULL);
		CHECK_INT(c.route.files.use_netrc, 0);
		CHECK_INT(c.route.hops[0].nheaders, 0);
		CHECK(c.route.host == NULL);
		CHECK_INT(c.route.hops[0].auth.allowed, AUTH_ALL);
		CHECK_INT(c.route.hops[0].secure.options.no_verify, 0);
		CHECK(c.route.hops[0].secure.options.ca == NULL);
		CHECK_INT(c.route.open_ms, 1000);
		done();
	}
	/* One that names none is about any. */
	CHECK_FINE("Host host.example\nProxy c:1\nHost *\nProxyAuth bob", "");
	CHECK_STR(c.route.hops[0].option.user, "bob");
	done();
}

static void
scopes(void)
{
	struct secure *s;

	CHECK_FINE("Proxy a:1\nRemProxy b:1\nFor 2\nCACert /two\n"
		   "ProxyAuth eve\nFor all\nCACert /all\nFor dest\nCert /c\n"
		   "Host *\nProxyAuth bob\nCert /d\nKey /k\n",
	    "--for=1 -C/one");
	CHECK_STR(c.route.hops[0].option.user, "bob");
	CHECK_STR(c.route.hops[1].option.user, "eve");
	CHECK_STR(route_secure(&c.route, 0)->options.ca, "/one");
	CHECK_STR(route_secure(&c.route, 1)->options.ca, "/two");
	s = route_secure(&c.route, 2);
	CHECK_STR(s->options.ca, "/all");
	CHECK_STR(s->options.cert, "/c");
	CHECK_STR(route_secure(&c.route, 0)->options.cert, "/d");
	done();
	CHECK_FINE(
	    "Proxy a:1\nRemProxy b:1\nAuth basic", "--for=2 --auth=ntlm");
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_BASIC);
	CHECK_INT(c.route.hops[1].auth.allowed, AUTH_NTLM);
	done();
	/* A proxy that is not there this time. */
	CHECK_FINE("Proxy a:1\nFor 2\nProxyAuth eve\nTimeout 1\nHost *\n"
		   "ProxyAuth bob",
	    "");
	CHECK_STR(c.route.hops[0].option.user, "bob");
	CHECK_INT(c.route.open_ms, 1000);
	done();
}

static void
secrets(void)
{
	static char name[] = "shared";
	static const char *const lines[] = { "ProxyAuth bob:x",
		"RemProxyAuth bob:x", "Proxy http://bob:x@p:1",
		"RemProxy bob:x@p:1", "Header Proxy-Authorization: x",
		"Host other\nProxyAuth bob:x" };
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		add_file(lines[i]);
		files.file[0].name = name;
		files.file[0].shared = 1;
		CHECK_INT(parse(NULL, "-pp:1"), -1);
		test_row = lines[i];
		CHECK_INT(why.code, FAIL_FILE);
		CHECK_HAS(why.text, "config shared line ");
		CHECK_HAS(why.text, "a secret, and others may read the file");
		done();
	}
	add_file("Proxy bob@p:1\nHeader X-A: x\nRemProxyAuth bob\n"
		 "PasswordCommand a:b");
	files.file[0].shared = 1;
	CHECK_FINE(NULL, "");
	done();
	CHECK_FINE("Proxy p:1\nProxyAuth bob:x:y", "");
	CHECK_STR(c.route.hops[0].option.user, "bob");
	CHECK_STR(c.route.hops[0].option.password, "x:y");
	done();
	/* The command line has the password elsewhere. */
	CHECK_FINE("Proxy p:1\nProxyAuth bob:x", "-F/f");
	CHECK_STR(c.route.hops[0].option.user, "bob");
	CHECK(c.route.hops[0].option.password == NULL);
	done();
	CHECK_FINE("Proxy p:1\nProxyAuth bob:x", "--password-command=y");
	CHECK(c.route.hops[0].option.password == NULL);
	done();
	CHECK_FINE("Proxy p:1\nPassFile /f\nProxyAuth bob:x", "");
	CHECK_STR(c.route.hops[0].option.password, "x");
	done();
}

static void
what_is_wrong(void)
{
	CHECK_FAILS("\nProxxy p:1",
	    "config one line 2: 'Proxxy': not an option (is it proxy?)");
	CHECK_FAILS("Prox p:1",
	    "config one line 1: 'Prox': not an option (is it proxy?)");
	CHECK_FAILS("pass x", "config one line 1: 'pass': not an option");
	CHECK_FAILS("k x", "config one line 1: 'k': not an option");
	CHECK_FAILS("Match all", "config one line 1: 'Match': not an option");
	CHECK_FAILS("=x", "config one line 1: '': not an option");
	CHECK_FAILS("Host x\nfoo x",
	    "config one line 2: 'foo': not an option (is it for?)");
	CHECK_FAILS("Proxy", "config one line 1: 'Proxy': needs a value");
	CHECK_FAILS(
	    "Encrypt", "config one line 1: 'Encrypt': yes or no is missing");
	CHECK_FAILS("Encrypt maybe",
	    "config one line 1: 'Encrypt': yes or no is missing");
	CHECK_FAILS("Dest h:1", "config one line 1: 'Dest': an option for the "
				"command line alone");
	CHECK_FAILS("Config /x", "config one line 1: 'Config': an option for "
				 "the command line alone");
	CHECK_FAILS("Standalone 1",
	    "config one line 1: 'Standalone': an option "
	    "for the command line alone");
	CHECK_FAILS("Direct yes",
	    "config one line 1: 'Direct': written Proxy direct here");
	CHECK_FAILS("Timeout soon",
	    "config one line 1: --timeout='soon': not a number of seconds "
	    "above 0");
	CHECK_FAILS("Host a:b\n", "config one line 1: 'a:b': the port is a "
				  "number from 1 to 65535");
	CHECK_FAILS("RemProxy b",
	    "config one line 1: -r: 'b': the port is missing: HOST:PORT");
	CHECK_FAILS("For 3\nFor x",
	    "config one line 2: --for='x': neither the number of a proxy (-p "
	    "is 1, the first -r is 2) nor dest nor all");
}

/* The file "one", and "two", which a line of it includes. */
static int
parse_both(const char *one, const char *two, unsigned line, const char *words)
{
	add_file(one);
	add_file(two);
	files.file[1].includer = 0;
	files.file[1].line = line;
	return parse(NULL, words);
}

static void
included_files(void)
{
	/* As if its lines stood there. */
	CHECK_INT(parse_both("Include two\nTimeout 9\nLinger 3\n",
		      "Timeout 5\n", 1, "-pp:1"),
	    0);
	CHECK_INT(c.route.open_ms, 5000);
	CHECK_INT(c.route.rules.linger_ms, 3000);
	done();
	CHECK_INT(parse_both("Timeout 9\nInclude two\n", "Timeout 5\nRetry 2",
		      2, "-pp:1"),
	    0);
	CHECK_INT(c.route.open_ms, 9000);
	CHECK_INT(c.route.retries, 2);
	done();
	/* Another line includes another one. */
	CHECK_INT(
	    parse_both("Include x\nTimeout 9\n", "Timeout 5\n", 2, "-pp:1"), 0);
	CHECK_INT(c.route.open_ms, 9000);
	done();
	/* Its sections are for some of the destinations that it is for. */
	CHECK_INT(parse_both("Host other\nInclude two\nHost *\nProxy p:1\n",
		      "Proxy q:1\nHost host.example\nProxy r:1\n", 2, ""),
	    0);
	check_hops("a section for others", "p:1");
	done();
	/* A section goes on behind it. */
	CHECK_INT(parse_both("Proxy p:1\nRemProxy q:1\nInclude two\n"
			     "RemProxy r:1\nHost *\nProxy z:1\nAuth basic\n",
		      "Host *\nRemProxy no:1\nTimeout 4\n", 3, ""),
	    0);
	check_hops("a section in pieces", "p:1 q:1 r:1");
	CHECK_INT(c.route.open_ms, 4000);
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_ALL);
	done();
	CHECK_INT(parse_both("Auth basic\nInclude two\nProxy p:1\n",
		      "Host *\nTimeout 4\n", 2, "-px:1"),
	    0);
	check_hops("another proxy", "x:1");
	CHECK_INT(c.route.hops[0].auth.allowed, AUTH_ALL);
	done();
	/* For is for the lines of one file. */
	CHECK_INT(parse_both("Proxy p:1\nFor dest\nInclude two\nAlpn a\n",
		      "Sni x\nFor 1\nCiphers A\n", 3, ""),
	    0);
	CHECK_STR(c.route.hops[0].secure.options.sni, "x");
	CHECK_STR(c.route.secure.options.sni, "x");
	CHECK(c.route.hops[0].secure.options.alpn == NULL);
	CHECK_STR(c.route.secure.options.alpn, "a");
	CHECK_STR(c.route.hops[0].secure.options.ciphers, "A");
	CHECK(c.route.secure.options.ciphers == NULL);
	done();
	/* What is wrong in it, for whomever. */
	CHECK_INT(
	    parse_both("Host other\nInclude two\n", "\nTimeout x", 2, "-pp:1"),
	    0);
	done();
	CHECK_INT(
	    parse_both("Host other\nInclude two\n", "\nNonsense\n", 2, "-pp:1"),
	    -1);
	CHECK_STR(why.text, "config two line 2: 'Nonsense': not an option");
	done();
	CHECK_INT(parse_both("Include two\n", "Host a:b\n", 1, "-pp:1"), -1);
	CHECK_HAS(why.text, "config two line 1: 'a:b': ");
	done();
	CHECK_FAILS(
	    "\nInclude\n", "config one line 2: 'Include': needs a value");
	CHECK_FAILS(
	    "Include \"\"\n", "config one line 1: 'Include': needs a value");
}

static void
which_file(void)
{
	static const struct {
		const char *args[5], *want;
	} rows[] = {
		{ { "proxytunnel", "h:1" }, NULL },
		{ { "proxytunnel", "-f", "a", "h:1" }, "a" },
		{ { "proxytunnel", "h:1", "-vfa" }, "a" },
		{ { "proxytunnel", "--config=a", "-fb" }, "b" },
		{ { "proxytunnel", "-p", "-f", "a" }, NULL },
		{ { "proxytunnel", "--", "-fa" }, NULL },
		{ { "proxytunnel", "-fa", "--help" }, "none" },
		{ { "proxytunnel", "-V" }, "none" },
		{ { "proxytunnel", "--nonsense", "-fa" }, "a" },
		{ { "proxytunnel", "-f" }, NULL },
	};
	char copy[5][20], *argv[6];
	size_t i;
	int argc;

	for (i = 0; i < COUNT(rows); i++) {
		for (argc = 0; argc < 5 && rows[i].args[argc] != NULL; argc++) {
			snprintf(copy[argc], sizeof copy[argc], "%s",
			    rows[i].args[argc]);
			argv[argc] = copy[argc];
		}
		argv[argc] = NULL;
		test_row = rows[i].args[argc - 1];
		CHECK_STR(options_file(argc, argv), rows[i].want);
	}
	test_row = NULL;
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(options_of_all_kinds),
		TEST(the_first_counts),
		TEST(command_line_before_files),
		TEST(files_before_the_environment),
		TEST(further_proxies),
		TEST(sections_of_unused_proxies),
		TEST(scopes),
		TEST(secrets),
		TEST(what_is_wrong),
		TEST(included_files),
		TEST(which_file),
	};

	return test_all(tests, COUNT(tests));
}
