/*
 * question.c -- a secret that all tunnels over a route share is asked for
 * once.  Floor 3.
 */
#include "question.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "secret.h"

#define QUESTION_MAX 2048
#define USER_SHOWN 64 /* bytes of a user's name in it */

/*
 * It is found where it is about, by all who have it to ask, for as long as it
 * is open and somebody waits.  To the loop it is about none of them.
 */
struct question {
	struct loop *loop;
	const struct route *route;
	struct question **place;
	const struct ask_sources *sources;
	struct hop *hop;  /* whose password it is; NULL: a passphrase */
	const char *file; /* of the key that that is for */
	unsigned tries;	  /* of it */
	struct ask *ask;  /* NULL: it is not its turn */
	struct timer turn;
	struct waiter *waiting;
};

static int
is_for_person(const struct question *q)
{
	return q->sources->command == NULL;
}

/* All questions there may be about a route, in turn; NULL: no more. */
static struct question **
place_of(const struct route *r, size_t i)
{
	size_t at = i / 2;

	if (at > r->nhops)
		return NULL;
	if (i % 2 == 0)
		return &route_secure(r, at)->question;
	return at < r->nhops ? &r->hops[at].question : NULL;
}

/* The terminal has room for one: is a person being asked? */
static int
is_person_asked(const struct route *r)
{
	struct question **place;
	size_t i;

	for (i = 0; (place = place_of(r, i)) != NULL; i++)
		if (*place != NULL && (*place)->ask != NULL &&
		    is_for_person(*place))
			return 1;
	return 0;
}

/* Those who had to wait for their turn look whether it has come. */
static void
let_next_ask(const struct route *r)
{
	struct question **place;
	size_t i;

	for (i = 0; (place = place_of(r, i)) != NULL; i++)
		if (*place != NULL && (*place)->ask == NULL)
			loop_timer((*place)->loop, &(*place)->turn,
			    loop_now((*place)->loop));
}

/* It is open no more; whoever has it to ask now asks anew. */
static void
close_question(struct question *q)
{
	*q->place = NULL;
	loop_timer(q->loop, &q->turn, 0);
	let_next_ask(q->route);
}

/*
 * Tells all who wait; each of them may free others, or ask again.  The fault
 * may be what was asked has to say.
 */
static void
answer(struct question *q, const char *fault)
{
	struct waiter *w;

	close_question(q);
	while ((w = q->waiting) != NULL) {
		q->waiting = w->next;
		w->question = NULL;
		loop_subject(q->loop, w->subject);
		w->answered(w->arg, fault);
	}
	ask_free(q->ask);
	free(q);
}

static void
on_password(void *arg, char *secret, int typed, const char *fault)
{
	struct question *q = arg;
	struct login *l = &q->hop->login;
	const char *before = l->credentials.password;

	if (secret != NULL && !typed && before != NULL &&
	    strcmp(secret, before) == 0) {
		secret_free(secret);
		secret = NULL;
		fault = "the password command has no other one";
	}
	if (secret != NULL) {
		secret_free(l->credentials.password);
		l->credentials.password = secret;
		l->typed = 1;
		l->version++;
	}
	answer(q, fault);
}

/* 0: unlocked; 1: that is not the passphrase; -1. */
static int
unlock(struct question *q, const char *passphrase, struct failure *why)
{
	struct tls_context *c;
	size_t at;
	int rc = 0;

	for (at = 0; rc == 0 && at <= q->route->nhops; at++) {
		c = route_secure(q->route, at)->context;
		if (c != NULL && c->locked != NULL &&
		    strcmp(c->locked, q->file) == 0)
			rc = tls_context_unlock(c, passphrase, why);
	}
	return rc;
}

static int begin(struct question *);

static void
on_passphrase(void *arg, char *secret, int typed, const char *fault)
{
	struct question *q = arg;
	struct failure why = NO_FAILURE;
	struct ask *asked = q->ask;
	int rc;

	if (secret == NULL) {
		answer(q, fault);
		return;
	}
	rc = unlock(q, secret, &why);
	secret_free(secret);
	if (rc == 1 && typed && q->tries < ASK_TIMES) {
		rc = begin(q);
		ask_free(asked);
		if (rc == 0)
			return;
		fail(&why, FAIL_LOCAL, "out of memory");
	}
	answer(q, rc == 0   ? NULL
		  : rc == 1 ? "that is not its passphrase"
			    : why.text);
}

