/* route.c -- where a tunnel goes.  Floor 3. */
#include "route.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto.h"
#include "log.h"

#define NAME_MAX_BYTES 2048 /* a host, brackets and a port fit */

static char *
name_of(const struct endpoint *e)
{
	struct buf b;
	char *name = NULL;

	buf_init(&b, NAME_MAX_BYTES);
	if (endpoint_authority(e, &b) == 0)
		name = secret_of(&b);
	buf_free(&b);
	return name;
}

static int
fill_random(void *p, size_t n)
{
	return getentropy(p, n);
}

static int64_t
seconds_now(void)
{
	return log_clock();
}

/* A Unix-domain socket is on this host. */
static const char *
host_of(const struct hop *h)
{
	return h->at.host != NULL ? h->at.host : "localhost";
}

/*
 * Names the proxy as a service: SERVICE@HOST for GSSAPI, unless --spn has
 * another form, and SERVICE/HOST for NTLM (MS-NLMP 2.2.2.1).
 */
static int
name_service(struct hop *h)
{
	struct buf b;
	char *at;

	buf_init(&b, NAME_MAX_BYTES);
	if (h->spn == NULL && BUF_JOIN(&b, "HTTP@", host_of(h)) == 0)
		h->spn = secret_of(&b);
	buf_free(&b);
	if (h->spn == NULL)
		return -1;
	h->ntlm_spn = strdup(h->spn);
	if (h->ntlm_spn == NULL)
		return -1;
	at = strchr(h->ntlm_spn, '@');
	if (at != NULL && strchr(h->ntlm_spn, '/') == NULL)
		*at = '/';
	return 0;
}

/*
 * The name for TLS: --sni, or -o without its port, or the host's own.  A socket
 * in the file system has none.
 */
static int
name_secure(const struct route *r, struct secure *s, const struct endpoint *at,
    struct failure *why)
{
	struct endpoint host = { NULL, NULL, 0 };

	if (!s->on)
		return 0;
	if (s->options.sni != NULL)
		s->name = strdup(s->options.sni);
	else if (r->host != NULL) {
		if (endpoint_parse(&host, r->host, 1, why) < 0)
			return fail(why, why->code, "-o %s", why->text);
		s->name = host.host;
		return 0;
	} else if (at->host != NULL)
		s->name = strdup(at->host);
	else
		return fail(why, FAIL_USAGE,
		    "TLS over a Unix-domain socket: --sni=NAME says whose "
		    "certificate is expected");
	return s->name != NULL ? 0 : fail(why, FAIL_LOCAL, "out of memory");
}

unsigned
hop_asks(const struct hop *h)
{
	return h->sources.command != NULL ? 1 : ASK_TIMES;
}

static int
complete_hop(struct route *r, struct hop *h, struct failure *why)
{
	if (name_secure(r, &h->secure, &h->at, why) < 0)
		return -1;
	if (h->name == NULL || name_service(h) < 0)
		return fail(why, FAIL_LOCAL, "out of memory");
	h->auth.login = &h->login;
	h->auth.domain = h->domain;
	h->auth.spn = h->ntlm_spn;
	h->auth.env = &r->env;
	h->target.name = h->spn;
	h->login.asks = hop_asks(h);
	return 0;
}

/* How the hop is asked for the next one, or for the target. */
static struct request
request_for(const struct route *r, const struct hop *h,
    const struct endpoint *to, const char *authority)
{
	struct request q = { to,
		{ authority, r->host, (const char *const *)h->headers,
		    h->nheaders, &h->auth },
		{ SOCKS_5, 0, to, authority, &h->login, h->auth.allowed } };

	switch (h->scheme) {
	case PROXY_SOCKS4:
		q.socks.version = SOCKS_4;
		break;
	case PROXY_SOCKS4A:
		q.socks.version = SOCKS_4A;
		break;
	case PROXY_SOCKS5:
		q.socks.resolve_here = 1;
		break;
	default:
		break;
	}
	return q;
}

