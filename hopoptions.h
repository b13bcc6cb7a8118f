/*
 * hopoptions.h -- what is said of proxies and of the way to each.  Floor 5.  0,
 * or -1 with FAIL_USAGE or FAIL_LOCAL; secrets among the arguments are copied
 * and overwritten where they stand.
 */
#ifndef HOPOPTIONS_H
#define HOPOPTIONS_H

#include "options.h"

#define OPTIONS_ALL SIZE_MAX /* a scope: hops, and the destination */

/* A user or password can't end the line of a request. */
int options_check_secret(const char *, const char *from, struct failure *);

/* Reads a proxy's address. */
int options_set_proxy(
    struct hop *, char *text, const char *from, struct failure *);

/* Does it name a proxy or is about one by the order? */
int options_makes_hops(int option);
int options_set_hop(struct config *, int option, char *arg, struct failure *);

/* Is it about TLS?  Does --for say what it is for? */
int options_is_of_tls(int option);
int options_is_scoped(int option);
int options_set_scoped(
    struct config *, size_t scope, int option, char *arg, struct failure *);

/* Which connections it is for, as bits; 1 where that is no question. */
uint32_t options_reach(const struct config *, int option, size_t scope);

/* What is secret of its value; p NULL: nothing is. */
struct span options_secret(int option, struct span value);

/* Reads which hop the options behind --for are for. */
int options_set_scope(
    struct config *, const char *, size_t *scope, struct failure *);

/* For one hop or all; but a secret goes to one alone, the first if need be. */
int options_set_header(
    struct config *, size_t scope, char *header, struct failure *);

/* The Host field, and the name for TLS. */
int options_set_host(struct config *, const char *, struct failure *);

#endif
