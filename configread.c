/* configread.c -- finds and reads configuration files.  Floor 2. */
#include "configread.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "configfile.h"
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

/* How files are read. */
struct reader {
	struct config_files *files;
	int named; /* the user has named the one that includes the rest */
	const char *home; /* NULL: there is none */
	struct failure *why;
};

/* How many files lead to that one. */
static unsigned
depth(const struct config_files *files, size_t at)
{
	unsigned n = 0;

	for (; at != SIZE_MAX; at = files->file[at].includer)
		n++;
	return n;
}

/* Room for one more; its text is empty. */
static struct config_file *
add_file(struct config_files *files, const char *name)
{
	struct config_file *f;

	f = realloc(files->file, (files->n + 1) * sizeof *f);
	if (f == NULL)
		return NULL;
	files->file = f;
	f += files->n;
	memset(f, 0, sizeof *f);
	buf_init(&f->text, FILE_MAX);
	f->name = strdup(name);
	if (f->name == NULL)
		return NULL;
	files->n++;
	return f;
}

/* Reads one; what is wrong with it, NULL: nothing, or it may be missing. */
static const char *
read_file(
    const struct reader *r, const char *name, size_t includer, unsigned line)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	const char *fault = NULL;
	struct config_file *f;
	struct stat st;

	memset(&st, 0, sizeof st);
	if (fd < 0 && !r->named && includer == SIZE_MAX && may_lack(errno))
		return NULL;
	if (fd < 0 || fstat(fd, &st) < 0)
		fault = strerror(errno);
	else if (!r->named)
		fault = distrust(&st);
	if (fault == NULL && (f = add_file(r->files, name)) == NULL)
		fault = strerror(ENOMEM);
	if (fault == NULL) {
		f->shared = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
		f->includer = includer;
		f->line = line;
		if (file_read(fd, &f->text) < 0)
			fault = strerror(errno);
	}
	if (fd >= 0)
		close(fd);
	return fault;
}

static int
fail_read(const struct reader *r, const char *name, size_t includer,
    unsigned line, const char *fault)
{
	if (includer == SIZE_MAX)
		return fail(r->why, FAIL_FILE, "config %s: %s", name, fault);
	return fail(r->why, FAIL_FILE, "config %s line %u: Include %s: %s",
	    r->files->file[includer].name, line, name, fault);
}

/* 0, or -1; one of the first may be missing. */
static int
read_one(
    const struct reader *r, const char *name, size_t includer, unsigned line)
{
	const char *fault;

	if (r->files->n == CONFIG_FILES_MAX)
		fault = "too many files";
	else if (depth(r->files, includer) == CONFIG_DEPTH_MAX)
		fault = "too deep (does it include itself?)";
	else
		fault = read_file(r, name, includer, line);
	return fault == NULL ? 0 : fail_read(r, name, includer, line, fault);
}

static int
put_escaped(struct buf *out, struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((strchr("*?[\\", text.p[i]) != NULL &&
			buf_putc(out, '\\') < 0) ||
		    buf_putc(out, text.p[i]) < 0)
			return -1;
	return 0;
}

/*
 * The whole of a path that may be relative to the file that has it, or to the
 * home; of a pattern the part in front is to mean what it is.
 */
static int
put_path(const struct reader *r, struct buf *path, const char *includer,
    struct span word, int is_pattern)
{
	struct span before = { includer, 0 };
	const char *slash = strrchr(includer, '/');

	if (word.n > 0 && *word.p == '/')
		return buf_put(path, word.p, word.n);
	if (word.n > 1 && word.p[0] == '~' && word.p[1] == '/' &&
	    r->home != NULL) {
		before = span_of(r->home);
		word.p++;
		word.n--;
	} else if (slash != NULL)
		before.n = (size_t)(slash - includer) + 1;
	if (is_pattern ? put_escaped(path, before) < 0
		       : buf_put(path, before.p, before.n) < 0)
		return -1;
	return buf_put(path, word.p, word.n);
}

/* Is that a reason not to look any further?  A folder may be missing. */
static int
stops(const char *folder, int error)
{
	(void)folder;
	return error != ENOENT && error != ENOTDIR;
}

/* One path; for a pattern, what it finds, which may be nothing. */
static int
include(
    const struct reader *r, size_t includer, unsigned line, struct span word)
{
	int is_pattern = 0, rc = 0;
	struct buf path;
	glob_t found;
	size_t i;

	for (i = 0; i < word.n; i++)
		is_pattern |= strchr("*?[", word.p[i]) != NULL;
	buf_init(&path, SIZE_MAX);
	if (put_path(r, &path, r->files->file[includer].name, word,
		is_pattern) < 0 ||
	    (buf_len(&path) > 0 && *buf_str(&path) == '\0'))
		rc = fail(r->why, FAIL_LOCAL, "out of memory");
	else if (!is_pattern)
		rc = read_one(r, buf_str(&path), includer, line);
	else
		switch (glob(buf_str(&path), 0, stops, &found)) {
		case 0:
			for (i = 0; rc == 0 && i < found.gl_pathc; i++)
				rc = read_one(
				    r, found.gl_pathv[i], includer, line);
			globfree(&found);
			break;
		case GLOB_NOMATCH:
			break;
		case GLOB_ABORTED:
			rc = fail_read(
			    r, buf_str(&path), includer, line, strerror(errno));
			break;
		default:
			rc = fail(r->why, FAIL_LOCAL, "out of memory");
		}
	buf_free(&path);
	return rc;
}

/*
 * Reads what the lines of a file include, whatever destinations they are for.
 * A line that is wrong ends that: it is told of once all is read.
 */
static int
include_all(const struct reader *r, size_t includer)
{
	static char nowhere[] = "nowhere";
	const struct endpoint to = { nowhere, NULL, 1 };
	struct span text = BUF_SPAN(&r->files->file[includer].text), what, word;
	struct configfile at;
	const char *fault;
	int rc = 0, next = 0;

	if (span_find(text, "include") == NULL)
		return 0;
	configfile_begin(&at, text, &to);
	while (rc == 0 && (next = configfile_next(&at, &what, &fault)) == 1) {
		if (!configfile_includes(&at))
			continue;
		while (rc == 0 && configfile_word(&at.raw, &word))
			rc = include(r, includer, at.line, word);
	}
	configfile_end(&at);
	if (rc == 0 && next == NO_MEMORY)
		rc = fail(r->why, FAIL_LOCAL, "out of memory");
	return rc;
}

/* One, and all that it includes.  0, or -1. */
static int
read_all(const struct reader *r, const char *name)
{
	size_t at = r->files->n;
	int rc = read_one(r, name, SIZE_MAX, 0);

	for (; rc == 0 && at < r->files->n; at++)
		rc = include_all(r, at);
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
	struct reader r;
	struct buf name;
	int rc = 0;

	memset(files, 0, sizeof *files);
	r = (struct reader){ files, named != NULL, env("HOME"), why };
	if (named != NULL)
		return strcmp(named, "none") == 0 ? 0 : read_all(&r, named);
	buf_init(&name, NAME_MAX_BYTES);
	if (user_file(&name, env))
		rc = read_all(&r, buf_str(&name));
	buf_free(&name);
	return rc == 0 ? read_all(&r, CONFIG_FILE) : -1;
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
	free(files->file);
}
