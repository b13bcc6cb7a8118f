/* digest_test.c -- the examples of the RFCs, and hostile challenges. */
#include "test.h"
#include "crypto.h"
#include "digest.h"

#include <stdlib.h>

#define OUT_MAX 100000

/* RFC 7616 3.9.1 */
#define NONCE "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define OPAQUE "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
#define CNONCE "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
#define EXAMPLE                                        \
	"realm=\"http-auth@example.org\", "            \
	"qop=\"auth, auth-int\", algorithm=%s, nonce=" \
	"\"" NONCE "\", opaque=\"" OPAQUE "\""

static struct hasher *hasher;

/* Parses a copy that ends where its memory ends. */
static const char *
parse_bytes(struct digest_challenge *c, const char *params, size_t n)
{
	char *copy = malloc(n == 0 ? 1 : n);
	const char *fault;

	memcpy(copy, params, n);
	fault = digest_parse(c, (struct span){ copy, n });
	free(copy);
	return fault;
}

static const char *
parse(struct digest_challenge *c, const char *params)
{
	return parse_bytes(c, params, strlen(params));
}

static void
check_fault(const char *params, const char *want)
{
	struct digest_challenge c;

	test_row = params;
	CHECK_STR(parse(&c, params), want);
	if (want != NULL)
		CHECK(c.realm == NULL && c.nonce == NULL && c.opaque == NULL &&
		      c.algorithm == NULL);
	digest_free(&c);
	digest_free(&c);
	test_row = NULL;
}

static void
parses(void)
{
	struct digest_challenge c;

	CHECK_STR(parse(&c, "realm=\"r\", nonce=\"n\""), NULL);
	CHECK_STR(c.realm, "r");
	CHECK_STR(c.nonce, "n");
	CHECK_STR(c.opaque, NULL);
	CHECK_STR(c.algorithm, NULL);
	CHECK_INT(c.hash, HASH_MD5);
	CHECK_INT(c.qop, DIGEST_NO_QOP);
	CHECK(!c.sess && !c.stale && !c.userhash && !c.utf8);
	digest_free(&c);
	CHECK_STR(
	    parse(&c,
		"REALM=\"\" , Nonce = n=\t, OPAQUE=\"o\\\"\\\\\", "
		"domain=\"/ x\", ALGORITHM=\"sha-512-256-SESS\", QOP=AUTH, "
		"STALE=TRUE, UserHash=True, CHARSET=utf-8"),
	    NULL);
	CHECK_STR(c.realm, "");
	CHECK_STR(c.nonce, "n=");
	CHECK_STR(c.opaque, "o\"\\");
	CHECK_STR(c.algorithm, "sha-512-256-SESS");
	CHECK_INT(c.hash, HASH_SHA512_256);
	CHECK_INT(c.qop, DIGEST_AUTH);
	CHECK(c.sess && c.stale && c.userhash && c.utf8);
	digest_free(&c);
	CHECK_STR(parse(&c, "realm=, nonce=n, opaque=\"\", stale=false, "
			    "userhash=no, charset=latin-1, nonsense"),
	    NULL);
	CHECK_STR(c.realm, "");
	CHECK_STR(c.opaque, "");
	CHECK(!c.stale && !c.userhash && !c.utf8);
	digest_free(&c);
}

static void
first_of_two_counts(void)
{
	struct digest_challenge c;

	CHECK_STR(
	    parse(&c, "realm=a, realm=b, nonce=1, nonce=2, opaque=x, "
		      "opaque=y, algorithm=MD5, algorithm=none, qop=auth-int, "
		      "qop=auth, stale=false, stale=true, userhash=false, "
		      "userhash=true, charset=x, charset=UTF-8"),
	    NULL);
	CHECK_STR(c.realm, "a");
	CHECK_STR(c.nonce, "1");
	CHECK_STR(c.opaque, "x");
	CHECK_STR(c.algorithm, "MD5");
	CHECK_INT(c.qop, DIGEST_AUTH_INT);
	CHECK(!c.stale && !c.userhash && !c.utf8);
	digest_free(&c);
}

