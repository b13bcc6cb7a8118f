/*
 * net.c -- connects to a name, all its addresses considered.  Floor 2.
 * RFC 8305.
 */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define NET_PASS_MS 1000 /* for room to pass a descriptor */
#define ERRORS_SHOWN 512 /* bytes of "address: error" in a failure */
#define ADDRESS_SHOWN 128

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un path;
};

struct candidate {
	struct net_attempt *owner;
	union address at;
	struct watch watch; /* fd -1: not begun, or over */
	int error;
};

struct net_attempt {
	struct loop *loop;
	struct net_connect what;
	void (*done)(void *, int);
	void *arg;
	struct resolve *resolve; /* NULL: there is no name */
	struct candidate *candidate;
	size_t ncandidates, next, pending;
	int anew;	     /* the name was looked up again */
	struct timer timer;  /* for the next address, or the report */
	struct failure *why; /* borrowed */
};

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
	resolve_free(a->resolve);
	free(a->candidate);
	free(a);
}

void
net_abandon(struct net_attempt *a)
{
	if (a == NULL)
		return;
	/* Whoever comes next is not to wait for the same addresses. */
	if (a->ncandidates > 0)
		resolve_forget(a->resolve);
	free_attempt(a);
}

static void
finish(struct net_attempt *a, int fd)
{
	void (*done)(void *, int) = a->done;
	void *arg = a->arg;

	free_attempt(a);
	done(arg, fd);
}

static socklen_t
address_len(const union address *at)
{
	switch (at->any.sa_family) {
	case AF_INET:
		return sizeof at->v4;
	case AF_INET6:
		return sizeof at->v6;
	default:
		return sizeof at->path;
	}
}

/* "[::1]:3128" of an address. */
static void
put_address(struct buf *b, const union address *at)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo(&at->any, address_len(at), host, sizeof host, port,
		sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		buf_putf(b, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s",
		    host, port);
}

/* For whoever wants to know. */
static void
tell(struct net_attempt *a, const union address *at, int error)
{
	struct buf address;

	if (a->what.tell == NULL)
		return;
	buf_init(&address, ADDRESS_SHOWN);
	if (at->any.sa_family == AF_UNIX)
		BUF_JOIN(&address, "unix:", at->path.sun_path);
	else
		put_address(&address, at);
	a->what.tell(a->arg, buf_str(&address), error);
	buf_free(&address);
}

void
net_describe(const struct net_attempt *a, struct buf *b)
{
	size_t i, begun = buf_len(b);

	if (a->ncandidates == 0) {
		buf_puts(b, "the resolver does not answer");
		return;
	}
	for (i = 0; i < a->next; i++)
		if (a->candidate[i].watch.fd >= 0) {
			buf_puts(
			    b, buf_len(b) == begun ? "no answer from " : ", ");
			put_address(b, &a->candidate[i].at);
		}
}

/* It is here that there is no room for one more socket. */
static int
is_our_own(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM;
}

/* What an address has said of itself counts more than what its router has. */
static enum fail_cause
cause_of(const struct net_attempt *a)
{
	enum fail_cause cause = CAUSE_OTHER;
	size_t i;

	for (i = 0; i < a->ncandidates && cause != CAUSE_NO_LISTENER; i++)
		switch (a->candidate[i].error) {
		case ECONNREFUSED:
			cause = CAUSE_NO_LISTENER;
			break;
		case ENETUNREACH:
		case EHOSTUNREACH:
			cause = CAUSE_NO_WAY;
			break;
		default:
			break;
		}
	return cause;
}

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
			put_address(&errors, &a->candidate[i].at);
			buf_puts(&errors, ": ");
		}
		buf_puts(&errors, strerror(a->candidate[i].error));
	}
	buf_cut(&errors, buf_len(&errors) < ERRORS_SHOWN - 1
			     ? buf_len(&errors)
			     : ERRORS_SHOWN - 1);
	a->why->cause = cause_of(a);
	fail(a->why,
	    is_our_own(a->candidate[0].error) ? FAIL_LOCAL : FAIL_CONNECT,
	    "can't be reached: %s%s", buf_str(&errors),
	    a->candidate[0].error != ECONNREFUSED ? ""
	    : a->what.to->path != NULL
		? " (is it running?)"
		: " (is it running, and is the port right?)");
	buf_free(&errors);
	finish(a, -1);
}

