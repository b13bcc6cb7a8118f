/* trail.c -- what was said, by whom and where.  Floor 5. */
#include "trail.h"

#include <stdlib.h>
#include <string.h>

struct trail *
trail_new(void)
{
	return calloc(1, sizeof(struct trail));
}

void
trail_at(struct trail *t, const char *where, unsigned line)
{
	if (t == NULL)
		return;
	t->where = where;
	t->line = line;
}

/* A copy with *** for the secret; NULL without memory. */
static char *
redact(const char *value, struct span secret)
{
	struct buf copy;
	char *redacted = NULL;
	size_t before = secret.p == NULL ? 0 : (size_t)(secret.p - value);

	if (secret.p == NULL)
		return strdup(value);
	buf_init(&copy, SIZE_MAX);
	if (buf_put(&copy, value, before) == 0 && buf_puts(&copy, "***") == 0 &&
	    buf_puts(&copy, secret.p + secret.n) == 0)
		redacted = strdup(buf_str(&copy));
	buf_free(&copy);
	return redacted;
}

static int
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The same for another connection is not said again. */
static int
goes_on(const struct trail *t, const struct said *one)
{
	const struct said *before;

	if (t->n == 0 || t->line == 0)
		return 0;
	before = &t->list[t->n - 1];
	return before->line == one->line && before->where == one->where &&
	       before->option == one->option &&
	       is_same(before->value, one->value);
}

void
trail_note(struct trail *t, int option, uint32_t reach, const char *value,
    struct span secret)
{
	struct said one = { option, reach, NULL, NULL, 0 }, *list;

	if (t == NULL)
		return;
	one.where = t->where;
	one.line = t->line;
	if (value != NULL)
		one.value = redact(value, secret);
	t->lost |= value != NULL && one.value == NULL;
	if (goes_on(t, &one)) {
		t->list[t->n - 1].reach |= reach;
		free(one.value);
		return;
	}
	list = realloc(t->list, (t->n + 1) * sizeof *list);
	if (list == NULL) {
		t->lost = 1;
		free(one.value);
		return;
	}
	t->list = list;
	list[t->n++] = one;
}

const struct said *
trail_last(const struct trail *t, int option)
{
	size_t i;

	for (i = t->n; i > 0; i--)
		if (t->list[i - 1].option == option)
			return &t->list[i - 1];
	return NULL;
}

void
trail_free(struct trail *t)
{
	if (t == NULL)
		return;
	while (t->n > 0)
		free(t->list[--t->n].value);
	free(t->list);
	free(t);
}
