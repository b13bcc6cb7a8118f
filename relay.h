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
#include "pool.h"
#include "stream.h"

/*
 * Bytes of a read, which grows while it is filled; of one that tells that much
 * comes; of a turn before another pipe has its; of a move within the kernel.
 */
#define PIPE_READ_MIN ((unsigned)POOL_SMALL)
#define PIPE_READ_MAX ((unsigned)POOL_LARGE)
#define PIPE_BULK 32768u
#define PIPE_TURN ((size_t)1 << 19)
#define PIPE_PIECE ((size_t)1 << 20)

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

enum pipe_result {
	PIPE_FINE,
	PIPE_SOURCE_BROKE,
	PIPE_SINK_BROKE,
	PIPE_NO_MEMORY
};

/* One direction.  Begins as pipe_init has it. */
struct pipe {
	uint8_t *data; /* a buffer of the pool's, NULL: it is empty */
	size_t room;   /* of that */
	unsigned off, len;
	unsigned in_tube; /* bytes in the tube, behind those in data */
	int tube[2];	  /* a pipe of the pool's, -1: it is empty */
	unsigned size;	  /* of the next read */
	enum pipe_state state;
	int read_wants, write_wants; /* 0 or STREAM_WANT_* */
	int starved;		     /* the last read found nothing */
	int again;		     /* only its turn is over: step it soon */
	int rests;	     /* it was polled, and there is nothing to read */
	int bulk;	     /* much comes: it is moved within the kernel */
	int copies;	     /* that can't be had between these two */
	uint64_t bytes;	     /* that went all the way */
	int64_t moved;	     /* when the last of them did */
	int64_t paced_at;    /* when its speed was last measured from */
	uint64_t paced_from; /* bytes, at that moment */
	int is_wide;	     /* the sink was made so */
};

void pipe_init(struct pipe *);

/*
 * Moves bytes until one side would block or PIPE_TURN is reached, and sets
 * what to wait for.  A source that ends makes an open pipe dry.  What it needs
 * is the pool's again as soon as it holds nothing.
 */
enum pipe_result pipe_step(
    struct pipe *, struct stream *from, struct stream *to, struct pool *);

/* How many bytes has it taken that are not written yet? */
size_t pipe_holds(const struct pipe *);

/* Those are lost. */
void pipe_drop(struct pipe *, struct pool *);

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
	struct pool *pool;		 /* borrowed */
	struct failure *why;		 /* borrowed; FAIL_NONE: all in order */
	struct pipe up, down;		 /* near to far, far to near */
	int64_t due; /* call relay_step then, whatever else; 0: no need */
	int64_t dead_check;   /* when to ask for unacknowledged bytes, 0: not */
	int64_t far_ended;    /* 0: not yet */
	int64_t silent_since; /* of far, once near has ended; 0: before */
	int near_is_terminal, end_passed;
	enum relay_end end;
};

/* Takes two streams into a fresh relay. */
void relay_begin(struct relay *, struct stream *near, struct stream *far,
    const struct relay_rules *, struct pool *, int near_is_terminal,
    int64_t now, struct failure *why);

/* Gives back what it holds.  Also of one that is all zeros. */
void relay_free(struct relay *);

/*
 * The loop has found near, or far, ready to be read, and nothing else: the
 * other pipe rests in the next relay_step if all it waits for is its source.
 */
void relay_near_ready(struct relay *);
void relay_far_ready(struct relay *);

/*
 * Does what can be done at a moment (ms).  The relay goes on while its end is
 * RELAY_RUNS; the pipes' wants say what to poll for and due when to call at
 * the latest.
 */
void relay_step(struct relay *, int64_t now);

/* What near is called in messages, as it is read and as it is written. */
const char *relay_near_in(const struct stream *near);
const char *relay_near_out(const struct stream *near);

/* Nobody reads near any more: ends the relay. */
void relay_not_read(struct relay *, int64_t now);

/* Which errors and hang-ups matter though nothing is awaited. */
int relay_minds_near(const struct relay *);
int relay_minds_far(const struct relay *);

#endif
