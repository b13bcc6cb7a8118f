/* refusal.c -- why a proxy opens no tunnel, as one line.  Floor 1. */
#include "refusal.h"

#include "words.h"

#define SHOWN_MAX 128			 /* bytes of a name in a failure */
#define WORDS_ROOM (2 * WORDS_MAX + 16u) /* "error: details", each "..." */

/* What a status means for the exit status, and what one may try. */
static enum fail_code
judge(const struct http_response *r, struct span page, const char **hint)
{
	*hint = "";
	switch (r->status) {
	case 400:
	case 404:
	case 405:
	case 406:
	case 411:
	case 414:
	case 431:
	case 501:
	case 505:
		*hint = words_want_tls(page)
			    ? " (this is a TLS port: use -E or -X, or https://)"
			    : " (is this an HTTP proxy, and does it allow "
			      "CONNECT?)";
		return FAIL_PROTOCOL;
	case 408:
	case 425:
	case 429:
		*hint = " (try again later)";
		return FAIL_TIMEOUT;
	case 403:
		*hint = " (the proxy allows other ports only? try one that it "
			"allows, often 443)";
		return FAIL_REFUSED;
	case 511:
		*hint = " (log in with a browser first)";
		return FAIL_REFUSED;
	default:
		break;
	}
	if (r->status < 400) {
		*hint = " (a login page in the way? open it in a browser)";
		return FAIL_REFUSED;
	}
	if (r->status < 500)
		return FAIL_REFUSED;
	if (words_blame_name(r, page)) {
		*hint = " (the proxy can't resolve that name)";
		return FAIL_RESOLVE;
	}
	if (r->status == 504) {
		*hint = " (the proxy got no answer from there)";
		return FAIL_TIMEOUT;
	}
	*hint = " (the proxy could not reach it)";
	return FAIL_CONNECT;
}

void
refusal_words(
    struct buf *words, const struct http_response *r, struct span page)
{
	struct span location = http_field(r, "Location");

	if (words_of_fields(words, r) == 0 && buf_len(words) == 0 &&
	    r->status < 400 && location.p != NULL)
		text_show(words, location, WORDS_MAX);
	if (buf_len(words) == 0)
		words_of_body(words, r, page);
}

void
refusal_explain(struct failure *why, const char *authority,
    const struct http_response *r, struct span page)
{
	struct buf reason, words, target;
	const char *hint, *said;
	enum fail_code code = judge(r, page, &hint);

	buf_init(&reason, SHOWN_MAX + 8);
	buf_init(&words, WORDS_ROOM);
	buf_init(&target, SHOWN_MAX + 8);
	refusal_words(&words, r, page);
	said = buf_len(&words) == 0 ? NULL : buf_str(&words);
	text_show(&reason, r->reason, SHOWN_MAX);
	text_show(&target, span_of(authority), SHOWN_MAX);
	why->status = r->status;
	fail(why, code, "%s the tunnel to %s: %d%s%s%s%s%s",
	    r->status < 500 ? "refused" : "could not open", buf_str(&target),
	    r->status, r->reason.n > 0 ? " " : "",
	    r->reason.n > 0 ? buf_str(&reason) : "", said != NULL ? ": " : "",
	    said != NULL ? said : "", hint);
	buf_free(&reason);
	buf_free(&words);
	buf_free(&target);
}

void
refusal_unfinished(struct failure *why)
{
	why->cause = CAUSE_SLOWNESS;
	fail(why, FAIL_TIMEOUT, "has not finished its answer");
}

void
refusal_alien(struct failure *why, const char *protocol, struct span bytes)
{
	const char *what = words_banner(bytes, &why->cause);
	struct buf shown;

	buf_init(&shown, BANNER_MAX);
	text_show(&shown, bytes, BANNER_MAX / 2);
	if (what != NULL)
		fail(why, FAIL_PROTOCOL,
		    "does not speak %s: this looks like %s", protocol, what);
	else
		fail(why, FAIL_PROTOCOL,
		    "does not speak %s: it sent '%s' (is this the proxy's "
		    "port?)",
		    protocol, buf_str(&shown));
	buf_free(&shown);
}
