/* http1_test.c -- heads, fields and bodies of HTTP/1 responses. */
#include "http1.h"
#include "test.h"

#define TEXT_MAX 200000

static uint8_t bytes[TEXT_MAX];
static struct http_response response;

static const char *
parse_bytes(const void *head, size_t n)
{
	memcpy(bytes, head, n);
	return http_parse_head(&response, bytes, n);
}

static const char *
parse(const char *head)
{
	return parse_bytes(head, strlen(head));
}

static void
beginnings(void)
{
	static const char line[] = "HTTP/1.1 200 OK";
	size_t i;

	for (i = 0; i < sizeof line; i++)
		CHECK(http_is_response((const uint8_t *)line, i));
	CHECK(!http_is_response((const uint8_t *)"h", 1));
	CHECK(!http_is_response((const uint8_t *)"HTTP/2", 6));
	CHECK(!http_is_response((const uint8_t *)"HTTP/11", 7));
	CHECK(!http_is_response((const uint8_t *)"\r\nHTTP/1.1", 10));
	CHECK(!http_is_response((const uint8_t *)"\0", 1));
}

/* The end is found whole, byte by byte and cut anywhere. */
static void
check_end(const char *text, size_t want)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t n = strlen(text), i, scanned = 0, end = 0;

	test_row = text;
	CHECK_INT(http_head_end(p, n, &scanned), want);
	for (i = 0; i <= n; i++) {
		scanned = 0;
		end = http_head_end(p, i, &scanned);
		CHECK_INT(end, want != 0 && i >= want ? want : 0);
		CHECK(scanned <= i);
		if (end == 0)
			CHECK_INT(http_head_end(p, n, &scanned), want);
	}
	scanned = 0;
	for (end = i = 0; i <= n && end == 0; i++)
		end = http_head_end(p, i, &scanned);
	CHECK_INT(end, want);
	test_row = NULL;
}

static void
ends_of_heads(void)
{
	check_end("", 0);
	check_end("HTTP/1.1 200 OK\r\n", 0);
	check_end("HTTP/1.1 200 OK\r\n\r\n", 19);
	check_end("HTTP/1.1 200 OK\n\n", 17);
	check_end("HTTP/1.1 200 OK\r\n\n", 18);
	check_end("HTTP/1.1 200 OK\n\r\n", 18);
	check_end("HTTP/1.1 200 OK\r\n\r\nSSH-2.0\r\n\r\n", 19);
	check_end("a\r\nb: c\r\n\r\n\r\n", 11);
	check_end("a\r\n\rb\r\n\r\n", 9);
	check_end("a\r\n\r\r\n\r\n", 8);
	check_end("a\r\n \r\n\r\n", 8);
	check_end("a\n\rb\n", 0);
	check_end("a\n\r\r\r", 0);
}

static void
status_lines(void)
{
	static const struct {
		const char *line;
		int minor, status;
		const char *reason;
	} rows[] = {
		{ "HTTP/1.1 200 OK", 1, 200, "OK" },
		{ "HTTP/1.0 200 Connection established", 0, 200,
		    "Connection established" },
		{ "HTTP/1.1 200 ", 1, 200, "" },
		{ "HTTP/1.1 200", 1, 200, "" },
		{ "HTTP/1.1 200\tOK", 1, 200, "OK" },
		{ "HTTP/1.1   200   OK  ", 1, 200, "OK" },
		{ "HTTP/1.9 599 x", 9, 599, "x" },
		{ "HTTP/1.1 100 Continue", 1, 100, "Continue" },
		{ "HTTP/1.1 407 \xff\x80", 1, 407, "\xff\x80" },
	};
	char head[200];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].line;
		snprintf(head, sizeof head, "%s\r\n\r\n", rows[i].line);
		CHECK_STR(parse(head), NULL);
		CHECK_INT(response.minor, rows[i].minor);
		CHECK_INT(response.status, rows[i].status);
		CHECK_SPAN(response.reason, rows[i].reason);
		CHECK(http_field(&response, "").p == NULL);
	}
}

