/*
 * proxyauto.h -- asks libproxy which proxies are for a destination.  Floor 2.
 *
 * libproxy may fetch a PAC file, run it and look names up, and it knows no
 * deadline: it lives in a child process.
 */
#ifndef PROXYAUTO_H
#define PROXYAUTO_H

#include "fail.h"
#include "loop.h"

struct proxyauto;

/* Why libproxy can't be had, as the end of a sentence. */
extern const char proxyauto_missing[];

/* Appends which libproxy there is; -1: none. */
int proxyauto_about(struct buf *);

/*
 * Asks for a destination, which is borrowed for this call.  Then calls done
 * from the loop, once: with the URIs of proxies, a line each and the best
 * first, or with the failure; both live for that call.  NULL, with errno,
 * where that can't even begin.
 */
struct proxyauto *proxyauto_new(struct loop *, const char *authority,
    void (*done)(void *arg, struct span proxies, const struct failure *),
    void *arg);

/* NULL is fine; also within done. */
void proxyauto_free(struct proxyauto *);

#endif
