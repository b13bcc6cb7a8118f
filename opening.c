/*
 * opening.c -- opens a connection over a route: the first hop is connected to
 * and then each hop asked for the next.  Floor 3.
 */
#include "opening.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "http1.h"
#include "log.h"
#include "net.h"

#define PEEK_SIZE 4096 /* bytes of a handshake looked at in one go */
#define TALK_MAX (4 * HTTP_HEAD_MAX) /* bytes of one step shown under -v */
#define CONNECTIONS_MAX 10	     /* for one tunnel to open */

static const char *const state_names[] = { "connect", "ask", "login", "open",
	"over" };

enum opening_state {
	OPENING_CONNECT,
	OPENING_ASK,   /* a hop for the next */
	OPENING_LOGIN, /* getting what a hop demands: a password or a token */
	OPENING_DONE,
	OPENING_FAILED
};

struct opening {
	struct loop *loop;
	const struct route *route;
	enum opening_state state;
	size_t at; /* the hop that is asked */
	unsigned connections;
	struct net_attempt *attempt;
	struct handshake **talks;  /* one a hop; kept over connections */
	struct ask *asking;	   /* for a password */
	int64_t asked;		   /* when */
	struct negotiate *context; /* with the hop that is asked */
	struct stream *far;
	struct buf out;	 /* for the hop that is asked */
	struct buf talk; /* what is said, for -v */
	struct watch far_in, far_out;
	struct timer timer;
	int64_t begun;
	int64_t deadline; /* for all of it */
	int64_t patience; /* for the rest of an answer, 0: none */
	struct failure why;
	void (*done)(void *, struct stream *, const struct failure *);
	void *arg;
};

static void
enter(struct opening *o, enum opening_state state)
{
	log_line(SAY_STEP, "%s -> %s after %lld ms", state_names[o->state],
	    state_names[state], (long long)(loop_now(o->loop) - o->begun));
	o->state = state;
}

static void
want(struct opening *o, int in, int out)
{
	int fd = o->far == NULL ? -1 : o->far->in;

	if (loop_want_fd(o->loop, &o->far_in, fd, in) < 0 ||
	    loop_want_fd(o->loop, &o->far_out, fd, out) < 0)
		fail(&o->why, FAIL_LOCAL, "out of memory");
}

static void
drop_far(struct opening *o)
{
	want(o, 0, 0);
	stream_free(o->far);
	o->far = NULL;
}

/* Ends what was begun for a login. */
static void
drop_login(struct opening *o)
{
	ask_free(o->asking);
	o->asking = NULL;
	negotiate_free(o->context);
	o->context = NULL;
}

/* Fails about a hop: its name goes in front. */
static void
fail_at(struct opening *o, const char *name)
{
	if (o->route->nhops > 1 && o->state != OPENING_CONNECT)
		fail(&o->why, o->why.code, "hop %zu, %s %s", o->at + 1, name,
		    o->why.text);
	else
		fail(&o->why, o->why.code, "%s %s", name, o->why.text);
	enter(o, OPENING_FAILED);
}

static void
fail_at_hop(struct opening *o)
{
	fail_at(o, o->route->hops[o->at].name);
}

static void
fail_without_memory(struct opening *o)
{
	fail(&o->why, FAIL_LOCAL, "out of memory");
	enter(o, OPENING_FAILED);
}

/*
 * Every callback ends here: with the opening over it is freed, and who waits
 * for it told.
 */
static void
settle(struct opening *o)
{
	void (*done)(void *, struct stream *, const struct failure *) = o->done;
	struct failure why = o->why;
	struct stream *far = NULL;
	void *arg = o->arg;

	if (o->state < OPENING_DONE)
		return;
	if (o->state == OPENING_DONE) {
		want(o, 0, 0);
		far = o->far;
		o->far = NULL;
	}
	opening_free(o);
	done(arg, far, &why);
}

static void
show_talk(struct opening *o)
{
	log_talk(buf_ptr(&o->talk), buf_len(&o->talk));
	buf_free(&o->talk);
}

