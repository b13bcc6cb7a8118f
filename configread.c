/* configread.c -- finds and reads configuration files.  Floor 2. */
#include "configread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define FILE_MAX ((size_t)1 << 20) /* bytes of a configuration file */
#define NAME_MAX_BYTES 8192

/* What keeps a file from being trusted, NULL: nothing does. */
static const char *
distrust(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "it belongs to somebody else";
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "others may write to it (chmod go-w)";
	return NULL;
}

/* One that nobody has named may be missing, or be for others alone. */
static int
may_lack(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES;
}

static int
read_file(struct config_files *files, const char *name, int named,
    struct failure *why)
{
	struct config_file *f = &files->file[files->n];
	int fd = open(name, O_RDONLY | O_CLOEXEC), rc = -1;
	const char *fault = NULL;
	struct stat st;

	memset(&st, 0, sizeof st);
	if (fd < 0 && !named && may_lack(errno))
		return 0;
	buf_init(&f->text, FILE_MAX);
	if (fd < 0 || fstat(fd, &st) < 0)
		fault = strerror(errno);
	else if (!named)
		fault = distrust(&st);
	if (fault == NULL && file_read(fd, &f->text) < 0)
		fault = strerror(errno);
	if (fault == NULL && (f->name = strdup(name)) == NULL)
		fault = strerror(ENOMEM);
	if (fault == NULL) {
		f->shared = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
		files->n++;
		rc = 0;
	} else {
		buf_free(&f->text);
		fail(why, FAIL_FILE, "config %s: %s", name, fault);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The place of the user's; 0: there is no home. */
static int
user_file(struct buf *name, char *(*env)(const char *))
{
	const char *xdg = env("XDG_CONFIG_HOME"), *home = env("HOME");

	/* A path of another form does not count, says its specification. */
	if (xdg != NULL && *xdg == '/')
		return BUF_JOIN(name, xdg, "/proxytunnel/config") == 0;
	return home != NULL && *home != '\0' &&
	       BUF_JOIN(name, home, "/.config/proxytunnel/config") == 0;
}

int
config_files_read(struct config_files *files, const char *named,
    char *(*env)(const char *), struct failure *why)
{
	struct buf name;
	int rc = 0;

	memset(files, 0, sizeof *files);
	if (named != NULL)
		return strcmp(named, "none") == 0
			   ? 0
			   : read_file(files, named, 1, why);
	buf_init(&name, NAME_MAX_BYTES);
	if (user_file(&name, env))
		rc = read_file(files, buf_str(&name), 0, why);
	buf_free(&name);
	return rc == 0 ? read_file(files, CONFIG_FILE, 0, why) : -1;
}

void
config_files_wipe(struct config_files *files)
{
	size_t i;

	for (i = 0; i < files->n; i++)
		buf_free(&files->file[i].text);
}

void
config_files_free(struct config_files *files)
{
	config_files_wipe(files);
	while (files->n > 0)
		free(files->file[--files->n].name);
}
