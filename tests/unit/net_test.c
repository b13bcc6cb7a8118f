/* net_test.c -- a name whose addresses are not what they were. */
#include "net.h"
#include "resolver.h"
#include "test.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEPT_MS 60000
#define LIVE "127.0.0.1"
#define DEAD "127.0.0.2" /* nobody listens there */
#define DEAD_TOO "127.0.0.4"
#define SILENT "127.0.0.3" /* nobody answers */
#define FILLERS 4	   /* connections that make it so */

static char host[] = "proxy.test";
static struct endpoint to = { host, NULL, 0 };
static struct loop *l;
static struct names *names;
static int listener, silent, filler[FILLERS];
static int asked_before;

/* What came of the last attempt. */
static struct net_attempt *attempt;
static int connected;
static int64_t took;
static struct failure why;

static struct sockaddr_in
address(const char *text, uint16_t port)
{
	struct sockaddr_in at;

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_port = htons(port);
	CHECK_INT(inet_pton(AF_INET, text, &at.sin_addr), 1);
	return at;
}

/* Listens on an address; port 0: any, which is the one from then on. */
static int
listen_at(const char *text, int backlog)
{
	struct sockaddr_in at = address(text, to.port);
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	CHECK_INT(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	CHECK_INT(listen(fd, backlog), 0);
	getsockname(fd, (struct sockaddr *)&at, &len);
	to.port = ntohs(at.sin_port);
	return fd;
}

static void
begin(void)
{
	to.port = 0;
	listener = listen_at(LIVE, 16);
	asked_before = resolver_asked;
	l = loop_new();
	names = names_new(KEPT_MS);
	CHECK(l != NULL && names != NULL);
}

static void
end(void)
{
	loop_free(l);
	names_free(names);
	close(listener);
	CHECK_INT(resolver_lists, 0);
}

static int
asked(void)
{
	return resolver_asked - asked_before;
}

static void
done(void *arg, int fd)
{
	(void)arg;
	attempt = NULL;
	connected = fd >= 0;
	if (fd >= 0)
		close(fd);
	loop_stop(l);
}

static void
stop(void *arg)
{
	(void)arg;
	loop_stop(l);
}

/* Tries for so long at most. */
static void
try_to_connect(int ms)
{
	struct net_connect what = { &to, names, AF_UNSPEC, 0, NULL };
	struct timer guard = { .expired = stop };

	connected = -1;
	memset(&why, 0, sizeof why);
	took = loop_now(l);
	attempt = net_connect(l, &what, done, NULL, &why);
	CHECK(attempt != NULL);
	CHECK_INT(loop_timer(l, &guard, loop_now(l) + ms), 0);
	CHECK_INT(loop_run(l), 0);
	loop_timer(l, &guard, 0);
	took = loop_now(l) - took;
}

static void
connects(void)
{
	try_to_connect(5000);
	CHECK_INT(connected, 1);
}

static void
an_answer_serves_many(void)
{
	begin();
	resolver_says = LIVE;
	connects();
	connects();
	connects();
	CHECK_INT(asked(), 1);
	end();
}

static void
an_address_is_no_question(void)
{
	static char literal[] = LIVE;
	struct names *unused;

	begin();
	to.host = literal;
	unused = names;
	names = NULL;
	connects();
	names = unused;
	to.host = host;
	CHECK_INT(asked(), 0);
	end();
}

static void
without_a_descriptor_it_is_our_own_fault(void)
{
	static char literal[] = LIVE;
	struct rlimit before, none;

	begin();
	to.host = literal;
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)listener; /* the next would be above it */
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
	try_to_connect(5000);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
	CHECK_INT(connected, 0);
	CHECK_INT(why.code, FAIL_LOCAL);
	CHECK_STR(why.text, "can't be reached: Too many open files");
	to.host = host;
	end();
}

static void
kept_addresses_that_fail_are_looked_up_anew(void)
{
	begin();
	resolver_says = LIVE;
	connects();
	close(listener);
	listener = listen_at(DEAD, 16);
	resolver_says = DEAD_TOO " " DEAD;
	connects();
	CHECK_INT(asked(), 2);
	connects();
	CHECK_INT(asked(), 2);
	end();
}

