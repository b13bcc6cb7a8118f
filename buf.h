/* buf.h -- bytes in a row, with a ceiling given at birth.  Floor 0. */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdint.h>

/* For want of memory, where -1 already stands for another reason. */
#define NO_MEMORY (-2)

struct buf {
	uint8_t *data;
	size_t off, len, cap, max;
};

/* Makes an empty buffer that never holds more than max bytes. */
void buf_init(struct buf *, size_t max);

/* Wipes and frees what the buffer holds and leaves it empty, ceiling kept. */
void buf_free(struct buf *);

/*
 * Appends bytes.  Returns 0, or -1 at the ceiling or without memory; the
 * buffer is then unchanged.
 */
int buf_put(struct buf *, const void *, size_t);
int buf_puts(struct buf *, const char *);
int buf_putc(struct buf *, char);

/*
 * BUF_JOIN appends all of the strings given, or none of them.  Without
 * printf(3) a plain tunnel starts with fewer page faults.
 */
#define BUF_JOIN(b, ...) buf_join((b), __VA_ARGS__, (char *)NULL)
int buf_join(struct buf *, ...) __attribute__((sentinel));

int buf_putf(struct buf *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* The bytes that are there now, valid until the buffer is next changed. */
uint8_t *buf_ptr(const struct buf *);
size_t buf_len(const struct buf *);

/* Takes n bytes (at most buf_len) from the front. */
void buf_take(struct buf *, size_t n);

/* Drops what stands behind the first len (at most buf_len) bytes. */
void buf_cut(struct buf *, size_t len);

/* All of it as a span, valid as long. */
#define BUF_SPAN(b) ((struct span){ (const char *)buf_ptr(b), buf_len(b) })

/*
 * The content as a string, NUL appended behind it but not counted; for
 * showing only: it is "" without memory, or where the ceiling leaves no room
 * for the NUL.
 */
const char *buf_str(struct buf *);

#endif
