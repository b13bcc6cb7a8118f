/* text_test.c -- spans, lists, challenges, encodings, numbers. */
#include "test.h"
#include "text.h"

#include <limits.h>

#define BYTES(s) ((struct span){ s, sizeof s - 1 })

static void
trims(void)
{
	CHECK_SPAN(span_trim(span_of("")), "");
	CHECK_SPAN(span_trim(span_of(" \t\r\n ")), "");
	CHECK_SPAN(span_trim(span_of("a")), "a");
	CHECK_SPAN(span_trim(span_of(" \t a b \r\n")), "a b");
	CHECK_SPAN(span_trim(span_of("\va\f")), "\va\f");
}

static void
compares(void)
{
	struct span part = { "Connection-Foo", 10 };

	CHECK(span_is(part, "connection"));
	CHECK(span_is(part, "CONNECTION"));
	CHECK(!span_is(part, "connectio"));
	CHECK(!span_is(part, "connection-"));
	CHECK(span_is(span_of(""), ""));
	CHECK(!span_is(span_of(""), "a"));
	CHECK(span_starts(part, "CONN"));
	CHECK(span_starts(part, ""));
	CHECK(span_starts(part, "connection"));
	CHECK(!span_starts(part, "connection-"));
	CHECK(!span_starts(part, "onn"));
	CHECK(!span_is(span_of("[x"), "{x"));
}

static void
finds(void)
{
	static const char text[] = "Abc def abc";

	CHECK(span_find(span_of(text), "abc") == text);
	CHECK(span_find(span_of(text), "DEF") == text + 4);
	CHECK(span_find(span_of(text + 1), "abc") == text + 8);
	CHECK(span_find(span_of(text), "abcd") == NULL);
	CHECK(span_find((struct span){ text, 6 }, "def") == NULL);
	CHECK(span_find((struct span){ text, 7 }, "def") == text + 4);
	CHECK(span_find(span_of(""), "a") == NULL);
}

static void
cuts_lines(void)
{
	struct span rest = span_of("one\r\ntwo\n\n\r\nfi\rve\r\r\nlast"), line;

	CHECK(span_line(&rest, &line));
	CHECK_SPAN(line, "one");
	CHECK(span_line(&rest, &line));
	CHECK_SPAN(line, "two");
	CHECK(span_line(&rest, &line));
	CHECK_SPAN(line, "");
	CHECK(span_line(&rest, &line));
	CHECK_SPAN(line, "");
	CHECK(span_line(&rest, &line));
	CHECK_SPAN(line, "fi\rve\r");
	CHECK(span_line(&rest, &line));
	CHECK_SPAN(line, "last");
	CHECK(!span_line(&rest, &line));
	rest = span_of("\n");
	CHECK(span_line(&rest, &line));
	CHECK_SPAN(line, "");
	CHECK(!span_line(&rest, &line));
	rest = (struct span){ NULL, 0 };
	CHECK(!span_line(&rest, &line));
}

/* Elements of a list, each behind a '|'. */
static void
check_elements(const char *list, const char *want)
{
	struct span rest = span_of(list), element;
	struct buf got;

	test_row = list;
	buf_init(&got, 1000);
	while (text_next_element(&rest, &element))
		buf_putf(&got, "|%.*s", (int)element.n, element.p);
	CHECK_INT(rest.n, 0);
	CHECK_BUF(&got, want);
	buf_free(&got);
	test_row = NULL;
}

static void
lists(void)
{
	check_elements("", "");
	check_elements("a", "|a");
	check_elements("foo , ,bar,charlie", "|foo|bar|charlie");
	check_elements("foo ,bar,", "|foo|bar");
	check_elements("foo,bar", "|foo|bar");
	check_elements(",", "");
	check_elements(",   ,", "");
	check_elements(",,,a,,,", "|a");
	check_elements("a=\"1,2\",b", "|a=\"1,2\"|b");
	check_elements("a=\"1\\\",2\",b", "|a=\"1\\\",2\"|b");
	check_elements("a=\"1\\\\\",b", "|a=\"1\\\\\"|b");
	check_elements("a\\,b", "|a\\|b");
	check_elements("a=\"open, b", "|a=\"open, b");
	check_elements("a=\"open, b\\", "|a=\"open, b\\");
	check_elements("\"\",\",\"", "|\"\"|\",\"");
	check_elements("\ta\t,\tb\t", "|a|b");
}

