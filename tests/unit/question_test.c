/*
 * question_test.c -- errands of several tunnels for a secret that they share:
 * a command, or a program that stands for a person, is asked for it.
 */
#include "errand.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TUNNELS 4
#define HOPS 2

static char dir[] = "/tmp/question.XXXXXX";
static struct loop *l;
static struct hop hop[HOPS];
static struct route route;
static char names[HOPS][8] = { "p:1", "q:2" };
static char askpass[64], log_file[64];

/* One that waits for a secret. */
struct tunnel {
	struct errand *errand;
	int told;
	const char *subject; /* of the loop when it was told */
	char fault[128];
	struct tunnel *takes_along; /* it ends when this one is told */
	int asks_again;		    /* when it is told */
};

static struct tunnel tunnel[TUNNELS];
static int due; /* who have not been told yet */

static void
leave(struct tunnel *t)
{
	due -= errand_asks_person(t->errand);
	errand_free(t->errand);
	t->errand = NULL;
}

static void
want(struct tunnel *t, size_t at)
{
	t->told = 0;
	due++;
	CHECK_INT(errand_password(t->errand, at), 0);
}

static void
want_key(struct tunnel *t, size_t at)
{
	t->told = 0;
	due++;
	CHECK_INT(errand_passphrase(t->errand, at), 0);
}

static void
done(void *arg, struct span got, const char *fault)
{
	struct tunnel *t = arg;

	CHECK_INT(got.n, 0);
	due--;
	t->told++;
	t->subject = loop_subject(l, NULL);
	snprintf(t->fault, sizeof t->fault, "%s", fault != NULL ? fault : "");
	if (t->takes_along != NULL)
		leave(t->takes_along);
	if (t->asks_again) {
		t->asks_again = 0;
		errand_sent(t->errand, 0);
		want(t, 0);
	}
	if (due == 0)
		loop_stop(l);
}

static void
stop(void *arg)
{
	(void)arg;
	loop_stop(l);
}

/* Until all are told, but not forever. */
static void
run(int ms)
{
	struct timer guard = { .expired = stop };

	CHECK_INT(loop_timer(l, &guard, loop_now(l) + ms), 0);
	CHECK_INT(loop_run(l), 0);
	loop_timer(l, &guard, 0);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	CHECK(f != NULL);
	if (f == NULL)
		return;
	fputs(text, f);
	fclose(f);
	CHECK_INT(chmod(path, mode), 0);
}

/* What was noted by those who were asked. */
static const char *
noted(void)
{
	static char text[1024];
	FILE *f = fopen(log_file, "r");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof text - 1, f);

	text[n] = '\0';
	if (f != NULL)
		fclose(f);
	return text;
}

static void
begin(const char *text)
{
	size_t i;

	memset(hop, 0, sizeof hop);
	memset(&route, 0, sizeof route);
	memset(tunnel, 0, sizeof tunnel);
	route.hops = hop;
	route.nhops = HOPS;
	due = 0;
	unlink(log_file);
	l = loop_new();
	CHECK(l != NULL);
	for (i = 0; i < HOPS; i++) {
		hop[i].name = names[i];
		hop[i].login.credentials.user = strdup("bob");
		if (text != NULL)
			hop[i].sources.command = strdup(text);
		else {
			hop[i].sources.askpass = askpass;
			hop[i].sources.when = ASKPASS_FIRST;
		}
	}
	for (i = 0; i < TUNNELS; i++)
		tunnel[i].errand = errand_new(l, &route, done, &tunnel[i]);
}

static void
end(void)
{
	size_t i;

	for (i = 0; i < TUNNELS; i++)
		errand_free(tunnel[i].errand);
	for (i = 0; i < HOPS; i++) {
		CHECK(hop[i].question == NULL);
		CHECK(hop[i].secure.question == NULL);
		credentials_free(&hop[i].login.credentials);
		free(hop[i].sources.command);
	}
	loop_free(l);
}

static unsigned
asks(const struct tunnel *t, size_t at)
{
	errand_allow(t->errand, at);
	return hop[at].login.asks;
}

/* Each run says so, and another password. */
static const char counts[] = "echo run >>$LOG; grep -c . $LOG";
static const char slow[] = "echo run >>$LOG; sleep 0.2; grep -c . $LOG";
static const char fails[] = "echo run >>$LOG; sleep 0.2; exit 3";
static const char hangs[] = "echo $$ >>$LOG; exec sleep 60";

