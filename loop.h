/*
 * loop.h -- one thread waits here for descriptors, timers and signals.
 * Floor 2.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stddef.h>
#include <stdint.h>

struct loop;

/*
 * A descriptor and what is awaited of it; the owner's memory, which must stay
 * in place while it is watched.  ready may change or end any watch, its own
 * too.  What is behind arg is the loop's own.
 */
struct watch {
	int fd;
	int want; /* POLLIN | POLLOUT; POLLERR: errors and hang-ups alone;
		     0: nothing */
	void (*ready)(void *arg, int got);
	void *arg;
	size_t slot; /* 0: not watched */
	int got;
	struct watch *next; /* of the same descriptor */
	const char *subject;
};

/* A moment; the owner's memory, as a watch. */
struct timer {
	int64_t due; /* ms of loop_now */
	void (*expired)(void *arg);
	void *arg;
	size_t slot; /* the loop's own, 0: off */
	const char *subject;
};

/* NULL without memory. */
struct loop *loop_new(void);

/*
 * Many descriptors will be watched, sockets and pipes alone: at a cost that
 * does not grow with those at rest, where the system knows how.  To be called
 * before the first.
 */
void loop_many(struct loop *);

/*
 * Whom the watches and timers are about that are set from now on, until their
 * callbacks return, and what these set in turn: it stands in the log's lines.
 * Borrowed until they have ended; NULL: nobody.  Returns whom it was before.
 */
const char *loop_subject(struct loop *, const char *);

/* Gives signals back to how they were found.  NULL is fine. */
void loop_free(struct loop *);

/*
 * Sets what is awaited of a watch's descriptor from now on; 0 ends the watch.
 * Returns 0, or -1 without memory.
 */
int loop_want(struct loop *, struct watch *, int want);

/* The same for a watch whose descriptor may be another one now, or closed. */
int loop_want_fd(struct loop *, struct watch *, int fd, int want);

/* Sets a timer to a moment of loop_now, or off with due 0.  0, or -1. */
int loop_timer(struct loop *, struct timer *, int64_t due);

/* Monotonic milliseconds, as of the last return from waiting; never 0. */
int64_t loop_now(const struct loop *);

/*
 * Calls back when a signal has come, from within loop_run.  One that was found
 * ignored stays so, and one that comes too late is raised again in loop_free;
 * neither holds for a mere request such as SIGUSR1.  0, or -1.
 */
int loop_signal(struct loop *, int signo, int request,
    void (*got)(void *arg, int signo), void *arg);

/*
 * Ends that: the signal is the one's again who had it before, at once.  What
 * has come and was not yet told of is forgotten.
 */
void loop_signal_end(struct loop *, int signo);

/*
 * In a child of fork(2): all signals as they were before the loop, and
 * SIGPIPE ends it.
 */
void loop_in_child(const struct loop *);

/*
 * Runs until loop_stop, which may have come before.  Returns 0, or -1 with
 * errno where waiting fails.
 */
int loop_run(struct loop *);
void loop_stop(struct loop *);

#endif
