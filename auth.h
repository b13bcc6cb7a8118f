/*
 * auth.h -- the answer to Proxy-Authenticate (RFC 9110 11.7).  Floor 1.
 */
#ifndef AUTH_H
#define AUTH_H

#include "addr.h"
#include "buf.h"
#include "fail.h"
#include "text.h"

enum auth_scheme {
	AUTH_BASIC = 1 << 0,
	AUTH_DIGEST = 1 << 1,
	AUTH_NTLM = 1 << 2,
	AUTH_NEGOTIATE = 1 << 3
};

#define AUTH_ALL (AUTH_BASIC | AUTH_DIGEST | AUTH_NTLM | AUTH_NEGOTIATE)

/* The bit of a scheme's name, in any letter case; 0: not known. */
unsigned auth_scheme_bit(struct span name);

/* One proxy, as far as credentials go. */
struct auth;

/*
 * Makes the state for one tunnel through one proxy.  The credentials are
 * borrowed and must outlive it; allowed is a set of AUTH_ bits.  NULL without
 * memory.
 */
struct auth *auth_new(const struct credentials *, unsigned allowed);
void auth_free(struct auth *);

/*
 * Puts the field value to send with the next request into out, which stays
 * empty where nothing is to be sent: Basic unasked only where it alone is
 * allowed (RFC 7617).  0, or -1 without memory.
 */
int auth_answer(struct auth *, struct buf *out);

/* Forgets what the last response offered; call it before auth_challenge. */
void auth_response(struct auth *);

/* Takes one Proxy-Authenticate (or WWW-Authenticate) field value. */
void auth_challenge(struct auth *, struct span value);

/*
 * All challenges are in: is there something (else) to try?  1, or 0 with
 * FAIL_AUTH and a text that says what was offered and what was tried.
 */
int auth_next(struct auth *, struct failure *);

#endif
