/*
 * net.c -- resolves a name and connects, all its addresses considered.
 * Floor 2.  RFC 8305.
 */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ERRORS_SHOWN 512 /* bytes of "address: error" in a failure */

/*
 * One look-up, in a thread of its own since getaddrinfo(3) knows no deadline.
 * Whoever comes last frees it: the thread when it is done or the loop when it
 * has been told, whichever finds the other's mark.
 */
struct lookup {
	char *host, port[8];
	int family;
	int pipe[2]; /* the thread closes its end when it is done */
	int rc, error;
	struct addrinfo *list;
	atomic_int let_go;
};

struct candidate {
	struct net_attempt *owner;
	const struct addrinfo *at;
	struct watch watch; /* fd -1: not begun, or over */
	int error;
};

struct net_attempt {
	struct loop *loop;
	struct net_connect what;
	void (*done)(void *, int, const struct failure *);
	void *arg;
	struct lookup *lookup;
	struct watch looked_up;
	struct addrinfo *list;
	struct candidate candidate[NET_ADDRESSES_MAX];
	size_t ncandidates, next, pending;
	struct timer timer; /* for the next address, or the report */
	struct failure why;
};

static void
lookup_let_go(struct lookup *l)
{
	if (atomic_exchange(&l->let_go, 1) == 0)
		return;
	if (l->list != NULL)
		freeaddrinfo(l->list);
	free(l->host);
	free(l);
}

static int
lookup_now(struct lookup *l, int flags)
{
	struct addrinfo hints;

	memset(&hints, 0, sizeof hints);
	hints.ai_family = l->family;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = flags | AI_NUMERICSERV;
	l->rc = getaddrinfo(l->host, l->port, &hints, &l->list);
	l->error = errno;
	return l->rc;
}

static void *
lookup_thread(void *arg)
{
	struct lookup *l = arg;
	int end = l->pipe[1];

	lookup_now(l, 0);
	/* The look-up may be gone once the loop hears of it. */
	lookup_let_go(l);
	close(end);
	return NULL;
}

static int
start_thread(struct lookup *l)
{
	pthread_t thread;

	if (pipe(l->pipe) < 0)
		return -1;
	fcntl(l->pipe[0], F_SETFD, FD_CLOEXEC);
	fcntl(l->pipe[1], F_SETFD, FD_CLOEXEC);
	errno = pthread_create(&thread, NULL, lookup_thread, l);
	if (errno != 0) {
		close(l->pipe[0]);
		close(l->pipe[1]);
		return -1;
	}
	pthread_detach(thread);
	return 0;
}

static void
free_attempt(struct net_attempt *a)
{
	size_t i;

	loop_timer(a->loop, &a->timer, 0);
	for (i = 0; i < a->ncandidates; i++)
		if (a->candidate[i].watch.fd >= 0) {
			loop_want(a->loop, &a->candidate[i].watch, 0);
			close(a->candidate[i].watch.fd);
		}
	if (a->lookup != NULL) {
		loop_want(a->loop, &a->looked_up, 0);
		close(a->looked_up.fd);
		lookup_let_go(a->lookup);
	}
	if (a->list != NULL)
		freeaddrinfo(a->list);
	free(a);
}

void
net_abandon(struct net_attempt *a)
{
	if (a != NULL)
		free_attempt(a);
}

static void
finish(struct net_attempt *a, int fd)
{
	void (*done)(void *, int, const struct failure *) = a->done;
	struct failure why = a->why;
	void *arg = a->arg;

	free_attempt(a);
	done(arg, fd, &why);
}

/* "[::1]:3128" of an address. */
static void
put_address(struct buf *b, const struct addrinfo *at)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo(at->ai_addr, at->ai_addrlen, host, sizeof host, port,
		sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		buf_putf(b, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s",
		    host, port);
}

void
net_describe(const struct net_attempt *a, struct buf *b)
{
	size_t i, begun = buf_len(b);

	if (a->lookup != NULL) {
		buf_puts(b, "the resolver does not answer");
		return;
	}
	for (i = 0; i < a->next; i++)
		if (a->candidate[i].watch.fd >= 0) {
			buf_puts(b, buf_len(b) == begun ? "no answer from "
							: ", ");
			put_address(b, a->candidate[i].at);
		}
}

/* All addresses have failed. */
static void
report(struct net_attempt *a)
{
	struct buf errors;
	size_t i;

	buf_init(&errors, ERRORS_SHOWN);
	for (i = 0; i < a->ncandidates; i++) {
		if (i > 0)
			buf_puts(&errors, ", ");
		if (a->ncandidates > 1) {
			put_address(&errors, a->candidate[i].at);
			buf_puts(&errors, ": ");
		}
		buf_puts(&errors, strerror(a->candidate[i].error));
	}
	buf_cut(&errors, buf_len(&errors) < ERRORS_SHOWN - 1
		? buf_len(&errors) : ERRORS_SHOWN - 1);
	fail(&a->why, FAIL_CONNECT, "can't be reached: %s%s", buf_str(&errors),
	    a->candidate[0].error == ECONNREFUSED
		? " (is it running, and is the port right?)" : "");
	buf_free(&errors);
	finish(a, -1);
}

/* What a tunnel's socket wants: no delay, and to hear of a dead peer. */
static void
set_options(int fd, int keepalive_ms)
{
	int on = 1, s = keepalive_ms / 1000, idle, every, count;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (keepalive_ms == 0)
		return;
	if (s < 2)
		s = 2;
	idle = s / 2;
	every = idle > 8 ? idle / 4 : 1;
	count = (s - idle) / every;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
#ifdef TCP_KEEPIDLE
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof every);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
#endif
}

static void try_next(struct net_attempt *);

