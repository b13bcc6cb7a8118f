/* addr.c -- HOST:PORT, [IPV6]:PORT and the URI of a proxy.  Floor 0. */
#include "addr.h"

#include <stdlib.h>
#include <string.h>

#define HOST_MAX 1025 /* bytes: a DNS name has 255, this is NI_MAXHOST */

#define UNIX_PREFIX "unix:"

static const struct {
	const char *prefix;
	enum proxy_scheme scheme;
	uint16_t port;
} schemes[] = {
	{ "http://", PROXY_HTTP, 80 },
	{ "https://", PROXY_HTTPS, 443 },
	{ "socks4://", PROXY_SOCKS4, 1080 },
	{ "socks4a://", PROXY_SOCKS4A, 1080 },
	{ "socks5://", PROXY_SOCKS5, 1080 },
	{ "socks5h://", PROXY_SOCKS5H, 1080 },
	{ "socks://", PROXY_SOCKS5H, 1080 },
};

char *
secret_copy(const char *p, size_t n)
{
	char *copy = malloc(n + 1);

	if (copy != NULL) {
		memcpy(copy, p, n);
		copy[n] = '\0';
	}
	return copy;
}

char *
secret_of(const struct buf *b)
{
	return secret_copy(
	    buf_len(b) > 0 ? (const char *)buf_ptr(b) : "", buf_len(b));
}

