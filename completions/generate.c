/*
 * generate.c -- puts the options into the completion of a shell: generate SHELL
 * <TEMPLATE.  Lines @values@ and @options@ of the template become what the
 * table of options has.  It runs where the program is built.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LINE_BYTES 1024

enum takes { NONE, VALUE, MAYBE };

struct row {
	const char *name;
	enum takes takes;
	char letter; /* NUL: none */
	char again;
	const char *value, *excludes, *completes, *text;
};

/* Only a letter within quotes is one. */
#define LETTER(id) (*(#id) == '\'' ? (#id)[1] : '\0')
#define ONCE 0
#define AGAIN 1

static const struct row rows[] = {
#define ROW(letter, name, takes, value, again, not, completes, text) \
	{ name, takes, letter, again, value, not, completes, text },
#define OPTION(                                                      \
    letter, name, takes, value, screen, again, not, completes, text) \
	ROW(letter, name, takes, value, again, not, completes, text)
#define LONG(id, name, takes, value, screen, again, not, completes, text) \
	ROW('\0', name, takes, value, again, not, completes, text)
#include "options.def"
};

#define ROWS (sizeof rows / sizeof *rows)

static const char topics[] =
#define TOPIC(name, title, text) name "|"
#include "options.def"
    "all";

static int
is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Has a list with blanks between that word? */
static int
has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (; *list != '\0'; list += strspn(list, " ")) {
		if (strcspn(list, " ") == n && strncmp(list, word, n) == 0)
			return 1;
		list += strcspn(list, " ");
	}
	return 0;
}

static int
excludes(const struct row *a, const struct row *b)
{
	return a == b ? !a->again
		      : has_word(a->excludes, b->name) ||
			    has_word(b->excludes, a->name);
}

/* The words that a value may be: with | between or, of a list, with commas. */
static const char *
words(const struct row *r)
{
	return is(r->completes, "<topic>") ? topics
	       : *r->completes == '<'	   ? ""
					   : r->completes;
}

static int
is_list(const struct row *r)
{
	return strchr(words(r), ',') != NULL;
}

/* Puts a text, with what comes before some of its characters. */
static void
put(const char *text, const char *special, const char *before)
{
	for (; *text != '\0' && *text != '\n'; text++)
		if (strchr(special, *text) != NULL)
			printf("%s%c", before, *text);
		else
			putchar(*text);
}

static void
put_words(const struct row *r)
{
	const char *p;

	for (p = words(r); *p != '\0'; p++)
		putchar(*p == '|' || *p == ',' ? ' ' : *p);
}

/* --- bash */

static void
bash_action(const struct row *r)
{
	if (r->takes == MAYBE)
		puts("\t\t[[ $3 == = ]] || return 1");
	if (is(r->completes, "<file>"))
		puts("\t\t_proxytunnel_files \"$2\"");
	else if (is(r->completes, "<host>"))
		puts("\t\t_proxytunnel_hosts \"$2\"");
	else if (is(r->completes, "<command>"))
		puts("\t\tCOMPREPLY=($(compgen -c -- \"$2\"))");
	else if (*words(r) != '\0') {
		printf("\t\t_proxytunnel_%s '", is_list(r) ? "list" : "words");
		put_words(r);
		puts("' \"$2\"");
	} else
		puts("\t\t:");
	puts("\t\t;;");
}

static void
bash_values(const struct row *r)
{
	if (r->takes == NONE)
		return;
	putchar('\t');
	if (r->letter != '\0' && r->takes == VALUE)
		printf("-%c | ", r->letter);
	printf("--%s)\n", r->name);
	bash_action(r);
}

static void
bash_option(const struct row *r)
{
	if (r->letter != '\0')
		printf("\t    -%c --%s", r->letter, r->name);
	else
		printf("\t    --%s", r->name);
	puts(r->takes == VALUE ? "=" : "");
}

/* --- zsh */

