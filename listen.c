/*
 * listen.c -- many tunnels: each connection that is accepted becomes one, all
 * over the same route, in one loop.  Floor 4.
 */
#include "modes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "errand.h"
#include "file.h"
#include "listener.h"
#include "log.h"
#include "net.h"
#include "systemd.h"
#include "tunnel.h"

#define ACCEPT_TURN 16	/* connections, before those that are there go on */
#define RESERVE 64	/* descriptors for all but the two of each tunnel */
#define RESET_MS 10000	/* for a client to get what precedes a reset */
#define REAP_MS 50	/* between looks whether it has */
#define PAUSE_MS 1000	/* before it is tried again to accept */
#define TELL_MS 60000	/* between two lines that say why others wait */
#define REPORT_MAX 1024 /* bytes of the line that SIGUSR1 asks for */

struct client {
	struct server *server;
	struct client *prev, *next; /* of those that run, or are over */
	struct tunnel *tunnel;
	int fd;
	int64_t ended;
	char peer[]; /* the subject of its log lines */
};

struct server {
	const struct listening *how;
	struct route *route;
	struct tunnel_setup setup;
	struct listeners listeners;
	struct client *clients, *over; /* running, and to be freed */
	size_t n, limit;	       /* of both */
	struct timer reap, resume, drain;
	int paused, draining;
	int64_t begun, told; /* told: when, why others wait */
	uint64_t ended, failed, up, down;
	int has_terminal;      /* with which it ends */
	struct errand *errand; /* what is asked for before all else */
	char *fault;	       /* why that is not to be had */
	int signo;	       /* that ended it at once, 0: none */
	struct failure why;
};

static void
put_in(struct client **list, struct client *c)
{
	c->prev = NULL;
	c->next = *list;
	if (c->next != NULL)
		c->next->prev = c;
	*list = c;
}

static void
take_out(struct client **list, struct client *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		*list = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
}

static int
want_all(struct server *s, int want)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < s->listeners.n; i++)
		rc |=
		    loop_want(s->setup.loop, &s->listeners.list[i].watch, want);
	return rc;
}

/*
 * Accepts no more until a tunnel has ended or, where that is of no avail, some
 * time has passed.
 */
static void
pause_accepting(struct server *s, const char *reason)
{
	int64_t now = loop_now(s->setup.loop);

	if (s->paused)
		return;
	s->paused = 1;
	want_all(s, 0);
	if (s->n < s->limit)
		loop_timer(s->setup.loop, &s->resume, now + PAUSE_MS);
	if (s->told != 0 && now < s->told + TELL_MS)
		return;
	s->told = now;
	log_line(SAY_NOTICE, "with %zu tunnels others have to wait: %s", s->n,
	    reason);
}

static void
resume_accepting(void *arg)
{
	struct server *s = arg;

	loop_timer(s->setup.loop, &s->resume, 0);
	if (!s->paused || s->draining)
		return;
	s->paused = 0;
	if (want_all(s, POLLIN) < 0)
		pause_accepting(s, "out of memory");
}

static void
free_client(struct server *s, struct client *c)
{
	uint64_t up, down;

	if (c->tunnel != NULL) {
		tunnel_count(c->tunnel, &up, &down);
		s->up += up;
		s->down += down;
	}
	tunnel_free(c->tunnel);
	free(c);
	s->n--;
}

/*
 * A client whose tunnel broke is not to take what it got for all there was: it
 * gets a reset, once it has got what there is, if it does so in time.
 */
static int
is_closed_well(const struct server *s, const struct client *c)
{
	return c->tunnel == NULL ||
	       (tunnel_state(c->tunnel) == TUNNEL_OVER &&
		   tunnel_failure(c->tunnel)->code == FAIL_NONE) ||
	       net_reset_on_close(c->fd) == 0 ||
	       loop_now(s->setup.loop) >= c->ended + RESET_MS;
}

static void
free_list(struct server *s, struct client **list)
{
	struct client *c, *next;

	for (c = *list; c != NULL; c = next) {
		next = c->next;
		is_closed_well(s, c);
		free_client(s, c);
	}
	*list = NULL;
}

static void
stop_if_drained(struct server *s)
{
	if (s->draining && s->n == 0)
		loop_stop(s->setup.loop);
}

