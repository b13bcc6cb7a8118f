/*
 * opening.c -- opens a connection over a route: the first hop is connected to
 * and then, in TLS where it is to be, each hop asked for the next.  Floor 3.
 */
#include "opening.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "errand.h"
#include "http.h"
#include "http1.h"
#include "log.h"
#include "net.h"
#include "tls.h"

#define PEEK_SIZE 1024 /* bytes of a handshake looked at in one go */
#define TALK_MAX (4 * HTTP_HEAD_MAX) /* bytes of one step shown under -v */
#define CONNECTIONS_MAX 20	     /* for one tunnel to open */

static const char *const state_names[] = { "connect", "secure", "ask", "errand",
	"open", "over" };

enum opening_state {
	OPENING_CONNECT,
	OPENING_SECURE, /* the handshake of TLS with a hop or the target */
	OPENING_ASK,	/* a hop for the next */
	OPENING_ERRAND, /* getting what it takes: a password, an address */
	OPENING_DONE,
	OPENING_FAILED
};

struct opening {
	struct loop *loop;
	const struct route *route;
	enum opening_state state;
	size_t at; /* the hop that is asked; behind the last: the target */
	unsigned connections;
	unsigned before;  /* alternatives that are of no use */
	int share_ms;	  /* for the connection, as others follow; 0: all */
	int is_unreached; /* the first hop, or the target */
	struct net_attempt *attempt;
	struct handshake **talks; /* one a hop; kept over connections */
	struct errand *errand;
	enum handshake_verdict need; /* what it is for */
	int64_t asked;		     /* a person, when; 0: nobody */
	int cut;		     /* TLS to the hop has ended, by -W */
	struct stream *far;
	struct buf out;	 /* for the hop that is asked */
	struct buf talk; /* what is said, for -v */
	struct watch watch;
	struct timer timer;
	int64_t begun;
	int64_t deadline; /* for all of it */
	int64_t patience; /* for the rest of an answer, 0: none */
	const struct opening_observer *observer; /* NULL: nobody */
	struct failure *why;			 /* borrowed */
	void (*done)(void *, struct stream *, const struct route *);
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
tell(struct opening *o, enum opening_event what)
{
	struct opening_news news = { .what = what, .at = o->at };

	if (o->observer == NULL)
		return;
	if (what == OPENING_SHOWN)
		news.tls = o->far;
	if (what == OPENING_TURNS) {
		news.next = o->route->next;
		news.why = o->why;
	}
	o->observer->tell(o->observer->arg, &news);
}

static void
on_address(void *arg, const char *address, int error)
{
	struct opening *o = arg;
	struct opening_news news = {
		.what = OPENING_TRIES, .address = address, .error = error
	};

	if (error == NET_FOUND) {
		news.what = OPENING_FINDS;
		news.error = 0;
	}
	o->observer->tell(o->observer->arg, &news);
}

static void
want(struct opening *o, int events)
{
	int fd = o->far == NULL ? -1 : o->far->in;

	if (loop_want_fd(o->loop, &o->watch, fd, events) < 0)
		fail(o->why, FAIL_LOCAL, "out of memory");
}

static void
drop_far(struct opening *o)
{
	want(o, 0);
	stream_free(o->far);
	o->far = NULL;
}

/* Fails about the hop that it has come to: its name goes in front. */
static void
fail_at_hop(struct opening *o)
{
	const char *name = route_name(o->route, o->at);

	if (o->route->nhops > 1 && o->at < o->route->nhops)
		fail(o->why, o->why->code, "hop %zu, %s %s", o->at + 1, name,
		    o->why->text);
	else
		fail(o->why, o->why->code, "%s %s", name, o->why->text);
	enter(o, OPENING_FAILED);
}

static void
fail_without_memory(struct opening *o)
{
	fail(o->why, FAIL_LOCAL, "out of memory");
	enter(o, OPENING_FAILED);
}

static void on_errand(void *, struct span, const char *);

static int
set_up(struct opening *o)
{
	o->talks = calloc(o->route->nhops + 1, sizeof *o->talks);
	o->errand = errand_new(o->loop, o->route, on_errand, o);
	return o->talks != NULL && o->errand != NULL ? 0 : -1;
}

static void
tear_down(struct opening *o)
{
	size_t i;

	net_abandon(o->attempt);
	o->attempt = NULL;
	errand_free(o->errand);
	o->errand = NULL;
	drop_far(o);
	for (i = 0; o->talks != NULL && i < o->route->nhops; i++)
		if (o->talks[i] != NULL)
			o->talks[i]->ops->free(o->talks[i]);
	free(o->talks);
	o->talks = NULL;
	buf_free(&o->out);
	buf_free(&o->talk);
}

static void begin(struct opening *);

/*
 * Another proxy stands in for the first one where that can't be reached, or is
 * none.  What it refuses is refused.
 */
static void
try_next(struct opening *o)
{
	const struct route *next = o->route->next;
	int is_none = o->why->code == FAIL_PROTOCOL && o->at == 0;

	if (next == NULL || !(o->is_unreached || is_none) ||
	    loop_now(o->loop) >= o->deadline)
		return;
	log_line(SAY_EVENT, "%s; the next one is %s", o->why->text,
	    route_name(next, 0));
	tear_down(o);
	tell(o, OPENING_TURNS);
	o->route = next;
	o->before++;
	o->connections = 0;
	*o->why = NO_FAILURE;
	if (set_up(o) < 0)
		fail_without_memory(o);
	else
		begin(o);
}

/*
 * Every callback ends here: with the opening over it is freed, and who waits
 * for it told.
 */
static void
settle(struct opening *o)
{
	void (*done)(void *, struct stream *, const struct route *) = o->done;
	const struct route *route;
	struct stream *far = NULL;
	void *arg = o->arg;

	if (o->state == OPENING_FAILED)
		try_next(o);
	if (o->state < OPENING_DONE)
		return;
	if (o->state == OPENING_DONE) {
		want(o, 0);
		far = o->far;
		o->far = NULL;
		/* What an attempt before this one had against it. */
		*o->why = NO_FAILURE;
	} else if (o->before > 0)
		fail(o->why, o->why->code, "%s (after %u that failed: see -v)",
		    o->why->text, o->before);
	route = o->route;
	opening_free(o);
	done(arg, far, route);
}

static void
show_talk(struct opening *o)
{
	log_talk(buf_ptr(&o->talk), buf_len(&o->talk));
	buf_free(&o->talk);
}

static void on_connection(void *, int);

static void
connect_first(struct opening *o)
{
	struct net_connect what = { route_first(o->route), o->route->names,
		o->route->family, o->route->keepalive_ms,
		o->observer != NULL ? on_address : NULL };
	int64_t due = o->deadline;

	drop_far(o);
	o->at = 0;
	o->is_unreached = 0;
	enter(o, OPENING_CONNECT);
	tell(o, OPENING_CONNECTS);
	if (o->route->next != NULL)
		due -= (due - loop_now(o->loop)) / 2;
	if (o->route->connect_ms != 0 &&
	    loop_now(o->loop) + o->route->connect_ms < due)
		due = loop_now(o->loop) + o->route->connect_ms;
	o->share_ms = o->before > 0 || o->route->next != NULL
			  ? (int)(due - loop_now(o->loop))
			  : 0;
	loop_timer(o->loop, &o->timer, due);
	o->connections++;
	*o->why = NO_FAILURE;
	o->attempt = net_connect(o->loop, &what, on_connection, o, o->why);
	if (o->attempt == NULL)
		fail_without_memory(o);
}

/* The proxy has to wait for somebody else, until due; 0: as long as it takes */
static void
wait_for_errand(struct opening *o, enum handshake_verdict need, int64_t due)
{
	enter(o, OPENING_ERRAND);
	want(o, 0);
	o->need = need;
	o->patience = 0;
	loop_timer(o->loop, &o->timer, due);
}

/* A person's time does not count. */
static void
wait_for_person(struct opening *o)
{
	wait_for_errand(o, HANDSHAKE_PASSWORD, 0);
	o->asked = loop_now(o->loop);
}

static void
ask_password(struct opening *o)
{
	wait_for_person(o);
	if (errand_password(o->errand, o->at) < 0)
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
	int64_t now = loop_now(o->loop);

	wait_for_errand(o, HANDSHAKE_TOKEN, now + (o->deadline - now) / 2);
	if (errand_token(
		o->errand, &o->route->hops[o->at], h->binding, h->token) < 0)
		fail_without_memory(o);
}

static void
ask_resolver(struct opening *o)
{
	struct handshake *h = o->talks[o->at];

	wait_for_errand(o, HANDSHAKE_ADDRESS, o->deadline);
	if (errand_address(o->errand, route_request(o->route, o->at)->to->host,
		h->ipv4_only ? AF_INET : o->route->family) < 0)
		fail_without_memory(o);
}

/* The conversation with the hop, for its next word. */
static struct handshake *
talk_at_hop(struct opening *o)
{
	errand_allow(o->errand, o->at);
	return o->talks[o->at];
}

/* Gets what a handshake can't go on without, or ends. */
static void
get(struct opening *o, enum handshake_verdict need)
{
	if (need == HANDSHAKE_PASSWORD)
		ask_password(o);
	else if (need == HANDSHAKE_TOKEN)
		ask_gssapi(o);
	else if (need == HANDSHAKE_ADDRESS)
		ask_resolver(o);
	else
		fail_at_hop(o);
}

/* Begins with the conversation; behind the last hop the tunnel is open. */
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
	h = talk_at_hop(o);
	if (h == NULL) {
		fail_without_memory(o);
		return;
	}
	h->talk = log_on(SAY_EVENT) ? &o->talk : NULL;
	if (o->observer != NULL) {
		tell(o, OPENING_ASKS);
		h->heard = o->observer->heard;
	}
	h->binding = route_secure(o->route, o->at)->on
			 ? tls_binding(o->far)
			 : (struct span){ NULL, 0 };
	buf_free(&o->out);
	verdict = h->ops->start(h, &o->out, o->why);
	show_talk(o);
	errand_sent(o->errand, o->at);
	if (verdict != HANDSHAKE_MORE)
		get(o, verdict);
}

