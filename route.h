/*
 * route.h -- where a tunnel goes: the hops and the target.  Once it is
 * complete all tunnels share it; only the logins change, as passwords come and
 * go.  Floor 3.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "addr.h"
#include "ask.h"
#include "handshake.h"
#include "http.h"
#include "negotiate.h"
#include "relay.h"

struct hop {
	struct endpoint at;
	struct login login;
	struct ask_sources sources; /* of a password that the login lacks */
	struct auth_setup auth;
	struct negotiate_target target; /* for Negotiate */
	struct http_connect ask;	/* what to ask this hop for */
	char **headers;			/* of the user's, "Name: value" each */
	size_t nheaders;
	char *name;	/* HOST:PORT, for messages */
	char *domain;	/* of NTLM, NULL: none is named */
	char *spn;	/* SERVICE@HOST or SERVICE/HOST, NULL: HTTP@ its host */
	char *ntlm_spn; /* in the form that NTLM has for it */
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
	struct hasher *hasher;
	struct auth_env env;
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

/*
 * Must a password be asked for before there is a connection, as it goes out
 * unasked?
 */
int route_asks_first(const struct route *, size_t hop);

/* The tunnel is open and no other will be: wipes all secrets. */
void route_forget(struct route *);
void hop_forget(struct hop *);

/* Is there any: a user, a password, a header that is not to be shown? */
int hop_has_secret(const struct hop *);

/* The conversation with a hop; NULL without memory. */
struct handshake *route_handshake(const struct route *, size_t hop);

#endif
