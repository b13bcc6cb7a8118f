/*
 * soak.c -- many tunnels of a listener for a long time, in every state.
 *
 *   soak [-t SECONDS] [-n TUNNELS] [-s SEED] [-l LINGER_MS] [-m] [-g]
 *        [-e FILE] COMMAND...
 *
 * Runs COMMAND, in whose words %p is the port of a proxy, and which prints as
 * its first line the port on which it listens; FILE is its standard error.  The
 * proxy is its own destination, and all clients are here, too: so it is known
 * of every tunnel what either side did, and what must have come of it:
 *
 *   all that was sent, and then an end, where both sides behave;
 *   some of it from its beginning, and some end, where one of them resets the
 *   connection, closes it in the middle, refuses it, ends without a byte, or
 *   where the client speaks again after LINGER_MS of silence since the
 *   destination ended (0: it may).  What was sent before the silence is due.
 *
 * Each side begins with its number, of eight bytes, by which the other knows
 * what is to follow.  What a side does is drawn from SEED and this number.
 *
 * Descriptors and memory of the process are looked at every few seconds: they
 * are not to grow once it is warm (-m: memory may), and at the end there are as
 * many descriptors as at the start, but for a few pipes.  Then SIGTERM is to
 * end it with status 0; -g: it comes while there are tunnels again, which are
 * to end in order.
 */
#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bench/common.h"

#define NS_PER_MS ((int64_t)1000000)
#define NS_PER_S ((int64_t)1000000000)
#define TICK_MS 5	 /* between looks at who has something to do */
#define OPENED_A_TICK 64 /* clients, at most */
#define EVENTS 256
#define PIECE ((size_t)262144)
#define HEAD_MAX 1024
#define ID_LEN 8
#define HEARS_S 10 /* within which a side hears of the other's end */
#define LIFE_S 120 /* of a side */
#define FORGET_S \
	30	   /* until one whose other side never showed up is forgotten */
#define DRAIN_S 30 /* until the last tunnel is closed */
#define REFILL_S 3
#define KEPT_PIPES 8 /* for the tunnels to come, at most */
#define SETTLES_MS 300
#define QUIT_S 10     /* until the program has ended, after SIGTERM */
#define SAY_S 2	      /* between lines about the process */
#define LOOKS 40      /* at it, at least */
#define SAMPLES 8192  /* of such, at most */
#define FAILURES 20   /* after which there is no use in going on */
#define MARGIN_MS 200 /* of LINGER_MS: from then on nobody knows */
#define SLACK_MS 3000 /* for the program to notice that LINGER_MS are over */

enum stage {
	ASKED,	 /* destination: the request is not there yet */
	ANSWERS, /* destination: the answer is due at act_at */
	TALKS,
	GONE
};

enum ending {
	ENDS_FIRST, /* once it has sent all */
	ENDS_LAST,  /* once the other side has ended, or its patience has */
	RESETS,
	CLOSES, /* both directions at once, whatever comes */
	STAYS	/* client: keeps open what the destination has ended */
};

struct side {
	int fd, is_client;
	enum stage stage;
	enum ending ending;
	uint64_t id, draws;
	struct side *peer; /* once its number is known */
	size_t place;	   /* in the list of those alive or forgotten */

	uint64_t plan, sent, got;
	uint64_t due; /* of what it sent, though it disturbs */
	size_t burst; /* what is left of it */
	int bulk, slow;
	int64_t begun, send_at, read_at, act_at;
	/* When; 0: not yet */
	int64_t last_sent, last_got, ended, saw_end, gone;
	int blocked, broke;
	int disturbs; /* it is not to be expected that all arrives */
	int judged;

	uint8_t peer_id[ID_LEN];
	char *head; /* of the request, destination only */
	size_t head_len;
	uint32_t armed;
};

struct list {
	struct side **sides;
	size_t n, room;
};

static struct {
	int64_t end, idle_ns;
	uint64_t seed, tunnels;
	int64_t linger_ns;
	int memory_may_grow, graceful;
	const char *errors;
} rules;

static struct list alive, waiting, by_id;
static size_t clients; /* of those alive */
static int epoll, listener, proxy_port, tool_port;
static int64_t now;
static pid_t tool;
static int failures, draining, interrupted;
static struct {
	uint64_t tunnels, whole, resets, refused, bytes;
	/* By a reset, and of those where the client saw an end in order. */
	uint64_t cut, taken_for_end;
	/* Of those that no other side ever claimed. */
	uint64_t lost_clients, quit_clients, lost_targets, refusing_targets;
} count;
static uint8_t piece[PIECE], wanted[PIECE];