static void on_connection(void *, int, const struct failure *);
static void on_asked(void *, const char *);
static void on_token(void *, struct span, const char *);

static void
connect_first(struct opening *o)
{
	struct net_connect what = { route_first(o->route), o->route->family,
		o->route->keepalive_ms };
	int64_t due = o->deadline;

	drop_far(o);
	enter(o, OPENING_CONNECT);
	if (o->route->connect_ms != 0 &&
	    loop_now(o->loop) + o->route->connect_ms < due)
		due = loop_now(o->loop) + o->route->connect_ms;
	loop_timer(o->loop, &o->timer, due);
	if (++o->connections > CONNECTIONS_MAX) {
		fail(&o->why, FAIL_AUTH,
		    "closes the connection at every attempt");
		fail_at(o, route_first_name(o->route));
		return;
	}
	o->attempt = net_connect(o->loop, &what, on_connection, o);
	if (o->attempt == NULL)
		fail_without_memory(o);
}

/* The proxy has to wait for somebody else. */
static void
wait_for_login(struct opening *o)
{
	enter(o, OPENING_LOGIN);
	want(o, 0, 0);
	o->patience = 0;
}

/* A person's time does not count. */
static void
ask_password(struct opening *o)
{
	struct hop *hop = &o->route->hops[o->at];

	wait_for_login(o);
	loop_timer(o->loop, &o->timer, 0);
	o->asked = loop_now(o->loop);
	o->asking = ask_new(
	    o->loop, &hop->sources, &hop->login, hop->name, on_asked, o);
	if (o->asking == NULL)
		fail_without_memory(o);
}

/*
 * GSSAPI gets half of the time that is left: another scheme may yet do when
 * its KDC is not in reach.
 */
static void
ask_gssapi(struct opening *o)
{
	struct handshake *h = o->talks[o->at];
	struct negotiate_target target = o->route->hops[o->at].target;
	int64_t now = loop_now(o->loop);

	wait_for_login(o);
	loop_timer(o->loop, &o->timer, now + (o->deadline - now) / 2);
	target.binding = h->binding;
	if (h->token.n == 0) {
		negotiate_free(o->context);
		o->context = negotiate_new(o->loop, &target, on_token, o);
	}
	if (o->context == NULL)
		fail_without_memory(o);
	else
		negotiate_step(o->context, h->token);
}

/* Gets what a handshake can't go on without, or ends. */
static void
get(struct opening *o, enum handshake_verdict need)
{
	if (need == HANDSHAKE_PASSWORD)
		ask_password(o);
	else if (need == HANDSHAKE_TOKEN)
		ask_gssapi(o);
	else
		fail_at_hop(o);
}

/* Begins with the next hop; behind the last one the tunnel is open. */
static void
ask(struct opening *o)
{
	enum handshake_verdict verdict;
	struct handshake *h;

	if (o->at == o->route->nhops) {
		enter(o, OPENING_DONE);
		return;
	}
	enter(o, OPENING_ASK);
	o->patience = 0;
	if (o->talks[o->at] == NULL)
		o->talks[o->at] = route_handshake(o->route, o->at);
	h = o->talks[o->at];
	if (h == NULL) {
		fail_without_memory(o);
		return;
	}
	h->talk = log_on(SAY_EVENT) ? &o->talk : NULL;
	buf_free(&o->out);
	verdict = h->ops->start(h, &o->out, &o->why);
	show_talk(o);
	if (verdict != HANDSHAKE_MORE)
		get(o, verdict);
}

/* Acts on what a handshake says; true: there is more of it to do now. */
static int
obey(struct opening *o, enum handshake_verdict verdict)
{
	int patience_ms = o->talks[o->at]->patience_ms;

	show_talk(o);
	switch (verdict) {
	case HANDSHAKE_MORE:
		if (patience_ms == 0)
			o->patience = 0;
		else if (o->patience == 0)
			o->patience = loop_now(o->loop) + patience_ms;
		return 1;
	case HANDSHAKE_DONE:
		drop_login(o);
		o->at++;
		ask(o);
		return 0;
	case HANDSHAKE_AGAIN:
		log_line(SAY_EVENT, "%s: again, over a new connection",
		    o->route->hops[o->at].name);
		o->at = 0;
		connect_first(o);
		return 0;
	default:
		get(o, verdict);
		return 0;
	}
}

