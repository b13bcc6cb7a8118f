/* ntlm.c -- the messages of NTLM, version 2 alone.  Floor 1.  MS-NLMP. */
#include "ntlm.h"

#include <string.h>

#include "utf16.h"

/* MS-NLMP 2.2.2.5 */
enum {
	UNICODE = 0x1,
	OEM = 0x2,
	REQUEST_TARGET = 0x4,
	NTLM = 0x200,
	ALWAYS_SIGN = 0x8000,
	EXTENDED_SESSIONSECURITY = 0x80000,
	TARGET_INFO = 0x800000,
	VERSION = 0x2000000,
	NEGOTIATE_128 = 0x20000000
};
#define NEGOTIATE_56 0x80000000

#define OURS                                                                   \
	(UNICODE | OEM | REQUEST_TARGET | NTLM | ALWAYS_SIGN |                 \
	    EXTENDED_SESSIONSECURITY | TARGET_INFO | VERSION | NEGOTIATE_128 | \
	    NEGOTIATE_56)

/* MS-NLMP 2.2.2.1 */
enum {
	AV_EOL = 0,
	AV_NB_DOMAIN_NAME = 2,
	AV_FLAGS = 6,
	AV_TIMESTAMP = 7,
	AV_TARGET_NAME = 9,
	AV_CHANNEL_BINDINGS = 10
};
#define AV_FLAG_MIC 0x2
#define AV_HEAD 4 /* bytes of an AV_PAIR before its value */

#define FILETIME_S 11644473600u	 /* seconds from 1601 to 1970 */
#define FILETIME_TICKS 10000000u /* in a second */

enum { NEGOTIATE_MESSAGE = 1, CHALLENGE_MESSAGE = 2, AUTHENTICATE_MESSAGE = 3 };

/* Where the fields of the three messages lie. */
enum {
	SIGNATURE_SIZE = 8,
	TYPE = 8,
	NEGOTIATE_FLAGS = 12,
	NEGOTIATE_VERSION = 32,
	NEGOTIATE_SIZE = 40,
	CHALLENGE_TARGET = 12,
	CHALLENGE_FLAGS = 20,
	CHALLENGE_NONCE = 24,
	CHALLENGE_LEAST = 32, /* bytes that old servers send */
	CHALLENGE_INFO = 40,
	CHALLENGE_WITH_INFO = 48,
	AUTHENTICATE_LM = 12,
	AUTHENTICATE_NT = 20,
	AUTHENTICATE_DOMAIN = 28,
	AUTHENTICATE_USER = 36,
	AUTHENTICATE_WORKSTATION = 44,
	AUTHENTICATE_KEY = 52,
	AUTHENTICATE_FLAGS = 60,
	AUTHENTICATE_VERSION = 64,
	AUTHENTICATE_MIC = 72,
	AUTHENTICATE_SIZE = 88
};

#define FIELD_MAX 65535 /* bytes that the length of a field can say */
#define LM_SIZE 24
#define NT_MAX (3L * FIELD_MAX) /* bytes of two lists, for a while */

static const char signature[SIGNATURE_SIZE] = "NTLMSSP";

/* Windows 10.0, build 19041, and the one revision of NTLMSSP there is. */
static const uint8_t version[8] = { 10, 0, 0x61, 0x4a, 0, 0, 0, 15 };

static unsigned
get16(const char *p)
{
	return (uint8_t)p[0] | (unsigned)(uint8_t)p[1] << 8;
}

