/*
 * failnth.c -- preloaded, it lets the FAIL_NTH-th allocation of a program
 * fail, and that one alone.  For glibc.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* The names are glibc's: */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static int
fails(void)
{
	static long left = -1;
	const char *nth;

	if (left < 0) {
		nth = getenv("FAIL_NTH");
		left = nth == NULL ? 0 : strtol(nth, NULL, 10);
	}
	if (left == 0 || --left > 0)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t each)
{
	return fails() ? NULL : __libc_calloc(n, each);
}

void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}
