/*
 * options.c -- the command line, files and the environment become a config.
 * Floor 5.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "auth.h"
#include "environment.h"
#include "settings.h"

#define OPEN_MS 30000	   /* until a tunnel is open */
#define HALF_CLOSE_MS 5000 /* of silence before an end is passed on */
#define LINGER_MS 1000	   /* of silence after the far end's */
#define KEEPALIVE_MS 120000
#define RETRIES_MAX 1000000
#define ROUNDS_MAX 1000000
#define INTERVAL_MS 1000	    /* between rounds of a check */
#define SCAN_OPEN_MS 5000	    /* as OPEN_MS, for each of many ports */
#define NOWHERE "check.invalid:443" /* where it is all the same (RFC 6761) */
#define DRAIN_MS 5000 /* for open tunnels, once no more are accepted */

static const char letters[] =
    ":f:ia:p:r:d:eEXWBLTzC:F:P:c:k:R:Nt:H:o:x:I46vqhV";

static const struct option options[] = {
	{ "proxy", required_argument, NULL, 'p' },
	{ "dest", required_argument, NULL, 'd' },
	{ "remproxy", required_argument, NULL, 'r' },
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "direct", no_argument, NULL, OPTION_DIRECT },
	{ "fdpass", no_argument, NULL, OPTION_FDPASS },
	{ "progress", no_argument, NULL, OPTION_PROGRESS },
	{ "inetd", no_argument, NULL, 'i' },
	{ "standalone", required_argument, NULL, 'a' },
	{ "max-tunnels", required_argument, NULL, OPTION_MAX_TUNNELS },
	{ "drain", required_argument, NULL, OPTION_DRAIN },
	{ "daemon", no_argument, NULL, OPTION_DAEMON },
	{ "pidfile", required_argument, NULL, OPTION_PIDFILE },
	{ "proxyauth", required_argument, NULL, 'P' },
	{ "remproxyauth", required_argument, NULL, 'R' },
	{ "passfile", required_argument, NULL, 'F' },
	{ "auth", required_argument, NULL, OPTION_AUTH },
	{ "password-command", required_argument, NULL,
	    OPTION_PASSWORD_COMMAND },
	{ "netrc", optional_argument, NULL, OPTION_NETRC },
	{ "spn", required_argument, NULL, OPTION_SPN },
	{ "delegate", no_argument, NULL, OPTION_DELEGATE },
	{ "ntlm", no_argument, NULL, 'N' },
	{ "domain", required_argument, NULL, 't' },
	{ "header", required_argument, NULL, 'H' },
	{ "host", required_argument, NULL, 'o' },
	{ "host-header", required_argument, NULL, 'o' },
	{ "ipv4", no_argument, NULL, '4' },
	{ "ipv6", no_argument, NULL, '6' },
	{ "connect-timeout", required_argument, NULL, OPTION_CONNECT_TIMEOUT },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "retry", required_argument, NULL, OPTION_RETRY },
	{ "idle-timeout", required_argument, NULL, OPTION_IDLE_TIMEOUT },
	{ "half-close", required_argument, NULL, OPTION_HALF_CLOSE },
	{ "linger", required_argument, NULL, OPTION_LINGER },
	{ "keepalive", required_argument, NULL, OPTION_KEEPALIVE },
	{ "encrypt", no_argument, NULL, 'e' },
	{ "encrypt-proxy", no_argument, NULL, 'E' },
	{ "encrypt-remproxy", no_argument, NULL, 'X' },
	{ "wa-bug-29744", no_argument, NULL, 'W' },
	{ "buggy-encrypt-proxy", no_argument, NULL, 'B' },
	{ "no-check-certificate", no_argument, NULL, 'z' },
	{ "cacert", required_argument, NULL, 'C' },
	{ "cert", required_argument, NULL, 'c' },
	{ "key", required_argument, NULL, 'k' },
	{ "pin", required_argument, NULL, OPTION_PIN },
	{ "sni", required_argument, NULL, OPTION_SNI },
	{ "no-sni", no_argument, NULL, 'I' },
	{ "alpn", required_argument, NULL, OPTION_ALPN },
	{ "tls-min", required_argument, NULL, OPTION_TLS_MIN },
	{ "ciphers", required_argument, NULL, OPTION_CIPHERS },
	{ "tlsenforce", no_argument, NULL, 'L' },
	{ "no-ssl3", no_argument, NULL, 'T' },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "repeat", required_argument, NULL, OPTION_REPEAT },
	{ "interval", required_argument, NULL, OPTION_INTERVAL },
	{ "scan", required_argument, NULL, OPTION_SCAN },
	{ "auth-info", no_argument, NULL, OPTION_AUTH_INFO },
	{ "config", required_argument, NULL, 'f' },
	{ "proctitle", required_argument, NULL, 'x' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	/* The old tool's abbreviations that younger options would take. */
	{ "de", required_argument, NULL, 'd' },
	{ "in", no_argument, NULL, 'i' },
	{ "pa", required_argument, NULL, 'F' },
	{ "pas", required_argument, NULL, 'F' },
	{ "pass", required_argument, NULL, 'F' },
	{ "ho", required_argument, NULL, 'o' },
	{ "hos", required_argument, NULL, 'o' },
	{ "s", required_argument, NULL, 'a' },
	{ "k", required_argument, NULL, 'k' },
	{ "ke", required_argument, NULL, 'k' },
	{ "t", no_argument, NULL, 'L' },
	{ "tl", no_argument, NULL, 'L' },
	{ "tls", no_argument, NULL, 'L' },
	{ NULL, 0, NULL, 0 },
};

