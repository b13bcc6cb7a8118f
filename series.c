/* series.c -- times that were measured, in order of length.  Floor 0. */
#include "series.h"

#include <stdlib.h>
#include <string.h>

int
series_add(struct series *s, int64_t time)
{
	size_t low = 0, high = s->n, middle, room;
	int64_t *grown;

	if (s->n == s->room) {
		room = s->room == 0 ? 16 : 2 * s->room;
		grown = realloc(s->sorted, room * sizeof *grown);
		if (grown == NULL)
			return -1;
		s->sorted = grown;
		s->room = room;
	}
	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->sorted[middle] <= time)
			low = middle + 1;
		else
			high = middle;
	}
	memmove(s->sorted + low + 1, s->sorted + low,
	    (s->n - low) * sizeof *s->sorted);
	s->sorted[low] = time;
	s->n++;
	return 0;
}

int64_t
series_at(const struct series *s, unsigned per_mille)
{
	size_t rank = (s->n * per_mille + 999) / 1000;

	return s->sorted[rank > 0 ? rank - 1 : 0];
}

void
series_free(struct series *s)
{
	free(s->sorted);
	memset(s, 0, sizeof *s);
}
