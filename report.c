/* report.c -- what was found out, for a person.  Floor 4. */
#include "report.h"

#include <string.h>
#include <unistd.h>

#include "log.h"

#define DAY_S 86400
#define KNOWN_MAX 1024 /* bytes that are told of a peer */
#define MS_WIDTH 6     /* digits of milliseconds, where they stand in columns */

static const char *const stage_names[] = {
	[STAGE_NAME] = "name",
	[STAGE_CONNECTION] = "connection",
	[STAGE_TLS] = "TLS",
	[STAGE_PROXY] = "proxy",
	[STAGE_GREETING] = "behind it",
};

/* The value that counts for characters (locale(7)) names UTF-8. */
static int
is_utf8(char *(*env)(const char *))
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		value = env(names[i]);
		if (value != NULL && *value != '\0')
			return span_find(span_of(value), "utf-8") != NULL ||
			       span_find(span_of(value), "utf8") != NULL;
	}
	return 0;
}

struct report_style
report_style_of(char *(*env)(const char *))
{
	const char *no_color = env("NO_COLOR"), *term = env("TERM");
	struct report_style style = { 0, 0 };

	if (!isatty(STDOUT_FILENO))
		return style;
	style.utf8 = is_utf8(env);
	style.colour = (no_color == NULL || *no_color == '\0') &&
		       term != NULL && strcmp(term, "dumb") != 0;
	return style;
}

void
report_mark(struct buf *b, const struct report_style *style, int well)
{
	const char *mark = style->utf8
			       ? (well ? "\xe2\x9c\x93" : "\xe2\x9c\x97")
			       : (well ? "ok  " : "FAIL");

	if (style->colour)
		BUF_JOIN(b, well ? "\033[32m" : "\033[31m", mark, "\033[0m");
	else
		buf_puts(b, mark);
}

/* Appends milliseconds, those before the point in a column of that width. */
static void
put_ms(struct buf *b, int64_t us, int width)
{
	int64_t tenths = (us + 50) / 100;

	buf_putf(b, "%*lld.%lld ms", width, (long long)(tenths / 10),
	    (long long)(tenths % 10));
}

void
report_way(struct buf *b, const struct route *r)
{
	size_t i;

	if (r->nhops == 0) {
		buf_puts(b, "directly");
		return;
	}
	for (i = 0; i < r->nhops; i++)
		BUF_JOIN(b, i == 0 ? "by " : ", ", route_name(r, i));
}

static void
put_addresses(struct buf *b, const struct findings *f)
{
	size_t i, n;
	const char *text;

	/* They all have the same port behind the last colon. */
	for (i = 0; i < f->naddresses; i++) {
		text = f->addresses[i].text;
		n = strlen(text);
		while (n > 0 && text[n - 1] != ':')
			n--;
		if (i > 0)
			buf_puts(b, ", ");
		buf_put(b, text, n > 0 ? n - 1 : strlen(text));
	}
}

static void
put_name_stage(struct buf *b, const struct findings *f)
{
	const struct endpoint *first = route_first(f->route);

	BUF_JOIN(b, first->host != NULL ? first->host : first->path, " is ");
	put_addresses(b, f);
}

/* Which one is connected, and which were tried in vain. */
static void
put_connection(struct buf *b, const struct findings *f)
{
	const char *before = " (";
	size_t i;

	for (i = 0; i < f->naddresses; i++)
		if (f->addresses[i].error == 0)
			buf_puts(b, f->addresses[i].text);
	for (i = 0; i < f->naddresses; i++)
		if (f->addresses[i].error > 0) {
			BUF_JOIN(b, before, f->addresses[i].text, ": ",
			    strerror(f->addresses[i].error));
			before = ", ";
		}
	if (*before == ',')
		buf_putc(b, ')');
}

static void
put_days(struct buf *b, const char *before, int64_t seconds)
{
	long long days = (long long)(seconds / DAY_S);

	buf_puts(b, before);
	if (days == 0)
		buf_puts(b, "less than a day");
	else
		buf_putf(b, "%lld day%s", days, days == 1 ? "" : "s");
}

