/*
 * scan.c -- to which ports does this proxy open tunnels, and should it?
 * Floor 4.
 */
#include "modes.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "checkrun.h"
#include "survey.h"

#define AT_A_TIME 8    /* ports that are asked for */
#define GAP_MS 20      /* from one to the next: 50 in a second */
#define LISTEN_MS 300  /* for what waits there */
#define LOOPBACK_MAX 2 /* ports that its own loopback is asked for */
#define SMTP 25
#define JUDGEMENTS_MAX 4
#define RANGE_MAX 16			  /* bytes of "1-65535" */
#define SCAN_REPORT_MAX ((size_t)1 << 28) /* bytes: 64Ki ports, 4 KiB each */

/* CONNECT that reaches what it should not (CWE-441). */
#define CWE "CWE-441"

struct judgement {
	const char *cwe; /* NULL: nothing is wrong */
	struct buf text;
};

struct scan {
	struct checkrun run;
	const char *host;
	struct survey *survey;	 /* of the ports that were named */
	struct survey *loopback; /* of some of these, at the proxy itself */
	struct ports some;
	struct judgement judgements[JUDGEMENTS_MAX];
	size_t njudgements;
};

/* Does the proxy take that name for itself? */
static int
is_loopback(const char *host)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127 || v4.s_addr == 0;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6) ||
		       IN6_IS_ADDR_UNSPECIFIED(&v6) ||
		       (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
	return span_is(span_of(host), "localhost");
}

static struct survey_how
how_to_ask(const struct scan *s, const char *host, const struct ports *ports)
{
	struct survey_how how = { s->run.route, host, ports,
		checkrun_at_a_time(AT_A_TIME), GAP_MS, LISTEN_MS,
		s->run.route->open_ms, 0 };

	return how;
}

static void
on_all(void *arg)
{
	struct scan *s = arg;

	loop_stop(s->run.loop);
}

/* Some of the ports that were not refused, for the proxy's own loopback. */
static int
choose_some(struct scan *s)
{
	size_t n, i, chosen = 0;
	const struct port_answer *a = survey_answers(s->survey, &n);

	for (i = 0; i < n && chosen < LOOPBACK_MAX; i++)
		if (a[i].verdict == PORT_OPEN ||
		    a[i].verdict == PORT_UNREACHABLE) {
			s->some.bits[a[i].port / 8] |=
			    (uint8_t)(1u << a[i].port % 8);
			chosen++;
		}
	return chosen > 0;
}

static void
on_surveyed(void *arg)
{
	struct scan *s = arg;
	struct survey_how how;

	if (survey_failure(s->survey)->code != FAIL_NONE ||
	    is_loopback(s->host) || !choose_some(s)) {
		on_all(s);
		return;
	}
	how = how_to_ask(s, "127.0.0.1", &s->some);
	s->loopback = survey_new(s->run.loop, &how, on_all, s);
	if (s->loopback == NULL) {
		fail(&s->run.why, FAIL_LOCAL, "out of memory");
		on_all(s);
	}
}

static struct judgement *
add_judgement(struct scan *s, const char *cwe)
{
	struct judgement *j = &s->judgements[s->njudgements++];

	j->cwe = cwe;
	buf_init(&j->text, FAIL_TEXT);
	return j;
}

/* The first port of a survey that has come through, or just was not refused. */
static const struct port_answer *
first_through(const struct survey *survey, unsigned port)
{
	const struct port_answer *a, *tried = NULL;
	size_t n, i;

	if (survey == NULL)
		return NULL;
	a = survey_answers(survey, &n);
	for (i = 0; i < n; i++) {
		if (port != 0 && a[i].port != port)
			continue;
		if (a[i].verdict == PORT_OPEN)
			return &a[i];
		if (a[i].verdict == PORT_UNREACHABLE && tried == NULL)
			tried = &a[i];
	}
	return tried;
}

/* Has each port a verdict? */
static int
is_complete(const struct scan *s)
{
	size_t n, i;
	const struct port_answer *a = survey_answers(s->survey, &n);

	for (i = 0; i < n; i++)
		if (a[i].verdict == PORT_NOT_ASKED)
			return 0;
	return 1;
}

/* Who can do that. */
static const char *
who(const struct scan *s)
{
	return survey_logged_in(s->survey) ? "whoever can log in to it"
					   : "whoever reaches it, without a "
					     "login,";
}

static const char *
how_far(const struct port_answer *a)
{
	return a->verdict == PORT_OPEN
		   ? "let through"
		   : "not refused, though nothing answered there";
}

