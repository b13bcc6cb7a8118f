/* systemd.c -- sockets from a service manager, and words to it.  Floor 2. */
#include "systemd.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

#define SOCKETS_MAX 1000

static int
number_of(const char *text, unsigned long max, unsigned long *number)
{
	return text != NULL && text_number(span_of(text), 1, max, number) == 0;
}

int
systemd_sockets(char *(*env)(const char *))
{
	unsigned long pid, n, i;

	if (!number_of(env("LISTEN_PID"), INT32_MAX, &pid) ||
	    (pid_t)pid != getpid() ||
	    !number_of(env("LISTEN_FDS"), SOCKETS_MAX, &n))
		return 0;
	for (i = 0; i < n; i++)
		if (fcntl(SYSTEMD_FIRST + (int)i, F_SETFD, FD_CLOEXEC) < 0)
			return 0;
	return (int)n;
}

int
systemd_is_connection(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	return getpeername(fd, (struct sockaddr *)&peer, &len) == 0;
}

int
systemd_has_journal(char *(*env)(const char *))
{
	const char *stream = env("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) < 0)
		return 0;
	snprintf(own, sizeof own, "%lu:%lu", (unsigned long)st.st_dev,
	    (unsigned long)st.st_ino);
	return strcmp(own, stream) == 0;
}

void
systemd_notify(const char *address, const char *words)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = address == NULL ? 0 : strlen(address);
	int fd;

	/* A name that is in no file system begins with @, for a NUL. */
	if (n < 2 || n >= sizeof to.sun_path ||
	    (*address != '/' && *address != '@'))
		return;
	memcpy(to.sun_path, address, n);
	if (*address == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	/* A manager that does not hear it has its own ways to find out. */
	(void)sendto(fd, words, strlen(words), MSG_NOSIGNAL,
	    (struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}

void
systemd_notify_reload(const char *address)
{
	struct timespec t;
	char words[64];

	clock_gettime(CLOCK_MONOTONIC, &t);
	snprintf(words, sizeof words, "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
	systemd_notify(address, words);
}
