/*
 * errand.h -- gets from elsewhere what an opening can't go on without: a
 * password, a passphrase, a token of GSSAPI, an address.  Floor 3.
 */
#ifndef ERRAND_H
#define ERRAND_H

#include "loop.h"
#include "route.h"
#include "text.h"

struct errand;

/*
 * Runs one errand at a time, for a tunnel over that route, and calls done from
 * the loop: with what was got, n 0 where that is no token or address, or with
 * the fault as the end of a sentence; both live for that call.  NULL without
 * memory.
 */
struct errand *errand_new(struct loop *, const struct route *,
    void (*done)(void *arg, struct span got, const char *fault), void *arg);
void errand_free(struct errand *); /* NULL is fine */

/* Ends what was begun, a security context too. */
void errand_drop(struct errand *);

/*
 * Tells the login at a hop how often this tunnel may yet ask for a password:
 * before a handshake is given a word, for all tunnels share it.
 */
void errand_allow(const struct errand *, size_t hop);

/* Notes that what is to be sent to a hop was made with the password of now. */
void errand_sent(struct errand *, size_t hop);

/*
 * For the login at a hop, which gets it; or it has got one by now that was not
 * sent yet.  0, or -1 without memory.
 */
int errand_password(struct errand *, size_t hop);

/* For the locked key of a hop or the target.  0, or -1 without memory. */
int errand_passphrase(struct errand *, size_t at);

/*
 * A token for the proxy: n 0 begins a security context, else it goes on.  The
 * channel binding is of TLS, n 0 without.  0, or -1 without memory.
 */
int errand_token(struct errand *, const struct hop *, struct span binding,
    struct span token);

/* The addresses of a name.  0, or -1 without memory. */
int errand_address(struct errand *, const char *name, int family);

/* Does it wait for a person to type? */
int errand_asks_person(const struct errand *);

#endif
