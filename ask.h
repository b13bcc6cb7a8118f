/*
 * ask.h -- asks for a password once a proxy demands one: a command, the
 * program of SSH_ASKPASS, or the terminal.  Floor 3.
 */
#ifndef ASK_H
#define ASK_H

#include "auth.h"
#include "loop.h"

#define ASK_TIMES 3   /* that a person may type it */
#define ASK_MS 120000 /* for an answer, as ssh's server gives */

enum askpass {
	ASKPASS_NEVER,
	ASKPASS_WITHOUT_TERMINAL,
	ASKPASS_FIRST, /* also where there is a terminal */
};

struct ask_sources {
	char *command; /* its first line is the password; then nobody else is
			  asked.  NULL: none */
	char *askpass; /* a program that shows a question; NULL: none */
	enum askpass when; /* to use it */
};

struct ask;

/*
 * Asks for the password of the login's user at a proxy.  Then calls done from
 * the loop, once: with NULL once the login has it, or with the fault as the
 * end of a sentence.  Counts the login's asks; none is left where asking again
 * is of no use.  All is borrowed until then.  NULL without memory.
 */
struct ask *ask_new(struct loop *, const struct ask_sources *, struct login *,
    const char *proxy, void (*done)(void *arg, const char *fault), void *arg);

/* Asks no more; NULL is fine.  Also within done. */
void ask_free(struct ask *);

#endif
