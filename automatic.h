/* automatic.h -- the proxies that libproxy names, for a route.  Floor 4. */
#ifndef AUTOMATIC_H
#define AUTOMATIC_H

#include "route.h"

/*
 * Completes a route whose first proxy is to be found, within the time that it
 * has to open.  0, or -1: FAIL_MISSING without libproxy, or another failure.
 */
int automatic_choose(struct route *, struct failure *);

#endif
