/*
 * epoll.h -- watches of many descriptors, at a cost that does not grow with
 * those at rest: epoll(7).  The loop's own.  Floor 2.
 */
#ifndef EPOLL_H
#define EPOLL_H

#include <signal.h>

#include "loop.h"

struct epoll;

/* A word for it, or for what there is in its place. */
extern const char epoll_name[];

/* NULL, with errno, where the system has none. */
struct epoll *epoll_new(void);
void epoll_free(struct epoll *); /* NULL is fine */

/* As loop_want. */
int epoll_want(struct epoll *, struct watch *, int want);

/*
 * Waits for at most ms, -1: as long as it takes, and notes what is ready.
 * Returns how many descriptors are, or -1 with errno.
 */
int epoll_await(struct epoll *, int ms, const sigset_t *);

/* A watch that is ready, with what it is ready for; NULL: no more. */
struct watch *epoll_next(struct epoll *, int *got);

#endif
