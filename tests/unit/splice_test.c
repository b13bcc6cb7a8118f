/* splice_test.c -- bytes that move within the kernel. */
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

#define MUCH 400000 /* bytes: more than a pipe or a socket holds */

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

int
main(void)
{
	static const struct test tests[] = { TEST(up), TEST(down), TEST(full),
		TEST(broken), TEST(reset), TEST(file), TEST(sockets),
		TEST(widths) };

	signal(SIGPIPE, SIG_IGN);
	return test_all(tests, COUNT(tests));
}
