/* resolve.h -- the addresses of a name, looked up in a thread.  Floor 2. */
#ifndef RESOLVE_H
#define RESOLVE_H

#include "loop.h"

struct addrinfo;
struct resolve;

/*
 * Begins to look a name up, in AF_INET, AF_INET6 or AF_UNSPEC.  Then calls
 * found from the loop, once: with the addresses, which are there until it
 * returns, or with NULL and the fault.  NULL, with errno, where it can't even
 * begin.
 */
struct resolve *resolve_new(struct loop *, const char *host, int family,
    void (*found)(void *arg, const struct addrinfo *, const char *fault),
    void *arg);

/* Due in all cases, also within found; NULL is fine. */
void resolve_free(struct resolve *);

#endif
