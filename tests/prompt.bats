#!/usr/bin/env bats
# The prompt for a password, in a real pseudo-terminal.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

ASKS='send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n'
OPENS='send:HTTP/1.1 200 OK\r\n\r\nopened'

setup() {
	DIR=$BATS_TEST_TMPDIR
	need python3
	hostile proxy -l "$DIR/heads" head "$ASKS" head "$OPENS" fin drain
}

teardown() {
	stop_all
}

# at_terminal SCRIPT ARG...: runs a script of Python in which run() starts the
# program at a terminal, expect(TEXT) waits for what it shows, quiet(SECONDS)
# that it shows nothing so long, echoes() says whether the terminal echoes, and
# end() gives how it ended.  run() has been called, but with NO_RUN.
at_terminal() {
	local script=$1
	shift
	timeout 60 python3 - "$PT" "$PORT" "$@" <<PY
import os, pty, select, signal, sys, termios
seen = b""
args = [sys.argv[1], "-P", "bob", "-p", "127.0.0.1:" + sys.argv[2],
    *sys.argv[3:], "h:1"]
def become(stdin=None, stdout=None):
    if stdin is not None:
        os.dup2(stdin, 0)
    if stdout is not None:
        os.dup2(stdout, 1)
    os.execv(args[0], args)
def run(**instead):
    global pid, fd
    pid, fd = pty.fork()
    if pid == 0:
        become(**instead)
# A shell with job control: it brings the job back for a line.
def run_in_shell():
    global pid, fd
    pid, fd = pty.fork()
    if pid != 0:
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        become()
    while True:
        status = os.waitpid(job, os.WUNTRACED)[1]
        os.tcsetpgrp(0, os.getpid())
        if not os.WIFSTOPPED(status):
            os._exit(os.waitstatus_to_exitcode(status) % 256)
        os.write(1, b"job %d stopped" % job)
        os.read(0, 100)
        os.tcsetpgrp(0, job)
        os.kill(job, signal.SIGCONT)
def more():
    global seen
    try:
        piece = os.read(fd, 1000)
    except OSError:
        piece = b""
    seen += piece
    return piece
def expect(text):
    global seen
    while text not in seen:
        assert more(), (seen, end())
    seen = seen[seen.index(text) + len(text):]
def quiet(seconds):
    assert not select.select([fd], [], [], seconds)[0], more()
def type_in(text):
    os.write(fd, text)
def echoes():
    return bool(termios.tcgetattr(fd)[3] & termios.ECHO)
def end():
    while more():
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
PLACE = b"password for bob at the proxy 127.0.0.1:" + sys.argv[2].encode() + b": "
PROMPT = b"proxytunnel: " + PLACE
AGAIN = b"proxytunnel: refused; " + PLACE
${NO_RUN-run()}
$script
PY
}

# sent: what the proxy got, a word a request: its password, or "-" for none.
sent() {
	local head words=()
	while IFS= read -r head; do
		case $head in
		CONNECT*) words+=(-) ;;
		Proxy-Authorization:*)
			words[-1]=$(base64 -d <<<"${head##* }")
			[[ ${words[-1]} == bob:* ]] || fail "${words[-1]}"
			words[-1]=${words[-1]#bob:}
			;;
		esac
	done < <(tr -d '\r' <"$DIR/heads")
	echo "${words[*]}"
}

@test "the password is asked for once it is demanded, not shown, and used" {
	at_terminal '
expect(PROMPT)
assert not echoes()
type_in(b"s3 cret\n")
expect(b"opened")
assert end() == 0
assert echoes()
assert b"s3 cret" not in seen, seen'
	[ "$(sent)" = "- s3 cret" ]
}

@test "nobody is asked where the proxy asks nobody" {
	hostile open head "$OPENS" fin drain
	at_terminal '
expect(b"opened")
assert end() == 0
assert b"password" not in seen, seen'
}

@test "Basic alone: it is asked for before anything is connected to" {
	nobody
	at_terminal '
expect(PROMPT)
type_in(b"s3cret\n")
expect(b"can" + bytes([39]) + b"t be reached")
assert end() == 69' --auth=basic
	hostile open -l "$DIR/heads" head "$OPENS" fin drain
	at_terminal '
expect(PROMPT)
type_in(b"s3cret\n")
expect(b"opened")
assert end() == 0' --auth=basic
	[ "$(sent)" = s3cret ]
}

@test "wrong twice, then right, over one connection" {
	hostile thrice -l "$DIR/heads" head "$ASKS" head "$ASKS" head "$ASKS" \
		head "$OPENS" fin drain -- rst
	at_terminal '
expect(PROMPT)
type_in(b"one\n")
expect(AGAIN)
assert not echoes()
type_in(b"two\n")
expect(AGAIN)
type_in(b"three\n")
expect(b"opened")
assert end() == 0
assert echoes()'
	[ "$(sent)" = "- one two three" ]
}

