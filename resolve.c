/*
 * resolve.c -- the addresses of a name, looked up in a thread and kept for a
 * while.  Floor 2.
 */
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
 * One look-up, in a thread of its own since getaddrinfo(3) knows no deadline,
 * and then its answer.  Whoever lets go of it last frees it: the thread, once
 * it is done, the names it is among, each who waits for it or has it.
 */
struct name {
	char *host;
	int family;
	atomic_uint holders;
	int rc, error;
	struct addrinfo *list;
	int end; /* of a pipe, which the thread closes when it is done */

	/* What follows is none of the thread's. */
	struct names *names;
	struct name *next;
	struct loop *loop;
	struct watch watch;
	pthread_t thread;
	int done;
	int64_t until; /* it is kept */
	struct resolve *waiting;
};

struct names {
	int kept_ms;
	struct name *first; /* the latest look-up */
};

struct resolve {
	struct loop *loop;
	const char *subject; /* whom it is about; the look-up is nobody's */
	struct name *name;
	struct resolve *next; /* who waits for the same */
	int kept;
	struct timer timer; /* for what is there already */
	void (*found)(void *, const struct addrinfo *, const char *);
	void *arg;
};

static void
name_let_go(struct name *n)
{
	if (atomic_fetch_sub(&n->holders, 1) > 1)
		return;
	if (n->list != NULL)
		freeaddrinfo(n->list);
	free(n->host);
	free(n);
}

static void *
name_thread(void *arg)
{
	struct name *n = arg;
	struct addrinfo hints;
	int end = n->end;

	memset(&hints, 0, sizeof hints);
	hints.ai_family = n->family;
	hints.ai_socktype = SOCK_STREAM;
	n->rc = getaddrinfo(n->host, NULL, &hints, &n->list);
	n->error = errno;
	/* The name may be gone once the loop hears of it. */
	name_let_go(n);
	close(end);
	return NULL;
}

static void on_done(void *, int);

