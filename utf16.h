/* utf16.h -- text as NTLM has it: UTF-16, the low byte first.  Floor 0. */
#ifndef UTF16_H
#define UTF16_H

#include "text.h"

/* Appends UTF-8.  0; -1 where it is none; NO_MEMORY where buf_put fails. */
int utf16_put(struct buf *, struct span);

/*
 * Makes UTF-8 of what the buffer holds; half a surrogate pair is written like
 * any character.  0, or NO_MEMORY.
 */
int utf16_to_utf8(struct buf *);

/* The upper case of one unit, where it is one, too. */
unsigned utf16_upper(unsigned);

#endif
