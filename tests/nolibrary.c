/*
 * nolibrary.c -- preloaded, it keeps libraries from being opened at run time:
 * those whose names NO_LIBRARY has, with blanks in between.  Names of what was
 * looked for go to the file LOOKED_FOR, a line each.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
is_hidden(const char *name)
{
	const char *list = getenv("NO_LIBRARY");
	size_t n = strlen(name);

	while (list != NULL && *list != '\0') {
		list += strspn(list, " ");
		if (strcspn(list, " ") == n && strncmp(list, name, n) == 0)
			return 1;
		list += strcspn(list, " ");
	}
	return 0;
}

static void
note(const char *name)
{
	const char *path = getenv("LOOKED_FOR");
	int fd;

	if (path == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	dprintf(fd, "%s\n", name);
	close(fd);
}

void *
dlopen(const char *name, int flags)
{
	void *(*next)(const char *, int);
	void *found = dlsym(RTLD_NEXT, "dlopen");

	if (name != NULL) {
		note(name);
		/* Another that is not there, so that dlerror(3) is true. */
		if (is_hidden(name))
			name = "libhidden-by-a-test.so.0";
	}
	memcpy(&next, &found, sizeof next);
	return next(name, flags);
}
