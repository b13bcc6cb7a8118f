/*
 * digest.h -- the arithmetic of Digest authentication.  Floor 1.  RFC 7616,
 * and what proxies still speak of RFC 2617 and RFC 2069.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include "addr.h"
#include "env.h"
#include "offers.h"

#define DIGEST_CHALLENGE_MAX 8192 /* bytes of one parameter's value */

enum digest_qop { DIGEST_NO_QOP, DIGEST_AUTH, DIGEST_AUTH_INT };

/* A challenge as read; strings are without quotes and escapes. */
struct digest_challenge {
	char *realm, *nonce;
	char *opaque;	 /* NULL: none */
	char *algorithm; /* as the proxy writes it, NULL: none */
	enum hash hash;
	int sess;	     /* algorithm ...-sess */
	enum digest_qop qop; /* auth where it is offered */
	int stale, userhash, utf8;
};

/*
 * Reads the parameters of a challenge.  Returns NULL, or why it can't be
 * answered, as the end of a sentence ("its algorithm is not known"); the
 * challenge is then empty.  digest_free is due after NULL.
 */
const char *digest_parse(struct digest_challenge *, struct span params);
void digest_free(struct digest_challenge *);

/* What an answer is about; all borrowed. */
struct digest_request {
	const char *method, *uri;
	const char *cnonce; /* where sess is set, one for all uses of a nonce */
	unsigned nc;	    /* uses of the nonce, this one included */
};

/*
 * Appends "Digest username=..., response=..."; user and password are known.
 * 0, or -1 without memory, or where the hasher lacks the algorithm
 * (digest_parse does not ask it); the buffer is then unchanged.
 */
int digest_answer(const struct digest_challenge *, const struct credentials *,
    const struct digest_request *, const struct hasher *, struct buf *out);

/*
 * Does the proxy know the password, too?  value is that of a
 * Proxy-Authentication-Info field (RFC 7616 3.5) in answer to that request, of
 * a response without content.  1, also where there is no rspauth in it; 0: its
 * rspauth is wrong; -1 as digest_answer.
 */
int digest_confirms(const struct digest_challenge *, const struct credentials *,
    const struct digest_request *, const struct hasher *, struct span value);

/* A challenge in use; all zero: there is none. */
struct digest_session {
	struct digest_challenge challenge;
	char cnonce[33]; /* for as long as the nonce lives: -sess builds on it
			  */
	unsigned nc;	 /* uses of the nonce so far */
};

/*
 * Takes the strongest of the Digest challenges that can be answered here; if
 * it has the nonce of the last one, that goes on being counted.  NULL, or the
 * fault of the first; the session is then unchanged.  digest_free is due for
 * the challenge.
 */
const char *digest_begin(
    struct digest_session *, const struct offers *, const struct auth_env *);

/* NULL where one of the challenges can be answered here, or why not. */
const char *digest_fault(const struct offers *, const struct auth_env *);

/* Have both the same nonce? */
int digest_is_same(
    const struct digest_session *, const struct digest_session *);

/*
 * Makes to, which may hold another one, a copy.  0; -1 without memory: to is
 * then empty.
 */
int digest_copy(struct digest_session *to, const struct digest_session *from);

/*
 * Takes over the nextnonce of a Proxy-Authentication-Info field's value, where
 * there is one: uses are counted anew.  Without memory all stays.  So it does
 * with -sess, whose key has the first nonce in it for some, for others the one
 * of the answer.
 */
void digest_next(struct digest_session *, struct span value);

/* One tunnel's use of a session. */
struct digest_talk {
	struct digest_session session;
	struct digest_request last; /* that went out */
};

/*
 * Appends the answer to it, as digest_answer; the strings are borrowed.  Where
 * all have the same nonce it is counted in theirs, so that no tunnel uses a
 * count twice (RFC 7616 3.4).
 */
int digest_send(struct digest_talk *, struct digest_session *all,
    const struct credentials *, const char *method, const char *uri,
    const struct hasher *, struct buf *out);

#endif
