/*
 * heard.h -- what a proxy has said of itself in a conversation, for whoever
 * wants to know more than whether there is a tunnel.  Floor 1.
 */
#ifndef HEARD_H
#define HEARD_H

#include "http1.h"
#include "offers.h"

#define HEARD_MAX 256 /* bytes of each of its words */

struct heard {
	int status;	      /* of its last answer: HTTP's, or SOCKS's reply;
				 -1: there was none */
	struct buf reason;    /* that in its words */
	struct buf words;     /* what a refusal has to say beyond it */
	struct buf product;   /* "squid/5.7"; empty: not told */
	struct offers offers; /* all its schemes, and the last challenges */
	const char *scheme;   /* by which we have logged in, NULL: none */
	int demands;	      /* a login */
	int has_page;	      /* an answer that opens the tunnel brings a page,
				 as those of captive portals do */
	int lost;	      /* something of it, for want of memory */
};

void heard_init(struct heard *);
void heard_free(struct heard *);

/* An answer in HTTP, but for 1xx. */
void heard_response(struct heard *, const struct http_response *);

/* A reply in SOCKS, and what it means. */
void heard_reply(struct heard *, int status, const char *words);

/* A login that a proxy of SOCKS wants. */
void heard_login(struct heard *, const char *scheme);

#endif