static void
judge_mail(struct scan *s)
{
	const struct port_answer *a = first_through(s->survey, SMTP);
	struct judgement *j;

	if (a == NULL)
		return;
	j = add_judgement(s, CWE);
	BUF_JOIN(&j->text, "port 25 is ", how_far(a), ": ", who(s),
	    " can send mail in its name: an open relay in waiting");
}

static void
judge_loopback(struct scan *s)
{
	const struct survey *at =
	    is_loopback(s->host) ? s->survey : s->loopback;
	const struct port_answer *a = first_through(at, 0);
	struct judgement *j;

	if (a == NULL)
		return;
	j = add_judgement(s, CWE);
	BUF_JOIN(&j->text, "the proxy's own loopback (",
	    at == s->survey ? s->host : "127.0.0.1", ") is ", how_far(a));
	buf_putf(&j->text, " (port %u): ", a->port);
	BUF_JOIN(&j->text, who(s),
	    " gets at what listens there for the proxy alone: an open relay in "
	    "waiting");
}

/* Does the survey not tell whether that port, 0: any, is let through? */
static int
is_open_question(const struct survey *survey, unsigned port)
{
	size_t n, i;
	const struct port_answer *a = survey_answers(survey, &n);

	if (survey_failure(survey)->code != FAIL_NONE)
		return 1;
	for (i = 0; i < n; i++)
		if ((port == 0 || a[i].port == port) &&
		    a[i].verdict == PORT_SILENT)
			return 1;
	return 0;
}

/* All is well, as far as it goes. */
static void
judge_rest(struct scan *s)
{
	struct judgement *j = add_judgement(s, NULL);
	const struct survey *at =
	    is_loopback(s->host) ? s->survey : s->loopback;

	buf_puts(&j->text, "no open relay, as far as these ports tell");
	if (is_open_question(s->survey, SMTP))
		buf_puts(&j->text, "; port 25 has not been answered in time");
	if (at != NULL && is_open_question(at, 0))
		buf_puts(&j->text, "; whether the proxy's own loopback is let "
				   "through is not known");
}

static void
judge(struct scan *s)
{
	if (survey_failure(s->survey)->code != FAIL_NONE)
		return;
	judge_mail(s);
	judge_loopback(s);
	if (s->njudgements == 0 && is_complete(s))
		judge_rest(s);
}

static const char *const verdicts[] = {
	[PORT_NOT_ASKED] = "not asked",
	[PORT_OPEN] = "open",
	[PORT_REFUSED] = "refused by the proxy",
	[PORT_UNREACHABLE] = "unreachable behind it",
	[PORT_SILENT] = "no answer in time",
};

