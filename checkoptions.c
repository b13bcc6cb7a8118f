/*
 * checkoptions.c -- what is said of checks, and of destinations.  Floor 5.
 */
#include "checkoptions.h"

#include <stdlib.h>
#include <string.h>

#include "optiontable.h"
#include "optionvalue.h"
#include "text.h"

#define ROUNDS_MAX 1000000
#define NOWHERE "check.invalid:443" /* where it is all the same (RFC 6761) */

int
options_is_checking(int option)
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

int
options_set_checking(
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
		k->repeats = 1;
		return options_number(
		    arg, "--repeat=", 0, ROUNDS_MAX, &k->rounds, why);
	case OPTION_INTERVAL:
		k->paced = 1;
		return options_time(
		    arg, "--interval=", 0, &k->interval_ms, why);
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
	struct failure none = NO_FAILURE;
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
set_checked(struct config *c, const char *dest, char *args[], int n,
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

int
options_set_destinations(struct config *c, const char *dest, char *args[],
    int n, struct failure *why)
{
	return c->checking.what == CHECK_NOTHING
		   ? set_destination(c, dest, args, n, why)
		   : set_checked(c, dest, args, n, why);
}
