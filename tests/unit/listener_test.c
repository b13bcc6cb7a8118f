/* listener_test.c -- addresses to listen at, and what is accepted there. */
#include "listener.h"
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct listeners all;
static struct failure why;
static uint16_t port;
static char folder[] = "/tmp/pt-listener-XXXXXX", path[64], at[80];

static int
opens(const char *where)
{
	why = NO_FAILURE;
	port = 1;
	return listeners_open(&all, where, &port, &why);
}

static void
refused(const char *where, enum fail_code code, const char *text)
{
	size_t before = all.n;

	test_row = where;
	CHECK_INT(opens(where), -1);
	CHECK_INT(why.code, code);
	CHECK_HAS(why.text, text);
	CHECK_INT(port, 0);
	if (all.n != before)
		listeners_close(&all);
	test_row = NULL;
}

/* A client of that address, which the listener accepts and names. */
static void
accepts(const struct listener *l, const void *to, socklen_t len, char *peer)
{
	const struct sockaddr *addr = to;
	struct pollfd p = { l->fd, POLLIN, 0 };
	int client = socket(addr->sa_family, SOCK_STREAM, 0), fd;

	errno = 0;
	CHECK_INT(listener_accept(l, peer), -1);
	CHECK(errno == EAGAIN || errno == EWOULDBLOCK);
	CHECK_INT(connect(client, addr, len), 0);
	CHECK_INT(poll(&p, 1, 5000), 1);
	fd = listener_accept(l, peer);
	CHECK(fd >= 0);
	CHECK_INT(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	CHECK_INT(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	close(fd);
	close(client);
}

static struct sockaddr_in
in4(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_port = htons(port);
	inet_pton(AF_INET, address, &to.sin_addr);
	return to;
}

static struct sockaddr_in6
in6(const char *address)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };

	to.sin6_port = htons(port);
	inet_pton(AF_INET6, address, &to.sin6_addr);
	return to;
}

static void
loopback(void)
{
	struct sockaddr_in to4;
	struct sockaddr_in6 to6;
	char peer[LISTENER_NAME], name[LISTENER_NAME];
	uint16_t chosen;

	CHECK_INT(opens("0"), 0);
	chosen = port;
	CHECK(chosen != 0);
	CHECK_INT(all.n, 2);
	if (all.n != 2)
		return;
	to4 = in4("127.0.0.1");
	to6 = in6("::1");
	snprintf(name, sizeof name, "127.0.0.1:%u", (unsigned)chosen);
	CHECK_STR(all.list[0].name, name);
	snprintf(name, sizeof name, "[::1]:%u", (unsigned)chosen);
	CHECK_STR(all.list[1].name, name);
	accepts(&all.list[0], &to4, sizeof to4, peer);
	CHECK(strncmp(peer, "127.0.0.1:", 10) == 0 && peer[10] != '\0');
	accepts(&all.list[1], &to6, sizeof to6, peer);
	CHECK(strncmp(peer, "[::1]:", 6) == 0 && peer[6] != '\0');

	snprintf(name, sizeof name, "%u", (unsigned)chosen);
	refused(name, FAIL_LOCAL, "it is in use already");
	listeners_close(&all);
	CHECK_INT(all.n, 0);
	/* What was there is free again, and a port that is named is said no
	 * more. */
	CHECK_INT(opens(name), 0);
	CHECK_INT(port, 0);
	CHECK_INT(all.n, 2);
	listeners_close(&all);
}

/* Where one of the two addresses is taken. */
static void
half_taken(void)
{
	char name[32];

	CHECK_INT(opens("[::1]:0"), 0);
	CHECK_INT(all.n, 1);
	snprintf(name, sizeof name, "%u", (unsigned)port);
	refused(name, FAIL_LOCAL, "it is in use already");
	listeners_close(&all);
}

static void
addresses(void)
{
	struct sockaddr_in to4;
	struct sockaddr_in6 to6;
	char peer[LISTENER_NAME], name[32];

	CHECK_INT(opens("127.0.0.2:0"), 0);
	to4 = in4("127.0.0.2");
	CHECK_INT(all.n, 1);
	accepts(&all.list[0], &to4, sizeof to4, peer);
	listeners_close(&all);

	CHECK_INT(opens("*:0"), 0);
	to4 = in4("127.0.0.1");
	to6 = in6("::1");
	CHECK_INT(all.n, 1);
	accepts(&all.list[0], &to6, sizeof to6, peer);
	accepts(&all.list[0], &to4, sizeof to4, peer);
	/* It is an address of IPv4, whatever the socket is. */
	CHECK(strncmp(peer, "127.0.0.1:", 10) == 0);
	listeners_close(&all);

	CHECK_INT(opens("localhost:0"), 0);
	CHECK(all.n >= 1);
	CHECK(port != 0);
	listeners_close(&all);

	/* IPv6 alone, so that there may be another for IPv4. */
	CHECK_INT(opens("[::]:0"), 0);
	snprintf(name, sizeof name, "0.0.0.0:%u", (unsigned)port);
	CHECK_INT(opens(name), 0);
	CHECK_INT(all.n, 2);
	listeners_close(&all);
}

