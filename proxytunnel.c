/*
 * proxytunnel.c -- joins standard input and output to a destination behind a
 * proxy.  Floor 5: parses, finds credentials, runs, prints the one failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "automatic.h"
#include "configread.h"
#include "environment.h"
#include "fail.h"
#include "file.h"
#include "help.h"
#include "log.h"
#include "modes.h"
#include "options.h"
#include "printconfig.h"
#include "systemd.h"
#include "version.h"

#define TEXT_MAX_BYTES ((size_t)1 << 20) /* of what is shown */

extern char **environ;

/*
 * A descriptor that was closed at birth would be taken by the first socket.
 * In its place comes one that reads as ended and that can't be written to.
 */
static int
fill_closed_descriptors(void)
{
	struct pollfd p[3] = { { 0, 0, 0 }, { 1, 0, 0 }, { 2, 0, 0 } };
	int fd;

	if (poll(p, 3, 0) < 0)
		return -1;
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if ((p[fd].revents & POLLNVAL) != 0 &&
		    open("/dev/null",
			fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return -1;
	return 0;
}

/* Writes a text over the arguments, as far as they reach. */
static void
set_title(char *first, char *last, const char *title)
{
	/* strncpy(3) cuts what is too long and fills up with NULs. */
	strncpy(first, title, (size_t)(last - first));
}

/*
 * inetd's standard error is the other side's socket: what is said goes to
 * syslogd then.  An argument that is wrong may have hidden a -i.
 */
static void
keep_out_of_socket(void)
{
	struct stat input, error;

	if (fstat(STDIN_FILENO, &input) < 0 ||
	    fstat(STDERR_FILENO, &error) < 0 || !S_ISSOCK(input.st_mode) ||
	    input.st_dev != error.st_dev || input.st_ino != error.st_ino)
		return;
	log_to_syslog();
	file_replace(STDERR_FILENO);
}

/*
 * A service manager may have passed sockets that listen, or a connection; an
 * option that says otherwise counts more.
 */
static int
take_sockets(struct config *c, struct failure *why)
{
	int n = c->fdpass ? 0 : systemd_sockets(getenv);

	c->connection = STDIN_FILENO;
	if (n == 1 && c->listening.nat == 0 &&
	    systemd_is_connection(SYSTEMD_FIRST)) {
		c->connection = SYSTEMD_FIRST;
		c->inetd = 1;
		keep_out_of_socket();
	} else if (!c->inetd)
		c->listening.sockets = (size_t)n;
	if (c->listening.nat > 0 || c->listening.sockets > 0) {
		c->listening.journal = systemd_has_journal(getenv);
		c->listening.notify = getenv("NOTIFY_SOCKET");
	} else if (c->of_listening != NULL)
		return fail(why, FAIL_USAGE,
		    "%s: it does not listen (-a says where)", c->of_listening);
	return 0;
}

static int
print(struct buf *text)
{
	size_t n = buf_len(text);

	if (fwrite(buf_ptr(text), 1, n, stdout) != n || fflush(stdout) != 0) {
		log_line(SAY_FAILURE, "can't write to standard output: %s",
		    strerror(errno));
		return fail_exit(FAIL_LOST);
	}
	return 0;
}

/* What is asked of the program itself. */
static int
show(const struct config *c, const struct config_files *files)
{
	struct buf text;
	int status;

	buf_init(&text, TEXT_MAX_BYTES);
	if (c->what == DO_HELP)
		status = help_put(&text, c->topic);
	else if (c->what == DO_TUNNEL)
		status = printconfig_put(&text, c, files);
	else
		status = version_put(&text);
	if (status < 0)
		log_line(SAY_FAILURE, "out of memory");
	status = status < 0 ? fail_exit(FAIL_LOCAL) : print(&text);
	buf_free(&text);
	return status;
}

static int
tunnel(struct config *c, const struct config_files *files, struct failure *why)
{
	const struct secure *first;
	size_t i;

	log_set(c->level);
	for (i = 0; i < files->n; i++)
		log_line(SAY_EVENT, "config %s", files->file[i].name);
	if (c->old_flag != NULL)
		log_line(SAY_EVENT, "%s has no effect any more", c->old_flag);
	if (c->ignored)
		log_line(SAY_NOTICE,
		    "an argument has no use: -d names the destination");
	if (c->direct != NULL)
		log_line(SAY_EVENT, "no proxy: %s", c->direct);
	if (c->route.automatic && c->trail == NULL &&
	    automatic_choose(&c->route, why) < 0)
		return fail_exit(why->code);
	/* libproxy reads the same variables. */
	environment_wipe(environ);
	first = route_secure(&c->route, 0);
	if (route_log_in(&c->route, why) < 0 ||
	    route_prepare(&c->route, why) < 0)
		return fail_exit(why->code);
	if (c->trail != NULL)
		return show(c, files);
	if (first->on && first->options.cut)
		log_line(SAY_NOTICE,
		    "-W: the proxy's answer and all that follows come and go "
		    "in clear");
	if (c->checking.what == CHECK_TUNNELS)
		return check_main(&c->route, &c->checking);
	if (c->checking.what == CHECK_PORTS)
		return scan_main(&c->route, &c->checking);
	if (c->checking.what == CHECK_LOGIN)
		return login_main(&c->route, &c->checking);
	if (c->inetd)
		return inetd_main(&c->route, c->connection);
	if (c->listening.nat > 0 || c->listening.sockets > 0)
		return listen_main(&c->route, &c->listening);
	return c->fdpass ? fdpass_main(&c->route)
			 : stdio_main(&c->route, c->progress);
}

/* Takes all that the user has said. */
static int
configure(struct config *c, struct config_files *files, int argc, char *argv[],
    struct failure *why)
{
	int rc =
	    config_files_read(files, options_file(argc, argv), getenv, why);

	memset(c, 0, sizeof *c);
	if (rc == 0)
		rc = options_parse(c, argc, argv, files, getenv, why);
	config_files_wipe(files);
	return rc;
}

int
main(int argc, char *argv[])
{
	struct failure why = NO_FAILURE;
	struct config_files files;
	struct config config;
	char *first = argc > 0 ? argv[0] : NULL, *last = first;
	int status = 0;

	if (argc > 0)
		last = argv[argc - 1] + strlen(argv[argc - 1]);
	if (configure(&config, &files, argc, argv, &why) == 0 &&
	    fill_closed_descriptors() < 0)
		fail(&why, FAIL_LOCAL, "can't open /dev/null: %s",
		    strerror(errno));
	if (config.inetd || why.code != FAIL_NONE)
		keep_out_of_socket();
	if (why.code != FAIL_NONE)
		status = fail_exit(why.code);
	else if (config.what != DO_TUNNEL)
		status = show(&config, &files);
	else {
		if (config.title != NULL)
			set_title(first, last, config.title);
		status = take_sockets(&config, &why) < 0
			     ? fail_exit(why.code)
			     : tunnel(&config, &files, &why);
	}
	if (why.code != FAIL_NONE && why.text[0] != '\0')
		log_line(SAY_FAILURE, "%s", why.text);
	options_free(&config);
	config_files_free(&files);
	return status;
}
