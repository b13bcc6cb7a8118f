/*
 * tlsoptions.h -- what a user may say of a TLS connection, and the forms that
 * it takes.  Floor 1.
 */
#ifndef TLSOPTIONS_H
#define TLSOPTIONS_H

#include <stdint.h>

#include "buf.h"

#define TLS_PIN_SIZE 32 /* bytes of SHA-256 */

/* Each string NULL where nothing is said. */
struct tls_options {
	char *ca;	  /* file or directory of PEM; NULL: the system's */
	char *cert, *key; /* PEM files; key NULL: it is in cert */
	char *pins;	  /* sha256//BASE64[;sha256//BASE64...] */
	char *sni;	  /* the name to ask for and to verify */
	char *alpn;	  /* PROTOCOL[,PROTOCOL...] */
	char *ciphers;	  /* NAME[:NAME...], of TLS 1.3 and before */
	char *keylog;	  /* file to write the session's secrets to */
	int version_min;  /* as tls_version has it, 0: TLS 1.2 */
	unsigned no_verify : 1; /* nor the name; the pins all the same */
	unsigned no_sni : 1;
	unsigned cut : 1; /* only until the first request is sent */
};

void tls_options_free(struct tls_options *);

/* The number of a version such as "1.2" in the protocol; 0: there is none. */
int tls_version(const char *);

/* Is a list of pins well-formed? */
int tls_pins_are_valid(const char *);

/* Is the SHA-256 of a public key among the pins? */
int tls_pins_have(const char *, const uint8_t digest[TLS_PIN_SIZE]);

/* Appends the pin of a digest, for showing.  0, or -1 as buf_put. */
int tls_pin_put(struct buf *, const uint8_t digest[TLS_PIN_SIZE]);

/*
 * Appends a list of protocols in the form of RFC 7301 3.1.  0; -1: one is
 * empty or over 255 bytes; NO_MEMORY.
 */
int tls_alpn_put(struct buf *, const char *);

/*
 * Appends those of a list of ciphers that are of TLS 1.3 (the names that begin
 * with TLS_), or the others, as a list of the same form.  0, or -1 as buf_put.
 */
int tls_ciphers_put(struct buf *, const char *, int of_1_3);

#endif
