/* buf_test.c -- bytes in a row, and their ceiling. */
#include "buf.h"
#include "test.h"
#include "text.h"

static void
empty_at_first(void)
{
	struct buf b;

	buf_init(&b, 10);
	CHECK_INT(buf_len(&b), 0);
	CHECK(buf_ptr(&b) == NULL);
	CHECK_INT(buf_put(&b, NULL, 0), 0);
	CHECK_INT(BUF_SPAN(&b).n, 0);
	CHECK_STR(buf_str(&b), "");
	buf_free(&b);
	buf_free(&b);
}

static void
appends(void)
{
	struct buf b;

	buf_init(&b, 100);
	CHECK_INT(buf_put(&b, "a\0b", 3), 0);
	CHECK_INT(buf_puts(&b, "cd"), 0);
	CHECK_INT(buf_putc(&b, 'e'), 0);
	CHECK_INT(buf_putf(&b, "-%d-%s", 42, "x"), 0);
	CHECK_MEM(buf_ptr(&b), buf_len(&b), "a\0bcde-42-x", 11);
	CHECK_MEM(BUF_SPAN(&b).p, BUF_SPAN(&b).n, "a\0bcde-42-x", 11);
	buf_free(&b);
}

static void
holds_to_its_ceiling(void)
{
	struct buf b;

	buf_init(&b, 8);
	CHECK_INT(buf_puts(&b, "123456789"), -1);
	CHECK_INT(buf_len(&b), 0);
	CHECK_INT(buf_puts(&b, "12345"), 0);
	CHECK_INT(buf_puts(&b, "6789"), -1);
	CHECK_INT(buf_putf(&b, "%d", 6789), -1);
	CHECK_INT(buf_put(&b, "x", SIZE_MAX), -1);
	CHECK_INT(buf_put(&b, "x", SIZE_MAX - 4), -1);
	CHECK_BUF(&b, "12345");
	CHECK_INT(buf_puts(&b, "678"), 0);
	CHECK_INT(buf_putc(&b, '9'), -1);
	CHECK_INT(buf_puts(&b, ""), 0);
	CHECK_BUF(&b, "12345678");
	buf_free(&b);
	CHECK_INT(buf_puts(&b, "123456789"), -1);
	CHECK_INT(buf_puts(&b, "87654321"), 0);
	CHECK_BUF(&b, "87654321");
	buf_free(&b);

	buf_init(&b, 0);
	CHECK_INT(buf_putc(&b, 'x'), -1);
	CHECK_INT(buf_put(&b, "", 0), 0);
	CHECK_STR(buf_str(&b), "");
	buf_free(&b);
}

static void
takes_from_the_front(void)
{
	struct buf b;

	buf_init(&b, 100);
	buf_puts(&b, "abcdef");
	buf_take(&b, 0);
	buf_take(&b, 2);
	CHECK_BUF(&b, "cdef");
	CHECK_STR(buf_str(&b), "cdef");
	buf_puts(&b, "gh");
	CHECK_BUF(&b, "cdefgh");
	buf_take(&b, 6);
	CHECK_INT(buf_len(&b), 0);
	buf_puts(&b, "i");
	CHECK_BUF(&b, "i");
	buf_free(&b);
}

/* What was taken makes room again, so a small ceiling serves for ever. */
static void
reuses_what_was_taken(void)
{
	struct buf b;
	unsigned i;

	buf_init(&b, 300);
	for (i = 0; i < 5000; i++) {
		CHECK_INT(buf_putf(&b, "%05u", i), 0);
		if (i >= 50) {
			char want[8];

			snprintf(want, sizeof want, "%05u", i - 50);
			CHECK_MEM(buf_ptr(&b), 5, want, 5);
			buf_take(&b, 5);
		}
	}
	CHECK_INT(buf_len(&b), 250);
	buf_free(&b);
}

static void
cuts_the_tail(void)
{
	struct buf b;

	buf_init(&b, 100);
	buf_puts(&b, "abcdef");
	buf_take(&b, 1);
	buf_cut(&b, 3);
	CHECK_BUF(&b, "bcd");
	buf_puts(&b, "x");
	CHECK_BUF(&b, "bcdx");
	buf_cut(&b, 0);
	CHECK_INT(buf_len(&b), 0);
	buf_puts(&b, "y");
	CHECK_BUF(&b, "y");
	buf_free(&b);
}

static void
grows_without_loss(void)
{
	struct buf b;
	size_t i, wrong = 0;

	buf_init(&b, 100000);
	for (i = 0; i < 100000; i++)
		CHECK_INT(buf_putc(&b, (char)(i % 251)), 0);
	CHECK_INT(buf_putc(&b, 'x'), -1);
	CHECK_INT(buf_len(&b), 100000);
	for (i = 0; i < 100000; i++)
		wrong += buf_ptr(&b)[i] != (uint8_t)(i % 251);
	CHECK_INT(wrong, 0);
	buf_free(&b);
}

static void
prints_more_than_the_first_room(void)
{
	struct buf b;

	buf_init(&b, 4000);
	buf_puts(&b, "<");
	CHECK_INT(buf_putf(&b, "%0*d", 3000, 7), 0);
	CHECK_INT(buf_len(&b), 3001);
	CHECK_INT(buf_ptr(&b)[0], '<');
	CHECK_INT(buf_ptr(&b)[1], '0');
	CHECK_INT(buf_ptr(&b)[3000], '7');
	CHECK_INT(buf_putf(&b, "%0*d", 3000, 7), -1);
	CHECK_INT(buf_len(&b), 3001);
	buf_free(&b);
}

static void
shows_a_string(void)
{
	struct buf b;

	buf_init(&b, 4);
	buf_puts(&b, "abc");
	CHECK_STR(buf_str(&b), "abc");
	CHECK_INT(buf_len(&b), 3);
	buf_putc(&b, 'd');
	CHECK_STR(buf_str(&b), "");
	CHECK_BUF(&b, "abcd");
	buf_take(&b, 1);
	CHECK_STR(buf_str(&b), "bcd");
	buf_free(&b);
}

static void
joins(void)
{
	struct buf b;

	buf_init(&b, 8);
	CHECK_INT(BUF_JOIN(&b, ""), 0);
	CHECK_INT((int)buf_len(&b), 0);
	CHECK_INT(BUF_JOIN(&b, "ab", "", "cd"), 0);
	CHECK_BUF(&b, "abcd");
	CHECK_INT(BUF_JOIN(&b, "efgh", "i"), -1);
	CHECK_BUF(&b, "abcd");
	CHECK_INT(BUF_JOIN(&b, "ef", "gh"), 0);
	CHECK_BUF(&b, "abcdefgh");
	buf_free(&b);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(empty_at_first),
		TEST(appends),
		TEST(holds_to_its_ceiling),
		TEST(takes_from_the_front),
		TEST(reuses_what_was_taken),
		TEST(cuts_the_tail),
		TEST(grows_without_loss),
		TEST(prints_more_than_the_first_room),
		TEST(shows_a_string),
		TEST(joins),
	};

	return test_all(tests, COUNT(tests));
}