static void
one_question_for_all(void)
{
	size_t i;

	begin(slow);
	for (i = 0; i < TUNNELS; i++)
		want(&tunnel[i], 0);
	run(5000);
	for (i = 0; i < TUNNELS; i++) {
		CHECK_INT(tunnel[i].told, 1);
		CHECK_STR(tunnel[i].fault, "");
		CHECK_INT(asks(&tunnel[i], 0), 0);
	}
	CHECK_STR(noted(), "run\n");
	CHECK_STR(hop[0].login.credentials.password, "1");
	CHECK_INT(hop[0].login.version, 1);
	end();
}

static void
whoever_began_it_leaves(void)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		begin(slow);
		want(&tunnel[0], 0);
		want(&tunnel[1], 0);
		want(&tunnel[2], 0);
		run(50);
		leave(&tunnel[i]);
		run(5000);
		CHECK_INT(tunnel[0].told + tunnel[1].told + tunnel[2].told, 2);
		CHECK_INT(tunnel[i].told, 0);
		CHECK_STR(noted(), "run\n");
		end();
	}
}

static void
each_is_told_as_itself(void)
{
	begin(NULL);
	loop_subject(l, "first");
	want(&tunnel[0], 0);
	want(&tunnel[1], 1);
	loop_subject(l, "second");
	want(&tunnel[2], 0);
	want(&tunnel[3], 1);
	loop_subject(l, "nobody");
	leave(&tunnel[0]);
	CHECK_STR(loop_subject(l, NULL), "nobody");
	run(5000);
	CHECK_STR(tunnel[1].subject, "first");
	CHECK_STR(tunnel[2].subject, "second");
	CHECK_STR(tunnel[3].subject, "second");
	end();
}

static void
the_last_to_leave_takes_it_back(void)
{
	struct timespec ms = { 0, 1000000 };
	int i, pid;

	begin(hangs);
	want(&tunnel[0], 0);
	want(&tunnel[1], 0);
	for (i = 0; i < 5000 && strchr(noted(), '\n') == NULL; i++)
		nanosleep(&ms, NULL);
	pid = atoi(noted());
	CHECK(pid > 0);
	leave(&tunnel[0]);
	CHECK(hop[0].question != NULL);
	CHECK_INT(kill(pid, 0), 0);
	errand_drop(tunnel[1].errand);
	CHECK(hop[0].question == NULL);
	CHECK(kill(pid, 0) < 0 && errno == ESRCH);
	CHECK_INT(tunnel[0].told + tunnel[1].told, 0);
	/* Whoever comes next asks anew. */
	want(&tunnel[2], 0);
	CHECK(hop[0].question != NULL);
	end();
}

static void
a_fault_is_for_all_who_wait(void)
{
	begin(fails);
	want(&tunnel[0], 0);
	want(&tunnel[1], 0);
	run(5000);
	CHECK_STR(tunnel[0].fault, "the password command ended with status 3");
	CHECK_STR(tunnel[1].fault, "the password command ended with status 3");
	CHECK(hop[0].login.credentials.password == NULL);
	CHECK_INT(asks(&tunnel[0], 0), 0);
	CHECK_INT(asks(&tunnel[1], 0), 0);
	/* Another hop is another matter, and another tunnel. */
	CHECK_INT(asks(&tunnel[0], 1), 1);
	CHECK_INT(asks(&tunnel[2], 0), 1);
	want(&tunnel[2], 0);
	run(5000);
	CHECK_STR(noted(), "run\nrun\n");
	end();
}

static void
a_newer_password_is_tried_before_it_is_asked_for(void)
{
	begin(counts);
	want(&tunnel[0], 0);
	run(5000);
	errand_sent(tunnel[0].errand, 0);
	errand_sent(tunnel[1].errand, 0);
	errand_sent(tunnel[2].errand, 0);
	/* It is refused to one, then to the others. */
	want(&tunnel[1], 0);
	run(5000);
	CHECK_STR(hop[0].login.credentials.password, "2");
	want(&tunnel[2], 0);
	CHECK_INT(tunnel[2].told, 0);
	CHECK(hop[0].question == NULL);
	run(5000);
	CHECK_INT(tunnel[2].told, 1);
	CHECK_STR(tunnel[2].fault, "");
	CHECK_STR(noted(), "run\nrun\n");
	/* That was no question, and one may yet be asked. */
	CHECK_INT(asks(&tunnel[2], 0), 1);
	errand_sent(tunnel[2].errand, 0);
	want(&tunnel[2], 0);
	run(5000);
	CHECK_STR(hop[0].login.credentials.password, "3");
	CHECK_INT(asks(&tunnel[2], 0), 0);
	/* One that leaves before it hears of it. */
	want(&tunnel[1], 0);
	due--;
	errand_drop(tunnel[1].errand);
	run(20);
	CHECK_INT(tunnel[1].told, 0);
	end();
}

