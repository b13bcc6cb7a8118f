/*
 * words_fuzz.c -- what is shown of an answer: valid UTF-8 without control
 * characters, and not too much of it.
 */
#include <stdlib.h>
#include <string.h>

#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const uint8_t *p, size_t n, size_t max)
{
	size_t i, more;

	if (n > max)
		__builtin_trap();
	for (i = 0; i < n; i += 1 + more) {
		more = p[i] >= 0xf0 ? 3 : p[i] >= 0xe0 ? 2 : p[i] >= 0xc2;
		if (p[i] < ' ' || p[i] == 0x7f || p[i] > 0xf4 ||
		    (p[i] >= 0x80 && p[i] < 0xc2) || more >= n - i ||
		    (p[i] == 0xc2 && p[i + 1] < 0xa0))
			__builtin_trap();
		for (size_t j = 1; j <= more; j++)
			if (p[i + j] >> 6 != 2)
				__builtin_trap();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct http_response r;
	uint8_t *all = malloc(n + 1);
	size_t scanned = 0, head = http_head_end(p, n, &scanned);
	struct span body = { (char *)all + head, n - head };
	enum fail_cause cause;
	struct buf out;

	memcpy(all, p, n);
	buf_init(&out, 4 * WORDS_MAX);
	if (http_parse_head(&r, all, head) != NULL)
		memset(&r, 0, sizeof r);
	words_of_body(&out, &r, body);
	check(buf_ptr(&out), buf_len(&out), WORDS_MAX + 3);
	buf_free(&out);
	words_of_fields(&out, &r);
	check(buf_ptr(&out), buf_len(&out), 2 * WORDS_MAX + 8);
	buf_free(&out);
	text_show(&out, body, 40);
	check(buf_ptr(&out), buf_len(&out), 43);
	words_blame_name(&r, body);
	words_want_tls(body);
	words_banner(body, &cause);
	buf_free(&out);
	free(all);
	return 0;
}
