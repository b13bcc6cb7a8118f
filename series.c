/* series.c -- times that were measured.  Floor 0. */
#include "series.h"

#include <stdlib.h>
#include <string.h>

int
series_add(struct series *s, int64_t time)
{
	size_t room;
	int64_t *grown;

	if (s->n == s->room) {
		room = s->room == 0 ? 16 : 2 * s->room;
		grown = realloc(s->times, room * sizeof *grown);
		if (grown == NULL)
			return -1;
		s->times = grown;
		s->room = room;
	}
	s->times[s->n++] = time;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;

	return (first > second) - (first < second);
}

void
series_sort(struct series *s)
{
	if (s->n > 0)
		qsort(s->times, s->n, sizeof *s->times, compare);
}

int64_t
series_at(const struct series *s, unsigned per_mille)
{
	size_t rank =
	    s->n / 1000 * per_mille + (s->n % 1000 * per_mille + 999) / 1000;

	return s->times[rank > 0 ? rank - 1 : 0];
}

void
series_free(struct series *s)
{
	free(s->times);
	memset(s, 0, sizeof *s);
}
