/* fail_test.c -- what went wrong, and its exit status. */
#include "fail.h"
#include "test.h"

static void
sets_code_and_text(void)
{
	struct failure why = { FAIL_NONE, CAUSE_OTHER, 407, "" };

	CHECK_INT(fail(&why, FAIL_AUTH, "%s: %d", "proxy", 407), -1);
	CHECK_INT(why.code, FAIL_AUTH);
	CHECK_INT(why.status, 407);
	CHECK_STR(why.text, "proxy: 407");
	CHECK_INT(fail(&why, FAIL_LOST, "%s", ""), -1);
	CHECK_INT(why.code, FAIL_LOST);
	CHECK_STR(why.text, "");
}

static void
quotes_its_own_text(void)
{
	struct failure why = NO_FAILURE;

	fail(&why, FAIL_USAGE, "inner");
	CHECK_INT(fail(&why, why.code, "-p: %s (%s)", why.text, why.text), -1);
	CHECK_STR(why.text, "-p: inner (inner)");
}

static void
cuts_to_fit(void)
{
	struct failure why = NO_FAILURE;
	size_t i;

	CHECK_INT(fail(&why, FAIL_LOCAL, "%0*d", 3 * FAIL_TEXT, 0), -1);
	CHECK_INT(why.code, FAIL_LOCAL);
	CHECK_INT(strlen(why.text), FAIL_TEXT - 1);
	for (i = 0; i < 10; i++)
		fail(&why, FAIL_LOCAL, "x%s", why.text);
	CHECK_INT(strlen(why.text), FAIL_TEXT - 1);
	CHECK_MEM(why.text, 12, "xxxxxxxxxx00", 12);
}

static void
exit_statuses(void)
{
	static const struct {
		enum fail_code code;
		int status;
	} rows[] = {
		{ FAIL_NONE, 0 },
		{ FAIL_LOST, 1 },
		{ FAIL_USAGE, 64 },
		{ FAIL_FILE, 66 },
		{ FAIL_RESOLVE, 68 },
		{ FAIL_CONNECT, 69 },
		{ FAIL_LOCAL, 70 },
		{ FAIL_TIMEOUT, 75 },
		{ FAIL_PROTOCOL, 76 },
		{ FAIL_AUTH, 77 },
		{ FAIL_REFUSED, 77 },
		{ FAIL_MISSING, 78 },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		CHECK_INT(fail_exit(rows[i].code), rows[i].status);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(sets_code_and_text),
		TEST(quotes_its_own_text),
		TEST(cuts_to_fit),
		TEST(exit_statuses),
	};

	return test_all(tests, COUNT(tests));
}
