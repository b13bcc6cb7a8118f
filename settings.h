/*
 * settings.h -- what configuration files say, below any option and above the
 * environment.  Floor 5.
 *
 * A line of a file is a long option, its dashes and the case of its letters
 * left out, and its value; "yes" or "no" for one that takes none.  Of what is
 * said more than once the first counts; headers are added, and the further
 * proxies are those of the first section that names any.
 *
 * A section that names a proxy which another one has named before has nothing
 * to say of proxies, logins and TLS at all: that was meant for its own.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "configread.h"
#include "options.h"
#include "optiontable.h"

/* A line that is for the destination. */
struct setting {
	int option;
	int takes; /* a value, as getopt_long(3) has it */
	char *value;
	const char *file; /* borrowed from the files */
	unsigned line;
	unsigned section; /* a number among those of all files */
	size_t hop;	  /* that of its For in the list and 1; 0: none */
	int dropped;
};

/* Begins with all of it 0. */
struct settings {
	struct setting *list;
	size_t n;
	unsigned sections;
	int elsewhere; /* the command line has passwords from elsewhere */
	/* Which connections an option has been given for: bits. */
	uint32_t given[OPTIONS_END];
};

/* The command line has an option that reaches these connections. */
void settings_note(struct settings *, int option, uint32_t reach);

/*
 * Takes out of the files what is for the destination; where the hops are from
 * has been noted before.  0, or -1 with FAIL_USAGE or, where a file with a
 * secret is open to others, FAIL_FILE.  settings_free is due in both cases.
 */
int settings_read(struct settings *, const struct config_files *,
    const struct endpoint *to, struct failure *);

/* Are they from the same lines? */
int settings_are_same(const struct settings *, const struct settings *);

/*
 * Apply it, so far as the command line has not said the same: first what makes
 * the hops, then the rest.  0, or -1.
 */
int settings_hops(struct settings *, struct config *, struct failure *);
int settings_rest(struct settings *, struct config *, struct failure *);

/* Who names the proxy: 0: nobody, 1: the command line, else a file. */
int settings_proxy(const struct settings *);

/* For the command line alone: is it about what the program is to be? */
int settings_is_of_program(int option);

/* Two options that are about the same have the same key. */
int settings_key(int option);

void settings_free(struct settings *);

#endif
