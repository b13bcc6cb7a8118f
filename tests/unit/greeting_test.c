/* greeting_test.c -- what waits behind a tunnel. */
#include "greeting.h"
#include "test.h"

static void
kinds(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *name, *shown;
	} rows[] = {
#define ROW(bytes, name, shown) { (bytes), sizeof(bytes) - 1, (name), (shown) }
		ROW("", "silence", ""),
		ROW("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "ssh",
		    "SSH-2.0-OpenSSH_9.2p1 Debian-2"),
		ROW("HTTP/1.1 400 Bad Request\r\nServer: x\r\n", "http",
		    "HTTP/1.1 400 Bad Request"),
		ROW("220 mx.example ESMTP Postfix\r\n", "smtp",
		    "220 mx.example ESMTP Postfix"),
		ROW("220-mx.example\r\n220 go on\r\n", "smtp",
		    "220-mx.example"),
		ROW("220 (vsFTPd 3.0.3)\r\n", "ftp", "220 (vsFTPd 3.0.3)"),
		ROW("554 no\r\n", "smtp", "554 no"),
		ROW("+OK ready\r\n", "pop3", "+OK ready"),
		ROW("* OK [CAPABILITY IMAP4rev1]\r\n", "imap",
		    "* OK [CAPABILITY IMAP4rev1]"),
		ROW("RFB 003.008\n", "vnc", "RFB 003.008"),
		ROW("\x16\x03\x01\0", "tls", ""),
		ROW("\x15\x03\x01\0\2\2\x46", "tls", ""),
		ROW("\xff\xfb\1", "telnet", ""),
		ROW("\x4a\0\0\0\x0a"
		    "8.0.36\0",
		    "mysql", ""),
		ROW("\r\n <!DOCTYPE HTML><title>Log in</title>", "page",
		    "<!DOCTYPE HTML><title>Log in</title>"),
		ROW("<html>\n<body>", "page", "<html>"),
		ROW("hello\x1b[2J\n", "unknown", "hello?[2J"),
		ROW("\xff\xff", "unknown", "??"),
#undef ROW
	};
	const struct greeting *g;
	struct buf b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct span s = { rows[i].bytes, rows[i].n };

		test_row = rows[i].bytes;
		g = greeting_of(s);
		CHECK_STR(g->name, rows[i].name);
		buf_init(&b, 1000);
		CHECK_INT(greeting_show(&b, g, s), 0);
		CHECK_BUF(&b, rows[i].shown);
		buf_free(&b);
	}
}

static void
pages_and_lines(void)
{
	static char long_line[GREETING_MAX];

	CHECK(greeting_is_page(greeting_of(span_of("<html>"))));
	CHECK(!greeting_is_page(greeting_of(span_of("SSH-2.0-x"))));
	CHECK(greeting_is_whole(span_of("SSH-2.0-x\r\n")));
	CHECK(!greeting_is_whole(span_of("SSH-2.0-x")));
	CHECK(!greeting_is_whole((struct span){ NULL, 0 }));
	memset(long_line, 'x', sizeof long_line);
	CHECK(greeting_is_whole((struct span){ long_line, sizeof long_line }));
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(kinds),
		TEST(pages_and_lines),
	};

	return test_all(tests, COUNT(tests));
}