/* Challenges, each as <SCHEME>PARAMETERS. */
static void
check_challenges(const char *value, const char *want)
{
	struct span rest = span_of(value), scheme, params;
	struct buf got;
	int n = 0;

	test_row = value;
	buf_init(&got, 2000);
	while (n++ < 100 && text_next_challenge(&rest, &scheme, &params))
		buf_putf(&got, "<%.*s>%.*s", (int)scheme.n, scheme.p,
		    (int)params.n, params.p);
	CHECK(n <= 100);
	CHECK_BUF(&got, want);
	buf_free(&got);
	test_row = NULL;
}

static void
challenges(void)
{
	check_challenges("Basic", "<Basic>");
	check_challenges("Basic realm=\"simple\"", "<Basic>realm=\"simple\"");
	/* RFC 9110 11.6.1 */
	check_challenges("Basic realm=\"simple\", Newauth realm=\"apps\", "
			 "type=1, title=\"Login to \\\"apps\\\"\"",
	    "<Basic>realm=\"simple\"<Newauth>realm=\"apps\", type=1, "
	    "title=\"Login to \\\"apps\\\"\"");
	check_challenges("Newauth realm=\"apps\", type=1,\ttitle=\"Login to "
			 "\\\"apps\\\"\", Basic realm=\"simple\"",
	    "<Newauth>realm=\"apps\", type=1,\ttitle=\"Login to "
	    "\\\"apps\\\"\"<Basic>realm=\"simple\"");
	check_challenges(
	    "NTLM, Negotiate,Basic realm=x", "<NTLM><Negotiate><Basic>realm=x");
	check_challenges("Negotiate YII=, NTLM TlRMTVNTUAAC==",
	    "<Negotiate>YII=<NTLM>TlRMTVNTUAAC==");
	check_challenges("Negotiate a+/-._~b==", "<Negotiate>a+/-._~b==");
	check_challenges(
	    "Digest realm = \"a, Basic b\" , nonce= \"x\" , qop =auth",
	    "<Digest>realm = \"a, Basic b\" , nonce= \"x\" , qop =auth");
	check_challenges("Digest qop=\"auth,auth-int\", Basic realm=\"\"",
	    "<Digest>qop=\"auth,auth-int\"<Basic>realm=\"\"");
	check_challenges(",, Basic realm=\"x\" ,, , Digest nonce=1 ,",
	    "<Basic>realm=\"x\"<Digest>nonce=1");
	check_challenges("basic\trealm=x", "<basic>realm=x");
}

static void
hostile_challenges(void)
{
	check_challenges("", "");
	check_challenges(" , ,", "");
	check_challenges("realm=\"x\"", "");
	check_challenges("realm=\"x\", Basic realm=y", "<Basic>realm=y");
	check_challenges("\"Basic\", @, =, Basic", "<Basic>");
	check_challenges("Basic realm=\"open, Digest nonce=1",
	    "<Basic>realm=\"open, Digest nonce=1");
	check_challenges("Basic realm=\"open\\", "<Basic>realm=\"open\\");
	check_challenges("Ba(sic realm=x", "");
	check_challenges("\x80 realm=x, Basic x", "<Basic>x");
	check_challenges("=, ==, a=, Basic", "<Basic>");
}

static void
tokens(void)
{
	static const char others[] = "\"(),/:;<=>?@[\\]{}";
	int c;

	for (c = 0; c < 256; c++)
		CHECK_INT(text_is_token((char)c),
		    c > ' ' && c < 127 && strchr(others, c) == NULL);
}

static void
check_base64(const char *plain, const char *want)
{
	struct buf b;

	buf_init(&b, 100);
	CHECK_INT(base64_encode(&b, plain, strlen(plain)), 0);
	CHECK_BUF(&b, want);
	buf_free(&b);
}

