/*
 * relay_test.c -- pipes and the rules of an end, over streams in memory and
 * by a clock of our own.
 */
#include "log.h"
#include "relay.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#define MUCH (PIPE_TURN + 140000) /* bytes: more than one turn */

/* A stream that says at every moment what it is told to. */
struct memory {
	struct stream stream;
	const uint8_t *data; /* what there is to read */
	size_t left, read_most;
	ssize_t then; /* what reading returns once nothing is left */
	uint8_t got[MUCH];
	size_t ngot, room, write_most; /* write_most 0: any number */
	ssize_t full;		       /* what writing returns without room */
	int finish_error, finish_waits, finished, reads;
	int64_t silence; /* what unacknowledged returns */
};

static struct memory near, far;
static uint8_t pattern[MUCH];
static struct pool *pool;
static struct relay r;
static struct failure why;
static struct relay_rules rules;

static ssize_t
memory_peek(struct stream *s, void *p, size_t n)
{
	struct memory *m = (struct memory *)s;

	if (m->left == 0)
		return m->then;
	if (n > m->left)
		n = m->left;
	if (m->read_most > 0 && n > m->read_most)
		n = m->read_most;
	memcpy(p, m->data, n);
	return (ssize_t)n;
}

static ssize_t
memory_read(struct stream *s, void *p, size_t n)
{
	struct memory *m = (struct memory *)s;
	ssize_t got = memory_peek(s, p, n);

	m->reads++;
	if (got > 0) {
		m->data += got;
		m->left -= (size_t)got;
	}
	return got;
}

static ssize_t
memory_write(struct stream *s, const void *p, size_t n)
{
	struct memory *m = (struct memory *)s;

	if (m->room == 0)
		return m->full;
	if (n > m->room)
		n = m->room;
	if (m->write_most > 0 && n > m->write_most)
		n = m->write_most;
	if (n > sizeof m->got - m->ngot)
		return STREAM_ERR;
	memcpy(m->got + m->ngot, p, n);
	m->ngot += n;
	m->room -= n;
	return (ssize_t)n;
}

static int
memory_finish(struct stream *s)
{
	struct memory *m = (struct memory *)s;

	m->finished++;
	if (m->finish_waits > 0) {
		m->finish_waits--;
		return STREAM_WANT_OUT;
	}
	if (m->finish_error == 0)
		return 0;
	s->error = m->finish_error;
	return STREAM_ERR;
}

static int64_t
memory_unacknowledged(struct stream *s)
{
	return ((struct memory *)s)->silence;
}

static void
memory_init(struct memory *m)
{
	static const struct stream_ops ops = { memory_read, memory_peek,
		memory_write, memory_finish, memory_unacknowledged, NULL };

	memset(m, 0, sizeof *m);
	m->stream.ops = &ops;
	m->then = STREAM_WANT_IN;
	m->room = SIZE_MAX;
	m->full = STREAM_WANT_OUT;
	m->silence = -1;
}

/* n bytes to be read, and what reading returns behind them. */
static void
give(struct memory *m, size_t n, ssize_t then)
{
	m->data = pattern;
	m->left = n;
	m->then = then;
}

static void
breaks(struct memory *m, int error)
{
	m->then = STREAM_ERR;
	m->stream.error = error;
}

/* It has got n bytes of the pattern. */
#define CHECK_GOT(m, n)                                           \
	do {                                                      \
		CHECK_INT((m)->ngot, n);                          \
		CHECK(memcmp((m)->got, pattern, (m)->ngot) == 0); \
	} while (0)

static struct pipe up;

static void
pipe_begin(void)
{
	memory_init(&near);
	memory_init(&far);
	if (pool != NULL)
		pipe_drop(&up, pool);
	else
		pool = pool_new();
	pipe_init(&up);
}

static enum pipe_result
step(void)
{
	return pipe_step(&up, &near.stream, &far.stream, pool);
}

