/* systemd_test.c -- sockets that are passed, and words to the manager. */
#include "systemd.h"
#include "test.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *pid, *fds, *stream;

static char *
env(const char *name)
{
	return (char *)(strcmp(name, "LISTEN_PID") == 0	      ? pid
			: strcmp(name, "LISTEN_FDS") == 0     ? fds
			: strcmp(name, "JOURNAL_STREAM") == 0 ? stream
							      : NULL);
}

static int
passed(const char *number)
{
	fds = number;
	return systemd_sockets(env);
}

static void
sockets(void)
{
	char own[32], other[32];
	int fd;

	snprintf(own, sizeof own, "%ld", (long)getpid());
	snprintf(other, sizeof other, "%ld", (long)getpid() + 1);
	for (fd = SYSTEMD_FIRST; fd < SYSTEMD_FIRST + 2; fd++)
		CHECK_INT(dup2(STDERR_FILENO, fd), fd);
	pid = NULL;
	CHECK_INT(passed("1"), 0);
	pid = other;
	CHECK_INT(passed("1"), 0);
	CHECK_INT(fcntl(SYSTEMD_FIRST, F_GETFD), 0);
	pid = own;
	CHECK_INT(passed(NULL), 0);
	CHECK_INT(passed(""), 0);
	CHECK_INT(passed("0"), 0);
	CHECK_INT(passed("-1"), 0);
	CHECK_INT(passed("1x"), 0);
	CHECK_INT(passed("99999999999999999999"), 0);
	CHECK_INT(fcntl(SYSTEMD_FIRST, F_GETFD), 0);
	CHECK_INT(passed("1"), 1);
	CHECK_INT(fcntl(SYSTEMD_FIRST, F_GETFD), FD_CLOEXEC);
	CHECK_INT(fcntl(SYSTEMD_FIRST + 1, F_GETFD), 0);
	CHECK_INT(passed("2"), 2);
	CHECK_INT(fcntl(SYSTEMD_FIRST + 1, F_GETFD), FD_CLOEXEC);
	/* What is not there is not passed. */
	close(SYSTEMD_FIRST + 1);
	CHECK_INT(passed("2"), 0);
	close(SYSTEMD_FIRST);
}

static void
connections(void)
{
	int pair[2], alone = socket(AF_UNIX, SOCK_STREAM, 0);

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	CHECK(systemd_is_connection(pair[0]));
	CHECK(!systemd_is_connection(alone));
	CHECK(!systemd_is_connection(-1));
	CHECK_INT(listen(alone, 1), -1);
	close(alone);
	close(pair[0]);
	close(pair[1]);
}

static void
journal(void)
{
	char own[64], other[64];
	struct stat st;

	CHECK_INT(fstat(STDERR_FILENO, &st), 0);
	snprintf(own, sizeof own, "%lu:%lu", (unsigned long)st.st_dev,
	    (unsigned long)st.st_ino);
	snprintf(other, sizeof other, "%lu:%lu", (unsigned long)st.st_dev,
	    (unsigned long)st.st_ino + 1);
	stream = NULL;
	CHECK(!systemd_has_journal(env));
	stream = other;
	CHECK(!systemd_has_journal(env));
	stream = own;
	CHECK(systemd_has_journal(env));
}

/* Tells a socket at an address, and checks what it hears. */
static void
hears(const char *address)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char got[100];
	ssize_t n;

	memcpy(at.sun_path, address, strlen(address));
	if (*address == '@')
		at.sun_path[0] = '\0';
	CHECK_INT(bind(fd, (struct sockaddr *)&at,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				  strlen(address))),
	    0);
	systemd_notify(address, "READY=1");
	n = recv(fd, got, sizeof got, 0);
	CHECK_MEM(got, n > 0 ? (size_t)n : 0, "READY=1", 7);
	systemd_notify_reload(address);
	n = recv(fd, got, sizeof got - 1, 0);
	got[n > 0 ? n : 0] = '\0';
	CHECK(strncmp(got, "RELOADING=1\nMONOTONIC_USEC=", 27) == 0);
	CHECK(got[27] >= '1' && got[27] <= '9');
	close(fd);
	/* Nobody is there any more. */
	systemd_notify(address, "STOPPING=1");
}

static void
notify(void)
{
	struct sockaddr_un room;
	char folder[] = "/tmp/pt-systemd-XXXXXX", path[64];
	char longest[sizeof room.sun_path + 1];
	size_t n;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/notify", folder);
	hears(path);
	unlink(path);
	rmdir(folder);
	snprintf(path, sizeof path, "@pt-systemd-test-%ld", (long)getpid());
	hears(path);

	memset(longest, 'x', sizeof longest);
	*longest = '@';
	n = sizeof room.sun_path - 1;
	longest[n] = '\0';
	hears(longest);
	longest[n] = 'x';
	longest[n + 1] = '\0';
	systemd_notify(longest, "READY=1");
	systemd_notify(NULL, "READY=1");
	systemd_notify("", "READY=1");
	systemd_notify("@", "READY=1");
	systemd_notify("relative", "READY=1");
	systemd_notify("/tmp", "READY=1");
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(sockets),
		TEST(connections),
		TEST(journal),
		TEST(notify),
	};

	return test_all(tests, COUNT(tests));
}
