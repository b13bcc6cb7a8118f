/*
 * findings.h -- what was found out about one way to one destination, stage by
 * stage.  Floor 3.
 */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "fail.h"
#include "greeting.h"
#include "heard.h"
#include "net.h"
#include "route.h"
#include "tls.h"

#define FINDINGS_ADDRESS 120 /* bytes of an address, be it of a socket */
#define FINDINGS_STAGES (2 * ROUTE_HOPS_MAX + 4)

enum stage_kind {
	STAGE_NAME,	  /* of the first host: its addresses */
	STAGE_CONNECTION, /* to one of them */
	STAGE_TLS,	  /* with a hop or the destination */
	STAGE_PROXY,	  /* a hop is asked for what is behind it */
	STAGE_GREETING	  /* what waits behind the tunnel */
};

struct stage {
	enum stage_kind kind;
	size_t at;  /* the hop or, behind the last, the destination */
	int64_t us; /* that it took, all connections together */
	int failed; /* it ended here */
	struct tls_facts tls;
	struct heard heard;
	const struct greeting *greeting;
	struct buf said; /* the first line of that */
};

struct found_address {
	char text[FINDINGS_ADDRESS];
	int error; /* errno, 0: it is connected, NET_FOUND: no answer, or not
		      tried */
};

struct findings {
	const struct route *route; /* that was taken; borrowed */
	struct stage *stages;
	size_t nstages;
	struct found_address addresses[NET_ADDRESSES_MAX];
	size_t naddresses;
	struct failure why; /* FAIL_NONE: all is well */
	int64_t open_us;    /* until the tunnel was open; -1: it never was */
	int64_t us;	    /* all of it */
	struct buf advice;  /* what one may try; empty: nothing */
	struct buf before;  /* a line for each first proxy that another one
			       stood in for: why */
};

/* For a first attempt, or another one.  0, or -1 without memory. */
int findings_begin(struct findings *, const struct route *);
void findings_free(struct findings *); /* all zero is fine */

/* It goes on by an alternative, because of a failure. */
void findings_turn(
    struct findings *, const struct route *, const struct failure *);

/* The stage of that kind there, a new one if need be; NULL: no room. */
struct stage *findings_stage(struct findings *, enum stage_kind, size_t at);

/*
 * There it ended.  It becomes the last stage, also where a connection before
 * this one had come further: what pointed to stages is of no use afterwards.
 */
void findings_fail(struct findings *, struct stage *);

/* Where it ended; NULL: nowhere, or before all stages. */
const struct stage *findings_failed(const struct findings *);

/* The last of that kind; NULL: none. */
const struct stage *findings_last(const struct findings *, enum stage_kind);

/* Was a name looked up, rather than an address taken as it is written? */
int findings_looked_up(const struct findings *);

/*
 * The last proxy does not want the destination for its port: it may want
 * others.
 */
int findings_port_refused(const struct findings *);

/* The first proxy may not speak what it was taken to speak. */
int findings_is_alien(const struct findings *);

/* What was asked besides, as advice.h has it; all zero: nothing. */
struct findings_besides {
	const char *through, *refused;
	int knocked;	    /* it was asked what it speaks */
	const char *speaks; /* be it what was meant or not; NULL: nothing */
};

/* Adds what one may try. */
void findings_advise(struct findings *, const struct findings_besides *);

#endif
