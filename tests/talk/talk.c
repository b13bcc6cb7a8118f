/*
 * talk.c -- plays transcripts to the CONNECT handshake: whole, byte by byte
 * and cut at every point.  The result must be the same each time.
 *
 * A transcript has lines:
 *   set NAME VALUE     target, host, user, password, auth, header, domain,
 *                      spn, binding, asks (for a password), typed
 *   > TEXT             the handshake sends this line (CRLF is added)
 *   < TEXT             the proxy sends this line (CRLF is added)
 *   <| TEXT            the same without CRLF
 *   <* COUNT TEXT      COUNT times the same
 *   . TEXT             bytes behind the handshake, which it must leave
 *   ? password TEXT    it wants a password, and gets this
 *   ? token TEXT TEXT  it wants a token of GSSAPI for the first ("-": none),
 *                      and gets the second
 *   ? fault TEXT       it wants one of them, and does not get it
 *   = eof|reset|deadline  nothing more comes, for that reason
 *   ! done|again|failed STATUS TEXT...   the verdict; each TEXT between
 *                      bars is found in the failure's line
 * Random bytes are 0xaa, and it is the year 2023.  TEXT knows \r \n \t \0
 * \\ \xHH.  After "again" there is a new connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "crypto.h"
#include "http.h"
#include "../unescape.h"

#define STEPS_MAX 64
#define HEADERS_MAX 8
#define LINE_MAX_BYTES 65536
#define INPUT_MAX ((size_t)1 << 20)
#define PAIRS_MAX 220 /* bytes of input up to which two cuts are tried */
#define CUTS_MAX 4000 /* and one */

enum kind { SENDS, RECEIVES, LEAVES, ENDS, VERDICT, WANTS };

struct step {
	enum kind kind;
	struct buf bytes;
	enum handshake_end end;
	int verdict, status; /* enum handshake_verdict, exit status */
};

struct transcript {
	const char *path;
	struct step step[STEPS_MAX];
	size_t nsteps, input; /* bytes received in all */
	struct http_connect what;
	struct login login;
	struct auth_setup setup;
	struct auth_env env;
	char *target, *host, *headers[HEADERS_MAX], *domain, *spn, *password;
	char *binding;
	char complaint[4096];
};

static struct step *
add(struct transcript *t, enum kind kind)
{
	struct step *s;

	if (t->nsteps > 0 && kind < ENDS && t->step[t->nsteps - 1].kind == kind)
		return &t->step[t->nsteps - 1];
	if (t->nsteps == STEPS_MAX) {
		fprintf(stderr, "%s: too many steps\n", t->path);
		exit(2);
	}
	s = &t->step[t->nsteps++];
	s->kind = kind;
	buf_init(&s->bytes, INPUT_MAX);
	return s;
}

static char *
copy(const char *s)
{
	char *c = strdup(s);

	if (c == NULL)
		exit(2);
	return c;
}

static void
set(struct transcript *t, const char *name, const char *value)
{
	if (strcmp(name, "target") == 0) {
		free(t->target);
		t->what.authority = t->target = copy(value);
	} else if (strcmp(name, "host") == 0)
		t->what.host = t->host = copy(value);
	else if (strcmp(name, "user") == 0)
		t->login.credentials.user = copy(value);
	else if (strcmp(name, "password") == 0)
		t->password = copy(value);
	else if (strcmp(name, "auth") == 0) {
		struct span rest = span_of(value), one;

		t->setup.allowed = 0;
		while (text_next_element(&rest, &one))
			t->setup.allowed |= auth_scheme_bit(one);
	} else if (strcmp(name, "domain") == 0)
		t->setup.domain = t->domain = copy(value);
	else if (strcmp(name, "spn") == 0)
		t->setup.spn = t->spn = copy(value);
	else if (strcmp(name, "binding") == 0)
		t->binding = copy(value);
	else if (strcmp(name, "asks") == 0)
		t->login.asks = (unsigned)strtoul(value, NULL, 10);
	else if (strcmp(name, "typed") == 0)
		t->login.typed = 1;
	else if (strcmp(name, "header") == 0)
		t->headers[t->what.nheaders++] = copy(value);
}

static void
set_verdict(struct step *s, char *text)
{
	if (strncmp(text, "done", 4) == 0)
		s->verdict = HANDSHAKE_DONE;
	else if (strncmp(text, "again", 5) == 0)
		s->verdict = HANDSHAKE_AGAIN;
	else {
		s->verdict = HANDSHAKE_FAILED;
		s->status = (int)strtol(text + 6, &text, 10);
		buf_puts(&s->bytes, text);
	}
}

