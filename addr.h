/*
 * addr.h -- where a connection goes: HOST:PORT, [IPV6]:PORT, unix:/PATH, and a
 * proxy's SCHEME://USER:PASSWORD@HOST:PORT (RFC 3986 3.2).  Floor 0.
 */
#ifndef ADDR_H
#define ADDR_H

#include <stdint.h>

#include "buf.h"
#include "fail.h"
#include "text.h"

#define ADDR_PATH_MAX 107 /* bytes of a Unix-domain socket's path */

struct endpoint {
	char *host; /* a name or an address, without brackets; NULL: path */
	char *path; /* of a Unix-domain socket, else NULL */
	uint16_t port;
};

struct credentials {
	char *user, *password; /* NULL: not known */
};

enum proxy_scheme {
	PROXY_HTTP,
	PROXY_HTTPS,
	PROXY_SOCKS4,
	PROXY_SOCKS4A,
	PROXY_SOCKS5,
	PROXY_SOCKS5H
};

struct proxy_uri {
	enum proxy_scheme scheme;
	struct endpoint at;
	struct credentials credentials;
};

/*
 * Reads "HOST:PORT", "[IPV6]:PORT" or, where a default port is given, a host
 * alone.  An IPv6 address may carry a zone.  Fails with FAIL_USAGE and a text
 * that says what is wrong with it; the endpoint is then empty.
 */
int endpoint_parse(
    struct endpoint *, const char *, uint16_t port_default, struct failure *);

/* The same for a host and a port that stand apart; brackets are optional. */
int endpoint_parse_pair(
    struct endpoint *, const char *host, const char *port, struct failure *);

/*
 * Appends the authority form, an IPv6 address in brackets, or "unix:/PATH".
 * 0, or -1 as buf_put.
 */
int endpoint_authority(const struct endpoint *, struct buf *);

void endpoint_free(struct endpoint *);

/* Copies, NULL without memory; wipes and frees (NULL is fine). */
char *secret_copy(const char *, size_t);
char *secret_of(const struct buf *);
void secret_free(char *);
void credentials_free(struct credentials *);

/*
 * Reads "HOST:PORT" or "SCHEME://[USER[:PASSWORD]@]HOST[:PORT][/]", user and
 * password percent-decoded; for HOST and PORT "unix:/PATH" may stand.  Fails
 * with FAIL_USAGE; what was read is then freed.
 */
int proxy_uri_parse(struct proxy_uri *, const char *, struct failure *);

void proxy_uri_free(struct proxy_uri *);

/* What such an address begins with: "http://". */
const char *proxy_scheme_prefix(enum proxy_scheme);

/*
 * The password of a proxy's URI within the text itself, so that the caller
 * can overwrite it; n is 0 where there is none.
 */
struct span proxy_uri_password(const char *);

#endif
