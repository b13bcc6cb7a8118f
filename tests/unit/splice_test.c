/* splice_test.c -- bytes that move within the kernel. */
#include "relay.h"
#include "stream.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define MUCH 400000	/* bytes: more than a pipe or a socket holds */
#define TOO_MUCH 800000 /* than a shared socket holds once it is widened */

static struct stream *far, *near;
static int theirs;	  /* the other end of far */
static int in[2], out[2]; /* pipes: near reads in[0] and writes out[1] */

static void
set_up(void)
{
	int pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	CHECK(pipe(in) == 0 && pipe(out) == 0);
	far = stream_socket(pair[0]);
	theirs = pair[1];
	near = stream_stdio(in[0], out[1]);
	CHECK(far != NULL && near != NULL);
}

static void
tear_down(void)
{
	stream_free(far);
	stream_free(near);
	close(theirs);
	if (in[1] >= 0)
		close(in[1]);
	close(out[0]);
}

/* Is that what this system can do? */
static int
can(void)
{
	return stream_splice(near, far, 1) != STREAM_UNABLE;
}

static void
up(void)
{
	char got[8];

	set_up();
	if (can()) {
		CHECK_INT(stream_splice(near, far, 100), STREAM_WANT_IN);
		CHECK(write(in[1], "hello", 5) == 5);
		CHECK_INT(stream_splice(near, far, 3), 3);
		CHECK_INT(stream_splice(near, far, 100), 2);
		CHECK_INT(stream_splice(near, far, 100), STREAM_WANT_IN);
		CHECK(read(theirs, got, sizeof got) == 5);
		CHECK_MEM(got, 5, "hello", 5);
		close(in[1]);
		in[1] = -1;
		/* The end: reading tells. */
		CHECK_INT(stream_splice(near, far, 100), 0);
		CHECK_INT(near->ops->read(near, got, 1), STREAM_EOF);
	}
	tear_down();
}

static void
down(void)
{
	char got[8];

	set_up();
	if (can()) {
		CHECK_INT(stream_splice(far, near, 100), STREAM_WANT_IN);
		CHECK(write(theirs, "hello", 5) == 5);
		CHECK_INT(stream_splice(far, near, 100), 5);
		CHECK(read(out[0], got, sizeof got) == 5);
		CHECK_MEM(got, 5, "hello", 5);
		CHECK(shutdown(theirs, SHUT_WR) == 0);
		CHECK_INT(stream_splice(far, near, 100), 0);
	}
	tear_down();
}

/* Until the sink is full, and then all that went in comes out. */
static void
full(void)
{
	static char piece[65536];
	ssize_t n, wrote = 0, moved = 0, got = 0;

	set_up();
	if (can()) {
		fcntl(in[1], F_SETFL, O_NONBLOCK);
		fcntl(theirs, F_SETFL, O_NONBLOCK);
		do {
			while ((n = write(in[1], piece, sizeof piece)) > 0)
				wrote += n;
			n = stream_splice(near, far, MUCH);
			moved += n > 0 ? n : 0;
		} while (n > 0);
		CHECK_INT(n, STREAM_WANT_OUT);
		CHECK(moved > 0 && moved < wrote);
		do {
			while ((n = read(theirs, piece, sizeof piece)) > 0)
				got += n;
			n = stream_splice(near, far, MUCH);
			moved += n > 0 ? n : 0;
		} while (n > 0);
		CHECK_INT(n, STREAM_WANT_IN);
		while ((n = read(theirs, piece, sizeof piece)) > 0)
			got += n;
		CHECK_INT(moved, wrote);
		CHECK_INT(got, wrote);
	}
	tear_down();
}

/* The reader is gone: writing tells. */
static void
broken(void)
{
	set_up();
	if (can()) {
		CHECK(write(in[1], "hello", 5) == 5);
		close(theirs);
		CHECK_INT(stream_splice(near, far, 100), 0);
	}
	tear_down();
}