static int
is_same(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

/* "1-79" or "80", and what is the same of all of them. */
static void
put_row(struct buf *b, const struct port_answer *first,
    const struct port_answer *last)
{
	const struct port_answer *a;
	const char *more = first->more;
	struct buf range;

	for (a = first; a <= last; a++)
		if (!is_same(a->more, more))
			more = NULL;
	buf_init(&range, RANGE_MAX);
	if (first == last)
		buf_putf(&range, "%u", first->port);
	else
		buf_putf(&range, "%u-%u", first->port, last->port);
	buf_putf(b, "  %-11s  %s", buf_str(&range), verdicts[first->verdict]);
	if (first->said != NULL && *first->said != '\0')
		BUF_JOIN(b, ": ", first->said);
	if (more != NULL && *more != '\0')
		BUF_JOIN(b, ": ", more);
	buf_putc(b, '\n');
	buf_free(&range);
}

static void
put_table(struct scan *s, struct buf *b)
{
	size_t n, i, begun;
	const struct port_answer *a = survey_answers(s->survey, &n);

	BUF_JOIN(b, "ports of ", s->host, " ");
	report_way(b, s->run.route);
	buf_putc(b, '\n');
	for (i = 0; i < n; i++) {
		if (a[i].verdict == PORT_NOT_ASKED)
			continue;
		begun = i;
		while (i + 1 < n && a[i + 1].verdict == a[begun].verdict &&
		       is_same(a[i + 1].said, a[begun].said) &&
		       a[i + 1].port == a[i].port + 1)
			i++;
		put_row(b, &a[begun], &a[i]);
	}
}

static void
put_text(struct scan *s, struct buf *b)
{
	const struct failure *why = survey_failure(s->survey);
	size_t i;

	put_table(s, b);
	if (why->code != FAIL_NONE) {
		buf_puts(b, "  ");
		report_mark(b, &s->run.style, 0);
		BUF_JOIN(b, " no verdict: ", why->text, "\n");
	} else if (!is_complete(s))
		buf_puts(b, "  not all ports were asked for\n");
	for (i = 0; i < s->njudgements; i++) {
		report_mark(b, &s->run.style, s->judgements[i].cwe == NULL);
		buf_putc(b, ' ');
		buf_put(b, buf_ptr(&s->judgements[i].text),
		    buf_len(&s->judgements[i].text));
		if (s->judgements[i].cwe != NULL)
			BUF_JOIN(b, " (", s->judgements[i].cwe, ")");
		buf_putc(b, '\n');
	}
}

static int
status_of(const struct scan *s)
{
	return s->run.signo != 0 ? 128 + s->run.signo
				 : fail_exit(survey_failure(s->survey)->code);
}

/* A text, or null where it is empty. */
static void
put_said(struct json *j, const char *name, const char *text)
{
	json_string(j, name, text != NULL && *text != '\0' ? text : NULL);
}

static void
put_json(struct scan *s, struct buf *b)
{
	static const char *const words[] = {
		[PORT_NOT_ASKED] = "not-asked",
		[PORT_OPEN] = "open",
		[PORT_REFUSED] = "refused",
		[PORT_UNREACHABLE] = "unreachable",
		[PORT_SILENT] = "silent",
	};
	const struct failure *why = survey_failure(s->survey);
	size_t n, i;
	const struct port_answer *a = survey_answers(s->survey, &n);
	struct json j;

	report_json_open(&j, b, "scan", s->run.route, s->host);
	json_open(&j, "ports", '[');
	for (i = 0; i < n; i++) {
		json_open(&j, NULL, '{');
		json_number(&j, "port", a[i].port);
		json_string(&j, "verdict", words[a[i].verdict]);
		if (a[i].verdict == PORT_NOT_ASKED)
			json_null(&j, "ms");
		else
			json_ms(&j, "ms", a[i].us);
		put_said(&j, "said", a[i].said);
		put_said(&j, "words", a[i].more);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_bool(&j, "complete", is_complete(s));
	json_bool(&j, "login", survey_logged_in(s->survey));
	json_number(&j, "exit", status_of(s));
	json_open(&j, "judgements", '[');
	for (i = 0; i < s->njudgements; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "cwe", s->judgements[i].cwe);
		json_span(&j, "text", BUF_SPAN(&s->judgements[i].text));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	if (why->code == FAIL_NONE)
		json_null(&j, "failure");
	else {
		json_open(&j, "failure", '{');
		json_string(&j, "code", report_code(why->code));
		json_string(&j, "text", why->text);
		json_close(&j, '}');
	}
	report_json_close(&j);
}

static void
print(struct scan *s)
{
	struct buf b;

	judge(s);
	buf_init(&b, SCAN_REPORT_MAX);
	if (s->run.how->json)
		put_json(s, &b);
	else
		put_text(s, &b);
	checkrun_print(&s->run, &b);
}

static int
begin(struct scan *s)
{
	struct survey_how how = how_to_ask(s, s->host, s->run.how->ports);

	s->survey = survey_new(s->run.loop, &how, on_surveyed, s);
	return s->survey != NULL
		   ? 0
		   : fail(&s->run.why, FAIL_LOCAL, "out of memory");
}

static void
describe(void *arg, struct buf *b)
{
	const struct scan *s = arg;
	size_t n, i, answered = 0;
	const struct port_answer *a = survey_answers(s->survey, &n);

	if (survey_asks_person(s->survey))
		return;
	for (i = 0; i < n; i++)
		answered += a[i].verdict != PORT_NOT_ASKED;
	buf_putf(b, "%zu of %zu ports", answered, n);
}

int
scan_main(struct route *route, const struct checking *how)
{
	struct scan s;
	int status = 0, asked = 0;
	size_t i;

	memset(&s, 0, sizeof s);
	s.host = route->target.host;
	if (checkrun_begin(&s.run, route, how) == 0 && begin(&s) == 0) {
		checkrun_describe(&s.run, describe, &s);
		checkrun_run(&s.run);
		asked = survey_asks_person(s.survey);
		print(&s);
		status = status_of(&s);
	}
	for (i = 0; i < s.njudgements; i++)
		buf_free(&s.judgements[i].text);
	survey_free(s.survey);
	survey_free(s.loopback);
	return checkrun_end(&s.run, status, asked);
}
