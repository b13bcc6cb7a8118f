/* environment.c -- what the environment says, below any option.  Floor 5. */
#include "environment.h"

#include <string.h>

#include "noproxy.h"
#include "secret.h"

/* The variable of that name, or of its name in capitals, if it is not empty */
static char *
variable(char *(*env)(const char *), const char *name, const char *capitals)
{
	char *value = env(name);

	if (value == NULL || *value == '\0')
		value = env(capitals);
	return value == NULL || *value == '\0' ? NULL : value;
}

static const struct {
	const char *name, *capitals;
} proxy_variables[] = {
	{ "https_proxy", "HTTPS_PROXY" },
	{ "http_proxy", "HTTP_PROXY" },
	{ "all_proxy", "ALL_PROXY" },
};

#define PROXY_VARIABLES (sizeof proxy_variables / sizeof *proxy_variables)

/* Without -p the proxy is that of the environment, unless no_proxy says no. */
static int
take_proxy_variables(
    struct config *c, char *(*env)(const char *), struct failure *why)
{
	char *no_proxy = variable(env, "no_proxy", "NO_PROXY"), *value, *copy;
	size_t i;
	int rc;

	for (i = 0; i < PROXY_VARIABLES; i++) {
		value = variable(
		    env, proxy_variables[i].name, proxy_variables[i].capitals);
		if (value == NULL)
			continue;
		if (no_proxy != NULL &&
		    noproxy_matches(no_proxy, c->route.target.host)) {
			c->direct = "no_proxy has the destination";
			c->route.nhops = 0;
			return 0;
		}
		copy = secret_copy(value, strlen(value));
		if (copy == NULL)
			return fail(why, FAIL_LOCAL, "out of memory");
		rc = options_set_proxy(c, copy, proxy_variables[i].name, why);
		secret_free(copy);
		/* Any option comes before what the environment says. */
		c->environment = c->route.hops->login.credentials;
		c->route.hops->login.credentials =
		    (struct credentials){ NULL, NULL };
		return rc;
	}
	return fail(why, FAIL_USAGE,
	    "no proxy: name one with -p PROXY:PORT, or in https_proxy");
}

static int
take_credential_variables(
    struct config *c, char *(*env)(const char *), struct failure *why)
{
	struct credentials variables = { env("PROXYUSER"), env("PROXYPASS") };

	if (options_check_secret(variables.user, "PROXYUSER", why) < 0 ||
	    options_check_secret(variables.password, "PROXYPASS", why) < 0)
		return -1;
	return secret_from(&c->environment, &variables, why);
}

/* As ssh reads them. */
static int
take_askpass_variables(
    struct config *c, char *(*env)(const char *), struct failure *why)
{
	struct ask_sources *s = &c->route.hops->sources;
	const char *program = env("SSH_ASKPASS"),
		   *require = variable(env, "SSH_ASKPASS_REQUIRE", ""),
		   *home = env("HOME");
	int display = variable(env, "DISPLAY", "WAYLAND_DISPLAY") != NULL;
	struct span when = span_of(require == NULL ? "" : require);

	if (span_is(when, "force") || (display && span_is(when, "prefer")))
		s->when = ASKPASS_FIRST;
	else if (display && !span_is(when, "never"))
		s->when = ASKPASS_WITHOUT_TERMINAL;
	else
		s->when = ASKPASS_NEVER;
	if (program != NULL && *program != '\0' && s->when != ASKPASS_NEVER &&
	    options_keep(&s->askpass, program, why) < 0)
		return -1;
	return c->use_netrc && home != NULL ? options_keep(&c->home, home, why)
					    : 0;
}

int
environment_read(struct config *c, int want_proxy, char *(*env)(const char *),
    struct failure *why)
{
	if (want_proxy && take_proxy_variables(c, env, why) < 0)
		return -1;
	return take_credential_variables(c, env, why) < 0
		   ? -1
		   : take_askpass_variables(c, env, why);
}

void
environment_wipe(char *(*env)(const char *))
{
	static const char *const secrets[] = { "PROXYPASS", "REMPROXYPASS" };
	struct span password;
	char *value;
	size_t i;

	for (i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if ((value = env(secrets[i])) != NULL)
			explicit_bzero(value, strlen(value));
	for (i = 0; i < 2 * PROXY_VARIABLES; i++) {
		value = env(i % 2 == 0 ? proxy_variables[i / 2].name
				       : proxy_variables[i / 2].capitals);
		if (value == NULL)
			continue;
		password = proxy_uri_password(value);
		memset(value + (password.p - value), '.', password.n);
	}
}
