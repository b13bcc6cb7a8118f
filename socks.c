/*
 * socks.c -- SOCKS: the requests of version 4, 4a and 5, the replies, the
 * verdict.  Floor 1: no descriptor, no clock, no output.  RFC 1928, RFC 1929;
 * version 4 has but the papers that came with its first servers.
 */
#include "socks.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "heard.h"
#include "refusal.h"

#define COUNTED_MAX 255 /* bytes of a text whose length is one byte */
#define REPLY_MAX (4 + 1 + COUNTED_MAX + 2)
#define ADDRESSES_MAX 8 /* of one name that are tried */
#define FAULT_MAX 256	/* bytes of a fault that comes from outside */
#define USER_SHOWN 64	/* bytes of the user's name in the talk */
#define TARGET "%.128s" /* as in failures; endpoints are printable */

/* What stands in the messages: RFC 1928 3 to 6, RFC 1929 2. */
enum { METHOD_OPEN = 0, METHOD_PASSWORD = 2, METHOD_NONE = 0xff };
enum { COMMAND_CONNECT = 1 };
enum { TYPE_IPV4 = 1, TYPE_NAME = 3, TYPE_IPV6 = 4 };
enum { LOGIN_ACCEPTED = 0, REPLY5_SUCCEEDED = 0, REPLY4_GRANTED = 90 };

enum socks_state {
	SOCKS_ADDRESS, /* waiting for the target's addresses */
	SOCKS_METHOD,  /* collecting the server's choice of a login */
	SOCKS_LOGIN,   /* what it says to user and password */
	SOCKS_REPLY,   /* what it says to the request */
	SOCKS_ALIEN    /* what is not SOCKS, to name it */
};

struct socks {
	struct handshake handshake;
	const struct socks_connect *what;
	enum socks_state state;
	struct buf addresses;	 /* those left as text, a NUL behind each, the
				    one in use first; none: to->host is sent */
	uint8_t said[REPLY_MAX]; /* the message that is being read */
	size_t nsaid;
	int asked; /* for a password, while this connection waited */
};

/* What is not success. */
struct reply {
	uint8_t code;
	enum fail_code fail;
	int here; /* says it of this address; another one may do */
	char words[48], hint[48];
};

static const struct reply replies5[] = {
	{ 1, FAIL_CONNECT, 1, "general failure", "" },
	{ 2, FAIL_REFUSED, 0, "not allowed by its ruleset",
	    ": try a port that it allows, often 443" },
	{ 3, FAIL_CONNECT, 1, "network unreachable", "" },
	{ 4, FAIL_CONNECT, 1, "host unreachable", "" },
	{ 5, FAIL_CONNECT, 1, "connection refused", "" },
	{ 6, FAIL_CONNECT, 1, "TTL expired", "" },
	{ 7, FAIL_PROTOCOL, 0, "command not supported", "" },
	{ 8, FAIL_PROTOCOL, 1, "address type not supported",
	    ": try socks5:// with -4" },
};

static const struct reply replies4[] = {
	{ 91, FAIL_CONNECT, 1, "rejected or failed", "" },
	{ 92, FAIL_AUTH, 0, "it can't reach the identd of this machine", "" },
	{ 93, FAIL_AUTH, 0, "the identd of this machine names another user",
	    ": give that one with -P USER" },
};

static int
is_version_5(const struct socks *s)
{
	return s->what->version == SOCKS_5;
}

static const char *
protocol(const struct socks *s)
{
	return is_version_5(s) ? "SOCKS5" : "SOCKS4";
}

static const struct credentials *
credentials(const struct socks *s)
{
	return &s->what->login->credentials;
}

static int
may_log_in(const struct socks_connect *what)
{
	return what->login->credentials.user != NULL &&
	       (what->allowed & AUTH_BASIC) != 0;
}

/* Writes a line into the talk. */
static void
say(struct socks *s, const char *arrow, const char *words)
{
	if (s->handshake.talk != NULL)
		BUF_JOIN(
		    s->handshake.talk, arrow, protocol(s), " ", words, "\n");
}

/* For whoever wants to know. */
static void
note_reply(struct socks *s, const char *words)
{
	struct heard *heard = s->handshake.heard;

	if (heard == NULL)
		return;
	heard_reply(heard, s->said[1], words);
	if (buf_len(&heard->product) == 0)
		buf_puts(&heard->product, protocol(s));
}

static void
note_login(struct socks *s, const char *scheme)
{
	if (s->handshake.heard != NULL)
		heard_login(s->handshake.heard, scheme);
}

