/*
 * hopoptions.c -- what is said of proxies and of the way to each: addresses,
 * logins, TLS, headers, and of which one it is said.  Floor 5.
 */
#include "hopoptions.h"

#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "optiontable.h"
#include "optionvalue.h"

/* Keeps a secret argument: a copy for us, dots for the list of processes. */
static char *
take_secret(char *arg)
{
	char *copy = secret_copy(arg, strlen(arg));

	memset(arg, '.', strlen(arg));
	return copy;
}

/* USER[:PASSWORD]; later colons belong to the password. */
static int
split_credentials(struct credentials *c, char *arg, struct failure *why)
{
	char *both = take_secret(arg), *colon;

	credentials_free(c);
	if (both == NULL)
		return fail(why, FAIL_LOCAL, "out of memory");
	colon = strchr(both, ':');
	if (colon != NULL) {
		c->password = secret_copy(colon + 1, strlen(colon + 1));
		*colon = '\0';
	}
	c->user = secret_copy(both, strlen(both));
	if (colon != NULL)
		*colon = ':';
	secret_free(both);
	if (c->user == NULL || (colon != NULL && c->password == NULL))
		return fail(why, FAIL_LOCAL, "out of memory");
	return 0;
}

int
options_check_secret(const char *secret, const char *from, struct failure *why)
{
	if (secret == NULL || strpbrk(secret, "\r\n") == NULL)
		return 0;
	return fail(why, FAIL_USAGE,
	    "%s: a user or password can't have a line end in it", from);
}

static int
parse_auth(const char *arg, unsigned *schemes, struct failure *why)
{
	struct span rest = span_of(arg), name;
	unsigned bit;

	*schemes = 0;
	while (text_next_element(&rest, &name)) {
		bit = auth_scheme_bit(name);
		if (bit == 0)
			return fail_about(why, FAIL_USAGE,
			    "--auth=", span_of(arg),
			    "not a list of basic, digest, ntlm, negotiate");
		*schemes |= bit;
	}
	return *schemes != 0
		   ? 0
		   : fail(why, FAIL_USAGE, "--auth: a scheme is missing");
}

int
options_set_header(
    struct config *c, size_t scope, char *header, struct failure *why)
{
	const char *fault = http_header_fault(header);
	size_t name = strcspn(header, ":"), at;
	int secret = http_is_secret((struct span){ header, name });

	if (fault != NULL)
		return fail_about(
		    why, FAIL_USAGE, "-H ", span_of(header), fault);
	if (scope == c->route.nhops)
		return fail(why, FAIL_USAGE,
		    "--for=dest: a header is for a proxy (--for=1 is the "
		    "first)");
	if (scope == OPTIONS_ALL && secret)
		scope = 0;
	for (at = 0; at < c->route.nhops; at++)
		if ((scope == OPTIONS_ALL || scope == at) &&
		    options_append(&c->route.hops[at].headers,
			&c->route.hops[at].nheaders, header, why) < 0)
			return -1;
	if (secret)
		memset(header + name + 1, '.', strlen(header + name + 1));
	return 0;
}

struct span
options_secret(int option, struct span value)
{
	struct span secret = { NULL, 0 };
	const char *colon = memchr(value.p, ':', value.n);

	switch (option) {
	case 'p':
	case 'r':
		secret = proxy_uri_password(value.p);
		return secret.n > 0 ? secret : (struct span){ NULL, 0 };
	case 'H':
		if (colon == NULL || !http_is_secret((struct span){
					 value.p, (size_t)(colon - value.p) }))
			return secret;
		break;
	case 'P':
	case 'R':
		break;
	default:
		return secret;
	}
	if (colon != NULL)
		secret = (struct span){ colon + 1,
			(size_t)(value.p + value.n - colon - 1) };
	return secret;
}

