/*
 * auth.c -- the answer to Proxy-Authenticate: reads the challenges, chooses a
 * scheme, continues and gives up.  Floor 1.  RFC 9110 11.6 and 11.7, RFC 7617,
 * RFC 4559.
 */
#include "auth.h"

#include <stdlib.h>
#include <string.h>

#include "basic.h"
#include "digest.h"
#include "ntlm.h"
#include "offers.h"

#define FAULT_MAX 256 /* bytes of a fault that comes from outside */
#define LOSSES_MAX 2  /* connections that a scheme may lose midway */

/* The strongest first. */
static const struct scheme {
	const char *name;
	unsigned bit;
	int needs_password;
} schemes[] = {
	{ "Negotiate", AUTH_NEGOTIATE, 0 },
	{ "Digest", AUTH_DIGEST, 1 },
	{ "NTLM", AUTH_NTLM, 1 },
	{ "Basic", AUTH_BASIC, 1 },
};

#define SCHEMES (sizeof schemes / sizeof *schemes)

#define BOUND (AUTH_NEGOTIATE | AUTH_NTLM) /* to their connection */

/* Why a scheme is out of the question; compared by address. */
static const char refused[] = "refused", no_memory[] = "memory is short",
		  no_user[] = "no user is known",
		  no_password[] = "there is no password";

struct auth {
	const struct auth_setup *setup;
	struct buf *notes;
	struct span binding;  /* of the connection's TLS */
	struct offers offers; /* of the last response */
	unsigned offered;     /* those that are known */
	unsigned ever;	      /* the same of all responses */
	unsigned tried;	      /* those begun with */
	unsigned current;     /* the scheme in use, 0: none yet */
	unsigned sent;	      /* its messages, on this connection */
	unsigned unasked;     /* the same scheme, while all that speaks for it
				 is what was learnt; else 0 */
	unsigned losses;      /* of connections, in its middle */
	unsigned refusals;    /* schemes by which the proxy has refused us */
	int spoilt;	      /* the connection, by one that is bound to it */
	int begun;	      /* on a connection */
	int unlisted; /* schemes may be that it did not name: it was not asked
			 plainly, but with one that was learnt */
	int inside;   /* Negotiate, NTLM is to go */
	const char *outcome[SCHEMES];
	struct buf token;     /* from the proxy, for the scheme in use */
	struct buf answer;    /* the token to send */
	struct buf gss_fault; /* outcome of Negotiate, if from outside */
	struct buf ask_fault; /* why no password was given */
	struct digest_talk digest;
	int stale;  /* once the nonce was too old */
	int opened; /* the tunnel is; a proof is still looked at */
};

unsigned
auth_scheme_bit(struct span name)
{
	size_t i;

	for (i = 0; i < SCHEMES; i++)
		if (span_is(name, schemes[i].name))
			return schemes[i].bit;
	return 0;
}

static const struct credentials *
credentials(const struct auth *a)
{
	return &a->setup->login->credentials;
}

void
learnt_free(struct learnt *l)
{
	digest_free(&l->digest.challenge);
	memset(l, 0, sizeof *l);
}

static struct learnt *
learnt(const struct auth *a)
{
	return &a->setup->login->learnt;
}

struct auth *
auth_new(const struct auth_setup *setup)
{
	struct auth *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->setup = setup;
	offers_init(&a->offers);
	buf_init(&a->token, AUTH_TOKEN_MAX);
	buf_init(&a->answer, AUTH_TOKEN_MAX);
	buf_init(&a->gss_fault, FAULT_MAX + 8);
	buf_init(&a->ask_fault, FAULT_MAX + 8);
	return a;
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	offers_free(&a->offers);
	buf_free(&a->token);
	buf_free(&a->answer);
	buf_free(&a->gss_fault);
	buf_free(&a->ask_fault);
	digest_free(&a->digest.session.challenge);
	free(a);
}

static size_t
index_of(unsigned scheme)
{
	size_t i;

	for (i = 0; schemes[i].bit != scheme;)
		i++;
	return i;
}

static void
note(struct auth *a, unsigned scheme, const char *text)
{
	if (a->notes != NULL)
		BUF_JOIN(a->notes, "* ", schemes[index_of(scheme)].name, ": ",
		    text, "\n");
}

