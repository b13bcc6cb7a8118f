/*
 * auth.c -- the answer to Proxy-Authenticate: reads the challenges, chooses a
 * scheme, continues and gives up.  Floor 1.  RFC 9110 11.6 and 11.7, RFC 7617.
 */
#include "auth.h"

#include <stdlib.h>
#include <string.h>

#define AUTH_CHALLENGES_MAX 64 /* challenges of one response that are read */
#define AUTH_OFFERS_MAX 256    /* bytes of the schemes' names in a failure */
#define AUTH_SCHEME_SHOWN 24   /* bytes of the name of one scheme */
#define AUTH_SCHEME_ROOM 32    /* the same with ", ", "..." and a NUL */

struct auth {
	const struct credentials *credentials;
	unsigned allowed;
	unsigned offered; /* by the last response */
	unsigned tried;	  /* and sent */
	unsigned next;	  /* the scheme of the next request, 0: none */
	unsigned challenges;
	struct buf offers; /* the names, as the proxy writes them */
};

static const struct {
	const char *name;
	unsigned bit;
} schemes[] = {
	{ "Basic", AUTH_BASIC },
	{ "Digest", AUTH_DIGEST },
	{ "NTLM", AUTH_NTLM },
	{ "Negotiate", AUTH_NEGOTIATE },
};

/* What this build can answer. */
#define AUTH_SPOKEN AUTH_BASIC

unsigned
auth_scheme_bit(struct span name)
{
	size_t i;

	for (i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (span_is(name, schemes[i].name))
			return schemes[i].bit;
	return 0;
}

/* A user id with a colon has no form in Basic (RFC 7617 2). */
static int
basic_possible(const struct credentials *c)
{
	return c->user != NULL && c->password != NULL &&
	       strchr(c->user, ':') == NULL;
}

struct auth *
auth_new(const struct credentials *c, unsigned allowed)
{
	struct auth *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->credentials = c;
	a->allowed = allowed;
	buf_init(&a->offers, AUTH_OFFERS_MAX);
	if (allowed == AUTH_BASIC && basic_possible(c))
		a->next = AUTH_BASIC;
	return a;
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	buf_free(&a->offers);
	free(a);
}

/* user:password in UTF-8, in base64 (RFC 7617 2). */
static int
basic_answer(const struct credentials *c, struct buf *out)
{
	struct buf plain;
	int rc = -1;

	buf_init(&plain, strlen(c->user) + 1 + strlen(c->password));
	if (buf_puts(&plain, c->user) == 0 && buf_putc(&plain, ':') == 0 &&
	    buf_puts(&plain, c->password) == 0 &&
	    buf_puts(out, "Basic ") == 0 &&
	    base64_encode(out, buf_ptr(&plain), buf_len(&plain)) == 0)
		rc = 0;
	buf_free(&plain);
	return rc;
}

int
auth_answer(struct auth *a, struct buf *out)
{
	if (a->next == 0)
		return 0;
	a->tried |= a->next;
	return basic_answer(a->credentials, out);
}

void
auth_response(struct auth *a)
{
	a->offered = 0;
	a->challenges = 0;
	buf_free(&a->offers);
}

void
auth_challenge(struct auth *a, struct span value)
{
	struct span scheme, params;

	while (a->challenges < AUTH_CHALLENGES_MAX &&
	       text_next_challenge(&value, &scheme, &params)) {
		a->challenges++;
		a->offered |= auth_scheme_bit(scheme);
		if (buf_len(&a->offers) > AUTH_OFFERS_MAX - AUTH_SCHEME_ROOM)
			continue;
		if (buf_len(&a->offers) > 0)
			buf_puts(&a->offers, ", ");
		text_show(&a->offers, scheme, AUTH_SCHEME_SHOWN);
	}
}

int
auth_next(struct auth *a, struct failure *why)
{
	const struct credentials *c = a->credentials;
	const char *offers = buf_str(&a->offers);

	if (*offers == '\0')
		offers = "no scheme";
	a->next = 0;
	if ((a->tried & AUTH_BASIC) != 0) {
		fail(why, FAIL_AUTH,
		    "refused the credentials of this user (it offers %s; "
		    "Basic was tried): is the password right?",
		    offers);
		return 0;
	}
	if ((a->offered & a->allowed & AUTH_SPOKEN) == 0) {
		fail(why, FAIL_AUTH, "demands credentials and offers %s: %s",
		    offers,
		    (a->offered & AUTH_SPOKEN) != 0
			? "--auth does not allow that"
			: "none that this build can answer");
		return 0;
	}
	if (c->user == NULL || c->password == NULL) {
		fail(why, FAIL_AUTH,
		    "demands credentials and offers %s: "
		    "give them with -P USER, PROXYUSER and PROXYPASS, or -F",
		    offers);
		return 0;
	}
	if (!basic_possible(c)) {
		fail(why, FAIL_AUTH,
		    "offers %s, and a user name with a colon can't be sent by "
		    "Basic",
		    offers);
		return 0;
	}
	a->next = AUTH_BASIC;
	return 1;
}
