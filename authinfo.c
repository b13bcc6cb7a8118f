/*
 * authinfo.c -- what login does a proxy demand, and which of it is to be had
 * here and now?  Nothing secret is sent to find that out.  Floor 4.
 */
#include "modes.h"

#include <stdlib.h>
#include <string.h>

#include "checkrun.h"
#include "crypto.h"
#include "digest.h"
#include "negotiate.h"
#include "probe.h"

#define SCHEMES_MAX 16
#define TEXT_MAX 512

struct scheme {
	struct span name; /* as the proxy writes it */
	int usable;
	struct buf text;
};

/* What is set aside of a hop meanwhile. */
struct aside {
	struct credentials credentials;
	unsigned allowed;
};

struct authinfo {
	struct checkrun run;
	struct aside aside[ROUTE_HOPS_MAX];
	struct route *way;
	struct probe *probe;
	struct findings findings;
	const struct stage *asked; /* the proxy that demands one, or the last */
	struct scheme schemes[SCHEMES_MAX];
	size_t nschemes;
	struct negotiate *context;
	struct scheme *negotiated;
	struct timer timer;
};

/* Takes the headers out that are nobody's but the proxy's. */
static void
drop_secret_headers(struct hop *h)
{
	size_t i, kept = 0;

	for (i = 0; i < h->nheaders; i++) {
		struct span name = { h->headers[i],
			strcspn(h->headers[i], ":") };

		if (http_is_secret(name))
			secret_free(h->headers[i]);
		else
			h->headers[kept++] = h->headers[i];
	}
	h->nheaders = h->request.http.nheaders = kept;
}

/*
 * Where it is all the same no name is resolved here: it is one that nobody
 * knows.
 */
static enum proxy_scheme
without_resolver(enum proxy_scheme scheme)
{
	switch (scheme) {
	case PROXY_SOCKS4:
		return PROXY_SOCKS4A;
	case PROXY_SOCKS5:
		return PROXY_SOCKS5H;
	default:
		return scheme;
	}
}

/*
 * Nobody is to log in.  A proxy of SOCKS5 says what it wants once it is offered
 * more than to go without, for which there has to be a user.
 */
static int
set_aside(struct authinfo *a)
{
	struct route *r = a->run.route;
	struct login *l;
	struct hop *h;
	size_t at;

	for (at = 0; at < r->nhops; at++) {
		h = &r->hops[at];
		l = &h->login;
		a->aside[at] =
		    (struct aside){ l->credentials, h->auth.allowed };
		l->credentials = (struct credentials){ NULL, NULL };
		h->auth.allowed = 0;
		drop_secret_headers(h);
		if (a->run.how->n == 0)
			h->scheme = without_resolver(h->scheme);
		if (h->scheme != PROXY_SOCKS5 && h->scheme != PROXY_SOCKS5H)
			continue;
		h->auth.allowed = h->request.socks.allowed = AUTH_BASIC;
		l->credentials.user = strdup("");
		if (l->credentials.user == NULL)
			return fail(&a->run.why, FAIL_LOCAL, "out of memory");
	}
	return 0;
}

static void
put_back(struct authinfo *a)
{
	struct route *r = a->run.route;
	size_t at;

	for (at = 0; at < r->nhops; at++) {
		credentials_free(&r->hops[at].login.credentials);
		r->hops[at].login.credentials = a->aside[at].credentials;
	}
}

static const struct hop *
asked_hop(const struct authinfo *a)
{
	return &a->run.route->hops[a->asked->at];
}

/* Where a password would come from. */
static const char *
password_source(const struct authinfo *a)
{
	static const char *const words[] = {
		[ASK_NOBODY] = "none",
		[ASK_COMMAND] = "command",
		[ASK_ASKPASS] = "askpass",
		[ASK_TERMINAL] = "terminal",
	};

	return a->aside[a->asked->at].credentials.password != NULL
		   ? "known"
		   : words[ask_whom(&asked_hop(a)->sources)];
}

static void
judge_password(struct authinfo *a, struct scheme *s, unsigned bit)
{
	const struct credentials *c = &a->aside[a->asked->at].credentials;
	const char *source = password_source(a), *fault = NULL;

	if (bit == AUTH_DIGEST)
		fault =
		    digest_fault(&a->asked->heard.offers, &a->run.route->env);
	else if (bit == AUTH_NTLM &&
		 !hash_is_there(a->run.route->hasher, HASH_MD5))
		fault = crypto_missing;
	if (fault != NULL)
		buf_puts(&s->text, fault);
	else if (c->user == NULL)
		BUF_JOIN(&s->text,
		    "no user is known: ", LOGIN_OPTION(&asked_hop(a)->login));
	else if (strcmp(source, "none") == 0)
		buf_puts(&s->text,
		    "there is no password, and nobody to ask for one");
	else {
		s->usable = 1;
		buf_puts(&s->text, "user ");
		text_show(&s->text, span_of(c->user), TEXT_MAX / 4);
		if (strcmp(source, "known") == 0)
			buf_puts(&s->text, ", the password is known");
		else
			BUF_JOIN(&s->text, ", the password is asked for (",
			    source, ")");
	}
}

