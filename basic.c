/* basic.c -- Basic authentication.  Floor 1.  RFC 7617 2. */
#include "basic.h"

#include <string.h>

const char *
basic_fault(const struct credentials *c)
{
	return strchr(c->user, ':') == NULL
		   ? NULL
		   : "it can't send a user name with a colon";
}

int
basic_answer(const struct credentials *c, struct buf *out)
{
	struct buf plain;
	int rc = -1;

	buf_init(&plain, strlen(c->user) + 1 + strlen(c->password));
	if (BUF_JOIN(&plain, c->user, ":", c->password) == 0 &&
	    buf_puts(out, "Basic ") == 0 &&
	    base64_encode(out, buf_ptr(&plain), buf_len(&plain)) == 0)
		rc = 0;
	buf_free(&plain);
	return rc;
}
