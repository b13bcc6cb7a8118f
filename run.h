/* run.h -- one tunnel from its beginning to its end.  Floor 4. */
#ifndef RUN_H
#define RUN_H

#include "loop.h"
#include "route.h"
#include "stream.h"
#include "tunnel.h"

struct run {
	struct tunnel_setup setup;
	struct route *route;
	struct tunnel *tunnel;
	int shows_progress; /* on standard error, a terminal */
	struct timer progress;
	int64_t opened_at, looked;    /* looked: when it was shown last */
	uint64_t moved;		      /* bytes, by then */
	void (*opened)(struct run *); /* called then, NULL: nobody is */
	int signo;		      /* that ended it, 0: none */
	struct failure why;	      /* what the owner has to say, else the
					 tunnel's own */
};

/*
 * Begins: a loop, and what signals mean to a tunnel.  0, or -1 without memory.
 */
int run_begin(struct run *, struct route *);

/*
 * Runs a tunnel between near, which it owns, and the route until it is over or
 * a signal ends it.  Says what went wrong, before it closes near; returns the
 * exit status.  NULL stands for a near that memory was short for.  Forgets the
 * route's secrets once the tunnel is open.  To be called after run_begin, also
 * where that failed.
 */
int run_tunnel(struct run *, struct stream *near, int near_is_terminal);

#endif
