/*
 * loop.c -- waits for descriptors, timers and signals with ppoll(2), or with
 * epoll(7) where they are many.  Floor 2.
 */
#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(STATIC_BUILD) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "epoll.h"
#include "log.h"

#define SIGNALS_MAX 8	  /* different signals that are waited for */
#define FIRST_READINGS 16 /* of the clock: what a short run makes */

struct signal_watch {
	int signo, request;
	void (*got)(void *, int);
	void *arg;
	void (*before)(int);
};

/*
 * Slots are counted from 1.  A watch that ends leaves its slot empty (fd -1)
 * until the loop is next about to wait, so that a walk over the slots stays
 * sound whatever a callback does.
 */
struct loop {
	struct epoll *many; /* NULL: poll(2) is used */
	struct pollfd *poll;
	struct watch **watch;
	size_t nwatch, cap;
	size_t holes;
	struct timer **heap; /* by due, the earliest at 1 */
	size_t ntimer, timer_cap;
	struct signal_watch signals[SIGNALS_MAX];
	size_t nsignals;
	sigset_t mask_before, mask_waiting;
	const char *subject;
	int64_t now;
	int readings; /* of the clock, so far */
	int runs, stopped;
};

/*
 * What the handler leaves behind, as a handler has no argument.  While the loop
 * runs a signal is blocked but when it waits, so none is missed.
 */
static volatile sig_atomic_t caught[SIGNALS_MAX];
static volatile sig_atomic_t caught_signo[SIGNALS_MAX];

static void
on_signal(int signo)
{
	size_t i;

	for (i = 0; i < SIGNALS_MAX; i++)
		if (caught_signo[i] == signo)
			caught[i] = 1;
}

/*
 * A small C library searches the vDSO, which spares a system call, at the first
 * reading; that costs more than the few readings of a short run.
 */
static void
read_clock(struct loop *l, struct timespec *t)
{
#if defined(STATIC_BUILD) && defined(__linux__) && defined(__LP64__)
	if (l->readings < FIRST_READINGS) {
		l->readings++;
		if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, t) == 0)
			return;
	}
#else
	(void)l;
#endif
	clock_gettime(CLOCK_MONOTONIC, t);
}

static int64_t
clock_ms(struct loop *l)
{
	struct timespec t;

	read_clock(l, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1;
}

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	sigprocmask(SIG_SETMASK, NULL, &l->mask_before);
	l->mask_waiting = l->mask_before;
	l->now = clock_ms(l);
	return l;
}

void
loop_many(struct loop *l)
{
	if (l->many == NULL && l->nwatch == 0)
		l->many = epoll_new();
}

const char *
loop_subject(struct loop *l, const char *subject)
{
	const char *before = l->subject;

	l->subject = subject;
	log_subject(subject);
	return before;
}

void
loop_free(struct loop *l)
{
	size_t i;

	if (l == NULL)
		return;
	/*
	 * A signal that comes too late for us is caught here and then raised
	 * again for whoever was there before; a mere request is over with us.
	 */
	sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
	for (i = 0; i < l->nsignals; i++) {
		signal(l->signals[i].signo, l->signals[i].before);
		caught_signo[i] = 0;
		if (caught[i] && !l->signals[i].request)
			raise(l->signals[i].signo);
	}
	epoll_free(l->many);
	free(l->poll);
	free(l->watch);
	free(l->heap);
	free(l);
}

int64_t
loop_now(const struct loop *l)
{
	return l->now;
}

/* Makes room for one more watch; slot 0 stays unused. */
static int
watch_room(struct loop *l)
{
	size_t cap = l->cap == 0 ? 8 : l->cap * 2;
	struct pollfd *p;
	struct watch **w;

	if (l->nwatch + 1 < l->cap)
		return 0;
	p = realloc(l->poll, cap * sizeof *p);
	if (p == NULL)
		return -1;
	l->poll = p;
	w = realloc(l->watch, cap * sizeof *w);
	if (w == NULL)
		return -1;
	l->watch = w;
	l->cap = cap;
	return 0;
}

