/* netrc.c -- the file that ftp, curl and git know.  Floor 1. */
#include "netrc.h"

#include <string.h>

struct scan {
	struct span rest;
	int line_begins; /* only blanks are before rest on its line */
	struct buf token;
	int quoted; /* the token was, so that it is no keyword */
	int ours;   /* the entry at hand is for the host */
	struct credentials entry;
};

static void
skip(struct scan *s, size_t n)
{
	s->rest.p += n;
	s->rest.n -= n;
}

/* Passes over blanks, line ends, and lines that begin with '#'. */
static void
skip_blanks(struct scan *s)
{
	struct span line;

	while (s->rest.n > 0) {
		if (*s->rest.p == '#' && s->line_begins)
			span_line(&s->rest, &line);
		else if (strchr(" \t\r\n", *s->rest.p) != NULL) {
			s->line_begins |= *s->rest.p == '\n';
			skip(s, 1);
		} else
			break;
	}
}

/* A macro ends with the first empty line; blanks in it count. */
static void
skip_macro(struct scan *s)
{
	struct span line;

	span_line(&s->rest, &line); /* its name */
	while (span_line(&s->rest, &line) && line.n > 0)
		;
	s->line_begins = 1;
}

/* What stands behind a backslash. */
static char
unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* Reads from behind the quote to the other one, over line ends, too. */
static int
next_quoted(struct scan *s)
{
	char c;

	while (s->rest.n > 0) {
		c = *s->rest.p;
		skip(s, 1);
		if (c == '"')
			return 1;
		if (c == '\\' && s->rest.n > 0) {
			c = unescape(*s->rest.p);
			skip(s, 1);
		}
		if (buf_putc(&s->token, c) < 0)
			return NO_MEMORY;
	}
	return -1;
}

/* 1: there is one; 0: that was all; -1: its quote is open; NO_MEMORY. */
static int
next_token(struct scan *s)
{
	size_t n = 0;
	int rc = 1;

	skip_blanks(s);
	s->line_begins = 0;
	buf_cut(&s->token, 0);
	if (s->rest.n == 0)
		return 0;
	s->quoted = *s->rest.p == '"';
	if (s->quoted) {
		skip(s, 1);
		return next_quoted(s);
	}
	while (n < s->rest.n && strchr(" \t\r\n", s->rest.p[n]) == NULL)
		n++;
	if (buf_put(&s->token, s->rest.p, n) < 0)
		rc = NO_MEMORY;
	skip(s, n);
	return rc;
}

static int
is_word(const struct scan *s, const char *word)
{
	return !s->quoted && span_is(BUF_SPAN(&s->token), word);
}

/* Reads what belongs to a keyword; of one given twice the last counts. */
static int
next_value(struct scan *s, char **field)
{
	int rc = next_token(s);

	if (rc != 1 || field == NULL || !s->ours)
		return rc;
	secret_free(*field);
	*field = secret_of(&s->token);
	return *field == NULL ? NO_MEMORY : 1;
}

/* Moves over what is missing of the entry; 0: it has nothing to give. */
static int
give(struct scan *s, struct credentials *c)
{
	struct credentials *e = &s->entry;
	int given = 0;

	if (!s->ours)
		return 0;
	if (e->user != NULL && *e->user == '\0') { /* an empty user is none */
		secret_free(e->user);
		e->user = NULL;
	}
	if (c->user != NULL && e->user != NULL && strcmp(c->user, e->user) != 0)
		return 0;
	if (c->user == NULL && e->user != NULL) {
		c->user = e->user;
		e->user = NULL;
		given = 1;
	}
	if (c->password == NULL && e->password != NULL) {
		c->password = e->password;
		e->password = NULL;
		given = 1;
	}
	return given;
}

/* Takes the token at hand; 1: to be continued. */
static int
take(struct scan *s, const char *host)
{
	int rc = 1;

	if (is_word(s, "machine")) {
		rc = next_token(s);
		s->ours = rc == 1 && span_is(BUF_SPAN(&s->token), host);
	} else if (is_word(s, "default"))
		s->ours = 1;
	else if (is_word(s, "macdef")) {
		s->ours = 0;
		skip_macro(s);
	} else if (is_word(s, "login"))
		rc = next_value(s, &s->entry.user);
	else if (is_word(s, "password"))
		rc = next_value(s, &s->entry.password);
	else if (is_word(s, "account"))
		rc = next_value(s, NULL);
	return rc;
}

int
netrc_find(struct span text, const char *host, struct credentials *c)
{
	struct scan s;
	int rc;

	if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL)
		return -1;
	memset(&s, 0, sizeof s);
	s.rest = text;
	s.line_begins = 1;
	buf_init(&s.token, text.n);
	while ((rc = next_token(&s)) == 1) {
		if (is_word(&s, "machine") || is_word(&s, "default") ||
		    is_word(&s, "macdef")) {
			if (give(&s, c))
				break;
			credentials_free(&s.entry);
		}
		rc = take(&s, host);
		if (rc != 1)
			break;
	}
	if (rc == 0)
		rc = give(&s, c);
	credentials_free(&s.entry);
	buf_free(&s.token);
	return rc;
}
