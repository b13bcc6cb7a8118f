/* netrc_test.c -- the file that ftp, curl and git know. */
#include "test.h"
#include "netrc.h"

#include <stdlib.h>

/* Looks host up for a user, NULL: any, in a copy of an exact size. */
static int
find_bytes(const char *text, size_t n, const char *host, const char *known,
    struct credentials *c)
{
	char *copy = malloc(n == 0 ? 1 : n);
	int rc;

	memcpy(copy, text, n);
	c->user = known == NULL ? NULL : secret_copy(known, strlen(known));
	c->password = NULL;
	rc = netrc_find((struct span){ copy, n }, host, c);
	free(copy);
	return rc;
}

struct row {
	const char *text, *known;
	int rc;
	const char *user, *password;
};

/* What there is for the host "proxy". */
static void
check_rows(const struct row *rows, size_t n)
{
	struct credentials c;

	for (; n > 0; n--, rows++) {
		test_row = rows->text;
		CHECK_INT(find_bytes(rows->text, strlen(rows->text), "proxy",
			      rows->known, &c),
		    rows->rc);
		CHECK_STR(c.user, rows->user);
		CHECK_STR(c.password, rows->password);
		credentials_free(&c);
	}
	test_row = NULL;
}

static void
entries(void)
{
	static const struct row rows[] = {
		{ "", NULL, 0, NULL, NULL },
		{ "machine proxy login me password secret", NULL, 1, "me",
		    "secret" },
		{ "machine proxy password secret login me\n", NULL, 1, "me",
		    "secret" },
		{ "machine\nproxy\n\n\tlogin\n me\r\n  password\tsecret\r\n",
		    NULL, 1, "me", "secret" },
		{ "MACHINE Proxy LOGIN Me Password Secret", NULL, 1, "Me",
		    "Secret" },
		{ "machine proxy login me account acc password secret", NULL, 1,
		    "me", "secret" },
		{ "machine proxy account password login me", NULL, 1, "me",
		    NULL },
		{ "machine proxy login me", NULL, 1, "me", NULL },
		{ "machine proxy password secret", NULL, 1, NULL, "secret" },
		{ "machine proxy login a login b password c password d", NULL,
		    1, "b", "d" },
		{ "machine proxy login password password login", NULL, 1,
		    "password", "login" },
		{ "machine proxy login machine password default", NULL, 1,
		    "machine", "default" },
		{ "machine proxy junk login me junk password secret", NULL, 1,
		    "me", "secret" },
		{ "machine proxy login \xc3\xa4 password \xff", NULL, 1,
		    "\xc3\xa4", "\xff" },
		{ "machine proxy", NULL, 0, NULL, NULL },
		{ "machine", NULL, 0, NULL, NULL },
		{ "machine proxy login", NULL, 0, NULL, NULL },
		{ "machine proxy login me password", NULL, 1, "me", NULL },
		{ "login me password secret", NULL, 0, NULL, NULL },
		{ "machine machine proxy login me", NULL, 0, NULL, NULL },
		{ "machine proxy.example login me\nmachine prox login me\n",
		    NULL, 0, NULL, NULL },
		{ "machineproxy login me", NULL, 0, NULL, NULL },
	};

	check_rows(rows, COUNT(rows));
}

static void
several_machines(void)
{
	static const struct row rows[] = {
		{ "machine a login x password y\n"
		  "machine proxy login me password secret\n"
		  "machine proxy login me2 password secret2\n",
		    NULL, 1, "me", "secret" },
		{ "machine proxy login me\nmachine other password y\n", NULL, 1,
		    "me", NULL },
		{ "machine other login x\nmachine proxy password secret\n",
		    NULL, 1, NULL, "secret" },
		{ "machine proxy\nmachine proxy login me\n", NULL, 1, "me",
		    NULL },
		{ "machine proxy account x machine other login y\n", NULL, 0,
		    NULL, NULL },
		{ "machine proxy\nmachine\n", NULL, 0, NULL, NULL },
		{ "machine other password \"machine proxy login me\"", NULL, 0,
		    NULL, NULL },
		{ "machine proxy login \"\" password x\n"
		  "machine proxy login me password y\n",
		    NULL, 1, NULL, "x" },
		{ "machine proxy login \"\"\n"
		  "machine proxy login me password y\n",
		    NULL, 1, "me", "y" },
	};

	check_rows(rows, COUNT(rows));
}