/* Version, cipher and certificate, as far as they are known. */
static void
put_facts(struct buf *b, const struct tls_facts *t)
{
	int64_t left = t->until - log_clock();

	BUF_JOIN(b, t->version != NULL ? t->version : "TLS", ", ",
	    t->cipher != NULL ? t->cipher : "no cipher");
	if (buf_len(&t->protocol) > 0) {
		buf_puts(b, ", ");
		buf_put(b, buf_ptr(&t->protocol), buf_len(&t->protocol));
	}
	if (buf_len(&t->subject) > 0) {
		buf_puts(b, ", certificate of ");
		buf_put(b, buf_ptr(&t->subject), buf_len(&t->subject));
		buf_puts(b, " by ");
		buf_put(b, buf_ptr(&t->issuer), buf_len(&t->issuer));
	}
	if (t->until != 0 && left >= 0) {
		put_days(b, ", ", left);
		buf_puts(b, " left");
	} else if (t->until != 0) {
		put_days(b, ", expired ", -left);
		buf_puts(b, " ago");
	}
}

static void
put_tls(struct buf *b, const struct findings *f, const struct stage *s)
{
	BUF_JOIN(b, route_name(f->route, s->at), ": ");
	put_facts(b, &s->tls);
	buf_puts(b, s->tls.verified ? ", verified" : ", not verified (-z)");
	if (!s->tls.verified &&
	    route_secure(f->route, s->at)->options.pins != NULL)
		buf_puts(b, ", but its key is the pinned one");
}

/* Does a header of the user's log in, unasked? */
static int
gives_login(const struct route *r, size_t at)
{
	return http_is_overridden(
	    &route_request(r, at)->http, "Proxy-Authorization");
}

static void
put_heard(struct buf *b, const struct findings *f, const struct stage *s)
{
	const struct heard *h = &s->heard;

	buf_puts(b, route_name(f->route, s->at));
	if (buf_len(&h->product) > 0) {
		buf_puts(b, " (");
		buf_put(b, buf_ptr(&h->product), buf_len(&h->product));
		buf_putc(b, ')');
	}
	if (buf_len(&h->offers.names) > 0) {
		buf_puts(b, " offers ");
		buf_put(
		    b, buf_ptr(&h->offers.names), buf_len(&h->offers.names));
	}
	if (h->scheme != NULL)
		BUF_JOIN(b, ", logged in by ", h->scheme);
	else if (!h->demands && !gives_login(f->route, s->at))
		buf_puts(b, " asks for no login");
	if (h->status > 0)
		buf_putf(b, ": %d ", h->status);
	else
		buf_puts(b, ": ");
	buf_put(b, buf_ptr(&h->reason), buf_len(&h->reason));
}

static void
put_greeting(struct buf *b, const struct stage *s)
{
	if (s->greeting != NULL)
		buf_puts(b, s->greeting->words);
	if (s->greeting != NULL && buf_len(&s->said) > 0)
		buf_puts(b, ": ");
	buf_put(b, buf_ptr(&s->said), buf_len(&s->said));
}

static void
put_stage(struct buf *b, const struct findings *f, const struct stage *s)
{
	switch (s->kind) {
	case STAGE_NAME:
		put_name_stage(b, f);
		break;
	case STAGE_CONNECTION:
		put_connection(b, f);
		break;
	case STAGE_TLS:
		put_tls(b, f, s);
		break;
	case STAGE_PROXY:
		put_heard(b, f, s);
		break;
	case STAGE_GREETING:
		put_greeting(b, s);
		break;
	}
}

static void
begin_line(struct buf *b, const struct report_style *style, int well,
    const char *name, int64_t us)
{
	buf_puts(b, "  ");
	report_mark(b, style, well);
	buf_putf(b, " %-10s ", name);
	put_ms(b, us, MS_WIDTH);
	buf_puts(b, "  ");
}

/* Why it ended, and what has been heard of the peer until then. */
static void
put_failure(struct buf *b, const struct findings *f, const struct stage *s)
{
	struct buf known;

	buf_init(&known, KNOWN_MAX);
	if (s != NULL && s->kind == STAGE_PROXY)
		buf_put(&known, buf_ptr(&s->heard.product),
		    buf_len(&s->heard.product));
	if (s != NULL && s->kind == STAGE_TLS && s->tls.version != NULL)
		put_facts(&known, &s->tls);
	buf_puts(b, f->why.text);
	if (buf_len(&known) > 0)
		BUF_JOIN(b, " [", buf_str(&known), "]");
	buf_free(&known);
}

static void
put_advice(
    struct buf *b, const struct report_style *style, const struct findings *f)
{
	if (buf_len(&f->advice) == 0)
		return;
	/* Below the texts of the stages. */
	buf_puts(b, style->utf8 ? "    " : "       ");
	buf_puts(b, style->colour ? "\033[1mtry\033[0m" : "try");
	buf_puts(b, "                     ");
	buf_put(b, buf_ptr(&f->advice), buf_len(&f->advice));
	buf_putc(b, '\n');
}