/* The scheme is out of the question from now on. */
static void
rule_out(struct auth *a, unsigned scheme, const char *outcome)
{
	size_t i = index_of(scheme);

	a->outcome[i] = outcome;
	if (a->current == scheme && a->sent > 0) {
		if (outcome == refused || scheme == AUTH_NEGOTIATE)
			a->refusals |= scheme;
		/* Squid then refuses all else on the same connection. */
		a->spoilt = (scheme & BOUND) != 0;
	}
	note(a, scheme, outcome);
	if (a->current == scheme)
		a->current = 0;
}

void
auth_response(struct auth *a)
{
	offers_begin(&a->offers);
}

int
auth_challenge(struct auth *a, struct span value)
{
	return offers_add(&a->offers, value);
}

/* All challenges of the response are in. */
static void
see_offers(struct auth *a)
{
	struct offers_walk walk = { { NULL, 0 }, { NULL, 0 }, 0 };
	struct span name, params;

	a->offered = 0;
	while (offers_next(&a->offers, &walk, &name, &params))
		a->offered |= auth_scheme_bit(name);
	a->ever |= a->offered;
	a->inside = (a->offered & AUTH_NTLM) == 0;
}

/* The first challenge of that scheme: its parameters. */
static int
find_challenge(const struct auth *a, unsigned bit, struct span *params)
{
	struct offers_walk walk = { { NULL, 0 }, { NULL, 0 }, 0 };
	struct span name;

	while (offers_next(&a->offers, &walk, &name, params))
		if (auth_scheme_bit(name) == bit)
			return 1;
	return 0;
}

static int
begin_ntlm(struct auth *a)
{
	buf_free(&a->answer);
	return ntlm_negotiate(&a->answer);
}

/* The third message, in answer to the second; NULL, or the fault. */
static const char *
answer_ntlm(struct auth *a)
{
	struct ntlm_login who;

	memset(&who, 0, sizeof who);
	who.user = credentials(a)->user;
	who.password = credentials(a)->password;
	who.domain = a->setup->domain;
	who.spn = a->setup->spn;
	who.workstation = "WORKSTATION";
	buf_free(&a->answer);
	return ntlm_answer(
	    &a->answer, BUF_SPAN(&a->token), &who, a->binding, a->setup->env);
}

/* Has what is needed to begin with a scheme?  NULL, or what is missing. */
static const char *
prepare(struct auth *a, unsigned scheme)
{
	const char *fault = NULL;

	if (scheme == AUTH_DIGEST) {
		fault =
		    digest_begin(&a->digest.session, &a->offers, a->setup->env);
	} else if (scheme == AUTH_NTLM) {
		if (!hash_is_there(a->setup->env->hasher, HASH_MD5))
			fault = a->setup->env->no_hash;
		else if (begin_ntlm(a) < 0)
			fault = no_memory;
	} else if (scheme == AUTH_BASIC) {
		fault = basic_fault(credentials(a));
	}
	return fault;
}

/* NTLM also goes inside Negotiate, where the proxy does not name it. */
static int
is_offered(const struct auth *a, unsigned scheme)
{
	if (scheme == AUTH_NTLM)
		return (a->offered & (AUTH_NTLM | AUTH_NEGOTIATE)) != 0;
	return (a->offered & scheme) != 0;
}

static enum auth_step
begin_with(struct auth *a, unsigned scheme)
{
	a->current = scheme;
	a->tried |= scheme;
	a->sent = a->losses = 0;
	buf_free(&a->token);
	return scheme == AUTH_NEGOTIATE ? AUTH_STEP : AUTH_SEND;
}

