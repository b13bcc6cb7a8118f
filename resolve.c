/* resolve.c -- the addresses of a name, looked up in a thread.  Floor 2. */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * One look-up, in a thread of its own since getaddrinfo(3) knows no deadline.
 * Whoever comes last frees it: the thread when it is done or the loop when it
 * has been told, whichever finds the other's mark.
 */
struct lookup {
	char *host;
	int family;
	pthread_t thread;
	int pipe[2]; /* the thread closes its end when it is done */
	int rc, error;
	struct addrinfo *list;
	atomic_int let_go;
};

struct resolve {
	struct loop *loop;
	struct lookup *lookup; /* NULL once the thread is done */
	struct watch watch;
	void (*found)(void *, const struct addrinfo *, const char *);
	void *arg;
};

static void
lookup_let_go(struct lookup *l)
{
	if (atomic_exchange(&l->let_go, 1) == 0)
		return;
	if (l->list != NULL)
		freeaddrinfo(l->list);
	free(l->host);
	free(l);
}

static void *
lookup_thread(void *arg)
{
	struct lookup *l = arg;
	struct addrinfo hints;
	int end = l->pipe[1];

	memset(&hints, 0, sizeof hints);
	hints.ai_family = l->family;
	hints.ai_socktype = SOCK_STREAM;
	l->rc = getaddrinfo(l->host, NULL, &hints, &l->list);
	l->error = errno;
	/* The look-up may be gone once the loop hears of it. */
	lookup_let_go(l);
	close(end);
	return NULL;
}

/* Begins a look-up; NULL, with errno, where that can't be. */
static struct lookup *
lookup_new(const char *host, int family)
{
	struct lookup *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->family = family;
	l->host = strdup(host);
	if (l->host == NULL || pipe(l->pipe) < 0)
		goto out;
	fcntl(l->pipe[0], F_SETFD, FD_CLOEXEC);
	fcntl(l->pipe[1], F_SETFD, FD_CLOEXEC);
	errno = pthread_create(&l->thread, NULL, lookup_thread, l);
	if (errno == 0)
		return l;
	close(l->pipe[0]);
	close(l->pipe[1]);
out:
	free(l->host);
	free(l);
	return NULL;
}

/* The thread is done, and what it found its caller's to use. */
static void
on_done(void *arg, int got)
{
	struct resolve *r = arg;
	struct lookup *l = r->lookup;

	(void)got;
	loop_want(r->loop, &r->watch, 0);
	close(r->watch.fd);
	r->lookup = NULL;
	pthread_join(l->thread, NULL);
	if (l->rc == 0 && l->list != NULL)
		r->found(r->arg, l->list, NULL);
	else
		r->found(r->arg, NULL,
		    l->rc == EAI_SYSTEM ? strerror(l->error)
					: gai_strerror(l->rc));
	lookup_let_go(l);
}

struct resolve *
resolve_new(struct loop *loop, const char *host, int family,
    void (*found)(void *, const struct addrinfo *, const char *), void *arg)
{
	struct resolve *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->found = found;
	r->arg = arg;
	r->lookup = lookup_new(host, family);
	if (r->lookup == NULL) {
		free(r);
		return NULL;
	}
	r->watch.fd = r->lookup->pipe[0];
	r->watch.ready = on_done;
	r->watch.arg = r;
	if (loop_want(loop, &r->watch, POLLIN) < 0) {
		resolve_free(r);
		errno = ENOMEM;
		return NULL;
	}
	return r;
}

void
resolve_free(struct resolve *r)
{
	if (r == NULL)
		return;
	if (r->lookup != NULL) {
		loop_want(r->loop, &r->watch, 0);
		close(r->watch.fd);
		pthread_detach(r->lookup->thread);
		lookup_let_go(r->lookup);
	}
	free(r);
}
