/* uri_fuzz.c -- the URI of a proxy, and where its password stands. */
#include <stdlib.h>
#include <string.h>

#include "addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *s = secret_copy((const char *)p, n);
	struct failure why = NO_FAILURE;
	struct proxy_uri u;
	struct span password = proxy_uri_password(s);
	size_t end = strlen(s);

	if (password.p < s || password.p > s + end ||
	    password.n > (size_t)(s + end - password.p))
		__builtin_trap();
	if (proxy_uri_parse(&u, s, &why) < 0) {
		if (why.code != FAIL_USAGE || u.at.host != NULL ||
		    u.at.path != NULL || u.credentials.user != NULL ||
		    u.credentials.password != NULL)
			__builtin_trap();
	} else if ((u.credentials.password == NULL && password.n > 0) ||
		   (u.at.host == NULL) == (u.at.path == NULL) ||
		   (u.at.host != NULL &&
		       (*u.at.host == '\0' || u.at.port == 0)))
		__builtin_trap();
	proxy_uri_free(&u);
	free(s);
	return 0;
}
