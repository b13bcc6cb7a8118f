/* heard.c -- what a proxy has said of itself in a conversation.  Floor 1. */
#include "heard.h"

#include <string.h>

#define ROOM (HEARD_MAX + 8) /* "..." and a NUL */

void
heard_init(struct heard *h)
{
	memset(h, 0, sizeof *h);
	h->status = -1;
	buf_init(&h->reason, ROOM);
	buf_init(&h->words, 2 * ROOM + 16); /* "error: details" */
	buf_init(&h->product, ROOM);
	offers_init(&h->offers);
}

void
heard_free(struct heard *h)
{
	buf_free(&h->reason);
	buf_free(&h->words);
	buf_free(&h->product);
	offers_free(&h->offers);
}

/* The comment of a Via field, or who it names (RFC 9110 7.6.3). */
static struct span
read_via(struct span value)
{
	struct span via = span_trim(value);
	const char *open = memchr(via.p, '(', via.n), *close, *blank;

	if (open != NULL) {
		via.n -= (size_t)(open + 1 - via.p);
		via.p = open + 1;
		close = memchr(via.p, ')', via.n);
		if (close != NULL)
			via.n = (size_t)(close - via.p);
		return via;
	}
	blank = memchr(via.p, ' ', via.n);
	if (blank != NULL) {
		via.n -= (size_t)(blank + 1 - via.p);
		via.p = blank + 1;
	}
	return via;
}

static void
hear_product(struct heard *h, const struct http_response *r)
{
	static const char *const names[] = { "Server", "Proxy-Agent", "Via" };
	struct span value = { NULL, 0 };
	size_t i;

	for (i = 0; value.p == NULL && i < sizeof names / sizeof *names; i++)
		value = http_field(r, names[i]);
	if (value.p == NULL || buf_len(&h->product) > 0)
		return;
	if (strcmp(names[i - 1], "Via") == 0)
		value = read_via(value);
	h->lost |= text_show(&h->product, span_trim(value), HEARD_MAX) < 0;
}

/* No answer to CONNECT that opens a tunnel has a page (RFC 9110 9.3.6). */
static int
brings_page(const struct http_response *r)
{
	return r->status < 300 &&
	       span_starts(http_field(r, "Content-Type"), "text/html");
}

void
heard_response(struct heard *h, const struct http_response *r)
{
	const char *name =
	    r->status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
	int demands = r->status == 407 || r->status == 401;
	struct span value = { NULL, 0 };

	h->status = r->status;
	h->demands |= demands;
	h->has_page = brings_page(r);
	buf_free(&h->reason);
	h->lost |= text_show(&h->reason, r->reason, HEARD_MAX) < 0;
	hear_product(h, r);
	if (demands)
		offers_begin(&h->offers);
	while (http_next_field(r, name, &value))
		h->lost |= offers_add(&h->offers, value) < 0;
}

void
heard_reply(struct heard *h, int status, const char *words)
{
	h->status = status;
	buf_free(&h->reason);
	h->lost |= buf_puts(&h->reason, words) < 0;
}

void
heard_login(struct heard *h, const char *scheme)
{
	h->demands = 1;
	if (scheme != NULL && buf_len(&h->offers.names) == 0)
		h->lost |= buf_puts(&h->offers.names, scheme) < 0;
}
