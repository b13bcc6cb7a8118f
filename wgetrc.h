/* wgetrc.h -- a password file in wget's manner.  Floor 1. */
#ifndef WGETRC_H
#define WGETRC_H

#include "addr.h"

/* What a file names; each NULL where it does not. */
struct wgetrc {
	struct credentials proxy, remproxy;
};

/*
 * Reads lines of NAME = VALUE: proxy_user, proxy_passwd or proxy_password,
 * remproxy_user, remproxy_passwd.  A value ends at a blank unless the whole
 * of it stands in quotes, within which \ precedes a quote or another \.
 * Comments and other names are passed over; of a name given twice the last
 * counts.  0; -1 where a value holds a NUL; NO_MEMORY.
 */
int wgetrc_parse(struct wgetrc *, struct span text);
void wgetrc_free(struct wgetrc *);

#endif
