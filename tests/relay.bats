#!/usr/bin/env bats
# The open tunnel: every end, every kind of descriptor, both directions.

load lib
load hostile

setup() {
	DIR=$BATS_TEST_TMPDIR
}

teardown() {
	exec 9>&-
	stop_all
}

OPEN='send:HTTP/1.1 200 OK\r\n\r\n'

# input: makes a FIFO, held open by descriptor 9, for a standard input that
# says nothing until it is told to.
input() {
	mkfifo "$DIR/in"
	exec 9<>"$DIR/in"
}

# timed: the milliseconds since the last call are in MS then.
timed() {
	local now=${EPOCHREALTIME/./}
	MS=$(((now - ${since:-$now}) / 1000))
	since=$now
}

@test "the answer comes though standard input has ended, the end follows" {
	hostile proxy head "$OPEN" read:6 send:world drain send:late
	[ "$(printf 'hello\n' | through --half-close=0.3)" = worldlate ]
}

@test "the answer comes through a proxy that cuts at the client's end" {
	hostile target read:6 drip:100:0123456789 drain
	target=$PORT
	hostile proxy head connect-cut
	[ "$(printf 'hello\n' | timeout 60 "$PT" --half-close=0.5 \
		-p "127.0.0.1:$PORT" 127.0.0.1 "$target")" = 0123456789 ]
	# That it would be lost otherwise is the reason for all this.
	[ "$(printf 'hello\n' | timeout 60 "$PT" --half-close=now \
		-p "127.0.0.1:$PORT" 127.0.0.1 "$target")" != 0123456789 ]
}

@test "a peer that reads to the end gets one, and all that was sent" {
	hostile proxy head "$OPEN" count
	[ "$(head -c 1000000 /dev/zero | through --half-close=0.3)" = 1000000 ]
	[ "$(head -c 1000000 /dev/zero | through --half-close=now)" = 1000000 ]
}

@test "the end waits while a slow reader holds the answer up" {
	head -c 4000000 /dev/zero >"$DIR/big"
	hostile target read:6 "file:$DIR/big" drain
	target=$PORT
	hostile proxy head connect-cut
	mkfifo "$DIR/pipe"
	printf 'hello\n' | timeout 60 "$PT" --half-close=0.2 \
		-p "127.0.0.1:$PORT" 127.0.0.1 "$target" >"$DIR/pipe" 3>&- &
	exec 8<"$DIR/pipe"
	head -c 1000 <&8 | wc -c >"$DIR/first"
	timeout 1 tail -f /dev/null || :
	wc -c <&8 >"$DIR/rest"
	wait $!
	[ $(($(cat "$DIR/first") + $(cat "$DIR/rest"))) -eq 4000000 ]
}

@test "--half-close=never" {
	hostile proxy head "$OPEN" 'send:x' count
	timed
	status=0
	printf hello | through --half-close=never --idle-timeout=1 >"$DIR/out" 2>"$DIR/err" || status=$?
	timed
	[ "$status" -eq 1 ]
	[ "$(cat "$DIR/out")" = x ]
	grep -q 'nothing moved for 1 s' "$DIR/err"
}

@test "-v says that it waits, and why; and who ended it" {
	hostile proxy head "$OPEN" send:abc drain
	printf 12345 | through -v --half-close=0.2 >/dev/null 2>"$DIR/err"
	grep -q 'standard input has ended: .* silent for 0.2 s' "$DIR/err"
	grep -q 'closed by both ends, first by standard input after .*: 5 bytes sent, 3 received' "$DIR/err"
}

@test "an upload is not cut when the far end half-closes first" {
	hostile proxy head "$OPEN" 'send:go' fin "save:$DIR/saved"
	for i in 1 2 3 4 5 6 7 8; do
		head -c 100000 /dev/zero | tr '\0' "$i"
	done >"$DIR/want"
	# A pause is shorter than the time it lingers, all of them are longer.
	for i in 1 2 3 4 5 6 7 8; do
		head -c 100000 /dev/zero | tr '\0' "$i"
		timeout 0.4 tail -f /dev/null || :
	done | through --linger=3 >"$DIR/out"
	[ "$(cat "$DIR/out")" = go ]
	wait_until 10 cmp -s "$DIR/want" "$DIR/saved"
}

@test "after the far end's end it lingers and goes" {
	hostile proxy head "$OPEN" 'send:bye' fin drain
	input
	timed
	status=0
	through <"$DIR/in" >"$DIR/out" || status=$?
	timed
	[ "$status" -eq 0 ]
	[ "$(cat "$DIR/out")" = bye ]
	[ "$MS" -ge 900 ]
	[ "$MS" -lt 5000 ]
	through -v --linger=0 <"$DIR/in" >"$DIR/out" 2>"$DIR/err"
	grep -q 'closed by the far end after 0\.[0-8]' "$DIR/err"
}

