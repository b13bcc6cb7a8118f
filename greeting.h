/*
 * greeting.h -- what waits behind a tunnel, by the first bytes that come out
 * of it.  Floor 1.
 */
#ifndef GREETING_H
#define GREETING_H

#include "text.h"

#define GREETING_MAX 512 /* bytes that are looked at */

struct greeting {
	char name[8];	/* one word, for machines: "ssh" */
	char words[80]; /* "an SSH server" */
	int is_text;	/* its first line may be shown */
};

/* Never NULL; n 0 stands for silence. */
const struct greeting *greeting_of(struct span);

/* Is it all there: a line that can be told by? */
int greeting_is_whole(struct span);

/* Is that a page for a person, which nobody sends behind a tunnel? */
int greeting_is_page(const struct greeting *);

/* Is it anything, and nothing that is known? */
int greeting_is_unknown(const struct greeting *);

/* It ended before it had said anything. */
extern const struct greeting greeting_closed;

/* Appends its first line, if it has one to show.  0, or -1 as buf_put. */
int greeting_show(struct buf *, const struct greeting *, struct span);

#endif
