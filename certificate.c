/* certificate.c -- what a certificate says, in words.  Floor 2. */
#include "certificate.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define NAMES_MAX 256 /* bytes of names that are shown */
#define NAME_MAX_SHOWN 80
#define DIGEST_MAX 64

static void
put_string(const ASN1_STRING *s, struct buf *b)
{
	unsigned char *text = NULL;
	int n = openssl.ASN1_STRING_to_UTF8(&text, s);

	if (n > 0)
		text_show(b, (struct span){ (char *)text, (size_t)n },
		    NAME_MAX_SHOWN);
	openssl.CRYPTO_free(text, "", 0);
}

/* The common name or, where there is none, all of the name. */
static void
put_name(const X509_NAME *name, struct buf *b)
{
	int at = openssl.X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	char line[NAMES_MAX];

	if (at >= 0)
		put_string(openssl.X509_NAME_ENTRY_get_data(
			       openssl.X509_NAME_get_entry(name, at)),
		    b);
	else if (openssl.X509_NAME_oneline(name, line, sizeof line) != NULL)
		text_show(b, span_of(line), NAME_MAX_SHOWN);
}

static void
put_time(const ASN1_TIME *time, struct buf *b)
{
	char text[64];
	struct tm tm;

	if (openssl.ASN1_TIME_to_tm(time, &tm) == 1 &&
	    strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &tm) > 0)
		buf_puts(b, text);
	else
		buf_puts(b, "an unknown date");
}

/* One of the names that a certificate is for. */
static void
put_alternative(const GENERAL_NAME *name, struct buf *b)
{
	char address[INET6_ADDRSTRLEN];
	int kind, n;
	const ASN1_STRING *value = openssl.GENERAL_NAME_get0_value(name, &kind);
	const unsigned char *data;

	if (kind != GEN_DNS && kind != GEN_IPADD)
		return;
	data = openssl.ASN1_STRING_get0_data(value);
	n = openssl.ASN1_STRING_length(value);
	if (buf_len(b) > 0)
		buf_puts(b, ", ");
	if (kind == GEN_DNS && n > 0)
		text_show(b, (struct span){ (const char *)data, (size_t)n },
		    NAME_MAX_SHOWN);
	else if (kind == GEN_IPADD && (n == 4 || n == 16) &&
		 inet_ntop(n == 4 ? AF_INET : AF_INET6, data, address,
		     sizeof address) != NULL)
		buf_puts(b, address);
}

/* All the names that it is for; where it lists none, its common name. */
static void
put_names(const X509 *cert, struct buf *b)
{
	OPENSSL_STACK *names =
	    openssl.X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int i, n = names != NULL ? openssl.OPENSSL_sk_num(names) : 0;

	for (i = 0; i < n; i++)
		put_alternative(openssl.OPENSSL_sk_value(names, i), b);
	if (names != NULL)
		openssl.OPENSSL_sk_pop_free(
		    names, (void (*)(void *))openssl.GENERAL_NAME_free);
	if (buf_len(b) == 0)
		put_name(openssl.X509_get_subject_name(cert), b);
	if (buf_len(b) == 0)
		buf_puts(b, "no host at all");
}

/* "a certificate", or that of an issuer on the way to a trusted one. */
static void
put_which(const X509 *cert, int depth, struct buf *b)
{
	if (depth == 0) {
		buf_puts(b, "a certificate");
		return;
	}
	buf_puts(b, "a certificate whose issuer ");
	put_name(openssl.X509_get_subject_name(cert), b);
	buf_puts(b, " has one");
}

void
certificate_explain(const X509 *cert, int error, int depth, const char *name,
    struct failure *why)
{
	struct buf b, names;

	buf_init(&b, FAIL_TEXT);
	buf_init(&names, NAMES_MAX);
	buf_puts(&b, "shows ");
	put_which(cert, depth, &b);
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		why->cause = CAUSE_EXPIRED;
		buf_puts(&b, " that expired on ");
		put_time(openssl.X509_get0_notAfter(cert), &b);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		buf_puts(&b, " that is not valid before ");
		put_time(openssl.X509_get0_notBefore(cert), &b);
		buf_puts(&b, " (is the clock right here?)");
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		put_names(cert, &names);
		BUF_JOIN(&b, " that is not for ", name, " but for ");
		text_show(&b, BUF_SPAN(&names), NAMES_MAX);
		buf_puts(&b, " (--sni says which name it is to have)");
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		buf_puts(&b,
		    " that is self-signed: nobody vouches for it (-C FILE "
		    "trusts what is in the file, -z with --pin one key)");
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		buf_cut(&b, strlen("shows a certificate"));
		buf_puts(&b, " of an unknown issuer, ");
		put_name(openssl.X509_get_issuer_name(cert), &b);
		buf_puts(&b, " (-C FILE names the CA to trust)");
		break;
	default:
		BUF_JOIN(&b, " that can't be trusted: ",
		    openssl.X509_verify_cert_error_string(error));
	}
	fail(why, FAIL_TRUST, "%s", buf_str(&b));
	buf_free(&b);
	buf_free(&names);
}

void
certificate_describe(const X509 *cert, struct buf *b)
{
	buf_puts(b, "certificate of ");
	put_name(openssl.X509_get_subject_name(cert), b);
	buf_puts(b, " by ");
	put_name(openssl.X509_get_issuer_name(cert), b);
	buf_puts(b, " until ");
	put_time(openssl.X509_get0_notAfter(cert), b);
}

int64_t
certificate_facts(const X509 *cert, struct buf *subject, struct buf *issuer)
{
	struct tm tm;

	put_name(openssl.X509_get_subject_name(cert), subject);
	put_name(openssl.X509_get_issuer_name(cert), issuer);
	return openssl.ASN1_TIME_to_tm(openssl.X509_get0_notAfter(cert), &tm) ==
		       1
		   ? timegm(&tm)
		   : 0;
}

int
certificate_pin(const X509 *cert, uint8_t digest[TLS_PIN_SIZE])
{
	unsigned char *der = NULL;
	int n =
	    openssl.i2d_X509_PUBKEY(openssl.X509_get_X509_PUBKEY(cert), &der);
	int ok =
	    n > 0 && openssl.EVP_Digest(der, (size_t)n, digest, NULL,
			 openssl.EVP_get_digestbyname("SHA256"), NULL) == 1;

	openssl.CRYPTO_free(der, "", 0);
	return ok ? 0 : -1;
}

int
certificate_binding(const X509 *cert, struct buf *b)
{
	static const char prefix[] = "tls-server-end-point:";
	unsigned char digest[DIGEST_MAX];
	int hash = NID_undef;
	const EVP_MD *md = NULL;
	unsigned n = 0;

	/* The hash of its signature, but none weaker than SHA-256. */
	if (openssl.OBJ_find_sigid_algs(
		openssl.X509_get_signature_nid(cert), &hash, NULL) == 1 &&
	    hash != NID_undef)
		md = openssl.EVP_get_digestbyname(
		    hash == NID_md5 || hash == NID_sha1
			? "SHA256"
			: openssl.OBJ_nid2sn(hash));
	if (md == NULL || openssl.X509_digest(cert, md, digest, &n) != 1)
		return -1;
	return buf_puts(b, prefix) < 0 ? -1 : buf_put(b, digest, n);
}
