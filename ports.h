/* ports.h -- a set of ports, written "22,80,1-1024".  Floor 1. */
#ifndef PORTS_H
#define PORTS_H

#include "fail.h"

#define PORTS_MAX 65535

struct ports {
	uint8_t bits[(PORTS_MAX + 1) / 8];
};

/* Adds what the text names.  0, or -1 with FAIL_USAGE. */
int ports_parse(struct ports *, const char *, struct failure *);

/* The first port from one on, itself included; 0: none is left. */
unsigned ports_next(const struct ports *, unsigned from);

unsigned ports_count(const struct ports *);

#endif