static int
name_begin(struct name *n)
{
	int pipe_ends[2];

	if (pipe(pipe_ends) < 0)
		return -1;
	fcntl(pipe_ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(pipe_ends[1], F_SETFD, FD_CLOEXEC);
	n->end = pipe_ends[1];
	n->watch.fd = pipe_ends[0];
	n->watch.ready = on_done;
	n->watch.arg = n;
	errno = ENOMEM;
	if (loop_want(n->loop, &n->watch, POLLIN) == 0) {
		errno = pthread_create(&n->thread, NULL, name_thread, n);
		if (errno == 0)
			return 0;
		loop_want(n->loop, &n->watch, 0);
	}
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	return -1;
}

/* Begins a look-up; NULL, with errno, where that can't be. */
static struct name *
name_new(struct names *names, struct loop *loop, const char *host, int family)
{
	struct name *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	n->names = names;
	n->loop = loop;
	n->family = family;
	n->host = strdup(host);
	atomic_init(&n->holders, 2); /* the thread, and names */
	if (n->host == NULL || name_begin(n) < 0) {
		free(n->host);
		free(n);
		return NULL;
	}
	n->next = names->first;
	names->first = n;
	return n;
}

struct names *
names_new(int kept_ms)
{
	struct names *names = calloc(1, sizeof *names);

	if (names != NULL)
		names->kept_ms = kept_ms;
	return names;
}

/* Takes one out, at its place. */
static void
take_out(struct name **at)
{
	struct name *n = *at;

	*at = n->next;
	name_let_go(n);
}

/* The same; it may be out already. */
static void
forget(struct name *n)
{
	struct name **at = &n->names->first;

	while (*at != NULL && *at != n)
		at = &(*at)->next;
	if (*at != NULL)
		take_out(at);
}

void
names_free(struct names *names)
{
	if (names == NULL)
		return;
	while (names->first != NULL)
		take_out(&names->first);
	free(names);
}

/* What is too old goes, and the oldest where there are too many. */
static void
clean_up(struct names *names, int64_t now)
{
	struct name **at = &names->first;
	unsigned n = 0;

	while (*at != NULL)
		if ((*at)->done && ((*at)->until <= now || ++n > NAMES_MAX))
			take_out(at);
		else
			at = &(*at)->next;
}

static struct name *
find(struct names *names, const char *host, int family)
{
	struct name *n = names->first;

	while (n != NULL && (n->family != family || strcmp(n->host, host) != 0))
		n = n->next;
	return n;
}

static void
tell(struct resolve *r)
{
	const struct name *n = r->name;

	if (n->rc == 0 && n->list != NULL)
		r->found(r->arg, n->list, NULL);
	else
		r->found(r->arg, NULL,
		    n->rc == EAI_SYSTEM ? strerror(n->error)
					: gai_strerror(n->rc));
}

/* The thread is done: tells all who wait, any of whom may free others. */
static void
on_done(void *arg, int got)
{
	struct name *n = arg;
	struct resolve *r;

	(void)got;
	loop_want(n->loop, &n->watch, 0);
	close(n->watch.fd);
	pthread_join(n->thread, NULL);
	n->done = 1;
	atomic_fetch_add(&n->holders, 1);
	if (n->rc == 0 && n->list != NULL) {
		n->until = loop_now(n->loop) + n->names->kept_ms;
		clean_up(n->names, loop_now(n->loop));
	} else
		forget(n);
	while ((r = n->waiting) != NULL) {
		n->waiting = r->next;
		loop_subject(r->loop, r->subject);
		tell(r);
	}
	name_let_go(n);
}

static void
on_kept(void *arg)
{
	tell(arg);
}

/* The last to wait behind the others. */
static void
wait_for(struct name *n, struct resolve *r)
{
	struct resolve **at = &n->waiting;

	while (*at != NULL)
		at = &(*at)->next;
	*at = r;
}

/* It may have been told already. */
static void
wait_no_more(struct name *n, const struct resolve *r)
{
	struct resolve **at = &n->waiting;

	while (*at != NULL && *at != r)
		at = &(*at)->next;
	if (*at != NULL)
		*at = r->next;
}

struct resolve *
resolve_new(struct names *names, struct loop *loop, const char *host,
    int family, void (*found)(void *, const struct addrinfo *, const char *),
    void *arg)
{
	struct resolve *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->found = found;
	r->arg = arg;
	r->timer.expired = on_kept;
	r->timer.arg = r;
	clean_up(names, loop_now(loop));
	r->name = find(names, host, family);
	r->kept = r->name != NULL && r->name->done;
	r->subject = loop_subject(loop, NULL);
	if (r->name == NULL)
		r->name = name_new(names, loop, host, family);
	loop_subject(loop, r->subject);
	if (r->name == NULL ||
	    (r->kept && loop_timer(loop, &r->timer, loop_now(loop)) < 0)) {
		free(r);
		return NULL;
	}
	atomic_fetch_add(&r->name->holders, 1);
	if (!r->kept)
		wait_for(r->name, r);
	return r;
}

enum fail_cause
resolve_cause(const struct resolve *r)
{
	switch (r->name->rc) {
	case EAI_AGAIN:
		return CAUSE_NAME_SERVER;
	case EAI_FAMILY:
#ifdef EAI_ADDRFAMILY
	case EAI_ADDRFAMILY:
#endif
		return CAUSE_FAMILY;
	default:
		return CAUSE_OTHER;
	}
}

int
resolve_is_kept(const struct resolve *r)
{
	return r->kept;
}

void
resolve_forget(struct resolve *r)
{
	if (r != NULL && r->name->done)
		forget(r->name);
}

void
resolve_free(struct resolve *r)
{
	struct name *n;

	if (r == NULL)
		return;
	n = r->name;
	wait_no_more(n, r);
	loop_timer(r->loop, &r->timer, 0);
	if (!n->done && n->waiting == NULL) {
		/* Nobody waits any more: the thread is left to itself. */
		loop_want(n->loop, &n->watch, 0);
		close(n->watch.fd);
		pthread_detach(n->thread);
		forget(n);
	}
	name_let_go(n);
	free(r);
}