int
loop_want(struct loop *l, struct watch *w, int want)
{
	if (w->slot == 0)
		w->subject = l->subject;
	if (l->many != NULL)
		return epoll_want(l->many, w, want);
	if (want == 0) {
		if (w->slot != 0) {
			l->poll[w->slot].fd = -1;
			l->poll[w->slot].revents = 0;
			l->watch[w->slot] = NULL;
			l->holes++;
		}
		w->slot = 0;
	} else {
		if (w->slot == 0) {
			if (watch_room(l) < 0)
				return -1;
			w->slot = ++l->nwatch;
			l->watch[w->slot] = w;
			l->poll[w->slot].revents = 0;
		}
		l->poll[w->slot].fd = w->fd;
		l->poll[w->slot].events = (short)want;
	}
	w->want = want;
	return 0;
}

int
loop_want_fd(struct loop *l, struct watch *w, int fd, int want)
{
	if (w->slot != 0 && (want == 0 || w->fd != fd))
		loop_want(l, w, 0);
	w->fd = fd;
	if (want == 0 || fd < 0 || w->want == want)
		return 0;
	return loop_want(l, w, want);
}

static void
close_holes(struct loop *l)
{
	size_t from, to = 1;

	for (from = 1; l->holes > 0 && from <= l->nwatch; from++) {
		if (l->watch[from] == NULL)
			continue;
		l->poll[to] = l->poll[from];
		l->watch[to] = l->watch[from];
		l->watch[to]->slot = to;
		to++;
	}
	if (l->holes > 0)
		l->nwatch = to - 1;
	l->holes = 0;
}

static void
heap_put(struct loop *l, size_t i, struct timer *t)
{
	l->heap[i] = t;
	t->slot = i;
}

/* Moves a timer to where its due belongs; i is the hole it may go to. */
static void
heap_settle(struct loop *l, size_t i, struct timer *t)
{
	size_t child;

	for (; i > 1 && l->heap[i / 2]->due > t->due; i /= 2)
		heap_put(l, i, l->heap[i / 2]);
	for (; (child = 2 * i) <= l->ntimer; i = child) {
		if (child < l->ntimer &&
		    l->heap[child + 1]->due < l->heap[child]->due)
			child++;
		if (l->heap[child]->due >= t->due)
			break;
		heap_put(l, i, l->heap[child]);
	}
	heap_put(l, i, t);
}

int
loop_timer(struct loop *l, struct timer *t, int64_t due)
{
	struct timer *last, **heap;
	size_t i = t->slot, cap;

	t->due = due;
	if (due == 0 && i == 0)
		return 0;
	if (due == 0) {
		last = l->heap[l->ntimer--];
		t->slot = 0;
		if (last != t)
			heap_settle(l, i, last);
		return 0;
	}
	if (i == 0) {
		if (l->ntimer + 1 >= l->timer_cap) {
			cap = l->timer_cap == 0 ? 8 : l->timer_cap * 2;
			heap = realloc(l->heap, cap * sizeof *heap);
			if (heap == NULL)
				return -1;
			l->heap = heap;
			l->timer_cap = cap;
		}
		i = ++l->ntimer;
		t->subject = l->subject;
	}
	heap_settle(l, i, t);
	return 0;
}

/* From now on a signal comes while the loop waits, and then alone. */
static void
block_signals(const struct loop *l)
{
	sigset_t block;
	size_t i;

	sigemptyset(&block);
	for (i = 0; i < l->nsignals; i++)
		sigaddset(&block, l->signals[i].signo);
	sigprocmask(SIG_BLOCK, &block, NULL);
}

int
loop_signal(
    struct loop *l, int signo, int request, void (*got)(void *, int), void *arg)
{
	struct signal_watch *s = &l->signals[l->nsignals];
	struct sigaction sa, before;

	if (l->nsignals == SIGNALS_MAX)
		return -1;
	memset(&sa, 0, sizeof sa);
	sa.sa_handler = on_signal;
	sa.sa_flags = SA_RESTART;
	sigfillset(&sa.sa_mask);
	if (sigaction(signo, &sa, &before) < 0)
		return -1;
	if (before.sa_handler == SIG_IGN && !request)
		return sigaction(signo, &before, NULL);
	sigdelset(&l->mask_waiting, signo);
	s->signo = signo;
	s->request = request;
	s->before = before.sa_handler;
	s->got = got;
	s->arg = arg;
	caught[l->nsignals] = 0;
	caught_signo[l->nsignals++] = signo;
	if (l->runs)
		block_signals(l);
	return 0;
}

