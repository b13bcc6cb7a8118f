/*
 * stream.c -- sockets and inherited descriptors as streams.  Floor 2.
 *
 * O_NONBLOCK belongs to the open file, which an inherited descriptor shares
 * with other processes: to set it would change it under them.  So sockets
 * are used with MSG_DONTWAIT and pipes with RWF_NOWAIT.  Where the kernel does
 * not know that, and for terminals, they are opened anew through /proc, which
 * gives an open file of our own; and where that can't be had either, each
 * call is preceded by a poll, and no write is longer than what a pipe that
 * polls writable takes at once.
 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#if defined(__linux__)
#include <sys/sysmacros.h>
#endif
#include <unistd.h>

#if defined(__linux__) && !defined(PORTABLE)
#define ON_LINUX 1
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif
#else
#define ON_LINUX 0
#endif

#if ON_LINUX && !defined(NO_SPLICE)
#define SPLICES 1
const char stream_moves[] = "splice";
#else
#define SPLICES 0
const char stream_moves[] = "copies";
#endif
#define PIPE_WIDE (1 << 20) /* bytes: as wide as anybody may have a pipe */
#define SHARED_ROOM 212992  /* bytes of a shared socket, at the least */
#define SHARED_WASTE 16384  /* of them, for what the kernel wraps bytes in */

#ifndef PIPE_BUF
#define PIPE_BUF _POSIX_PIPE_BUF
#endif

enum access {
	ACCESS_SOCKET, /* by MSG_DONTWAIT */
	ACCESS_NOWAIT, /* by RWF_NOWAIT, if the kernel can */
	ACCESS_FREE,   /* does not block: a file, or non-blocking by itself */
	ACCESS_POLL    /* may block: poll first, write little */
};

struct stdio_stream {
	struct stream stream;
	enum access in, out;
	int terminal;
	int in_size, out_size; /* before its ends were widened, 0 */
	size_t piece; /* bytes that a shared socket takes once it is writable */
};

/* The result of a system call in the words of a stream. */
static ssize_t
result(struct stream *s, ssize_t n, int want)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return want;
	s->error = errno;
	return STREAM_ERR;
}

static ssize_t
socket_read(struct stream *s, void *p, size_t n)
{
	return result(s, recv(s->in, p, n, MSG_DONTWAIT), STREAM_WANT_IN);
}

static ssize_t
socket_peek(struct stream *s, void *p, size_t n)
{
	return result(
	    s, recv(s->in, p, n, MSG_DONTWAIT | MSG_PEEK), STREAM_WANT_IN);
}

static ssize_t
socket_write(struct stream *s, const void *p, size_t n)
{
	return result(s, send(s->out, p, n, MSG_DONTWAIT | MSG_NOSIGNAL),
	    STREAM_WANT_OUT);
}

static int
socket_finish(struct stream *s)
{
	if (shutdown(s->out, SHUT_WR) < 0 && errno != ENOTCONN) {
		s->error = errno;
		return STREAM_ERR;
	}
	return 0;
}

