/* resolve_test.c -- look-ups that are joined, and answers that are kept. */
#include "resolve.h"
#include "resolver.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define KEPT_MS 60000
#define WAITING 4

static struct loop *l;
static struct names *names;
static int asked_before;

/* One who waits for a name. */
struct client {
	struct resolve *resolve;
	int told, known;
	const char *subject; /* of the loop when it was told */
	char address[INET_ADDRSTRLEN];
	char fault[80];
	enum fail_cause cause;
	struct client *takes_along; /* it leaves when this one is told */
	int keeps;		    /* what it got, and frees it later */
};

static struct client client[NAMES_MAX + 2];
static int due; /* who have not been told yet */

static void
leave(struct client *c)
{
	due -= c->resolve != NULL && !c->told;
	resolve_free(c->resolve);
	c->resolve = NULL;
}

static void
found(void *arg, const struct addrinfo *list, const char *fault)
{
	struct client *c = arg;
	const struct sockaddr_in *at;

	due--;
	c->told++;
	c->subject = loop_subject(l, NULL);
	c->known = list != NULL;
	if (list != NULL) {
		at = (const struct sockaddr_in *)(const void *)list->ai_addr;
		inet_ntop(
		    AF_INET, &at->sin_addr, c->address, sizeof c->address);
	} else
		c->cause = resolve_cause(c->resolve);
	snprintf(c->fault, sizeof c->fault, "%s", fault != NULL ? fault : "");
	if (c->takes_along != NULL)
		leave(c->takes_along);
	if (!c->keeps)
		leave(c);
	if (due == 0)
		loop_stop(l);
}

static void
want(struct client *c, const char *host)
{
	c->told = 0;
	*c->address = '\0';
	due++;
	c->resolve = resolve_new(names, l, host, AF_UNSPEC, found, c);
	CHECK(c->resolve != NULL);
}

static void
stop(void *arg)
{
	(void)arg;
	loop_stop(l);
}

/* Ends a test that would hang, or one that waits for nothing else. */
static void
run(int ms)
{
	struct timer guard = { .expired = stop };

	CHECK_INT(loop_timer(l, &guard, loop_now(l) + ms), 0);
	CHECK_INT(loop_run(l), 0);
	loop_timer(l, &guard, 0);
}

static void
begin_kept(int kept_ms)
{
	memset(client, 0, sizeof client);
	due = 0;
	resolver_says = "192.0.2.1";
	resolver_hold(0);
	asked_before = resolver_asked;
	l = loop_new();
	names = names_new(kept_ms);
	CHECK(l != NULL && names != NULL);
}

static void
begin(void)
{
	begin_kept(KEPT_MS);
}

static int
asked(void)
{
	return resolver_asked - asked_before;
}

/* Threads begin when they like. */
static void
wait_until_asked(int times)
{
	struct timespec ms = { 0, 1000000 };
	int i;

	for (i = 0; i < 5000 && asked() < times; i++)
		nanosleep(&ms, NULL);
	CHECK_INT(asked(), times);
}

/* Until all threads are done: what they found is nobody's then. */
static void
wait_for_threads(void)
{
	struct timespec ms = { 0, 1000000 };
	int i;

	for (i = 0; i < 5000 && (resolver_answered != resolver_asked ||
				    resolver_lists != 0);
	     i++)
		nanosleep(&ms, NULL);
	CHECK_INT(resolver_lists, 0);
}

/* In the program the loop goes before the route, and the names with that. */
static void
end(void)
{
	loop_free(l);
	names_free(names);
	resolver_hold(0);
	wait_for_threads();
}

static void
look_up(const char *host)
{
	want(&client[0], host);
	run(5000);
}

static void
a_name_and_its_address(void)
{
	begin();
	look_up("a.test");
	CHECK_INT(client[0].told, 1);
	CHECK_STR(client[0].address, "192.0.2.1");
	CHECK_STR(client[0].fault, "");
	CHECK_INT(asked(), 1);
	end();
}