/* The type of an address, which bytes then has; of all else, TYPE_NAME. */
static uint8_t
address_type(const char *text, uint8_t bytes[16])
{
	if (inet_pton(AF_INET, text, bytes) == 1)
		return TYPE_IPV4;
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return TYPE_IPV6;
	return TYPE_NAME;
}

static int
resolves_here(const struct socks_connect *what)
{
	uint8_t bytes[16];

	return address_type(what->to->host, bytes) == TYPE_NAME &&
	       (what->version == SOCKS_4 ||
		   (what->version == SOCKS_5 && what->resolve_here));
}

/* The name or address that goes out. */
static char *
host_to_send(const struct socks *s)
{
	return buf_len(&s->addresses) > 0 ? (char *)buf_ptr(&s->addresses)
					  : s->what->to->host;
}

/*
 * Why that can't be asked for, or NULL.  Version 4 sets no limit to a user or
 * a name, but its servers do.  A user or password that is empty is sent, as
 * some servers have such users, though RFC 1929 begins at one byte.
 */
static const char *
fault_of(const struct socks_connect *what)
{
	const char *host = what->to->host;
	const struct credentials *c = &what->login->credentials;
	uint8_t bytes[16];

	if (strchr(host, ':') != NULL) {
		if (what->version != SOCKS_5)
			return "SOCKS4 knows no IPv6 address (use socks5://)";
		if (strchr(host, '%') != NULL)
			return "SOCKS5 can't carry the zone of an IPv6 address";
		if (address_type(host, bytes) != TYPE_IPV6)
			return "that is no IPv6 address";
	}
	if (strlen(host) > COUNTED_MAX)
		return "SOCKS can't carry a name of over 255 bytes";
	if (what->version == SOCKS_5 && !may_log_in(what))
		return NULL;
	if (c->user != NULL && strlen(c->user) > COUNTED_MAX)
		return "SOCKS can't carry a user of over 255 bytes";
	if (what->version == SOCKS_5 && c->password != NULL &&
	    strlen(c->password) > COUNTED_MAX)
		return "SOCKS5 can't carry a password of over 255 bytes";
	return NULL;
}

static enum handshake_verdict
cant_ask(const struct socks *s, struct failure *why, const char *fault)
{
	fail(why, FAIL_USAGE, "can't be asked for " TARGET ": %s",
	    s->what->authority, fault);
	return HANDSHAKE_FAILED;
}

static enum handshake_verdict
no_memory(struct failure *why)
{
	fail(why, FAIL_LOCAL, "was not asked: memory is short");
	return HANDSHAKE_FAILED;
}

/* A message is in out, or with -1 it is not: waits for its answer. */
static enum handshake_verdict
sent(struct socks *s, int rc, enum socks_state next, struct failure *why)
{
	if (rc < 0)
		return no_memory(why);
	s->state = next;
	s->nsaid = 0;
	return HANDSHAKE_MORE;
}

static int
put_counted(struct buf *out, const char *text)
{
	size_t n = strlen(text);

	return buf_putc(out, (char)n) < 0 ? -1 : buf_put(out, text, n);
}

static int
put_request5(const struct socks *s, struct buf *out)
{
	uint16_t port = s->what->to->port;
	uint8_t head[3] = { 5, COMMAND_CONNECT, 0 }, address[1 + 16];
	uint8_t tail[2] = { (uint8_t)(port >> 8), (uint8_t)port };
	const char *host = host_to_send(s);
	size_t n;

	address[0] = address_type(host, address + 1);
	n = address[0] == TYPE_IPV4 ? 5 : address[0] == TYPE_IPV6 ? 17 : 1;
	if (buf_put(out, head, sizeof head) < 0 ||
	    buf_put(out, address, n) < 0 ||
	    (address[0] == TYPE_NAME && put_counted(out, host) < 0) ||
	    buf_put(out, tail, sizeof tail) < 0)
		return -1;
	return 0;
}

/* In 4a the address 0.0.0.1 says that a name stands behind the user. */
static int
put_request4(const struct socks *s, struct buf *out)
{
	uint16_t port = s->what->to->port;
	uint8_t head[4] = { 4, COMMAND_CONNECT, (uint8_t)(port >> 8),
		(uint8_t)port };
	uint8_t address[16];
	const char *host = host_to_send(s), *user = credentials(s)->user;
	int by_name = address_type(host, address) == TYPE_NAME;

	if (user == NULL)
		user = "";
	if (by_name)
		memcpy(address, "\0\0\0\1", 4);
	if (buf_put(out, head, sizeof head) < 0 ||
	    buf_put(out, address, 4) < 0 ||
	    buf_put(out, user, strlen(user) + 1) < 0 ||
	    (by_name && buf_put(out, host, strlen(host) + 1) < 0))
		return -1;
	return 0;
}

