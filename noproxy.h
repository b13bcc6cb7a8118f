/* noproxy.h -- which destinations no_proxy takes out.  Floor 0. */
#ifndef NOPROXY_H
#define NOPROXY_H

#include "text.h"

/*
 * Does a list such as "localhost,.corp.example,10.0.0.0/8,[::1]" hold this
 * host?  As curl reads it: elements apart by commas or blanks, a name matches
 * itself and all below it, an address itself, an address with /BITS its
 * network, and "*" alone everything.
 */
int noproxy_matches(const char *list, const char *host);

/*
 * Is the host an address in that network: an address, in brackets or not, with
 * or without /BITS?  1; 0; -1: that is no network.
 */
int noproxy_in_network(struct span network, const char *host);

#endif
