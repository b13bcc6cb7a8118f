/* configread.h -- finds and reads configuration files.  Floor 2. */
#ifndef CONFIGREAD_H
#define CONFIGREAD_H

#include "fail.h"

#define CONFIG_FILE "/etc/proxytunnel.conf"
#define CONFIG_FILES_MAX 256 /* all of those that are included, too */
#define CONFIG_DEPTH_MAX 16  /* of files that include each other */

struct config_file {
	char *name;
	struct buf text;
	int shared; /* others may read it */
	/* Which one includes it, SIZE_MAX: none does; and in which line. */
	size_t includer;
	unsigned line;
};

/* The user's, then that of the machine, each before those that it includes. */
struct config_files {
	struct config_file *file;
	size_t n;
};

/*
 * Reads the file that is named, "none": none, NULL: those that are at their
 * places, proxytunnel/config in $XDG_CONFIG_HOME or ~/.config, and CONFIG_FILE;
 * each of them may be missing, but nobody else may own it or write to it.  What
 * a file includes is read as well, and trusted as far as that file.  0, or -1
 * with FAIL_FILE.  config_files_free is due in both cases.
 */
int config_files_read(struct config_files *, const char *named,
    char *(*env)(const char *), struct failure *);

/* The names stay. */
void config_files_wipe(struct config_files *);
void config_files_free(struct config_files *);

#endif
