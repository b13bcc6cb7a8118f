/*
 * relay.h -- the open tunnel: two pipes between a near and a far stream, and
 * the rules by which an end on one side is passed on to the other.  Floor 3.
 *
 *   event                what follows
 *   near ends            what was read is sent; the end is passed on once the
 *                        far side has taken all of it and then been silent
 *                        for half_close_ms, for many a proxy cuts the whole
 *                        tunnel at the client's FIN and the answer is lost
 *   far ends             what was read is written, near is closed at once;
 *                        near is read on until it ends, a write fails, or it
 *                        is silent for linger_ms (a terminal: not at all)
 *   far breaks           what had arrived is written out, then it is over
 *   nobody reads near    over at once
 *   nothing moves for idle_ms, or far acknowledges nothing for dead_ms: over
 */
#ifndef RELAY_H
#define RELAY_H

#include "fail.h"
#include "stream.h"

/* Bytes of a buffer, of a turn before the other direction has its, of a move */
#define PIPE_SIZE ((size_t)65536)
#define PIPE_TURN (4 * PIPE_SIZE)
#define PIPE_PIECE (16 * PIPE_SIZE)

#define RELAY_NEVER (-1)

struct relay_rules {
	int half_close_ms; /* 0: at once, RELAY_NEVER: never */
	int linger_ms;	   /* 0: not at all */
	int idle_ms;	   /* 0: never */
	int dead_ms;	   /* 0: never */
	int answer_due;	   /* an end before the first byte is a refusal */
};

enum pipe_state {
	PIPE_OPEN, /* more may come */
	PIPE_DRY,  /* the source has ended and all of it is written */
	PIPE_SHUT  /* and the end is passed on, or nobody takes it */
};

enum pipe_result { PIPE_FINE, PIPE_SOURCE_BROKE, PIPE_SINK_BROKE };

/* One direction. */
struct pipe {
	uint8_t *data; /* PIPE_SIZE bytes, borrowed */
	size_t off, len;
	enum pipe_state state;
	int read_wants, write_wants; /* 0 or STREAM_WANT_* */
	int starved;		     /* the last read found nothing */
	int again;		     /* only its turn is over: step it soon */
	int bulk;	/* much comes: it is moved within the kernel */
	int copies;	/* that can't be had between these two */
	uint64_t bytes; /* that went all the way */
	int64_t moved;	/* when the last of them did */
};

/*
 * Moves bytes until one side would block or PIPE_TURN is reached, and sets
 * what to wait for.  A source that ends makes an open pipe dry.
 */
enum pipe_result pipe_step(
    struct pipe *, struct stream *from, struct stream *to);

enum relay_end {
	RELAY_RUNS,
	RELAY_FAR_ENDED,
	RELAY_NEAR_ENDED, /* and the far end followed */
	RELAY_NOT_READ,	  /* nobody reads what comes */
	RELAY_IDLE,
	RELAY_BROKE
};

struct relay {
	struct stream *near, *far;	 /* borrowed */
	const struct relay_rules *rules; /* borrowed */
	struct pipe up, down;		 /* near to far, far to near */
	uint8_t *buffers;		 /* of both */
	int64_t opened;
	int64_t due; /* call relay_step then, whatever else; 0: no need */
	int64_t dead_check;   /* when to ask for unacknowledged bytes, 0: not */
	int64_t far_ended;    /* 0: not yet */
	int64_t silent_since; /* of far, once near has ended; 0: before */
	int near_is_terminal, end_passed;
	enum relay_end end;
	struct failure why; /* FAIL_NONE: all in order */
};

/* Takes two streams into a fresh relay.  0, or -1 without memory. */
int relay_begin(struct relay *, struct stream *near, struct stream *far,
    const struct relay_rules *, int near_is_terminal, int64_t now);
void relay_free(struct relay *);

/*
 * Does what can be done at a moment (ms).  The relay goes on while its end is
 * RELAY_RUNS; the pipes' wants say what to poll for and due when to call at
 * the latest.
 */
void relay_step(struct relay *, int64_t now);

/* Nobody reads near any more: ends the relay. */
void relay_not_read(struct relay *, int64_t now);

/* Which errors and hang-ups matter though nothing is awaited. */
int relay_minds_near(const struct relay *);
int relay_minds_far(const struct relay *);

#endif
