/*
 * library.h -- shared libraries that are opened once a run needs them, and
 * that the program declares in its ELF notes.  Floor 2.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdint.h>

#include "buf.h"
#include "fail.h"

/*
 * Opens the first of these libraries (a list that NULL ends) that is there and
 * has all the functions, and fills a table of pointers to them.  The names
 * stand one behind the other, a NUL behind each and one more at the end: that
 * is a text alone, which costs nothing where it is not needed.  Returns what
 * library_close takes, or NULL.
 */
void *library_open(const char *const *sonames, void *table, const char *names);
void library_close(void *); /* NULL is fine */

/*
 * Which of them library_open would open: appends its file, and in parentheses
 * what its function of the name version says, as OpenSSL_version(3); NULL: it
 * has none.  Returns its number in the list, or -1 where there is none.  It
 * stays open, as some can't bear to be closed.
 */
int library_about(struct buf *, const char *const *sonames, const char *names,
    const char *version);

/* Why a library can't be had, as the end of a sentence. */
#ifdef STATIC_BUILD
#define LIBRARY_MISSING(soname, package) "this static build can't open " soname
#else
#define LIBRARY_MISSING(soname, package) \
	soname FAIL_LACKS " (Debian's package " package ")"
#endif

/*
 * Tells packagers' tools what may be opened: the note that systemd's ELF
 * dlopen metadata specification describes.
 */
#define LIBRARY_NOTE(json)                                                    \
	static const struct {                                                 \
		uint32_t namesz, descsz, type;                                \
		char owner[4];                                                \
		char desc[(sizeof(json) + 3) & ~(size_t)3];                   \
	} library_note                                                        \
	    __attribute__((used, aligned(4), section(".note.dlopen"))) = { 4, \
		    sizeof(json), 0x407c0c0a, "FDO", json }

#endif
