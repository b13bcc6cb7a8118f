/*
 * check.c -- opens tunnels, all destinations at the same time, tells how that
 * went, and closes them.  Floor 4.
 */
#include "modes.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "checkrun.h"
#include "knock.h"
#include "log.h"
#include "probe.h"
#include "survey.h"

#define LISTEN_MS 1000	/* for what waits behind a tunnel */
#define AT_A_TIME 64	/* destinations */
#define ALSO_MS 3000	/* for a port that is asked for besides */
#define ALSO_MAX 3	/* of them at a time */
#define ALSO_HOSTS 4	/* destinations for which that is done */
#define PORTS_SHOWN 128 /* bytes of a list of ports */
#define NAME_MAX 40	/* the width of names in the table */
#define NAME_SHOWN 60	/* bytes of one in a line that passes */
#define ROW_MAX 2048	/* bytes of a line of the table */

/* Those that proxies let through most often: TLS, and the web. */
static const char also[] = "80,443,8443";

struct check;

struct job {
	struct check *owner;
	struct route *route;
	struct probe *probe;
	struct survey *survey; /* of other ports, where one is refused */
	int waits;	       /* for the knock */
	struct findings findings;
	int over;	/* in this round */
	struct buf row; /* of the table */
	struct tally tally;
	struct failure failed; /* the last time that it did */
};

struct check {
	struct checkrun run;
	struct job *jobs;
	size_t n, begun, running, printed;
	unsigned most; /* at a time */
	int width;     /* of the names in the table */
	unsigned long round;
	int64_t round_begun;
	struct timer next; /* round */
	unsigned surveys;
	struct knock *knock; /* at what is no proxy of that kind, for all */
	struct findings_besides knocked;
};

/* Is it the same again and again? */
static int
is_series(const struct check *c)
{
	return c->run.how->rounds != 1;
}

/* Without a report: one line, as of a tunnel. */
static void
say_failure(struct check *c, struct job *j)
{
	const char *before = loop_subject(c->run.loop, j->route->target_name);

	log_line(SAY_FAILURE, "%s", j->findings.why.text);
	loop_subject(c->run.loop, before);
}

/* Many destinations are told of in a table, too. */
static int
has_table(const struct check *c)
{
	return !is_series(c) && !c->run.how->json && c->n > 1;
}

/* Tells of it, and forgets what it was but for a line of the table. */
static void
print_job(struct check *c, struct job *j)
{
	struct buf b;

	buf_init(&b, REPORT_LINE_MAX);
	if (c->run.how->json)
		report_json_findings(&b, &j->findings, c->round);
	else if (is_series(c))
		report_round(&b, &c->run.style, &j->findings, c->round);
	else {
		if (c->printed > 0)
			buf_putc(&b, '\n');
		report_findings(&b, &c->run.style, &j->findings);
	}
	if (c->run.how->quiet && j->findings.why.code != FAIL_NONE)
		say_failure(c, j);
	checkrun_print(&c->run, &b);
	if (has_table(c))
		report_outcome(&j->row, &c->run.style, &j->findings, c->width);
	findings_free(&j->findings);
}

/* In the order of the arguments. */
static void
print_ready(struct check *c)
{
	while (c->printed < c->n && c->jobs[c->printed].over) {
		print_job(c, &c->jobs[c->printed]);
		c->printed++;
	}
}

static void
count(struct job *j)
{
	const struct findings *f = &j->findings;

	j->tally.tried++;
	if (f->why.code != FAIL_NONE) {
		j->tally.failed++;
		j->failed = f->why;
	} else if (series_add(&j->tally.times, f->open_us) < 0)
		fail(&j->owner->run.why, FAIL_LOCAL, "out of memory");
}

static void begin_jobs(struct check *);

static void
end_round(struct check *c)
{
	int64_t now = loop_now(c->run.loop);
	int64_t due = c->round_begun + c->run.how->interval_ms;

	if (c->round == c->run.how->rounds)
		loop_stop(c->run.loop);
	else
		loop_timer(c->run.loop, &c->next, due > now ? due : now);
}

static void
end_job(struct job *j)
{
	struct check *c = j->owner;

	survey_free(j->survey);
	j->survey = NULL;
	j->over = 1;
	count(j);
	c->running--;
	print_ready(c);
	if (c->printed == c->n)
		end_round(c);
	else
		begin_jobs(c);
}

/* That of a proxy that has tried it, or done it. */
static int
is_let_through(const struct port_answer *a)
{
	return a->verdict == PORT_OPEN || a->verdict == PORT_UNREACHABLE;
}

static int
is_refused(const struct port_answer *a)
{
	return a->verdict == PORT_REFUSED;
}

