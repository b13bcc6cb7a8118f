/* secret.h -- where a password comes from.  Floor 4. */
#ifndef SECRET_H
#define SECRET_H

#include "addr.h"
#include "fail.h"

/*
 * Fills in what is missing of user and password from a file in wget's manner,
 * which nobody else may be able to read.  0, or -1 with FAIL_FILE.
 */
int secret_from_file(struct credentials *, const char *path, struct failure *);

/*
 * Fills in what is missing from others, copying it; nothing where those are of
 * another user.  0, or -1.
 */
int secret_from(
    struct credentials *, const struct credentials *, struct failure *);

/*
 * Asks for the password on the controlling terminal, never on standard input,
 * without echo; the terminal is put right on any signal.  0, or -1 with
 * FAIL_AUTH where there is no terminal.
 */
int secret_from_terminal(
    struct credentials *, const char *proxy, struct failure *);

#endif