static void
those_who_want_the_same_wait_for_the_same(void)
{
	size_t i;

	begin();
	resolver_hold(1);
	for (i = 0; i < WAITING; i++)
		want(&client[i], "a.test");
	run(20);
	CHECK_INT(client[0].told, 0);
	wait_until_asked(1);
	want(&client[i], "b.test");
	wait_until_asked(2);
	resolver_hold(0);
	run(5000);
	for (i = 0; i <= WAITING; i++) {
		CHECK_INT(client[i].told, 1);
		CHECK_STR(client[i].address, "192.0.2.1");
	}
	CHECK_INT(asked(), 2);
	end();
}

static void
each_is_told_as_itself(void)
{
	char first[] = "first", second[] = "second";

	begin();
	resolver_hold(1);
	loop_subject(l, first);
	want(&client[0], "a.test");
	CHECK_STR(loop_subject(l, second), "first");
	want(&client[1], "a.test");
	want(&client[2], "a.test");
	loop_subject(l, NULL);
	/* The look-up is not about the one who began it, and is gone. */
	leave(&client[0]);
	explicit_bzero(first, sizeof first);
	resolver_hold(0);
	run(5000);
	CHECK_STR(client[1].subject, "second");
	CHECK_STR(client[2].subject, "second");
	loop_subject(l, second);
	want(&client[1], "a.test");
	loop_subject(l, NULL);
	run(5000);
	CHECK_STR(client[1].subject, "second");
	end();
}

static void
another_family_is_another_question(void)
{
	begin();
	want(&client[0], "a.test");
	due++;
	client[1].resolve =
	    resolve_new(names, l, "a.test", AF_INET, found, &client[1]);
	run(5000);
	CHECK_INT(client[1].told, 1);
	CHECK_INT(asked(), 2);
	end();
}

static void
one_of_two_leaves(void)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		begin();
		resolver_hold(1);
		want(&client[0], "a.test");
		want(&client[1], "a.test");
		run(10);
		leave(&client[i]);
		resolver_hold(0);
		run(5000);
		CHECK_INT(client[i].told, 0);
		CHECK_INT(client[1 - i].told, 1);
		CHECK_INT(asked(), 1);
		end();
	}
}

static void
both_leave_and_the_look_up_is_abandoned(void)
{
	begin();
	resolver_hold(1);
	want(&client[0], "a.test");
	want(&client[1], "a.test");
	run(10);
	leave(&client[0]);
	leave(&client[1]);
	/* Whoever comes now does not wait for one that may hang. */
	want(&client[2], "a.test");
	run(10);
	wait_until_asked(2);
	resolver_hold(0);
	run(5000);
	CHECK_INT(client[0].told + client[1].told, 0);
	CHECK_INT(client[2].told, 1);
	end();
	begin();
	resolver_hold(1);
	want(&client[0], "a.test");
	wait_until_asked(1);
	leave(&client[0]);
	end();
}

static void
one_takes_another_along_when_it_is_told(void)
{
	begin();
	resolver_hold(1);
	want(&client[0], "a.test");
	want(&client[1], "a.test");
	want(&client[2], "a.test");
	client[0].takes_along = &client[1];
	resolver_hold(0);
	run(5000);
	CHECK_INT(client[0].told, 1);
	CHECK_INT(client[1].told, 0);
	CHECK_INT(client[2].told, 1);
	end();
}

static void
an_answer_is_kept(void)
{
	begin();
	look_up("a.test");
	resolver_says = "192.0.2.2";
	want(&client[1], "a.test");
	CHECK_INT(client[1].told, 0);
	CHECK(resolve_is_kept(client[1].resolve));
	want(&client[2], "a.test");
	run(5000);
	CHECK_INT(client[1].told, 1);
	CHECK_STR(client[1].address, "192.0.2.1");
	CHECK_INT(client[2].told, 1);
	CHECK_INT(asked(), 1);
	/* One that leaves first is not told. */
	want(&client[1], "a.test");
	leave(&client[1]);
	run(10);
	CHECK_INT(client[1].told, 0);
	end();
}

static void
an_answer_is_kept_for_a_while(void)
{
	begin_kept(100);
	look_up("a.test");
	look_up("a.test");
	CHECK_INT(asked(), 1);
	resolver_says = "192.0.2.2";
	run(150);
	want(&client[0], "a.test");
	CHECK(!resolve_is_kept(client[0].resolve));
	run(5000);
	CHECK_STR(client[0].address, "192.0.2.2");
	CHECK_INT(asked(), 2);
	end();
}

