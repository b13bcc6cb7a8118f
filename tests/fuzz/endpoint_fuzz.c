/*
 * endpoint_fuzz.c -- an endpoint, there and back; its host against a list of
 * no_proxy, which stands on a second line.
 */
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "noproxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *s = secret_copy((const char *)p, n), *list = strchr(s, '\n');
	struct failure why = NO_FAILURE;
	struct endpoint a, b;
	struct buf text;

	if (list != NULL)
		*list++ = '\0';
	if (endpoint_parse(&a, s, n % 2 == 0 ? 80 : 0, &why) < 0) {
		if (why.code != FAIL_USAGE || a.host != NULL)
			__builtin_trap();
		free(s);
		return 0;
	}
	buf_init(&text, 2000);
	if (endpoint_authority(&a, &text) < 0)
		__builtin_trap();
	/* A zone that begins with 25 can't be told from an escaped one. */
	if (strstr(a.host, "%25") == NULL &&
	    (endpoint_parse(&b, buf_str(&text), 0, &why) < 0 ||
		strcmp(a.host, b.host) != 0 || a.port != b.port))
		__builtin_trap();
	if (strstr(a.host, "%25") == NULL)
		endpoint_free(&b);
	noproxy_matches(list != NULL ? list : "", a.host);
	endpoint_free(&a);
	buf_free(&text);
	free(s);
	return 0;
}
