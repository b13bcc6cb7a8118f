/* netrc.h -- the file that ftp, curl and git know.  Floor 1. */
#ifndef NETRC_H
#define NETRC_H

#include "addr.h"

/*
 * Looks a host up as curl does: the first "machine" of that name or "default",
 * as they stand, that has something to give; where the credentials have a user
 * already, the first of these with that login or without one.  Fills in what
 * is missing of user and password.  1; 0: no such entry; -1: there is a NUL or
 * an open quote in it; NO_MEMORY.  Nothing is filled in but with 1.
 */
int netrc_find(struct span text, const char *host, struct credentials *);

#endif