static void
end_handshake(struct opening *o, enum handshake_end how)
{
	struct handshake *h = o->talks[o->at];

	obey(o, h->ops->end(h, how, &o->why));
}

/* Sends what is to be sent; a proxy that takes no more may yet have spoken. */
static int
flush(struct opening *o)
{
	ssize_t n;

	while (buf_len(&o->out) > 0) {
		n = o->far->ops->write(
		    o->far, buf_ptr(&o->out), buf_len(&o->out));
		if (n < 0 && n != STREAM_ERR)
			return (int)n;
		buf_take(&o->out, n < 0 ? buf_len(&o->out) : (size_t)n);
	}
	return 0;
}

/*
 * The bytes are looked at first and then taken as far as the handshake used
 * them: what is behind belongs to the next hop or to the relay.
 */
static void
step_ask(struct opening *o)
{
	uint8_t bytes[PEEK_SIZE];
	struct handshake *h = o->talks[o->at];
	enum handshake_verdict verdict;
	size_t used;
	ssize_t n;
	int writes;

	for (;;) {
		writes = flush(o);
		n = o->far->ops->peek(o->far, bytes, sizeof bytes);
		if (n == STREAM_EOF || n == STREAM_ERR) {
			end_handshake(o,
			    n == STREAM_EOF ? HANDSHAKE_EOF : HANDSHAKE_RESET);
			return;
		}
		if (n < 0)
			break;
		verdict =
		    h->ops->feed(h, bytes, (size_t)n, &used, &o->out, &o->why);
		if (used > 0 && o->far->ops->read(o->far, bytes, used) < 0) {
			end_handshake(o, HANDSHAKE_RESET);
			return;
		}
		if (!obey(o, verdict))
			return;
	}
	want(o, stream_events((int)n, 0), stream_events(0, writes));
	loop_timer(o->loop, &o->timer,
	    o->patience != 0 && o->patience < o->deadline ? o->patience
							  : o->deadline);
}

/* Does all that can be done now, hop by hop; then it may be over. */
static void
step(struct opening *o)
{
	size_t at;

	do {
		at = o->at;
		if (o->state == OPENING_ASK)
			step_ask(o);
	} while (o->state == OPENING_ASK && o->at != at);
	if (o->why.code != FAIL_NONE && o->state < OPENING_DONE)
		enter(o, OPENING_FAILED); /* nothing can be waited for */
	settle(o);
}

/* What the login waited for is there or, with a fault, will not come. */
static void
resume(struct opening *o, struct span token, const char *fault)
{
	struct handshake *h = o->talks[o->at];

	enter(o, OPENING_ASK);
	obey(o, h->ops->resume(h, token, fault, &o->out, &o->why));
	step(o);
}

static void
on_token(void *arg, struct span token, const char *fault)
{
	resume(arg, token, fault);
}

/* Asks for what goes out unasked, and then begins to connect. */
static void
begin(struct opening *o)
{
	for (o->at = 0; o->at < o->route->nhops; o->at++)
		if (route_asks_first(o->route, o->at)) {
			ask_password(o);
			return;
		}
	o->at = 0;
	connect_first(o);
}

static void
on_asked(void *arg, const char *fault)
{
	struct opening *o = arg;
	struct ask *asked = o->asking;

	o->asking = NULL;
	o->deadline += loop_now(o->loop) - o->asked;
	if (o->far != NULL)
		resume(o, (struct span){ NULL, 0 }, fault);
	else if (fault == NULL) {
		begin(o);
		settle(o);
	} else {
		fail(&o->why, FAIL_AUTH, "is not asked: %s", fault);
		fail_at_hop(o);
		settle(o);
	}
	ask_free(asked);
}