static void
put_password(struct buf *text, const struct hop *hop)
{
	buf_puts(text, hop->login.typed ? "proxytunnel: refused; password for "
					: "proxytunnel: password for ");
	text_show(text, span_of(hop->login.credentials.user), USER_SHOWN);
	BUF_JOIN(text, " at the proxy ", hop->name, ": ");
}

static void
put_passphrase(struct buf *text, const char *file, unsigned tries)
{
	buf_puts(text, tries > 0 ? "proxytunnel: wrong; passphrase for "
				 : "proxytunnel: passphrase for ");
	BUF_JOIN(text, file, ": ");
}

/* Asks.  0, or -1 without memory. */
static int
begin(struct question *q)
{
	struct ask_question password = { NULL, "password",
		q->hop != NULL && q->hop->login.further
		    ? "(REMPROXYPASS, or -F FILE, or --password-command)"
		    : "(PROXYPASS, or -F FILE, or --password-command)" };
	struct ask_question passphrase = { NULL, "passphrase",
		"(SSH_ASKPASS)" };
	struct buf text;

	buf_init(&text, QUESTION_MAX);
	if (q->hop != NULL) {
		put_password(&text, q->hop);
		password.text = buf_str(&text);
		q->ask =
		    ask_new(q->loop, q->sources, &password, on_password, q);
	} else {
		put_passphrase(&text, q->file, q->tries++);
		passphrase.text = buf_str(&text);
		q->ask =
		    ask_new(q->loop, q->sources, &passphrase, on_passphrase, q);
	}
	buf_free(&text);
	return q->ask != NULL ? 0 : -1;
}

/* Another question is over: it may be this one's turn. */
static void
on_turn(void *arg)
{
	struct question *q = arg;

	if (!is_person_asked(q->route) && begin(q) < 0)
		answer(q, "memory is short");
}

/* Opens a question, and asks if it is its turn.  NULL without memory. */
static struct question *
question_new(const struct question *model)
{
	struct question *q = malloc(sizeof *q);

	if (q == NULL)
		return NULL;
	*q = *model;
	q->turn.expired = on_turn;
	q->turn.arg = q;
	if ((!is_for_person(q) || !is_person_asked(q->route)) && begin(q) < 0) {
		free(q);
		return NULL;
	}
	*q->place = q;
	return q;
}

/* Waits with those who wait there already, or opens the question. */
static int
join(const struct question *model, struct waiter *w)
{
	struct question *q = *model->place;
	struct waiter **at;

	w->subject = loop_subject(model->loop, NULL);
	if (q == NULL)
		q = question_new(model);
	loop_subject(model->loop, w->subject);
	if (q == NULL)
		return -1;
	for (at = &q->waiting; *at != NULL;)
		at = &(*at)->next;
	*at = w;
	w->next = NULL;
	w->question = q;
	return 0;
}

int
question_password(
    struct loop *loop, const struct route *route, size_t hop, struct waiter *w)
{
	struct hop *h = &route->hops[hop];
	struct question model = { .loop = loop,
		.route = route_base(route),
		.place = &h->question,
		.sources = &h->sources,
		.hop = h };

	return join(&model, w);
}

int
question_passphrase(
    struct loop *loop, const struct route *route, size_t at, struct waiter *w)
{
	struct question model = { .loop = loop,
		.route = route_base(route),
		.place = &route_secure(route, at)->question,
		.sources = &route->key_sources,
		.file = route_locked(route, at) };

	return join(&model, w);
}

void
question_leave(struct waiter *w)
{
	struct question *q = w->question;
	struct waiter **at;
	struct loop *loop;
	const char *subject;

	if (q == NULL)
		return;
	for (at = &q->waiting; *at != w;)
		at = &(*at)->next;
	*at = w->next;
	w->question = NULL;
	/* With its answer there it is the answer's to free. */
	if (q->waiting != NULL || *q->place != q)
		return;
	loop = q->loop;
	subject = loop_subject(loop, NULL);
	ask_free(q->ask);
	close_question(q);
	free(q);
	loop_subject(loop, subject);
}
