/*
 * ask.c -- asks for a secret: a command, SSH_ASKPASS, the terminal.  Floor 3.
 */
#include "ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "addr.h"
#include "child.h"
#include "prompt.h"
#include "secret.h"

#define QUESTION_MAX 4096 /* bytes of the question */
#define FAULT_MAX 256

struct ask {
	struct loop *loop;
	const char *what; /* is asked for */
	struct child *child;
	struct prompt *prompt;
	struct timer timer; /* the deadline, or a fault that is there already */
	int typed;	    /* a person answers */
	struct buf question, fault;
	void (*done)(void *, char *, int, const char *);
	void *arg;
};

static void
stop(struct ask *a)
{
	loop_timer(a->loop, &a->timer, 0);
	child_free(a->child);
	a->child = NULL;
	prompt_free(a->prompt);
	a->prompt = NULL;
}

static void
fail_now(struct ask *a)
{
	stop(a);
	a->done(a->arg, NULL, a->typed, buf_str(&a->fault));
}

/* For what is known at once: done is called from the loop alone. */
static void
fail_later(struct ask *a)
{
	loop_timer(a->loop, &a->timer, loop_now(a->loop));
}

static void
on_timer(void *arg)
{
	struct ask *a = arg;

	if (buf_len(&a->fault) == 0)
		buf_putf(&a->fault, "no %s was given within %d s", a->what,
		    ASK_MS / 1000);
	fail_now(a);
}

static void
take(struct ask *a, struct buf *line)
{
	char *secret;

	if (buf_len(line) > 0 &&
	    memchr(buf_ptr(line), '\0', buf_len(line)) != NULL) {
		BUF_JOIN(&a->fault, "there is a NUL byte in the ", a->what);
		fail_now(a);
		return;
	}
	secret = secret_of(line);
	if (secret == NULL) {
		buf_puts(&a->fault, "memory is short");
		fail_now(a);
		return;
	}
	stop(a);
	a->done(a->arg, secret, a->typed, NULL);
}

static void
on_line(void *arg, struct buf *line)
{
	struct ask *a = arg;

	if (line != NULL) {
		take(a, line);
		return;
	}
	BUF_JOIN(&a->fault, "no ", a->what, " was given");
	fail_now(a);
}

/* The program has ended: its first line is the password if all went well. */
static void
on_child(void *arg)
{
	struct ask *a = arg;
	struct buf *said = child_said(a->child);
	struct span rest = BUF_SPAN(said), line = { "", 0 };
	int status = child_status(a->child);
	const char *who = a->typed ? "SSH_ASKPASS" : "the password command";

	if (status == -1)
		return;
	if (child_lost(a->child)) {
		BUF_JOIN(&a->fault, who, " printed more than memory holds");
		fail_now(a);
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		buf_putf(&a->fault, "%s ended with status %d", who,
		    WIFEXITED(status) ? WEXITSTATUS(status)
				      : 128 + WTERMSIG(status));
		fail_now(a);
	} else if (!span_line(&rest, &line)) {
		BUF_JOIN(&a->fault, who, " printed no ", a->what);
		fail_now(a);
	} else {
		buf_cut(said, line.n);
		take(a, said);
	}
}

static void
run(struct ask *a, char *const argv[])
{
	a->child = child_new(a->loop, child_exec, argv, on_child, a);
	if (a->child != NULL)
		return;
	BUF_JOIN(&a->fault, "can't start a program: ", strerror(errno));
	fail_later(a);
}

enum ask_whom
ask_whom(const struct ask_sources *s)
{
	if (s->command != NULL)
		return ASK_COMMAND;
	if (s->askpass != NULL && s->when == ASKPASS_FIRST)
		return ASK_ASKPASS;
	if (prompt_possible())
		return ASK_TERMINAL;
	return s->askpass != NULL && s->when == ASKPASS_WITHOUT_TERMINAL
		   ? ASK_ASKPASS
		   : ASK_NOBODY;
}

static void
run_askpass(struct ask *a, char *path)
{
	char *program[] = { path, NULL, NULL };

	if (buf_putc(&a->question, '\0') < 0) {
		buf_puts(&a->fault, "memory is short");
		fail_later(a);
		return;
	}
	program[1] = (char *)buf_ptr(&a->question);
	run(a, program);
}

static void
begin(struct ask *a, const struct ask_sources *s, const char *else_where)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *command[] = { shell, option, s->command, NULL };
	enum ask_whom whom = ask_whom(s);

	if (whom == ASK_COMMAND) {
		run(a, command);
		return;
	}
	a->typed = 1;
	if (whom == ASK_ASKPASS) {
		run_askpass(a, s->askpass);
		return;
	}
	if (whom == ASK_TERMINAL)
		a->prompt =
		    prompt_new(a->loop, buf_str(&a->question), on_line, a);
	if (a->prompt != NULL)
		return;
	BUF_JOIN(&a->fault, "no ", a->what,
	    " is known, and there is no terminal to ask on ", else_where);
	fail_later(a);
}

struct ask *
ask_new(struct loop *loop, const struct ask_sources *sources,
    const struct ask_question *question,
    void (*done)(void *, char *, int, const char *), void *arg)
{
	struct ask *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->loop = loop;
	a->what = question->what;
	a->done = done;
	a->arg = arg;
	a->timer.expired = on_timer;
	a->timer.arg = a;
	buf_init(&a->question, QUESTION_MAX);
	buf_init(&a->fault, FAULT_MAX);
	buf_puts(&a->question, question->text);
	secret_guard(1);
	loop_timer(loop, &a->timer, loop_now(loop) + ASK_MS);
	begin(a, sources, question->else_where);
	return a;
}

void
ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	stop(a);
	buf_free(&a->question);
	buf_free(&a->fault);
	free(a);
}
