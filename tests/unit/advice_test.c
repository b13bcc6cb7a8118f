/* advice_test.c -- what one may try where no tunnel opens. */
#include "advice.h"
#include "test.h"

static struct heard heard;

/* It ended there. */
static struct advice_case
proxy_at(enum advice_stage stage)
{
	return (struct advice_case){ .stage = stage,
		.peer = "p:3128",
		.has_proxy = 1,
		.is_proxy = 1,
		.is_last = 1,
		.login_option = "-P USER",
		.host = "h",
		.port = 22,
		.heard = &heard };
}

static struct advice_case
target_at(enum advice_stage stage)
{
	return (struct advice_case){
		.stage = stage, .peer = "h:22", .host = "h", .port = 22
	};
}

static void
advise(struct advice_case c, enum fail_code code, enum fail_cause cause,
    int status, const char *want)
{
	struct failure why = { code, cause, status, "" };
	struct buf b;

	c.why = &why;
	test_row = want;
	buf_init(&b, 1000);
	CHECK_INT(advice_put(&b, &c), 0);
	CHECK_BUF(&b, want);
	buf_free(&b);
	test_row = NULL;
}

static void
names_and_connections(void)
{
	struct advice_case name = proxy_at(ADVICE_NAME);
	struct advice_case direct = target_at(ADVICE_NAME);
	struct advice_case c = proxy_at(ADVICE_CONNECTION);

	advise(name, FAIL_RESOLVE, CAUSE_OTHER, 0,
	    "is the name spelled right, and is the network or VPN up in which "
	    "it is known?");
	advise(direct, FAIL_RESOLVE, CAUSE_OTHER, 0,
	    "is the name spelled right, and is the network or VPN up in which "
	    "it is known? Or is there a proxy to go by (-p)?");
	advise(name, FAIL_RESOLVE, CAUSE_NAME_SERVER, 0,
	    "no name server has answered: is the network up?");
	advise(name, FAIL_TIMEOUT, CAUSE_OTHER, 0,
	    "no name server has answered: is the network up?");
	advise(name, FAIL_RESOLVE, CAUSE_FAMILY, 0,
	    "that is an address of the other family: leave -4 or -6 away");
	advise(c, FAIL_CONNECT, CAUSE_NO_LISTENER, 0,
	    "the host is there but nobody listens at that port: 3128, 8080 and "
	    "1080 are common ones of proxies");
	advise(c, FAIL_CONNECT, CAUSE_OTHER, 0, "");
	advise(c, FAIL_CONNECT, CAUSE_NO_WAY, 0,
	    "there is no way to that address from here: is the network or VPN "
	    "up?");
	c.peer = "unix:/p";
	advise(c, FAIL_CONNECT, CAUSE_NO_LISTENER, 0,
	    "is the proxy running, and is that its socket?");
}

static void
tls(void)
{
	struct advice_case c = proxy_at(ADVICE_TLS);

	advise(c, FAIL_PROTOCOL, CAUSE_ALIEN, 0,
	    "leave -E or https:// away: that port speaks no TLS");
	advise(c, FAIL_PROTOCOL, CAUSE_SERVER, 0,
	    "p:3128 is no proxy: 3128, 8080 and 1080 are common ports of one");
	c.knocked = 1;
	c.speaks = "http";
	advise(c, FAIL_PROTOCOL, CAUSE_ALIEN, 0,
	    "that port speaks HTTP, without TLS: write the proxy as "
	    "http://p:3128");
	advise(target_at(ADVICE_TLS), FAIL_PROTOCOL, CAUSE_SERVER, 0,
	    "leave -e away: that port speaks no TLS");
	advise(target_at(ADVICE_TLS), FAIL_CONNECT, CAUSE_OTHER, 0,
	    "is port 22 open at h?");
	advise(target_at(ADVICE_TLS), FAIL_TRUST, CAUSE_EXPIRED, 0,
	    "who runs it has to renew the certificate; -z with --pin takes one "
	    "key meanwhile");
}

/* The challenges of a 407. */
static void
offer(const char *challenges)
{
	heard_free(&heard);
	heard_init(&heard);
	CHECK_INT(offers_add(&heard.offers,
		      (struct span){ challenges, strlen(challenges) }),
	    0);
}

static void
logins(void)
{
	struct advice_case c = proxy_at(ADVICE_PROXY);

	offer("Negotiate");
	advise(c, FAIL_AUTH, CAUSE_OTHER, 407,
	    "the proxy offers Negotiate: run kinit");
	offer("Negotiate, Basic realm=x");
	advise(c, FAIL_AUTH, CAUSE_OTHER, 407,
	    "run kinit, or name a user with -P USER");
	advise(c, FAIL_AUTH, CAUSE_CREDENTIALS, 407, "check user and password");
	advise(c, FAIL_AUTH, CAUSE_CERTIFICATE, 0, "");
	offer("NTLM");
	advise(c, FAIL_AUTH, CAUSE_CREDENTIALS, 407,
	    "check user and password; a domain goes in with -t DOMAIN");
	offer("Bearer");
	advise(c, FAIL_AUTH, CAUSE_OTHER, 407, "");
	offer("Basic realm=x");
	c.is_further = 1;
	c.login_option = "-R USER";
	advise(c, FAIL_AUTH, CAUSE_OTHER, 407,
	    "name a user with -R USER; the password is asked for, or comes "
	    "from REMPROXYPASS");
	heard_free(&heard);
}

