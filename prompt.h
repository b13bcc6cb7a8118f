/* prompt.h -- a line typed at the terminal, from the loop.  Floor 2. */
#ifndef PROMPT_H
#define PROMPT_H

#include "buf.h"
#include "loop.h"

struct prompt;

/* Is there a terminal to ask on? */
int prompt_possible(void);

/*
 * Shows a text on the controlling terminal, never on standard output, and
 * waits for a line without echo, never from standard input.  Then calls done
 * from the loop, once: with the line, that is done's to take, or with NULL
 * where there is none.  The stop and quit keys do what they should, with the
 * terminal put right before; the text is shown again after a stop.  NULL, with
 * errno, where that can't be.
 */
struct prompt *prompt_new(struct loop *, const char *text,
    void (*done)(void *arg, struct buf *line), void *arg);

/* Puts the terminal right.  NULL is fine. */
void prompt_free(struct prompt *);

#endif
