/* fakes.h -- what fuzzers have in place of digests, random bytes, a clock. */
#ifndef FAKES_H
#define FAKES_H

#include <string.h>

#include "env.h"

static inline void
must(int condition)
{
	if (!condition)
		__builtin_trap();
}

/* No digest, but it reads each byte and differs with it. */
static inline void
fake_sum(const struct span *pieces, size_t n, uint8_t *out, size_t len)
{
	size_t i, k, at = 0;

	for (k = 0; k < n; k++)
		for (i = 0; i < pieces[k].n; i++, at++)
			out[at % len] = (uint8_t)(out[at % len] * 31 +
						  (uint8_t)pieces[k].p[i]);
}

static inline int
fake_hash(void *arg, enum hash kind, const struct span *pieces, size_t n,
    uint8_t out[HASH_MAX])
{
	size_t len = kind == HASH_MD5 ? 16 : 32;

	(void)arg;
	memset(out, kind, len);
	fake_sum(pieces, n, out, len);
	return (int)len;
}

static inline int
fake_hmac_md5(void *arg, const uint8_t key[16], const struct span *pieces,
    size_t n, uint8_t out[16])
{
	uint8_t state[16];

	(void)arg;
	memcpy(state, key, sizeof state);
	fake_sum(pieces, n, state, sizeof state);
	memcpy(out, state, sizeof state);
	return 16;
}

static inline int
fake_random(void *p, size_t n)
{
	memset(p, 0xaa, n);
	return 0;
}

static inline int64_t
fake_now(void)
{
	return 1700000000;
}

static const struct hasher fake_hasher = { fake_hash, fake_hmac_md5, NULL };
static const struct auth_env fake_env __attribute__((unused)) = { &fake_hasher,
	"no hash", fake_random, fake_now };

#endif
