/* checkrun.c -- what all kinds of checks have in common.  Floor 4. */
#include "checkrun.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"

#define LOOK_MS 100 /* for a signal, while nobody takes the output */
#define PROGRESS_MS 1000
#define PROGRESS_MAX 100 /* bytes: a line of most terminals */
#define FILES_SPARE 16	 /* descriptors that are not for tunnels */
#define FILES_EACH 8	 /* of one: addresses, a resolver, other ports */

static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

static void
on_signal(void *arg, int signo)
{
	struct checkrun *c = arg;

	c->signo = signo;
	loop_stop(c->loop);
}

static int
catch_signals(struct checkrun *c)
{
	struct sigaction ignore;
	size_t i;

	memset(&ignore, 0, sizeof ignore);
	ignore.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &ignore, NULL);
	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (loop_signal(c->loop, ends[i], 0, on_signal, c) < 0)
			return -1;
	return 0;
}

/* Names are looked up, and logins begun, as a tunnel does it. */
static int
begin_afresh(struct route *r)
{
	size_t at;

	for (; r != NULL; r = r->next) {
		names_free(r->names);
		r->names = names_new(0);
		if (r->names == NULL)
			return -1;
		for (at = 0; at < r->nhops; at++)
			r->hops[at].auth.afresh = 1;
	}
	return 0;
}

int
checkrun_begin(
    struct checkrun *c, struct route *route, const struct checking *how)
{
	memset(c, 0, sizeof *c);
	c->route = route;
	c->how = how;
	c->style = report_style_of(getenv);
	if (how->what != CHECK_TUNNELS && route->nhops == 0)
		return fail(&c->why, FAIL_USAGE,
		    "--scan and --auth-info ask a proxy: there is none");
	c->loop = loop_new();
	if (c->loop == NULL || catch_signals(c) < 0 || begin_afresh(route) < 0)
		return fail(&c->why, FAIL_LOCAL, "out of memory");
	return 0;
}

/* They are blocked but while the loop waits. */
static int
signal_has_come(void)
{
	sigset_t came;
	size_t i;

	sigemptyset(&came);
	sigpending(&came);
	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (sigismember(&came, ends[i]) == 1)
			return 1;
	return 0;
}

/* So much as a pipe that has room takes at once.  0, or -1 with errno. */
static int
write_some(struct buf *b)
{
	ssize_t n = write(STDOUT_FILENO, buf_ptr(b),
	    buf_len(b) < PIPE_BUF ? buf_len(b) : PIPE_BUF);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	buf_take(b, (size_t)n);
	return 0;
}

/* Waits as long as it takes, but no longer than until a signal comes. */
static int
write_all(struct checkrun *c, struct buf *b)
{
	struct pollfd room = { STDOUT_FILENO, POLLOUT, 0 };
	int ready;

	while (buf_len(b) > 0 && !c->cut) {
		ready = poll(&room, 1, LOOK_MS);
		if (ready > 0 && write_some(b) < 0)
			return -1;
		c->cut = ready <= 0 && signal_has_come();
	}
	return 0;
}

void
checkrun_print(struct checkrun *c, struct buf *b)
{
	if (buf_len(b) == 0 && c->how->json && c->why.code == FAIL_NONE) {
		fail(&c->why, FAIL_LOCAL, "out of memory");
		loop_stop(c->loop);
	}
	log_passing(NULL);
	if (!c->how->quiet && c->why.code == FAIL_NONE && write_all(c, b) < 0) {
		fail(&c->why, FAIL_LOST, "can't write to standard output: %s",
		    strerror(errno));
		loop_stop(c->loop);
	}
	buf_free(b);
}

static void
on_progress(void *arg)
{
	struct checkrun *c = arg;
	int64_t now = loop_now(c->loop);
	struct buf line;

	buf_init(&line, PROGRESS_MAX);
	c->describe(c->arg, &line);
	if (buf_len(&line) > 0) {
		buf_putf(&line, ", %lld s", (long long)(now - c->begun) / 1000);
		log_passing(buf_str(&line));
	}
	buf_free(&line);
	loop_timer(c->loop, &c->progress, now + PROGRESS_MS);
}

void
checkrun_describe(
    struct checkrun *c, void (*describe)(void *, struct buf *), void *arg)
{
	if (c->how->quiet || !isatty(STDERR_FILENO))
		return;
	c->describe = describe;
	c->arg = arg;
	c->progress.expired = on_progress;
	c->progress.arg = c;
	c->begun = loop_now(c->loop);
	loop_timer(c->loop, &c->progress, c->begun + PROGRESS_MS);
}

unsigned
checkrun_at_a_time(unsigned most)
{
	struct rlimit files;
	rlim_t n;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return most;
	n = files.rlim_cur > FILES_SPARE
		? (files.rlim_cur - FILES_SPARE) / FILES_EACH
		: 0;
	if (n >= most)
		return most;
	return n > 0 ? (unsigned)n : 1;
}

void
checkrun_run(struct checkrun *c)
{
	if (c->why.code == FAIL_NONE && loop_run(c->loop) < 0)
		fail(&c->why, FAIL_LOCAL, "can't wait for events: %s",
		    strerror(errno));
}

int
checkrun_end(struct checkrun *c, int status, int person_asked)
{
	log_passing(NULL);
	if (c->why.text[0] != '\0')
		log_line(SAY_FAILURE, "%s", c->why.text);
	loop_free(c->loop);
	/* The shell that shares the terminal sees that a key was the end. */
	if (person_asked && c->signo != 0)
		raise(c->signo);
	return c->why.code != FAIL_NONE ? fail_exit(c->why.code) : status;
}
