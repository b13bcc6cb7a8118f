/*
 * greeting.c -- what waits behind a tunnel, by the first bytes that come out
 * of it.  Floor 1.
 */
#include "greeting.h"

#include <string.h>

#define SHOWN_MAX 160 /* bytes of a line */

const struct greeting greeting_closed = { "closed",
	"nothing: it closed the connection at once", 0 };
static const struct greeting silence = { "silence",
	"silence, as of a server that lets its client speak first (web servers "
	"do)",
	0 };
static const struct greeting unknown = { "unknown", "an unknown service", 1 };
static const struct greeting smtp = { "smtp", "a mail server (SMTP)", 1 };
static const struct greeting ftp = { "ftp", "an FTP server", 1 };
static const struct greeting mysql = { "mysql", "a MySQL or MariaDB server",
	0 };
static const struct greeting page = { "page", "a web page", 1 };

static const struct {
	char bytes[16];
	size_t n;
	struct greeting is;
} known[] = {
#define KNOWN(bytes, name, words, text)   \
	{                                 \
		bytes, sizeof(bytes) - 1, \
		{                         \
			name, words, text \
		}                         \
	}
	KNOWN("SSH-", "ssh", "an SSH server", 1),
	KNOWN("HTTP/", "http", "an HTTP server", 1),
	KNOWN("+OK", "pop3", "a mailbox server (POP3)", 1),
	KNOWN("* OK", "imap", "a mailbox server (IMAP)", 1),
	KNOWN("* PREAUTH", "imap", "a mailbox server (IMAP)", 1),
	KNOWN("200 ", "nntp", "a news server (NNTP)", 1),
	KNOWN("201 ", "nntp", "a news server (NNTP)", 1),
	KNOWN("RFB ", "vnc", "a VNC server", 1),
	KNOWN("@RSYNCD", "rsync", "an rsync server", 1),
	KNOWN("AMQP", "amqp", "an AMQP server", 0),
	KNOWN("\x16\x03", "tls", "a server of TLS that speaks first", 0),
	KNOWN("\x15\x03", "tls", "a server of TLS (-e speaks TLS to it)", 0),
	KNOWN("\xff\xfb", "telnet", "a Telnet server", 0),
	KNOWN("\xff\xfd", "telnet", "a Telnet server", 0),
#undef KNOWN
};

/* 220 is what both SMTP and FTP begin with (RFC 5321 4.2, RFC 959 5.4). */
static const struct greeting *
of_220(struct span s)
{
	const char *end = memchr(s.p, '\n', s.n);

	if (end != NULL)
		s.n = (size_t)(end - s.p);
	return span_find(s, "ftp") != NULL ? &ftp : &smtp;
}

static int
begins(struct span s, const char *bytes, size_t n)
{
	return s.n >= n && memcmp(s.p, bytes, n) == 0;
}

const struct greeting *
greeting_of(struct span s)
{
	struct span text = span_trim(s);
	size_t i;

	if (s.n == 0)
		return &silence;
	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (begins(s, known[i].bytes, known[i].n))
			return &known[i].is;
	if (begins(s, "220 ", 4) || begins(s, "220-", 4))
		return of_220(s);
	if (begins(s, "421 ", 4) || begins(s, "554 ", 4))
		return &smtp;
	if (span_starts(text, "<!doctype html") || span_starts(text, "<html"))
		return &page;
	/* A packet's length, its number 0, and version 10 of the protocol. */
	if (s.n > 5 && s.p[3] == 0 && s.p[4] == 10)
		return &mysql;
	return &unknown;
}

int
greeting_is_whole(struct span s)
{
	return s.n >= GREETING_MAX || (s.n > 0 && memchr(s.p, '\n', s.n) != 0);
}

int
greeting_is_page(const struct greeting *g)
{
	return g == &page;
}

int
greeting_is_unknown(const struct greeting *g)
{
	return g == &unknown;
}

int
greeting_show(struct buf *b, const struct greeting *g, struct span s)
{
	struct span line;

	s = span_trim(s);
	if (!g->is_text || !span_line(&s, &line))
		return 0;
	return text_show(b, span_trim(line), SHOWN_MAX);
}
