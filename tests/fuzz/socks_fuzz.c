/*
 * socks_fuzz.c -- the conversation of SOCKS, whole, byte by byte and in the
 * pieces that the input chooses; all three must come to the same, and the
 * password be in nothing that is said of it.
 *
 * The input: four bytes of settings (see read_settings), up to 15 lengths of
 * pieces, what the name resolves to, and what the proxy says, on one
 * connection after the other with a byte of 0xee in between.
 */
#include "play.h"
#include "socks.h"

/* Each but the first takes an address, or a password that was asked for. */
#define CONNECTIONS_MAX (1 + 7 + 3)
#define NEXT 0xee  /* the byte where the next connection begins */
#define SETTINGS 4 /* bytes */
#define SENT_MAX \
	(4 + (1 + 2 * 256) + (4 + 256 + 2)) /* bytes on one connection */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What we know, may do and want. */
struct knowledge {
	int user, password, typed;
	unsigned asks, allowed;
	struct endpoint to;
	enum socks_version version;
	int resolve_here;
};

/* It is one line, and safe to show. */
static void
check_text(const char *c)
{
	for (; *c != '\0'; c++)
		must((uint8_t)*c >= ' ' && *c != 0x7f);
}

static void
play(struct play *p, const struct script *s, const struct knowledge *k)
{
	const struct socks_connect what = { k->version, k->resolve_here, &k->to,
		"host.example:22", &p->login, k->allowed };

	play_begin(p, s,
	    (struct login){
		{ k->user ? user : NULL, k->password ? password : NULL },
		k->asks, k->typed });
	play_out(p, socks_connect(&what));
	check_text(p->why.text);
	must(buf_len(&p->sent) <= (size_t)CONNECTIONS_MAX * SENT_MAX);
	must(span_find(BUF_SPAN(&p->talk), password) == NULL);
	if (k->version != SOCKS_5 || (k->allowed & AUTH_BASIC) == 0)
		must(span_find(BUF_SPAN(&p->sent), password) == NULL);
}

/*
 * The first byte: the version, how it ends, and how many pieces there are;
 * the second: the login and the target; the third: which wants are met; the
 * fourth: the length of what the name resolves to.
 */
static void
read_settings(struct script *s, struct knowledge *k, const uint8_t p[SETTINGS])
{
	static const enum handshake_end ends[] = { HANDSHAKE_EOF,
		HANDSHAKE_RESET, HANDSHAKE_DEADLINE, HANDSHAKE_EOF };
	static const enum socks_version versions[] = { SOCKS_4, SOCKS_4A,
		SOCKS_5, SOCKS_5 };
	static char hosts[][16] = { "host.example", "192.0.2.1", "2001:db8::1",
		"fe80::1%eth0" };

	k->version = versions[p[0] & 3];
	k->resolve_here = (p[0] & 3) == 3;
	s->end = ends[p[0] >> 2 & 3];
	s->npieces = p[0] >> 4;
	k->user = (p[1] & 1) == 0;
	k->password = (p[1] & 2) == 0;
	k->typed = (p[1] & 4) != 0;
	k->asks = p[1] >> 3 & 3;
	k->allowed = p[1] & 0x20 ? AUTH_NTLM : AUTH_ALL;
	k->to = (struct endpoint){ hosts[p[1] >> 6], NULL, 22 };
	s->given = p[2];
	s->answer.n = p[3];
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct script s = {
		.next = NEXT, .connections_max = CONNECTIONS_MAX, .same_talk = 1
	};
	struct knowledge k;
	size_t head;

	if (n < SETTINGS || n < SETTINGS + (size_t)(p[0] >> 4) + p[3])
		return 0;
	read_settings(&s, &k, p);
	s.pieces = p + SETTINGS;
	head = SETTINGS + s.npieces + s.answer.n;
	s.answer.p = (const char *)p + SETTINGS + s.npieces;
	s.said = p + head;
	s.nsaid = n - head;
	play_all_ways(&s, &k);
	return 0;
}
