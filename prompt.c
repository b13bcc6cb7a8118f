/* prompt.c -- a line typed at the terminal, from the loop.  Floor 2. */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "log.h"

#define TYPED_MAX (1 << 17) /* bytes typed or pasted */

static const char terminal[] = "/dev/tty";
static const int keys[] = { SIGQUIT, SIGTSTP };

struct prompt {
	struct loop *loop;
	struct watch watch;
	struct termios before;
	struct buf text, typed;
	int silent; /* the terminal does not echo, and is to again */
	void (*done)(void *, struct buf *);
	void *arg;
};

int
prompt_possible(void)
{
	int fd = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

static void on_key(void *, int);

static void
hide(struct prompt *p)
{
	size_t i;

	if (!p->silent)
		return;
	p->silent = 0;
	loop_want(p->loop, &p->watch, 0);
	tcsetattr(p->watch.fd, TCSAFLUSH, &p->before);
	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		loop_signal_end(p->loop, keys[i]);
	/* The line end that was typed was not shown, either. */
	if (write(p->watch.fd, "\n", 1) < 0)
		return;
}

/* The signals are in our hands before anything is changed. */
static int
show(struct prompt *p)
{
	struct termios silent;
	size_t i;

	if (tcgetattr(p->watch.fd, &p->before) < 0)
		return -1;
	p->silent = 1;
	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (loop_signal(p->loop, keys[i], 0, on_key, p) < 0)
			return -1;
	log_passing(NULL);
	silent = p->before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	silent.c_lflag |= ICANON | ISIG;
	if (tcsetattr(p->watch.fd, TCSAFLUSH, &silent) < 0 ||
	    write(p->watch.fd, buf_ptr(&p->text), buf_len(&p->text)) < 0)
		return -1;
	return loop_want(p->loop, &p->watch, POLLIN);
}

static void
finish(struct prompt *p, struct buf *line)
{
	hide(p);
	p->done(p->arg, line);
}

/* Quitting ends us here; after a stop there is a prompt again. */
static void
on_key(void *arg, int signo)
{
	struct prompt *p = arg;

	hide(p);
	raise(signo);
	buf_free(&p->typed);
	if (show(p) < 0)
		finish(p, NULL);
}

static void
on_typed(void *arg, int got)
{
	struct prompt *p = arg;
	char piece[4096];
	ssize_t n = read(p->watch.fd, piece, sizeof piece);
	int error = errno, last = n > 0 && piece[n - 1] == '\n';

	(void)got;
	if (n > 0 && buf_put(&p->typed, piece, (size_t)n) < 0)
		n = 0;
	explicit_bzero(piece, sizeof piece);
	if (n > 0 && last) {
		buf_cut(&p->typed, buf_len(&p->typed) - 1);
		finish(p, &p->typed);
	} else if (n == 0 || (n < 0 && error != EINTR && error != EAGAIN))
		finish(p, NULL);
}

struct prompt *
prompt_new(struct loop *loop, const char *text,
    void (*done)(void *, struct buf *), void *arg)
{
	struct prompt *p = calloc(1, sizeof *p);
	int error;

	if (p == NULL)
		return NULL;
	p->loop = loop;
	p->done = done;
	p->arg = arg;
	p->watch.ready = on_typed;
	p->watch.arg = p;
	buf_init(&p->text, strlen(text));
	buf_init(&p->typed, TYPED_MAX);
	p->watch.fd = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->watch.fd >= 0 && buf_puts(&p->text, text) == 0 && show(p) == 0)
		return p;
	error = errno;
	prompt_free(p);
	errno = error;
	return NULL;
}

void
prompt_free(struct prompt *p)
{
	if (p == NULL)
		return;
	hide(p);
	if (p->watch.fd >= 0)
		close(p->watch.fd);
	buf_free(&p->text);
	buf_free(&p->typed);
	free(p);
}
