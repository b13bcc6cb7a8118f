/* challenge_fuzz.c -- the value of Proxy-Authenticate. */
#include <stdlib.h>
#include <string.h>

#include "auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char user[] = "user", password[] = "secret";
	struct credentials c = { user, password };
	struct failure why = { FAIL_NONE, 0, "" };
	struct auth *a = auth_new(&c, AUTH_ALL);
	struct span all = { malloc(n + 1), n }, rest = all, scheme, params;
	struct buf out;
	size_t before = n + 1;

	memcpy((void *)(uintptr_t)all.p, p, n);
	while (text_next_challenge(&rest, &scheme, &params)) {
		if (rest.n >= before || scheme.n == 0 || scheme.p < all.p ||
		    params.p < scheme.p + scheme.n ||
		    params.p + params.n > all.p + n)
			__builtin_trap();
		before = rest.n;
	}
	buf_init(&out, 100);
	auth_response(a);
	auth_challenge(a, all);
	auth_challenge(a, all);
	if (auth_next(a, &why) != (why.code == FAIL_NONE) ||
	    auth_answer(a, &out) < 0 ||
	    (buf_len(&out) > 0) != (why.code == FAIL_NONE))
		__builtin_trap();
	auth_free(a);
	buf_free(&out);
	free((void *)(uintptr_t)all.p);
	return 0;
}
