/* loop_test.c -- descriptors, timers and signals, one thread. */
#include "loop.h"
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TIMERS 100

static struct loop *l;
static char order[TIMERS * 4]; /* what came, as letters */
static size_t norder;
static int by_epoll; /* as for many descriptors */

static void
note(char c)
{
	if (norder + 1 < sizeof order)
		order[norder++] = c;
	order[norder] = '\0';
}

static void
begin(void)
{
	norder = 0;
	*order = '\0';
	l = loop_new();
	CHECK(l != NULL);
	if (by_epoll)
		loop_many(l);
}

static void
stop(void *arg)
{
	(void)arg;
	loop_stop(l);
}

static void
note_and_stop(void *arg)
{
	note(*(char *)arg);
	loop_stop(l);
}

static void
note_letter(void *arg)
{
	note(*(char *)arg);
}

/* Ends a test that would hang. */
static struct timer guard = { .expired = stop };

static void
run(void)
{
	guard.slot = 0;
	CHECK_INT(loop_timer(l, &guard, loop_now(l) + 5000), 0);
	CHECK_INT(loop_run(l), 0);
	CHECK(guard.slot != 0);
	loop_timer(l, &guard, 0);
}

static char letters[] = "abcdefghijklmnopqrstuvwxyz";

static void
timers_in_order(void)
{
	static const int delay[] = { 9, 3, 7, 1, 5, 20, 2 };
	struct timer t[COUNT(delay)];
	size_t i;
	int64_t before;

	begin();
	before = loop_now(l);
	CHECK(before != 0);
	memset(t, 0, sizeof t);
	for (i = 0; i < COUNT(t); i++) {
		t[i].expired = delay[i] == 20 ? note_and_stop : note_letter;
		t[i].arg = &letters[i];
		CHECK_INT(loop_timer(l, &t[i], before + delay[i]), 0);
	}
	run();
	CHECK_STR(order, "dgbecaf");
	CHECK(loop_now(l) >= before + 20);
	for (i = 0; i < COUNT(t); i++)
		CHECK_INT(t[i].slot, 0);
	loop_free(l);
}

static struct timer many[TIMERS];
static int64_t last_due;
static int expired, disorder;

static void
check_off(void *arg)
{
	struct timer *t = arg;

	expired++;
	disorder += t->slot != 0;
}

/* The earliest comes first, whatever was set, moved and taken away. */
static void
many_timers(void)
{
	struct timer last = { .expired = stop };
	size_t i;
	int left = 0;
	unsigned seed = 1;

	begin();
	memset(many, 0, sizeof many);
	expired = disorder = 0;
	for (i = 0; i < 5000; i++) {
		struct timer *t;

		seed = seed * 1103515245 + 12345;
		t = &many[seed / 65536 % TIMERS];
		t->expired = check_off;
		t->arg = t;
		seed = seed * 1103515245 + 12345;
		loop_timer(l, t,
		    seed / 65536 % 4 == 0
			? 0
			: loop_now(l) + 1 + (int)(seed / 65536 % 30));
	}
	for (i = 0; i < TIMERS; i++) {
		left += many[i].slot != 0;
		CHECK_INT(many[i].slot != 0, many[i].due != 0);
	}
	loop_timer(l, &last, loop_now(l) + 40);
	run();
	CHECK_INT(expired, left);
	CHECK_INT(disorder, 0);
	loop_free(l);
}

static int64_t dues[TIMERS];

static void
check_order(void *arg)
{
	size_t i = (size_t)((struct timer *)arg - many);

	expired++;
	disorder += dues[i] < last_due;
	last_due = dues[i];
	if (expired == TIMERS)
		loop_stop(l);
}

static void
many_timers_in_order(void)
{
	size_t i;
	unsigned seed = 7;

	begin();
	memset(many, 0, sizeof many);
	expired = disorder = 0;
	last_due = 0;
	for (i = 0; i < TIMERS; i++) {
		seed = seed * 1103515245 + 12345;
		many[i].expired = check_order;
		many[i].arg = &many[i];
		loop_timer(l, &many[i], loop_now(l) + 100);
		dues[i] = loop_now(l) + (int)(seed / 65536 % 20);
		loop_timer(l, &many[i], dues[i]);
	}
	run();
	CHECK_INT(expired, TIMERS);
	CHECK_INT(disorder, 0);
	loop_free(l);
}

static struct timer other;

static void
take_other_away(void *arg)
{
	(void)arg;
	note('x');
	loop_timer(l, &other, 0);
}