static void __attribute__((format(printf, 1, 2)))
failed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("soak: ", stdout);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	failures++;
}

/* A side, as a message names it. */
static const char *
name(const struct side *s)
{
	static const char *const endings[] = { "ends first", "ends last",
		"resets", "closes", "stays" };
	static char texts[2][256];
	static int next;
	char *text = texts[next ^= 1];

	snprintf(text, sizeof texts[0],
	    "%s %llu (%s; sent %llu of %llu, got %llu%s%s%s%s%s, %.3f s old)",
	    s->is_client ? "client" : "destination", (unsigned long long)s->id,
	    endings[s->ending], (unsigned long long)s->sent,
	    (unsigned long long)s->plan, (unsigned long long)s->got,
	    s->ended ? ", ended" : "", s->saw_end ? ", saw the end" : "",
	    s->broke ? ", broke" : "", s->disturbs ? ", disturbs" : "",
	    s->gone ? ", gone" : "",
	    (double)((s->gone ? s->gone : now) - s->begun) / 1e9);
	return text;
}

/* Chance */

static uint64_t
mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static uint64_t
draw(struct side *s, uint64_t below)
{
	return mix(mix(rules.seed ^ s->id) + ++s->draws * 0x9e3779b97f4a7c15) %
	       below;
}

static int
chance(struct side *s, unsigned percent)
{
	return draw(s, 100) < percent;
}

/* As likely small as large. */
static uint64_t
draw_size(struct side *s, unsigned bits)
{
	return 1 + draw(s, (uint64_t)1 << (1 + draw(s, bits)));
}

static int64_t
draw_ms(struct side *s, uint64_t below)
{
	return (int64_t)draw(s, below * 1000) * 1000;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The bytes of a side's stream from a position on. */
static void
pattern(uint64_t id, uint64_t from, uint8_t *out, size_t n)
{
	uint64_t key = mix(~(rules.seed ^ id)), at = from / 8, word;
	size_t skip = (size_t)(from % 8), k;

	for (; n > 0; n -= k, out += k, skip = 0, at++) {
		word = at == 0 ? id : mix(key + at);
		k = 8 - skip < n ? 8 - skip : n;
		memcpy(out, (uint8_t *)&word + skip, k);
	}
}

/* Lists */

static void
add(struct list *list, struct side *s)
{
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 1024;
		list->sides =
		    realloc(list->sides, list->room * sizeof *list->sides);
		if (list->sides == NULL)
			die("memory");
	}
	s->place = list->n;
	list->sides[list->n++] = s;
}

static void
take_out(struct list *list, const struct side *s)
{
	list->sides[s->place] = list->sides[--list->n];
	list->sides[s->place]->place = s->place;
}

static struct side *
new_side(int fd, int is_client)
{
	struct epoll_event event;
	struct side *s = calloc(1, sizeof *s);

	if (s == NULL)
		die("memory");
	s->fd = fd;
	s->is_client = is_client;
	/* by_id never gets smaller: the place there is the number. */
	add(&by_id, s);
	s->id = s->place;
	add(&alive, s);
	clients += (size_t)is_client;
	s->begun = s->last_sent = now;
	s->armed = is_client ? EPOLLIN | EPOLLOUT : EPOLLIN;
	event.events = s->armed;
	event.data.ptr = s;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
	return s;
}

static void
forget(struct side *s)
{
	take_out(&waiting, s);
	by_id.sides[s->id] = NULL;
	free(s->head);
	free(s);
}

/* What is known once both sides of a tunnel are gone. */
static void
judge(struct side *client, struct side *target)
{
	int disturbed = client->disturbs || target->disturbs;
	int whole = client->got == target->sent && target->got == client->sent;
	int in_order = client->saw_end && target->saw_end && !client->broke &&
		       !target->broke;

	if (target->ending == RESETS && target->ended == 0 &&
	    !client->disturbs) {
		count.cut++;
		count.taken_for_end += client->saw_end != 0;
	}
	count.resets += (uint64_t)disturbed;
	count.whole += (uint64_t)!disturbed;
	if (disturbed && !target->disturbs && target->got < client->due)
		failed("%llu bytes were due: %s, %s",
		    (unsigned long long)client->due, name(client),
		    name(target));
	if (disturbed || (whole && in_order))
		return;
	failed("%s: %s, %s",
	    whole ? "it broke for no reason" : "bytes are missing",
	    name(client), name(target));
}