static void
say_user(struct socks *s, const char *before, const char *after)
{
	struct buf *talk = s->handshake.talk;

	if (talk == NULL)
		return;
	buf_puts(talk, before);
	text_show(talk, span_of(credentials(s)->user), USER_SHOWN);
	buf_puts(talk, after);
}

static void
say_request(struct socks *s)
{
	struct endpoint to = { host_to_send(s), NULL, s->what->to->port };
	struct buf *talk = s->handshake.talk;

	if (talk == NULL)
		return;
	BUF_JOIN(talk, "> ", protocol(s), " CONNECT ");
	endpoint_authority(&to, talk);
	if (!is_version_5(s) && credentials(s)->user != NULL)
		say_user(s, ", user ", "");
	buf_putc(talk, '\n');
	if (!is_version_5(s) && credentials(s)->password != NULL)
		say(s, "* ", "has no place for the password: it is not sent");
}

static enum handshake_verdict
request(struct socks *s, struct buf *out, struct failure *why)
{
	int rc = is_version_5(s) ? put_request5(s, out) : put_request4(s, out);

	say_request(s);
	return sent(s, rc, SOCKS_REPLY, why);
}

/* Offers the methods of login that there are. */
static enum handshake_verdict
greet(struct socks *s, struct buf *out, struct failure *why)
{
	static const uint8_t open[] = { 5, 1, METHOD_OPEN };
	static const uint8_t both[] = { 5, 2, METHOD_OPEN, METHOD_PASSWORD };
	int rc;

	if (may_log_in(s->what)) {
		say(s, "> ", "offers no login, or user and password");
		rc = buf_put(out, both, sizeof both);
	} else {
		say(s, "> ", "offers no login");
		rc = buf_put(out, open, sizeof open);
	}
	return sent(s, rc, SOCKS_METHOD, why);
}

static enum handshake_verdict
begin(struct socks *s, struct buf *out, struct failure *why)
{
	return is_version_5(s) ? greet(s, out, why) : request(s, out, why);
}

static enum handshake_verdict
socks_start(struct handshake *h, struct buf *out, struct failure *why)
{
	struct socks *s = (struct socks *)h;
	const char *fault = fault_of(s->what);

	why->status = 0;
	why->cause = CAUSE_OTHER;
	s->asked = 0;
	if (fault != NULL)
		return cant_ask(s, why, fault);
	if (!resolves_here(s->what) || buf_len(&s->addresses) > 0)
		return begin(s, out, why);
	s->state = SOCKS_ADDRESS;
	h->token = span_of(s->what->to->host);
	return HANDSHAKE_ADDRESS;
}

/* Sends user and password, once both are there. */
static enum handshake_verdict
log_in(struct socks *s, struct buf *out, struct failure *why)
{
	const struct credentials *c = credentials(s);
	const char *fault = fault_of(s->what);
	int rc;

	if (c->password == NULL && s->what->login->asks > 0)
		return HANDSHAKE_PASSWORD;
	if (c->password == NULL) {
		fail(why, FAIL_AUTH,
		    "demands a password: give it with PROXYPASS, -F FILE or "
		    "--password-command");
		return HANDSHAKE_FAILED;
	}
	if (fault != NULL)
		return cant_ask(s, why, fault);
	say_user(s, "> SOCKS5 user ", ", password [hidden]\n");
	rc = buf_putc(out, 1) < 0 || put_counted(out, c->user) < 0 ||
		     put_counted(out, c->password) < 0
		 ? -1
		 : 0;
	return sent(s, rc, SOCKS_LOGIN, why);
}

static enum handshake_verdict
name_alien(struct socks *s, struct failure *why)
{
	refusal_alien(
	    why, protocol(s), (struct span){ (const char *)s->said, s->nsaid });
	return HANDSHAKE_FAILED;
}

/* Collects one line, or BANNER_MAX bytes, of what is not SOCKS. */
static enum handshake_verdict
hear_alien(struct socks *s, struct failure *why)
{
	s->state = SOCKS_ALIEN;
	s->handshake.patience_ms = BANNER_PATIENCE_MS;
	if (s->nsaid < BANNER_MAX && s->said[s->nsaid - 1] != '\n')
		return HANDSHAKE_MORE;
	return name_alien(s, why);
}

