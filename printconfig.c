/* printconfig.c -- the text of --print-config.  Floor 5. */
#include "printconfig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hopoptions.h"
#include "optiontable.h"
#include "settings.h"

#define COLUMN 40 /* of the comments */
#define DEFAULT "default"
#define ALL_SCHEMES "negotiate,digest,ntlm,basic"
#define OLDEST_TLS "1.2"

/*
 * A line is begun at that length of the text, and has that comment; NULL: there
 * was no memory for it.
 */
static int
end_line(struct buf *out, size_t begin, const char *comment)
{
	size_t length = buf_len(out) - begin;

	return comment == NULL
		   ? -1
		   : buf_putf(out, "%*s# %s\n",
			 (int)(length < COLUMN ? COLUMN - length : 1), "",
			 comment);
}

static int
is_control(uint8_t c)
{
	return (c < ' ' && c != '\t') || c == 127;
}

/* A value in such a form that a file may have it. */
static int
put_value(struct buf *out, const char *value)
{
	struct span whole = span_of(value);
	size_t i = buf_len(out);
	int rc;

	if (strpbrk(value, "\"'#") != NULL || span_trim(whole).n < whole.n)
		rc = text_quote(out, whole);
	else
		rc = buf_puts(out, value);
	for (; rc == 0 && i < buf_len(out); i++)
		if (is_control(buf_ptr(out)[i]))
			buf_ptr(out)[i] = '?';
	return rc;
}

/* The long name of an option. */
static const char *
name_of(int option)
{
	const struct option *o = options_table;

	while (o->val != option)
		o++;
	return o->name;
}

static char
capital(char c)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (c >= 'a' && c <= 'z')
		c = capitals[c - 'a'];
	return c;
}

/* The same as files have it: a capital in the place of each dash. */
static int
put_keyword(struct buf *out, int option)
{
	/* Host begins a section there. */
	const char *name = option == 'o' ? "host-header" : name_of(option);
	int begins = 1, rc = 0;

	for (; rc == 0 && *name != '\0'; name++) {
		if (begins)
			rc = buf_putc(out, capital(*name));
		else if (*name != '-')
			rc = buf_putc(out, *name);
		begins = *name == '-';
	}
	return rc;
}

static int
put(struct buf *out, int option, const char *value, const char *comment)
{
	size_t begin = buf_len(out);

	return put_keyword(out, option) < 0 || buf_putc(out, ' ') < 0 ||
		       put_value(out, value == NULL ? "yes" : value) < 0
		   ? -1
		   : end_line(out, begin, comment);
}

/*
 * Who has said it, as long as the buffer stays as it is; NULL without memory.
 */
static const char *
origin(struct buf *text, const struct said *s)
{
	int rc;

	buf_cut(text, 0);
	if (s->where != NULL && s->line > 0)
		rc = buf_putf(text, "%s:%u", s->where, s->line);
	else if (s->where != NULL)
		rc = BUF_JOIN(text, "variable ", s->where);
	else if (s->option < 256)
		rc = buf_putf(text, "option -%c", s->option);
	else
		rc = BUF_JOIN(text, "option --", name_of(s->option));
	return rc < 0 ? NULL : buf_str(text);
}

/* --- The way */

static int
put_hop(struct buf *out, const struct route *r, size_t at)
{
	const struct hop *h = &r->hops[at];

	if (at == 0 && r->automatic)
		return buf_puts(
		    out, "# hop 1: libproxy is asked, and names it\n");
	return buf_putf(out, "# hop %zu: %s", at + 1,
		   proxy_scheme_prefix(h->scheme)) < 0 ||
		       endpoint_authority(&h->at, out) < 0
		   ? -1
		   : buf_puts(out, h->secure.on && h->scheme != PROXY_HTTPS
				       ? ", in TLS\n"
				       : "\n");
}

static int
put_target(struct buf *out, const struct route *r, const struct endpoint *to,
    int direct)
{
	return buf_puts(out, "# destination: ") < 0 ||
		       endpoint_authority(to, out) < 0
		   ? -1
		   : BUF_JOIN(out, r->secure.on ? ", in TLS" : "",
			 direct ? ", without a proxy\n" : "\n");
}

/* What a service manager has passed. */
static int
put_passed(struct buf *out, const struct config *c)
{
	if (c->connection != STDIN_FILENO)
		return buf_puts(out, "# client: a connection of systemd's\n");
	return c->listening.sockets == 0
		   ? 0
		   : buf_putf(out, "# listens: %zu of systemd's sockets\n",
			 c->listening.sockets);
}

