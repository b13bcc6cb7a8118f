/*
 * auth.h -- the answer to Proxy-Authenticate (RFC 9110 11.7): reads the
 * challenges, chooses a scheme, carries its conversation on.  Floor 1.
 */
#ifndef AUTH_H
#define AUTH_H

#include "addr.h"
#include "buf.h"
#include "digest.h"
#include "fail.h"
#include "env.h"
#include "text.h"

enum auth_scheme {
	AUTH_BASIC = 1 << 0,
	AUTH_DIGEST = 1 << 1,
	AUTH_NTLM = 1 << 2,
	AUTH_NEGOTIATE = 1 << 3
};

#define AUTH_ALL (AUTH_BASIC | AUTH_DIGEST | AUTH_NTLM | AUTH_NEGOTIATE)

#define AUTH_TOKEN_MAX ((size_t)65536) /* bytes of a token of any scheme */

/* The bit of a scheme's name, in any letter case; 0: not known. */
unsigned auth_scheme_bit(struct span name);

/*
 * What tunnels have learnt of one proxy, for those that follow to begin with.
 * All zero at first.  No secret is in it, and none follows from it.
 */
struct learnt {
	unsigned scheme; /* AUTH_ bit of what opened a tunnel last, 0: none */
	int inside;	 /* Negotiate, where that is NTLM */
	struct digest_session digest; /* counted over all tunnels; one has
					 opened with it where scheme says so */
};

/* Leaves it empty. */
void learnt_free(struct learnt *);

/* Who we are at one proxy, as far as that is known by now. */
struct login {
	struct credentials credentials;
	unsigned asks;	  /* how often a password may yet be asked for, by the
			     tunnel that is at it */
	int typed;	  /* or told by a command: the password may be wrong,
			     and asked for again */
	int further;	  /* at a proxy behind the first: -R gives it, not -P */
	unsigned version; /* of the password: another one, another number */
	struct learnt learnt;
};

/* How a user is to be given where there is none, for messages. */
#define LOGIN_OPTION(login) ((login)->further ? "-R USER" : "-P USER")

/*
 * How to log in at one proxy; all of it is borrowed.  The login may be that of
 * many tunnels.
 */
struct auth_setup {
	struct login *login;
	unsigned allowed;   /* AUTH_ bits */
	const char *domain; /* of NTLM; NULL: the user's, or the proxy's */
	const char *spn;    /* what NTLM names as its target: HTTP/HOST */
	const struct auth_env *env;
};

/* What is to be done next. */
enum auth_step {
	AUTH_SEND, /* the next request, with what auth_answer puts into it */
	AUTH_ASK,  /* a password is to be asked for, then auth_asked */
	AUTH_STEP, /* GSSAPI is to take auth_token, then auth_stepped */
	AUTH_FAILED
};

/* One tunnel's login at one proxy. */
struct auth;

/* The setup must outlive it.  NULL without memory. */
struct auth *auth_new(const struct auth_setup *);
void auth_free(struct auth *);

/*
 * A connection begins: schemes that are bound to one start over.  binding is
 * the application data of its TLS channel binding (RFC 5929), n 0 without TLS;
 * borrowed until the next connection.  What may be said of the login goes to
 * notes from now on, lines "* ..."; NULL: nowhere.  Never AUTH_FAILED.
 *
 * Nothing was demanded at first: credentials go out unasked only by the scheme
 * that opened a tunnel before, which may take AUTH_STEP, or by Basic where it
 * alone is allowed (RFC 7617).
 */
enum auth_step auth_connection(
    struct auth *, struct span binding, struct buf *notes);

/* A response is there: forgets what the last one offered. */
void auth_response(struct auth *);

/* Takes the value of a Proxy-Authenticate field.  0, or -1 without memory. */
int auth_challenge(struct auth *, struct span value);

/*
 * The response was a refusal and all its challenges are in: what now?
 * AUTH_FAILED with a text that says what was offered, what was tried and how
 * each ended.
 */
enum auth_step auth_next(struct auth *, struct failure *);

/*
 * The response opens the tunnel, and its challenges are in: where the proxy
 * offers a proof of who it is, is that right?  info is the value of
 * Proxy-Authentication-Info, n 0 without one.  AUTH_SEND: yes, or no proof; the
 * login has learnt then what did it.
 */
enum auth_step auth_opened(struct auth *, struct span info, struct failure *);

/*
 * After AUTH_ASK: the login has a password now or, with a fault, none; text
 * without a subject.
 */
enum auth_step auth_asked(struct auth *, const char *fault, struct failure *);

/* For AUTH_STEP: the proxy's token, empty where a context is to begin. */
struct span auth_token(const struct auth *);

/* After AUTH_STEP: the token to send, empty for none, or the fault. */
enum auth_step auth_stepped(
    struct auth *, struct span token, const char *fault, struct failure *);

/* Is a conversation under way that dies with the connection? */
int auth_is_bound(const struct auth *);

/* Has a refused one spoilt this connection for the next request? */
int auth_wants_connection(const struct auth *);

/*
 * Appends the field value to send with the next request; nothing where there
 * is none to send.  The strings are borrowed.  0, or -1 without memory.
 */
int auth_answer(
    struct auth *, const char *method, const char *uri, struct buf *out);

#endif
