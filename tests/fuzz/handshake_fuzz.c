/*
 * handshake_fuzz.c -- the CONNECT conversation, and a second one over the same
 * login, whole, byte by byte and in the pieces that the input chooses; all
 * three must come to the same, no secret may be in what is said of it, and no
 * nonce be counted twice the same.
 *
 * The input: four bytes of settings (see read_settings), up to 15 lengths of
 * pieces, and what the proxy says, on one connection after the other with a
 * byte of 4 in between.
 */
#include "http.h"
#include "play.h"

#define CONNECTIONS_MAX (HTTP_ATTEMPTS_MAX + 1)
#define NEXT 4	   /* the byte where the next connection begins */
#define SETTINGS 4 /* bytes */
#define TOKEN_MAX 255
#define HANDSHAKES 2 /* over one login */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What we know and may do. */
struct knowledge {
	int user, password, typed, binding;
	unsigned asks, allowed;
	const char *const *headers;
	size_t nheaders;
};

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
	must(requests <= HANDSHAKES * HTTP_ATTEMPTS_MAX);
}

/* What Digest answers with; empty where it has none. */
struct answer {
	struct buf nonce, nc;
};

static void
read_answer(struct answer *a, struct span params)
{
	struct span name;
	struct buf value;

	buf_init(&a->nonce, params.n);
	buf_init(&a->nc, params.n);
	buf_init(&value, params.n);
	while (text_next_param(&params, &name, &value) == 1)
		if (span_is(name, "nonce"))
			buf_put(&a->nonce, buf_ptr(&value), buf_len(&value));
		else if (span_is(name, "nc"))
			buf_put(&a->nc, buf_ptr(&value), buf_len(&value));
	buf_free(&value);
}

static void
free_answer(struct answer *a)
{
	buf_free(&a->nonce);
	buf_free(&a->nc);
}

/* Of a nonce that comes twice in a row the second use counts more. */
static void
check_counts(struct span sent)
{
	static const char field[] = "Proxy-Authorization: Digest ";
	struct answer last = { 0 }, now;
	struct span line;

	while (span_line(&sent, &line)) {
		if (!span_starts(line, field))
			continue;
		line.p += strlen(field);
		line.n -= strlen(field);
		read_answer(&now, line);
		must(buf_len(&now.nonce) > 0);
		must(buf_len(&now.nc) == 8 || buf_len(&now.nc) == 0);
		must(!is_same(&now.nonce, &last.nonce) ||
		     buf_len(&now.nc) == 0 || buf_len(&last.nc) == 0 ||
		     memcmp(buf_ptr(&now.nc), buf_ptr(&last.nc), 8) > 0);
		free_answer(&last);
		last = now;
	}
	free_answer(&last);
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
play(struct play *p, const struct script *s, const struct knowledge *k)
{
	const struct auth_setup setup = { &p->login, k->allowed, NULL,
		"HTTP/proxy.example", &fake_env };
	const struct http_connect what = { .authority = "host.example:22",
		.headers = k->headers,
		.nheaders = k->nheaders,
		.auth = &setup };
	struct handshake *h;
	unsigned i;

	play_begin(p, s,
	    (struct login){
		{ k->user ? user : NULL, k->password ? password : NULL },
		k->asks, k->typed });
	for (i = 0; i < HANDSHAKES; i++) {
		h = http_connect(&what);
		if (k->binding)
			h->binding = span_of("tls-server-end-point:x");
		play_out(p, h);
	}
	check_sent(BUF_SPAN(&p->sent));
	check_counts(BUF_SPAN(&p->sent));
	check_talk(BUF_SPAN(&p->talk));
}

/*
 * The first byte: how it ends, whether there is a user, and how many pieces
 * there are; the second: the login; the third: which wants are met; the
 * fourth: the length of our tokens.
 */
static void
read_settings(struct script *s, struct knowledge *k, const uint8_t p[SETTINGS])
{
	static const unsigned sets[] = { AUTH_ALL, AUTH_NTLM,
		AUTH_DIGEST | AUTH_BASIC, AUTH_NEGOTIATE | AUTH_BASIC };
	static const char *const headers[] = {
		"Proxy-Authorization: Basic dXNlcjp4c2VjcmV0"
	};
	static const char token[TOKEN_MAX] = "token";

	k->allowed = p[0] & 1 ? AUTH_BASIC : sets[p[1] >> 6];
	s->end = (p[0] & 2) == 0   ? HANDSHAKE_EOF
		 : (p[0] & 4) == 0 ? HANDSHAKE_DEADLINE
				   : HANDSHAKE_RESET;
	k->user = (p[0] & 8) == 0;
	s->npieces = p[0] >> 4;
	k->password = (p[1] & 1) == 0;
	k->typed = (p[1] & 2) != 0;
	k->asks = p[1] >> 2 & 3;
	k->headers = headers;
	k->nheaders = (p[1] & 0x10) != 0;
	k->binding = (p[1] & 0x20) != 0;
	s->given = p[2];
	s->answer = (struct span){ token, p[3] };
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct script s = { .next = NEXT, .connections_max = CONNECTIONS_MAX };
	struct knowledge k;

	if (n < SETTINGS || n < SETTINGS + (size_t)(p[0] >> 4))
		return 0;
	read_settings(&s, &k, p);
	s.pieces = p + SETTINGS;
	s.said = p + SETTINGS + s.npieces;
	s.nsaid = n - SETTINGS - s.npieces;
	play_all_ways(&s, &k);
	return 0;
}
