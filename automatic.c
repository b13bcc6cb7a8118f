/* automatic.c -- the proxies that libproxy names, for a route.  Floor 4. */
#include "automatic.h"

#include <errno.h>
#include <string.h>

#include "alternatives.h"
#include "log.h"
#include "loop.h"
#include "proxyauto.h"

#define NAME_MAX_BYTES 2048
#define NAMES_MAX_BYTES 4096

struct search {
	struct loop *loop;
	struct proxyauto *asked;
	struct timer timer;
	struct route *route;
	struct failure *why;
};

static void
on_answer(void *arg, struct span proxies, const struct failure *why)
{
	struct search *s = arg;

	if (why->code != FAIL_NONE)
		*s->why = *why;
	else
		route_choose(s->route, proxies, s->why);
	loop_stop(s->loop);
}

static void
on_timer(void *arg)
{
	struct search *s = arg;

	fail(s->why, FAIL_TIMEOUT, "libproxy has not answered within %g s",
	    s->route->open_ms / 1000.0);
	loop_stop(s->loop);
}

static void
search(struct search *s)
{
	struct buf authority;

	s->timer.expired = on_timer;
	s->timer.arg = s;
	buf_init(&authority, NAME_MAX_BYTES);
	s->loop = loop_new();
	if (s->loop != NULL &&
	    endpoint_authority(&s->route->target, &authority) == 0) {
		errno = ENOMEM;
		if (loop_timer(s->loop, &s->timer,
			loop_now(s->loop) + s->route->open_ms) == 0)
			s->asked = proxyauto_new(
			    s->loop, buf_str(&authority), on_answer, s);
	}
	if (s->asked == NULL)
		fail(s->why, FAIL_LOCAL, "can't ask libproxy: %s",
		    strerror(errno));
	else if (loop_run(s->loop) < 0)
		fail(s->why, FAIL_LOCAL, "can't wait for events: %s",
		    strerror(errno));
	buf_free(&authority);
}

/* Names alone: an address may have a password in it. */
static void
log_choice(const struct route *r)
{
	struct buf names;

	if (!log_on(SAY_EVENT))
		return;
	buf_init(&names, NAMES_MAX_BYTES);
	for (; r != NULL; r = r->next)
		BUF_JOIN(&names, r->nhops > 0 ? r->hops[0].name : "none",
		    r->next != NULL ? ", then " : "");
	log_line(SAY_EVENT, "libproxy names as the proxy: %s", buf_str(&names));
	buf_free(&names);
}

int
automatic_choose(struct route *r, struct failure *why)
{
	struct search s;

	memset(&s, 0, sizeof s);
	s.route = r;
	s.why = why;
	search(&s);
	if (s.loop != NULL) {
		loop_timer(s.loop, &s.timer, 0);
		proxyauto_free(s.asked);
		loop_free(s.loop);
	}
	if (why->code != FAIL_NONE)
		return fail(why, why->code, "-p auto: %s", why->text);
	log_choice(r);
	return 0;
}
