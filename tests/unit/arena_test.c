/* Unit tests of arena.c: what it hands out, and what it leaves to the library.
 */
#include "arena.c"

#include <pthread.h>
#include <stdlib.h>

#include "test.h"

#define THREADS 4
#define BLOCKS 256

static size_t passed_on; /* calls that the library got */

void *
real_malloc(size_t n)
{
	passed_on++;
	return malloc(n);
}

void *
real_calloc(size_t count, size_t size)
{
	passed_on++;
	/* A sanitizer's own ends the program there. */
	return size > 0 && count > SIZE_MAX / size ? NULL : calloc(count, size);
}

void *
real_realloc(void *p, size_t n)
{
	passed_on++;
	return realloc(p, n);
}

void
real_free(void *p)
{
	passed_on++;
	free(p);
}

static void
begin(void)
{
	memset(&arena, 0, sizeof arena);
	used = 0;
	passed_on = 0;
}

static int
is_zero(const uint8_t *p, size_t n)
{
	while (n > 0)
		if (p[--n] != 0)
			return 0;
	return 1;
}

static void
small(void)
{
	uint8_t *a, *b, *c;

	begin();
	a = arena_malloc(1);
	b = arena_calloc(3, 7);
	c = arena_malloc(0);
	CHECK(is_inside(a) && is_inside(b) && is_inside(c));
	CHECK_INT((uintptr_t)a % UNIT, 0);
	CHECK_INT(b - a, 2 * UNIT);
	CHECK_INT(c - b, 3 * UNIT);
	CHECK(is_zero(b, 21));
	arena_free(a);
	arena_free(b);
	CHECK(arena_malloc(1) != a);
	CHECK_INT(passed_on, 0);
	arena_free(NULL);
	CHECK_INT(passed_on, 1);
}

static void
full(void)
{
	uint8_t *most, *more;

	begin();
	most = arena_malloc(ARENA - UNIT);
	CHECK(is_inside(most));
	memset(most, 'x', ARENA - UNIT);
	CHECK_INT(arena.size[0], ARENA - UNIT);
	more = arena_malloc(1);
	CHECK(more != NULL && !is_inside(more));
	arena_free(more);
	more = arena_calloc(2, 8);
	CHECK(more != NULL && !is_inside(more) && is_zero(more, 16));
	arena_free(more);
	CHECK_INT(passed_on, 4);
}

static void
large(void)
{
	void *p;

	begin();
	p = arena_malloc(ARENA - UNIT + 1);
	CHECK(p != NULL && !is_inside(p));
	p = arena_realloc(p, 5);
	CHECK(p != NULL && !is_inside(p));
	arena_free(p);
	CHECK_INT(used, 0);
	/* The product is 0. */
	CHECK(arena_calloc(SIZE_MAX / 2 + 1, 2) == NULL);
	CHECK_INT(used, 0);
}

static void
moves(void)
{
	uint8_t *p = NULL, *q;

	begin();
	p = arena_realloc(p, 5);
	CHECK(is_inside(p));
	memcpy(p, "abcde", 5);
	q = arena_realloc(p, 2 * UNIT);
	CHECK(is_inside(q) && q != p);
	CHECK_MEM(q, 5, "abcde", 5);
	q = arena_realloc(q, 2);
	CHECK_MEM(q, 2, "ab", 2);
	q = arena_realloc(q, ARENA);
	CHECK(!is_inside(q));
	CHECK_MEM(q, 2, "ab", 2);
	arena_free(q);
}

static void *
take_many(void *arg)
{
	uint8_t **block = arg;
	size_t i;

	for (i = 0; i < BLOCKS; i++)
		block[i] = take(UNIT);
	return NULL;
}

/* No two get the same. */
static void
threads(void)
{
	static uint8_t *block[THREADS][BLOCKS];
	static uint8_t seen[ARENA / UNIT];
	pthread_t thread[THREADS];
	size_t i, j, at, n = 0;

	begin();
	for (i = 0; i < THREADS; i++)
		CHECK_INT(
		    pthread_create(&thread[i], NULL, take_many, block[i]), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < THREADS; i++)
		for (j = 0; j < BLOCKS; j++) {
			if (block[i][j] == NULL)
				continue;
			at = (size_t)(block[i][j] - arena.byte) / UNIT;
			CHECK(!seen[at]);
			seen[at] = 1;
			n++;
		}
	CHECK_INT(n, ARENA / (2 * UNIT));
}

int
main(void)
{
	static const struct test tests[] = { TEST(small), TEST(full),
		TEST(large), TEST(moves), TEST(threads) };

	return test_all(tests, COUNT(tests));
}
