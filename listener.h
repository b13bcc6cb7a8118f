/* listener.h -- sockets that accept connections.  Floor 2. */
#ifndef LISTENER_H
#define LISTENER_H

#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "fail.h"
#include "loop.h"

#define LISTENER_NAME 160 /* bytes of an address as text */

struct listener {
	int fd;
	char name[LISTENER_NAME]; /* of its address */
	char *path;   /* of a Unix-domain socket of our making, else NULL */
	dev_t device; /* of that, by which it is known again */
	ino_t inode;
	void *owner; /* this and what follows is its to use */
	struct watch watch;
};

/* Begins as all zeros. */
struct listeners {
	struct listener *list;
	size_t n;
};

/*
 * Listens at "[ADDRESS:]PORT", all addresses of a name; without ADDRESS at
 * those of loopback, with * at all; or at "unix:PATH", for this user alone, a
 * socket there that nobody listens at any more being removed.  port is set to
 * what the kernel has chosen where PORT is 0, else to 0.  0, or -1 with
 * FAIL_USAGE, FAIL_RESOLVE or FAIL_LOCAL.
 */
int listeners_open(
    struct listeners *, const char *where, uint16_t *port, struct failure *);

/* Takes over a socket that listens already.  0, or -1 with errno. */
int listeners_take(struct listeners *, int fd);

/* Closes all; what was made in the file system is removed. */
void listeners_close(struct listeners *);

/*
 * Accepts a connection, non-blocking, and names its other end.  The
 * descriptor, or -1 with errno.
 */
int listener_accept(const struct listener *, char peer[LISTENER_NAME]);

#endif
