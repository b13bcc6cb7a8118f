/*
 * openssl.h -- what is used of OpenSSL 3, opened at run time.  Floor 2.  It is
 * declared here so that a build needs no headers of OpenSSL's; a test compares
 * it with them.
 */
#ifndef OPENSSL_H
#define OPENSSL_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_method_st SSL_METHOD;
typedef struct ssl_cipher_st SSL_CIPHER;
typedef struct bio_st BIO;
typedef struct bio_method_st BIO_METHOD;
typedef struct x509_st X509;
typedef struct X509_name_st X509_NAME;
typedef struct X509_name_entry_st X509_NAME_ENTRY;
typedef struct X509_pubkey_st X509_PUBKEY;
typedef struct x509_store_ctx_st X509_STORE_CTX;
typedef struct X509_VERIFY_PARAM_st X509_VERIFY_PARAM;
typedef struct asn1_string_st ASN1_STRING;
typedef struct asn1_string_st ASN1_TIME;
typedef struct GENERAL_NAME_st GENERAL_NAME;
typedef struct stack_st OPENSSL_STACK;
typedef struct stack_st_X509 OPENSSL_X509_STACK; /* cast to the one before */
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_md_st EVP_MD;
typedef struct engine_st ENGINE;

/* Each X(its name, its value). */
#define OPENSSL_CONSTANTS(X)                                \
	X(SSL_ERROR_WANT_READ, 2)                           \
	X(SSL_ERROR_WANT_WRITE, 3)                          \
	X(SSL_ERROR_ZERO_RETURN, 6)                         \
	X(SSL_CTRL_MODE, 33)                                \
	X(SSL_CTRL_SET_READ_AHEAD, 41)                      \
	X(SSL_CTRL_SET_TLSEXT_HOSTNAME, 55)                 \
	X(SSL_CTRL_SET_MIN_PROTO_VERSION, 123)              \
	X(SSL_CTRL_SET_MAX_PROTO_VERSION, 124)              \
	X(SSL_MODE_ENABLE_PARTIAL_WRITE, 1)                 \
	X(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, 2)           \
	X(SSL_MODE_RELEASE_BUFFERS, 16)                     \
	X(SSL_OP_NO_COMPRESSION, 1 << 17)                   \
	X(SSL_OP_NO_RENEGOTIATION, 1 << 30)                 \
	X(SSL_VERIFY_NONE, 0)                               \
	X(SSL_VERIFY_PEER, 1)                               \
	X(SSL_SENT_SHUTDOWN, 1)                             \
	X(TLS1_2_VERSION, 0x0303)                           \
	X(TLS1_3_VERSION, 0x0304)                           \
	X(BIO_TYPE_SOURCE_SINK, 0x0400)                     \
	X(BIO_CTRL_EOF, 2)                                  \
	X(BIO_CTRL_FLUSH, 11)                               \
	X(BIO_FLAGS_READ, 1)                                \
	X(BIO_FLAGS_WRITE, 2)                               \
	X(BIO_FLAGS_SHOULD_RETRY, 8)                        \
	X(ERR_LIB_SSL, 20)                                  \
	X(ERR_R_FLAG_COMMON, 2 << 18)                       \
	X(SSL_R_WRONG_SSL_VERSION, 266)                     \
	X(SSL_R_UNSUPPORTED_PROTOCOL, 258)                  \
	X(SSL_AD_REASON_OFFSET, 1000)                       \
	X(X509_V_ERR_CERT_NOT_YET_VALID, 9)                 \
	X(X509_V_ERR_CERT_HAS_EXPIRED, 10)                  \
	X(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 18)       \
	X(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 19)         \
	X(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, 2)          \
	X(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 20) \
	X(X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, 21)   \
	X(X509_V_ERR_HOSTNAME_MISMATCH, 62)                 \
	X(X509_V_ERR_IP_ADDRESS_MISMATCH, 64)               \
	X(X509_V_FLAG_PARTIAL_CHAIN, 0x80000)               \
	X(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, 4)          \
	X(NID_undef, 0)                                     \
	X(NID_commonName, 13)                               \
	X(NID_subject_alt_name, 85)                         \
	X(NID_md5, 4)                                       \
	X(NID_sha1, 64)                                     \
	X(GEN_DNS, 2)                                       \
	X(GEN_IPADD, 7)

enum {
#define X(name, value) name = (value),
	OPENSSL_CONSTANTS(X)
#undef X
};

