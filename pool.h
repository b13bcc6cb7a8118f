/*
 * pool.h -- what a tunnel needs only while bytes flow, shared by all of them:
 * buffers, and pipes to move bytes within the kernel.  Floor 2.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_SMALL ((size_t)1 << 14) /* bytes of a buffer: enough for most, */
#define POOL_LARGE ((size_t)1 << 18) /* or the most there is */

struct pool;

/* NULL without memory. */
struct pool *pool_new(void);
void pool_free(struct pool *); /* NULL is fine */

/*
 * A buffer for at least *room bytes, which are POOL_LARGE at most; *room says
 * how many it has.  NULL without memory.  To be given back with its room.
 */
uint8_t *pool_buffer(struct pool *, size_t *room);
void pool_give_buffer(struct pool *, uint8_t *, size_t room);

/*
 * A pipe, its end to read first, non-blocking; to be given back, empty or not.
 * 0, or -1 where none can be had that is wide enough to be of use.
 */
int pool_pipe(struct pool *, int ends[2]);
void pool_give_pipe(struct pool *, int ends[2], int is_empty);

#endif
