/* proxyauto.c -- libproxy, in a child process.  Floor 2. */
#include "proxyauto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "library.h"

#define URL_MAX 2048

#define FUNCTIONS(X)                            \
	X(px_proxy_factory_new, void *, (void)) \
	X(px_proxy_factory_get_proxies, char **, (void *, const char *))

struct functions {
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration */
#define X(name, type, args) type(*name) args;
	FUNCTIONS(X)
#undef X
};

LIBRARY_NOTE("[{\"feature\":\"libproxy\","
	     "\"description\":\"the proxy that the desktop or a PAC file "
	     "names\","
	     "\"priority\":\"suggested\","
	     "\"soname\":[\"libproxy.so.1\"]}]");

/* How the child ends; a library that ends it has other numbers. */
enum { CHILD_FINE = 0, CHILD_LACKS_LIBRARY = 101, CHILD_FAILED };

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t put;

	for (; n > 0; n -= (size_t)put, p += put) {
		put = write(fd, p, n);
		if (put < 0 && errno == EINTR)
			put = 0;
		else if (put < 0)
			return -1;
	}
	return 0;
}

static const char *const sonames[] = { "libproxy.so.1", NULL };

#define X(name, type, args) #name "\0"
static const char names[] = FUNCTIONS(X);
#undef X

const char proxyauto_missing[] =
    LIBRARY_MISSING("libproxy.so.1", "libproxy1v5");

int
proxyauto_about(struct buf *out)
{
	return library_about(out, sonames, names, NULL);
}

static int
child_body(const void *url, int from, int to)
{
	struct functions f;
	void *factory;
	char **proxies;

	(void)from;
	if (library_open(sonames, &f, names) == NULL)
		return CHILD_LACKS_LIBRARY;
	factory = f.px_proxy_factory_new();
	if (factory == NULL)
		return CHILD_FAILED;
	proxies = f.px_proxy_factory_get_proxies(factory, url);
	for (; proxies != NULL && *proxies != NULL; proxies++)
		if (write_all(to, *proxies, strlen(*proxies)) < 0 ||
		    write_all(to, "\n", 1) < 0)
			return CHILD_FAILED;
	return CHILD_FINE;
}

/* And this in the parent. */

struct proxyauto {
	struct child *child;
	void (*done)(void *, struct span, const struct failure *);
	void *arg;
};

static void
explain(int status, struct failure *why)
{
	if (WIFSIGNALED(status))
		fail(why, FAIL_LOCAL, "libproxy crashed (signal %d)",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) == CHILD_LACKS_LIBRARY)
		fail(why, FAIL_MISSING, "%s", proxyauto_missing);
	else
		fail(why, FAIL_LOCAL, "libproxy has no answer");
}

static void
on_heard(void *arg)
{
	struct proxyauto *p = arg;
	struct span said = BUF_SPAN(child_said(p->child));
	struct failure why = NO_FAILURE;
	int status = child_status(p->child);

	if (status < 0)
		return;
	if (child_lost(p->child))
		fail(&why, FAIL_LOCAL, "libproxy says more than memory holds");
	else if (status != 0 || said.n == 0)
		explain(status, &why);
	if (why.code != FAIL_NONE)
		said.n = 0;
	p->done(p->arg, said, &why);
}

struct proxyauto *
proxyauto_new(struct loop *loop, const char *authority,
    void (*done)(void *, struct span, const struct failure *), void *arg)
{
	struct proxyauto *p = calloc(1, sizeof *p);
	struct buf url;

	if (p == NULL)
		return NULL;
	p->done = done;
	p->arg = arg;
	buf_init(&url, URL_MAX);
	/* What PAC files know: a browser that asks a proxy for CONNECT. */
	if (BUF_JOIN(&url, "https://", authority, "/") == 0)
		p->child =
		    child_new(loop, child_body, buf_str(&url), on_heard, p);
	else
		errno = ENOMEM;
	buf_free(&url);
	if (p->child != NULL)
		return p;
	free(p);
	return NULL;
}

void
proxyauto_free(struct proxyauto *p)
{
	if (p == NULL)
		return;
	child_free(p->child);
	free(p);
}
