/*
 * survey.h -- to which ports of a host does the last proxy open tunnels?
 * Floor 3.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include "findings.h"
#include "loop.h"
#include "ports.h"

enum port_verdict {
	PORT_NOT_ASKED,
	PORT_OPEN,
	PORT_REFUSED,	  /* by the proxy */
	PORT_UNREACHABLE, /* behind it: it has tried */
	PORT_SILENT	  /* no answer in time, neither way */
};

struct port_answer {
	unsigned port;
	enum port_verdict verdict;
	int64_t us;
	char *said; /* "403 Forbidden", or what waits there; "": nothing */
	char *more; /* the proxy's words beyond that */
};

/* How to ask. */
struct survey_how {
	const struct route *route; /* borrowed until survey_free */
	const char *host;	   /* borrowed until survey_free */
	const struct ports *ports; /* borrowed for survey_new alone */
	unsigned most;		   /* at a time */
	int gap_ms;		   /* from one to the next */
	int listen_ms;		   /* for what waits there */
	int open_ms;		   /* for one */
	int asks_nobody;	   /* for a password */
};

struct survey;

/*
 * Asks for one port first, and for no other where that shows that the proxy
 * gives no verdict, as it can't be reached or refuses a login.  Then calls done
 * from the loop, once.  NULL without memory.
 */
struct survey *survey_new(struct loop *, const struct survey_how *,
    void (*done)(void *arg), void *arg);

/* The answers, in the order of the ports, as far as they are there. */
const struct port_answer *survey_answers(const struct survey *, size_t *n);

/* Why it ended before all were there; FAIL_NONE: it did not. */
const struct failure *survey_failure(const struct survey *);

/* Has a login opened a tunnel? */
int survey_logged_in(const struct survey *);

int survey_asks_person(const struct survey *);

void survey_free(struct survey *); /* NULL is fine */

#endif