static void
leave(struct side *s)
{
	struct side *peer = s->peer;

	close(s->fd);
	s->fd = -1;
	s->gone = now;
	s->stage = GONE;
	take_out(&alive, s);
	clients -= (size_t)s->is_client;
	count.tunnels += (uint64_t)s->is_client;
	count.bytes += s->got;
	add(&waiting, s);
	if (peer != NULL && peer->stage == GONE) {
		judge(s->is_client ? s : peer, s->is_client ? peer : s);
		s->judged = peer->judged = 1;
	}
}

static void
leave_by_reset(struct side *s)
{
	struct linger now_and_hard = { 1, 0 };

	setsockopt(
	    s->fd, SOL_SOCKET, SO_LINGER, &now_and_hard, sizeof now_and_hard);
	s->disturbs = 1;
	leave(s);
}

/* One that is gone, and whose other side has not shown up. */
static void
count_unclaimed(struct side *s)
{
	if (s->is_client && s->disturbs)
		count.quit_clients++;
	else if (s->is_client && s->sent > 0)
		count.lost_clients++;
	else if (!s->is_client && s->disturbs)
		count.refusing_targets++;
	else if (!s->is_client && s->sent > 0)
		count.lost_targets++;
	if (!s->disturbs && s->got > 0 && s->got >= ID_LEN)
		failed("nobody has sent this: %s", name(s));
	forget(s);
}

/* What a side does */

static void
plan(struct side *s)
{
	static const enum ending client_endings[] = { ENDS_FIRST, ENDS_FIRST,
		ENDS_FIRST, ENDS_LAST, ENDS_LAST, ENDS_LAST, RESETS, CLOSES,
		STAYS };
	static const enum ending target_endings[] = { ENDS_FIRST, ENDS_FIRST,
		ENDS_FIRST, ENDS_LAST, ENDS_LAST, ENDS_LAST, RESETS, CLOSES };

	if (s->is_client)
		s->ending = client_endings[draw(
		    s, sizeof client_endings / sizeof *client_endings)];
	else
		s->ending = target_endings[draw(
		    s, sizeof target_endings / sizeof *target_endings)];
	if (s->ending == STAYS && rules.linger_ns == 0)
		s->ending = ENDS_LAST;
	s->bulk = chance(s, 8);
	s->slow = chance(s, 15);
	s->plan = s->bulk ? draw_size(s, 22) : draw_size(s, 17);
	s->plan = chance(s, 3) ? 0 : s->plan + ID_LEN;
	s->act_at = now + draw_ms(s, 4000);
	if (s->is_client && chance(s, 6)) {
		s->ending = chance(s, 50) ? RESETS : CLOSES;
		s->act_at = now + draw_ms(s, 30);
	}
	if (chance(s, 15))
		s->act_at += rules.idle_ns / 2 +
			     draw_ms(s, (uint64_t)(rules.idle_ns / NS_PER_MS));
	if (chance(s, 20))
		s->send_at = now + draw_ms(s, 300);
}

static int64_t
draw_pause(struct side *s)
{
	unsigned kind = (unsigned)draw(s, 100);

	if (s->bulk || draining || kind < 50)
		return 0;
	if (kind < 90)
		return draw_ms(s, 60);
	if (kind < 98)
		return draw_ms(s, 700);
	return draw_ms(s, (uint64_t)(rules.idle_ns / NS_PER_MS));
}

/*
 * A client that speaks after the silence that ends the tunnel may not be heard,
 * and what it has not received by then may be lost.
 */
static void
notice_lateness(struct side *s)
{
	const struct side *peer = s->peer;
	int64_t silent;

	if (!s->is_client || s->disturbs || rules.linger_ns == 0 ||
	    peer == NULL || peer->ended == 0)
		return;
	silent =
	    now - (s->last_sent > peer->ended ? s->last_sent : peer->ended);
	if (silent < rules.linger_ns - MARGIN_MS * NS_PER_MS)
		return;
	s->due = s->sent;
	s->disturbs = 1;
}

