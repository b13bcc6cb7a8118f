#!/usr/bin/env bats
# Each allocation in turn fails: one line and status 70, or the same end as
# ever where it did not matter; never a crash and never a hang.

load lib
load hostile

setup() {
	DIR=$BATS_TEST_TMPDIR
	SHIM=$BATS_TEST_DIRNAME/../build/failnth.so
	[ -e "$SHIM" ]
}

teardown() {
	stop_all
}

# tortured STATUS ARG...: the program, as often as it takes until no
# allocation fails any more.
tortured() {
	local want=$1 status n failed=0
	shift
	for n in {1..100}; do
		status=0
		FAIL_NTH=$n LD_PRELOAD=$SHIM timeout 10 "$PT" "$@" \
			</dev/null >"$DIR/out" 2>"$DIR/err" || status=$?
		echo "$n: $status: $(cat "$DIR/err")"
		[ "$status" -eq 70 ] || [ "$status" -eq "$want" ]
		[ "$status" -ne 70 ] || grep -q '^proxytunnel: ' "$DIR/err"
		failed=$((failed + (status == 70)))
	done
	[ "$failed" -ge 10 ]
	[ "$status" -eq "$want" ]
}

@test "a tunnel with credentials" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 3\r\n\r\nabc' \
		head 'send:HTTP/1.1 200 OK\r\n\r\nhi' fin drain
	tortured 0 -v -H 'X-A: b' -o a:1 -x title -P bob:secret \
		-p "127.0.0.1:$PORT" h:1
}

@test "a refusal with a page" {
	hostile proxy head 'send:HTTP/1.1 403 No\r\nProxy-Status: x; error=y; details="z"\r\n\r\n<html><p>Go</p>'
	tortured 77 -p "http://bob:secret@127.0.0.1:$PORT" h:1
}

@test "a password file, and what is no proxy" {
	printf 'proxy_user = bob\nproxy_passwd = "a b"\n' >"$DIR/pw"
	chmod 600 "$DIR/pw"
	hostile proxy 'send:SSH-2.0-x\r\n' hold
	tortured 76 -F "$DIR/pw" -p "127.0.0.1:$PORT" h:1
}
