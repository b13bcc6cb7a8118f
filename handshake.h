/*
 * handshake.h -- a conversation that turns a connection to a proxy into a
 * tunnel.  Floor 1: bytes in, bytes out, no descriptor.
 */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include "buf.h"
#include "fail.h"
#include "text.h"

struct heard;

enum handshake_verdict {
	HANDSHAKE_MORE,	    /* send what is in out, then feed more */
	HANDSHAKE_DONE,	    /* the tunnel is open; bytes not used are its own */
	HANDSHAKE_AGAIN,    /* begin again over a new connection */
	HANDSHAKE_PASSWORD, /* ask for a password, then resume */
	HANDSHAKE_TOKEN,    /* give token to GSSAPI, then resume */
	HANDSHAKE_ADDRESS,  /* resolve the name that is in token, then resume */
	HANDSHAKE_FAILED
};

enum handshake_end {
	HANDSHAKE_EOF,	   /* the proxy closed its side */
	HANDSHAKE_RESET,   /* the connection broke */
	HANDSHAKE_DEADLINE /* patience_ms or the time for the whole is over */
};

struct handshake_ops;

struct handshake {
	const struct handshake_ops *ops;
	struct buf *talk;    /* where to write what is said, secrets left out;
				NULL: nowhere */
	struct heard *heard; /* where to note what the proxy says of itself;
				NULL: nowhere */
	int patience_ms;     /* after MORE: wait at most so long for the next
				bytes, 0: as long as the time for the whole */
	struct span token;   /* with TOKEN: the proxy's, n 0 where a security
				context is to begin; until resume */
	int ipv4_only;	     /* with ADDRESS: no other address is of use */
	struct span binding; /* the channel binding of the TLS below (RFC
				5929), n 0 without; borrowed, set before start
			      */
};

struct handshake_ops {
	/*
	 * Puts the first message into out: MORE.  Called for every new
	 * connection; what was learnt on an earlier one is kept.  Never DONE
	 * or AGAIN.
	 */
	enum handshake_verdict (*start)(
	    struct handshake *, struct buf *out, struct failure *);

	/*
	 * Takes n > 0 bytes of the proxy's and says how many were used: all of
	 * them with MORE, with DONE those that were not the tunnel's.  What is
	 * not used is to come again.
	 */
	enum handshake_verdict (*feed)(struct handshake *, const uint8_t *,
	    size_t n, size_t *used, struct buf *out, struct failure *);

	/*
	 * Goes on after PASSWORD, TOKEN or ADDRESS: with the token of GSSAPI,
	 * empty for none, or with the addresses as text, a blank between them,
	 * the best one first; or with the fault for which there is no
	 * password, token or address, NULL: there is.
	 */
	enum handshake_verdict (*resume)(struct handshake *, struct span token,
	    const char *fault, struct buf *out, struct failure *);

	/* No more bytes will come.  Never MORE; DONE can't be either. */
	enum handshake_verdict (*end)(
	    struct handshake *, enum handshake_end, struct failure *);

	void (*free)(struct handshake *);
};

#endif