static int64_t
socket_unacknowledged(struct stream *s)
{
#if ON_LINUX
	struct tcp_info info;
	socklen_t len = sizeof info;
	int queued = 0;

	if (ioctl(s->out, TIOCOUTQ, &queued) < 0 || queued == 0)
		return -1;
	if (getsockopt(s->out, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		return info.tcpi_last_ack_recv;
#else
	(void)s;
#endif
	return -1;
}

static void
socket_free(struct stream *s)
{
	if (s->in >= 0)
		close(s->in);
	free(s);
}

static const struct stream_ops socket_ops = { socket_read, socket_peek,
	socket_write, socket_finish, socket_unacknowledged, socket_free };

struct stream *
stream_socket(int fd)
{
	struct stream *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->ops = &socket_ops;
	s->in = s->out = fd;
	s->in_kind = s->out_kind = STREAM_SOCKET;
	s->duplex = 1;
	return s;
}

int
stream_take(struct stream *s)
{
	int fd = s->in;

	if (s->ops != &socket_ops)
		return -1;
	s->in = s->out = -1;
	return fd;
}

/* Is it ready, right now? */
static int
polls(int fd, short events)
{
	struct pollfd p = { fd, events, 0 };

	return poll(&p, 1, 0) != 0;
}

/*
 * Gives the descriptor an open file of its own, non-blocking; the number
 * stays.  0, or -1 where that can't be had.
 */
static int
open_anew(int fd)
{
	int flags = fcntl(fd, F_GETFL), own = -1;
	char path[32];

	if (!ON_LINUX || flags < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	own = open(path, (flags & (O_ACCMODE | O_APPEND)) | O_NONBLOCK |
			     O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		return -1;
	if (dup2(own, fd) < 0) {
		close(own);
		return -1;
	}
	close(own);
	return 0;
}

static enum access
open_anew_or_poll(int fd)
{
	return open_anew(fd) == 0 ? ACCESS_FREE : ACCESS_POLL;
}

/* preadv2(2) or pwritev2(2), which a C library may lack, at the present place
 */
static ssize_t
nowait(long call, int fd, const void *p, size_t n)
{
#if ON_LINUX
	struct iovec piece = { (void *)p, n };

	return syscall(call, fd, &piece, 1, -1L, -1L, RWF_NOWAIT);
#else
	(void)call;
	(void)fd;
	(void)p;
	(void)n;
	errno = ENOSYS;
	return -1;
#endif
}
#if !ON_LINUX
#define SYS_preadv2 0
#define SYS_pwritev2 0
#endif

/* Can't the kernel do that, here? */
static int
is_unable(ssize_t n)
{
	return n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS ||
			    errno == EINVAL || errno == EPERM);
}

static ssize_t
stdio_read(struct stream *s, void *p, size_t n)
{
	struct stdio_stream *io = (struct stdio_stream *)s;
	ssize_t got;

	if (io->in == ACCESS_SOCKET)
		return socket_read(s, p, n);
	if (io->in == ACCESS_NOWAIT) {
		got = nowait(SYS_preadv2, s->in, p, n);
		if (!is_unable(got))
			return result(s, got, STREAM_WANT_IN);
		io->in = open_anew_or_poll(s->in);
	}
	if (io->in == ACCESS_POLL && !polls(s->in, POLLIN))
		return STREAM_WANT_IN;
	return result(s, read(s->in, p, n), STREAM_WANT_IN);
}

static ssize_t
stdio_write(struct stream *s, const void *p, size_t n)
{
	struct stdio_stream *io = (struct stdio_stream *)s;
	ssize_t put;

	if (io->out == ACCESS_SOCKET)
		return socket_write(s, p, n);
	if (io->out == ACCESS_NOWAIT) {
		put = nowait(SYS_pwritev2, s->out, p, n);
		if (!is_unable(put))
			return result(s, put, STREAM_WANT_OUT);
		io->out = open_anew_or_poll(s->out);
	}
	if (io->out == ACCESS_POLL) {
		if (!polls(s->out, POLLOUT))
			return STREAM_WANT_OUT;
		if (n > PIPE_BUF)
			n = PIPE_BUF;
	}
	return result(s, write(s->out, p, n), STREAM_WANT_OUT);
}

/* Makes a pipe or a socket as wide as it was, if what is in it fits. */
static void
narrow(int fd, enum stream_kind kind, int size)
{
#if SPLICES
	int half = size / 2; /* the kernel doubles it */

	if (fd < 0 || size == 0)
		return;
	if (kind == STREAM_SHARED)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &half, sizeof half);
	else
		fcntl(fd, F_SETPIPE_SZ, size);
#else
	(void)fd;
	(void)kind;
	(void)size;
#endif
}

static int
stdio_finish(struct stream *s)
{
	struct stdio_stream *io = (struct stdio_stream *)s;
	int fd = s->out;

	if (io->out == ACCESS_SOCKET)
		return socket_finish(s);
	narrow(fd, s->out_kind, io->out_size);
	s->out = -1;
	/* The last chance of a full or remote disk to say that it failed. */
	if (fd >= 0 && close(fd) < 0 && errno != EINTR) {
		s->error = errno;
		return STREAM_ERR;
	}
	return 0;
}

static void
stdio_free(struct stream *s)
{
	struct stdio_stream *io = (struct stdio_stream *)s;

	narrow(s->in, s->in_kind, io->in_size);
	narrow(s->out, s->out_kind, io->out_size);
	if (s->out >= 0 && s->out != s->in)
		close(s->out);
	if (s->in >= 0)
		close(s->in);
	free(s);
}

/* /dev/null and its kin never block. */
static int
is_memory(const struct stat *st)
{
#if ON_LINUX
	return major(st->st_rdev) == 1;
#else
	(void)st;
	return 0;
#endif
}

static enum access
access_of(int fd, struct stat *st, int *terminal)
{
	memset(st, 0, sizeof *st);
	*terminal = 0;
	if (fstat(fd, st) < 0)
		return ACCESS_FREE; /* the first use will say what is wrong */
	if (S_ISSOCK(st->st_mode))
		return ACCESS_SOCKET;
	*terminal = S_ISCHR(st->st_mode) && isatty(fd);
	if (S_ISFIFO(st->st_mode))
		return ACCESS_NOWAIT;
	if (*terminal)
		return open_anew_or_poll(fd);
	return S_ISCHR(st->st_mode) && !is_memory(st) ? ACCESS_POLL
						      : ACCESS_FREE;
}

#if SPLICES
/* Of a Unix-domain socket, in bytes; 0: it is none. */
static int
room_of(int fd)
{
	int domain = 0, room = 0;
	socklen_t len = sizeof domain;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	    domain == AF_UNIX)
		getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &len);
	return room;
}