static void
a_fault_has_a_cause(void)
{
	begin();
	resolver_says = "";
	resolver_fails = EAI_AGAIN;
	look_up("a.test");
	CHECK_INT(client[0].cause, CAUSE_NAME_SERVER);
	resolver_fails = EAI_FAMILY;
	look_up("a.test");
	CHECK_INT(client[0].cause, CAUSE_FAMILY);
	resolver_fails = EAI_NONAME;
	end();
}

static void
a_fault_is_for_all_who_wait_and_not_kept(void)
{
	begin();
	resolver_says = "";
	want(&client[0], "a.test");
	want(&client[1], "a.test");
	run(5000);
	CHECK_INT(asked(), 1);
	CHECK_INT(client[1].told, 1);
	CHECK_INT(client[1].known, 0);
	CHECK_STR(client[1].fault, gai_strerror(EAI_NONAME));
	CHECK_INT(client[1].cause, CAUSE_OTHER);
	resolver_says = "192.0.2.1";
	look_up("a.test");
	CHECK_INT(asked(), 2);
	CHECK_STR(client[0].address, "192.0.2.1");
	end();
}

static void
what_is_forgotten_is_looked_up_anew(void)
{
	begin();
	client[0].keeps = 1;
	look_up("a.test");
	resolver_says = "192.0.2.2";
	resolve_forget(client[0].resolve);
	resolve_forget(client[0].resolve);
	resolve_forget(NULL);
	want(&client[1], "a.test");
	CHECK(!resolve_is_kept(client[1].resolve));
	run(5000);
	CHECK_INT(asked(), 2);
	CHECK_STR(client[1].address, "192.0.2.2");
	/* It is the answer that is forgotten, not a newer one. */
	resolve_forget(client[0].resolve);
	want(&client[1], "a.test");
	CHECK(resolve_is_kept(client[1].resolve));
	run(5000);
	leave(&client[0]);
	CHECK_INT(asked(), 2);
	end();
}

static void
the_oldest_of_many_answers_goes(void)
{
	char host[32];
	size_t i;

	begin();
	for (i = 0; i <= NAMES_MAX; i++) {
		snprintf(host, sizeof host, "%zu.test", i);
		look_up(host);
	}
	CHECK_INT(asked(), NAMES_MAX + 1);
	look_up("1.test");
	CHECK_INT(asked(), NAMES_MAX + 1);
	look_up("0.test");
	CHECK_INT(asked(), NAMES_MAX + 2);
	end();
}

static void
no_descriptors_are_left(void)
{
	struct timespec ms = { 0, 1000000 };
	int before = open("/dev/null", O_RDONLY), after, i;

	close(before);
	for (i = 0; i < 10; i++) {
		begin();
		look_up("a.test");
		resolver_hold(1);
		want(&client[1], "b.test");
		wait_until_asked(2);
		leave(&client[1]);
		end();
	}
	after = open("/dev/null", O_RDONLY);
	/* The thread's own end is closed last. */
	for (i = 0; i < 1000 && after != before; i++) {
		close(after);
		nanosleep(&ms, NULL);
		after = open("/dev/null", O_RDONLY);
	}
	CHECK_INT(after, before);
	close(after);
}

static const struct test tests[] = {
	TEST(a_name_and_its_address),
	TEST(those_who_want_the_same_wait_for_the_same),
	TEST(each_is_told_as_itself),
	TEST(another_family_is_another_question),
	TEST(one_of_two_leaves),
	TEST(both_leave_and_the_look_up_is_abandoned),
	TEST(one_takes_another_along_when_it_is_told),
	TEST(an_answer_is_kept),
	TEST(an_answer_is_kept_for_a_while),
	TEST(a_fault_has_a_cause),
	TEST(a_fault_is_for_all_who_wait_and_not_kept),
	TEST(what_is_forgotten_is_looked_up_anew),
	TEST(the_oldest_of_many_answers_goes),
	TEST(no_descriptors_are_left),
};

int
main(void)
{
	return test_all(tests, COUNT(tests));
}
