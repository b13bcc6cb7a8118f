/*
 * net.h -- a connection by name (RFC 8305), or to a Unix-domain socket.
 * Floor 2.
 */
#ifndef NET_H
#define NET_H

#include "addr.h"
#include "buf.h"
#include "fail.h"
#include "loop.h"
#include "resolve.h"

#define NET_NEXT_ADDRESS_MS 250 /* RFC 8305 5: then the next one joins in */
#define NET_ADDRESSES_MAX 32	/* of one name */
#define NET_KEPT_MS 2000	/* for those known from before to answer */

struct net_connect {
	const struct endpoint *to; /* borrowed until the end */
	struct names *names;	   /* where its name is looked up */
	int family;		   /* AF_INET, AF_INET6 or AF_UNSPEC for both */
	int keepalive_ms;	   /* a dead peer is found within; 0: never */

	/*
	 * Called for each address, with arg: NET_FOUND once it is known, all
	 * of a name in the order in which they are tried; then with 0, as it
	 * is the one that is connected, or errno.  NULL: nobody wants to know.
	 */
	void (*tell)(void *arg, const char *address, int error);
};

#define NET_FOUND (-1)

struct net_attempt;

/*
 * Resolves the name, unless it is an address, and connects to the first of its
 * addresses that answers, both families in turn.  Where these are known from
 * before and none answers, the name is looked up anew and tried once more.
 * Then calls done from the loop, once: with a connected, non-blocking socket
 * that is the callee's, or with -1, and why is FAIL_RESOLVE or FAIL_CONNECT,
 * its text without a subject ("can't be reached: ..."); until then that is
 * borrowed, and has no failure in it.  The attempt is freed before.  NULL
 * without memory.
 */
struct net_attempt *net_connect(struct loop *, const struct net_connect *,
    void (*done)(void *arg, int fd), void *arg, struct failure *why);

/* Ends it without a call; NULL is fine. */
void net_abandon(struct net_attempt *);

/* Gives a socket what a tunnel wants: no delay, and to hear of a dead peer. */
void net_tune(int fd, int keepalive_ms);

/*
 * Closing the socket will tell the other end that all is not well, by a reset;
 * which would take along what it has not got yet: -1, and nothing is done, as
 * long as there is something.  0: done, or this can't be had.
 */
int net_reset_on_close(int fd);

/* Passes a descriptor over a Unix-domain socket.  0, or -1 with errno. */
int net_pass(int over, int fd);

/* Says what it is waiting for, as the end of a sentence. */
void net_describe(const struct net_attempt *, struct buf *);

#endif