static int
put_way(struct buf *out, const struct config *c)
{
	const struct checking *k = &c->checking;
	const struct route *r = &c->route;
	size_t at;

	if (put_passed(out, c) < 0)
		return -1;
	for (at = 0; at < r->nhops; at++)
		if (put_hop(out, r, at) < 0)
			return -1;
	if (k->n == 0)
		return put_target(out, r, &r->target, 0);
	for (at = 0; at < k->n; at++)
		if (put_target(out, r, &k->to[at].at, k->to[at].direct) < 0)
			return -1;
	return 0;
}

/* --- The proxies */

static int
put_said(struct buf *out, const struct said *s)
{
	struct buf text;
	int rc;

	if (s == NULL)
		return 0;
	buf_init(&text, SIZE_MAX);
	rc = put(out, s->option, s->value, origin(&text, s));
	buf_free(&text);
	return rc;
}

/* Why there is no proxy. */
static int
put_direct(struct buf *out, const struct config *c)
{
	const struct said *s = trail_last(c->trail, OPTION_DIRECT);
	const char *who;
	struct buf text;
	int rc = 0;

	if (s == NULL)
		s = trail_last(c->trail, 'p');
	buf_init(&text, SIZE_MAX);
	who = origin(&text, s);
	if (who != NULL && s->where != NULL && s->line == 0) {
		rc = buf_puts(&text, " has the destination");
		who = buf_str(&text);
	}
	if (rc == 0)
		rc = put(out, 'p', "direct", who);
	buf_free(&text);
	return rc;
}

static int
put_proxies(struct buf *out, const struct config *c)
{
	const struct trail *t = c->trail;
	size_t i, at = 1;

	if (c->route.nhops == 0)
		return put_direct(out, c);
	if (put_said(out, trail_last(t, 'p')) < 0 ||
	    put_said(out, trail_last(t, 'E')) < 0 ||
	    put_said(out, trail_last(t, 'B')) < 0 ||
	    put_said(out, trail_last(t, 'W')) < 0)
		return -1;
	for (i = 0; i < t->n; i++) {
		if (t->list[i].option != 'r' || at >= c->route.nhops)
			continue;
		if (put_said(out, &t->list[i]) < 0)
			return -1;
		if (c->route.hops[at].secure.on &&
		    c->route.hops[at].scheme != PROXY_HTTPS &&
		    put_said(out, trail_last(t, 'X')) < 0)
			return -1;
		at++;
	}
	return 0;
}

/* --- What is said of each connection */

/* Has another place in the text, or none: it is of no effect. */
static int
is_elsewhere(int option)
{
	return options_makes_hops(option) || settings_is_of_program(option) ||
	       option == OPTION_FOR || option == 'P' || option == 'L' ||
	       option == 'T';
}

/* For which connections does nothing that is said later count more? */
static uint32_t
reach(const struct config *c, size_t i)
{
	const struct trail *t = c->trail;
	uint32_t left = t->list[i].reach;
	size_t later;

	for (later = i + 1; later < t->n && t->list[i].option != 'H'; later++)
		if (settings_key(t->list[later].option) ==
		    settings_key(t->list[i].option))
			left &= ~t->list[later].reach;
	/* Proxies that were dropped since came first. */
	return options_is_scoped(t->list[i].option)
		   ? left >> (t->hops - c->route.nhops)
		   : left;
}

/* Those that an option is of use for. */
static uint32_t
useful(const struct config *c, int option)
{
	uint32_t proxies = (1u << c->route.nhops) - 1, secure = 0;
	size_t at;

	for (at = 0; at <= c->route.nhops; at++)
		if (route_secure(&c->route, at)->on)
			secure |= 1u << at;
	if (option == 'H' || option == 'F' || option == OPTION_NETRC)
		return proxies;
	if (option == OPTION_MAX_TUNNELS || option == OPTION_DRAIN)
		return c->listening.nat > 0 || c->listening.sockets > 0;
	if (!options_is_scoped(option))
		return 1;
	return options_is_of_tls(option) ? secure : proxies;
}

/* Is that what it is for where no hop is named? */
static int
is_general(const struct config *c, const struct said *s, uint32_t left)
{
	if (s->option == 'H')
		return left == (1u << c->route.nhops) - 1;
	return left == options_reach(c, s->option, OPTIONS_ALL);
}

/* The last -P or -R for a hop; there is one. */
static const struct said *
said_login(const struct config *c, size_t at)
{
	const struct said *s;
	size_t i;

	for (i = c->trail->n; i > 0; i--) {
		s = &c->trail->list[i - 1];
		if ((s->option == 'P' && (reach(c, i - 1) >> at & 1) != 0) ||
		    (s->option == 'R' && at > 0))
			return s;
	}
	return NULL;
}

