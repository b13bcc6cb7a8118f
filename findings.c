/* findings.c -- what was found out about one way to a destination.  Floor 3. */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

#include "advice.h"

#define SAID_MAX 256
#define ADVICE_MAX 512
#define BEFORE_MAX ((size_t)16 * FAIL_TEXT)

static void
free_stages(struct findings *f)
{
	struct stage *s;

	while (f->nstages > 0) {
		s = &f->stages[--f->nstages];
		tls_facts_free(&s->tls);
		heard_free(&s->heard);
		buf_free(&s->said);
	}
}

int
findings_begin(struct findings *f, const struct route *route)
{
	if (f->stages == NULL) {
		f->stages = calloc(FINDINGS_STAGES, sizeof *f->stages);
		buf_init(&f->advice, ADVICE_MAX);
		buf_init(&f->before, BEFORE_MAX);
	}
	if (f->stages == NULL)
		return -1;
	free_stages(f);
	f->route = route;
	f->naddresses = 0;
	f->why = NO_FAILURE;
	f->open_us = -1;
	f->us = 0;
	buf_free(&f->advice);
	buf_free(&f->before);
	return 0;
}

void
findings_turn(
    struct findings *f, const struct route *next, const struct failure *why)
{
	free_stages(f);
	f->naddresses = 0;
	f->route = next;
	BUF_JOIN(&f->before, why->text, "\n");
}

void
findings_free(struct findings *f)
{
	free_stages(f);
	free(f->stages);
	f->stages = NULL;
	buf_free(&f->advice);
	buf_free(&f->before);
}

struct stage *
findings_stage(struct findings *f, enum stage_kind kind, size_t at)
{
	struct stage *s;
	size_t i;

	for (i = 0; i < f->nstages; i++)
		if (f->stages[i].kind == kind && f->stages[i].at == at)
			return &f->stages[i];
	if (f->nstages == FINDINGS_STAGES)
		return NULL;
	s = &f->stages[f->nstages++];
	memset(s, 0, sizeof *s);
	s->kind = kind;
	s->at = at;
	tls_facts_init(&s->tls);
	heard_init(&s->heard);
	buf_init(&s->said, SAID_MAX);
	return s;
}

void
findings_fail(struct findings *f, struct stage *s)
{
	struct stage failed = *s, *last = &f->stages[f->nstages - 1];

	memmove(s, s + 1, (size_t)(last - s) * sizeof *s);
	*last = failed;
	last->failed = 1;
}

const struct stage *
findings_failed(const struct findings *f)
{
	size_t i;

	for (i = 0; i < f->nstages; i++)
		if (f->stages[i].failed)
			return &f->stages[i];
	return NULL;
}

const struct stage *
findings_last(const struct findings *f, enum stage_kind kind)
{
	size_t i = f->nstages;

	while (i > 0)
		if (f->stages[--i].kind == kind)
			return &f->stages[i];
	return NULL;
}

int
findings_looked_up(const struct findings *f)
{
	return route_first(f->route)->path == NULL &&
	       (f->naddresses != 1 ||
		   strcmp(f->addresses[0].text, route_name(f->route, 0)) != 0);
}

static int
is_socks(const struct route *r, size_t at)
{
	return at < r->nhops && r->hops[at].scheme != PROXY_HTTP &&
	       r->hops[at].scheme != PROXY_HTTPS;
}

int
findings_port_refused(const struct findings *f)
{
	const struct stage *s = findings_failed(f);

	return s != NULL && s->kind == STAGE_PROXY &&
	       s->at + 1 == f->route->nhops && f->why.code == FAIL_REFUSED &&
	       (f->why.status == 403 || is_socks(f->route, s->at));
}

int
findings_is_alien(const struct findings *f)
{
	const struct stage *s = findings_failed(f);

	return s != NULL && s->at == 0 && f->route->nhops > 0 &&
	       (s->kind == STAGE_PROXY || s->kind == STAGE_TLS) &&
	       (f->why.code == FAIL_PROTOCOL ||
		   (f->why.code == FAIL_TIMEOUT && s->heard.status < 0));
}

/* The scheme that a port is to be asked by, as knock.h names it. */
static const char *
meant_scheme(const struct hop *h)
{
	if (h->secure.on)
		return "https";
	switch (h->scheme) {
	case PROXY_SOCKS5:
	case PROXY_SOCKS5H:
		return "socks5h";
	case PROXY_HTTP:
	case PROXY_HTTPS:
		return "http";
	default:
		return "socks4a";
	}
}

static void
note_knock(struct advice_case *c, const struct hop *h, const char *speaks)
{
	c->knocked = 1;
	c->as_meant = speaks != NULL && strcmp(speaks, meant_scheme(h)) == 0;
	c->speaks = c->as_meant ? NULL : speaks;
}

void
findings_advise(struct findings *f, const struct findings_besides *besides)
{
	static const enum advice_stage stages[] = {
		[STAGE_NAME] = ADVICE_NAME,
		[STAGE_CONNECTION] = ADVICE_CONNECTION,
		[STAGE_TLS] = ADVICE_TLS,
		[STAGE_PROXY] = ADVICE_PROXY,
		[STAGE_GREETING] = ADVICE_BEHIND,
	};
	const struct route *r = f->route;
	const struct stage *s = findings_failed(f);
	struct advice_case c = { .why = &f->why,
		.through = besides->through,
		.refused = besides->refused,
		.has_proxy = r->nhops > 0,
		.host = r->target.host,
		.port = r->target.port };

	if (s == NULL)
		return;
	c.stage = stages[s->kind];
	c.peer = route_name(r, s->at);
	c.is_proxy = s->at < r->nhops;
	c.is_socks = is_socks(r, s->at);
	c.is_last = s->at + 1 == r->nhops;
	if (c.is_proxy) {
		c.next = route_name(r, s->at + 1);
		c.is_further = r->hops[s->at].login.further;
		c.login_option = LOGIN_OPTION(&r->hops[s->at].login);
	}
	if (besides->knocked && findings_is_alien(f))
		note_knock(&c, &r->hops[0], besides->speaks);
	c.heard = s->kind == STAGE_PROXY ? &s->heard : NULL;
	advice_put(&f->advice, &c);
}