/* "ports 443 and 8443 are let through", or those that are refused. */
static void
put_ports(struct buf *b, const struct survey *s, int refused)
{
	int (*fits)(const struct port_answer *) =
	    refused ? is_refused : is_let_through;
	size_t n, i, listed = 0, left = 0;
	const struct port_answer *a = survey_answers(s, &n);

	for (i = 0; i < n; i++)
		left += fits(&a[i]) != 0;
	if (left > 0 && !refused)
		buf_puts(b, left > 1 ? "ports " : "port ");
	for (i = 0; i < n; i++) {
		if (!fits(&a[i]))
			continue;
		if (listed > 0)
			buf_puts(b, listed + 1 == left ? " and " : ", ");
		buf_putf(b, "%u", a[i].port);
		listed++;
	}
	if (listed > 0 && !refused)
		buf_puts(
		    b, listed > 1 ? " are let through" : " is let through");
}

static void
on_surveyed(void *arg)
{
	struct job *j = arg;
	struct findings_besides besides = { NULL, NULL, 0, NULL };
	struct buf through, refused;

	buf_init(&through, PORTS_SHOWN);
	buf_init(&refused, PORTS_SHOWN);
	put_ports(&through, j->survey, 0);
	put_ports(&refused, j->survey, 1);
	if (buf_len(&through) + buf_len(&refused) > 0) {
		besides.through = buf_str(&through);
		besides.refused = buf_str(&refused);
	}
	findings_advise(&j->findings, &besides);
	buf_free(&through);
	buf_free(&refused);
	end_job(j);
}

/* It may be the port: which others are let through to that host? */
static int
ask_for_others(struct job *j)
{
	const struct route *r = j->findings.route;
	struct failure why = NO_FAILURE;
	unsigned port = r->target.port;
	struct ports others;
	struct survey_how how = { r, r->target.host, &others, ALSO_MAX, 0, 0,
		ALSO_MS, 1 };

	/* The route's own last hop is asked by the base's. */
	how.route = route_base(r);
	if (how.open_ms > r->open_ms)
		how.open_ms = r->open_ms;
	memset(&others, 0, sizeof others);
	ports_parse(&others, also, &why);
	others.bits[port / 8] &= (uint8_t) ~(1u << port % 8);
	j->survey = survey_new(j->owner->run.loop, &how, on_surveyed, j);
	return j->survey == NULL ? -1 : 0;
}

/* What it speaks holds for all who go by it. */
static void
on_knocked(void *arg, const char *scheme)
{
	struct check *c = arg;
	struct job *j;

	knock_free(c->knock);
	c->knock = NULL;
	c->knocked.knocked = 1;
	c->knocked.speaks = scheme;
	for (j = c->jobs; j < c->jobs + c->n; j++) {
		if (!j->waits)
			continue;
		j->waits = 0;
		findings_advise(&j->findings, &c->knocked);
		end_job(j);
	}
}

/* Asks the first proxy what it speaks, once.  0, or -1: it can't. */
static int
wait_for_knock(struct job *j)
{
	struct check *c = j->owner;

	if (c->knock == NULL)
		c->knock =
		    knock_new(c->run.loop, j->findings.route, on_knocked, c);
	j->waits = c->knock != NULL;
	return j->waits ? 0 : -1;
}

/* Finds out more about a failure, where that can be.  0, or -1: it can't. */
static int
ask_more(struct job *j)
{
	struct check *c = j->owner;

	if (is_series(c))
		return -1;
	if (findings_port_refused(&j->findings))
		return c->surveys++ < ALSO_HOSTS ? ask_for_others(j) : -1;
	return findings_is_alien(&j->findings) && !c->knocked.knocked
		   ? wait_for_knock(j)
		   : -1;
}

static void
on_probed(void *arg)
{
	struct job *j = arg;

	probe_free(j->probe);
	j->probe = NULL;
	if (ask_more(j) == 0)
		return;
	findings_advise(&j->findings, &j->owner->knocked);
	end_job(j);
}

static void
begin_job(struct job *j)
{
	struct loop *loop = j->owner->run.loop;

	loop_subject(loop, j->owner->n > 1 ? j->route->target_name : NULL);
	j->probe =
	    probe_new(loop, j->route, LISTEN_MS, &j->findings, on_probed, j);
	loop_subject(loop, NULL);
	if (j->probe == NULL) {
		fail(&j->owner->run.why, FAIL_LOCAL, "out of memory");
		loop_stop(loop);
	}
}

static void
begin_jobs(struct check *c)
{
	while (c->begun < c->n && c->running < c->most &&
	       c->run.why.code == FAIL_NONE) {
		c->running++;
		begin_job(&c->jobs[c->begun++]);
	}
}

static void
begin_round(void *arg)
{
	struct check *c = arg;
	size_t i;

	c->round++;
	c->round_begun = loop_now(c->run.loop);
	c->begun = c->printed = c->running = 0;
	for (i = 0; i < c->n; i++)
		c->jobs[i].over = 0;
	begin_jobs(c);
}