static void
base64(void)
{
	struct buf b;
	uint8_t all[256];
	size_t i;

	/* RFC 4648 10 */
	check_base64("", "");
	check_base64("f", "Zg==");
	check_base64("fo", "Zm8=");
	check_base64("foo", "Zm9v");
	check_base64("foob", "Zm9vYg==");
	check_base64("fooba", "Zm9vYmE=");
	check_base64("foobar", "Zm9vYmFy");
	/* RFC 7617 2 and 2.1 */
	check_base64("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	check_base64("test:123\xc2\xa3", "dGVzdDoxMjPCow==");

	buf_init(&b, 1000);
	CHECK_INT(base64_encode(&b, "\0\xff\xfb\xef\xbe\x3f\x80\0", 8), 0);
	CHECK_BUF(&b, "AP/7774/gAA=");
	buf_free(&b);
	for (i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)i;
	CHECK_INT(base64_encode(&b, all, sizeof all), 0);
	CHECK_INT(buf_len(&b), 344);
	CHECK_MEM(buf_ptr(&b) + 340, 4, "/w==", 4);
	buf_free(&b);
	buf_init(&b, 7);
	CHECK_INT(base64_encode(&b, "abcd", 4), -1);
	buf_free(&b);
}

static void
check_decoded(const char *text, const char *want)
{
	struct buf b;

	test_row = text;
	buf_init(&b, 100);
	CHECK_INT(base64_decode(&b, span_of(text)), want == NULL ? -1 : 0);
	if (want != NULL)
		CHECK_BUF(&b, want);
	buf_free(&b);
	test_row = NULL;
}

static void
base64_back(void)
{
	/* RFC 4648 10 */
	check_decoded("", "");
	check_decoded("Zg==", "f");
	check_decoded("Zm8=", "fo");
	check_decoded("Zm9v", "foo");
	check_decoded("Zm9vYg==", "foob");
	check_decoded("Zm9vYmE=", "fooba");
	check_decoded("Zm9vYmFy", "foobar");
	/* without padding, and with bits left over */
	check_decoded("Zg", "f");
	check_decoded("Zm8", "fo");
	check_decoded("Zm9vYg", "foob");
	check_decoded("Zh==", "f");
	/* padding that is wrong, or alone, or within */
	check_decoded("Z", NULL);
	check_decoded("Z===", NULL);
	check_decoded("Zg=", NULL);
	check_decoded("Zg===", NULL);
	check_decoded("Zm8==", NULL);
	check_decoded("Zm9v=", NULL);
	check_decoded("Zm9v==", NULL);
	check_decoded("=", NULL);
	check_decoded("==", NULL);
	check_decoded("====", NULL);
	check_decoded("Zg==Zg==", NULL);
	check_decoded("Z=g=", NULL);
	check_decoded("Zm9vY", NULL);
}

static void
base64_takes_no_other_text(void)
{
	struct buf b;

	/* digits of other alphabets, blanks, the bytes beside the ranges */
	check_decoded("Zm-_", NULL);
	check_decoded("Zm9v ", NULL);
	check_decoded(" Zm9v", NULL);
	check_decoded("Zm\r\n", NULL);
	check_decoded("Zm9@", NULL);
	check_decoded("Zm9[", NULL);
	check_decoded("Zm9`", NULL);
	check_decoded("Zm9{", NULL);
	check_decoded("Zm9:", NULL);
	check_decoded("Zm9.", NULL);
	check_decoded("Zm9\xc3", NULL);
	buf_init(&b, 1000);
	CHECK_INT(base64_decode(&b, BYTES("Zm9\0")), -1);
	buf_free(&b);
	/* What lies behind the span is not looked at. */
	CHECK_INT(base64_decode(&b, (struct span){ "Zm9vYmFy", 4 }), 0);
	CHECK_BUF(&b, "foo");
	CHECK_INT(base64_decode(&b, span_of("YmFy")), 0);
	CHECK_BUF(&b, "foobar");
	buf_free(&b);
}

static void
base64_there_and_back(void)
{
	struct buf b, text;
	uint8_t all[256];
	size_t i;

	buf_init(&b, 1000);
	buf_init(&text, 1000);
	for (i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)(255 - i);
	for (i = 0; i <= sizeof all; i++) {
		CHECK_INT(base64_encode(&text, all, i), 0);
		CHECK_INT(base64_decode(&b, BUF_SPAN(&text)), 0);
		CHECK_MEM(buf_ptr(&b), buf_len(&b), all, i);
		buf_free(&text);
		buf_free(&b);
	}
	buf_init(&b, 3);
	CHECK_INT(base64_decode(&b, span_of("Zm9v")), 0);
	CHECK_INT(base64_decode(&b, span_of("Zg==")), NO_MEMORY);
	buf_free(&b);
}

static void
check_quoted(struct span text, const char *want)
{
	struct span rest, name;
	struct buf b, back;

	test_row = want;
	buf_init(&b, 100);
	buf_init(&back, 100);
	CHECK_INT(text_quote(&b, text), 0);
	CHECK_BUF(&b, want);
	buf_free(&b);
	/* It reads back as it was. */
	buf_puts(&b, "n=");
	CHECK_INT(text_quote(&b, text), 0);
	rest = BUF_SPAN(&b);
	CHECK_INT(text_next_param(&rest, &name, &back), 1);
	CHECK_MEM(buf_ptr(&back), buf_len(&back), text.p, text.n);
	buf_free(&b);
	buf_free(&back);
	test_row = NULL;
}

static void
quotes(void)
{
	struct buf b;
	size_t room;

	check_quoted(span_of(""), "\"\"");
	check_quoted(span_of("plain text"), "\"plain text\"");
	check_quoted(span_of("a, b=c"), "\"a, b=c\"");
	check_quoted(span_of("a\"b"), "\"a\\\"b\"");
	check_quoted(span_of("DOM\\user"), "\"DOM\\\\user\"");
	check_quoted(span_of("\"\\\""), "\"\\\"\\\\\\\"\"");
	check_quoted(span_of("\\"), "\"\\\\\"");
	check_quoted(span_of("m\xc3\xbcller"), "\"m\xc3\xbcller\"");
	check_quoted((struct span){ "abcdef", 3 }, "\"abc\"");
	/* a"b takes six bytes; one less in any place is too few. */
	for (room = 0; room <= 6; room++) {
		buf_init(&b, room);
		CHECK_INT(text_quote(&b, span_of("a\"b")), room < 6 ? -1 : 0);
		buf_free(&b);
	}
}

static void
unquoted(void)
{
	static const struct {
		const char *text, *plain; /* NULL: not all in one pair */
	} rows[] = {
		{ "\"\"", "" },
		{ "'a b'", "a b" },
		{ "\"a'b\"", "a'b" },
		{ "\"a\\\"b\\\\c\\'d\\e\"", "a\"b\\c\\'d\\e" },
		{ "'a\\'b\\\"'", "a'b\\\"" },
		{ "", NULL },
		{ "\"", NULL },
		{ "plain", NULL },
		{ "\"a", NULL },
		{ "\"a'", NULL },
		{ "\"a\\\"", NULL },
		{ "\"a\" b", NULL },
		{ "\"a\" \"b\"", NULL },
		{ "a \"b\"", NULL },
	};
	struct buf b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].text;
		buf_init(&b, 100);
		CHECK_INT(text_unquote(&b, span_of(rows[i].text)),
		    rows[i].plain == NULL ? -1 : 0);
		if (rows[i].plain != NULL)
			CHECK_BUF(&b, rows[i].plain);
		buf_free(&b);
	}
	test_row = NULL;
	buf_init(&b, 1);
	CHECK_INT(text_unquote(&b, span_of("'ab'")), NO_MEMORY);
	buf_free(&b);
}

