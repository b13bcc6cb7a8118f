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
	int cut;	    /* a signal came while nobody took the output */
	struct failure why; /* of our own */
	int64_t begun;
	struct timer progress;
	void (*describe)(void *arg, struct buf *);
	void *arg;
};

/* Begins.  0, or -1, and why. */
int checkrun_begin(struct checkrun *, struct route *, const struct checking *);

/*
 * Writes what is in the buffer to standard output, unless nothing is to be
 * said, and empties it.  Where that fails the loop ends.
 */
void checkrun_print(struct checkrun *, struct buf *);

/*
 * Once a second, and on a terminal alone, shows what it waits for, as describe
 * appends it; nothing: a person is to see something else.  May stay untold.
 */
void checkrun_describe(
    struct checkrun *, void (*describe)(void *arg, struct buf *), void *arg);

/* So many at a time as descriptors allow, at least one. */
unsigned checkrun_at_a_time(unsigned most);

/* Runs the loop until it is stopped. */
void checkrun_run(struct checkrun *);

/*
 * Says what went wrong with us, frees the loop and returns the exit status: the
 * one given, unless there is a reason for another one.  Where a person was
 * asked when a signal came, that is the end of the process.
 */
int checkrun_end(struct checkrun *, int status, int person_asked);

#endif