/* Begins with the strongest scheme that is left, if there is one. */
static enum auth_step
choose(struct auth *a)
{
	const struct login *login = a->setup->login;
	const char *fault;
	size_t i;

	for (i = 0; i < SCHEMES; i++) {
		const struct scheme *s = &schemes[i];

		if (!is_offered(a, s->bit) || a->outcome[i] != NULL ||
		    (a->setup->allowed & s->bit) == 0)
			continue;
		fault = s->needs_password && login->credentials.user == NULL
			    ? no_user
			    : prepare(a, s->bit);
		/* What can't be done anyway is no reason to ask. */
		if (fault == NULL && s->needs_password &&
		    login->credentials.password == NULL) {
			if (login->asks > 0)
				return AUTH_ASK;
			fault = no_password;
		}
		if (fault != NULL) {
			rule_out(a, s->bit, fault);
			continue;
		}
		/* What goes in clear is not the strongest any more. */
		if (s->bit != AUTH_BASIC && learnt(a)->scheme == AUTH_BASIC)
			learnt(a)->scheme = 0;
		return begin_with(a, s->bit);
	}
	return AUTH_FAILED;
}

/* Those that refused us by what a password is needed for. */
static unsigned
refused_passwords(const struct auth *a)
{
	return a->refusals & ~(unsigned)AUTH_NEGOTIATE;
}

/* Appends how each scheme that was tried or is offered ended. */
static void
put_outcomes(struct auth *a, struct buf *text)
{
	const char *before = "; ", *outcome;
	size_t i;

	for (i = 0; i < SCHEMES; i++) {
		const struct scheme *s = &schemes[i];

		outcome = a->outcome[i];
		if ((a->setup->allowed & s->bit) == 0)
			outcome = "--auth does not allow it";
		if (((a->ever | a->tried) & s->bit) == 0 || outcome == NULL ||
		    outcome == no_user || outcome == no_password)
			continue;
		BUF_JOIN(text, before, s->name, ": ", outcome);
		before = ", ";
	}
}

static int
is_ruled_out_for(const struct auth *a, const char *outcome)
{
	size_t i;

	for (i = 0; i < SCHEMES; i++)
		if (a->outcome[i] == outcome && (a->ever & schemes[i].bit) != 0)
			return 1;
	return 0;
}

static enum auth_step
give_up(struct auth *a, struct failure *why)
{
	const char *offers = buf_str(&a->offers.names), *hint = "";
	struct buf outcomes;

	buf_init(&outcomes, FAIL_TEXT);
	put_outcomes(a, &outcomes);
	if (*offers == '\0')
		offers = "no scheme";
	else if (a->ever == 0)
		hint = ": none that proxytunnel can answer";
	if (a->refusals != 0)
		hint = refused_passwords(a) != 0 ? " (is the password right?)"
						 : "";
	else if (buf_len(&a->ask_fault) > 0)
		hint = buf_str(&a->ask_fault);
	else if (is_ruled_out_for(a, no_user))
		hint = a->setup->login->further
			   ? ": give them with -R USER, REMPROXYUSER and "
			     "REMPROXYPASS, or -F"
			   : ": give them with -P USER, PROXYUSER and "
			     "PROXYPASS, or -F";
	else if (is_ruled_out_for(a, no_password))
		hint = a->setup->login->further
			   ? ": give the password with REMPROXYPASS, -F FILE "
			     "or --password-command"
			   : ": give the password with PROXYPASS, -F FILE or "
			     "--password-command";
	why->cause = a->refusals != 0 ? CAUSE_CREDENTIALS : CAUSE_OTHER;
	fail(why, FAIL_AUTH, "%s%s%s%s",
	    a->refusals != 0
		? "refused the credentials of this user: it offers "
		: "demands credentials and offers ",
	    offers, buf_str(&outcomes), hint);
	buf_free(&outcomes);
	return AUTH_FAILED;
}

/* Was a scheme offered before, but not now, that may yet be tried? */
static int
is_held_back(const struct auth *a)
{
	size_t i;

	for (i = 0; i < SCHEMES; i++)
		if ((a->ever & a->setup->allowed & schemes[i].bit) != 0 &&
		    !is_offered(a, schemes[i].bit) && a->outcome[i] == NULL)
			return 1;
	return 0;
}

/*
 * With no scheme left, a password that was typed may have been mistyped; else
 * that is the end.
 */
static enum auth_step
choose_or_give_up(struct auth *a, struct failure *why)
{
	enum auth_step step = choose(a);

	if (step != AUTH_FAILED)
		return step;
	/* In a scheme's middle a proxy names that alone; asked anew, all. */
	if ((a->sent > 0 && is_held_back(a)) || a->unlisted) {
		a->sent = 0;
		return AUTH_SEND;
	}
	if (a->setup->login->typed && a->setup->login->asks > 0 &&
	    refused_passwords(a) != 0)
		return AUTH_ASK;
	return give_up(a, why);
}

