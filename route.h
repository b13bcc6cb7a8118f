/*
 * route.h -- where a tunnel goes: the hops and the target.  Read-only once it
 * is complete; all tunnels share it.  Floor 3.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "addr.h"
#include "handshake.h"
#include "http.h"
#include "relay.h"

struct hop {
	struct endpoint at;
	struct credentials credentials;
	struct http_connect ask; /* what to ask this hop for */
	char *name;		 /* HOST:PORT, for messages */
};

struct route {
	struct hop *hops; /* in order; none: a direct connection */
	size_t nhops;
	struct endpoint target;
	char *target_name; /* HOST:PORT */
	int family;	   /* of the first address: AF_* */
	int connect_ms;	   /* for the first connection, 0: as open_ms */
	int open_ms;	   /* until the tunnel is open */
	int keepalive_ms;
	struct relay_rules rules;
};

/*
 * Fills in what follows from hops and target: names, and what to ask each
 * hop for.  0, or -1 without memory.
 */
int route_complete(struct route *);
void route_free(struct route *);

/* Where the first connection goes, and its name. */
const struct endpoint *route_first(const struct route *);
const char *route_first_name(const struct route *);

/* The conversation with a hop; NULL without memory. */
struct handshake *route_handshake(const struct route *, size_t hop);

#endif