static void
speak(struct side *s)
{
	size_t n;
	ssize_t sent;

	now = now_ns();
	if (s->blocked) /* until now there was something to be read */
		s->last_sent = now;
	s->blocked = 0;
	notice_lateness(s);
	if (s->burst == 0)
		s->burst = s->bulk ? PIECE : (size_t)draw_size(s, 16);
	n = s->plan - s->sent < s->burst ? (size_t)(s->plan - s->sent)
					 : s->burst;
	pattern(s->id, s->sent, piece, n);
	sent = send(s->fd, piece, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
		s->blocked = 1;
		return;
	}
	if (sent < 0) {
		/* What has come may yet be read. */
		s->broke = 1;
		s->plan = s->sent;
		return;
	}
	s->sent += (uint64_t)sent;
	s->last_sent = now;
	s->burst -= (size_t)sent;
	s->blocked = (size_t)sent < n;
	if (s->burst == 0)
		s->send_at = now + draw_pause(s);
}

/* The number of the other side is all there. */
static int
meet(struct side *s)
{
	struct side *peer = NULL;
	uint64_t id;

	memcpy(&id, s->peer_id, sizeof id);
	if (id < by_id.n)
		peer = by_id.sides[id];
	if (peer == NULL || peer->is_client == s->is_client ||
	    (peer->peer != NULL && peer->peer != s) ||
	    (s->peer != NULL && s->peer != peer)) {
		failed("bytes of another tunnel, or none: %s", name(s));
		return -1;
	}
	s->peer = peer;
	peer->peer = s;
	return 0;
}

/* Whether these bytes are what the other side has sent. */
static int
check(struct side *s, const uint8_t *data, size_t n)
{
	for (; n > 0 && s->got < ID_LEN; n--) {
		s->peer_id[s->got++] = *data++;
		if (s->got == ID_LEN && meet(s) < 0)
			return -1;
	}
	if (n == 0)
		return 0;
	pattern(s->peer->id, s->got, wanted, n);
	s->got += n;
	s->last_got = now;
	if (memcmp(data, wanted, n) == 0 && s->got <= s->peer->sent)
		return 0;
	failed("wrong bytes within the last %zu: %s, %s", n, name(s),
	    name(s->peer));
	return -1;
}

static void
listen_to(struct side *s)
{
	size_t most = s->slow ? (size_t)draw_size(s, 17) : PIECE;
	ssize_t n =
	    recv(s->fd, piece, most < PIECE ? most : PIECE, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) {
		s->broke = 1;
		s->plan = s->sent;
		s->read_at = INT64_MAX;
	} else if (n == 0) {
		s->saw_end = now;
		s->read_at = INT64_MAX;
	} else {
		if (check(s, piece, (size_t)n) < 0) {
			s->disturbs = 1;
			s->broke = 1;
			s->read_at = INT64_MAX;
		}
		if (s->slow && !draining)
			s->read_at = now + draw_ms(s, chance(s, 5) ? 500 : 20);
	}
}

/* The request is there: what will come of it is due at act_at. */
static void
read_request(struct side *s)
{
	ssize_t n;

	if (s->head == NULL && (s->head = malloc(HEAD_MAX)) == NULL)
		die("memory");
	n = recv(s->fd, s->head + s->head_len, HEAD_MAX - 1 - s->head_len,
	    MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		leave(s);
		return;
	}
	s->head_len += (size_t)n;
	s->head[s->head_len] = '\0';
	if (strstr(s->head, "\r\n\r\n") == NULL)
		return;
	if (strncmp(s->head, "CONNECT ", 8) != 0 ||
	    strcmp(s->head + s->head_len - 4, "\r\n\r\n") != 0)
		failed("not a request alone: %s", s->head);
	free(s->head);
	s->head = NULL;
	s->stage = ANSWERS;
	s->act_at = now + (chance(s, 3) ? draw_ms(s, 1500) : draw_ms(s, 20));
}