/* What the scheme in use goes by. */
static unsigned
name_of(const struct auth *a)
{
	return a->current == AUTH_NTLM && a->inside ? AUTH_NEGOTIATE
						    : a->current;
}

/* Does the response carry the scheme in use on?  NULL, or why not. */
static const char *
carry_on(struct auth *a, enum auth_step *step)
{
	unsigned name = name_of(a);
	struct span params;

	*step = AUTH_SEND;
	/* Whether it says stale or not: it may know nothing of that nonce. */
	if (a->current == AUTH_BASIC || a->unasked == AUTH_DIGEST)
		return refused;
	if (a->current == AUTH_DIGEST) {
		if (digest_begin(&a->digest.session, &a->offers,
			a->setup->env) != NULL ||
		    !a->digest.session.challenge.stale || a->stale)
			return refused;
		a->stale = 1;
		return NULL;
	}
	if (!find_challenge(a, name, &params) || params.n == 0)
		return a->current == AUTH_NTLM && a->sent == 1
			   ? "refused before a password was sent"
			   : refused;
	buf_free(&a->token);
	if (base64_decode(&a->token, params) < 0)
		return "its token is malformed";
	if (a->current == AUTH_NEGOTIATE) {
		*step = AUTH_STEP;
		return NULL;
	}
	if (a->sent > 1)
		return refused;
	return answer_ntlm(a);
}

/* Others are not to begin with that, unless they have learnt anew since. */
static void
forget(struct auth *a)
{
	struct learnt *l = learnt(a);

	if (l->scheme == a->unasked &&
	    (l->scheme != AUTH_DIGEST ||
		digest_is_same(&l->digest, &a->digest.session)))
		l->scheme = 0;
	a->unasked = 0;
}

/*
 * What was learnt does not do any more.  That is no verdict on the credentials
 * and the scheme still to be tried; Basic alone would say the same again.
 */
static void
unlearn(struct auth *a, const char *fault)
{
	forget(a);
	if (a->current == AUTH_BASIC) {
		rule_out(a, AUTH_BASIC, fault);
		return;
	}
	note(a, a->current, "not taken unasked");
	a->spoilt = (a->current & BOUND) != 0;
	a->current = a->sent = 0;
}

enum auth_step
auth_next(struct auth *a, struct failure *why)
{
	enum auth_step step;
	const char *fault;

	see_offers(a);
	if (a->current != 0 && a->sent > 0) {
		fault = carry_on(a, &step);
		if (fault == NULL) {
			a->unasked = 0;
			return step;
		}
		if (a->unasked != 0)
			unlearn(a, fault);
		else
			rule_out(a, a->current, fault);
	}
	return choose_or_give_up(a, why);
}

/* Nothing was asked for yet: where Basic alone is allowed it goes out. */
static enum auth_step
begin_unasked(struct auth *a)
{
	const struct login *login = a->setup->login;

	if (a->current != 0 || a->setup->allowed != AUTH_BASIC ||
	    a->outcome[index_of(AUTH_BASIC)] != NULL ||
	    login->credentials.user == NULL)
		return AUTH_SEND;
	if (login->credentials.password == NULL)
		return login->asks > 0 ? AUTH_ASK : AUTH_SEND;
	if (prepare(a, AUTH_BASIC) == NULL)
		begin_with(a, AUTH_BASIC);
	return AUTH_SEND;
}

static int
lacks_credentials(const struct auth *a, const struct scheme *s)
{
	return s->needs_password && (credentials(a)->user == NULL ||
					credentials(a)->password == NULL);
}

/* Nothing was asked for yet, but there is what opened a tunnel before. */
static enum auth_step
begin_learnt(struct auth *a)
{
	const struct learnt *l = learnt(a);
	const struct scheme *s;

	if ((l->scheme & a->setup->allowed) == 0)
		return AUTH_SEND;
	s = &schemes[index_of(l->scheme)];
	if (a->outcome[s - schemes] != NULL || lacks_credentials(a, s) ||
	    (s->bit != AUTH_DIGEST && prepare(a, s->bit) != NULL))
		return AUTH_SEND;
	note(a, s->bit, "unasked, as it opened a tunnel before");
	a->unasked = s->bit;
	a->inside = l->inside;
	a->unlisted = (s->bit & BOUND) != 0;
	return begin_with(a, s->bit);
}

