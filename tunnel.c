/* tunnel.c -- the life of one tunnel, by events.  Floor 3. */
#include "tunnel.h"

#include <poll.h>
#include <stdlib.h>

#include "log.h"
#include "opening.h"

#define RETRY_MS 1000	   /* before the first; each pause is twice the last */
#define RETRY_MS_MAX 32000 /* but never longer */

static const char *const state_names[] = { "opening", "open", "over" };

struct tunnel {
	const struct tunnel_setup *setup;
	enum tunnel_state state;
	const struct route *route; /* that was taken, or is to be */
	struct opening *opening;   /* NULL: no more */
	struct stream *near, *far;
	int near_is_terminal;
	int taken;     /* the connection, by the owner */
	int unwatched; /* a descriptor, as memory is short */
	struct watch near_in, near_out, far_in, far_out;
	struct timer timer;
	int64_t begun, opened, ended;
	struct relay relay;
	unsigned long retries; /* that there were */
	struct failure why;
	void *arg; /* of the callbacks */
};

static void
tunnel_enter(struct tunnel *t, enum tunnel_state state)
{
	log_line(SAY_STEP, "tunnel: %s -> %s after %lld ms",
	    state_names[t->state], state_names[state],
	    (long long)(loop_now(t->setup->loop) - t->begun));
	t->state = state;
}

/* Sets what is awaited of a descriptor; the stream may have closed it. */
static void
want(struct tunnel *t, struct watch *w, int fd, int events)
{
	if (loop_want_fd(t->setup->loop, w, fd, events) < 0)
		t->unwatched = fail(&t->why, FAIL_LOCAL, "out of memory");
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
	opening_free(t->opening);
	t->opening = NULL;
	stream_free(t->far);
	t->far = NULL;
}

/* Who ended an open tunnel, and what went through it. */
static void
log_end(struct tunnel *t)
{
	static const char *const ends[] = {
		[RELAY_RUNS] = "from outside",
		[RELAY_FAR_ENDED] = "by the far end",
		[RELAY_NEAR_ENDED] = "by both ends, first by ",
		[RELAY_NOT_READ] = "by ",
		[RELAY_IDLE] = "as nothing moved",
		[RELAY_BROKE] = "as it broke",
	};
	const char *who =
	    t->relay.end == RELAY_NEAR_ENDED ? relay_near_in(t->near)
	    : t->relay.end == RELAY_NOT_READ ? relay_near_out(t->near)
					     : "";
	char time[32];

	if (!log_on(SAY_EVENT))
		return;
	log_line(SAY_EVENT,
	    "tunnel closed %s%s after %s: %llu bytes sent, %llu received",
	    ends[t->relay.end], who, log_seconds(t->ended - t->opened, time),
	    (unsigned long long)t->relay.up.bytes,
	    (unsigned long long)t->relay.down.bytes);
}

static void
end(struct tunnel *t)
{
	if (t->state == TUNNEL_OVER)
		return;
	t->ended = loop_now(t->setup->loop);
	if (t->state == TUNNEL_OPEN && !t->taken)
		log_end(t);
	tunnel_enter(t, TUNNEL_OVER);
	unwatch(t);
	loop_timer(t->setup->loop, &t->timer, 0);
	drop_far(t);
	t->setup->over(t->arg);
}

static void
step(struct tunnel *t)
{
	struct relay *r = &t->relay;
	int in, out;

	relay_step(r, loop_now(t->setup->loop));
	if (r->end != RELAY_RUNS) {
		if (t->why.code == FAIL_CONNECT && t->route->nhops > 0)
			fail(&t->why, FAIL_CONNECT, "%s %s",
			    route_name(t->route, t->route->nhops - 1),
			    t->why.text);
		else if (t->why.code == FAIL_AUTH)
			fail(&t->why, FAIL_AUTH, "%s %s", t->route->target_name,
			    t->why.text);
		end(t);
		return;
	}
	in = r->up.state == PIPE_OPEN ? stream_events(r->up.read_wants, 0) : 0;
	out = r->down.state == PIPE_OPEN ? stream_events(0, r->down.write_wants)
					 : 0;
	if (out == 0 && relay_minds_near(r))
		out = POLLERR;
	want(t, &t->near_in, t->near->in, in);
	want(t, &t->near_out, t->near->out, out);
	in = r->down.state == PIPE_OPEN ? stream_events(r->down.read_wants, 0)
					: 0;
	out =
	    r->up.state != PIPE_SHUT ? stream_events(0, r->up.write_wants) : 0;
	if (in == 0 && relay_minds_far(r))
		in = POLLERR;
	want(t, &t->far_in, t->far->in, in);
	want(t, &t->far_out, t->far->out, out);
	loop_timer(t->setup->loop, &t->timer, r->due);
	if (t->unwatched)
		end(t);
}

/* Will it be tried again to open it, after a pause? */
static int
is_tried_again(struct tunnel *t)
{
	const struct route *r = t->setup->route;
	int pause_ms = RETRY_MS;
	unsigned long i;

	if (t->retries >= r->retries || !fail_is_passing(t->why.code))
		return 0;
	for (i = 0; i < t->retries && pause_ms < RETRY_MS_MAX; i++)
		pause_ms *= 2;
	if (loop_timer(t->setup->loop, &t->timer,
		loop_now(t->setup->loop) + pause_ms) < 0)
		return 0;
	t->retries++;
	log_line(SAY_NOTICE, "%s; again in %d s (%lu of %lu)", t->why.text,
	    pause_ms / 1000, t->retries, r->retries);
	return 1;
}