/*
 * An inherited socket may block.  A Unix-domain one does not when it is read
 * with SPLICE_F_NONBLOCK; nor does it when it polls writable and is then given
 * no more than this, as three quarters of its room are empty then.
 */
static size_t
piece_of(int room)
{
	return room >= SHARED_ROOM ? (size_t)room / 4 * 3 - SHARED_WASTE
				   : PIPE_BUF;
}
#endif

static enum stream_kind
kind_of(int fd, const struct stat *st)
{
#if SPLICES
	if (S_ISSOCK(st->st_mode) && room_of(fd) >= SHARED_ROOM)
		return STREAM_SHARED;
#else
	(void)fd;
#endif
	return S_ISFIFO(st->st_mode)  ? STREAM_PIPE
	       : S_ISREG(st->st_mode) ? STREAM_FILE
				      : STREAM_OTHER;
}

struct stream *
stream_stdio(int in, int out)
{
	static const struct stream_ops ops = { stdio_read, NULL, stdio_write,
		stdio_finish, NULL, stdio_free };
	struct stdio_stream *io = calloc(1, sizeof *io);
	struct stat in_stat, out_stat;
	int out_terminal;

	if (io == NULL)
		return NULL;
	io->stream.ops = &ops;
	io->stream.in = in;
	io->stream.out = out;
	io->in = access_of(in, &in_stat, &io->terminal);
	io->out = access_of(out, &out_stat, &out_terminal);
	io->stream.in_kind = kind_of(in, &in_stat);
	io->stream.out_kind = kind_of(out, &out_stat);
	io->piece = PIPE_BUF;
	io->stream.duplex = io->in == ACCESS_SOCKET &&
			    in_stat.st_dev == out_stat.st_dev &&
			    in_stat.st_ino == out_stat.st_ino;
	return &io->stream;
}

#if SPLICES
/* Which of them is not ready?  0: both are. */
static ssize_t
who_waits(struct stream *from, struct stream *to)
{
	struct pollfd p[2] = { { from->in, POLLIN, 0 },
		{ to->out, POLLOUT, 0 } };

	if (poll(p, 2, 0) < 0)
		return 0;
	if (p[1].revents == 0)
		return STREAM_WANT_OUT;
	return p[0].revents == 0 ? STREAM_WANT_IN : 0;
}
#endif