/* Who has said that user or password. */
static const char *
source(struct buf *text, const struct config *c, size_t at,
    enum secret_source from, int is_password)
{
	static const char variables[][2][16] = {
		{ "PROXYUSER", "PROXYPASS" },
		{ "REMPROXYUSER", "REMPROXYPASS" },
	};
	const struct secret_files *files = &c->route.files;
	const struct said *s = trail_last(c->trail, 'p');
	int rc;

	buf_cut(text, 0);
	switch (from) {
	case SECRET_OPTION:
		return origin(text, said_login(c, at));
	case SECRET_PASSFILE:
		rc = BUF_JOIN(text, "file ", files->passfile);
		break;
	case SECRET_NETRC:
		rc = BUF_JOIN(text, "file ",
		    files->netrc != NULL ? files->netrc : "~/.netrc");
		break;
	case SECRET_VARIABLE:
		/* The address may be one's, and have it. */
		if (at == 0 && s != NULL && s->where != NULL && s->line == 0 &&
		    strstr(s->value, is_password ? ":***@" : "@") != NULL)
			return origin(text, s);
		rc =
		    BUF_JOIN(text, "variable ", variables[at > 0][is_password]);
		break;
	default:
		rc = buf_puts(text, "its address");
	}
	return rc < 0 ? NULL : buf_str(text);
}

static int
put_login(struct buf *out, const struct config *c, size_t at)
{
	const struct hop *h;
	const struct credentials *known;
	struct buf value, user, password;
	const char *of_user, *of_password;
	int rc = 0;

	if (at >= c->route.nhops)
		return 0;
	h = &c->route.hops[at];
	known = &h->login.credentials;
	/* The line of the proxy has what is in its address. */
	if (h->user_from <= SECRET_URI && h->password_from <= SECRET_URI)
		return 0;
	buf_init(&value, SIZE_MAX);
	buf_init(&user, SIZE_MAX);
	buf_init(&password, SIZE_MAX);
	of_password = source(&password, c, at, h->password_from, 1);
	of_user = source(&user, c, at,
	    known->user != NULL ? h->user_from : h->password_from, 0);
	if (of_user == NULL || of_password == NULL)
		rc = -1;
	else if (known->password != NULL && strcmp(of_user, of_password) != 0)
		rc = BUF_JOIN(&user, "; password: ", of_password);
	if (rc == 0)
		rc = BUF_JOIN(&value, known->user != NULL ? known->user : "",
		    known->password != NULL ? ":***" : "");
	if (rc == 0)
		rc = put(out, 'P', buf_str(&value), buf_str(&user));
	buf_free(&value);
	buf_free(&user);
	buf_free(&password);
	return rc;
}

/* --- What nobody has said */

/* For which connections has anything been said? */
static uint32_t
said(const struct config *c, int option)
{
	uint32_t all = 0;
	size_t i;

	for (i = 0; i < c->trail->n; i++)
		if (settings_key(c->trail->list[i].option) == option)
			all |= reach(c, i);
	return all;
}

/* For all connections that it is of use for, or for one where others differ. */
static int
put_default(
    struct buf *out, const struct config *c, int option, const char *value)
{
	return (useful(c, option) & said(c, option)) != 0 ||
		       useful(c, option) == 0
		   ? 0
		   : put(out, option, value, DEFAULT);
}

static int
put_default_of(struct buf *out, const struct config *c, size_t at, int option,
    const char *value)
{
	uint32_t use = useful(c, option), by = said(c, option);

	return (use & by) == 0 || ((use & ~by) & 1u << at) == 0
		   ? 0
		   : put(out, option, value, DEFAULT);
}

static int
put_time(struct buf *out, const struct config *c, int option, int ms)
{
	char value[32];

	snprintf(value, sizeof value, "%g", ms / 1000.0);
	return put_default(out, c, option, value);
}

static int
put_defaults(struct buf *out, const struct config *c)
{
	const struct route *r = &c->route;
	const struct relay_rules *rules = &r->rules;

	if (put_default(out, c, OPTION_AUTH, ALL_SCHEMES) < 0 ||
	    put_default(out, c, OPTION_TLS_MIN, OLDEST_TLS) < 0 ||
	    put_time(out, c, OPTION_TIMEOUT, r->open_ms) < 0 ||
	    put_time(out, c, OPTION_CONNECT_TIMEOUT,
		r->connect_ms > 0 ? r->connect_ms : r->open_ms) < 0 ||
	    put_default(out, c, OPTION_RETRY, "0") < 0 ||
	    put_time(out, c, OPTION_IDLE_TIMEOUT, rules->idle_ms) < 0 ||
	    put_time(out, c, OPTION_HALF_CLOSE, rules->half_close_ms) < 0 ||
	    put_time(out, c, OPTION_LINGER, rules->linger_ms) < 0 ||
	    put_time(out, c, OPTION_KEEPALIVE, r->keepalive_ms) < 0)
		return -1;
	return put_time(out, c, OPTION_DRAIN, c->listening.drain_ms);
}