static void
wrong_status_lines(void)
{
	static const char *const lines[] = { "", "HTTP", "HTTP/1.1",
		"HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 200OK",
		"HTTP/1.1 099 x", "HTTP/1.1 600 x", "HTTP/1.1 2x0 x",
		"HTTP/1.1 -20 x", "HTTP/1.1 +20 x", "HTTP/1.x 200 OK",
		"HTTP/1. 200 OK", "HTTP/1.10 200 OK", "HTTP/2.0 200 OK",
		"http/1.1 200 OK", "HTTP/1.1\t200 OK", " HTTP/1.1 200 OK",
		"ICY 200 OK xx", "HTTP/1.1      2" };
	char head[200];
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		test_row = lines[i];
		snprintf(head, sizeof head, "%s\r\n\r\n", lines[i]);
		CHECK(parse(head) != NULL);
	}
	CHECK(parse("") != NULL);
}

static void
nul_bytes(void)
{
	static const char a[] = "HTTP/1.1 200 O\0K\r\n\r\n";
	static const char b[] = "HTTP/1.1 200 OK\r\nX: \0\r\n\r\n";

	CHECK(parse_bytes(a, sizeof a - 1) != NULL);
	CHECK(parse_bytes(b, sizeof b - 1) != NULL);
}

static void
check_field(const char *name, const char *value)
{
	struct span found = http_field(&response, name);

	test_row = name;
	CHECK(found.p != NULL);
	CHECK_SPAN(found, value);
}

/* How many fields of that name there are. */
static int
count_fields(const char *name)
{
	struct span value = { NULL, 0 };
	int n = 0;

	while (http_next_field(&response, name, &value))
		n++;
	return n;
}

static void
fields(void)
{
	CHECK_STR(parse("HTTP/1.1 200 OK\r\n"
			"A: 1\r\n"
			"B:2\n"
			"C:  \t 3 \t\r\n"
			"D:\r\n"
			"E : 5:6\r\n"
			"no field\r\n"
			": 7\r\n"
			"\r\n"
			"F: behind\r\n"),
	    NULL);
	check_field("A", "1");
	check_field("B", "2");
	check_field("C", "3");
	check_field("D", "");
	check_field("E", "5:6");
	check_field("", "7");
	CHECK_INT(count_fields("no field"), 0);
	CHECK_INT(count_fields("F"), 0);
}

static void
folded_lines(void)
{
	CHECK_STR(parse("HTTP/1.1 200 OK\r\n"
			"A: 1\r\n 2\r\n\t3\n 4\r\n"
			"B: 5\r\n \r\n"
			"C: 6\r\n"
			" D: 7\r\n"
			"\r\n"),
	    NULL);
	check_field("A", "1   2  \t3  4");
	check_field("B", "5");
	check_field("C", "6   D: 7");
	CHECK_INT(count_fields("D"), 0);
}

static void
many_fields(void)
{
	enum { MANY = 5000 };
	static char head[MANY * 8 + 100];
	size_t i, at;

	at = (size_t)sprintf(head, "HTTP/1.1 200 OK\r\n");
	for (i = 0; i < MANY; i++)
		at += (size_t)sprintf(head + at, "A:%s\r\n", i % 2 ? "" : " b");
	sprintf(head + at, "B: c\r\n\r\n");
	CHECK_STR(parse(head), NULL);
	CHECK_INT(count_fields("a"), MANY);
	check_field("B", "c");
}