static void
algorithms(void)
{
	static const struct {
		const char *name;
		enum hash hash;
		int sess;
	} rows[] = {
		{ "MD5", HASH_MD5, 0 },
		{ "md5-sess", HASH_MD5, 1 },
		{ "SHA-256", HASH_SHA256, 0 },
		{ "sha-256-Sess", HASH_SHA256, 1 },
		{ "SHA-512-256", HASH_SHA512_256, 0 },
		{ "SHA-512-256-sess", HASH_SHA512_256, 1 },
	};
	static const char *const strange[] = { "", "MD", "MD4", "MD5-", "-sess",
		"MD5sess", "MD5-sess-sess", "SHA-512", "SHA256", "SHA-1",
		"\"MD5 \"" };
	struct digest_challenge c;
	char text[100];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].name;
		snprintf(text, sizeof text, "realm=r, nonce=n, algorithm=%s",
		    rows[i].name);
		CHECK_STR(parse(&c, text), NULL);
		CHECK_STR(c.algorithm, rows[i].name);
		CHECK_INT(c.hash, rows[i].hash);
		CHECK_INT(c.sess, rows[i].sess);
		digest_free(&c);
	}
	for (i = 0; i < COUNT(strange); i++) {
		snprintf(text, sizeof text, "realm=r, nonce=n, algorithm=%s",
		    strange[i]);
		check_fault(text, "its algorithm is not known");
	}
}

static void
check_qop(const char *qop, enum digest_qop want)
{
	struct digest_challenge c;
	char text[100];

	test_row = qop;
	snprintf(text, sizeof text, "realm=r, nonce=n, qop=%s", qop);
	CHECK_STR(parse(&c, text),
	    want == DIGEST_NO_QOP ? "its qop is not known" : NULL);
	CHECK_INT(c.qop, want);
	digest_free(&c);
	test_row = NULL;
}

static void
qops(void)
{
	check_qop("auth", DIGEST_AUTH);
	check_qop("\"auth\"", DIGEST_AUTH);
	check_qop("\"auth-int\"", DIGEST_AUTH_INT);
	check_qop("\"auth,auth-int\"", DIGEST_AUTH);
	check_qop("\"auth-int , AUTH\"", DIGEST_AUTH);
	check_qop("\"auth-conf,, Auth-Int,\"", DIGEST_AUTH_INT);
	check_qop("\"\"", DIGEST_NO_QOP);
	check_qop("", DIGEST_NO_QOP);
	check_qop("\"auth-conf\"", DIGEST_NO_QOP);
	check_qop("\"auth auth-int\"", DIGEST_NO_QOP);
}

static void
hostile_challenges(void)
{
	static const char nul[] = "realm=\"a\0b\", nonce=n";
	static char text[4 * DIGEST_CHALLENGE_MAX];
	struct digest_challenge c;
	char control[] = "realm=\"a?b\", nonce=n";
	int i;

	check_fault("", "it has no realm");
	check_fault("nonce=\"n\"", "it has no realm");
	check_fault("realm=\"r\"", "it has no nonce");
	check_fault("realm=\"r\", nonce=\"\"", "it has no nonce");
	check_fault("realm=\"r\", nonce", "it has no nonce");
	check_fault("realm=\"r, nonce=n", "it has no nonce");
	check_fault("TlRMTVNTUAAC==", "it has no realm");
	check_fault(",=,\"\",\\,= =", "it has no realm");
	check_fault("realm=r, nonce=\"n\\", NULL);
	check_fault("realm=\xff\xfe, nonce=\"\x80\"", NULL);

	CHECK_STR(parse_bytes(&c, nul, sizeof nul - 1),
	    "a control character is in it");
	for (i = 1; i < 0x100; i++) {
		control[8] = (char)i;
		if (i == '"')
			continue;
		check_fault(control, (i < ' ' && i != '\t') || i == 0x7f
					 ? "a control character is in it"
					 : NULL);
	}
	check_fault(
	    "realm=r, nonce=n, opaque=\"\n\"", "a control character is in it");
	check_fault(
	    "realm=r, nonce=n, opaque=o, opaque=\"\n\", x=\"\n\"", NULL);

	for (i = 0; i <= 1; i++) {
		snprintf(text, sizeof text,
		    "realm=r, domain=\"%0*d\", nonce=\"%0*d\"",
		    2 * DIGEST_CHALLENGE_MAX, 0, DIGEST_CHALLENGE_MAX + i, 0);
		CHECK_STR(parse(&c, text),
		    i == 0 ? NULL : "a value in it is too long");
		digest_free(&c);
	}
}