@test "wrong twice, then right, over connections that end" {
	hostile closes -l "$DIR/heads" \
		head 'send:HTTP/1.0 407 No\r\nProxy-Authenticate: Basic\r\n\r\n' -- \
		head 'send:HTTP/1.0 407 No\r\nProxy-Authenticate: Basic\r\n\r\n' -- \
		head 'send:HTTP/1.0 407 No\r\nProxy-Authenticate: Basic\r\n\r\n' -- \
		head "$OPENS" fin drain
	at_terminal '
expect(PROMPT)
type_in(b"one\n")
expect(AGAIN)
type_in(b"two\n")
expect(AGAIN)
type_in(b"three\n")
expect(b"opened")
assert end() == 0'
	[ "$(sent)" = "- one two three" ]
}

@test "wrong three times is the end" {
	hostile never -l "$DIR/heads" head "$ASKS" head "$ASKS" head "$ASKS" \
		head "$ASKS" hold
	at_terminal '
expect(PROMPT)
type_in(b"one\n")
expect(AGAIN)
type_in(b"two\n")
expect(AGAIN)
type_in(b"three\n")
expect(b"refused the credentials")
assert end() == 77
assert echoes()
assert b"proxytunnel: " not in seen, seen'
	[ "$(sent)" = "- one two three" ]
}

@test "wrong and typed again where Basic alone is allowed" {
	hostile basic -l "$DIR/heads" head "$ASKS" head "$OPENS" fin drain
	at_terminal '
expect(PROMPT)
type_in(b"one\n")
expect(AGAIN)
type_in(b"two\n")
expect(b"opened")
assert end() == 0' --auth=basic
	[ "$(sent)" = "one two" ]
}

@test "a password that was not typed is not asked for again" {
	hostile never -l "$DIR/heads" head "$ASKS" head "$ASKS" hold
	PROXYPASS=wrong at_terminal '
expect(b"proxytunnel: 127.0.0.1")
expect(b"refused the credentials")
assert end() == 77
assert b"password for" not in seen, seen'
	[ "$(sent)" = "- wrong" ]
}

@test "the time to type does not count, that of the proxy does" {
	at_terminal '
expect(PROMPT)
quiet(1.5)
type_in(b"s3cret\n")
expect(b"opened")
assert end() == 0' --timeout=1
	hostile silent head "$ASKS" head hold
	at_terminal '
expect(PROMPT)
type_in(b"s3cret\n")
expect(b"has not answered within 1 s")
assert end() == 75' --timeout=1
}

# hurry: prints a library that makes a program's time pass fifty times as fast.
hurry() {
	need "${CC:-cc}"
	"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -o "$DIR/hurry.so" -x c - <<-'END'
		#include <dlfcn.h>
		#include <poll.h>
		#include <signal.h>
		#include <stddef.h>
		#include <time.h>

		#define SPEED 50
		#define NS 1000000000LL

		static struct timespec
		scaled(const struct timespec *t, long long by, long long part)
		{
			long long ns = (t->tv_sec * NS + t->tv_nsec) * by / part;

			return (struct timespec){ ns / NS, ns % NS };
		}

		int
		clock_gettime(clockid_t clock, struct timespec *t)
		{
			int (*next)(clockid_t, struct timespec *) =
			    (int (*)(clockid_t, struct timespec *))
				dlsym(RTLD_NEXT, "clock_gettime");
			int rc = next(clock, t);

			if (clock == CLOCK_MONOTONIC)
				*t = scaled(t, SPEED, 1);
			return rc;
		}

		int
		ppoll(struct pollfd *p, nfds_t n, const struct timespec *t,
		    const sigset_t *mask)
		{
			int (*next)(struct pollfd *, nfds_t,
			    const struct timespec *, const sigset_t *) =
			    (int (*)(struct pollfd *, nfds_t,
				const struct timespec *, const sigset_t *))
				dlsym(RTLD_NEXT, "ppoll");
			struct timespec less;

			if (t != NULL)
				less = scaled(t, 1, SPEED);
			return next(p, n, t == NULL ? NULL : &less, mask);
		}
	END
	echo "$DIR/hurry.so"
}

@test "an answer must come within two minutes" {
	local library
	library=$(hurry) || fail "no library"
	NO_RUN='' at_terminal "
os.environ['LD_PRELOAD'] = '$library'
os.environ['ASAN_OPTIONS'] = 'verify_asan_link_order=0'
run()
expect(PROMPT)
quiet(2)
expect(b'no password was given within 120 s')
assert end() == 77
assert echoes()" --timeout=10
}

@test "the interrupt key ends it and the terminal is as before" {
	at_terminal '
expect(PROMPT)
type_in(b"s3c\x03")
assert end() == -signal.SIGINT
assert echoes()'
	[ "$(sent)" = - ]
}

@test "the quit key ends it and the terminal is as before" {
	at_terminal '
expect(PROMPT)
type_in(b"s3c\x1c")
assert end() == -signal.SIGQUIT
assert echoes()'
	[ "$(sent)" = - ]
}

