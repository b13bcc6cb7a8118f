/* version.c -- the text of --version.  Floor 5. */
#include "version.h"

#include "crypto.h"
#include "epoll.h"
#include "negotiate.h"
#include "openssl.h"
#include "proxyauto.h"
#include "stream.h"

/* A library or, where it is missing, why. */
static int
put(struct buf *out, const char *feature, int (*about)(struct buf *),
    const char *missing)
{
	size_t before;

	if (buf_putf(out, "%-16s", feature) < 0)
		return -1;
	before = buf_len(out);
	if (about(out) < 0) {
		buf_cut(out, before);
		if (BUF_JOIN(out, "no: ", missing) < 0)
			return -1;
	}
	return buf_putc(out, '\n');
}

int
version_put(struct buf *out)
{
	if (buf_puts(out, "proxytunnel " VERSION "\n") < 0 ||
	    put(out, "TLS", openssl_about, openssl_missing) < 0 ||
	    put(out, "Digest, NTLM", crypto_about, crypto_missing) < 0 ||
	    put(out, "Negotiate", negotiate_about, negotiate_missing) < 0 ||
	    put(out, "-p auto", proxyauto_about, proxyauto_missing) < 0)
		return -1;
	return BUF_JOIN(out, "systemd         sockets, readiness, journal\n",
	    "relay           ", stream_moves, ", ", epoll_name, "\n");
}