static void
not_addresses(void)
{
	char longest[1100];
	static const char *const wrong[] = { "", "x", "-1", "65536", "1x",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x" };
	size_t i;

	for (i = 0; i < COUNT(wrong); i++)
		refused(wrong[i], FAIL_USAGE,
		    "neither a port nor ADDRESS:PORT nor unix:PATH");
	refused(":80", FAIL_USAGE, "no brackets");
	refused("::1:80", FAIL_USAGE, "no brackets");
	refused("[]:80", FAIL_USAGE, "no brackets");
	refused("[::1:80", FAIL_USAGE, "no brackets");
	refused("1:2:3", FAIL_USAGE, "no brackets");
	memset(longest, 'x', sizeof longest);
	memcpy(longest + sizeof longest - 4, ":80", 4);
	refused(longest, FAIL_USAGE, "the address is missing");
	refused("unix:", FAIL_USAGE, "has 1 to 107 bytes");
	snprintf(longest, sizeof longest, "unix:/%0200d", 7);
	refused(longest, FAIL_USAGE, "has 1 to 107 bytes");
	refused("192.0.2.1:0", FAIL_LOCAL, "can't listen at 192.0.2.1:0: ");
	refused("unix:/nowhere/at/all", FAIL_LOCAL, "No such file");
}

static void
paths(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char peer[LISTENER_NAME], want[32];
	struct stat st;

	memcpy(to.sun_path, path, sizeof path);
	CHECK_INT(opens(at), 0);
	CHECK_INT(port, 0);
	CHECK_INT(all.n, 1);
	CHECK_STR(all.list[0].name, at);
	CHECK_INT(lstat(path, &st), 0);
	CHECK(S_ISSOCK(st.st_mode));
	CHECK_INT(st.st_mode & 0777, 0600);
	accepts(&all.list[0], &to, sizeof to, peer);
	snprintf(want, sizeof want, "unix:pid %ld", (long)getpid());
	CHECK_STR(peer, want);
	/* It is in use. */
	refused(at, FAIL_LOCAL, "it is in use already");
	CHECK_INT(all.n, 1);
	listeners_close(&all);
	CHECK(lstat(path, &st) < 0);
}

/* What is at the path already. */
static void
left_over(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat st;

	memcpy(to.sun_path, path, sizeof path);
	CHECK_INT(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
	close(fd);
	CHECK_INT(opens(at), 0);
	/* Another one comes in its place: that stays. */
	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0);
	listeners_close(&all);
	CHECK_INT(lstat(path, &st), 0);
	refused(at, FAIL_LOCAL, "it is in use already");
	CHECK_INT(lstat(path, &st), 0);
	CHECK(S_ISREG(st.st_mode));
	close(fd);
	unlink(path);
	/* So does a link, wherever it leads. */
	CHECK_INT(symlink("nowhere", path), 0);
	refused(at, FAIL_LOCAL, "it is in use already");
	CHECK_INT(lstat(path, &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	unlink(path);
	/* One of another kind answers nobody. */
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK_INT(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
	refused(at, FAIL_LOCAL, "it is in use already");
	CHECK_INT(lstat(path, &st), 0);
	close(fd);
	unlink(path);
}

static void
taken_over(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to;
	socklen_t len = sizeof to;
	char peer[LISTENER_NAME];

	port = 0;
	to = in4("127.0.0.1");
	CHECK_INT(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
	CHECK_INT(listeners_take(&all, fd), -1);
	CHECK_INT(errno, EINVAL);
	CHECK_INT(all.n, 0);
	CHECK_INT(listen(fd, 5), 0);
	CHECK_INT(listeners_take(&all, fd), 0);
	CHECK_INT(all.n, 1);
	CHECK_INT(getsockname(fd, (struct sockaddr *)&to, &len), 0);
	accepts(&all.list[0], &to, sizeof to, peer);
	listeners_close(&all);
	CHECK_INT(listeners_take(&all, STDERR_FILENO), -1);
	CHECK_INT(listeners_take(&all, -1), -1);
	CHECK_INT(all.n, 0);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(loopback),
		TEST(half_taken),
		TEST(addresses),
		TEST(not_addresses),
		TEST(paths),
		TEST(left_over),
		TEST(taken_over),
	};
	int failed;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/socket", folder);
	snprintf(at, sizeof at, "unix:%s", path);
	failed = test_all(tests, COUNT(tests));
	rmdir(folder);
	return failed;
}
