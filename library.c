/* library.c -- shared libraries that are opened at run time.  Floor 2. */
#include "library.h"

#include <dlfcn.h>
#include <string.h>

static int
fill(void *handle, char *table, const char *name)
{
	void *function;

	for (; *name != '\0'; name += strlen(name) + 1) {
		function = dlsym(handle, name);
		if (function == NULL)
			return -1;
		memcpy(table, &function, sizeof function);
		table += sizeof function;
	}
	return 0;
}

void *
library_open(const char *const *sonames, void *table, const char *names)
{
	void *handle;

	for (; *sonames != NULL; sonames++) {
		handle = dlopen(*sonames, RTLD_NOW | RTLD_LOCAL);
		if (handle == NULL)
			continue;
		if (fill(handle, table, names) == 0)
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