static void
give_up(struct candidate *c, int error)
{
	struct net_attempt *a = c->owner;

	c->error = error;
	if (c->watch.fd >= 0) {
		loop_want(a->loop, &c->watch, 0);
		close(c->watch.fd);
		c->watch.fd = -1;
		a->pending--;
	}
}

static void
on_connected(void *arg, int got)
{
	struct candidate *c = arg;
	struct net_attempt *a = c->owner;
	int error = 0, fd = c->watch.fd;
	socklen_t len = sizeof error;

	(void)got;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0) {
		give_up(c, error);
		try_next(a);
		return;
	}
	loop_want(a->loop, &c->watch, 0);
	c->watch.fd = -1;
	set_options(fd, a->what.keepalive_ms);
	finish(a, fd);
}

/* Begins with one address.  0, or -1 where that fails at once. */
static int
begin(struct candidate *c)
{
	struct net_attempt *a = c->owner;
	int fd;

	fd = socket(c->at->ai_family,
	    c->at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    c->at->ai_protocol);
	if (fd < 0) {
		give_up(c, errno);
		return -1;
	}
	c->watch.fd = fd;
	a->pending++;
	if ((connect(fd, c->at->ai_addr, c->at->ai_addrlen) < 0 &&
		errno != EINPROGRESS && errno != EINTR) ||
	    loop_want(a->loop, &c->watch, POLLOUT) < 0) {
		give_up(c, errno);
		return -1;
	}
	return 0;
}

/*
 * Begins with the next address that does not fail at once.  With none left
 * and none under way the report is due, from the loop.
 */
static void
try_next(struct net_attempt *a)
{
	while (a->next < a->ncandidates)
		if (begin(&a->candidate[a->next++]) == 0)
			break;
	if (a->next < a->ncandidates)
		loop_timer(a->loop, &a->timer,
		    loop_now(a->loop) + NET_NEXT_ADDRESS_MS);
	else
		loop_timer(a->loop, &a->timer,
		    a->pending == 0 ? loop_now(a->loop) : 0);
}

static void
on_timer(void *arg)
{
	struct net_attempt *a = arg;

	if (a->why.code != FAIL_NONE)
		finish(a, -1);
	else if (a->next == a->ncandidates && a->pending == 0)
		report(a);
	else
		try_next(a);
}

/*
 * Lines the addresses up, the families in turn as long as there are two,
 * beginning with that of the first (RFC 8305 4).
 */
static void
line_up(struct net_attempt *a)
{
	const struct addrinfo *by[2] = { a->list, a->list };
	int first = a->list->ai_family, turn = 0;
	struct candidate *c;

	while (a->ncandidates < NET_ADDRESSES_MAX) {
		while (by[0] != NULL && by[0]->ai_family != first)
			by[0] = by[0]->ai_next;
		while (by[1] != NULL && by[1]->ai_family == first)
			by[1] = by[1]->ai_next;
		if (by[0] == NULL && by[1] == NULL)
			break;
		if (by[turn] == NULL)
			turn = !turn;
		c = &a->candidate[a->ncandidates++];
		c->owner = a;
		c->at = by[turn];
		c->watch.fd = -1;
		c->watch.ready = on_connected;
		c->watch.arg = c;
		by[turn] = by[turn]->ai_next;
		turn = !turn;
	}
}

/* The look-up is over: takes its addresses, or what went wrong. */
static void
take_addresses(struct net_attempt *a, struct lookup *l)
{
	a->list = l->list;
	l->list = NULL;
	if (l->rc == 0 && a->list != NULL) {
		line_up(a);
		try_next(a);
		return;
	}
	fail(&a->why, FAIL_RESOLVE, "can't be resolved: %s",
	    l->rc == EAI_SYSTEM ? strerror(l->error) : gai_strerror(l->rc));
	loop_timer(a->loop, &a->timer, loop_now(a->loop));
}

static void
on_looked_up(void *arg, int got)
{
	struct net_attempt *a = arg;
	struct lookup *l = a->lookup;

	(void)got;
	loop_want(a->loop, &a->looked_up, 0);
	close(a->looked_up.fd);
	a->lookup = NULL;
	take_addresses(a, l);
	lookup_let_go(l);
}

struct net_attempt *
net_connect(struct loop *loop, const struct net_connect *what,
    void (*done)(void *, int, const struct failure *), void *arg)
{
	struct net_attempt *a = calloc(1, sizeof *a);
	struct lookup *l = calloc(1, sizeof *l);

	if (a == NULL || l == NULL)
		goto out;
	a->loop = loop;
	a->what = *what;
	a->done = done;
	a->arg = arg;
	a->timer.expired = on_timer;
	a->timer.arg = a;
	l->host = strdup(what->to->host);
	l->family = what->family;
	if (l->host == NULL)
		goto out;
	snprintf(l->port, sizeof l->port, "%u", what->to->port);
	if (lookup_now(l, AI_NUMERICHOST) == 0) {
		take_addresses(a, l);
	} else if (start_thread(l) < 0) {
		fail(&a->why, FAIL_LOCAL, "can't be resolved: %s",
		    strerror(errno));
		loop_timer(loop, &a->timer, loop_now(loop));
	} else {
		a->lookup = l;
		a->looked_up.fd = l->pipe[0];
		a->looked_up.ready = on_looked_up;
		a->looked_up.arg = a;
		if (loop_want(loop, &a->looked_up, POLLIN) < 0) {
			free_attempt(a);
			return NULL;
		}
		return a;
	}
	/* No thread has it. */
	free(l->host);
	free(l);
	return a;
out:
	if (l != NULL)
		free(l->host);
	free(l);
	free(a);
	return NULL;
}
