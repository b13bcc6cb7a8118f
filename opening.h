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
struct heard;

/* What happens on the way, in the order of its coming. */
enum opening_event {
	OPENING_CONNECTS, /* begins with a connection, the first or a new one */
	OPENING_FINDS,	  /* an address that it may go to */
	OPENING_TRIES,	  /* whether one can be reached */
	OPENING_SECURES,  /* begins with TLS at a hop or the target */
	OPENING_SHOWN,	  /* what its peer shows there, be it in vain */
	OPENING_ASKS,	  /* begins to talk to a hop */
	OPENING_PASSES,	  /* a hop has opened the way to what is behind it */
	OPENING_TURNS	  /* to an alternative: all of it begins anew */
};

struct opening_news {
	enum opening_event what;
	size_t at;		   /* the hop or, behind the last, the target */
	const char *address;	   /* of FINDS and TRIES */
	int error;		   /* of TRIES: errno, 0: it is connected */
	const struct stream *tls;  /* of SHOWN */
	const struct route *next;  /* of TURNS */
	const struct failure *why; /* of TURNS */
};

/* Who wants to know; borrowed, as all is. */
struct opening_observer {
	void (*tell)(void *arg, const struct opening_news *);
	void *arg;
	struct heard *heard; /* where what the hop says of itself is noted, once
				tell has returned from ASKS; NULL: nowhere */
};

/*
 * Begins to open a connection.  Route and why are borrowed and must outlive it.
 * done is called from the loop, once: with the stream to the target, which is
 * the callee's, or with NULL, and why says why; the opening is freed before.
 * The route that was taken is the one given or one of its alternatives.
 * NULL, and no call, where it can't even begin: then why says it.  The
 * observer may be NULL.
 */
struct opening *opening_new(struct loop *, const struct route *,
    const struct opening_observer *,
    void (*done)(void *arg, struct stream *far, const struct route *taken),
    void *arg, struct failure *why);

/* Does it wait for a person to type a password? */
int opening_asks_person(const struct opening *);

/* Ends it without a call; NULL is fine. */
void opening_free(struct opening *);

#endif
