/*
 * question.h -- a secret that all tunnels over a route share is asked for once
 * by those who want it at a time.  Floor 3.
 */
#ifndef QUESTION_H
#define QUESTION_H

#include "loop.h"
#include "route.h"

struct question;

/* One who waits for an answer; the owner's memory, zeroed at first. */
struct waiter {
	void (*answered)(void *arg, const char *fault);
	void *arg;
	struct question *question; /* NULL: it waits for none */
	const char *subject;	   /* whom it is about */
	struct waiter *next;
};

/*
 * Asks for the password of the login at a hop, or waits with those who wait
 * for it already.  Then calls answered from the loop, once, for each of them:
 * the login has it, or the fault is given as the end of a sentence.  0, or -1
 * without memory.
 */
int question_password(
    struct loop *, const struct route *, size_t hop, struct waiter *);

/*
 * The same for the passphrase of the locked key of a hop or the target, which
 * is unlocked with it, and with it all others of the route of the same file; a
 * person gets a few tries.
 */
int question_passphrase(
    struct loop *, const struct route *, size_t at, struct waiter *);

/* Waits no more, if it does; when the last leaves nobody is asked any more. */
void question_leave(struct waiter *);

#endif
