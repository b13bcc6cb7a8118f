/* secret.c -- where user and password come from.  Floor 3. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "file.h"
#include "netrc.h"
#include "wgetrc.h"

#define FILE_MAX ((size_t)1 << 20) /* bytes of a password file */

static int
fill(char **field, const char *from, struct failure *why)
{
	if (*field != NULL || from == NULL)
		return 0;
	*field = secret_copy(from, strlen(from));
	return *field != NULL ? 0 : fail(why, FAIL_LOCAL, "out of memory");
}

int
secret_from(
    struct credentials *c, const struct credentials *from, struct failure *why)
{
	/* An empty user is none; an empty password may be one. */
	const char *user =
	    from->user != NULL && *from->user != '\0' ? from->user : NULL;

	/* Nor does one user's password go out with another's name. */
	if (c->user != NULL && user != NULL && strcmp(c->user, user) != 0)
		return 0;
	return fill(&c->user, user, why) < 0 ||
		       fill(&c->password, from->password, why) < 0
		   ? -1
		   : 0;
}

static int
is_empty(const struct credentials *c)
{
	return c->user == NULL && c->password == NULL;
}

static int
use_file(struct credentials *proxy, struct credentials *remproxy,
    const char *path, struct buf *text, struct failure *why)
{
	struct wgetrc file;
	int rc = wgetrc_parse(&file, BUF_SPAN(text));

	if (rc == NO_MEMORY)
		return fail(why, FAIL_LOCAL, "out of memory");
	if (rc < 0)
		return fail(why, FAIL_FILE,
		    "password file %s: there is a NUL byte in a value", path);
	if (is_empty(&file.proxy) &&
	    (remproxy == NULL || is_empty(&file.remproxy)))
		rc = fail(why, FAIL_FILE,
		    "password file %s: neither proxy_user nor proxy_passwd "
		    "is in it",
		    path);
	else
		rc = secret_from(proxy, &file.proxy, why);
	if (rc == 0 && remproxy != NULL)
		rc = secret_from(remproxy, &file.remproxy, why);
	wgetrc_free(&file);
	return rc;
}

/* Reads a file whole.  0, or -1 with the failure, or with errno ENOENT. */
static int
read_file(const char *what, const char *path, int private_only,
    struct buf *text, struct failure *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		error = errno;
		fail(why, FAIL_FILE, "%s %s: %s", what, path, strerror(error));
	} else if (private_only && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		error = EACCES;
		fail(why, FAIL_FILE, "%s %s: others may read it (chmod 600 %s)",
		    what, path, path);
	} else if (file_read(fd, text) < 0) {
		error = errno;
		fail(why, error == ENOMEM ? FAIL_LOCAL : FAIL_FILE, "%s %s: %s",
		    what, path, strerror(error));
	} else
		error = 0;
	if (fd >= 0)
		close(fd);
	errno = error;
	return error == 0 ? 0 : -1;
}

int
secret_from_file(struct credentials *proxy, struct credentials *remproxy,
    const char *path, struct failure *why)
{
	struct buf text;
	int rc;

	buf_init(&text, FILE_MAX);
	rc = read_file("password file", path, 1, &text, why);
	if (rc == 0)
		rc = use_file(proxy, remproxy, path, &text, why);
	buf_free(&text);
	return rc;
}

/* Of an entry for another user nothing is taken. */
static int
use_netrc(struct credentials *c, const char *path, const char *host,
    struct span text, struct failure *why)
{
	struct credentials found = { NULL, NULL };
	int rc = 0;

	if (c->user != NULL) {
		found.user = secret_copy(c->user, strlen(c->user));
		if (found.user == NULL)
			return fail(why, FAIL_LOCAL, "out of memory");
	}
	switch (netrc_find(text, host, &found)) {
	case 1:
		rc = secret_from(c, &found, why);
		break;
	case 0:
		break;
	case NO_MEMORY:
		rc = fail(why, FAIL_LOCAL, "out of memory");
		break;
	default:
		rc = fail(why, FAIL_FILE,
		    "netrc file %s: a quote is not closed, or there is a NUL "
		    "byte",
		    path);
	}
	credentials_free(&found);
	return rc;
}

int
secret_from_netrc(struct credentials *c, const char *path, const char *home,
    const char *host, struct failure *why)
{
	struct buf own, text;
	int rc, may_lack = path == NULL;

	buf_init(&own, FILE_MAX);
	buf_init(&text, FILE_MAX);
	if (path == NULL && home != NULL &&
	    BUF_JOIN(&own, home, "/.netrc") == 0)
		path = buf_str(&own);
	if (path == NULL)
		rc = 0;
	else if ((rc = read_file("netrc file", path, 0, &text, why)) == 0)
		rc = use_netrc(c, path, host, BUF_SPAN(&text), why);
	else if (may_lack && errno == ENOENT) {
		*why = NO_FAILURE;
		rc = 0;
	}
	buf_free(&own);
	buf_free(&text);
	return rc;
}

/*
 * A core has the registers in it, too, and the string functions leave in the
 * wide ones what they looked at last: they look at something else.
 */
static void
overwrite_registers(void)
{
	static char *(*volatile find)(const char *, int) = strchr;
	static char *(*volatile find_last)(const char *, int) = strrchr;
	static void *(*volatile find_byte)(const void *, int, size_t) = memchr;
	static void *(*volatile find_last_byte)(const void *, int, size_t) =
	    memrchr;
	static int (*volatile compare)(const char *, const char *) = strcmp;
	static size_t (*volatile length)(const char *) = strlen;
	static void *(*volatile copy)(void *, const void *, size_t) = memcpy;
	char text[1024], other[1024];
	size_t n;

	memset(text, '.', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	copy(other, text, sizeof text);
	for (n = 1; n < sizeof text; n *= 2) {
		find(text + sizeof text - n, ':');
		find_last(text + sizeof text - n, ':');
		find_byte(text, ':', n);
		find_last_byte(text, ':', n);
		compare(text + sizeof text - n, other + sizeof text - n);
		length(text + sizeof text - n);
		copy(other, text, n);
	}
}

void
secret_guard(int on)
{
	if (!on)
		overwrite_registers();
#ifdef PR_SET_DUMPABLE
	prctl(PR_SET_DUMPABLE, on ? 0L : 1L, 0L, 0L, 0L);
#else
	struct rlimit none;

	/* Stays so, as the limit before is nobody's to remember. */
	if (on && getrlimit(RLIMIT_CORE, &none) == 0) {
		none.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &none);
	}
#endif
}
