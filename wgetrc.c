/* wgetrc.c -- a password file in wget's manner.  Floor 1. */
#include "wgetrc.h"

#include <stdlib.h>
#include <string.h>

static int
set(char **field, struct span value)
{
	struct buf plain;
	size_t n = 0;
	int rc;

	buf_init(&plain, value.n + 1);
	value = span_trim(value);
	rc = text_unquote(&plain, value);
	if (rc == -1) {
		while (n < value.n && value.p[n] != ' ' && value.p[n] != '\t')
			n++;
		buf_cut(&plain, 0);
		rc = buf_put(&plain, value.p, n) < 0 ? NO_MEMORY : 0;
	}
	value = BUF_SPAN(&plain);
	if (rc == 0 && value.n > 0 && memchr(value.p, '\0', value.n) != NULL)
		rc = -1;
	if (rc == 0) {
		secret_free(*field);
		*field = secret_of(&plain);
		if (*field == NULL)
			rc = NO_MEMORY;
	}
	buf_free(&plain);
	return rc;
}

int
wgetrc_parse(struct wgetrc *w, struct span text)
{
	const struct {
		const char *name;
		char **field;
	} names[] = {
		{ "proxy_user", &w->proxy.user },
		{ "proxy_passwd", &w->proxy.password },
		{ "proxy_password", &w->proxy.password },
		{ "remproxy_user", &w->remproxy.user },
		{ "remproxy_passwd", &w->remproxy.password },
	};
	struct span line, name, value;
	const char *sign;
	size_t i;
	int rc;

	memset(w, 0, sizeof *w);
	while (span_line(&text, &line)) {
		sign = line.n == 0 ? NULL : memchr(line.p, '=', line.n);
		if (sign == NULL)
			continue;
		name = (struct span){ line.p, (size_t)(sign - line.p) };
		value = (struct span){ sign + 1, line.n - name.n - 1 };
		for (i = 0; i < sizeof names / sizeof *names; i++) {
			if (!span_is(span_trim(name), names[i].name))
				continue;
			rc = set(names[i].field, value);
			if (rc < 0) {
				wgetrc_free(w);
				return rc;
			}
		}
	}
	return 0;
}

void
wgetrc_free(struct wgetrc *w)
{
	credentials_free(&w->proxy);
	credentials_free(&w->remproxy);
}
