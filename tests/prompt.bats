#!/usr/bin/env bats
# The prompt for a password, in a real pseudo-terminal.

load lib
load hostile

setup() {
	DIR=$BATS_TEST_TMPDIR
	hostile proxy -l "$DIR/heads" \
		head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' \
		head 'send:HTTP/1.1 200 OK\r\n\r\nopened' fin drain
}

teardown() {
	stop_all
}

# at_terminal SCRIPT: runs a script of Python in which run() starts the
# program at a terminal, expect(TEXT) waits for what it shows, echoes() says
# whether the terminal echoes, and end() gives how it ended.
at_terminal() {
	timeout 30 python3 - "$PT" "$PORT" <<PY
import os, pty, select, signal, sys, termios
seen = b""
def run():
    global pid, fd
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], [sys.argv[1], "-P", "bob", "-p",
            "127.0.0.1:" + sys.argv[2], "h:1"])
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
        assert more(), seen
    seen = seen[seen.index(text) + len(text):]
def echoes():
    return bool(termios.tcgetattr(fd)[3] & termios.ECHO)
def end():
    while more():
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
PROMPT = b"proxytunnel: password for bob at the proxy 127.0.0.1:" + sys.argv[2].encode() + b": "
run()
expect(PROMPT)
assert not echoes()
$1
PY
}

@test "the password is asked for, not shown, and used" {
	at_terminal '
os.write(fd, b"s3 cret\n")
expect(b"opened")
assert end() == 0
assert b"s3 cret" not in seen, seen'
	grep -q "^Proxy-Authorization: Basic $(printf 'bob:s3 cret' | base64)" "$DIR/heads"
}

@test "the interrupt key ends it and the terminal is as before" {
	at_terminal '
os.write(fd, b"s3c\x03")
assert end() == -signal.SIGINT
assert echoes()'
	[ ! -e "$DIR/heads" ]
}

@test "a signal ends it and the terminal is as before" {
	for name in TERM HUP QUIT; do
		at_terminal "
os.kill(pid, signal.SIG$name)
assert end() == -signal.SIG$name
assert echoes()"
	done
}

@test "a request for a report does not end it" {
	at_terminal '
os.kill(pid, signal.SIGUSR1)
os.write(fd, b"whole\n")
expect(b"opened")
assert end() == 0'
}

@test "the stop key asks again" {
	at_terminal '
os.write(fd, b"half\x1a")
expect(PROMPT)
os.write(fd, b"whole\n")
expect(b"opened")
assert end() == 0'
	grep -q "^Proxy-Authorization: Basic $(printf 'bob:whole' | base64)" "$DIR/heads"
}

@test "the end of input is no password" {
	at_terminal '
os.write(fd, b"\x04")
expect(b"no password was given")
assert end() == 77
assert echoes()'
}
