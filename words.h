/*
 * words.h -- what a person can read out of a proxy's answer.  Floor 1.
 */
#ifndef WORDS_H
#define WORDS_H

#include "fail.h"
#include "http1.h"

#define WORDS_MAX 256	     /* bytes of the proxy's words that are shown */
#define WORDS_BODY_MAX 16384 /* bytes of a body that are looked at */

/*
 * Appends what Proxy-Status says went wrong: "error: details" (RFC 9209
 * 2.1).  Nothing where there is no such field.  0, or -1 as buf_put.
 */
int words_of_fields(struct buf *, const struct http_response *);

/*
 * Appends the first line of a body that tells more than the status line did:
 * of HTML the text a browser would show, of plain text the text.  Nothing
 * where there is none.  0, or -1 as buf_put.
 */
int words_of_body(struct buf *, const struct http_response *, struct span body);

/* Does an answer of 5xx blame the name of the destination? */
int words_blame_name(const struct http_response *, struct span body);

/* Does an answer of 400 say that the port wants TLS? */
int words_want_tls(struct span body);

/*
 * What sent these bytes instead of a proxy's answer, as the end of the
 * sentence "this looks like ..."; NULL where that can't be told.  And the cause
 * that it is of a failure.
 */
const char *words_banner(struct span, enum fail_cause *);

#endif
