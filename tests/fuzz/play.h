/*
 * play.h -- plays a conversation of a handshake, connection after connection,
 * in pieces of any length, for fuzzers that compare how it went.
 */
#ifndef PLAY_H
#define PLAY_H

#include <string.h>

#include "auth.h"
#include "fakes.h"
#include "handshake.h"

#define PLAY_MAX ((size_t)16 << 20) /* bytes that are sent, or said of it */
#define WANTS_MAX 64		    /* of one handshake */

static char user[] = "user", password[] = "xsecret";

struct script {
	const uint8_t *said; /* by the proxy, on all connections */
	size_t nsaid;
	uint8_t next;	       /* the byte where the next connection begins */
	const uint8_t *pieces; /* their lengths less 1, over and over */
	size_t npieces;	       /* 0: all comes whole */
	enum handshake_end end;
	uint8_t given;	    /* which of the wants, a bit each, over and over */
	struct span answer; /* of GSSAPI, or of the resolver */
	unsigned connections_max; /* for one handshake */
	int same_talk; /* what is said of it does not depend on the pieces */
};

/* How a handshake went. */
struct course {
	enum handshake_verdict verdict;
	enum fail_code code;
	size_t used; /* on the last connection */
};

/* One handshake after the other, over one login. */
struct play {
	const struct script *script;
	const uint8_t *said; /* on the connections to come */
	size_t nsaid;
	struct login login;
	struct handshake *h;
	enum handshake_verdict verdict;
	struct failure why;
	struct buf out, sent, talk;
	size_t used;	      /* on the last connection */
	unsigned wants;	      /* so far */
	struct course before; /* of the handshake before, if there was one */
};

static inline void
play_begin(struct play *p, const struct script *s, struct login login)
{
	memset(p, 0, sizeof *p);
	p->script = s;
	p->said = s->said;
	p->nsaid = s->nsaid;
	p->login = login;
	buf_init(&p->sent, PLAY_MAX);
	buf_init(&p->talk, PLAY_MAX);
}

/* Gives what the handshake wants, or the fault, as the script has it. */
static inline void
satisfy(struct play *p)
{
	const struct script *s = p->script;
	struct span answer = { NULL, 0 };
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
		answer = s->answer;
	}
	p->verdict = p->h->ops->resume(p->h, answer, fault, &p->out, &p->why);
}

static inline void
satisfy_all(struct play *p)
{
	while (p->verdict == HANDSHAKE_PASSWORD ||
	       p->verdict == HANDSHAKE_TOKEN || p->verdict == HANDSHAKE_ADDRESS)
		satisfy(p);
}

/* What the proxy says on one connection. */
static inline void
feed(struct play *p, const uint8_t *said, size_t n)
{
	const struct script *s = p->script;
	size_t at, piece, used, sent, i = 0;

	for (at = 0; at < n && p->verdict == HANDSHAKE_MORE; at += used) {
		piece = n;
		if (s->npieces > 0)
			piece = (size_t)s->pieces[i++ % s->npieces] + 1;
		if (piece > n - at)
			piece = n - at;
		sent = buf_len(&p->out);
		p->verdict = p->h->ops->feed(
		    p->h, said + at, piece, &used, &p->out, &p->why);
		must(used <= piece);
		must(p->verdict != HANDSHAKE_MORE || used == piece);
		/* Nothing goes out any more with the byte that ends it. */
		must(p->verdict == HANDSHAKE_MORE || piece > 1 ||
		     buf_len(&p->out) == sent);
		satisfy_all(p);
	}
	p->used = at;
}

static inline void
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

/* Plays it to the verdict of one handshake, and frees h. */
static inline void
play_out(struct play *p, struct handshake *h)
{
	const uint8_t *said, *next;
	size_t n;
	unsigned connections = 0;

	p->before = (struct course){ p->verdict, p->why.code, p->used };
	memset(&p->why, 0, sizeof p->why);
	p->wants = 0;
	p->h = h;
	buf_init(&p->out, PLAY_MAX / 16);
	h->talk = &p->talk;
	do {
		must(connections++ < p->script->connections_max);
		said = p->said;
		next = p->nsaid > 0 ? memchr(said, p->script->next, p->nsaid)
				    : NULL;
		n = next != NULL ? (size_t)(next - said) : p->nsaid;
		if (next != NULL) { /* else the last part comes again */
			p->said += n + 1;
			p->nsaid -= n + 1;
		}
		connect_once(p, said, n);
	} while (p->verdict == HANDSHAKE_AGAIN);
	must((p->verdict == HANDSHAKE_FAILED) == (p->why.code != FAIL_NONE));
	h->ops->free(h);
	buf_free(&p->out);
}

static inline void
forget(struct play *p)
{
	learnt_free(&p->login.learnt);
	buf_free(&p->sent);
	buf_free(&p->talk);
}

static inline int
is_same(const struct buf *a, const struct buf *b)
{
	return buf_len(a) == buf_len(b) &&
	       (buf_len(a) == 0 ||
		   memcmp(buf_ptr(a), buf_ptr(b), buf_len(a)) == 0);
}

/* How a fuzzer plays its script, with what is known of the login. */
struct knowledge;
static void play(
    struct play *, const struct script *, const struct knowledge *);

/* Two plays of one script must have come to the same. */
static inline void
compare(const struct play *a, const struct play *b)
{
	must(a->before.verdict == b->before.verdict &&
	     a->before.code == b->before.code);
	must(a->before.verdict != HANDSHAKE_DONE ||
	     a->before.used == b->before.used);
	must(a->verdict == b->verdict && a->why.code == b->why.code);
	must(strcmp(a->why.text, b->why.text) == 0);
	must(a->verdict != HANDSHAKE_DONE || a->used == b->used);
	must(is_same(&a->sent, &b->sent));
	must(!a->script->same_talk || is_same(&a->talk, &b->talk));
}

static inline void
play_and_compare(
    const struct play *a, const struct script *s, const struct knowledge *k)
{
	struct play b;

	play(&b, s, k);
	compare(a, &b);
	forget(&b);
}

/* In whole, byte by byte, and in the pieces that the script has. */
static inline void
play_all_ways(struct script *s, const struct knowledge *k)
{
	static const uint8_t one = 0;
	const uint8_t *pieces = s->pieces;
	size_t npieces = s->npieces;
	struct play whole;

	s->npieces = 0;
	play(&whole, s, k);
	s->pieces = &one;
	s->npieces = 1;
	play_and_compare(&whole, s, k);
	s->pieces = pieces;
	s->npieces = npieces;
	play_and_compare(&whole, s, k);
	forget(&whole);
}

#endif