static void
on_connection(void *arg, int fd, const struct failure *why)
{
	struct opening *o = arg;
	char time[32];

	o->attempt = NULL;
	if (fd < 0) {
		o->why = *why;
		fail_at(o, route_first_name(o->route));
		settle(o);
		return;
	}
	o->far = stream_socket(fd);
	if (o->far == NULL) {
		close(fd);
		fail_without_memory(o);
		settle(o);
		return;
	}
	if (log_on(SAY_EVENT))
		log_line(SAY_EVENT, "connected to %s after %s",
		    route_first_name(o->route),
		    log_seconds(loop_now(o->loop) - o->begun, time));
	loop_timer(o->loop, &o->timer, o->deadline);
	ask(o);
	step(o);
}

/* The connection is not there in time. */
static void
fail_unconnected(struct opening *o)
{
	struct buf waits;
	int ms = o->route->connect_ms;

	buf_init(&waits, FAIL_TEXT / 2);
	net_describe(o->attempt, &waits);
	if (ms == 0 || ms > o->route->open_ms)
		ms = o->route->open_ms;
	fail(&o->why, FAIL_TIMEOUT, "can't be reached within %g s: %s",
	    ms / 1000.0, buf_str(&waits));
	buf_free(&waits);
	fail_at(o, route_first_name(o->route));
}

/* The hop has not answered in time. */
static void
end_asking(struct opening *o)
{
	struct handshake *h = o->talks[o->at];
	enum handshake_verdict verdict =
	    h->ops->end(h, HANDSHAKE_DEADLINE, &o->why);

	if (o->why.code == FAIL_TIMEOUT && o->why.status == 0)
		fail(&o->why, FAIL_TIMEOUT, "%s within %g s", o->why.text,
		    o->route->open_ms / 1000.0);
	obey(o, verdict);
}

static void
on_timer(void *arg)
{
	struct opening *o = arg;

	if (o->state == OPENING_LOGIN) {
		drop_login(o);
		resume(o, (struct span){ NULL, 0 },
		    "GSSAPI has not answered (is a KDC in reach?)");
		return;
	}
	if (o->state == OPENING_CONNECT)
		fail_unconnected(o);
	else
		end_asking(o);
	settle(o);
}

static void
on_event(void *arg, int got)
{
	(void)got;
	step(arg);
}

struct opening *
opening_new(struct loop *loop, const struct route *route,
    void (*done)(void *, struct stream *, const struct failure *), void *arg,
    struct failure *why)
{
	struct opening *o = calloc(1, sizeof *o);

	fail(why, FAIL_LOCAL, "out of memory");
	if (o == NULL)
		return NULL;
	o->loop = loop;
	o->route = route;
	o->done = done;
	o->arg = arg;
	buf_init(&o->out, 2 * HTTP_REQUEST_MAX);
	buf_init(&o->talk, TALK_MAX);
	o->far_in.fd = o->far_out.fd = -1;
	o->far_in.ready = o->far_out.ready = on_event;
	o->far_in.arg = o->far_out.arg = o->timer.arg = o;
	o->timer.expired = on_timer;
	o->begun = loop_now(loop);
	o->deadline = o->begun + route->open_ms;
	o->talks = calloc(route->nhops + 1, sizeof *o->talks);
	if (o->talks != NULL)
		begin(o);
	if (o->talks == NULL || o->state == OPENING_FAILED) {
		if (o->state == OPENING_FAILED)
			*why = o->why;
		opening_free(o);
		return NULL;
	}
	*why = (struct failure){ FAIL_NONE, 0, "" };
	return o;
}

int
opening_asks_person(const struct opening *o)
{
	return o->asking != NULL;
}

void
opening_free(struct opening *o)
{
	size_t i;

	if (o == NULL)
		return;
	loop_timer(o->loop, &o->timer, 0);
	net_abandon(o->attempt);
	drop_login(o);
	drop_far(o);
	for (i = 0; o->talks != NULL && i < o->route->nhops; i++)
		if (o->talks[i] != NULL)
			o->talks[i]->ops->free(o->talks[i]);
	free(o->talks);
	buf_free(&o->out);
	buf_free(&o->talk);
	free(o);
}
