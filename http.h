/*
 * http.h -- HTTP CONNECT: asks an HTTP/1.1 proxy for a tunnel.  Floor 1.
 * RFC 9110 9.3.6, RFC 9112 3.2.3.
 */
#ifndef HTTP_H
#define HTTP_H

#include "auth.h"
#include "handshake.h"
#include "text.h"

#define HTTP_REQUEST_MAX ((size_t)1 << 20) /* bytes of a request's head */
#define HTTP_INTERIM_MAX 16  /* 1xx answers before the final one */
#define HTTP_ATTEMPTS_MAX 10 /* requests in all */

/* What to ask for; all of it is borrowed and must outlive the handshake. */
struct http_connect {
	const char *authority;	    /* of the target: HOST:PORT */
	const char *host;	    /* the Host field, NULL: the authority */
	const char *const *headers; /* "Name: value" each */
	size_t nheaders;
	const struct auth_setup *auth;
};

/*
 * Is this a field line that may be sent: a name and a colon, and no control
 * character?  The fault, or NULL.  "Name:" alone takes a field out.
 */
const char *http_header_fault(const char *);

/* Is that the name of a field whose value is not to be shown? */
int http_is_secret(struct span name);

/* Does a header of the user's replace the field of that name, or take it out?
 */
int http_is_overridden(const struct http_connect *, const char *name);

/* Makes the handshake, freed by its own ops->free; NULL without memory. */
struct handshake *http_connect(const struct http_connect *);

#endif