static void
the_old_password_stays_until_there_is_another(void)
{
	begin(slow);
	hop[0].login.credentials.password = strdup("old");
	want(&tunnel[0], 0);
	CHECK_STR(hop[0].login.credentials.password, "old");
	run(5000);
	CHECK_STR(hop[0].login.credentials.password, "1");
	end();
	begin(fails);
	hop[0].login.credentials.password = strdup("old");
	want(&tunnel[0], 0);
	run(5000);
	CHECK_STR(hop[0].login.credentials.password, "old");
	CHECK_INT(hop[0].login.version, 0);
	end();
}

static void
a_command_that_knows_no_other_password(void)
{
	begin("echo same; echo run >>$LOG");
	hop[0].login.credentials.password = strdup("same");
	want(&tunnel[0], 0);
	run(5000);
	CHECK_STR(tunnel[0].fault, "the password command has no other one");
	CHECK_INT(hop[0].login.version, 0);
	CHECK_STR(hop[0].login.credentials.password, "same");
	end();
}

static void
those_told_may_ask_again_and_end_others(void)
{
	begin(counts);
	want(&tunnel[0], 0);
	want(&tunnel[1], 0);
	want(&tunnel[2], 0);
	want(&tunnel[3], 0);
	tunnel[0].asks_again = 1;
	tunnel[1].takes_along = &tunnel[2];
	run(5000);
	CHECK_INT(tunnel[0].told, 1); /* once more */
	CHECK_INT(tunnel[1].told, 1);
	CHECK_INT(tunnel[2].told, 0);
	CHECK_INT(tunnel[3].told, 1);
	CHECK_STR(noted(), "run\nrun\n");
	end();
}

static void
commands_of_two_hops_run_at_a_time(void)
{
	begin(hangs);
	want(&tunnel[0], 0);
	free(hop[1].sources.command);
	hop[1].sources.command = strdup(counts);
	want(&tunnel[1], 1);
	run(200);
	CHECK_INT(tunnel[0].told, 0);
	CHECK_INT(tunnel[1].told, 1);
	CHECK(hop[1].login.credentials.password != NULL);
	end();
}

static void
a_person_is_asked_one_question_at_a_time(void)
{
	begin(NULL);
	CHECK_INT(asks(&tunnel[0], 0), ASK_TIMES);
	want(&tunnel[0], 1);
	want(&tunnel[1], 0);
	want(&tunnel[2], 0);
	CHECK(errand_asks_person(tunnel[2].errand));
	run(5000);
	CHECK_STR(noted(),
	    "proxytunnel: password for bob at the proxy q:2: \nanswered\n"
	    "proxytunnel: password for bob at the proxy p:1: \nanswered\n");
	CHECK_INT(tunnel[0].told + tunnel[1].told + tunnel[2].told, 3);
	CHECK_INT(asks(&tunnel[2], 0), ASK_TIMES - 1);
	/* Typed wrong, by both. */
	errand_sent(tunnel[1].errand, 0);
	errand_sent(tunnel[2].errand, 0);
	unlink(log_file);
	want(&tunnel[1], 0);
	want(&tunnel[2], 0);
	run(5000);
	CHECK_STR(noted(),
	    "proxytunnel: refused; password for bob at the proxy p:1: \n"
	    "answered\n");
	CHECK_INT(asks(&tunnel[1], 0), ASK_TIMES - 2);
	CHECK_INT(asks(&tunnel[0], 0), ASK_TIMES);
	end();
}

static void
a_question_that_is_taken_back_makes_room(void)
{
	begin(NULL);
	want(&tunnel[0], 0);
	want(&tunnel[1], 1);
	want(&tunnel[2], 1);
	leave(&tunnel[0]);
	leave(&tunnel[1]);
	run(5000);
	CHECK_INT(tunnel[2].told, 1);
	CHECK_STR(hop[1].login.credentials.password, "typed");
	end();
	/* One that waits for its turn is taken back like any other. */
	begin(NULL);
	want(&tunnel[0], 0);
	want(&tunnel[1], 1);
	leave(&tunnel[1]);
	CHECK(hop[1].question == NULL);
	run(5000);
	CHECK_INT(tunnel[0].told, 1);
	CHECK(hop[1].login.credentials.password == NULL);
	end();
	begin(NULL);
	want(&tunnel[0], 0);
	want(&tunnel[1], 1);
	leave(&tunnel[0]);
	leave(&tunnel[1]);
	end();
}

