/*
 * hash.h -- digests for Digest and NTLM.  Floor 0.  MD4 is our own, as OpenSSL
 * 3 keeps it where many machines lack it; the others a library brings, which
 * the pure code is handed.
 */
#ifndef HASH_H
#define HASH_H

#include "text.h"

#define HASH_MAX 32 /* bytes of the longest digest */

enum hash { HASH_MD5, HASH_SHA256, HASH_SHA512_256 };

struct hasher {
	/*
	 * The digest of pieces in a row.  Returns its length, 16 or 32 bytes,
	 * or -1 where the library or the algorithm is not there.
	 */
	int (*hash)(void *arg, enum hash, const struct span *pieces, size_t n,
	    uint8_t out[HASH_MAX]);

	/* HMAC-MD5 (RFC 2104) by a key of 16 bytes.  16, or -1 as above. */
	int (*hmac_md5)(void *arg, const uint8_t key[16],
	    const struct span *pieces, size_t n, uint8_t out[16]);

	void *arg;
};

/* Can it make that digest, here? */
int hash_is_there(const struct hasher *, enum hash);

/* MD4 (RFC 1320). */
void hash_md4(struct span, uint8_t out[16]);

#endif
