/* pool.c -- buffers and pipes that are shared by all tunnels.  Floor 2. */
#include "pool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define KEPT 8		       /* of either, while nobody uses them */
#define PIPE_WANTED (1 << 20)  /* bytes a pipe is to hold */
#define PIPE_CONTENT (1 << 18) /* or this, where there are many already */
#define PIPE_LEAST (1 << 16)   /* with less copying is as good */

/* Buffers of one size. */
struct stock {
	uint8_t *kept[KEPT];
	size_t n;
};

struct pool {
	struct stock small, large;
	int pipes[KEPT][2];
	size_t npipes;
};

struct pool *
pool_new(void)
{
	return calloc(1, sizeof(struct pool));
}

static void
close_both(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

static void
empty(struct stock *s)
{
	while (s->n > 0)
		free(s->kept[--s->n]);
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	empty(&p->small);
	empty(&p->large);
	while (p->npipes > 0)
		close_both(p->pipes[--p->npipes]);
	free(p);
}

static struct stock *
stock_of(struct pool *p, size_t room)
{
	return room <= POOL_SMALL ? &p->small : &p->large;
}

uint8_t *
pool_buffer(struct pool *p, size_t *room)
{
	struct stock *s = stock_of(p, *room);

	*room = s == &p->small ? POOL_SMALL : POOL_LARGE;
	return s->n > 0 ? s->kept[--s->n] : malloc(*room);
}

void
pool_give_buffer(struct pool *p, uint8_t *buffer, size_t room)
{
	struct stock *s = stock_of(p, room);

	if (s->n < KEPT)
		s->kept[s->n++] = buffer;
	else
		free(buffer);
}

/*
 * A user may have so many wide pipes, and then narrow ones alone; those that
 * are narrow by birth are widened.
 */
static int
new_pipe(int ends[2])
{
#ifdef F_SETPIPE_SZ
	int size;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	size = fcntl(ends[1], F_SETPIPE_SZ, PIPE_WANTED);
	if (size < 0)
		size = fcntl(ends[1], F_SETPIPE_SZ, PIPE_CONTENT);
	if (size < 0)
		size = fcntl(ends[1], F_GETPIPE_SZ);
	if (size >= PIPE_LEAST)
		return 0;
	close_both(ends);
#else
	(void)ends;
#endif
	return -1;
}

int
pool_pipe(struct pool *p, int ends[2])
{
	if (p->npipes == 0)
		return new_pipe(ends);
	p->npipes--;
	ends[0] = p->pipes[p->npipes][0];
	ends[1] = p->pipes[p->npipes][1];
	return 0;
}

void
pool_give_pipe(struct pool *p, int ends[2], int is_empty)
{
	if (is_empty && p->npipes < KEPT) {
		p->pipes[p->npipes][0] = ends[0];
		p->pipes[p->npipes++][1] = ends[1];
	} else
		close_both(ends);
	ends[0] = ends[1] = -1;
}
