/* ports_test.c -- sets of ports, and the order of times. */
#include "ports.h"
#include "series.h"
#include "test.h"

static void
sets(void)
{
	static const struct {
		const char *text;
		unsigned n, first, last;
	} rows[] = {
		{ "22", 1, 22, 22 },
		{ "22,25,80,443,1-1024", 1024, 1, 1024 },
		{ "443,22,443", 2, 22, 443 },
		{ "1-65535", 65535, 1, 65535 },
		{ "65535", 1, 65535, 65535 },
		{ " 80 , 81", 2, 80, 81 },
		{ "7-7", 1, 7, 7 },
	};
	struct failure why = NO_FAILURE;
	struct ports p;
	unsigned at, last;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].text;
		memset(&p, 0, sizeof p);
		CHECK_INT(ports_parse(&p, rows[i].text, &why), 0);
		CHECK_INT(ports_count(&p), rows[i].n);
		CHECK_INT(ports_next(&p, 1), rows[i].first);
		for (last = 0, at = ports_next(&p, 1); at != 0;
		     at = ports_next(&p, at + 1))
			last = at;
		CHECK_INT(last, rows[i].last);
	}
}

static void
what_is_none(void)
{
	static const char *const rows[] = { "", ",", "0", "65536", "80-79",
		"22-", "-22", "ssh", "1-70000", "22;23", "0x10", "22 23" };
	struct failure why;
	struct ports p;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i];
		memset(&p, 0, sizeof p);
		CHECK_INT(ports_parse(&p, rows[i], &why), -1);
		CHECK_INT(why.code, FAIL_USAGE);
	}
}

static void
ranks(void)
{
	struct series s = { NULL, 0, 0 };
	int64_t i;

	CHECK_INT(series_add(&s, 5), 0);
	CHECK_INT(series_at(&s, 0), 5);
	CHECK_INT(series_at(&s, 500), 5);
	CHECK_INT(series_at(&s, 990), 5);
	series_free(&s);
	for (i = 0; i < 200; i++)
		CHECK_INT(series_add(&s, i * 77 % 200 + 1), 0);
	series_sort(&s);
	CHECK_INT(s.n, 200);
	CHECK_INT(series_at(&s, 0), 1);
	CHECK_INT(series_at(&s, 500), 100);
	CHECK_INT(series_at(&s, 990), 198);
	CHECK_INT(series_at(&s, 1000), 200);
	series_free(&s);
	CHECK_INT(s.n, 0);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(sets),
		TEST(what_is_none),
		TEST(ranks),
	};

	return test_all(tests, COUNT(tests));
}
