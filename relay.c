/* relay.c -- two pipes, and how an end is passed on.  Floor 3. */
#include "relay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define DEAD_CHECKS 4 /* in the time after which a silent peer is dead */
/* A sink that takes so much in so little time is fast. */
#define FAST_BYTES ((uint64_t)10 << 20)
#define FAST_MS 8

void
pipe_init(struct pipe *p)
{
	memset(p, 0, sizeof *p);
	p->size = PIPE_READ_MIN;
	p->tube[0] = p->tube[1] = -1;
}

size_t
pipe_holds(const struct pipe *p)
{
	return (size_t)p->len + p->in_tube;
}

static void
give_buffer(struct pipe *p, struct pool *pool)
{
	if (p->data != NULL)
		pool_give_buffer(pool, p->data, p->room);
	p->data = NULL;
}

/* What holds nothing is for others to use. */
static void
give_back(struct pipe *p, struct pool *pool)
{
	if (p->len == 0)
		give_buffer(p, pool);
	if (p->in_tube == 0 && p->tube[0] >= 0)
		pool_give_pipe(pool, p->tube, 1);
}

void
pipe_drop(struct pipe *p, struct pool *pool)
{
	if (p->in_tube > 0)
		pool_give_pipe(pool, p->tube, 0);
	p->len = p->in_tube = 0;
	give_back(p, pool);
}

/* An empty pipe gets room for so many bytes. */
static int
get_buffer(struct pipe *p, struct pool *pool, size_t n)
{
	if (p->data != NULL && p->room >= n)
		return 0;
	give_buffer(p, pool);
	p->room = n;
	p->data = pool_buffer(pool, &p->room);
	return p->data != NULL ? 0 : -1;
}

/* The tube can't be emptied into the sink: what is in it has to be copied. */
static int
take_out_of_tube(struct pipe *p, struct pool *pool)
{
	ssize_t n;

	p->copies = 1;
	p->bulk = 0;
	if (get_buffer(p, pool, POOL_LARGE) < 0)
		return -1;
	n = read(p->tube[0], p->data, p->room);
	if (n <= 0)
		return -1; /* never: it is our own, and not empty */
	p->off = 0;
	p->len = (unsigned)n;
	p->in_tube -= (unsigned)n;
	return 0;
}

/* All that it holds is to go out. */
static enum pipe_result
empty(struct pipe *p, struct stream *to, struct pool *pool, size_t *turn)
{
	ssize_t n;

	while (pipe_holds(p) > 0) {
		n = p->len > 0 ? to->ops->write(to, p->data + p->off, p->len)
			       : stream_drain(to, p->tube[0], p->in_tube);
		if (n == STREAM_ERR)
			return PIPE_SINK_BROKE;
		if (n == STREAM_UNABLE) {
			if (take_out_of_tube(p, pool) < 0)
				return PIPE_NO_MEMORY;
			continue;
		}
		if (n < 0) {
			p->write_wants = (int)n;
			break;
		}
		if (p->len > 0) {
			p->off += (unsigned)n;
			p->len -= (unsigned)n;
		} else
			p->in_tube -= (unsigned)n;
		p->bytes += (size_t)n;
		*turn += (size_t)n;
	}
	return PIPE_FINE;
}

/* One move within the kernel, through the tube where it takes one. */
static ssize_t
move_once(struct pipe *p, struct stream *from, struct stream *to, size_t *turn)
{
	ssize_t n;

	if (p->tube[0] >= 0) {
		n = stream_fill(from, p->tube[1], PIPE_PIECE);
		p->in_tube = n > 0 ? (unsigned)n : 0;
		return n;
	}
	n = stream_splice(from, to, PIPE_PIECE);
	if (n > 0) {
		p->bytes += (size_t)n;
		*turn += (size_t)n;
	}
	return n;
}

/*
 * Moves what comes within the kernel, until one of the ends is to be waited
 * for, the turn is over, or copying is to go on: small pieces are cheaper
 * copied, and reading and writing say best what an end or an error is.
 */