@test "standard output is closed as soon as the far end has ended" {
	hostile proxy head "$OPEN" 'send:bye' fin drain
	input
	mkfifo "$DIR/pipe"
	"$PT" --linger=20 -p "127.0.0.1:$PORT" h:1 <"$DIR/in" >"$DIR/pipe" 3>&- &
	timed
	cat <"$DIR/pipe" >"$DIR/out"
	timed
	[ "$(cat "$DIR/out")" = bye ]
	[ "$MS" -lt 10000 ]
	kill -0 $!
}

@test "at a terminal it goes at once" {
	hostile proxy head "$OPEN" 'send:bye' fin drain
	timed
	status=0
	python3 - "$PT" "$PORT" >"$DIR/out" <<'PY' || status=$?
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "--linger=20", "-p",
        "127.0.0.1:" + sys.argv[2], "h:1"])
got = b""
try:
    while piece := os.read(fd, 100):
        got += piece
except OSError:
    pass
os.write(1, got)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
	timed
	[ "$status" -eq 0 ]
	[ "$(cat "$DIR/out")" = bye ]
	[ "$MS" -lt 10000 ]
}

@test "a reset: what had arrived comes out, status 1, one line" {
	head -c 3000000 /dev/zero >"$DIR/big"
	hostile proxy head "$OPEN" "file:$DIR/big" "touch:$DIR/sent" "until:$DIR/go" rst
	input
	through <"$DIR/in" >"$DIR/out" 2>"$DIR/err" 3>&- 9>&- &
	wait_until 20 cmp -s "$DIR/big" "$DIR/out"
	touch "$DIR/go"
	status=0
	wait $! || status=$?
	[ "$status" -eq 1 ]
	[ "$(cat "$DIR/err")" = 'proxytunnel: the tunnel broke: Connection reset by peer' ]
	cmp "$DIR/big" "$DIR/out"
}

@test "a reset while the reader is slow: what had arrived comes out" {
	head -c 100000 /dev/zero >"$DIR/big"
	hostile proxy head "$OPEN" "file:$DIR/big" "until:$DIR/go" rst
	input
	mkfifo "$DIR/pipe"
	through <"$DIR/in" >"$DIR/pipe" 2>"$DIR/err" 3>&- 9>&- &
	pid=$!
	exec 8<"$DIR/pipe"
	wait_until 10 test -s "$DIR/proxy.log"
	timeout 0.3 tail -f /dev/null || :
	touch "$DIR/go"
	timeout 0.3 tail -f /dev/null || :
	[ "$(wc -c <&8)" -eq 100000 ]
	status=0
	wait $pid || status=$?
	[ "$status" -eq 1 ]
}

@test "what can't be sent any more is a loss" {
	hostile proxy head "$OPEN" 'send:x' rst
	status=0
	yes | head -c 8000000 | through >"$DIR/out" 2>"$DIR/err" || status=$?
	[ "$status" -eq 1 ]
	[ "$(wc -l <"$DIR/err")" -eq 1 ]
}

@test "the reader goes: the end comes at once and quietly" {
	yes | head -c 1000000 >"$DIR/big"
	hostile proxy head "$OPEN" "file:$DIR/big" hold
	input
	timed
	through <"$DIR/in" 2>"$DIR/err" | head -n 1 >"$DIR/out" &&
		status=${PIPESTATUS[0]} || status=${PIPESTATUS[0]}
	timed
	[ "$(cat "$DIR/out")" = y ]
	[ ! -s "$DIR/err" ]
	[ "$status" -eq 1 ]
	[ "$MS" -lt 5000 ]
}

@test "the reader goes with nothing lost: status 0" {
	hostile proxy head "$OPEN" 'send:yes\n' "until:$DIR/go"
	input
	timed
	through <"$DIR/in" 2>"$DIR/err" | head -n 1 >"$DIR/out" &&
		status=${PIPESTATUS[0]} || status=${PIPESTATUS[0]}
	timed
	[ "$(cat "$DIR/out")" = yes ]
	[ "$status" -eq 0 ]
	[ ! -s "$DIR/err" ]
}

@test "the reader goes while the tunnel is being opened" {
	hostile proxy hold
	input
	timed
	status=0
	through --timeout=20 <"$DIR/in" 2>"$DIR/err" | : || status=$?
	timed
	[ ! -s "$DIR/err" ]
	[ "$MS" -lt 10000 ]
}

@test "the reader goes during an upload: that is a loss" {
	hostile proxy head "$OPEN" "until:$DIR/go"
	timed
	through </dev/zero 2>"$DIR/err" | : &&
		status=${PIPESTATUS[0]} || status=${PIPESTATUS[0]}
	timed
	[ "$status" -eq 1 ]
	[ ! -s "$DIR/err" ]
}

