/*
 * handshake_fuzz.c -- the CONNECT conversation, whole, byte by byte and in
 * the pieces that the input chooses; all three must come to the same, and no
 * secret may be in what is said of it.
 *
 * The input: four bytes of settings (see read_settings), up to 15 lengths of
 * pieces, and what the proxy says, on one connection after the other with a
 * byte of 4 in between.
 */
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "fakes.h"
#include "http.h"

#define CONNECTIONS_MAX (HTTP_ATTEMPTS_MAX + 1)
#define WANTS_MAX 64 /* passwords and tokens in all */
#define NEXT 4	     /* the byte where the next connection begins */
#define SETTINGS 4   /* bytes */
#define TOKEN_MAX 255

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static char user[] = "user", password[] = "xsecret";

struct script {
	const uint8_t *said;
	size_t nsaid;
	const uint8_t *pieces;
	size_t npieces;
	enum handshake_end end;
	uint8_t given; /* which of the wants, a bit each, over and over */
	size_t token;  /* bytes that GSSAPI makes */
	int knows, typed, binding;
	unsigned asks, allowed;
	int knows_user;
	const char *const *headers;
	size_t nheaders;
};

struct play {
	const struct script *script;
	struct login login;
	struct handshake *h;
	enum handshake_verdict verdict;
	struct failure why;
	struct buf out, sent, talk;
	size_t used;	/* on the last connection */
	unsigned wants; /* so far */
};

/* Gives what the handshake wants, or the fault, as the script has it. */
static void
satisfy(struct play *p)
{
	static const char bytes[TOKEN_MAX] = "token";
	const struct script *s = p->script;
	struct span token = { NULL, 0 };
	const char *fault = NULL;

	must(p->wants < WANTS_MAX);
	if ((s->given >> p->wants++ % 8 & 1) == 0)
		fault = "there is\nnone";
	if (p->verdict == HANDSHAKE_PASSWORD) {
		must(p->login.asks > 0);
		p->login.asks = fault != NULL ? 0 : p->login.asks - 1;
		if (fault == NULL)
			p->login.credentials.password = password;
	} else if (fault == NULL) {
		token = (struct span){ bytes, s->token };
	}
	p->verdict = p->h->ops->resume(p->h, token, fault, &p->out, &p->why);
}

static void
satisfy_all(struct play *p)
{
	while (
	    p->verdict == HANDSHAKE_PASSWORD || p->verdict == HANDSHAKE_TOKEN)
		satisfy(p);
}

/* What the proxy says on one connection. */
static void
feed(struct play *p, const uint8_t *said, size_t n)
{
	const struct script *s = p->script;
	size_t at, piece, used, i = 0;

	for (at = 0; at < n && p->verdict == HANDSHAKE_MORE; at += used) {
		piece = n;
		if (s->npieces > 0)
			piece = (size_t)s->pieces[i++ % s->npieces] + 1;
		if (piece > n - at)
			piece = n - at;
		p->verdict = p->h->ops->feed(
		    p->h, said + at, piece, &used, &p->out, &p->why);
		must(used <= piece);
		must(p->verdict != HANDSHAKE_MORE || used == piece);
		satisfy_all(p);
	}
	p->used = at;
}

static void
connect_once(struct play *p, const uint8_t *said, size_t n)
{
	buf_free(&p->out);
	p->verdict = p->h->ops->start(p->h, &p->out, &p->why);
	must(p->verdict != HANDSHAKE_DONE && p->verdict != HANDSHAKE_AGAIN);
	satisfy_all(p);
	feed(p, said, n);
	if (p->verdict == HANDSHAKE_MORE) {
		p->verdict = p->h->ops->end(p->h, p->script->end, &p->why);
		must(p->verdict == HANDSHAKE_AGAIN ||
		     p->verdict == HANDSHAKE_FAILED);
	}
	buf_put(&p->sent, buf_ptr(&p->out), buf_len(&p->out));
}

/* All that was sent are requests, and not more than there may be. */
static void
check_sent(struct span sent)
{
	unsigned requests = 0;
	struct span line;
	size_t i;

	must(sent.n == 0 ||
	     (sent.n > 4 && memcmp(sent.p + sent.n - 4, "\r\n\r\n", 4) == 0));
	while (span_line(&sent, &line)) {
		requests += span_starts(line, "CONNECT ");
		must(line.n == 0 || memchr(line.p, ' ', line.n) != NULL);
		for (i = 0; i < line.n; i++)
			must(((uint8_t)line.p[i] >= ' ' || line.p[i] == '\t') &&
			     line.p[i] != 0x7f);
	}
	must(requests <= HTTP_ATTEMPTS_MAX);
}

