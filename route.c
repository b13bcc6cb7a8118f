/* route.c -- where a tunnel goes.  Floor 3. */
#include "route.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crypto.h"
#include "secret.h"

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
	return time(NULL);
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
	if (h->spn == NULL && BUF_JOIN(&b, "HTTP@", h->at.host) == 0)
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

static int
complete_hop(struct route *r, struct hop *h)
{
	h->name = name_of(&h->at);
	if (h->name == NULL || name_service(h) < 0)
		return -1;
	h->auth.login = &h->login;
	h->auth.domain = h->domain;
	h->auth.spn = h->ntlm_spn;
	h->auth.env = &r->env;
	h->target.name = h->spn;
	h->ask.auth = &h->auth;
	h->ask.headers = (const char *const *)h->headers;
	h->ask.nheaders = h->nheaders;
	h->login.asks = h->sources.command != NULL ? 1 : ASK_TIMES;
	return 0;
}

int
route_complete(struct route *r)
{
	size_t i;

	r->target_name = name_of(&r->target);
	if (r->target_name == NULL)
		return -1;
	if (r->nhops > 0) {
		r->hasher = crypto_new();
		if (r->hasher == NULL)
			return -1;
	}
	r->env = (struct auth_env){ r->hasher, crypto_missing, fill_random,
		seconds_now };
	for (i = 0; i < r->nhops; i++) {
		if (complete_hop(r, &r->hops[i]) < 0)
			return -1;
		if (i > 0)
			r->hops[i - 1].ask.authority = r->hops[i].name;
	}
	if (i > 0)
		r->hops[i - 1].ask.authority = r->target_name;
	return 0;
}

void
route_free(struct route *r)
{
	size_t i;

	for (i = 0; i < r->nhops; i++) {
		struct hop *h = &r->hops[i];

		endpoint_free(&h->at);
		credentials_free(&h->login.credentials);
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
	free(r->hops);
	crypto_free(r->hasher);
	r->hasher = NULL;
	r->hops = NULL;
	r->nhops = 0;
	endpoint_free(&r->target);
	free(r->target_name);
	r->target_name = NULL;
}

const struct endpoint *
route_first(const struct route *r)
{
	return r->nhops > 0 ? &r->hops[0].at : &r->target;
}

const char *
route_first_name(const struct route *r)
{
	return r->nhops > 0 ? r->hops[0].name : r->target_name;
}

int
route_asks_first(const struct route *r, size_t hop)
{
	const struct login *l = &r->hops[hop].login;

	return r->hops[hop].auth.allowed == AUTH_BASIC &&
	       !http_is_overridden(&r->hops[hop].ask, "Proxy-Authorization") &&
	       l->credentials.user != NULL && l->credentials.password == NULL &&
	       l->asks > 0;
}

/* The value of a header that is not to be shown; NULL: it may be. */
static char *
secret_value(char *header)
{
	size_t name = strcspn(header, ":");

	return http_is_secret((struct span){ header, name }) ? header + name
							     : NULL;
}

int
hop_has_secret(const struct hop *h)
{
	size_t i;

	for (i = 0; i < h->nheaders; i++)
		if (secret_value(h->headers[i]) != NULL)
			return 1;
	return h->login.credentials.user != NULL ||
	       h->login.credentials.password != NULL;
}

void
hop_forget(struct hop *h)
{
	char *value;
	size_t i;

	if (hop_has_secret(h))
		secret_guard(0);
	credentials_free(&h->login.credentials);
	for (i = 0; i < h->nheaders; i++)
		if ((value = secret_value(h->headers[i])) != NULL)
			explicit_bzero(value, strlen(value));
}

void
route_forget(struct route *r)
{
	size_t i;

	for (i = 0; i < r->nhops; i++)
		hop_forget(&r->hops[i]);
}

struct handshake *
route_handshake(const struct route *r, size_t hop)
{
	return http_connect(&r->hops[hop].ask);
}
