/*
 * ask.h -- asks for a secret: a command, the program of SSH_ASKPASS, or the
 * terminal.  Floor 3.
 */
#ifndef ASK_H
#define ASK_H

#include "loop.h"

#define ASK_TIMES 3   /* that a person may type it */
#define ASK_MS 120000 /* for an answer, as ssh's server gives */

enum askpass {
	ASKPASS_NEVER,
	ASKPASS_WITHOUT_TERMINAL,
	ASKPASS_FIRST, /* also where there is a terminal */
};

struct ask_sources {
	char *command;	   /* its first line is the secret; then nobody else is
			      asked.  NULL: none */
	char *askpass;	   /* a program that shows a question; NULL: none */
	enum askpass when; /* to use it */
};

/* Who is asked, as things stand. */
enum ask_whom { ASK_NOBODY, ASK_COMMAND, ASK_ASKPASS, ASK_TERMINAL };
enum ask_whom ask_whom(const struct ask_sources *);

struct ask_question {
	const char *text;	/* to show a person */
	const char *what;	/* is asked for: "password" */
	const char *else_where; /* it may come from, where nobody can be asked
				 */
};

struct ask;

/*
 * Asks.  Then calls done from the loop, once: with the secret, which is the
 * callee's, and whether a person has typed it; or with NULL and the fault as
 * the end of a sentence.  All is borrowed for this call alone.  NULL without
 * memory.
 */
struct ask *ask_new(struct loop *, const struct ask_sources *,
    const struct ask_question *,
    void (*done)(void *arg, char *secret, int typed, const char *fault),
    void *arg);

/* Asks no more; NULL is fine.  Also within done. */
void ask_free(struct ask *);

#endif
