/*
 * resolve.h -- the addresses of a name, looked up in a thread; what is found
 * is kept for a while.  Floor 2.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include "fail.h"
#include "loop.h"

#define NAMES_KEPT_MS 60000 /* an answer: the least that DNS often says */
#define NAMES_MAX 32	    /* answers kept */

struct addrinfo;
struct names;
struct resolve;

/*
 * For all who look names up in one loop.  Good answers are kept so long.  NULL
 * without memory.
 */
struct names *names_new(int kept_ms);

/* All that resolve_new gave is freed before; NULL is fine. */
void names_free(struct names *);

/*
 * Looks a name up, in AF_INET, AF_INET6 or AF_UNSPEC: there is an answer of
 * before, or others are at it already, or a thread begins.  Then calls found
 * from the loop, once: with the addresses, which are there until it returns, or
 * with NULL and the fault.  NULL, with errno, where it can't even begin.
 */
struct resolve *resolve_new(struct names *, struct loop *, const char *host,
    int family,
    void (*found)(void *arg, const struct addrinfo *, const char *fault),
    void *arg);

/* Within found, with the fault: what is behind it. */
enum fail_cause resolve_cause(const struct resolve *);

/* Is it an answer of before, which may no longer hold? */
int resolve_is_kept(const struct resolve *);

/* The answer has proved of no use: no longer kept.  NULL is fine. */
void resolve_forget(struct resolve *);

/* Due in all cases, also within found; NULL is fine. */
void resolve_free(struct resolve *);

#endif
