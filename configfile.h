/*
 * configfile.h -- a file in the manner of ssh_config(5): lines of a keyword and
 * its value, and sections that are for some destinations.  Floor 1.
 *
 *	KEYWORD VALUE, KEYWORD=VALUE, # a comment
 *	Host PATTERN...
 *	Include FILE...
 *
 * A value is the rest of the line up to a comment, which begins with a '#'
 * behind a blank; quotes around all of it are taken off.  The lines up to the
 * first Host are for every destination, those behind one for those that match
 * one of its patterns and none that has a '!' in front.  A pattern is a name
 * with the wildcards '*' and '?', an address, or a network as ADDRESS/BITS;
 * :PORT may stand behind it or alone, an IPv6 address is in brackets then.
 */
#ifndef CONFIGFILE_H
#define CONFIGFILE_H

#include "addr.h"

/* A walk over the lines of a file. */
struct configfile {
	struct span rest;	   /* of the text, which is borrowed */
	const struct endpoint *to; /* the destination, borrowed as well */
	unsigned line;		   /* number of the one at hand */
	unsigned section;	   /* how many Host stand before it */
	int applies;		   /* is its section for the destination? */
	struct span keyword;
	struct span raw;  /* the value as it stands */
	struct buf value; /* one string, as it has no NUL in it */
};

void configfile_begin(
    struct configfile *, struct span text, const struct endpoint *to);

/*
 * Comes to the next line that is neither empty nor Host.  1; 0 at the end; -1
 * with what is wrong, as in "LINE: 'WHAT': FAULT"; NO_MEMORY.
 */
int configfile_next(struct configfile *, struct span *what, const char **fault);
void configfile_end(struct configfile *);

/* Is the line at hand one that includes other files? */
int configfile_includes(const struct configfile *);

/* Cuts the next word off a value, without quotes around it.  0: none left. */
int configfile_word(struct span *rest, struct span *word);

#endif
