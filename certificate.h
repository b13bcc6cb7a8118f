/* certificate.h -- what a certificate says, in words.  Floor 2. */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include "buf.h"
#include "fail.h"
#include "openssl.h"
#include "tlsoptions.h"

/*
 * Says why a peer's certificate is not trusted: the verification's error, the
 * certificate that it is about and how far that is from the peer's own, and
 * the name that was wanted.  FAIL_TRUST, a text without a subject.
 */
void certificate_explain(
    const X509 *, int error, int depth, const char *name, struct failure *);

/* Appends whose it is, by whom and until when. */
void certificate_describe(const X509 *, struct buf *);

/*
 * Appends whose it is and by whom; until when, in seconds since 1970, or 0
 * where it does not say.
 */
int64_t certificate_facts(
    const X509 *, struct buf *subject, struct buf *issuer);

/* The SHA-256 of its public key (RFC 7469 2.4).  0, or -1 without memory. */
int certificate_pin(const X509 *, uint8_t digest[TLS_PIN_SIZE]);

/*
 * Appends the channel binding tls-server-end-point (RFC 5929 4.1).  0, or -1
 * where it is not defined, or without memory.
 */
int certificate_binding(const X509 *, struct buf *);

#endif
