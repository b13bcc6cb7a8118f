/*
 * drive.c -- runs one tool of the benchmark and measures it: one line of JSON.
 *
 *   drive [-c CPU] [-s] [-t SECONDS] [-n N] [-m BYTES] WHAT TOOL [ARGUMENT...]
 *   drive [-t SECONDS] [-n N] -l PORT crowd|busy
 *
 *   down, up, duplex, echo   N bytes, to the names that bed.c knows
 *   ping     N round trips of -m bytes
 *   setup    N times from the start to the first echoed byte, and to the end
 *   idle     one echo; then prints the process and waits for its own input
 *   crowd    N tunnels of a listener, an echo each; then waits, too
 *   busy     N tunnels that are open, each of which then brings what comes
 *
 * -c pins all to a CPU; -s makes standard input and output one socketpair, not
 * two pipes.  The tool is ended by SIGTERM once all is measured, and at the
 * latest by SIGKILL after -t.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "common.h"

#define ALL_AT_ONCE 16 /* tunnels of a crowd that are being opened */
#define WARM_UP 100    /* round trips */

extern char **environ;

static int as_socket, port;
static size_t size = 1;
static uint64_t n_wanted = 1;
static char **tool;
static char *hot; /* 1 MiB that is always in the cache */
static int null, in, out;
static volatile sig_atomic_t child;
static struct rusage used;

static void
too_late(int number)
{
	static const char words[] = "{\"error\": \"took too long\"}\n";

	(void)number;
	if (child > 0)
		kill(child, SIGKILL);
	if (write(1, words, sizeof words - 1) < 0)
		_exit(2);
	_exit(1);
}

static void
give_up(const char *what)
{
	if (child > 0)
		kill(child, SIGKILL);
	printf("{\"error\": \"%s\"}\n", what);
	exit(1);
}

static void
start_tool(void)
{
	int up[2], down[2], error;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	pid_t pid;

	if (as_socket) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, up) < 0)
			die("socketpair");
		down[1] = up[0];
		in = out = up[1];
	} else {
		if (pipe2(up, O_CLOEXEC) < 0 || pipe2(down, O_CLOEXEC) < 0)
			die("pipe");
		in = up[1];
		out = down[0];
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, up[0], 0);
	posix_spawn_file_actions_adddup2(&actions, down[1], 1);
	posix_spawnattr_init(&attributes);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	error =
	    posix_spawnp(&pid, tool[0], &actions, &attributes, tool, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (error != 0)
		give_up("can't be started");
	child = pid;
	close(up[0]);
	if (!as_socket)
		close(down[1]);
}

static void
close_in(void)
{
	if (as_socket)
		shutdown(in, SHUT_WR);
	else
		close(in);
}

static double
cpu_s(void)
{
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void
end_tool(void)
{
	int status;

	kill(child, SIGTERM);
	while (wait4(child, &status, 0, &used) < 0 && errno == EINTR)
		;
	child = 0;
}

/* Moves from one to the other by way of a wide pipe: how many, or less than 1.
 */
static ssize_t
by_pipe(const int *ends, int from, int to, size_t len)
{
	struct iovec piece = { hot, len };
	ssize_t n, rest, sent;

	if (from < 0)
		n = vmsplice(ends[1], &piece, 1, 0);
	else
		n = splice(from, NULL, ends[1], NULL, len, SPLICE_F_MOVE);
	for (rest = n; rest > 0; rest -= sent) {
		sent = splice(
		    ends[0], NULL, to, NULL, (size_t)rest, SPLICE_F_MOVE);
		if (sent <= 0)
			return sent;
	}
	return n;
}

static void
wide_pipe(int *ends)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		die("pipe");
	fcntl(ends[1], F_SETPIPE_SZ, MIB);
}

/* Feeds a number of bytes, without copying them. */
static void *
feed(void *arg)
{
	uint64_t left = *(const uint64_t *)arg;
	struct iovec piece = { hot, 0 };
	int ends[2] = { -1, -1 };
	ssize_t n = 1;

	if (as_socket)
		wide_pipe(ends);
	for (; left > 0 && n > 0; left -= (uint64_t)n) {
		piece.iov_len = left < MIB ? (size_t)left : MIB;
		if (as_socket)
			n = by_pipe(ends, -1, in, piece.iov_len);
		else
			n = vmsplice(in, &piece, 1, 0);
	}
	if (as_socket) {
		close(ends[0]);
		close(ends[1]);
	}
	return NULL;
}

/* Drops so many bytes, without copying them; *first: when some were there. */
static int
drain(uint64_t bytes, int64_t *first)
{
	int ends[2] = { -1, -1 };
	ssize_t n;

	*first = 0;
	if (as_socket)
		wide_pipe(ends);
	for (uint64_t got = 0; got < bytes; got += (uint64_t)n) {
		if (as_socket)
			n = by_pipe(ends, out, null, MIB);
		else
			n = splice(out, NULL, null, NULL, MIB, SPLICE_F_MOVE);
		if (n <= 0)
			return -1;
		if (*first == 0)
			*first = now_ns();
	}
	return 0;
}

