/* words.c -- what a person can read out of a proxy's answer.  Floor 1. */
#include "words.h"

#include <string.h>

/*
 * Lists of words: one behind the other, an empty one at the end.  Pointers to
 * them would have to be set right at the start of each run.
 */

/* Elements whose content is not text, and those that do not end a line. */
static const char hidden[] = "title\0script\0style\0template\0";
static const char inline_elements[] =
    "a\0abbr\0b\0big\0code\0em\0font\0i\0id\0kbd\0small\0span\0strong\0"
    "sub\0sup\0tt\0u\0var\0";

/* What error pages say before they come to the point. */
static const char preambles[] =
    "the requested url could not be retrieved\0"
    "the following error was encountered\0"
    "the system returned\0"
    "the proxy server could not handle the request\0";

static const char name_faults[] =
    "dns_error\0dns_timeout\0err_dns_fail\0dns error\0dns lookup\0dns fail\0"
    "dns resol\0unable to determine ip address\0could not resolve\0"
    "couldn't resolve\0cannot resolve\0can't resolve\0failed to resolve\0"
    "unable to resolve\0name resolution\0hostname resolution\0no such host\0"
    "unknown host\0host not found\0cannot find server\0getaddrinfo\0"
    "name or service not known\0nxdomain\0";

static const char tls_wishes[] =
    "https port\0ssl-enabled\0https scheme to access\0sent to https\0"
    "requires tls\0";

static const struct {
	char bytes[16];
	uint8_t n;
	uint8_t cause; /* enum fail_cause */
	char what[56];
} banners[] = {
#define BANNER(s, cause, what)                        \
	{                                             \
		s, sizeof(s) - 1, CAUSE_##cause, what \
	}
	BANNER("\x15\x03", TLS, "a TLS port: use -E or -X, or https://"),
	BANNER("\x16\x03", TLS, "a TLS port: use -E or -X, or https://"),
	BANNER("\x80", TLS, "a TLS port: use -E or -X, or https://"),
	BANNER("\x17\x03", OTHER, "TLS that goes on: leave -W or -B away"),
	BANNER("SSH-", SERVER,
	    "an SSH server (are proxy and destination swapped?)"),
	BANNER("PRI * HTTP/2", SERVER, "an HTTP/2 client"),
	BANNER("HTTP/1.", HTTP, "an HTTP server (a proxy? use http://)"),
	BANNER("HTTP/2", SERVER, "an HTTP/2 server, not an HTTP/1 proxy"),
	BANNER("HTTP/3", SERVER, "an HTTP/3 server, not an HTTP/1 proxy"),
	BANNER("RTSP/", SERVER, "an RTSP server"),
	BANNER("SIP/", SERVER, "a SIP server"),
	BANNER("ICY ", SERVER, "a streaming server"),
	BANNER("220 ", SERVER, "an SMTP or FTP server"),
	BANNER("220-", SERVER, "an SMTP or FTP server"),
	BANNER("421 ", SERVER, "an SMTP or FTP server"),
	BANNER("500 ", SERVER, "an SMTP or FTP server"),
	BANNER("502 ", SERVER, "an SMTP or FTP server"),
	BANNER("554 ", SERVER, "an SMTP server"),
	BANNER("+OK", SERVER, "a POP3 server"),
	BANNER("* OK", SERVER, "an IMAP server"),
	BANNER("RFB ", SERVER, "a VNC server"),
	BANNER("@RSYNCD", SERVER, "an rsync server"),
	BANNER("-ERR", SERVER, "a Redis or POP3 server"),
	BANNER("CONNECT ", SERVER, "an echo service"),
	BANNER("\x05", SOCKS5, "a SOCKS5 proxy: use socks5h://"),
	BANNER("\0\x5b", SOCKS4, "a SOCKS4 proxy: use socks4a://"),
	BANNER("<!doctype", SERVER, "a web server of HTTP/0.9"),
	BANNER("<html", SERVER, "a web server of HTTP/0.9"),
#undef BANNER
};

