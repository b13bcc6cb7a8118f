/*
 * checkrun.h -- what all kinds of checks have in common: a loop, its signals,
 * and standard output.  Floor 4.
 */
#ifndef CHECKRUN_H
#define CHECKRUN_H

#include "modes.h"
#include "report.h"

struct checkrun {
	struct loop *loop;
	struct route *route;
	const struct checking *how;
	struct report_style style;
	int signo;	    /* that ended it, 0: none */
	struct failure why; /* of our own */
};

/* Begins.  0, or -1, and why. */
int checkrun_begin(struct checkrun *, struct route *, const struct checking *);

/*
 * Writes what is in the buffer to standard output, unless nothing is to be
 * said, and empties it.  Where that fails the loop ends.
 */
void checkrun_print(struct checkrun *, struct buf *);

/* Runs the loop until it is stopped. */
void checkrun_run(struct checkrun *);

/*
 * Says what went wrong with us, frees the loop and returns the exit status: the
 * one given, unless there is a reason for another one.
 */
int checkrun_end(struct checkrun *, int status);

#endif