static void
pipe_moves(void)
{
	pipe_begin();
	give(&near, 1000, STREAM_WANT_IN);
	CHECK_INT(step(), PIPE_FINE);
	CHECK_GOT(&far, 1000);
	CHECK_INT(up.bytes, 1000);
	CHECK_INT(up.state, PIPE_OPEN);
	CHECK_INT(up.read_wants, STREAM_WANT_IN);
	CHECK_INT(up.write_wants, 0);
	/* A read that brought less than asked has taken all there was. */
	CHECK_INT(near.reads, 1);
	CHECK_INT(up.starved, 0);
	CHECK_INT(step(), PIPE_FINE);
	CHECK_INT(up.bytes, 1000);
	CHECK_INT(up.read_wants, STREAM_WANT_IN);
	CHECK_INT(up.starved, 1);
}

static void
pipe_passes_on_odd_wants(void)
{
	pipe_begin();
	near.then = STREAM_WANT_OUT;
	CHECK_INT(step(), PIPE_FINE);
	CHECK_INT(up.read_wants, STREAM_WANT_OUT);
	CHECK_INT(up.write_wants, 0);
	give(&near, 10, STREAM_WANT_IN);
	far.room = 0;
	far.full = STREAM_WANT_IN;
	CHECK_INT(step(), PIPE_FINE);
	CHECK_INT(up.read_wants, 0);
	CHECK_INT(up.write_wants, STREAM_WANT_IN);
}

static void
pipe_writes_in_pieces(void)
{
	pipe_begin();
	give(&near, 5000, STREAM_WANT_IN);
	near.read_most = 700;
	far.write_most = 13;
	while (near.left > 0)
		CHECK_INT(step(), PIPE_FINE);
	CHECK_GOT(&far, 5000);
	CHECK_INT(up.len, 0);
}

static void
pipe_waits_for_a_slow_sink(void)
{
	size_t i;

	pipe_begin();
	give(&near, 1000, STREAM_EOF);
	far.room = 300;
	CHECK_INT(step(), PIPE_FINE);
	CHECK_GOT(&far, 300);
	CHECK_INT(up.write_wants, STREAM_WANT_OUT);
	CHECK_INT(up.read_wants, 0);
	CHECK_INT(up.len, 700);
	for (i = 0; i < 6; i++) {
		CHECK_INT(step(), PIPE_FINE);
		CHECK_INT(near.reads, 1);
		CHECK_INT(up.state, PIPE_OPEN);
		far.room = 100;
	}
	far.room = 1000;
	CHECK_INT(step(), PIPE_FINE);
	CHECK_GOT(&far, 1000);
	CHECK_INT(up.write_wants, 0);
	CHECK_INT(up.bytes, 1000);
	CHECK_INT(step(), PIPE_FINE);
	CHECK_INT(up.state, PIPE_DRY);
}

static void
pipe_runs_dry(void)
{
	pipe_begin();
	near.then = STREAM_EOF;
	CHECK_INT(step(), PIPE_FINE);
	CHECK_INT(up.state, PIPE_DRY);
	CHECK_INT(up.read_wants, 0);
	CHECK_INT(up.write_wants, 0);
	CHECK_INT(far.finished, 0);
	CHECK_INT(step(), PIPE_FINE);
	CHECK_INT(near.reads, 1);
}

static void
pipe_breaks(void)
{
	pipe_begin();
	give(&near, 100, STREAM_ERR);
	CHECK_INT(step(), PIPE_FINE);
	CHECK_INT(step(), PIPE_SOURCE_BROKE);
	CHECK_GOT(&far, 100);
	pipe_begin();
	give(&near, 100, STREAM_WANT_IN);
	far.room = 40;
	far.full = STREAM_ERR;
	CHECK_INT(step(), PIPE_SINK_BROKE);
	CHECK_INT(up.bytes, 40);
}

static void
pipe_takes_turns(void)
{
	pipe_begin();
	give(&near, MUCH, STREAM_WANT_IN);
	CHECK_INT(step(), PIPE_FINE);
	CHECK_INT(up.read_wants, STREAM_WANT_IN);
	CHECK(far.ngot >= PIPE_TURN && far.ngot < PIPE_TURN + PIPE_READ_MAX);
	CHECK_INT(up.again, 1);
	CHECK_INT(step(), PIPE_FINE);
	CHECK_GOT(&far, MUCH);
	CHECK_INT(up.again, 0);
}

