/* ntlm_test.c -- the messages of NTLM, and what a hostile server may send. */
#include "crypto.h"
#include "ntlm.h"
#include "test.h"

#include <stdlib.h>
#include <uchar.h>

#define BYTES(s) ((struct span){ s, sizeof s - 1 })
#define FLAGS 0xe28a8233u /* of the example's challenge */
#define OURS 0xa2888207u
#define TIME 131400439870000000u
#define ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

/* CHALLENGE_MESSAGE of MS-NLMP 4.2.4.3 */
static const char example[] =
    "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef"
    "00000000000000002400240044000000060070170000000f5300650072007600"
    "6500720002000c0044006f006d00610069006e0001000c005300650072007600"
    "6500720000000000";

/*
 * The answer, with a channel binding and a target name; made by other means
 * than this program's, as are those below.
 */
static const char example_answer[] =
    "4e544c4d5353500003000000180018007c00000082008200940000000c000c00"
    "580000000800080064000000100010006c0000000000000016010000018288a2"
    "0a00614a0000000f0000000000000000000000000000000044006f006d006100"
    "69006e00550073006500720043004f004d005000550054004500520086c35097"
    "ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa446a16f9058b716b699a86d1"
    "19a9b05b01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000"
    "02000c0044006f006d00610069006e0001000c00530065007200760065007200"
    "0a0010006586e99d81c2fc984e47172fd4dd0310090016004800540054005000"
    "2f005300650072007600650072000000000000000000";

/* A challenge with flags, a timestamp and a target name of the server's. */
static const char stamped[] =
    "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef"
    "00000000000000004400440044000000060070170000000f5300650072007600"
    "65007200060004000400000002000c0044006f006d00e4006e00650001000c00"
    "53006500720076006500720007000800800bc8fd00d4d2010900080065007600"
    "69006c0000000000";

static const char stamped_answer[] =
    "4e544c4d53535000030000001800180080000000a400a400980000000c000c00"
    "580000000c000c00640000001000100070000000000000003c010000018288a2"
    "0a00614a0000000f0135e3e433aa9d1dab0acc6570cfce1844006f006d00e400"
    "6e0065006d00fc006c006c006500720043004f004d0050005500540045005200"
    "000000000000000000000000000000000000000000000000d801a246e996ad22"
    "b4686ec6485f87400101000000000000800bc8fd00d4d2010102030405060708"
    "0000000002000c0044006f006d00e4006e00650001000c005300650072007600"
    "6500720007000800800bc8fd00d4d20106000400060000000a00100000000000"
    "0000000000000000000000000900240048005400540050002f00700072006f00"
    "780079002e006500780061006d0070006c0065000000000000000000";

static struct hasher *hasher;

static void
unhex(struct buf *b, const char *hex)
{
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		buf_putc(b, (char)byte);
}

static void
check_hex(struct span got, const char *want)
{
	struct buf b;

	buf_init(&b, 10000);
	unhex(&b, want);
	CHECK_MEM(got.p, got.n, buf_ptr(&b), buf_len(&b));
	buf_free(&b);
}

/* UTF-16LE by the compiler's own means. */
static void
put_wide(struct buf *b, const char16_t *s)
{
	for (; *s != 0; s++) {
		buf_putc(b, (char)(*s & 0xff));
		buf_putc(b, (char)(*s >> 8));
	}
}

static void
check_wide(struct span got, const char16_t *want)
{
	struct buf b;

	buf_init(&b, 10000);
	put_wide(&b, want);
	CHECK_MEM(got.p, got.n, buf_ptr(&b), buf_len(&b));
	buf_free(&b);
}

/* A little-endian number of two or four bytes. */
static void
put_number(struct buf *b, size_t v, size_t n)
{
	for (; n > 0; n--, v >>= 8)
		buf_putc(b, (char)(v & 0xff));
}

static size_t
number(struct span m, size_t at, size_t n)
{
	size_t v = 0;

	while (n-- > 0)
		v = v << 8 | (uint8_t)m.p[at + n];
	return v;
}

static void
put_av(struct buf *b, unsigned id, struct span value)
{
	put_number(b, id, 2);
	put_number(b, value.n, 2);
	buf_put(b, value.p, value.n);
}

static void
put_av_wide(struct buf *b, unsigned id, const char16_t *value)
{
	struct buf wide;

	buf_init(&wide, 10000);
	put_wide(&wide, value);
	put_av(b, id, BUF_SPAN(&wide));
	buf_free(&wide);
}

/* A challenge with the nonce of the example, 56 bytes before its names. */
static void
put_challenge(
    struct buf *b, uint32_t flags, struct span target, struct span info)
{
	buf_put(b, "NTLMSSP\0\2\0\0", 12);
	put_number(b, target.n, 2);
	put_number(b, target.n, 2);
	put_number(b, 56, 4);
	put_number(b, flags, 4);
	buf_put(b, "\x01\x23\x45\x67\x89\xab\xcd\xef" ZEROS, 16);
	put_number(b, info.n, 2);
	put_number(b, info.n, 2);
	put_number(b, 56 + target.n, 4);
	buf_put(b, "\6\0\x70\x17\0\0\0\x0f", 8);
	buf_put(b, target.p, target.n);
	buf_put(b, info.p, info.n);
}

/* In memory of its own size, for the bounds. */
static struct span
own(struct span s)
{
	char *p = malloc(s.n == 0 ? 1 : s.n);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct span){ p, s.n };
}

static void
disown(struct span s)
{
	free((void *)(uintptr_t)s.p);
}

static struct ntlm_login
login_of(const char *user, const char *domain)
{
	return (struct ntlm_login){ user, domain, "Password", "COMPUTER",
		"HTTP/Server", NULL,
		{ 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa }, 0 };
}