static void
take_line(struct transcript *t, char *line)
{
	char *text = strchr(line, ' ');
	struct step *s;
	size_t n;
	long times = 1;

	text = text == NULL ? line + strlen(line) : text + 1;
	if (line[0] == '#' || line[0] == '\0')
		return;
	if (strncmp(line, "set ", 4) == 0) {
		char *value = strchr(text, ' ');

		*value++ = '\0';
		set(t, text, value);
		return;
	}
	if (line[0] == '=') {
		s = add(t, ENDS);
		s->end = strcmp(text, "eof") == 0     ? HANDSHAKE_EOF
			 : strcmp(text, "reset") == 0 ? HANDSHAKE_RESET
						      : HANDSHAKE_DEADLINE;
		return;
	}
	if (line[0] == '!') {
		set_verdict(add(t, VERDICT), text);
		return;
	}
	if (line[0] == '?') {
		buf_puts(&add(t, WANTS)->bytes, text);
		return;
	}
	s = add(t, line[0] == '>' ? SENDS : line[0] == '.' ? LEAVES : RECEIVES);
	if (line[1] == '*') {
		times = strtol(text, &text, 10);
		text++;
	}
	n = unescape(text, text);
	while (times-- > 0) {
		buf_put(&s->bytes, text, n);
		if (line[0] != '.' && (line[1] == ' ' || line[1] == '\0'))
			buf_puts(&s->bytes, "\r\n");
	}
}

static struct hasher *hasher;

static int
fill(void *p, size_t n)
{
	memset(p, 0xaa, n);
	return 0;
}

static int64_t
the_time(void)
{
	return 1700000000;
}

static void
load(struct transcript *t, const char *path)
{
	static char line[LINE_MAX_BYTES];
	FILE *f = fopen(path, "r");
	size_t i;

	memset(t, 0, sizeof *t);
	t->path = path;
	set(t, "target", "host.example:22");
	t->env = (struct auth_env){ hasher, crypto_missing, fill, the_time };
	t->setup.login = &t->login;
	t->setup.allowed = AUTH_ALL;
	t->setup.env = &t->env;
	t->what.auth = &t->setup;
	if (f == NULL) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		take_line(t, line);
	}
	fclose(f);
	t->what.headers = (const char *const *)t->headers;
	for (i = 0; i < t->nsteps; i++)
		if (t->step[i].kind == RECEIVES || t->step[i].kind == LEAVES)
			t->input += buf_len(&t->step[i].bytes);
}

static void
unload(struct transcript *t)
{
	size_t i;

	for (i = 0; i < t->nsteps; i++)
		buf_free(&t->step[i].bytes);
	while (t->what.nheaders > 0)
		free(t->headers[--t->what.nheaders]);
	credentials_free(&t->login.credentials);
	free(t->target);
	free(t->host);
	free(t->domain);
	free(t->spn);
	free(t->password);
	free(t->binding);
}

/* One play of a transcript. */
struct play {
	struct transcript *t;
	struct handshake *h;
	struct buf out, talk;
	struct failure why;
	size_t cut[2], every; /* where to cut the input, 0: nowhere */
	size_t fed;	      /* of the whole input */
	struct buf rest;      /* of a step's bytes: not fed yet, and */
	size_t own;	      /* how many of them are not the tunnel's */
	struct login before;  /* as the transcript sets it */
	int verdict, begun;
};

static int
complain(struct play *p, const char *what, const char *more)
{
	snprintf(p->t->complaint, sizeof p->t->complaint,
	    "cut at %zu and %zu, every %zu, after %zu bytes: %s%s", p->cut[0],
	    p->cut[1], p->every, p->fed, what, more);
	return -1;
}

/* How many of n bytes come in one piece. */
static size_t
piece(const struct play *p, size_t n)
{
	size_t i;

	if (p->every != 0 && n > p->every)
		n = p->every;
	for (i = 0; i < 2; i++)
		if (p->cut[i] > p->fed && p->cut[i] < p->fed + n)
			n = p->cut[i] - p->fed;
	return n;
}