/* As TLS, which has read the end with the last bytes. */
static void
pipe_hurries_to_the_end(void)
{
	pipe_begin();
	give(&near, 10, STREAM_EOF);
	near.stream.hurry = 1;
	CHECK_INT(step(), PIPE_FINE);
	CHECK_GOT(&far, 10);
	CHECK_INT(up.state, PIPE_DRY);
}

static void
relay_start(int near_is_terminal)
{
	memory_init(&near);
	memory_init(&far);
	near.stream.in = near.stream.out = 3;
	far.stream.in = far.stream.out = 4;
	far.stream.duplex = 1;
	memset(&rules, 0, sizeof rules);
	rules.half_close_ms = 5000;
	rules.linger_ms = 1000;
	why = NO_FAILURE;
	relay_begin(&r, &near.stream, &far.stream, &rules, pool,
	    near_is_terminal, 1000, &why);
}

static void
over(enum relay_end end, enum fail_code code)
{
	CHECK_INT(r.end, end);
	CHECK_INT(why.code, code);
	relay_free(&r);
	relay_free(&r);
}

static void
both_ways(void)
{
	relay_start(0);
	give(&near, 3000, STREAM_WANT_IN);
	give(&far, 2000, STREAM_WANT_IN);
	relay_step(&r, 1500);
	CHECK_GOT(&far, 3000);
	CHECK_GOT(&near, 2000);
	CHECK_INT(r.up.moved, 1500);
	CHECK_INT(r.down.moved, 1500);
	CHECK_INT(r.up.read_wants, STREAM_WANT_IN);
	CHECK_INT(r.down.read_wants, STREAM_WANT_IN);
	CHECK_INT(r.due, 0);
	relay_step(&r, 9999999);
	CHECK_INT(r.up.moved, 1500);
	over(RELAY_RUNS, FAIL_NONE);
}

static void
near_ends(void)
{
	relay_start(0);
	give(&near, 100, STREAM_EOF);
	relay_step(&r, 2000);
	relay_step(&r, 2000);
	CHECK_GOT(&far, 100);
	CHECK_INT(far.finished, 0);
	CHECK_INT(r.due, 7000);
	relay_step(&r, 6999);
	CHECK_INT(far.finished, 0);
	CHECK_INT(r.due, 7000);
	/* An answer starts the silence anew. */
	give(&far, 50, STREAM_WANT_IN);
	relay_step(&r, 6999);
	CHECK_INT(r.due, 11999);
	relay_step(&r, 11998);
	CHECK_INT(far.finished, 0);
	relay_step(&r, 11999);
	CHECK_INT(far.finished, 1);
	CHECK(r.end_passed);
	CHECK_INT(r.end, RELAY_RUNS);
	relay_step(&r, 50000);
	CHECK_INT(far.finished, 1);
	/* The far end's answer to the end still comes. */
	far.data = pattern + 50;
	far.left = 20;
	relay_step(&r, 50001);
	CHECK_GOT(&near, 70);
	CHECK_INT(near.finished, 0);
	far.then = STREAM_EOF;
	relay_step(&r, 50002);
	CHECK_INT(near.finished, 1);
	over(RELAY_NEAR_ENDED, FAIL_NONE);
}

static void
near_ends_and_its_bytes_wait(void)
{
	relay_start(0);
	give(&near, 100, STREAM_EOF);
	far.room = 60;
	relay_step(&r, 2000);
	relay_step(&r, 90000);
	CHECK_INT(far.finished, 0);
	CHECK_INT(r.due, 0);
	far.room = 1000;
	relay_step(&r, 100000);
	relay_step(&r, 100000);
	CHECK_GOT(&far, 100);
	CHECK_INT(r.due, 105000);
	/* Sent is not yet taken: the silence has not begun. */
	far.silence = 10;
	relay_step(&r, 105000);
	CHECK_INT(far.finished, 0);
	CHECK_INT(r.due, 110000);
	far.silence = -1;
	relay_step(&r, 109999);
	CHECK_INT(far.finished, 0);
	relay_step(&r, 110000);
	CHECK_INT(far.finished, 1);
	over(RELAY_RUNS, FAIL_NONE);
}

