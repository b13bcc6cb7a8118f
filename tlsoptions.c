/* tlsoptions.c -- what a user may say of a TLS connection.  Floor 1. */
#include "tlsoptions.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define PIN_PREFIX "sha256//"
#define DIGEST_MAX 64 /* bytes: what is longer is no SHA-256 */

void
tls_options_free(struct tls_options *o)
{
	free(o->ca);
	free(o->cert);
	free(o->key);
	free(o->pins);
	free(o->sni);
	free(o->alpn);
	free(o->ciphers);
	free(o->keylog);
	memset(o, 0, sizeof *o);
}

int
tls_version(const char *text)
{
	static const struct {
		const char *text;
		int number;
	} versions[] = { { "1.0", 0x0301 }, { "1.1", 0x0302 },
		{ "1.2", 0x0303 }, { "1.3", 0x0304 } };
	size_t i;

	for (i = 0; i < sizeof versions / sizeof *versions; i++)
		if (strcmp(text, versions[i].text) == 0)
			return versions[i].number;
	return 0;
}

/* Cuts the next item off a list, up to the separator; 0 at the end. */
static int
next_item(struct span *rest, char separator, struct span *item)
{
	const char *end;

	if (rest->p == NULL)
		return 0;
	end = rest->n > 0 ? memchr(rest->p, separator, rest->n) : NULL;
	*item = *rest;
	if (end == NULL) {
		rest->p = NULL;
		return 1;
	}
	item->n = (size_t)(end - rest->p);
	rest->p = end + 1;
	rest->n -= item->n + 1;
	return 1;
}

/* What a pin stands for; -1: it is none. */
static int
pin_digest(struct span pin, struct buf *digest)
{
	const size_t prefix = strlen(PIN_PREFIX);

	buf_cut(digest, 0);
	if (!span_starts(pin, PIN_PREFIX))
		return -1;
	return base64_decode(digest,
		   (struct span){ pin.p + prefix, pin.n - prefix }) == 0 &&
		       buf_len(digest) == TLS_PIN_SIZE
		   ? 0
		   : -1;
}

int
tls_pins_are_valid(const char *pins)
{
	struct span rest = span_of(pins), pin;
	struct buf digest;
	int valid = 1;

	buf_init(&digest, DIGEST_MAX);
	while (valid && next_item(&rest, ';', &pin))
		valid = pin_digest(pin, &digest) == 0;
	buf_free(&digest);
	return valid;
}

int
tls_pins_have(const char *pins, const uint8_t wanted[TLS_PIN_SIZE])
{
	struct span rest = span_of(pins), pin;
	struct buf digest;
	int found = 0;

	buf_init(&digest, DIGEST_MAX);
	while (!found && next_item(&rest, ';', &pin))
		found = pin_digest(pin, &digest) == 0 &&
			memcmp(buf_ptr(&digest), wanted, TLS_PIN_SIZE) == 0;
	buf_free(&digest);
	return found;
}

int
tls_pin_put(struct buf *b, const uint8_t digest[TLS_PIN_SIZE])
{
	return buf_puts(b, PIN_PREFIX) < 0
		   ? -1
		   : base64_encode(b, digest, TLS_PIN_SIZE);
}

int
tls_alpn_put(struct buf *b, const char *protocols)
{
	struct span rest = span_of(protocols), one;

	while (next_item(&rest, ',', &one)) {
		if (one.n == 0 || one.n > 255)
			return -1;
		if (buf_putc(b, (char)one.n) < 0 ||
		    buf_put(b, one.p, one.n) < 0)
			return NO_MEMORY;
	}
	return 0;
}

int
tls_ciphers_put(struct buf *b, const char *ciphers, int of_1_3)
{
	struct span rest = span_of(ciphers), one;
	size_t before = buf_len(b);

	while (next_item(&rest, ':', &one))
		if (one.n > 0 && span_starts(one, "TLS_") == of_1_3 &&
		    ((buf_len(b) > before && buf_putc(b, ':') < 0) ||
			buf_put(b, one.p, one.n) < 0))
			return -1;
	return 0;
}
