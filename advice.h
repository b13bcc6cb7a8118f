/* advice.h -- what one may try where no tunnel opens.  Floor 1. */
#ifndef ADVICE_H
#define ADVICE_H

#include "fail.h"
#include "heard.h"

enum advice_stage {
	ADVICE_NAME, /* of the first host, looked up here */
	ADVICE_CONNECTION,
	ADVICE_TLS,
	ADVICE_PROXY, /* was asked for the next hop or the target */
	ADVICE_BEHIND /* the tunnel */
};

/* Where it ended; all of it is borrowed. */
struct advice_case {
	const struct failure *why;
	enum advice_stage stage;
	const char *peer;	   /* HOST:PORT that it is about */
	int has_proxy;		   /* the way to the destination */
	int is_proxy;		   /* the peer is, and not the destination */
	int is_socks;		   /* as it was asked */
	int is_last;		   /* proxy before the destination */
	const char *next;	   /* HOST:PORT that a proxy is asked for */
	int is_further;		   /* it is behind another one */
	const char *login_option;  /* "-P USER" */
	const char *host;	   /* of the destination */
	unsigned port;		   /* of the destination */
	const struct heard *heard; /* the proxy; NULL: nothing */
	const char *through;	   /* ports it lets through; NULL: not asked,
				      "": none of those in refused */
	const char *refused;
	int knocked;	    /* it was asked what it speaks */
	const char *speaks; /* the scheme of a proxy's URI that fits what the
			       port speaks; NULL: not known, or as it was
			       taken */
	int as_meant;	    /* it speaks what it was taken to speak */
};

/* Appends it, one sentence; nothing where there is none.  0, or -1. */
int advice_put(struct buf *, const struct advice_case *);

#endif