static void
judge(struct authinfo *a, struct scheme *s)
{
	unsigned bit = auth_scheme_bit(s->name);

	if (span_is(s->name, "user and password"))
		bit = AUTH_BASIC; /* as clear as that */
	if (bit == 0)
		buf_puts(&s->text, "proxytunnel has no answer to it");
	else if ((a->aside[a->asked->at].allowed & bit) == 0)
		buf_puts(&s->text, "--auth does not allow it");
	else if (bit == AUTH_NEGOTIATE)
		a->negotiated = s;
	else
		judge_password(a, s, bit);
}

static void
list_schemes(struct authinfo *a)
{
	struct span rest = BUF_SPAN(&a->asked->heard.offers.names), name;
	struct scheme *s;

	while (a->nschemes < SCHEMES_MAX && text_next_element(&rest, &name)) {
		s = &a->schemes[a->nschemes++];
		s->name = name;
		buf_init(&s->text, TEXT_MAX);
		judge(a, s);
	}
}

/* The library has said whether there is a ticket; the token is not sent. */
static void
on_token(void *arg, struct span token, const char *fault)
{
	struct authinfo *a = arg;
	struct scheme *s = a->negotiated;

	s->usable = fault == NULL && token.n > 0;
	if (s->usable)
		BUF_JOIN(&s->text, "there is a ticket for ",
		    asked_hop(a)->target.name);
	else
		text_show(&s->text,
		    span_of(fault != NULL ? fault : "no token was made"),
		    TEXT_MAX / 2);
	loop_stop(a->run.loop);
}

static void
on_timer(void *arg)
{
	on_token(arg, (struct span){ NULL, 0 },
	    "GSSAPI has not answered (is a KDC in reach?)");
}

static void
ask_gssapi(struct authinfo *a)
{
	struct loop *loop = a->run.loop;

	a->context = negotiate_new(loop, &asked_hop(a)->target, on_token, a);
	if (a->context == NULL ||
	    loop_timer(
		loop, &a->timer, loop_now(loop) + a->run.route->open_ms) < 0) {
		fail(&a->run.why, FAIL_LOCAL, "out of memory");
		loop_stop(loop);
		return;
	}
	negotiate_step(a->context, (struct span){ NULL, 0 });
}

/* The proxy that has demanded a login, or the last that was asked. */
static const struct stage *
find_asked(const struct findings *f)
{
	const struct stage *s = findings_last(f, STAGE_PROXY);

	return s != NULL && (s->heard.status >= 0 || s->heard.demands) ? s
								       : NULL;
}

static void
on_probed(void *arg)
{
	struct authinfo *a = arg;
	static const struct findings_besides nothing = { NULL, NULL, 0, NULL };

	findings_advise(&a->findings, &nothing);
	if (a->findings.why.code != FAIL_LOCAL)
		a->asked = find_asked(&a->findings);
	if (a->asked != NULL && a->asked->heard.demands) {
		list_schemes(a);
		if (a->negotiated != NULL) {
			ask_gssapi(a);
			return;
		}
	}
	loop_stop(a->run.loop);
}

static int
usable(const struct authinfo *a)
{
	size_t i;
	int n = 0;

	for (i = 0; i < a->nschemes; i++)
		n += a->schemes[i].usable;
	return n;
}

/* What there is to know: a login is demanded, or none; else why not. */
static int
status_of(const struct authinfo *a)
{
	if (a->run.signo != 0)
		return 128 + a->run.signo;
	if (a->asked == NULL)
		return fail_exit(a->findings.why.code);
	if (!a->asked->heard.demands)
		return 0;
	return usable(a) > 0 ? 0 : fail_exit(FAIL_AUTH);
}

