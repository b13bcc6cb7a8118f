/*
 * child.h -- a process of our own, talked to from the loop.  Floor 2.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stddef.h>

#include "buf.h"
#include "loop.h"

#define CHILD_SAYS_MAX ((size_t)1 << 18) /* bytes that are kept of it */

struct child;

/*
 * Forks a child that runs body and ends with what it returns.  It has none of
 * our descriptors but standard error; standard input and output are
 * /dev/null; it reads what child_tell says from one descriptor and writes to
 * another.  The loop calls heard when it has said something, and last when it
 * has ended.  NULL, with errno, where that can't be.
 */
struct child *child_new(struct loop *,
    int (*body)(const void *what, int from, int to), const void *what,
    void (*heard)(void *arg), void *arg);

/* A body: runs a program, its standard output for us; what is its argv. */
int child_exec(const void *argv, int from, int to);

/*
 * Goes on as a child; the parent writes the child's number to a descriptor, -1:
 * to none, and ends with status 0.  Where it can't write it says so, ends the
 * child by SIGTERM, and its status is that of a file.  It touches nothing else
 * that is shared.  0 in the child, or -1.
 */
int child_go_on(int pidfile);

/* Says something to it.  0, or -1 where that is too much for it. */
int child_tell(struct child *, const void *, size_t);

/* What it has said and nobody has taken yet. */
struct buf *child_said(struct child *);

/* Was that more than CHILD_SAYS_MAX or memory holds?  Then nothing is kept. */
int child_lost(const struct child *);

/* Its status as of waitpid(2) once it has ended; -1: it runs. */
int child_status(const struct child *);

/* Ends it if it runs; nothing of it is left.  NULL is fine. */
void child_free(struct child *);

#endif
