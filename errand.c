/* errand.c -- gets what an opening can't go on without.  Floor 3. */
#include "errand.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "question.h"
#include "resolve.h"

#define ADDRESSES_MAX 512 /* bytes: some more than a proxy is asked for */

struct errand {
	struct loop *loop;
	const struct route *route;
	struct waiter secret; /* for a password or a passphrase */
	size_t hop;	      /* whose password it is */
	struct timer timer;   /* for one that is there already */
	unsigned version;     /* of the password last sent */
	unsigned char answers[ROUTE_HOPS_MAX]; /* got for passwords */
	struct negotiate *context; /* kept from one token to the next */
	struct resolve *resolve;
	void (*done)(void *, struct span, const char *);
	void *arg;
};

static void on_newer(void *);

struct errand *
errand_new(struct loop *loop, const struct route *route,
    void (*done)(void *, struct span, const char *), void *arg)
{
	struct errand *e = calloc(1, sizeof *e);

	if (e == NULL)
		return NULL;
	e->loop = loop;
	e->route = route;
	e->done = done;
	e->arg = arg;
	e->secret.arg = e->timer.arg = e;
	e->timer.expired = on_newer;
	return e;
}

void
errand_drop(struct errand *e)
{
	question_leave(&e->secret);
	loop_timer(e->loop, &e->timer, 0);
	negotiate_free(e->context);
	e->context = NULL;
	resolve_free(e->resolve);
	e->resolve = NULL;
}

void
errand_free(struct errand *e)
{
	if (e == NULL)
		return;
	errand_drop(e);
	free(e);
}

static void
done_asking(struct errand *e, const char *fault)
{
	e->done(e->arg, (struct span){ NULL, 0 }, fault);
}

static void
on_newer(void *arg)
{
	done_asking(arg, NULL);
}

static void
on_password(void *arg, const char *fault)
{
	struct errand *e = arg;

	/* Without an answer there is no other question. */
	if (fault != NULL)
		e->answers[e->hop] =
		    (unsigned char)hop_asks(&e->route->hops[e->hop]);
	else
		e->answers[e->hop]++;
	done_asking(e, fault);
}

void
errand_allow(const struct errand *e, size_t hop)
{
	struct hop *h = &e->route->hops[hop];

	h->login.asks =
	    e->route->asks_nobody ? 0 : hop_asks(h) - e->answers[hop];
}

void
errand_sent(struct errand *e, size_t hop)
{
	e->version = e->route->hops[hop].login.version;
}

int
errand_password(struct errand *e, size_t hop)
{
	const struct login *l = &e->route->hops[hop].login;

	if (l->credentials.password != NULL && l->version != e->version)
		return loop_timer(e->loop, &e->timer, loop_now(e->loop));
	e->hop = hop;
	e->secret.answered = on_password;
	return question_password(e->loop, e->route, hop, &e->secret);
}

static void
on_passphrase(void *arg, const char *fault)
{
	done_asking(arg, fault);
}

int
errand_passphrase(struct errand *e, size_t at)
{
	e->secret.answered = on_passphrase;
	return question_passphrase(e->loop, e->route, at, &e->secret);
}

static void
on_token(void *arg, struct span token, const char *fault)
{
	struct errand *e = arg;

	e->done(e->arg, token, fault);
}

int
errand_token(struct errand *e, const struct hop *hop, struct span binding,
    struct span token)
{
	struct negotiate_target target = hop->target;

	target.binding = binding;
	if (token.n == 0) {
		negotiate_free(e->context);
		e->context = negotiate_new(e->loop, &target, on_token, e);
	}
	if (e->context == NULL)
		return -1;
	negotiate_step(e->context, token);
	return 0;
}

static void
on_resolved(void *arg, const struct addrinfo *list, const char *fault)
{
	struct errand *e = arg;
	struct resolve *resolved = e->resolve;
	char address[NI_MAXHOST];
	struct buf all;

	e->resolve = NULL;
	buf_init(&all, ADDRESSES_MAX);
	for (; list != NULL; list = list->ai_next)
		if (getnameinfo(list->ai_addr, list->ai_addrlen, address,
			sizeof address, NULL, 0, NI_NUMERICHOST) == 0)
			BUF_JOIN(&all, buf_len(&all) > 0 ? " " : "", address);
	e->done(e->arg, BUF_SPAN(&all), fault);
	buf_free(&all);
	resolve_free(resolved);
}

int
errand_address(struct errand *e, const char *name, int family)
{
	e->resolve =
	    resolve_new(e->route->names, e->loop, name, family, on_resolved, e);
	return e->resolve != NULL ? 0 : -1;
}

int
errand_asks_person(const struct errand *e)
{
	return e->secret.question != NULL;
}