static void
near_ends_and_does_not_read(void)
{
	relay_start(0);
	near.then = STREAM_EOF;
	near.room = 10;
	give(&far, 50, STREAM_WANT_IN);
	relay_step(&r, 2000);
	relay_step(&r, 90000);
	CHECK_INT(far.finished, 0);
	near.room = 1000;
	relay_step(&r, 90001);
	CHECK_GOT(&near, 50);
	CHECK_INT(r.due, 95001);
	relay_step(&r, 95001);
	CHECK_INT(far.finished, 1);
	over(RELAY_RUNS, FAIL_NONE);
}

static void
near_ends_now_or_never(void)
{
	relay_start(0);
	rules.half_close_ms = 0;
	give(&near, 100, STREAM_EOF);
	far.silence = 5;
	relay_step(&r, 2000);
	relay_step(&r, 2000);
	CHECK_GOT(&far, 100);
	CHECK_INT(far.finished, 1);
	over(RELAY_RUNS, FAIL_NONE);

	relay_start(0);
	rules.half_close_ms = RELAY_NEVER;
	near.then = STREAM_EOF;
	relay_step(&r, 2000);
	relay_step(&r, 2000000);
	CHECK_INT(far.finished, 0);
	CHECK_INT(r.due, 0);
	give(&far, 10, STREAM_EOF);
	relay_step(&r, 2000001);
	relay_step(&r, 2000001);
	CHECK_GOT(&near, 10);
	CHECK_INT(near.finished, 1);
	CHECK(r.end != RELAY_RUNS);
	over(r.end, FAIL_NONE);
}

static void
near_breaks(void)
{
	relay_start(0);
	breaks(&near, EIO);
	relay_step(&r, 2000);
	CHECK_HAS(why.text, strerror(EIO));
	give(&far, 10, STREAM_EOF);
	relay_step(&r, 2001);
	relay_step(&r, 2001);
	CHECK_GOT(&near, 10);
	over(RELAY_BROKE, FAIL_LOST);
}

static void
end_can_not_be_passed_on(void)
{
	relay_start(0);
	rules.half_close_ms = 0;
	near.then = STREAM_EOF;
	far.finish_error = EIO;
	relay_step(&r, 2000);
	far.then = STREAM_EOF;
	relay_step(&r, 2001);
	over(RELAY_BROKE, FAIL_LOST);
}

/* As TLS, whose end is a message of its own. */
static void
end_waits_for_room(void)
{
	relay_start(0);
	rules.half_close_ms = 0;
	near.then = STREAM_EOF;
	far.finish_waits = 2;
	relay_step(&r, 2000);
	CHECK_INT(r.up.state, PIPE_DRY);
	CHECK_INT(r.up.write_wants, STREAM_WANT_OUT);
	relay_step(&r, 2001);
	relay_step(&r, 2002);
	CHECK_INT(far.finished, 3);
	CHECK_INT(r.up.state, PIPE_SHUT);
	CHECK_INT(r.up.write_wants, 0);
	relay_step(&r, 9000);
	CHECK_INT(far.finished, 3);
	relay_free(&r);
	relay_start(0);
	far.then = near.then = STREAM_EOF;
	far.finish_waits = 1;
	relay_step(&r, 2000);
	CHECK_INT(r.end, RELAY_RUNS);
	relay_step(&r, 2001);
	over(RELAY_FAR_ENDED, FAIL_NONE);
}

/* What is left when a turn is over need not show in what is polled. */
static void
more_is_there_after_a_turn(void)
{
	relay_start(0);
	give(&far, MUCH, STREAM_WANT_IN);
	relay_step(&r, 2000);
	CHECK_INT(r.due, 2000);
	relay_step(&r, 2000);
	CHECK_INT(r.due, 0);
	CHECK_GOT(&near, MUCH);
	relay_free(&r);
}

