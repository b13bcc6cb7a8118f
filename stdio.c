/*
 * stdio.c -- one tunnel between standard input and output and the
 * route's target.  Floor 4.
 */
#include "modes.h"

#include <unistd.h>

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
