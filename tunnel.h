/*
 * tunnel.h -- one tunnel: a near stream joined to a route.  Floor 3.
 */
#ifndef TUNNEL_H
#define TUNNEL_H

#include "fail.h"
#include "loop.h"
#include "route.h"
#include "stream.h"

enum tunnel_state { TUNNEL_OPENING, TUNNEL_OPEN, TUNNEL_OVER };

struct tunnel;

/*
 * Begins to open a tunnel.  The route is borrowed and must outlive it; near
 * is the tunnel's from now on, also when this fails.  open is called once it is
 * open, if ever, and over once it has ended; from the loop.  NULL without
 * memory.
 */
struct tunnel *tunnel_new(struct loop *, const struct route *,
    struct stream *near, int near_is_terminal, void (*open)(void *arg),
    void (*over)(void *arg), void *arg);

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