/* Feeds what is there, as far as the handshake takes it. */
static int
feed(struct play *p)
{
	size_t n, used;

	while (p->verdict == HANDSHAKE_MORE && buf_len(&p->rest) > 0) {
		n = piece(p, buf_len(&p->rest));
		p->verdict = (int)p->h->ops->feed(
		    p->h, buf_ptr(&p->rest), n, &used, &p->out, &p->why);
		if (used > n || (p->verdict == HANDSHAKE_MORE && used != n))
			return complain(p, "used is wrong", "");
		buf_take(&p->rest, used);
		p->fed += used;
		p->own -= used <= p->own ? used : p->own + 1;
	}
	if (p->verdict == HANDSHAKE_DONE && p->own != 0)
		return complain(p,
		    p->own > 0 && p->own <= INPUT_MAX
			? "took too little"
			: "took the tunnel's bytes",
		    "");
	return 0;
}

/*
 * Takes the bytes of a step; those that are to be left come behind in the
 * same piece, as they do on the wire.
 */
static int
receive(struct play *p, const struct step *s, const struct step *next)
{
	buf_free(&p->rest);
	p->own = buf_len(&s->bytes);
	buf_put(&p->rest, buf_ptr(&s->bytes), p->own);
	if (next != NULL && next->kind == LEAVES)
		buf_put(&p->rest, buf_ptr(&next->bytes), buf_len(&next->bytes));
	return feed(p);
}

/* Gives the handshake what it wants, or not; then the rest of the bytes. */
static int
satisfy(struct play *p, struct step *s)
{
	struct login *login = &p->t->login;
	char text[LINE_MAX_BYTES], *what = text, *in, *out = NULL;
	struct span token = { NULL, 0 };
	const char *fault = NULL;

	snprintf(text, sizeof text, "%s", buf_str(&s->bytes));
	in = text + strcspn(text, " ");
	if (*in != '\0')
		*in++ = '\0';
	if (strcmp(what, "fault") == 0) {
		if (p->verdict == HANDSHAKE_PASSWORD)
			login->asks = 0;
		fault = in;
	} else if (strcmp(what, "password") == 0) {
		if (p->verdict != HANDSHAKE_PASSWORD)
			return complain(p, "wants no password", "");
		login->asks--;
		secret_free(login->credentials.password);
		login->credentials.password = copy(in);
	} else {
		if (p->verdict != HANDSHAKE_TOKEN)
			return complain(p, "wants no token: ", p->why.text);
		out = in + strcspn(in, " ");
		if (*out != '\0')
			*out++ = '\0';
		token = span_of(out);
		if (strcmp(in, "-") == 0)
			in++;
		if (p->h->token.n != strlen(in) ||
		    (*in != '\0' &&
			memcmp(p->h->token.p, in, p->h->token.n) != 0))
			return complain(p, "shows another token", "");
	}
	if (p->verdict != HANDSHAKE_PASSWORD && p->verdict != HANDSHAKE_TOKEN)
		return complain(p, "wants nothing", "");
	p->verdict =
	    (int)p->h->ops->resume(p->h, token, fault, &p->out, &p->why);
	return feed(p);
}

static int
start(struct play *p)
{
	p->begun = 1;
	buf_free(&p->out);
	p->verdict = (int)p->h->ops->start(p->h, &p->out, &p->why);
	return 0;
}

/* What is sent as Proxy-Authorization, but for its scheme, nobody may see. */
static int
check_talk(struct play *p)
{
	static const char field[] = "Proxy-Authorization: ";
	struct span rest = BUF_SPAN(&p->out), line;
	struct buf secret;
	int shown = 0;

	while (span_line(&rest, &line)) {
		if (!span_starts(line, field))
			continue;
		line.p += sizeof field - 1;
		line.n -= sizeof field - 1;
		while (line.n > 0 && *line.p != ' ') {
			line.p++;
			line.n--;
		}
		buf_init(&secret, INPUT_MAX);
		buf_put(&secret, line.p, line.n);
		shown |= strstr(buf_str(&p->talk), buf_str(&secret)) != NULL;
		buf_free(&secret);
	}
	return shown ? complain(p, "shows the credentials", "") : 0;
}

static int
check_sent(struct play *p, const struct step *s)
{
	if (buf_len(&p->out) != buf_len(&s->bytes) ||
	    memcmp(buf_ptr(&p->out), buf_ptr(&s->bytes), buf_len(&p->out)) != 0)
		return complain(p, "sent otherwise:\n", buf_str(&p->out));
	if (check_talk(p) < 0)
		return -1;
	buf_free(&p->out);
	return 0;
}