/* Each X(what it returns, its name, what it takes). */
#define OPENSSL_FUNCTIONS(X)                                                   \
	X(const SSL_METHOD *, TLS_client_method, (void))                       \
	X(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *))                        \
	X(void, SSL_CTX_free, (SSL_CTX *))                                     \
	X(long, SSL_CTX_ctrl, (SSL_CTX *, int, long, void *))                  \
	X(uint64_t, SSL_CTX_set_options, (SSL_CTX *, uint64_t))                \
	X(int, SSL_CTX_set_default_verify_paths, (SSL_CTX *))                  \
	X(int, SSL_CTX_load_verify_file, (SSL_CTX *, const char *))            \
	X(int, SSL_CTX_load_verify_dir, (SSL_CTX *, const char *))             \
	X(int, SSL_CTX_use_certificate_chain_file, (SSL_CTX *, const char *))  \
	X(int, SSL_CTX_use_PrivateKey, (SSL_CTX *, EVP_PKEY *))                \
	X(int, SSL_CTX_check_private_key, (const SSL_CTX *))                   \
	X(void, SSL_CTX_set_default_passwd_cb,                                 \
	    (SSL_CTX *, int (*)(char *, int, int, void *)))                    \
	X(int, SSL_CTX_set_cipher_list, (SSL_CTX *, const char *))             \
	X(int, SSL_CTX_set_ciphersuites, (SSL_CTX *, const char *))            \
	X(int, SSL_CTX_set_alpn_protos,                                        \
	    (SSL_CTX *, const unsigned char *, unsigned))                      \
	X(void, SSL_CTX_set_keylog_callback,                                   \
	    (SSL_CTX *, void (*)(const SSL *, const char *)))                  \
	X(int, SSL_CTX_set_ex_data, (SSL_CTX *, int, void *))                  \
	X(void *, SSL_CTX_get_ex_data, (const SSL_CTX *, int))                 \
	X(SSL_CTX *, SSL_get_SSL_CTX, (const SSL *))                           \
	X(void, SSL_set_verify, (SSL *, int, int (*)(int, X509_STORE_CTX *)))  \
	X(void, SSL_set_cert_cb, (SSL *, int (*)(SSL *, void *), void *))      \
	X(void, SSL_CTX_set_default_read_buffer_len, (SSL_CTX *, size_t))      \
	X(SSL *, SSL_new, (SSL_CTX *))                                         \
	X(void, SSL_free, (SSL *))                                             \
	X(int, SSL_set_ex_data, (SSL *, int, void *))                          \
	X(void *, SSL_get_ex_data, (const SSL *, int))                         \
	X(int, SSL_get_ex_data_X509_STORE_CTX_idx, (void))                     \
	X(long, SSL_ctrl, (SSL *, int, long, void *))                          \
	X(void, SSL_set_bio, (SSL *, BIO *, BIO *))                            \
	X(void, SSL_set_connect_state, (SSL *))                                \
	X(X509_VERIFY_PARAM *, SSL_get0_param, (SSL *))                        \
	X(int, SSL_do_handshake, (SSL *))                                      \
	X(int, SSL_get_error, (const SSL *, int))                              \
	X(int, SSL_read, (SSL *, void *, int))                                 \
	X(int, SSL_peek, (SSL *, void *, int))                                 \
	X(int, SSL_write, (SSL *, const void *, int))                          \
	X(int, SSL_shutdown, (SSL *))                                          \
	X(int, SSL_get_shutdown, (const SSL *))                                \
	X(void, SSL_certs_clear, (SSL *))                                      \
	X(const char *, SSL_get_version, (const SSL *))                        \
	X(const SSL_CIPHER *, SSL_get_current_cipher, (const SSL *))           \
	X(const char *, SSL_CIPHER_get_name, (const SSL_CIPHER *))             \
	X(void, SSL_get0_alpn_selected,                                        \
	    (const SSL *, const unsigned char **, unsigned *))                 \
	X(OPENSSL_X509_STACK *, SSL_get_peer_cert_chain, (const SSL *))        \
	X(BIO_METHOD *, BIO_meth_new, (int, const char *))                     \
	X(void, BIO_meth_free, (BIO_METHOD *))                                 \
	X(int, BIO_meth_set_read, (BIO_METHOD *, int (*)(BIO *, char *, int))) \
	X(int, BIO_meth_set_write,                                             \
	    (BIO_METHOD *, int (*)(BIO *, const char *, int)))                 \
	X(int, BIO_meth_set_ctrl,                                              \
	    (BIO_METHOD *, long (*)(BIO *, int, long, void *)))                \
	X(BIO *, BIO_new, (const BIO_METHOD *))                                \
	X(BIO *, BIO_new_mem_buf, (const void *, int))                         \
	X(int, BIO_free, (BIO *))                                              \
	X(void, BIO_set_data, (BIO *, void *))                                 \
	X(void *, BIO_get_data, (BIO *))                                       \
	X(void, BIO_set_init, (BIO *, int))                                    \
	X(void, BIO_set_flags, (BIO *, int))                                   \
	X(void, BIO_clear_flags, (BIO *, int))                                 \
	X(unsigned long, ERR_peek_last_error, (void))                          \
	X(const char *, ERR_reason_error_string, (unsigned long))              \
	X(void, ERR_clear_error, (void))                                       \
	X(EVP_PKEY *, PEM_read_bio_PrivateKey,                                 \
	    (BIO *, EVP_PKEY **, int (*)(char *, int, int, void *), void *))   \
	X(void, EVP_PKEY_free, (EVP_PKEY *))                                   \
	X(X509_NAME *, X509_get_subject_name, (const X509 *))                  \
	X(X509_NAME *, X509_get_issuer_name, (const X509 *))                   \
	X(int, X509_NAME_get_index_by_NID, (const X509_NAME *, int, int))      \
	X(X509_NAME_ENTRY *, X509_NAME_get_entry, (const X509_NAME *, int))    \
	X(ASN1_STRING *, X509_NAME_ENTRY_get_data, (const X509_NAME_ENTRY *))  \
	X(char *, X509_NAME_oneline, (const X509_NAME *, char *, int))         \
	X(const ASN1_TIME *, X509_get0_notBefore, (const X509 *))              \
	X(const ASN1_TIME *, X509_get0_notAfter, (const X509 *))               \
	X(int, ASN1_TIME_to_tm, (const ASN1_TIME *, struct tm *))              \
	X(int, ASN1_STRING_to_UTF8, (unsigned char **, const ASN1_STRING *))   \
	X(const unsigned char *, ASN1_STRING_get0_data, (const ASN1_STRING *)) \
	X(int, ASN1_STRING_length, (const ASN1_STRING *))                      \
	X(void *, X509_get_ext_d2i, (const X509 *, int, int *, int *))         \
	X(int, OPENSSL_sk_num, (const OPENSSL_STACK *))                        \
	X(void *, OPENSSL_sk_value, (const OPENSSL_STACK *, int))              \
	X(void, OPENSSL_sk_pop_free, (OPENSSL_STACK *, void (*)(void *)))      \
	X(void *, GENERAL_NAME_get0_value, (const GENERAL_NAME *, int *))      \
	X(void, GENERAL_NAME_free, (GENERAL_NAME *))                           \
	X(X509_PUBKEY *, X509_get_X509_PUBKEY, (const X509 *))                 \
	X(int, i2d_X509_PUBKEY, (const X509_PUBKEY *, unsigned char **))       \
	X(int, X509_get_signature_nid, (const X509 *))                         \
	X(int, OBJ_find_sigid_algs, (int, int *, int *))                       \
	X(const char *, OBJ_nid2sn, (int))                                     \
	X(const EVP_MD *, EVP_get_digestbyname, (const char *))                \
	X(int, X509_digest,                                                    \
	    (const X509 *, const EVP_MD *, unsigned char *, unsigned *))       \
	X(int, EVP_Digest,                                                     \
	    (const void *, size_t, unsigned char *, unsigned *,                \
		const EVP_MD *, ENGINE *))                                     \
	X(void, CRYPTO_free, (void *, const char *, int))                      \
	X(X509 *, X509_STORE_CTX_get_current_cert, (const X509_STORE_CTX *))   \
	X(int, X509_STORE_CTX_get_error, (const X509_STORE_CTX *))             \
	X(int, X509_STORE_CTX_get_error_depth, (const X509_STORE_CTX *))       \
	X(void *, X509_STORE_CTX_get_ex_data, (const X509_STORE_CTX *, int))   \
	X(const char *, X509_verify_cert_error_string, (long))                 \
	X(int, X509_VERIFY_PARAM_set1_host,                                    \
	    (X509_VERIFY_PARAM *, const char *, size_t))                       \
	X(int, X509_VERIFY_PARAM_set1_ip_asc,                                  \
	    (X509_VERIFY_PARAM *, const char *))                               \
	X(void, X509_VERIFY_PARAM_set_hostflags,                               \
	    (X509_VERIFY_PARAM *, unsigned))                                   \
	X(int, X509_VERIFY_PARAM_set_flags,                                    \
	    (X509_VERIFY_PARAM *, unsigned long))

/*
 * The functions: what the linker's own table would be, filled once, by
 * openssl_open, before anything else of it is used.
 */
struct openssl {
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration */
#define X(type, name, args) type(*name) args;
	OPENSSL_FUNCTIONS(X)
#undef X
};

extern struct openssl openssl;

/* Why OpenSSL can't be had, as the end of a sentence. */
extern const char openssl_missing[];

/* 0, or -1 where it is not there.  May be called again. */
int openssl_open(void);

/* Appends which one there is; -1: none. */
struct buf;
int openssl_about(struct buf *);

#endif
