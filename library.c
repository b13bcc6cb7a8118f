/* library.c -- shared libraries that are opened at run time.  Floor 2. */
#include "library.h"

#include <dlfcn.h>
#include <string.h>

static int
fill(void *handle, void *table, const struct library_symbol *s, size_t n)
{
	void *function;

	for (; n > 0; n--, s++) {
		function = dlsym(handle, s->name);
		if (function == NULL)
			return -1;
		memcpy((char *)table + s->offset, &function, sizeof function);
	}
	return 0;
}

void *
library_open(const char *const *sonames, void *table,
    const struct library_symbol *symbols, size_t n)
{
	void *handle;

	for (; *sonames != NULL; sonames++) {
		handle = dlopen(*sonames, RTLD_NOW | RTLD_LOCAL);
		if (handle == NULL)
			continue;
		if (fill(handle, table, symbols, n) == 0)
			return handle;
		dlclose(handle);
	}
	return NULL;
}

void
library_close(void *handle)
{
	if (handle != NULL)
		dlclose(handle);
}
