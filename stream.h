/*
 * stream.h -- a byte stream that never blocks.  Streams stack: the top one
 * owns those below.  Floor 2.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fail.h"

/* What a call returns when it moves no bytes. */
#define STREAM_EOF 0	     /* of reading: the end, in order */
#define STREAM_ERR (-1)	     /* broken; stream_fault says why */
#define STREAM_WANT_IN (-2)  /* call again when in is readable */
#define STREAM_WANT_OUT (-3) /* call again when out is writable */
#define STREAM_UNABLE (-4)   /* of splicing: these two can't, ever */

struct stream;

struct stream_ops {
	/*
	 * Moves at most n > 0 bytes.  A read that returns less than n has
	 * taken all there was, so that one may wait before the next, unless
	 * hurry is set; after one that returns n more may be there though
	 * nothing polls readable.  A write that did not take all is to be
	 * repeated with the same bytes in front.  peek reads without taking; it
	 * and unacknowledged are NULL for inherited descriptors, which are only
	 * ever near.
	 */
	ssize_t (*read)(struct stream *, void *, size_t n);
	ssize_t (*peek)(struct stream *, void *, size_t n);
	ssize_t (*write)(struct stream *, const void *, size_t n);

	/* No more writes: passes the end on.  0, or as write has it. */
	int (*finish)(struct stream *);

	/*
	 * Milliseconds for which bytes that were written have waited without
	 * a sign of life from the peer; -1: the peer has acknowledged all.
	 */
	int64_t (*unacknowledged)(struct stream *);

	/* Closes the descriptors and frees the stream. */
	void (*free)(struct stream *);
};

/* What the kernel has at an end, for moving bytes within it. */
enum stream_kind {
	STREAM_OTHER,
	STREAM_PIPE,
	STREAM_FILE,
	STREAM_SOCKET,
	STREAM_SHARED /* a Unix-domain socket that may block */
};

struct stream {
	const struct stream_ops *ops;
	struct stream *below; /* owned; NULL at the bottom */
	int in, out;	      /* what to poll; -1 once closed */
	enum stream_kind in_kind, out_kind;
	int duplex; /* in and out are one socket */
	int hurry;  /* the end is there, though nothing polls readable */
	int error;  /* errno of the last STREAM_ERR */
	const struct failure *fault; /* what that was, NULL: just errno */
};

/* A connected socket that is non-blocking; owned from now on. */
struct stream *stream_socket(int fd);

/*
 * Two inherited descriptors, of any kind, which may be the same.  They are
 * owned from now on, but what other processes share of them, the flags of the
 * open file, is left as it was found.  NULL without memory.
 */
struct stream *stream_stdio(int in, int out);

/* What to poll for after a read and a write have returned that. */
int stream_events(int read, int written);

/*
 * Moves at most n bytes from one stream to the other without touching them.
 * Returns how many; 0: nothing, and reading and writing tell why;
 * STREAM_WANT_IN, STREAM_WANT_OUT, of from and to; STREAM_ERR: from is broken;
 * STREAM_UNABLE.
 */
ssize_t stream_splice(struct stream *from, struct stream *to, size_t n);

/* A word for it, or for that this build can't. */
extern const char stream_moves[];

/* Does it take a pipe between the two to do that? */
int stream_needs_pipe(const struct stream *from, const struct stream *to);

/*
 * The same in two steps: into a pipe that is empty, and out of one that is not.
 * They return as stream_splice; stream_drain never 0, and with STREAM_ERR it is
 * to that is broken.
 */
ssize_t stream_fill(struct stream *from, int pipe, size_t n);
ssize_t stream_drain(struct stream *to, int pipe, size_t n);

/*
 * Much will come through: makes the pipe at either end wider, and the buffer
 * of a shared socket, until it is closed.
 */
void stream_widen_in(struct stream *);
void stream_widen_out(struct stream *);

/* Is there something in the pipe behind its end that nobody has read yet? */
int stream_is_unread(const struct stream *);

/* Why the stream is broken, as the end of a sentence. */
const char *stream_fault(const struct stream *);

/* Is the input a person at a terminal? */
int stream_is_terminal(const struct stream *);

/* Takes the socket out of a stream that is nothing else; -1: it is more. */
int stream_take(struct stream *);

/* Frees the whole stack; NULL is fine. */
void stream_free(struct stream *);

#endif
