/*
 * fdpass.c -- hands the open tunnel to whoever is at the other end of standard
 * output, as a descriptor.  Floor 4.
 *
 * A plain tunnel is the connection itself: what the far side has sent behind
 * the proxy's answer was never taken out of it, and goes along.  Nothing of
 * ours remains.  Under TLS it is one end of a pair of sockets, and a child
 * relays behind the other, for ssh waits until its command ends.
 */
#include "modes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "file.h"
#include "log.h"
#include "net.h"
#include "run.h"

struct passing {
	struct run run;
	struct watch taker; /* standard output, for its hang-up */
	int pair[2];	    /* ours, and the taker's */
};

static void
end(struct passing *p)
{
	loop_want(p->run.setup.loop, &p->taker, 0);
	loop_stop(p->run.setup.loop);
}

/* Whoever was to get the tunnel is gone. */
static void
on_taker(void *arg, int got)
{
	struct passing *p = arg;

	(void)got;
	log_line(SAY_EVENT, "nobody waits for the tunnel any more");
	fail(&p->run.why, FAIL_LOST, "%s", "");
	end(p);
}

static void
pass(struct passing *p, int fd, const char *what)
{
	/* It is a blocking one as far as its new owner knows. */
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ||
	    net_pass(STDOUT_FILENO, fd) < 0) {
		fail(&p->run.why, FAIL_LOST, "can't hand the tunnel over: %s",
		    strerror(errno));
		end(p);
		return;
	}
	log_line(SAY_EVENT, "handed over: %s", what);
	loop_want(p->run.setup.loop, &p->taker, 0);
	/* Its socket is ours no more, neither as output nor as input. */
	file_replace(STDIN_FILENO);
	file_replace(STDOUT_FILENO);
}

static void
on_open(struct run *run)
{
	struct passing *p = (struct passing *)run;
	int fd = tunnel_take(run->tunnel);

	if (fd >= 0) {
		pass(p, fd, "the connection itself");
		close(fd);
		return;
	}
	pass(p, p->pair[1], "a socket that is relayed, as TLS is in between");
	close(p->pair[1]);
	p->pair[1] = -1;
	if (run->why.code == FAIL_NONE && child_go_on(-1) < 0) {
		fail(&run->why, FAIL_LOCAL, "can't go on alone: %s",
		    strerror(errno));
		end(p);
	}
}

/* Can a descriptor go over that? */
static int
takes_descriptors(int fd)
{
	struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof at;

	return getsockname(fd, (struct sockaddr *)&at, &len) == 0 &&
	       at.ss_family == AF_UNIX;
}

static struct stream *
begin(struct passing *p, struct route *route)
{
	if (run_begin(&p->run, route) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		p->pair) < 0)
		return NULL;
	p->run.opened = on_open;
	p->taker.fd = STDOUT_FILENO;
	p->taker.ready = on_taker;
	p->taker.arg = p;
	if (loop_want(p->run.setup.loop, &p->taker, POLLERR) < 0)
		return NULL;
	return stream_socket(p->pair[0]);
}

int
fdpass_main(struct route *route)
{
	struct passing p = { .pair = { -1, -1 } };
	int status;

	if (!takes_descriptors(STDOUT_FILENO)) {
		log_line(SAY_FAILURE,
		    "--fdpass: standard output is no Unix-domain socket (ssh "
		    "makes it one with ProxyUseFdpass yes)");
		return fail_exit(FAIL_USAGE);
	}
	status = run_tunnel(&p.run, begin(&p, route), 0);
	if (p.pair[1] >= 0)
		close(p.pair[1]);
	return status;
}
