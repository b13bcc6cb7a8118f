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

#endif
