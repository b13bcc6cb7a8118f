/*
 * opening.h -- opens a connection over a route.  Floor 3.
 *
 *      .-------------- AGAIN: a new connection, what was learnt is kept
 *      v              |
 *   CONNECT --> [SECURE -->] ASK, each hop in turn --> [SECURE -->] DONE
 *                            ^ v                      the target
 *                           ERRAND: a password, a token, an address is got
 *
 * and from every state to FAILED by a failure or a deadline.
 */
#ifndef OPENING_H
#define OPENING_H

#include "fail.h"
#include "loop.h"
#include "route.h"
#include "stream.h"

struct opening;

/*
 * Begins to open a connection.  Route and why are borrowed and must outlive it.
 * done is called from the loop, once: with the stream to the target, which is
 * the callee's, or with NULL, and why says why; the opening is freed before.
 * The route that was taken is the one given or one of its alternatives.
 * NULL, and no call, where it can't even begin: then why says it.
 */
struct opening *opening_new(struct loop *, const struct route *,
    void (*done)(void *arg, struct stream *far, const struct route *taken),
    void *arg, struct failure *why);

/* Does it wait for a person to type a password? */
int opening_asks_person(const struct opening *);

/* Ends it without a call; NULL is fine. */
void opening_free(struct opening *);

#endif
