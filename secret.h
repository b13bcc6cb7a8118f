/* secret.h -- where user and password come from.  Floor 3. */
#ifndef SECRET_H
#define SECRET_H

#include "addr.h"
#include "fail.h"

/* Where a user or a password was found, the first of these that has it. */
enum secret_source {
	SECRET_NOWHERE,
	SECRET_URI,
	SECRET_OPTION,
	SECRET_PASSFILE,
	SECRET_VARIABLE,
	SECRET_NETRC
};

/* Files with users and passwords in them. */
struct secret_files {
	char *passfile; /* NULL: none */
	int use_netrc;
	char *netrc; /* NULL: that at home */
	char *home;  /* NULL: not known */
};

/*
 * Fills in what is missing of user and password from a file in wget's manner,
 * which nobody else may be able to read: for the first proxy and, unless that
 * is NULL, for the one behind it.  0, or -1 with FAIL_FILE.
 */
int secret_from_file(struct credentials *proxy, struct credentials *remproxy,
    const char *path, struct failure *);

/*
 * Fills in what is missing from others, copying it; nothing where those are of
 * another user.  0, or -1.
 */
int secret_from(
    struct credentials *, const struct credentials *, struct failure *);

/*
 * Fills in what is missing from the entry of a host in a file as ftp, curl and
 * git know it; path NULL: .netrc at home, which may be missing.  0, or -1 with
 * FAIL_FILE.
 */
int secret_from_netrc(struct credentials *, const char *path, const char *home,
    const char *host, struct failure *);

/*
 * While there are secrets in memory no core is to be written and, on Linux, no
 * other process of the user is to look into it.
 */
void secret_guard(int on);

#endif
