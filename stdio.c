/*
 * stdio.c -- one tunnel between standard input and output and the
 * route's target.  Floor 4.
 */
#include "modes.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "stream.h"
#include "tunnel.h"

#define REPORT_MAX 4096 /* bytes of the line that SIGUSR1 asks for */

struct run {
	struct loop *loop;
	struct route *route;
	struct tunnel *tunnel;
	int signo; /* that ended it, 0: none */
};

/* There will be no other tunnel. */
static void
on_open(void *arg)
{
	struct run *run = arg;

	route_forget(run->route);
}

static void
on_over(void *arg)
{
	struct run *run = arg;

	loop_stop(run->loop);
}

static void
report(struct run *run, enum log_level level)
{
	struct buf line;

	buf_init(&line, REPORT_MAX);
	tunnel_report(run->tunnel, &line);
	log_line(level, "%s", buf_str(&line));
	buf_free(&line);
}

static void
on_end_signal(void *arg, int signo)
{
	struct run *run = arg;

	run->signo = signo;
	log_line(SAY_EVENT, "ended by signal %d", signo);
	report(run, SAY_EVENT);
	loop_stop(run->loop);
}

static void
on_report_signal(void *arg, int signo)
{
	(void)signo;
	report(arg, SAY_FAILURE);
}

static int
catch_signals(struct run *run)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction ignore;
	size_t i;

	memset(&ignore, 0, sizeof ignore);
	ignore.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &ignore, NULL);
	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (loop_signal(run->loop, ends[i], 0, on_end_signal, run) < 0)
			return -1;
	return loop_signal(run->loop, SIGUSR1, 1, on_report_signal, run);
}

int
stdio_main(struct route *route)
{
	struct run run = { NULL, route, NULL, 0 };
	struct failure why = { FAIL_NONE, 0, "" };
	struct stream *near;
	int status, asked = 0;

	run.loop = loop_new();
	if (run.loop == NULL || catch_signals(&run) < 0)
		goto memory;
	near = stream_stdio(STDIN_FILENO, STDOUT_FILENO);
	if (near == NULL)
		goto memory;
	run.tunnel = tunnel_new(run.loop, route, near, stream_is_terminal(near),
	    on_open, on_over, &run);
	if (run.tunnel == NULL)
		goto memory;
	if (loop_run(run.loop) < 0)
		fail(&why, FAIL_LOCAL, "can't wait for events: %s",
		    strerror(errno));
	else
		why = *tunnel_failure(run.tunnel);
out:
	status = run.signo != 0 ? 128 + run.signo : fail_exit(why.code);
	if (why.text[0] != '\0')
		log_line(SAY_FAILURE, "%s", why.text);
	if (run.tunnel != NULL)
		asked = tunnel_asks_person(run.tunnel);
	tunnel_free(run.tunnel);
	loop_free(run.loop);
	/* The shell that shares the terminal sees that a key was the end. */
	if (asked && run.signo != 0)
		raise(run.signo);
	return status;
memory:
	fail(&why, FAIL_LOCAL, "out of memory");
	goto out;
}
