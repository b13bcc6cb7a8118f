/* refusal.h -- why a proxy opens no tunnel, as one line.  Floor 1. */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "fail.h"
#include "http1.h"

/*
 * Fails with what a response that is neither 2xx nor about credentials means:
 * its code, its status, and a text that has the proxy's own words, out of the
 * fields or the page behind them, and what one may try.
 */
void refusal_explain(struct failure *, const char *authority,
    const struct http_response *, struct span page);

/*
 * Appends the proxy's own words, out of the fields or the page, or where a
 * redirection leads; nothing where it has none.
 */
void refusal_words(
    struct buf *, const struct http_response *, struct span page);

/* Fails as an answer has begun and not ended in time. */
void refusal_unfinished(struct failure *);

/*
 * What speaks another protocol than the one named is given so many bytes, at
 * most one line, and so long to be told by.
 */
#define BANNER_MAX 64
#define BANNER_PATIENCE_MS 250

/* Fails with what such bytes look like, FAIL_PROTOCOL. */
void refusal_alien(struct failure *, const char *protocol, struct span bytes);

#endif