static void
zsh_message(const struct row *r)
{
	printf("%s", r->takes == MAYBE ? "::" : ":");
	for (const char *p = r->value; *p != '\0'; p++)
		printf(
		    "%s%c", *p == ':' ? "\\" : "", tolower((unsigned char)*p));
	putchar(':');
	if (is(r->completes, "<file>"))
		printf("_files");
	else if (is(r->completes, "<host>"))
		printf("_hosts");
	else if (is(r->completes, "<command>"))
		printf("_cmdstring");
	else if (is_list(r)) {
		printf("_values -s , value ");
		put_words(r);
	} else if (*words(r) != '\0') {
		putchar('(');
		put_words(r);
		putchar(')');
	}
}

static void
zsh_excluded(const struct row *r)
{
	size_t i, n = 0;

	if (is(r->excludes, "*")) {
		printf("'(- *)'");
		return;
	}
	for (i = 0; i < ROWS; i++) {
		if (!excludes(r, &rows[i]))
			continue;
		printf(n++ == 0 ? "'(" : " ");
		if (rows[i].letter != '\0')
			printf("-%c ", rows[i].letter);
		printf("--%s", rows[i].name);
	}
	if (n > 0)
		printf(")'");
}

/* One spelling of it: a dash or two, and what stands before its value. */
static void
zsh_spelling(const struct row *r, const char *dashes, const char *name,
    const char *before_value)
{
	putchar('\t');
	zsh_excluded(r);
	printf("'%s%s%s%s[", r->again ? "*" : "", dashes, name, before_value);
	put(r->text, "'", "'\\'");
	putchar(']');
	if (*before_value != '\0')
		zsh_message(r);
	puts("' \\");
}

static void
zsh_option(const struct row *r)
{
	char letter[] = { r->letter, '\0' };

	if (r->letter != '\0')
		zsh_spelling(r, "-", letter, r->takes == VALUE ? "+" : "");
	zsh_spelling(r, "--", r->name,
	    r->takes == VALUE	? "="
	    : r->takes == MAYBE ? "=-"
				: "");
}

/* --- fish */

static void
fish_option(const struct row *r)
{
	printf("complete -c proxytunnel");
	if (r->letter != '\0')
		printf(" -s %c", r->letter);
	printf(" -l %s", r->name);
	if (is(r->completes, "<file>"))
		printf(r->takes == VALUE ? " -r -F" : " -F");
	else if (r->takes == VALUE)
		printf(" -x");
	if (is(r->completes, "<host>"))
		printf(" -a '(__fish_print_hostnames)'");
	else if (is(r->completes, "<command>"))
		printf(" -a '(__fish_complete_command)'");
	else if (*words(r) != '\0') {
		printf(is_list(r) ? " -a '(__fish_append , " : " -a '");
		put_words(r);
		printf(is_list(r) ? ")'" : "'");
	}
	printf(" -d '%c", toupper((unsigned char)*r->text));
	put(r->text + 1, "'\\", "\\");
	puts("'");
}

static const struct shell {
	const char *name;
	void (*values)(const struct row *);
	void (*option)(const struct row *);
} shells[] = {
	{ "bash", bash_values, bash_option },
	{ "zsh", zsh_option, zsh_option },
	{ "fish", fish_option, fish_option },
};

int
main(int argc, char *argv[])
{
	char line[LINE_BYTES];
	size_t i, s;

	for (s = 0; s < sizeof shells / sizeof *shells; s++)
		if (argc == 2 && is(argv[1], shells[s].name))
			break;
	if (s == sizeof shells / sizeof *shells) {
		fputs("usage: generate bash|zsh|fish <TEMPLATE\n", stderr);
		return 64;
	}
	while (fgets(line, sizeof line, stdin) != NULL) {
		if (is(line, "@values@\n"))
			for (i = 0; i < ROWS; i++)
				shells[s].values(&rows[i]);
		else if (is(line, "@options@\n"))
			for (i = 0; i < ROWS; i++)
				shells[s].option(&rows[i]);
		else
			fputs(line, stdout);
	}
	return fflush(stdout) == 0 && !ferror(stdin) ? 0 : 1;
}
