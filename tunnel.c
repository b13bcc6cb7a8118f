/* tunnel.c -- the life of one tunnel, by events.  Floor 3. */
#include "tunnel.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http1.h"
#include "log.h"
#include "net.h"

#define PEEK_SIZE 4096 /* bytes of a handshake looked at in one go */
#define TALK_MAX (4 * HTTP_HEAD_MAX) /* bytes of one step shown under -v */
#define CONNECTIONS_MAX 10	     /* for one tunnel to open */

static const char *const state_names[] = { "connect", "ask", "open", "over" };

struct tunnel {
	struct loop *loop;
	const struct route *route;
	enum tunnel_state state;
	size_t at; /* the hop that is asked */
	unsigned connections;
	struct net_attempt *attempt;
	struct handshake **talks; /* one a hop; kept over connections */
	struct stream *near, *far;
	int near_is_terminal;
	struct buf out;	 /* for the hop that is asked */
	struct buf talk; /* what is said, for -v */
	struct watch near_in, near_out, far_in, far_out;
	struct timer timer;
	int64_t begun, opened, ended;
	int64_t deadline; /* for opening */
	int64_t patience; /* for the rest of an answer, 0: none */
	struct relay relay;
	struct failure why;
	void (*over)(void *);
	void *arg;
};

static void
tunnel_enter(struct tunnel *t, enum tunnel_state state)
{
	log_line(SAY_STEP, "%s -> %s after %lld ms", state_names[t->state],
	    state_names[state], (long long)(loop_now(t->loop) - t->begun));
	t->state = state;
}

/* Sets what is awaited of a descriptor; the stream may have closed it. */
static void
want(struct tunnel *t, struct watch *w, int fd, int events)
{
	if (w->slot != 0 && (events == 0 || w->fd != fd))
		loop_want(t->loop, w, 0);
	w->fd = fd;
	if (events != 0 && fd >= 0 && w->want != events &&
	    loop_want(t->loop, w, events) < 0)
		fail(&t->why, FAIL_LOCAL, "out of memory");
}

static void
unwatch(struct tunnel *t)
{
	want(t, &t->near_in, -1, 0);
	want(t, &t->near_out, -1, 0);
	want(t, &t->far_in, -1, 0);
	want(t, &t->far_out, -1, 0);
}

static void
drop_far(struct tunnel *t)
{
	want(t, &t->far_in, -1, 0);
	want(t, &t->far_out, -1, 0);
	stream_free(t->far);
	t->far = NULL;
}

static const char *
seconds(int64_t ms, char text[32])
{
	snprintf(text, 32, "%lld.%03lld s", (long long)(ms / 1000),
	    (long long)(ms % 1000));
	return text;
}

/* Who ended an open tunnel, and what went through it. */
static void
log_end(struct tunnel *t)
{
	static const char *const ends[] = {
		[RELAY_RUNS] = "from outside",
		[RELAY_FAR_ENDED] = "by the far end",
		[RELAY_NEAR_ENDED] = "by both ends, standard input first",
		[RELAY_NOT_READ] = "by the reader of standard output",
		[RELAY_IDLE] = "as nothing moved",
		[RELAY_BROKE] = "as it broke",
	};
	char time[32];

	if (!log_on(SAY_EVENT))
		return;
	log_line(SAY_EVENT,
	    "tunnel closed %s after %s: %llu bytes sent, %llu received",
	    ends[t->relay.end], seconds(t->ended - t->opened, time),
	    (unsigned long long)t->relay.up.bytes,
	    (unsigned long long)t->relay.down.bytes);
}

static void
end(struct tunnel *t)
{
	if (t->state == TUNNEL_OVER)
		return;
	t->ended = loop_now(t->loop);
	if (t->state == TUNNEL_OPEN)
		log_end(t);
	tunnel_enter(t, TUNNEL_OVER);
	unwatch(t);
	loop_timer(t->loop, &t->timer, 0);
	net_abandon(t->attempt);
	t->attempt = NULL;
	drop_far(t);
	t->over(t->arg);
}

/* Ends by a failure that is about a hop: its name goes in front. */
static void
end_at(struct tunnel *t, const char *name)
{
	if (t->route->nhops > 1 && t->state == TUNNEL_ASK)
		fail(&t->why, t->why.code, "hop %zu, %s %s", t->at + 1, name,
		    t->why.text);
	else
		fail(&t->why, t->why.code, "%s %s", name, t->why.text);
	end(t);
}

