/*
 * tunnel.h -- one tunnel: a near stream joined to a route.  Floor 3.
 *
 *            .------- AGAIN: a new connection, what was learnt is kept
 *            v               |
 *   CONNECT --> ASK, each hop in turn --> OPEN --> OVER
 *
 * and from every state to OVER by a failure or a deadline.
 */
#ifndef TUNNEL_H
#define TUNNEL_H

#include "fail.h"
#include "loop.h"
#include "route.h"
#include "stream.h"

enum tunnel_state { TUNNEL_CONNECT, TUNNEL_ASK, TUNNEL_OPEN, TUNNEL_OVER };

struct tunnel;

/*
 * Begins to open a tunnel.  The route is borrowed and must outlive it; near
 * is the tunnel's from now on, also when this fails.  over is called once,
 * from the loop, when it has ended.  NULL without memory.
 */
struct tunnel *tunnel_new(struct loop *, const struct route *,
    struct stream *near, int near_is_terminal, void (*over)(void *arg),
    void *arg);

/* Why it ended; FAIL_NONE: in order.  An empty text is not worth a line. */
const struct failure *tunnel_failure(const struct tunnel *);

/* One line: the state, the bytes each way, the time. */
void tunnel_report(const struct tunnel *, struct buf *);

/*
 * At any time, but from within its own callback; near is closed by this and
 * not before, so that a failure can be told first.  NULL is fine.
 */
void tunnel_free(struct tunnel *);

#endif
