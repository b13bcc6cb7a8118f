/*
 * crypto.c -- the digests of OpenSSL's libcrypto, opened when the first of
 * them is needed.  Floor 2.
 */
#include "crypto.h"

#include <stdlib.h>
#include <string.h>

#include "library.h"

/* Declared here, so that a build needs no headers of OpenSSL's. */
typedef struct evp_md_ctx_st EVP_MD_CTX;
typedef struct evp_md_st EVP_MD;
typedef struct engine_st ENGINE;

#define FUNCTIONS(X)                                                           \
	X(EVP_MD_CTX *, EVP_MD_CTX_new, (void))                                \
	X(void, EVP_MD_CTX_free, (EVP_MD_CTX *))                               \
	X(int, EVP_DigestInit_ex, (EVP_MD_CTX *, const EVP_MD *, ENGINE *))    \
	X(int, EVP_DigestUpdate, (EVP_MD_CTX *, const void *, size_t))         \
	X(int, EVP_DigestFinal_ex,                                             \
	    (EVP_MD_CTX *, unsigned char *, unsigned *))                       \
	X(const EVP_MD *, EVP_md5, (void))                                     \
	X(const EVP_MD *, EVP_sha256, (void))                                  \
	X(const EVP_MD *, EVP_sha512_256, (void))                              \
	X(unsigned char *, HMAC,                                               \
	    (const EVP_MD *, const void *, int, const unsigned char *, size_t, \
		unsigned char *, unsigned *))

struct functions {
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration */
#define X(type, name, args) type(*name) args;
	FUNCTIONS(X)
#undef X
};

struct crypto {
	struct hasher hasher;
	struct functions f;
	void *library;
	int tried;
};

#ifdef LINKED_CRYPTO
const char crypto_missing[] = "libcrypto does not offer its digest";

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration */
#define X(type, name, args) extern type name args;
FUNCTIONS(X)
#undef X

static int
is_open(struct crypto *c)
{
#define X(type, name, args) c->f.name = name;
	FUNCTIONS(X)
#undef X
	return 1;
}

extern const char *OpenSSL_version(int);

int
crypto_about(struct buf *out)
{
	return BUF_JOIN(out, "linked in (", OpenSSL_version(0), ")");
}
#else
const char crypto_missing[] = LIBRARY_MISSING("libcrypto.so.3", "libssl3");

LIBRARY_NOTE("[{\"feature\":\"digests\","
	     "\"description\":\"Digest and NTLM authentication\","
	     "\"priority\":\"recommended\","
	     "\"soname\":[\"libcrypto.so.3\",\"libcrypto.so.1.1\"]}]");

static const char *const sonames[] = { "libcrypto.so.3", "libcrypto.so.1.1",
	"libcrypto.so", NULL };

#define X(type, name, args) #name "\0"
static const char names[] = FUNCTIONS(X);
#undef X

static int
is_open(struct crypto *c)
{
	if (!c->tried)
		c->library = library_open(sonames, &c->f, names);
	c->tried = 1;
	return c->library != NULL;
}

int
crypto_about(struct buf *out)
{
	return library_about(out, sonames, names, "OpenSSL_version");
}
#endif

static const EVP_MD *
algorithm(const struct crypto *c, enum hash hash)
{
	switch (hash) {
	case HASH_SHA256:
		return c->f.EVP_sha256();
	case HASH_SHA512_256:
		return c->f.EVP_sha512_256();
	default:
		return c->f.EVP_md5();
	}
}

static int
hash(void *arg, enum hash kind, const struct span *pieces, size_t n,
    uint8_t out[HASH_MAX])
{
	struct crypto *c = arg;
	EVP_MD_CTX *ctx;
	unsigned len = 0;
	int ok;

	if (!is_open(c))
		return -1;
	ctx = c->f.EVP_MD_CTX_new();
	if (ctx == NULL)
		return -1;
	ok = c->f.EVP_DigestInit_ex(ctx, algorithm(c, kind), NULL);
	for (; ok && n > 0; n--, pieces++)
		ok = c->f.EVP_DigestUpdate(ctx, pieces->p, pieces->n);
	ok = ok && c->f.EVP_DigestFinal_ex(ctx, out, &len);
	c->f.EVP_MD_CTX_free(ctx);
	return ok ? (int)len : -1;
}

static int
hmac_md5(void *arg, const uint8_t key[16], const struct span *pieces, size_t n,
    uint8_t out[16])
{
	struct crypto *c = arg;
	struct buf all;
	unsigned len;
	int ok = is_open(c);

	buf_init(&all, SIZE_MAX);
	for (; ok && n > 0; n--, pieces++)
		ok = buf_put(&all, pieces->p, pieces->n) == 0;
	ok = ok && c->f.HMAC(c->f.EVP_md5(), key, 16, buf_ptr(&all),
		       buf_len(&all), out, &len) != NULL;
	buf_free(&all);
	return ok ? 16 : -1;
}

struct hasher *
crypto_new(void)
{
	struct crypto *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->hasher.hash = hash;
	c->hasher.hmac_md5 = hmac_md5;
	c->hasher.arg = c;
	return &c->hasher;
}

void
crypto_free(struct hasher *h)
{
	if (h == NULL)
		return;
	library_close(((struct crypto *)h->arg)->library);
	free(h->arg);
}
