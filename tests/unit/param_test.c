/* param_test.c -- the parameters of a challenge. */
#include "test.h"
#include "text.h"

#include <stdlib.h>

/* Parameters, each as <NAME>VALUE. */
static void
check_params(const char *params, const char *want)
{
	size_t n = strlen(params);
	char *copy = malloc(n == 0 ? 1 : n); /* for its bounds */
	struct span rest = { copy, n }, name;
	struct buf got, value;

	test_row = params;
	memcpy(copy, params, n);
	buf_init(&got, 1000);
	buf_init(&value, 1000);
	while (text_next_param(&rest, &name, &value) == 1) {
		buf_putf(&got, "<%.*s>", (int)name.n, name.p);
		buf_put(&got, buf_ptr(&value), buf_len(&value));
	}
	CHECK_INT(rest.n, 0);
	CHECK_BUF(&got, want);
	buf_free(&got);
	buf_free(&value);
	free(copy);
	test_row = NULL;
}

static void
plain_values(void)
{
	check_params("", "");
	check_params("a=b", "<a>b");
	check_params("a=b, C=D,e=f", "<a>b<C>D<e>f");
	check_params("a=b=c", "<a>b=c");
	check_params("a==", "<a>=");
	check_params("a=b c", "<a>b c");
	check_params("a=b\"c\"", "<a>b\"c\"");
	check_params("a=\\\"", "<a>\\\"");
	check_params("a=\x80\xff", "<a>\x80\xff");
	check_params("!#$%&'*+-.^_`|~09=x", "<!#$%&'*+-.^_`|~09>x");
}

static void
quoted_values(void)
{
	check_params("a=\"b\"", "<a>b");
	check_params("a=\"b, c=d\", e=\" f \"", "<a>b, c=d<e> f ");
	check_params("a=\"\\\"b\\\\\\c\", d=e", "<a>\"b\\c<d>e");
	check_params("a=\"b\\\", c=d\"", "<a>b\", c=d");
	check_params("a=\"b\" c, d=e", "<a>b<d>e");
	check_params("a=\"b\"\"c\"", "<a>b");
	check_params("a=\"\x80\t\n\"", "<a>\x80\t\n");
}

static void
blanks(void)
{
	check_params("a = b", "<a>b");
	check_params(" a\t=\t\"b\" ,\r\n c =d ", "<a>b<c>d");
	check_params("a = \" b\"", "<a> b");
	check_params("a b=c, d=e", "<d>e");
}

static void
empty_values(void)
{
	check_params("a=", "<a>");
	check_params("a=,b= ,c=\"\",d=", "<a><b><c><d>");
	check_params("a=\"", "<a>");
	check_params("a=long, b=", "<a>long<b>");
}

static void
no_params(void)
{
	check_params(", ,,", "");
	check_params("a", "");
	check_params("a, b c, \"d=e\", f=g", "<f>g");
	check_params("=a, ==, =\"b\", @=c, [d]=e", "");
	check_params("a:b=c, \x80=d", "");
	check_params("a\"=b", "");
	/* A token68 whose padding is one '=' looks like one. */
	check_params("TlRM==", "<TlRM>=");
}

static void
open_quotes(void)
{
	check_params("a=\"b", "<a>b");
	check_params("a=\"b, c=d", "<a>b, c=d");
	check_params("a=\"b\\", "<a>b\\");
	check_params("a=\"b\\\"", "<a>b\"");
	check_params("a=\"\\", "<a>\\");
	check_params("a=b\", c=d", "<a>b\", c=d");
}

static void
no_room(void)
{
	static const struct {
		const char *params;
		int fits;
	} rows[] = {
		{ "a=1234", 1 },
		{ "a=12345", 0 },
		{ "a=\"1234\"", 1 },
		{ "a=\"12345\"", 0 },
		{ "a=\"\\1\\2\\3\\4\"", 1 },
		{ "a=\"\\1\\2\\3\\4\\5\"", 0 },
		{ "a=\"12345", 0 },
	};
	struct span rest, name;
	struct buf value;
	size_t i;

	buf_init(&value, 4);
	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].params;
		rest = span_of(rows[i].params);
		CHECK_INT(text_next_param(&rest, &name, &value),
		    rows[i].fits ? 1 : NO_MEMORY);
		if (rows[i].fits)
			CHECK_BUF(&value, "1234");
	}
	/* The one behind it is there still. */
	rest = span_of("a=12345, b=6");
	CHECK_INT(text_next_param(&rest, &name, &value), NO_MEMORY);
	CHECK_INT(text_next_param(&rest, &name, &value), 1);
	CHECK_SPAN(name, "b");
	CHECK_BUF(&value, "6");
	buf_free(&value);
}

static void
keeps_the_value_at_the_end(void)
{
	struct span rest = span_of("a=1, b"), name;
	struct buf value;

	buf_init(&value, 4);
	CHECK_INT(text_next_param(&rest, &name, &value), 1);
	CHECK_INT(text_next_param(&rest, &name, &value), 0);
	CHECK_BUF(&value, "1");
	rest = (struct span){ NULL, 0 };
	CHECK_INT(text_next_param(&rest, &name, &value), 0);
	buf_free(&value);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(plain_values),
		TEST(quoted_values),
		TEST(blanks),
		TEST(empty_values),
		TEST(no_params),
		TEST(open_quotes),
		TEST(no_room),
		TEST(keeps_the_value_at_the_end),
	};

	return test_all(tests, COUNT(tests));
}