static void
timer_taken_away(void)
{
	struct timer first = { .expired = take_other_away };
	struct timer last = { .expired = note_and_stop, .arg = &letters[2] };

	begin();
	memset(&other, 0, sizeof other);
	other.expired = note_letter;
	other.arg = &letters[1];
	/* All three are due at once. */
	loop_timer(l, &first, loop_now(l) - 3);
	loop_timer(l, &other, loop_now(l) - 2);
	loop_timer(l, &last, loop_now(l) - 1);
	run();
	CHECK_STR(order, "xc");
	CHECK_INT(other.slot, 0);
	CHECK_INT(loop_timer(l, &other, 0), 0);
	loop_free(l);
}

static int rounds;

static void
once_more(void *arg)
{
	note('r');
	if (++rounds < 3)
		loop_timer(l, arg, loop_now(l) + 2);
	else
		loop_stop(l);
}

static void
timer_sets_itself(void)
{
	struct timer t = { .expired = once_more };
	int64_t before;

	begin();
	rounds = 0;
	t.arg = &t;
	before = loop_now(l);
	loop_timer(l, &t, before + 2);
	run();
	CHECK_STR(order, "rrr");
	CHECK(loop_now(l) >= before + 6);
	loop_free(l);
}

/* A pipe and the watch of its reading end. */
struct end {
	int fd[2];
	struct watch watch;
	char letter;
	struct end *victim;   /* a watch to end */
	struct end *follower; /* a watch to begin */
	short narrows;	      /* what the victim is watched for from then on */
	int takes, stops;
};

static void
end_ready(void *arg, int got)
{
	struct end *e = arg;
	char c;

	note(e->letter);
	if (got & POLLIN && e->takes && read(e->fd[0], &c, 1) == 1)
		note(c);
	if (got & (POLLHUP | POLLERR))
		note('!');
	if (e->victim != NULL)
		loop_want(l, &e->victim->watch, e->narrows);
	if (e->follower != NULL)
		CHECK_INT(loop_want(l, &e->follower->watch, POLLIN), 0);
	if (e->stops)
		loop_stop(l);
}

static void
end_open(struct end *e, char letter)
{
	memset(e, 0, sizeof *e);
	CHECK_INT(pipe(e->fd), 0);
	e->letter = letter;
	e->takes = 1;
	e->watch.fd = e->fd[0];
	e->watch.ready = end_ready;
	e->watch.arg = e;
}

static void
end_say(struct end *e, const char *s)
{
	CHECK_INT(write(e->fd[1], s, strlen(s)), strlen(s));
}

static void
end_close(struct end *e)
{
	close(e->fd[0]);
	if (e->fd[1] >= 0)
		close(e->fd[1]);
}

static void
watches(void)
{
	struct end a, b;

	begin();
	end_open(&a, 'a');
	end_open(&b, 'b');
	b.stops = 1;
	end_say(&a, "1");
	end_say(&b, "2");
	CHECK_INT(loop_want(l, &a.watch, POLLIN), 0);
	CHECK_INT(loop_want(l, &b.watch, POLLIN), 0);
	CHECK_INT(a.watch.want, POLLIN);
	run();
	CHECK_STR(order, "a1b2");
	loop_want(l, &a.watch, 0);
	CHECK_INT(a.watch.slot, 0);
	loop_want(l, &a.watch, 0);
	end_say(&a, "3");
	end_say(&b, "4");
	run();
	CHECK_STR(order, "a1b2b4");
	loop_want(l, &b.watch, 0);
	loop_free(l);
	end_close(&a);
	end_close(&b);
}

static void
watch_ended_by_another(void)
{
	struct end a, b, c;
	struct timer t = { .expired = stop };

	begin();
	end_open(&a, 'a');
	end_open(&b, 'b');
	end_open(&c, 'c');
	a.victim = &b;
	end_say(&a, "1");
	end_say(&b, "2");
	end_say(&c, "3");
	loop_want(l, &a.watch, POLLIN);
	loop_want(l, &b.watch, POLLIN);
	loop_want(l, &c.watch, POLLIN);
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK_STR(order, "a1c3");
	/* Those behind the hole are still watched. */
	end_say(&c, "4");
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK_STR(order, "a1c3c4");
	a.victim = NULL;
	CHECK_INT(loop_want(l, &b.watch, POLLIN), 0);
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK_STR(order, "a1c3c4b2");
	loop_free(l);
	end_close(&a);
	end_close(&b);
	end_close(&c);
}

static void
watch_ends_itself(void)
{
	struct end a, b;
	struct timer t = { .expired = stop };

	begin();
	end_open(&a, 'a');
	end_open(&b, 'b');
	a.takes = b.takes = 0;
	a.victim = &a;
	b.victim = &b;
	end_say(&a, "1");
	end_say(&b, "2");
	loop_want(l, &a.watch, POLLIN);
	loop_want(l, &b.watch, POLLIN);
	loop_timer(l, &t, loop_now(l) + 20);
	run();
	CHECK_STR(order, "ab");
	loop_free(l);
	end_close(&a);
	end_close(&b);
}

