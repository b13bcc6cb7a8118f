/*
 * knock.h -- what does the port speak that is said to be a proxy's?  Asks it
 * in several languages at once.  Floor 3.
 */
#ifndef KNOCK_H
#define KNOCK_H

#include "loop.h"
#include "route.h"

#define KNOCK_MS 1500 /* for all of it */

struct knock;

/*
 * Asks where the first connection of a route goes.  Then calls done from the
 * loop, once: with the scheme of a proxy's URI that fits what it speaks,
 * "https", "socks5h" or "http", or NULL where it is none of these.  No request
 * for a tunnel is in it. NULL without memory.
 */
struct knock *knock_new(struct loop *, const struct route *,
    void (*done)(void *arg, const char *scheme), void *arg);

void knock_free(struct knock *); /* also within done; NULL is fine */

#endif
