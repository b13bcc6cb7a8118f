/* alternatives.c -- a route's first proxy is one of a list.  Floor 3. */
#include "alternatives.h"

#include <stdlib.h>
#include <string.h>

struct choice {
	int direct;
	struct proxy_uri uri;
};

/* Puts a copy in the place of what is somebody else's; 1: without memory. */
static int
own(char **text)
{
	if (*text == NULL)
		return 0;
	*text = secret_copy(*text, strlen(*text));
	return *text == NULL;
}

static int
own_credentials(struct credentials *c)
{
	return own(&c->user) | own(&c->password);
}

static int
own_tls(struct tls_options *o)
{
	return own(&o->ca) | own(&o->cert) | own(&o->key) | own(&o->pins) |
	       own(&o->sni) | own(&o->alpn) | own(&o->ciphers) |
	       own(&o->keylog);
}

static int
own_headers(struct hop *h)
{
	char **theirs = h->headers;
	size_t n = h->nheaders, i;
	int lost = 0;

	h->headers = NULL;
	h->nheaders = 0;
	if (n == 0)
		return 0;
	h->headers = calloc(n, sizeof *h->headers);
	if (h->headers == NULL)
		return 1;
	for (i = 0; i < n; i++) {
		h->headers[i] = theirs[i];
		lost |= own(&h->headers[i]);
	}
	h->nheaders = n;
	return lost;
}

static int
own_hop(struct hop *h)
{
	return own(&h->at.host) | own(&h->at.path) |
	       own_tls(&h->secure.options) | own_credentials(&h->uri) |
	       own_credentials(&h->option) | own_credentials(&h->environment) |
	       own(&h->sources.command) | own(&h->sources.askpass) |
	       own_headers(h) | own(&h->domain) | own(&h->spn);
}

/* One that is not complete yet; NULL without memory. */
static struct route *
copy_of(const struct route *r)
{
	struct route *copy = malloc(sizeof *copy);
	int lost;
	size_t i;

	if (copy == NULL)
		return NULL;
	*copy = *r;
	lost = own(&copy->target.host) | own_tls(&copy->secure.options) |
	       own(&copy->host) | own(&copy->files.passfile) |
	       own(&copy->files.netrc) | own(&copy->files.home) |
	       own(&copy->key_sources.askpass);
	copy->hops = calloc(r->nhops, sizeof *copy->hops);
	if (copy->hops == NULL)
		copy->nhops = 0;
	for (i = 0; i < copy->nhops; i++) {
		copy->hops[i] = r->hops[i];
		lost |= own_hop(&copy->hops[i]);
	}
	if (copy->hops != NULL && !lost)
		return copy;
	route_free(copy);
	free(copy);
	return NULL;
}

/* The choice's address and credentials are the route's now. */
static int
complete(struct route *r, struct choice *c, struct failure *why)
{
	struct hop *first = r->hops;

	if (c->direct)
		route_drop_first(r);
	else {
		/* What a -p before said. */
		endpoint_free(&first->at);
		credentials_free(&first->uri);
		first->scheme = c->uri.scheme;
		first->at = c->uri.at;
		first->uri = c->uri.credentials;
		first->secure.on |= c->uri.scheme == PROXY_HTTPS;
		memset(&c->uri, 0, sizeof c->uri);
	}
	r->rules.answer_due = r->nhops > 0;
	return route_complete(r, why);
}

/* Reads a line into none, one or two choices; NO_MEMORY. */
static int
read_line(struct choice *c, struct span line)
{
	struct failure ignored = NO_FAILURE;
	char *text;
	int n, i, rc;

	memset(c, 0, 2 * sizeof *c);
	line = span_trim(line);
	if (span_starts(line, "direct://")) {
		c->direct = 1;
		return 1;
	}
	text = secret_copy(line.p, line.n);
	if (text == NULL)
		return NO_MEMORY;
	n = span_starts(line, "socks://") ? 2 : 1;
	for (i = rc = 0; rc == 0 && i < n; i++)
		rc = proxy_uri_parse(&c[i].uri, text, &ignored);
	secret_free(text);
	if (rc == 0) {
		if (n == 2)
			c[1].uri.scheme = PROXY_SOCKS4A;
		return n;
	}
	if (i == 2)
		proxy_uri_free(&c[0].uri);
	return ignored.code == FAIL_LOCAL ? NO_MEMORY : 0;
}

static void
free_choices(struct choice *c, size_t n)
{
	for (; n > 0; n--, c++)
		proxy_uri_free(&c->uri);
}

/* Makes an alternative of each choice but the first, which is the route's. */
static int
branch(struct route *r, struct choice *c, size_t n, struct failure *why)
{
	struct route *last = r;
	size_t i;

	for (i = 1; i < n; i++) {
		last->next = copy_of(r);
		if (last->next == NULL)
			return fail(why, FAIL_LOCAL, "out of memory");
		last = last->next;
		last->next = NULL;
	}
	for (last = r; last != NULL; last = last->next, c++)
		if (complete(last, c, why) < 0)
			return -1;
	return 0;
}

int
route_choose(struct route *r, struct span proxies, struct failure *why)
{
	struct choice c[ALTERNATIVES_MAX + 1];
	struct span rest = proxies, line;
	size_t n = 0;
	int got = 0, rc;

	while (n < ALTERNATIVES_MAX && got >= 0 && span_line(&rest, &line)) {
		got = read_line(&c[n], line);
		n += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		rc = fail(why, FAIL_LOCAL, "out of memory");
	else if (n == 0)
		rc = fail(why, FAIL_CONNECT,
		    "libproxy names no proxy that can be used");
	else
		rc = branch(r, c, n, why);
	free_choices(c, n);
	return rc;
}