static void
answer(struct side *s)
{
	static const char yes[] = "HTTP/1.1 200 OK\r\n\r\n";
	static const char no[] = "HTTP/1.1 503 No\r\nContent-Length: 3\r\n"
				 "Connection: close\r\n\r\nno\n";
	unsigned kind = (unsigned)draw(s, 100);
	size_t len = sizeof yes - 1, more = 0;

	if (kind < 8) {
		count.refused++;
		s->disturbs = 1;
		if (kind < 4)
			send(s->fd, no, sizeof no - 1, MSG_NOSIGNAL);
		if (kind < 6)
			leave(s);
		else
			leave_by_reset(s);
		return;
	}
	s->stage = TALKS;
	plan(s);
	memcpy(piece, yes, len);
	if (chance(s, 30)) {
		more = s->plan < 4096 ? (size_t)s->plan : 4096;
		pattern(s->id, 0, piece + len, more);
		s->sent = more;
	}
	s->last_sent = now;
	if (send(s->fd, piece, len + more, MSG_NOSIGNAL) !=
	    (ssize_t)(len + more)) {
		/* Its client has gone, and so has the tunnel. */
		s->sent = 0;
		leave(s);
	}
}

static void
end_side(struct side *s)
{
	shutdown(s->fd, SHUT_WR);
	s->ended = now;
	/* Without a byte it is a destination that could not be reached. */
	if (!s->is_client && s->sent == 0)
		s->disturbs = 1;
}

/* The destination has ended, and the client neither speaks nor ends. */
static void
stay(struct side *s)
{
	const struct side *peer = s->peer;
	int64_t since = later(s->last_sent, s->saw_end);
	int cut =
	    peer == NULL || peer->stage == GONE || peer->saw_end || peer->broke;

	/* The silence begins once all has been taken. */
	if (!cut && peer->got < s->sent)
		return;
	if (!cut)
		since = later(since, peer->last_got);
	if (now < since + rules.linger_ns + SLACK_MS * NS_PER_MS)
		return;
	if (!cut)
		failed("the tunnel outlives the silence: %s, %s", name(s),
		    name(peer));
	end_side(s);
}

/* Who waits for the end of the other side does so until it is told of it. */
static int
is_under_way(const struct side *peer)
{
	return peer != NULL && peer->ended != 0;
}

/* Whether it is time for its end, and which. */
static void
decide(struct side *s)
{
	int all_sent = s->sent == s->plan;

	if ((s->saw_end && s->ended) || (s->broke && s->saw_end) ||
	    (s->broke && s->read_at == INT64_MAX)) {
		leave(s);
		return;
	}
	if (s->ending == RESETS && (now >= s->act_at || s->saw_end)) {
		leave_by_reset(s);
		return;
	}
	if (s->ending == CLOSES && (now >= s->act_at || s->saw_end)) {
		/* In order, where nothing is left to be said. */
		if (!s->saw_end || !all_sent)
			s->disturbs = 1;
		leave(s);
		return;
	}
	if (!all_sent || s->ended)
		return;
	if (s->saw_end && s->ending == STAYS)
		stay(s);
	else if (s->ending == ENDS_FIRST || s->saw_end ||
		 (now >= s->act_at && !is_under_way(s->peer)))
		end_side(s);
	if (s->saw_end && s->ended)
		leave(s);
}

static void
arm(struct side *s)
{
	struct epoll_event event = { 0, { s } };

	if (s->stage == ANSWERS)
		event.events = 0;
	else if (s->read_at <= now)
		event.events |= EPOLLIN;
	if (s->blocked)
		event.events |= EPOLLOUT;
	if (event.events == s->armed)
		return;
	s->armed = event.events;
	epoll_ctl(epoll, EPOLL_CTL_MOD, s->fd, &event);
}

static void
step(struct side *s, uint32_t events)
{
	/* A fault is told whether asked for or not; so it is dealt with. */
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 && s->read_at > now &&
	    s->read_at != INT64_MAX)
		s->read_at = now;
	if (s->stage == ASKED) {
		if (events != 0)
			read_request(s);
	} else if (s->stage == ANSWERS) {
		if (now >= s->act_at || draining ||
		    (events & (EPOLLERR | EPOLLHUP)) != 0)
			answer(s);
	} else {
		if ((events & (uint32_t)~EPOLLOUT) != 0 && s->read_at <= now)
			listen_to(s);
		if (s->sent < s->plan && !s->broke && now >= s->send_at &&
		    (!s->blocked || (events & EPOLLOUT) != 0))
			speak(s);
		decide(s);
	}
	if (s->stage != GONE)
		arm(s);
}

/* The other side has ended, nothing moves, and it was not told for long. */
static int
has_not_heard(const struct side *s)
{
	const struct side *peer = s->peer;
	int64_t since;

	if (peer == NULL || s->saw_end || s->broke ||
	    (peer->ended == 0 && peer->stage != GONE))
		return 0;
	since = peer->ended != 0 ? peer->ended : peer->gone;
	since =
	    later(since, later(s->last_sent, later(s->last_got, s->read_at)));
	return now > since + HEARS_S * NS_PER_S;
}