/* All three messages; what ntlm_authenticate returns, 1 on another fault. */
static int
answer(struct buf *out, struct span challenge, const struct ntlm_login *l,
    const struct hasher *h)
{
	struct span m = own(challenge);
	struct ntlm_challenge c;
	struct buf negotiate;
	int rc = 1;

	buf_init(&negotiate, 100);
	CHECK_INT(ntlm_negotiate(&negotiate), 0);
	if (ntlm_parse(&c, m) == NULL)
		rc = ntlm_authenticate(out, &c, BUF_SPAN(&negotiate), l, h);
	buf_free(&negotiate);
	disown(m);
	return rc;
}

static void
hmac(const uint8_t key[16], struct span a, struct span b, struct span c,
    uint8_t out[16])
{
	const struct span pieces[] = { a, b, c };

	CHECK_INT(hasher->hmac_md5(hasher->arg, key, pieces, 3, out), 16);
}

#define NOTHING ((struct span){ NULL, 0 })
#define SIXTEEN(p) ((struct span){ (const char *)(p), 16 })

/* NTOWFv2 of MS-NLMP 3.3.2, of what is already in the right case. */
static void
ntowfv2(uint8_t key[16], const char16_t *user, const char16_t *domain,
    const char16_t *password)
{
	struct buf name, secret;
	uint8_t hash[16];

	buf_init(&name, 10000);
	buf_init(&secret, 10000);
	put_wide(&name, user);
	put_wide(&name, domain);
	put_wide(&secret, password);
	hash_md4(BUF_SPAN(&secret), hash);
	hmac(hash, BUF_SPAN(&name), NOTHING, NOTHING, key);
	buf_free(&name);
	buf_free(&secret);
}

/* What the header of an answer says about the field at an offset. */
static struct span
field(struct span m, size_t at)
{
	size_t n = number(m, at, 2), offset = number(m, at + 4, 4);

	CHECK_INT(number(m, at + 2, 2), n);
	CHECK(offset >= 88 && offset <= m.n && n <= m.n - offset);
	if (offset > m.n || n > m.n - offset)
		return NOTHING;
	return (struct span){ m.p + offset, n };
}

#define LM 12
#define NT 20
#define DOMAIN 28
#define USER 36
#define WORKSTATION 44
#define KEY 52

/* The AV_PAIRs that went to the server, without MsvAvEOL. */
static struct span
pairs(struct span m)
{
	struct span nt = field(m, NT);

	CHECK(nt.n >= 52);
	if (nt.n < 52)
		return NOTHING;
	CHECK_MEM(nt.p + 16, 8, "\1\1" ZEROS, 8);
	CHECK_MEM(nt.p + 40, 4, ZEROS, 4);
	CHECK_MEM(nt.p + nt.n - 8, 8, ZEROS, 8);
	return (struct span){ nt.p + 44, nt.n - 52 };
}

/* Are the response and the MIC of an answer those of user and password? */
static void
check_answer(struct span m, struct span challenge, const char16_t *user,
    const char16_t *domain, const char16_t *password, int is_stamped)
{
	struct span nonce = { challenge.p + 24, 8 }, nt = field(m, NT),
		    lm = field(m, LM), cnonce, client;
	uint8_t key[16], session[16], proof[16], mic[16];
	struct buf negotiate, plain;

	pairs(m);
	CHECK_INT(lm.n, 24);
	if (nt.n < 52 || lm.n != 24)
		return;
	CHECK_MEM(m.p, 12, "NTLMSSP\0\3\0\0", 12);
	CHECK_INT(field(m, KEY).n, 0);
	client = (struct span){ nt.p + 16, nt.n - 16 };
	cnonce = (struct span){ nt.p + 32, 8 };
	ntowfv2(key, user, domain, password);
	hmac(key, nonce, client, NOTHING, proof);
	CHECK_MEM(nt.p, 16, proof, 16);
	hmac(key, SIXTEEN(proof), NOTHING, NOTHING, session);
	if (!is_stamped) {
		hmac(key, nonce, cnonce, NOTHING, proof);
		CHECK_MEM(lm.p, 16, proof, 16);
		CHECK_MEM(lm.p + 16, 8, cnonce.p, 8);
		CHECK_MEM(m.p + 72, 16, ZEROS, 16);
		return;
	}
	CHECK_MEM(lm.p, 24, ZEROS, 24);
	buf_init(&negotiate, 100);
	buf_init(&plain, 100000);
	ntlm_negotiate(&negotiate);
	buf_put(&plain, m.p, m.n);
	memset(buf_ptr(&plain) + 72, 0, 16);
	hmac(session, BUF_SPAN(&negotiate), challenge, BUF_SPAN(&plain), mic);
	CHECK_MEM(m.p + 72, 16, mic, 16);
	buf_free(&negotiate);
	buf_free(&plain);
}

