/* library.c -- shared libraries that are opened at run time.  Floor 2. */
#include "library.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static int
fill(void *handle, char *table, const char *name)
{
	void *function;

	for (; *name != '\0'; name += strlen(name) + 1) {
		function = dlsym(handle, name);
		if (function == NULL)
			return -1;
		if (table == NULL)
			continue;
		memcpy(table, &function, sizeof function);
		table += sizeof function;
	}
	return 0;
}

/* As library_open, with the number of the one that it is; table NULL: none. */
static void *
find(const char *const *sonames, void *table, const char *names, int *at)
{
	void *handle;

	for (*at = 0; sonames[*at] != NULL; ++*at) {
		handle = dlopen(sonames[*at], RTLD_NOW | RTLD_LOCAL);
		if (handle == NULL)
			continue;
		if (fill(handle, table, names) == 0)
			return handle;
		dlclose(handle);
	}
	return NULL;
}

void *
library_open(const char *const *sonames, void *table, const char *names)
{
	int at;

	return find(sonames, table, names, &at);
}

/* The file that a function is from; links on the way to it are followed. */
static int
put_file(struct buf *out, void *function)
{
	char *file = NULL;
	Dl_info info;
	int rc;

	memset(&info, 0, sizeof info);
	if (dladdr(function, &info) != 0 && info.dli_fname != NULL)
		file = realpath(info.dli_fname, NULL);
	rc = buf_puts(out, file != NULL ? file : "there");
	free(file);
	return rc;
}

static int
put_version(struct buf *out, void *function)
{
	const char *(*version)(int);

	memcpy(&version, &function, sizeof version);
	return BUF_JOIN(out, " (", version(0), ")");
}

int
library_about(struct buf *out, const char *const *sonames, const char *names,
    const char *version)
{
	void *handle, *function;
	int at;

	handle = find(sonames, NULL, names, &at);
	if (handle == NULL || put_file(out, dlsym(handle, names)) < 0)
		return -1;
	function = version != NULL ? dlsym(handle, version) : NULL;
	return function == NULL || put_version(out, function) == 0 ? at : -1;
}

void
library_close(void *handle)
{
	if (handle != NULL)
		dlclose(handle);
}
