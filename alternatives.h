/*
 * alternatives.h -- a route's first proxy is one of a list.  Floor 3.
 */
#ifndef ALTERNATIVES_H
#define ALTERNATIVES_H

#include "route.h"

#define ALTERNATIVES_MAX 16

/*
 * Completes a route whose first hop has no address yet, one of these, a URI a
 * line: "direct://" is none at all, and "socks://" may be SOCKS5 or SOCKS4.
 * Behind the first that is of use the others are alternatives, in order.  0, or
 * -1 as route_complete or, where none is of use, with FAIL_CONNECT.
 */
int route_choose(struct route *, struct span proxies, struct failure *);

#endif
