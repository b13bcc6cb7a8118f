/* json_test.c -- JSON as it is written. */
#include "json.h"
#include "test.h"

#define OUT_MAX 4096

static struct buf out;
static struct json j;

static void
begin(size_t max)
{
	buf_init(&out, max);
	json_init(&j, &out);
}

static void
check(const char *want)
{
	CHECK_BUF(&out, want);
	CHECK_INT(j.failed, 0);
	buf_free(&out);
}

static void
objects_and_arrays(void)
{
	begin(OUT_MAX);
	json_open(&j, NULL, '{');
	json_string(&j, "a", "b");
	json_number(&j, "n", -3);
	json_bool(&j, "yes", 1);
	json_bool(&j, "no", 0);
	json_null(&j, "none");
	json_string(&j, "null", NULL);
	json_ms(&j, "ms", 12045);
	json_open(&j, "list", '[');
	json_string(&j, NULL, "x");
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_number(&j, NULL, 7);
	json_close(&j, ']');
	json_open(&j, "empty", '[');
	json_close(&j, ']');
	json_close(&j, '}');
	check("{\"a\":\"b\",\"n\":-3,\"yes\":true,\"no\":false,\"none\":null,"
	      "\"null\":null,\"ms\":12.045,\"list\":[\"x\",{},7],\"empty\":[]"
	      "}");
}

static void
strings(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *json;
	} rows[] = {
#define ROW(bytes, json) { (bytes), sizeof(bytes) - 1, (json) }
		ROW("", "\"\""),
		ROW("plain", "\"plain\""),
		ROW("\"\\/", "\"\\\"\\\\/\""),
		ROW("\r\n\t\x1b\x7f",
		    "\"\\u000d\\u000a\\u0009\\u001b\\u007f\""),
		ROW("a\0b", "\"a\\u0000b\""),
		ROW("gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""),
		ROW("\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""),
		/* Latin-1, cut, overlong, a surrogate, beyond Unicode. */
		ROW("gr\xfc", "\"gr\xef\xbf\xbd\""),
		ROW("\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""),
		ROW("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""),
		ROW("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""),
		ROW("\xff\xfe", "\"\xef\xbf\xbd\xef\xbf\xbd\""),
#undef ROW
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].json;
		begin(OUT_MAX);
		json_span(&j, NULL, (struct span){ rows[i].bytes, rows[i].n });
		check(rows[i].json);
	}
}

static void
times(void)
{
	begin(OUT_MAX);
	json_open(&j, NULL, '[');
	json_ms(&j, NULL, 0);
	json_ms(&j, NULL, 7);
	json_ms(&j, NULL, 999);
	json_ms(&j, NULL, 1000000);
	json_close(&j, ']');
	check("[0.000,0.007,0.999,1000.000]");
}

static void
what_does_not_fit(void)
{
	begin(8);
	json_string(&j, NULL, "12345678");
	CHECK_INT(j.failed, 1);
	buf_free(&out);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(objects_and_arrays),
		TEST(strings),
		TEST(times),
		TEST(what_does_not_fit),
	};

	return test_all(tests, COUNT(tests));
}