static void
check_percent(const char *text, const char *want)
{
	struct buf b;

	test_row = text;
	buf_init(&b, 100);
	CHECK_INT(percent_decode(&b, span_of(text)), want == NULL ? -1 : 0);
	if (want != NULL)
		CHECK_BUF(&b, want);
	buf_free(&b);
	test_row = NULL;
}

static void
percent(void)
{
	struct buf b;

	check_percent("", "");
	check_percent("plain+text", "plain+text");
	check_percent("%41%7a%7A", "Azz");
	check_percent("%25%3a%40%2f", "%:@/");
	check_percent("%c2%A3", "\xc2\xa3");
	check_percent("%20%09%7f", " \t\x7f");
	check_percent("%2541", "%41");
	check_percent("%", NULL);
	check_percent("%4", NULL);
	check_percent("a%4", NULL);
	check_percent("%4g", NULL);
	check_percent("%g4", NULL);
	check_percent("%%41", NULL);
	check_percent("% 41", NULL);
	check_percent("%+4", NULL);
	check_percent("%00", NULL);
	check_percent("%0d", NULL);
	check_percent("%0A", NULL);
	check_percent("a\r", NULL);
	check_percent("a\n", NULL);
	buf_init(&b, 100);
	CHECK_INT(percent_decode(&b, BYTES("a\0b")), -1);
	buf_free(&b);
	/* What lies behind the span is not looked at. */
	CHECK_INT(percent_decode(&b, (struct span){ "%41", 2 }), -1);
	buf_free(&b);
	buf_init(&b, 2);
	CHECK_INT(percent_decode(&b, span_of("%41%42")), 0);
	CHECK_INT(percent_decode(&b, span_of("%43")), NO_MEMORY);
	buf_free(&b);
}