const char *
words_banner(struct span s, enum fail_cause *cause)
{
	size_t i;

	for (i = 0; i < sizeof banners / sizeof *banners; i++) {
		const char *b = banners[i].bytes;

		if (s.n < banners[i].n)
			continue;
		if (memcmp(s.p, b, banners[i].n) == 0 ||
		    (b[0] == '<' && span_starts(s, b))) {
			*cause = banners[i].cause;
			return banners[i].what;
		}
	}
	/* A SETTINGS frame of any length on stream 0 (RFC 9113 3.4). */
	if (s.n >= 9 && memcmp(s.p + 3, "\x04\0\0\0\0\0", 6) == 0) {
		*cause = CAUSE_SERVER;
		return "an HTTP/2 server, not an HTTP/1 proxy";
	}
	*cause = CAUSE_ALIEN;
	return NULL;
}

static int
holds(struct span s, const char *word)
{
	return span_find(s, word) != NULL;
}

/* Does one of a list fit the text? */
static int
one_fits(
    struct span s, const char *list, int (*fits)(struct span, const char *))
{
	for (; *list != '\0'; list += strlen(list) + 1)
		if (fits(s, list))
			return 1;
	return 0;
}

static int
mentions(struct span s, const char *list)
{
	return one_fits(s, list, holds);
}

/*
 * Cuts the next parameter off a member of Proxy-Status: ;name=value, where
 * the value may be a quoted string (RFC 8941 3.1.2).  0: none left.
 */
static int
next_parameter(struct span *rest, struct span *name, struct span *value)
{
	size_t i, start = 0;
	int quoted = 0;

	if (rest->n == 0)
		return 0;
	for (i = 0; i < rest->n && (quoted || rest->p[i] != ';'); i++) {
		if (quoted && rest->p[i] == '\\')
			i++;
		else if (rest->p[i] == '"')
			quoted = !quoted;
		else if (!quoted && rest->p[i] == '=' && start == 0)
			start = i + 1;
	}
	if (i > rest->n)
		i = rest->n;
	*name = span_trim((struct span){ rest->p, start == 0 ? i : start - 1 });
	*value = span_trim((struct span){
	    rest->p + (start == 0 ? i : start), start == 0 ? 0 : i - start });
	if (value->n == 1 && *value->p == '"')
		value->n = 0; /* a string that never ends */
	rest->p += i + (i < rest->n);
	rest->n -= i + (i < rest->n);
	return 1;
}

/* Shows a value, a string without its quotes and escapes. */
static int
show_value(struct buf *out, struct span value)
{
	struct buf plain;
	int rc = 0;

	if (value.n < 2 || *value.p != '"')
		return text_show(out, value, WORDS_MAX);
	buf_init(&plain, value.n);
	for (value.p++, value.n -= 2; value.n > 0; value.p++, value.n--) {
		if (*value.p == '\\' && value.n > 1) {
			value.p++;
			value.n--;
		}
		buf_putc(&plain, *value.p);
	}
	rc = text_show(out, BUF_SPAN(&plain), WORDS_MAX);
	buf_free(&plain);
	return rc;
}

int
words_of_fields(struct buf *out, const struct http_response *r)
{
	struct span field = { NULL, 0 }, rest, member, name, value,
		    error = { "", 0 }, details = { "", 0 }, member_error,
		    member_details;

	/* The last member is the proxy nearest to us (RFC 9209 2). */
	while (http_next_field(r, "Proxy-Status", &field))
		for (rest = field; text_next_element(&rest, &member);) {
			member_error = member_details = (struct span){ "", 0 };
			while (next_parameter(&member, &name, &value)) {
				if (span_is(name, "error"))
					member_error = value;
				else if (span_is(name, "details"))
					member_details = value;
			}
			if (member_error.n > 0) {
				error = member_error;
				details = member_details;
			}
		}
	if (error.n == 0)
		return 0;
	if (show_value(out, error) < 0 ||
	    (details.n > 0 &&
		(buf_puts(out, ": ") < 0 || show_value(out, details) < 0)))
		return -1;
	return 0;
}

/* Cuts a tag, its '<' gone, off the text: its name, and whether it closes. */
static struct span
cut_tag(struct span *s, int *closing)
{
	struct span name;
	const char *end;

	if (span_starts(*s, "!--")) {
		end = span_find(*s, "-->");
		if (end != NULL)
			end += 2;
	} else
		end = memchr(s->p, '>', s->n);
	name = (struct span){ s->p, 0 };
	*closing = s->n > 0 && *s->p == '/';
	name.p += *closing;
	if (end == NULL)
		end = s->p + s->n - (s->n > 0);
	while (name.p + name.n < end && text_is_token(name.p[name.n]) &&
	       name.p[name.n] != '!')
		name.n++;
	s->n -= (size_t)(end - s->p) + (s->n > 0);
	s->p = end + (s->n > 0);
	return name;
}

