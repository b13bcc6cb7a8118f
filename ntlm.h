/* ntlm.h -- the messages of NTLM, version 2 alone.  Floor 1.  MS-NLMP. */
#ifndef NTLM_H
#define NTLM_H

#include "addr.h"
#include "env.h"

#define NTLM_MESSAGE_MAX 65536 /* bytes of one message */

/* Appends NEGOTIATE_MESSAGE (MS-NLMP 2.2.1.1).  0, or -1 as buf_put. */
int ntlm_negotiate(struct buf *);

/*
 * CHALLENGE_MESSAGE as read; spans point into the message.  A field that lies
 * outside of it counts for none.
 */
struct ntlm_challenge {
	struct span message; /* all of it */
	uint32_t flags;
	uint8_t nonce[8];
	struct span target; /* name, in the encoding that flags say */
	struct span info;   /* AV_PAIRs as far as they are sound, no MsvAvEOL;
			       p is NULL where there was no list at all */
	int has_time;
	uint64_t time; /* MsvAvTimestamp, where has_time */
};

/*
 * Reads a CHALLENGE_MESSAGE (MS-NLMP 2.2.1.2), each length and offset
 * checked.  NULL, or what is wrong with it as the end of a sentence.
 */
const char *ntlm_parse(struct ntlm_challenge *, struct span message);

/*
 * Who logs in where; all borrowed, text in UTF-8.  NULL is as good as "", but
 * for the domain.
 */
struct ntlm_login {
	const char *user;   /* DOMAIN\USER and USER@DOMAIN are split */
	const char *domain; /* of its own ("": none): the user is then taken
			       whole; NULL: the user's, or else the server's */
	const char *password;
	const char *workstation;
	const char *spn;		/* "HTTP/proxy.example" */
	const uint8_t *channel_binding; /* 16 bytes, NULL: none */
	uint8_t nonce[8];		/* random */
	uint64_t time;			/* FILETIME: 100 ns since 1601 */
};

/* What ntlm_authenticate returns besides 0 and NO_MEMORY. */
#define NTLM_NO_HASH (-1)  /* the hasher lacks MD5 */
#define NTLM_NOT_UTF8 (-3) /* a text of the login */
#define NTLM_TOO_LONG (-4) /* a name or the message */

/*
 * Appends AUTHENTICATE_MESSAGE (MS-NLMP 2.2.1.3) with an NTLMv2 response and,
 * where the challenge has a timestamp, a MIC over it and the other two
 * messages.  The buffer is unchanged on failure.
 */
int ntlm_authenticate(struct buf *, const struct ntlm_challenge *,
    struct span negotiate, const struct ntlm_login *, const struct hasher *);

/*
 * The value of MsvAvChannelBindings for the application data of a TLS channel
 * binding such as "tls-server-end-point:..." (MS-NLMP 2.2.2.1, RFC 5929).
 * 0, or -1 where the hasher lacks MD5.
 */
int ntlm_channel_binding(
    struct span application_data, const struct hasher *, uint8_t out[16]);

/*
 * Appends AUTHENTICATE_MESSAGE in answer to a CHALLENGE_MESSAGE that came upon
 * a message of ntlm_negotiate's; fills in nonce, time and, where there is
 * application data of a channel binding, that.  NULL, or the fault.
 */
const char *ntlm_answer(struct buf *, struct span challenge,
    struct ntlm_login *, struct span binding, const struct auth_env *);

#endif