/* Comes to the next hop, or to the target: TLS first, where it is to be. */
static void
arrive(struct opening *o)
{
	const struct secure *s = route_secure(o->route, o->at);
	struct stream *tls;

	o->cut = 0;
	if (!s->on) {
		ask(o);
		return;
	}
	tls =
	    tls_stream(o->far, s->context, route_secure_name(o->route, o->at));
	if (tls == NULL) {
		fail_without_memory(o);
		return;
	}
	o->far = tls;
	o->patience = 0;
	enter(o, OPENING_SECURE);
	tell(o, OPENING_SECURES);
}

static void
log_secured(struct opening *o)
{
	struct buf b;

	if (!log_on(SAY_EVENT))
		return;
	buf_init(&b, FAIL_TEXT);
	tls_describe(o->far, &b);
	log_line(SAY_EVENT, "%s: %s%s", route_name(o->route, o->at),
	    buf_str(&b),
	    route_secure(o->route, o->at)->options.no_verify ? " (not verified)"
							     : "");
	buf_free(&b);
}

/*
 * The connection ended before there was a word of TLS's: so does that of a
 * proxy which opens the tunnel first and then can't reach the other end.
 */
static void
fail_silent(struct opening *o)
{
	fail(o->why, FAIL_CONNECT,
	    "closed the tunnel to %s before a byte came through it (it can't "
	    "be reached, or does not speak TLS)",
	    route_name(o->route, o->at));
	o->at--;
	fail_at_hop(o);
}