enum auth_step
auth_asked(struct auth *a, const char *fault, struct failure *why)
{
	size_t i;

	buf_free(&a->ask_fault);
	if (fault != NULL)
		BUF_JOIN(&a->ask_fault, ": ", fault);
	/* Another password is another chance for every scheme. */
	for (i = 0; i < SCHEMES && fault == NULL; i++)
		if ((refused_passwords(a) & schemes[i].bit) != 0)
			a->outcome[i] = NULL;
	/* It was not demanded yet; the proxy may want none. */
	if (a->offered == 0 && (fault == NULL || refused_passwords(a) == 0))
		return fault == NULL ? begin_unasked(a) : AUTH_SEND;
	return choose_or_give_up(a, why);
}

struct span
auth_token(const struct auth *a)
{
	return BUF_SPAN(&a->token);
}

/* The proxy's proof of who it is does not hold. */
static enum auth_step
unproven(struct failure *why, const char *what)
{
	fail(why, FAIL_AUTH,
	    "opened the tunnel but could not prove who it is: %s", what);
	return AUTH_FAILED;
}

/* By this response, which did not demand it: what does not go in clear. */
static int
is_more_offered(const struct auth *a)
{
	struct offers_walk walk = { { NULL, 0 }, { NULL, 0 }, 0 };
	struct span name, params;
	unsigned bit;

	while (offers_next(&a->offers, &walk, &name, &params)) {
		bit = auth_scheme_bit(name) & ~(unsigned)AUTH_BASIC;
		if ((bit & a->setup->allowed) != 0 &&
		    a->outcome[index_of(bit)] == NULL)
			return 1;
	}
	return 0;
}

/*
 * Is its nonce the one for all from now on?  Not where they have another that
 * opens tunnels, nor where it was theirs before and how far they have counted
 * is not known any more.
 */
static int
learn_nonce(struct auth *a)
{
	struct learnt *l = learnt(a);

	if (digest_is_same(&l->digest, &a->digest.session))
		return 1;
	return l->scheme != AUTH_DIGEST && a->unasked == 0 &&
	       digest_copy(&l->digest, &a->digest.session) == 0;
}

/* Other tunnels may begin with what opened this one, or what info says. */
static void
learn(struct auth *a, struct span info)
{
	struct learnt *l = learnt(a);

	if (a->current == 0 || a->sent == 0)
		return;
	if (a->current == AUTH_DIGEST) {
		if (!learn_nonce(a))
			return;
		digest_next(&l->digest, info);
	}
	l->scheme = a->current;
	l->inside = a->inside;
	if (a->current == AUTH_BASIC && is_more_offered(a))
		l->scheme = 0;
}

enum auth_step
auth_opened(struct auth *a, struct span info, struct failure *why)
{
	struct span params;

	a->opened = 1;
	if (a->current == AUTH_DIGEST && info.n > 0 &&
	    !lacks_credentials(a, &schemes[index_of(AUTH_DIGEST)]))
		switch (digest_confirms(&a->digest.session.challenge,
		    credentials(a), &a->digest.last, a->setup->env->hasher,
		    info)) {
		case 1:
			break;
		case 0:
			return unproven(why, "Digest: its rspauth is wrong");
		default:
			return unproven(why, no_memory);
		}
	/* Few proxies send a last token; where one does, it counts. */
	if (a->current != AUTH_NEGOTIATE ||
	    !find_challenge(a, AUTH_NEGOTIATE, &params) || params.n == 0) {
		learn(a, info);
		return AUTH_SEND;
	}
	buf_free(&a->token);
	if (base64_decode(&a->token, params) < 0)
		return unproven(why, "Negotiate: its token is malformed");
	return AUTH_STEP;
}