static void
that_is_done_once(void)
{
	begin();
	resolver_says = LIVE;
	connects();
	close(listener);
	resolver_says = DEAD " " DEAD_TOO;
	try_to_connect(5000);
	CHECK_INT(connected, 0);
	CHECK_INT(why.code, FAIL_CONNECT);
	CHECK_HAS(why.text, DEAD);
	CHECK_HAS(why.text, DEAD_TOO);
	CHECK(strstr(why.text, LIVE) == NULL);
	CHECK_INT(asked(), 2);
	/* What failed is not kept. */
	listener = listen_at(LIVE, 16);
	resolver_says = LIVE;
	connects();
	CHECK_INT(asked(), 3);
	end();
}

static void
new_addresses_that_fail_are_forgotten(void)
{
	begin();
	resolver_says = DEAD;
	try_to_connect(5000);
	CHECK_INT(connected, 0);
	CHECK_HAS(why.text, "can't be reached: Connection refused");
	CHECK_INT(why.cause, CAUSE_NO_LISTENER);
	CHECK_INT(asked(), 1);
	resolver_says = LIVE;
	connects();
	CHECK_INT(asked(), 2);
	end();
}

static void
a_name_that_is_gone_by_then(void)
{
	begin();
	resolver_says = LIVE;
	connects();
	close(listener);
	resolver_says = "";
	try_to_connect(5000);
	CHECK_INT(connected, 0);
	CHECK_INT(why.code, FAIL_RESOLVE);
	CHECK_HAS(why.text, "can't be resolved: ");
	listener = listen_at(LIVE, 16);
	end();
}

/* Connections that nobody takes: more are not answered. */
static void
fall_silent(void)
{
	struct sockaddr_in at = address(SILENT, to.port);
	size_t i;

	silent = listen_at(SILENT, 0);
	for (i = 0; i < FILLERS; i++) {
		filler[i] = socket(
		    AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		CHECK(connect(filler[i], (struct sockaddr *)&at, sizeof at) ==
			  0 ||
		      errno == EINPROGRESS);
	}
}

static void
speak_again(void)
{
	size_t i;

	close(silent);
	for (i = 0; i < FILLERS; i++)
		close(filler[i]);
}

static void
kept_addresses_that_are_silent_are_looked_up_anew(void)
{
	begin();
	silent = listen_at(SILENT, 16);
	resolver_says = SILENT;
	connects();
	close(silent);
	fall_silent();
	resolver_says = LIVE;
	connects();
	CHECK_INT(asked(), 2);
	CHECK(took >= NET_KEPT_MS && took < NET_KEPT_MS + 1000);
	speak_again();
	end();
}

static void
those_of_an_attempt_that_is_abandoned_are_forgotten(void)
{
	struct buf waits;

	begin();
	fall_silent();
	resolver_says = SILENT;
	try_to_connect(NET_KEPT_MS + 500);
	CHECK_INT(connected, -1);
	buf_init(&waits, 200);
	net_describe(attempt, &waits);
	CHECK_HAS(buf_str(&waits), "no answer from " SILENT);
	buf_free(&waits);
	net_abandon(attempt);
	resolver_says = LIVE;
	connects();
	CHECK_INT(asked(), 2);
	speak_again();
	end();
}

static void
one_that_is_abandoned_over_a_look_up(void)
{
	struct buf waits;

	begin();
	resolver_says = LIVE;
	resolver_hold(1);
	try_to_connect(20);
	buf_init(&waits, 200);
	net_describe(attempt, &waits);
	CHECK_STR(buf_str(&waits), "the resolver does not answer");
	buf_free(&waits);
	net_abandon(attempt);
	resolver_hold(0);
	connects();
	/* The thread that was left to itself gives its list back. */
	while (asked() < 2 || resolver_lists > 1)
		usleep(1000);
	end();
}

static const struct test tests[] = {
	TEST(an_answer_serves_many),
	TEST(an_address_is_no_question),
	TEST(without_a_descriptor_it_is_our_own_fault),
	TEST(kept_addresses_that_fail_are_looked_up_anew),
	TEST(that_is_done_once),
	TEST(new_addresses_that_fail_are_forgotten),
	TEST(a_name_that_is_gone_by_then),
	TEST(kept_addresses_that_are_silent_are_looked_up_anew),
	TEST(those_of_an_attempt_that_is_abandoned_are_forgotten),
	TEST(one_that_is_abandoned_over_a_look_up),
};

int
main(void)
{
	return test_all(tests, COUNT(tests));
}
