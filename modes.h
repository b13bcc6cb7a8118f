/* modes.h -- what the program can be, one function each.  Floor 4. */
#ifndef MODES_H
#define MODES_H

#include "fail.h"
#include "route.h"

/*
 * One tunnel between standard input and output and the route's target, until
 * it is over or a signal ends it.  Returns the exit status; a failure whose
 * text is not empty is worth a line.
 */
int stdio_main(const struct route *, struct failure *);

#endif