enum auth_step
auth_stepped(
    struct auth *a, struct span token, const char *fault, struct failure *why)
{
	buf_free(&a->answer);
	if (fault == NULL && buf_put(&a->answer, token.p, token.n) < 0)
		fault = no_memory;
	buf_free(&a->gss_fault);
	if (fault != NULL)
		text_show(&a->gss_fault, span_of(fault), FAULT_MAX);
	if (a->opened) {
		if (fault != NULL)
			return unproven(why, buf_str(&a->gss_fault));
		learn(a, (struct span){ NULL, 0 });
		return AUTH_SEND;
	}
	if (fault == NULL && token.n > 0)
		return AUTH_SEND;
	/* For GSSAPI it is done, and yet the proxy refuses. */
	rule_out(a, AUTH_NEGOTIATE,
	    fault == NULL ? refused : buf_str(&a->gss_fault));
	if (a->unasked != 0) { /* and nothing was demanded yet */
		forget(a);
		return AUTH_SEND;
	}
	return choose_or_give_up(a, why);
}

const char *
auth_in_use(const struct auth *a)
{
	return a->current != 0 && a->sent > 0
		   ? schemes[index_of(a->current)].name
		   : NULL;
}

int
auth_is_bound(const struct auth *a)
{
	return (a->current & BOUND) != 0;
}

int
auth_wants_connection(const struct auth *a)
{
	return a->spoilt;
}

/* The tunnel was open, and is to be once more: a hop behind wants that. */
static void
start_over(struct auth *a)
{
	a->opened = a->begun = a->stale = 0;
	a->current = a->unasked = a->offered = 0;
	a->sent = a->losses = 0;
}

enum auth_step
auth_connection(struct auth *a, struct span binding, struct buf *notes)
{
	int first;

	a->notes = notes;
	a->binding = binding;
	if (a->opened)
		start_over(a);
	else if ((a->unasked & BOUND) != 0 && a->sent > 0)
		unlearn(a, NULL); /* some close where they want none */
	a->spoilt = 0;
	first = !a->begun;
	a->begun = 1;
	if (auth_is_bound(a) && a->sent > 0) {
		a->sent = 0;
		if (++a->losses >= LOSSES_MAX)
			rule_out(a, a->current,
			    "the proxy closed the connection in its middle");
		else if (a->current == AUTH_NEGOTIATE) {
			buf_free(&a->token);
			return AUTH_STEP;
		} else if (begin_ntlm(a) < 0)
			rule_out(a, a->current, no_memory);
	}
	if (first && a->current == 0 && !a->setup->afresh &&
	    a->setup->allowed != AUTH_BASIC)
		return begin_learnt(a);
	return begin_unasked(a);
}

/*
 * Is there still something to answer with?  Another tunnel may just ask for a
 * password in place of the one there was, and have replaced what was learnt:
 * that is taken when it goes out.
 */
static int
has_answer(struct auth *a)
{
	struct learnt *l = learnt(a);

	if (a->current == 0 ||
	    (!auth_is_bound(a) &&
		lacks_credentials(a, &schemes[index_of(a->current)])))
		return 0;
	return a->unasked != AUTH_DIGEST ||
	       (l->scheme == AUTH_DIGEST &&
		   digest_copy(&a->digest.session, &l->digest) == 0);
}

/*
 * Until a nonce has opened a tunnel, the last one is counted for all: a proxy
 * may give several tunnels the same.
 */
static int
answer_digest(
    struct auth *a, const char *method, const char *uri, struct buf *out)
{
	struct learnt *l = learnt(a);
	int rc = digest_send(&a->digest, &l->digest, credentials(a), method,
	    uri, a->setup->env->hasher, out);

	if (l->scheme != AUTH_DIGEST)
		digest_copy(&l->digest, &a->digest.session);
	return rc;
}

int
auth_answer(
    struct auth *a, const char *method, const char *uri, struct buf *out)
{
	if (!has_answer(a)) {
		a->current = a->unasked = 0;
		a->unlisted = 0;
		return 0;
	}
	a->sent++;
	if (a->current == AUTH_BASIC)
		return basic_answer(credentials(a), out);
	if (a->current == AUTH_DIGEST)
		return answer_digest(a, method, uri, out);
	if (BUF_JOIN(out, schemes[index_of(name_of(a))].name, " ") < 0)
		return -1;
	return base64_encode(out, buf_ptr(&a->answer), buf_len(&a->answer));
}
