/*
 * help.c -- the texts of --help, made from the table of options.  Floor 5.
 */
#include "help.h"

#include <string.h>

#include "text.h"

#define WIDTH 80	/* columns of a screen */
#define TOPIC_COLUMN 8	/* of the first screen: the topic is left of it */
#define FIRST_COLUMN 41 /* and the text right of this one */
#define COLUMN 28	/* the same where it is about one topic */
#define LINES SIZE_MAX	/* all of a text */
#define ALL "all"

const char help_topics[] =
#define TOPIC(name, title, text) name ", "
#include "options.def"
    ALL;

/*
 * The rows, five strings each: the letter within quotes, or another word where
 * there is none; the kind of the row; its name, its value or title, its text.
 * One text for all, as pointers would cost every run something.
 */
static const char rows[] =
#define TOPIC(name, title, text) "\0TOPIC\0" name "\0" title "\0" text "\0"
#define VALUE_NONE(value) ""
#define VALUE_MAYBE(value) "[=" value "]"
#define VALUE_VALUE(value) "=" value
#define ROW(screen, letter, name, takes, value, text) \
	letter "\0" #screen "\0" name "\0" VALUE_##takes(value) "\0" text "\0"
#define OPTION(                                                      \
    letter, name, takes, value, screen, again, not, completes, text) \
	ROW(screen, #letter, name, takes, value, text)
#define LONG(id, name, takes, value, screen, again, not, completes, text) \
	ROW(screen, #id, name, takes, value, text)
#include "options.def"
    ;

struct row {
	const char *letter, *kind, *name, *value, *text;
};

/* Goes to the next row, *at is NULL before the first; 0: that was the last. */
static int
next_row(const char **at, struct row *r)
{
	const char **field[] = { &r->letter, &r->kind, &r->name, &r->value,
		&r->text };
	size_t i;

	if (*at == NULL)
		*at = rows;
	if (*at == rows + sizeof rows - 1)
		return 0;
	for (i = 0; i < sizeof field / sizeof *field; i++) {
		*field[i] = *at;
		*at += strlen(*at) + 1;
	}
	return 1;
}

static int
is_topic(const struct row *r)
{
	return strcmp(r->kind, "TOPIC") == 0;
}

const char *
help_topic(const char *name)
{
	const char *at = NULL;
	struct row r;

	while (next_row(&at, &r))
		if (is_topic(&r) && strcmp(r.name, name) == 0)
			return r.name;
	return strcmp(name, ALL) == 0 ? ALL : NULL;
}

/* How much of a text goes on one line: up to its end, or to a blank. */
static size_t
fitting(const char *text, size_t width)
{
	size_t n = strcspn(text, "\n"), i;

	if (n <= width)
		return n;
	for (i = width; i > 0; i--)
		if (text[i] == ' ')
			return i;
	return n;
}

/*
 * So many lines of a text right of a column, wrapped where they are too long;
 * at is where the line that is begun is.
 */
static int
put_text(
    struct buf *out, const char *text, size_t at, size_t column, size_t lines)
{
	size_t n;

	if (at >= column && column > 0) {
		if (buf_putc(out, '\n') < 0)
			return -1;
		at = 0;
	}
	for (;; text += n + 1, at = 0) {
		n = fitting(text, WIDTH - column);
		if (buf_putf(out, "%*s%.*s\n", (int)(column - at), "", (int)n,
			text) < 0)
			return -1;
		if (text[n] == '\0' || (text[n] == '\n' && --lines == 0))
			return 0;
	}
}

/* The option of a row, and so many lines of its text. */
static int
put_option(struct buf *out, const struct row *r, size_t indent, size_t column,
    size_t lines)
{
	size_t before = buf_len(out);
	char letter[] = "-x, ";

	letter[1] = r->letter[1];
	if (BUF_JOIN(out, *r->letter == '\'' ? letter : "    ", "--", r->name,
		r->value) < 0)
		return -1;
	return put_text(
	    out, r->text, indent + buf_len(out) - before, column, lines);
}

/* What most people want, a word for the topic in front of its options. */
static int
put_first_screen(struct buf *out)
{
	const char *at = NULL, *topic = "";
	struct row r;

	if (buf_puts(out,
		"Usage: proxytunnel [OPTION]... [-p PROXY] [-r PROXY]... HOST "
		"PORT | HOST:PORT\n"
		"Opens a tunnel to HOST:PORT through proxies, and joins it to "
		"standard input and\n"
		"output.  PROXY is HOST:PORT, or a URI as "
		"https://USER@HOST or socks5h://HOST.\n\n") < 0)
		return -1;
	while (next_row(&at, &r)) {
		if (is_topic(&r))
			topic = r.name;
		if (strcmp(r.kind, "FIRST") != 0)
			continue;
		if (buf_putf(out, "%-*s", TOPIC_COLUMN, topic) < 0 ||
		    put_option(out, &r, TOPIC_COLUMN, FIRST_COLUMN, 1) < 0)
			return -1;
		topic = "";
	}
	return buf_putf(out,
	    "\nMore of each: proxytunnel --help=TOPIC, which is one of\n%s.\n"
	    "The manual has it all: man proxytunnel\n",
	    help_topics);
}

static int
put_topic(struct buf *out, const struct row *topic, const char **at)
{
	const char *next = *at;
	struct row r;

	if (buf_putf(
		out, "%s%s\n", buf_len(out) > 0 ? "\n" : "", topic->value) < 0)
		return -1;
	for (; next_row(&next, &r) && !is_topic(&r); *at = next)
		if (buf_puts(out, "  ") < 0 ||
		    put_option(out, &r, 2, COLUMN, LINES) < 0)
			return -1;
	return *topic->text == '\0' ? 0
				    : put_text(out, topic->text, 0, 0, LINES);
}

int
help_put(struct buf *out, const char *topic)
{
	const char *at = NULL;
	struct row r;

	if (topic == NULL)
		return put_first_screen(out);
	while (next_row(&at, &r))
		if (is_topic(&r) &&
		    (strcmp(topic, ALL) == 0 || strcmp(topic, r.name) == 0) &&
		    put_topic(out, &r, &at) < 0)
			return -1;
	return 0;
}
