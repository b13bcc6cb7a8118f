/*
 * probe.h -- opens one tunnel, listens for what waits behind it, and closes
 * it.  Floor 3.
 */
#ifndef PROBE_H
#define PROBE_H

#include "findings.h"
#include "loop.h"

struct probe;

/*
 * Begins.  Nothing is ever sent to the destination, unless it is in TLS.  What
 * is behind the tunnel has so long to say its first byte; 0: it is closed once
 * it is open.  Then calls done from the loop, once: the findings, which are
 * borrowed until then, have all.  NULL without memory.
 */
struct probe *probe_new(struct loop *, const struct route *, int listen_ms,
    struct findings *, void (*done)(void *arg), void *arg);

/* The stage that goes on; NULL: none. */
const struct stage *probe_stage(const struct probe *);

/* Does it wait for a person to type a password? */
int probe_asks_person(const struct probe *);

/*
 * Ends it by a signal, without a call: what was found so far is there, and what
 * it waited for.
 */
void probe_interrupt(struct probe *);

/* At any time, also within done; NULL is fine. */
void probe_free(struct probe *);

#endif
