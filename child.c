/*
 * child.c -- a process of our own, talked to from the loop.  Floor 2.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "fail.h"
#include "log.h"

#define LOOK_MS 50	      /* between looks whether it has ended */
#define REAP_MS 5	      /* the same once it says no more */
#define DESCRIPTORS_MAX 65536 /* that are closed in it, at most */

struct child {
	struct loop *loop;
	pid_t pid; /* 0: ended */
	int status;
	struct watch from; /* fd -1: it says no more */
	struct timer reap;
	int to;
	struct buf said;
	int lost; /* it said more than was kept */
	void (*heard)(void *);
	void *arg;
};

/* A pipe that no other program inherits. */
static int
private_pipe(int fd[2])
{
	if (pipe(fd) < 0)
		return -1;
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

static void
close_pipe(const int fd[2])
{
	int error = errno;

	close(fd[0]);
	close(fd[1]);
	errno = error;
}

/* It says no more; what is left is its end. */
static void
close_said(struct child *c)
{
	loop_want(c->loop, &c->from, 0);
	close(c->from.fd);
	c->from.fd = -1;
	loop_timer(c->loop, &c->reap, loop_now(c->loop));
}

/* What read(2) gave; 0: there is no more to read. */
static int
keep_said(struct child *c)
{
	char piece[4096];
	ssize_t n = read(c->from.fd, piece, sizeof piece);
	int wait = n < 0 && (errno == EAGAIN || errno == EINTR);

	if (n > 0 && buf_put(&c->said, piece, (size_t)n) < 0) {
		c->lost = 1;
		buf_free(&c->said);
	}
	if (c->lost || (n <= 0 && !wait))
		close_said(c);
	explicit_bzero(piece, sizeof piece);
	return n > 0 && c->from.fd >= 0;
}

/*
 * Looks while it still may say something, too: a process of its own that lives
 * on may keep the descriptor.
 */
static void
on_reap(void *arg)
{
	struct child *c = arg;
	pid_t pid = waitpid(c->pid, &c->status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR)) {
		loop_timer(c->loop, &c->reap,
		    loop_now(c->loop) + (c->from.fd < 0 ? REAP_MS : LOOK_MS));
		return;
	}
	if (pid < 0)
		c->status = 0;
	c->pid = 0;
	while (c->from.fd >= 0 && keep_said(c))
		;
	if (c->from.fd >= 0)
		close_said(c);
	loop_timer(c->loop, &c->reap, 0);
	c->heard(c->arg);
}

static void
on_said(void *arg, int got)
{
	struct child *c = arg;

	(void)got;
	if (keep_said(c))
		c->heard(c->arg);
}

/* Closes all descriptors from one to another. */
static void
close_range_of(int from, int to)
{
	long max = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
	if (from > to ||
	    syscall(SYS_close_range, (unsigned)from, (unsigned)to, 0U) == 0)
		return;
#endif
	if (max < 0 || max > DESCRIPTORS_MAX)
		max = DESCRIPTORS_MAX;
	for (; from <= to && from < max; from++)
		close(from);
}

/*
 * The descriptors of the tunnel must not live on here: their ends would not
 * be seen.
 */
static void
drop_descriptors(int keep, int keep_too)
{
	int null = open("/dev/null", O_RDWR);
	int first = keep < keep_too ? keep : keep_too;
	int second = keep < keep_too ? keep_too : keep;

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close_range_of(STDERR_FILENO + 1, first - 1);
	close_range_of(first + 1, second - 1);
	close_range_of(second + 1, INT_MAX);
}

/* Also where the parent is killed and can't see to that. */
static void
end_with_parent(void)
{
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0L, 0L, 0L);
#endif
}

struct child *
child_new(struct loop *loop, int (*body)(const void *, int, int),
    const void *what, void (*heard)(void *), void *arg)
{
	struct child *c = calloc(1, sizeof *c);
	int up[2], down[2];

	if (c == NULL)
		return NULL;
	if (private_pipe(up) < 0)
		goto out;
	if (private_pipe(down) < 0)
		goto out_up;
	c->loop = loop;
	c->from.fd = down[0];
	c->from.ready = on_said;
	c->from.arg = c->reap.arg = c;
	c->reap.expired = on_reap;
	c->to = up[1];
	c->heard = heard;
	c->arg = arg;
	buf_init(&c->said, CHILD_SAYS_MAX);
	if (loop_want(loop, &c->from, POLLIN) < 0)
		goto out_down;
	c->pid = fork();
	if (c->pid == 0) {
		end_with_parent();
		loop_in_child(loop);
		drop_descriptors(up[0], down[1]);
		/* Nothing of the parent's is to be run or written again. */
		_exit(body(what, up[0], down[1]));
	}
	if (c->pid < 0)
		goto out_watch;
	close(up[0]);
	close(down[1]);
	fcntl(c->from.fd, F_SETFL, O_NONBLOCK);
	fcntl(c->to, F_SETFL, O_NONBLOCK);
	loop_timer(loop, &c->reap, loop_now(loop) + LOOK_MS);
	return c;
out_watch:
	loop_want(loop, &c->from, 0);
out_down:
	close_pipe(down);
out_up:
	close_pipe(up);
out:
	free(c);
	return NULL;
}

int
child_exec(const void *argv, int from, int to)
{
	char *const *args = (char *const *)argv;
	struct rlimit files;

	(void)from;
	/* More than that is beyond select(2). */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur > FD_SETSIZE) {
		files.rlim_cur = FD_SETSIZE;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (dup2(to, STDOUT_FILENO) >= 0)
		execvp(args[0], args);
	return errno == ENOENT ? 127 : 126;
}

int
child_go_on(int pidfile)
{
	pid_t pid = fork();

	if (pid > 0 && pidfile >= 0 &&
	    dprintf(pidfile, "%ld\n", (long)pid) < 0) {
		log_line(SAY_FAILURE, "can't write to the pidfile: %s",
		    strerror(errno));
		kill(pid, SIGTERM);
		_exit(fail_exit(FAIL_FILE));
	}
	if (pid > 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

int
child_tell(struct child *c, const void *p, size_t n)
{
	ssize_t put;

	/* It waits for this, and a pipe holds as much as it is told. */
	do
		put = write(c->to, p, n);
	while (put < 0 && errno == EINTR);
	return put == (ssize_t)n ? 0 : -1;
}

struct buf *
child_said(struct child *c)
{
	return &c->said;
}

int
child_lost(const struct child *c)
{
	return c->lost;
}

int
child_status(const struct child *c)
{
	return c->pid == 0 ? c->status : -1;
}

void
child_free(struct child *c)
{
	if (c == NULL)
		return;
	if (c->from.fd >= 0) {
		loop_want(c->loop, &c->from, 0);
		close(c->from.fd);
	}
	loop_timer(c->loop, &c->reap, 0);
	close(c->to);
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
			;
	}
	buf_free(&c->said);
	free(c);
}