void
net_tune(int fd, int keepalive_ms)
{
	int on = 1, s = keepalive_ms / 1000, idle, every, count;

	/* On a Unix-domain socket these fail, and nothing is lost by it. */
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

int
net_reset_on_close(int fd)
{
	struct linger now = { 1, 0 };
	int queued = 0;

	if (ioctl(fd, TIOCOUTQ, &queued) == 0 && queued > 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	return 0;
}

static void try_next(struct net_attempt *);

static void
give_up(struct candidate *c, int error)
{
	struct net_attempt *a = c->owner;

	c->error = error;
	tell(a, &c->at, error);
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
	net_tune(fd, a->what.keepalive_ms);
	tell(a, &c->at, 0);
	finish(a, fd);
}

/* Begins with one address.  0, or -1 where that fails at once. */
static int
begin(struct candidate *c)
{
	struct net_attempt *a = c->owner;
	int fd;

	fd = socket(
	    c->at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		give_up(c, errno);
		return -1;
	}
	c->watch.fd = fd;
	a->pending++;
	if ((connect(fd, &c->at.any, address_len(&c->at)) < 0 &&
		errno != EINPROGRESS && errno != EINTR) ||
	    loop_want(a->loop, &c->watch, POLLOUT) < 0) {
		give_up(c, errno);
		return -1;
	}
	return 0;
}

/* Were the addresses there already?  The name may have others by now. */
static int
is_kept(const struct net_attempt *a)
{
	return a->resolve != NULL && resolve_is_kept(a->resolve) && !a->anew;
}

/*
 * Begins with the next address that does not fail at once.  With none left
 * and none under way the end is due, from the loop.
 */
static void
try_next(struct net_attempt *a)
{
	int64_t now = loop_now(a->loop);

	while (a->next < a->ncandidates)
		if (begin(&a->candidate[a->next++]) == 0)
			break;
	if (a->next < a->ncandidates)
		loop_timer(a->loop, &a->timer, now + NET_NEXT_ADDRESS_MS);
	else
		loop_timer(a->loop, &a->timer,
		    a->pending == 0 ? now
		    : is_kept(a)    ? now + NET_KEPT_MS
				    : 0);
}

static void look_up(struct net_attempt *);

/* No address has answered: the report, or once more with those of by now. */
static void
fail_all(struct net_attempt *a)
{
	size_t i;

	resolve_forget(a->resolve);
	if (!is_kept(a)) {
		report(a);
		return;
	}
	a->anew = 1;
	for (i = 0; i < a->ncandidates; i++)
		give_up(&a->candidate[i], ETIMEDOUT);
	free(a->candidate);
	a->candidate = NULL;
	a->ncandidates = a->next = 0;
	look_up(a);
}

static void
on_timer(void *arg)
{
	struct net_attempt *a = arg;

	if (a->why->code != FAIL_NONE)
		finish(a, -1);
	else if (a->next == a->ncandidates)
		fail_all(a);
	else
		try_next(a);
}

static int
add_candidate(struct net_attempt *a, const struct sockaddr *at)
{
	size_t n = a->ncandidates + 1;
	struct candidate *c = realloc(a->candidate, n * sizeof *c);

	if (c == NULL)
		return -1;
	a->candidate = c;
	c += a->ncandidates++;
	memset(c, 0, sizeof *c);
	c->owner = a;
	c->watch.fd = -1;
	c->watch.ready = on_connected;
	switch (at->sa_family) {
	case AF_INET:
		memcpy(&c->at.v4, at, sizeof c->at.v4);
		c->at.v4.sin_port = htons(a->what.to->port);
		break;
	case AF_INET6:
		memcpy(&c->at.v6, at, sizeof c->at.v6);
		c->at.v6.sin6_port = htons(a->what.to->port);
		break;
	default:
		memcpy(&c->at.path, at, sizeof c->at.path);
	}
	return 0;
}

/*
 * Lines the addresses up, the families in turn as long as there are two,
 * beginning with that of the first (RFC 8305 4).
 */
static int
line_up(struct net_attempt *a, const struct addrinfo *list)
{
	const struct addrinfo *by[2] = { list, list };
	int first = list->ai_family, turn = 0;

	while (a->ncandidates < NET_ADDRESSES_MAX) {
		while (by[0] != NULL && by[0]->ai_family != first)
			by[0] = by[0]->ai_next;
		while (by[1] != NULL && by[1]->ai_family == first)
			by[1] = by[1]->ai_next;
		if (by[0] == NULL && by[1] == NULL)
			break;
		if (by[turn] == NULL)
			turn = !turn;
		if (add_candidate(a, by[turn]->ai_addr) < 0)
			return -1;
		by[turn] = by[turn]->ai_next;
		turn = !turn;
	}
	return 0;
}

/* All addresses are there: from now on they stay where they are. */
static void
begin_all(struct net_attempt *a)
{
	size_t i;

	for (i = 0; i < a->ncandidates; i++) {
		a->candidate[i].watch.arg = &a->candidate[i];
		tell(a, &a->candidate[i].at, NET_FOUND);
	}
	try_next(a);
}

static int
take_path(struct net_attempt *a)
{
	union address at;

	memset(&at, 0, sizeof at);
	at.path.sun_family = AF_UNIX;
	strncpy(
	    at.path.sun_path, a->what.to->path, sizeof at.path.sun_path - 1);
	return add_candidate(a, &at.any);
}

/*
 * An address as it is written, a zone behind a link-local one: no resolver is
 * asked.  0, or -1 where it is a name, or of the other family.
 */
static int
take_literal(struct net_attempt *a)
{
	const char *host = a->what.to->host, *zone = strchr(host, '%');
	char text[INET6_ADDRSTRLEN];
	size_t n = zone == NULL ? strlen(host) : (size_t)(zone - host);
	union address at;

	memset(&at, 0, sizeof at);
	if (n >= sizeof text)
		return -1;
	memcpy(text, host, n);
	text[n] = '\0';
	at.any.sa_family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;
	if (a->what.family != AF_UNSPEC && a->what.family != at.any.sa_family)
		return -1;
	if (at.any.sa_family == AF_INET
		? zone != NULL || inet_pton(AF_INET, text, &at.v4.sin_addr) != 1
		: inet_pton(AF_INET6, text, &at.v6.sin6_addr) != 1)
		return -1;
	if (zone != NULL) {
		at.v6.sin6_scope_id = if_nametoindex(zone + 1);
		if (at.v6.sin6_scope_id == 0)
			return -1; /* the resolver knows numbers, too */
	}
	return add_candidate(a, &at.any);
}

/* Fails from the loop, as done may not be called from within net_connect. */
static void
fail_later(struct net_attempt *a, enum fail_code code, const char *what)
{
	fail(a->why, code, "can't be resolved: %s", what);
	loop_timer(a->loop, &a->timer, loop_now(a->loop));
}

static void
on_resolved(void *arg, const struct addrinfo *list, const char *fault)
{
	struct net_attempt *a = arg;

	if (list == NULL) {
		a->why->cause = resolve_cause(a->resolve);
		fail_later(a, FAIL_RESOLVE, fault);
	} else if (line_up(a, list) < 0)
		fail_later(a, FAIL_LOCAL, "out of memory");
	else
		begin_all(a);
}

static void
look_up(struct net_attempt *a)
{
	resolve_free(a->resolve);
	a->resolve = resolve_new(a->what.names, a->loop, a->what.to->host,
	    a->what.family, on_resolved, a);
	if (a->resolve == NULL)
		fail_later(a, FAIL_LOCAL, strerror(errno));
}

struct net_attempt *
net_connect(struct loop *loop, const struct net_connect *what,
    void (*done)(void *, int), void *arg, struct failure *why)
{
	struct net_attempt *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->loop = loop;
	a->what = *what;
	a->done = done;
	a->arg = arg;
	a->why = why;
	a->timer.expired = on_timer;
	a->timer.arg = a;
	if ((what->to->path != NULL ? take_path(a) : take_literal(a)) == 0)
		begin_all(a);
	else if (what->to->path == NULL)
		look_up(a);
	else
		fail_later(a, FAIL_LOCAL, strerror(errno));
	return a;
}

int
net_pass(int over, int fd)
{
	char byte = 0;
	struct iovec piece = { &byte, 1 }; /* something has to go along */
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof fd)];
	} control;
	struct pollfd room = { over, POLLOUT, 0 };
	struct msghdr message;
	ssize_t sent;

	memset(&message, 0, sizeof message);
	memset(&control, 0, sizeof control);
	message.msg_iov = &piece;
	message.msg_iovlen = 1;
	message.msg_control = control.bytes;
	message.msg_controllen = sizeof control.bytes;
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	do {
		sent = sendmsg(over, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno == EAGAIN &&
		    poll(&room, 1, NET_PASS_MS) == 0)
			return -1;
	} while (sent < 0 && (errno == EINTR || errno == EAGAIN));
	return sent < 0 ? -1 : 0;
}
