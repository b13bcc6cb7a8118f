/*
 * survey.c -- to which ports of a host does the last proxy open tunnels?
 * Floor 3.
 */
#include "survey.h"

#include <stdlib.h>
#include <string.h>

#include "probe.h"

#define SAID_MAX 800 /* bytes */

/* One port that is being asked for. */
struct inquiry {
	struct survey *owner;
	struct route *route; /* NULL: it is at rest */
	struct probe *probe;
	struct findings findings;
	struct port_answer *answer;
};

struct survey {
	struct loop *loop;
	struct survey_how how;
	struct port_answer *answers;
	size_t n, begun, ended;
	struct inquiry *inquiries; /* how.most of them */
	int64_t last;		   /* when one was begun */
	struct timer turn;
	int logged_in;
	struct failure why;
	void (*done)(void *);
	void *arg;
};

static char *
text_of(struct buf *b)
{
	char *text = strdup(buf_str(b));

	buf_free(b);
	return text;
}

/* What waits there, or the proxy's answer: its number and its words. */
static void
put_answer(struct buf *b, const struct findings *f, const struct stage *proxy)
{
	const struct stage *end = findings_last(f, STAGE_GREETING);
	const struct stage *failed = findings_failed(f);

	if (failed == NULL && end != NULL && end->greeting != NULL) {
		BUF_JOIN(b, end->greeting->words,
		    buf_len(&end->said) > 0 ? ": " : "");
		buf_put(b, buf_ptr(&end->said), buf_len(&end->said));
	} else if (failed != NULL && failed->at == f->route->nhops)
		buf_puts(b, f->why.code == FAIL_CONNECT
				? "closed as soon as it was open"
				: f->why.text);
	else if (proxy != NULL && proxy->heard.status >= 0) {
		buf_putf(b, "%d ", proxy->heard.status);
		buf_put(b, buf_ptr(&proxy->heard.reason),
		    buf_len(&proxy->heard.reason));
	}
}

static void
keep_words(struct port_answer *a, const struct findings *f)
{
	const struct stage *proxy = findings_last(f, STAGE_PROXY);
	struct buf said;

	buf_init(&said, SAID_MAX);
	if (a->verdict != PORT_SILENT)
		put_answer(&said, f, proxy);
	a->said = text_of(&said);
	buf_init(&said, SAID_MAX);
	if (proxy != NULL)
		buf_put(&said, buf_ptr(&proxy->heard.words),
		    buf_len(&proxy->heard.words));
	a->more = text_of(&said);
}

/* The proxy said that the tunnel is open, but it failed then. */
static enum port_verdict
judge_opened(const struct findings *f)
{
	switch (f->why.code) {
	case FAIL_CONNECT: /* it said that before it knew */
		return PORT_UNREACHABLE;
	case FAIL_LOCAL:
	case FAIL_MISSING:
	case FAIL_REFUSED: /* a login page answers for all ports */
		return PORT_NOT_ASKED;
	default: /* there is no TLS, or none that can be trusted */
		return PORT_OPEN;
	}
}

/* What that means for the port; PORT_NOT_ASKED: nothing, as it got not so far.
 */
static enum port_verdict
judge(const struct findings *f)
{
	const struct stage *s = findings_failed(f);

	if (f->why.code == FAIL_NONE)
		return PORT_OPEN;
	if (s == NULL)
		return PORT_NOT_ASKED;
	if (s->kind == STAGE_GREETING ||
	    (s->kind == STAGE_TLS && s->at == f->route->nhops))
		return judge_opened(f);
	if (s->kind != STAGE_PROXY || s->at + 1 != f->route->nhops)
		return PORT_NOT_ASKED;
	switch (f->why.code) {
	case FAIL_REFUSED:
		return PORT_REFUSED;
	case FAIL_CONNECT:
		return PORT_UNREACHABLE;
	case FAIL_TIMEOUT: /* 429 is about us */
		if (f->why.status == 0)
			return PORT_SILENT;
		return f->why.status == 429 ? PORT_NOT_ASKED : PORT_UNREACHABLE;
	case FAIL_PROTOCOL: /* 405 and the like */
		return f->why.status >= 400 ? PORT_REFUSED : PORT_NOT_ASKED;
	default:
		return PORT_NOT_ASKED;
	}
}

static void
rest(struct inquiry *q)
{
	probe_free(q->probe);
	q->probe = NULL;
	route_release(q->route);
	q->route = NULL;
}

static void go_on(struct survey *);

