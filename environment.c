/* environment.c -- what the environment says, below any option.  Floor 5. */
#include "environment.h"

#include <string.h>

#include "hopoptions.h"
#include "noproxy.h"
#include "optiontable.h"
#include "optionvalue.h"
#include "secret.h"

/* NULL where it is empty, too. */
static char *
variable(char *(*env)(const char *), const char *name)
{
	char *value = env(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* The first of n that is there, and its name. */
static char *
first_variable(char *(*env)(const char *), const char *const *names, size_t n,
    const char **name)
{
	char *value = NULL;
	size_t i;

	for (i = 0; i < n && value == NULL; i++) {
		*name = names[i];
		value = variable(env, *name);
	}
	return value;
}

/*
 * Variables with secrets: URIs of the proxy, the first of which counts, and
 * behind them passwords.
 */
static const char *const secrets[] = { "https_proxy", "HTTPS_PROXY",
	"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "PROXYPASS",
	"REMPROXYPASS" };

#define SECRETS (sizeof secrets / sizeof *secrets)
#define PROXY_VARIABLES (SECRETS - 2)

static int
take_proxy(
    struct config *c, const char *value, const char *name, struct failure *why)
{
	struct hop *hop = c->route.hops;
	char *copy = secret_copy(value, strlen(value));
	int rc;

	if (copy == NULL)
		return fail(why, FAIL_LOCAL, "out of memory");
	trail_at(c->trail, name, 0);
	options_note(c, OPTIONS_ALL, 'p', copy);
	trail_at(c->trail, NULL, 0);
	rc = options_set_proxy(hop, copy, name, why);
	secret_free(copy);
	/* Any option comes before what the environment says. */
	hop->environment = hop->uri;
	hop->uri = (struct credentials){ NULL, NULL };
	return rc;
}

/* Is it for the destination, or for all of those that are checked? */
static int
excepts_destination(
    struct config *c, char *(*env)(const char *), const char **name)
{
	static const char *const names[] = { "no_proxy", "NO_PROXY" };
	char *no_proxy = first_variable(env, names, 2, name);
	size_t i, direct = 0;

	if (no_proxy == NULL)
		return 0;
	if (c->checking.n == 0)
		return noproxy_matches(no_proxy, c->route.target.host);
	for (i = 0; i < c->checking.n; i++) {
		c->checking.to[i].direct =
		    noproxy_matches(no_proxy, c->checking.to[i].at.host);
		direct += c->checking.to[i].direct != 0;
	}
	return direct == c->checking.n;
}

/*
 * Without -p the proxy is that of the environment.  no_proxy makes it a direct
 * connection, also with -p, as for curl; but where -d names the destination
 * the proxy of -p is always used, as the old tool did.
 */
static int
choose_proxy(struct config *c, int want_proxy, int destination_by_d,
    char *(*env)(const char *), struct failure *why)
{
	const char *name = NULL, *value = NULL, *no_proxy = NULL;

	if (want_proxy && c->direct == NULL) {
		value = first_variable(env, secrets, PROXY_VARIABLES, &name);
		if (value == NULL)
			return fail(why, FAIL_USAGE,
			    "no proxy: name one with -p PROXY:PORT, or in "
			    "https_proxy (--direct does without)");
	}
	if (c->direct == NULL && (want_proxy || !destination_by_d) &&
	    excepts_destination(c, env, &no_proxy)) {
		c->direct = "no_proxy has the destination";
		trail_at(c->trail, no_proxy, 0);
		options_note(c, OPTIONS_ALL, OPTION_DIRECT, NULL);
		trail_at(c->trail, NULL, 0);
	}
	if (c->direct != NULL) {
		route_direct(&c->route);
		return 0;
	}
	return value != NULL ? take_proxy(c, value, name, why) : 0;
}

/* PROXYUSER and PROXYPASS are for the first hop, REMPROXY... for the second */
static int
take_credential_variables(
    struct config *c, char *(*env)(const char *), struct failure *why)
{
	static const struct {
		const char *user, *password;
	} names[] = { { "PROXYUSER", "PROXYPASS" },
		{ "REMPROXYUSER", "REMPROXYPASS" } };
	struct credentials variables;
	size_t at;

	for (at = 0; at < 2 && at < c->route.nhops; at++) {
		variables.user = env(names[at].user);
		variables.password = env(names[at].password);
		if (options_check_secret(variables.user, names[at].user, why) <
			0 ||
		    options_check_secret(
			variables.password, names[at].password, why) < 0 ||
		    secret_from(
			&c->route.hops[at].environment, &variables, why) < 0)
			return -1;
	}
	return 0;
}

/* As ssh reads them. */
static enum askpass
when_to_askpass(char *(*env)(const char *))
{
	const char *require = variable(env, "SSH_ASKPASS_REQUIRE");
	int display = variable(env, "DISPLAY") != NULL ||
		      variable(env, "WAYLAND_DISPLAY") != NULL;
	struct span when = span_of(require == NULL ? "" : require);

	if (span_is(when, "force") || (display && span_is(when, "prefer")))
		return ASKPASS_FIRST;
	if (display && !span_is(when, "never"))
		return ASKPASS_WITHOUT_TERMINAL;
	return ASKPASS_NEVER;
}

static int
set_askpass(struct ask_sources *s, const char *program, enum askpass when,
    struct failure *why)
{
	s->when = when;
	return options_keep(&s->askpass, program, why);
}

static int
take_askpass_variables(
    struct config *c, char *(*env)(const char *), struct failure *why)
{
	const char *program = variable(env, "SSH_ASKPASS");
	enum askpass when;
	size_t at;

	if (program == NULL || (when = when_to_askpass(env)) == ASKPASS_NEVER)
		return 0;
	for (at = 0; at < c->route.nhops; at++)
		if (set_askpass(
			&c->route.hops[at].sources, program, when, why) < 0)
			return -1;
	return set_askpass(&c->route.key_sources, program, when, why);
}

/* As browsers and curl have it: where to log the secrets of TLS. */
static int
take_keylog_variable(
    struct config *c, char *(*env)(const char *), struct failure *why)
{
	const char *path = variable(env, "SSLKEYLOGFILE");
	size_t at;

	for (at = 0; path != NULL && at <= c->route.nhops; at++)
		if (options_keep(&route_secure(&c->route, at)->options.keylog,
			path, why) < 0)
			return -1;
	return 0;
}

int
environment_read(struct config *c, int want_proxy, int destination_by_d,
    char *(*env)(const char *), struct failure *why)
{
	const char *home;

	if (choose_proxy(c, want_proxy, destination_by_d, env, why) < 0)
		return -1;
	if (take_credential_variables(c, env, why) < 0 ||
	    take_askpass_variables(c, env, why) < 0 ||
	    take_keylog_variable(c, env, why) < 0)
		return -1;
	home = c->route.files.use_netrc ? env("HOME") : NULL;
	return home != NULL ? options_keep(&c->route.files.home, home, why) : 0;
}

/* What stands behind the sign in "NAME=value"; NULL: it has another name. */
static char *
value_of(char *variable, const char *name)
{
	for (; *name != '\0' && *variable == *name; name++)
		variable++;
	return *name == '\0' && *variable == '=' ? variable + 1 : NULL;
}

void
environment_wipe(char **variables)
{
	struct span password;
	char *value;
	size_t i;

	/* One look at each: getenv(3) would look at all for each secret. */
	for (; *variables != NULL; variables++)
		for (i = 0; i < SECRETS; i++) {
			value = value_of(*variables, secrets[i]);
			if (value != NULL && i < PROXY_VARIABLES) {
				password = proxy_uri_password(value);
				memset(value + (password.p - value), '.',
				    password.n);
			} else if (value != NULL)
				explicit_bzero(value, strlen(value));
		}
}
