/*
 * negotiate.c -- security contexts of GSSAPI, in a child process.  Floor 2.
 * RFC 2744, 4178, 4559.
 */
#include "negotiate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "child.h"
#include "library.h"

#define FAULT_MAX ((size_t)256) /* bytes of the library's words */

/* Declared here, so that a build needs no headers (RFC 2744 appendix A). */
typedef uint32_t OM_uint32;
typedef struct {
	OM_uint32 length;
	const void *elements;
} gss_OID_desc;
typedef struct {
	size_t length;
	const void *value;
} gss_buffer_desc;
typedef struct {
	OM_uint32 initiator_addrtype;
	gss_buffer_desc initiator_address;
	OM_uint32 acceptor_addrtype;
	gss_buffer_desc acceptor_address;
	gss_buffer_desc application_data;
} gss_channel_bindings_desc;

typedef struct {
	size_t count;
	const gss_OID_desc *elements;
} gss_OID_set_desc;

#define GSS_C_INITIATE 1
#define GSS_C_DELEG_FLAG 1u
#define GSS_C_MUTUAL_FLAG 2u
#define GSS_C_GSS_CODE 1
#define GSS_C_MECH_CODE 2
#define GSS_S_NO_CRED (7u << 16)
#define GSS_S_CREDENTIALS_EXPIRED (11u << 16)
#define GSS_ERROR(major) ((major)&0xffff0000u)

#define FUNCTIONS(X)                                                         \
	X(gss_import_name, (OM_uint32 *, const gss_buffer_desc *,            \
			       const gss_OID_desc *, void **))               \
	X(gss_init_sec_context,                                              \
	    (OM_uint32 *, void *, void **, void *, const gss_OID_desc *,     \
		OM_uint32, OM_uint32, const gss_channel_bindings_desc *,     \
		const gss_buffer_desc *, gss_OID_desc **, gss_buffer_desc *, \
		OM_uint32 *, OM_uint32 *))                                   \
	X(gss_acquire_cred,                                                  \
	    (OM_uint32 *, void *, OM_uint32, const gss_OID_set_desc *, int,  \
		void **, gss_OID_set_desc **, OM_uint32 *))                  \
	X(gss_display_status,                                                \
	    (OM_uint32 *, OM_uint32, int, const gss_OID_desc *, OM_uint32 *, \
		gss_buffer_desc *))

struct functions {
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration */
#define X(name, args) OM_uint32(*name) args;
	FUNCTIONS(X)
#undef X
};

LIBRARY_NOTE("[{\"feature\":\"gssapi\","
	     "\"description\":\"Negotiate (Kerberos) authentication\","
	     "\"priority\":\"recommended\","
	     "\"soname\":[\"libgssapi_krb5.so.2\","
	     "\"libgssapi.so.3\"]}]");

#define OID(bytes)                         \
	{                                  \
		sizeof(bytes) - 1, (bytes) \
	}

static const gss_OID_desc spnego = OID("\x2b\x06\x01\x05\x05\x02"),
			  host_based_service =
			      OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"),
			  kerberos =
			      OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"),
			  kerberos_principal =
			      OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01");

/* What the child says: a kind, a length, and bytes. */
enum kind { SAYS_TOKEN, SAYS_FAULT };

struct head {
	uint32_t kind, len;
};

/* What follows runs in the child. */

struct context {
	struct functions f;
	const struct negotiate_target *target;
	void *name, *handle;
	int from, to;
};

/* All of n bytes; -1: the other side is gone. */
static int
take(int fd, void *p, size_t n)
{
	ssize_t got;

	for (; n > 0; n -= (size_t)got, p = (char *)p + got) {
		got = read(fd, p, n);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return -1;
	}
	return 0;
}

static int
say(const struct context *c, enum kind kind, const void *p, size_t n)
{
	struct head head = { (uint32_t)kind, (uint32_t)n };
	struct buf all;
	ssize_t put = -1;

	buf_init(&all, sizeof head + NEGOTIATE_TOKEN_MAX);
	if (buf_put(&all, &head, sizeof head) == 0 && buf_put(&all, p, n) == 0)
		put = write(c->to, buf_ptr(&all), buf_len(&all));
	buf_free(&all);
	return put < 0 ? -1 : 0;
}

/* MIT and gss-ntlmssp have words for what they have no words for. */
static int
tells(struct span words)
{
	return words.n > 0 && span_find(words, "unknown error") == NULL;
}

