/* reportjson.c -- what was found out, as lines of JSON.  Floor 4. */
#include "report.h"

#include <string.h>
#include <time.h>

#include "log.h"

#define DAY_S 86400

static const char *const stage_names[] = {
	[STAGE_NAME] = "name",
	[STAGE_CONNECTION] = "connection",
	[STAGE_TLS] = "tls",
	[STAGE_PROXY] = "proxy",
	[STAGE_GREETING] = "greeting",
};

const char *
report_code(enum fail_code code)
{
	static const char *const codes[] = {
		[FAIL_NONE] = "none",
		[FAIL_USAGE] = "usage",
		[FAIL_FILE] = "file",
		[FAIL_RESOLVE] = "resolve",
		[FAIL_CONNECT] = "connect",
		[FAIL_LOCAL] = "local",
		[FAIL_TIMEOUT] = "timeout",
		[FAIL_PROTOCOL] = "protocol",
		[FAIL_AUTH] = "auth",
		[FAIL_REFUSED] = "refused",
		[FAIL_TRUST] = "trust",
		[FAIL_MISSING] = "missing",
		[FAIL_LOST] = "lost",
	};

	return codes[code];
}

/* A text, or null where it is empty. */
static void
put_text(struct json *j, const char *name, const struct buf *text)
{
	if (buf_len(text) > 0)
		json_span(j, name, BUF_SPAN(text));
	else
		json_null(j, name);
}

/* The number of a hop, null for the destination. */
static void
put_hop(struct json *j, const struct route *r, size_t at)
{
	if (at < r->nhops)
		json_number(j, "hop", (int64_t)at + 1);
	else
		json_null(j, "hop");
}

static void
put_name(struct json *j, const struct findings *f)
{
	size_t i;

	json_open(j, "addresses", '[');
	for (i = 0; i < f->naddresses; i++)
		json_string(j, NULL, f->addresses[i].text);
	json_close(j, ']');
}

