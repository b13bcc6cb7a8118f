/*
 * head_fuzz.c -- heads of answers, what they tell of the proxy, and the bodies
 * behind them.
 */
#include <stdlib.h>
#include <string.h>

#include "heard.h"
#include "http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What is shown of it has no control character, and an end. */
static void
check_shown(struct buf *b)
{
	const char *p = buf_str(b);

	if (buf_len(b) > HEARD_MAX + 8)
		__builtin_trap();
	for (; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			__builtin_trap();
}

static void
hear(const struct http_response *r)
{
	struct heard heard;

	heard_init(&heard);
	heard_response(&heard, r);
	heard_response(&heard, r);
	if (heard.lost)
		__builtin_trap();
	check_shown(&heard.reason);
	check_shown(&heard.product);
	check_shown(&heard.offers.names);
	heard_free(&heard);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct http_response r;
	struct http_body body;
	struct span data;
	size_t scanned = 0, again = 0, end, slow = 0, i;
	ptrdiff_t used;
	uint8_t *head;
	int over = 0;

	end = http_head_end(p, n, &scanned);
	for (i = 0; i <= n && slow == 0; i++)
		slow = http_head_end(p, i, &again);
	if (end != slow || end > n)
		__builtin_trap();
	head = malloc(end + 1);
	memcpy(head, p, end);
	if (end == 0 || http_parse_head(&r, head, end) != NULL)
		n = 0;
	else {
		http_body_start(&body, &r);
		hear(&r);
	}
	for (i = end; i < n && !over; i += (size_t)used) {
		used = http_body_read(&body, p + i, n - i, &data, &over);
		if (used < 0)
			break;
		if ((size_t)used > n - i || (used == 0 && !over) ||
		    data.n > (size_t)used)
			__builtin_trap();
	}
	if (n > 0)
		http_keeps_alive(&r, &body);
	free(head);
	return 0;
}
