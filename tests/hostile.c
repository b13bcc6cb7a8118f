/*
 * hostile.c -- a proxy, and what is behind it, that follows a script.
 *
 *   hostile [-l LOG] [-p PORT] [-6] STEP... [-- STEP...]...
 *
 * Listens on loopback and prints the port.  The first connection plays the
 * steps up to the first "--", the second those behind it, and so on; the last
 * script serves all that come after it.  LOG gets the heads that are read.
 *
 *   head             reads up to an empty line
 *   send:TEXT        sends TEXT, which knows \r \n \t \0 \\ \xHH
 *   drip:MS:TEXT     the same byte by byte, MS apart
 *   flood:TEXT       the same without end
 *   file:PATH        sends a file
 *   save:PATH        writes what comes into a file, to the end of it
 *   read:N           takes N bytes
 *   drain            takes what comes to the end of it
 *   hold             waits for the other side to go, whatever comes
 *   echo             sends back what comes, to the end of it
 *   count            sends the number of bytes that come, once they end
 *   connect          connects to where the head said and relays both ways
 *   connect-cut      the same, but the client's end cuts all, as in squid
 *   connect-glued    the same, but what comes first from there goes out in one
 *                    piece with the answer
 *   touch:PATH       makes a file: "I am here"
 *   until:PATH       waits for a file
 *   fin              ends our side
 *   rst              resets the connection
 * At the end of the steps the connection is closed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unescape.h"

#define HEAD_MAX 262144
#define LIFE_S 120 /* of a connection, whatever the script says */
#define LOOK_MS 10 /* between looks for a file */

static const char *log_path;
static char head[HEAD_MAX + 1];
static char piece[65536];

