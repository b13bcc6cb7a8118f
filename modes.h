/* modes.h -- what the program can be, one function each.  Floor 4. */
#ifndef MODES_H
#define MODES_H

#include "ports.h"
#include "route.h"

/*
 * One tunnel between standard input and output and the route's target, until
 * it is over or a signal ends it.  Says what went wrong, before it closes
 * standard output; returns the exit status.  Forgets the route's passwords once
 * the tunnel is open.  progress: says how far it is, on a terminal.
 */
int stdio_main(struct route *, int progress);

/*
 * The same between a connected socket, both ways, and the target, as inetd(8)
 * wants it: standard input, or one that systemd has passed.
 */
int inetd_main(struct route *, int fd);

/* Where to listen, and how; all of it is borrowed. */
struct listening {
	char **at; /* as listeners_open has it */
	size_t nat;
	size_t sockets;		   /* that systemd has passed */
	unsigned long max_tunnels; /* 0: as many as descriptors allow */
	int drain_ms;	    /* for open tunnels to end once it is to stop */
	int daemon;	    /* leave the terminal once it listens */
	int journal;	    /* the log has the time in front already */
	char *pidfile;	    /* NULL: none */
	const char *notify; /* systemd's address, NULL: none */
};

/*
 * Makes a tunnel of every connection until a signal ends that; returns the
 * exit status.
 */
int listen_main(struct route *, const struct listening *);

/*
 * Opens the tunnel and hands it, as a descriptor, to the other end of standard
 * output (unix(7), SCM_RIGHTS); says what went wrong, returns the exit status.
 * Where the tunnel is more than a socket a child relays behind it.
 */
int fdpass_main(struct route *);

enum check_kind { CHECK_NOTHING, CHECK_TUNNELS, CHECK_PORTS, CHECK_LOGIN };

struct destination {
	struct endpoint at;
	int direct; /* no proxy is for it */
};

/* What to find out; all of it is borrowed. */
struct checking {
	enum check_kind what;
	struct destination *to; /* none: CHECK_LOGIN does without */
	size_t n;
	int json;
	int quiet;	      /* say nothing but what failed */
	int repeats, paced;   /* --repeat was given, or --interval */
	unsigned long rounds; /* of CHECK_TUNNELS, 0: until a signal comes */
	int interval_ms;      /* from one round to the next */
	struct ports *ports;  /* of CHECK_PORTS, else NULL */
};

/*
 * Opens tunnels and closes them again, and tells on standard output what it
 * found; returns the exit status: that of the first destination that fails.
 */
int check_main(struct route *, const struct checking *);

/* Asks the last proxy for tunnels to many ports. */
int scan_main(struct route *, const struct checking *);

/* Finds out what login the first proxy that demands one wants, sending none. */
int login_main(struct route *, const struct checking *);

#endif
