/*
 * route.h -- where a tunnel goes: the hops and the target.  Once it is
 * complete all tunnels share it; only the logins change, as passwords come and
 * go, and what is known of names.  Floor 3.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "addr.h"
#include "ask.h"
#include "handshake.h"
#include "http.h"
#include "negotiate.h"
#include "relay.h"
#include "resolve.h"
#include "secret.h"
#include "socks.h"
#include "tlscontext.h"

#define ROUTE_HOPS_MAX 16

struct question;

/* TLS with a hop or the target. */
struct secure {
	int on;
	struct tls_options options;
	char *name; /* to ask for and to verify; NULL until complete */
	struct tls_context *context; /* NULL until prepared */
	struct question *question;   /* about its key, while it is open */
};

/* What a hop is asked for: the next one, or the target. */
struct request {
	const struct endpoint *to;
	struct http_connect http;
	struct socks_connect socks;
};

struct hop {
	enum proxy_scheme scheme;
	struct endpoint at;
	struct secure secure;
	struct credentials uri, option, environment; /* by source */
	struct login login;
	enum secret_source user_from, password_from;
	struct ask_sources sources; /* of a password that the login lacks */
	struct question *question;  /* about that, while it is open */
	struct auth_setup auth;
	struct negotiate_target target; /* for Negotiate */
	struct request request;
	char **headers; /* of the user's, "Name: value" each */
	size_t nheaders;
	char *name;	/* HOST:PORT or unix:/PATH, for messages */
	char *domain;	/* of NTLM, NULL: none is named */
	char *spn;	/* SERVICE@HOST or SERVICE/HOST, NULL: HTTP@ its host */
	char *ntlm_spn; /* in the form that NTLM has for it */
};

struct route {
	struct hop *hops; /* in order; none: a direct connection */
	size_t nhops;
	struct endpoint target;
	char *target_name;	   /* HOST:PORT */
	struct secure secure;	   /* with the target */
	char *host;		   /* the Host field, NULL: the authority */
	struct secret_files files; /* of users and passwords */
	struct ask_sources key_sources; /* of a key's passphrase */
	int family;	       /* of addresses that are looked up here: AF_* */
	int connect_ms;	       /* for the first connection, 0: as open_ms */
	int open_ms;	       /* until the tunnel is open */
	unsigned long retries; /* of what may go well a little later */
	int keepalive_ms;
	struct relay_rules rules;
	struct route *next;  /* where the first proxy of this one can't be
				reached or is none; NULL: that was the last */
	int asks_nobody;     /* for a password that is not known */
	int automatic;	     /* the first hop is yet to be found */
	int dropped;	     /* what was to be the first hop is not there */
	struct names *names; /* that were looked up; NULL until complete */
	struct hasher *hasher;
	struct auth_env env;
	const struct route *base; /* whose all of it is but what is about the
				     target; NULL: nobody's */
	struct request last;	  /* with a base: to the last hop */
};

/*
 * Fills in what follows from hops and target: names, and what to ask each
 * hop for.  0, or -1 with FAIL_USAGE or FAIL_LOCAL.
 */
int route_complete(struct route *, struct failure *);

/*
 * Finds users and passwords where they are known: URI, option, file,
 * environment, netrc.  Who else has a password is asked once a proxy demands
 * one.  0, or -1: then all is as it was.  To be called again when files have
 * changed.  This, and what follows, is for the alternatives, too.
 */
int route_log_in(struct route *, struct failure *);

/*
 * Reads the files that TLS needs.  0, or -1 as tls_context_new.  To be called
 * again when they have changed, which is only for connections to come.
 */
int route_prepare(struct route *, struct failure *);
void route_free(struct route *);

/*
 * Makes it a direct connection: hops and all that is for proxies are wiped and
 * freed.
 */
void route_direct(struct route *);

/*
 * Another one, over the same hops and their logins or, where direct is set,
 * over none, to another target, which it copies; so with its alternatives.  The
 * base, which must be complete, outlives it and all that goes over it.  NULL
 * with FAIL_USAGE or FAIL_LOCAL.
 */
struct route *route_for(const struct route *base, const struct endpoint *target,
    int direct, struct failure *);
void route_release(struct route *); /* what route_for gave; NULL is fine */

/* Whose hops and logins it goes over: the base, or itself. */
const struct route *route_base(const struct route *);
/* The same for the first hop alone: the next one is reached without it. */
void route_drop_first(struct route *);

/* The name of a hop or, behind the last, of the target. */
const char *route_name(const struct route *, size_t at);

/* Where the first connection goes. */
const struct endpoint *route_first(const struct route *);

/* TLS with a hop or, behind the last, with the target. */
struct secure *route_secure(const struct route *, size_t at);

/* The name to ask for in it, and to verify. */
const char *route_secure_name(const struct route *, size_t at);

/* What a hop is asked for. */
const struct request *route_request(const struct route *, size_t hop);

/* The client's key there while it wants a passphrase, else NULL. */
const char *route_locked(const struct route *, size_t at);

/*
 * Must a password be asked for before there is a connection, as it goes out
 * unasked?
 */
int route_asks_first(const struct route *, size_t hop);

/* How often one tunnel may ask for the password there. */
unsigned hop_asks(const struct hop *);

/* The tunnel is open and no other will be: wipes all secrets. */
void route_forget(struct route *);

/* The conversation with a hop; NULL without memory. */
struct handshake *route_handshake(const struct route *, size_t hop);

#endif