/* What is awaited no more is not told, though poll(2) has seen it. */
static void
watch_narrowed_by_another(void)
{
	struct end a, b;
	struct timer t = { .expired = stop };

	begin();
	end_open(&a, 'a');
	end_open(&b, 'b');
	a.victim = &b;
	a.narrows = POLLERR;
	end_say(&a, "1");
	end_say(&b, "2");
	loop_want(l, &a.watch, POLLIN);
	loop_want(l, &b.watch, POLLIN);
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK_STR(order, "a1");
	CHECK(b.watch.slot != 0);
	CHECK_INT(loop_want(l, &b.watch, POLLIN), 0);
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK_STR(order, "a1b2");
	loop_free(l);
	end_close(&a);
	end_close(&b);
}

/* A watch that begins while others are served waits for its turn. */
static void
watch_begun_by_another(void)
{
	struct end a, b[40];
	struct timer t = { .expired = stop };
	size_t i;

	begin();
	end_open(&a, 'a');
	for (i = 0; i < COUNT(b); i++) {
		end_open(&b[i], 'b');
		b[i].victim = &b[i];
		b[i].takes = 0;
		b[i].follower = i + 1 < COUNT(b) ? &b[i + 1] : NULL;
		end_say(&b[i], "x");
	}
	a.follower = &b[0];
	a.victim = &a;
	end_say(&a, "1");
	loop_want(l, &a.watch, POLLIN);
	loop_timer(l, &t, loop_now(l) + 200);
	run();
	CHECK_INT(norder, 2 + COUNT(b));
	CHECK_INT(strspn(order + 2, "b"), COUNT(b));
	loop_free(l);
	end_close(&a);
	for (i = 0; i < COUNT(b); i++)
		end_close(&b[i]);
}

static void
hang_ups_alone(void)
{
	struct end a;

	begin();
	end_open(&a, 'a');
	a.stops = 1;
	a.takes = 0;
	end_say(&a, "1");
	close(a.fd[1]);
	a.fd[1] = -1;
	loop_want(l, &a.watch, POLLERR);
	run();
	CHECK_STR(order, "a!");
	loop_free(l);
	end_close(&a);
}

static int last_signal;

static void
on_signal(void *arg, int signo)
{
	note(*(char *)arg);
	last_signal = signo;
	loop_stop(l);
}

static void
raise_signal(void *arg)
{
	raise(*(int *)arg);
}

static void
signals(void)
{
	static int usr1 = SIGUSR1;
	struct timer t = { .expired = raise_signal, .arg = &usr1 };
	struct sigaction before, after;

	sigaction(SIGUSR1, NULL, &before);
	begin();
	CHECK_INT(loop_signal(l, SIGUSR1, 0, on_signal, &letters[0]), 0);
	CHECK_INT(loop_signal(l, SIGUSR2, 0, on_signal, &letters[1]), 0);
	loop_timer(l, &t, loop_now(l) + 1);
	run();
	CHECK_STR(order, "a");
	CHECK_INT(last_signal, SIGUSR1);
	/* One that comes while nobody waits is not lost. */
	raise(SIGUSR2);
	CHECK_STR(order, "a");
	run();
	CHECK_STR(order, "ab");
	CHECK_INT(last_signal, SIGUSR2);
	loop_free(l);
	sigaction(SIGUSR1, NULL, &after);
	CHECK(after.sa_handler == before.sa_handler);
}

static void
mask_given_back(void)
{
	sigset_t usr1, after;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	begin();
	loop_signal(l, SIGUSR1, 0, on_signal, &letters[0]);
	loop_free(l);
	sigprocmask(SIG_SETMASK, NULL, &after);
	CHECK_INT(sigismember(&after, SIGUSR1), 0);
	loop_free(NULL);
}