static void
on_reap(void *arg)
{
	struct server *s = arg;
	struct client *c, *next;

	for (c = s->over; c != NULL; c = next) {
		next = c->next;
		if (!is_closed_well(s, c))
			continue;
		take_out(&s->over, c);
		free_client(s, c);
	}
	if (s->over != NULL)
		loop_timer(
		    s->setup.loop, &s->reap, loop_now(s->setup.loop) + REAP_MS);
	if (s->n < s->limit)
		resume_accepting(s);
	stop_if_drained(s);
}

static void
say_failure(struct client *c)
{
	const struct failure *why = tunnel_failure(c->tunnel);

	c->server->failed += why->code != FAIL_NONE;
	if (why->text[0] != '\0')
		log_line(SAY_FAILURE, "%s", why->text);
}

static void
on_over(void *arg)
{
	struct client *c = arg;
	struct server *s = c->server;

	take_out(&s->clients, c);
	put_in(&s->over, c);
	c->ended = loop_now(s->setup.loop);
	s->ended++;
	loop_timer(s->setup.loop, &s->reap, loop_now(s->setup.loop));
	if (c->tunnel == NULL)
		return; /* it has not even begun: see add_client */
	say_failure(c);
}

static void
add_client(struct server *s, int fd, const char *peer)
{
	struct client *c = calloc(1, sizeof *c + strlen(peer) + 1);
	struct stream *near = c == NULL ? NULL : stream_socket(fd);

	if (near == NULL) {
		free(c);
		close(fd);
		log_line(SAY_FAILURE, "%s: out of memory", peer);
		return;
	}
	memcpy(c->peer, peer, strlen(peer) + 1);
	c->server = s;
	c->fd = fd;
	put_in(&s->clients, c);
	s->n++;
	loop_subject(s->setup.loop, c->peer);
	log_line(SAY_EVENT, "accepted");
	c->tunnel = tunnel_new(&s->setup, near, 0, c);
	if (c->tunnel == NULL)
		log_line(SAY_FAILURE, "out of memory");
	else if (tunnel_state(c->tunnel) == TUNNEL_OVER)
		say_failure(c);
	loop_subject(s->setup.loop, NULL);
	if (c->tunnel == NULL) {
		take_out(&s->clients, c);
		free_client(s, c);
	}
}

static void
on_connection(void *arg, int got)
{
	struct listener *l = arg;
	struct server *s = l->owner;
	char peer[LISTENER_NAME];
	int turn, fd;

	(void)got;
	for (turn = 0; turn < ACCEPT_TURN; turn++) {
		if (s->n >= s->limit) {
			pause_accepting(
			    s, "that is the most (--max-tunnels, ulimit -n)");
			return;
		}
		fd = listener_accept(l, peer);
		if (fd >= 0)
			add_client(s, fd, peer);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		else if (errno != ECONNABORTED && errno != EINTR &&
			 errno != EPERM) {
			pause_accepting(s, strerror(errno));
			return;
		}
	}
}

static void
report(struct server *s, enum log_level level)
{
	uint64_t up = s->up, down = s->down, u, d;
	size_t opening = 0;
	struct client *c;
	char time[32];

	for (c = s->clients; c != NULL; c = c->next) {
		tunnel_count(c->tunnel, &u, &d);
		up += u;
		down += d;
		opening += tunnel_state(c->tunnel) == TUNNEL_OPENING;
	}
	log_line(level,
	    "after %s: %zu tunnels open, %zu being opened, %llu ended, %llu of "
	    "them failed, %llu bytes sent, %llu received",
	    log_seconds(loop_now(s->setup.loop) - s->begun, time),
	    s->n - opening, opening, (unsigned long long)s->ended,
	    (unsigned long long)s->failed, (unsigned long long)up,
	    (unsigned long long)down);
}

static void
on_report_signal(void *arg, int signo)
{
	(void)signo;
	report(arg, SAY_FAILURE);
}

static void
on_interrupt(void *arg, int signo)
{
	struct server *s = arg;

	s->signo = signo;
	loop_stop(s->setup.loop);
}