static void
refusals(void)
{
	struct advice_case c = proxy_at(ADVICE_PROXY);

	heard_init(&heard);
	advise(c, FAIL_REFUSED, CAUSE_OTHER, 403, "");
	c.through = "ports 443 and 8443 are let through";
	advise(c, FAIL_REFUSED, CAUSE_OTHER, 403,
	    "403 for port 22: ports 443 and 8443 are let through");
	c.is_socks = 1;
	advise(c, FAIL_REFUSED, CAUSE_OTHER, 2,
	    "not for port 22: ports 443 and 8443 are let through");
	c.is_socks = 0;
	c.through = "";
	c.refused = "443 and 80";
	advise(c, FAIL_REFUSED, CAUSE_OTHER, 403,
	    "it is not the port alone: h is refused at 443 and 80, too");
	advise(c, FAIL_REFUSED, CAUSE_OTHER, 302,
	    "open any page in a browser, log in there, and check again");
	advise(c, FAIL_TIMEOUT, CAUSE_OTHER, 504,
	    "the proxy itself is fine: can it resolve and reach h, and is port "
	    "22 open there?");
	c.is_last = 0;
	c.next = "q:8080";
	advise(c, FAIL_CONNECT, CAUSE_OTHER, 503,
	    "is q:8080 the name and port of a proxy that p:3128 reaches?");
	advise(c, FAIL_RESOLVE, CAUSE_OTHER, 503,
	    "is q:8080 the name and port of a proxy that p:3128 reaches?");
	advise(c, FAIL_TIMEOUT, CAUSE_OTHER, 429, "");
	advise(c, FAIL_LOCAL, CAUSE_OTHER, 0, "");
	advise(proxy_at(ADVICE_BEHIND), FAIL_CONNECT, CAUSE_OTHER, 0,
	    "is port 22 open at h, seen from the proxy?");
}

static void
aliens(void)
{
	struct advice_case c = proxy_at(ADVICE_PROXY);

	advise(c, FAIL_PROTOCOL, CAUSE_SERVER, 0,
	    "p:3128 is no proxy: 3128, 8080 and 1080 are common ports of one");
	advise(c, FAIL_PROTOCOL, CAUSE_SILENCE, 0,
	    "another kind of proxy? write it as socks5h://p:3128 or "
	    "https://p:3128");
	advise(c, FAIL_PROTOCOL, CAUSE_SOCKS4, 0,
	    "write the proxy as socks4a://p:3128");
	advise(c, FAIL_PROTOCOL, CAUSE_SOCKS5, 0,
	    "write the proxy as socks5h://p:3128");
	advise(c, FAIL_PROTOCOL, CAUSE_TLS, 0,
	    "write the proxy as https://p:3128");
	advise(c, FAIL_PROTOCOL, CAUSE_HTTP, 0,
	    "write the proxy as http://p:3128");
	advise(c, FAIL_PROTOCOL, CAUSE_OTHER, 0, "");
	c.knocked = 1;
	advise(c, FAIL_PROTOCOL, CAUSE_SILENCE, 0,
	    "it answers neither TLS, SOCKS5 nor HTTP: is that the port of a "
	    "proxy? Old ones speak SOCKS4 (socks4a://)");
	advise(c, FAIL_TIMEOUT, CAUSE_OTHER, 0,
	    "it is connected but says nothing, neither in TLS, SOCKS5 nor "
	    "HTTP: is that a proxy?");
	advise(c, FAIL_TIMEOUT, CAUSE_SLOWNESS, 0,
	    "it is slow: --timeout gives it longer");
	c.as_meant = 1;
	advise(c, FAIL_TIMEOUT, CAUSE_OTHER, 0,
	    "the proxy is there and answers other questions: is port 22 open "
	    "at h, seen from the proxy?");
	advise(c, FAIL_PROTOCOL, CAUSE_OTHER, 405,
	    "it speaks HTTP but opens no tunnel: a web server? 3128 and 8080 "
	    "are common ports of proxies");
	c.as_meant = 0;
	c.speaks = "https";
	advise(c, FAIL_PROTOCOL, CAUSE_SERVER, 0,
	    "that port speaks TLS: write the proxy as https://p:3128");
	advise(c, FAIL_TIMEOUT, CAUSE_OTHER, 0,
	    "that port speaks TLS: write the proxy as https://p:3128");
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(names_and_connections),
		TEST(tls),
		TEST(logins),
		TEST(refusals),
		TEST(aliens),
	};

	return test_all(tests, COUNT(tests));
}