static void
looks_up_fields(void)
{
	struct span value = { NULL, 0 };

	parse("HTTP/1.1 200 OK\r\nVia: a\r\nConnection: x, Close\r\n"
	      "vIA: b\r\nX: \"close\", y=\",Keep-Alive,\"\r\n"
	      "Connection: z\r\n\r\n");
	CHECK(http_next_field(&response, "via", &value));
	CHECK_SPAN(value, "a");
	CHECK(http_next_field(&response, "via", &value));
	CHECK_SPAN(value, "b");
	CHECK(!http_next_field(&response, "via", &value));
	CHECK(http_field(&response, "vi").p == NULL);
	CHECK(http_has_element(&response, "connection", "close"));
	CHECK(http_has_element(&response, "Connection", "Z"));
	CHECK(!http_has_element(&response, "Connection", "clos"));
	CHECK(!http_has_element(&response, "X", "close"));
	CHECK(!http_has_element(&response, "X", "keep-alive"));
	CHECK(!http_has_element(&response, "Y", "close"));
}

static const struct framing {
	const char *status, *fields;
	enum http_body_kind kind;
	uint64_t length;
	int kept;
} framings[] = {
	{ "1.1 407 x", "", BODY_CLOSE, 0, 0 },
	{ "1.1 407 x", "Content-Length: 0\r\n", BODY_NONE, 0, 1 },
	{ "1.1 407 x", "Content-Length: 5\r\n", BODY_LENGTH, 5, 1 },
	{ "1.1 407 x", "Content-Length: 5, 5\r\n", BODY_LENGTH, 5, 1 },
	{ "1.1 407 x", "Content-Length: 5\r\nContent-Length: 5\r\n",
	    BODY_LENGTH, 5, 1 },
	{ "1.1 407 x", "Content-Length: 5, 6\r\n", BODY_CLOSE, 0, 0 },
	{ "1.1 407 x", "Content-Length: 5\r\nContent-Length: 6\r\n", BODY_CLOSE,
	    0, 0 },
	{ "1.1 407 x", "Content-Length: -5\r\n", BODY_CLOSE, 0, 0 },
	{ "1.1 407 x", "Content-Length: 5x\r\n", BODY_CLOSE, 0, 0 },
	{ "1.1 407 x", "Content-Length:\r\n", BODY_CLOSE, 0, 0 },
	{ "1.1 407 x", "Content-Length: 99999999999999999999\r\n", BODY_CLOSE,
	    0, 0 },
	{ "1.1 407 x", "Transfer-Encoding: chunked\r\n", BODY_CHUNKED, 0, 1 },
	{ "1.1 407 x", "Transfer-Encoding: gzip, Chunked\r\n", BODY_CHUNKED, 0,
	    1 },
	{ "1.1 407 x", "Transfer-Encoding: gzip\r\n", BODY_CLOSE, 0, 0 },
	/* Chunked must come last, or the close is the end (RFC 9112 6.3). */
	{ "1.1 407 x", "Transfer-Encoding: chunked, gzip\r\n", BODY_CLOSE, 0,
	    0 },
	{ "1.1 407 x", "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
	    BODY_CLOSE, 0, 0 },
	{ "1.1 407 x", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
	    BODY_CHUNKED, 0, 0 },
	{ "1.1 407 x", "Content-Length: 5\r\nConnection: close\r\n",
	    BODY_LENGTH, 5, 0 },
	{ "1.1 407 x", "Content-Length: 5\r\nConnection: x, CLOSE\r\n",
	    BODY_LENGTH, 5, 0 },
	{ "1.1 407 x", "Content-Length: 5\r\nProxy-Connection: close\r\n",
	    BODY_LENGTH, 5, 0 },
	{ "1.0 407 x", "Content-Length: 5\r\n", BODY_LENGTH, 5, 0 },
	{ "1.0 407 x", "Content-Length: 5\r\nConnection: keep-alive\r\n",
	    BODY_LENGTH, 5, 1 },
	{ "1.0 407 x", "Content-Length: 5\r\nProxy-Connection: Keep-Alive\r\n",
	    BODY_LENGTH, 5, 1 },
	/* Faulty framing, so the connection is not kept (RFC 9112 6.1). */
	{ "1.0 407 x",
	    "Transfer-Encoding: chunked\r\n"
	    "Connection: keep-alive\r\n",
	    BODY_CHUNKED, 0, 0 },
	{ "1.1 103 x", "Content-Length: 5\r\n", BODY_NONE, 0, 1 },
	{ "1.1 204 x", "Content-Length: 5\r\n", BODY_NONE, 0, 1 },
	{ "1.1 304 x", "Content-Length: 5\r\n", BODY_NONE, 0, 1 },
};

