/*
 * tunnel.h -- one tunnel: a near stream joined to a route.  Floor 3.
 */
#ifndef TUNNEL_H
#define TUNNEL_H

#include "fail.h"
#include "loop.h"
#include "pool.h"
#include "route.h"
#include "stream.h"

enum tunnel_state { TUNNEL_OPENING, TUNNEL_OPEN, TUNNEL_OVER };

struct tunnel;

/* What tunnels share: all of it is borrowed, and outlives them. */
struct tunnel_setup {
	struct loop *loop;
	const struct route *route;
	struct pool *pool;
	void (*open)(void *arg); /* once it is, if ever; NULL: nobody */
	void (*over)(
	    void *arg); /* called once it has ended; both by the loop */
};

/*
 * Begins to open a tunnel.  near is its own from now on, also when this fails:
 * NULL, without memory.  It may be over already.
 */
struct tunnel *tunnel_new(const struct tunnel_setup *, struct stream *near,
    int near_is_terminal, void *arg);

enum tunnel_state tunnel_state(const struct tunnel *);

/* The bytes that went all the way: from near, and to it. */
void tunnel_count(const struct tunnel *, uint64_t *up, uint64_t *down);

/* Why it ended; FAIL_NONE: in order.  An empty text is not worth a line. */
const struct failure *tunnel_failure(const struct tunnel *);

/*
 * From within open: takes the connection out of the tunnel, which then is over;
 * -1 where it is more than a socket.
 */
int tunnel_take(struct tunnel *);

/* Does it wait for a person to type a password? */
int tunnel_asks_person(const struct tunnel *);

/* One line: the state, the bytes each way, the time. */
void tunnel_report(const struct tunnel *, struct buf *);

/*
 * At any time, but from within its own callback; near is closed by this and
 * not before, so that a failure can be told first.  NULL is fine.
 */
void tunnel_free(struct tunnel *);

#endif