/*
 * Puts into text what the library says of a failure: its mechanism's words or,
 * where that has none, the general ones; of several the first.
 */
static void
put_status(const struct context *c, const gss_OID_desc *mechanism,
    OM_uint32 major, OM_uint32 minor, struct buf *text)
{
	OM_uint32 ignored, more = 0;
	gss_buffer_desc s = { 0, NULL };

	buf_free(text);
	if (minor == 0 ||
	    GSS_ERROR(c->f.gss_display_status(
		&ignored, minor, GSS_C_MECH_CODE, mechanism, &more, &s)) ||
	    !tells((struct span){ s.value, s.length })) {
		more = 0;
		c->f.gss_display_status(
		    &ignored, major, GSS_C_GSS_CODE, mechanism, &more, &s);
	}
	/* Some count the NUL behind it. */
	if (s.value != NULL)
		text_show(text,
		    (struct span){ s.value, strnlen(s.value, s.length) },
		    FAULT_MAX);
}

/*
 * SPNEGO does not tell why it has nothing to offer; Kerberos itself does, when
 * asked for the credentials.  NULL: it has some.
 */
static const char *
no_ticket(const struct context *c, struct buf *text)
{
	const gss_OID_set_desc set = { 1, &kerberos };
	void *credentials = NULL;
	OM_uint32 major, minor = 0;

	major = c->f.gss_acquire_cred(
	    &minor, NULL, 0, &set, GSS_C_INITIATE, &credentials, NULL, NULL);
	if (!GSS_ERROR(major))
		return NULL;
	put_status(c, &kerberos, major, minor, text);
	if (GSS_ERROR(major) == GSS_S_NO_CRED ||
	    span_find(BUF_SPAN(text), "no kerberos credentials") != NULL ||
	    span_find(BUF_SPAN(text), "no credentials cache") != NULL)
		return "no ticket (klist shows none; run kinit)";
	return buf_str(text);
}

static int
say_fault(const struct context *c, OM_uint32 major, OM_uint32 minor)
{
	struct buf text, more;
	const char *fault;
	int rc;

	buf_init(&text, 2 * FAULT_MAX);
	buf_init(&more, 2 * FAULT_MAX);
	put_status(c, &spnego, major, minor, &text);
	fault = no_ticket(c, &more);
	if (fault != NULL) {
		buf_free(&text);
		buf_puts(&text, fault);
	} else if (GSS_ERROR(major) == GSS_S_CREDENTIALS_EXPIRED ||
		   span_find(BUF_SPAN(&text), "expired") != NULL)
		buf_puts(&text, " (run kinit)");
	else if (span_find(BUF_SPAN(&text), "not found in kerberos") != NULL ||
		 span_find(BUF_SPAN(&text), "server not found") != NULL)
		buf_puts(
		    &text, " (name the proxy as Kerberos does, or use --spn)");
	rc = say(c, SAYS_FAULT, buf_ptr(&text), buf_len(&text));
	buf_free(&text);
	buf_free(&more);
	return rc;
}

static int
import_name(struct context *c)
{
	const char *name = c->target->name;
	gss_buffer_desc text = { strlen(name), name };
	OM_uint32 major, minor;

	major = c->f.gss_import_name(&minor, &text,
	    strchr(name, '/') != NULL ? &kerberos_principal
				      : &host_based_service,
	    &c->name);
	if (!GSS_ERROR(major))
		return 0;
	say_fault(c, major, minor);
	return -1;
}

/* One leg: a token in, a token out.  1: there may be another; 0: that is all */
static int
step(struct context *c, gss_buffer_desc *in)
{
	gss_channel_bindings_desc bindings;
	gss_buffer_desc out = { 0, NULL };
	OM_uint32 major, minor = 0;

	memset(&bindings, 0, sizeof bindings);
	bindings.application_data.length = c->target->binding.n;
	bindings.application_data.value = c->target->binding.p;
	major = c->f.gss_init_sec_context(&minor, NULL, &c->handle, c->name,
	    &spnego,
	    GSS_C_MUTUAL_FLAG | (c->target->delegate ? GSS_C_DELEG_FLAG : 0), 0,
	    c->target->binding.n > 0 ? &bindings : NULL, in, NULL, &out, NULL,
	    NULL);
	if (GSS_ERROR(major)) {
		say_fault(c, major, minor);
		return 0;
	}
	return say(c, SAYS_TOKEN, out.value, out.length) == 0;
}