static void
put_text(const struct authinfo *a, struct buf *b)
{
	const struct heard *h;
	size_t i;
	int width = 0;

	if (a->asked == NULL) {
		report_findings(b, &a->run.style, &a->findings);
		return;
	}
	h = &a->asked->heard;
	buf_puts(b, route_name(a->way, a->asked->at));
	if (buf_len(&h->product) > 0) {
		buf_puts(b, " (");
		buf_put(b, buf_ptr(&h->product), buf_len(&h->product));
		buf_putc(b, ')');
	}
	if (!h->demands) {
		buf_puts(b, " asks for no login");
		/* It may have refused that one before it came to logins. */
		if (a->findings.why.code != FAIL_NONE)
			BUF_JOIN(b, ", at least not for ", a->way->target_name);
		buf_putf(b, ": %d ", h->status);
		buf_put(b, buf_ptr(&h->reason), buf_len(&h->reason));
		buf_putc(b, '\n');
		return;
	}
	buf_puts(b, " demands a login; it would take\n");
	for (i = 0; i < a->nschemes; i++)
		if (width < (int)a->schemes[i].name.n)
			width = (int)a->schemes[i].name.n;
	for (i = 0; i < a->nschemes; i++) {
		buf_puts(b, "  ");
		report_mark(b, &a->run.style, a->schemes[i].usable);
		buf_putf(b, " %-*.*s  ", width, (int)a->schemes[i].name.n,
		    a->schemes[i].name.p);
		buf_put(b, buf_ptr(&a->schemes[i].text),
		    buf_len(&a->schemes[i].text));
		buf_putc(b, '\n');
	}
	if (a->nschemes == 0)
		buf_puts(b, "  nothing that it names\n");
	buf_puts(b, usable(a) > 0 ? "a login can be tried\n"
				  : "no login can be tried here and now\n");
}

static void
put_schemes(const struct authinfo *a, struct json *j)
{
	size_t i;

	json_open(j, "schemes", '[');
	for (i = 0; i < a->nschemes; i++) {
		json_open(j, NULL, '{');
		json_span(j, "scheme", a->schemes[i].name);
		json_bool(j, "usable", a->schemes[i].usable);
		json_span(j, "text", BUF_SPAN(&a->schemes[i].text));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
put_json(const struct authinfo *a, struct buf *b)
{
	const struct stage *s = a->asked;
	struct json j;

	report_json_open(&j, b, "login", a->way, a->way->target_name);
	if (s != NULL) {
		json_number(&j, "hop", (int64_t)s->at + 1);
		json_string(&j, "peer", route_name(a->way, s->at));
		json_bool(&j, "demanded", s->heard.demands);
	} else {
		json_null(&j, "hop");
		json_null(&j, "peer");
		json_null(&j, "demanded");
	}
	if (s != NULL && buf_len(&s->heard.product) > 0)
		json_span(&j, "product", BUF_SPAN(&s->heard.product));
	else
		json_null(&j, "product");
	json_string(
	    &j, "user", s != NULL ? a->aside[s->at].credentials.user : NULL);
	json_string(&j, "password", s != NULL ? password_source(a) : "none");
	json_number(&j, "exit", status_of(a));
	put_schemes(a, &j);
	if (s == NULL) {
		json_open(&j, "failure", '{');
		json_string(&j, "code", report_code(a->findings.why.code));
		json_string(&j, "text", a->findings.why.text);
		json_close(&j, '}');
	} else
		json_null(&j, "failure");
	report_json_close(&j);
}

static void
print(struct authinfo *a)
{
	struct buf b;

	buf_init(&b, REPORT_LINE_MAX);
	if (a->run.how->json)
		put_json(a, &b);
	else
		put_text(a, &b);
	checkrun_print(&a->run, &b);
}

static int
begin(struct authinfo *a)
{
	if (set_aside(a) < 0)
		return -1;
	a->way = route_for(a->run.route, &a->run.route->target, 0, &a->run.why);
	if (a->way == NULL)
		return -1;
	a->way->asks_nobody = 1;
	/* No other one was made to keep what is secret. */
	route_release(a->way->next);
	a->way->next = NULL;
	a->probe =
	    probe_new(a->run.loop, a->way, 0, &a->findings, on_probed, a);
	return a->probe != NULL
		   ? 0
		   : fail(&a->run.why, FAIL_LOCAL, "out of memory");
}

static void
describe(void *arg, struct buf *b)
{
	const struct authinfo *a = arg;

	if (!probe_asks_person(a->probe))
		buf_puts(b, a->context != NULL ? "waiting for GSSAPI"
					       : "waiting for the proxy");
}

int
login_main(struct route *route, const struct checking *how)
{
	struct authinfo a;
	int status = 0, asked = 0;
	size_t i;

	memset(&a, 0, sizeof a);
	a.timer.expired = on_timer;
	a.timer.arg = &a;
	if (checkrun_begin(&a.run, route, how) == 0 && begin(&a) == 0) {
		checkrun_describe(&a.run, describe, &a);
		checkrun_run(&a.run);
		asked = probe_asks_person(a.probe);
		if (a.run.signo == 0)
			print(&a);
		status = status_of(&a);
	}
	put_back(&a);
	negotiate_free(a.context);
	for (i = 0; i < a.nschemes; i++)
		buf_free(&a.schemes[i].text);
	probe_free(a.probe);
	findings_free(&a.findings);
	route_release(a.way);
	return checkrun_end(&a.run, status, asked);
}