static void
far_is_refused_by_tls(void)
{
	static const struct failure fault = { FAIL_AUTH, CAUSE_OTHER, 0,
		"demands" };

	relay_start(0);
	breaks(&far, EPROTO);
	far.stream.fault = &fault;
	relay_step(&r, 2000);
	over(RELAY_BROKE, FAIL_AUTH);
	CHECK_STR(why.text, "demands");
	/* A write may find out first that the connection is gone. */
	relay_start(0);
	give(&near, 10, STREAM_WANT_IN);
	far.room = 0;
	far.full = STREAM_ERR;
	breaks(&far, EPIPE);
	far.stream.fault = &fault;
	relay_step(&r, 2000);
	over(RELAY_BROKE, FAIL_AUTH);
	/* Behind the first byte it is a tunnel that broke. */
	relay_start(0);
	give(&far, 10, STREAM_WANT_IN);
	relay_step(&r, 2000);
	breaks(&far, EPROTO);
	far.stream.fault = &fault;
	relay_step(&r, 2001);
	over(RELAY_BROKE, FAIL_LOST);
	CHECK_HAS(why.text, "broke: demands");
}

static void
far_ends(void)
{
	relay_start(0);
	give(&far, 100, STREAM_EOF);
	relay_step(&r, 2000);
	relay_step(&r, 2000);
	CHECK_GOT(&near, 100);
	CHECK_INT(near.finished, 1);
	CHECK_INT(r.far_ended, 2000);
	CHECK_INT(r.due, 3000);
	CHECK_INT(r.end, RELAY_RUNS);
	/* Near is read on, and what it says is silence no more. */
	give(&near, 30, STREAM_WANT_IN);
	relay_step(&r, 2900);
	CHECK_GOT(&far, 30);
	CHECK_INT(r.due, 3900);
	relay_step(&r, 3899);
	CHECK_INT(r.end, RELAY_RUNS);
	relay_step(&r, 3900);
	CHECK_INT(near.finished, 1);
	over(RELAY_FAR_ENDED, FAIL_NONE);
}

static void
far_ends_then_near(void)
{
	relay_start(0);
	far.then = STREAM_EOF;
	relay_step(&r, 2000);
	give(&near, 30, STREAM_EOF);
	relay_step(&r, 2100);
	relay_step(&r, 2100);
	CHECK_GOT(&far, 30);
	CHECK_INT(far.finished, 1);
	over(RELAY_FAR_ENDED, FAIL_NONE);
}

static void
far_ends_then_a_write_fails(void)
{
	relay_start(0);
	far.then = STREAM_EOF;
	far.stream.error = EPIPE;
	relay_step(&r, 2000);
	give(&near, 30, STREAM_WANT_IN);
	far.room = 0;
	far.full = STREAM_ERR;
	relay_step(&r, 2100);
	over(RELAY_BROKE, FAIL_LOST);
}

static void
far_ends_and_takes_slowly(void)
{
	relay_start(0);
	far.then = STREAM_EOF;
	give(&near, 30, STREAM_WANT_IN);
	far.room = 10;
	relay_step(&r, 2000);
	relay_step(&r, 60000);
	CHECK_INT(r.end, RELAY_RUNS);
	far.room = 100;
	relay_step(&r, 60001);
	CHECK_GOT(&far, 30);
	CHECK_INT(r.due, 61001);
	relay_step(&r, 61001);
	over(RELAY_FAR_ENDED, FAIL_NONE);
}

