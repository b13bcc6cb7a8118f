/*
 * bed.c -- a proxy that is its own destination, for the benchmark.
 *
 *   bed [-c CPU] [-f PORT]
 *
 * Prints the port on which it answers CONNECT, and with -f a second one, of
 * which each connection is joined to PORT without a word.  Names it knows:
 *
 *   source.BYTES   sends them, ends its side, and takes what comes
 *   sink.BYTES     'R' at the first byte, 'K' at the last; goes on taking
 *   duplex.BYTES   both at once
 *   echo           sends back what comes
 *   once           the same once, and ends its side
 *   hold           takes what comes
 *   choice.BYTES   sends back what comes, and from an 's' on is source.BYTES
 *   any other      is joined to its port on loopback
 *
 * What is small is done by one thread; each bulk connection has its own, which
 * blocks: a call per piece.  The source sends from a buffer that stays in the
 * cache, and the sink has the kernel drop what came, for neither is to be what
 * is measured.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>

#include "common.h"

#define HEAD_MAX 4096
#define SEND_PIECE (MIB / 4)
#define BULK_PIECE 16384 /* of an echo, from which on it has a thread */
#define EVENTS 256

enum kind { HEAD, SOURCE, SINK, DUPLEX, ECHO, ONCE, HOLD, CHOICE, JOIN };

struct conn {
	int fd, port;
	enum kind kind;
	uint64_t bytes;
	char *data; /* the head; later what is yet to be dealt with */
	size_t len;
};

static const struct {
	const char *name;
	enum kind kind;
	int threaded;
} names[] = {
	{ "source", SOURCE, 1 },
	{ "sink", SINK, 1 },
	{ "duplex", DUPLEX, 1 },
	{ "echo", ECHO, 0 },
	{ "once", ONCE, 0 },
	{ "hold", HOLD, 0 },
	{ "choice", CHOICE, 0 },
};

static const char answer[] = "HTTP/1.1 200 OK\r\n\r\n";
static char *hot; /* 1 MiB that is always in the cache */
static int epoll, forward_port;
static pthread_attr_t small_stack;

static void
discard(struct conn *c)
{
	close(c->fd);
	free(c->data);
	free(c);
}

static void
source(const struct conn *c)
{
	uint64_t left = c->bytes;
	ssize_t n = 1;

	for (; left > 0 && n > 0; left -= (uint64_t)n)
		n = send(c->fd, hot, left < SEND_PIECE ? left : SEND_PIECE,
		    MSG_NOSIGNAL);
}

static void
sink(const struct conn *c)
{
	uint64_t got = c->len;
	const char *next = "RK";
	ssize_t n = 1;

	for (; n > 0; got += n > 0 ? (uint64_t)n : 0) {
		if (*next == 'R' && got > 0)
			send(c->fd, next++, 1, MSG_NOSIGNAL);
		if (*next == 'K' && got >= c->bytes)
			send(c->fd, next++, 1, MSG_NOSIGNAL);
		n = recv(c->fd, hot, MIB, MSG_TRUNC);
	}
}

static void *
source_thread(void *c)
{
	source(c);
	return NULL;
}

static void
duplex(struct conn *c)
{
	pthread_t thread;

	if (pthread_create(&thread, &small_stack, source_thread, c) != 0)
		return;
	sink(c);
	pthread_join(thread, NULL);
}

static int
splice_all(int from, int to, ssize_t n)
{
	ssize_t done;

	for (; n > 0; n -= done) {
		done = splice(from, NULL, to, NULL, (size_t)n, SPLICE_F_MOVE);
		if (done <= 0)
			return -1;
	}
	return 0;
}

/* Moves bytes within the kernel, until one of the two ends. */
static void
move(int from, int to)
{
	ssize_t n;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	fcntl(ends[1], F_SETPIPE_SZ, MIB);
	do
		n = splice(from, NULL, ends[1], NULL, MIB, SPLICE_F_MOVE);
	while (n > 0 && splice_all(ends[0], to, n) == 0);
	close(ends[0]);
	close(ends[1]);
}

static int
send_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return -1;
	}
	return 0;
}

struct way {
	int from, to;
};

static void *
move_thread(void *arg)
{
	const struct way *way = arg;

	move(way->from, way->to);
	shutdown(way->to, SHUT_WR);
	return NULL;
}

static void
join(const struct conn *c)
{
	int far = dial(c->port, 0);
	struct way up = { c->fd, far }, down = { far, c->fd };
	pthread_t thread;

	if (far < 0)
		return;
	if (send_all(far, c->data, c->len) == 0 &&
	    pthread_create(&thread, &small_stack, move_thread, &up) == 0) {
		move_thread(&down);
		pthread_join(thread, NULL);
	}
	close(far);
}

static void *
serve(void *arg)
{
	struct conn *c = arg;

	set_nonblocking(c->fd, 0);
	if (c->kind == SOURCE || c->kind == CHOICE) {
		source(c);
		shutdown(c->fd, SHUT_WR);
		c->bytes = UINT64_MAX;
		sink(c);
	} else if (c->kind == SINK)
		sink(c);
	else if (c->kind == DUPLEX)
		duplex(c);
	else if (c->kind == JOIN)
		join(c);
	else if (send_all(c->fd, c->data, c->len) == 0)
		move(c->fd, c->fd);
	discard(c);
	return NULL;
}

