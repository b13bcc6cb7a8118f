/*
 * stdio.c -- one tunnel between standard input and output, or the socket that
 * they are, and the route's target.  Floor 4.
 */
#include "modes.h"

#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "net.h"
#include "run.h"

int
stdio_main(struct route *route)
{
	struct stream *near = NULL;
	struct run run;

	if (run_begin(&run, route) == 0)
		near = stream_stdio(STDIN_FILENO, STDOUT_FILENO);
	return run_tunnel(&run, near, near != NULL && stream_is_terminal(near));
}

int
inetd_main(struct route *route)
{
	struct stream *near = NULL;
	struct run run;
	struct stat input;

	if (fstat(STDIN_FILENO, &input) < 0 || !S_ISSOCK(input.st_mode)) {
		log_line(SAY_FAILURE,
		    "-i: standard input is no socket (inetd makes it one)");
		return fail_exit(FAIL_USAGE);
	}
	net_tune(STDIN_FILENO, route->keepalive_ms);
	/* Nothing else is to keep the socket open. */
	if (run_begin(&run, route) == 0 && file_replace(STDOUT_FILENO) == 0)
		near = stream_stdio(STDIN_FILENO, STDIN_FILENO);
	return run_tunnel(&run, near, 0);
}
