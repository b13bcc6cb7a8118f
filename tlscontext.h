/*
 * tlscontext.h -- what all TLS connections to one hop share: certificates,
 * keys, rules.  Floor 2.
 */
#ifndef TLSCONTEXT_H
#define TLSCONTEXT_H

#include "fail.h"
#include "openssl.h"
#include "tlsoptions.h"

struct tls_context {
	const struct tls_options *options; /* borrowed */
	SSL_CTX *ssl;
	const char *locked; /* the file of the client's key while that wants
			       a passphrase, else NULL */
	int keylog;	    /* descriptor, -1: none */
};

/*
 * Opens the library and reads the files that the options name.  NULL with
 * FAIL_FILE, FAIL_USAGE (no such cipher), FAIL_MISSING or FAIL_LOCAL.
 */
struct tls_context *tls_context_new(
    const struct tls_options *, struct failure *);
void tls_context_free(struct tls_context *); /* NULL is fine */

/*
 * Reads the locked key with a passphrase.  0; 1: that is not the one; -1: the
 * key can't be used, and why.
 */
int tls_context_unlock(
    struct tls_context *, const char *passphrase, struct failure *);

#endif
