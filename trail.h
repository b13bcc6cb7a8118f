/*
 * trail.h -- what was said, by whom and where, for --print-config alone: no
 * other run keeps it.  Floor 5.
 */
#ifndef TRAIL_H
#define TRAIL_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* An option that has taken effect, in the order in which that was. */
struct said {
	int option;
	uint32_t reach;	   /* the connections, as options_reach has it */
	char *value;	   /* with *** for a secret; NULL: none */
	const char *where; /* a file or a variable; NULL: the command line */
	unsigned line;	   /* of the file, 0: it is a variable */
};

struct trail {
	struct said *list;
	size_t n;
	const char *where; /* as above, for what is said from now on */
	unsigned line;
	size_t hops; /* how many proxies there were for what was said last */
	int lost;    /* there was no memory for one */
};

struct trail *trail_new(void); /* NULL without memory */

/*
 * What is said from now on is said there; the name is borrowed.  As with what
 * follows, a trail that is NULL is fine.
 */
void trail_at(struct trail *, const char *where, unsigned line);

/* Copies the value but for the secret in it, whose p may be NULL: none is. */
void trail_note(struct trail *, int option, uint32_t reach, const char *value,
    struct span secret);

/* The last one of that option, NULL: there is none. */
const struct said *trail_last(const struct trail *, int option);

void trail_free(struct trail *);

#endif