static void
start_thread(struct conn *c)
{
	pthread_t thread;

	epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
	if (pthread_create(&thread, &small_stack, serve, c) != 0) {
		discard(c);
		return;
	}
	pthread_detach(thread);
}

/* Whether the name, up to its dot or colon, is this one. */
static int
is_name(const char *text, const char *name)
{
	size_t len = strlen(name);

	return strncmp(text, name, len) == 0 &&
	       (text[len] == '.' || text[len] == ':');
}

/* Answers a head, of which early is what follows it. */
static void
route(struct conn *c, const char *early)
{
	const char *name = c->data + strlen("CONNECT "), *colon;
	int threaded = 1;

	colon = strchr(name, ':');
	if (strncmp(c->data, "CONNECT ", 8) != 0 || colon == NULL) {
		discard(c);
		return;
	}
	c->kind = JOIN;
	c->port = (int)number(colon + 1);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!is_name(name, names[i].name))
			continue;
		c->kind = names[i].kind;
		threaded = names[i].threaded;
		name += strlen(names[i].name);
		c->bytes = *name == '.' ? number(name + 1) : UINT64_MAX;
		break;
	}
	c->len -= (size_t)(early - c->data);
	memmove(c->data, early, c->len);
	if (send_all(c->fd, answer, sizeof answer - 1) < 0 ||
	    (!threaded && send_all(c->fd, c->data, c->len) < 0)) {
		discard(c);
		return;
	}
	if (threaded) {
		start_thread(c);
		return;
	}
	/* An idle tunnel is to cost little here, too. */
	free(c->data);
	c->data = NULL;
	c->len = 0;
}

static void
read_head(struct conn *c)
{
	const char *end;
	ssize_t n;

	n = recv(c->fd, c->data + c->len, HEAD_MAX - 1 - c->len, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		discard(c);
		return;
	}
	c->len += (size_t)n;
	c->data[c->len] = '\0';
	end = strstr(c->data, "\r\n\r\n");
	if (end != NULL)
		route(c, end + 4);
}

/* The rest of a piece that was not all taken is for a thread. */
static void
become_bulk(struct conn *c, const char *rest, size_t len)
{
	c->data = malloc(len + 1);
	if (c->data == NULL) {
		discard(c);
		return;
	}
	memcpy(c->data, rest, len);
	c->len = len;
	start_thread(c);
}

static void
send_back(struct conn *c)
{
	static char piece[65536];
	ssize_t n, sent = 0;

	n = recv(c->fd, piece, sizeof piece, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		discard(c);
		return;
	}
	if (c->kind == HOLD)
		return;
	if (c->kind == CHOICE && memchr(piece, 's', (size_t)n) != NULL) {
		start_thread(c);
		return;
	}
	sent = send(c->fd, piece, (size_t)n, MSG_NOSIGNAL);
	if (sent < 0)
		sent = 0;
	if (c->kind == ONCE) {
		shutdown(c->fd, SHUT_WR);
		c->kind = HOLD;
	} else if (sent < n || n >= BULK_PIECE)
		become_bulk(c, piece + sent, (size_t)(n - sent));
}

static void
take(int listener, enum kind kind)
{
	struct epoll_event event;
	struct conn *c;
	int fd;

	while ((fd = accept4(
		    listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		no_delay(fd);
		c = calloc(1, sizeof *c);
		if (c != NULL)
			c->data = malloc(HEAD_MAX);
		if (c == NULL || c->data == NULL)
			die("memory");
		c->fd = fd;
		c->kind = kind;
		c->port = forward_port;
		event.events = EPOLLIN;
		event.data.ptr = c;
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
		if (kind == JOIN)
			start_thread(c);
	}
}

static void
spin(int proxy, int forward)
{
	struct epoll_event events[EVENTS];
	struct conn *c;
	int n, i;

	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		for (i = 0; i < n; i++) {
			c = events[i].data.ptr;
			if (c == (void *)&epoll)
				take(proxy, HEAD);
			else if (c == (void *)&forward_port)
				take(forward, JOIN);
			else if (c->kind == HEAD)
				read_head(c);
			else
				send_back(c);
		}
	}
}

int
main(int argc, char **argv)
{
	struct epoll_event event = { EPOLLIN, { &epoll } };
	int option, port, proxy, forward = -1;

	while ((option = getopt(argc, argv, "c:f:")) != -1) {
		if (option == 'c')
			pin((int)number(optarg));
		else if (option == 'f')
			forward_port = (int)number(optarg);
		else
			return 2;
	}
	raise_limit();
	signal(SIGPIPE, SIG_IGN);
	pthread_attr_init(&small_stack);
	pthread_attr_setstacksize(&small_stack, 65536);
	hot = malloc(MIB);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (hot == NULL || epoll < 0)
		die("bed");
	memset(hot, 'x', MIB);
	proxy = listen_on(0, &port);
	printf("%d", port);
	epoll_ctl(epoll, EPOLL_CTL_ADD, proxy, &event);
	if (forward_port != 0) {
		forward = listen_on(0, &port);
		printf(" %d", port);
		event.data.ptr = &forward_port;
		epoll_ctl(epoll, EPOLL_CTL_ADD, forward, &event);
	}
	puts("");
	fflush(stdout);
	spin(proxy, forward);
}