static enum pipe_result
move(struct pipe *p, struct stream *from, struct stream *to, struct pool *pool,
    size_t *turn)
{
	size_t before = *turn;
	enum pipe_result result = PIPE_FINE;
	ssize_t n = STREAM_UNABLE;

	if (!stream_needs_pipe(from, to) || p->tube[0] >= 0 ||
	    pool_pipe(pool, p->tube) == 0)
		do {
			n = move_once(p, from, to, turn);
			result = empty(p, to, pool, turn);
		} while (n > 0 && result == PIPE_FINE && p->write_wants == 0 &&
			 p->bulk && *turn < PIPE_TURN);
	if (n > 0 || result != PIPE_FINE)
		return result;
	if (n == STREAM_WANT_OUT) {
		p->write_wants = STREAM_WANT_OUT;
		return PIPE_FINE;
	}
	p->bulk = n == STREAM_WANT_IN && *turn - before >= PIPE_BULK / 4;
	p->copies |= n == STREAM_UNABLE;
	if (n == STREAM_WANT_IN) {
		p->read_wants = STREAM_WANT_IN;
		p->starved = 1;
	}
	return n == STREAM_ERR ? PIPE_SOURCE_BROKE : PIPE_FINE;
}

/* The next read follows what this one has found. */
static void
adapt(struct pipe *p, struct stream *from, struct stream *to)
{
	if (p->len == p->size && p->size >= PIPE_BULK && !p->bulk &&
	    !p->copies) {
		p->bulk = 1;
		stream_widen_in(from);
		if (to->out_kind == STREAM_SHARED)
			stream_widen_out(to);
	} else if (p->len == p->size && p->size < PIPE_READ_MAX)
		p->size *= 2;
	else if (p->len < p->size / 4 && p->size > PIPE_READ_MIN)
		p->size /= 2;
}

static enum pipe_result
step_open(
    struct pipe *p, struct stream *from, struct stream *to, struct pool *pool)
{
	enum pipe_result result;
	size_t turn = 0;
	ssize_t n;
	int more = 1;

	for (;;) {
		result = empty(p, to, pool, &turn);
		if (result != PIPE_FINE || pipe_holds(p) > 0 ||
		    p->state != PIPE_OPEN)
			return result;
		if (!more || turn >= PIPE_TURN) {
			p->read_wants = STREAM_WANT_IN;
			p->again = more;
			return PIPE_FINE;
		}
		if (p->bulk) {
			result = move(p, from, to, pool, &turn);
			if (result != PIPE_FINE || p->read_wants != 0 ||
			    p->write_wants != 0)
				return result;
			if (turn >= PIPE_TURN)
				continue;
		}
		if (get_buffer(p, pool, p->size) < 0)
			return PIPE_NO_MEMORY;
		n = from->ops->read(from, p->data, p->size);
		if (n == STREAM_ERR)
			return PIPE_SOURCE_BROKE;
		if (n == STREAM_EOF) {
			p->state = PIPE_DRY;
			return PIPE_FINE;
		}
		if (n < 0) {
			p->read_wants = (int)n;
			p->starved = 1;
			return PIPE_FINE;
		}
		p->off = 0;
		p->len = (unsigned)n;
		more = p->len == p->size || from->hurry;
		adapt(p, from, to);
	}
}

enum pipe_result
pipe_step(
    struct pipe *p, struct stream *from, struct stream *to, struct pool *pool)
{
	enum pipe_result result;

	p->read_wants = p->write_wants = 0;
	p->starved = p->again = 0;
	result = step_open(p, from, to, pool);
	give_back(p, pool);
	return result;
}

void
relay_begin(struct relay *r, struct stream *near, struct stream *far,
    const struct relay_rules *rules, struct pool *pool, int near_is_terminal,
    int64_t now, struct failure *why)
{
	memset(r, 0, sizeof *r);
	r->near = near;
	r->far = far;
	r->rules = rules;
	r->pool = pool;
	r->why = why;
	r->near_is_terminal = near_is_terminal;
	pipe_init(&r->up);
	pipe_init(&r->down);
	r->up.moved = r->down.moved = now;
}