static void
expect(char byte)
{
	char c;

	if (read(out, &c, 1) != 1 || c != byte)
		give_up("the far end did not answer");
}

static void
put(const char *data, size_t len)
{
	if (write(in, data, len) != (ssize_t)len)
		give_up("it does not read");
}

static void
transfer(const char *way)
{
	uint64_t bytes = n_wanted, coming = n_wanted;
	int64_t first, begun = 0, ended;
	pthread_t feeder;
	int feeds = strcmp(way, "down") != 0;

	start_tool();
	if (strcmp(way, "up") == 0) {
		/* The tunnel stands before the clock starts. */
		put(hot, 1);
		expect('R');
		bytes--;
		coming = 0;
	} else if (strcmp(way, "duplex") == 0)
		coming += 2;
	if (feeds) {
		begun = now_ns();
		if (pthread_create(&feeder, NULL, feed, &bytes) != 0)
			die("thread");
	}
	if (coming == 0)
		expect('K');
	else if (drain(coming, &first) < 0)
		give_up("it ended early");
	else
		begun = first;
	ended = now_ns();
	if (feeds)
		pthread_join(feeder, NULL);
	close_in();
	end_tool();
	printf("{\"gbps\": %.4f, \"cpu_gib\": %.5f}\n",
	    (double)n_wanted / (double)(ended - begun),
	    cpu_s() / ((double)n_wanted / 1073741824));
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t *
many(void)
{
	int64_t *list = calloc(n_wanted, sizeof *list);

	if (list == NULL)
		die("memory");
	return list;
}

/* Sorts it; the value below which a share of all lies, in microseconds. */
static double
quantile(int64_t *list, uint64_t n, double share)
{
	qsort(list, n, sizeof *list, by_value);
	return n == 0 ? 0
		      : (double)list[(size_t)((double)(n - 1) * share)] / 1e3;
}

static void
echo_once(char *data)
{
	ssize_t n;

	put(data, size);
	for (size_t got = 0; got < size; got += (size_t)n) {
		n = read(out, data + got, size - got);
		if (n <= 0)
			give_up("it does not answer");
	}
}

static void
ping(void)
{
	int64_t *taken = many(), start;

	start_tool();
	for (int i = 0; i < WARM_UP; i++)
		echo_once(hot);
	for (uint64_t i = 0; i < n_wanted; i++) {
		start = now_ns();
		echo_once(hot);
		taken[i] = now_ns() - start;
	}
	close_in();
	end_tool();
	printf("{\"us\": %.3f, \"p99\": %.3f, \"cpu_us\": %.3f}\n",
	    quantile(taken, n_wanted, 0.5), quantile(taken, n_wanted, 0.99),
	    cpu_s() * 1e6 / (double)(n_wanted + WARM_UP));
	free(taken);
}

/* The byte is there from the start, and the far end ends after it. */
static void
setup(void)
{
	int64_t *answered = many(), *ended = many(), start;
	double cpu = 0;
	int status;

	for (uint64_t i = 0; i < n_wanted; i++) {
		start = now_ns();
		start_tool();
		put(hot, 1);
		expect('x');
		answered[i] = now_ns() - start;
		close_in();
		while (wait4(child, &status, 0, &used) < 0)
			;
		ended[i] = now_ns() - start;
		child = 0;
		close(out);
		cpu += cpu_s();
	}
	printf("{\"first_us\": %.1f, \"us\": %.1f, \"cpu_us\": %.1f}\n",
	    quantile(answered, n_wanted, 0.5), quantile(ended, n_wanted, 0.5),
	    cpu * 1e6 / (double)n_wanted);
	free(answered);
	free(ended);
}

static void
wait_for_input(void)
{
	char c;

	fflush(stdout);
	if (read(0, &c, 1) < 0)
		die("standard input");
}

static void
idle(void)
{
	start_tool();
	put(hot, 1);
	expect('x');
	printf("{\"pid\": %d}\n", (int)child);
	wait_for_input();
	close_in();
	end_tool();
}

struct tunnel {
	int fd;
	int64_t begun;
	int asked;
};

/* One more of a crowd, on its way. */
static void
open_one(int epoll, struct tunnel *t)
{
	struct epoll_event event = { EPOLLOUT, { t } };

	t->begun = now_ns();
	t->fd = dial(port, SOCK_NONBLOCK);
	if (t->fd < 0)
		give_up("can't connect");
	epoll_ctl(epoll, EPOLL_CTL_ADD, t->fd, &event);
}

/* 1 once the echo is there; -1 when it is not to be had. */
static int
advance(int epoll, struct tunnel *t)
{
	struct epoll_event event = { EPOLLIN, { t } };
	char c = 'e';

	if (!t->asked) {
		t->asked = 1;
		epoll_ctl(epoll, EPOLL_CTL_MOD, t->fd, &event);
		return send(t->fd, &c, 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
	}
	epoll_ctl(epoll, EPOLL_CTL_DEL, t->fd, NULL);
	return recv(t->fd, &c, 1, 0) == 1 ? 1 : -1;
}

/* Opens all, each with an echo, and says how long that took. */
static struct tunnel *
open_all(double *per_s, double *p50, double *p99)
{
	struct tunnel *tunnels = calloc(n_wanted, sizeof *tunnels), *t;
	int64_t *taken = many(), start = now_ns();
	int epoll = epoll_create1(EPOLL_CLOEXEC), ready, rc;
	uint64_t begun = 0, done = 0;
	struct epoll_event events[64];

	if (tunnels == NULL || epoll < 0)
		die("drive");
	while (done < n_wanted) {
		while (begun < n_wanted && begun - done < ALL_AT_ONCE)
			open_one(epoll, &tunnels[begun++]);
		ready = epoll_wait(epoll, events, 64, -1);
		for (int i = 0; i < ready; i++) {
			t = events[i].data.ptr;
			rc = advance(epoll, t);
			if (rc < 0)
				give_up("a tunnel did not open");
			if (rc > 0)
				taken[done++] = now_ns() - t->begun;
		}
	}
	*per_s = (double)n_wanted * 1e9 / (double)(now_ns() - start);
	*p50 = quantile(taken, n_wanted, 0.5);
	*p99 = quantile(taken, n_wanted, 0.99);
	close(epoll);
	free(taken);
	return tunnels;
}

static void
crowd(void)
{
	double per_s, p50, p99;
	struct tunnel *tunnels = open_all(&per_s, &p50, &p99);

	printf("{\"per_s\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n", per_s,
	    p50 / 1e3, p99 / 1e3);
	wait_for_input();
	free(tunnels);
}

static void
busy(void)
{
	double per_s, p50, p99;
	struct tunnel *tunnels = open_all(&per_s, &p50, &p99), *t;
	int epoll = epoll_create1(EPOLL_CLOEXEC), ready;
	struct epoll_event event = { EPOLLIN, { NULL } }, events[64];
	uint64_t bytes = 0, left = n_wanted;
	int64_t start = now_ns();
	ssize_t n;

	for (uint64_t i = 0; i < n_wanted; i++) {
		event.data.ptr = &tunnels[i];
		epoll_ctl(epoll, EPOLL_CTL_ADD, tunnels[i].fd, &event);
		if (send(tunnels[i].fd, "s", 1, MSG_NOSIGNAL) != 1)
			give_up("a tunnel broke");
	}
	while (left > 0) {
		ready = epoll_wait(epoll, events, 64, -1);
		for (int i = 0; i < ready; i++) {
			t = events[i].data.ptr;
			n = recv(t->fd, hot, MIB, MSG_TRUNC);
			if (n < 0 && errno == EAGAIN)
				continue;
			if (n < 0)
				give_up("a tunnel broke");
			if (n == 0) {
				close(t->fd);
				left--;
			}
			bytes += (uint64_t)n;
		}
	}
	printf("{\"gbps\": %.4f, \"bytes\": %llu}\n",
	    (double)bytes / (double)(now_ns() - start),
	    (unsigned long long)bytes);
}

static int
usage(void)
{
	fputs("drive [-c CPU] [-s] [-t SECONDS] [-n N] [-m BYTES] [-l PORT] "
	      "WHAT [TOOL...]\n",
	    stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	int option;
	unsigned limit = 30;
	const char *what;

	while ((option = getopt(argc, argv, "+c:st:n:m:l:")) != -1) {
		if (option == 'c')
			pin((int)number(optarg));
		else if (option == 's')
			as_socket = 1;
		else if (option == 't')
			limit = (unsigned)number(optarg);
		else if (option == 'n')
			n_wanted = number(optarg);
		else if (option == 'm')
			size = number(optarg);
		else if (option == 'l')
			port = (int)number(optarg);
		else
			return usage();
	}
	tool = argv + optind + 1;
	what = argv[optind];
	/* Whole pages, so that a pipe takes all that it can. */
	hot = aligned_alloc((size_t)sysconf(_SC_PAGESIZE), MIB);
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (what == NULL || (tool[0] == NULL && port == 0))
		return usage();
	if (hot == NULL || null < 0)
		die("drive");
	memset(hot, 'x', MIB);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, too_late);
	alarm(limit);
	if (port != 0)
		raise_limit();
	if (strcmp(what, "ping") == 0)
		ping();
	else if (strcmp(what, "setup") == 0)
		setup();
	else if (strcmp(what, "idle") == 0)
		idle();
	else if (strcmp(what, "crowd") == 0)
		crowd();
	else if (strcmp(what, "busy") == 0)
		busy();
	else
		transfer(what);
	return 0;
}