static void
far_ends_and_nothing_lingers(void)
{
	relay_start(1);
	give(&far, 5, STREAM_EOF);
	relay_step(&r, 2000);
	relay_step(&r, 2000);
	CHECK_GOT(&near, 5);
	over(RELAY_FAR_ENDED, FAIL_NONE);

	relay_start(0);
	rules.linger_ms = 0;
	far.then = STREAM_EOF;
	relay_step(&r, 2000);
	over(RELAY_FAR_ENDED, FAIL_NONE);

	/* What was read and can't be sent is a loss. */
	relay_start(1);
	give(&near, 5, STREAM_WANT_IN);
	far.room = 3;
	far.then = STREAM_EOF;
	relay_step(&r, 2000);
	over(RELAY_BROKE, FAIL_LOST);
}

static void
far_breaks(void)
{
	relay_start(0);
	give(&far, 100, STREAM_ERR);
	far.stream.error = ECONNRESET;
	near.room = 70;
	relay_step(&r, 2000);
	CHECK_GOT(&near, 70);
	relay_step(&r, 9000);
	CHECK_INT(r.end, RELAY_RUNS);
	near.room = 1000;
	relay_step(&r, 9001);
	relay_step(&r, 9001);
	CHECK_GOT(&near, 100);
	CHECK_INT(near.finished, 0); /* its owner says why first */
	CHECK_HAS(why.text, strerror(ECONNRESET));
	over(RELAY_BROKE, FAIL_LOST);
}

/* The far end takes no more, but what it had said is still delivered. */
static void
check_far_write_breaks(size_t said, ssize_t then)
{
	int i;

	relay_start(0);
	give(&near, 10, STREAM_WANT_IN);
	give(&far, said, then);
	far.room = 0;
	far.full = STREAM_ERR;
	far.stream.error = EPIPE;
	for (i = 0; i < 5 && r.end == RELAY_RUNS; i++)
		relay_step(&r, 2000);
	CHECK_GOT(&near, said);
	CHECK_HAS(why.text, strerror(EPIPE));
	over(RELAY_BROKE, FAIL_LOST);
}

static void
far_write_breaks(void)
{
	check_far_write_breaks(0, STREAM_WANT_IN);
	check_far_write_breaks(100, STREAM_WANT_IN);
	check_far_write_breaks(100, STREAM_EOF);
	check_far_write_breaks(PIPE_READ_MIN, STREAM_WANT_IN);
}

static void
far_write_breaks_with_much_to_read(void)
{
	check_far_write_breaks(MUCH, STREAM_WANT_IN);
	check_far_write_breaks(MUCH, STREAM_EOF);
}

static void
nobody_reads_near(void)
{
	relay_start(0);
	give(&far, 100, STREAM_WANT_IN);
	near.room = 30;
	near.full = STREAM_ERR;
	near.stream.error = EPIPE;
	relay_step(&r, 2000);
	CHECK_STR(why.text, "");
	over(RELAY_NOT_READ, FAIL_LOST);

	relay_start(0);
	relay_step(&r, 2000);
	relay_not_read(&r, 2001);
	over(RELAY_NOT_READ, FAIL_NONE);

	/* What near has said before is sent first. */
	relay_start(0);
	give(&near, 40, STREAM_WANT_IN);
	relay_not_read(&r, 2001);
	CHECK_GOT(&far, 40);
	over(RELAY_NOT_READ, FAIL_NONE);

	relay_start(0);
	give(&far, 1, STREAM_WANT_IN);
	relay_not_read(&r, 2001);
	over(RELAY_NOT_READ, FAIL_LOST);

	relay_start(0);
	give(&near, 40, STREAM_WANT_IN);
	far.room = 39;
	relay_not_read(&r, 2001);
	over(RELAY_NOT_READ, FAIL_LOST);
}

static void
near_can_not_be_written(void)
{
	relay_start(0);
	give(&far, 100, STREAM_WANT_IN);
	near.room = 0;
	near.full = STREAM_ERR;
	near.stream.error = ENOSPC;
	relay_step(&r, 2000);
	CHECK_HAS(why.text, strerror(ENOSPC));
	over(RELAY_BROKE, FAIL_LOST);
}