/* --- What is said */

static int
put_general(struct buf *out, const struct config *c)
{
	const struct said *s;
	uint32_t left;
	size_t i;

	for (i = 0; i < c->trail->n; i++) {
		s = &c->trail->list[i];
		left = reach(c, i);
		if (is_elsewhere(s->option) || !is_general(c, s, left) ||
		    (left & useful(c, s->option)) == 0)
			continue;
		if (s->option == 'v' && c->level == SAY_STEP
			? put(out, 'v', NULL, "option -vv") < 0
			: put_said(out, s) < 0)
			return -1;
	}
	return put_login(out, c, 0);
}

/* What is said of one connection alone. */
static int
put_special(struct buf *out, const struct config *c, size_t at)
{
	struct buf text;
	const struct said *s;
	uint32_t left;
	size_t i;
	int rc = 0;

	buf_init(&text, SIZE_MAX);
	for (i = 0; rc == 0 && i < c->trail->n; i++) {
		s = &c->trail->list[i];
		left = reach(c, i);
		if (!is_elsewhere(s->option) && !is_general(c, s, left) &&
		    (left & useful(c, s->option) & 1u << at) != 0)
			rc = put_said(&text, s);
	}
	if (rc == 0)
		rc = put_default_of(&text, c, at, OPTION_AUTH, ALL_SCHEMES);
	if (rc == 0)
		rc = put_default_of(&text, c, at, OPTION_TLS_MIN, OLDEST_TLS);
	if (rc == 0 && at > 0)
		rc = put_login(&text, c, at);
	if (rc == 0 && buf_len(&text) > 0) {
		rc = at == c->route.nhops ? buf_puts(out, "For dest\n")
					  : buf_putf(out, "For %zu\n", at + 1);
		if (rc == 0)
			rc = buf_puts(out, buf_str(&text));
	}
	buf_free(&text);
	return rc;
}

/* --- What can't be in a file */

static int
put_files(struct buf *out, const struct config_files *files)
{
	size_t i;

	if (files->n == 0)
		return buf_puts(out, "# no configuration file\n");
	for (i = 0; i < files->n; i++)
		if (BUF_JOIN(out, "# file ", files->file[i].name, "\n") < 0)
			return -1;
	return 0;
}

static int
is_of_interest(int option)
{
	return settings_is_of_program(option) && option != 'd' &&
	       option != 'f' && option != OPTION_DIRECT &&
	       option != OPTION_PRINT_CONFIG;
}

static int
put_program(struct buf *out, const struct config *c)
{
	const struct said *s;
	struct buf text;
	size_t i, begin;
	int rc = 0;

	buf_init(&text, SIZE_MAX);
	for (i = 0; rc == 0 && i < c->trail->n; i++) {
		s = &c->trail->list[i];
		if (!is_of_interest(s->option))
			continue;
		begin = buf_len(out);
		rc = BUF_JOIN(out, "# --", name_of(s->option),
		    s->value != NULL ? "=" : "");
		if (rc == 0 && s->value != NULL)
			rc = put_value(out, s->value);
		if (rc == 0)
			rc = end_line(out, begin, origin(&text, s));
	}
	buf_free(&text);
	return rc;
}

static int
put_variable(struct buf *out, const char *name, const char *value)
{
	if (value == NULL)
		return 0;
	return BUF_JOIN(out, "# ", name, "=") < 0 || put_value(out, value) < 0
		   ? -1
		   : buf_putc(out, '\n');
}

int
printconfig_put(
    struct buf *out, const struct config *c, const struct config_files *files)
{
	size_t at;

	if (c->trail->lost || put_files(out, files) < 0 ||
	    put_way(out, c) < 0 || put_program(out, c) < 0 ||
	    put_variable(out, "SSH_ASKPASS", c->route.key_sources.askpass) <
		0 ||
	    put_variable(out, "SSLKEYLOGFILE",
		route_secure(&c->route, 0)->options.keylog) < 0 ||
	    put_proxies(out, c) < 0 || put_general(out, c) < 0 ||
	    put_defaults(out, c) < 0)
		return -1;
	for (at = 0; at <= c->route.nhops; at++)
		if (put_special(out, c, at) < 0)
			return -1;
	return 0;
}
