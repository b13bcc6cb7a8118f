/*
 * options.h -- the command line, what configuration files say, and the
 * environment.  Floor 5: no output, and no file is read.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "configread.h"
#include "fail.h"
#include "log.h"
#include "modes.h"
#include "route.h"
#include "trail.h"

enum what_to_do { DO_TUNNEL, DO_HELP, DO_VERSION };

struct config {
	enum what_to_do what;
	const char *topic; /* of help, NULL: the first screen */
	struct route route;
	char *title;	      /* for the list of processes, NULL: none */
	int ignored;	      /* an argument has no use */
	const char *old_flag; /* one that only weakened security, NULL: none */
	int inetd;	      /* standard input is the other side's socket */
	int connection;	      /* the descriptor of that */
	struct listening listening;
	const char *of_listening; /* an option that is about that alone */
	int progress;		  /* say how far it is */
	int fdpass;		  /* hand the tunnel over on standard output */
	struct checking checking;
	const char *direct; /* why there is no proxy, NULL: there is one */
	enum log_level level;
	struct trail *trail; /* of --print-config, else NULL */
};

/*
 * The configuration file that the arguments name, as config_files_read has it;
 * none where they want help alone.
 */
const char *options_file(int argc, char *argv[]);

/*
 * Reads arguments, files and environment, the first of these that says
 * something counts; env is getenv(3) or, for tests, something like it.  Secrets
 * among the arguments are copied and overwritten where they stand; nothing is
 * borrowed.  Returns 0, or -1 with FAIL_USAGE, FAIL_MISSING or, about a file
 * that others may read, FAIL_FILE; options_free is due in both cases.  A route
 * whose first proxy is to be found is not complete yet.
 */
int options_parse(struct config *, int argc, char *argv[],
    const struct config_files *, char *(*env)(const char *), struct failure *);
void options_free(struct config *);

/* Keeps track of one that takes effect, before its secrets are overwritten. */
void options_note(
    const struct config *, size_t scope, int option, const char *arg);

/* Takes any of them but those that make the hops; secrets are overwritten. */
int options_set(
    struct config *, size_t scope, int option, char *arg, struct failure *);

#endif