/* A certificate, and its key under the passphrase "typed". */
static int
make_key(char *cert, char *key)
{
	char line[512];

	snprintf(line, sizeof line,
	    "openssl req -x509 -newkey ec -pkeyopt "
	    "ec_paramgen_curve:P-256 -passout pass:typed -subj /CN=x "
	    "-keyout %s -out %s 2>/dev/null",
	    key, cert);
	return system(line);
}

static void
begin_with_key(char *cert, char *key)
{
	struct failure why;
	size_t at;

	begin(counts);
	for (at = 0; at < HOPS; at++) {
		hop[at].secure.on = 1;
		hop[at].secure.options.cert = cert;
		hop[at].secure.options.key = key;
		hop[at].secure.context =
		    tls_context_new(&hop[at].secure.options, &why);
		CHECK(hop[at].secure.context != NULL);
		CHECK_STR(route_locked(&route, at), key);
	}
	route.key_sources.askpass = askpass;
	route.key_sources.when = ASKPASS_FIRST;
}

static void
end_with_key(void)
{
	tls_context_free(hop[0].secure.context);
	tls_context_free(hop[1].secure.context);
	hop[0].secure.context = hop[1].secure.context = NULL;
	end();
}

static void
one_passphrase_for_all_that_wait_for_a_key(void)
{
	char cert[64], key[64], want_log[256];

	snprintf(cert, sizeof cert, "%s/cert", dir);
	snprintf(key, sizeof key, "%s/key", dir);
	CHECK_INT(make_key(cert, key), 0);
	begin_with_key(cert, key);
	want_key(&tunnel[0], 0);
	want_key(&tunnel[1], 0);
	run(5000);
	CHECK_INT(tunnel[0].told + tunnel[1].told, 2);
	CHECK_STR(tunnel[1].fault, "");
	CHECK(route_locked(&route, 0) == NULL);
	CHECK(route_locked(&route, 1) == NULL);
	snprintf(want_log, sizeof want_log,
	    "proxytunnel: passphrase for %s: \nanswered\n", key);
	CHECK_STR(noted(), want_log);
	end_with_key();
	/* Not right, and then nobody is there any more. */
	begin_with_key(cert, key);
	setenv("TYPES", "wrong", 1);
	want_key(&tunnel[0], 0);
	want_key(&tunnel[1], 0);
	run(5000);
	unsetenv("TYPES");
	CHECK_STR(tunnel[0].fault, "that is not its passphrase");
	CHECK_STR(tunnel[1].fault, "that is not its passphrase");
	CHECK_HAS(noted(), "proxytunnel: wrong; passphrase for ");
	/* The next asks anew. */
	want_key(&tunnel[2], 0);
	run(5000);
	CHECK_STR(tunnel[2].fault, "");
	end_with_key();
}

static const struct test tests[] = {
	TEST(one_question_for_all),
	TEST(whoever_began_it_leaves),
	TEST(each_is_told_as_itself),
	TEST(the_last_to_leave_takes_it_back),
	TEST(a_fault_is_for_all_who_wait),
	TEST(a_newer_password_is_tried_before_it_is_asked_for),
	TEST(the_old_password_stays_until_there_is_another),
	TEST(a_command_that_knows_no_other_password),
	TEST(those_told_may_ask_again_and_end_others),
	TEST(commands_of_two_hops_run_at_a_time),
	TEST(a_person_is_asked_one_question_at_a_time),
	TEST(a_question_that_is_taken_back_makes_room),
	TEST(one_passphrase_for_all_that_wait_for_a_key),
};

int
main(void)
{
	static const char asks_person[] =
	    "#!/bin/sh\necho \"$1\" >>$LOG\nsleep 0.1\necho answered >>$LOG\n"
	    "echo \"${TYPES:-typed}\"\n";
	char line[64];
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(askpass, sizeof askpass, "%s/askpass", dir);
	snprintf(log_file, sizeof log_file, "%s/log", dir);
	setenv("LOG", log_file, 1);
	write_file(askpass, asks_person, 0700);
	failed = test_all(tests, COUNT(tests));
	snprintf(line, sizeof line, "rm -r %s", dir);
	return system(line) != 0 || failed;
}