static void
near_can_not_be_closed(void)
{
	relay_start(0);
	give(&far, 100, STREAM_EOF);
	near.finish_error = ENOSPC;
	relay_step(&r, 2000);
	relay_step(&r, 2000);
	over(RELAY_BROKE, FAIL_LOST);

	relay_start(1);
	give(&far, 100, STREAM_EOF);
	near.finish_error = EPIPE;
	relay_step(&r, 2000);
	relay_step(&r, 2000);
	over(RELAY_FAR_ENDED, FAIL_NONE);
}

static void
an_answer_is_due(void)
{
	relay_start(1);
	rules.answer_due = 1;
	far.then = STREAM_EOF;
	relay_step(&r, 2000);
	CHECK_HAS(why.text, "before a byte");
	over(RELAY_BROKE, FAIL_CONNECT);

	relay_start(0);
	rules.answer_due = 1;
	breaks(&far, ECONNRESET);
	relay_step(&r, 2000);
	over(RELAY_BROKE, FAIL_CONNECT);

	relay_start(1);
	rules.answer_due = 1;
	give(&far, 1, STREAM_EOF);
	relay_step(&r, 2000);
	relay_step(&r, 2000);
	over(RELAY_FAR_ENDED, FAIL_NONE);

	/* Not once our own end was passed on. */
	relay_start(0);
	rules.answer_due = 1;
	rules.half_close_ms = 0;
	near.then = STREAM_EOF;
	relay_step(&r, 2000);
	CHECK_INT(far.finished, 1);
	far.then = STREAM_EOF;
	relay_step(&r, 2001);
	CHECK_INT(why.code, FAIL_NONE);
	over(r.end, FAIL_NONE);
}

static void
nothing_moves(void)
{
	relay_start(0);
	rules.idle_ms = 10000;
	relay_step(&r, 2000);
	CHECK_INT(r.due, 11000);
	give(&near, 5, STREAM_WANT_IN);
	relay_step(&r, 3000);
	CHECK_INT(r.due, 13000);
	give(&far, 5, STREAM_WANT_IN);
	relay_step(&r, 4000);
	CHECK_INT(r.due, 14000);
	relay_step(&r, 13999);
	CHECK_INT(r.end, RELAY_RUNS);
	relay_step(&r, 14000);
	CHECK_HAS(why.text, "10 s");
	over(RELAY_IDLE, FAIL_LOST);
}

static void
far_is_dead(void)
{
	int64_t now;

	relay_start(0);
	rules.dead_ms = 8000;
	relay_step(&r, 2000);
	CHECK_INT(r.due, 0);
	give(&near, 5, STREAM_WANT_IN);
	relay_step(&r, 3000);
	CHECK(r.due > 3000 && r.due <= 3000 + 8000);
	/* A sign of life now and then is enough. */
	for (now = 3000; now < 100000; now = r.due) {
		far.silence = 7999;
		relay_step(&r, r.due);
		CHECK_INT(r.end, RELAY_RUNS);
		CHECK(r.due > now);
		if (r.due <= now)
			break;
	}
	far.silence = 8000;
	relay_step(&r, r.due);
	CHECK_HAS(why.text, "8 s");
	over(RELAY_BROKE, FAIL_LOST);

	relay_start(0);
	rules.dead_ms = 8000;
	give(&near, 5, STREAM_WANT_IN);
	relay_step(&r, 3000);
	relay_step(&r, r.due);
	CHECK_INT(r.due, 0);
	over(RELAY_RUNS, FAIL_NONE);

	relay_start(0);
	give(&near, 5, STREAM_WANT_IN);
	far.silence = 1000000;
	relay_step(&r, 3000);
	relay_step(&r, 3000000);
	CHECK_INT(r.due, 0);
	over(RELAY_RUNS, FAIL_NONE);
}

static void
minds(void)
{
	relay_start(0);
	CHECK(relay_minds_near(&r));
	CHECK(!relay_minds_far(&r));
	near.stream.duplex = 1;
	CHECK(!relay_minds_near(&r));
	near.then = STREAM_EOF;
	relay_step(&r, 2000);
	CHECK(relay_minds_near(&r));
	near.stream.duplex = 0;
	near.stream.out = -1;
	CHECK(!relay_minds_near(&r));
	near.stream.out = 3;
	relay_free(&r);
	relay_start(0);
	far.then = STREAM_EOF;
	relay_step(&r, 2000);
	CHECK(!relay_minds_near(&r));
	CHECK(relay_minds_far(&r));
	relay_free(&r);
}

