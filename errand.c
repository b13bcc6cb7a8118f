/* errand.c -- gets what an opening can't go on without.  Floor 3. */
#include "errand.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ask.h"
#include "resolve.h"
#include "secret.h"

#define QUESTION_MAX 2048
#define USER_SHOWN 64	  /* bytes of a user's name in it */
#define ADDRESSES_MAX 512 /* bytes: some more than a proxy is asked for */

struct errand {
	struct loop *loop;
	const struct route *route;
	struct ask *ask;
	struct login *login;	   /* that a password is for */
	const char *file;	   /* that a passphrase is for */
	unsigned tries;		   /* of it */
	struct negotiate *context; /* kept from one token to the next */
	struct resolve *resolve;
	void (*done)(void *, struct span, const char *);
	void *arg;
};

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
	return e;
}

void
errand_drop(struct errand *e)
{
	ask_free(e->ask);
	e->ask = NULL;
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

/* Calls done, which may free the errand, and then frees what was asked. */
static void
done_asking(struct errand *e, const char *fault)
{
	struct ask *asked = e->ask;

	e->ask = NULL;
	e->done(e->arg, (struct span){ NULL, 0 }, fault);
	ask_free(asked);
}

static void
on_password(void *arg, char *secret, int typed, const char *fault)
{
	struct errand *e = arg;

	/* Without an answer nobody is asked again. */
	if (secret == NULL)
		e->login->asks = 0;
	else
		e->login->typed = typed;
	e->login->credentials.password = secret;
	done_asking(e, fault);
}

int
errand_password(struct errand *e, struct hop *hop)
{
	struct login *l = &hop->login;
	struct ask_question question = { NULL, "password",
		l->further ? "(REMPROXYPASS, or -F FILE, or --password-command)"
			   : "(PROXYPASS, or -F FILE, or --password-command)" };
	struct buf text;

	buf_init(&text, QUESTION_MAX);
	buf_puts(&text, l->typed ? "proxytunnel: refused; password for "
				 : "proxytunnel: password for ");
	text_show(&text, span_of(l->credentials.user), USER_SHOWN);
	BUF_JOIN(&text, " at the proxy ", hop->name, ": ");
	question.text = buf_str(&text);
	secret_free(l->credentials.password);
	l->credentials.password = NULL;
	l->asks--;
	e->login = l;
	e->ask = ask_new(e->loop, &hop->sources, &question, on_password, e);
	buf_free(&text);
	return e->ask != NULL ? 0 : -1;
}

static int ask_passphrase(struct errand *);

/* 0: unlocked; 1: that is not the passphrase; -1. */
static int
unlock(struct errand *e, const char *passphrase, struct failure *why)
{
	struct tls_context *c;
	size_t at;
	int rc = 0;

	for (at = 0; rc == 0 && at <= e->route->nhops; at++) {
		c = route_secure(e->route, at)->context;
		if (c != NULL && c->locked != NULL &&
		    strcmp(c->locked, e->file) == 0)
			rc = tls_context_unlock(c, passphrase, why);
	}
	return rc;
}

static void
on_passphrase(void *arg, char *secret, int typed, const char *fault)
{
	struct errand *e = arg;
	struct failure why = { FAIL_NONE, 0, "" };
	struct ask *asked = e->ask;
	int rc;

	if (secret == NULL) {
		done_asking(e, fault);
		return;
	}
	rc = unlock(e, secret, &why);
	secret_free(secret);
	if (rc == 1 && typed && e->tries < ASK_TIMES) {
		e->ask = NULL;
		rc = ask_passphrase(e);
		ask_free(asked);
		if (rc == 0)
			return;
		fail(&why, FAIL_LOCAL, "out of memory");
	}
	done_asking(e, rc == 0	 ? NULL
		       : rc == 1 ? "that is not its passphrase"
				 : why.text);
}

static int
ask_passphrase(struct errand *e)
{
	struct ask_question question = { NULL, "passphrase", "(SSH_ASKPASS)" };
	struct buf text;

	buf_init(&text, QUESTION_MAX);
	buf_puts(&text, e->tries++ > 0 ? "proxytunnel: wrong; passphrase for "
				       : "proxytunnel: passphrase for ");
	BUF_JOIN(&text, e->file, ": ");
	question.text = buf_str(&text);
	e->ask = ask_new(
	    e->loop, &e->route->key_sources, &question, on_passphrase, e);
	buf_free(&text);
	return e->ask != NULL ? 0 : -1;
}

int
errand_passphrase(struct errand *e, const char *file)
{
	e->file = file;
	e->tries = 0;
	return ask_passphrase(e);
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
	return e->ask != NULL;
}