static void
step_secure(struct opening *o)
{
	int rc = tls_ready(o->far, o->why);

	if (rc != 0 && rc != STREAM_ERR) {
		want(o, stream_events(rc, 0));
		loop_timer(o->loop, &o->timer, o->deadline);
		return;
	}
	tell(o, OPENING_SHOWN);
	if (rc == STREAM_ERR) {
		if (o->at > 0 && o->why->code == FAIL_PROTOCOL &&
		    !tls_has_heard(o->far))
			fail_silent(o);
		else
			fail_at_hop(o);
		return;
	}
	log_secured(o);
	ask(o);
}

static void
again(struct opening *o)
{
	log_line(SAY_EVENT, "%s: again, over a new connection",
	    route_name(o->route, o->at));
	if (o->connections < CONNECTIONS_MAX)
		connect_first(o);
	else {
		fail(o->why, FAIL_AUTH,
		    "closes the connection at every attempt");
		fail_at_hop(o);
	}
}

/* Acts on what a handshake says; true: there is more of it to do now. */
static int
obey(struct opening *o, enum handshake_verdict verdict)
{
	int patience_ms = o->talks[o->at]->patience_ms;

	show_talk(o);
	if (buf_len(&o->out) > 0)
		errand_sent(o->errand, o->at);
	switch (verdict) {
	case HANDSHAKE_MORE:
		if (o->cut && buf_len(&o->out) > 0) {
			again(o); /* nothing more goes out in clear */
			return 0;
		}
		if (patience_ms == 0)
			o->patience = 0;
		else if (o->patience == 0)
			o->patience = loop_now(o->loop) + patience_ms;
		return 1;
	case HANDSHAKE_DONE:
		errand_drop(o->errand);
		if (buf_len(&o->out) > 0) {
			fail(o->why, FAIL_PROTOCOL,
			    "opened the tunnel before it had read the request");
			fail_at_hop(o);
			return 0;
		}
		tell(o, OPENING_PASSES);
		o->at++;
		arrive(o);
		return 0;
	case HANDSHAKE_AGAIN:
		again(o);
		return 0;
	default:
		get(o, verdict);
		return 0;
	}
}

