/* advice.c -- what one may try where no tunnel opens.  Floor 1. */
#include "advice.h"

#include "auth.h"

#define HOST_SHOWN 128 /* bytes */

static int
put_host(struct buf *b, const struct advice_case *c)
{
	return text_show(b, span_of(c->host), HOST_SHOWN);
}

/* Is that port of the destination open, where it matters? */
static int
put_question(struct buf *b, const struct advice_case *c)
{
	buf_putf(b, "is port %u open at ", c->port);
	put_host(b, c);
	return buf_puts(b, c->has_proxy ? ", seen from the proxy?" : "?");
}

static int
put_no_proxy(struct buf *b, const struct advice_case *c)
{
	return BUF_JOIN(b, c->peer,
	    " is no proxy: 3128, 8080 and 1080 are common ports of one");
}

static int
put_name(struct buf *b, const struct advice_case *c)
{
	if (c->why->cause == CAUSE_FAMILY)
		return buf_puts(b, "that is an address of the other family: "
				   "leave -4 or -6 away");
	if (c->why->code == FAIL_TIMEOUT || c->why->cause == CAUSE_NAME_SERVER)
		return buf_puts(b, "no name server has answered: is the "
				   "network up?");
	buf_puts(b, "is the name spelled right, and is the network or VPN up "
		    "in which it is known?");
	return c->is_proxy ? 0
			   : buf_puts(b, " Or is there a proxy to go by (-p)?");
}

static int
put_connection(struct buf *b, const struct advice_case *c)
{
	if (span_starts(span_of(c->peer), "unix:"))
		return buf_puts(b, "is the proxy running, and is that its "
				   "socket?");
	if (c->why->code == FAIL_TIMEOUT)
		return buf_puts(b,
		    c->is_proxy
			? "a firewall drops it in silence, or nobody has that "
			  "address: is it the proxy of this network?"
			: "a firewall drops it in silence, or nobody has that "
			  "address: is there a proxy to go by (-p)?");
	if (c->why->cause == CAUSE_NO_LISTENER)
		return buf_puts(b,
		    c->is_proxy ? "the host is there but nobody listens at "
				  "that port: 3128, 8080 and 1080 are common "
				  "ones of proxies"
				: "the host is there but nobody listens at "
				  "that port");
	if (c->why->cause == CAUSE_NO_WAY)
		return buf_puts(b, "there is no way to that address from "
				   "here: is the network or VPN up?");
	return 0;
}

/* A login page is in the way. */
static int
put_page(struct buf *b)
{
	return buf_puts(
	    b, "open any page in a browser, log in there, and check again");
}

static int
put_scheme(struct buf *b, const struct advice_case *c, const char *scheme)
{
	return BUF_JOIN(b, "write the proxy as ", scheme, "://", c->peer);
}

/* It was asked what it speaks, and that is not what it was taken for. */
static int
put_speaks(struct buf *b, const struct advice_case *c)
{
	static const struct {
		const char *scheme, *words;
	} known[] = { { "https", "that port speaks TLS" },
		{ "socks5h", "that port speaks SOCKS5" },
		{ "http", "that port speaks HTTP, without TLS" } };
	size_t i = 0;

	while (!span_is(span_of(c->speaks), known[i].scheme))
		i++;
	BUF_JOIN(b, known[i].words, ": ");
	return put_scheme(b, c, c->speaks);
}

static int
put_tls(struct buf *b, const struct advice_case *c)
{
	if (c->speaks != NULL)
		return put_speaks(b, c);
	if (c->why->cause == CAUSE_EXPIRED)
		return buf_puts(b, "who runs it has to renew the certificate; "
				   "-z with --pin takes one key meanwhile");
	switch (c->why->code) {
	case FAIL_PROTOCOL:
		if (c->why->cause < CAUSE_ALIEN)
			return 0;
		if (!c->is_proxy)
			return buf_puts(b, "leave -e away: that port speaks "
					   "no TLS");
		return c->why->cause == CAUSE_SERVER
			   ? put_no_proxy(b, c)
			   : buf_puts(b, "leave -E or https:// away: that "
					 "port speaks no TLS");
	case FAIL_REFUSED:
		return put_page(b);
	case FAIL_CONNECT:
		return c->is_proxy ? 0 : put_question(b, c);
	case FAIL_TIMEOUT:
		return buf_puts(b,
		    c->is_proxy ? "it is connected but says nothing: is that "
				  "the port where the proxy speaks TLS?"
				: "it is connected but says nothing: is that "
				  "a port that speaks TLS, as -e has it?");
	default:
		return 0;
	}
}

/* The schemes that are offered, as bits. */
static unsigned
offered(const struct heard *h)
{
	struct span rest = BUF_SPAN(&h->offers.names), name;
	unsigned bits = 0;

	while (text_next_element(&rest, &name))
		bits |= auth_scheme_bit(name);
	return bits;
}

static int
put_user(struct buf *b, const struct advice_case *c, const char *before)
{
	return BUF_JOIN(b, before, "name a user with ", c->login_option);
}

