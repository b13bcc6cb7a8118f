/*
 * options.c -- the command line, files and the environment become a config.
 * Floor 5.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "checkoptions.h"
#include "environment.h"
#include "help.h"
#include "hopoptions.h"
#include "optiontable.h"
#include "optionvalue.h"
#include "settings.h"

#define OPEN_MS 30000	   /* until a tunnel is open */
#define HALF_CLOSE_MS 5000 /* of silence before an end is passed on */
#define LINGER_MS 1000	   /* of silence after the far end's */
#define KEEPALIVE_MS 120000
#define RETRIES_MAX 1000000
#define INTERVAL_MS 1000  /* between rounds of a check */
#define SCAN_OPEN_MS 5000 /* as OPEN_MS, for each of many ports */
#define DRAIN_MS 5000	  /* for open tunnels, once no more are accepted */

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
set_time(struct config *c, int option, const char *arg, struct failure *why)
{
	struct route *r = &c->route;

	switch (option) {
	case OPTION_CONNECT_TIMEOUT:
		return options_time(
		    arg, "--connect-timeout=", 1, &r->connect_ms, why);
	case OPTION_TIMEOUT:
		return options_time(arg, "--timeout=", 1, &r->open_ms, why);
	case OPTION_RETRY:
		return options_number(
		    arg, "--retry=", 0, RETRIES_MAX, &r->retries, why);
	case OPTION_IDLE_TIMEOUT:
		return options_time(
		    arg, "--idle-timeout=", 0, &r->rules.idle_ms, why);
	case OPTION_LINGER:
		return options_time(
		    arg, "--linger=", 0, &r->rules.linger_ms, why);
	case OPTION_DRAIN:
		c->of_listening = "--drain";
		return options_time(
		    arg, "--drain=", 0, &c->listening.drain_ms, why);
	case OPTION_KEEPALIVE:
		return options_time(
		    arg, "--keepalive=", 0, &r->keepalive_ms, why);
	default:
		return parse_half_close(arg, &r->rules.half_close_ms, why);
	}
}

static int
set_listening(
    struct config *c, int option, const char *arg, struct failure *why)
{
	struct listening *l = &c->listening;

	switch (option) {
	case 'a':
		return options_append(&l->at, &l->nat, arg, why);
	case OPTION_MAX_TUNNELS:
		c->of_listening = "--max-tunnels";
		return options_number(
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

/* Whose a header is: see options_set_header. */
static uint32_t
header_reach(const struct config *c, size_t scope, const char *header)
{
	uint32_t proxies =
	    options_reach(c, OPTION_AUTH, scope); /* of all, or of one */

	return scope == OPTIONS_ALL &&
		       options_secret('H', span_of(header)).p != NULL
		   ? 1
		   : proxies;
}

void
options_note(const struct config *c, size_t scope, int option, const char *arg)
{
	struct span secret = { NULL, 0 };

	if (c->trail == NULL)
		return;
	c->trail->hops = c->route.nhops;
	if (arg != NULL)
		secret = options_secret(option, span_of(arg));
	trail_note(c->trail, option,
	    option == 'H' ? header_reach(c, scope, arg)
			  : options_reach(c, option, scope),
	    arg, secret);
}

int
options_set(
    struct config *c, size_t scope, int option, char *arg, struct failure *why)
{
	options_note(c, scope, option, arg);
	if (options_makes_hops(option) || options_is_checking(option) ||
	    option == 'd' || option == 'f' || option == OPTION_PRINT_CONFIG)
		return 0; /* has been seen to */
	if (options_is_scoped(option))
		return options_set_scoped(c, scope, option, arg, why);
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
		return options_set_header(c, scope, arg, why);
	case 'o':
		return options_set_host(c, arg, why);
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

/* What goes together. */
static int
check_modes(const struct config *c, struct failure *why)
{
	const struct checking *k = &c->checking;

	if ((c->listening.nat > 0) + c->inetd + c->fdpass > 1)
		return fail(
		    why, FAIL_USAGE, "-a, -i or --fdpass, not two of them");
	if (k->what == CHECK_NOTHING)
		return !k->json && !k->repeats && !k->paced
			   ? 0
			   : fail(why, FAIL_USAGE,
				 "--json, --repeat and --interval are for "
				 "--check, --json also for --scan and "
				 "--auth-info");
	if (c->listening.nat > 0 || c->inetd || c->fdpass)
		return fail(why, FAIL_USAGE,
		    "--check, --scan and --auth-info open no tunnel for -a, "
		    "-i or --fdpass");
	if (k->repeats && k->what != CHECK_TUNNELS)
		return fail(why, FAIL_USAGE, "--repeat is for --check");
	if (k->paced && !k->repeats)
		return fail(why, FAIL_USAGE, "--interval is for --repeat");
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
	while ((option = getopt_long(
		    argc, argv, options_letters, options_table, NULL)) != -1)
		if (option == 'f')
			file = optarg;
		else if (option == 'h' || option == 'V')
			return "none";
	return file;
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
	while (rc == 0 && (option = getopt_long(argc, argv, options_letters,
			       options_table, NULL)) != -1) {
		if (option == '?' || option == ':')
			return refuse_unknown(argc, argv, option, why);
		if (option == 'h' || option == 'V')
			return 1;
		if (option == OPTION_PRINT_CONFIG && c->trail == NULL &&
		    (c->trail = trail_new()) == NULL)
			return fail(why, FAIL_LOCAL, "out of memory");
		if (option == 'd')
			*dest = optarg;
		else if (options_makes_hops(option))
			rc = options_set_hop(c, option, optarg, why);
		else if (options_is_checking(option))
			rc = options_set_checking(
			    &c->checking, option, optarg, why);
		if (!options_is_scoped(option))
			settings_note(s, option, 1);
	}
	return rc;
}

static int
set_help(struct config *c, const char *topic, struct failure *why)
{
	char wrong[128];

	c->what = DO_HELP;
	if (topic == NULL || (c->topic = help_topic(topic)) != NULL)
		return 0;
	snprintf(wrong, sizeof wrong, "not a topic (%s)", help_topics);
	return fail_about(why, FAIL_USAGE, "--help=", span_of(topic), wrong);
}

static int
read_options(struct config *c, struct settings *s, int argc, char *argv[],
    struct failure *why)
{
	size_t scope = OPTIONS_ALL;
	int option;

	optind = 0;
	while ((option = getopt_long(
		    argc, argv, options_letters, options_table, NULL)) != -1) {
		if (option == 'h')
			return set_help(c, optarg, why);
		if (option == 'V') {
			c->what = DO_VERSION;
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
	if (options_set_destinations(
		c, *dest, argv + optind, argc - optind, why) < 0 ||
	    settings_read(s, files, &c->route.target, why) < 0 ||
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
	trail_free(c->trail);
}
