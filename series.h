/* series.h -- times that were measured.  Floor 0. */
#ifndef SERIES_H
#define SERIES_H

#include <stddef.h>
#include <stdint.h>

struct series {
	int64_t *times;
	size_t n, room;
};

/* 0, or -1 without memory.  All zero at first. */
int series_add(struct series *, int64_t);

/* Puts them in order of length. */
void series_sort(struct series *);

/*
 * Of a series in order: what so many of a thousand are not above (the nearest
 * rank), 500 the median, 990 p99, 0 the least.  Not of none.
 */
int64_t series_at(const struct series *, unsigned per_mille);

void series_free(struct series *);

#endif
