/* crypto.h -- the digests of OpenSSL's libcrypto.  Floor 2. */
#ifndef CRYPTO_H
#define CRYPTO_H

#include "hash.h"

/* Why a digest can't be had, as the end of a sentence. */
extern const char crypto_missing[];

/* Appends which libcrypto there is; -1: none. */
int crypto_about(struct buf *);

/* A hasher that opens libcrypto at its first use; NULL without memory. */
struct hasher *crypto_new(void);
void crypto_free(struct hasher *); /* NULL is fine */

#endif
