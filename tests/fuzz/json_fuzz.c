/*
 * json_fuzz.c -- whatever the bytes, what is written of them is one string of
 * JSON, in UTF-8; and what waits behind a tunnel has a name.
 */
#include <string.h>

#include "greeting.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int is)
{
	if (!is)
		__builtin_trap();
}

static void
check_string(struct span s)
{
	uint32_t character;
	size_t n;

	must(s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"');
	s = (struct span){ s.p + 1, s.n - 2 };
	for (; s.n > 0; s.p += n, s.n -= n) {
		n = text_character(s, &character);
		must(n > 0 && character >= ' ' && character != 0x7f &&
		     character != '"');
		if (character != '\\')
			continue;
		must(s.n > 1 && strchr("\"\\u", s.p[1]) != NULL);
		n = s.p[1] == 'u' ? 6 : 2;
		must(s.n >= n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = { (const char *)p, n };
	const struct greeting *g = greeting_of(s);
	struct json j;
	struct buf b;

	buf_init(&b, 8 * n + 16);
	json_init(&j, &b);
	json_span(&j, NULL, s);
	must(!j.failed);
	check_string(BUF_SPAN(&b));
	buf_free(&b);

	must(*g->name != '\0' && *g->words != '\0');
	must((strcmp(g->name, "silence") == 0) == (n == 0));
	greeting_is_whole(s);
	buf_init(&b, 1000);
	must(greeting_show(&b, g, s) == 0);
	must(memchr(buf_str(&b), '\x1b', buf_len(&b)) == NULL);
	buf_free(&b);
	return 0;
}