int
route_complete(struct route *r, struct failure *why)
{
	struct hop *h;
	size_t at;

	r->target_name = name_of(&r->target);
	r->names = names_new(NAMES_KEPT_MS);
	if (r->nhops > 0)
		r->hasher = crypto_new();
	if (r->target_name == NULL || r->names == NULL ||
	    (r->nhops > 0 && r->hasher == NULL))
		return fail(why, FAIL_LOCAL, "out of memory");
	r->env = (struct auth_env){ r->hasher, crypto_missing, fill_random,
		seconds_now };
	for (at = 0; at < r->nhops; at++) {
		h = &r->hops[at];
		h->name = name_of(&h->at);
		h->login.further = at > 0 || r->dropped;
		if (at > 0 && h->at.path != NULL)
			return fail(why, FAIL_USAGE,
			    "-r: only the first proxy can be at a Unix-domain "
			    "socket");
		if (complete_hop(r, h, why) < 0)
			return -1;
		if (at > 0)
			h[-1].request = request_for(r, h - 1, &h->at, h->name);
	}
	if (at > 0)
		r->hops[at - 1].request = request_for(
		    r, &r->hops[at - 1], &r->target, r->target_name);
	return name_secure(r, &r->secure, &r->target, why);
}

/* Makes what is about the target its own. */
static int
set_target(struct route *r, const struct endpoint *target, struct failure *why)
{
	const struct route *base = r->base;
	struct secure s = base->secure;

	s.name = NULL;
	r->target = *target;
	r->target.host = strdup(target->host);
	r->target_name = name_of(target);
	if (r->target.host == NULL || r->target_name == NULL)
		return fail(why, FAIL_LOCAL, "out of memory");
	if (r->nhops > 0)
		r->last = request_for(
		    base, &r->hops[r->nhops - 1], &r->target, r->target_name);
	if (name_secure(base, &s, target, why) < 0)
		return -1;
	r->secure.name = s.name;
	return 0;
}

/* One route, without its alternatives; NULL with the failure. */
static struct route *
one_for(const struct route *base, const struct endpoint *target, int direct,
    struct failure *why)
{
	struct route *r = malloc(sizeof *r);

	if (r == NULL) {
		fail(why, FAIL_LOCAL, "out of memory");
		return NULL;
	}
	*r = *base;
	r->base = base;
	r->next = NULL;
	r->target = (struct endpoint){ NULL, NULL, 0 };
	r->target_name = NULL;
	memset(&r->secure, 0, sizeof r->secure);
	if (direct) {
		r->hops = NULL;
		r->nhops = 0;
		r->rules.answer_due = 0;
	}
	if (set_target(r, target, why) == 0)
		return r;
	route_release(r);
	return NULL;
}

struct route *
route_for(const struct route *base, const struct endpoint *target, int direct,
    struct failure *why)
{
	struct route *first = one_for(base, target, direct, why), *last;

	for (last = first; last != NULL && !direct && last->base->next != NULL;
	     last = last->next) {
		last->next = one_for(last->base->next, target, 0, why);
		if (last->next == NULL) {
			route_release(first);
			return NULL;
		}
	}
	return first;
}

void
route_release(struct route *r)
{
	struct route *next;

	for (; r != NULL; r = next) {
		next = r->next;
		endpoint_free(&r->target);
		free(r->target_name);
		free(r->secure.name);
		free(r);
	}
}

const struct route *
route_base(const struct route *r)
{
	return r->base != NULL ? r->base : r;
}

/* Takes what a netrc has for the hop, unless a command is to tell it. */
static int
use_netrc(const struct secret_files *files, const struct hop *h,
    struct credentials *found, struct failure *why)
{
	int knows = found->password != NULL;

	if (files->use_netrc && h->at.host != NULL &&
	    secret_from_netrc(
		found, files->netrc, files->home, h->at.host, why) < 0)
		return -1;
	if (!knows && h->sources.command != NULL) {
		secret_free(found->password);
		found->password = NULL;
	}
	return 0;
}

static void
note_source(
    enum secret_source *source, const char *found, enum secret_source from)
{
	if (found == NULL)
		*source = SECRET_NOWHERE;
	else if (*source == SECRET_NOWHERE)
		*source = from;
}

/* What is there and was not there before is from there. */
static void
note_sources(
    struct hop *h, const struct credentials *found, enum secret_source from)
{
	note_source(&h->user_from, found->user, from);
	note_source(&h->password_from, found->password, from);
}

static int
find_credentials(
    struct route *r, struct credentials *found, struct failure *why)
{
	struct hop *h = r->hops;
	struct credentials nobody = { NULL, NULL };
	size_t at;
	int rc = 0;

