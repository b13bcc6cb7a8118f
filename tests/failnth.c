/*
 * failnth.c -- preloaded, it lets the FAIL_NTH-th allocation of a program
 * fail, and that one alone.  Those of libraries do not count whose names have
 * a word of FAIL_SPARES in them, with blanks between the words.  What the
 * program starts is left alone.  Once it has come to that, the file FAIL_TOLD
 * is there.  For glibc.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
look_up(const void *caller)
{
	const char *word = spares;
	Dl_info from;
	size_t n;

	if (word == NULL || dladdr(caller, &from) == 0 ||
	    from.dli_fname == NULL)
		return 0;
	for (; *word != '\0'; word += n + (word[n] == ' ')) {
		n = strcspn(word, " ");
		if (n > 0 && memmem(from.dli_fname, strlen(from.dli_fname),
				 word, n) != NULL)
			return 1;
	}
	return 0;
}

/* dladdr(3) takes its time, and a library has a few places that allocate. */
static int
is_spared(const void *caller)
{
	static struct {
		const void *caller;
		int spared;
	} known[4096];
	size_t at = (uintptr_t)caller % (sizeof known / sizeof *known);

	if (known[at].caller != caller) {
		known[at].spared = look_up(caller);
		known[at].caller = caller;
	}
	return known[at].spared;
}

static void
tell(void)
{
	const char *file = getenv("FAIL_TOLD");

	if (file != NULL)
		close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static int
fails(const void *caller)
{
	if (left < 0)
		read_environment();
	if (left == 0 || is_spared(caller) || --left > 0)
		return 0;
	tell();
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
