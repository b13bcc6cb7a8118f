/* optiontable.h -- all options, as getopt_long(3) wants them.  Floor 5. */
#ifndef OPTIONTABLE_H
#define OPTIONTABLE_H

#include <getopt.h>

#include "text.h"

/* Long options without a letter. */
enum {
	OPTION_NONE = 255,
#define LONG(id, ...) OPTION_##id,
#include "options.def"
	OPTIONS_END
};

extern const char options_letters[];
extern const struct option options_table[];

/* The long option of that name; case and dashes do not count.  NULL: none. */
const struct option *options_find(struct span name);

/* That which was most likely meant by a name, NULL: none comes near. */
const char *options_near(struct span name);

#endif
