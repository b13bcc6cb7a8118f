/*
 * stdio.c -- one tunnel between standard input and output, or the socket that
 * they are, and the route's target.  Floor 4.
 */
#include "modes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "net.h"
#include "run.h"

int
stdio_main(struct route *route, int progress)
{
	struct stream *near = NULL;
	struct run run;

	if (run_begin(&run, route) == 0)
		near = stream_stdio(STDIN_FILENO, STDOUT_FILENO);
	run.shows_progress = progress && isatty(STDERR_FILENO);
	return run_tunnel(&run, near, near != NULL && stream_is_terminal(near));
}

int
inetd_main(struct route *route, int fd)
{
	struct stream *near = NULL;
	struct run run;
	struct stat st;
	int flags;

	if (fstat(fd, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		log_line(SAY_FAILURE,
		    "-i: standard input is no socket (inetd makes it one)");
		return fail_exit(FAIL_USAGE);
	}
	net_tune(fd, route->keepalive_ms);
	/* It is ours alone, and nothing else is to keep it open. */
	flags = fcntl(fd, F_GETFL);
	if (run_begin(&run, route) == 0 && flags >= 0 &&
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    file_replace(STDOUT_FILENO) == 0)
		near = stream_socket(fd);
	return run_tunnel(&run, near, 0);
}