static enum handshake_verdict
malformed(
    struct socks *s, struct failure *why, const char *what, uint8_t number)
{
	fail(why, FAIL_PROTOCOL, "does not speak %s as it should: %s %u",
	    protocol(s), what, number);
	return HANDSHAKE_FAILED;
}

/* None of the methods will do, or one that could not be offered. */
static enum handshake_verdict
no_method(struct socks *s, struct failure *why)
{
	if (credentials(s)->user == NULL)
		fail(why, FAIL_AUTH, "demands a login: give one with %s",
		    LOGIN_OPTION(s->what->login));
	else if (!may_log_in(s->what))
		fail(why, FAIL_AUTH,
		    "demands a login: user and password go to it where --auth "
		    "allows basic, which it does not");
	else
		fail(why, FAIL_AUTH,
		    "was offered to go without a login, or with user and "
		    "password, and refused both");
	return HANDSHAKE_FAILED;
}

static enum handshake_verdict
hear_method(struct socks *s, struct buf *out, struct failure *why)
{
	if (s->said[0] != 5)
		return hear_alien(s, why);
	if (s->nsaid < 2)
		return HANDSHAKE_MORE;
	switch (s->said[1]) {
	case METHOD_OPEN:
		say(s, "< ", "wants no login");
		return request(s, out, why);
	case METHOD_PASSWORD:
		say(s, "< ", "wants user and password");
		note_login(s, "user and password");
		return may_log_in(s->what) ? log_in(s, out, why)
					   : no_method(s, why);
	case METHOD_NONE:
		say(s, "< ", "wants another login");
		note_login(s, NULL);
		return no_method(s, why);
	default:
		return malformed(s, why,
		    "it chose a login that was not offered, method",
		    s->said[1]);
	}
}

/* A password that was typed may have been mistyped. */
static enum handshake_verdict
hear_login(struct socks *s, struct buf *out, struct failure *why)
{
	/* Some servers say 5, their own version, rather than 1. */
	if (s->said[0] != 1 && s->said[0] != 5)
		return malformed(s, why,
		    "its answer to user and password is of version",
		    s->said[0]);
	if (s->nsaid < 2)
		return HANDSHAKE_MORE;
	if (s->said[1] == LOGIN_ACCEPTED) {
		say(s, "< ", "login accepted");
		if (s->handshake.heard != NULL)
			s->handshake.heard->scheme = "user and password";
		return request(s, out, why);
	}
	say(s, "< ", "login refused");
	if (s->what->login->typed && s->what->login->asks > 0)
		return HANDSHAKE_PASSWORD;
	why->status = s->said[1];
	why->cause = CAUSE_CREDENTIALS;
	fail(why, FAIL_AUTH,
	    "refused user and password (is the password right?)");
	return HANDSHAKE_FAILED;
}

static const struct reply *
find_reply(const struct socks *s)
{
	static const struct reply unknown = { 0, FAIL_PROTOCOL, 0,
		"no known reason", ": is this a SOCKS proxy?" };
	const struct reply *r = is_version_5(s) ? replies5 : replies4;
	size_t i, n = is_version_5(s) ? sizeof replies5 / sizeof *replies5
				      : sizeof replies4 / sizeof *replies4;

	for (i = 0; i < n; i++)
		if (r[i].code == s->said[1])
			return &r[i];
	return &unknown;
}

/* Turns to the next address; 0: there is none. */
static int
next_address(struct socks *s)
{
	size_t n = buf_len(&s->addresses);
	size_t first = n > 0 ? strlen(host_to_send(s)) + 1 : 0;

	if (first == n)
		return 0;
	buf_take(&s->addresses, first);
	return 1;
}

/* The code is there; what stands behind it, if anything, tells no more. */
static enum handshake_verdict
refuse(struct socks *s, struct failure *why)
{
	const struct reply *r = find_reply(s);

	say(s, "< ", r->words);
	note_reply(s, r->words);
	if (r->here && next_address(s))
		return HANDSHAKE_AGAIN;
	why->status = s->said[1];
	fail(why, r->fail, "%s the tunnel to " TARGET ": %s (%s reply %d)%s",
	    r->fail == FAIL_CONNECT ? "could not open" : "refused",
	    s->what->authority, r->words, protocol(s), why->status, r->hint);
	return HANDSHAKE_FAILED;
}

