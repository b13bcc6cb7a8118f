#!/usr/bin/env bats
# Bytes that move within the kernel: where they do, that they are all there, and
# that pipes are left as they were.

load lib
load hostile

setup() {
	DIR=$BATS_TEST_TMPDIR
	# What counts is system calls, and LeakSanitizer dislikes who looks.
	export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
}

teardown() {
	stop_all
}

OPEN='send:HTTP/1.1 200 OK\r\n\r\n'

# calls NAME: how many there were, and how many bytes they moved.
calls() {
	awk -v call="$1" '$0 ~ "^[0-9]+ +" call "\\(" && $NF > 0 {
		n++; bytes += $NF } END { print n + 0, bytes + 0 }' "$DIR/trace"
}

# traced ARGUMENT...: a tunnel, and its calls that move bytes.
traced() {
	need strace
	strace -f -e 'trace=splice,sendfile,read,write,preadv2,pwritev2,sendto,recvfrom' \
		-s 0 -o "$DIR/trace" timeout 60 "$PT" "$@"
}

MANY=67108864

@test "splice: 64 MiB down into a pipe are moved, not copied" {
	head -c "$MANY" /dev/urandom >"$DIR/data"
	hostile proxy head "$OPEN" "file:$DIR/data" fin drain
	traced -p "127.0.0.1:$PORT" h:1 </dev/null | cmp - "$DIR/data"
	read -r n bytes < <(calls splice)
	((bytes > MANY * 9 / 10 && n < MANY / 16384)) ||
		fail "$n calls moved $bytes bytes"
}

@test "splice: 64 MiB up from a pipe" {
	hostile proxy head "$OPEN" count
	[[ $(head -c "$MANY" /dev/zero | traced --half-close=0.2 \
		-p "127.0.0.1:$PORT" h:1 | cat) == "$MANY" ]]
	read -r n bytes < <(calls splice)
	((bytes > MANY * 9 / 10 && n < MANY / 16384)) ||
		fail "$n calls moved $bytes bytes"
}

@test "splice: 64 MiB up from a file" {
	head -c "$MANY" /dev/zero >"$DIR/data"
	hostile proxy head "$OPEN" count
	[[ $(traced --half-close=0.2 -p "127.0.0.1:$PORT" h:1 \
		<"$DIR/data" | cat) == "$MANY" ]]
	read -r n bytes < <(calls sendfile)
	((bytes > MANY * 9 / 10)) || fail "$n calls moved $bytes bytes"
}

@test "splice: what is small is read and written, a call each" {
	hostile proxy head "$OPEN" echo
	mkfifo "$DIR/in"
	exec 9<>"$DIR/in"
	traced -p "127.0.0.1:$PORT" h:1 <"$DIR/in" >"$DIR/out" 9>&- &
	for word in one two three; do
		echo $word >&9
		wait_until 10 grep -qx $word "$DIR/out"
	done
	exec 9>&-
	kill %1
	wait || :
	[[ $(calls splice) == "0 0" ]]
}

@test "splice: both ways at once, there and back" {
	head -c "$MANY" /dev/urandom >"$DIR/data"
	hostile proxy head "$OPEN" echo
	local echo=$PORT
	hostile source head "$OPEN" "file:$DIR/data" fin drain
	timeout 60 "$PT" -p "127.0.0.1:$PORT" h:1 </dev/null |
		timeout 60 "$PT" --half-close=now -p "127.0.0.1:$echo" h:1 |
		cmp - "$DIR/data"
}

@test "splice: /dev/null takes much at once" {
	head -c "$MANY" /dev/zero >"$DIR/data"
	hostile proxy head "$OPEN" "file:$DIR/data" fin drain
	traced -p "127.0.0.1:$PORT" h:1 </dev/null >/dev/null
	read -r n bytes < <(calls write)
	((bytes >= MANY && n < MANY / 8192)) || fail "$n writes of $bytes bytes"
}

@test "splice: a reader that stops, and goes on" {
	head -c "$MANY" /dev/urandom >"$DIR/data"
	hostile proxy head "$OPEN" "file:$DIR/data" fin drain
	timeout 60 "$PT" -p "127.0.0.1:$PORT" h:1 </dev/null | {
		head -c 1000000
		touch "$DIR/stopped"
		wait_until 10 test -e "$DIR/stopped"
		cat
	} | cmp - "$DIR/data"
}

@test "splice: a reader that goes away in the middle is a loss" {
	hostile proxy head "$OPEN" 'flood:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
	run bash -c "timeout 60 '$PT' -p 127.0.0.1:$PORT h:1 </dev/null |
		head -c 1000000 >/dev/null; echo \${PIPESTATUS[0]}"
	[[ $output == 1 ]]
}

@test "splice: pipes are wide while much flows, and then as they were" {
	hostile proxy head "$OPEN" echo
	python3 - "$PT" -p "127.0.0.1:$PORT" --half-close=now h:1 <<-'END'
		import fcntl, os, subprocess, sys, threading

		GETPIPE_SZ, N = 1032, 8 << 20
		to, ours = os.pipe()
		theirs, out = os.pipe()
		size = fcntl.fcntl(ours, GETPIPE_SZ)
		process = subprocess.Popen(sys.argv[1:], stdin=to, stdout=out)

		def feed():
		    left = N
		    while left:
		        left -= os.write(ours, bytes(min(left, 1 << 20)))

		feeder = threading.Thread(target=feed)
		feeder.start()
		got = widest = 0
		while got < N:
		    got += len(os.read(theirs, 1 << 20))
		    widest = max(widest, fcntl.fcntl(to, GETPIPE_SZ))
		feeder.join()
		assert widest > size, widest
		os.close(ours)
		os.close(out)
		assert os.read(theirs, 1) == b""
		assert process.wait(20) == 0
		assert fcntl.fcntl(theirs, GETPIPE_SZ) == size
		assert fcntl.fcntl(to, GETPIPE_SZ) == size
	END
}

@test "splice: the pipe of a reader that is not fast stays as it is" {
	hostile proxy head "$OPEN" 'flood:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
	python3 - "$PT" -p "127.0.0.1:$PORT" h:1 <<-'END'
		import fcntl, os, subprocess, sys, time

		GETPIPE_SZ, N = 1032, 12 << 20
		theirs, out = os.pipe()
		size = fcntl.fcntl(theirs, GETPIPE_SZ)
		process = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE,
		    stdout=out)
		os.close(out)
		got = 0
		while got < N:
		    got += len(os.read(theirs, 1 << 20))
		    assert fcntl.fcntl(theirs, GETPIPE_SZ) == size
		    time.sleep(0.001)
		os.close(theirs)
		assert process.wait(20) == 1
	END
}
