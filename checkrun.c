/* checkrun.c -- what all kinds of checks have in common.  Floor 4. */
#include "checkrun.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

static void
on_signal(void *arg, int signo)
{
	struct checkrun *c = arg;

	c->signo = signo;
	loop_stop(c->loop);
}

int
checkrun_begin(
    struct checkrun *c, struct route *route, const struct checking *how)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction ignore;
	struct route *r;
	size_t at;

	memset(c, 0, sizeof *c);
	c->route = route;
	c->how = how;
	c->style = report_style_of(getenv);
	if (how->what != CHECK_TUNNELS && route->nhops == 0)
		return fail(&c->why, FAIL_USAGE,
		    "--scan and --auth-info ask a proxy: there is none");
	c->loop = loop_new();
	memset(&ignore, 0, sizeof ignore);
	ignore.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &ignore, NULL);
	for (at = 0; c->loop != NULL && at < sizeof ends / sizeof *ends; at++)
		if (loop_signal(c->loop, ends[at], 0, on_signal, c) < 0)
			break;
	/* Names are looked up, and logins begun, as a tunnel does it. */
	for (r = route; r != NULL; r = r->next) {
		names_free(r->names);
		r->names = names_new(0);
		if (r->names == NULL)
			break;
		for (at = 0; at < r->nhops; at++)
			r->hops[at].auth.afresh = 1;
	}
	if (c->loop == NULL || r != NULL)
		return fail(&c->why, FAIL_LOCAL, "out of memory");
	return 0;
}

void
checkrun_print(struct checkrun *c, struct buf *b)
{
	size_t n = buf_len(b);

	if (n == 0 && c->how->json && c->why.code == FAIL_NONE) {
		fail(&c->why, FAIL_LOCAL, "out of memory");
		loop_stop(c->loop);
	}
	if (!c->how->quiet && c->why.code == FAIL_NONE &&
	    (fwrite(buf_ptr(b), 1, n, stdout) != n || fflush(stdout) != 0)) {
		fail(&c->why, FAIL_LOST, "can't write to standard output: %s",
		    strerror(errno));
		loop_stop(c->loop);
	}
	buf_free(b);
}

void
checkrun_run(struct checkrun *c)
{
	if (c->why.code == FAIL_NONE && loop_run(c->loop) < 0)
		fail(&c->why, FAIL_LOCAL, "can't wait for events: %s",
		    strerror(errno));
}

int
checkrun_end(struct checkrun *c, int status)
{
	if (c->why.text[0] != '\0')
		log_line(SAY_FAILURE, "%s", c->why.text);
	loop_free(c->loop);
	return c->why.code != FAIL_NONE ? fail_exit(c->why.code) : status;
}
