/* settings.c -- what configuration files say.  Floor 5. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkoptions.h"
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
	case OPTION_PRINT_CONFIG:
		return 1;
	default:
		return options_is_checking(option);
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

/* A walk through a file, and those that it includes. */
struct walk {
	struct settings *s;
	const struct config_files *files;
	const struct endpoint *to;
	struct failure *why;
};

/* Where it is in one of them. */
struct place {
	const struct config_file *file;
	struct configfile at;
	unsigned section; /* its number among those of all files */
	int applies;	  /* it is for the destination */
	int within;	  /* so is what includes the file */
	size_t hop;	  /* as of a setting */
	size_t included;  /* where to look for what the line includes */
};

/* Takes a line that may be for another destination; it has to be right. */
static int
take_line(const struct walk *w, struct place *p)
{
	const struct option *o = options_find(p->at.keyword);
	struct span value = span_of(buf_str(&p->at.value));
	const char *fault;
	struct setting one;

	if (o == NULL)
		return fail_unknown(p->at.keyword, w->why);
	fault = line_fault(o, value);
	if (fault != NULL)
		return fail_about(w->why, FAIL_USAGE, "", p->at.keyword, fault);
	if (p->file->shared && options_secret(o->val, value).p != NULL)
		return fail(w->why, FAIL_FILE,
		    "a secret, and others may read the file (chmod 600 it)");
	if (!p->applies)
		return 0;
	memset(&one, 0, sizeof one);
	one.option = o->val;
	one.takes = o->has_arg;
	one.value = secret_copy(value.p, value.n);
	one.section = p->section;
	one.line = p->at.line;
	one.file = p->file->name;
	one.hop = p->hop;
	if (add(w->s, &one, w->why) < 0)
		return -1;
	if (one.option == OPTION_FOR)
		p->hop = w->s->n;
	return 0;
}

static int
fail_at(const char *file, unsigned line, struct failure *why)
{
	return fail(
	    why, why->code, "config %s line %u: %s", file, line, why->text);
}

/* Begins a file, whose first lines are of that section. */
static void
enter(const struct walk *w, struct place *p, size_t file, unsigned section,
    int applies)
{
	memset(p, 0, sizeof *p);
	p->file = &w->files->file[file];
	p->section = section;
	p->applies = p->within = applies;
	p->included = SIZE_MAX;
	configfile_begin(&p->at, BUF_SPAN(&p->file->text), w->to);
}

/* The next file that the line at hand includes, SIZE_MAX: that was the last. */
static size_t
next_included(const struct walk *w, struct place *p)
{
	size_t file, includer = (size_t)(p->file - w->files->file);
	const struct config_file *f;

	for (file = p->included; file < w->files->n; file++) {
		f = &w->files->file[file];
		if (f->includer != includer || f->line != p->at.line)
			continue;
		p->included = file + 1;
		return file;
	}
	p->included = SIZE_MAX;
	return SIZE_MAX;
}

/* The next line.  1; 0: that was the last; -1. */
static int
next_line(const struct walk *w, struct place *p)
{
	unsigned hosts = p->at.section;
	struct span what;
	const char *fault;
	int rc = configfile_next(&p->at, &what, &fault);

	if (rc == NO_MEMORY)
		return fail(w->why, FAIL_LOCAL, "out of memory");
	if (rc == 0)
		return 0;
	/* Host begins a section. */
	if (p->at.section != hosts) {
		p->section = w->s->sections++;
		p->hop = 0;
	}
	p->applies = p->within && p->at.applies;
	if (rc == -1)
		rc = fail_about(w->why, FAIL_USAGE, "", what, fault);
	else if (!configfile_includes(&p->at))
		rc = take_line(w, p);
	else if (buf_len(&p->at.value) > 0)
		p->included = 0;
	else
		rc = fail_about(
		    w->why, FAIL_USAGE, "", p->at.keyword, "needs a value");
	return rc < 0 ? fail_at(p->file->name, p->at.line, w->why) : 1;
}