/* What was just polled and found silent is not read. */
static void
rests(void)
{
	relay_start(0);
	relay_near_ready(&r);
	relay_step(&r, 1500); /* nothing has been polled yet */
	CHECK_INT(far.reads, 1);
	give(&near, 10, STREAM_WANT_IN);
	relay_near_ready(&r);
	relay_step(&r, 2000);
	CHECK_GOT(&far, 10);
	CHECK_INT(far.reads, 1);
	relay_step(&r, 2000);
	CHECK_INT(far.reads, 2);
	near.reads = 0;
	give(&far, 20, STREAM_WANT_IN);
	relay_far_ready(&r);
	relay_step(&r, 2000);
	CHECK_GOT(&near, 20);
	CHECK_INT(near.reads, 0);

	/* A full sink may have room by now. */
	near.room = 10;
	give(&far, 20, STREAM_WANT_IN);
	relay_step(&r, 2000);
	CHECK_INT(near.ngot, 30);
	near.room = 10;
	relay_near_ready(&r);
	relay_step(&r, 2000);
	CHECK_INT(near.ngot, 40);
	over(RELAY_RUNS, FAIL_NONE);

	/* Once a write has failed, what the far end said is read. */
	relay_start(0);
	relay_step(&r, 1500);
	give(&near, 10, STREAM_WANT_IN);
	give(&far, 20, STREAM_WANT_IN);
	far.room = 0;
	far.full = STREAM_ERR;
	relay_near_ready(&r);
	relay_step(&r, 2000);
	CHECK_GOT(&near, 20);
	relay_step(&r, 2000);
	CHECK_INT(r.end, RELAY_BROKE);
	relay_free(&r);
}

static void
does_nothing_once_over(void)
{
	relay_start(1);
	far.then = STREAM_EOF;
	relay_step(&r, 2000);
	CHECK_INT(r.end, RELAY_FAR_ENDED);
	give(&near, 10, STREAM_WANT_IN);
	relay_step(&r, 3000);
	CHECK_INT(far.ngot, 0);
	over(RELAY_FAR_ENDED, FAIL_NONE);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(pipe_moves),
		TEST(pipe_passes_on_odd_wants),
		TEST(pipe_writes_in_pieces),
		TEST(pipe_waits_for_a_slow_sink),
		TEST(pipe_runs_dry),
		TEST(pipe_breaks),
		TEST(pipe_takes_turns),
		TEST(pipe_hurries_to_the_end),
		TEST(both_ways),
		TEST(near_ends),
		TEST(near_ends_and_its_bytes_wait),
		TEST(near_ends_and_does_not_read),
		TEST(near_ends_now_or_never),
		TEST(near_breaks),
		TEST(end_can_not_be_passed_on),
		TEST(end_waits_for_room),
		TEST(more_is_there_after_a_turn),
		TEST(far_is_refused_by_tls),
		TEST(far_ends),
		TEST(far_ends_then_near),
		TEST(far_ends_then_a_write_fails),
		TEST(far_ends_and_takes_slowly),
		TEST(far_ends_and_nothing_lingers),
		TEST(far_breaks),
		TEST(far_write_breaks),
		TEST(far_write_breaks_with_much_to_read),
		TEST(nobody_reads_near),
		TEST(near_can_not_be_written),
		TEST(near_can_not_be_closed),
		TEST(an_answer_is_due),
		TEST(nothing_moves),
		TEST(far_is_dead),
		TEST(minds),
		TEST(rests),
		TEST(does_nothing_once_over),
	};
	size_t i;

	for (i = 0; i < sizeof pattern; i++)
		pattern[i] = (uint8_t)(i * 7 + i / 251);
	log_set(SAY_FAILURE);
	return test_all(tests, COUNT(tests));
}