static void
end_without_memory(struct tunnel *t)
{
	fail(&t->why, FAIL_LOCAL, "out of memory");
	end(t);
}

/* Maps what the pipes wait for onto the descriptors. */
static int
wants(int reads, int writes)
{
	return (reads == STREAM_WANT_IN ? POLLIN : 0) |
	       (writes == STREAM_WANT_OUT ? POLLOUT : 0);
}

static void
step_relay(struct tunnel *t)
{
	struct relay *r = &t->relay;
	int in, out;

	relay_step(r, loop_now(t->loop));
	if (r->end != RELAY_RUNS) {
		if (r->why.code != FAIL_NONE)
			t->why = r->why;
		if (r->why.code == FAIL_CONNECT && t->route->nhops > 0)
			end_at(t, t->route->hops[t->route->nhops - 1].name);
		else
			end(t);
		return;
	}
	in = r->up.state == PIPE_OPEN ? wants(r->up.read_wants, 0) : 0;
	out = r->down.state == PIPE_OPEN ? wants(0, r->down.write_wants) : 0;
	if (out == 0 && relay_minds_near(r))
		out = POLLERR;
	want(t, &t->near_in, t->near->in, in);
	want(t, &t->near_out, t->near->out, out);
	in = r->down.state == PIPE_OPEN ? wants(r->down.read_wants, 0) : 0;
	out = r->up.state == PIPE_OPEN ? wants(0, r->up.write_wants) : 0;
	if (in == 0 && relay_minds_far(r))
		in = POLLERR;
	want(t, &t->far_in, t->far->in, in);
	want(t, &t->far_out, t->far->out, out);
	loop_timer(t->loop, &t->timer, r->due);
	if (t->why.code != FAIL_NONE)
		end(t);
}

static void
open_tunnel(struct tunnel *t)
{
	size_t i;

	want(t, &t->near_out, -1, 0);
	want(t, &t->far_in, -1, 0);
	want(t, &t->far_out, -1, 0);
	for (i = 0; i < t->route->nhops; i++) {
		t->talks[i]->ops->free(t->talks[i]);
		t->talks[i] = NULL;
	}
	buf_free(&t->out);
	tunnel_enter(t, TUNNEL_OPEN);
	t->opened = loop_now(t->loop);
	if (log_on(SAY_EVENT)) {
		char time[32];

		log_line(SAY_EVENT, "tunnel to %s open after %s",
		    t->route->target_name, seconds(t->opened - t->begun, time));
	}
	if (relay_begin(&t->relay, t->near, t->far, &t->route->rules,
		t->near_is_terminal, t->opened) < 0)
		end_without_memory(t);
}

static void
show_talk(struct tunnel *t)
{
	log_talk(buf_ptr(&t->talk), buf_len(&t->talk));
	buf_free(&t->talk);
}

static void on_connection(void *, int, const struct failure *);

static void
connect_first(struct tunnel *t)
{
	struct net_connect what = { route_first(t->route), t->route->family,
		t->route->keepalive_ms };
	int64_t due = t->deadline;

	drop_far(t);
	tunnel_enter(t, TUNNEL_CONNECT);
	if (t->route->connect_ms != 0 &&
	    loop_now(t->loop) + t->route->connect_ms < due)
		due = loop_now(t->loop) + t->route->connect_ms;
	loop_timer(t->loop, &t->timer, due);
	if (++t->connections > CONNECTIONS_MAX) {
		fail(&t->why, FAIL_AUTH,
		    "closes the connection at every attempt");
		end_at(t, route_first_name(t->route));
		return;
	}
	t->attempt = net_connect(t->loop, &what, on_connection, t);
	if (t->attempt == NULL)
		end_without_memory(t);
}

/* Begins with the next hop; behind the last one the tunnel is open. */
static void
ask(struct tunnel *t)
{
	struct handshake *h;

	if (t->at == t->route->nhops) {
		open_tunnel(t);
		return;
	}
	tunnel_enter(t, TUNNEL_ASK);
	t->patience = 0;
	if (t->talks[t->at] == NULL)
		t->talks[t->at] = route_handshake(t->route, t->at);
	h = t->talks[t->at];
	if (h == NULL) {
		end_without_memory(t);
		return;
	}
	h->talk = log_on(SAY_EVENT) ? &t->talk : NULL;
	buf_free(&t->out);
	if (h->ops->start(h, &t->out, &t->why) < 0) {
		end_at(t, t->route->hops[t->at].name);
		return;
	}
	show_talk(t);
}