/* What we say or send is shown without the credentials. */
static void
check_talk(struct span talk)
{
	static const char field[] = "> Proxy-Authorization: ",
			  end[] = "[hidden]";
	struct span line;

	while (span_line(&talk, &line)) {
		if (span_starts(line, "< "))
			continue;
		must(span_find(line, password) == NULL);
		must(span_find(line, "c2VjcmV0") == NULL);
		if (span_starts(line, field))
			must(line.n < sizeof field + 10 + sizeof end &&
			     memcmp(line.p + line.n - strlen(end), end,
				 strlen(end)) == 0);
	}
}

static void
play(struct play *p, const struct script *s)
{
	const struct auth_setup setup = { &p->login, s->allowed, NULL,
		"HTTP/proxy.example", &fake_env };
	const struct http_connect what = { .authority = "host.example:22",
		.headers = s->headers,
		.nheaders = s->nheaders,
		.auth = &setup };
	const uint8_t *said = s->said, *next;
	size_t left = s->nsaid, n;
	unsigned connections = 0;

	memset(p, 0, sizeof *p);
	p->script = s;
	p->login = (struct login){ { s->knows_user ? user : NULL,
				       s->knows ? password : NULL },
		s->asks, s->typed };
	p->h = http_connect(&what);
	buf_init(&p->out, HTTP_REQUEST_MAX);
	buf_init(&p->sent, 16 * HTTP_REQUEST_MAX);
	buf_init(&p->talk, 16 * HTTP_REQUEST_MAX);
	p->h->talk = &p->talk;
	if (s->binding)
		p->h->binding = span_of("tls-server-end-point:x");
	do {
		must(connections++ < CONNECTIONS_MAX);
		next = left > 0 ? memchr(said, NEXT, left) : NULL;
		n = next != NULL ? (size_t)(next - said) : left;
		connect_once(p, said, n);
		if (next != NULL) { /* else the last part comes again */
			said += n + 1;
			left -= n + 1;
		}
	} while (p->verdict == HANDSHAKE_AGAIN);
	must(p->verdict != HANDSHAKE_FAILED || p->why.code != FAIL_NONE);
	check_sent(BUF_SPAN(&p->sent));
	check_talk(BUF_SPAN(&p->talk));
	p->h->ops->free(p->h);
	buf_free(&p->out);
}

static void
forget(struct play *p)
{
	buf_free(&p->sent);
	buf_free(&p->talk);
}

static int
is_same(const struct buf *a, const struct buf *b)
{
	return buf_len(a) == buf_len(b) &&
	       (buf_len(a) == 0 ||
		   memcmp(buf_ptr(a), buf_ptr(b), buf_len(a)) == 0);
}

static void
play_and_compare(const struct play *a, const struct script *s)
{
	struct play b;

	play(&b, s);
	must(a->verdict == b.verdict && a->why.code == b.why.code);
	must(strcmp(a->why.text, b.why.text) == 0);
	must(a->verdict != HANDSHAKE_DONE || a->used == b.used);
	must(is_same(&a->sent, &b.sent));
	forget(&b);
}

/*
 * The first byte: how it ends, whether there is a user, and how many pieces
 * there are; the second: the login; the third: which wants are met; the
 * fourth: the length of our tokens.
 */
static void
read_settings(struct script *s, const uint8_t p[SETTINGS])
{
	static const unsigned sets[] = { AUTH_ALL, AUTH_NTLM,
		AUTH_DIGEST | AUTH_BASIC, AUTH_NEGOTIATE | AUTH_BASIC };
	static const char *const headers[] = {
		"Proxy-Authorization: Basic dXNlcjp4c2VjcmV0"
	};

	s->allowed = p[0] & 1 ? AUTH_BASIC : sets[p[1] >> 6];
	s->end = (p[0] & 2) == 0   ? HANDSHAKE_EOF
		 : (p[0] & 4) == 0 ? HANDSHAKE_DEADLINE
				   : HANDSHAKE_RESET;
	s->knows_user = (p[0] & 8) == 0;
	s->npieces = p[0] >> 4;
	s->knows = (p[1] & 1) == 0;
	s->typed = (p[1] & 2) != 0;
	s->asks = p[1] >> 2 & 3;
	s->headers = headers;
	s->nheaders = (p[1] & 0x10) != 0;
	s->binding = (p[1] & 0x20) != 0;
	s->given = p[2];
	s->token = p[3];
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint8_t one = 0;
	struct script s;
	struct play whole;
	size_t npieces;

	if (n < SETTINGS || n < SETTINGS + (size_t)(p[0] >> 4))
		return 0;
	memset(&s, 0, sizeof s);
	read_settings(&s, p);
	npieces = s.npieces;
	s.said = p + SETTINGS + npieces;
	s.nsaid = n - SETTINGS - npieces;

	s.npieces = 0;
	play(&whole, &s);
	s.pieces = &one;
	s.npieces = 1;
	play_and_compare(&whole, &s);
	s.pieces = p + SETTINGS;
	s.npieces = npieces;
	play_and_compare(&whole, &s);
	forget(&whole);
	return 0;
}
