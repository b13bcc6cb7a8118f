/* openssl_test.c -- our declarations of OpenSSL and its own headers. */
#include "openssl.h"

enum {
#define X(name, value) OUR_##name = (value),
	OPENSSL_CONSTANTS(X)
#undef X
};

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "test.h"

/* What differs does not even compile. */
static void
is_declared_as_it_is(void)
{
#define X(name, value) \
	_Static_assert((long long)OUR_##name == (long long)(name), #name);
	OPENSSL_CONSTANTS(X)
#undef X
#define X(type, name, args)                                              \
	_Static_assert(__builtin_types_compatible_p(                     \
			   __typeof__(openssl.name), __typeof__(&name)), \
	    #name);
	OPENSSL_FUNCTIONS(X)
#undef X
}

static void
opens(void)
{
	CHECK_INT(openssl_open(), 0);
	CHECK_INT(openssl_open(), 0);
	CHECK(openssl.SSL_new != NULL);
	CHECK(openssl.X509_VERIFY_PARAM_set_flags != NULL);
}

int
main(void)
{
	static const struct test tests[] = { TEST(is_declared_as_it_is),
		TEST(opens) };

	return test_all(tests, COUNT(tests));
}
