/* settings.c -- what configuration files say.  Floor 5. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "configfile.h"
#include "hopoptions.h"
#include "http.h"

#define COMMAND_LINE 1	      /* in the place of a section's number */
#define NOBODY (SIZE_MAX - 1) /* a scope: a proxy that there is not */

int
settings_is_of_program(int option)
{
	switch (option) {
	case 'd':
	case 'f':
	case 'h':
	case 'V':
	case 'i':
	case 'a':
	case 'x':
	case OPTION_DIRECT: /* see Proxy */
	case OPTION_FDPASS:
	case OPTION_DAEMON:
	case OPTION_PIDFILE:
	case OPTION_CHECK:
	case OPTION_JSON:
	case OPTION_REPEAT:
	case OPTION_INTERVAL:
	case OPTION_SCAN:
	case OPTION_AUTH_INFO:
	case OPTION_PRINT_CONFIG:
		return 1;
	default:
		return 0;
	}
}

/* About the proxies of its own section. */
static int
is_of_proxies(int option)
{
	return options_makes_hops(option) || options_is_scoped(option) ||
	       option == 'F' || option == 'H' || option == 'o' ||
	       option == OPTION_NETRC || option == OPTION_FOR;
}

int
settings_key(int option)
{
	switch (option) {
	case OPTION_DIRECT:
		return 'p';
	case 'N':
		return OPTION_AUTH;
	case 'I':
		return OPTION_SNI;
	case '6':
		return '4';
	case 'q':
		return 'v';
	default:
		return option;
	}
}

static uint32_t *
given(struct settings *s, int option)
{
	return &s->given[settings_key(option)];
}

void
settings_note(struct settings *s, int option, uint32_t reach)
{
	*given(s, option) |= reach;
}

/* What is wrong with the line of an option as such; NULL: nothing. */
static const char *
line_fault(const struct option *o, struct span value)
{
	int is_word = span_is(value, "yes") || span_is(value, "no");

	if (settings_is_of_program(o->val))
		return o->val == OPTION_DIRECT
			   ? "written Proxy direct here"
			   : "an option for the command line alone";
	if (o->has_arg == no_argument && !is_word)
		return "yes or no is missing";
	return value.n == 0 ? "needs a value" : NULL;
}

static int
fail_unknown(struct span keyword, struct failure *why)
{
	const char *near = options_near(keyword);
	char hint[64];

	snprintf(hint, sizeof hint, "not an option%s%s%s",
	    near != NULL ? " (is it " : "", near != NULL ? near : "",
	    near != NULL ? "?)" : "");
	return fail_about(why, FAIL_USAGE, "", keyword, hint);
}

static int
add(struct settings *s, const struct setting *one, struct failure *why)
{
	struct setting *list = realloc(s->list, (s->n + 1) * sizeof *list);

	if (list == NULL || one->value == NULL) {
		secret_free(one->value);
		s->list = list != NULL ? list : s->list;
		return fail(why, FAIL_LOCAL, "out of memory");
	}
	s->list = list;
	list[s->n++] = *one;
	return 0;
}

/* Takes a line that may be for another destination; it has to be right. */
static int
take_line(struct settings *s, const struct config_file *f,
    struct configfile *at, struct failure *why)
{
	const struct option *o = options_find(at->keyword);
	struct span value = span_of(buf_str(&at->value));
	const char *fault;
	struct setting one;

	if (o == NULL)
		return fail_unknown(at->keyword, why);
	fault = line_fault(o, value);
	if (fault != NULL)
		return fail_about(why, FAIL_USAGE, "", at->keyword, fault);
	if (f->shared && options_secret(o->val, value).p != NULL)
		return fail(why, FAIL_FILE,
		    "a secret, and others may read the file (chmod 600 it)");
	if (!at->applies)
		return 0;
	memset(&one, 0, sizeof one);
	one.option = o->val;
	one.takes = o->has_arg;
	one.value = secret_copy(value.p, value.n);
	one.section = s->sections + at->section;
	one.line = at->line;
	one.file = f->name;
	return add(s, &one, why);
}