void
relay_free(struct relay *r)
{
	if (r->pool == NULL)
		return;
	pipe_drop(&r->up, r->pool);
	pipe_drop(&r->down, r->pool);
}

static void
over(struct relay *r, enum relay_end end)
{
	if (r->end == RELAY_RUNS)
		r->end = end;
}

/* Notes a loss; the first one is what gets reported. */
static void
lost(struct relay *r, const char *what, const char *fault)
{
	if (r->why->code == FAIL_NONE)
		fail(r->why, FAIL_LOST, "%s: %s", what, fault);
}

/*
 * The far stream broke.  What TLS says before there was a byte, such as that
 * a client certificate is missing, is why the tunnel can't be had.
 */
static void
lost_far(struct relay *r, const char *what)
{
	const struct failure *fault = r->far->fault;

	if (fault != NULL && fault->code != FAIL_LOST && r->down.bytes == 0)
		*r->why = *fault;
	else
		lost(r, what, stream_fault(r->far));
}

const char *
relay_near_in(const struct stream *near)
{
	return near->duplex ? "the client" : "standard input";
}

const char *
relay_near_out(const struct stream *near)
{
	return near->duplex ? "the client" : "standard output";
}

/* What came can't be handed on to near. */
static void
lost_near(struct relay *r)
{
	char what[64];

	snprintf(
	    what, sizeof what, "can't write to %s", relay_near_out(r->near));
	lost(r, what, stream_fault(r->near));
}

static void
await(struct relay *r, int64_t moment)
{
	if (r->due == 0 || moment < r->due)
		r->due = moment;
}

/*
 * A fast sink waits less with a wider pipe, and so do both sides where much
 * flows both ways.  Others had better keep what they are used to: ssh takes
 * all that is there at once, and where its own reader is slower it moves
 * megabytes about in its memory, at half the speed.
 */
static void
pace(const struct relay *r, struct pipe *p, struct stream *to, int64_t now)
{
	if (!p->bulk || p->is_wide)
		return;
	if (now - p->paced_at > FAST_MS) {
		p->paced_at = now;
		p->paced_from = p->bytes;
	}
	if (p->bytes - p->paced_from >= FAST_BYTES ||
	    (r->up.bulk && r->down.bulk)) {
		stream_widen_out(to);
		p->is_wide = 1;
	}
}

static enum pipe_result
step_pipe(struct relay *r, struct pipe *p, struct stream *from,
    struct stream *to, int64_t now)
{
	enum pipe_result result = PIPE_FINE;
	uint64_t before = p->bytes;

	if (p->state == PIPE_OPEN && !p->rests)
		result = pipe_step(p, from, to, r->pool);
	if (p->bytes != before) {
		p->moved = now;
		pace(r, p, to, now);
	}
	if (result == PIPE_NO_MEMORY) {
		fail(r->why, FAIL_LOCAL, "out of memory");
		over(r, RELAY_BROKE);
	}
	return result;
}

/* The tunnel's end: in order, or broken before it had brought a byte. */
static void
far_ends(struct relay *r, int64_t now)
{
	r->down.state = PIPE_DRY;
	r->far_ended = now;
	if (r->rules->answer_due && r->down.bytes == 0 && !r->end_passed &&
	    (r->why->code == FAIL_NONE || r->why->code == FAIL_LOST))
		fail(r->why, FAIL_CONNECT,
		    "closed the tunnel before a byte came through it (so "
		    "does a proxy that says 200 first and then can't reach "
		    "the destination)");
}

