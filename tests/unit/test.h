/* test.h -- checks and named tests, reported as TAP. */
#ifndef TEST_H
#define TEST_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TEST_COMPLAINTS 8192 /* bytes of diagnostics of one test */
#define TEST_SHOWN 200	     /* bytes of a value that are shown */

struct test {
	const char *name;
	void (*run)(void);
};

/* An entry of the list of tests; '_' of the name is shown as a blank. */
#define TEST(function)              \
	{                           \
#function, function \
	}
#define COUNT(array) (sizeof(array) / sizeof *(array))

static char test_complaints[TEST_COMPLAINTS];
static size_t test_complained;
static int test_failed;
static const char *test_row; /* of a table, for the diagnostics */

#define CHECK(condition)                                                     \
	do {                                                                 \
		if (!(condition))                                            \
			test_complain(__FILE__, __LINE__, "%s", #condition); \
	} while (0)
#define CHECK_INT(got, want) \
	test_int(__FILE__, __LINE__, #got, (intmax_t)(got), (intmax_t)(want))
#define CHECK_STR(got, want) test_str(__FILE__, __LINE__, #got, got, want)
#define CHECK_MEM(got, ngot, want, nwant) \
	test_mem(__FILE__, __LINE__, #got, got, ngot, want, nwant)
#define CHECK_SPAN(got, want) CHECK_MEM((got).p, (got).n, want, strlen(want))
#define CHECK_BUF(got, want) \
	CHECK_MEM(buf_ptr(got), buf_len(got), want, strlen(want))
#define CHECK_HAS(text, part) test_has(__FILE__, __LINE__, text, part)

/* Bytes as they may stand in a line of diagnostics. */
static inline const char *
test_show(char *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t i, at = 0;

	for (i = 0; i < n && at < TEST_SHOWN; i++)
		at += (size_t)snprintf(out + at, 5,
		    p[i] >= ' ' && p[i] < 127 ? "%c" : "\\x%02x", p[i]);
	snprintf(out + at, 5, "%s", i < n ? "..." : "");
	return out;
}

static inline void __attribute__((format(printf, 3, 4)))
test_complain(const char *file, int line, const char *fmt, ...)
{
	char *at = test_complaints + test_complained, text[1024];
	char row[TEST_SHOWN + 16] = "";
	size_t room = sizeof test_complaints - test_complained;
	va_list ap;
	int n;

	test_failed = 1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (test_row != NULL)
		test_show(row, test_row, strlen(test_row));
	n = snprintf(at, room, "# %s:%d: %s%s%s%s\n", file, line, text,
	    test_row != NULL ? " (" : "", row, test_row != NULL ? ")" : "");
	if (n > 0 && (size_t)n < room)
		test_complained += (size_t)n;
	else
		*at = '\0';
}

static inline void
test_int(
    const char *file, int line, const char *what, intmax_t got, intmax_t want)
{
	if (got != want)
		test_complain(
		    file, line, "%s is %jd, not %jd", what, got, want);
}

static inline void
test_mem(const char *file, int line, const char *what, const void *got,
    size_t ngot, const void *want, size_t nwant)
{
	char a[TEST_SHOWN + 16], b[TEST_SHOWN + 16];

	if (ngot != nwant || (ngot > 0 && memcmp(got, want, ngot) != 0))
		test_complain(file, line, "%s is '%s', not '%s'", what,
		    test_show(a, got, ngot), test_show(b, want, nwant));
}

static inline void
test_str(const char *file, int line, const char *what, const char *got,
    const char *want)
{
	if (got != NULL && want != NULL)
		test_mem(
		    file, line, what, got, strlen(got), want, strlen(want));
	else if (got != want)
		test_complain(file, line, "%s is %s, not %s", what,
		    got != NULL ? got : "NULL", want != NULL ? want : "NULL");
}

static inline void
test_has(const char *file, int line, const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		test_complain(file, line, "'%s' lacks '%s'", text, part);
}

/* Runs the tests in order; the exit status of the program. */
static inline int
test_all(const struct test *tests, size_t n)
{
	size_t i;
	int failed = 0;
	char name[80], *p;

	printf("1..%zu\n", n);
	for (i = 0; i < n; i++) {
		test_complained = 0;
		test_failed = 0;
		test_row = NULL;
		snprintf(name, sizeof name, "%s", tests[i].name);
		for (p = name; *p != '\0'; p++)
			if (*p == '_')
				*p = ' ';
		tests[i].run();
		printf("%s %zu - %s\n%s", test_failed ? "not ok" : "ok", i + 1,
		    name, test_failed ? test_complaints : "");
		fflush(stdout);
		failed |= test_failed;
	}
	return failed;
}

#endif