@test "64 MiB both ways at once, files at both ends" {
	hostile proxy head "$OPEN" echo
	head -c "$((${QUICK:+1} + 0 ? 8 << 20 : 64 << 20))" /dev/urandom >"$DIR/big"
	through --half-close=0.5 <"$DIR/big" >"$DIR/out"
	cmp "$DIR/big" "$DIR/out"
}

@test "both ways at once through pipes" {
	hostile proxy head "$OPEN" echo
	head -c 16000000 /dev/urandom >"$DIR/big"
	# shellcheck disable=SC2002 # a pipe is meant
	cat "$DIR/big" | through --half-close=0.5 | cat >"$DIR/out"
	cmp "$DIR/big" "$DIR/out"
}

@test "a socket at both ends" {
	hostile proxy head "$OPEN" echo
	python3 - "$PT" "$PORT" <<'PY'
import os, socket, subprocess, sys
a, b = socket.socketpair()
p = subprocess.Popen([sys.argv[1], "--half-close=0.3", "-p",
    "127.0.0.1:" + sys.argv[2], "h:1"], stdin=b, stdout=b)
b.close()
data = os.urandom(300000)
got = b""
sent = 0
a.setblocking(False)
import select
while len(got) < len(data):
    r, w, _ = select.select([a], [a] if sent < len(data) else [], [], 20)
    assert r or w, "stuck"
    if w:
        sent += a.send(data[sent:sent + 50000])
    if r:
        got += a.recv(65536)
a.setblocking(True)
a.settimeout(20)
a.shutdown(socket.SHUT_WR)
assert a.recv(1) == b""
assert got == data
assert p.wait(20) == 0
# And when the other side of the socket is simply gone.
a, b = socket.socketpair()
p = subprocess.Popen([sys.argv[1], "-p", "127.0.0.1:" + sys.argv[2], "h:1"],
    stdin=b, stdout=b)
b.close()
a.send(b"x")
a.settimeout(20)
assert a.recv(1) == b"x"
a.close()
assert p.wait(20) == 0
PY
}

@test "flags of inherited descriptors stay as they are" {
	hostile proxy head "$OPEN" echo
	python3 - "$PT" "$PORT" <<'PY'
import fcntl, os, subprocess, sys
r, w = os.pipe()
r2, w2 = os.pipe()
p = subprocess.Popen([sys.argv[1], "--half-close=0.2", "-p",
    "127.0.0.1:" + sys.argv[2], "h:1"], stdin=r, stdout=w2)
before = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (r, w, r2, w2)]
os.write(w, b"x")
assert os.read(r2, 1) == b"x"
assert before == [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (r, w, r2, w2)]
os.close(w)
os.close(w2)
assert os.read(r2, 1) == b""
assert p.wait(20) == 0
assert fcntl.fcntl(r, fcntl.F_GETFL) == before[0]
PY
}

@test "standard input is closed" {
	hostile proxy head "$OPEN" send:x count
	[ "$(through --half-close=0.2 <&-)" = x0 ]
}

@test "standard output is closed" {
	hostile proxy head "$OPEN" send:x drain
	status=0
	through </dev/null >&- 2>"$DIR/err" || status=$?
	[ "$status" -eq 1 ]
	grep -q "can't write to standard output: Bad file descriptor" "$DIR/err"
}

@test "standard error is closed" {
	hostile proxy head "$OPEN" send:x drain
	[ "$(through -v --half-close=0.2 </dev/null 2>&-)" = x ]
}

@test "standard input is a directory" {
	hostile proxy head "$OPEN" send:x drain
	status=0
	through --half-close=0.2 <"$DIR" >"$DIR/out" 2>"$DIR/err" || status=$?
	[ "$status" -eq 1 ]
	[ "$(cat "$DIR/out")" = x ]
	grep -q "can't read standard input: Is a directory" "$DIR/err"
}

@test "standard output is a full disk" {
	hostile proxy head "$OPEN" send:x drain
	status=0
	through </dev/null >/dev/full 2>"$DIR/err" || status=$?
	[ "$status" -eq 1 ]
	grep -q "can't write to standard output: No space left on device" "$DIR/err"
}

@test "nowhere to and from" {
	hostile proxy head "$OPEN" send:x fin drain
	through </dev/null >/dev/null
}

@test "output is appended to a file" {
	hostile proxy head "$OPEN" send:x fin drain
	echo before >"$DIR/out"
	through </dev/null >>"$DIR/out"
	[ "$(cat "$DIR/out")" = "$(printf 'before\nx')" ]
}

@test "a file is read from where it stands" {
	hostile proxy head "$OPEN" "save:$DIR/saved"
	printf 'skip\nsend\n' >"$DIR/file"
	{
		read -r _
		status=0
		through --half-close=0.1 || status=$?
	} <"$DIR/file"
	[ "$status" -eq 0 ]
	[ "$(cat "$DIR/saved")" = send ]
}