static int
terminal_is_there(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

/*
 * Passwords, CAs and certificates may have changed; but this is also how a
 * terminal says good-bye.
 */
static void
on_reload_signal(void *arg, int signo)
{
	struct server *s = arg;
	struct failure why = NO_FAILURE;

	if (s->has_terminal && !terminal_is_there()) {
		on_interrupt(s, signo);
		return;
	}
	systemd_notify_reload(s->how->notify);
	if (route_log_in(s->route, &why) < 0 ||
	    route_prepare(s->route, &why) < 0)
		log_line(SAY_FAILURE, "not read again: %s", why.text);
	else
		log_line(
		    SAY_NOTICE, "passwords and certificates are read again");
	systemd_notify(s->how->notify, "READY=1");
}

static void
on_drained(void *arg)
{
	struct server *s = arg;

	log_line(SAY_NOTICE, "%zu tunnels are cut (--drain)", s->n);
	loop_stop(s->setup.loop);
}

/* No new ones; those that are there may end.  Told again: at once. */
static void
on_terminate(void *arg, int signo)
{
	struct server *s = arg;

	(void)signo;
	if (s->draining || s->errand != NULL) {
		s->signo = s->draining ? 0 : signo;
		loop_stop(s->setup.loop);
		return;
	}
	s->draining = 1;
	systemd_notify(s->how->notify, "STOPPING=1");
	want_all(s, 0);
	listeners_close(&s->listeners);
	log_line(SAY_EVENT, "no new tunnels; %zu have %g s to end", s->n,
	    s->how->drain_ms / 1000.0);
	loop_timer(s->setup.loop, &s->drain,
	    loop_now(s->setup.loop) + s->how->drain_ms);
	stop_if_drained(s);
}

static int
catch_signals(struct server *s)
{
	struct loop *l = s->setup.loop;
	struct sigaction ignore, hangup;

	/* nohup(1) has it outlive the terminal. */
	sigaction(SIGHUP, NULL, &hangup);
	s->has_terminal = hangup.sa_handler != SIG_IGN && terminal_is_there();

	memset(&ignore, 0, sizeof ignore);
	ignore.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &ignore, NULL);
	return loop_signal(l, SIGINT, 0, on_interrupt, s) < 0 ||
		       loop_signal(l, SIGTERM, 0, on_terminate, s) < 0 ||
		       loop_signal(l, SIGHUP, 1, on_reload_signal, s) < 0
		   ? -1
		   : loop_signal(l, SIGUSR1, 1, on_report_signal, s);
}

/* As many descriptors as there may be, and so many tunnels. */
static void
set_limit(struct server *s)
{
	struct rlimit files;

	s->limit = SIZE_MAX;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
		getrlimit(RLIMIT_NOFILE, &files);
		if (files.rlim_cur != RLIM_INFINITY)
			s->limit = files.rlim_cur > RESERVE + 2
				       ? (files.rlim_cur - RESERVE) / 2
				       : 1;
	}
	if (s->how->max_tunnels != 0 && s->how->max_tunnels < s->limit)
		s->limit = s->how->max_tunnels;
}

/* Opens all; the ports that the kernel has chosen go to standard output. */
static int
open_listeners(struct server *s)
{
	struct listeners *all = &s->listeners;
	uint16_t chosen;
	size_t i;

	for (i = 0; i < s->how->nat; i++) {
		if (listeners_open(all, s->how->at[i], &chosen, &s->why) < 0)
			return -1;
		if (chosen != 0)
			printf("%u\n", (unsigned)chosen);
	}
	for (i = 0; i < s->how->sockets; i++)
		if (listeners_take(all, SYSTEMD_FIRST + (int)i) < 0)
			return fail(&s->why, FAIL_LOCAL,
			    "can't listen at the socket that is passed: %s",
			    strerror(errno));
	if (fflush(stdout) != 0)
		return fail(&s->why, FAIL_LOST,
		    "can't write to standard output: %s", strerror(errno));
	for (i = 0; i < all->n; i++) {
		/* Connections have it from the socket they came by. */
		net_tune(all->list[i].fd, s->route->keepalive_ms);
		all->list[i].owner = s;
		all->list[i].watch.fd = all->list[i].fd;
		all->list[i].watch.ready = on_connection;
		all->list[i].watch.arg = &all->list[i];
		log_line(SAY_EVENT, "listening at %s", all->list[i].name);
	}
	return 0;
}

static void
on_asked(void *arg, struct span got, const char *fault)
{
	struct server *s = arg;

	(void)got;
	if (fault != NULL) {
		s->fault = strdup(fault);
		if (s->fault == NULL)
			fail(&s->why, FAIL_LOCAL, "out of memory");
	}
	loop_stop(s->setup.loop);
}

/* Waits for the answer to a question that an errand has begun to ask. */
static int
wait_for_answer(struct server *s, int begun, const char *what, const char *name)
{
	if (begun < 0)
		return fail(&s->why, FAIL_LOCAL, "out of memory");
	if (loop_run(s->setup.loop) < 0)
		return fail(&s->why, FAIL_LOCAL, "can't wait for events: %s",
		    strerror(errno));
	if (s->fault != NULL)
		fail(&s->why, FAIL_AUTH, "%s %s: %s", what, name, s->fault);
	free(s->fault);
	s->fault = NULL;
	return s->why.code == FAIL_NONE && s->signo == 0 ? 0 : -1;
}