static void
check_show(struct span text, size_t max, const char *want)
{
	struct buf b;

	test_row = want;
	buf_init(&b, 1000);
	CHECK_INT(text_show(&b, text, max), 0);
	CHECK_BUF(&b, want);
	buf_free(&b);
	test_row = NULL;
}

static void
shows_text(void)
{
	struct buf b;

	check_show(span_of(""), 10, "");
	check_show(span_of(" \t\r\n"), 10, "");
	check_show(span_of(" a \t\r\n b "), 100, "a b");
	check_show(span_of("abcde"), 5, "abcde");
	check_show(span_of("abcde  "), 5, "abcde");
	check_show(span_of("abcdef"), 5, "abcde...");
	check_show(span_of("ab cd"), 2, "ab...");
	check_show(span_of("ab cd"), 3, "ab...");
	check_show(span_of("ab cd"), 4, "ab c...");
	check_show(span_of("a"), 0, "...");
	check_show(span_of(""), 0, "");
	check_show(span_of("ab\xe2\x82\xac"), 4, "ab...");
	check_show(span_of("ab\xe2\x82\xac"), 5, "ab\xe2\x82\xac");
	buf_init(&b, 3);
	CHECK_INT(text_show(&b, span_of("abcdef"), 10), -1);
	buf_free(&b);
	CHECK_INT(text_show(&b, span_of("abcdef"), 2), -1);
	buf_free(&b);
}

static void
shows_no_control_characters(void)
{
	char c[2] = "x";
	int i;

	check_show(
	    span_of("\x1b[31mred\x1b]0;title\a"), 100, "?[31mred?]0;title?");
	check_show(BYTES("a\0b\x7f"
			 "c"),
	    100, "a?b?c");
	check_show(span_of("\xc2\x9b"
			   "31m"),
	    100, "??31m");
	check_show(span_of("\xc2\x80\xc2\x9f\xc2\xa0"), 100, "????\xc2\xa0");
	for (i = 1; i < 32; i++) {
		c[0] = (char)i;
		check_show(
		    span_of(c), 10, strchr("\t\r\n", i) != NULL ? "" : "?");
	}
}