static int
make_jobs(struct check *c)
{
	const struct checking *how = c->run.how;
	struct job *j;
	size_t i;
	int name;

	c->jobs = calloc(how->n, sizeof *c->jobs);
	if (c->jobs == NULL)
		return fail(&c->run.why, FAIL_LOCAL, "out of memory");
	for (i = 0; i < how->n; i++) {
		j = &c->jobs[c->n++];
		j->owner = c;
		buf_init(&j->row, ROW_MAX);
		j->route = route_for(c->run.route, &how->to[i].at,
		    how->to[i].direct, &c->run.why);
		if (j->route == NULL)
			return -1;
		name = (int)strnlen(j->route->target_name, NAME_MAX);
		if (c->width < name)
			c->width = name;
	}
	return 0;
}

static void
print_tally(struct check *c, struct job *j)
{
	struct buf b;

	series_sort(&j->tally.times);
	buf_init(&b, REPORT_LINE_MAX);
	if (c->run.how->json)
		report_json_tally(&b, j->route, &j->tally);
	else
		report_tally(&b, j->route, &j->tally);
	checkrun_print(&c->run, &b);
}

static void
print_table(struct check *c)
{
	struct job *j;
	size_t well = 0;
	struct buf b;

	for (j = c->jobs; j < c->jobs + c->n; j++)
		well += j->tally.failed == 0;
	buf_init(&b, REPORT_LINE_MAX);
	buf_putf(&b, "\n%zu of %zu can be reached\n", well, c->n);
	checkrun_print(&c->run, &b);
	for (j = c->jobs; j < c->jobs + c->n; j++)
		checkrun_print(&c->run, &j->row);
}

static int
is_person_asked(const struct check *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->jobs[i].probe != NULL &&
		    probe_asks_person(c->jobs[i].probe))
			return 1;
	return 0;
}

/* How far it has come, for the person who has waited long enough. */
static void
print_unfinished(struct check *c)
{
	struct job *j;

	if (c->run.signo != SIGINT || is_series(c) || c->run.how->json ||
	    is_person_asked(c))
		return;
	for (; c->printed < c->begun; c->printed++) {
		j = &c->jobs[c->printed];
		if (j->probe != NULL)
			probe_interrupt(j->probe);
		print_job(c, j);
	}
}

static void
print_summary(struct check *c)
{
	struct job *j;

	if (is_series(c))
		for (j = c->jobs; j < c->jobs + c->n; j++)
			print_tally(c, j);
	else if (c->run.signo != 0)
		print_unfinished(c);
	else if (has_table(c) && c->printed == c->n)
		print_table(c);
}

/* That of the first destination that has failed. */
static int
status_of(struct check *c)
{
	struct job *j;
	struct buf b;
	int status;

	if (c->run.signo != 0 && (!is_series(c) || c->run.signo != SIGINT))
		return 128 + c->run.signo;
	for (j = c->jobs; j < c->jobs + c->n; j++)
		if (j->tally.failed > 0)
			break;
	if (j == c->jobs + c->n)
		return 0;
	status = fail_exit(j->failed.code);
	if (c->n > 1 && !c->run.how->json) {
		buf_init(&b, REPORT_LINE_MAX);
		buf_putf(&b, "exit status %d, that of %s\n", status,
		    j->route->target_name);
		checkrun_print(&c->run, &b);
	}
	return status;
}

static void
free_jobs(struct check *c)
{
	struct job *j;

	knock_free(c->knock);
	for (j = c->jobs; j < c->jobs + c->n; j++) {
		probe_free(j->probe);
		survey_free(j->survey);
		findings_free(&j->findings);
		buf_free(&j->row);
		series_free(&j->tally.times);
		route_release(j->route);
	}
	free(c->jobs);
}

/* What is waited for. */
static void
describe(void *arg, struct buf *b)
{
	const struct check *c = arg;
	const struct job *j = c->jobs;
	const struct stage *s;

	if (is_person_asked(c) || c->running == 0)
		return;
	if (c->n > 1) {
		buf_putf(b, "%zu of %zu", c->printed, c->n);
		return;
	}
	s = j->probe != NULL ? probe_stage(j->probe) : NULL;
	buf_puts(b, s != NULL ? "waiting for " : "asking once more for ");
	text_show(b,
	    span_of(s != NULL ? route_name(j->findings.route, s->at)
			      : j->route->target_name),
	    NAME_SHOWN);
}

int
check_main(struct route *route, const struct checking *how)
{
	struct check c;
	int status = 0, asked;

	memset(&c, 0, sizeof c);
	c.next.expired = begin_round;
	c.next.arg = &c;
	c.most = checkrun_at_a_time(AT_A_TIME);
	if (checkrun_begin(&c.run, route, how) == 0 && make_jobs(&c) == 0) {
		checkrun_describe(&c.run, describe, &c);
		begin_round(&c);
		checkrun_run(&c.run);
		print_summary(&c);
		status = status_of(&c);
	}
	asked = is_person_asked(&c);
	free_jobs(&c);
	return checkrun_end(&c.run, status, asked);
}