static void
step_down(struct relay *r, int64_t now)
{
	enum pipe_result result;

	if (r->down.state == PIPE_SHUT)
		return;
	result = step_pipe(r, &r->down, r->far, r->near, now);
	if (result == PIPE_SINK_BROKE) {
		if (r->near->error == EPIPE || r->near->error == ECONNRESET) {
			relay_not_read(r, now);
			return;
		}
		lost_near(r);
		over(r, RELAY_BROKE);
		return;
	}
	if (result == PIPE_SOURCE_BROKE)
		lost_far(r, "the tunnel broke");
	if (result == PIPE_SOURCE_BROKE || r->down.state == PIPE_DRY)
		far_ends(r, now);
	if (r->down.state != PIPE_DRY)
		return;
	/* After a failure its owner closes near, once he has said why. */
	if (r->why->code == FAIL_NONE && r->near->ops->finish(r->near) < 0 &&
	    r->near->error != EPIPE && r->near->error != ENOTCONN)
		lost_near(r);
	r->down.state = PIPE_SHUT;
}

static void
step_up(struct relay *r, int64_t now)
{
	enum pipe_result result;
	char what[64];

	if (r->up.state != PIPE_OPEN)
		return;
	result = step_pipe(r, &r->up, r->near, r->far, now);
	if (result == PIPE_SOURCE_BROKE) {
		snprintf(
		    what, sizeof what, "can't read %s", relay_near_in(r->near));
		lost(r, what, stream_fault(r->near));
		r->up.state = PIPE_DRY;
	} else if (result == PIPE_SINK_BROKE) {
		/* What the far end still sent comes first; see relay_step. */
		lost_far(r, "the far end did not take all that was sent");
		r->down.rests = 0;
		r->up.state = PIPE_SHUT;
		pipe_drop(&r->up, r->pool);
	}
}

static void
pass_end_on(struct relay *r)
{
	int rc = r->far->ops->finish(r->far);

	r->up.write_wants = 0;
	if (rc < 0 && rc != STREAM_ERR) {
		r->up.write_wants = rc;
		return;
	}
	if (rc == STREAM_ERR)
		lost_far(r, "can't close the tunnel in order");
	r->up.state = PIPE_SHUT;
	r->end_passed = 1;
}

/* The far end is there no more; what may near still want to say to it? */
static void
linger(struct relay *r, int64_t now)
{
	enum relay_end end = r->end_passed ? RELAY_NEAR_ENDED : RELAY_FAR_ENDED;
	int64_t last;

	if (r->up.state == PIPE_DRY)
		pass_end_on(r);
	if (r->up.state == PIPE_SHUT || r->why->code != FAIL_NONE ||
	    r->near_is_terminal || r->rules->linger_ms == 0) {
		if (pipe_holds(&r->up) > 0)
			lost(r, "the far end did not take all that was sent",
			    strerror(EPIPE));
		over(r, r->why->code == FAIL_NONE ? end : RELAY_BROKE);
		return;
	}
	if (r->up.write_wants != 0)
		return; /* it flows; the far end is slow to take it */
	last = r->up.moved > r->far_ended ? r->up.moved : r->far_ended;
	if (now >= last + r->rules->linger_ms)
		over(r, end);
	else
		await(r, last + r->rules->linger_ms);
}

/* Near has ended and its bytes are sent: when to pass the end on? */
static void
half_close(struct relay *r, int64_t now)
{
	int64_t moment;

	if (r->rules->half_close_ms == RELAY_NEVER)
		return;
	if (r->down.write_wants != 0 && r->rules->half_close_ms > 0)
		return; /* it has more to say than is taken at present */
	if (r->silent_since == 0) {
		r->silent_since = now;
		if (r->rules->half_close_ms > 0)
			log_line(SAY_EVENT,
			    "%s has ended: its end is passed on "
			    "once the far end has been silent for %g s, as "
			    "many proxies cut the tunnel then (--half-close)",
			    relay_near_in(r->near),
			    r->rules->half_close_ms / 1000.0);
	}
	if (r->down.moved > r->silent_since)
		r->silent_since = r->down.moved;
	moment = r->silent_since + r->rules->half_close_ms;
	if (now >= moment && r->rules->half_close_ms > 0 &&
	    r->far->ops->unacknowledged(r->far) >= 0) {
		/* It can't answer yet what is still on its way. */
		r->silent_since = now;
		moment = now + r->rules->half_close_ms;
	}
	if (now >= moment)
		pass_end_on(r);
	else
		await(r, moment);
}