static void
on_answer(void *arg)
{
	struct inquiry *q = arg;
	struct survey *s = q->owner;
	const struct findings *f = &q->findings;
	const struct stage *proxy = findings_last(f, STAGE_PROXY);

	q->answer->verdict = judge(f);
	q->answer->us = f->us;
	if (q->answer->verdict == PORT_NOT_ASKED && s->why.code == FAIL_NONE)
		s->why = f->why;
	keep_words(q->answer, f);
	if (f->why.code != FAIL_AUTH && proxy != NULL &&
	    proxy->heard.scheme != NULL)
		s->logged_in = 1;
	s->ended++;
	rest(q);
	go_on(s);
}

static void
ask(struct survey *s, struct inquiry *q)
{
	struct port_answer *a = &s->answers[s->begun++];
	struct endpoint to = { (char *)s->how.host, NULL, (uint16_t)a->port };

	q->answer = a;
	q->route = route_for(s->how.route, &to, 0, &s->why);
	if (q->route == NULL)
		return;
	/* It is about this proxy, not about one that stands in for it. */
	route_release(q->route->next);
	q->route->next = NULL;
	q->route->open_ms = s->how.open_ms;
	q->route->asks_nobody = s->how.asks_nobody;
	q->probe = probe_new(
	    s->loop, q->route, s->how.listen_ms, &q->findings, on_answer, q);
	if (q->probe != NULL)
		return;
	fail(&s->why, FAIL_LOCAL, "out of memory");
	rest(q);
}

static struct inquiry *
find_rest(struct survey *s)
{
	unsigned i;

	for (i = 0; i < s->how.most; i++)
		if (s->inquiries[i].route == NULL)
			return &s->inquiries[i];
	return NULL;
}

static int
is_at_rest(struct survey *s)
{
	unsigned i;

	for (i = 0; i < s->how.most; i++)
		if (s->inquiries[i].route != NULL)
			return 0;
	return 1;
}

/* Asks for the next port when its time has come, or ends. */
static void
go_on(struct survey *s)
{
	int64_t now = loop_now(s->loop), due = s->last + s->how.gap_ms;
	struct inquiry *q;

	if (s->why.code == FAIL_NONE && s->begun < s->n) {
		/* The first one is to tell whether it is worth it. */
		q = s->begun > 0 && s->ended == 0 ? NULL : find_rest(s);
		if (q == NULL)
			return;
		if (s->begun > 0 && due > now) {
			loop_timer(s->loop, &s->turn, due);
			return;
		}
		s->last = now;
		ask(s, q);
		loop_timer(s->loop, &s->turn, now + s->how.gap_ms);
		return;
	}
	if (is_at_rest(s)) {
		loop_timer(s->loop, &s->turn, 0);
		s->done(s->arg);
	}
}

static void
on_turn(void *arg)
{
	go_on(arg);
}

static int
list_ports(struct survey *s)
{
	unsigned port = 0;

	s->answers = calloc(ports_count(s->how.ports), sizeof *s->answers);
	if (s->answers == NULL)
		return -1;
	while ((port = ports_next(s->how.ports, port + 1)) != 0)
		s->answers[s->n++].port = port;
	return 0;
}

struct survey *
survey_new(struct loop *loop, const struct survey_how *how,
    void (*done)(void *), void *arg)
{
	struct survey *s = calloc(1, sizeof *s);
	unsigned i;

	if (s == NULL)
		return NULL;
	s->loop = loop;
	s->how = *how;
	s->done = done;
	s->arg = arg;
	s->turn.expired = on_turn;
	s->turn.arg = s;
	s->inquiries = calloc(how->most, sizeof *s->inquiries);
	if (s->inquiries == NULL || list_ports(s) < 0 ||
	    loop_timer(loop, &s->turn, loop_now(loop)) < 0) {
		survey_free(s);
		return NULL;
	}
	for (i = 0; i < how->most; i++)
		s->inquiries[i].owner = s;
	return s;
}

const struct port_answer *
survey_answers(const struct survey *s, size_t *n)
{
	*n = s->n;
	return s->answers;
}

const struct failure *
survey_failure(const struct survey *s)
{
	return &s->why;
}

int
survey_logged_in(const struct survey *s)
{
	return s->logged_in;
}

int
survey_asks_person(const struct survey *s)
{
	unsigned i;

	for (i = 0; i < s->how.most; i++)
		if (s->inquiries[i].probe != NULL &&
		    probe_asks_person(s->inquiries[i].probe))
			return 1;
	return 0;
}

void
survey_free(struct survey *s)
{
	size_t i;

	if (s == NULL)
		return;
	loop_timer(s->loop, &s->turn, 0);
	for (i = 0; s->inquiries != NULL && i < s->how.most; i++) {
		rest(&s->inquiries[i]);
		findings_free(&s->inquiries[i].findings);
	}
	for (i = 0; i < s->n; i++) {
		free(s->answers[i].said);
		free(s->answers[i].more);
	}
	free(s->inquiries);
	free(s->answers);
	free(s);
}
