/* tlscontext.c -- certificates, keys and rules for TLS.  Floor 2. */
#include "tlscontext.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

#define KEY_FILE_MAX ((size_t)1 << 20)
#define LIST_MAX ((size_t)1 << 16) /* bytes of ciphers or protocols */

/*
 * Several records in one read, so that there are fewer; the buffer is there
 * only while bytes are in it.
 */
#define READ_SIZE ((size_t)4 * (16384 + 256 + 5))

static int
fail_file(
    const char *what, const char *path, const char *fault, struct failure *why)
{
	openssl.ERR_clear_error();
	return fail(why, FAIL_FILE, "%s %s: %s", what, path, fault);
}

/* A call of OpenSSL's that reads a file failed: what may be wrong with it? */
static int
fail_pem(
    const char *what, const char *path, const char *fault, struct failure *why)
{
	return fail_file(
	    what, path, errno == ENOMEM ? strerror(ENOMEM) : fault, why);
}

/* Whom to trust. */
static int
load_authorities(struct tls_context *c, struct failure *why)
{
	const char *ca = c->options->ca;
	struct stat st;

	if (ca == NULL) {
		if (openssl.SSL_CTX_set_default_verify_paths(c->ssl) != 1)
			log_line(SAY_NOTICE,
			    "the system's certificates can't be read");
		openssl.ERR_clear_error();
		return 0;
	}
	if (stat(ca, &st) < 0 || access(ca, R_OK) < 0)
		return fail_file("-C", ca, strerror(errno), why);
	errno = 0;
	if (S_ISDIR(st.st_mode)
		? openssl.SSL_CTX_load_verify_dir(c->ssl, ca) == 1
		: openssl.SSL_CTX_load_verify_file(c->ssl, ca) == 1)
		return 0;
	return fail_pem("-C", ca, "there is no certificate in it (PEM)", why);
}

static int
read_key_file(const char *path, struct buf *text, struct failure *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : file_read(fd, text);

	if (rc < 0)
		fail_file("client key", path, strerror(errno), why);
	if (fd >= 0)
		close(fd);
	return rc;
}

struct passphrase {
	const char *given; /* NULL: none */
	int wanted;
};

/* What OpenSSL calls; it would ask on the terminal by itself. */
static int
give_passphrase(char *to, int size, int writing, void *arg)
{
	struct passphrase *p = arg;
	size_t n;

	(void)writing;
	if (p != NULL)
		p->wanted = 1;
	if (p == NULL || p->given == NULL)
		return -1;
	n = strlen(p->given);
	if (size < 0 || n > (size_t)size)
		return -1;
	memcpy(to, p->given, n);
	return (int)n;
}

/* 0; 1: a passphrase is wanted, or another one; -1. */
static int
use_key(struct tls_context *c, const char *path, const struct buf *text,
    const char *passphrase, struct failure *why)
{
	struct passphrase p = { passphrase, 0 };
	BIO *bio = openssl.BIO_new_mem_buf(buf_ptr(text), (int)buf_len(text));
	EVP_PKEY *key = NULL;
	int rc = -1;

	if (bio != NULL)
		key = openssl.PEM_read_bio_PrivateKey(
		    bio, NULL, give_passphrase, &p);
	if (key == NULL && p.wanted)
		rc = 1;
	else if (key == NULL)
		fail_file(
		    "client key", path, "there is no key in it (PEM)", why);
	else if (openssl.SSL_CTX_use_PrivateKey(c->ssl, key) != 1 ||
		 openssl.SSL_CTX_check_private_key(c->ssl) != 1)
		fail_file("client key", path,
		    "it is not the key of the certificate that -c names", why);
	else
		rc = 0;
	openssl.ERR_clear_error();
	openssl.EVP_PKEY_free(key);
	openssl.BIO_free(bio);
	return rc;
}

static int
load_key(struct tls_context *c, const char *passphrase, struct failure *why)
{
	const struct tls_options *o = c->options;
	const char *path = o->key != NULL ? o->key : o->cert;
	struct buf text;
	int rc;

	buf_init(&text, KEY_FILE_MAX);
	rc = read_key_file(path, &text, why);
	if (rc == 0)
		rc = use_key(c, path, &text, passphrase, why);
	buf_free(&text);
	if (rc >= 0)
		c->locked = rc == 1 ? path : NULL;
	return rc;
}

int
tls_context_unlock(
    struct tls_context *c, const char *passphrase, struct failure *why)
{
	return load_key(c, passphrase, why);
}

static int
load_certificate(struct tls_context *c, struct failure *why)
{
	const char *cert = c->options->cert;

	if (cert == NULL)
		return 0;
	if (access(cert, R_OK) < 0)
		return fail_file(
		    "client certificate", cert, strerror(errno), why);
	errno = 0;
	if (openssl.SSL_CTX_use_certificate_chain_file(c->ssl, cert) != 1)
		return fail_pem("client certificate", cert,
		    "there is no certificate in it (PEM)", why);
	return load_key(c, NULL, why) < 0 ? -1 : 0;
}

/*
 * Ciphers that the list does not name are not offered: where none of TLS 1.3
 * is in it that version is not, either, and the other way round.
 */
