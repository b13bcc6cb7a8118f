/*
 * probe.c -- opens one tunnel, listens for what waits behind it, and closes
 * it.  Floor 3.
 */
#include "probe.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "opening.h"

#define REST_MS 250 /* for the rest of a first line */

struct probe {
	struct loop *loop;
	struct findings *f;
	struct opening_observer observer;
	struct opening *opening; /* NULL: no more */
	struct stream *far;	 /* NULL: not yet */
	struct watch watch;
	struct timer timer;
	int listen_ms;
	int64_t begun;
	struct stage *stage; /* that goes on; NULL: none */
	int64_t stage_begun;
	uint8_t said[GREETING_MAX];
	size_t nsaid;
	void (*done)(void *);
	void *arg;
};

/* The loop's own clock stands still while a callback runs. */
static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
end_stage(struct probe *p, int64_t now)
{
	if (p->stage != NULL)
		p->stage->us += now - p->stage_begun;
	p->stage = NULL;
}

static void
begin_stage(struct probe *p, enum stage_kind kind, size_t at)
{
	int64_t now = now_us();

	end_stage(p, now);
	p->stage = findings_stage(p->f, kind, at);
	p->stage_begun = now;
}

static void
add_address(struct findings *f, const char *address, int error)
{
	struct found_address *a = f->addresses;
	size_t n;

	while (a < f->addresses + f->naddresses &&
	       strncmp(a->text, address, sizeof a->text - 1) != 0)
		a++;
	if (a == f->addresses + NET_ADDRESSES_MAX)
		return;
	n = strlen(address);
	if (n >= sizeof a->text)
		n = sizeof a->text - 1;
	memcpy(a->text, address, n);
	a->text[n] = '\0';
	a->error = error;
	if (a == f->addresses + f->naddresses)
		f->naddresses++;
}

static void
on_news(void *arg, const struct opening_news *news)
{
	struct probe *p = arg;

	switch (news->what) {
	case OPENING_CONNECTS:
		begin_stage(p, STAGE_NAME, 0);
		break;
	case OPENING_FINDS:
		if (p->stage != NULL && p->stage->kind == STAGE_NAME)
			begin_stage(p, STAGE_CONNECTION, 0);
		add_address(p->f, news->address, NET_FOUND);
		break;
	case OPENING_TRIES:
		add_address(p->f, news->address, news->error);
		break;
	case OPENING_SECURES:
		begin_stage(p, STAGE_TLS, news->at);
		break;
	case OPENING_SHOWN:
		if (p->stage != NULL)
			tls_facts_of(news->tls, &p->stage->tls);
		break;
	case OPENING_ASKS:
		begin_stage(p, STAGE_PROXY, news->at);
		p->observer.heard = p->stage != NULL ? &p->stage->heard : NULL;
		break;
	case OPENING_PASSES:
		break;
	case OPENING_TURNS:
		p->stage = NULL;
		p->observer.heard = NULL;
		findings_turn(p->f, news->next, news->why);
		break;
	}
}

static void
conclude(struct probe *p)
{
	int64_t now = now_us();
	struct stage *last = p->stage;
	size_t i;

	for (i = 0; i < p->f->nstages; i++)
		if (p->f->stages[i].heard.lost)
			fail(&p->f->why, FAIL_LOCAL, "out of memory");
	end_stage(p, now);
	if (last != NULL && p->f->why.code != FAIL_NONE)
		findings_fail(p->f, last);
	p->f->us = now - p->begun;
	loop_timer(p->loop, &p->timer, 0);
	loop_want(p->loop, &p->watch, 0);
}

static void
finish(struct probe *p)
{
	conclude(p);
	p->done(p->arg);
}

/* Whose word it is that the tunnel is open; NULL: there is no proxy. */
static const char *
last_proxy(const struct probe *p)
{
	return p->f->route->nhops > 0
		   ? route_name(p->f->route, p->f->route->nhops - 1)
		   : NULL;
}

/* A page came: by the tunnel, or in the place of one. */
static void
fail_by_page(struct probe *p)
{
	fail(&p->f->why, FAIL_REFUSED,
	    "%s said that the tunnel is open, but a web page came out of it: a "
	    "login page (captive portal) is in the way",
	    last_proxy(p));
}

/* Did the proxy's answer announce a page? */
static int
is_announced(const struct probe *p)
{
	const struct stage *proxy = findings_last(p->f, STAGE_PROXY);

	return proxy != NULL && proxy->heard.has_page;
}

static void
judge_page(struct probe *p, const struct greeting *g)
{
	if (last_proxy(p) != NULL &&
	    (greeting_is_page(g) ||
		(is_announced(p) && greeting_is_unknown(g))))
		fail_by_page(p);
}

/* What came in the place of TLS may have been a page. */
static void
judge_failure(struct probe *p)
{
	if (p->stage != NULL && p->stage->kind == STAGE_TLS &&
	    p->stage->at == p->f->route->nhops &&
	    p->f->why.code == FAIL_PROTOCOL && is_announced(p))
		fail_by_page(p);
}