/* MS-NLMP 4.2.4, and Microsoft's example of a channel binding. */
static void
the_means_of_this_test_are_right(void)
{
	static const uint8_t nonce[] = "\x01\x23\x45\x67\x89\xab\xcd\xef",
			     cnonce[] = "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa";
	const struct span n = { (const char *)nonce, 8 },
			  c = { (const char *)cnonce, 8 };
	uint8_t key[16], out[16];
	struct buf client;

	ntowfv2(key, u"USER", u"Domain", u"Password");
	check_hex(SIXTEEN(key), "0c868a403bfd7a93a3001ef22ef02e3f");
	hmac(key, n, c, NOTHING, out);
	check_hex(SIXTEEN(out), "86c35097ac9cec102554764a57cccc19");
	buf_init(&client, 1000);
	buf_put(&client, "\1\1" ZEROS, 16);
	buf_put(&client, cnonce, 8);
	buf_put(&client, ZEROS, 4);
	put_av_wide(&client, 2, u"Domain");
	put_av_wide(&client, 1, u"Server");
	buf_put(&client, ZEROS, 8);
	hmac(key, n, BUF_SPAN(&client), NOTHING, out);
	check_hex(SIXTEEN(out), "68cd0ab851e51c96aabc927bebef6a1c");
	hmac(key, SIXTEEN(out), NOTHING, NOTHING, out);
	check_hex(SIXTEEN(out), "8de40ccadbc14a82f15cb0ad0de95ca3");

	buf_cut(&client, buf_len(&client) - 8);
	unhex(&client, "06000400020000000a0010006586e99d81c2fc984e47172fd4dd"
		       "0310");
	put_av_wide(&client, 9, u"HTTP/Server");
	buf_put(&client, ZEROS, 8);
	memcpy(buf_ptr(&client) + 8, "\x80\x0b\xc8\xfd\x00\xd4\xd2\x01", 8);
	hmac(key, n, BUF_SPAN(&client), NOTHING, out);
	check_hex(SIXTEEN(out), "8c0260dbef690662af9c42d50782d2ed");
	hmac(key, SIXTEEN(out), NOTHING, NOTHING, out);
	check_hex(SIXTEEN(out), "623dbd071be7a530b6a95c2eb4982470");
	buf_free(&client);
}

static void
negotiates(void)
{
	struct buf b;

	buf_init(&b, 40);
	CHECK_INT(ntlm_negotiate(&b), 0);
	check_hex(BUF_SPAN(&b), "4e544c4d5353500001000000078288a2"
				"00000000000000000000000000000000"
				"0a00614a0000000f");
	CHECK_INT(ntlm_negotiate(&b), -1);
	CHECK_INT(buf_len(&b), 40);
	buf_free(&b);
}

static void
reads_challenges(void)
{
	struct ntlm_challenge c;
	struct buf b;

	buf_init(&b, 1000);
	unhex(&b, example);
	CHECK_STR(ntlm_parse(&c, BUF_SPAN(&b)), NULL);
	CHECK(c.flags == FLAGS);
	CHECK_MEM(c.nonce, 8, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);
	check_wide(c.target, u"Server");
	CHECK(c.message.p == (const char *)buf_ptr(&b));
	CHECK_INT(c.message.n, 104);
	CHECK_INT(c.info.n, 32);
	CHECK_INT(c.has_time, 0);
	buf_free(&b);
	unhex(&b, stamped);
	CHECK_STR(ntlm_parse(&c, BUF_SPAN(&b)), NULL);
	CHECK_INT(c.has_time, 1);
	CHECK(c.time == TIME);
	buf_free(&b);
}

static void
answers_the_example(void)
{
	struct ntlm_login l = login_of("User", "Domain");
	uint8_t binding[16];
	struct buf challenge, out;

	buf_init(&challenge, 1000);
	buf_init(&out, 1000);
	unhex(&challenge, example);
	CHECK_INT(ntlm_channel_binding(
		      BYTES("tls-server-end-point:"
			    "\xea\x05\xfe\xfe\xcc\x6b\x0b\xd5\x71\xdb\xbc\x5b"
			    "\xaa\x3e\xd4\x53\x86\xd0\x44\x68\x35\xf7\xb7\x4c"
			    "\x85\x62\x1b\x99\x83\x47\x5f\x95"),
		      hasher, binding),
	    0);
	check_hex(SIXTEEN(binding), "6586e99d81c2fc984e47172fd4dd0310");
	l.channel_binding = binding;
	CHECK_INT(answer(&out, BUF_SPAN(&challenge), &l, hasher), 0);
	check_hex(BUF_SPAN(&out), example_answer);
	check_answer(BUF_SPAN(&out), BUF_SPAN(&challenge), u"USER", u"Domain",
	    u"Password", 0);
	CHECK_MEM(field(BUF_SPAN(&out), LM).p, 16,
	    "\x86\xc3\x50\x97\xac\x9c\xec\x10\x25\x54\x76\x4a\x57\xcc\xcc\x19",
	    16);
	buf_free(&challenge);
	buf_free(&out);
}

static void
answers_a_timestamp_with_a_MIC(void)
{
	struct ntlm_login l = login_of("m\xc3\xbcller", NULL);
	struct buf challenge, out;

	buf_init(&challenge, 1000);
	buf_init(&out, 1000);
	unhex(&challenge, stamped);
	memcpy(l.nonce, "\1\2\3\4\5\6\7\10", 8);
	l.password = "Pa\xc3\x9fwort\xe2\x82\xac\xf0\x9d\x84\x9e";
	l.spn = "HTTP/proxy.example";
	l.time = 1;
	CHECK_INT(buf_puts(&out, "before"), 0);
	CHECK_INT(answer(&out, BUF_SPAN(&challenge), &l, hasher), 0);
	CHECK_MEM(buf_ptr(&out), 6, "before", 6);
	buf_take(&out, 6);
	check_hex(BUF_SPAN(&out), stamped_answer);
	check_answer(BUF_SPAN(&out), BUF_SPAN(&challenge), u"M\u00dcLLER",
	    u"Dom\u00e4ne", u"Pa\u00dfwort\u20ac\U0001d11e", 1);
	buf_free(&challenge);
	buf_free(&out);
}

/* A challenge with NetBIOS domain "NB", target "TARGET", no timestamp. */
static void
put_plain(struct buf *b, const char16_t *nb_domain, const char16_t *target)
{
	struct buf info, name;

	buf_init(&info, 1000);
	buf_init(&name, 1000);
	put_wide(&name, target);
	put_av_wide(&info, 1, u"Server");
	if (nb_domain != NULL)
		put_av_wide(&info, 2, nb_domain);
	put_av(&info, 0, NOTHING);
	put_challenge(b, FLAGS, BUF_SPAN(&name), BUF_SPAN(&info));
	buf_free(&info);
	buf_free(&name);
}