static void
end_handshake(struct opening *o, enum handshake_end how)
{
	struct handshake *h = talk_at_hop(o);

	obey(o, h->ops->end(h, how, o->why));
}

/* Sends what is to be sent; a proxy that takes no more may yet have spoken. */
static int
flush(struct opening *o)
{
	const struct secure *s = route_secure(o->route, o->at);
	ssize_t n;

	while (buf_len(&o->out) > 0) {
		n = o->far->ops->write(
		    o->far, buf_ptr(&o->out), buf_len(&o->out));
		if (n < 0 && n != STREAM_ERR)
			return (int)n;
		buf_take(&o->out, n < 0 ? buf_len(&o->out) : (size_t)n);
	}
	if (s->on && s->options.cut && !o->cut) {
		o->far = tls_cut(o->far);
		o->cut = 1;
	}
	return 0;
}

/* The hop says no more; TLS may know why. */
static void
end_asking(struct opening *o, int how)
{
	const struct failure *fault = o->far->fault;

	if (how == STREAM_ERR && fault != NULL && fault->code == FAIL_AUTH) {
		*o->why = *fault;
		fail_at_hop(o);
	} else
		end_handshake(o, how == STREAM_EOF || fault != NULL
				     ? HANDSHAKE_EOF
				     : HANDSHAKE_RESET);
}

/*
 * The bytes are looked at first and then taken as far as the handshake used
 * them: what is behind belongs to the next hop or to the relay.
 */
static void
step_ask(struct opening *o)
{
	uint8_t bytes[PEEK_SIZE];
	struct handshake *h = talk_at_hop(o);
	enum handshake_verdict verdict;
	size_t used;
	ssize_t n;
	int writes;

	for (;;) {
		writes = flush(o);
		n = o->far->ops->peek(o->far, bytes, sizeof bytes);
		if (n == STREAM_EOF || n == STREAM_ERR) {
			end_asking(o, (int)n);
			return;
		}
		if (n < 0)
			break;
		verdict =
		    h->ops->feed(h, bytes, (size_t)n, &used, &o->out, o->why);
		if (used > 0 && o->far->ops->read(o->far, bytes, used) < 0) {
			end_asking(o, STREAM_ERR);
			return;
		}
		if (!obey(o, verdict))
			return;
	}
	want(o, stream_events((int)n, writes));
	loop_timer(o->loop, &o->timer,
	    o->patience != 0 && o->patience < o->deadline ? o->patience
							  : o->deadline);
}

/* Does all that can be done now, hop by hop; then it may be over. */
static void
step(struct opening *o)
{
	enum opening_state state;
	size_t at;

	do {
		at = o->at;
		state = o->state;
		if (state == OPENING_SECURE)
			step_secure(o);
		else if (state == OPENING_ASK)
			step_ask(o);
	} while (o->at != at || o->state != state);
	if (o->why->code != FAIL_NONE && o->state < OPENING_DONE)
		enter(o, OPENING_FAILED); /* nothing can be waited for */
	settle(o);
}

/* What the handshake waited for is there or, with a fault, will not come. */
static void
resume(struct opening *o, struct span got, const char *fault)
{
	struct handshake *h = talk_at_hop(o);

	enter(o, OPENING_ASK);
	obey(o, h->ops->resume(h, got, fault, &o->out, o->why));
	step(o);
}

static int
asks_first(struct opening *o)
{
	if (o->at == o->route->nhops)
		return 0;
	errand_allow(o->errand, o->at);
	return route_asks_first(o->route, o->at);
}

/*
 * Asks for what is needed before there is a connection: the passphrase of a
 * key, and a password that goes out unasked.  Then begins to connect.
 */
static void
begin(struct opening *o)
{
	const char *locked;

	for (o->at = 0; o->at <= o->route->nhops; o->at++) {
		locked = route_locked(o->route, o->at);
		if (locked != NULL) {
			wait_for_person(o);
			if (errand_passphrase(o->errand, o->at) < 0)
				fail_without_memory(o);
			return;
		}
		if (asks_first(o)) {
			ask_password(o);
			return;
		}
	}
	connect_first(o);
}

