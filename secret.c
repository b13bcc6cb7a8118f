/* secret.c -- where a password comes from.  Floor 4. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "loop.h"
#include "wgetrc.h"

#define FILE_MAX ((size_t)1 << 20) /* bytes of a password file */
#define PASSWORD_MAX (1 << 17)	   /* bytes typed or pasted */

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

/* Reads all there is, at most FILE_MAX bytes.  0, or -1 with errno. */
static int
read_all(int fd, struct buf *b)
{
	char piece[4096];
	ssize_t n;

	do {
		n = read(fd, piece, sizeof piece);
		if (n > 0 && buf_put(b, piece, (size_t)n) < 0) {
			errno =
			    buf_len(b) + (size_t)n > FILE_MAX ? EFBIG : ENOMEM;
			n = -1;
		}
	} while (n > 0 || (n < 0 && errno == EINTR));
	explicit_bzero(piece, sizeof piece);
	return n == 0 ? 0 : -1;
}

static int
use_file(struct credentials *c, const char *path, struct buf *text,
    struct failure *why)
{
	struct wgetrc file;
	int rc = wgetrc_parse(&file, BUF_SPAN(text));

	if (rc == NO_MEMORY)
		return fail(why, FAIL_LOCAL, "out of memory");
	if (rc < 0)
		return fail(why, FAIL_FILE,
		    "password file %s: there is a NUL byte in a value", path);
	if (file.proxy.user == NULL && file.proxy.password == NULL)
		rc = fail(why, FAIL_FILE,
		    "password file %s: neither proxy_user nor proxy_passwd "
		    "is in it",
		    path);
	else
		rc = secret_from(c, &file.proxy, why);
	wgetrc_free(&file);
	return rc;
}

int
secret_from_file(struct credentials *c, const char *path, struct failure *why)
{
	struct stat st;
	struct buf text;
	int fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		fail(why, FAIL_FILE, "password file %s: %s", path,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	buf_init(&text, FILE_MAX);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		rc = fail(why, FAIL_FILE,
		    "password file %s: others may read it (chmod 600 %s)", path,
		    path);
	else if (read_all(fd, &text) < 0)
		rc = fail(why, errno == ENOMEM ? FAIL_LOCAL : FAIL_FILE,
		    "password file %s: %s", path, strerror(errno));
	else
		rc = use_file(c, path, &text, why);
	buf_free(&text);
	close(fd);
	return rc;
}

/* A prompt and what has been typed so far. */
struct prompt {
	struct loop *loop;
	struct watch terminal;
	struct buf typed;
	int signo; /* that came in between, 0: none */
	int done;  /* 1: a line is there, -1: no more will come */
};

static void
on_typed(void *arg, int got)
{
	struct prompt *p = arg;
	char piece[4096];
	ssize_t n = read(p->terminal.fd, piece, sizeof piece);

	(void)got;
	if (n > 0 && buf_put(&p->typed, piece, (size_t)n) == 0) {
		if (piece[n - 1] == '\n')
			p->done = 1;
	} else if (n >= 0 || (errno != EINTR && errno != EAGAIN))
		p->done = -1;
	explicit_bzero(piece, sizeof piece);
	if (p->done != 0)
		loop_stop(p->loop);
}

static void
on_signal(void *arg, int signo)
{
	struct prompt *p = arg;

	if (signo == SIGUSR1)
		return; /* there is nothing to report yet */
	p->signo = signo;
	loop_stop(p->loop);
}

/* A loop that has the signals in its hands, before anything is changed. */
static int
catch_signals(struct prompt *p)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGTSTP, SIGUSR1, SIGALRM, SIGPIPE };
	size_t i;

	p->signo = p->done = 0;
	p->terminal.slot = 0;
	p->loop = loop_new();
	if (p->loop == NULL)
		return -1;
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		if (loop_signal(p->loop, signals[i], signals[i] == SIGUSR1,
			on_signal, p) < 0)
			return -1;
	return loop_want(p->loop, &p->terminal, POLLIN);
}

/* Shows the prompt and waits for a line or a signal, without echo. */
static int
ask_once(struct prompt *p, const char *text)
{
	struct termios before, silent;
	int rc;

	if (tcgetattr(p->terminal.fd, &before) < 0)
		return -1;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	silent.c_lflag |= ICANON | ISIG;
	tcsetattr(p->terminal.fd, TCSAFLUSH, &silent);
	rc = write(p->terminal.fd, text, strlen(text)) < 0 ? -1
							   : loop_run(p->loop);
	tcsetattr(p->terminal.fd, TCSAFLUSH, &before);
	if (write(p->terminal.fd, "\n", 1) < 0)
		rc = -1;
	return rc;
}

/* Asks until there is a line; a signal gets its due and may end us. */
static int
ask(struct prompt *p, const char *text)
{
	int rc;

	do {
		buf_free(&p->typed);
		rc = catch_signals(p);
		if (rc == 0)
			rc = ask_once(p, text);
		loop_free(p->loop);
		if (p->signo != 0)
			raise(p->signo);
	} while (rc == 0 && p->signo != 0);
	return rc < 0 || p->done < 0 ? -1 : 0;
}

int
secret_from_terminal(
    struct credentials *c, const char *proxy, struct failure *why)
{
	struct prompt p;
	struct buf text;
	int rc = -1;

	memset(&p, 0, sizeof p);
	p.terminal.ready = on_typed;
	p.terminal.arg = &p;
	p.terminal.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p.terminal.fd < 0)
		return fail(why, FAIL_AUTH,
		    "no password for the proxy %s, and no terminal to ask on "
		    "(PROXYPASS, or -F FILE, or -P USER:PASSWORD)",
		    proxy);
	buf_init(&p.typed, PASSWORD_MAX);
	buf_init(&text, FAIL_TEXT);
	buf_puts(&text, "proxytunnel: password for ");
	text_show(&text, span_of(c->user), 64);
	buf_putf(&text, " at the proxy %s: ", proxy);
	if (ask(&p, buf_str(&text)) < 0)
		fail(why, FAIL_AUTH, "no password was given for the proxy %s",
		    proxy);
	else {
		buf_cut(&p.typed, buf_len(&p.typed) - 1);
		c->password = secret_of(&p.typed);
		rc = c->password != NULL
			 ? 0
			 : fail(why, FAIL_LOCAL, "out of memory");
	}
	buf_free(&text);
	buf_free(&p.typed);
	close(p.terminal.fd);
	return rc;
}
