/* run.c -- one tunnel from its beginning to its end.  Floor 4. */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

#define PROGRESS_MS 1000
#define REPORT_MAX 4096 /* bytes of the line that SIGUSR1 asks for */

/* "1.5 GiB" of a number of bytes. */
static const char *
amount(uint64_t bytes, char text[32])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double n = (double)bytes;
	size_t i = 0;

	for (; n >= 1024 && i + 1 < sizeof units / sizeof *units; i++)
		n /= 1024;
	snprintf(text, 32, i == 0 ? "%.0f %s" : "%.1f %s", n, units[i]);
	return text;
}

/* How far it is, once a second; what moved since the last time is its speed. */
static void
on_progress(void *arg)
{
	struct run *run = arg;
	int64_t now = loop_now(run->setup.loop), ms = now - run->looked;
	uint64_t up, down;
	char sent[32], received[32], speed[32], text[160];

	tunnel_count(run->tunnel, &up, &down);
	if (ms > 0) {
		snprintf(text, sizeof text,
		    "%s sent, %s received, %s/s, %lld s", amount(up, sent),
		    amount(down, received),
		    amount(
			(up + down - run->moved) * 1000 / (uint64_t)ms, speed),
		    (long long)(now - run->opened_at) / 1000);
		log_passing(text);
	}
	run->moved = up + down;
	run->looked = now;
	loop_timer(run->setup.loop, &run->progress, now + PROGRESS_MS);
}

static void
begin_progress(struct run *run)
{
	if (!run->shows_progress)
		return;
	run->progress.expired = on_progress;
	run->progress.arg = run;
	run->looked = run->opened_at = loop_now(run->setup.loop);
	loop_timer(run->setup.loop, &run->progress, run->looked + PROGRESS_MS);
}

/* There will be no other tunnel. */
static void
on_open(void *arg)
{
	struct run *run = arg;

	route_forget(run->route);
	begin_progress(run);
	if (run->opened != NULL)
		run->opened(run);
}

static void
on_over(void *arg)
{
	struct run *run = arg;

	loop_stop(run->setup.loop);
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
	loop_stop(run->setup.loop);
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
		if (loop_signal(
			run->setup.loop, ends[i], 0, on_end_signal, run) < 0)
			return -1;
	return loop_signal(run->setup.loop, SIGUSR1, 1, on_report_signal, run);
}

int
run_begin(struct run *run, struct route *route)
{
	memset(run, 0, sizeof *run);
	run->route = route;
	run->setup.loop = loop_new();
	run->setup.route = route;
	run->setup.pool = pool_new();
	run->setup.open = on_open;
	run->setup.over = on_over;
	return run->setup.loop != NULL && run->setup.pool != NULL
		   ? catch_signals(run)
		   : -1;
}

/* Waits for the end, and leaves in why what it was. */
static void
wait_for_end(struct run *run, struct stream *near, int near_is_terminal)
{
	if (near != NULL)
		run->tunnel =
		    tunnel_new(&run->setup, near, near_is_terminal, run);
	if (run->tunnel == NULL)
		fail(&run->why, FAIL_LOCAL, "out of memory");
	else if (loop_run(run->setup.loop) < 0)
		fail(&run->why, FAIL_LOCAL, "can't wait for events: %s",
		    strerror(errno));
	else if (run->why.code == FAIL_NONE)
		run->why = *tunnel_failure(run->tunnel);
}

int
run_tunnel(struct run *run, struct stream *near, int near_is_terminal)
{
	int status, asked;

	wait_for_end(run, near, near_is_terminal);
	log_passing(NULL);
	status = run->signo != 0 ? 128 + run->signo : fail_exit(run->why.code);
	asked = run->tunnel != NULL && tunnel_asks_person(run->tunnel);
	if (run->why.text[0] != '\0')
		log_line(SAY_FAILURE, "%s", run->why.text);
	tunnel_free(run->tunnel);
	pool_free(run->setup.pool);
	loop_free(run->setup.loop);
	/* The shell that shares the terminal sees that a key was the end. */
	if (asked && run->signo != 0)
		raise(run->signo);
	return status;
}