static void
framing(void)
{
	const struct framing *f;
	struct http_body body;
	char head[300], row[300];

	for (f = framings; f < framings + COUNT(framings); f++) {
		snprintf(row, sizeof row, "%s %s", f->status, f->fields);
		test_row = row;
		row[strcspn(row, "\r")] = '\0';
		snprintf(head, sizeof head, "HTTP/%s\r\n%s\r\n", f->status,
		    f->fields);
		CHECK_STR(parse(head), NULL);
		http_body_start(&body, &response);
		CHECK_INT(body.kind, f->kind);
		if (f->kind == BODY_LENGTH)
			CHECK_INT(body.left, f->length);
		CHECK_INT(http_keeps_alive(&response, &body), f->kept);
	}
	test_row = NULL;
}

static void
start(struct http_body *body, const char *fields_text)
{
	char head[300];

	snprintf(head, sizeof head, "HTTP/1.1 407 x\r\n%s\r\n", fields_text);
	CHECK_STR(parse(head), NULL);
	http_body_start(body, &response);
}

/*
 * Reads a body in pieces: at most every bytes at once and none across a cut.
 * The content goes into data; returns what was used, or -1.
 */
static ptrdiff_t
read_body(struct http_body *body, const char *text, size_t n, size_t every,
    size_t cut, struct buf *data, int *over)
{
	size_t at = 0, piece;
	struct span part;
	ptrdiff_t used;

	*over = 0;
	while (at < n && !*over) {
		piece = n - at < every ? n - at : every;
		if (cut > at && cut < at + piece)
			piece = cut - at;
		used = http_body_read(
		    body, (const uint8_t *)text + at, piece, &part, over);
		if (used < 0)
			return -1;
		if ((size_t)used > piece || (used == 0 && !*over)) {
			test_complain(__FILE__, __LINE__, "stuck");
			return -1;
		}
		buf_put(data, part.p, part.n);
		at += (size_t)used;
	}
	return (ptrdiff_t)at;
}

/* The same result however the body is cut; extra bytes are left. */
static void
check_body(const char *fields_text, const char *text, size_t n, ptrdiff_t used,
    const char *want, int over)
{
	struct http_body body;
	struct buf data;
	size_t cut;
	int ended;

	test_row = text;
	buf_init(&data, TEXT_MAX);
	for (cut = 0; cut <= n; cut++) {
		start(&body, fields_text);
		CHECK_INT(read_body(&body, text, n, cut == n ? 1 : n, cut,
			      &data, &ended),
		    used);
		CHECK_INT(ended, over);
		if (used >= 0)
			CHECK_BUF(&data, want);
		buf_free(&data);
	}
	test_row = NULL;
}

static void
bodies(void)
{
	check_body("Content-Length: 5\r\n", "hello", 5, 5, "hello", 1);
	check_body("Content-Length: 5\r\n", "helloHTTP", 9, 5, "hello", 1);
	check_body("Content-Length: 5\r\n", "hel", 3, 3, "hel", 0);
	check_body("", "hello\r\n\r\n", 9, 9, "hello\r\n\r\n", 0);
	check_body("Content-Length: 0\r\n", "HTTP", 4, 0, "", 1);
}

static void
check_chunks(const char *text, ptrdiff_t used, const char *want, int over)
{
	check_body("Transfer-Encoding: chunked\r\n", text, strlen(text), used,
	    want, over);
}

