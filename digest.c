/*
 * digest.c -- the arithmetic of Digest authentication.  Floor 1.  RFC 7616,
 * and what proxies still speak of RFC 2617 and RFC 2069.
 */
#include "digest.h"

#include <stdlib.h>
#include <string.h>

#define HEX_ROOM (2 * HASH_MAX + 1) /* a digest in hex, and a NUL */
#define NC_ROOM 9		    /* eight hex digits, and a NUL */
#define PIECES_MAX 6		    /* strings that are hashed together */

static const char no_memory[] = "out of memory";

static const char *const qops[] = { NULL, "auth", "auth-int" };

/* The parameters of a challenge that count; texts first. */
enum param { REALM, NONCE, OPAQUE, ALGORITHM, QOP, STALE, USERHASH, CHARSET };

static const char *const params_known[] = { "realm", "nonce", "opaque",
	"algorithm", "qop", "stale", "userhash", "charset" };

#define PARAMS (sizeof params_known / sizeof *params_known)

/* What a quoted string can't hold, escaped or not (RFC 9110 5.6.4). */
static int
is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

static const char *
read_algorithm(struct digest_challenge *c, struct span name)
{
	static const struct {
		const char *name;
		enum hash hash;
	} algorithms[] = {
		{ "MD5", HASH_MD5 },
		{ "SHA-256", HASH_SHA256 },
		{ "SHA-512-256", HASH_SHA512_256 },
	};
	static const char sess[] = "-sess";
	const size_t n = sizeof sess - 1;
	size_t i;

	if (name.n > n &&
	    span_is((struct span){ name.p + name.n - n, n }, sess)) {
		c->sess = 1;
		name.n -= n;
	}
	for (i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (span_is(name, algorithms[i].name)) {
			c->hash = algorithms[i].hash;
			return NULL;
		}
	return "its algorithm is not known";
}

static const char *
read_qop(struct digest_challenge *c, struct span list)
{
	struct span e;

	while (text_next_element(&list, &e))
		if (span_is(e, qops[DIGEST_AUTH]))
			c->qop = DIGEST_AUTH;
		else if (c->qop == DIGEST_NO_QOP &&
			 span_is(e, qops[DIGEST_AUTH_INT]))
			c->qop = DIGEST_AUTH_INT;
	return c->qop == DIGEST_NO_QOP ? "its qop is not known" : NULL;
}

/* What is wrong with a value; NULL: nothing. */
static const char *
value_fault(struct span v)
{
	size_t i;

	if (v.n > DIGEST_CHALLENGE_MAX)
		return "a value in it is too long";
	for (i = 0; i < v.n; i++)
		if (is_control(v.p[i]))
			return "a control character is in it";
	return NULL;
}

/* Takes over one parameter; NULL, or what is wrong with it. */
static const char *
read_param(
    struct digest_challenge *c, enum param which, const struct buf *value)
{
	char **const texts[] = { &c->realm, &c->nonce, &c->opaque,
		&c->algorithm };
	struct span v = BUF_SPAN(value);
	const char *fault = value_fault(v);

	if (fault != NULL)
		return fault;
	if (which <= ALGORITHM) {
		*texts[which] = secret_of(value);
		if (*texts[which] == NULL)
			return no_memory;
	}
	if (which == ALGORITHM)
		return read_algorithm(c, v);
	if (which == QOP)
		return read_qop(c, v);
	if (which == STALE)
		c->stale = span_is(v, "true");
	else if (which == USERHASH)
		c->userhash = span_is(v, "true");
	else if (which == CHARSET)
		c->utf8 = span_is(v, "UTF-8");
	return NULL;
}

const char *
digest_parse(struct digest_challenge *c, struct span params)
{
	const char *fault = NULL;
	struct span name;
	struct buf value;
	unsigned seen = 0;
	size_t i;
	int rc;

	memset(c, 0, sizeof *c);
	buf_init(&value, params.n); /* so that its ceiling is out of reach */
	do {
		rc = text_next_param(&params, &name, &value);
		for (i = 0; rc == 1 && i < PARAMS; i++)
			if (span_is(name, params_known[i]) &&
			    (seen & 1u << i) == 0) {
				seen |= 1u << i;
				fault = read_param(c, (enum param)i, &value);
			}
	} while (rc == 1 && fault == NULL);
	buf_free(&value);
	if (rc < 0)
		fault = no_memory;
	else if (fault == NULL && c->realm == NULL)
		fault = "it has no realm";
	else if (fault == NULL && (c->nonce == NULL || *c->nonce == '\0'))
		fault = "it has no nonce";
	if (fault != NULL)
		digest_free(c);
	return fault;
}

void
digest_free(struct digest_challenge *c)
{
	free(c->realm);
	free(c->nonce);
	free(c->opaque);
	free(c->algorithm);
	memset(c, 0, sizeof *c);
}

/* Lower case, as the RFC has it. */
static void
to_hex(char *out, const uint8_t *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	for (; n > 0; n--, p++) {
		*out++ = digit[*p >> 4];
		*out++ = digit[*p & 15];
	}
	*out = '\0';
}

/*
 * All that is hashed are strings with colons in between: HASH_OF puts their
 * digest in hex into out, which may be one of them.  0 or -1.
 */
#define HASH_OF(hasher, kind, out, ...) \
	hash_of((hasher), (kind), (out), (const char *[]){ __VA_ARGS__, NULL })

static int
hash_of(const struct hasher *hasher, enum hash kind, char out[HEX_ROOM],
    const char *const *strings)
{
	struct span pieces[2 * PIECES_MAX];
	uint8_t sum[HASH_MAX];
	size_t n = 0;
	int len;

	for (; *strings != NULL; strings++) {
		if (n > 0)
			pieces[n++] = (struct span){ ":", 1 };
		pieces[n++] = span_of(*strings);
	}
	len = hasher->hash(hasher->arg, kind, pieces, n, sum);
	if (len >= 0)
		to_hex(out, sum, (size_t)len);
	explicit_bzero(sum, sizeof sum);
	return len < 0 ? -1 : 0;
}

static void
nc_hex(char out[NC_ROOM], unsigned nc)
{
	const uint8_t bytes[] = { (uint8_t)(nc >> 24), (uint8_t)(nc >> 16),
		(uint8_t)(nc >> 8), (uint8_t)nc };

	to_hex(out, bytes, sizeof bytes);
}

/*
 * RFC 7616 3.4.1; without a qop RFC 2069 2.1.2.  The method is "" in what the
 * proxy proves (RFC 7616 3.5).  No content is on the way with a CONNECT.
 */
static int
respond(const struct digest_challenge *c, const struct credentials *who,
    const struct digest_request *r, const char *method, enum digest_qop qop,
    const struct hasher *h, char out[HEX_ROOM])
{
	char a1[HEX_ROOM], a2[HEX_ROOM], content[HEX_ROOM], nc[NC_ROOM];
	int failed;

	nc_hex(nc, r->nc);
	failed =
	    HASH_OF(h, c->hash, a1, who->user, c->realm, who->password) < 0 ||
	    (c->sess && HASH_OF(h, c->hash, a1, a1, c->nonce, r->cnonce) < 0);
	if (!failed && qop == DIGEST_AUTH_INT)
		failed = HASH_OF(h, c->hash, content, "") < 0 ||
			 HASH_OF(h, c->hash, a2, method, r->uri, content) < 0;
	else if (!failed)
		failed = HASH_OF(h, c->hash, a2, method, r->uri) < 0;
	if (!failed && qop == DIGEST_NO_QOP)
		failed = HASH_OF(h, c->hash, out, a1, c->nonce, a2) < 0;
	else if (!failed)
		failed = HASH_OF(h, c->hash, out, a1, c->nonce, nc, r->cnonce,
			     qops[qop], a2) < 0;
	explicit_bzero(a1, sizeof a1);
	return failed ? -1 : 0;
}

static int
put_quoted(struct buf *b, const char *before, const char *value)
{
	return buf_puts(b, before) < 0 ? -1 : text_quote(b, span_of(value));
}

/* The extended notation of RFC 8187 3.2. */
static int
put_extended(struct buf *b, const char *s)
{
	static const char digit[] = "0123456789ABCDEF";
	char escape[] = "%00";

	for (; *s != '\0'; s++) {
		escape[1] = digit[(unsigned char)*s >> 4];
		escape[2] = digit[(unsigned char)*s & 15];
		if ((text_is_token(*s) && strchr("*'%", *s) == NULL
			    ? buf_putc(b, *s)
			    : buf_puts(b, escape)) < 0)
			return -1;
	}
	return 0;
}

static int
fits_in_quotes(const struct digest_challenge *c, const char *s)
{
	for (; *s != '\0'; s++)
		if (is_control(*s) || (c->utf8 && (unsigned char)*s > 0x7f))
			return 0;
	return 1;
}

/* RFC 7616 3.4 and, for the hash, 3.4.4. */
static int
put_user(struct buf *b, const struct digest_challenge *c, const char *user,
    const struct hasher *h)
{
	char hash[HEX_ROOM];

	if (c->userhash) {
		if (HASH_OF(h, c->hash, hash, user, c->realm) < 0)
			return -1;
		user = hash;
	} else if (!fits_in_quotes(c, user))
		return buf_puts(b, "username*=UTF-8''") < 0
			   ? -1
			   : put_extended(b, user);
	return put_quoted(b, "username=", user);
}

/* What not every answer has; squid and Apache want some without quotes. */
static int
put_options(struct buf *b, const struct digest_challenge *c,
    const struct digest_request *r)
{
	char nc[NC_ROOM];

	nc_hex(nc, r->nc);
	if (c->algorithm != NULL &&
	    BUF_JOIN(b, ", algorithm=", c->algorithm) < 0)
		return -1;
	if (c->opaque != NULL && put_quoted(b, ", opaque=", c->opaque) < 0)
		return -1;
	if (c->qop != DIGEST_NO_QOP &&
	    BUF_JOIN(b, ", qop=", qops[c->qop], ", nc=", nc) < 0)
		return -1;
	if ((c->qop != DIGEST_NO_QOP || c->sess) &&
	    put_quoted(b, ", cnonce=", r->cnonce) < 0)
		return -1;
	return c->userhash ? buf_puts(b, ", userhash=true") : 0;
}

int
digest_answer(const struct digest_challenge *c, const struct credentials *who,
    const struct digest_request *r, const struct hasher *h, struct buf *out)
{
	char response[HEX_ROOM];
	size_t before = buf_len(out);

	if (respond(c, who, r, r->method, c->qop, h, response) == 0 &&
	    buf_puts(out, "Digest ") == 0 &&
	    put_user(out, c, who->user, h) == 0 &&
	    put_quoted(out, ", realm=", c->realm) == 0 &&
	    put_quoted(out, ", nonce=", c->nonce) == 0 &&
	    put_quoted(out, ", uri=", r->uri) == 0 &&
	    put_quoted(out, ", response=", response) == 0 &&
	    put_options(out, c, r) == 0)
		return 0;
	buf_cut(out, before);
	return -1;
}

/*
 * Finds the first rspauth and what qop it was made with: the proxy's own where
 * it tells one.  1; 0: there is no rspauth; -1: it can't be right; NO_MEMORY.
 */
static int
read_info(struct span value, char rspauth[HEX_ROOM], enum digest_qop *qop)
{
	int found = 0, qop_seen = *qop == DIGEST_NO_QOP, wrong = 0, rc;
	struct span name, v;
	struct buf b;

	memset(rspauth, 0, HEX_ROOM);
	buf_init(&b, value.n);
	while ((rc = text_next_param(&value, &name, &b)) == 1) {
		v = BUF_SPAN(&b);
		if (!found && span_is(name, "rspauth")) {
			found = 1;
			if (v.n > 0 && v.n < HEX_ROOM)
				memcpy(rspauth, v.p, v.n);
			wrong |= strlen(rspauth) != v.n;
		} else if (!qop_seen && span_is(name, "qop")) {
			qop_seen = 1;
			if (span_is(v, qops[DIGEST_AUTH]))
				*qop = DIGEST_AUTH;
			else if (span_is(v, qops[DIGEST_AUTH_INT]))
				*qop = DIGEST_AUTH_INT;
			else
				wrong = 1;
		}
	}
	buf_free(&b);
	if (rc < 0)
		return NO_MEMORY;
	return found && wrong ? -1 : found;
}

/* In a time that does not tell where they differ. */
static int
is_same(const char *a, const char *b)
{
	size_t n = strlen(a), i;
	volatile unsigned char differ = 0;

	if (strlen(b) != n)
		return 0;
	for (i = 0; i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

int
digest_confirms(const struct digest_challenge *c, const struct credentials *who,
    const struct digest_request *r, const struct hasher *h, struct span value)
{
	char rspauth[HEX_ROOM], want[HEX_ROOM];
	enum digest_qop qop = c->qop;
	int rc = read_info(value, rspauth, &qop);

	if (rc <= 0)
		return rc == 0 ? 1 : rc == NO_MEMORY ? -1 : 0;
	/*
	 * The nc and cnonce of the field are not looked at: ours are in the
	 * hash, so that an rspauth for other ones does not fit.
	 */
	if (respond(c, who, r, "", qop, h, want) < 0)
		return -1;
	return is_same(rspauth, want);
}

static int
make_cnonce(char cnonce[33], const struct auth_env *env)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[16];
	size_t i;

	if (env->random(random, sizeof random) < 0)
		return -1;
	for (i = 0; i < sizeof random; i++) {
		cnonce[2 * i] = digits[random[i] >> 4];
		cnonce[2 * i + 1] = digits[random[i] & 15];
	}
	return 0;
}

/* NULL, or the fault of the first. */
static const char *
read_strongest(struct digest_challenge *best, const struct offers *offers,
    const struct auth_env *env)
{
	struct offers_walk walk = { { NULL, 0 }, { NULL, 0 }, 0 };
	struct span name, params;
	struct digest_challenge d;
	const char *fault, *first = "it is not offered any more";
	int found = 0, faults = 0;

	memset(best, 0, sizeof *best);
	while (offers_next(offers, &walk, &name, &params)) {
		if (!span_is(name, "Digest"))
			continue;
		fault = digest_parse(&d, params);
		if (fault == NULL && !hash_is_there(env->hasher, d.hash)) {
			digest_free(&d);
			fault = env->no_hash;
		}
		if (fault != NULL) {
			first = faults++ == 0 ? fault : first;
			continue;
		}
		if (found && d.hash <= best->hash) {
			digest_free(&d);
			continue;
		}
		digest_free(best);
		*best = d;
		found = 1;
	}
	return found ? NULL : first;
}

const char *
digest_fault(const struct offers *offers, const struct auth_env *env)
{
	struct digest_challenge best;
	const char *fault = read_strongest(&best, offers, env);

	digest_free(&best);
	return fault;
}

int
digest_is_same(const struct digest_session *a, const struct digest_session *b)
{
	const char *one = a->challenge.nonce, *other = b->challenge.nonce;

	return one != NULL && other != NULL && strcmp(one, other) == 0;
}

/* Where it has the nonce of the other one, goes on from there.  Does it? */
static int
join(struct digest_session *s, const struct digest_session *other)
{
	if (!digest_is_same(s, other))
		return 0;
	memcpy(s->cnonce, other->cnonce, sizeof s->cnonce);
	s->nc = other->nc;
	return 1;
}

const char *
digest_begin(struct digest_session *s, const struct offers *offers,
    const struct auth_env *env)
{
	struct digest_session fresh = { 0 };
	const char *fault = read_strongest(&fresh.challenge, offers, env);

	if (fault != NULL)
		return fault;
	if (!join(&fresh, s) && make_cnonce(fresh.cnonce, env) < 0) {
		digest_free(&fresh.challenge);
		return "there are no random numbers here";
	}
	digest_free(&s->challenge);
	*s = fresh;
	return NULL;
}

/* Puts a copy in place of somebody else's text; NULL stays.  0 or -1. */
static int
own_text(char **text)
{
	if (*text == NULL)
		return 0;
	*text = strdup(*text);
	return *text == NULL ? -1 : 0;
}

int
digest_copy(struct digest_session *to, const struct digest_session *from)
{
	struct digest_challenge *c = &to->challenge;
	char **const texts[] = { &c->realm, &c->nonce, &c->opaque,
		&c->algorithm };
	size_t i;
	int rc = 0;

	digest_free(c);
	*to = *from;
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		if (own_text(texts[i]) < 0)
			rc = -1;
	if (rc < 0)
		digest_free(c);
	return rc;
}

/* The first one that can be a nonce; NULL: none, or no memory. */
static char *
read_next_nonce(struct span value)
{
	struct span name;
	struct buf b;
	char *nonce = NULL;

	buf_init(&b, value.n);
	while (nonce == NULL && text_next_param(&value, &name, &b) == 1)
		if (span_is(name, "nextnonce") && buf_len(&b) > 0 &&
		    value_fault(BUF_SPAN(&b)) == NULL)
			nonce = secret_of(&b);
	buf_free(&b);
	return nonce;
}

void
digest_next(struct digest_session *s, struct span value)
{
	char *nonce = s->challenge.sess ? NULL : read_next_nonce(value);

	if (nonce == NULL || strcmp(nonce, s->challenge.nonce) == 0) {
		free(nonce);
		return;
	}
	free(s->challenge.nonce);
	s->challenge.nonce = nonce;
	s->nc = 0;
}

int
digest_send(struct digest_talk *t, struct digest_session *all,
    const struct credentials *who, const char *method, const char *uri,
    const struct hasher *hasher, struct buf *out)
{
	struct digest_session *s = &t->session;

	if (join(s, all))
		all->nc++;
	s->nc++;
	t->last = (struct digest_request){ method, uri, s->cnonce, s->nc };
	return digest_answer(&s->challenge, who, &t->last, hasher, out);
}