static int
check_verdict(struct play *p, struct step *s)
{
	char text[2048], *part;

	if (p->verdict != s->verdict)
		return complain(p, "another verdict: ",
		    p->verdict == HANDSHAKE_MORE       ? "more"
		    : p->verdict == HANDSHAKE_DONE     ? "done"
		    : p->verdict == HANDSHAKE_AGAIN    ? "again"
		    : p->verdict == HANDSHAKE_PASSWORD ? "password"
		    : p->verdict == HANDSHAKE_TOKEN    ? "token"
						       : p->why.text);
	p->begun = 0;
	if (s->verdict != HANDSHAKE_FAILED)
		return 0;
	if (fail_exit(p->why.code) != s->status) {
		snprintf(text, sizeof text, "%d: %s", fail_exit(p->why.code),
		    p->why.text);
		return complain(p, "another status: ", text);
	}
	snprintf(text, sizeof text, "%s", buf_str(&s->bytes));
	for (part = strtok(text, "|"); part != NULL; part = strtok(NULL, "|")) {
		struct span want = span_trim(span_of(part));

		part[want.p - part + (ptrdiff_t)want.n] = '\0';
		if (strstr(p->why.text, want.p) == NULL)
			return complain(p, "another text: ", p->why.text);
	}
	return 0;
}

static int
play_steps(struct play *p)
{
	struct transcript *t = p->t;
	struct step *s;
	size_t i;

	for (i = 0; i < t->nsteps; i++) {
		s = &t->step[i];
		if (!p->begun && s->kind != VERDICT && s->kind != LEAVES &&
		    start(p) < 0)
			return -1;
		if (s->kind == SENDS && check_sent(p, s) < 0)
			return -1;
		if (s->kind == RECEIVES &&
		    receive(p, s, i + 1 < t->nsteps ? s + 1 : NULL) < 0)
			return -1;
		if (s->kind == WANTS && satisfy(p, s) < 0)
			return -1;
		if (s->kind == ENDS && p->verdict == HANDSHAKE_MORE)
			p->verdict = (int)p->h->ops->end(p->h, s->end, &p->why);
		if (s->kind == VERDICT && check_verdict(p, s) < 0)
			return -1;
	}
	return 0;
}

static int
play(struct transcript *t, size_t first, size_t second, size_t every)
{
	struct play p;
	int rc;

	memset(&p, 0, sizeof p);
	p.t = t;
	p.cut[0] = first;
	p.cut[1] = second;
	p.every = every;
	buf_init(&p.out, HTTP_REQUEST_MAX);
	buf_init(&p.talk, INPUT_MAX);
	buf_init(&p.rest, 2 * INPUT_MAX);
	p.before = t->login;
	if (t->password != NULL)
		t->login.credentials.password = copy(t->password);
	p.h = http_connect(&t->what);
	if (p.h == NULL)
		return -1;
	p.h->talk = &p.talk;
	if (t->binding != NULL)
		p.h->binding = span_of(t->binding);
	rc = play_steps(&p);
	if (rc == 0 && t->login.credentials.password != NULL &&
	    (strstr(buf_str(&p.talk), t->login.credentials.password) != NULL ||
		strstr(p.why.text, t->login.credentials.password) != NULL))
		rc = complain(&p, "shows the password", "");
	p.h->ops->free(p.h);
	secret_free(t->login.credentials.password);
	learnt_free(&t->login.learnt);
	t->login = p.before;
	buf_free(&p.rest);
	buf_free(&p.out);
	buf_free(&p.talk);
	return rc;
}

/* The number of plays, or -1 with a complaint. */
static long
play_all(struct transcript *t)
{
	static const size_t everies[] = { 0, 1, 2, 3, 7, 1000, 4096 };
	size_t i, j;
	long plays = 0;

	for (i = 0; i < sizeof everies / sizeof *everies; i++, plays++)
		if (play(t, 0, 0, everies[i]) < 0)
			return -1;
	for (i = 1; i < t->input && t->input <= CUTS_MAX; i++) {
		if (play(t, i, 0, 0) < 0)
			return -1;
		plays++;
		for (j = i + 1; j < t->input && t->input <= PAIRS_MAX; j++) {
			if (play(t, i, j, 0) < 0)
				return -1;
			plays++;
		}
	}
	return plays;
}

int
main(int argc, char *argv[])
{
	static struct transcript t;
	int i, failed = 0;
	long plays;

	hasher = crypto_new();
	printf("1..%d\n", argc - 1);
	for (i = 1; i < argc; i++) {
		load(&t, argv[i]);
		plays = play_all(&t);
		if (plays < 0) {
			failed = 1;
			printf(
			    "not ok %d - %s\n# %s\n", i, argv[i], t.complaint);
		} else
			printf("ok %d - %s (%ld plays)\n", i, argv[i], plays);
		unload(&t);
	}
	crypto_free(hasher);
	return failed;
}
