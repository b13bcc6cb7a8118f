/*
 * floor.c -- what a tunnel costs at least, for the benchmark to compare with.
 *
 *   floor PROXY-PORT HOST PORT       standard input and output, with poll(2)
 *   floor -a PROXY-PORT HOST PORT    listens, prints its port; with epoll(7)
 *
 * No options, no names, no faults explained.  Small pieces are received and
 * sent by way of one buffer; a direction that brings much is spliced, through a
 * pipe of its own where neither end is one.
 */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "common.h"

#define BUFFER 65536
#define BULK 16384 /* a smaller piece says that the source is dry for now */
#define TURN 8	   /* pieces, until others are looked at */
#define EVENTS 256
#define ENDS (EPOLLRDHUP | EPOLLHUP | EPOLLERR)

enum outcome { WAITS_IN, WAITS_OUT, GOES_ON, ENDED, BROKEN };

struct way {
	int from, to, from_is_pipe, to_is_pipe;
	int direct; /* one of them is */
	int bulk;
	int hurry;   /* an end was told of, and is told of only once */
	int ends[2]; /* of its own pipe, once it has one */
	size_t held; /* in that */
	enum outcome last;
};

struct tunnel {
	struct way up, down;
	enum { DIALS, ASKS, OPEN, DEAD } state;
	int queued;
	struct tunnel *next;
};

static char buffer[BUFFER];
static char request[512];
static size_t request_len;
static int epoll, proxy_port;
static struct tunnel *again, *dead;