static void
check_names(const char *user, const char *domain, const char16_t *nb_domain,
    const char16_t *target, const char16_t *want_user,
    const char16_t *want_upper, const char16_t *want_domain)
{
	struct ntlm_login l = login_of(user, domain);
	struct buf challenge, out;

	test_row = user;
	buf_init(&challenge, 1000);
	buf_init(&out, 5000);
	put_plain(&challenge, nb_domain, target);
	CHECK_INT(answer(&out, BUF_SPAN(&challenge), &l, hasher), 0);
	check_answer(BUF_SPAN(&out), BUF_SPAN(&challenge), want_upper,
	    want_domain, u"Password", 0);
	check_wide(field(BUF_SPAN(&out), USER), want_user);
	check_wide(field(BUF_SPAN(&out), DOMAIN), want_domain);
	check_wide(field(BUF_SPAN(&out), WORKSTATION), u"COMPUTER");
	buf_free(&challenge);
	buf_free(&out);
	test_row = NULL;
}

static void
user_and_domain(void)
{
	static const struct {
		const char *user, *domain;
		const char16_t *want, *upper, *want_domain;
	} rows[] = {
		{ "alice", NULL, u"alice", u"ALICE", u"NB" },
		{ "alice", "Dom", u"alice", u"ALICE", u"Dom" },
		{ "alice", "", u"alice", u"ALICE", u"" },
		{ "DOM\\alice", NULL, u"alice", u"ALICE", u"DOM" },
		{ "dom\\a\\b", NULL, u"a\\b", u"A\\B", u"dom" },
		{ "dom\\a@b", NULL, u"a@b", u"A@B", u"dom" },
		{ "\\alice", NULL, u"alice", u"ALICE", u"" },
		{ "dom\\", NULL, u"", u"", u"dom" },
		{ "alice@corp.example", NULL, u"alice", u"ALICE",
		    u"corp.example" },
		{ "a@b@c", NULL, u"a@b", u"A@B", u"c" },
		{ "alice@", NULL, u"alice", u"ALICE", u"" },
		{ "DOM\\alice", "x", u"DOM\\alice", u"DOM\\ALICE", u"x" },
		{ "alice@dom", "", u"alice@dom", u"ALICE@DOM", u"" },
		{ "", NULL, u"", u"", u"NB" },
		{ NULL, NULL, u"", u"", u"NB" },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_names(rows[i].user, rows[i].domain, u"NB", u"TARGET",
		    rows[i].want, rows[i].upper, rows[i].want_domain);
	check_names(
	    "alice", NULL, NULL, u"TARGET", u"alice", u"ALICE", u"TARGET");
	check_names(
	    "alice", NULL, u"", u"TARGET", u"alice", u"ALICE", u"TARGET");
	check_names("alice", NULL, NULL, u"", u"alice", u"ALICE", u"");
}

static void
check_upper(const char *user, const char16_t *want, const char16_t *upper)
{
	check_names(user, "D", u"", u"", want, upper, u"D");
}

static void
upper_case_beyond_ascii(void)
{
	check_upper("azAZ09._-`{", u"azAZ09._-`{", u"AZAZ09._-`{");
	check_upper("\u00e0\u00f6\u00f7\u00f8\u00fe\u00ff\u00df",
	    u"\u00e0\u00f6\u00f7\u00f8\u00fe\u00ff\u00df",
	    u"\u00c0\u00d6\u00f7\u00d8\u00de\u0178\u00df");
	check_upper("\u0101\u0100\u0119\u0142\u0151\u0161\u017e",
	    u"\u0101\u0100\u0119\u0142\u0151\u0161\u017e",
	    u"\u0100\u0100\u0118\u0141\u0150\u0160\u017d");
	check_upper("\u01a1\u01b0\u0219\u021b", u"\u01a1\u01b0\u0219\u021b",
	    u"\u01a0\u01af\u0218\u021a");
	check_upper("\u03b1\u03ac\u03ad\u03cc\u03ce\u03c2\u03c3\u03cb",
	    u"\u03b1\u03ac\u03ad\u03cc\u03ce\u03c2\u03c3\u03cb",
	    u"\u0391\u0386\u0388\u038c\u038f\u03a3\u03a3\u03ab");
	check_upper("\u0430\u044f\u0450\u0451\u045f\u0491\u04cf",
	    u"\u0430\u044f\u0450\u0451\u045f\u0491\u04cf",
	    u"\u0410\u042f\u0400\u0401\u040f\u0490\u04c0");
	check_upper(
	    "\u0561\u0586\u0587", u"\u0561\u0586\u0587", u"\u0531\u0556\u0587");
	check_upper("\u1e01\u1ea1\u1ef9\uff41\uff5a",
	    u"\u1e01\u1ea1\u1ef9\uff41\uff5a",
	    u"\u1e00\u1ea0\u1ef8\uff21\uff3a");
	/* What has no partner of its own stays. */
	check_upper("\u00b5\u0131\u017f\u0138\u0149\u5b57",
	    u"\u00b5\u0131\u017f\u0138\u0149\u5b57",
	    u"\u00b5\u0131\u017f\u0138\u0149\u5b57");
	check_upper("\U00010428\U0010ffff", u"\U00010428\U0010ffff",
	    u"\U00010428\U0010ffff");
}

#define STAMP_TIME "\x80\x0b\xc8\xfd\x00\xd4\xd2\x01" /* TIME */
#define STAMP "\7\0\10\0" STAMP_TIME
#define UNBOUND "\12\0\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define SPN "\11\0\2\0S\0"
#define EOL "\0\0\0\0"

/* The pairs that go back in answer to a list. */
static void
check_pairs(struct span info, const struct ntlm_login *l, struct span want,
    int is_stamped)
{
	struct buf challenge, out;

	buf_init(&challenge, 10000);
	buf_init(&out, 10000);
	put_challenge(&challenge, FLAGS, NOTHING, info);
	CHECK_INT(answer(&out, BUF_SPAN(&challenge), l, hasher), 0);
	check_answer(BUF_SPAN(&out), BUF_SPAN(&challenge), u"USER", u"D",
	    u"Password", is_stamped);
	CHECK_MEM(field(BUF_SPAN(&out), NT).p + 24, 8,
	    is_stamped ? STAMP_TIME : ZEROS, 8);
	CHECK_MEM(
	    pairs(BUF_SPAN(&out)).p, pairs(BUF_SPAN(&out)).n, want.p, want.n);
	buf_free(&challenge);
	buf_free(&out);
}

static void
pairs_of_the_server(void)
{
	struct ntlm_login l = login_of("user", "D");

	l.spn = "S";
	/* No list, a list of nothing, and one of a pair nobody knows. */
	check_pairs(NOTHING, &l, NOTHING, 0);
	check_pairs(BYTES(EOL), &l, BYTES(UNBOUND SPN), 0);
	check_pairs(BYTES("\x34\x12\1\0x" EOL), &l,
	    BYTES("\x34\x12\1\0x" UNBOUND SPN), 0);
	/* What the server says of flags, binding and target is not kept. */
	check_pairs(BYTES("\6\0\4\0\1\0\0\0" STAMP EOL), &l,
	    BYTES(STAMP "\6\0\4\0\3\0\0\0" UNBOUND SPN), 1);
	check_pairs(BYTES("\6\0\4\0\2\0\0\0" EOL), &l, BYTES(UNBOUND SPN), 0);
	check_pairs(BYTES("\6\0\4\0\7\0\0\x80" EOL), &l,
	    BYTES("\6\0\4\0\5\0\0\x80" UNBOUND SPN), 0);
	check_pairs(BYTES("\6\0\3\0\7\0\0" EOL), &l, BYTES(UNBOUND SPN), 0);
	check_pairs(BYTES("\11\0\2\0T\0\12\0\20\0abcdefghijklmnop" EOL), &l,
	    BYTES(UNBOUND SPN), 0);
	/* Nothing counts behind the end. */
	check_pairs(BYTES(EOL STAMP), &l, BYTES(UNBOUND SPN), 0);
	check_pairs(BYTES("\0\0\1\0x" STAMP EOL), &l, BYTES(UNBOUND SPN), 0);
	/* A timestamp is of eight bytes, and the first one counts. */
	check_pairs(BYTES("\7\0\7\0\1\2\3\4\5\6\7" EOL), &l,
	    BYTES("\7\0\7\0\1\2\3\4\5\6\7" UNBOUND SPN), 0);
	check_pairs(BYTES("\7\0\11\0\1\2\3\4\5\6\7\10\11" EOL), &l,
	    BYTES("\7\0\11\0\1\2\3\4\5\6\7\10\11" UNBOUND SPN), 0);
	check_pairs(BYTES(STAMP "\7\0\10\0\1\2\3\4\5\6\7\10" EOL), &l,
	    BYTES(STAMP "\7\0\10\0\1\2\3\4\5\6\7\10"
			"\6\0\4\0\2\0\0\0" UNBOUND SPN),
	    1);
	/* A channel binding goes along; without an SPN the name is empty. */
	l.spn = NULL;
	l.channel_binding = (const uint8_t *)"0123456789abcdef";
	check_pairs(BYTES(EOL), &l,
	    BYTES("\12\0\20\0"
		  "0123456789abcdef"
		  "\11\0\0\0"),
	    0);
}

static void
lists_that_lie(void)
{
	struct ntlm_login l = login_of("user", "D");

	l.spn = "S";
	/* Cut at the last sound pair, whatever is wrong behind it. */
	check_pairs(BYTES("\1"), &l, BYTES(UNBOUND SPN), 0);
	check_pairs(BYTES("\1\0\2"), &l, BYTES(UNBOUND SPN), 0);
	check_pairs(BYTES("\1\0\1\0"), &l, BYTES(UNBOUND SPN), 0);
	check_pairs(BYTES("\1\0\xff\xff"
			  "ab"),
	    &l, BYTES(UNBOUND SPN), 0);
	check_pairs(
	    BYTES("\1\0\2\0ab"), &l, BYTES("\1\0\2\0ab" UNBOUND SPN), 0);
	check_pairs(BYTES("\1\0\2\0ab\2\0\5\0abcd"), &l,
	    BYTES("\1\0\2\0ab" UNBOUND SPN), 0);
	check_pairs(BYTES(STAMP "\2\0\5\0abcd"), &l,
	    BYTES(STAMP "\6\0\4\0\2\0\0\0" UNBOUND SPN), 1);
	check_pairs(BYTES("\2\0\5\0abcd" STAMP EOL), &l,
	    BYTES("\2\0\5\0abcd\7" UNBOUND SPN), 0);
}

/* A challenge of old: names in OEM, or hardly anything at all. */
static void
check_old(struct span challenge, const char *user, const char16_t *upper,
    const char16_t *domain, const char *want_user, const char *want_domain,
    uint32_t flags)
{
	struct ntlm_login l = login_of(user, NULL);
	struct span m;
	struct buf out;

	test_row = want_domain;
	buf_init(&out, 1000);
	l.time = TIME;
	l.workstation = "\u00fcber";
	CHECK_INT(answer(&out, challenge, &l, hasher), 0);
	m = BUF_SPAN(&out);
	check_answer(m, challenge, upper, domain, u"Password", 0);
	CHECK_MEM(
	    field(m, NT).p + 24, 8, "\x80\x0b\xc8\xfd\x00\xd4\xd2\x01", 8);
	CHECK_SPAN(field(m, USER), want_user);
	CHECK_SPAN(field(m, DOMAIN), want_domain);
	CHECK_SPAN(field(m, WORKSTATION), "\u00fcber");
	CHECK(number(m, 60, 4) == flags);
	CHECK_MEM(m.p + 64, 8,
	    flags & 0x2000000 ? "\12\0\x61\x4a\0\0\0\17" : ZEROS, 8);
	buf_free(&out);
	test_row = NULL;
}

#define NOWHERE "\0\0\0\0\0\0\0\0"
#define HEAD(target, flags) \
	"NTLMSSP\0\2\0\0\0" target flags "\x01\x23\x45\x67\x89\xab\xcd\xef"

static void
old_servers(void)
{
	struct buf info, challenge;

	/* 32 bytes, without reserved bytes and all behind them */
	check_old(
	    BYTES(HEAD(NOWHERE, "\2\2\0\0")), "u", u"U", u"", "u", "", 0x202);
	/* the same where the flags promise a target info, and 47 bytes */
	check_old(BYTES(HEAD(NOWHERE, "\2\2\x80\0")), "u", u"U", u"", "u", "",
	    0x800202);
	check_old(BYTES(HEAD(NOWHERE, "\2\2\x80\0") NOWHERE "\4\0\4\0\40\0\0"),
	    "u", u"U", u"", "u", "", 0x800202);
	/* target info that is there, but without the flag */
	check_old(BYTES(HEAD(NOWHERE, "\2\2\0\2") NOWHERE
		      "\14\0\14\0\60\0\0\0" STAMP),
	    "u", u"U", u"", "u", "", 0x2000202);
	/* neither Unicode nor OEM: as OEM */
	check_old(
	    BYTES(HEAD(NOWHERE, "\0\2\0\0")), "u", u"U", u"", "u", "", 0x200);
	/* a target in ASCII, in UTF-8, and in what is neither */
	check_old(BYTES(HEAD("\3\0\3\0\40\0\0\0", "\2\2\0\0") "DOM"), "\u00fc",
	    u"\u00dc", u"DOM", "\u00fc", "DOM", 0x202);
	check_old(BYTES(HEAD("\3\0\3\0\40\0\0\0", "\2\2\0\0") "D\xc3\xb6"),
	    "\U0001d11e\u20acx", u"\U0001d11e\u20acX", u"D\u00f6",
	    "\U0001d11e\u20acx", "D\u00f6", 0x202);
	check_old(BYTES(HEAD("\3\0\3\0\40\0\0\0", "\2\2\0\0") "D\x94x"), "u",
	    u"U", u"", "u", "", 0x202);
	check_old(BYTES(HEAD("\2\0\2\0\40\0\0\0", "\2\2\0\0") "D\xc3"), "u",
	    u"U", u"", "u", "", 0x202);
	/* a domain in UTF-16, but names in OEM */
	buf_init(&info, 1000);
	buf_init(&challenge, 1000);
	put_av_wide(&info, 2, u"D\u00f6m\u20ac\U0001d11e");
	put_av(&info, 0, NOTHING);
	put_challenge(&challenge, 0x00800202, NOTHING, BUF_SPAN(&info));
	check_old(BUF_SPAN(&challenge), "u", u"U", u"D\u00f6m\u20ac\U0001d11e",
	    "u", "D\u00f6m\u20ac\U0001d11e", 0x800202);
	buf_free(&info);
	buf_free(&challenge);
}

static void
odd_domains(void)
{
	char16_t half[129] = { 0xdc00, 0xd800, 'x' };
	struct buf info, challenge, utf8;
	size_t i;

	buf_init(&info, 1000);
	buf_init(&challenge, 1000);
	buf_init(&utf8, 1000);
	/* halves of surrogate pairs, at the end of what is allocated, too */
	buf_puts(&utf8, "\xed\xb0\x80\xed\xa0\x80x");
	for (i = 3; i < 127; i++) {
		half[i] = 'y';
		buf_putc(&utf8, 'y');
	}
	half[127] = 0xd800;
	buf_puts(&utf8, "\xed\xa0\x80");
	put_av_wide(&info, 2, half);
	put_challenge(&challenge, 0x00800202, NOTHING, BUF_SPAN(&info));
	check_old(BUF_SPAN(&challenge), "u", u"U", half, "u", buf_str(&utf8),
	    0x800202);
	buf_free(&info);
	buf_free(&challenge);
	buf_free(&utf8);
	/* half a character is no name */
	put_av(&info, 2, BYTES("x"));
	put_challenge(&challenge, 0x00800202, BYTES("DOM"), BUF_SPAN(&info));
	check_old(
	    BUF_SPAN(&challenge), "u", u"U", u"DOM", "u", "DOM", 0x800202);
	buf_free(&info);
	buf_free(&challenge);
}

static void
agrees_on_flags(void)
{
	static const struct {
		uint32_t server, want;
	} rows[] = {
		{ FLAGS, 0xa2888201 },
		{ 0xffffffff, OURS & ~2u },
		{ 0x1, 0x1 },
		{ 0x3, 0x1 },
		{ 0x40000031, 0x1 },
	};
	struct ntlm_login l = login_of("u", "D");
	struct buf challenge, out;
	size_t i;

	buf_init(&challenge, 1000);
	buf_init(&out, 1000);
	for (i = 0; i < COUNT(rows); i++) {
		put_challenge(&challenge, rows[i].server, NOTHING, NOTHING);
		CHECK_INT(answer(&out, BUF_SPAN(&challenge), &l, hasher), 0);
		CHECK(number(BUF_SPAN(&out), 60, 4) == rows[i].want);
		check_wide(field(BUF_SPAN(&out), USER), u"u");
		buf_free(&challenge);
		buf_free(&out);
	}
}

static void
check_fault(struct span message, const char *want)
{
	struct span m = own(message);
	struct ntlm_challenge c;
	const char *fault = ntlm_parse(&c, m);

	CHECK_STR(fault, want);
	disown(m);
}

/* The example with bytes of it overwritten. */
static void
check_forged(size_t at, struct span bytes, const char *want)
{
	struct buf b;

	buf_init(&b, 1000);
	unhex(&b, example);
	memcpy(buf_ptr(&b) + at, bytes.p, bytes.n);
	check_fault(BUF_SPAN(&b), want);
	buf_free(&b);
}

/* The same: a field of the example that lies outside of it counts for none. */
static void
check_outside(size_t at, struct span bytes)
{
	struct ntlm_challenge c;
	struct span m;
	struct buf b;

	buf_init(&b, 1000);
	unhex(&b, example);
	memcpy(buf_ptr(&b) + at, bytes.p, bytes.n);
	m = own(BUF_SPAN(&b));
	CHECK(ntlm_parse(&c, m) == NULL);
	if (at == 12)
		CHECK(c.target.p == NULL && c.info.n > 0);
	else
		CHECK(c.info.p == NULL && c.target.n > 0);
	disown(m);
	buf_free(&b);
}

static void
refuses_what_is_no_challenge(void)
{
	struct span huge = { calloc(1, NTLM_MESSAGE_MAX + 1),
		NTLM_MESSAGE_MAX + 1 };

	check_fault(NOTHING, "its message is too short");
	check_fault(BYTES("NTLMSSP"), "its message is too short");
	check_fault(huge, "its message is too long");
	huge.n--;
	check_fault(huge, "its message is not one of NTLM");
	disown(huge);
	check_forged(0, BYTES("X"), "its message is not one of NTLM");
	check_forged(7, BYTES("X"), "its message is not one of NTLM");
	check_forged(8, BYTES("\1"), "its message is not a challenge");
	check_forged(8, BYTES("\3"), "its message is not a challenge");
	check_forged(11, BYTES("\1"), "its message is not a challenge");
	/* A field may end with the message, and begins behind the header. */
	check_forged(12, BYTES("\x30\0\0\0\x38\0\0\0"), NULL);
	check_outside(12, BYTES("\x31\0\0\0\x38\0\0\0"));
	check_forged(12, BYTES("\1\0\0\0\x67\0\0\0"), NULL);
	check_outside(12, BYTES("\1\0\0\0\x68\0\0\0"));
	check_outside(12, BYTES("\1\0\0\0\x69\0\0\0"));
	check_outside(12, BYTES("\1\0\0\0\x1f\0\0\0"));
	check_outside(12, BYTES("\1\0\0\0\xff\xff\xff\xff"));
	check_outside(12, BYTES("\xff\xff\0\0\1\0\xff\xff"));
	check_outside(12, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"));
	check_forged(12, BYTES("\0\0\xff\xff\xff\xff\xff\xff"), NULL);
	check_outside(40, BYTES("\x25\0\0\0\x44\0\0\0"));
	check_outside(40, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"));
	check_outside(40, BYTES("\x10\0\0\0\xf8\xff\xff\xff"));
	check_outside(40, BYTES("\x10\0\0\0\0\0\0\x80"));
	check_forged(40, BYTES("\0\0\0\0\xff\xff\xff\xff"), NULL);
}

/* Each piece of a message, and each message with a byte changed. */
static void
survives_broken_messages(void)
{
	static const uint8_t bytes[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct ntlm_login l = login_of("user", NULL);
	struct buf b, out;
	size_t n, i, sound = 0;
	int rc;

	buf_init(&b, 1000);
	buf_init(&out, 100000);
	unhex(&b, stamped);
	for (n = 0; n < buf_len(&b); n++) {
		rc = answer(&out, (struct span){ (const char *)buf_ptr(&b), n },
		    &l, hasher);
		CHECK_INT(rc, n < 32);
		buf_cut(&out, 0);
	}
	for (n = 0; n < buf_len(&b); n++)
		for (i = 0; i < COUNT(bytes); i++) {
			uint8_t was = buf_ptr(&b)[n];

			buf_ptr(&b)[n] = bytes[i];
			rc = answer(&out, BUF_SPAN(&b), &l, hasher);
			CHECK(rc == 0 || rc == 1);
			sound += rc == 0;
			buf_cut(&out, 0);
			buf_ptr(&b)[n] = was;
		}
	CHECK(sound > buf_len(&b));
	buf_free(&b);
	buf_free(&out);
}

static int
answer_example(struct buf *out, const struct ntlm_login *l)
{
	struct buf challenge;
	int rc;

	buf_init(&challenge, 1000);
	unhex(&challenge, example);
	rc = answer(out, BUF_SPAN(&challenge), l, hasher);
	buf_free(&challenge);
	return rc;
}

static void
refuses_what_is_not_utf8(void)
{
	static const char *const rows[] = { "\x80", "a\xff", "\xc3", "\xc3(",
		"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xe2\x82",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x9d\x84",
		"\xfc\x80\x80\x80\x80\x80" };
	struct ntlm_login l;
	struct buf out;
	size_t i, k;

	buf_init(&out, 1000);
	for (i = 0; i < COUNT(rows); i++)
		for (k = 0; k < 5; k++) {
			test_row = rows[i];
			l = login_of("user", "domain");
			*(const char **[]){ &l.user, &l.domain, &l.password,
				&l.workstation, &l.spn }[k] = rows[i];
			CHECK_INT(answer_example(&out, &l), NTLM_NOT_UTF8);
			CHECK_INT(buf_len(&out), 0);
		}
	test_row = NULL;
	l = login_of("dom\xe4ne\\user", NULL);
	CHECK_INT(answer_example(&out, &l), NTLM_NOT_UTF8);
	l = login_of("\ud7ff\ue000\uffff", NULL);
	CHECK_INT(answer_example(&out, &l), 0);
	check_wide(field(BUF_SPAN(&out), USER), u"\ud7ff\ue000\uffff");
	buf_free(&out);
}

static void
refuses_what_is_too_long(void)
{
	static const struct {
		size_t which, n;
		int rc;
	} rows[] = {
		{ 0, 16000, 0 },
		{ 0, 32767, NTLM_TOO_LONG }, /* together with the rest */
		{ 0, 32768, NTLM_TOO_LONG },
		{ 1, 32768, NTLM_TOO_LONG },
		{ 2, 32767, 0 },
		{ 2, 32768, NTLM_TOO_LONG },
		{ 3, 32768, NTLM_TOO_LONG },
		{ 4, 32767, NTLM_TOO_LONG },
		{ 4, 40000, NTLM_TOO_LONG },
	};
	struct ntlm_login l;
	struct buf out;
	char *text;
	size_t i;

	buf_init(&out, NTLM_MESSAGE_MAX);
	for (i = 0; i < COUNT(rows); i++) {
		text = malloc(rows[i].n + 1);
		memset(text, 'x', rows[i].n);
		text[rows[i].n] = '\0';
		l = login_of("user", "domain");
		*(const char **[]){ &l.user, &l.domain, &l.password,
			&l.workstation, &l.spn }[rows[i].which] = text;
		CHECK_INT(answer_example(&out, &l), rows[i].rc);
		CHECK((buf_len(&out) > 0) == (rows[i].rc == 0));
		buf_free(&out);
		free(text);
	}
	l = login_of("user", "domain");
	buf_init(&out, 100);
	CHECK_INT(answer_example(&out, &l), NO_MEMORY);
	CHECK_INT(buf_len(&out), 0);
	buf_free(&out);
}

/* As long a challenge as there may be; its list goes back whole, or not. */
static void
long_challenges(void)
{
	struct ntlm_login l = login_of("user", NULL);
	struct buf challenge, info, out;
	char *value = calloc(1, 65536);

	buf_init(&challenge, 2 * NTLM_MESSAGE_MAX);
	buf_init(&info, NTLM_MESSAGE_MAX);
	buf_init(&out, NTLM_MESSAGE_MAX);
	put_av(&info, 1, (struct span){ value, 65000 });
	put_challenge(&challenge, FLAGS, NOTHING, BUF_SPAN(&info));
	CHECK_INT(answer(&out, BUF_SPAN(&challenge), &l, hasher), 0);
	CHECK_INT(pairs(BUF_SPAN(&out)).n, 65000 + 4 + 20 + 4 + 22);
	buf_free(&challenge);
	buf_free(&info);
	buf_free(&out);
	put_av(&info, 2, (struct span){ value, 65470 });
	put_challenge(&challenge, FLAGS, NOTHING, BUF_SPAN(&info));
	CHECK_INT(
	    answer(&out, BUF_SPAN(&challenge), &l, hasher), NTLM_TOO_LONG);
	/* UTF-8 may be longer than what it comes from. */
	memset(value, 0xee, 65536);
	buf_free(&challenge);
	buf_free(&info);
	put_av(&info, 2, (struct span){ value, 50000 });
	put_challenge(&challenge, FLAGS & ~1u, NOTHING, BUF_SPAN(&info));
	CHECK_INT(
	    answer(&out, BUF_SPAN(&challenge), &l, hasher), NTLM_TOO_LONG);
	buf_free(&challenge);
	buf_free(&info);
	buf_free(&out);
	free(value);
}

/* Fails at the call that its argument counts down to. */
static int
failing_hmac(void *arg, const uint8_t key[16], const struct span *pieces,
    size_t n, uint8_t out[16])
{
	int *left = arg;

	if ((*left)-- == 0)
		return -1;
	return hasher->hmac_md5(hasher->arg, key, pieces, n, out);
}

static int
no_hash(void *arg, enum hash kind, const struct span *pieces, size_t n,
    uint8_t out[HASH_MAX])
{
	(void)arg;
	(void)kind;
	(void)pieces;
	(void)n;
	(void)out;
	return -1;
}

static void
does_without_md5(void)
{
	struct ntlm_login l = login_of("user", NULL);
	struct hasher h = { no_hash, failing_hmac, NULL };
	const char *const challenges[] = { example, stamped };
	struct buf challenge, out;
	uint8_t binding[16];
	size_t k;
	int calls, left;

	buf_init(&challenge, 1000);
	buf_init(&out, 1000);
	h.arg = &left;
	CHECK_INT(ntlm_channel_binding(BYTES("x"), &h, binding), -1);
	/* NTOWFv2, proof, session key, then LMv2 or the MIC */
	for (k = 0; k < COUNT(challenges); k++) {
		unhex(&challenge, challenges[k]);
		for (calls = 0; calls < 5; calls++) {
			left = calls;
			CHECK_INT(answer(&out, BUF_SPAN(&challenge), &l, &h),
			    calls < 4 ? NTLM_NO_HASH : 0);
			CHECK((buf_len(&out) > 0) == (calls == 4));
		}
		buf_free(&challenge);
		buf_free(&out);
	}
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(the_means_of_this_test_are_right),
		TEST(negotiates),
		TEST(reads_challenges),
		TEST(answers_the_example),
		TEST(answers_a_timestamp_with_a_MIC),
		TEST(user_and_domain),
		TEST(upper_case_beyond_ascii),
		TEST(pairs_of_the_server),
		TEST(lists_that_lie),
		TEST(old_servers),
		TEST(odd_domains),
		TEST(agrees_on_flags),
		TEST(refuses_what_is_no_challenge),
		TEST(survives_broken_messages),
		TEST(refuses_what_is_not_utf8),
		TEST(refuses_what_is_too_long),
		TEST(long_challenges),
		TEST(does_without_md5),
	};
	int rc;

	hasher = crypto_new();
	rc = test_all(tests, COUNT(tests));
	crypto_free(hasher);
	return rc;
}
