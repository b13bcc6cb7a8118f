/* noproxy.c -- which destinations no_proxy takes out.  Floor 0. */
#include "noproxy.h"

#include <arpa/inet.h>
#include <string.h>

struct address {
	int family; /* 0: not an address */
	uint8_t bytes[16];
	unsigned bits;
	struct span zone; /* with its %, n 0: none */
};

/* Reads an address, in brackets or not, its network's bits or all. */
static struct address
address_of(struct span s)
{
	struct address a = { 0, { 0 }, 0, { NULL, 0 } };
	const char *slash = s.n == 0 ? NULL : memchr(s.p, '/', s.n), *zone;
	unsigned long bits;
	char text[INET6_ADDRSTRLEN];
	struct span rest = { NULL, 0 };

	if (slash != NULL) {
		rest =
		    (struct span){ slash + 1, s.n - (size_t)(slash + 1 - s.p) };
		s.n = (size_t)(slash - s.p);
	}
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
		s.p++;
		s.n -= 2;
	}
	zone = s.n == 0 ? NULL : memchr(s.p, '%', s.n);
	if (zone != NULL) {
		a.zone = (struct span){ zone, s.n - (size_t)(zone - s.p) };
		s.n -= a.zone.n;
	}
	if (s.n == 0 || s.n >= sizeof text)
		return a;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, a.bytes) == 1) {
		a.family = AF_INET;
		a.bits = 32;
	} else if (inet_pton(AF_INET6, text, a.bytes) == 1) {
		a.family = AF_INET6;
		a.bits = 128;
	}
	if (slash != NULL) {
		if (text_number(rest, 0, a.bits, &bits) < 0)
			a.family = 0;
		else
			a.bits = (unsigned)bits;
	}
	return a;
}

static int
in_network(const struct address *net, const struct address *a)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (net->zone.n > 0 &&
	    (net->zone.n != a->zone.n ||
		memcmp(net->zone.p, a->zone.p, net->zone.n) != 0))
		return 0;
	return net->family == a->family &&
	       memcmp(net->bytes, a->bytes, whole) == 0 &&
	       (rest == 0 ||
		   ((net->bytes[whole] ^ a->bytes[whole]) & mask) == 0);
}

static struct span
without_last_dot(struct span s)
{
	if (s.n > 1 && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

/* Is the host that name, or below it? */
static int
in_domain(struct span domain, struct span host)
{
	struct span tail;

	domain = without_last_dot(domain);
	host = without_last_dot(host);
	if (domain.n > 1 && *domain.p == '.') {
		domain.p++;
		domain.n--;
	}
	if (domain.n == 0 || host.n < domain.n)
		return 0;
	tail = (struct span){ host.p + host.n - domain.n, domain.n };
	return text_same(tail.p, domain.p, domain.n) &&
	       (host.n == domain.n || tail.p[-1] == '.');
}

int
noproxy_matches(const char *list, const char *host)
{
	struct span rest = span_of(list), name = span_of(host), e;
	struct address at = address_of(name), net;

	if (span_is(span_trim(rest), "*"))
		return 1;
	while (rest.n > 0) {
		e = (struct span){ rest.p, 0 };
		while (e.n < rest.n && strchr(", \t", e.p[e.n]) == NULL)
			e.n++;
		rest.p += e.n + (e.n < rest.n);
		rest.n -= e.n + (e.n < rest.n);
		if (at.family == 0) {
			if (in_domain(e, name))
				return 1;
			continue;
		}
		net = address_of(e);
		if (net.family != 0 && in_network(&net, &at))
			return 1;
	}
	return 0;
}

int
noproxy_in_network(struct span network, const char *host)
{
	struct address net = address_of(network),
		       at = address_of(span_of(host));

	return net.family == 0 ? -1 : in_network(&net, &at);
}