/* Cuts a character reference, its '&' gone, off the text; '&': none known. */
static char
cut_reference(struct span *s)
{
	static const struct {
		char name[7], c;
	} references[] = { { "amp;", '&' }, { "lt;", '<' }, { "gt;", '>' },
		{ "quot;", '"' }, { "apos;", '\'' }, { "#39;", '\'' },
		{ "#x27;", '\'' }, { "#34;", '"' }, { "nbsp;", ' ' } };
	size_t i;

	for (i = 0; i < sizeof references / sizeof *references; i++)
		if (span_starts(*s, references[i].name)) {
			s->p += strlen(references[i].name);
			s->n -= strlen(references[i].name);
			return references[i].c;
		}
	return '&';
}

/* Passes over what stands before the end tag of a name. */
static void
skip_element(struct span *s, struct span name)
{
	const char *end;

	while ((end = span_find(*s, "</")) != NULL) {
		s->n -= (size_t)(end + 2 - s->p);
		s->p = end + 2;
		if (s->n >= name.n && text_same(s->p, name.p, name.n))
			return;
	}
	s->n = 0;
}

/* HTML to lines of text; a line end within the source is but a blank. */
static int
html_text(struct buf *out, struct span s)
{
	struct span name;
	int closing;
	char c;

	while (s.n > 0) {
		c = *s.p++;
		s.n--;
		if (c == '<') {
			name = cut_tag(&s, &closing);
			if (one_fits(name, inline_elements, span_is))
				continue;
			if (!closing && one_fits(name, hidden, span_is)) {
				skip_element(&s, name);
				cut_tag(&s, &closing);
			}
			c = '\n';
		} else if (c == '\n' || c == '\r')
			c = ' ';
		else if (c == '&')
			c = cut_reference(&s);
		if (buf_putc(out, c) < 0)
			return -1;
	}
	return 0;
}

/* Does the line say something that the status line has not said? */
static int
tells(struct span line, const struct http_response *r)
{
	unsigned long code;
	size_t i;

	line = span_trim(line);
	for (i = 0; i < line.n; i++)
		if ((line.p[i] | 0x20) >= 'a' && (line.p[i] | 0x20) <= 'z')
			break;
	if (i == line.n || line.p[line.n - 1] == ':')
		return 0;
	if (line.n >= 3 &&
	    text_number((struct span){ line.p, 3 }, 100, 599, &code) == 0 &&
	    code == (unsigned long)r->status)
		line = span_trim((struct span){ line.p + 3, line.n - 3 });
	if (line.n == 0 ||
	    (line.n == r->reason.n && text_same(line.p, r->reason.p, line.n)))
		return 0;
	return !span_is(line, "error") &&
	       !one_fits(line, preambles, span_starts);
}

static int
is_html(const struct http_response *r, struct span body)
{
	body = span_trim(body);
	return span_find(http_field(r, "Content-Type"), "html") != NULL ||
	       (body.n > 0 && *body.p == '<');
}

int
words_of_body(struct buf *out, const struct http_response *r, struct span body)
{
	struct span rest, line, best = { "", 0 };
	struct buf text;
	int rc;

	if (http_field(r, "Content-Encoding").p != NULL)
		return 0;
	buf_init(&text, WORDS_BODY_MAX);
	if (is_html(r, body)) {
		/* Cut short or not, what came out is looked at. */
		html_text(&text, body);
		body = BUF_SPAN(&text);
	}
	for (rest = body; span_line(&rest, &line);) {
		if (!tells(line, r))
			continue;
		if (best.n == 0)
			best = line;
		if (span_starts(span_trim(line), "Reason:")) {
			best = line; /* Apache says more than it needs to */
			break;
		}
	}
	rc = text_show(out, best, WORDS_MAX);
	buf_free(&text);
	return rc;
}

int
words_blame_name(const struct http_response *r, struct span body)
{
	return mentions(http_field(r, "X-Squid-Error"), name_faults) ||
	       mentions(http_field(r, "Proxy-Status"), name_faults) ||
	       mentions(r->reason, name_faults) || mentions(body, name_faults);
}

int
words_want_tls(struct span body)
{
	return mentions(body, tls_wishes);
}