static void
put_connection(struct json *j, const struct findings *f)
{
	const char *connected = NULL;
	size_t i;

	for (i = 0; i < f->naddresses; i++)
		if (f->addresses[i].error == 0)
			connected = f->addresses[i].text;
	json_string(j, "address", connected);
	json_open(j, "failed", '[');
	for (i = 0; i < f->naddresses; i++) {
		if (f->addresses[i].error <= 0)
			continue;
		json_open(j, NULL, '{');
		json_string(j, "address", f->addresses[i].text);
		json_string(j, "error", strerror(f->addresses[i].error));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
put_until(struct json *j, int64_t until)
{
	int64_t left = until - log_clock();
	char text[64];
	time_t at = until;
	struct tm tm;

	if (until == 0 || gmtime_r(&at, &tm) == NULL ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		json_null(j, "expires");
		json_null(j, "days_left");
		return;
	}
	json_string(j, "expires", text);
	/* Rounded down: -1 is what has expired a moment ago. */
	json_number(
	    j, "days_left", (left - (left < 0 ? DAY_S - 1 : 0)) / DAY_S);
}

static void
put_tls(struct json *j, const struct stage *s)
{
	const struct tls_facts *t = &s->tls;

	json_string(j, "version", t->version);
	json_string(j, "cipher", t->cipher);
	put_text(j, "alpn", &t->protocol);
	put_text(j, "subject", &t->subject);
	put_text(j, "issuer", &t->issuer);
	put_until(j, t->until);
	json_bool(j, "verified", !s->failed && t->verified);
}

static void
put_heard(struct json *j, const struct heard *h)
{
	struct span rest = BUF_SPAN(&h->offers.names), one;

	if (h->status >= 0)
		json_number(j, "status", h->status);
	else
		json_null(j, "status");
	put_text(j, "reason", &h->reason);
	put_text(j, "words", &h->words);
	put_text(j, "product", &h->product);
	json_bool(j, "demands_login", h->demands);
	json_open(j, "offers", '[');
	while (text_next_element(&rest, &one))
		json_span(j, NULL, one);
	json_close(j, ']');
	json_string(j, "scheme", h->scheme);
}

static void
put_stage(struct json *j, const struct findings *f, const struct stage *s)
{
	json_open(j, NULL, '{');
	json_string(j, "stage", stage_names[s->kind]);
	json_string(j, "peer", route_name(f->route, s->at));
	put_hop(j, f->route, s->at);
	json_bool(j, "ok", !s->failed);
	json_ms(j, "ms", s->us);
	switch (s->kind) {
	case STAGE_NAME:
		put_name(j, f);
		break;
	case STAGE_CONNECTION:
		put_connection(j, f);
		break;
	case STAGE_TLS:
		put_tls(j, s);
		break;
	case STAGE_PROXY:
		put_heard(j, &s->heard);
		break;
	case STAGE_GREETING:
		json_string(
		    j, "kind", s->greeting != NULL ? s->greeting->name : NULL);
		put_text(j, "text", &s->said);
		break;
	}
	json_close(j, '}');
}

static void
put_failure(struct json *j, const struct findings *f)
{
	const struct stage *s = findings_failed(f);

	if (f->why.code == FAIL_NONE) {
		json_null(j, "failure");
		return;
	}
	json_open(j, "failure", '{');
	json_string(j, "stage", s != NULL ? stage_names[s->kind] : NULL);
	if (s != NULL)
		put_hop(j, f->route, s->at);
	else
		json_null(j, "hop");
	json_string(j, "code", report_code(f->why.code));
	if (f->why.status != 0)
		json_number(j, "status", f->why.status);
	else
		json_null(j, "status");
	json_string(j, "text", f->why.text);
	put_text(j, "advice", &f->advice);
	json_close(j, '}');
}

void
report_json_open(struct json *j, struct buf *b, const char *type,
    const struct route *r, const char *destination)
{
	size_t i;

	json_init(j, b);
	json_open(j, NULL, '{');
	json_string(j, "type", type);
	json_string(j, "destination", destination);
	json_open(j, "proxies", '[');
	for (i = 0; i < r->nhops; i++)
		json_string(j, NULL, route_name(r, i));
	json_close(j, ']');
}

void
report_json_close(struct json *j)
{
	json_close(j, '}');
	/* Half an object is none. */
	if (j->failed || buf_putc(j->out, '\n') < 0)
		buf_free(j->out);
}

void
report_json_findings(
    struct buf *b, const struct findings *f, unsigned long round)
{
	struct span rest = BUF_SPAN(&f->before), line;
	const struct route *r = f->route;
	struct json j;
	size_t i;

	report_json_open(&j, b, "check", r, r->target_name);
	json_number(&j, "round", (int64_t)round);
	json_bool(&j, "ok", f->why.code == FAIL_NONE);
	json_number(&j, "exit", fail_exit(f->why.code));
	if (f->open_us >= 0)
		json_ms(&j, "open_ms", f->open_us);
	else
		json_null(&j, "open_ms");
	json_ms(&j, "ms", f->us);
	json_open(&j, "before", '[');
	while (span_line(&rest, &line))
		json_span(&j, NULL, line);
	json_close(&j, ']');
	json_open(&j, "stages", '[');
	for (i = 0; i < f->nstages; i++)
		if (f->stages[i].kind != STAGE_NAME || f->stages[i].failed ||
		    findings_looked_up(f))
			put_stage(&j, f, &f->stages[i]);
	json_close(&j, ']');
	put_failure(&j, f);
	report_json_close(&j);
}

static void
put_time(
    struct json *j, const char *name, const struct tally *t, unsigned mille)
{
	if (t->times.n > 0)
		json_ms(j, name, series_at(&t->times, mille));
	else
		json_null(j, name);
}

void
report_json_tally(struct buf *b, const struct route *r, const struct tally *t)
{
	struct json j;

	report_json_open(&j, b, "summary", r, r->target_name);
	json_number(&j, "tried", (int64_t)t->tried);
	json_number(&j, "open", (int64_t)(t->tried - t->failed));
	put_time(&j, "min_ms", t, 0);
	put_time(&j, "median_ms", t, 500);
	put_time(&j, "p99_ms", t, 990);
	report_json_close(&j);
}