static void
ignored_signals(void)
{
	struct timer t = { .expired = stop };
	struct sigaction now;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	begin();
	CHECK_INT(loop_signal(l, SIGUSR1, 0, on_signal, &letters[0]), 0);
	CHECK_INT(loop_signal(l, SIGUSR2, 1, on_signal, &letters[1]), 0);
	raise(SIGUSR1);
	loop_timer(l, &t, loop_now(l) + 5);
	run();
	CHECK_STR(order, "");
	raise(SIGUSR2);
	run();
	CHECK_STR(order, "b");
	loop_free(l);
	sigaction(SIGUSR2, NULL, &now);
	CHECK(now.sa_handler == SIG_IGN);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

static void
too_many_signals(void)
{
	int i, rc = 0;

	begin();
	for (i = 0; i < 20 && rc == 0; i++)
		rc = loop_signal(l, SIGRTMIN + i, 0, on_signal, &letters[0]);
	CHECK(i >= 4);
	CHECK_INT(rc, -1);
	loop_free(l);
}

static void
stops_at_once(void)
{
	struct end a, b;

	begin();
	end_open(&a, 'a');
	end_open(&b, 'b');
	a.stops = b.stops = 1;
	end_say(&a, "1");
	end_say(&b, "2");
	loop_want(l, &a.watch, POLLIN);
	loop_want(l, &b.watch, POLLIN);
	run();
	CHECK_INT(norder, 2);
	run();
	CHECK_STR(order, "a1b2");
	loop_free(l);
	end_close(&a);
	end_close(&b);
}

/* One descriptor may be watched twice, for reading and for writing. */
static void
two_watches_of_one(void)
{
	struct end in, out;
	struct timer t = { .expired = stop };
	int pair[2];

	begin();
	end_open(&in, 'r');
	end_open(&out, 'w');
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	in.watch.fd = out.watch.fd = pair[0];
	in.takes = 0;
	in.victim = &in;
	out.victim = &out;
	loop_want(l, &in.watch, POLLIN);
	loop_want(l, &out.watch, POLLOUT);
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK_STR(order, "w");
	CHECK(write(pair[1], "1", 1) == 1);
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK_STR(order, "wr");
	loop_want(l, &in.watch, POLLERR);
	loop_want(l, &out.watch, POLLERR);
	close(pair[1]);
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK(strcmp(order, "wrr!w!") == 0 || strcmp(order, "wrw!r!") == 0);
	loop_free(l);
	close(pair[0]);
	end_close(&in);
	end_close(&out);
}

/* A descriptor that was closed while it was watched is another one now. */
static void
descriptor_used_again(void)
{
	struct end a, b;
	struct timer t = { .expired = stop };
	int fd;

	begin();
	end_open(&a, 'a');
	end_open(&b, 'b');
	loop_want(l, &a.watch, POLLIN);
	fd = dup(a.fd[0]);
	close(a.fd[0]);
	CHECK_INT(dup2(b.fd[0], a.fd[0]), a.fd[0]);
	loop_want_fd(l, &a.watch, -1, 0);
	b.watch.fd = a.fd[0];
	CHECK_INT(loop_want(l, &b.watch, POLLIN), 0);
	end_say(&b, "1");
	loop_timer(l, &t, loop_now(l) + 10);
	run();
	CHECK_STR(order, "b1");
	loop_want(l, &b.watch, 0);
	loop_free(l);
	close(fd);
	end_close(&a);
	end_close(&b);
}

/* Whom the log is told about follows watches and timers. */
static const char *whom[3];
static size_t nwhom;
static struct timer second = { .expired = note_and_stop };

static void
note_subject(void *arg, int got)
{
	struct watch *w = arg;

	(void)got;
	whom[nwhom++] = w->subject;
	loop_want(l, w, 0);
	loop_timer(l, &second, loop_now(l));
}

static void
subject(void)
{
	static char letter = 's';
	struct end a;

	begin();
	end_open(&a, 'a');
	nwhom = 0;
	a.watch.ready = note_subject;
	a.watch.arg = &a.watch;
	second.arg = &letter;
	loop_subject(l, "peer");
	loop_want(l, &a.watch, POLLIN);
	loop_subject(l, NULL);
	end_say(&a, "1");
	run();
	CHECK_INT(nwhom, 1);
	CHECK_STR(whom[0], "peer");
	CHECK_STR(second.subject, "peer");
	loop_timer(l, &second, loop_now(l));
	CHECK(second.subject == NULL);
	run();
	loop_free(l);
	end_close(&a);
}

/* All tests behind this one are for loops of many descriptors. */
static void
use_epoll(void)
{
	by_epoll = 1;
}

int
main(void)
{
	static const struct test all[] = {
		TEST(timers_in_order),
		TEST(many_timers),
		TEST(many_timers_in_order),
		TEST(timer_taken_away),
		TEST(timer_sets_itself),
		TEST(watches),
		TEST(watch_ended_by_another),
		TEST(watch_ends_itself),
		TEST(watch_narrowed_by_another),
		TEST(watch_begun_by_another),
		TEST(hang_ups_alone),
		TEST(signals),
		TEST(mask_given_back),
		TEST(ignored_signals),
		TEST(too_many_signals),
		TEST(stops_at_once),
		TEST(two_watches_of_one),
		TEST(descriptor_used_again),
		TEST(subject),
		TEST(use_epoll),
	};
	struct test tests[2 * COUNT(all) - 1];

	memcpy(tests, all, sizeof all);
	memcpy(tests + COUNT(all), all, sizeof all - sizeof *all);
	return test_all(tests, COUNT(tests));
}
