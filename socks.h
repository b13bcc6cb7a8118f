/*
 * socks.h -- SOCKS: asks a proxy of version 4, 4a or 5 for a tunnel.  Floor 1.
 * RFC 1928, RFC 1929.
 */
#ifndef SOCKS_H
#define SOCKS_H

#include "addr.h"
#include "auth.h"
#include "handshake.h"

enum socks_version { SOCKS_4, SOCKS_4A, SOCKS_5 };

/* What to ask for; all of it is borrowed and must outlive the handshake. */
struct socks_connect {
	enum socks_version version;
	int resolve_here;	   /* in version 5; 4 always does, 4a never */
	const struct endpoint *to; /* the target */
	const char *authority;	   /* the same as HOST:PORT, for messages */
	const struct login *login;
	unsigned allowed; /* AUTH_ bits: a password goes out as clear as that
			     of Basic, so it does where AUTH_BASIC is one */
};

/*
 * Makes the handshake, freed by its own ops->free; NULL without memory.  A
 * name that is to be resolved here is asked for once, by HANDSHAKE_ADDRESS;
 * its first eight addresses are tried in turn, over a new connection each.
 */
struct handshake *socks_connect(const struct socks_connect *);

#endif
