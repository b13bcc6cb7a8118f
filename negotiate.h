/*
 * negotiate.h -- security contexts of GSSAPI (RFC 2743, 2744), by SPNEGO
 * (RFC 4178).  Floor 2.
 *
 * GSSAPI may ask a KDC and knows no deadline, and it brings large libraries:
 * it lives in a child process, which ends with the context.
 */
#ifndef NEGOTIATE_H
#define NEGOTIATE_H

#include "loop.h"
#include "text.h"

#define NEGOTIATE_TOKEN_MAX 49152 /* bytes of a token */

struct negotiate_target {
	const char *name;    /* HTTP@HOST, or a principal with a '/' in it */
	int delegate;	     /* hand the credentials over */
	struct span binding; /* channel binding of TLS, n 0: none */
};

struct negotiate;

/* Why GSSAPI can't be had, as the end of a sentence. */
extern const char negotiate_missing[];

/* Appends which GSSAPI there is; -1: none. */
int negotiate_about(struct buf *);

/* Begins a context; the target is borrowed for this call.  NULL, with errno. */
struct negotiate *negotiate_new(struct loop *, const struct negotiate_target *,
    void (*done)(void *arg, struct span token, const char *fault), void *arg);

/*
 * Takes the proxy's token, empty at first, and calls done from the loop: with
 * the token to send, which may be empty, or with the fault as the end of a
 * sentence.  The token's span lives for that call.
 */
void negotiate_step(struct negotiate *, struct span token);

/* NULL is fine; also within done. */
void negotiate_free(struct negotiate *);

#endif