static int
check_host(const char *host, struct failure *why)
{
	const char *p;

	for (p = host; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			break;
	if (p == host || *p != '\0')
		return fail(why, FAIL_USAGE,
		    "-o: a Host header has no blanks or control characters");
	return 0;
}

int
options_set_host(struct config *c, const char *host, struct failure *why)
{
	return check_host(host, why) < 0
		   ? -1
		   : options_keep(&c->route.host, host, why);
}

/* A service as --spn has it ends up in tokens, as it stands. */
static int
check_service(const char *spn, struct failure *why)
{
	const char *sign = strpbrk(spn, "@/");

	if (sign == NULL || sign == spn || sign[1] == '\0')
		return fail_about(why, FAIL_USAGE, "--spn=", span_of(spn),
		    "a service is written HTTP@HOST or HTTP/HOST");
	return 0;
}

int
options_set_proxy(
    struct hop *hop, char *text, const char *from, struct failure *why)
{
	struct span secret = proxy_uri_password(text);
	struct proxy_uri uri;
	int rc = proxy_uri_parse(&uri, text, why);

	memset(text + (secret.p - text), '.', secret.n);
	if (rc < 0)
		return fail(why, why->code, "%s: %s", from, why->text);
	endpoint_free(&hop->at);
	credentials_free(&hop->uri);
	hop->at = uri.at;
	hop->uri = uri.credentials;
	hop->scheme = uri.scheme;
	if (uri.scheme == PROXY_HTTPS)
		hop->secure.on = 1;
	return options_check_secret(uri.credentials.user, from, why) < 0
		   ? -1
		   : options_check_secret(uri.credentials.password, from, why);
}

static int
set_credentials(
    struct credentials *to, char *arg, const char *from, struct failure *why)
{
	return split_credentials(to, arg, why) < 0 ||
		       options_check_secret(to->user, from, why) < 0
		   ? -1
		   : options_check_secret(to->password, from, why);
}

static int
set_auth(struct config *c, size_t scope, const char *arg, struct failure *why)
{
	unsigned schemes;
	size_t at;

	if (parse_auth(arg, &schemes, why) < 0)
		return -1;
	for (at = 0; at < c->route.nhops; at++)
		if (scope == OPTIONS_ALL || scope == at)
			c->route.hops[at].auth.allowed = schemes;
	return 0;
}

/* One of those about logging in at a proxy: at the first, without --for. */
static int
set_login(
    struct config *c, size_t scope, int option, char *arg, struct failure *why)
{
	struct hop *hop = &c->route.hops[scope == OPTIONS_ALL ? 0 : scope];

	if (scope == c->route.nhops)
		return fail(why, FAIL_USAGE,
		    "--for=dest: nobody logs in there (--for=1 is the first "
		    "proxy)");
	switch (option) {
	case 'P':
		return set_credentials(&hop->option, arg, "-P", why);
	case 'N':
		hop->auth.allowed = AUTH_NTLM;
		return 0;
	case 't':
		return options_check_secret(arg, "-t", why) < 0
			   ? -1
			   : options_keep(&hop->domain, arg, why);
	case OPTION_AUTH:
		return set_auth(c, scope, arg, why);
	case OPTION_PASSWORD_COMMAND:
		return options_keep(&hop->sources.command, arg, why);
	case OPTION_SPN:
		return check_service(arg, why) < 0
			   ? -1
			   : options_keep(&hop->spn, arg, why);
	default: /* OPTION_DELEGATE */
		hop->target.delegate = 1;
		return 0;
	}
}

int
options_is_of_tls(int option)
{
	switch (option) {
	case 'z':
	case 'C':
	case 'c':
	case 'k':
	case 'I':
	case OPTION_PIN:
	case OPTION_SNI:
	case OPTION_ALPN:
	case OPTION_TLS_MIN:
	case OPTION_CIPHERS:
		return 1;
	default:
		return 0;
	}
}

static int
is_login(int option)
{
	switch (option) {
	case 'P':
	case 'N':
	case 't':
	case OPTION_AUTH:
	case OPTION_PASSWORD_COMMAND:
	case OPTION_SPN:
	case OPTION_DELEGATE:
		return 1;
	default:
		return 0;
	}
}

int
options_is_scoped(int option)
{
	return is_login(option) || options_is_of_tls(option);
}

uint32_t
options_reach(const struct config *c, int option, size_t scope)
{
	uint32_t all = 0;
	size_t at;

	for (at = 0; at <= c->route.nhops && at <= ROUTE_HOPS_MAX; at++)
		all |= (uint32_t)1 << at;
	if (!options_is_scoped(option))
		return 1;
	if (scope != OPTIONS_ALL)
		return 1u << scope;
	if (options_is_of_tls(option))
		return all;
	return option == OPTION_AUTH ? all >> 1 : 1;
}

static int
check_tls(int option, const char *arg, struct failure *why)
{
	struct buf wire;
	int rc = 0;

	if (option == OPTION_PIN && !tls_pins_are_valid(arg))
		return fail_about(why, FAIL_USAGE, "--pin=", span_of(arg),
		    "a pin is written sha256//BASE64, several with ; between");
	if (option == OPTION_TLS_MIN && tls_version(arg) == 0)
		return fail_about(why, FAIL_USAGE, "--tls-min=", span_of(arg),
		    "not 1.0, 1.1, 1.2 or 1.3");
	if (option == OPTION_SNI && (*arg == '\0' || strpbrk(arg, " \r\n")))
		return fail_about(why, FAIL_USAGE, "--sni=", span_of(arg),
		    "not the name of a host");
	if (option == OPTION_ALPN) {
		buf_init(&wire, SIZE_MAX);
		rc = tls_alpn_put(&wire, arg);
		buf_free(&wire);
	}
	return rc == 0 ? 0
		       : fail_about(why, FAIL_USAGE, "--alpn=", span_of(arg),
			     "names of protocols with commas between, each of "
			     "at most 255 bytes");
}

static int
set_tls(struct tls_options *o, int option, const char *arg, struct failure *why)
{
	switch (option) {
	case 'z':
		o->no_verify = 1;
		return 0;
	case 'I':
		o->no_sni = 1;
		return 0;
	case 'C':
		return options_keep(&o->ca, arg, why);
	case 'c':
		return options_keep(&o->cert, arg, why);
	case 'k':
		return options_keep(&o->key, arg, why);
	case OPTION_PIN:
		return options_keep(&o->pins, arg, why);
	case OPTION_SNI:
		return options_keep(&o->sni, arg, why);
	case OPTION_ALPN:
		return options_keep(&o->alpn, arg, why);
	case OPTION_CIPHERS:
		return options_keep(&o->ciphers, arg, why);
	default: /* OPTION_TLS_MIN */
		o->version_min = tls_version(arg);
		return 0;
	}
}

/* For one connection or all. */
static int
set_tls_of_scope(struct config *c, size_t scope, int option, const char *arg,
    struct failure *why)
{
	size_t at;

	if (check_tls(option, arg, why) < 0)
		return -1;
	for (at = 0; at <= c->route.nhops; at++)
		if ((scope == OPTIONS_ALL || scope == at) &&
		    set_tls(&route_secure(&c->route, at)->options, option, arg,
			why) < 0)
			return -1;
	return 0;
}

int
options_set_scoped(
    struct config *c, size_t scope, int option, char *arg, struct failure *why)
{
	return is_login(option) ? set_login(c, scope, option, arg, why)
				: set_tls_of_scope(c, scope, option, arg, why);
}

int
options_makes_hops(int option)
{
	return option < 256 && strchr("prRXEWB", option) != NULL;
}

/*
 * One more hop; it has what was said of a further one before.  Behind the last
 * one there is always room for that, as long as there are fewer than two.
 */
static struct hop *
add_hop(struct route *r, struct failure *why)
{
	struct hop *hops = r->hops;

	if (r->nhops == ROUTE_HOPS_MAX) {
		fail(why, FAIL_USAGE, "-r: more than %d proxies",
		    ROUTE_HOPS_MAX);
		return NULL;
	}
	if (r->nhops > 1) {
		hops = realloc(r->hops, (r->nhops + 1) * sizeof *hops);
		if (hops == NULL) {
			fail(why, FAIL_LOCAL, "out of memory");
			return NULL;
		}
		memset(&hops[r->nhops], 0, sizeof *hops);
		r->hops = hops;
	}
	hops[r->nhops].auth.allowed = AUTH_ALL;
	return &hops[r->nhops++];
}

/* A proxy, or a word for none or for the one that is to be found. */
static int
set_first(struct config *c, char *arg, struct failure *why)
{
	struct span word = span_of(arg);

	c->direct = NULL;
	c->route.automatic = 0;
	if (span_is(word, "direct") || span_is(word, "none"))
		c->direct = "-p direct";
	else if (span_is(word, "auto"))
		c->route.automatic = 1;
	else
		return options_set_proxy(c->route.hops, arg, "-p", why);
	return 0;
}

/*
 * The options that make the hops.  -R and -X are about the -r before them or,
 * where there is none yet, the first one.
 */
int
options_set_hop(struct config *c, int option, char *arg, struct failure *why)
{
	struct route *r = &c->route;
	struct hop *first = &r->hops[0],
		   *further = &r->hops[r->nhops > 1 ? r->nhops - 1 : 1];

	switch (option) {
	case 'p':
		return set_first(c, arg, why);
	case 'r':
		further = add_hop(r, why);
		return further == NULL
			   ? -1
			   : options_set_proxy(further, arg, "-r", why);
	case 'R':
		return set_credentials(&further->option, arg, "-R", why);
	case 'X':
		further->secure.on = 1;
		return 0;
	case 'E':
		first->secure.on = 1;
		return 0;
	case 'W':
	case 'B':
		first->secure.on |= option == 'B';
		first->secure.options.cut = 1;
		return 0;
	default:
		return 0;
	}
}

int
options_set_scope(
    struct config *c, const char *arg, size_t *scope, struct failure *why)
{
	unsigned long number;

	if (strcmp(arg, "all") == 0)
		*scope = OPTIONS_ALL;
	else if (strcmp(arg, "dest") == 0)
		*scope = c->route.nhops;
	else if (text_number(span_of(arg), 1, c->route.nhops, &number) == 0)
		*scope = number - 1;
	else
		return fail_about(why, FAIL_USAGE, "--for=", span_of(arg),
		    "neither the number of a proxy (-p is 1, the first -r is "
		    "2) nor dest nor all");
	return 0;
}
