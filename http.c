/*
 * http.c -- HTTP CONNECT: the request, the answers, the verdict.  Floor 1: no
 * descriptor, no clock, no output.  RFC 9110 9.3.6 and 11.7, RFC 9112.
 */
#include "http.h"

#include <stdlib.h>
#include <string.h>

#include "heard.h"
#include "refusal.h"
#include "version.h"
#include "words.h"

#define REFUSAL_PATIENCE_MS 1000 /* for the text of an error page */
#define SKIP_MAX 262144 /* bytes: past that a new connection is cheaper */
#define SHOWN_MAX 128	/* bytes of a scheme in the talk */

enum http_state {
	HTTP_HEAD,    /* collecting the head of an answer */
	HTTP_SKIP,    /* reading past the body of a 407 */
	HTTP_REFUSED, /* collecting the body of a refusal, for its words */
	HTTP_OPENED,  /* it is a 2xx, and a proof in it is looked at */
	HTTP_ALIEN    /* collecting what is not HTTP, to name it */
};

struct http {
	struct handshake handshake;
	const struct http_connect *what;
	struct auth *auth;
	enum http_state state;
	struct buf head; /* the answer's, as far as it is there */
	size_t scanned;	 /* of it, by http_head_end */
	struct http_body body;
	struct buf page;      /* content of a refusal's body */
	size_t skipped;	      /* bytes of a body that was not collected */
	int kept;	      /* the connection takes another request */
	enum auth_step waits; /* for what resume brings */
	unsigned interim;     /* 1xx answers to this request */
	unsigned requests;    /* on this connection */
	unsigned attempts;    /* in all */
};

