/*
 * tls.h -- TLS as a stream over a stream.  Floor 2.
 * RFC 8446, RFC 5246, RFC 9525.
 */
#ifndef TLS_H
#define TLS_H

#include "buf.h"
#include "fail.h"
#include "stream.h"
#include "tlscontext.h"

/*
 * A TLS client over a stream, for a host of that name (an address, too).  All
 * is borrowed but below, which it owns.  NULL without memory; below is then
 * its caller's still.
 */
struct stream *tls_stream(
    struct stream *below, const struct tls_context *, const char *name);

/*
 * Goes on with the handshake: 0 once it is done and the peer is the one that
 * was meant, STREAM_WANT_IN, STREAM_WANT_OUT, or STREAM_ERR with a text
 * without a subject.
 */
int tls_ready(struct stream *, struct failure *);

/* Has a byte of the peer's come, in the handshake? */
int tls_has_heard(const struct stream *);

/* Then: the channel binding (RFC 5929), n 0: none; the stream's own. */
struct span tls_binding(const struct stream *);

/* Appends version, cipher, protocol and certificate. */
void tls_describe(const struct stream *, struct buf *);

/* What a connection is: texts that are safe to show. */
struct tls_facts {
	const char *version, *cipher; /* the library's own; NULL: not known */
	struct buf protocol;	      /* of ALPN; empty: none */
	struct buf subject, issuer;   /* of the certificate; empty: none */
	int64_t until; /* seconds since 1970 that it is good for, 0: not
			  known */
	int verified;  /* it is, and for the name that was meant */
};

void tls_facts_init(struct tls_facts *);
/* Those known by now: none before its certificate has come. */
void tls_facts_of(const struct stream *, struct tls_facts *);
void tls_facts_free(struct tls_facts *);

/* Ends TLS without a word to the peer; returns what was below. */
struct stream *tls_cut(struct stream *);

#endif
