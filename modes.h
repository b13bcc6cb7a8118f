/* modes.h -- what the program can be, one function each.  Floor 4. */
#ifndef MODES_H
#define MODES_H

#include "route.h"

/*
 * One tunnel between standard input and output and the route's target, until
 * it is over or a signal ends it.  Says what went wrong, before it closes
 * standard output; returns the exit status.  Forgets the route's passwords once
 * the tunnel is open.
 */
int stdio_main(struct route *);

/*
 * The same between the socket that is standard input, both ways, and the
 * target, as inetd(8) wants it.
 */
int inetd_main(struct route *);

/*
 * Opens the tunnel and hands it, as a descriptor, to the other end of standard
 * output (unix(7), SCM_RIGHTS); says what went wrong, returns the exit status.
 * Where the tunnel is more than a socket a child relays behind it.
 */
int fdpass_main(struct route *);

#endif
