/*
 * options.h -- the command line and the environment.  Floor 5: no output, and
 * no file is read.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "fail.h"
#include "log.h"
#include "modes.h"
#include "route.h"

enum what_to_do { DO_TUNNEL, DO_HELP, DO_VERSION };

struct config {
	enum what_to_do what;
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
};

/*
 * Reads arguments and environment; env is getenv(3) or, for tests, something
 * like it.  Secrets among the arguments are copied and overwritten where they
 * stand; nothing is borrowed.  Returns 0, or -1 with FAIL_USAGE or
 * FAIL_MISSING; options_free is due in both cases.
 */
int options_parse(struct config *, int argc, char *argv[],
    char *(*env)(const char *), struct failure *);
void options_free(struct config *);

/* Steps that environment.c takes as well. */

/* Copies a text: where it stands the list of processes may get another. */
int options_keep(char **field, const char *, struct failure *);

/* A user or password can't end the line of a request. */
int options_check_secret(const char *, const char *from, struct failure *);

/* Reads a proxy's address; its password is overwritten where it stands. */
int options_set_proxy(
    struct hop *, char *text, const char *from, struct failure *);

/* The text of --help. */
extern const char options_help[];

#endif