/* The far end resets: that is told once, and not to be taken for an end. */
static void
reset(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct linger linger = { 1, 0 };
	socklen_t len = sizeof at;
	struct stream *tcp;
	struct pollfd p;
	int server = socket(AF_INET, SOCK_STREAM, 0), client, accepted;

	set_up();
	CHECK(bind(server, (struct sockaddr *)&at, len) == 0);
	CHECK(listen(server, 1) == 0);
	CHECK(getsockname(server, (struct sockaddr *)&at, &len) == 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(connect(client, (struct sockaddr *)&at, len) == 0);
	accepted = accept(server, NULL, NULL);
	fcntl(client, F_SETFL, O_NONBLOCK);
	tcp = stream_socket(client);
	setsockopt(accepted, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	close(accepted);
	p = (struct pollfd){ client, POLLIN, 0 };
	CHECK_INT(poll(&p, 1, 5000), 1);
	if (can()) {
		CHECK_INT(stream_splice(tcp, near, 100), STREAM_ERR);
		CHECK_INT(tcp->error, ECONNRESET);
	}
	stream_free(tcp);
	close(server);
	tear_down();
}

static void
file(void)
{
	char path[] = "/tmp/splice_test.XXXXXX", got[8];
	int fd = mkstemp(path), null = open("/dev/null", O_WRONLY);
	struct stream *from;

	set_up();
	CHECK(fd >= 0 && write(fd, "hello", 5) == 5);
	CHECK(lseek(fd, 1, SEEK_SET) == 1);
	from = stream_stdio(fd, null);
	if (can()) {
		CHECK_INT(stream_splice(from, far, 100), 4);
		CHECK_INT(stream_splice(from, far, 100), 0);
		CHECK(read(theirs, got, sizeof got) == 4);
		CHECK_MEM(got, 4, "ello", 4);
		/* Not the other way round, and not without a socket. */
		CHECK_INT(stream_splice(far, from, 1), STREAM_UNABLE);
		CHECK_INT(stream_splice(from, near, 1), STREAM_UNABLE);
	}
	unlink(path);
	stream_free(from);
	tear_down();
}

static void
sockets(void)
{
	int pair[2];
	struct stream *other;

	set_up();
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	other = stream_stdio(pair[0], pair[0]);
	CHECK_INT(stream_splice(other, far, 1), STREAM_UNABLE);
	CHECK_INT(stream_splice(far, other, 1), STREAM_UNABLE);
	stream_free(other);
	close(pair[1]);
	tear_down();
}

static void
widths(void)
{
	int before, other;

	set_up();
	before = fcntl(out[0], F_GETPIPE_SZ);
	other = fcntl(in[1], F_GETPIPE_SZ);
	if (can()) {
		stream_widen_out(near);
		stream_widen_in(near);
		CHECK(fcntl(out[0], F_GETPIPE_SZ) > before);
		CHECK(fcntl(in[1], F_GETPIPE_SZ) > other);
		/* Once more changes nothing. */
		stream_widen_out(near);
		CHECK_INT(near->ops->finish(near), 0);
		CHECK_INT(fcntl(out[0], F_GETPIPE_SZ), before);
		stream_free(near);
		near = NULL;
		CHECK_INT(fcntl(in[1], F_GETPIPE_SZ), other);
	}
	tear_down();
}

/* Pieces of the kernel's make go through a relay's pipe, all ways. */
static struct pool *pool;
static struct pipe way;

/* Moves what there is until to blocks or from has no more. */
static enum pipe_result
run_pipe(struct stream *from, struct stream *to)
{
	enum pipe_result result;

	do
		result = pipe_step(&way, from, to, pool);
	while (result == PIPE_FINE && way.again);
	return result;
}

static void
fill(int fd, size_t n)
{
	static char piece[65536];
	ssize_t put;
	size_t i;

	for (i = 0; i < sizeof piece; i++)
		piece[i] = (char)(i % 251);
	for (; n > 0; n -= (size_t)put) {
		put = write(fd, piece, n < sizeof piece ? n : sizeof piece);
		CHECK(put > 0);
		if (put <= 0)
			return;
	}
}

static size_t
drain(int fd, size_t n)
{
	static char piece[65536];
	size_t all = 0;
	ssize_t got = 1;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (; got > 0 && all<n; all += got> 0 ? (size_t)got : 0)
		got = read(
		    fd, piece, n - all < sizeof piece ? n - all : sizeof piece);
	return all;
}

/* Of a socket, for what is sent. */
static int
room_of(int fd)
{
	int room = 0;
	socklen_t len = sizeof room;

	CHECK_INT(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &len), 0);
	return room;
}

/* From far, which is a socket, into other: shared or not, full or not. */
static void
check_two_sockets(int is_shared)
{
	int pair[2], room = 1 << 20, before, kept;
	struct stream *other;
	size_t got;

	set_up();
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	kept = dup(pair[0]);
	before = room_of(kept);
	setsockopt(theirs, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	fcntl(theirs, F_SETFL, 0);
	if (!is_shared)
		fcntl(pair[0], F_SETFL, O_NONBLOCK);
	other =
	    is_shared ? stream_stdio(pair[0], pair[0]) : stream_socket(pair[0]);
	CHECK_INT(stream_needs_pipe(far, other), can());
	pool = pool_new();
	pipe_init(&way);
	fill(theirs, 65536);
	CHECK_INT(run_pipe(far, other), PIPE_FINE);
	fill(theirs, TOO_MUCH);
	CHECK_INT(run_pipe(far, other), PIPE_FINE);
	CHECK_INT(run_pipe(far, other), PIPE_FINE);
	/* It did not block, though nobody reads; what it has taken it has. */
	CHECK_INT(way.write_wants, STREAM_WANT_OUT);
	got = drain(pair[1], TOO_MUCH);
	CHECK_INT(got, way.bytes);
	while (got < 65536 + TOO_MUCH) {
		CHECK_INT(run_pipe(far, other), PIPE_FINE);
		got += drain(pair[1], TOO_MUCH);
	}
	CHECK_INT(run_pipe(far, other), PIPE_FINE);
	CHECK_INT(way.read_wants, STREAM_WANT_IN);
	CHECK_INT(pipe_holds(&way), 0);
	CHECK(way.tube[0] < 0 && way.data == NULL);
	/* With something in the tube it is dropped. */
	fill(theirs, 65536 * 6);
	CHECK_INT(run_pipe(far, other), PIPE_FINE);
	CHECK(pipe_holds(&way) > 0);
	pipe_drop(&way, pool);
	CHECK_INT(pipe_holds(&way), 0);
	pool_free(pool);
	CHECK_INT(room_of(kept), is_shared && can() ? 2 * before : before);
	stream_free(other);
	CHECK_INT(room_of(kept), before);
	close(kept);
	close(pair[1]);
	tear_down();
}

/* So much comes between one moment and the next; is the sink made wider? */
static int
is_widened(int64_t step_ms)
{
	static const struct relay_rules rules;
	struct failure why = NO_FAILURE;
	int64_t now = 1000;
	struct relay r;
	int before, after;
	size_t got = 0;

	set_up();
	before = fcntl(out[0], F_GETPIPE_SZ);
	pool = pool_new();
	relay_begin(&r, near, far, &rules, pool, 0, now, &why);
	fill(theirs, 131072);
	while (got < 32 << 20) {
		fill(theirs, 32768);
		relay_step(&r, now);
		got += drain(out[0], MUCH);
		now += step_ms;
	}
	after = fcntl(out[0], F_GETPIPE_SZ);
	relay_free(&r);
	pool_free(pool);
	tear_down();
	return after > before;
}

static void
sinks_that_are_fast(void)
{
	int able;

	set_up();
	able = can();
	tear_down();
	CHECK_INT(is_widened(0), able);
	CHECK_INT(is_widened(1), 0);
}

static void
two_sockets(void)
{
	check_two_sockets(0);
	check_two_sockets(1);
}

/* A file that takes no spliced bytes gets all of them all the same. */
static void
into_a_file(void)
{
	static const int flags[] = { 0, O_APPEND };
	char path[] = "/tmp/splice_test.XXXXXX";
	struct stream *to;
	size_t i;
	int fd, null;

	for (i = 0; i < COUNT(flags); i++) {
		set_up();
		strcpy(path, "/tmp/splice_test.XXXXXX");
		fd = mkstemp(path);
		null = open("/dev/null", O_RDONLY);
		close(fd);
		fd = open(path, O_RDWR | flags[i]);
		to = stream_stdio(null, fd);
		pool = pool_new();
		pipe_init(&way);
		fill(theirs, 100000);
		CHECK_INT(run_pipe(far, to), PIPE_FINE);
		fill(theirs, 100000);
		CHECK_INT(run_pipe(far, to), PIPE_FINE);
		CHECK_INT(way.bytes, 200000);
		CHECK_INT(lseek(fd, 0, SEEK_END), 200000);
		pipe_drop(&way, pool);
		pool_free(pool);
		unlink(path);
		stream_free(to);
		tear_down();
	}
}

static void
pool_keeps_few(void)
{
	uint8_t *buffers[20], *small;
	int pipes[20][2];
	size_t i, n = 0, room;

	pool = pool_new();
	for (i = 0; i < COUNT(buffers); i++) {
		room = POOL_LARGE - i;
		buffers[i] = pool_buffer(pool, &room);
		CHECK_INT(room, POOL_LARGE);
		n += pool_pipe(pool, pipes[i]) == 0;
	}
	for (i = 0; i < COUNT(buffers); i++)
		pool_give_buffer(pool, buffers[i], POOL_LARGE);
	for (i = 0; i < n; i++)
		pool_give_pipe(pool, pipes[i], i % 2 == 0);
	CHECK(pool_buffer(pool, &room) == buffers[7]); /* the last it kept */
	room = 1;
	small = pool_buffer(pool, &room);
	CHECK_INT(room, POOL_SMALL);
	pool_give_buffer(pool, small, room);
	CHECK(pool_buffer(pool, &room) == small);
	pool_give_buffer(pool, small, room);
	pool_give_buffer(pool, buffers[7], POOL_LARGE);
	pool_free(pool);
	pool_free(NULL);
}

int
main(void)
{
	static const struct test tests[] = { TEST(up), TEST(down), TEST(full),
		TEST(broken), TEST(reset), TEST(file), TEST(sockets),
		TEST(widths), TEST(two_sockets), TEST(sinks_that_are_fast),
		TEST(into_a_file), TEST(pool_keeps_few) };

	signal(SIGPIPE, SIG_IGN);
	return test_all(tests, COUNT(tests));
}
