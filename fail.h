/* fail.h -- what went wrong, for one tunnel.  Floor 0. */
#ifndef FAIL_H
#define FAIL_H

#include "text.h"

enum fail_code {
	FAIL_NONE,
	FAIL_USAGE,    /* an option or argument is wrong */
	FAIL_FILE,     /* a file that was named can't be read */
	FAIL_RESOLVE,  /* a host name has no address */
	FAIL_CONNECT,  /* proxy or destination can't be reached */
	FAIL_LOCAL,    /* a fault of our own: memory, descriptors */
	FAIL_TIMEOUT,  /* a deadline passed while opening */
	FAIL_PROTOCOL, /* the other side speaks something else */
	FAIL_AUTH,     /* credentials missing or refused */
	FAIL_REFUSED,  /* the destination is not permitted */
	FAIL_TRUST,    /* a certificate can't be trusted */
	FAIL_MISSING,  /* this build or machine lacks what is needed */
	FAIL_LOST      /* an open tunnel broke */
};

/* What is behind it, where more is known than the code says. */
enum fail_cause {
	CAUSE_OTHER,
	CAUSE_FAMILY,	   /* the address is not of the one asked for */
	CAUSE_NAME_SERVER, /* none has answered */
	CAUSE_NO_LISTENER, /* at that port of the host */
	CAUSE_NO_WAY,	   /* to that address */
	CAUSE_EXPIRED,	   /* the peer's certificate has */
	CAUSE_CERTIFICATE, /* ours is missing, or is not liked */
	CAUSE_CREDENTIALS, /* they are wrong */
	CAUSE_SILENCE,	   /* the connection was ended without an answer */
	CAUSE_SLOWNESS,	   /* the answer is not finished */
	/* What the other side has said is of ... */
	CAUSE_ALIEN,  /* nobody knows what */
	CAUSE_SERVER, /* what is no proxy */
	CAUSE_TLS,    /* a port that speaks it */
	CAUSE_HTTP,   /* one that does so without TLS */
	CAUSE_SOCKS4, /* a proxy of that kind */
	CAUSE_SOCKS5
};

#define FAIL_TEXT 640 /* bytes of one line that a person still reads */

struct failure {
	enum fail_code code;
	enum fail_cause cause;
	int status;	      /* the proxy's status code, 0: none */
	char text[FAIL_TEXT]; /* one line; empty: nothing worth saying */
};

#define NO_FAILURE ((struct failure){ FAIL_NONE, CAUSE_OTHER, 0, "" })

/* Part of any text that says that a library is missing. */
#define FAIL_LACKS " is not there or lacks what is needed"

/*
 * Sets code and text, cut to fit; always returns -1, so that a function can
 * fail in one line.  The text may quote the failure's own present text; cause
 * and status stay as they are.
 */
int fail(struct failure *, enum fail_code, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The same about a piece of text, quoted safely: "BEFORE'TEXT': AFTER".
 */
int fail_about(struct failure *, enum fail_code, const char *before,
    struct span text, const char *after);

/* The exit status of a failure: sysexits where one fits. */
int fail_exit(enum fail_code);

/* May the same go well a little later? */
int fail_is_passing(enum fail_code);

#endif