/* The answer of user with the password, for that request. */
static void
check_answer(const char *params, const char *user, const char *password,
    const struct digest_request *r, const char *want)
{
	struct credentials who = { (char *)(uintptr_t)user,
		(char *)(uintptr_t)password };
	struct digest_challenge c;
	struct buf out;

	test_row = want;
	buf_init(&out, OUT_MAX);
	CHECK_STR(parse(&c, params), NULL);
	CHECK_INT(digest_answer(&c, &who, r, hasher, &out), 0);
	CHECK_BUF(&out, want);
	digest_free(&c);
	buf_free(&out);
	test_row = NULL;
}

static void
rfc_7616_example(void)
{
	static const struct digest_request get = { "GET", "/dir/index.html",
		CNONCE, 1 };
	static const struct {
		const char *algorithm, *response;
	} rows[] = {
		{ "MD5", "8ca523f5e9506fed4657c9700eebdbec" },
		{ "SHA-256", "753927fa0e85d155564e2e272a28d180"
			     "2ca10daf4496794697cf8db5856cb6c1" },
	};
	char params[300], want[600];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(params, sizeof params, EXAMPLE, rows[i].algorithm);
		snprintf(want, sizeof want,
		    "Digest username=\"Mufasa\", "
		    "realm=\"http-auth@example.org\", nonce=\"%s\", "
		    "uri=\"/dir/index.html\", response=\"%s\", algorithm=%s, "
		    "opaque=\"%s\", qop=auth, nc=00000001, cnonce=\"%s\"",
		    NONCE, rows[i].response, rows[i].algorithm, OPAQUE, CNONCE);
		check_answer(params, "Mufasa", "Circle of Life", &get, want);
	}
}

/* RFC 7616 3.9.2, where other hashes are printed than SHA-512/256 gives. */
static void
rfc_7616_example_with_userhash(void)
{
	static const struct digest_request get = { "GET", "/doe.json",
		"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", 1 };

	check_answer(
	    "realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
	    "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
	    "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", "
	    "charset=UTF-8, userhash=true",
	    "J\xc3\xa4s\xc3\xb8n Doe", "Secret, or not?", &get,
	    "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360a"
	    "eb624ed06ece9b0b\", realm=\"api@example.org\", "
	    "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
	    "uri=\"/doe.json\", response=\"3798d4131c277846293534c3edc11bd8a5e4"
	    "cdcbff78b05db9d95eeb1cec68a5\", algorithm=SHA-512-256, "
	    "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", "
	    "qop=auth, nc=00000001, "
	    "cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", "
	    "userhash=true");
}