/* Bytes of a reply of version 5, by its first five; 0: of no known type. */
static size_t
reply_length(const uint8_t *said)
{
	switch (said[3]) {
	case TYPE_IPV4:
		return 4 + 4 + 2;
	case TYPE_IPV6:
		return 4 + 16 + 2;
	case TYPE_NAME:
		return 4 + 1 + (size_t)said[4] + 2;
	default:
		return 0;
	}
}

static enum handshake_verdict
hear_reply5(struct socks *s, struct failure *why)
{
	if (s->said[0] != 5)
		return malformed(s, why, "its reply is of version", s->said[0]);
	if (s->nsaid < 2)
		return HANDSHAKE_MORE;
	if (s->said[1] != REPLY5_SUCCEEDED)
		return refuse(s, why);
	if (s->nsaid < 5)
		return HANDSHAKE_MORE;
	if (reply_length(s->said) == 0)
		return malformed(
		    s, why, "its reply has an address of type", s->said[3]);
	if (s->nsaid < reply_length(s->said))
		return HANDSHAKE_MORE;
	say(s, "< ", "succeeded");
	note_reply(s, "succeeded");
	return HANDSHAKE_DONE;
}

static enum handshake_verdict
hear_reply4(struct socks *s, struct failure *why)
{
	/* Some servers say 4, their own version, rather than 0. */
	if (s->said[0] != 0 && s->said[0] != 4)
		return hear_alien(s, why);
	if (s->nsaid < 2)
		return HANDSHAKE_MORE;
	if (s->said[1] != REPLY4_GRANTED)
		return refuse(s, why);
	if (s->nsaid < 8)
		return HANDSHAKE_MORE;
	say(s, "< ", "granted");
	note_reply(s, "granted");
	return HANDSHAKE_DONE;
}

/* One more byte is there. */
static enum handshake_verdict
hear(struct socks *s, struct buf *out, struct failure *why)
{
	switch (s->state) {
	case SOCKS_METHOD:
		return hear_method(s, out, why);
	case SOCKS_LOGIN:
		return hear_login(s, out, why);
	case SOCKS_REPLY:
		return is_version_5(s) ? hear_reply5(s, why)
				       : hear_reply4(s, why);
	case SOCKS_ADDRESS:
	case SOCKS_ALIEN:
		break;
	}
	return hear_alien(s, why);
}

/*
 * The messages are short and tell their own length only on the way, so they
 * are read byte by byte: nothing behind them is touched, wherever they were
 * cut.
 */
static enum handshake_verdict
socks_feed(struct handshake *h, const uint8_t *p, size_t n, size_t *used,
    struct buf *out, struct failure *why)
{
	struct socks *s = (struct socks *)h;
	enum handshake_verdict verdict = HANDSHAKE_MORE;

	for (*used = 0; verdict == HANDSHAKE_MORE && *used < n; ++*used) {
		s->said[s->nsaid++] = p[*used];
		verdict = hear(s, out, why);
	}
	return verdict;
}

/* Keeps an address if this version can carry it: 1, 0, or -1 as buf_put. */
static int
keep_address(struct socks *s, struct span address)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t bytes[16], type;

	if (address.n >= sizeof text)
		return 0;
	memcpy(text, address.p, address.n);
	text[address.n] = '\0';
	type = address_type(text, bytes);
	if (type == TYPE_NAME || (type == TYPE_IPV6 && !is_version_5(s)))
		return 0;
	return buf_put(&s->addresses, text, strlen(text) + 1) < 0 ? -1 : 1;
}

/* Keeps the first ones of a list; 0, or -1 without memory. */
static int
keep_addresses(struct socks *s, struct span list)
{
	const char *blank;
	int kept = 0, rc;
	size_t n;

	while (list.n > 0 && kept < ADDRESSES_MAX) {
		blank = memchr(list.p, ' ', list.n);
		n = blank == NULL ? list.n : (size_t)(blank - list.p);
		rc = keep_address(s, (struct span){ list.p, n });
		if (rc < 0)
			return -1;
		kept += rc;
		n += blank != NULL;
		list = (struct span){ list.p + n, list.n - n };
	}
	return 0;
}

/* The addresses are there or, with a fault, there are none. */
static enum handshake_verdict
resume_address(struct socks *s, struct span list, const char *fault,
    struct buf *out, struct failure *why)
{
	struct buf shown;