/* A file, and what its lines include as if it stood there. */
static int
read_file(const struct walk *w, size_t file)
{
	struct place places[CONFIG_DEPTH_MAX], *p;
	size_t n = 1, included;
	int rc = 1;

	enter(w, &places[0], file, w->s->sections++, 1);
	while (rc >= 0 && n > 0) {
		p = &places[n - 1];
		included = next_included(w, p);
		if (included != SIZE_MAX && n < CONFIG_DEPTH_MAX) {
			enter(
			    w, &places[n++], included, p->section, p->applies);
			continue;
		}
		rc = next_line(w, p);
		if (rc == 0)
			configfile_end(&places[--n].at);
	}
	while (n > 0)
		configfile_end(&places[--n].at);
	return rc;
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

/* What a section names. */
enum { NAMES_PROXY = 1, NAMES_FURTHER = 2 };

/* Is it about proxies that are not used? */
static int
is_dropped(
    const struct setting *one, int names, unsigned proxy, unsigned further)
{
	int option = one->option;

	return ((names & NAMES_PROXY) != 0 && one->section != proxy &&
		   is_of_proxies(option)) ||
	       ((names & NAMES_FURTHER) != 0 && one->section != further &&
		   (option == 'r' || option == 'R' || option == 'X'));
}

/* A section may be in pieces, with those of included files in between. */
static int
drop_unused(struct settings *s, struct failure *why)
{
	unsigned proxy = winner(s, 'p'), further = winner(s, 'r');
	unsigned char *names = calloc(s->sections, 1);
	struct setting *one;
	size_t i;

	if (names == NULL)
		return fail(why, FAIL_LOCAL, "out of memory");
	for (i = 0; i < s->n; i++) {
		one = &s->list[i];
		if (one->option == 'p')
			names[one->section] |= NAMES_PROXY;
		if (one->option == 'r')
			names[one->section] |= NAMES_FURTHER;
	}
	for (i = 0; i < s->n; i++) {
		one = &s->list[i];
		one->dropped =
		    is_dropped(one, names[one->section], proxy, further);
	}
	free(names);
	return 0;
}

int
settings_read(struct settings *s, const struct config_files *files,
    const struct endpoint *to, struct failure *why)
{
	const struct walk w = { s, files, to, why };
	size_t i;

	s->sections = COMMAND_LINE + 1;
	for (i = 0; i < files->n; i++)
		if (files->file[i].includer == SIZE_MAX && read_file(&w, i) < 0)
			return -1;
	return s->n > 0 ? drop_unused(s, why) : 0;
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

/* What it says with For.  Of a proxy that there is not nothing is said. */
static int
set_scope(struct config *c, const struct setting *one, size_t *scope,
    struct failure *why)
{
	unsigned long number;

	*scope = OPTIONS_ALL;
	if (one == NULL)
		return 0;
	if (text_number(span_of(one->value), 1, ROUTE_HOPS_MAX, &number) == 0 &&
	    number > c->route.nhops) {
		*scope = NOBODY;
		return 0;
	}
	return options_set_scope(c, one->value, scope, why);
}

/* Its For, which may be dropped when it is not; NULL: none. */
static const struct setting *
of_hop(const struct settings *s, const struct setting *one)
{
	const struct setting *hop =
	    one->hop > 0 ? &s->list[one->hop - 1] : NULL;

	return hop == NULL || hop->dropped ? NULL : hop;
}

int
settings_rest(struct settings *s, struct config *c, struct failure *why)
{
	const char *of_listening = c->of_listening;
	const struct setting *hop;
	struct setting *one;
	size_t scope, i;
	int rc = 0;

	s->elsewhere |= *given(s, OPTION_PASSWORD_COMMAND) != 0;
	for (i = 0; i < s->n; i++) {
		one = &s->list[i];
		if (one->dropped || options_makes_hops(one->option))
			continue;
		hop = one->option == OPTION_FOR ? one : of_hop(s, one);
		rc = set_scope(c, hop, &scope, why);
		if (rc == 0 && one->option != OPTION_FOR &&
		    (scope != NOBODY || !is_of_proxies(one->option))) {
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