	for (at = 0; at < r->nhops; at++) {
		note_sources(&h[at], &nobody, SECRET_NOWHERE);
		if (secret_from(&found[at], &h[at].uri, why) < 0)
			return -1;
		note_sources(&h[at], &found[at], SECRET_URI);
		if (secret_from(&found[at], &h[at].option, why) < 0)
			return -1;
		note_sources(&h[at], &found[at], SECRET_OPTION);
	}
	if (r->files.passfile != NULL && r->nhops > 0)
		rc = secret_from_file(r->dropped ? &nobody : &found[0],
		    r->dropped	   ? &found[0]
		    : r->nhops > 1 ? &found[1]
				   : NULL,
		    r->files.passfile, why);
	credentials_free(&nobody);
	if (rc < 0)
		return -1;
	for (at = 0; at < r->nhops; at++) {
		note_sources(&h[at], &found[at], SECRET_PASSFILE);
		if (secret_from(&found[at], &h[at].environment, why) < 0)
			return -1;
		note_sources(&h[at], &found[at], SECRET_VARIABLE);
		if (use_netrc(&r->files, &h[at], &found[at], why) < 0)
			return -1;
		note_sources(&h[at], &found[at], SECRET_NETRC);
	}
	return 0;
}

/* What a person has typed for the same user is as good as before. */
static void
take_credentials(struct hop *h, struct credentials *found)
{
	struct credentials *known = &h->login.credentials;

	if (found->password == NULL && found->user != NULL &&
	    known->user != NULL && strcmp(found->user, known->user) == 0) {
		found->password = known->password;
		known->password = NULL;
	} else {
		h->login.typed = 0;
		h->login.version++;
	}
	credentials_free(known);
	*known = *found;
}

/* The value of a header that is not to be shown; NULL: it may be. */
static char *
secret_value(char *header)
{
	size_t name = strcspn(header, ":");

	return http_is_secret((struct span){ header, name }) ? header + name
							     : NULL;
}

/* Is there any: a user, a password, a header that is not to be shown? */
static int
hop_has_secret(const struct hop *h)
{
	size_t i;

	for (i = 0; i < h->nheaders; i++)
		if (secret_value(h->headers[i]) != NULL)
			return 1;
	return h->login.credentials.user != NULL ||
	       h->login.credentials.password != NULL;
}

static int
log_in(struct route *r, struct failure *why)
{
	struct credentials found[ROUTE_HOPS_MAX];
	size_t at;

	memset(found, 0, sizeof found);
	if (find_credentials(r, found, why) < 0) {
		for (at = 0; at < r->nhops; at++)
			credentials_free(&found[at]);
		return -1;
	}
	for (at = 0; at < r->nhops; at++) {
		take_credentials(&r->hops[at], &found[at]);
		if (hop_has_secret(&r->hops[at]))
			secret_guard(1);
	}
	return 0;
}

int
route_log_in(struct route *r, struct failure *why)
{
	for (; r != NULL; r = r->next)
		if (log_in(r, why) < 0)
			return -1;
	return 0;
}

/* A key that was unlocked is not locked again. */
static void
take_context(struct secure *s, struct tls_context *fresh)
{
	struct tls_context *old = s->context;

	if (old != NULL && old->locked == NULL && fresh->locked != NULL) {
		log_line(SAY_NOTICE,
		    "client key %s wants a passphrase: what was read of it "
		    "and its CAs before stays in use",
		    fresh->locked);
		s->context = old;
		old = fresh;
	} else
		s->context = fresh;
	tls_context_free(old);
}

static int
prepare(struct route *r, struct failure *why)
{
	struct tls_context *fresh[ROUTE_HOPS_MAX + 1] = { NULL };
	struct secure *s;
	size_t at;
	int rc = 0;

	for (at = 0; rc == 0 && at <= r->nhops; at++) {
		s = route_secure(r, at);
		if (s->on &&
		    (fresh[at] = tls_context_new(&s->options, why)) == NULL)
			rc = -1;
		if (s->on && s->options.cert != NULL)
			secret_guard(1);
	}
	for (at = 0; at <= r->nhops; at++)
		if (rc < 0)
			tls_context_free(fresh[at]);
		else if (fresh[at] != NULL)
			take_context(route_secure(r, at), fresh[at]);
	return rc;
}

int
route_prepare(struct route *r, struct failure *why)
{
	for (; r != NULL; r = r->next)
		if (prepare(r, why) < 0)
			return -1;
	return 0;
}

static void
secure_free(struct secure *s)
{
	tls_context_free(s->context);
	tls_options_free(&s->options);
	free(s->name);
	memset(s, 0, sizeof *s);
}

static void
free_sources(struct hop *h)
{
	credentials_free(&h->uri);
	credentials_free(&h->option);
	credentials_free(&h->environment);
}

