/*
 * offers.h -- what one response offers: its challenges (RFC 9110 11.6.1).
 * Floor 1.
 */
#ifndef OFFERS_H
#define OFFERS_H

#include "text.h"

struct offers {
	struct buf values; /* of the fields, a line each */
	struct buf names;  /* of all schemes since offers_init, once each, as
			      the proxy writes them: "Digest, Basic" */
	unsigned count;	   /* of the challenges */
};

void offers_init(struct offers *);
void offers_free(struct offers *);

/* There is another response: forgets the challenges of the last. */
void offers_begin(struct offers *);

/*
 * Takes the value of one Proxy-Authenticate field; what is over a limit is
 * passed over.  0, or -1 without memory.
 */
int offers_add(struct offers *, struct span value);

/* Where a walk over the challenges is; all zero at first. */
struct offers_walk {
	struct span values, value;
	unsigned count;
};

/*
 * The next challenge: its scheme, and its parameters or token68.  Spans live
 * until the offers change.  1, or 0 at the end.
 */
int offers_next(const struct offers *, struct offers_walk *,
    struct span *scheme, struct span *params);

#endif