/* Acts on what a handshake says; true: there is more of it to do now. */
static int
obey(struct tunnel *t, enum handshake_verdict verdict)
{
	int patience_ms = t->talks[t->at]->patience_ms;

	show_talk(t);
	switch (verdict) {
	case HANDSHAKE_MORE:
		if (patience_ms == 0)
			t->patience = 0;
		else if (t->patience == 0)
			t->patience = loop_now(t->loop) + patience_ms;
		return 1;
	case HANDSHAKE_DONE:
		t->at++;
		ask(t);
		return 0;
	case HANDSHAKE_AGAIN:
		log_line(SAY_EVENT, "%s: again, over a new connection",
		    t->route->hops[t->at].name);
		t->at = 0;
		connect_first(t);
		return 0;
	case HANDSHAKE_FAILED:
		end_at(t, t->route->hops[t->at].name);
		return 0;
	}
	return 0;
}

static void
end_handshake(struct tunnel *t, enum handshake_end how)
{
	struct handshake *h = t->talks[t->at];

	obey(t, h->ops->end(h, how, &t->why));
}

/* Sends what is to be sent; a proxy that takes no more may yet have spoken. */
static int
flush(struct tunnel *t)
{
	ssize_t n;

	while (buf_len(&t->out) > 0) {
		n = t->far->ops->write(
		    t->far, buf_ptr(&t->out), buf_len(&t->out));
		if (n < 0 && n != STREAM_ERR)
			return (int)n;
		buf_take(&t->out, n < 0 ? buf_len(&t->out) : (size_t)n);
	}
	return 0;
}

/*
 * The bytes are looked at first and then taken as far as the handshake used
 * them: what is behind belongs to the next hop or to the relay.
 */
static void
step_ask(struct tunnel *t)
{
	uint8_t bytes[PEEK_SIZE];
	struct handshake *h = t->talks[t->at];
	enum handshake_verdict verdict;
	size_t used;
	ssize_t n;
	int writes;

	for (;;) {
		writes = flush(t);
		n = t->far->ops->peek(t->far, bytes, sizeof bytes);
		if (n == STREAM_EOF || n == STREAM_ERR) {
			end_handshake(t,
			    n == STREAM_EOF ? HANDSHAKE_EOF : HANDSHAKE_RESET);
			return;
		}
		if (n < 0)
			break;
		verdict =
		    h->ops->feed(h, bytes, (size_t)n, &used, &t->out, &t->why);
		if (used > 0 && t->far->ops->read(t->far, bytes, used) < 0) {
			end_handshake(t, HANDSHAKE_RESET);
			return;
		}
		if (!obey(t, verdict))
			return;
	}
	want(t, &t->far_in, t->far->in, wants((int)n, 0));
	want(t, &t->far_out, t->far->out, wants(0, writes));
	loop_timer(t->loop, &t->timer,
	    t->patience != 0 && t->patience < t->deadline ? t->patience
							  : t->deadline);
}

/* Does all that can be done now, from one state or hop to the next. */
static void
step(struct tunnel *t)
{
	enum tunnel_state state;
	size_t at;

	do {
		state = t->state;
		at = t->at;
		if (state == TUNNEL_ASK)
			step_ask(t);
		else if (state == TUNNEL_OPEN)
			step_relay(t);
	} while (t->far != NULL && (t->state != state || t->at != at));
}

static void
on_connection(void *arg, int fd, const struct failure *why)
{
	struct tunnel *t = arg;
	char time[32];

	t->attempt = NULL;
	if (fd < 0) {
		t->why = *why;
		end_at(t, route_first_name(t->route));
		return;
	}
	t->far = stream_socket(fd);
	if (t->far == NULL) {
		close(fd);
		end_without_memory(t);
		return;
	}
	if (log_on(SAY_EVENT))
		log_line(SAY_EVENT, "connected to %s after %s",
		    route_first_name(t->route),
		    seconds(loop_now(t->loop) - t->begun, time));
	loop_timer(t->loop, &t->timer, t->deadline);
	ask(t);
	step(t);
}