const struct option *
options_find(struct span keyword)
{
	const struct option *o;
	const char *name;
	size_t i;

	/* What is behind the version are abbreviations. */
	for (o = options; o->val != 'V'; o++) {
		name = o->name;
		for (i = 0; i < keyword.n; i++) {
			if (keyword.p[i] == '-')
				continue;
			name += *name == '-';
			if (strncasecmp(name, keyword.p + i, 1) != 0)
				break;
			name++;
		}
		if (i == keyword.n && *name == '\0')
			return o;
	}
	return NULL;
}

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
parse_time(
    const char *arg, const char *name, int least, int *ms, struct failure *why)
{
	if (text_seconds(arg, ms) < 0 || *ms < least)
		return fail_about(why, FAIL_USAGE, name, span_of(arg),
		    least > 0 ? "not a number of seconds above 0"
			      : "not a number of seconds");
	return 0;
}

static int
parse_number(const char *arg, const char *name, unsigned long min,
    unsigned long max, unsigned long *number, struct failure *why)
{
	char wrong[64];

	if (text_number(span_of(arg), min, max, number) == 0)
		return 0;
	snprintf(wrong, sizeof wrong, "not a number from %lu to %lu", min, max);
	return fail_about(why, FAIL_USAGE, name, span_of(arg), wrong);
}

static int
parse_half_close(const char *arg, int *ms, struct failure *why)
{
	if (strcmp(arg, "now") == 0)
		*ms = 0;
	else if (strcmp(arg, "never") == 0)
		*ms = RELAY_NEVER;
	else if (text_seconds(arg, ms) < 0)
		return fail_about(why, FAIL_USAGE,
		    "--half-close=", span_of(arg),
		    "neither a number of seconds nor now or never");
	return 0;
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
options_keep(char **field, const char *arg, struct failure *why)
{
	free(*field);
	*field = strdup(arg);
	return *field != NULL ? 0 : fail(why, FAIL_LOCAL, "out of memory");
}

static int
add_header(struct hop *hop, const char *header, struct failure *why)
{
	char **headers;

	headers = realloc(hop->headers, (hop->nheaders + 1) * sizeof *headers);
	if (headers == NULL)
		return fail(why, FAIL_LOCAL, "out of memory");
	hop->headers = headers;
	headers[hop->nheaders] = NULL;
	if (options_keep(&headers[hop->nheaders], header, why) < 0)
		return -1;
	hop->nheaders++;
	return 0;
}

/* For one hop or all; but a secret goes to one alone, the first if need be. */
static int
set_header(struct config *c, size_t scope, char *header, struct failure *why)
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
		    add_header(&c->route.hops[at], header, why) < 0)
			return -1;
	if (secret)
		memset(header + name + 1, '.', strlen(header + name + 1));
	return 0;
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

