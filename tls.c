/*
 * tls.c -- TLS as a stream over a stream.  Floor 2.
 *
 * OpenSSL reads and writes through a BIO that is the stream below; so TLS in
 * TLS comes by itself, and what a call waits for is what the stream below has
 * said it waits for.
 */
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "certificate.h"
#include "refusal.h"

#define FIRST_MAX 64 /* bytes of what is not TLS that are looked at */
#define BINDING_MAX 128
#define PIN_MAX 128
#define FACT_MAX 512	/* bytes: more than is ever shown of a name */
#define REASON 0x7fffff /* of an error, what is not the library's number */

struct tls {
	struct stream stream;
	const struct tls_options *options;
	char *name;
	SSL *ssl;
	BIO_METHOD *method;
	int in_wants, out_wants; /* what the stream below waits for */
	int below_ended;	 /* without a word of TLS's */
	int below_broke;
	int ready;	       /* the handshake is done */
	int asked_certificate; /* of us */
	int heard;	       /* bytes of the peer's have come through */
	struct buf first;      /* bytes from below, until they are TLS */
	struct buf binding;
	struct failure why; /* once it is broken */
};

static int
bio_read(BIO *bio, char *p, int n)
{
	struct tls *t = openssl.BIO_get_data(bio);
	struct stream *below = t->stream.below;
	ssize_t got = below->ops->read(below, p, (size_t)n);

	openssl.BIO_clear_flags(
	    bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
	if (got > 0) {
		if (!t->ready && buf_len(&t->first) < FIRST_MAX)
			buf_put(&t->first, p,
			    got < FIRST_MAX ? (size_t)got : FIRST_MAX);
		return (int)got;
	}
	if (got == STREAM_EOF)
		t->below_ended = 1;
	else if (got == STREAM_ERR)
		t->below_broke = 1;
	else {
		t->in_wants = (int)got;
		openssl.BIO_set_flags(
		    bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
	}
	return got == STREAM_EOF ? 0 : -1;
}

static int
bio_write(BIO *bio, const char *p, int n)
{
	struct tls *t = openssl.BIO_get_data(bio);
	struct stream *below = t->stream.below;
	ssize_t put = below->ops->write(below, p, (size_t)n);

	openssl.BIO_clear_flags(
	    bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
	if (put > 0)
		return (int)put;
	if (put == STREAM_ERR)
		t->below_broke = 1;
	else {
		t->out_wants = (int)put;
		openssl.BIO_set_flags(
		    bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
	}
	return -1;
}

static long
bio_ctrl(BIO *bio, int what, long n, void *p)
{
	struct tls *t = openssl.BIO_get_data(bio);

	(void)n;
	(void)p;
	if (what == BIO_CTRL_EOF)
		return t->below_ended;
	return what == BIO_CTRL_FLUSH;
}

/* The number of the alert that the peer has sent, or -1 (RFC 8446 6). */
static int
alert_of(unsigned long error)
{
	int alert = (int)(error & REASON) - SSL_AD_REASON_OFFSET;

	return (error >> 23 & 0xff) == ERR_LIB_SSL && alert >= 0 && alert < 256
		   ? alert
		   : -1;
}

enum {
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_BAD_CERTIFICATE = 42,
	ALERT_UNSUPPORTED_CERTIFICATE = 43,
	ALERT_CERTIFICATE_REVOKED = 44,
	ALERT_CERTIFICATE_EXPIRED = 45,
	ALERT_CERTIFICATE_UNKNOWN = 46,
	ALERT_UNKNOWN_CA = 48,
	ALERT_ACCESS_DENIED = 49,
	ALERT_DECRYPT_ERROR = 51,
	ALERT_PROTOCOL_VERSION = 70,
	ALERT_UNRECOGNIZED_NAME = 112,
	ALERT_CERTIFICATE_REQUIRED = 116,
	ALERT_NO_APPLICATION_PROTOCOL = 120
};

/*
 * Does an alert speak of our certificate?  Then a text without a subject.  In
 * TLS 1.3 it comes after the handshake, with the first bytes.
 */
static int
explain_certificate(struct tls *t, int alert, const char *reason)
{
	int given = t->options->cert != NULL;

	if (!t->asked_certificate)
		return 0;
	switch (alert) {
	case ALERT_CERTIFICATE_REQUIRED:
	case ALERT_HANDSHAKE_FAILURE:
	case ALERT_BAD_CERTIFICATE:
	case ALERT_UNSUPPORTED_CERTIFICATE:
	case ALERT_CERTIFICATE_REVOKED:
	case ALERT_CERTIFICATE_EXPIRED:
	case ALERT_CERTIFICATE_UNKNOWN:
	case ALERT_UNKNOWN_CA:
	case ALERT_ACCESS_DENIED:
	case ALERT_DECRYPT_ERROR:
		break;
	default:
		return 0;
	}
	t->why.cause = CAUSE_CERTIFICATE;
	if (given)
		fail(&t->why, FAIL_AUTH,
		    "refuses the client certificate that -c gives: %s", reason);
	else
		fail(&t->why, FAIL_AUTH,
		    "demands a client certificate (-c FILE, -k FILE)");
	return 1;
}

/* What to do about a peer that is older than we allow. */
static const char *
old_hint(const struct tls *t)
{
	return t->options->version_min > TLS1_2_VERSION ||
		       t->options->ciphers != NULL
		   ? " (it speaks an older TLS than --tls-min or --ciphers "
		     "allows)"
		   : " (it speaks an older TLS than TLS 1.2? --tls-min=1.0 "
		     "allows that)";
}

static void
explain_alert(struct tls *t, int alert, const char *reason)
{
	const char *hint = "";

	if (explain_certificate(t, alert, reason))
		return;
	if (alert == ALERT_PROTOCOL_VERSION)
		hint = old_hint(t);
	else if (alert == ALERT_HANDSHAKE_FAILURE)
		hint = " (no cipher in common? --ciphers, --tls-min)";
	else if (alert == ALERT_UNRECOGNIZED_NAME)
		hint = " (--sni says which name to ask for)";
	else if (alert == ALERT_NO_APPLICATION_PROTOCOL)
		hint = " (--alpn)";
	if (t->ready)
		fail(&t->why, FAIL_LOST, "the other side broke TLS off: %s",
		    reason);
	else
		fail(&t->why, FAIL_PROTOCOL,
		    "broke the TLS handshake off: %s%s", reason, hint);
}

/* In the handshake: what came does not begin as a server's TLS does. */
static int
explain_alien(struct tls *t)
{
	enum { ALERT = 21, HANDSHAKE = 22, CLIENT_HELLO = 1 };
	struct span first = BUF_SPAN(&t->first);

	if (t->ready || first.n == 0 || first.p[0] == ALERT)
		return 0;
	if (first.p[0] != HANDSHAKE) {
		refusal_alien(&t->why, "TLS", first);
		return 1;
	}
	/* The type stands behind the head of the record (RFC 8446 5.1, 4). */
	if (first.n <= 5 || first.p[5] != CLIENT_HELLO)
		return 0;
	t->why.cause = CAUSE_ALIEN;
	fail(&t->why, FAIL_PROTOCOL,
	    "does not speak TLS: it sends back what it gets (an echo "
	    "service?)");
	return 1;
}

/*
 * A server that refuses what came after its own part of the handshake may
 * close so fast that its alert is lost.
 */
static void
explain_end(struct tls *t)
{
	int error = t->below_broke ? t->stream.below->error : 0;

	if (t->asked_certificate && !t->heard &&
	    (error == 0 || error == ECONNRESET || error == EPIPE)) {
		t->why.cause = CAUSE_CERTIFICATE;
		fail(&t->why, FAIL_AUTH,
		    "closed the connection after it had asked for a client "
		    "certificate%s",
		    t->options->cert != NULL ? " (did it not like that of -c?)"
					     : " (-c FILE, -k FILE)");
	} else if (t->below_broke)
		fail(&t->why, t->ready ? FAIL_LOST : FAIL_PROTOCOL, "%s%s",
		    t->ready ? "" : "broke off the TLS handshake: ",
		    stream_fault(t->stream.below));
	else if (t->ready)
		fail(&t->why, FAIL_LOST,
		    "it was cut off: the connection closed without the end "
		    "that TLS has");
	else
		fail(&t->why, FAIL_PROTOCOL,
		    "closed the connection in the TLS handshake (does this "
		    "port speak TLS?)");
}

/* It is over: why, in words, where nobody has said so already. */
static void
break_off(struct tls *t)
{
	unsigned long error = openssl.ERR_peek_last_error();
	const char *reason = openssl.ERR_reason_error_string(error);
	int alert = alert_of(error), code = (int)(error & REASON);

	if (reason == NULL)
		reason = "unknown error";
	t->stream.fault = &t->why;
	t->stream.error = EPROTO;
	if (t->why.code != FAIL_NONE || explain_alien(t))
		;
	else if (alert >= 0)
		explain_alert(t, alert, reason);
	else if (t->below_broke || t->below_ended)
		explain_end(t);
	else if (code == SSL_R_UNSUPPORTED_PROTOCOL ||
		 code == SSL_R_WRONG_SSL_VERSION)
		fail(&t->why, FAIL_PROTOCOL, "broke the TLS handshake off%s",
		    old_hint(t));
	else if (!t->ready && (code & ERR_R_FLAG_COMMON) != 0)
		fail(&t->why, FAIL_LOCAL,
		    "is not to blame: OpenSSL failed here: %s", reason);
	else
		fail(&t->why, t->ready ? FAIL_LOST : FAIL_PROTOCOL,
		    "does not speak TLS as it should: %s", reason);
	openssl.ERR_clear_error();
}

/* The result of a call of OpenSSL's that moved nothing, as a stream's. */
static int
result(struct tls *t, int rc)
{
	switch (openssl.SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return t->in_wants;
	case SSL_ERROR_WANT_WRITE:
		return t->out_wants;
	case SSL_ERROR_ZERO_RETURN:
		return STREAM_EOF;
	default:
		break_off(t);
		return STREAM_ERR;
	}
}

static int
clamp(size_t n)
{
	return n < INT_MAX ? (int)n : INT_MAX;
}

static ssize_t
tls_read(struct stream *s, void *p, size_t n)
{
	struct tls *t = (struct tls *)s;
	size_t got = 0;
	int rc = 1;

	/* A record is 16 KiB at most; more of them may be there. */
	while (got < n && t->why.code == FAIL_NONE) {
		openssl.ERR_clear_error();
		rc = openssl.SSL_read(t->ssl, (char *)p + got, clamp(n - got));
		if (rc <= 0) {
			rc = result(t, rc);
			s->hurry = rc == STREAM_EOF || rc == STREAM_ERR;
			break;
		}
		got += (size_t)rc;
		t->heard = 1;
	}
	if (got > 0)
		return (ssize_t)got;
	return t->why.code != FAIL_NONE ? STREAM_ERR : rc;
}

static ssize_t
tls_peek(struct stream *s, void *p, size_t n)
{
	struct tls *t = (struct tls *)s;
	int rc;

	if (t->why.code != FAIL_NONE)
		return STREAM_ERR;
	openssl.ERR_clear_error();
	rc = openssl.SSL_peek(t->ssl, p, clamp(n));
	return rc > 0 ? rc : result(t, rc);
}

static ssize_t
tls_write(struct stream *s, const void *p, size_t n)
{
	struct tls *t = (struct tls *)s;
	int rc;

	if (t->why.code != FAIL_NONE)
		return STREAM_ERR;
	openssl.ERR_clear_error();
	rc = openssl.SSL_write(t->ssl, p, clamp(n));
	if (rc > 0)
		return rc;
	/*
	 * The peer may have said why before it went, and that is yet to be
	 * read.
	 */
	if (t->below_broke) {
		s->error = s->below->error;
		s->fault = s->below->fault;
		t->below_broke = 0;
		openssl.ERR_clear_error();
		return STREAM_ERR;
	}
	return result(t, rc);
}

/* Says close_notify; whether the connection is still whole reading tells. */
static int
tls_finish(struct stream *s)
{
	struct tls *t = (struct tls *)s;
	int rc;

	if (t->why.code != FAIL_NONE)
		return 0;
	openssl.ERR_clear_error();
	rc = openssl.SSL_shutdown(t->ssl);
	if (rc >= 0 ||
	    openssl.SSL_get_error(t->ssl, rc) != SSL_ERROR_WANT_WRITE)
		return 0;
	return t->out_wants;
}

static int64_t
tls_unacknowledged(struct stream *s)
{
	return s->below->ops->unacknowledged(s->below);
}

static void
release(struct tls *t)
{
	openssl.SSL_free(t->ssl);
	openssl.BIO_meth_free(t->method);
	openssl.ERR_clear_error();
	buf_free(&t->first);
	buf_free(&t->binding);
	free(t->name);
	free(t);
}

static void
tls_free(struct stream *s)
{
	struct tls *t = (struct tls *)s;

	if (t->ready &&
	    (openssl.SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN) == 0)
		tls_finish(s);
	release(t);
}

/* The server wants a certificate of ours; it may do without. */
static int
on_certificate_asked(SSL *ssl, void *arg)
{
	struct tls *t = arg;

	(void)ssl;
	t->asked_certificate = 1;
	return 1;
}

/* A step of the verification is done; with a fault the words are found. */
static int
on_verified(int ok, X509_STORE_CTX *store)
{
	const SSL *ssl = openssl.X509_STORE_CTX_get_ex_data(
	    store, openssl.SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = openssl.SSL_get_ex_data(ssl, 0);
	const X509 *cert = openssl.X509_STORE_CTX_get_current_cert(store);

	if (!ok && cert != NULL)
		certificate_explain(cert,
		    openssl.X509_STORE_CTX_get_error(store),
		    openssl.X509_STORE_CTX_get_error_depth(store), t->name,
		    &t->why);
	return ok;
}

/* The name as it is asked for: without a zone, and without DNS's last dot. */
static char *
plain_name(const char *name)
{
	size_t n = strcspn(name, "%");

	if (n > 1 && name[n - 1] == '.')
		n--;
	return strndup(name, n);
}

static int
is_address(const char *name)
{
	unsigned char address[16];

	return inet_pton(AF_INET, name, address) == 1 ||
	       inet_pton(AF_INET6, name, address) == 1;
}

/* Whom to ask for (RFC 6066 3: no address), and whom to expect. */
static int
set_name(struct tls *t)
{
	const struct tls_options *o = t->options;
	X509_VERIFY_PARAM *expect = openssl.SSL_get0_param(t->ssl);
	int address = is_address(t->name);

	if (!address && !o->no_sni &&
	    openssl.SSL_ctrl(
		t->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, t->name) != 1)
		return -1;
	/*
	 * A common name stands in where there is no DNS name, as it did for
	 * the tool before; RFC 9525 2 would have it otherwise.
	 */
	openssl.X509_VERIFY_PARAM_set_hostflags(
	    expect, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	openssl.X509_VERIFY_PARAM_set_flags(expect, X509_V_FLAG_PARTIAL_CHAIN);
	openssl.SSL_set_verify(t->ssl,
	    o->no_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
	    o->no_verify ? NULL : on_verified);
	if (o->no_verify)
		return 0;
	return (address ? openssl.X509_VERIFY_PARAM_set1_ip_asc(expect, t->name)
			: openssl.X509_VERIFY_PARAM_set1_host(
			      expect, t->name, 0)) == 1
		   ? 0
		   : -1;
}

static BIO_METHOD *
bio_method(void)
{
	BIO_METHOD *m = openssl.BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");

	if (m != NULL && openssl.BIO_meth_set_read(m, bio_read) == 1 &&
	    openssl.BIO_meth_set_write(m, bio_write) == 1 &&
	    openssl.BIO_meth_set_ctrl(m, bio_ctrl) == 1)
		return m;
	openssl.BIO_meth_free(m);
	return NULL;
}

static int
begin(struct tls *t, const struct tls_context *context)
{
	BIO *bio = NULL;

	t->method = bio_method();
	t->ssl = openssl.SSL_new(context->ssl);
	if (t->method != NULL && t->ssl != NULL)
		bio = openssl.BIO_new(t->method);
	if (bio == NULL)
		return -1;
	openssl.BIO_set_data(bio, t);
	openssl.BIO_set_init(bio, 1);
	openssl.SSL_set_bio(t->ssl, bio, bio);
	openssl.SSL_set_connect_state(t->ssl);
	openssl.SSL_set_cert_cb(t->ssl, on_certificate_asked, t);
	return t->name != NULL && openssl.SSL_set_ex_data(t->ssl, 0, t) == 1
		   ? set_name(t)
		   : -1;
}

struct stream *
tls_stream(
    struct stream *below, const struct tls_context *context, const char *name)
{
	static const struct stream_ops ops = { tls_read, tls_peek, tls_write,
		tls_finish, tls_unacknowledged, tls_free };
	struct tls *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->stream.ops = &ops;
	t->stream.in = below->in;
	t->stream.out = below->out;
	t->stream.duplex = 1;
	t->options = context->options;
	t->name = plain_name(name);
	t->in_wants = STREAM_WANT_IN;
	t->out_wants = STREAM_WANT_OUT;
	buf_init(&t->first, FIRST_MAX);
	buf_init(&t->binding, BINDING_MAX);
	t->stream.below = below;
	if (begin(t, context) < 0) {
		release(t);
		return NULL;
	}
	return &t->stream;
}

/* Is the peer's key one of the pins? */
static int
check_pin(struct tls *t, const X509 *cert)
{
	const char *pins = t->options->pins;
	uint8_t digest[TLS_PIN_SIZE];
	struct buf pin;

	if (pins == NULL)
		return 0;
	if (cert == NULL || certificate_pin(cert, digest) < 0)
		return fail(&t->why, FAIL_TRUST, "shows no public key");
	if (tls_pins_have(pins, digest))
		return 0;
	buf_init(&pin, PIN_MAX);
	tls_pin_put(&pin, digest);
	fail(&t->why, FAIL_TRUST, "has another public key than --pin says: %s",
	    buf_str(&pin));
	buf_free(&pin);
	return -1;
}

/* What it has shown, be it to be trusted or not; NULL: nothing yet. */
static const X509 *
peer_certificate(const struct tls *t)
{
	const OPENSSL_X509_STACK *chain =
	    openssl.SSL_get_peer_cert_chain(t->ssl);

	return openssl.OPENSSL_sk_value((const OPENSSL_STACK *)chain, 0);
}

int
tls_ready(struct stream *s, struct failure *why)
{
	struct tls *t = (struct tls *)s;
	const X509 *cert;
	int rc;

	openssl.ERR_clear_error();
	rc = openssl.SSL_do_handshake(t->ssl);
	if (rc != 1) {
		rc = result(t, rc);
		if (rc == STREAM_EOF) {
			t->below_ended = 1;
			break_off(t);
			rc = STREAM_ERR;
		}
		*why = rc == STREAM_ERR ? t->why : *why;
		return rc;
	}
	cert = peer_certificate(t);
	rc = check_pin(t, cert);
	if (rc == 0 && cert != NULL)
		certificate_binding(cert, &t->binding);
	if (rc < 0) {
		*why = t->why;
		return STREAM_ERR;
	}
	/* Our key has done what it is for. */
	openssl.SSL_certs_clear(t->ssl);
	buf_free(&t->first);
	t->ready = 1;
	return 0;
}

int
tls_has_heard(const struct stream *s)
{
	return buf_len(&((const struct tls *)s)->first) > 0;
}

struct span
tls_binding(const struct stream *s)
{
	const struct tls *t = (const struct tls *)s;

	return BUF_SPAN(&t->binding);
}

void
tls_describe(const struct stream *s, struct buf *b)
{
	const struct tls *t = (const struct tls *)s;
	const unsigned char *protocol = NULL;
	const X509 *cert = peer_certificate(t);
	unsigned n = 0;

	BUF_JOIN(b, openssl.SSL_get_version(t->ssl), ", ",
	    openssl.SSL_CIPHER_get_name(
		openssl.SSL_get_current_cipher(t->ssl)));
	openssl.SSL_get0_alpn_selected(t->ssl, &protocol, &n);
	if (n > 0) {
		buf_puts(b, ", ");
		text_show(b, (struct span){ (const char *)protocol, n }, n);
	}
	if (cert != NULL) {
		buf_puts(b, ", ");
		certificate_describe(cert, b);
	}
}

void
tls_facts_init(struct tls_facts *f)
{
	memset(f, 0, sizeof *f);
	buf_init(&f->protocol, FACT_MAX);
	buf_init(&f->subject, FACT_MAX);
	buf_init(&f->issuer, FACT_MAX);
}

void
tls_facts_free(struct tls_facts *f)
{
	buf_free(&f->protocol);
	buf_free(&f->subject);
	buf_free(&f->issuer);
}

void
tls_facts_of(const struct stream *s, struct tls_facts *f)
{
	const struct tls *t = (const struct tls *)s;
	const unsigned char *protocol = NULL;
	const X509 *cert = peer_certificate(t);
	unsigned n = 0;

	tls_facts_free(f); /* of a connection before */
	tls_facts_init(f);
	f->verified = t->ready && !t->options->no_verify;
	if (cert != NULL)
		f->until = certificate_facts(cert, &f->subject, &f->issuer);
	else if (!t->ready)
		return;
	f->version = openssl.SSL_get_version(t->ssl);
	f->cipher =
	    openssl.SSL_CIPHER_get_name(openssl.SSL_get_current_cipher(t->ssl));
	openssl.SSL_get0_alpn_selected(t->ssl, &protocol, &n);
	if (n > 0)
		text_show(&f->protocol,
		    (struct span){ (const char *)protocol, n }, n);
}

struct stream *
tls_cut(struct stream *s)
{
	struct stream *below = s->below;

	release((struct tls *)s);
	return below;
}