static void
default_entry(void)
{
	static const struct row rows[] = {
		{ "default login me password secret", NULL, 1, "me", "secret" },
		{ "machine a login x password y default login me password z",
		    NULL, 1, "me", "z" },
		{ "machine proxy login me password secret\n"
		  "default login x password y\n",
		    NULL, 1, "me", "secret" },
		{ "default login x password y\n"
		  "machine proxy login me password secret\n",
		    NULL, 1, "x", "y" },
		{ "machine proxy default login me\n", NULL, 1, "me", NULL },
		{ "machine proxy login me default password x\n", NULL, 1, "me",
		    NULL },
		{ "default", NULL, 0, NULL, NULL },
		{ "default login x password y", "me", 0, "me", NULL },
		{ "default password y", "me", 1, "me", "y" },
		{ "defaults login x", NULL, 0, NULL, NULL },
		{ "\"default\" login x", NULL, 0, NULL, NULL },
	};

	check_rows(rows, COUNT(rows));
}

static void
known_user(void)
{
	static const struct row rows[] = {
		{ "machine proxy login me password secret", "me", 1, "me",
		    "secret" },
		{ "machine proxy password secret login me", "me", 1, "me",
		    "secret" },
		{ "machine proxy login a password b\n"
		  "machine proxy login me password secret\n",
		    "me", 1, "me", "secret" },
		{ "machine proxy password b\n"
		  "machine proxy login me password secret\n",
		    "me", 1, "me", "b" },
		{ "machine proxy login \"\" password b", "me", 1, "me", "b" },
		{ "machine proxy login me\n"
		  "machine proxy login me password secret\n",
		    "me", 1, "me", "secret" },
		{ "machine proxy login me\ndefault password secret\n", "me", 1,
		    "me", "secret" },
		{ "machine proxy login me", "me", 0, "me", NULL },
		{ "machine proxy login ME password x", "me", 0, "me", NULL },
		{ "machine proxy login m password x", "me", 0, "me", NULL },
		{ "machine proxy login mee password x", "me", 0, "me", NULL },
		{ "machine other login me password x", "me", 0, "me", NULL },
	};
	struct credentials c;

	check_rows(rows, COUNT(rows));
	/* Only what is missing is filled in. */
	c = (struct credentials){ NULL, secret_copy("mine", 4) };
	CHECK_INT(netrc_find(span_of("machine p password x\n"
				     "machine p login me password y"),
		      "p", &c),
	    1);
	CHECK_STR(c.user, "me");
	CHECK_STR(c.password, "mine");
	CHECK_INT(netrc_find(span_of("machine p password x"), "p", &c), 0);
	CHECK_STR(c.password, "mine");
	credentials_free(&c);
}

static void
quoted_tokens(void)
{
	static const struct row rows[] = {
		{ "machine proxy login \"me too\" password \"a b\"", NULL, 1,
		    "me too", "a b" },
		{ "machine \"proxy\" password \"a\\\"b\\\\c\\nd\\re\\tf\\gh\"",
		    NULL, 1, NULL, "a\"b\\c\nd\re\tfgh" },
		{ "machine proxy password \"\"", NULL, 1, NULL, "" },
		{ "machine proxy password \"a\nb\r\n\n# c\"", NULL, 1, NULL,
		    "a\nb\r\n\n# c" },
		{ "machine proxy password a\"b\" login c\\n\"", NULL, 1,
		    "c\\n\"", "a\"b\"" },
		{ "machine proxy password 'a b'", NULL, 1, NULL, "'a" },
		{ "machine proxy password \"a\"b login me", NULL, 1, "me",
		    "a" },
		{ "machine proxy password \"a\"login me", NULL, 1, "me", "a" },
		{ "\"machine\" proxy login me", NULL, 0, NULL, NULL },
		{ "machine proxy \"login\" me password x", NULL, 1, NULL, "x" },
		{ "machine \"proxy login me", NULL, -1, NULL, NULL },
		{ "machine proxy login me password \"secret", NULL, -1, NULL,
		    NULL },
		{ "machine proxy login me password \"secret\\\"", NULL, -1,
		    NULL, NULL },
		{ "machine proxy login me password \"secret\\", NULL, -1, NULL,
		    NULL },
		{ "machine proxy login me password \"", NULL, -1, NULL, NULL },
		{ "machine proxy login \"me", "me", -1, "me", NULL },
		{ "machine proxy login me account \"", NULL, -1, NULL, NULL },
		{ "machine proxy login me \"", NULL, -1, NULL, NULL },
		{ "machine other password \"", NULL, -1, NULL, NULL },
		/* What is behind the answer is not read. */
		{ "machine proxy login me machine \"", NULL, 1, "me", NULL },
	};

	check_rows(rows, COUNT(rows));
}

