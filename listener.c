/* listener.c -- sockets that accept connections.  Floor 2. */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "addr.h"
#include "text.h"

#define BACKLOG 4096  /* connections that wait; the kernel has its own limit */
#define PORT_TRIES 10 /* for one that is free in both families */

/* A socket for both families has IPv4's in those of IPv6 (RFC 4291 2.5.5.2). */
static void
unmap(struct sockaddr_storage *at, socklen_t *len)
{
	struct sockaddr_in6 in6 = *(struct sockaddr_in6 *)at;
	struct sockaddr_in *in = (struct sockaddr_in *)at;

	if (at->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
		return;
	memset(at, 0, sizeof *at);
	in->sin_family = AF_INET;
	in->sin_port = in6.sin6_port;
	memcpy(&in->sin_addr, &in6.sin6_addr.s6_addr[12], sizeof in->sin_addr);
	*len = sizeof *in;
}

/* Also for a socket without an address: then the text is empty. */
static void
put_name(char name[LISTENER_NAME], struct sockaddr_storage *at, socklen_t len)
{
	const struct sockaddr *any = (const struct sockaddr *)at;
	char host[NI_MAXHOST], port[NI_MAXSERV];

	*name = '\0';
	unmap(at, &len);
	if (any->sa_family == AF_UNIX)
		snprintf(name, LISTENER_NAME, "unix:%s",
		    len > sizeof any->sa_family
			? ((const struct sockaddr_un *)at)->sun_path
			: "");
	else if (getnameinfo(any, len, host, sizeof host, port, sizeof port,
		     NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(name, LISTENER_NAME,
		    strchr(host, ':') != NULL ? "[%.100s]:%s" : "%.100s:%s",
		    host, port);
}

/* Its name, and its port if it has one. */
static uint16_t
name_listener(struct listener *l)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof at;

	memset(&at, 0, sizeof at);
	if (getsockname(l->fd, (struct sockaddr *)&at, &len) < 0)
		return 0;
	put_name(l->name, &at, len);
	return ntohs(
	    at.ss_family == AF_INET    ? ((struct sockaddr_in *)&at)->sin_port
	    : at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
				       : 0);
}

static struct listener *
add(struct listeners *all, int fd)
{
	struct listener *l =
	    realloc(all->list, (all->n + 1) * sizeof *all->list);

	if (l == NULL)
		return NULL;
	all->list = l;
	l += all->n++;
	memset(l, 0, sizeof *l);
	l->fd = fd;
	return l;
}

int
listeners_take(struct listeners *all, int fd)
{
	int flags = fcntl(fd, F_GETFL), listens = 0;
	socklen_t len = sizeof listens;
	struct listener *l;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0)
		return -1;
	if (!listens) {
		errno = EINVAL;
		return -1;
	}
	l = add(all, fd);
	if (l == NULL)
		return -1;
	name_listener(l);
	return 0;
}

static void
close_last(struct listeners *all)
{
	struct listener *l = &all->list[--all->n];
	struct stat st;

	close(l->fd);
	if (l->path != NULL && lstat(l->path, &st) == 0 &&
	    st.st_dev == l->device && st.st_ino == l->inode)
		unlink(l->path);
	free(l->path);
}

void
listeners_close(struct listeners *all)
{
	while (all->n > 0)
		close_last(all);
	free(all->list);
	all->list = NULL;
}

/* Binds a socket and listens.  The descriptor, or -1 with errno. */
static int
listen_at(const struct sockaddr *at, socklen_t len, int both_families)
{
	int fd, error, on = 1, only6 = !both_families;

	fd = socket(
	    at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (at->sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if ((at->sa_family == AF_INET6 &&
		setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6, sizeof only6) < 0) ||
	    bind(fd, at, len) < 0 || listen(fd, BACKLOG) < 0) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int
fail_here(struct failure *why, const char *where, int error)
{
	return fail(why, FAIL_LOCAL, "can't listen at %s: %s", where,
	    error == EADDRINUSE ? "it is in use already" : strerror(error));
}

/* Is there a socket that nobody listens at any more? */
static int
is_left_over(const struct sockaddr_un *at)
{
	struct stat st;
	int fd, rc;

	if (lstat(at->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return 0;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	rc = connect(fd, (const struct sockaddr *)at, sizeof *at);
	rc = rc < 0 && errno == ECONNREFUSED;
	close(fd);
	return rc;
}

static int
open_path(struct listeners *all, const char *path, const char *where,
    struct failure *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct listener *l;
	struct stat st;
	mode_t before;
	int fd, error;

	if (*path == '\0' || strlen(path) > ADDR_PATH_MAX)
		return fail_about(why, FAIL_USAGE, "-a ", span_of(where),
		    "the path of a Unix-domain socket has 1 to 107 bytes");
	memcpy(at.sun_path, path, strlen(path));
	before = umask(S_IXUSR | S_IRWXG | S_IRWXO);
	fd = listen_at((struct sockaddr *)&at, sizeof at, 0);
	error = errno;
	if (fd < 0 && error == EADDRINUSE && is_left_over(&at) &&
	    unlink(path) == 0) {
		fd = listen_at((struct sockaddr *)&at, sizeof at, 0);
		error = errno;
	}
	umask(before);
	if (fd < 0)
		return fail_here(why, where, error);
	l = add(all, fd);
	if (l == NULL || (l->path = strdup(path)) == NULL) {
		unlink(path);
		return fail(why, FAIL_LOCAL, "out of memory");
	}
	if (lstat(path, &st) == 0) {
		l->device = st.st_dev;
		l->inode = st.st_ino;
	}
	name_listener(l);
	return 0;
}

/* One address; the port is set to that which it has got.  0, or errno. */
static int
open_address(struct listeners *all, const struct addrinfo *a, int both_families,
    uint16_t *port)
{
	struct listener *l;
	int fd = listen_at(a->ai_addr, a->ai_addrlen, both_families);

	if (fd < 0)
		return errno;
	l = add(all, fd);
	if (l == NULL) {
		close(fd);
		return ENOMEM;
	}
	*port = name_listener(l);
	return 0;
}

static void
set_port(const struct addrinfo *a, uint16_t port)
{
	if (a->ai_family == AF_INET)
		((struct sockaddr_in *)a->ai_addr)->sin_port = htons(port);
	else if (a->ai_family == AF_INET6)
		((struct sockaddr_in6 *)a->ai_addr)->sin6_port = htons(port);
}

/* A name may have an address twice. */
static int
came_before(const struct addrinfo *a, const struct addrinfo *list)
{
	while (list != a &&
	       (list->ai_addrlen != a->ai_addrlen ||
		   memcmp(list->ai_addr, a->ai_addr, a->ai_addrlen) != 0))
		list = list->ai_next;
	return list != a;
}

/*
 * All addresses of a host, at a port, which is chosen where it is 0; what this
 * machine has not is passed over where there are others.  0, or errno, or -1
 * with the failure.
 */
static int
open_host(struct listeners *all, const char *host, int both_families,
    uint16_t *port, struct failure *why)
{
	struct addrinfo hints, *list, *a;
	size_t before = all->n;
	int rc, absent = 0;

	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE;
	rc = getaddrinfo(host, NULL, &hints, &list);
	if (rc != 0)
		return fail(why, FAIL_RESOLVE, "-a: %s can't be resolved: %s",
		    host, gai_strerror(rc));
	for (a = list; rc == 0 && a != NULL; a = a->ai_next) {
		if (came_before(a, list))
			continue;
		set_port(a, *port);
		rc = open_address(all, a, both_families, port);
		set_port(a, 0);
		if (rc == EADDRNOTAVAIL || rc == EAFNOSUPPORT) {
			absent = rc;
			rc = 0;
		}
	}
	freeaddrinfo(list);
	return rc == 0 && all->n == before ? absent : rc;
}

/*
 * Both addresses of loopback, as "localhost" may be either, at one port.  A
 * machine may have no IPv6.
 */
static int
open_loopback(struct listeners *all, uint16_t *port, struct failure *why)
{
	uint16_t wanted = *port;
	size_t before = all->n;
	int tries, rc = EADDRINUSE;

	for (tries = 0; rc == EADDRINUSE && tries < PORT_TRIES; tries++) {
		while (all->n > before)
			close_last(all);
		*port = wanted;
		rc = open_host(all, "127.0.0.1", 0, port, why);
		if (rc != 0)
			break;
		rc = open_host(all, "::1", 0, port, why);
		if (wanted != 0)
			break;
	}
	return rc == EADDRINUSE || all->n == before ? rc : 0;
}

static int
open_any(struct listeners *all, uint16_t *port, struct failure *why)
{
	uint16_t wanted = *port;
	int rc = open_host(all, "::", 1, port, why);

	if (rc == 0 || rc == EADDRINUSE)
		return rc;
	*port = wanted;
	return open_host(all, "0.0.0.0", 0, port, why);
}

/* The n bytes in front of the port: an address, *, or nothing. */
static int
open_port(struct listeners *all, const char *where, size_t n, uint16_t *port,
    struct failure *why)
{
	char host[NI_MAXHOST];

	if (n > 1 && where[0] == '[' && where[n - 1] == ']') {
		where++;
		n -= 2;
	} else if (memchr(where, ':', n) != NULL)
		n = 0;
	if (n == 0 || n >= sizeof host)
		return fail(why, FAIL_USAGE,
		    "-a: the address is missing, or has no brackets (PORT "
		    "alone is loopback, *:PORT all addresses)");
	memcpy(host, where, n);
	host[n] = '\0';
	return strcmp(host, "*") == 0 ? open_any(all, port, why)
				      : open_host(all, host, 0, port, why);
}

int
listeners_open(struct listeners *all, const char *where, uint16_t *chosen,
    struct failure *why)
{
	const char *colon = strrchr(where, ':');
	unsigned long number;
	uint16_t port;
	int rc;

	*chosen = 0;
	if (strncmp(where, "unix:", 5) == 0)
		return open_path(all, where + 5, where, why);
	if (text_number(span_of(colon == NULL ? where : colon + 1), 0,
		UINT16_MAX, &number) < 0)
		return fail_about(why, FAIL_USAGE, "-a ", span_of(where),
		    "neither a port nor ADDRESS:PORT nor unix:PATH");
	port = (uint16_t)number;
	rc = colon == NULL
		 ? open_loopback(all, &port, why)
		 : open_port(all, where, (size_t)(colon - where), &port, why);
	if (rc > 0)
		return fail_here(why, where, rc);
	if (rc == 0 && number == 0)
		*chosen = port;
	return rc;
}

int
listener_accept(const struct listener *l, char peer[LISTENER_NAME])
{
	struct sockaddr_storage at;
	socklen_t len = sizeof at;
	int fd;
#ifdef SO_PEERCRED
	struct ucred who;
	socklen_t who_len = sizeof who;
#endif

	memset(&at, 0, sizeof at);
	fd = accept4(
	    l->fd, (struct sockaddr *)&at, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return -1;
	put_name(peer, &at, len);
#ifdef SO_PEERCRED
	if (at.ss_family == AF_UNIX &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &who_len) == 0)
		snprintf(peer, LISTENER_NAME, "unix:pid %ld", (long)who.pid);
#endif
	return fd;
}
