/* hash_test.c -- MD4, and the digests that a library brings. */
#include "crypto.h"
#include "test.h"

#include <stdlib.h>

static struct hasher *hasher;

static const char *
hex(char *out, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", p[i]);
	return out;
}

static void
check_md4(const char *text, const char *want)
{
	uint8_t out[16];
	char shown[33];

	test_row = text;
	hash_md4(span_of(text), out);
	CHECK_STR(hex(shown, out, 16), want);
	test_row = NULL;
}

/* RFC 1320 A.5 */
static void
md4(void)
{
	check_md4("", "31d6cfe0d16ae931b73c59d7e0c089c0");
	check_md4("a", "bde52cb31de33e46245e05fbdbd6fb24");
	check_md4("abc", "a448017aaf21d8525fc10ae87aa6729d");
	check_md4("message digest", "d9130a8164549fe818874806e1c7014b");
	check_md4(
	    "abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9");
	check_md4("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		  "0123456789",
	    "043f8582f241db351ce627e153e7f0e4");
	check_md4("1234567890123456789012345678901234567890123456789012345"
		  "6789012345678901234567890",
	    "e33b4ddc9c38f2199c3e7b164fcc0536");
}

static void
md4_around_a_block(void)
{
	static const struct {
		size_t n; /* letters a */
		const char *want;
	} rows[] = {
		{ 55, "c889c81dd86c4d2e025778944ea02881" },
		{ 56, "d5f9a9e9257077a5f08b0b92f348b0ad" },
		{ 63, "7ea3da77432d44c323671097d1348fc8" },
		{ 64, "52f5076fabd22680234a3fa9f9dc5732" },
		{ 65, "330e377bf231f3cacfecc2c182fe7e5b" },
		{ 119, "e65dd227ccef97fa1d34d70189120f76" },
		{ 120, "b03ddbd470b47c013e0c7ab2ddd763db" },
		{ 128, "cb4a20a561558e29460190c91dced59f" },
		{ 1000, "5f1bf26a8067c9159b91f1440f7c9e8a" },
	};
	uint8_t out[16];
	char shown[33], *text;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].want;
		text = malloc(rows[i].n);
		memset(text, 'a', rows[i].n);
		hash_md4((struct span){ text, rows[i].n }, out);
		CHECK_STR(hex(shown, out, 16), rows[i].want);
		free(text);
	}
	test_row = NULL;
	hash_md4((struct span){ NULL, 0 }, out);
	CHECK_STR(hex(shown, out, 16), "31d6cfe0d16ae931b73c59d7e0c089c0");
}

/* The digest of a text, whole and in two pieces with nothing in between. */
static void
check_hash(enum hash kind, const char *text, const char *want)
{
	const struct span whole = span_of(text);
	uint8_t out[HASH_MAX];
	char shown[2 * HASH_MAX + 1];
	size_t i;
	int n;

	test_row = text;
	n = hasher->hash(hasher->arg, kind, &whole, 1, out);
	CHECK_INT(n, strlen(want) / 2);
	CHECK_STR(hex(shown, out, n < 0 ? 0 : (size_t)n), want);
	for (i = 0; i <= whole.n; i++) {
		const struct span pieces[] = { { whole.p, i }, { NULL, 0 },
			{ whole.p + i, whole.n - i } };

		memset(out, 0, sizeof out);
		n = hasher->hash(hasher->arg, kind, pieces, 3, out);
		CHECK_STR(hex(shown, out, n < 0 ? 0 : (size_t)n), want);
	}
	test_row = NULL;
}

static void
md5(void)
{
	/* RFC 1321 A.5 */
	check_hash(HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e");
	check_hash(HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72");
	check_hash(
	    HASH_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0");
}

/* FIPS 180-4's examples */
static void
sha256(void)
{
	check_hash(HASH_SHA256, "",
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	check_hash(HASH_SHA256, "abc",
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	check_hash(HASH_SHA256,
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1");
}

static void
sha512_256(void)
{
	check_hash(HASH_SHA512_256, "abc",
	    "53048e2681941ef99b2e29b76b4c7dab"
	    "e4c2d0c634fc6d46e0e2f13107e7af23");
	check_hash(HASH_SHA512_256,
	    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	    "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	    "3928e184fb8690f840da3988121d31be"
	    "65cb9d3ef83ee6146feac861e19b563a");
}

static void
check_hmac(uint8_t byte, const char *text, const char *want)
{
	const struct span whole = span_of(text), pieces[] = { { whole.p, 3 },
		{ NULL, 0 }, { whole.p + 3, whole.n - 3 } };
	uint8_t key[16], out[16];
	char shown[33];

	memset(key, byte, sizeof key);
	CHECK_INT(hasher->hmac_md5(hasher->arg, key, &whole, 1, out), 16);
	CHECK_STR(hex(shown, out, 16), want);
	memset(out, 0, sizeof out);
	CHECK_INT(hasher->hmac_md5(hasher->arg, key, pieces, 3, out), 16);
	CHECK_STR(hex(shown, out, 16), want);
}

/* RFC 2202 2 */
static void
hmac_md5(void)
{
	char fifty[51];

	memset(fifty, 0xdd, 50);
	fifty[50] = '\0';
	check_hmac(0x0b, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d");
	check_hmac(0xaa, fifty, "56be34521d144c88dbb8c733f0e8b3f6");
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(md4),
		TEST(md4_around_a_block),
		TEST(md5),
		TEST(sha256),
		TEST(sha512_256),
		TEST(hmac_md5),
	};
	int rc;

	hasher = crypto_new();
	rc = test_all(tests, COUNT(tests));
	crypto_free(hasher);
	return rc;
}
