/*
 * arena.c -- the first memory of a process, without a system call.  Floor 0.
 *
 * For static builds alone: a small C library maps pages for each size that is
 * asked for, which takes a third of the time of a short run.  The linker gives
 * each malloc(3) and its kin a look in here first (--wrap).  What is freed is
 * not used again, so what is handed out is all zeros, and threads need no more
 * than one counter; once the arena is used up it costs nothing but that look.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#define ARENA 32768 /* bytes: what one tunnel needs, with a buffer */
#define UNIT 16	    /* every block begins at a multiple of that */
#define PAGE 4096   /* bytes: as small as they come */

/* What the C library has, and what is called in its place, by the linker. */
#define LINKED(name) __asm__(name)
void *real_malloc(size_t) LINKED("__real_malloc");
void *real_calloc(size_t, size_t) LINKED("__real_calloc");
void *real_realloc(void *, size_t) LINKED("__real_realloc");
void real_free(void *) LINKED("__real_free");
void *arena_malloc(size_t) LINKED("__wrap_malloc");
void *arena_calloc(size_t, size_t) LINKED("__wrap_calloc");
void *arena_realloc(void *, size_t) LINKED("__wrap_realloc");
void arena_free(void *) LINKED("__wrap_free");

/*
 * In front of a block stands its size.  Linkers put what is common behind all
 * other variables, which then share the few pages that are touched anyway.
 */
__attribute__((common)) union {
	_Alignas(UNIT) uint8_t byte[ARENA];
	size_t size[ARENA / sizeof(size_t)];
} arena;
static atomic_size_t used;

static int
is_inside(const void *p)
{
	return (uintptr_t)p - (uintptr_t)&arena < sizeof arena;
}

/* n bytes, all 0; NULL: there is no room. */
static void *
take(size_t n)
{
	size_t at, whole;

	if (n > ARENA - UNIT || atomic_load(&used) >= ARENA)
		return NULL;
	whole = UNIT + (n + UNIT - 1) / UNIT * UNIT;
	at = atomic_fetch_add(&used, whole);
	if (at > ARENA - whole)
		return NULL;
	arena.size[at / sizeof n] = n;
	/* A page that is read before it is written costs two faults. */
	if (n < PAGE)
		arena.byte[at + whole - 1] = 0;
	return arena.byte + at + UNIT;
}

void *
arena_malloc(size_t n)
{
	void *p = take(n);

	return p != NULL ? p : real_malloc(n);
}

void *
arena_calloc(size_t count, size_t size)
{
	void *p = NULL;

	if (size == 0 || count <= ARENA / size)
		p = take(count * size);
	return p != NULL ? p : real_calloc(count, size);
}

void *
arena_realloc(void *p, size_t n)
{
	size_t before;
	void *moved;

	if (p == NULL)
		return arena_malloc(n);
	if (!is_inside(p))
		return real_realloc(p, n);
	before = *(const size_t *)((const uint8_t *)p - UNIT);
	moved = arena_malloc(n);
	if (moved != NULL)
		memcpy(moved, p, before < n ? before : n);
	return moved;
}

void
arena_free(void *p)
{
	if (!is_inside(p))
		real_free(p);
}