ssize_t
stream_splice(struct stream *from, struct stream *to, size_t n)
{
#if SPLICES
	ssize_t moved;

	if (from->in_kind == STREAM_FILE && to->out_kind == STREAM_SOCKET)
		moved = sendfile(to->out, from->in, NULL, n);
	else if ((from->in_kind == STREAM_PIPE &&
		     to->out_kind == STREAM_SOCKET) ||
		 (from->in_kind == STREAM_SOCKET &&
		     to->out_kind == STREAM_PIPE))
		moved = splice(from->in, NULL, to->out, NULL, n,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	else
		return STREAM_UNABLE;
	if (moved >= 0)
		return moved;
	if (errno == EAGAIN)
		return who_waits(from, to);
	if (errno == EINVAL || errno == ENOSYS)
		return STREAM_UNABLE;
	/* A socket tells of its error once: reading would find a good end. */
	if (from->in_kind == STREAM_SOCKET && errno != EPIPE &&
	    errno != EINTR && errno != ENOMEM) {
		from->error = errno;
		return STREAM_ERR;
	}
	return 0;
#else
	(void)from;
	(void)to;
	(void)n;
	return STREAM_UNABLE;
#endif
}

int
stream_needs_pipe(const struct stream *from, const struct stream *to)
{
	return SPLICES && from->in_kind >= STREAM_SOCKET &&
	       to->out_kind >= STREAM_FILE;
}

ssize_t
stream_fill(struct stream *from, int pipe, size_t n)
{
#if SPLICES
	ssize_t moved = splice(
	    from->in, NULL, pipe, NULL, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (moved < 0 && (errno == EINVAL || errno == ENOSYS))
		return STREAM_UNABLE;
	return result(from, moved, STREAM_WANT_IN);
#else
	(void)from;
	(void)pipe;
	(void)n;
	return STREAM_UNABLE;
#endif
}

ssize_t
stream_drain(struct stream *to, int pipe, size_t n)
{
#if SPLICES
	size_t piece;
	ssize_t moved;

	if (to->out_kind == STREAM_SHARED) {
		if (!polls(to->out, POLLOUT))
			return STREAM_WANT_OUT;
		piece = ((struct stdio_stream *)to)->piece;
		if (n > piece)
			n = piece;
	}
	moved = splice(
	    pipe, NULL, to->out, NULL, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (moved < 0 && (errno == EINVAL || errno == ENOSYS))
		return STREAM_UNABLE;
	return moved == 0 ? STREAM_WANT_OUT
			  : result(to, moved, STREAM_WANT_OUT);
#else
	(void)to;
	(void)pipe;
	(void)n;
	return STREAM_UNABLE;
#endif
}

static void
widen_pipe(int fd, int *before)
{
#if SPLICES
	int size = fcntl(fd, F_GETPIPE_SZ);

	/* An unprivileged user may have reached a limit; no harm is done. */
	if (size > 0 && size < PIPE_WIDE &&
	    fcntl(fd, F_SETPIPE_SZ, PIPE_WIDE) >= 0)
		*before = size;
#else
	(void)fd;
	(void)before;
#endif
}

static void
widen_socket(struct stdio_stream *io)
{
#if SPLICES
	int fd = io->stream.out, room = room_of(fd);

	/* The kernel doubles what it is told. */
	if (room == SHARED_ROOM &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0)
		io->out_size = room;
	io->piece = piece_of(room_of(fd));
#else
	(void)io;
#endif
}

void
stream_widen_in(struct stream *s)
{
	if (s->in_kind == STREAM_PIPE)
		widen_pipe(s->in, &((struct stdio_stream *)s)->in_size);
}

void
stream_widen_out(struct stream *s)
{
	struct stdio_stream *io = (struct stdio_stream *)s;

	if (s->out_kind == STREAM_PIPE)
		widen_pipe(s->out, &io->out_size);
	else if (s->out_kind == STREAM_SHARED)
		widen_socket(io);
}

int
stream_is_unread(const struct stream *s)
{
	int n = 0;

	return s->out_kind == STREAM_PIPE && ioctl(s->out, FIONREAD, &n) == 0 &&
	       n > 0;
}

int
stream_events(int read, int written)
{
	return (read == STREAM_WANT_IN || written == STREAM_WANT_IN ? POLLIN
								    : 0) |
	       (read == STREAM_WANT_OUT || written == STREAM_WANT_OUT ? POLLOUT
								      : 0);
}

const char *
stream_fault(const struct stream *s)
{
	return s->fault != NULL ? s->fault->text : strerror(s->error);
}

int
stream_is_terminal(const struct stream *s)
{
	return ((const struct stdio_stream *)s)->terminal;
}

void
stream_free(struct stream *s)
{
	struct stream *below;

	for (; s != NULL; s = below) {
		below = s->below;
		s->ops->free(s);
	}
}