/* The way is open, or it never will be. */
static void
on_opened(void *arg, struct stream *far, const struct route *taken)
{
	struct tunnel *t = arg;
	char time[32];

	t->opening = NULL;
	t->route = taken;
	if (far == NULL) {
		if (!is_tried_again(t))
			end(t);
		return;
	}
	t->far = far;
	tunnel_enter(t, TUNNEL_OPEN);
	t->opened = loop_now(t->setup->loop);
	if (log_on(SAY_EVENT))
		log_line(SAY_EVENT, "tunnel to %s open after %s",
		    t->route->target_name,
		    log_seconds(t->opened - t->begun, time));
	if (t->setup->open != NULL)
		t->setup->open(t->arg);
	if (t->taken) {
		end(t);
		return;
	}
	relay_begin(&t->relay, t->near, t->far, &t->route->rules,
	    t->setup->pool, t->near_is_terminal, t->opened, &t->why);
	step(t);
}

static void
begin(struct tunnel *t)
{
	t->opening = opening_new(
	    t->setup->loop, t->setup->route, NULL, on_opened, t, &t->why);
	if (t->opening == NULL)
		end(t);
}

static void
on_timer(void *arg)
{
	struct tunnel *t = arg;

	if (t->state == TUNNEL_OPEN)
		step(t);
	else
		begin(t);
}

static void
on_event(void *arg, int got)
{
	(void)got;
	step(arg);
}

/* A byte that comes on one side is no reason to look for one on the other. */
static void
on_near_in(void *arg, int got)
{
	struct tunnel *t = arg;

	relay_near_ready(&t->relay);
	on_event(t, got);
}

static void
on_far_in(void *arg, int got)
{
	struct tunnel *t = arg;

	relay_far_ready(&t->relay);
	on_event(t, got);
}

/* Whoever reads our output is gone; so is the reason for the tunnel. */
static void
on_near_out(void *arg, int got)
{
	struct tunnel *t = arg;

	if (t->state == TUNNEL_OPEN &&
	    ((got & (POLLERR | POLLHUP | POLLNVAL)) == 0 ||
		(t->near_out.want & POLLOUT) != 0)) {
		step(t); /* a write will tell */
		return;
	}
	if (t->state != TUNNEL_OPEN) {
		log_line(SAY_EVENT, "nobody reads %s any more",
		    relay_near_out(t->near));
		fail(&t->why, FAIL_LOST, "%s", "");
		end(t);
		return;
	}
	relay_not_read(&t->relay, loop_now(t->setup->loop));
	step(t);
}

struct tunnel *
tunnel_new(const struct tunnel_setup *setup, struct stream *near,
    int near_is_terminal, void *arg)
{
	struct tunnel *t = calloc(1, sizeof *t);
	struct watch *watches[4];
	size_t i;

	if (t == NULL) {
		stream_free(near);
		return NULL;
	}
	t->setup = setup;
	t->route = setup->route;
	t->near = near;
	t->near_is_terminal = near_is_terminal;
	t->arg = arg;
	watches[0] = &t->near_in;
	watches[1] = &t->near_out;
	watches[2] = &t->far_in;
	watches[3] = &t->far_out;
	for (i = 0; i < 4; i++) {
		watches[i]->fd = -1;
		watches[i]->arg = t;
		watches[i]->ready = on_event;
	}
	t->near_in.ready = on_near_in;
	t->near_out.ready = on_near_out;
	t->far_in.ready = on_far_in;
	t->timer.expired = on_timer;
	t->timer.arg = t;
	t->begun = loop_now(setup->loop);
	want(t, &t->near_out, near->out, POLLERR);
	begin(t);
	return t;
}

enum tunnel_state
tunnel_state(const struct tunnel *t)
{
	return t->state;
}

void
tunnel_count(const struct tunnel *t, uint64_t *up, uint64_t *down)
{
	*up = t->relay.up.bytes;
	*down = t->relay.down.bytes;
}

const struct failure *
tunnel_failure(const struct tunnel *t)
{
	return &t->why;
}

int
tunnel_take(struct tunnel *t)
{
	int fd = stream_take(t->far);

	t->taken = fd >= 0;
	return fd;
}

int
tunnel_asks_person(const struct tunnel *t)
{
	return t->opening != NULL && opening_asks_person(t->opening);
}

void
tunnel_report(const struct tunnel *t, struct buf *b)
{
	int64_t from = t->state < TUNNEL_OPEN ? t->begun : t->opened;
	char time[32];

	buf_putf(b, "tunnel to %s: %s for %s, %llu bytes sent, %llu received",
	    t->route->target_name, state_names[t->state],
	    log_seconds(loop_now(t->setup->loop) - from, time),
	    (unsigned long long)t->relay.up.bytes,
	    (unsigned long long)t->relay.down.bytes);
}

void
tunnel_free(struct tunnel *t)
{
	if (t == NULL)
		return;
	unwatch(t);
	loop_timer(t->setup->loop, &t->timer, 0);
	drop_far(t);
	stream_free(t->near);
	relay_free(&t->relay);
	free(t);
}