/* No more is awaited: what was it? */
static void
judge_greeting(struct probe *p)
{
	struct span said = { (const char *)p->said, p->nsaid };
	struct stage *s = p->stage;

	if (s == NULL)
		return;
	s->greeting = greeting_of(said);
	greeting_show(&s->said, s->greeting, said);
	judge_page(p, s->greeting);
}

/* It ended, in order or not, before it was known what it is. */
static void
judge_end(struct probe *p, int how)
{
	const struct failure *fault = p->far->fault;

	if (p->nsaid > 0) {
		judge_greeting(p);
		return;
	}
	if (fault != NULL && fault->code == FAIL_AUTH) {
		p->f->why = *fault;
		fail(&p->f->why, FAIL_AUTH, "%s %s", p->f->route->target_name,
		    fault->text);
	} else if (last_proxy(p) != NULL)
		fail(&p->f->why, FAIL_CONNECT,
		    "%s closed the tunnel before a byte came through it (so "
		    "does a proxy that says 200 first and then can't reach the "
		    "destination)",
		    last_proxy(p));
	else if (how == STREAM_ERR)
		fail(&p->f->why, FAIL_LOST, "%s broke the connection off: %s",
		    p->f->route->target_name, stream_fault(p->far));
	else if (p->stage != NULL)
		p->stage->greeting = &greeting_closed;
}

static void
listen_on(struct probe *p)
{
	struct span said = { (const char *)p->said, 0 };
	ssize_t n;

	for (;;) {
		n = p->far->ops->read(
		    p->far, p->said + p->nsaid, sizeof p->said - p->nsaid);
		if (n <= 0)
			break;
		if (p->nsaid == 0)
			loop_timer(
			    p->loop, &p->timer, loop_now(p->loop) + REST_MS);
		p->nsaid += (size_t)n;
		said.n = p->nsaid;
		if (greeting_is_whole(said)) {
			judge_greeting(p);
			finish(p);
			return;
		}
	}
	if (n == STREAM_EOF || n == STREAM_ERR) {
		judge_end(p, (int)n);
		finish(p);
	} else if (loop_want_fd(p->loop, &p->watch, p->far->in,
		       stream_events((int)n, 0)) < 0) {
		fail(&p->f->why, FAIL_LOCAL, "out of memory");
		finish(p);
	}
}

static void
on_opened(void *arg, struct stream *far, const struct route *taken)
{
	struct probe *p = arg;

	(void)taken; /* as the news had it */
	p->opening = NULL;
	p->far = far;
	if (far == NULL) {
		judge_failure(p);
		finish(p);
		return;
	}
	p->f->open_us = now_us() - p->begun;
	if (p->listen_ms == 0) {
		finish(p);
		return;
	}
	begin_stage(p, STAGE_GREETING, p->f->route->nhops);
	loop_timer(p->loop, &p->timer, loop_now(p->loop) + p->listen_ms);
	listen_on(p);
}

static void
on_event(void *arg, int got)
{
	(void)got;
	listen_on(arg);
}

/* It has said all that it has to say, or the opening could not even begin. */
static void
on_timer(void *arg)
{
	struct probe *p = arg;

	if (p->far != NULL)
		judge_greeting(p);
	finish(p);
}

struct probe *
probe_new(struct loop *loop, const struct route *route, int listen_ms,
    struct findings *f, void (*done)(void *), void *arg)
{
	struct probe *p = calloc(1, sizeof *p);

	if (p == NULL || findings_begin(f, route) < 0) {
		free(p);
		return NULL;
	}
	p->loop = loop;
	p->listen_ms = listen_ms;
	p->f = f;
	p->done = done;
	p->arg = arg;
	p->watch.fd = -1;
	p->watch.ready = on_event;
	p->timer.expired = on_timer;
	p->observer.tell = on_news;
	p->watch.arg = p->timer.arg = p->observer.arg = p;
	p->begun = now_us();
	p->opening =
	    opening_new(loop, route, &p->observer, on_opened, p, &f->why);
	if (p->opening == NULL &&
	    loop_timer(loop, &p->timer, loop_now(loop)) < 0) {
		probe_free(p);
		return NULL;
	}
	return p;
}

const struct stage *
probe_stage(const struct probe *p)
{
	return p->stage;
}

int
probe_asks_person(const struct probe *p)
{
	return p->opening != NULL && opening_asks_person(p->opening);
}

void
probe_interrupt(struct probe *p)
{
	opening_free(p->opening);
	p->opening = NULL;
	if (p->far != NULL)
		judge_greeting(p);
	else if (p->f->why.code == FAIL_NONE)
		fail(&p->f->why, FAIL_TIMEOUT,
		    "interrupted while it waited for %s",
		    route_name(
			p->f->route, p->stage != NULL ? p->stage->at : 0));
	conclude(p);
}

void
probe_free(struct probe *p)
{
	if (p == NULL)
		return;
	loop_timer(p->loop, &p->timer, 0);
	loop_want(p->loop, &p->watch, 0);
	opening_free(p->opening);
	stream_free(p->far);
	free(p);
}
