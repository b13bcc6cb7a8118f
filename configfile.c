/* configfile.c -- a file in the manner of ssh_config(5).  Floor 1. */
#include "configfile.h"

#include <string.h>

#include "noproxy.h"

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
skip(struct span *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

/* Cuts the comment off a value; within quotes there is none. */
static struct span
without_comment(struct span s)
{
	char quote = '\0';
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (quote != '\0') {
			if (s.p[i] == '\\')
				i++;
			else if (s.p[i] == quote)
				quote = '\0';
		} else if (s.p[i] == '"' || s.p[i] == '\'')
			quote = s.p[i];
		else if (s.p[i] == '#' && (i == 0 || is_blank(s.p[i - 1])))
			s.n = i;
	}
	return span_trim(s);
}

/* Cuts a line in two: blanks are between, and a '=' may be. */
static void
split(struct span line, struct span *keyword, struct span *value)
{
	size_t n = 0;

	while (n < line.n && !is_blank(line.p[n]) && line.p[n] != '=')
		n++;
	*keyword = (struct span){ line.p, n };
	skip(&line, n);
	line = span_trim(line);
	if (line.n > 0 && *line.p == '=')
		skip(&line, 1);
	*value = without_comment(span_trim(line));
}

/* '*' stands for any bytes, '?' for one; the last '*' takes what it must. */
static int
is_like(struct span pattern, struct span name)
{
	struct span behind_star = { NULL, 0 }, from = name;

	while (name.n > 0) {
		if (pattern.n > 0 && *pattern.p == '*') {
			skip(&pattern, 1);
			behind_star = pattern;
			from = name;
		} else if (pattern.n > 0 &&
			   (*pattern.p == '?' ||
			       text_same(pattern.p, name.p, 1))) {
			skip(&pattern, 1);
			skip(&name, 1);
		} else if (behind_star.p != NULL) {
			skip(&from, 1);
			name = from;
			pattern = behind_star;
		} else
			return 0;
	}
	while (pattern.n > 0 && *pattern.p == '*')
		skip(&pattern, 1);
	return pattern.n == 0;
}

/*
 * Cuts :PORT off a pattern; with two colons or more it is an IPv6 address,
 * unless that is in brackets.  0: there is none; -1: it is none.
 */
static int
cut_port(struct span *pattern, unsigned long *port)
{
	struct span behind = *pattern, digits;
	const char *colon;

	*port = 0;
	if (behind.n > 0 && *behind.p == '[') {
		while (behind.n > 0 && *behind.p != ']')
			skip(&behind, 1);
	}
	colon = behind.n == 0 ? NULL : memchr(behind.p, ':', behind.n);
	if (colon == NULL)
		return 0;
	digits = (struct span){ colon + 1,
		(size_t)(behind.p + behind.n - colon - 1) };
	if (digits.n > 0 && memchr(digits.p, ':', digits.n) != NULL)
		return 0;
	pattern->n = (size_t)(colon - pattern->p);
	return text_number(digits, 1, 65535, port);
}

static int
has_any(struct span s, const char *bytes)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (strchr(bytes, s.p[i]) != NULL)
			return 1;
	return 0;
}

/* 1; 0; -1 with the fault. */
static int
matches(struct span pattern, const struct endpoint *to, const char **fault)
{
	unsigned long port;
	int rc;

	*fault = "the port is a number from 1 to 65535";
	if (cut_port(&pattern, &port) < 0)
		return -1;
	if (port != 0 && port != to->port)
		return 0;
	if (pattern.n == 0 && port != 0)
		return 1;
	*fault = "neither a name nor an address nor a network";
	rc = noproxy_in_network(pattern, to->host);
	if (rc >= 0)
		return rc;
	if (pattern.n == 0 || has_any(pattern, "/:\"! \t"))
		return -1;
	return is_like(pattern, span_of(to->host));
}

int
configfile_word(struct span *rest, struct span *word)
{
	char quote;

	*rest = span_trim(*rest);
	*word = (struct span){ rest->p, 0 };
	quote = rest->n > 0 && *rest->p == '"' ? '"' : '\0';
	while (word->n < rest->n &&
	       (!is_blank(word->p[word->n]) || quote != '\0')) {
		if (word->n > 0 && word->p[word->n] == quote)
			quote = '\0';
		word->n++;
	}
	skip(rest, word->n);
	if (word->n >= 2 && *word->p == '"' && word->p[word->n - 1] == '"') {
		skip(word, 1);
		word->n--;
		return 1;
	}
	return word->n > 0;
}

/* A section begins. */
static int
begin_section(struct configfile *c, struct span patterns, struct span *what,
    const char **fault)
{
	int some = 0, none = 0, excludes, rc;

	c->section++;
	*what = c->keyword;
	*fault = "a pattern is missing";
	if (patterns.n == 0)
		return -1;
	while (configfile_word(&patterns, what)) {
		excludes = what->n > 0 && *what->p == '!';
		if (excludes)
			skip(what, 1);
		rc = matches(*what, c->to, fault);
		if (rc < 0)
			return -1;
		some |= !excludes && rc;
		none |= excludes && rc;
	}
	c->applies = some && !none;
	return 0;
}

static int
set_value(struct buf *out, struct span value)
{
	int rc;

	buf_free(out);
	rc = text_unquote(out, value);
	if (rc == -1) {
		buf_cut(out, 0);
		rc = buf_put(out, value.p, value.n) < 0 ? NO_MEMORY : 0;
	}
	return rc;
}

void
configfile_begin(
    struct configfile *c, struct span text, const struct endpoint *to)
{
	memset(c, 0, sizeof *c);
	c->rest = text;
	c->to = to;
	c->applies = 1;
	buf_init(&c->value, text.n + 1);
}

int
configfile_next(struct configfile *c, struct span *what, const char **fault)
{
	struct span line, value;

	while (span_line(&c->rest, &line)) {
		c->line++;
		line = span_trim(line);
		if (line.n == 0 || *line.p == '#')
			continue;
		*what = line;
		*fault = "a NUL byte is in this line";
		if (memchr(line.p, '\0', line.n) != NULL)
			return -1;
		split(line, &c->keyword, &value);
		c->raw = value;
		if (!span_is(c->keyword, "host"))
			return set_value(&c->value, value) == 0 ? 1 : NO_MEMORY;
		if (begin_section(c, value, what, fault) < 0)
			return -1;
	}
	return 0;
}

int
configfile_includes(const struct configfile *c)
{
	return span_is(c->keyword, "include");
}

void
configfile_end(struct configfile *c)
{
	buf_free(&c->value);
}