	s->handshake.token = (struct span){ NULL, 0 };
	if (fault == NULL && keep_addresses(s, list) < 0)
		return no_memory(why);
	if (buf_len(&s->addresses) > 0)
		return begin(s, out, why);
	if (fault == NULL)
		fault = is_version_5(s) ? "it has no address"
					: "it has no IPv4 address";
	buf_init(&shown, FAULT_MAX + 8);
	text_show(&shown, span_of(fault), FAULT_MAX);
	fail(why, FAIL_RESOLVE,
	    "is not asked: " TARGET " can't be resolved here: %s (%s:// leaves "
	    "it to the proxy)",
	    s->what->to->host, buf_str(&shown),
	    is_version_5(s) ? "socks5h" : "socks4a");
	buf_free(&shown);
	return HANDSHAKE_FAILED;
}

/* The password is there or, with a fault, there is none. */
static enum handshake_verdict
resume_password(
    struct socks *s, const char *fault, struct buf *out, struct failure *why)
{
	int refused = s->state == SOCKS_LOGIN;
	struct buf shown;

	s->asked = 1;
	if (fault == NULL) /* whom it refuses it hangs up on (RFC 1929 2) */
		return refused ? HANDSHAKE_AGAIN : log_in(s, out, why);
	buf_init(&shown, FAULT_MAX + 8);
	text_show(&shown, span_of(fault), FAULT_MAX);
	fail(why, FAIL_AUTH, "%s user and password: %s",
	    refused ? "refused" : "demands", buf_str(&shown));
	buf_free(&shown);
	return HANDSHAKE_FAILED;
}

static enum handshake_verdict
socks_resume(struct handshake *h, struct span token, const char *fault,
    struct buf *out, struct failure *why)
{
	struct socks *s = (struct socks *)h;

	return s->state == SOCKS_ADDRESS
		   ? resume_address(s, token, fault, out, why)
		   : resume_password(s, fault, out, why);
}

static void
fail_late(struct socks *s, struct failure *why)
{
	if (s->nsaid > 0)
		refusal_unfinished(why);
	else if (s->state == SOCKS_REPLY)
		fail(why, FAIL_TIMEOUT, "has not opened the tunnel to " TARGET,
		    s->what->authority);
	else
		fail(why, FAIL_TIMEOUT, "has not answered");
}

/* It closed or reset the connection. */
static void
fail_cut(struct socks *s, const char *did, struct failure *why)
{
	if (s->nsaid > 0)
		fail(why, FAIL_PROTOCOL,
		    "%s the connection in the middle of its answer", did);
	else if (s->state == SOCKS_LOGIN)
		fail(why, FAIL_AUTH,
		    "%s the connection without an answer to user and password "
		    "(is the password right?)",
		    did);
	else if (s->state == SOCKS_REPLY && is_version_5(s))
		/* So does OpenSSH, whose own connection failed. */
		fail(why, FAIL_CONNECT,
		    "%s the connection when it was asked for " TARGET
		    " (can it reach that?)",
		    did, s->what->authority);
	else {
		why->cause = CAUSE_SILENCE;
		fail(why, FAIL_PROTOCOL,
		    "%s the connection without an answer (does it speak %s? "
		    "try %s://)",
		    did, protocol(s), is_version_5(s) ? "socks4a" : "socks5h");
	}
}

static enum handshake_verdict
socks_end(struct handshake *h, enum handshake_end end, struct failure *why)
{
	struct socks *s = (struct socks *)h;

	if (s->state == SOCKS_ALIEN)
		return name_alien(s, why);
	/* Few servers wait for as long as a person thinks. */
	if (end != HANDSHAKE_DEADLINE && s->state == SOCKS_LOGIN && s->asked &&
	    s->nsaid == 0)
		return HANDSHAKE_AGAIN;
	if (end == HANDSHAKE_DEADLINE)
		fail_late(s, why);
	else
		fail_cut(s, end == HANDSHAKE_EOF ? "closed" : "reset", why);
	return HANDSHAKE_FAILED;
}

static void
socks_free(struct handshake *h)
{
	struct socks *s = (struct socks *)h;

	buf_free(&s->addresses);
	free(s);
}

struct handshake *
socks_connect(const struct socks_connect *what)
{
	static const struct handshake_ops ops = { socks_start, socks_feed,
		socks_resume, socks_end, socks_free };
	struct socks *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->handshake.ops = &ops;
	s->handshake.ipv4_only = what->version == SOCKS_4;
	s->what = what;
	buf_init(&s->addresses, ADDRESSES_MAX * (size_t)INET6_ADDRSTRLEN);
	return &s->handshake;
}
