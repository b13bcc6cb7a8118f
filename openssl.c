/* openssl.c -- OpenSSL's functions, found when they are needed.  Floor 2. */
#include "openssl.h"

#include "library.h"

/* Linkers put what is common behind all that a run without TLS touches. */
__attribute__((common)) struct openssl openssl;

#ifdef LINKED_OPENSSL
const char openssl_missing[] = "it is not linked in";

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration */
#define X(type, name, args) extern type name args;
OPENSSL_FUNCTIONS(X)
#undef X

int
openssl_open(void)
{
#define X(type, name, args) openssl.name = name;
	OPENSSL_FUNCTIONS(X)
#undef X
	return 0;
}

extern const char *OpenSSL_version(int);

int
openssl_about(struct buf *out)
{
	return BUF_JOIN(out, "linked in (", OpenSSL_version(0), ")");
}
#else
const char openssl_missing[] = LIBRARY_MISSING("libssl.so.3", "libssl3");

LIBRARY_NOTE("[{\"feature\":\"tls\","
	     "\"description\":\"TLS to proxies and destinations\","
	     "\"priority\":\"recommended\",\"soname\":[\"libssl.so.3\"]}]");

static const char *const sonames[] = { "libssl.so.3", NULL };

#define X(type, name, args) #name "\0"
static const char names[] = OPENSSL_FUNCTIONS(X);
#undef X

int
openssl_open(void)
{
	/*
	 * What is in libcrypto is found through it.  It stays open: nothing
	 * tells when the last of its own handlers has run.  The last function
	 * is there once all are.
	 */
	return openssl.X509_VERIFY_PARAM_set_flags != NULL ||
		       library_open(sonames, &openssl, names) != NULL
		   ? 0
		   : -1;
}

int
openssl_about(struct buf *out)
{
	return library_about(out, sonames, names, "OpenSSL_version");
}
#endif
