#!/usr/bin/env bats
# The command line, as far as it is seen from outside.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

setup() {
	DIR=$BATS_TEST_TMPDIR
	export HOME=$DIR
}

teardown() {
	stop_all
}

# fails STATUS TEXT ARG...: ends so, with one line that has TEXT in it.
fails() {
	local want=$1 text=$2 status=0
	shift 2
	timeout 20 "$PT" "$@" </dev/null >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" || status=$?
	cat "$BATS_TEST_TMPDIR/err"
	[ "$status" -eq "$want" ]
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
	grep -q '^proxytunnel: ' "$BATS_TEST_TMPDIR/err"
	grep -qF -- "$text" "$BATS_TEST_TMPDIR/err"
}

@test "help and version go to standard output" {
	"$PT" --help | grep -q '^Usage: proxytunnel'
	"$PT" -h | grep -q -- '--proxy='
	[ "$("$PT" -V)" = "$("$PT" --version)" ]
	"$PT" -V | grep -qE '^proxytunnel [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "help that can't be written is a failure" {
	status=0
	"$PT" --help >/dev/full 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ "$status" -eq 1 ]
	grep -q 'No space left' "$BATS_TEST_TMPDIR/err"
}

@test "what is missing or wrong" {
	fails 64 'no destination' -p p:1
	fails 64 'no proxy' host 22
	fails 64 'not an option' --nonsense
	fails 64 '-u is not an option' -u x
	fails 64 '-s is not an option' -s x
	fails 64 'needs a value' -p
	fails 64 'the port is missing' -p proxy host 22
	fails 64 'number from 1 to 65535' -p proxy:99999 host 22
	fails 64 'number from 1 to 65535' -p proxy:3128x host 22
	fails 64 'number from 1 to 65535' -p p:1 host 0
	fails 64 'the port is missing' -p p:1 -d host
	fails 64 'goes in brackets' -p p:1 -d ::1:22
	fails 64 'one argument too many' -p p:1 host 22 23
	fails 64 "a host can't have" -p p:1 -d 'ho st:22'
	fails 64 "a host can't have" -p p:1 -d "$(printf 'host\r\nX:22')"
	fails 64 'control characters' -p p:1 -H "$(printf 'X: y\r\nZ: z')" h 1
	fails 64 'a header is written' -p p:1 -H 'X' h 1
	fails 64 'line end' -p p:1 -P "$(printf 'a:b\nc')" h 1
	fails 64 'control character' -p 'http://a:b%0ac@p:1' h 1
	fails 64 'broken %-escape' -p 'http://a:b%@p:1' h 1
	fails 64 'not both' -4 -6 -p p:1 h 1
	fails 64 'number of seconds' --timeout=soon -p p:1 h 1
	fails 64 'number of seconds above 0' --timeout=0 -p p:1 h 1
	fails 64 '--half-close' --half-close=later -p p:1 h 1
	fails 64 "--auth='kerberos': not a list of basic, digest, ntlm" \
		--auth=kerberos -p p:1 h 1
	fails 64 "--auth='digest,x': not a list" --auth=digest,x -p p:1 h 1
	fails 64 '--auth: a scheme is missing' --auth= -p p:1 h 1
	fails 64 '--auth: a scheme is missing' --auth=, -p p:1 h 1
	fails 64 'needs a value' --password-command
	fails 64 'needs a value' -p p:1 --spn
	fails 64 'HTTP@HOST or HTTP/HOST' --spn=proxy -p p:1 h 1
	fails 64 'HTTP@HOST or HTTP/HOST' --spn=HTTP@ -p p:1 h 1
	fails 64 'line end' -t "$(printf 'a\nb')" -p p:1 h 1
}

@test "flags of the old tool that only weakened security do nothing" {
	status=0
	timeout 20 "$PT" -L -T -v -p 127.0.0.1:1 h 1 </dev/null 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ "$status" -eq 69 ]
	grep -q 'has no effect' "$BATS_TEST_TMPDIR/err"
	fails 69 'refused' -L -T -p 127.0.0.1:1 h 1
}

@test "flags that are repeated do not toggle" {
	fails 69 'refused' -q -q -v -q -4 -4 -p 127.0.0.1:1 h 1
}

@test "an argument behind -d is passed over with a word" {
	status=0
	timeout 20 "$PT" -p 127.0.0.1:1 -d h:1 extra </dev/null 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ "$status" -eq 69 ]
	grep -q 'has no use' "$BATS_TEST_TMPDIR/err"
}

@test "what is about logging in is taken, and asks nobody before a proxy does" {
	for option in -N --ntlm -tTEST --domain=TEST --auth=basic \
		--auth=digest --auth=NTLM --auth=negotiate \
		--auth=basic,Digest,ntlm,negotiate --auth=' basic , digest' \
		--password-command=false --netrc --spn=HTTP@proxy \
		--spn=HTTP/proxy@REALM --delegate; do
		fails 69 'refused' "$option" -p 127.0.0.1:1 h 1
		[ "$option" = --auth=basic ] ||
			fails 69 'refused' "$option" -P bob -p 127.0.0.1:1 h 1
	done
}

@test "no password and no terminal: an error, and standard input is not read" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' hold
	printf 'SSH-2.0-x\r\n' >"$BATS_TEST_TMPDIR/in"
	exec 8<"$BATS_TEST_TMPDIR/in"
	for when in "demands credentials and offers Basic: " "is not asked: "; do
		local auth=basic,digest
		[ "${when::2}" = de ] || auth=basic
		status=0
		timeout 20 setsid -w "$PT" --auth=$auth -P bob \
			-p "127.0.0.1:$PORT" h 1 <&8 \
			2>"$BATS_TEST_TMPDIR/err" || status=$?
		cat "$BATS_TEST_TMPDIR/err"
		[ "$status" -eq 77 ]
		[ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
		grep -qF "proxytunnel: 127.0.0.1:$PORT ${when}no password is known, and there is no terminal" "$BATS_TEST_TMPDIR/err"
	done
	read -r first <&8
	[ "$first" = $'SSH-2.0-x\r' ]
}