static void
on_errand(void *arg, struct span got, const char *fault)
{
	struct opening *o = arg;
	const char *locked = route_locked(o->route, o->at);

	if (o->asked != 0)
		o->deadline += loop_now(o->loop) - o->asked;
	o->asked = 0;
	if (o->far != NULL) {
		resume(o, got, fault);
		return;
	}
	if (fault == NULL)
		begin(o);
	else if (locked != NULL) {
		fail(o->why, FAIL_AUTH, "client key %s: %s", locked, fault);
		enter(o, OPENING_FAILED);
	} else {
		fail(o->why, FAIL_AUTH, "is not asked: %s", fault);
		fail_at_hop(o);
	}
	settle(o);
}

static void
on_connection(void *arg, int fd)
{
	struct opening *o = arg;
	char time[32];

	o->attempt = NULL;
	if (fd < 0) {
		o->is_unreached = 1;
		fail_at_hop(o);
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
		    route_name(o->route, 0),
		    log_seconds(loop_now(o->loop) - o->begun, time));
	loop_timer(o->loop, &o->timer, o->deadline);
	arrive(o);
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
	if (o->share_ms != 0)
		ms = o->share_ms;
	o->is_unreached = 1;
	fail(o->why, FAIL_TIMEOUT, "can't be reached within %g s: %s",
	    ms / 1000.0, buf_str(&waits));
	buf_free(&waits);
	fail_at_hop(o);
}

/* The hop has not answered in time. */
static void
end_in_time(struct opening *o)
{
	struct handshake *h = talk_at_hop(o);
	enum handshake_verdict verdict =
	    h->ops->end(h, HANDSHAKE_DEADLINE, o->why);

	if (o->why->code == FAIL_TIMEOUT && o->why->status == 0)
		fail(o->why, FAIL_TIMEOUT, "%s within %g s", o->why->text,
		    o->route->open_ms / 1000.0);
	obey(o, verdict);
}

/* The time for TLS or the resolver, which is that for the whole, is over. */
static void
fail_late(struct opening *o, const char *what)
{
	fail(o->why, FAIL_TIMEOUT, "%s within %g s", what,
	    o->route->open_ms / 1000.0);
	fail_at_hop(o);
}

static void
on_timer(void *arg)
{
	struct opening *o = arg;

	if (o->state == OPENING_ERRAND && o->need == HANDSHAKE_TOKEN) {
		errand_drop(o->errand);
		resume(o, (struct span){ NULL, 0 },
		    "GSSAPI has not answered (is a KDC in reach?)");
		return;
	}
	if (o->state == OPENING_CONNECT)
		fail_unconnected(o);
	else if (o->state == OPENING_SECURE)
		fail_late(o,
		    "has not answered in the TLS handshake (does this port "
		    "speak TLS?)");
	else if (o->state == OPENING_ERRAND)
		fail_late(o, "is not asked: the resolver has not answered");
	else
		end_in_time(o);
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
    const struct opening_observer *observer,
    void (*done)(void *, struct stream *, const struct route *), void *arg,
    struct failure *why)
{
	struct opening *o = calloc(1, sizeof *o);

	*why = NO_FAILURE;
	if (o == NULL)
		goto no_memory;
	o->loop = loop;
	o->route = route;
	o->observer = observer;
	o->done = done;
	o->arg = arg;
	o->why = why;
	buf_init(&o->out, 2 * HTTP_REQUEST_MAX);
	buf_init(&o->talk, TALK_MAX);
	o->watch.fd = -1;
	o->watch.ready = on_event;
	o->watch.arg = o->timer.arg = o;
	o->timer.expired = on_timer;
	o->begun = loop_now(loop);
	o->deadline = o->begun + route->open_ms;
	if (set_up(o) < 0)
		goto no_memory;
	begin(o);
	if (o->state != OPENING_FAILED)
		return o;
	opening_free(o);
	return NULL;
no_memory:
	opening_free(o);
	fail(why, FAIL_LOCAL, "out of memory");
	return NULL;
}

int
opening_asks_person(const struct opening *o)
{
	return errand_asks_person(o->errand);
}

void
opening_free(struct opening *o)
{
	if (o == NULL)
		return;
	loop_timer(o->loop, &o->timer, 0);
	tear_down(o);
	free(o);
}
