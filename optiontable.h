/* optiontable.h -- all options, as getopt_long(3) wants them.  Floor 5. */
#ifndef OPTIONTABLE_H
#define OPTIONTABLE_H

#include <getopt.h>

#include "text.h"

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

extern const char options_letters[];
extern const struct option options_table[];

/* The long option of that name; case and dashes do not count.  NULL: none. */
const struct option *options_find(struct span name);

/* That which was most likely meant by a name, NULL: none comes near. */
const char *options_near(struct span name);

#endif