static void
shows_utf8_only(void)
{
	check_show(span_of("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), 100,
	    "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	check_show(span_of("\xff\xfe\x80\xbf"), 100, "????");
	check_show(span_of("\xc0\xaf \xc1\xbf"), 100, "?? ??");
	check_show(span_of("\xe0\x80\xaf \xe0\x9f\xbf"), 100, "??? ???");
	check_show(span_of("\xf0\x8f\xbf\xbf"), 100, "????");
	check_show(span_of("\xed\xa0\x80 \xed\xbf\xbf"), 100, "??? ???");
	check_show(span_of("\xed\x9f\xbf \xee\x80\x80"), 100,
	    "\xed\x9f\xbf \xee\x80\x80");
	check_show(span_of("\xf4\x90\x80\x80"), 100, "????");
	check_show(span_of("\xf5\x80\x80\x80"), 100, "????");
	check_show(span_of("\xe2\x82"), 100, "??");
	check_show(span_of("\xe2\x82z"), 100, "??z");
	check_show(span_of("\xf0\x9f\x98"), 100, "???");
	/* A character that ends behind the span is not there. */
	check_show((struct span){ "a\xe2\x82\xac", 3 }, 100, "a??");
}

/* All of Unicode's Bidi_Control, and what can't be seen at all. */
static void
shows_no_bidi_controls(void)
{
	static const char *const controls[] = { "\xd8\x9c", "\xe2\x80\x8e",
		"\xe2\x80\x8f", "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac",
		"\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa7",
		"\xe2\x81\xa8", "\xe2\x81\xa9", "\xe2\x80\x8b", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xef\xbb\xbf" };
	size_t i;

	for (i = 0; i < COUNT(controls); i++)
		check_show(span_of(controls[i]), 100,
		    strlen(controls[i]) == 2 ? "??" : "???");
	check_show(span_of("\xe2\x80\x90\xe2\x80\x99\xe2\x80\xaf"), 100,
	    "\xe2\x80\x90\xe2\x80\x99\xe2\x80\xaf");
}

static void
seconds(void)
{
	static const struct {
		const char *text;
		int ms; /* -1: refused */
	} rows[] = {
		{ "0", 0 },
		{ "0.0", 0 },
		{ "1", 1000 },
		{ "30", 30000 },
		{ "0.25", 250 },
		{ "0.5", 500 },
		{ "1.050", 1050 },
		{ "007.5", 7500 },
		{ "1.2345", 1234 },
		{ "1.000000001", 1000 },
		{ "0.0001", 1 },
		{ "0.999999999", 999 },
		{ "2000000", 2000000000 },
		{ "2000000.5", -1 },
		{ "2000001", -1 },
		{ "99999999999999999999999", -1 },
		{ "", -1 },
		{ ".", -1 },
		{ "-1", -1 },
		{ "+1", -1 },
		{ " 1", -1 },
		{ "1 ", -1 },
		{ "1s", -1 },
		{ "1e3", -1 },
		{ "0x10", -1 },
		{ "1.2.3", -1 },
		{ "1,5", -1 },
		{ "1.-5", -1 },
		{ "inf", -1 },
		{ "nan", -1 },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		int ms = -2;

		test_row = rows[i].text;
		CHECK_INT(
		    text_seconds(rows[i].text, &ms), rows[i].ms < 0 ? -1 : 0);
		if (rows[i].ms >= 0)
			CHECK_INT(ms, rows[i].ms);
	}
}

static void
check_number(const char *s, unsigned long min, unsigned long max, int rc,
    unsigned long want)
{
	unsigned long v = 12345;

	test_row = s;
	CHECK_INT(text_number(span_of(s), min, max, &v), rc);
	if (rc == 0)
		CHECK(v == want);
	test_row = NULL;
}

static void
numbers(void)
{
	char most[32];

	check_number("0", 0, 0, 0, 0);
	check_number("1", 0, 0, -1, 0);
	check_number("9", 0, 5, -1, 0);
	check_number("5", 0, 5, 0, 5);
	check_number("65535", 1, 65535, 0, 65535);
	check_number("65536", 1, 65535, -1, 0);
	check_number("00022", 1, 65535, 0, 22);
	check_number("0", 1, 65535, -1, 0);
	check_number("99", 100, 599, -1, 0);
	check_number("100", 100, 599, 0, 100);
	check_number("600", 100, 599, -1, 0);
	snprintf(most, sizeof most, "%lu", ULONG_MAX);
	check_number(most, 0, ULONG_MAX, 0, ULONG_MAX);
	most[strlen(most) - 1]++;
	check_number(most, 0, ULONG_MAX, -1, 0);
	check_number("184467440737095516150", 0, ULONG_MAX, -1, 0);
	check_number("", 0, 9, -1, 0);
	check_number(" 1", 0, 9, -1, 0);
	check_number("1 ", 0, 9, -1, 0);
	check_number("+1", 0, 9, -1, 0);
	check_number("-1", 0, ULONG_MAX, -1, 0);
	check_number("1a", 0, ULONG_MAX, -1, 0);
	check_number("0x1", 0, 9, -1, 0);
	check_number("\xd9\xa1", 0, ULONG_MAX, -1, 0);
}

static void
distance(void)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} pairs[] = {
		{ "", "", 0 },
		{ "proxy", "proxy", 0 },
		{ "porxy", "proxy", 1 },
		{ "prxy", "proxy", 1 },
		{ "prroxy", "proxy", 1 },
		{ "praxy", "proxy", 1 },
		{ "kitten", "sitting", 3 },
		{ "", "abc", 3 },
		{ "abc", "", 3 },
		{ "ab", "ba", 1 },
		{ "0123456789abcdef0123456789abcdef0", "x", TEXT_WORD_MAX + 1 },
		{ "x", "0123456789abcdef0123456789abcdef0", TEXT_WORD_MAX + 1 },
	};
	size_t i;

	for (i = 0; i < COUNT(pairs); i++)
		CHECK_INT(
		    text_distance(span_of(pairs[i].a), span_of(pairs[i].b)),
		    pairs[i].distance);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(trims),
		TEST(compares),
		TEST(finds),
		TEST(cuts_lines),
		TEST(lists),
		TEST(challenges),
		TEST(hostile_challenges),
		TEST(tokens),
		TEST(base64),
		TEST(base64_back),
		TEST(base64_takes_no_other_text),
		TEST(base64_there_and_back),
		TEST(quotes),
		TEST(unquoted),
		TEST(percent),
		TEST(shows_text),
		TEST(shows_no_control_characters),
		TEST(shows_utf8_only),
		TEST(shows_no_bidi_controls),
		TEST(seconds),
		TEST(numbers),
		TEST(distance),
	};

	return test_all(tests, COUNT(tests));
}
