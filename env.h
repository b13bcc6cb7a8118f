/*
 * env.h -- what the answer to a challenge needs and is not a function of the
 * messages: tests have their own.  Floor 0.
 */
#ifndef ENV_H
#define ENV_H

#include "hash.h"

struct auth_env {
	const struct hasher *hasher;
	const char *no_hash;	       /* why the hasher lacks a digest */
	int (*random)(void *, size_t); /* 0, or -1 */
	int64_t (*now)(void);	       /* seconds since 1970 */
};

#endif
