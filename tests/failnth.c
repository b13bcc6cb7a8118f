/*
 * failnth.c -- preloaded, it lets the FAIL_NTH-th allocation of a program
 * fail, and that one alone.  Those of a library with FAIL_SPARES in its name do
 * not count.  What the program starts is left alone.  For glibc.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The names are glibc's: */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static long left = -1;
static const char *spares;

static void
read_environment(void)
{
	const char *nth = getenv("FAIL_NTH");

	left = nth == NULL ? 0 : strtol(nth, NULL, 10);
	spares = getenv("FAIL_SPARES");
}

__attribute__((constructor)) static void
spare_children(void)
{
	if (left < 0)
		read_environment();
	unsetenv("FAIL_NTH");
}

static int
is_spared(const void *caller)
{
	Dl_info from;

	return spares != NULL && dladdr(caller, &from) != 0 &&
	       from.dli_fname != NULL && strstr(from.dli_fname, spares) != NULL;
}

static int
fails(const void *caller)
{
	if (left < 0)
		read_environment();
	if (left == 0 || is_spared(caller) || --left > 0)
		return 0;
	errno = ENOMEM;
	return 1;
}

#define FAILS fails(__builtin_return_address(0))

void *
malloc(size_t n)
{
	return FAILS ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t each)
{
	return FAILS ? NULL : __libc_calloc(n, each);
}

void *
realloc(void *p, size_t n)
{
	return FAILS ? NULL : __libc_realloc(p, n);
}