static void
look_after(struct side *s)
{
	if (draining) {
		if (s->act_at > now)
			s->act_at = now;
		if (s->send_at > now)
			s->send_at = now;
	}
	if (has_not_heard(s)) {
		failed("it was not told of the end: %s, %s", name(s),
		    name(s->peer));
		leave_by_reset(s);
		return;
	}
	if (now > s->begun + LIFE_S * NS_PER_S + 2 * rules.idle_ns) {
		failed("it does not end: %s", name(s));
		leave_by_reset(s);
		return;
	}
	step(s, 0);
}

static void
open_client(void)
{
	int fd = dial(tool_port, SOCK_NONBLOCK);
	struct side *s;

	/* Ports may be short for a moment. */
	if (fd < 0 && errno == EADDRNOTAVAIL)
		return;
	if (fd < 0) {
		failed("can't connect: %s", strerror(errno));
		return;
	}
	s = new_side(fd, 1);
	s->stage = TALKS;
	s->blocked = 1; /* until it is connected */
	plan(s);
}

static void
take_targets(void)
{
	int fd;

	while ((fd = accept4(
		    listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		no_delay(fd);
		new_side(fd, 0);
	}
}

static void
turn(void)
{
	static int64_t looked;
	struct epoll_event events[EVENTS];
	struct side *s;
	int n = epoll_wait(epoll, events, EVENTS, TICK_MS);

	now = now_ns();
	for (int i = 0; i < n; i++) {
		s = events[i].data.ptr;
		if (s == NULL)
			take_targets();
		else
			step(s, events[i].events);
	}
	if (now < looked + TICK_MS * NS_PER_MS)
		return;
	looked = now;
	/* From the end, for who leaves makes room for the last. */
	for (size_t i = alive.n; i-- > 0;)
		if (i < alive.n)
			look_after(alive.sides[i]);
	for (size_t i = waiting.n; i-- > 0;) {
		s = waiting.sides[i];
		if (s->judged)
			forget(s);
		else if (s->peer == NULL && now > s->gone + FORGET_S * NS_PER_S)
			count_unclaimed(s);
	}
	for (int i = 0; i < OPENED_A_TICK; i++)
		if (!draining && clients < rules.tunnels)
			open_client();
}

/* The process */

/* How many there are, and in *pipes, unless NULL, how many of them are of
 * pipes. */
static int
descriptors(int *pipes)
{
	char path[64], what[64];
	struct dirent *entry;
	int n = 0, n_pipes = 0;
	ssize_t len;
	DIR *folder;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)tool);
	folder = opendir(path);
	if (folder == NULL)
		return -1;
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (pipes == NULL)
			continue;
		len =
		    readlinkat(dirfd(folder), entry->d_name, what, sizeof what);
		n_pipes += len > 5 && memcmp(what, "pipe:", 5) == 0;
	}
	closedir(folder);
	if (pipes != NULL)
		*pipes = n_pipes;
	return n;
}

static long
memory_kib(void)
{
	char line[256], path[64];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)tool);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "Pss:", 4) == 0)
			kib = strtol(line + 4, NULL, 10);
	fclose(f);
	return kib;
}

static double
cpu_s(void)
{
	char line[64] = "", path[64];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/schedstat", (int)tool);
	f = fopen(path, "re");
	if (f == NULL || fgets(line, sizeof line, f) == NULL)
		line[0] = '\0';
	if (f != NULL)
		fclose(f);
	return (double)number(line) / 1e9;
}

static long samples[2][SAMPLES]; /* of descriptors, and of memory */
static size_t n_samples;

static void
look(int64_t start)
{
	static double cpu_before;
	static int64_t before, next;
	double cpu = cpu_s();
	long fds = descriptors(NULL), kib = memory_kib();
	unsigned long long disturbed = count.resets;

	if (now < next)
		return;
	next = now + SAY_S * NS_PER_S;
	disturbed += count.refused;

	if (n_samples < SAMPLES) {
		samples[0][n_samples] = fds;
		samples[1][n_samples++] = kib;
	}
	printf("%5.0f s: %zu open, %llu done (%llu whole, %llu disturbed), "
	       "%.2f GB; %ld descriptors, %ld KiB, %.0f%% CPU\n",
	    (double)(now - start) / 1e9, clients,
	    (unsigned long long)count.tunnels, (unsigned long long)count.whole,
	    disturbed, (double)count.bytes / 1e9, fds, kib,
	    before == 0 ? 0
			: (cpu - cpu_before) * 1e11 / (double)(now - before));
	fflush(stdout);
	cpu_before = cpu;
	before = now;
}