static int
fail_at(const char *file, unsigned line, struct failure *why)
{
	return fail(
	    why, why->code, "config %s line %u: %s", file, line, why->text);
}

static int
read_file(struct settings *s, const struct config_file *f,
    const struct endpoint *to, struct failure *why)
{
	struct configfile at;
	struct span what;
	const char *fault;
	int rc, taken = 0;

	configfile_begin(&at, BUF_SPAN(&f->text), to);
	while (taken == 0 && (rc = configfile_next(&at, &what, &fault)) == 1)
		taken = take_line(s, f, &at, why);
	if (taken == 0 && rc == -1)
		taken = fail_about(why, FAIL_USAGE, "", what, fault);
	else if (taken == 0 && rc == NO_MEMORY)
		taken = fail(why, FAIL_LOCAL, "out of memory");
	if (taken < 0)
		fail_at(f->name, at.line, why);
	s->sections += at.section + 1;
	configfile_end(&at);
	return taken;
}

/* The first that names the proxy or, in the other case, the further ones. */
static unsigned
winner(struct settings *s, int option)
{
	size_t i;

	if (*given(s, option) != 0)
		return COMMAND_LINE;
	for (i = 0; i < s->n; i++)
		if (s->list[i].option == option)
			return s->list[i].section;
	return COMMAND_LINE;
}

/* Drops from a section what is about proxies that are not used. */
static void
drop(struct setting *list, size_t n, unsigned proxy, unsigned further)
{
	int names_proxy = 0, names_further = 0, option;
	size_t i;

	for (i = 0; i < n; i++) {
		names_proxy |= list[i].option == 'p';
		names_further |= list[i].option == 'r';
	}
	for (i = 0; i < n; i++) {
		option = list[i].option;
		list[i].dropped =
		    (names_proxy && list[i].section != proxy &&
			is_of_proxies(option)) ||
		    (names_further && list[i].section != further &&
			(option == 'r' || option == 'R' || option == 'X'));
	}
}

static void
drop_unused(struct settings *s)
{
	unsigned proxy = winner(s, 'p'), further = winner(s, 'r');
	size_t i, n;

	for (i = 0; i < s->n; i += n) {
		for (n = 1; i + n < s->n &&
			    s->list[i + n].section == s->list[i].section;)
			n++;
		drop(s->list + i, n, proxy, further);
	}
}

int
settings_read(struct settings *s, const struct config_files *files,
    const struct endpoint *to, struct failure *why)
{
	size_t i;

	s->sections = COMMAND_LINE + 1;
	for (i = 0; i < files->n; i++)
		if (read_file(s, &files->file[i], to, why) < 0)
			return -1;
	drop_unused(s);
	return 0;
}

int
settings_are_same(const struct settings *a, const struct settings *b)
{
	size_t i;

	if (a->n != b->n)
		return 0;
	for (i = 0; i < a->n; i++)
		if (a->list[i].file != b->list[i].file ||
		    a->list[i].line != b->list[i].line)
			return 0;
	return 1;
}

/* Of a login whose password the command line has elsewhere the user is left. */
static void
cut_password(const struct settings *s, const struct setting *one)
{
	char *colon = strchr(one->value, ':');

	if (colon != NULL && s->elsewhere)
		*colon = '\0';
}

static int
is_off(const struct setting *one)
{
	return one->takes != required_argument &&
	       span_is(span_of(one->value), "no");
}

/* The further proxies, and what is about them, are those of one section. */
static int
is_first(struct settings *s, const struct setting *one)
{
	uint32_t *by = given(s, one->option), first = *by;

	if (first == 0)
		*by = one->section;
	return first == 0 || (first == one->section &&
				 (one->option == 'r' || one->option == 'R' ||
				     one->option == 'X'));
}

