/* epoll.c -- watches of many descriptors: epoll(7).  Floor 2. */
#include "epoll.h"

#include <errno.h>
#include <stddef.h>
#if defined(__linux__) && !defined(PORTABLE)
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

const char epoll_name[] = "epoll";

#define BATCH 256 /* events that are taken in one go */

/*
 * The kernel knows a descriptor once, while there may be two watches of it.
 * It tells of errors and hang-ups unasked: EPOLLERR stands for "is known".
 */
struct entry {
	struct watch *first;
	uint32_t known;
};

struct epoll {
	int fd;
	struct entry *table; /* by descriptor */
	size_t size;
	struct epoll_event events[BATCH];
	int n, at; /* of the events: all, and those that are dealt with */
};

struct epoll *
epoll_new(void)
{
	struct epoll *e = calloc(1, sizeof *e);

	if (e == NULL)
		return NULL;
	e->fd = epoll_create1(EPOLL_CLOEXEC);
	if (e->fd < 0) {
		free(e);
		return NULL;
	}
	return e;
}

void
epoll_free(struct epoll *e)
{
	if (e == NULL)
		return;
	close(e->fd);
	free(e->table);
	free(e);
}

/* Tells the kernel what is awaited of a descriptor now. */
static int
tell(struct epoll *e, int fd)
{
	struct entry *entry = &e->table[fd];
	struct epoll_event ev = { 0, { .fd = fd } };
	const struct watch *w;
	uint32_t before = entry->known;

	for (w = entry->first; w != NULL; w = w->next)
		ev.events |= (uint32_t)w->want | EPOLLERR;
	if (ev.events == before)
		return 0;
	entry->known = ev.events;
	if (ev.events == 0) {
		epoll_ctl(e->fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	/* It may have been closed, and be another one since. */
	if (before != 0 && epoll_ctl(e->fd, EPOLL_CTL_MOD, fd, &ev) == 0)
		return 0;
	if (epoll_ctl(e->fd, EPOLL_CTL_ADD, fd, &ev) == 0 ||
	    (errno == EEXIST && epoll_ctl(e->fd, EPOLL_CTL_MOD, fd, &ev) == 0))
		return 0;
	entry->known = 0;
	return -1;
}

static int
room(struct epoll *e, int fd)
{
	size_t size = e->size == 0 ? 64 : e->size;
	struct entry *table;

	while (size <= (size_t)fd)
		size *= 2;
	if (size == e->size)
		return 0;
	table = realloc(e->table, size * sizeof *table);
	if (table == NULL)
		return -1;
	memset(table + e->size, 0, (size - e->size) * sizeof *table);
	e->table = table;
	e->size = size;
	return 0;
}

static void
take_out(struct epoll *e, struct watch *w)
{
	struct watch **p;

	for (p = &e->table[w->fd].first; *p != w;)
		p = &(*p)->next;
	*p = w->next;
	w->slot = 0;
	w->got = 0;
}

int
epoll_want(struct epoll *e, struct watch *w, int want)
{
	if (want == 0 && w->slot == 0)
		return 0;
	if (room(e, w->fd) < 0)
		return -1;
	w->want = want;
	if (want == 0)
		take_out(e, w);
	else if (w->slot == 0) {
		w->slot = 1;
		w->got = 0;
		w->next = e->table[w->fd].first;
		e->table[w->fd].first = w;
	}
	if (tell(e, w->fd) == 0)
		return 0;
	take_out(e, w);
	w->want = 0;
	return -1;
}

int
epoll_await(struct epoll *e, int ms, const sigset_t *mask)
{
	struct watch *w;
	int i;

	e->at = 0;
	e->n = epoll_pwait(e->fd, e->events, BATCH, ms, mask);
	for (i = 0; i < e->n; i++)
		for (w = e->table[e->events[i].data.fd].first; w != NULL;
		     w = w->next)
			w->got = (int)e->events[i].events;
	return e->n;
}

struct watch *
epoll_next(struct epoll *e, int *got)
{
	struct watch *w;

	for (; e->at < e->n; e->at++)
		for (w = e->table[e->events[e->at].data.fd].first; w != NULL;
		     w = w->next) {
			*got = w->got & (w->want | POLLERR | POLLHUP);
			w->got = 0;
			if (*got != 0)
				return w;
		}
	return NULL;
}

#else

const char epoll_name[] = "poll";

struct epoll *
epoll_new(void)
{
	errno = ENOSYS;
	return NULL;
}

void
epoll_free(struct epoll *e)
{
	(void)e;
}

int
epoll_want(struct epoll *e, struct watch *w, int want)
{
	(void)e;
	(void)w;
	(void)want;
	return -1;
}

int
epoll_await(struct epoll *e, int ms, const sigset_t *mask)
{
	(void)e;
	(void)ms;
	(void)mask;
	return -1;
}

struct watch *
epoll_next(struct epoll *e, int *got)
{
	(void)e;
	(void)got;
	return NULL;
}

#endif
