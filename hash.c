/* hash.c -- MD4 (RFC 1320).  Floor 0. */
#include "hash.h"

#include <string.h>

#define BLOCK 64 /* bytes that MD4 digests at a time */

static uint32_t
rotate(uint32_t v, unsigned bits)
{
	return v << bits | v >> (32 - bits);
}

/* The function of a round, with its constant (RFC 1320 3.4). */
static uint32_t
mix(unsigned round, uint32_t x, uint32_t y, uint32_t z)
{
	switch (round) {
	case 0:
		return (x & y) | (~x & z);
	case 1:
		return ((x & y) | (x & z) | (y & z)) + 0x5a827999;
	default:
		return (x ^ y ^ z) + 0x6ed9eba1;
	}
}

/* Which word of the block a step takes: in a row, by columns, bits reversed. */
static unsigned
word(unsigned round, unsigned i)
{
	switch (round) {
	case 0:
		return i;
	case 1:
		return (i & 3) << 2 | i >> 2;
	default:
		return (i & 1) << 3 | (i & 2) << 1 | (i & 4) >> 1 | i >> 3;
	}
}

static void
md4_block(uint32_t state[4], const uint8_t *p)
{
	static const uint8_t bits[3][4] = { { 3, 7, 11, 19 }, { 3, 5, 9, 13 },
		{ 3, 9, 11, 15 } };
	uint32_t s[4], x[16], t;
	unsigned round, i;

	memcpy(s, state, sizeof s);
	for (i = 0; i < 16; i++, p += 4)
		x[i] = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		       (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	for (round = 0; round < 3; round++)
		for (i = 0; i < 16; i++) {
			t = s[0] + mix(round, s[1], s[2], s[3]) +
			    x[word(round, i)];
			s[0] = s[3];
			s[3] = s[2];
			s[2] = s[1];
			s[1] = rotate(t, bits[round][i & 3]);
		}
	for (i = 0; i < 4; i++)
		state[i] += s[i];
	explicit_bzero(s, sizeof s);
	explicit_bzero(x, sizeof x);
	explicit_bzero(&t, sizeof t);
}

void
hash_md4(struct span text, uint8_t out[16])
{
	uint32_t state[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	const uint8_t *p = (const uint8_t *)text.p;
	uint8_t last[2 * BLOCK] = { 0 };
	uint64_t length = (uint64_t)text.n << 3;
	size_t n = text.n, end, i;

	for (; n >= BLOCK; n -= BLOCK, p += BLOCK)
		md4_block(state, p);
	if (n > 0)
		memcpy(last, p, n);
	last[n] = 0x80;
	end = n < BLOCK - 8 ? BLOCK : 2 * BLOCK;
	for (i = 0; i < 8; i++)
		last[end - 8 + i] = (uint8_t)(length >> 8 * i);
	for (i = 0; i < end; i += BLOCK)
		md4_block(state, last + i);
	for (i = 0; i < 16; i++)
		out[i] = (uint8_t)(state[i / 4] >> 8 * (i % 4));
	explicit_bzero(state, sizeof state);
	explicit_bzero(last, sizeof last);
}

int
hash_is_there(const struct hasher *h, enum hash hash)
{
	uint8_t out[HASH_MAX];

	return h->hash(h->arg, hash, NULL, 0, out) > 0;
}