/*
 * Asks for what is missing while there is still a person to ask: for the
 * passphrases of keys, and, before the terminal is left behind, for the
 * passwords of users that are named.
 */
static int
ask_first(struct server *s)
{
	const struct login *login;
	const char *locked;
	size_t at;
	int rc = 0;

	s->errand = errand_new(s->setup.loop, s->route, on_asked, s);
	if (s->errand == NULL)
		return fail(&s->why, FAIL_LOCAL, "out of memory");
	for (at = 0; rc == 0 && at <= s->route->nhops; at++) {
		locked = route_locked(s->route, at);
		if (locked != NULL)
			rc =
			    wait_for_answer(s, errand_passphrase(s->errand, at),
				"client key", locked);
	}
	for (at = 0; rc == 0 && s->how->daemon && at < s->route->nhops; at++) {
		login = &s->route->hops[at].login;
		if (login->credentials.user != NULL &&
		    login->credentials.password == NULL &&
		    s->route->hops[at].sources.command == NULL)
			rc = wait_for_answer(s, errand_password(s->errand, at),
			    "proxy", route_name(s->route, at));
	}
	errand_free(s->errand);
	s->errand = NULL;
	return rc;
}

/* A device, or a link to one, is not ours to remove. */
static void
remove_pidfile(const char *path)
{
	struct stat st;

	if (path != NULL && lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		unlink(path);
}

/* Leaves the terminal, where that is wanted, and says which process it is. */
static int
settle(struct server *s)
{
	const char *path = s->how->pidfile;
	int fd = -1, rc = 0;

	if (path != NULL) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
		if (fd < 0)
			return fail(&s->why, FAIL_FILE, "--pidfile=%s: %s",
			    path, strerror(errno));
	}
	if (s->how->daemon) {
		rc = child_go_on(fd);
		if (rc < 0)
			fail(&s->why, FAIL_LOCAL, "can't go on alone: %s",
			    strerror(errno));
		else {
			setsid();
			s->has_terminal = 0;
			log_to_syslog();
			file_replace(STDIN_FILENO);
			file_replace(STDOUT_FILENO);
			file_replace(STDERR_FILENO);
		}
	} else if (fd >= 0 && dprintf(fd, "%ld\n", (long)getpid()) < 0)
		rc = fail(&s->why, FAIL_FILE, "--pidfile=%s: %s", path,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	if (rc < 0)
		remove_pidfile(path);
	return rc;
}

static int
begin(struct server *s)
{
	s->setup.loop = loop_new();
	s->setup.pool = pool_new();
	if (s->setup.loop == NULL || s->setup.pool == NULL ||
	    catch_signals(s) < 0)
		return fail(&s->why, FAIL_LOCAL, "out of memory");
	loop_many(s->setup.loop);
	set_limit(s);
	if (open_listeners(s) < 0 || ask_first(s) < 0 || settle(s) < 0)
		return -1;
	if (!s->how->journal)
		log_with_time();
	s->begun = loop_now(s->setup.loop);
	if (want_all(s, POLLIN) < 0)
		return fail(&s->why, FAIL_LOCAL, "out of memory");
	systemd_notify(s->how->notify, "READY=1");
	return 0;
}

int
listen_main(struct route *route, const struct listening *how)
{
	struct server s;

	memset(&s, 0, sizeof s);
	s.how = how;
	s.route = route;
	s.setup.route = route;
	s.setup.over = on_over;
	s.reap.expired = on_reap;
	s.resume.expired = resume_accepting;
	s.drain.expired = on_drained;
	s.reap.arg = s.resume.arg = s.drain.arg = &s;
	if (begin(&s) == 0 && loop_run(s.setup.loop) < 0)
		fail(&s.why, FAIL_LOCAL, "can't wait for events: %s",
		    strerror(errno));
	if (s.begun != 0)
		report(&s, SAY_EVENT);
	if (s.why.text[0] != '\0')
		log_line(SAY_FAILURE, "%s", s.why.text);
	free_list(&s, &s.clients);
	free_list(&s, &s.over);
	listeners_close(&s.listeners);
	if (s.begun != 0)
		remove_pidfile(how->pidfile);
	pool_free(s.setup.pool);
	loop_free(s.setup.loop);
	return s.signo != 0 ? 128 + s.signo : fail_exit(s.why.code);
}
