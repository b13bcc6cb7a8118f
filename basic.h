/* basic.h -- Basic authentication.  Floor 1.  RFC 7617. */
#ifndef BASIC_H
#define BASIC_H

#include "addr.h"

/* Why these credentials have no form in Basic; NULL: they have. */
const char *basic_fault(const struct credentials *);

/* Appends "Basic " and user:password in base64.  0, or -1 as buf_put. */
int basic_answer(const struct credentials *, struct buf *out);

#endif