/* The proxies that another one stood in for. */
static void
put_before(
    struct buf *b, const struct report_style *style, const struct findings *f)
{
	struct span rest = BUF_SPAN(&f->before), line;

	while (span_line(&rest, &line)) {
		buf_puts(b, "  ");
		report_mark(b, style, 0);
		buf_puts(b, " before it               ");
		buf_put(b, line.p, line.n);
		buf_putc(b, '\n');
	}
}

void
report_findings(
    struct buf *b, const struct report_style *style, const struct findings *f)
{
	const struct stage *s;

	BUF_JOIN(b, f->route->target_name, " ");
	report_way(b, f->route);
	buf_putc(b, '\n');
	put_before(b, style, f);
	for (s = f->stages; s < f->stages + f->nstages; s++) {
		if (s->kind == STAGE_NAME && !s->failed &&
		    !findings_looked_up(f))
			continue;
		if (s->kind == STAGE_GREETING && !s->failed) {
			begin_line(b, style, 1, "tunnel", f->open_us);
			buf_puts(b, "open\n");
		}
		begin_line(b, style, !s->failed, stage_names[s->kind], s->us);
		if (s->failed)
			put_failure(b, f, s);
		else
			put_stage(b, f, s);
		buf_putc(b, '\n');
	}
	if (f->why.code != FAIL_NONE && findings_failed(f) == NULL) {
		begin_line(b, style, 0, "tunnel", f->us);
		BUF_JOIN(b, f->why.text, "\n");
	}
	put_advice(b, style, f);
}

/* Why it ended, short: the stage, and the proxy's answer where that says it. */
static void
put_end(struct buf *b, const struct findings *f)
{
	const struct stage *s = findings_failed(f);

	if (s != NULL)
		BUF_JOIN(b, stage_names[s->kind], ": ");
	if (s == NULL || s->kind != STAGE_PROXY || f->why.status == 0 ||
	    f->why.status != s->heard.status) {
		buf_puts(b, f->why.text);
		return;
	}
	if (f->why.status >= 100) /* of HTTP */
		buf_putf(b, "%d ", f->why.status);
	buf_put(b, buf_ptr(&s->heard.reason), buf_len(&s->heard.reason));
}

void
report_outcome(struct buf *b, const struct report_style *style,
    const struct findings *f, int width)
{
	const struct stage *last = findings_last(f, STAGE_GREETING);
	int well = f->why.code == FAIL_NONE;

	report_mark(b, style, well);
	buf_putf(b, " %-*s ", width, f->route->target_name);
	put_ms(b, well ? f->open_us : f->us, MS_WIDTH);
	buf_puts(b, "  ");
	if (!well)
		put_end(b, f);
	else if (last != NULL)
		put_greeting(b, last);
	buf_putc(b, '\n');
}

void
report_round(struct buf *b, const struct report_style *style,
    const struct findings *f, unsigned long round)
{
	int well = f->why.code == FAIL_NONE;

	report_mark(b, style, well);
	buf_putf(b, " %s #%lu ", f->route->target_name, round);
	if (well) {
		buf_puts(b, "open after ");
		put_ms(b, f->open_us, 0);
	} else
		put_failure(b, f, findings_failed(f));
	buf_putc(b, '\n');
}

/* " (12.5%)" */
static void
put_share(struct buf *b, unsigned long part, unsigned long all)
{
	unsigned long long mille =
	    all > 0 ? (part * 1000ull + all / 2) / all : 0;

	buf_putf(b, " (%llu", mille / 10);
	if (mille % 10 != 0)
		buf_putf(b, ".%llu", mille % 10);
	buf_puts(b, "%)");
}

void
report_tally(struct buf *b, const struct route *r, const struct tally *t)
{
	size_t n = t->times.n;

	BUF_JOIN(b, r->target_name, " ");
	report_way(b, r);
	buf_putf(b, ": %lu tried, %lu open, %lu lost", t->tried,
	    t->tried - t->failed, t->failed);
	put_share(b, t->failed, t->tried);
	buf_putc(b, '\n');
	if (n == 0)
		return;
	buf_puts(b, "  open after: min ");
	put_ms(b, series_at(&t->times, 0), 0);
	buf_puts(b, ", median ");
	put_ms(b, series_at(&t->times, 500), 0);
	buf_puts(b, ", p99 ");
	put_ms(b, series_at(&t->times, 990), 0);
	buf_putc(b, '\n');
}
