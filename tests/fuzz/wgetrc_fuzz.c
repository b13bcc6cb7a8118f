/* wgetrc_fuzz.c -- a password file; no value is longer than the file. */
#include <stdlib.h>
#include <string.h>

#include "wgetrc.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct wgetrc w;
	char *text = malloc(n == 0 ? 1 : n); /* its own, for its bounds */

	memcpy(text, p, n);
	if (wgetrc_parse(&w, (struct span){ text, n }) < 0) {
		if (memchr(p, '\0', n) == NULL)
			__builtin_trap();
	} else if ((w.proxy.user != NULL && strlen(w.proxy.user) > n) ||
		   (w.proxy.password != NULL && strlen(w.proxy.password) > n))
		__builtin_trap();
	wgetrc_free(&w);
	free(text);
	return 0;
}