static void
die(const char *what)
{
	fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* 0, or -1 when the other side is gone. */
static int
send_all(int fd, const char *p, size_t n)
{
	ssize_t sent;

	for (; n > 0; p += sent, n -= (size_t)sent) {
		sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			sent = 0;
		else if (sent < 0)
			return -1;
	}
	return 0;
}

static void
read_head(int fd)
{
	size_t n = 0;
	FILE *log;

	/* One byte at a time: what is behind the head stays. */
	while (n < HEAD_MAX && recv(fd, head + n, 1, 0) == 1) {
		head[++n] = '\0';
		if (n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	if (log_path != NULL && (log = fopen(log_path, "a")) != NULL) {
		fwrite(head, 1, n, log);
		fclose(log);
	}
}

static int
dial(void)
{
	struct addrinfo hints, *list;
	char host[256], port[8], *name = host;
	int fd, on = 1;

	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	if (sscanf(head, "CONNECT %255[^ ]", host) != 1 ||
	    strrchr(host, ':') == NULL)
		return -1;
	snprintf(port, sizeof port, "%s", strrchr(host, ':') + 1);
	*strrchr(host, ':') = '\0';
	if (*name == '[') {
		name++;
		name[strcspn(name, "]")] = '\0';
	}
	if (getaddrinfo(name, port, &hints, &list) != 0)
		return -1;
	fd = socket(list->ai_family, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, list->ai_addr, list->ai_addrlen) < 0)
		fd = -1;
	else
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	freeaddrinfo(list);
	return fd;
}

/* One piece from one side to the other; 0: the side has ended. */
static int
carry(int from, int to)
{
	ssize_t n = recv(from, piece, sizeof piece, 0);

	if (n > 0 && send_all(to, piece, (size_t)n) == 0)
		return 1;
	if (n == 0)
		shutdown(to, SHUT_WR);
	return 0;
}

enum how { CONNECT, CONNECT_CUT, CONNECT_GLUED };

static void
relay(int client, enum how how)
{
	static const char good[] =
	    "HTTP/1.1 200 Connection established\r\n\r\n";
	size_t n = sizeof good - 1;
	ssize_t first = 0;
	static const char bad[] = "HTTP/1.1 503 Service Unavailable\r\n"
				  "Content-Length: 0\r\n\r\n";
	int server = dial(), open = 3;

	if (server < 0) {
		send_all(client, bad, sizeof bad - 1);
		return;
	}
	memcpy(piece, good, n);
	if (how == CONNECT_GLUED)
		first = recv(server, piece + n, sizeof piece - n, 0);
	send_all(client, piece, n + (first > 0 ? (size_t)first : 0));
	while (open != 0) {
		struct pollfd p[2] = { { open & 1 ? client : -1, POLLIN, 0 },
			{ open & 2 ? server : -1, POLLIN, 0 } };

		if (poll(p, 2, -1) < 0)
			break;
		if (p[0].revents != 0 && !carry(client, server)) {
			open &= ~1;
			if (how == CONNECT_CUT)
				break;
		}
		if (p[1].revents != 0 && !carry(server, client))
			open &= ~2;
	}
	close(server);
}

/* Takes bytes, at most n, to a file or nowhere; the number. */
static unsigned long long
take(int fd, unsigned long long n, FILE *to)
{
	unsigned long long taken = 0;
	ssize_t got;

	while (taken < n) {
		size_t most = n - taken < sizeof piece ? (size_t)(n - taken)
						       : sizeof piece;

		got = recv(fd, piece, most, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		taken += (unsigned long long)got;
		if (to != NULL)
			fwrite(piece, 1, (size_t)got, to);
	}
	return taken;
}

static void
drip(int fd, const char *arg)
{
	static char text[HEAD_MAX];
	char *rest;
	long ms = strtol(arg, &rest, 10);
	size_t i, n = unescape(text, *rest == ':' ? rest + 1 : rest);

	for (i = 0; i < n && send_all(fd, text + i, 1) == 0; i++)
		pause_ms(ms);
}

static void
send_file(int fd, const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		die(path);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		if (send_all(fd, piece, n) < 0)
			break;
	fclose(f);
}

static void
save(int fd, const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		die(path);
	take(fd, ~0ull, f);
	fclose(f);
}

static void
reset(int fd)
{
	struct linger now = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

static void
echo(int fd)
{
	ssize_t n;

	while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
		if (send_all(fd, piece, (size_t)n) < 0)
			break;
}

/* Many at once: what takes a call for a byte or two fills no buffer soon. */
static void
flood(int fd, const char *text, size_t n)
{
	size_t filled;

	for (filled = 0; n > 0 && filled + n <= sizeof piece; filled += n)
		memcpy(piece + filled, text, n);
	while (filled > 0 && send_all(fd, piece, filled) == 0)
		;
}

static int
is(const char *step, const char *name, const char **arg)
{
	size_t n = strlen(name);

	if (strncmp(step, name, n) != 0 || (step[n] != '\0' && step[n] != ':'))
		return 0;
	*arg = step[n] == ':' ? step + n + 1 : step + n;
	return 1;
}

static void
play(int fd, const char *step)
{
	static char text[HEAD_MAX];
	const char *arg;
	struct stat st;
	size_t n;

	if (is(step, "head", &arg))
		read_head(fd);
	else if (is(step, "send", &arg))
		send_all(fd, text, unescape(text, arg));
	else if (is(step, "drip", &arg))
		drip(fd, arg);
	else if (is(step, "flood", &arg))
		flood(fd, text, unescape(text, arg));
	else if (is(step, "file", &arg))
		send_file(fd, arg);
	else if (is(step, "save", &arg))
		save(fd, arg);
	else if (is(step, "read", &arg))
		take(fd, strtoull(arg, NULL, 10), NULL);
	else if (is(step, "drain", &arg) || is(step, "hold", &arg))
		take(fd, ~0ull, NULL);
	else if (is(step, "echo", &arg))
		echo(fd);
	else if (is(step, "count", &arg)) {
		n = (size_t)snprintf(
		    text, sizeof text, "%llu\n", take(fd, ~0ull, NULL));
		send_all(fd, text, n);
	} else if (is(step, "connect", &arg))
		relay(fd, CONNECT);
	else if (is(step, "connect-cut", &arg))
		relay(fd, CONNECT_CUT);
	else if (is(step, "connect-glued", &arg))
		relay(fd, CONNECT_GLUED);
	else if (is(step, "touch", &arg))
		close(open(arg, O_CREAT | O_WRONLY, 0600));
	else if (is(step, "until", &arg))
		while (stat(arg, &st) < 0)
			pause_ms(LOOK_MS);
	else if (is(step, "fin", &arg))
		shutdown(fd, SHUT_WR);
	else if (is(step, "rst", &arg)) {
		reset(fd);
		exit(0);
	} else {
		fprintf(stderr, "hostile: no such step: %s\n", step);
		exit(2);
	}
}

static int
listen_on(int family, int port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr *at = (struct sockaddr *)&v4;
	socklen_t len = sizeof v4;
	int fd = socket(family, SOCK_STREAM, 0), on = 1;

	memset(&v4, 0, sizeof v4);
	v4.sin_family = AF_INET;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v4.sin_port = htons((uint16_t)port);
	memset(&v6, 0, sizeof v6);
	v6.sin6_family = AF_INET6;
	v6.sin6_addr = in6addr_loopback;
	v6.sin6_port = htons((uint16_t)port);
	if (family == AF_INET6) {
		at = (struct sockaddr *)&v6;
		len = sizeof v6;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, at, len) < 0 || listen(fd, 128) < 0 ||
	    getsockname(fd, at, &len) < 0)
		die("listen");
	printf("%d\n", ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port));
	fflush(stdout);
	return fd;
}

/* A connection ends with the listener, and in any case after a while. */
static void
live_with_parent(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGALRM, SIG_DFL);
	alarm(LIFE_S);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

int
main(int argc, char *argv[])
{
	int option, port = 0, family = AF_INET, listener, fd, on = 1, i;
	char **script;

	while ((option = getopt(argc, argv, "+l:p:6")) != -1) {
		if (option == 'l')
			log_path = optarg;
		else if (option == 'p')
			port = (int)strtol(optarg, NULL, 10);
		else if (option == '6')
			family = AF_INET6;
		else
			return 2;
	}
	script = argv + optind;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	listener = listen_on(family, port);
	while ((fd = accept(listener, NULL, NULL)) >= 0 || errno == EINTR) {
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (fork() == 0) {
			close(listener);
			live_with_parent();
			for (i = 0;
			     script[i] != NULL && strcmp(script[i], "--") != 0;
			     i++)
				play(fd, script[i]);
			return 0;
		}
		close(fd);
		for (i = 0; script[i] != NULL; i++)
			if (strcmp(script[i], "--") == 0) {
				script += i + 1;
				break;
			}
	}
	die("accept");
}