/*
 * Bytes that stay unacknowledged keep TCP's keepalive quiet, and TCP itself
 * tries for a quarter of an hour; so the peer's last sign of life is looked
 * at while there are any.
 */
static void
find_dead_peer(struct relay *r, int64_t now)
{
	int64_t silence, pause = r->rules->dead_ms / DEAD_CHECKS + 1;

	if (r->rules->dead_ms == 0)
		return;
	if (r->dead_check == 0 && r->up.bytes > 0 && now - r->up.moved < pause)
		r->dead_check = now + pause;
	if (r->dead_check != 0 && now >= r->dead_check) {
		silence = r->far->ops->unacknowledged(r->far);
		r->dead_check = silence < 0 ? 0 : now + pause;
		if (silence >= r->rules->dead_ms) {
			fail(r->why, FAIL_LOST,
			    "the far end has acknowledged nothing for %g s "
			    "(--keepalive)",
			    r->rules->dead_ms / 1000.0);
			over(r, RELAY_BROKE);
		}
	}
	if (r->dead_check != 0)
		await(r, r->dead_check);
}

static void
find_idle(struct relay *r, int64_t now)
{
	int64_t last =
	    r->up.moved > r->down.moved ? r->up.moved : r->down.moved;

	if (r->rules->idle_ms == 0)
		return;
	if (now >= last + r->rules->idle_ms) {
		if (r->why->code == FAIL_NONE)
			fail(r->why, FAIL_LOST,
			    "nothing moved for %g s (--idle-timeout)",
			    r->rules->idle_ms / 1000.0);
		over(r, RELAY_IDLE);
	} else
		await(r, last + r->rules->idle_ms);
}

static int
may_rest(const struct pipe *p)
{
	return p->read_wants == STREAM_WANT_IN && p->write_wants == 0 &&
	       !p->again;
}

void
relay_near_ready(struct relay *r)
{
	r->down.rests = may_rest(&r->down);
}

void
relay_far_ready(struct relay *r)
{
	r->up.rests = may_rest(&r->up);
}

void
relay_step(struct relay *r, int64_t now)
{
	if (r->end != RELAY_RUNS)
		return;
	r->due = 0;
	step_up(r, now);
	step_down(r, now);
	r->up.rests = r->down.rests = 0;
	if (r->end != RELAY_RUNS)
		return;
	if (r->down.state == PIPE_SHUT)
		linger(r, now);
	else if (r->up.state == PIPE_DRY)
		half_close(r, now);
	else if (r->up.state == PIPE_SHUT && !r->end_passed && r->down.starved)
		over(r, RELAY_BROKE); /* drained, after a failed write */
	find_idle(r, now);
	find_dead_peer(r, now);
	if (r->up.again || r->down.again)
		await(r, now);
}

void
relay_not_read(struct relay *r, int64_t now)
{
	uint64_t sent;
	char byte;

	/* What has come and is not read is lost; so is what can't be sent. */
	if (pipe_holds(&r->down) > 0 || stream_is_unread(r->near) ||
	    (r->down.state == PIPE_OPEN &&
		r->far->ops->peek(r->far, &byte, 1) > 0))
		fail(r->why, FAIL_LOST, "%s", "");
	r->down.state = PIPE_SHUT;
	pipe_drop(&r->down, r->pool);
	step_up(r, now);
	sent = r->up.bytes;
	step_up(r, now);
	if (pipe_holds(&r->up) > 0 || r->up.bytes != sent)
		fail(r->why, FAIL_LOST, "%s", "");
	over(r, RELAY_NOT_READ);
}

int
relay_minds_near(const struct relay *r)
{
	/* A socket's hang-up is seen by reading it, to its end. */
	return r->near->out >= 0 && r->down.state == PIPE_OPEN &&
	       (!r->near->duplex || r->up.state != PIPE_OPEN);
}

int
relay_minds_far(const struct relay *r)
{
	return r->down.state == PIPE_SHUT;
}
