/* offers_test.c -- what one response offers. */
#include "offers.h"
#include "test.h"

#include <stdlib.h>

/* All that a walk finds, as "SCHEME(PARAMETERS) " each. */
static void
check_walk(const struct offers *o, const char *want)
{
	struct offers_walk walk = { { NULL, 0 }, { NULL, 0 }, 0 };
	struct span scheme, params;
	struct buf all;

	buf_init(&all, 100000);
	while (offers_next(o, &walk, &scheme, &params)) {
		buf_put(&all, scheme.p, scheme.n);
		buf_puts(&all, "(");
		buf_put(&all, params.p, params.n);
		buf_puts(&all, ") ");
	}
	CHECK_BUF(&all, want);
	CHECK_INT(offers_next(o, &walk, &scheme, &params), 0);
	buf_free(&all);
}

static unsigned
count(const struct offers *o)
{
	struct offers_walk walk = { { NULL, 0 }, { NULL, 0 }, 0 };
	struct span scheme, params;
	unsigned n = 0;

	while (offers_next(o, &walk, &scheme, &params))
		n++;
	return n;
}

/* Adds a copy that ends where its memory ends, and is gone afterwards. */
static void
add(struct offers *o, const char *value)
{
	size_t n = strlen(value);
	char *copy = malloc(n + (n == 0));

	memcpy(copy, value, n);
	offers_add(o, (struct span){ copy, n });
	memset(copy, '#', n);
	free(copy);
}

static void
check_one(const char *value, const char *walk, const char *names)
{
	struct offers o;

	test_row = value;
	offers_init(&o);
	add(&o, value);
	check_walk(&o, walk);
	CHECK_STR(buf_str(&o.names), names);
	offers_free(&o);
	test_row = NULL;
}

static void
one_field(void)
{
	check_one("", "", "");
	check_one(" , ,, ", "", "");
	check_one("Basic", "Basic() ", "Basic");
	check_one("Basic realm=x", "Basic(realm=x) ", "Basic");
	check_one("NTLM, nEGOTIATE", "NTLM() nEGOTIATE() ", "NTLM, nEGOTIATE");
	check_one("NTLM TlRMTVNTUAAC==,Basic", "NTLM(TlRMTVNTUAAC==) Basic() ",
	    "NTLM, Basic");
	check_one("Digest realm=\"a, Basic b\", nonce=n ,Bearer",
	    "Digest(realm=\"a, Basic b\", nonce=n) Bearer() ",
	    "Digest, Bearer");
	check_one("x=y, \"\", Basic", "Basic() ", "Basic");
	check_one("Digest realm=\"open, Basic", "Digest(realm=\"open, Basic) ",
	    "Digest");
}

static void
many_fields(void)
{
	struct offers o;

	offers_init(&o);
	check_walk(&o, "");
	add(&o, "Negotiate");
	add(&o, "");
	add(&o, "Digest realm=a, nonce=b,");
	/* Its parameters do not belong to the challenge of another field. */
	add(&o, "opaque=c, Digest realm=d");
	add(&o, "realm=\"x");
	add(&o, "Basic");
	check_walk(&o,
	    "Negotiate() Digest(realm=a, nonce=b) Digest(realm=d) Basic() ");
	CHECK_STR(buf_str(&o.names), "Negotiate, Digest, Basic");
	CHECK_INT(o.count, 4);
	offers_free(&o);
}

static void
next_response(void)
{
	struct offers o;

	offers_init(&o);
	add(&o, "Digest x=y");
	offers_begin(&o);
	check_walk(&o, "");
	CHECK_INT(o.count, 0);
	/* The names of all are kept, once each. */
	add(&o, "Basic, DIGEST");
	check_walk(&o, "Basic() DIGEST() ");
	CHECK_STR(buf_str(&o.names), "Digest, Basic");
	offers_begin(&o);
	offers_begin(&o);
	CHECK_STR(buf_str(&o.names), "Digest, Basic");
	offers_free(&o);
	CHECK_STR(buf_str(&o.names), "");
	offers_free(&o);
}

static void
two_walks_at_once(void)
{
	struct offers o;
	struct offers_walk one = { { NULL, 0 }, { NULL, 0 }, 0 }, two = one;
	struct span scheme, params;

	offers_init(&o);
	add(&o, "A");
	add(&o, "B, C");
	CHECK_INT(offers_next(&o, &one, &scheme, &params), 1);
	CHECK_INT(offers_next(&o, &one, &scheme, &params), 1);
	CHECK_SPAN(scheme, "B");
	CHECK_INT(offers_next(&o, &two, &scheme, &params), 1);
	CHECK_SPAN(scheme, "A");
	CHECK_INT(offers_next(&o, &one, &scheme, &params), 1);
	CHECK_SPAN(scheme, "C");
	CHECK_INT(offers_next(&o, &one, &scheme, &params), 0);
	CHECK_INT(offers_next(&o, &two, &scheme, &params), 1);
	CHECK_SPAN(scheme, "B");
	offers_free(&o);
}

static void
names_are_safe_to_show(void)
{
	struct offers o;
	char long_one[101];
	int i;

	memset(long_one, 'x', sizeof long_one - 1);
	long_one[100] = '\0';
	check_one("Evil\x1b[2J x, Basic", "Basic() ", "Basic");
	offers_init(&o);
	add(&o, long_one);
	CHECK_STR(buf_str(&o.names), "xxxxxxxxxxxxxxxxxxxxxxxx...");
	/* Those that look alike are shown as one. */
	long_one[99] = 'y';
	add(&o, long_one);
	CHECK_STR(buf_str(&o.names), "xxxxxxxxxxxxxxxxxxxxxxxx...");
	for (i = 1; i < 40; i++) {
		long_one[0] = (char)('A' + i % 26);
		long_one[1] = (char)('0' + i / 26);
		add(&o, long_one);
	}
	CHECK(buf_len(&o.names) <= 256);
	CHECK(buf_len(&o.names) > 200);
	CHECK_INT(count(&o), 41);
	offers_free(&o);
}

static void
ceilings(void)
{
	static char value[80000];
	struct offers o;
	size_t i;

	/* Challenges in one field, and in many. */
	for (i = 0; i < 1000; i++)
		memcpy(value + 4 * i, "Abc,", 4);
	offers_init(&o);
	add(&o, value);
	CHECK_INT(count(&o), 64);
	offers_free(&o);
	for (i = 0; i < 1000; i++)
		add(&o, "Abc x=y");
	CHECK_INT(count(&o), 64);
	CHECK_INT(o.count, 64);
	offers_free(&o);

	/* As long as a head can be, and longer: then it is passed over. */
	memset(value, 'x', sizeof value - 1);
	value[3] = ' ';
	value[65536] = '\0';
	add(&o, value);
	CHECK_INT(count(&o), 1);
	offers_free(&o);
	value[65536] = 'x';
	add(&o, value);
	check_walk(&o, "");
	add(&o, "Basic");
	check_walk(&o, "Basic() ");
	CHECK_STR(buf_str(&o.names), "Basic");
	offers_free(&o);

	/* What follows is passed over by itself; others find their place. */
	value[60000] = '\0';
	add(&o, "NTLM");
	add(&o, value);
	add(&o, value);
	add(&o, "Basic");
	CHECK_INT(count(&o), 3);
	CHECK_STR(buf_str(&o.names), "NTLM, xxx, Basic");
	offers_free(&o);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(one_field),
		TEST(many_fields),
		TEST(next_response),
		TEST(two_walks_at_once),
		TEST(names_are_safe_to_show),
		TEST(ceilings),
	};

	return test_all(tests, COUNT(tests));
}
