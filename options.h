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

/* Steps that environment.c takes as well. */

/* Copies a text: where it stands the list of processes may get another. */
int options_keep(char **field, const char *, struct failure *);

/* A user or password can't end the line of a request. */
int options_check_secret(const char *, const char *from, struct failure *);

/* Reads a proxy's address; its password is overwritten where it stands. */
int options_set_proxy(
    struct hop *, char *text, const char *from, struct failure *);

/* And those that settings.c takes. */

/* Long options without a letter. */
enum {
	OPTION_AUTH = 256,
	OPTION_CONNECT_TIMEOUT,
	OPTION_TIMEOUT,
	OPTION_IDLE_TIMEOUT,
	OPTION_HALF_CLOSE,
	OPTION_LINGER,
	OPTION_KEEPALIVE,
	OPTION_PASSWORD_COMMAND,
	OPTION_NETRC,
	OPTION_SPN,
	OPTION_DELEGATE,
	OPTION_FOR,
	OPTION_DIRECT,
	OPTION_FDPASS,
	OPTION_PIN,
	OPTION_SNI,
	OPTION_ALPN,
	OPTION_TLS_MIN,
	OPTION_CIPHERS,
	OPTION_MAX_TUNNELS,
	OPTION_DRAIN,
	OPTION_DAEMON,
	OPTION_PIDFILE,
	OPTION_RETRY,
	OPTION_PROGRESS,
	OPTION_CHECK,
	OPTION_JSON,
	OPTION_REPEAT,
	OPTION_INTERVAL,
	OPTION_SCAN,
	OPTION_AUTH_INFO,
	OPTIONS_END
};

#define OPTIONS_ALL SIZE_MAX /* a scope: hops, and the destination */

/* The long option of that name; case and dashes do not count.  NULL: none. */
struct option;
const struct option *options_find(struct span name);

/* That which was most likely meant by a name, NULL: none comes near. */
const char *options_near(struct span name);

/* Does it name a proxy or is about one by the order? */
int options_makes_hops(int option);

/* Does --for say what it is for? */
int options_is_scoped(int option);

/* Which connections it is for, as bits; 1 where that is no question. */
uint32_t options_reach(const struct config *, int option, size_t scope);

/* Reads which hop the options behind --for are for. */
int options_set_scope(
    struct config *, const char *, size_t *scope, struct failure *);

/* Take one that makes the hops, and any other; secrets are overwritten. */
int options_set_hop(struct config *, int option, char *arg, struct failure *);
int options_set(
    struct config *, size_t scope, int option, char *arg, struct failure *);

/* The text of --help. */
extern const char options_help[];

#endif