static int
put_login(struct buf *b, const struct advice_case *c)
{
	unsigned schemes = c->heard == NULL ? 0 : offered(c->heard);

	if (span_find(span_of(c->why->text), FAIL_LACKS) != NULL)
		return buf_puts(b, "install the library that is missing");
	if (c->why->cause == CAUSE_CERTIFICATE)
		return 0; /* TLS has told what to do */
	if (c->why->cause == CAUSE_CREDENTIALS)
		return BUF_JOIN(b, "check user and password",
		    (schemes & AUTH_NTLM) != 0
			? "; a domain goes in with -t DOMAIN"
			: "");
	if (schemes == AUTH_NEGOTIATE)
		return buf_puts(b, "the proxy offers Negotiate: run kinit");
	if ((schemes & AUTH_NEGOTIATE) != 0)
		return put_user(b, c, "run kinit, or ");
	if (c->is_socks || schemes != 0) {
		put_user(b, c, "");
		return BUF_JOIN(b,
		    "; the password is asked for, or comes from ",
		    c->is_further ? "REMPROXYPASS" : "PROXYPASS");
	}
	return 0;
}

/* The proxy does not want that destination. */
static int
put_refusal(struct buf *b, const struct advice_case *c)
{
	if (!c->is_socks && (c->why->status < 400 || c->why->status == 511))
		return put_page(b);
	if (c->through == NULL)
		return 0;
	if (*c->through == '\0') {
		buf_puts(b, "it is not the port alone: ");
		put_host(b, c);
		return BUF_JOIN(b, " is refused at ", c->refused, ", too");
	}
	if (!c->is_socks)
		buf_putf(b, "%d for port %u: ", c->why->status, c->port);
	else
		buf_putf(b, "not for port %u: ", c->port);
	return buf_puts(b, c->through);
}

static int
put_silence(struct buf *b, const struct advice_case *c)
{
	if (c->knocked && !c->as_meant)
		return buf_puts(b, "it answers neither TLS, SOCKS5 nor HTTP: "
				   "is that the port of a proxy? Old ones "
				   "speak SOCKS4 (socks4a://)");
	return c->is_socks ? BUF_JOIN(b,
				 "another kind of proxy? write it as "
				 "http://",
				 c->peer, " or socks4a://", c->peer)
			   : BUF_JOIN(b,
				 "another kind of proxy? write it as "
				 "socks5h://",
				 c->peer, " or https://", c->peer);
}

/* Another kind of proxy, another server, or none that talks. */
static int
put_alien(struct buf *b, const struct advice_case *c)
{
	if (c->speaks != NULL)
		return put_speaks(b, c);
	switch (c->why->cause) {
	case CAUSE_ALIEN:
	case CAUSE_SERVER:
		return put_no_proxy(b, c);
	case CAUSE_TLS:
		return put_scheme(b, c, "https");
	case CAUSE_HTTP:
		return put_scheme(b, c, "http");
	case CAUSE_SOCKS4:
		return put_scheme(b, c, "socks4a");
	case CAUSE_SOCKS5:
		return put_scheme(b, c, "socks5h");
	case CAUSE_SILENCE:
		return put_silence(b, c);
	default:
		break;
	}
	if (c->why->status >= 400 && c->as_meant)
		return buf_puts(b, "it speaks HTTP but opens no tunnel: a web "
				   "server? 3128 and 8080 are common ports of "
				   "proxies");
	return 0;
}

/* It could not reach the proxy behind it. */
static int
put_next(struct buf *b, const struct advice_case *c)
{
	return BUF_JOIN(b, "is ", c->next,
	    " the name and port of a proxy that ", c->peer, " reaches?");
}

/* The last one could not reach the destination. */
static int
put_unreached(struct buf *b, const struct advice_case *c)
{
	if (!c->is_last)
		return put_next(b, c);
	buf_puts(b, "the proxy itself is fine: can it resolve and reach ");
	put_host(b, c);
	return buf_putf(b, ", and is port %u open there?", c->port);
}

static int
put_late(struct buf *b, const struct advice_case *c)
{
	if (c->why->status == 504)
		return put_unreached(b, c);
	if (c->why->status != 0)
		return 0;
	if (c->speaks != NULL)
		return put_speaks(b, c);
	if (c->why->cause == CAUSE_SLOWNESS)
		return buf_puts(b, "it is slow: --timeout gives it longer");
	if (c->as_meant && c->is_last) {
		buf_puts(b, "the proxy is there and answers other questions: ");
		return put_question(b, c);
	}
	if (c->knocked && !c->as_meant)
		return buf_puts(b, "it is connected but says nothing, neither "
				   "in TLS, SOCKS5 nor HTTP: is that a proxy?");
	return buf_puts(b, "it is connected but says nothing: is that a proxy, "
			   "or the destination out of its reach?");
}

static int
put_proxy(struct buf *b, const struct advice_case *c)
{
	switch (c->why->code) {
	case FAIL_AUTH:
		return put_login(b, c);
	case FAIL_REFUSED:
		return put_refusal(b, c);
	case FAIL_PROTOCOL:
		return put_alien(b, c);
	case FAIL_RESOLVE:
		if (!c->is_last)
			return put_next(b, c);
		buf_puts(b, "is ");
		put_host(b, c);
		return buf_puts(b, " spelled right? A name that only this "
				   "network knows has to go as an address");
	case FAIL_CONNECT:
		return put_unreached(b, c);
	case FAIL_TIMEOUT:
		return put_late(b, c);
	default:
		return 0;
	}
}

int
advice_put(struct buf *b, const struct advice_case *c)
{
	switch (c->stage) {
	case ADVICE_NAME:
		return put_name(b, c);
	case ADVICE_CONNECTION:
		return put_connection(b, c);
	case ADVICE_TLS:
		return put_tls(b, c);
	case ADVICE_PROXY:
		return put_proxy(b, c);
	case ADVICE_BEHIND:
		if (c->why->code == FAIL_REFUSED)
			return put_page(b);
		return c->why->code == FAIL_CONNECT ? put_question(b, c) : 0;
	}
	return 0;
}