/* A file has it so; but not where the command line has a further proxy. */
static void
set_direct(struct settings *s, struct config *c)
{
	if (*given(s, 'r') != COMMAND_LINE) {
		c->direct = "a configuration file has it so";
		return;
	}
	c->direct = NULL;
	*given(s, 'p') = 0;
}

int
settings_hops(struct settings *s, struct config *c, struct failure *why)
{
	struct setting *one;
	size_t i;

	s->elsewhere = *given(s, 'F') != 0 || *given(s, OPTION_NETRC) != 0;
	for (i = 0; i < s->n; i++) {
		one = &s->list[i];
		if (one->dropped || !options_makes_hops(one->option) ||
		    !is_first(s, one) || is_off(one))
			continue;
		if (one->option == 'R')
			cut_password(s, one);
		if (one->option == 'r' && span_is(span_of(one->value), "none"))
			continue;
		trail_at(c->trail, one->file, one->line);
		options_note(c, OPTIONS_ALL, one->option, one->value);
		if (options_set_hop(c, one->option, one->value, why) < 0)
			return fail_at(one->file, one->line, why);
		if (one->option == 'p' && c->direct != NULL)
			set_direct(s, c);
	}
	trail_at(c->trail, NULL, 0);
	return 0;
}

/* Applies one to those connections that nothing has been said of yet. */
static int
apply(struct settings *s, struct config *c, size_t scope,
    const struct setting *one, struct failure *why)
{
	uint32_t *done = given(s, one->option);
	uint32_t reach = options_reach(c, one->option, scope) & ~*done;
	char *value = one->takes == no_argument ||
			      (one->takes == optional_argument &&
				  span_is(span_of(one->value), "yes"))
			  ? NULL
			  : one->value;
	size_t at;

	if (one->option == 'H')
		return options_set(c, scope, 'H', value, why);
	if (one->option == 'P')
		cut_password(s, one);
	*done |= reach;
	for (at = 0; at <= c->route.nhops && !is_off(one); at++)
		if ((reach & (1u << at)) != 0 &&
		    options_set(c, options_is_scoped(one->option) ? at : scope,
			one->option, value, why) < 0)
			return -1;
	return 0;
}

/* Of a proxy that there is not nothing is said. */
static int
set_scope(struct config *c, const struct setting *one, size_t *scope,
    struct failure *why)
{
	unsigned long number;

	if (text_number(span_of(one->value), 1, ROUTE_HOPS_MAX, &number) == 0 &&
	    number > c->route.nhops) {
		*scope = NOBODY;
		return 0;
	}
	return options_set_scope(c, one->value, scope, why);
}

int
settings_rest(struct settings *s, struct config *c, struct failure *why)
{
	const char *of_listening = c->of_listening;
	size_t scope = OPTIONS_ALL, i;
	struct setting *one;
	unsigned section = 0;
	int rc = 0;

	s->elsewhere |= *given(s, OPTION_PASSWORD_COMMAND) != 0;
	for (i = 0; i < s->n; i++) {
		one = &s->list[i];
		if (one->section != section)
			scope = OPTIONS_ALL;
		section = one->section;
		if (one->dropped || options_makes_hops(one->option))
			continue;
		if (one->option == OPTION_FOR)
			rc = set_scope(c, one, &scope, why);
		else if (scope != NOBODY || !is_of_proxies(one->option)) {
			trail_at(c->trail, one->file, one->line);
			rc = apply(s, c, scope, one, why);
		}
		if (rc < 0)
			return fail_at(one->file, one->line, why);
	}
	trail_at(c->trail, NULL, 0);
	/* Here such a thing is for when it listens. */
	c->of_listening = of_listening;
	return 0;
}

int
settings_proxy(const struct settings *s)
{
	return s->given['p'] == 0 ? 0 : s->given['p'] == COMMAND_LINE ? 1 : 2;
}

void
settings_free(struct settings *s)
{
	while (s->n > 0)
		secret_free(s->list[--s->n].value);
	free(s->list);
}