int
http_is_secret(struct span name)
{
	static const char *const secrets[] = { "Proxy-Authorization",
		"Authorization", "Cookie" };
	size_t i;

	for (i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (span_is(span_trim(name), secrets[i]))
			return 1;
	return 0;
}

/* Writes the lines of a head into the talk, without its secrets. */
static void
talk_head(struct http *http, const char *arrow, struct span head)
{
	struct buf *talk = http->handshake.talk;
	struct span line, name, value;
	const char *colon, *blank;

	while (talk != NULL && span_line(&head, &line) && line.n > 0) {
		buf_puts(talk, arrow);
		colon = memchr(line.p, ':', line.n);
		name = (struct span){ line.p,
			colon == NULL ? 0 : (size_t)(colon - line.p) };
		if (!http_is_secret(name)) {
			text_show(talk, line, line.n);
		} else { /* the scheme may be seen, what is behind it not */
			value = span_trim(
			    (struct span){ colon + 1, line.n - name.n - 1 });
			blank = memchr(value.p, ' ', value.n);
			text_show(talk, name, name.n);
			buf_puts(talk, ": ");
			if (blank != NULL)
				text_show(talk,
				    (struct span){
					value.p, (size_t)(blank - value.p) },
				    SHOWN_MAX);
			buf_puts(
			    talk, blank != NULL ? " [hidden]" : "[hidden]");
		}
		buf_putc(talk, '\n');
	}
}

static struct span
header_name(const char *header)
{
	return (struct span){ header, strcspn(header, ":") };
}

const char *
http_header_fault(const char *header)
{
	const char *p;
	size_t name = header_name(header).n;

	for (p = header; p < header + name; p++)
		if (!text_is_token(*p))
			return "the name of a header has letters, digits and "
			       "dashes only";
	if (name == 0 || header[name] != ':')
		return "a header is written Name: value";
	for (; *p != '\0'; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
			return "a header can't have control characters";
	return NULL;
}

int
http_is_overridden(const struct http_connect *what, const char *name)
{
	size_t i;

	for (i = 0; i < what->nheaders; i++)
		if (span_is(header_name(what->headers[i]), name))
			return 1;
	return 0;
}

static int
put_field(
    struct http *http, struct buf *out, const char *name, const char *value)
{
	if (http_is_overridden(http->what, name))
		return 0;
	return BUF_JOIN(out, name, ": ", value, "\r\n");
}

/* Appends the field that answers a challenge, where there is one. */
static int
put_authorization(struct http *http, struct buf *out)
{
	struct buf answer;
	int rc;

	if (http_is_overridden(http->what, "Proxy-Authorization"))
		return 0;
	buf_init(&answer, HTTP_REQUEST_MAX);
	rc = auth_answer(http->auth, "CONNECT", http->what->authority, &answer);
	if (rc == 0 && buf_len(&answer) > 0 &&
	    (buf_puts(out, "Proxy-Authorization: ") < 0 ||
		buf_put(out, buf_ptr(&answer), buf_len(&answer)) < 0 ||
		buf_puts(out, "\r\n") < 0))
		rc = -1;
	buf_free(&answer);
	return rc;
}

static int
put_headers(const struct http_connect *what, struct buf *out)
{
	size_t i;

	for (i = 0; i < what->nheaders; i++) {
		struct span name = header_name(what->headers[i]);

		if (span_trim(span_of(what->headers[i] + name.n + 1)).n > 0 &&
		    BUF_JOIN(out, what->headers[i], "\r\n") < 0)
			return -1;
	}
	return 0;
}

/* Puts the next request into out and waits for its answer. */
static enum handshake_verdict
request(struct http *http, struct buf *out, struct failure *why)
{
	const struct http_connect *what = http->what;
	const char *host = what->host != NULL ? what->host : what->authority;
	size_t before = buf_len(out);

	why->status = 0;
	why->cause = CAUSE_OTHER;
	if (BUF_JOIN(out, "CONNECT ", what->authority, " HTTP/1.1\r\n") < 0 ||
	    put_field(http, out, "Host", host) < 0 ||
	    put_authorization(http, out) < 0 ||
	    put_field(http, out, "User-Agent", "proxytunnel/" VERSION) < 0 ||
	    put_field(http, out, "Proxy-Connection", "Keep-Alive") < 0 ||
	    put_headers(what, out) < 0 || buf_puts(out, "\r\n") < 0) {
		fail(why, FAIL_LOCAL,
		    "was not asked: the request is over 1 MiB, or memory is "
		    "short");
		return HANDSHAKE_FAILED;
	}
	talk_head(http, "> ",
	    (struct span){
		(char *)buf_ptr(out) + before, buf_len(out) - before });
	http->state = HTTP_HEAD;
	http->interim = 0;
	http->requests++;
	http->attempts++;
	http->handshake.patience_ms = 0;
	buf_free(&http->head);
	buf_free(&http->page);
	http->scanned = http->skipped = 0;
	return HANDSHAKE_MORE;
}

/* Does what the login wants next, as far as that is possible now. */
static enum handshake_verdict
proceed(struct http *http, enum auth_step step, struct buf *out,
    struct failure *why)
{
	http->waits = step;
	switch (step) {
	case AUTH_ASK:
		return HANDSHAKE_PASSWORD;
	case AUTH_STEP:
		http->handshake.token = auth_token(http->auth);
		return HANDSHAKE_TOKEN;
	case AUTH_FAILED:
		return HANDSHAKE_FAILED;
	case AUTH_SEND:
		break;
	}
	if (http->state == HTTP_OPENED)
		return HANDSHAKE_DONE;
	if (!http->kept || auth_wants_connection(http->auth))
		return HANDSHAKE_AGAIN;
	if (http->attempts >= HTTP_ATTEMPTS_MAX) {
		fail(why, FAIL_AUTH, "asks for credentials without end");
		return HANDSHAKE_FAILED;
	}
	if (http->state == HTTP_SKIP && http->body.kind != BODY_NONE)
		return HANDSHAKE_MORE;
	return request(http, out, why);
}

static enum handshake_verdict
http_start(struct handshake *h, struct buf *out, struct failure *why)
{
	struct http *http = (struct http *)h;
	enum auth_step step = AUTH_SEND;

	http->requests = 0;
	http->kept = 1;
	http->state = HTTP_HEAD;
	if (!http_is_overridden(http->what, "Proxy-Authorization"))
		step = auth_connection(http->auth, h->binding, h->talk);
	return proceed(http, step, out, why);
}

static enum handshake_verdict
http_resume(struct handshake *h, struct span token, const char *fault,
    struct buf *out, struct failure *why)
{
	struct http *http = (struct http *)h;
	enum auth_step step;

	if (http->waits == AUTH_ASK)
		step = auth_asked(http->auth, fault, why);
	else
		step = auth_stepped(http->auth, token, fault, why);
	return proceed(http, step, out, why);
}

/*
 * The head, which was read once when it was complete, is read again: it is
 * not worth 8 KiB to every tunnel that is not refused.
 */
static enum handshake_verdict
refuse(struct http *http, struct failure *why)
{
	struct http_response response;

	http_parse_head(&response, buf_ptr(&http->head), buf_len(&http->head));
	if (http->handshake.heard != NULL)
		refusal_words(&http->handshake.heard->words, &response,
		    BUF_SPAN(&http->page));
	refusal_explain(
	    why, http->what->authority, &response, BUF_SPAN(&http->page));
	return HANDSHAKE_FAILED;
}

static enum handshake_verdict
name_alien(struct http *http, struct failure *why)
{
	refusal_alien(why, "HTTP", BUF_SPAN(&http->head));
	return HANDSHAKE_FAILED;
}

static enum handshake_verdict
malformed(struct failure *why, const char *fault)
{
	fail(why, FAIL_PROTOCOL, "does not speak HTTP as it should: %s", fault);
	return HANDSHAKE_FAILED;
}

/* -1: memory is short. */
static int
hear_challenges(struct http *http, const struct http_response *r,
    const char *name, struct failure *why)
{
	struct span value = { NULL, 0 };

	auth_response(http->auth);
	while (http_next_field(r, name, &value))
		if (auth_challenge(http->auth, value) < 0)
			return fail(
			    why, FAIL_LOCAL, "sent more than memory holds");
	return 0;
}

/* 407, or 401 as tinyproxy says it: is there something to try? */
static enum handshake_verdict
authenticate(struct http *http, const struct http_response *r, struct buf *out,
    struct failure *why)
{
	why->status = r->status;
	if (http_is_overridden(http->what, "Proxy-Authorization")) {
		fail(why, FAIL_AUTH,
		    "demands credentials other than the "
		    "Proxy-Authorization that -H gives: %d",
		    r->status);
		return HANDSHAKE_FAILED;
	}
	http_body_start(&http->body, r);
	http->kept = http_keeps_alive(r, &http->body);
	http->state = HTTP_SKIP;
	if (hear_challenges(http, r,
		r->status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate",
		why) < 0)
		return HANDSHAKE_FAILED;
	return proceed(http, auth_next(http->auth, why), out, why);
}

/* 2xx: the tunnel is open, unless a proof of the proxy's does not hold. */
static enum handshake_verdict
accept(struct http *http, const struct http_response *r, struct buf *out,
    struct failure *why)
{
	if (http_is_overridden(http->what, "Proxy-Authorization"))
		return HANDSHAKE_DONE;
	http->state = HTTP_OPENED;
	if (hear_challenges(http, r, "Proxy-Authenticate", why) < 0)
		return HANDSHAKE_FAILED;
	return proceed(http,
	    auth_opened(
		http->auth, http_field(r, "Proxy-Authentication-Info"), why),
	    out, why);
}

/* For whoever wants to know. */
static void
note(struct http *http, const struct http_response *r)
{
	struct heard *heard = http->handshake.heard;

	if (heard == NULL)
		return;
	heard_response(heard, r);
	heard->scheme = auth_in_use(http->auth);
}

/* A head is complete. */
static enum handshake_verdict
judge(struct http *http, struct buf *out, struct failure *why)
{
	struct http_response response, *r = &response;
	const char *fault;

	talk_head(http, "< ", BUF_SPAN(&http->head));
	fault = http_parse_head(r, buf_ptr(&http->head), buf_len(&http->head));
	if (fault != NULL)
		return malformed(why, fault);
	if (r->status == 101)
		return malformed(why, "it switches to a protocol that nobody "
				      "asked for");
	if (r->status < 200) {
		if (++http->interim > HTTP_INTERIM_MAX)
			return malformed(why, "interim answers without end");
		buf_free(&http->head);
		http->scanned = 0;
		return HANDSHAKE_MORE;
	}
	note(http, r);
	if (r->status < 300)
		return accept(http, r, out, why);
	if (r->status == 407 ||
	    (r->status == 401 && http_field(r, "WWW-Authenticate").p != NULL))
		return authenticate(http, r, out, why);
	http_body_start(&http->body, r);
	if (http->body.kind == BODY_NONE)
		return refuse(http, why);
	http->state = HTTP_REFUSED;
	http->handshake.patience_ms = REFUSAL_PATIENCE_MS;
	return HANDSHAKE_MORE;
}

static enum handshake_verdict
feed_head(struct http *http, const uint8_t *p, size_t n, size_t *used,
    struct buf *out, struct failure *why)
{
	size_t before = buf_len(&http->head), end;

	if (n > HTTP_HEAD_MAX - before)
		n = HTTP_HEAD_MAX - before;
	if (buf_put(&http->head, p, n) < 0) {
		fail(why, FAIL_LOCAL, "sent more than memory holds");
		return HANDSHAKE_FAILED;
	}
	if (!http_is_response(buf_ptr(&http->head), buf_len(&http->head))) {
		buf_cut(&http->head, before);
		http->state = HTTP_ALIEN;
		http->handshake.patience_ms = BANNER_PATIENCE_MS;
		return HANDSHAKE_MORE;
	}
	end = http_head_end(
	    buf_ptr(&http->head), buf_len(&http->head), &http->scanned);
	*used += (end > 0 ? end : before + n) - before;
	if (end > 0) {
		buf_cut(&http->head, end);
		return judge(http, out, why);
	}
	if (memchr(p, '\0', n) != NULL)
		return malformed(why, "there is a NUL byte in its answer");
	if (buf_len(&http->head) == HTTP_HEAD_MAX)
		return malformed(why, "the head of its answer is over 64 KiB");
	return HANDSHAKE_MORE;
}

/* Collects one line, or BANNER_MAX bytes, of what is not HTTP. */
static enum handshake_verdict
feed_alien(struct http *http, const uint8_t *p, size_t n, size_t *used,
    struct failure *why)
{
	*used += n;
	while (n > 0 && buf_len(&http->head) < BANNER_MAX) {
		buf_put(&http->head, p, 1);
		if (*p == '\n')
			return name_alien(http, why);
		p++;
		n--;
	}
	return buf_len(&http->head) < BANNER_MAX ? HANDSHAKE_MORE
						 : name_alien(http, why);
}

static enum handshake_verdict
feed_body(struct http *http, const uint8_t *p, size_t n, size_t *used,
    struct buf *out, struct failure *why)
{
	int refused = http->state == HTTP_REFUSED, over;
	struct span data;
	ptrdiff_t took = http_body_read(&http->body, p, n, &data, &over);

	if (took < 0)
		return refused ? refuse(http, why) : HANDSHAKE_AGAIN;
	*used += (size_t)took;
	if (refused) {
		if (data.n > WORDS_BODY_MAX - buf_len(&http->page))
			data.n = WORDS_BODY_MAX - buf_len(&http->page);
		buf_put(&http->page, data.p, data.n);
		if (over || buf_len(&http->page) == WORDS_BODY_MAX)
			return refuse(http, why);
		return HANDSHAKE_MORE;
	}
	http->skipped += (size_t)took;
	if (http->skipped > SKIP_MAX)
		return HANDSHAKE_AGAIN;
	if (!over)
		return HANDSHAKE_MORE;
	return request(http, out, why);
}

static enum handshake_verdict
http_feed(struct handshake *h, const uint8_t *p, size_t n, size_t *used,
    struct buf *out, struct failure *why)
{
	struct http *http = (struct http *)h;
	enum handshake_verdict verdict = HANDSHAKE_MORE;

	*used = 0;
	while (verdict == HANDSHAKE_MORE && *used < n) {
		const uint8_t *at = p + *used;
		size_t left = n - *used;

		if (http->state == HTTP_HEAD)
			verdict = feed_head(http, at, left, used, out, why);
		else if (http->state == HTTP_ALIEN)
			verdict = feed_alien(http, at, left, used, why);
		else
			verdict = feed_body(http, at, left, used, out, why);
	}
	return verdict;
}

static enum handshake_verdict
end_in_head(struct http *http, enum handshake_end end, struct failure *why)
{
	int begun = buf_len(&http->head) > 0 || http->interim > 0;

	/*
	 * A kept connection may be closed under us (RFC 9112 9.3.1), and some
	 * proxies close rather than say that a token is no good.
	 */
	if (end != HANDSHAKE_DEADLINE && !begun &&
	    (http->requests > 1 || auth_is_bound(http->auth)))
		return HANDSHAKE_AGAIN;
	if (end == HANDSHAKE_DEADLINE && begun)
		refusal_unfinished(why);
	else if (end == HANDSHAKE_DEADLINE)
		fail(why, FAIL_TIMEOUT, "has not answered");
	else if (begun)
		fail(why, FAIL_PROTOCOL,
		    "%s the connection in the middle of its answer",
		    end == HANDSHAKE_EOF ? "closed" : "reset");
	else {
		why->cause = CAUSE_SILENCE;
		fail(why, FAIL_PROTOCOL,
		    "%s the connection without an answer (not an HTTP proxy? "
		    "a TLS port wants -E or -X, a SOCKS proxy socks5h://)",
		    end == HANDSHAKE_EOF ? "closed" : "reset");
	}
	return HANDSHAKE_FAILED;
}

static enum handshake_verdict
http_end(struct handshake *h, enum handshake_end end, struct failure *why)
{
	struct http *http = (struct http *)h;

	switch (http->state) {
	case HTTP_REFUSED:
		return refuse(http, why);
	case HTTP_ALIEN:
		return name_alien(http, why);
	case HTTP_SKIP:
		if (end != HANDSHAKE_DEADLINE)
			return HANDSHAKE_AGAIN;
		refusal_unfinished(why);
		return HANDSHAKE_FAILED;
	case HTTP_HEAD:
	case HTTP_OPENED:
		break;
	}
	return end_in_head(http, end, why);
}

static void
http_free(struct handshake *h)
{
	struct http *http = (struct http *)h;

	buf_free(&http->head);
	buf_free(&http->page);
	auth_free(http->auth);
	free(http);
}

struct handshake *
http_connect(const struct http_connect *what)
{
	static const struct handshake_ops ops = { http_start, http_feed,
		http_resume, http_end, http_free };
	struct http *http = calloc(1, sizeof *http);

	if (http == NULL)
		return NULL;
	http->handshake.ops = &ops;
	http->what = what;
	buf_init(&http->head, HTTP_HEAD_MAX);
	buf_init(&http->page, WORDS_BODY_MAX);
	http->auth = auth_new(what->auth);
	if (http->auth == NULL) {
		free(http);
		return NULL;
	}
	return &http->handshake;
}
