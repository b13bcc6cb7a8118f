/* netrc_fuzz.c -- a netrc file, for any user and for one that is known. */
#include <stdlib.h>
#include <string.h>

#include "netrc.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int condition)
{
	if (!condition)
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct credentials any = { NULL, NULL };
	struct credentials one = { secret_copy("me", 2), NULL };
	char *text = malloc(n == 0 ? 1 : n); /* its own, for its bounds */
	int rc;

	memcpy(text, p, n);
	rc = netrc_find((struct span){ text, n }, "proxy", &any);
	must(rc >= -1 && rc <= 1);
	must((rc == 1) == (any.user != NULL || any.password != NULL));
	must(rc == -1 || n == 0 || memchr(p, '\0', n) == NULL);
	must(rc != -1 || (n > 0 && (memchr(p, '\0', n) != NULL ||
				       memchr(p, '"', n) != NULL)));
	must(any.user == NULL || (*any.user != '\0' && strlen(any.user) < n));
	must(any.password == NULL || strlen(any.password) < n);

	rc = netrc_find((struct span){ text, n }, "PROXY", &one);
	must(rc >= -1 && rc <= 1);
	must((rc == 1) == (one.password != NULL));
	must(strcmp(one.user, "me") == 0);
	credentials_free(&any);
	credentials_free(&one);
	free(text);
	return 0;
}