static void
comments(void)
{
	static const struct row rows[] = {
		{ "# machine proxy login x\nmachine proxy login me\n", NULL, 1,
		    "me", NULL },
		{ " \t# it's \"open\nmachine proxy #login x\n"
		  "# login y\nlogin me\n",
		    NULL, 1, "me", NULL },
		{ "machine proxy login\n# no\nme", NULL, 1, "me", NULL },
		/* Only a line that begins with it is one. */
		{ "machine proxy login me # password x\n", NULL, 1, "me", "x" },
		{ "machine proxy login #me password a#b\n", NULL, 1, "#me",
		    "a#b" },
		{ "machine proxy password \"\n\" # login x", NULL, 1, "x",
		    "\n" },
		{ "#", NULL, 0, NULL, NULL },
		{ "#machine proxy login me", NULL, 0, NULL, NULL },
	};

	check_rows(rows, COUNT(rows));
}

static void
macros(void)
{
	static const struct row rows[] = {
		{ "macdef m\n\tcd default\n\tcd login\n\tput login.bin\n"
		  "\tcd password\n\tquit \"\n\n"
		  "machine proxy\n\tlogin me\n\tpassword secret\n",
		    NULL, 1, "me", "secret" },
		{ "macdef m\r\ndefault login x\r\n\r\nmachine proxy login me",
		    NULL, 1, "me", NULL },
		{ "macdef\n\nmachine proxy login me", NULL, 1, "me", NULL },
		{ "macdef machine proxy login x\n\n# y\nmachine proxy login me",
		    NULL, 1, "me", NULL },
		{ "macdef m\nx\n \nmachine proxy login me\n", NULL, 0, NULL,
		    NULL },
		{ "macdef m\nmachine proxy login me", NULL, 0, NULL, NULL },
		{ "macdef", NULL, 0, NULL, NULL },
		{ "macdef m\n\n", NULL, 0, NULL, NULL },
		{ "machine proxy login me macdef m\nx\n\npassword y\n", NULL, 1,
		    "me", NULL },
		{ "machine proxy macdef m\nx\n\npassword y\n", NULL, 0, NULL,
		    NULL },
		{ "machine proxy password macdef\n\nlogin me\n", NULL, 1, "me",
		    "macdef" },
		{ "\"macdef\" m\nmachine proxy login me\n", NULL, 1, "me",
		    NULL },
	};

	check_rows(rows, COUNT(rows));
}

/* The file of curl's unit test 1304, and what it expects of it. */
static void
curls_cases(void)
{
	static const char file[] =
	    "machine example.com login admin password passwd\n"
	    "machine curl.example.com login none password none\n";
	static const struct {
		const char *host, *known;
		int rc;
		const char *user, *password;
	} rows[] = {
		{ "test.example.com", NULL, 0, NULL, NULL },
		{ "example.com", "me", 0, "me", NULL },
		{ "test.example.com", "me", 0, "me", NULL },
		{ "example.com", "admi", 0, "admi", NULL },
		{ "example.com", "adminn", 0, "adminn", NULL },
		{ "example.com", NULL, 1, "admin", "passwd" },
		{ "EXAMPLE.com", "admin", 1, "admin", "passwd" },
		{ "curl.example.com", NULL, 1, "none", "none" },
		{ "curl.example.com", "none", 1, "none", "none" },
	};
	struct credentials c;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		test_row = rows[i].host;
		CHECK_INT(find_bytes(file, strlen(file), rows[i].host,
			      rows[i].known, &c),
		    rows[i].rc);
		CHECK_STR(c.user, rows[i].user);
		CHECK_STR(c.password, rows[i].password);
		credentials_free(&c);
	}
}

static void
nul_bytes(void)
{
	static const char nul[] = "machine p login me\n#\0";
	struct credentials c;

	CHECK_INT(find_bytes(nul, sizeof nul - 1, "p", NULL, &c), -1);
	CHECK(c.user == NULL && c.password == NULL);
	CHECK_INT(find_bytes(nul, sizeof nul - 2, "p", NULL, &c), 1);
	credentials_free(&c);
	CHECK_INT(netrc_find((struct span){ NULL, 0 }, "p", &c), 0);
}

static void
long_tokens(void)
{
	static char text[200100];
	struct credentials c;

	strcpy(text, "machine p password \"");
	memset(text + 20, 'x', 200000);
	CHECK_INT(find_bytes(text, strlen(text), "p", NULL, &c), -1);
	strcat(text, "\"");
	CHECK_INT(find_bytes(text, strlen(text), "p", NULL, &c), 1);
	CHECK_INT(strlen(c.password), 200000);
	credentials_free(&c);
	CHECK_INT(find_bytes(text + 20, 200000, "p", NULL, &c), 0);
	CHECK_INT(find_bytes(text + 7, 13, "p", NULL, &c), -1);
}

int
main(void)
{
	static const struct test tests[] = {
		TEST(entries),
		TEST(several_machines),
		TEST(default_entry),
		TEST(known_user),
		TEST(quoted_tokens),
		TEST(comments),
		TEST(macros),
		TEST(curls_cases),
		TEST(nul_bytes),
		TEST(long_tokens),
	};

	return test_all(tests, COUNT(tests));
}