@test "a signal ends it and the terminal is as before" {
	for name in INT TERM HUP QUIT; do
		at_terminal "
expect(PROMPT)
os.kill(pid, signal.SIG$name)
assert end() == -signal.SIG$name
assert echoes()"
	done
}

@test "a signal ends it before anything is connected to" {
	for name in INT TERM HUP QUIT; do
		at_terminal "
expect(PROMPT)
os.kill(pid, signal.SIG$name)
assert end() == -signal.SIG$name
assert echoes()" --auth=basic
	done
	[ ! -e "$DIR/heads" ]
}

@test "a request for a report does not end it" {
	at_terminal '
expect(PROMPT)
os.kill(pid, signal.SIGUSR1)
expect(b"tunnel to h:1: opening")
type_in(b"whole\n")
expect(b"opened")
assert end() == 0'
}

@test "the stop key asks again" {
	at_terminal '
expect(PROMPT)
type_in(b"half\x1a")
expect(PROMPT)
assert not echoes()
type_in(b"whole\n")
expect(b"opened")
assert end() == 0'
	[ "$(sent)" = "- whole" ]
}

@test "under a shell it stops, and asks again in the foreground" {
	NO_RUN='' at_terminal '
run_in_shell()
expect(PROMPT)
type_in(b"half\x1a")
expect(b"job ")
while b" stopped" not in seen:
    assert more()
job = int(seen.split()[0])
assert echoes()
type_in(b"bring it back\n")
expect(PROMPT)
assert not echoes()
os.kill(job, signal.SIGTSTP)
expect(b" stopped")
assert echoes()
type_in(b"and again\n")
expect(PROMPT)
assert not echoes()
type_in(b"whole\n")
expect(b"opened")
assert end() == 0' --
	[ "$(sent)" = "- whole" ]
}

@test "the end of input is no password" {
	at_terminal '
expect(PROMPT)
type_in(b"\x04")
expect(b"no password was given")
assert end() == 77
assert echoes()'
}

@test "an empty line is an empty password" {
	at_terminal '
expect(PROMPT)
type_in(b"\n")
expect(b"opened")
assert end() == 0'
	[ "$(sent)" = "- " ]
}

@test "standard input is not read for it, nor is it asked on standard output" {
	hostile echo -l "$DIR/heads" head "$ASKS" head "$OPENS" echo
	NO_RUN='' at_terminal '
far_in, near_in = os.pipe()
near_out, far_out = os.pipe()
os.write(near_in, b"for the tunnel\n")
run(stdin=far_in, stdout=far_out)
os.close(far_in)
os.close(far_out)
expect(PROMPT)
type_in(b"s3cret\n")
os.close(near_in)
got = b""
while piece := os.read(near_out, 1000):
    got += piece
assert got == b"openedfor the tunnel\n", got
assert end() == 0' --half-close=0.3
	[ "$(sent)" = "- s3cret" ]
}

@test "the reader of standard output goes: it ends, the terminal is as before" {
	for auth in basic,digest basic; do
		NO_RUN='' at_terminal '
near_out, far_out = os.pipe()
run(stdout=far_out)
os.close(far_out)
expect(PROMPT)
assert not echoes()
os.close(near_out)
assert end() == 1
assert echoes()
assert seen.strip() == b"", seen' --auth="$auth"
	done
}

# asks_by PROGRAM|TERMINAL VARIABLE...: who asks where there is both.
asks_by() {
	local who=$1 script='expect(PROMPT); type_in(b"s3cret\n")'
	shift
	[ "$who" = TERMINAL ] || script=''
	rm -f "$DIR/heads"
	NO_RUN='' at_terminal "
for variable in '$*'.split():
    os.environ.__setitem__(*variable.split('='))
run()
$script
expect(b'opened')
assert end() == 0
assert b'password for' not in seen, seen" --
	[ "$who" = TERMINAL ] || [ "$(sent)" = "- from the program" ]
	[ "$who" = PROGRAM ] || [ "$(sent)" = "- s3cret" ]
}

@test "at a terminal SSH_ASKPASS is used where it is forced or preferred" {
	printf '#!/bin/sh\necho from the program\n' >"$DIR/askpass"
	chmod +x "$DIR/askpass"
	local askpass=SSH_ASKPASS=$DIR/askpass require=SSH_ASKPASS_REQUIRE
	asks_by TERMINAL "$askpass"
	asks_by TERMINAL "$askpass" DISPLAY=:9
	asks_by TERMINAL "$askpass" WAYLAND_DISPLAY=w
	asks_by TERMINAL "$askpass" DISPLAY=:9 $require=never
	asks_by TERMINAL "$askpass" $require=prefer
	asks_by TERMINAL DISPLAY=:9 $require=force
	asks_by PROGRAM "$askpass" DISPLAY=:9 $require=prefer
	asks_by PROGRAM "$askpass" WAYLAND_DISPLAY=w $require=prefer
	asks_by PROGRAM "$askpass" $require=force
}
