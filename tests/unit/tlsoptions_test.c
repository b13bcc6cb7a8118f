/* tlsoptions_test.c -- pins, protocols, ciphers, versions. */
#include "test.h"
#include "tlsoptions.h"

#define PIN_A "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PIN_B "SHA256////////////////////////////////////////////8="

static void
versions(void)
{
	CHECK_INT(tls_version("1.0"), 0x301);
	CHECK_INT(tls_version("1.3"), 0x304);
	CHECK_INT(tls_version("1.4"), 0);
	CHECK_INT(tls_version(""), 0);
	CHECK_INT(tls_version("1.2 "), 0);
}

static void
pins(void)
{
	static const char *const wrong[] = { "", ";", PIN_A ";", ";" PIN_A,
		"sha256//", "sha256//AAAA", "sha1//" PIN_A, PIN_A PIN_A,
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!",
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	uint8_t digest[TLS_PIN_SIZE];
	struct buf b;
	size_t i;

	for (i = 0; i < COUNT(wrong); i++) {
		test_row = wrong[i];
		CHECK_INT(tls_pins_are_valid(wrong[i]), 0);
	}
	test_row = NULL;
	CHECK_INT(tls_pins_are_valid(PIN_A), 1);
	CHECK_INT(tls_pins_are_valid(PIN_A ";" PIN_B), 1);
	memset(digest, 0xff, sizeof digest);
	CHECK_INT(tls_pins_have(PIN_A, digest), 0);
	CHECK_INT(tls_pins_have(PIN_A ";" PIN_B, digest), 1);
	CHECK_INT(tls_pins_have(PIN_B ";" PIN_A, digest), 1);
	digest[31] = 0xfe;
	CHECK_INT(tls_pins_have(PIN_A ";" PIN_B, digest), 0);
	memset(digest, 0, sizeof digest);
	buf_init(&b, 100);
	CHECK_INT(tls_pin_put(&b, digest), 0);
	CHECK_STR(buf_str(&b), PIN_A);
	buf_free(&b);
}

static void
protocols(void)
{
	char longest[257];
	struct buf b;

	buf_init(&b, 1000);
	CHECK_INT(tls_alpn_put(&b, "h2,http/1.1"), 0);
	CHECK_MEM(buf_ptr(&b), buf_len(&b), "\2h2\10http/1.1", 12);
	buf_cut(&b, 0);
	memset(longest, 'a', sizeof longest);
	longest[255] = '\0';
	CHECK_INT(tls_alpn_put(&b, longest), 0);
	CHECK_INT(buf_len(&b), 256);
	longest[255] = 'a';
	longest[256] = '\0';
	CHECK_INT(tls_alpn_put(&b, longest), -1);
	CHECK_INT(tls_alpn_put(&b, ""), -1);
	CHECK_INT(tls_alpn_put(&b, "a,"), -1);
	CHECK_INT(tls_alpn_put(&b, ",a"), -1);
	buf_free(&b);
	buf_init(&b, 3);
	CHECK_INT(tls_alpn_put(&b, "abc"), NO_MEMORY);
	buf_free(&b);
}

static void
check_ciphers(const char *list, const char *before, const char *of_1_3)
{
	struct buf b;

	test_row = list;
	buf_init(&b, 1000);
	CHECK_INT(tls_ciphers_put(&b, list, 0), 0);
	CHECK_STR(buf_str(&b), before);
	buf_cut(&b, 0);
	CHECK_INT(tls_ciphers_put(&b, list, 1), 0);
	CHECK_STR(buf_str(&b), of_1_3);
	buf_free(&b);
	test_row = NULL;
}

static void
ciphers(void)
{
	check_ciphers("", "", "");
	check_ciphers("A", "A", "");
	check_ciphers("TLS_A", "", "TLS_A");
	check_ciphers("A:TLS_A:B:TLS_B", "A:B", "TLS_A:TLS_B");
	check_ciphers("::A::", "A", "");
	check_ciphers("HIGH:!aNULL", "HIGH:!aNULL", "");
}

int
main(void)
{
	static const struct test tests[] = { TEST(versions), TEST(pins),
		TEST(protocols), TEST(ciphers) };

	return test_all(tests, COUNT(tests));
}