static int
set_ciphers(struct tls_context *c, int *min, int *max, struct failure *why)
{
	const char *list = c->options->ciphers;
	struct buf before, of_1_3;
	int ok = 1;

	if (list == NULL)
		return 0;
	buf_init(&before, LIST_MAX);
	buf_init(&of_1_3, LIST_MAX);
	ok = tls_ciphers_put(&before, list, 0) == 0 &&
	     tls_ciphers_put(&of_1_3, list, 1) == 0;
	if (buf_len(&before) > 0)
		ok = ok && openssl.SSL_CTX_set_cipher_list(
			       c->ssl, buf_str(&before)) == 1;
	else if (*min < TLS1_3_VERSION)
		*min = TLS1_3_VERSION;
	if (buf_len(&of_1_3) > 0)
		ok = ok && openssl.SSL_CTX_set_ciphersuites(
			       c->ssl, buf_str(&of_1_3)) == 1;
	else if (*max == 0 || *max > TLS1_2_VERSION)
		*max = TLS1_2_VERSION;
	buf_free(&before);
	buf_free(&of_1_3);
	openssl.ERR_clear_error();
	return ok ? 0
		  : fail_about(why, FAIL_USAGE, "--ciphers=", span_of(list),
			"not ciphers as OpenSSL names them");
}

static int
set_versions(struct tls_context *c, int min, int max, struct failure *why)
{
	/* What is older than TLS 1.2 is below OpenSSL's own bar. */
	if (min < TLS1_2_VERSION && c->options->ciphers == NULL)
		openssl.SSL_CTX_set_cipher_list(c->ssl, "DEFAULT@SECLEVEL=0");
	if (max != 0 && max < min)
		return fail(why, FAIL_USAGE,
		    "--ciphers, --tls-min and -W leave no version of TLS");
	openssl.SSL_CTX_ctrl(c->ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, min, NULL);
	openssl.SSL_CTX_ctrl(c->ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, max, NULL);
	return 0;
}

static int
set_rules(struct tls_context *c, struct failure *why)
{
	const struct tls_options *o = c->options;
	int min = o->version_min != 0 ? o->version_min : TLS1_2_VERSION;
	/* TLS 1.3 sends tickets, which nobody would read after the cut. */
	int max = o->cut ? TLS1_2_VERSION : 0;
	struct buf protocols;
	int rc = 0;

	if (set_ciphers(c, &min, &max, why) < 0 ||
	    set_versions(c, min, max, why) < 0)
		return -1;
	openssl.SSL_CTX_set_options(
	    c->ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	openssl.SSL_CTX_ctrl(c->ssl, SSL_CTRL_MODE,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS,
	    NULL);
	if (!o->cut) {
		openssl.SSL_CTX_ctrl(c->ssl, SSL_CTRL_SET_READ_AHEAD, 1, NULL);
		openssl.SSL_CTX_set_default_read_buffer_len(c->ssl, READ_SIZE);
	}
	if (o->alpn == NULL)
		return 0;
	buf_init(&protocols, LIST_MAX);
	if (tls_alpn_put(&protocols, o->alpn) < 0 ||
	    openssl.SSL_CTX_set_alpn_protos(c->ssl, buf_ptr(&protocols),
		(unsigned)buf_len(&protocols)) != 0)
		rc = fail(why, FAIL_LOCAL, "out of memory");
	buf_free(&protocols);
	return rc;
}

/* One line of the session's secrets, for a program that looks into packets. */
static void
on_keylog(const SSL *ssl, const char *line)
{
	const struct tls_context *c =
	    openssl.SSL_CTX_get_ex_data(openssl.SSL_get_SSL_CTX(ssl), 0);
	struct buf b;

	buf_init(&b, SIZE_MAX);
	if (BUF_JOIN(&b, line, "\n") < 0 ||
	    write(c->keylog, buf_ptr(&b), buf_len(&b)) < 0)
		log_line(SAY_NOTICE, "can't write to %s: %s",
		    c->options->keylog, strerror(errno));
	buf_free(&b);
}

static void
open_keylog(struct tls_context *c)
{
	const char *path = c->options->keylog;

	if (path == NULL)
		return;
	c->keylog = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (c->keylog < 0) {
		log_line(SAY_NOTICE, "SSLKEYLOGFILE: can't open %s: %s", path,
		    strerror(errno));
		return;
	}
	log_line(SAY_NOTICE,
	    "SSLKEYLOGFILE: the secrets of TLS are written to %s", path);
	openssl.SSL_CTX_set_keylog_callback(c->ssl, on_keylog);
}

struct tls_context *
tls_context_new(const struct tls_options *options, struct failure *why)
{
	struct tls_context *c;

	if (openssl_open() < 0) {
		fail(why, FAIL_MISSING, "TLS: %s", openssl_missing);
		return NULL;
	}
	c = calloc(1, sizeof *c);
	if (c == NULL) {
		fail(why, FAIL_LOCAL, "out of memory");
		return NULL;
	}
	c->options = options;
	c->keylog = -1;
	c->ssl = openssl.SSL_CTX_new(openssl.TLS_client_method());
	if (c->ssl == NULL || openssl.SSL_CTX_set_ex_data(c->ssl, 0, c) != 1)
		fail(why, FAIL_LOCAL, "out of memory");
	else {
		openssl.SSL_CTX_set_default_passwd_cb(c->ssl, give_passphrase);
		if (set_rules(c, why) == 0 && load_authorities(c, why) == 0 &&
		    load_certificate(c, why) == 0) {
			open_keylog(c);
			return c;
		}
	}
	tls_context_free(c);
	return NULL;
}

void
tls_context_free(struct tls_context *c)
{
	if (c == NULL)
		return;
	if (c->ssl != NULL) {
		openssl.SSL_CTX_set_ex_data(c->ssl, 0, NULL);
		openssl.SSL_CTX_free(c->ssl);
	}
	if (c->keylog >= 0)
		close(c->keylog);
	free(c);
}