static int
make_pipe(struct way *w)
{
	if (w->ends[1] > 0)
		return 0;
	if (pipe2(w->ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	fcntl(w->ends[1], F_SETPIPE_SZ, MIB);
	return 0;
}

static enum outcome
blocked(enum outcome on)
{
	return errno == EAGAIN ? on : BROKEN;
}

static enum outcome
let_go(struct way *w)
{
	ssize_t n =
	    splice(w->ends[0], NULL, w->to, NULL, w->held, SPLICE_F_NONBLOCK);

	if (n < 0)
		return blocked(WAITS_OUT);
	w->held -= (size_t)n;
	return GOES_ON;
}

/* Within the kernel. */
static enum outcome
move(struct way *w)
{
	ssize_t n;

	if (!w->direct && make_pipe(w) < 0)
		return BROKEN;
	n = splice(w->from, NULL, w->direct ? w->to : w->ends[1], NULL, MIB,
	    SPLICE_F_NONBLOCK);
	if (n < 0 && w->direct && w->last == WAITS_IN)
		return blocked(
		    WAITS_OUT); /* it was ready, so the other is not */
	if (n < 0)
		return blocked(WAITS_IN);
	if (n == 0)
		return ENDED;
	w->bulk = n >= BULK;
	w->held = w->direct ? 0 : (size_t)n;
	return GOES_ON;
}

static enum outcome
copy(struct way *w)
{
	ssize_t n, sent;

	n = w->from_is_pipe
		? read(w->from, buffer, sizeof buffer)
		: recv(w->from, buffer, sizeof buffer, MSG_DONTWAIT);
	if (n < 0)
		return blocked(WAITS_IN);
	if (n == 0)
		return ENDED;
	w->bulk = n >= BULK;
	/* A pipe takes a small piece, or else its reader is about to read. */
	sent = w->to_is_pipe ? write(w->to, buffer, (size_t)n)
			     : send(w->to, buffer, (size_t)n,
				   MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno != EAGAIN)
		return BROKEN;
	if (sent < 0)
		sent = 0;
	if (sent < n) {
		w->held = (size_t)(n - sent);
		if (make_pipe(w) < 0 ||
		    write(w->ends[1], buffer + sent, w->held) < 0)
			return BROKEN;
	}
	return w->bulk || w->held > 0 || w->hurry ? GOES_ON : WAITS_IN;
}

static void
carry(struct way *w)
{
	int turn = TURN;

	if (w->last == ENDED)
		return;
	do {
		if (w->held > 0)
			w->last = let_go(w);
		else if (w->bulk)
			w->last = move(w);
		else if (w->from_is_pipe && w->last != WAITS_IN)
			w->last = WAITS_IN; /* reading it would block */
		else
			w->last = copy(w);
	} while (w->last == GOES_ON && --turn > 0);
	if (w->last == ENDED && !w->to_is_pipe)
		shutdown(w->to, SHUT_WR);
}

static int
is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* Takes the head from what is peeked at: 1, 0 when it is not all there, -1. */
static int
take_head(int fd)
{
	ssize_t n = recv(fd, buffer, BUFFER, MSG_PEEK);
	const char *end;

	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	end = memmem(buffer, (size_t)n, "\r\n\r\n", 4);
	if (n == 0 || (end != NULL && buffer[9] != '2'))
		return -1;
	if (end == NULL)
		return 0;
	return recv(fd, buffer, (size_t)(end + 4 - buffer), 0) > 0 ? 1 : -1;
}

static void
set_ways(struct tunnel *t, int in, int out, int far)
{
	t->up.from = in;
	t->up.to = t->down.from = far;
	t->down.to = out;
	t->up.direct = t->up.from_is_pipe = is_pipe(in);
	t->down.direct = t->down.to_is_pipe = is_pipe(out);
}

static void
watch(struct pollfd *from, struct pollfd *to, struct way *w)
{
	if (w->last == GOES_ON)
		w->last = w->held > 0 ? WAITS_OUT : WAITS_IN;
	if (w->last == WAITS_IN)
		from->events |= POLLIN;
	else if (w->last == WAITS_OUT)
		to->events |= POLLOUT;
}

static int
relay_stdio(void)
{
	struct tunnel t;
	struct pollfd fds[3] = { { 0, 0, 0 }, { 1, 0, 0 }, { 0, 0, 0 } };
	int far = dial(proxy_port, 0), got;

	if (far < 0 || send(far, request, request_len, 0) < 0)
		return 1;
	while ((got = take_head(far)) == 0)
		;
	if (got < 0)
		return 1;
	memset(&t, 0, sizeof t);
	set_ways(&t, 0, 1, far);
	set_nonblocking(far, 1);
	fds[2].fd = far;
	for (int i = 0; i < 2; i++)
		if (is_pipe(i))
			fcntl(i, F_SETPIPE_SZ, MIB);
	while (t.down.last < ENDED && t.up.last != BROKEN) {
		for (int i = 0; i < 3; i++)
			fds[i].events = 0;
		watch(&fds[0], &fds[2], &t.up);
		watch(&fds[2], &fds[1], &t.down);
		for (int i = 0; i < 2; i++)
			fds[i].fd = fds[i].events != 0 ? i : -1;
		if (poll(fds, 3, -1) < 0)
			return 1;
		if ((t.down.last == WAITS_OUT ? fds[1] : fds[2]).revents != 0)
			carry(&t.down);
		if ((t.up.last == WAITS_OUT ? fds[2] : fds[0]).revents != 0)
			carry(&t.up);
	}
	return t.down.last == BROKEN;
}

static void
bury(struct tunnel *t)
{
	struct way *ways[] = { &t->up, &t->down };

	for (int i = 0; i < 2; i++) {
		close(ways[i]->from);
		if (ways[i]->ends[1] > 0) {
			close(ways[i]->ends[0]);
			close(ways[i]->ends[1]);
		}
	}
	t->state = DEAD;
	/* Events of this round may still name it. */
	if (!t->queued) {
		t->next = dead;
		dead = t;
	}
}

static void
advance(struct tunnel *t)
{
	int got = 0;

	if (t->state == DIALS) {
		if (send(t->up.to, request, request_len, MSG_NOSIGNAL) > 0)
			t->state = ASKS;
		else if (errno != EAGAIN && errno != ENOTCONN)
			got = -1;
	}
	if (t->state == ASKS) {
		got = take_head(t->up.to);
		if (got > 0)
			t->state = OPEN;
	}
	if (t->state == OPEN) {
		carry(&t->up);
		carry(&t->down);
		if (t->up.last == BROKEN || t->down.last == BROKEN ||
		    (t->up.last == ENDED && t->down.last == ENDED))
			got = -1;
	}
	if (got < 0) {
		bury(t);
	} else if ((t->up.last == GOES_ON || t->down.last == GOES_ON) &&
		   !t->queued) {
		t->queued = 1;
		t->next = again;
		again = t;
	}
}

static void
take(int listener)
{
	struct epoll_event event;
	struct tunnel *t;
	int near, far;

	while ((near = accept4(
		    listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		far = dial(proxy_port, SOCK_NONBLOCK);
		t = calloc(1, sizeof *t);
		if (far < 0 || t == NULL)
			die("floor");
		no_delay(near);
		set_ways(t, near, near, far);
		t->up.last = t->down.last = WAITS_IN;
		event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
		event.data.ptr = t;
		epoll_ctl(epoll, EPOLL_CTL_ADD, far, &event);
		epoll_ctl(epoll, EPOLL_CTL_ADD, near, &event);
	}
}

static void
finish_round(void)
{
	struct tunnel *t, *list = again;

	again = NULL;
	while ((t = list) != NULL) {
		list = t->next;
		t->queued = 0;
		if (t->state != DEAD)
			advance(t);
		else {
			t->next = dead;
			dead = t;
		}
	}
	while ((t = dead) != NULL) {
		dead = t->next;
		free(t);
	}
}

static void
quit(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

static void
relay_many(void)
{
	struct epoll_event event = { EPOLLIN, { NULL } }, events[EVENTS];
	int port, listener = listen_on(0, &port);
	struct tunnel *t;

	signal(SIGTERM, quit);
	signal(SIGPIPE, SIG_IGN);
	raise_limit();
	printf("%d\n", port);
	fflush(stdout);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int n =
		    epoll_wait(epoll, events, EVENTS, again != NULL ? 0 : -1);

		for (int i = 0; i < n; i++) {
			t = events[i].data.ptr;
			if (t == NULL) {
				take(listener);
				continue;
			}
			if ((events[i].events & ENDS) != 0)
				t->up.hurry = t->down.hurry = 1;
			if (t->state != DEAD)
				advance(t);
		}
		finish_round();
	}
}

int
main(int argc, char **argv)
{
	int many = argc == 5 && strcmp(argv[1], "-a") == 0;

	argv += many;
	if (argc != 4 + many)
		return 2;
	proxy_port = (int)number(argv[1]);
	request_len = (size_t)snprintf(request, sizeof request,
	    "CONNECT %s:%s HTTP/1.1\r\nHost: %s:%s\r\n\r\n", argv[2], argv[3],
	    argv[2], argv[3]);
	if (many)
		relay_many();
	return relay_stdio();
}