/* Leg after leg, as long as there are tokens. */
static void
converse(struct context *c, uint8_t *token)
{
	gss_buffer_desc in = { 0, token };
	uint32_t len;

	do {
		if (take(c->from, &len, sizeof len) < 0 ||
		    len > NEGOTIATE_TOKEN_MAX || take(c->from, token, len) < 0)
			break;
		in.length = len;
	} while (step(c, &in));
}

static const char *const sonames[] = { "libgssapi_krb5.so.2", "libgssapi.so.3",
	NULL };

#define X(name, args) #name "\0"
static const char names[] = FUNCTIONS(X);
#undef X

const char negotiate_missing[] =
    LIBRARY_MISSING("libgssapi_krb5.so.2", "libgssapi-krb5-2");

int
negotiate_about(struct buf *out)
{
	int at = library_about(out, sonames, names, NULL);

	return at < 0 ? -1 : buf_puts(out, at == 0 ? " (MIT)" : " (Heimdal)");
}

static int
child_body(const void *what, int from, int to)
{
	uint8_t *token = malloc(NEGOTIATE_TOKEN_MAX);
	struct context c;

	memset(&c, 0, sizeof c);
	c.target = what;
	c.from = from;
	c.to = to;
	if (library_open(sonames, &c.f, names) == NULL)
		say(&c, SAYS_FAULT, negotiate_missing,
		    sizeof negotiate_missing - 1);
	else if (token != NULL && import_name(&c) == 0)
		converse(&c, token);
	free(token);
	return 0;
}

/* And this in the parent. */

struct negotiate {
	struct loop *loop;
	struct child *child;
	struct timer gone; /* to tell that nothing will come */
	int waits;	   /* for what the child says to a token */
	void (*done)(void *, struct span, const char *);
	void *arg;
};

static const char gone[] = "GSSAPI ended without a word";

static void
finish(struct negotiate *n, struct span token, const char *fault)
{
	n->waits = 0;
	loop_timer(n->loop, &n->gone, 0);
	n->done(n->arg, token, fault);
}

static void
on_gone(void *arg)
{
	finish(arg, (struct span){ NULL, 0 }, gone);
}

static void
on_said(void *arg)
{
	struct negotiate *n = arg;
	struct buf *said = child_said(n->child);
	struct span token = { NULL, 0 };
	struct head head = { 0, 0 };

	if (!n->waits)
		return;
	if (buf_len(said) >= sizeof head)
		memcpy(&head, buf_ptr(said), sizeof head);
	if (buf_len(said) < sizeof head ||
	    buf_len(said) - sizeof head < head.len) {
		if (child_status(n->child) >= 0)
			finish(n, token, gone);
		return;
	}
	buf_take(said, sizeof head);
	buf_cut(said, head.len);
	if (head.kind == SAYS_FAULT)
		finish(n, token, buf_str(said));
	else
		finish(n, BUF_SPAN(said), NULL);
}

struct negotiate *
negotiate_new(struct loop *loop, const struct negotiate_target *target,
    void (*done)(void *, struct span, const char *), void *arg)
{
	struct negotiate *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	n->loop = loop;
	n->done = done;
	n->arg = arg;
	n->gone.expired = on_gone;
	n->gone.arg = n;
	n->child = child_new(loop, child_body, target, on_said, n);
	if (n->child == NULL) {
		free(n);
		return NULL;
	}
	return n;
}

void
negotiate_step(struct negotiate *n, struct span token)
{
	uint32_t len = (uint32_t)token.n;
	struct buf all;
	int told;

	n->waits = 1;
	buf_free(child_said(n->child));
	buf_init(&all, sizeof len + NEGOTIATE_TOKEN_MAX);
	told = buf_put(&all, &len, sizeof len) == 0 &&
	       buf_put(&all, token.p, token.n) == 0 &&
	       child_tell(n->child, buf_ptr(&all), buf_len(&all)) == 0;
	buf_free(&all);
	/* One that has just ended will yet be heard. */
	if (child_status(n->child) >= 0 || (!told && errno != EPIPE))
		loop_timer(n->loop, &n->gone, loop_now(n->loop));
}

void
negotiate_free(struct negotiate *n)
{
	if (n == NULL)
		return;
	loop_timer(n->loop, &n->gone, 0);
	child_free(n->child);
	free(n);
}