/* RFC 2617 3.5, and RFC 2069 2.4 with the response of its erratum 749. */
static void
older_examples(void)
{
	static const struct digest_request get = { "GET", "/dir/index.html",
		"0a4f113b", 1 };

	check_answer("realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
		     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
	    "Mufasa", "Circle Of Life", &get,
	    "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
	    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
	    "uri=\"/dir/index.html\", "
	    "response=\"6629fae49393a05397450978507c4ef1\", "
	    "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", "
	    "qop=auth, nc=00000001, cnonce=\"0a4f113b\"");
	check_answer("realm=\"testrealm@host.com\", "
		     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
	    "Mufasa", "CircleOfLife", &get,
	    "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
	    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
	    "uri=\"/dir/index.html\", "
	    "response=\"1949323746fe6a43ef61f9606e7febea\", "
	    "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
}

/* What Python's hashlib makes of it. */
static const struct {
	const char *options, *response, *rspauth;
} sums[] = {
	{ "", "927f07881410d3e0363f6bea63e601e8",
	    "8a0317d91713c6fb280d82ae7e364314" },
	{ "qop=auth", "331dd275d30a4aa2cd10612374133033",
	    "61b4275dc853c9e7daa99e72b8705ad6" },
	{ "qop=auth-int", "0115f0f1b8bb783816f1d100a073478b",
	    "4953aa459475a27b4bf8ef986f69b57e" },
	{ "algorithm=MD5-sess", "d3bf99ce6e18cd9479c4d4ccc6752a3f",
	    "bb2671bc4be81ef737a47a7fd957d4fa" },
	{ "algorithm=MD5-sess, qop=auth", "fcc5ddbc58048e262f7ad54125a6ed1e",
	    "da784548c477718860246e79aac75e8b" },
	{ "algorithm=MD5-sess, qop=auth-int",
	    "4e24d567043600904a09c69072a17efc",
	    "7d028803fe3862d3e570fada16c8c79c" },
	{ "algorithm=SHA-256, qop=auth-int",
	    "b6ab398273d119e3e0911109f38542294360a70399565ad14a9f7ae1861ea083",
	    "0abc72927e2e832dfebd85fd586c04f06d8158f1256900c75e302a4431c9037"
	    "2" },
	{ "algorithm=SHA-256-sess, qop=auth",
	    "dbf4e4ae92ffec9c5c282fbae788b8ba3fc716425bb52efbae1934089c0a6187",
	    "910e9cae60f0a7d3e6e332a88d5cc36ece2db1caba84b6b284d6cf171713517"
	    "f" },
	{ "algorithm=SHA-512-256",
	    "d625167ba1afcb012f876e0b0f02564d44e00c273b3717779eb26d4b8d8f1e8c",
	    "5fd13539a9f178ece05a9af3b8a2383c0f29c35752ac890f4956a62f9394de3"
	    "7" },
	{ "algorithm=SHA-512-256-sess, qop=auth-int",
	    "f06798c325ba0e386a4308eb19dbd659a28daf07087d7b9e64604fc35f6cc9b0",
	    "103396722c1d833b304db0fc429dca21fb97f9bce8f102aa863d5674bc87a52"
	    "7" },
};

static char user[] = "user", secret[] = "secret";
static const struct credentials somebody = { user, secret };
static const struct digest_request connect_10 = { "CONNECT", "host:443",
	"a cnonce", 10 };

static void
parse_sum(struct digest_challenge *c, size_t row)
{
	char params[200];

	test_row = sums[row].options;
	snprintf(params, sizeof params,
	    "realm=\"a realm\", nonce=\"a nonce\", %s", sums[row].options);
	CHECK_STR(parse(c, params), NULL);
}

static void
all_kinds(void)
{
	struct digest_challenge c;
	struct buf out, want;
	size_t i;

	buf_init(&out, OUT_MAX);
	buf_init(&want, OUT_MAX);
	for (i = 0; i < COUNT(sums); i++) {
		parse_sum(&c, i);
		CHECK_INT(
		    digest_answer(&c, &somebody, &connect_10, hasher, &out), 0);
		buf_putf(&want,
		    "Digest username=\"user\", realm=\"a realm\", "
		    "nonce=\"a nonce\", uri=\"host:443\", response=\"%s\"",
		    sums[i].response);
		if (c.algorithm != NULL)
			buf_putf(&want, ", algorithm=%s", c.algorithm);
		if (c.qop != DIGEST_NO_QOP)
			buf_putf(&want, ", qop=%s, nc=0000000a",
			    c.qop == DIGEST_AUTH ? "auth" : "auth-int");
		if (c.qop != DIGEST_NO_QOP || c.sess)
			buf_puts(&want, ", cnonce=\"a cnonce\"");
		CHECK_BUF(&out, buf_str(&want));
		digest_free(&c);
		buf_free(&out);
		buf_free(&want);
	}
	test_row = NULL;
}

static void
odd_quoting(void)
{
	static const struct digest_request connect_1 = { "CONNECT", "host:443",
		"c", 1 };
	static const struct digest_request most = { "CONNECT", "host:443", "c",
		0xffffffff };

	check_answer("realm=\"say \\\"a\\\\b\\\"\", nonce=\"n\\\"1\\\\\", "
		     "opaque=\"\\o\\\\\\\"\", algorithm=\"md5\", qop=auth",
	    "DOMAIN\\us\"er", "pa:ss\"\\", &connect_1,
	    "Digest username=\"DOMAIN\\\\us\\\"er\", "
	    "realm=\"say \\\"a\\\\b\\\"\", nonce=\"n\\\"1\\\\\", "
	    "uri=\"host:443\", response=\"1194e6a862a416381dd2f0c36db09e0a\", "
	    "algorithm=md5, opaque=\"o\\\\\\\"\", qop=auth, nc=00000001, "
	    "cnonce=\"c\"");
	check_answer("realm=\"\", nonce=n, qop=\"auth\"", "", "", &connect_1,
	    "Digest username=\"\", realm=\"\", nonce=\"n\", uri=\"host:443\", "
	    "response=\"07e4919731d98cc133b2624aa76009d9\", qop=auth, "
	    "nc=00000001, cnonce=\"c\"");
	check_answer("realm=r, nonce=n, opaque=\"\", qop=\"auth\"", "user",
	    "secret", &most,
	    "Digest username=\"user\", realm=\"r\", nonce=\"n\", "
	    "uri=\"host:443\", "
	    "response=\"9911f9e0fd546ed31cfc422f46197ab7\", opaque=\"\", "
	    "qop=auth, nc=ffffffff, cnonce=\"c\"");
}

/* An answer to a challenge of these options, up to its realm. */
static void
check_user(const char *options, const char *name, const char *want,
    const char *response)
{
	struct credentials who = { (char *)(uintptr_t)name, secret };
	struct digest_request r = { "CONNECT", "host:443", "c", 1 };
	struct digest_challenge c;
	struct buf out;
	char params[200], start[200];

	test_row = want;
	snprintf(
	    params, sizeof params, "realm=r, nonce=n, qop=auth, %s", options);
	snprintf(start, sizeof start,
	    "Digest %s, realm=\"r\", nonce=\"n\", uri=\"host:443\", "
	    "response=\"%s\"",
	    want, response);
	buf_init(&out, OUT_MAX);
	CHECK_STR(parse(&c, params), NULL);
	CHECK_INT(digest_answer(&c, &who, &r, hasher, &out), 0);
	CHECK_HAS(buf_str(&out), start);
	CHECK_INT(strstr(buf_str(&out), ", userhash=true") != NULL, c.userhash);
	digest_free(&c);
	buf_free(&out);
	test_row = NULL;
}

static void
user_names(void)
{
	static const char jason[] = "J\xc3\xa4s\xc3\xb8n Doe";
	static const char response[] = "79fa8242d9a2dd858a713c10c0037a25";

	check_user("charset=UTF-8", jason,
	    "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe", response);
	check_user("", jason, "username=\"J\xc3\xa4s\xc3\xb8n Doe\"", response);
	check_user("charset=UTF-8, userhash=true", jason,
	    "username=\"5703a5febcd02d9343c65f18249ec303\"", response);
	check_user("userhash=true", jason,
	    "username=\"5703a5febcd02d9343c65f18249ec303\"", response);
	check_user("charset=UTF-8", "a\tb", "username=\"a\tb\"",
	    "2748fb9675eb99da3ff53b9d9c98ae43");
	/* What a quoted string can't hold has no other form. */
	check_user("", "a\nb'*%", "username*=UTF-8''a%0Ab%27%2A%25",
	    "fd8027f292c5c450c3e139d7efee32dd");
}

static int
confirm(const struct digest_challenge *c, const struct digest_request *r,
    const char *value)
{
	size_t n = strlen(value);
	char *copy = malloc(n == 0 ? 1 : n);
	int rc;

	memcpy(copy, value, n);
	rc = digest_confirms(c, &somebody, r, hasher, (struct span){ copy, n });
	free(copy);
	return rc;
}

static void
confirms(void)
{
	struct digest_challenge c;
	char value[300];
	size_t i, at;

	for (i = 0; i < COUNT(sums); i++) {
		parse_sum(&c, i);
		snprintf(
		    value, sizeof value, "rspauth=\"%s\"", sums[i].rspauth);
		CHECK_INT(confirm(&c, &connect_10, value), 1);
		for (at = 9; value[at] != '"'; at++) {
			value[at] ^= 1;
			CHECK_INT(confirm(&c, &connect_10, value), 0);
			value[at] ^= 1;
		}
		/* The answer itself proves nothing. */
		snprintf(
		    value, sizeof value, "rspauth=\"%s\"", sums[i].response);
		CHECK_INT(confirm(&c, &connect_10, value), 0);
		digest_free(&c);
	}
	test_row = NULL;
}

/* To the request that sums[1] is about, and how it is judged. */
static void
confirms_by_the_field(void)
{
#define AUTH "61b4275dc853c9e7daa99e72b8705ad6"
#define AUTH_INT "4953aa459475a27b4bf8ef986f69b57e"
	static const struct {
		const char *value;
		int want;
	} rows[] = {
		{ "", 1 },
		{ "nextnonce=\"x\"", 1 },
		{ "nextnonce=\"x\", qop=none, nc=00000001", 1 },
		{ "rspauth", 1 },
		{ "rspauth=", 0 },
		{ "rspauth=\"\"", 0 },
		{ "rspauth=" AUTH, 1 },
		{ "RSPAUTH = \"" AUTH "\" , nextnonce=n", 1 },
		{ "nc=0000000a, cnonce=\"a cnonce\", qop=auth, "
		  "rspauth=\"" AUTH "\"",
		    1 },
		{ "nc=0000000b, cnonce=\"other\", rspauth=\"" AUTH "\"", 1 },
		{ "rspauth=\"" AUTH "\", qop=\"AUTH\"", 1 },
		{ "rspauth=\"" AUTH "\", qop=auth-int", 0 },
		{ "rspauth=\"" AUTH "\", qop=auth, qop=auth-int", 1 },
		{ "rspauth=\"" AUTH "\", qop=auth-conf", 0 },
		{ "rspauth=\"" AUTH "\", qop=\"\"", 0 },
		{ "rspauth=\"" AUTH_INT "\", qop=auth-int", 1 },
		{ "rspauth=\"" AUTH_INT "\"", 0 },
		{ "rspauth=\"" AUTH "\", rspauth=x", 1 },
		{ "rspauth=x, rspauth=\"" AUTH "\"", 0 },
		{ "rspauth=\"" AUTH "0\"", 0 },
		{ "rspauth=\"" AUTH AUTH "\"", 0 },
		{ "rspauth=\"" AUTH AUTH AUTH "\"", 0 },
		{ "rspauth=\"" AUTH, 1 },
	};
	static const char nul[] = "rspauth=\"" AUTH "\0\"";
	struct digest_request other = connect_10;
	struct digest_challenge c;
	size_t i;

	parse_sum(&c, 1);
	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].value;
		CHECK_INT(
		    confirm(&c, &connect_10, rows[i].value), rows[i].want);
	}
	test_row = NULL;
	CHECK_INT(digest_confirms(&c, &somebody, &connect_10, hasher,
		      (struct span){ nul, sizeof nul - 1 }),
	    0);
	CHECK_INT(digest_confirms(&c, &somebody, &connect_10, hasher,
		      (struct span){ NULL, 0 }),
	    1);
	other.nc++;
	CHECK_INT(confirm(&c, &other, "rspauth=" AUTH), 0);
	other = connect_10;
	other.cnonce = "other";
	CHECK_INT(confirm(&c, &other, "rspauth=" AUTH), 0);
	digest_free(&c);
	/* There is no qop in what had none. */
	parse_sum(&c, 0);
	CHECK_INT(confirm(&c, &connect_10,
		      "qop=auth, rspauth=8a0317d91713c6fb280d82ae7e364314"),
	    1);
	digest_free(&c);
}