const char *
options_near(struct span name)
{
	size_t distance, best = name.n / 3 < 3 ? name.n / 3 + 1 : 4;
	const struct option *o = options;
	const char *found = NULL;

	/* What is behind the version are abbreviations. */
	do {
		distance = text_distance(name, span_of(o->name));
		if (distance < best) {
			best = distance;
			found = o->name;
		}
	} while (o++->val != 'V');
	return found;
}

/* getopt(3) does not know the option, its abbreviation, or misses a value. */
static int
refuse_unknown(int argc, char *argv[], int got, struct failure *why)
{
	/* musl counts the value that is not there. */
	const char *arg = optind <= argc ? argv[optind - 1] : argv[argc - 1];
	const char *near;
	char hint[128];
	struct span name;

	if (got == ':')
		return fail_about(
		    why, FAIL_USAGE, "", span_of(arg), "needs a value");
	if (optopt > ' ' && optopt < 127 && strncmp(arg, "--", 2) != 0)
		return fail(why, FAIL_USAGE,
		    "-%c is not an option (see --help)", optopt);
	/* A value behind the name may be a password. */
	name = (struct span){ arg, strcspn(arg, "=") };
	near =
	    options_near((struct span){ arg + 2, name.n < 2 ? 0 : name.n - 2 });
	snprintf(hint, sizeof hint,
	    "not an option, or not the whole of one (%s%s%s)",
	    near != NULL ? "is it --" : "see --help", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	return fail_about(why, FAIL_USAGE, "", name, hint);
}

static int
set_time(struct config *c, int option, const char *arg, struct failure *why)
{
	struct route *r = &c->route;

	switch (option) {
	case OPTION_CONNECT_TIMEOUT:
		return parse_time(
		    arg, "--connect-timeout=", 1, &r->connect_ms, why);
	case OPTION_TIMEOUT:
		return parse_time(arg, "--timeout=", 1, &r->open_ms, why);
	case OPTION_RETRY:
		return parse_number(
		    arg, "--retry=", 0, RETRIES_MAX, &r->retries, why);
	case OPTION_IDLE_TIMEOUT:
		return parse_time(
		    arg, "--idle-timeout=", 0, &r->rules.idle_ms, why);
	case OPTION_LINGER:
		return parse_time(
		    arg, "--linger=", 0, &r->rules.linger_ms, why);
	case OPTION_DRAIN:
		c->of_listening = "--drain";
		return parse_time(
		    arg, "--drain=", 0, &c->listening.drain_ms, why);
	case OPTION_KEEPALIVE:
		return parse_time(
		    arg, "--keepalive=", 0, &r->keepalive_ms, why);
	default:
		return parse_half_close(arg, &r->rules.half_close_ms, why);
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

int
options_makes_hops(int option)
{
	return option < 256 && strchr("prRXEWB", option) != NULL;
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

static int
is_tls(int option)
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

int
options_is_scoped(int option)
{
	return is_login(option) || is_tls(option);
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
	if (is_tls(option))
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

static int
set_listening(
    struct config *c, int option, const char *arg, struct failure *why)
{
	struct listening *l = &c->listening;
	char **at;

	switch (option) {
	case 'a':
		at = realloc(l->at, (l->nat + 1) * sizeof *at);
		if (at == NULL)
			return fail(why, FAIL_LOCAL, "out of memory");
		l->at = at;
		at[l->nat] = NULL;
		if (options_keep(&at[l->nat], arg, why) < 0)
			return -1;
		l->nat++;
		return 0;
	case OPTION_MAX_TUNNELS:
		c->of_listening = "--max-tunnels";
		return parse_number(
		    arg, "--max-tunnels=", 1, UINT32_MAX, &l->max_tunnels, why);
	case OPTION_DAEMON:
		c->of_listening = "--daemon";
		l->daemon = 1;
		return 0;
	default: /* OPTION_PIDFILE */
		c->of_listening = "--pidfile";
		return options_keep(&l->pidfile, arg, why);
	}
}

static int
is_checking(int option)
{
	switch (option) {
	case OPTION_CHECK:
	case OPTION_JSON:
	case OPTION_REPEAT:
	case OPTION_INTERVAL:
	case OPTION_SCAN:
	case OPTION_AUTH_INFO:
		return 1;
	default:
		return 0;
	}
}

/* Two kinds of checks are none. */
static int
set_kind(struct checking *k, enum check_kind what, struct failure *why)
{
	if (k->what != CHECK_NOTHING && k->what != what)
		return fail(why, FAIL_USAGE,
		    "--check, --scan or --auth-info, not two of them");
	k->what = what;
	return 0;
}

static int
set_checking(
    struct checking *k, int option, const char *arg, struct failure *why)
{
	switch (option) {
	case OPTION_CHECK:
		return set_kind(k, CHECK_TUNNELS, why);
	case OPTION_AUTH_INFO:
		return set_kind(k, CHECK_LOGIN, why);
	case OPTION_JSON:
		k->json = 1;
		return 0;
	case OPTION_REPEAT:
		return parse_number(
		    arg, "--repeat=", 0, ROUNDS_MAX, &k->rounds, why);
	case OPTION_INTERVAL:
		return parse_time(arg, "--interval=", 0, &k->interval_ms, why);
	default: /* OPTION_SCAN */
		if (k->ports == NULL)
			k->ports = calloc(1, sizeof *k->ports);
		if (k->ports == NULL)
			return fail(why, FAIL_LOCAL, "out of memory");
		return ports_parse(k->ports, arg, why) < 0
			   ? -1
			   : set_kind(k, CHECK_PORTS, why);
	}
}

int
options_set(
    struct config *c, size_t scope, int option, char *arg, struct failure *why)
{
	if (options_makes_hops(option) || is_checking(option) ||
	    option == 'd' || option == 'f')
		return 0; /* has been seen to */
	if (is_login(option))
		return set_login(c, scope, option, arg, why);
	if (is_tls(option))
		return set_tls_of_scope(c, scope, option, arg, why);
	switch (option) {
	case 'e':
		c->route.secure.on = 1;
		return 0;
	case 'F':
		return options_keep(&c->route.files.passfile, arg, why);
	case OPTION_NETRC:
		c->route.files.use_netrc = 1;
		return arg == NULL
			   ? 0
			   : options_keep(&c->route.files.netrc, arg, why);
	case 'H':
		return set_header(c, scope, arg, why);
	case 'o':
		return check_host(arg, why) < 0
			   ? -1
			   : options_keep(&c->route.host, arg, why);
	case OPTION_DIRECT:
		c->direct = "--direct";
		return 0;
	case OPTION_FDPASS:
		c->fdpass = 1;
		return 0;
	case OPTION_PROGRESS:
		c->progress = 1;
		return 0;
	case 'i':
		c->inetd = 1;
		return 0;
	case 'a':
	case OPTION_MAX_TUNNELS:
	case OPTION_DAEMON:
	case OPTION_PIDFILE:
		return set_listening(c, option, arg, why);
	case '4':
	case '6':
		if (c->route.family != AF_UNSPEC &&
		    c->route.family != (option == '4' ? AF_INET : AF_INET6))
			return fail(why, FAIL_USAGE, "-4 or -6, not both");
		c->route.family = option == '4' ? AF_INET : AF_INET6;
		return 0;
	case 'x':
		return options_keep(&c->title, arg, why);
	case 'L':
	case 'T':
		c->old_flag = option == 'L' ? "-L" : "-T";
		return 0;
	case 'v':
		c->level = c->level < SAY_EVENT ? SAY_EVENT : SAY_STEP;
		return 0;
	case 'q':
		c->level = SAY_FAILURE;
		return 0;
	default:
		return set_time(c, option, arg, why);
	}
}

/* The destination is that of -d, or one or two arguments. */
static int
set_destination(struct config *c, const char *dest, char *args[], int n,
    struct failure *why)
{
	struct endpoint *target = &c->route.target;

	if (dest != NULL) {
		c->ignored = n > 0;
		return endpoint_parse(target, dest, 0, why);
	}
	if (n == 1)
		return endpoint_parse(target, args[0], 0, why);
	if (n == 2)
		return endpoint_parse_pair(target, args[0], args[1], why);
	if (n > 2)
		return fail_about(why, FAIL_USAGE, "", span_of(args[2]),
		    "one argument too many");
	return fail(why, FAIL_USAGE,
	    "no destination: name it as HOST PORT, HOST:PORT or -d HOST:PORT "
	    "(see --help)");
}

/* Adds a destination to those that are checked, and reads it. */
static int
add_destination(
    struct config *c, const char *host, const char *port, struct failure *why)
{
	struct checking *k = &c->checking;
	struct destination *to = realloc(k->to, (k->n + 1) * sizeof *to);
	struct failure none = { FAIL_NONE, 0, "" };
	struct endpoint *at;

	if (to == NULL)
		return fail(why, FAIL_LOCAL, "out of memory");
	k->to = to;
	to += k->n++;
	memset(to, 0, sizeof *to);
	at = &to->at;
	if (port != NULL)
		return endpoint_parse_pair(at, host, port, why);
	if (k->what != CHECK_PORTS)
		return endpoint_parse(at, host, 0, why);
	if (endpoint_parse(at, host, 0, &none) == 0)
		return fail_about(why, FAIL_USAGE, "", span_of(host),
		    "a host alone: --scan names the ports");
	return endpoint_parse(at, host, (uint16_t)ports_next(k->ports, 1), why);
}

static int
is_number(const char *arg)
{
	unsigned long number;

	return arg != NULL &&
	       text_number(span_of(arg), 0, UINT32_MAX, &number) == 0;
}

/*
 * Those of a check: that of -d, and all arguments, HOST:PORT each; a bare
 * number is the port of the host before it.
 */
static int
set_destinations(struct config *c, const char *dest, char *args[], int n,
    struct failure *why)
{
	struct checking *k = &c->checking;
	int i, pair;

	if (dest != NULL && add_destination(c, dest, NULL, why) < 0)
		return -1;
	for (i = 0; i < n; i += 1 + pair) {
		pair = k->what != CHECK_PORTS && i + 1 < n &&
		       is_number(args[i + 1]);
		if (add_destination(
			c, args[i], pair ? args[i + 1] : NULL, why) < 0)
			return -1;
	}
	if (k->n == 0 && k->what == CHECK_LOGIN)
		return endpoint_parse(&c->route.target, NOWHERE, 0, why);
	if (k->n == 0)
		return set_destination(c, NULL, args, 0, why);
	if (k->n > 1 && k->what != CHECK_TUNNELS)
		return fail(why, FAIL_USAGE,
		    "--scan and --auth-info are about one destination");
	return options_keep(&c->route.target.host, k->to[0].at.host, why) < 0
		   ? -1
		   : (c->route.target.port = k->to[0].at.port, 0);
}

/* What goes together. */
static int
check_modes(const struct config *c, struct failure *why)
{
	const struct checking *k = &c->checking;

	if ((c->listening.nat > 0) + c->inetd + c->fdpass > 1)
		return fail(
		    why, FAIL_USAGE, "-a, -i or --fdpass, not two of them");
	if (k->what == CHECK_NOTHING)
		return !k->json && k->rounds == 1
			   ? 0
			   : fail(why, FAIL_USAGE,
				 "--json and --repeat are for --check, --json "
				 "also for --scan and --auth-info");
	if (c->listening.nat > 0 || c->inetd || c->fdpass)
		return fail(why, FAIL_USAGE,
		    "--check, --scan and --auth-info open no tunnel for -a, "
		    "-i or --fdpass");
	if (k->rounds != 1 && k->what != CHECK_TUNNELS)
		return fail(why, FAIL_USAGE, "--repeat is for --check");
	if (k->n > 1 && c->route.automatic && c->route.nhops > 0)
		return fail(why, FAIL_USAGE,
		    "-p auto: another destination may have another proxy: "
		    "check them one by one");
	if (k->what != CHECK_TUNNELS && c->route.nhops == 0)
		return fail(why, FAIL_USAGE,
		    "--scan and --auth-info ask a proxy: there is none");
	return 0;
}

static int
set_defaults(struct config *c)
{
	struct route *r = &c->route;

	memset(c, 0, sizeof *c);
	c->level = SAY_NOTICE;
	c->listening.drain_ms = DRAIN_MS;
	c->checking.rounds = 1;
	c->checking.interval_ms = INTERVAL_MS;
	r->hops = calloc(2, sizeof *r->hops);
	if (r->hops == NULL)
		return -1;
	r->nhops = 1;
	r->hops[0].auth.allowed = AUTH_ALL;
	r->family = AF_UNSPEC;
	r->keepalive_ms = KEEPALIVE_MS;
	r->rules.half_close_ms = HALF_CLOSE_MS;
	r->rules.linger_ms = LINGER_MS;
	return 0;
}

const char *
options_file(int argc, char *argv[])
{
	const char *file = NULL;
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1)
		if (option == 'f')
			file = optarg;
		else if (option == 'h' || option == 'V')
			return "none";
	return file;
}

/*
 * First the hops, so that what is said of them may stand in front, too, and
 * the destination.  1: what is wanted is help.
 */
static int
read_hops(struct config *c, struct settings *s, int argc, char *argv[],
    const char **dest, struct failure *why)
{
	int option, rc = 0;

	opterr = 0;
	optind = 0;
	while (rc == 0 && (option = getopt_long(
			       argc, argv, letters, options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return refuse_unknown(argc, argv, option, why);
		if (option == 'h' || option == 'V')
			return 1;
		if (option == 'd')
			*dest = optarg;
		else if (options_makes_hops(option))
			rc = options_set_hop(c, option, optarg, why);
		else if (is_checking(option))
			rc = set_checking(&c->checking, option, optarg, why);
		if (!options_is_scoped(option))
			settings_note(s, option, 1);
	}
	return rc;
}

static int
read_options(struct config *c, struct settings *s, int argc, char *argv[],
    struct failure *why)
{
	size_t scope = OPTIONS_ALL;
	int option;

	optind = 0;
	while (
	    (option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (option == 'h' || option == 'V') {
			c->what = option == 'h' ? DO_HELP : DO_VERSION;
			return 0;
		}
		if ((option == OPTION_FOR
			    ? options_set_scope(c, optarg, &scope, why)
			    : options_set(c, scope, option, optarg, why)) < 0)
			return -1;
		if (options_is_scoped(option))
			settings_note(
			    s, option, options_reach(c, option, scope));
	}
	return 0;
}

/*
 * All destinations of a check go one way: files that send them by different
 * ones are not overlooked.
 */
static int
compare_settings(struct config *c, const struct settings *s,
    const struct config_files *files, struct failure *why)
{
	const struct checking *k = &c->checking;
	struct settings other;
	size_t i;
	int rc = 0;

	for (i = 1; rc == 0 && i < k->n; i++) {
		memset(&other, 0, sizeof other);
		rc = settings_read(&other, files, &k->to[i].at, why);
		if (rc == 0 && !settings_are_same(s, &other))
			rc = fail_about(why, FAIL_USAGE, "",
			    span_of(k->to[i].at.host),
			    "a configuration file has other settings for it "
			    "than for the first destination: check them one by "
			    "one");
		settings_free(&other);
	}
	return rc;
}

/* All but the environment: the command line, and below it the files. */
static int
read_all(struct config *c, struct settings *s, int argc, char *argv[],
    const struct config_files *files, const char **dest, struct failure *why)
{
	int rc = read_hops(c, s, argc, argv, dest, why);

	if (rc != 0)
		return rc < 0 ? -1 : read_options(c, s, argc, argv, why);
	rc =
	    c->checking.what == CHECK_NOTHING
		? set_destination(c, *dest, argv + optind, argc - optind, why)
		: set_destinations(c, *dest, argv + optind, argc - optind, why);
	if (rc < 0 || settings_read(s, files, &c->route.target, why) < 0 ||
	    compare_settings(c, s, files, why) < 0 ||
	    settings_hops(s, c, why) < 0 ||
	    read_options(c, s, argc, argv, why) < 0)
		return -1;
	return settings_rest(s, c, why);
}

int
options_parse(struct config *c, int argc, char *argv[],
    const struct config_files *files, char *(*env)(const char *),
    struct failure *why)
{
	const char *dest = NULL;
	struct settings settings;
	int rc, seen_proxy;
	size_t at;

	if (set_defaults(c) < 0)
		return fail(why, FAIL_LOCAL, "out of memory");
	memset(&settings, 0, sizeof settings);
	rc = read_all(c, &settings, argc, argv, files, &dest, why);
	seen_proxy = settings_proxy(&settings);
	settings_free(&settings);
	/* -R may have been for one that never came. */
	if (c->route.nhops == 1)
		credentials_free(&c->route.hops[1].option);
	if (rc < 0 || c->what != DO_TUNNEL)
		return rc;
	if (c->route.nhops == 1 && c->route.hops[1].secure.on &&
	    c->direct == NULL)
		return fail(why, FAIL_USAGE,
		    "-X: there is no further proxy (-r names one)");
	if (environment_read(c, seen_proxy == 0, dest != NULL || seen_proxy > 1,
		env, why) < 0)
		return -1;
	if (c->route.open_ms == 0)
		c->route.open_ms =
		    c->checking.what == CHECK_PORTS ? SCAN_OPEN_MS : OPEN_MS;
	c->checking.quiet = c->level == SAY_FAILURE;
	c->route.rules.dead_ms = c->route.keepalive_ms;
	c->route.rules.answer_due = c->route.nhops > 0;
	if (check_modes(c, why) < 0)
		return -1;
	for (at = 0; at <= c->route.nhops; at++)
		if (route_secure(&c->route, at)->options.key != NULL &&
		    route_secure(&c->route, at)->options.cert == NULL)
			return fail(why, FAIL_USAGE,
			    "-k: the certificate of that key is missing (-c "
			    "FILE)");
	c->route.automatic &= c->route.nhops > 0;
	return c->route.automatic ? 0 : route_complete(&c->route, why);
}

void
options_free(struct config *c)
{
	route_free(&c->route);
	free(c->title);
	while (c->listening.nat > 0)
		free(c->listening.at[--c->listening.nat]);
	free(c->listening.at);
	free(c->listening.pidfile);
	while (c->checking.n > 0)
		endpoint_free(&c->checking.to[--c->checking.n].at);
	free(c->checking.to);
	free(c->checking.ports);
}
