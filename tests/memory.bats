#!/usr/bin/env bats
# The main paths under valgrind: no error, no leak, no descriptor left open.

load lib
load hostile

setup() {
	DIR=$BATS_TEST_TMPDIR
	need valgrind
}

teardown() {
	stop_all
}

OPEN='send:HTTP/1.1 200 OK\r\n\r\n'

# checked STATUS ARG...: the program ends so, and valgrind has nothing to say.
checked() {
	local want=$1 status=0
	shift
	timeout 120 valgrind --leak-check=full --show-leak-kinds=all \
		--errors-for-leak-kinds=all --track-fds=yes --error-exitcode=99 \
		--log-file="$DIR/log" "$PT" "$@" || status=$?
	cat "$DIR/log" >&2
	[ "$status" -eq "$want" ]
	grep -q 'ERROR SUMMARY: 0 errors' "$DIR/log"
	# All that is open at the end came from outside.
	[ "$(grep -c '== Open ' "$DIR/log")" -eq \
		"$(grep -c '<inherited from parent>' "$DIR/log")" ]
}

@test "a tunnel, both ways, with half-close" {
	hostile proxy head "$OPEN" echo
	head -c 300000 /dev/zero >"$DIR/in"
	checked 0 --half-close=0.3 -p "127.0.0.1:$PORT" h:1 <"$DIR/in" >"$DIR/out"
	cmp "$DIR/in" "$DIR/out"
}

@test "credentials from a file, over a kept connection" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Digest x="y", Basic realm="z"\r\nContent-Length: 3\r\n\r\nabc' \
		head "$OPEN" send:x fin drain
	printf 'proxy_user = bob\nproxy_passwd = "a b"\n' >"$DIR/pw"
	chmod 600 "$DIR/pw"
	checked 0 -v -F "$DIR/pw" -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "credentials over a new connection, refused" {
	hostile proxy head 'send:HTTP/1.0 407 No\r\nProxy-Authenticate: Basic\r\n\r\nabc'
	checked 77 -p "http://bob:x@127.0.0.1:$PORT" h:1 </dev/null
}

@test "a refusal with a page" {
	hostile proxy head 'send:HTTP/1.1 503 No\r\nContent-Type: text/html\r\n\r\n<title>x</title><p>Name resolution failed'
	checked 68 -H 'X: y' -x title -o a:1 -p "localhost:$PORT" h:1 </dev/null
}

@test "no proxy listens; no such name; silence" {
	nobody
	checked 69 -p "127.0.0.1:$PORT" h:1 </dev/null
	checked 68 -p "proxy.invalid:1" h:1 </dev/null
	hostile proxy hold
	checked 75 --timeout=2 -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "a reset, and a reader that goes" {
	hostile proxy head "$OPEN" send:x rst
	checked 1 -p "127.0.0.1:$PORT" h:1 </dev/null
	hostile proxy2 head "$OPEN" 'flood:yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'
	checked 1 -p "127.0.0.1:$PORT" h:1 </dev/null > >(head -c 100 >"$DIR/out")
}

@test "a signal" {
	hostile proxy head "$OPEN" send:x hold
	mkfifo "$DIR/in"
	exec 8<>"$DIR/in"
	checked 143 -p "127.0.0.1:$PORT" h:1 <"$DIR/in" >"$DIR/out" 3>&- &
	wait_until 60 grep -q x "$DIR/out"
	kill "$(pgrep -P "$(pgrep -P $!)")"
	wait $!
}

@test "a usage error, help and version" {
	checked 64 -p nowhere -H 'a: b' h:1
	checked 0 --help >/dev/null
	checked 0 --version >/dev/null
	checked 78 -P bob:x -F /nowhere -E -p a:1 h:1
	checked 66 -F /nowhere -P bob -p a:1 h:1
}