static int
by_value(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static long
median(const long *from, size_t n)
{
	long sorted[SAMPLES];

	memcpy(sorted, from, n * sizeof *from);
	qsort(sorted, n, sizeof *sorted, by_value);
	return sorted[n / 2];
}

/* The last quarter beside the second one: the first is for warming up. */
static void
compare(const long *list, const char *what, long bound)
{
	size_t quarter = n_samples / 4;
	long early, late;

	if (quarter == 0)
		return;
	early = median(list + quarter, quarter);
	late = median(list + n_samples - quarter, quarter);
	printf("%s: %ld, later %ld\n", what, early, late);
	if (late > early + early / 10 + bound)
		failed("%s grow: %ld, later %ld", what, early, late);
}

static void
start_tool(char **command)
{
	char text[64], *word, *percent;
	int ends[2], errors;
	FILE *f;

	for (char **w = command; *w != NULL; w++) {
		percent = strstr(*w, "%p");
		if (percent == NULL)
			continue;
		word = malloc(strlen(*w) + sizeof "65535");
		if (word == NULL)
			die("memory");
		sprintf(word, "%.*s%d%s", (int)(percent - *w), *w, proxy_port,
		    percent + 2);
		*w = word;
	}
	errors =
	    open(rules.errors, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (errors < 0 || pipe2(ends, O_CLOEXEC) < 0)
		die(rules.errors);
	tool = fork();
	if (tool == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		dup2(errors, 2);
		execvp(command[0], command);
		_exit(127);
	}
	close(ends[1]);
	close(errors);
	f = fdopen(ends[0], "r");
	if (tool < 0 || f == NULL || fgets(text, sizeof text, f) == NULL)
		die("it does not listen");
	fclose(f);
	word = strrchr(text, ':');
	tool_port = (int)number(word != NULL ? word + 1 : text);
}

static int
has_ended(int *status)
{
	return waitpid(tool, status, WNOHANG) == tool;
}

/* The process ends, in order, as soon as there is nothing to wait for. */
static void
wait_for_its_end(void)
{
	int64_t start = now_ns();
	int status;

	while (!has_ended(&status)) {
		if (now_ns() > start + QUIT_S * NS_PER_S) {
			failed("it does not end after SIGTERM");
			kill(tool, SIGKILL);
			waitpid(tool, &status, 0);
			return;
		}
		usleep(1000);
	}
	printf("ended within %.3f s\n", (double)(now_ns() - start) / 1e9);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		failed("it ended with status %d, signal %d",
		    WIFEXITED(status) ? WEXITSTATUS(status) : 0,
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* All sides come to their end by themselves. */
static void
let_all_end(void)
{
	int64_t until = now + DRAIN_S * NS_PER_S;

	draining = 1;
	while (alive.n > 0 && now < until && failures < FAILURES)
		turn();
	while (alive.n > 0) {
		if (failures < FAILURES)
			failed("it does not end: %s", name(alive.sides[0]));
		leave(alive.sides[0]);
	}
	for (size_t i = waiting.n; i-- > 0;)
		if (waiting.sides[i]->peer == NULL)
			count_unclaimed(waiting.sides[i]);
}

/*
 * The process holds what it held at first, and no tunnel is missing.  Some
 * pipes it may keep for the tunnels to come.
 */
static void
check_rest(int first, int pipes_first)
{
	int64_t until = now + QUIT_S * NS_PER_S;
	int n, kept = 0;

	for (;;) {
		n = descriptors(&kept);
		kept -= pipes_first;
		if (n - kept == first || now > until)
			break;
		usleep(10000);
		now = now_ns();
	}
	printf("descriptors: %d at first, %d at the end and %d of pipes that "
	       "are kept; memory %ld KiB\n",
	    first, n - kept, kept, memory_kib());
	if (n - kept != first || kept < 0 || kept > KEPT_PIPES * 2)
		failed("descriptors are left");
	if (count.lost_clients > count.refusing_targets ||
	    count.lost_targets > count.quit_clients)
		failed("tunnels are lost: %llu clients of %llu refused, %llu "
		       "destinations of %llu that went",
		    (unsigned long long)count.lost_clients,
		    (unsigned long long)count.refusing_targets,
		    (unsigned long long)count.lost_targets,
		    (unsigned long long)count.quit_clients);
}

/* Once more there are many; then it is to take no more, and let them end. */
static void
end_amid_tunnels(void)
{
	int64_t until = now + REFILL_S * NS_PER_S;
	size_t n;

	draining = 0;
	while (now < until && failures < FAILURES)
		turn();
	n = clients;
	kill(tool, SIGTERM);
	let_all_end();
	printf("SIGTERM amid %zu tunnels: the last ended %.3f s later\n", n,
	    (double)(now - until) / 1e9);
}

static void
interrupt(int number_of_signal)
{
	(void)number_of_signal;
	interrupted = 1;
}

static void
soak(void)
{
	int64_t start, next, pause;
	int first, pipes, status;

	usleep(SETTLES_MS * 1000); /* it may open more once it listens */
	first = descriptors(&pipes);
	start = now = now_ns();
	pause = rules.end / LOOKS;
	if (pause > SAY_S * NS_PER_S)
		pause = SAY_S * NS_PER_S;
	next = now + pause;
	rules.end = now + rules.end;
	while (now < rules.end && !interrupted && failures < FAILURES) {
		turn();
		if (now < next)
			continue;
		next = now + pause;
		look(start);
		if (has_ended(&status)) {
			failed("it ended by itself, status %#x", status);
			return;
		}
	}
	compare(samples[0], "descriptors", 64);
	if (!rules.memory_may_grow)
		compare(samples[1], "KiB of memory", 1024);
	let_all_end();
	check_rest(first, pipes);
	if (rules.graceful && failures < FAILURES)
		end_amid_tunnels();
	else
		kill(tool, SIGTERM);
	wait_for_its_end();
}

static int
usage(void)
{
	fputs("soak [-t SECONDS] [-n TUNNELS] [-s SEED] [-l LINGER_MS] [-m] "
	      "[-g] [-e FILE] COMMAND...\n",
	    stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	struct epoll_event event = { EPOLLIN, { NULL } };
	uint64_t seconds = 600;
	int option;

	rules.seed = mix((uint64_t)now_ns()) % 1000000;
	rules.tunnels = 1000;
	rules.linger_ns = NS_PER_S;
	rules.errors = "/dev/null";
	while ((option = getopt(argc, argv, "+t:n:s:l:mge:")) != -1) {
		if (option == 't')
			seconds = number(optarg);
		else if (option == 'n')
			rules.tunnels = number(optarg);
		else if (option == 's')
			rules.seed = number(optarg);
		else if (option == 'l')
			rules.linger_ns = (int64_t)number(optarg) * NS_PER_MS;
		else if (option == 'm')
			rules.memory_may_grow = 1;
		else if (option == 'g')
			rules.graceful = 1;
		else if (option == 'e')
			rules.errors = optarg;
		else
			return usage();
	}
	if (optind == argc)
		return usage();
	rules.end = (int64_t)seconds * NS_PER_S;
	rules.idle_ns =
	    rules.end / 4 < 20 * NS_PER_S ? rules.end / 4 : 20 * NS_PER_S;
	raise_limit();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	listener = listen_on(0, &proxy_port);
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0)
		die("epoll");
	start_tool(argv + optind);
	printf("seed %llu: %llu tunnels for %llu s\n",
	    (unsigned long long)rules.seed, (unsigned long long)rules.tunnels,
	    (unsigned long long)seconds);
	fflush(stdout);
	soak();
	printf("%llu destinations reset, which %llu clients took for the "
	       "end\n",
	    (unsigned long long)count.cut,
	    (unsigned long long)count.taken_for_end);
	printf("%llu tunnels, %llu whole, %llu disturbed, %llu refused, "
	       "%.2f GB: %s (SEED=%llu)\n",
	    (unsigned long long)count.tunnels, (unsigned long long)count.whole,
	    (unsigned long long)count.resets, (unsigned long long)count.refused,
	    (double)count.bytes / 1e9, failures ? "FAILED" : "passed",
	    (unsigned long long)rules.seed);
	return failures > 0;
}