/* The connection is not there in time. */
static void
end_unconnected(struct tunnel *t)
{
	struct buf waits;
	int ms = t->route->connect_ms;

	buf_init(&waits, FAIL_TEXT / 2);
	net_describe(t->attempt, &waits);
	if (ms == 0 || ms > t->route->open_ms)
		ms = t->route->open_ms;
	fail(&t->why, FAIL_TIMEOUT, "can't be reached within %g s: %s",
	    ms / 1000.0, buf_str(&waits));
	buf_free(&waits);
	end_at(t, route_first_name(t->route));
}

static void
on_timer(void *arg)
{
	struct tunnel *t = arg;

	if (t->state == TUNNEL_CONNECT) {
		end_unconnected(t);
	} else if (t->state == TUNNEL_OPEN) {
		step(t);
	} else {
		struct handshake *h = t->talks[t->at];
		enum handshake_verdict verdict =
		    h->ops->end(h, HANDSHAKE_DEADLINE, &t->why);

		if (t->why.code == FAIL_TIMEOUT && t->why.status == 0)
			fail(&t->why, FAIL_TIMEOUT, "%s within %g s",
			    t->why.text, t->route->open_ms / 1000.0);
		obey(t, verdict);
	}
}

static void
on_event(void *arg, int got)
{
	(void)got;
	step(arg);
}

/* Whoever reads our output is gone; so is the reason for the tunnel. */
static void
on_near_out(void *arg, int got)
{
	struct tunnel *t = arg;

	if ((got & (POLLERR | POLLHUP | POLLNVAL)) == 0 ||
	    (t->near_out.want & POLLOUT) != 0) {
		step(t); /* a write will tell */
		return;
	}
	if (t->state != TUNNEL_OPEN) {
		log_line(SAY_EVENT, "nobody reads standard output any more");
		fail(&t->why, FAIL_LOST, "%s", "");
		end(t);
		return;
	}
	relay_not_read(&t->relay, loop_now(t->loop));
	step(t);
}

struct tunnel *
tunnel_new(struct loop *loop, const struct route *route, struct stream *near,
    int near_is_terminal, void (*over)(void *), void *arg)
{
	struct tunnel *t = calloc(1, sizeof *t);
	struct watch *watches[4];
	size_t i;

	if (t != NULL && route->nhops > 0)
		t->talks = calloc(route->nhops, sizeof *t->talks);
	if (t == NULL || (route->nhops > 0 && t->talks == NULL)) {
		free(t);
		stream_free(near);
		return NULL;
	}
	t->loop = loop;
	t->route = route;
	t->near = near;
	t->near_is_terminal = near_is_terminal;
	t->over = over;
	t->arg = arg;
	buf_init(&t->out, 2 * HTTP_REQUEST_MAX);
	buf_init(&t->talk, TALK_MAX);
	watches[0] = &t->near_in;
	watches[1] = &t->near_out;
	watches[2] = &t->far_in;
	watches[3] = &t->far_out;
	for (i = 0; i < 4; i++) {
		watches[i]->fd = -1;
		watches[i]->arg = t;
		watches[i]->ready = on_event;
	}
	t->near_out.ready = on_near_out;
	t->timer.expired = on_timer;
	t->timer.arg = t;
	t->begun = loop_now(loop);
	t->deadline = t->begun + route->open_ms;
	want(t, &t->near_out, near->out, POLLERR);
	connect_first(t);
	return t;
}

const struct failure *
tunnel_failure(const struct tunnel *t)
{
	return &t->why;
}

void
tunnel_report(const struct tunnel *t, struct buf *b)
{
	int64_t from = t->state < TUNNEL_OPEN ? t->begun : t->opened;
	char time[32];

	buf_putf(b, "tunnel to %s: %s for %s, %llu bytes sent, %llu received",
	    t->route->target_name,
	    t->state < TUNNEL_OPEN ? "opening" : state_names[t->state],
	    seconds(loop_now(t->loop) - from, time),
	    (unsigned long long)t->relay.up.bytes,
	    (unsigned long long)t->relay.down.bytes);
}

void
tunnel_free(struct tunnel *t)
{
	size_t i;

	if (t == NULL)
		return;
	unwatch(t);
	loop_timer(t->loop, &t->timer, 0);
	net_abandon(t->attempt);
	drop_far(t);
	stream_free(t->near);
	for (i = 0; i < t->route->nhops; i++)
		if (t->talks[i] != NULL)
			t->talks[i]->ops->free(t->talks[i]);
	free(t->talks);
	relay_free(&t->relay);
	buf_free(&t->out);
	buf_free(&t->talk);
	free(t);
}