static void
hop_free(struct hop *h)
{
	endpoint_free(&h->at);
	secure_free(&h->secure);
	free_sources(h);
	credentials_free(&h->login.credentials);
	learnt_free(&h->login.learnt);
	while (h->nheaders > 0)
		secret_free(h->headers[--h->nheaders]);
	free(h->headers);
	secret_free(h->sources.command);
	free(h->sources.askpass);
	free(h->name);
	free(h->domain);
	free(h->spn);
	free(h->ntlm_spn);
}

void
route_direct(struct route *r)
{
	while (r->nhops > 0)
		hop_free(&r->hops[--r->nhops]);
	free(r->hops);
	r->hops = NULL;
}

void
route_drop_first(struct route *r)
{
	hop_free(r->hops);
	r->nhops--;
	memmove(r->hops, r->hops + 1, r->nhops * sizeof *r->hops);
	r->dropped = 1;
	if (r->nhops == 0)
		route_direct(r);
}

/* All but the alternatives. */
static void
free_one(struct route *r)
{
	route_direct(r);
	names_free(r->names);
	r->names = NULL;
	crypto_free(r->hasher);
	r->hasher = NULL;
	endpoint_free(&r->target);
	secure_free(&r->secure);
	free(r->files.passfile);
	free(r->files.netrc);
	free(r->files.home);
	memset(&r->files, 0, sizeof r->files);
	free(r->key_sources.askpass);
	r->key_sources.askpass = NULL;
	free(r->host);
	free(r->target_name);
	r->host = r->target_name = NULL;
}

void
route_free(struct route *r)
{
	struct route *next;

	free_one(r);
	while ((next = r->next) != NULL) {
		r->next = next->next;
		free_one(next);
		free(next);
	}
}

const char *
route_name(const struct route *r, size_t at)
{
	return at < r->nhops ? r->hops[at].name : r->target_name;
}

const struct endpoint *
route_first(const struct route *r)
{
	return r->nhops > 0 ? &r->hops[0].at : &r->target;
}

struct secure *
route_secure(const struct route *r, size_t at)
{
	return at < r->nhops ? &r->hops[at].secure
			     : (struct secure *)&route_base(r)->secure;
}

const char *
route_secure_name(const struct route *r, size_t at)
{
	return at < r->nhops ? r->hops[at].secure.name : r->secure.name;
}

const struct request *
route_request(const struct route *r, size_t hop)
{
	return r->base != NULL && hop + 1 == r->nhops ? &r->last
						      : &r->hops[hop].request;
}

const char *
route_locked(const struct route *r, size_t at)
{
	const struct tls_context *c = route_secure(r, at)->context;

	return c != NULL ? c->locked : NULL;
}

int
route_asks_first(const struct route *r, size_t hop)
{
	const struct login *l = &r->hops[hop].login;

	return r->hops[hop].auth.allowed == AUTH_BASIC &&
	       (r->hops[hop].scheme == PROXY_HTTP ||
		   r->hops[hop].scheme == PROXY_HTTPS) &&
	       !http_is_overridden(
		   &r->hops[hop].request.http, "Proxy-Authorization") &&
	       l->credentials.user != NULL && l->credentials.password == NULL &&
	       l->asks > 0;
}

static void
hop_forget(struct hop *h)
{
	char *value;
	size_t i;

	free_sources(h);
	credentials_free(&h->login.credentials);
	learnt_free(&h->login.learnt);
	for (i = 0; i < h->nheaders; i++)
		if ((value = secret_value(h->headers[i])) != NULL)
			explicit_bzero(value, strlen(value));
}

/* Was there anything to forget? */
static int
forget(struct route *r)
{
	struct secure *s;
	size_t at;
	int had = 0;

	for (at = 0; at < r->nhops; at++) {
		had |= hop_has_secret(&r->hops[at]);
		hop_forget(&r->hops[at]);
	}
	for (at = 0; at <= r->nhops; at++) {
		s = route_secure(r, at);
		had |= s->options.cert != NULL;
		/* The log of keys goes on as long as there are new ones. */
		if (s->options.keylog == NULL) {
			tls_context_free(s->context);
			s->context = NULL;
		}
	}
	return had;
}

void
route_forget(struct route *r)
{
	int had = 0;

	for (; r != NULL; r = r->next)
		had |= forget(r);
	if (had)
		secret_guard(0);
}

struct handshake *
route_handshake(const struct route *r, size_t hop)
{
	const struct request *q = route_request(r, hop);
	const struct hop *h = &r->hops[hop];

	return h->scheme == PROXY_HTTP || h->scheme == PROXY_HTTPS
		   ? http_connect(&q->http)
		   : socks_connect(&q->socks);
}