@test "a slow reader does not make memory grow" {
	hostile proxy head "$OPEN" 'flood:yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n'
	input
	mkfifo "$DIR/pipe"
	timeout 60 "$PT" -p "127.0.0.1:$PORT" h:1 <"$DIR/in" >"$DIR/pipe" 3>&- 9>&- &
	exec 8<"$DIR/pipe"
	head -c 100000 <&8 >/dev/null
	pid=$(pgrep -P $!)
	small=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
	head -c 100000000 <&8 >/dev/null
	timeout 0.5 tail -f /dev/null || :
	large=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
	kill "$pid"
	[ $((large - small)) -lt 1000 ]
}

@test "signals end it with 128 and their number" {
	hostile proxy head "$OPEN" send:x hold
	input
	for signal in INT:130 TERM:143 HUP:129; do
		# A shell without job control would have INT ignored.
		python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$PT" -p "127.0.0.1:$PORT" h:1 \
			<"$DIR/in" >"$DIR/out" 2>"$DIR/err" 3>&- 9>&- &
		wait_until 10 grep -q x "$DIR/out"
		kill "-${signal%:*}" $!
		status=0
		wait $! || status=$?
		[ "$status" -eq "${signal#*:}" ]
		[ ! -s "$DIR/err" ]
		: >"$DIR/out"
	done
}

@test "a signal that was ignored stays so" {
	hostile proxy head "$OPEN" send:x "until:$DIR/go" send:y fin drain
	input
	(
		trap '' HUP
		exec "$PT" -p "127.0.0.1:$PORT" h:1
	) <"$DIR/in" >"$DIR/out" 3>&- 9>&- &
	wait_until 10 grep -q x "$DIR/out"
	kill -HUP $!
	touch "$DIR/go"
	wait $!
	[ "$(cat "$DIR/out")" = xy ]
}

@test "SIGUSR1 asks for a report" {
	hostile proxy head "$OPEN" send:abc hold
	input
	"$PT" -q -p "127.0.0.1:$PORT" h:1 <"$DIR/in" >"$DIR/out" 2>"$DIR/err" 3>&- 9>&- &
	wait_until 10 grep -q abc "$DIR/out"
	kill -USR1 $!
	wait_until 10 grep -qE '^proxytunnel: tunnel to h:1: open for [0-9.]+ s, 0 bytes sent, 3 received$' "$DIR/err"
	kill $!
}

@test "--idle-timeout ends what does not move" {
	hostile proxy head "$OPEN" drip:300:abcde hold
	input
	timed
	status=0
	through --idle-timeout=1 <"$DIR/in" >"$DIR/out" 2>"$DIR/err" || status=$?
	timed
	[ "$status" -eq 1 ]
	[ "$(cat "$DIR/out")" = abcde ]
	grep -q 'nothing moved for 1 s (--idle-timeout)' "$DIR/err"
}

@test "small messages go back and forth at once" {
	hostile proxy head "$OPEN" echo
	python3 - "$PT" "$PORT" <<'PY'
import subprocess, sys, time
p = subprocess.Popen([sys.argv[1], "-p", "127.0.0.1:" + sys.argv[2], "h:1"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
begin = time.monotonic()
for i in range(500):
    p.stdin.write(b"k")
    assert p.stdout.read(1) == b"k"
assert time.monotonic() - begin < 10
p.terminate()
p.wait(20)
PY
}

@test "--progress: how far it is, at a terminal, and then taken away" {
	need python3
	hostile proxy head "$OPEN" send:abc "until:$DIR/go" fin drain
	timeout 30 python3 - "$PT" "$PORT" "$DIR/go" <<'PY'
import os, pty, re, subprocess, sys
ours, theirs = pty.openpty()
p = subprocess.Popen([sys.argv[1], "--progress", "-p", "127.0.0.1:" + sys.argv[2],
    "h:1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs)
os.close(theirs)
seen = b""
while not re.search(rb"0 B sent, 3 B received, [23] B/s, 1 s", seen):
    seen += os.read(ours, 1000)
open(sys.argv[3], "w").close()
assert p.communicate()[0] == b"abc" and p.returncode == 0
try:
    while True:
        seen += os.read(ours, 1000)
except OSError:
    pass
assert seen.endswith(b"\r\x1b[K") and b"\n" not in seen, seen
PY
}

@test "--progress: no word where standard error is no terminal" {
	hostile proxy head "$OPEN" send:abc 'drip:600:xyz' fin drain
	[ "$(through --progress </dev/null 2>"$DIR/err")" = abcxyz ]
	[ ! -s "$DIR/err" ]
}