void
secret_free(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

void
credentials_free(struct credentials *c)
{
	secret_free(c->user);
	secret_free(c->password);
	c->user = c->password = NULL;
}

void
endpoint_free(struct endpoint *e)
{
	free(e->host);
	free(e->path);
	e->host = e->path = NULL;
}

void
proxy_uri_free(struct proxy_uri *u)
{
	endpoint_free(&u->at);
	credentials_free(&u->credentials);
}

/* May this stand in a host name or, in brackets, an IPv6 address? */
static const char *
host_fault(struct span host, int bracketed)
{
	size_t i;

	if (host.n == 0)
		return "the host is missing";
	if (host.n > HOST_MAX)
		return "the host is too long";
	for (i = 0; i < host.n; i++) {
		unsigned char c = (unsigned char)host.p[i];

		if (c >= 0x80)
			return "a name beyond ASCII is written in its "
			       "xn-- form here";
		if (c <= ' ' || c == 0x7f || strchr("/@?#[]\\\"<>", c) != NULL)
			return "a host can't have that character";
	}
	if (bracketed && memchr(host.p, ':', host.n) == NULL)
		return "brackets are for an IPv6 address";
	return NULL;
}

/*
 * A zone is written %eth0 or, as in a URI, %25eth0 (RFC 6874); what resolvers
 * and proxies understand is the first.
 */
static void
zone_unescape(char *host)
{
	char *zone = strchr(host, '%');

	if (zone != NULL && strncmp(zone, "%25", 3) == 0 && zone[3] != '\0')
		memmove(zone + 1, zone + 3, strlen(zone + 3) + 1);
}

/* port.p is NULL where port_default is to stand in for it, 0: it may not. */
static int
endpoint_set(struct endpoint *e, struct span all, struct span host,
    struct span port, uint16_t port_default, struct failure *why)
{
	int bracketed = host.n >= 2 && host.p[0] == '[';
	unsigned long number = port_default;
	const char *fault;

	if (bracketed) {
		host.p++;
		host.n -= 2;
	}
	fault = host_fault(host, bracketed);
	if (fault != NULL)
		return fail_about(why, FAIL_USAGE, "", all, fault);
	if (port.p == NULL && port_default == 0)
		return fail_about(
		    why, FAIL_USAGE, "", all, "the port is missing: HOST:PORT");
	if (port.p != NULL && text_number(port, 1, 65535, &number) < 0)
		return fail_about(why, FAIL_USAGE, "", all,
		    "the port is a number from 1 to 65535");
	e->host = secret_copy(host.p, host.n);
	if (e->host == NULL)
		return fail(why, FAIL_LOCAL, "out of memory");
	if (strchr(e->host, ':') != NULL)
		zone_unescape(e->host);
	e->port = (uint16_t)number;
	return 0;
}

static const char a_url[] = "what is wanted is HOST:PORT, not a URL";

/* Splits at the colon before the port; port.p is NULL where there is none. */
static const char *
split(struct span s, struct span *host, struct span *port)
{
	const char *end;

	port->p = NULL;
	port->n = 0;
	if (span_find(s, "://") != NULL)
		return a_url;
	if (s.n > 0 && s.p[0] == '[') {
		end = memchr(s.p, ']', s.n);
		if (end == NULL)
			return "the closing bracket is missing";
		end++;
		if (end < s.p + s.n && *end != ':')
			return "behind the bracket comes :PORT";
	} else {
		end = memchr(s.p, ':', s.n);
		if (end == NULL)
			end = s.p + s.n;
		else if (memchr(end + 1, ':', (size_t)(s.p + s.n - end - 1)) !=
			 NULL)
			return "an IPv6 address goes in brackets: [::1]:22";
	}
	*host = (struct span){ s.p, (size_t)(end - s.p) };
	if (end < s.p + s.n)
		*port = (struct span){ end + 1, (size_t)(s.p + s.n - end - 1) };
	return NULL;
}

static int
endpoint_parse_span(struct endpoint *e, struct span s, uint16_t port_default,
    struct failure *why)
{
	struct span host, port;
	const char *fault;

	memset(e, 0, sizeof *e);
	fault = split(s, &host, &port);
	if (fault != NULL)
		return fail_about(why, FAIL_USAGE, "", s, fault);
	return endpoint_set(e, s, host, port, port_default, why);
}

int
endpoint_parse(struct endpoint *e, const char *s, uint16_t port_default,
    struct failure *why)
{
	return endpoint_parse_span(e, span_of(s), port_default, why);
}

int
endpoint_parse_pair(
    struct endpoint *e, const char *host, const char *port, struct failure *why)
{
	struct span h = span_of(host);

	memset(e, 0, sizeof *e);
	if (span_find(h, "://") != NULL)
		return fail_about(why, FAIL_USAGE, "", h, a_url);
	if (h.n > 0 && h.p[0] == '[' && h.p[h.n - 1] != ']')
		return fail_about(
		    why, FAIL_USAGE, "", h, "the closing bracket is missing");
	if (strchr(host, ':') != NULL && h.p[0] != '[' &&
	    strchr(strchr(host, ':') + 1, ':') == NULL)
		return fail_about(why, FAIL_USAGE, "", h,
		    "the port stands here and again behind it");
	return endpoint_set(e, span_of(port), h, span_of(port), 0, why);
}

int
endpoint_authority(const struct endpoint *e, struct buf *b)
{
	char digits[] = "65535", *port = digits + sizeof digits - 1;
	unsigned n = e->port;

	if (e->path != NULL)
		return BUF_JOIN(b, UNIX_PREFIX, e->path);
	do {
		*--port = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	if (strchr(e->host, ':') != NULL)
		return BUF_JOIN(b, "[", e->host, "]:", port);
	return BUF_JOIN(b, e->host, ":", port);
}

static int
is_unix(struct span s)
{
	return span_starts(s, UNIX_PREFIX "/");
}

/*
 * Finds the user information of a URI: what stands before the last '@', as
 * people do write '@' and '/' into a password without escaping them.  The path
 * of a Unix-domain socket may have an '@', too.
 */
static int
userinfo(struct span s, struct span *user, struct span *password)
{
	const char *colon, *path = span_find(s, "@" UNIX_PREFIX "/");
	size_t n = path != NULL ? (size_t)(path + 1 - s.p) : s.n;

	if (is_unix(s))
		return 0;
	while (n > 0 && s.p[n - 1] != '@')
		n--;
	if (n == 0)
		return 0;
	*user = (struct span){ s.p, n - 1 };
	*password = (struct span){ NULL, 0 };
	colon = memchr(s.p, ':', n - 1);
	if (colon != NULL) {
		user->n = (size_t)(colon - s.p);
		*password = (struct span){ colon + 1, n - 2 - user->n };
	}
	return 1;
}

static struct span
after_scheme(const char *s)
{
	const char *p = strstr(s, "://");

	return span_of(p == NULL ? s : p + 3);
}

struct span
proxy_uri_password(const char *s)
{
	struct span user, password;

	if (!userinfo(after_scheme(s), &user, &password) || password.p == NULL)
		return (struct span){ s, 0 };
	return password;
}

static int
decode(char **out, struct span s, struct failure *why)
{
	struct buf b;
	int rc = -1;

	buf_init(&b, s.n + 1);
	switch (percent_decode(&b, s)) {
	case 0:
		*out = secret_of(&b);
		if (*out != NULL) {
			rc = 0;
			break;
		}
		/* fall through */
	case NO_MEMORY:
		fail(why, FAIL_LOCAL, "out of memory");
		break;
	default:
		fail(why, FAIL_USAGE,
		    "the user or password in the proxy's address has a broken "
		    "%%-escape or a control character (%% itself is %%25)");
	}
	buf_free(&b);
	return rc;
}

static int
set_path(struct endpoint *e, struct span s, struct failure *why)
{
	size_t i;

	s.p += strlen(UNIX_PREFIX);
	s.n -= strlen(UNIX_PREFIX);
	if (s.n > ADDR_PATH_MAX)
		return fail_about(why, FAIL_USAGE, "", s,
		    "the path of a Unix-domain socket has at most 107 bytes");
	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return fail_about(why, FAIL_USAGE, "", s,
			    "a control character is in the path");
	e->path = secret_copy(s.p, s.n);
	return e->path != NULL ? 0 : fail(why, FAIL_LOCAL, "out of memory");
}

const char *
proxy_scheme_prefix(enum proxy_scheme scheme)
{
	size_t i = 0;

	while (schemes[i].scheme != scheme)
		i++;
	return schemes[i].prefix;
}

int
proxy_uri_parse(struct proxy_uri *u, const char *text, struct failure *why)
{
	struct span s = span_of(text), user, password;
	uint16_t port = 0;
	size_t i;

	memset(u, 0, sizeof *u);
	for (i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (span_starts(s, schemes[i].prefix)) {
			u->scheme = schemes[i].scheme;
			port = schemes[i].port;
			break;
		}
	if (port == 0 && strstr(text, "://") != NULL)
		return fail(why, FAIL_USAGE,
		    "a proxy's address begins with http://, https:// or "
		    "socks4://, socks4a://, socks5://, socks5h://");
	s = after_scheme(text);
	if (userinfo(s, &user, &password)) {
		if (decode(&u->credentials.user, user, why) < 0 ||
		    (password.p != NULL &&
			decode(&u->credentials.password, password, why) < 0))
			goto out;
		s = span_of(user.p + user.n +
			    (password.p != NULL ? password.n + 2 : 1));
	}
	if (is_unix(s)) {
		if (set_path(&u->at, s, why) == 0)
			return 0;
		goto out;
	}
	/* "http://proxy:3128/" is how the environment often has it. */
	if (port != 0 && memchr(s.p, '/', s.n) != NULL)
		s.n = (size_t)((const char *)memchr(s.p, '/', s.n) - s.p);
	if (endpoint_parse_span(&u->at, s, port, why) == 0)
		return 0;
out:
	proxy_uri_free(u);
	return -1;
}
