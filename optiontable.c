/* optiontable.c -- all options, as getopt_long(3) wants them.  Floor 5. */
#include "optiontable.h"

#include <string.h>

/* What stands behind a letter; a value that may be missing goes with = alone */
#define COLON_NONE
#define COLON_MAYBE
#define COLON_VALUE ':',

const char options_letters[] = { ':',
#define OPTION(letter, name, takes, ...) letter, COLON_##takes
#define OLD(letter, name, takes) letter, COLON_##takes
#include "options.def"
	'\0' };

#define TAKES_NONE no_argument
#define TAKES_MAYBE optional_argument
#define TAKES_VALUE required_argument

#define ROW(id, name, takes) { name, TAKES_##takes, NULL, id },

const struct option options_table[] = {
#define OPTION(letter, name, takes, ...) ROW(letter, name, takes)
#define LONG(id, name, takes, ...) ROW(OPTION_##id, name, takes)
#define OLD(letter, name, takes) ROW(letter, name, takes)
#define SYNONYM(letter, name, takes) ROW(letter, name, takes)
#define SHORTENED(letter, name, takes) ROW(letter, name, takes)
#include "options.def"
	{ NULL, 0, NULL, 0 },
};

/* How many there are but for those that are shortened: a dot is for each. */
enum {
	WHOLE = sizeof(""
#define OPTION(...) "."
#define LONG(...) "."
#define OLD(...) "."
#define SYNONYM(...) "."
#include "options.def"
		    ) -
		1
};

/* Is that keyword the name of an option, but for case and dashes? */
static int
is_name(struct span keyword, const char *name)
{
	size_t i;

	for (i = 0; i < keyword.n; i++) {
		if (keyword.p[i] == '-')
			continue;
		name += *name == '-';
		if (!text_same(name, keyword.p + i, 1))
			return 0;
		name++;
	}
	return *name == '\0';
}

const struct option *
options_find(struct span keyword)
{
	size_t i;

	for (i = 0; i < WHOLE; i++)
		if (is_name(keyword, options_table[i].name))
			return &options_table[i];
	return NULL;
}

const char *
options_near(struct span name)
{
	size_t distance, best = name.n / 3 < 3 ? name.n / 3 + 1 : 4, i;
	const char *found = NULL;

	for (i = 0; i < WHOLE; i++) {
		distance = text_distance(name, span_of(options_table[i].name));
		if (distance < best) {
			best = distance;
			found = options_table[i].name;
		}
	}
	return found;
}
