/* file.c -- a file as bytes.  Floor 2. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int
file_read(int fd, struct buf *b)
{
	char piece[4096];
	ssize_t n;

	do {
		n = read(fd, piece, sizeof piece);
		if (n > 0 && buf_put(b, piece, (size_t)n) < 0) {
			errno =
			    buf_len(b) + (size_t)n > b->max ? EFBIG : ENOMEM;
			n = -1;
		}
	} while (n > 0 || (n < 0 && errno == EINTR));
	explicit_bzero(piece, sizeof piece);
	return n == 0 ? 0 : -1;
}

int
file_replace(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int rc = null < 0 ? -1 : dup2(null, fd);

	if (null >= 0 && null != fd)
		close(null);
	if (rc < 0)
		close(fd);
	return rc < 0 ? -1 : 0;
}