void
loop_signal_end(struct loop *l, int signo)
{
	size_t i;
	sigset_t unblock;

	for (i = 0; i < l->nsignals && l->signals[i].signo != signo;)
		i++;
	if (i == l->nsignals)
		return;
	signal(signo, l->signals[i].before);
	for (l->nsignals--; i < l->nsignals; i++) {
		l->signals[i] = l->signals[i + 1];
		caught_signo[i] = caught_signo[i + 1];
		caught[i] = caught[i + 1];
	}
	caught_signo[i] = 0;
	if (sigismember(&l->mask_before, signo) == 1) {
		sigaddset(&l->mask_waiting, signo);
		return;
	}
	sigemptyset(&unblock);
	sigaddset(&unblock, signo);
	sigprocmask(SIG_UNBLOCK, &unblock, NULL);
}

void
loop_in_child(const struct loop *l)
{
	size_t i;

	for (i = 0; i < l->nsignals; i++)
		signal(l->signals[i].signo, l->signals[i].before);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
}

static void
dispatch_signals(struct loop *l)
{
	size_t i;

	for (i = 0; i < l->nsignals && !l->stopped; i++)
		if (caught[i]) {
			caught[i] = 0;
			l->signals[i].got(
			    l->signals[i].arg, l->signals[i].signo);
		}
}

static void
call(struct loop *l, struct watch *w, int got)
{
	loop_subject(l, w->subject);
	w->ready(w->arg, got);
	loop_subject(l, NULL);
}

static void
dispatch_watches(struct loop *l, int ready)
{
	size_t i, n = l->poll == NULL ? 0 : l->nwatch;
	struct watch *w;
	int got;

	while (l->many != NULL && !l->stopped &&
	       (w = epoll_next(l->many, &got)) != NULL)
		call(l, w, got);
	for (i = 1; i <= n && ready > 0 && !l->stopped; i++) {
		got = l->poll[i].revents;
		if (got == 0)
			continue;
		ready--;
		l->poll[i].revents = 0;
		/* A callback before this one may have changed the wants. */
		got &= l->poll[i].events | POLLERR | POLLHUP | POLLNVAL;
		if (l->watch[i] != NULL && got != 0)
			call(l, l->watch[i], got);
	}
}

static void
dispatch_timers(struct loop *l)
{
	struct timer *t;

	while (!l->stopped && l->ntimer > 0 && l->heap[1]->due <= l->now) {
		t = l->heap[1];
		loop_timer(l, t, 0);
		loop_subject(l, t->subject);
		t->expired(t->arg);
		loop_subject(l, NULL);
	}
}

/* Returns how many are ready, or -1 with errno. */
static int
await(struct loop *l)
{
	struct timespec wait;
	int64_t ms = -1;

	if (l->ntimer > 0)
		ms = l->heap[1]->due > l->now ? l->heap[1]->due - l->now : 0;
	if (l->many != NULL)
		return epoll_await(l->many, ms > INT_MAX ? INT_MAX : (int)ms,
		    &l->mask_waiting);
	close_holes(l);
	wait.tv_sec = (time_t)(ms / 1000);
	wait.tv_nsec = (long)(ms % 1000) * 1000000;
	return ppoll(l->poll == NULL ? NULL : l->poll + 1, l->nwatch,
	    ms < 0 ? NULL : &wait, &l->mask_waiting);
}

int
loop_run(struct loop *l)
{
	int ready;

	l->now = clock_ms(l);
	l->runs = 1;
	block_signals(l);
	dispatch_signals(l);
	while (!l->stopped) {
		ready = await(l);
		if (ready < 0 && errno != EINTR)
			return -1;
		l->now = clock_ms(l);
		dispatch_signals(l);
		dispatch_watches(l, ready);
		dispatch_timers(l);
	}
	l->runs = l->stopped = 0;
	return 0;
}

void
loop_stop(struct loop *l)
{
	l->stopped = 1;
}