static int calls_left;

static int
fail_later(void *arg, enum hash kind, const struct span *pieces, size_t n,
    uint8_t out[HASH_MAX])
{
	if (calls_left-- == 0)
		return -1;
	return hasher->hash(((struct hasher *)arg)->arg, kind, pieces, n, out);
}

static void
hashers_fail(void)
{
	struct hasher failing = { fail_later, NULL, hasher };
	struct digest_challenge c;
	struct buf out;
	int calls, rc = -1;

	CHECK_STR(parse(&c, "realm=r, nonce=n, algorithm=MD5-sess, "
			    "qop=auth-int, userhash=true"),
	    NULL);
	buf_init(&out, OUT_MAX);
	buf_puts(&out, "before");
	for (calls = 0; calls < 20 && rc < 0; calls++) {
		calls_left = calls;
		rc = digest_answer(&c, &somebody, &connect_10, &failing, &out);
		if (rc < 0)
			CHECK_BUF(&out, "before");
	}
	CHECK_INT(rc, 0);
	CHECK_INT(calls, 7); /* five for the response, one for the user */
	for (calls = 0; calls < 5; calls++) {
		calls_left = calls;
		CHECK_INT(digest_confirms(&c, &somebody, &connect_10, &failing,
			      span_of("rspauth=00")),
		    -1);
	}
	calls_left = 0;
	CHECK_INT(digest_confirms(&c, &somebody, &connect_10, &failing,
		      span_of("nextnonce=00")),
	    1);
	digest_free(&c);
	buf_free(&out);
}

