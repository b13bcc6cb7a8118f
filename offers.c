/* offers.c -- what one response offers: its challenges.  Floor 1. */
#include "offers.h"

#define VALUES_MAX ((size_t)65536 + 256) /* bytes: as long as a whole head */
#define COUNT_MAX 64			 /* challenges that are read */
#define NAMES_MAX 256 /* bytes of their names for a failure */
#define NAME_SHOWN 24 /* bytes of one of them */
#define NAME_ROOM 32  /* the same with ", ", "..." and a NUL */

void
offers_init(struct offers *o)
{
	buf_init(&o->values, VALUES_MAX);
	buf_init(&o->names, NAMES_MAX);
	o->count = 0;
}

void
offers_free(struct offers *o)
{
	offers_begin(o);
	buf_free(&o->names);
}

void
offers_begin(struct offers *o)
{
	buf_free(&o->values);
	o->count = 0;
}

static int
has_name(const struct offers *o, const char *name)
{
	struct span rest = BUF_SPAN(&o->names), one;

	while (text_next_element(&rest, &one))
		if (span_is(one, name))
			return 1;
	return 0;
}

/* 0, or -1 without memory. */
static int
add_name(struct offers *o, struct span scheme)
{
	struct buf name;
	int rc;

	buf_init(&name, NAME_ROOM);
	rc = text_show(&name, scheme, NAME_SHOWN);
	if (rc == 0 && !has_name(o, buf_str(&name)) &&
	    buf_len(&o->names) <= NAMES_MAX - NAME_ROOM)
		rc = BUF_JOIN(&o->names, buf_len(&o->names) > 0 ? ", " : "",
		    buf_str(&name));
	buf_free(&name);
	return rc;
}

int
offers_add(struct offers *o, struct span value)
{
	struct span scheme, params;

	if (value.n >= VALUES_MAX - buf_len(&o->values))
		return 0;
	/* A field's value has no line end in it. */
	if (buf_put(&o->values, value.p, value.n) < 0 ||
	    buf_putc(&o->values, '\n') < 0)
		return -1;
	while (o->count < COUNT_MAX &&
	       text_next_challenge(&value, &scheme, &params)) {
		o->count++;
		if (add_name(o, scheme) < 0)
			return -1;
	}
	return 0;
}

int
offers_next(const struct offers *o, struct offers_walk *w, struct span *scheme,
    struct span *params)
{
	if (w->values.p == NULL)
		w->values = BUF_SPAN(&o->values);
	if (w->count++ == o->count)
		return 0;
	while (!text_next_challenge(&w->value, scheme, params))
		if (!span_line(&w->values, &w->value))
			return 0;
	return 1;
}
