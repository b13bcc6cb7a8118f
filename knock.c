/* knock.c -- what does the port speak?  Floor 3. */
#include "knock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "stream.h"

#define ANSWER_MAX 8 /* bytes that it takes to tell */

/*
 * The least that a server of TLS answers, be it by an alert: a ClientHello of
 * TLS 1.2 with two suites and no extension (RFC 5246 7.4.1.2).
 */
static const char hello[] = "\x16\x03\x01\0\x2f\1\0\0\x2b\3\3"
			    "proxytunnel looks for a TLS port"
			    "\0\0\4\xc0\x2f\xc0\x30\1\0";

static int
is_tls(const uint8_t *p)
{
	return (p[0] == 0x16 || p[0] == 0x15) && p[1] == 3;
}

static int
is_socks5(const uint8_t *p)
{
	return p[0] == 5 && (p[1] <= 2 || p[1] == 0xff);
}

static int
is_http(const uint8_t *p)
{
	return memcmp(p, "HTTP/1.", 7) == 0;
}

/* One to be asked in, and the bytes of an answer that tell. */
static const struct language {
	const char *scheme;
	const char *question;
	size_t n, least;
	int (*fits)(const uint8_t *);
} languages[] = {
	{ "https", hello, sizeof hello - 1, 2, is_tls },
	{ "socks5h", "\5\1", 3, 2, is_socks5 }, /* and a NUL: no login */
	{ "http", "OPTIONS * HTTP/1.0\r\n\r\n", 22, 7, is_http },
};

#define LANGUAGES (sizeof languages / sizeof *languages)

struct trial {
	struct knock *owner;
	const struct language *in;
	struct net_attempt *attempt;
	struct failure why;
	struct stream *far;
	struct watch watch;
	size_t sent, got;
	uint8_t answer[ANSWER_MAX];
	int over;
};

struct knock {
	struct loop *loop;
	struct trial tries[LANGUAGES];
	struct timer timer;
	void (*done)(void *, const char *);
	void *arg;
};

static void
close_trial(struct trial *t)
{
	net_abandon(t->attempt);
	t->attempt = NULL;
	loop_want(t->owner->loop, &t->watch, 0);
	stream_free(t->far);
	t->far = NULL;
	t->over = 1;
}

/* Ends one; with an answer, or with the last, it is all over. */
static void
end(struct trial *t, const char *scheme)
{
	struct knock *k = t->owner;
	size_t i, left = 0;

	close_trial(t);
	for (i = 0; i < LANGUAGES; i++)
		left += !k->tries[i].over;
	if (scheme != NULL || left == 0)
		k->done(k->arg, scheme);
}

static void
step(struct trial *t)
{
	ssize_t put = 0, got;

	while (t->sent < t->in->n) {
		put = t->far->ops->write(
		    t->far, t->in->question + t->sent, t->in->n - t->sent);
		if (put <= 0)
			break;
		t->sent += (size_t)put;
	}
	got = t->far->ops->read(
	    t->far, t->answer + t->got, sizeof t->answer - t->got);
	if (got > 0)
		t->got += (size_t)got;
	if (t->got >= t->in->least)
		end(t, t->in->fits(t->answer) ? t->in->scheme : NULL);
	else if (got == STREAM_EOF || got == STREAM_ERR || put == STREAM_ERR ||
		 loop_want_fd(t->owner->loop, &t->watch, t->far->in,
		     stream_events(STREAM_WANT_IN,
			 t->sent < t->in->n ? STREAM_WANT_OUT : 0)) < 0)
		end(t, NULL);
}

static void
on_event(void *arg, int got)
{
	(void)got;
	step(arg);
}

static void
on_connection(void *arg, int fd)
{
	struct trial *t = arg;

	t->attempt = NULL;
	t->far = fd < 0 ? NULL : stream_socket(fd);
	if (t->far != NULL) {
		step(t);
		return;
	}
	if (fd >= 0)
		close(fd);
	end(t, NULL);
}

static void
on_timer(void *arg)
{
	struct knock *k = arg;

	k->done(k->arg, NULL);
}

struct knock *
knock_new(struct loop *loop, const struct route *r,
    void (*done)(void *, const char *), void *arg)
{
	struct net_connect what = { route_first(r), r->names, r->family,
		r->keepalive_ms, NULL };
	struct knock *k = calloc(1, sizeof *k);
	struct trial *t;
	size_t i;

	if (k == NULL)
		return NULL;
	k->loop = loop;
	k->done = done;
	k->arg = arg;
	k->timer.expired = on_timer;
	k->timer.arg = k;
	for (i = 0; i < LANGUAGES; i++) {
		t = &k->tries[i];
		t->owner = k;
		t->in = &languages[i];
		t->watch.fd = -1;
		t->watch.ready = on_event;
		t->watch.arg = t;
	}
	for (i = 0; i < LANGUAGES; i++) {
		t = &k->tries[i];
		t->attempt =
		    net_connect(loop, &what, on_connection, t, &t->why);
		if (t->attempt == NULL)
			break;
	}
	if (i == LANGUAGES &&
	    loop_timer(loop, &k->timer, loop_now(loop) + KNOCK_MS) == 0)
		return k;
	knock_free(k);
	return NULL;
}

void
knock_free(struct knock *k)
{
	size_t i;

	if (k == NULL)
		return;
	loop_timer(k->loop, &k->timer, 0);
	for (i = 0; i < LANGUAGES; i++)
		close_trial(&k->tries[i]);
	free(k);
}