static void
no_room(void)
{
	struct digest_challenge c;
	struct buf out;
	size_t i;
	int rc = -1;

	CHECK_STR(parse(&c, "realm=r, nonce=n, opaque=o, algorithm=MD5-sess, "
			    "qop=auth, userhash=true"),
	    NULL);
	for (i = 6; i < 1000 && rc < 0; i++) {
		buf_init(&out, i);
		buf_puts(&out, "before");
		rc = digest_answer(&c, &somebody, &connect_10, hasher, &out);
		if (rc < 0)
			CHECK_BUF(&out, "before");
		else
			CHECK_INT(buf_len(&out), i);
		buf_free(&out);
	}
	CHECK_INT(rc, 0);
	digest_free(&c);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(parses),
		TEST(first_of_two_counts),
		TEST(algorithms),
		TEST(qops),
		TEST(hostile_challenges),
		TEST(rfc_7616_example),
		TEST(rfc_7616_example_with_userhash),
		TEST(older_examples),
		TEST(all_kinds),
		TEST(odd_quoting),
		TEST(user_names),
		TEST(confirms),
		TEST(confirms_by_the_field),
		TEST(hashers_fail),
		TEST(no_room),
	};
	int rc;

	hasher = crypto_new();
	rc = test_all(tests, COUNT(tests));
	crypto_free(hasher);
	return rc;
}