static uint32_t
get32(const char *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static void
set16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void
set32(uint8_t *p, size_t v)
{
	set16(p, v);
	set16(p + 2, v >> 16);
}

static void
set64(uint8_t *p, uint64_t v)
{
	set32(p, (uint32_t)v);
	set32(p + 4, (uint32_t)(v >> 32));
}

int
ntlm_negotiate(struct buf *b)
{
	uint8_t m[NEGOTIATE_SIZE] = { 0 };

	memcpy(m, signature, sizeof signature);
	set32(m + TYPE, NEGOTIATE_MESSAGE);
	set32(m + NEGOTIATE_FLAGS, OURS);
	memcpy(m + NEGOTIATE_VERSION, version, sizeof version);
	return buf_put(b, m, sizeof m);
}

/* Cuts the next pair off a list; 0 at its end and where it is broken. */
static int
next_pair(struct span *rest, unsigned *id, struct span *value)
{
	if (rest->n < AV_HEAD)
		return 0;
	*id = get16(rest->p);
	*value = (struct span){ rest->p + AV_HEAD, get16(rest->p + 2) };
	if (*id == AV_EOL || value->n > rest->n - AV_HEAD)
		return 0;
	rest->p += AV_HEAD + value->n;
	rest->n -= AV_HEAD + value->n;
	return 1;
}

/*
 * What the field at an offset points to; nothing where that is not in the
 * message.  There are servers whose fields are garbage, and NTLMv2 can do
 * without.
 */
static struct span
field(struct span message, size_t at)
{
	size_t n = get16(message.p + at), offset = get32(message.p + at + 4);

	if (n == 0 || offset < CHALLENGE_LEAST || offset > message.n ||
	    n > message.n - offset)
		return (struct span){ NULL, 0 };
	return (struct span){ message.p + offset, n };
}

const char *
ntlm_parse(struct ntlm_challenge *c, struct span m)
{
	struct span rest, value;
	unsigned id;

	memset(c, 0, sizeof *c);
	if (m.n > NTLM_MESSAGE_MAX)
		return "its message is too long";
	if (m.n < CHALLENGE_LEAST)
		return "its message is too short";
	if (memcmp(m.p, signature, sizeof signature) != 0)
		return "its message is not one of NTLM";
	if (get32(m.p + TYPE) != CHALLENGE_MESSAGE)
		return "its message is not a challenge";
	c->message = m;
	c->flags = get32(m.p + CHALLENGE_FLAGS);
	memcpy(c->nonce, m.p + CHALLENGE_NONCE, sizeof c->nonce);
	c->target = field(m, CHALLENGE_TARGET);
	if (!(c->flags & TARGET_INFO) || m.n < CHALLENGE_WITH_INFO)
		return NULL;
	c->info = field(m, CHALLENGE_INFO);
	for (rest = c->info; next_pair(&rest, &id, &value);)
		if (id == AV_TIMESTAMP && value.n == 8 && !c->has_time) {
			c->has_time = 1;
			c->time = get32(value.p) | (uint64_t)get32(value.p + 4)
						       << 32;
		}
	c->info.n -= rest.n;
	return NULL;
}

/* What an answer is made of. */
struct answer {
	const struct ntlm_challenge *challenge;
	const struct ntlm_login *login;
	const struct hasher *hasher;
	struct buf user, domain, workstation;
	struct buf nt;	     /* NTLMv2_RESPONSE */
	uint8_t lm[LM_SIZE]; /* LMv2_RESPONSE, or nothing */
	uint8_t key[16];     /* NTOWFv2 */
	uint8_t session[16]; /* SessionBaseKey */
};

static struct span
text(const char *s)
{
	return s == NULL ? (struct span){ "", 0 } : span_of(s);
}

/* Appends UTF-8 as UTF-16.  0, or what ntlm_authenticate returns. */
static int
widen(struct buf *b, struct span s)
{
	if (s.n > FIELD_MAX / 2)
		return NTLM_TOO_LONG;
	switch (utf16_put(b, s)) {
	case 0:
		return 0;
	case NO_MEMORY:
		return NO_MEMORY;
	default:
		return NTLM_NOT_UTF8;
	}
}

/* Appends the domain that the server is in: its own word, or its target. */
static int
server_domain(struct buf *b, const struct ntlm_challenge *c)
{
	struct span rest = c->info, value, target = c->target;
	unsigned id;
	int rc;

	while (next_pair(&rest, &id, &value))
		if (id == AV_NB_DOMAIN_NAME && value.n > 1)
			return buf_put(b, value.p, value.n & ~(size_t)1) < 0
				   ? NO_MEMORY
				   : 0;
	if (c->flags & UNICODE)
		return buf_put(b, target.p, target.n & ~(size_t)1) < 0
			   ? NO_MEMORY
			   : 0;
	rc = widen(b, target);
	if (rc == NO_MEMORY)
		return rc;
	/* In a code page that nobody names, it is no name to go by. */
	if (rc < 0)
		buf_cut(b, 0);
	return 0;
}

/* Fills in user, domain and workstation, in UTF-16LE. */
static int
name(struct answer *a)
{
	struct span user = text(a->login->user), domain;
	const char *at;
	int known = 1, rc;

	if (a->login->domain != NULL) {
		domain = text(a->login->domain);
	} else if (user.n > 0 && (at = memchr(user.p, '\\', user.n)) != NULL) {
		domain = (struct span){ user.p, (size_t)(at - user.p) };
		user.p += domain.n + 1;
		user.n -= domain.n + 1;
	} else if (user.n > 0 && (at = strrchr(user.p, '@')) != NULL) {
		domain = span_of(at + 1);
		user.n -= domain.n + 1;
	} else {
		known = 0;
	}
	rc = widen(&a->user, user);
	if (rc == 0)
		rc = known ? widen(&a->domain, domain)
			   : server_domain(&a->domain, a->challenge);
	return rc != 0 ? rc
		       : widen(&a->workstation, text(a->login->workstation));
}

static int
hmac(const struct answer *a, const uint8_t key[16], const struct span *pieces,
    size_t n, uint8_t out[16])
{
	const struct hasher *h = a->hasher;

	return h->hmac_md5(h->arg, key, pieces, n, out) < 0 ? NTLM_NO_HASH : 0;
}

/* NTOWFv2 (MS-NLMP 3.3.2). */
static int
make_key(struct answer *a)
{
	struct buf password, user;
	struct span pieces[2];
	uint8_t hash[16], *p;
	size_t i;
	int rc;

	buf_init(&password, FIELD_MAX);
	buf_init(&user, FIELD_MAX);
	rc = widen(&password, text(a->login->password));
	if (rc == 0 && buf_put(&user, buf_ptr(&a->user), buf_len(&a->user)) < 0)
		rc = NO_MEMORY;
	if (rc == 0) {
		p = buf_ptr(&user);
		for (i = 0; i < buf_len(&user); i += 2)
			set16(p + i, utf16_upper(get16((char *)p + i)));
		hash_md4(BUF_SPAN(&password), hash);
		pieces[0] = BUF_SPAN(&user);
		pieces[1] = BUF_SPAN(&a->domain);
		rc = hmac(a, hash, pieces, 2, a->key);
		explicit_bzero(hash, sizeof hash);
	}
	buf_free(&password);
	buf_free(&user);
	return rc;
}

static int
put_pair(struct buf *b, unsigned id, const void *value, size_t n)
{
	uint8_t head[AV_HEAD];

	set16(head, id);
	set16(head + 2, n);
	return buf_put(b, head, sizeof head) < 0 || buf_put(b, value, n) < 0
		   ? NO_MEMORY
		   : 0;
}

/*
 * Appends the server's pairs, and those of ours that tell it what this client
 * believes to talk to (MS-NLMP 3.1.5.1.2).  What it claims there itself does
 * not go back to it.
 */
static int
put_pairs(struct buf *b, const struct answer *a)
{
	static const uint8_t no_binding[16];
	const struct ntlm_challenge *c = a->challenge;
	const struct ntlm_login *l = a->login;
	struct span rest = c->info, value;
	struct buf spn;
	uint32_t flags = 0;
	uint8_t le[4];
	unsigned id;
	int rc = 0;

	while (rc == 0 && next_pair(&rest, &id, &value)) {
		if (id == AV_FLAGS && value.n == sizeof le)
			flags |= get32(value.p);
		if (id != AV_FLAGS && id != AV_TARGET_NAME &&
		    id != AV_CHANNEL_BINDINGS)
			rc = put_pair(b, id, value.p, value.n);
	}
	flags &= ~(uint32_t)AV_FLAG_MIC;
	if (c->has_time)
		flags |= AV_FLAG_MIC;
	set32(le, flags);
	if (rc == 0 && flags != 0)
		rc = put_pair(b, AV_FLAGS, le, sizeof le);
	if (rc == 0)
		rc = put_pair(b, AV_CHANNEL_BINDINGS,
		    l->channel_binding != NULL ? l->channel_binding
					       : no_binding,
		    sizeof no_binding);
	buf_init(&spn, FIELD_MAX);
	if (rc == 0)
		rc = widen(&spn, text(l->spn));
	if (rc == 0)
		rc = put_pair(b, AV_TARGET_NAME, buf_ptr(&spn), buf_len(&spn));
	buf_free(&spn);
	return rc;
}

/* NTLMv2_RESPONSE and SessionBaseKey (MS-NLMP 3.3.2, 2.2.2.7). */
static int
respond(struct answer *a)
{
	const struct ntlm_challenge *c = a->challenge;
	uint8_t head[16 + 28] = { 0 }, *proof = head, *client = head + 16;
	struct span pieces[2] = { { (const char *)c->nonce, sizeof c->nonce } };
	int rc;

	client[0] = client[1] = 1;
	set64(client + 8, c->has_time ? c->time : a->login->time);
	memcpy(client + 16, a->login->nonce, sizeof a->login->nonce);
	if (buf_put(&a->nt, head, sizeof head) < 0)
		return NO_MEMORY;
	rc = c->info.p != NULL ? put_pairs(&a->nt, a) : 0;
	if (rc == 0)
		rc = put_pair(&a->nt, AV_EOL, NULL, 0);
	/* Four bytes that no structure names, but every example has. */
	if (rc == 0 && buf_put(&a->nt, "\0\0\0", 4) < 0)
		rc = NO_MEMORY;
	if (rc != 0)
		return rc;
	pieces[1] = (struct span){ (const char *)buf_ptr(&a->nt) + 16,
		buf_len(&a->nt) - 16 };
	rc = hmac(a, a->key, pieces, 2, proof);
	if (rc != 0)
		return rc;
	memcpy(buf_ptr(&a->nt), proof, 16);
	pieces[0] = (struct span){ (const char *)proof, 16 };
	return hmac(a, a->key, pieces, 1, a->session);
}

/* LMv2_RESPONSE; a server with a clock of its own is to get none. */
static int
respond_lm(struct answer *a)
{
	const struct span pieces[] = {
		{ (const char *)a->challenge->nonce,
		    sizeof a->challenge->nonce },
		{ (const char *)a->login->nonce, sizeof a->login->nonce },
	};

	if (a->challenge->has_time)
		return 0;
	memcpy(a->lm + 16, a->login->nonce, sizeof a->login->nonce);
	return hmac(a, a->key, pieces, 2, a->lm);
}

/* Appends a value and enters where it stands.  0, or -1 as buf_put. */
static int
put_field(struct buf *m, uint8_t *head, size_t at, struct span value)
{
	set16(head + at, value.n);
	set16(head + at + 2, value.n);
	set32(head + at + 4, buf_len(m));
	return buf_put(m, value.p, value.n);
}

/* Puts AUTHENTICATE_MESSAGE together in an empty buffer. */
static int
assemble(struct buf *m, struct answer *a, struct span negotiate)
{
	const struct ntlm_challenge *c = a->challenge;
	uint8_t head[AUTHENTICATE_SIZE] = { 0 };
	uint32_t flags = c->flags & OURS;
	struct span pieces[3] = { negotiate, c->message };

	if (AUTHENTICATE_SIZE + buf_len(&a->domain) + buf_len(&a->user) +
		buf_len(&a->workstation) + LM_SIZE + buf_len(&a->nt) >
	    NTLM_MESSAGE_MAX)
		return NTLM_TOO_LONG;
	memcpy(head, signature, sizeof signature);
	set32(head + TYPE, AUTHENTICATE_MESSAGE);
	if (flags & UNICODE)
		flags &= ~(uint32_t)OEM;
	set32(head + AUTHENTICATE_FLAGS, flags);
	if (flags & VERSION)
		memcpy(head + AUTHENTICATE_VERSION, version, sizeof version);
	if (buf_put(m, head, sizeof head) < 0 ||
	    put_field(m, head, AUTHENTICATE_DOMAIN, BUF_SPAN(&a->domain)) < 0 ||
	    put_field(m, head, AUTHENTICATE_USER, BUF_SPAN(&a->user)) < 0 ||
	    put_field(m, head, AUTHENTICATE_WORKSTATION,
		BUF_SPAN(&a->workstation)) < 0 ||
	    put_field(m, head, AUTHENTICATE_LM,
		(struct span){ (const char *)a->lm, LM_SIZE }) < 0 ||
	    put_field(m, head, AUTHENTICATE_NT, BUF_SPAN(&a->nt)) < 0 ||
	    put_field(m, head, AUTHENTICATE_KEY, (struct span){ NULL, 0 }) < 0)
		return NO_MEMORY;
	memcpy(buf_ptr(m), head, sizeof head);
	if (!c->has_time)
		return 0;
	pieces[2] = BUF_SPAN(m);
	return hmac(a, a->session, pieces, 3, buf_ptr(m) + AUTHENTICATE_MIC);
}

int
ntlm_authenticate(struct buf *b, const struct ntlm_challenge *c,
    struct span negotiate, const struct ntlm_login *l, const struct hasher *h)
{
	struct answer a = { .challenge = c, .login = l, .hasher = h };
	struct buf message;
	int rc;

	buf_init(&a.user, FIELD_MAX);
	buf_init(&a.domain, FIELD_MAX);
	buf_init(&a.workstation, FIELD_MAX);
	buf_init(&a.nt, NT_MAX);
	buf_init(&message, NTLM_MESSAGE_MAX);
	rc = name(&a);
	if (rc == 0)
		rc = make_key(&a);
	if (rc == 0)
		rc = respond(&a);
	if (rc == 0)
		rc = respond_lm(&a);
	/* The hashes are over UTF-16 whatever the message is in. */
	if (rc == 0 && !(c->flags & UNICODE) &&
	    (utf16_to_utf8(&a.user) < 0 || utf16_to_utf8(&a.domain) < 0 ||
		utf16_to_utf8(&a.workstation) < 0))
		rc = NO_MEMORY;
	if (rc == 0)
		rc = assemble(&message, &a, negotiate);
	if (rc == 0 && buf_put(b, buf_ptr(&message), buf_len(&message)) < 0)
		rc = NO_MEMORY;
	buf_free(&a.user);
	buf_free(&a.domain);
	buf_free(&a.workstation);
	buf_free(&a.nt);
	buf_free(&message);
	explicit_bzero(&a, sizeof a);
	return rc;
}

int
ntlm_channel_binding(
    struct span application_data, const struct hasher *h, uint8_t out[16])
{
	/*
	 * gss_channel_bindings_struct (RFC 2744 3.11) in little-endian words:
	 * type and length of no initiator's and no acceptor's address, then
	 * the length of the data.
	 */
	uint8_t head[20] = { 0 }, hash[HASH_MAX];
	const struct span pieces[] = { { (const char *)head, sizeof head },
		application_data };

	set32(head + 16, application_data.n);
	if (h->hash(h->arg, HASH_MD5, pieces, 2, hash) != 16)
		return -1;
	memcpy(out, hash, 16);
	return 0;
}

static const char *
fault_of(int rc, const struct auth_env *env)
{
	switch (rc) {
	case 0:
		return NULL;
	case NTLM_NO_HASH:
		return env->no_hash;
	case NTLM_NOT_UTF8:
		return "user, domain or password is not UTF-8";
	case NTLM_TOO_LONG:
		return "user, domain or password is too long";
	default:
		return "memory is short";
	}
}

const char *
ntlm_answer(struct buf *out, struct span message, struct ntlm_login *l,
    struct span binding, const struct auth_env *env)
{
	struct ntlm_challenge challenge;
	uint8_t hash[16];
	struct buf first;
	const char *fault = ntlm_parse(&challenge, message);
	int rc;

	if (fault != NULL)
		return fault;
	if (env->random(l->nonce, sizeof l->nonce) < 0)
		return "there are no random numbers here";
	l->time = ((uint64_t)env->now() + FILETIME_S) * FILETIME_TICKS;
	if (binding.n > 0 &&
	    ntlm_channel_binding(binding, env->hasher, hash) < 0)
		return env->no_hash;
	l->channel_binding = binding.n > 0 ? hash : NULL;
	buf_init(&first, NTLM_MESSAGE_MAX);
	rc = ntlm_negotiate(&first);
	if (rc == 0)
		rc = ntlm_authenticate(
		    out, &challenge, BUF_SPAN(&first), l, env->hasher);
	else
		rc = NO_MEMORY;
	buf_free(&first);
	l->channel_binding = NULL;
	return fault_of(rc, env);
}