static void
chunks(void)
{
	check_chunks("0\r\n\r\n", 5, "", 1);
	check_chunks("0\r\n\r\nHTTP", 5, "", 1);
	check_chunks("5\r\nhello\r\n0\r\n\r\n", 15, "hello", 1);
	check_chunks("4\r\nWiki\r\n7\r\npedia i\r\nB\r\nn \r\nchunks.\r\n"
		     "0\r\n\r\nX",
	    42, "Wikipedia in \r\nchunks.", 1);
	check_chunks("00005\r\nhello\r\n000\r\n\r\n", 21, "hello", 1);
	check_chunks("a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n", 35,
	    "0123456789abcdefghij", 1);
	check_chunks("5;ext=\"x\"\r\nhello\r\n0;y\r\n\r\n", 25, "hello", 1);
	check_chunks("5 \r\nhello\r\n0 \r\n\r\n", 17, "hello", 1);
	check_chunks("5\nhello\n0\n\n", 11, "hello", 1);
	check_chunks("1\r\na\r\n0\r\nTrailer: x\r\nB: y\r\n\r\nZ", 29, "a", 1);
	check_chunks("5\r\nhello\r\n0\r\n", 13, "hello", 0);
	check_chunks("5\r\nhel", 6, "hel", 0);
}

static void
broken_chunks(void)
{
	check_chunks("x\r\n", -1, "", 0);
	check_chunks("\r\n", -1, "", 0);
	check_chunks(";ext\r\n", -1, "", 0);
	check_chunks("-5\r\nhello", -1, "", 0);
	check_chunks("5\r\nhelloX", -1, "", 0);
	check_chunks("5\r\nhello\r\n\r\n", -1, "", 0);
	check_chunks("8000000000000000\r\n", -1, "", 0);
	check_chunks("fffffffffffffffff\r\n", -1, "", 0);
	check_chunks("10000000000000000\r\n", -1, "", 0);
	check_chunks("7fffffffffffffff\r\nabc", 21, "abc", 0);
}

/* A size line and the trailers have a ceiling. */
static void
endless_chunk_lines(void)
{
	struct http_body body;
	struct buf data;
	static char text[TEXT_MAX];
	int over;

	buf_init(&data, TEXT_MAX);
	memset(text, 'x', sizeof text);
	text[0] = '5';
	text[1] = ';';
	start(&body, "Transfer-Encoding: chunked\r\n");
	CHECK_INT(
	    read_body(&body, text, HTTP_LINE_MAX - 10, 1000, 0, &data, &over),
	    HTTP_LINE_MAX - 10);
	CHECK_INT(read_body(&body, text, 100, 1, 0, &data, &over), -1);

	memset(text, '0', sizeof text);
	start(&body, "Transfer-Encoding: chunked\r\n");
	CHECK_INT(
	    read_body(&body, text, HTTP_LINE_MAX + 100, 1000, 0, &data, &over),
	    -1);

	memcpy(text, "0\r\n", 3);
	memset(text + 3, 'x', sizeof text - 3);
	start(&body, "Transfer-Encoding: chunked\r\n");
	CHECK_INT(read_body(&body, text, 60000, 1000, 0, &data, &over), 60000);
	CHECK_INT(
	    read_body(&body, text + 3, HTTP_TRAILER_MAX, 1000, 0, &data, &over),
	    -1);
	CHECK_INT(buf_len(&data), 0);
	buf_free(&data);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(beginnings),
		TEST(ends_of_heads),
		TEST(status_lines),
		TEST(wrong_status_lines),
		TEST(nul_bytes),
		TEST(fields),
		TEST(folded_lines),
		TEST(many_fields),
		TEST(looks_up_fields),
		TEST(framing),
		TEST(bodies),
		TEST(chunks),
		TEST(broken_chunks),
		TEST(endless_chunk_lines),
	};

	return test_all(tests, COUNT(tests));
}
