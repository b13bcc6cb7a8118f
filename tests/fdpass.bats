#!/usr/bin/env bats
# --fdpass: the tunnel as a descriptor, as ssh wants it with ProxyUseFdpass.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

setup_file() {
	make_ca
	start_targets
	start_squid none
	start_squid basic-close
	start_squid tls
	start_apache none
	start_sshd
	make_data
}

teardown_file() {
	stop_all
}

teardown() {
	exec 9>&-
	stop_all
}

OPEN='send:HTTP/1.1 200 OK\r\n\r\n'

# taken ARGUMENT...: what comes of proxytunnel's descriptor, BYTES of it.
taken() {
	timeout -k 5 30 python3 "$BATS_TEST_DIRNAME/taker.py" "${BYTES:-10}" \
		"$PT" --fdpass "$@"
}

# over_ssh PROXY-ARGUMENTS SSH-ARGUMENT...: ssh by a descriptor.
over_ssh() {
	printf 'ProxyUseFdpass yes\nProxyCommand "%s" --fdpass %s %%h %%p\nInclude %s\n' \
		"$PT" "$1" "$SSH_CONFIG" >"$DIR/config"
	shift
	timeout -k 5 60 ssh -F "$DIR/config" 127.0.0.1 "$@"
}

export PT_MARK=

@test "fdpass: the connection itself, a blocking one, and no process remains" {
	PT_MARK=$DIR
	for port in $SQUID_NONE $APACHE_NONE; do
		expect 0 taken -p "127.0.0.1:$port" 127.0.0.1 "$LINE_PORT" \
			<<<"hello"
		[[ $output == $'status 0\ninet blocking\ngot hello' ]]
		[[ -z $stderr ]]
		none_of_ours
	done
}

@test "fdpass: after a 407 that closes, with credentials" {
	expect 0 taken -p "127.0.0.1:$SQUID_BASIC_CLOSE" \
		-P "$PLAIN_USER:$PLAIN_PASSWORD" 127.0.0.1 "$LINE_PORT" \
		<<<"hello"
	[[ $output == $'status 0\ninet blocking\ngot hello' ]]
}

@test "fdpass: bytes behind the proxy's answer go along" {
	hostile proxy head "${OPEN}first " echo
	# shellcheck disable=SC2153 # set by hostile
	BYTES=12 expect 0 taken -p "127.0.0.1:$PORT" h:1 <<<"hello"
	[[ $output == $'status 0\ninet blocking\nfirst hello' ]]
}

@test "fdpass: a chain, SOCKS, and no proxy" {
	expect 0 taken -p "127.0.0.1:$SQUID_NONE" -r "127.0.0.1:$APACHE_NONE" \
		127.0.0.1 "$LINE_PORT" <<<"hello"
	[[ $output == $'status 0\ninet blocking\ngot hello' ]]
	expect 0 taken --direct 127.0.0.1 "$LINE_PORT" <<<"hello"
	[[ $output == $'status 0\ninet blocking\ngot hello' ]]
	hostile socks read:3 'send:\x05\x00' read:10 \
		'send:\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00early ' echo
	BYTES=12 expect 0 taken -p "socks5://127.0.0.1:$PORT" 127.0.0.1 1 <<<"hello"
	[[ $output == $'status 0\ninet blocking\nearly hello' ]]
}

@test "fdpass: under TLS a child relays, and ends with the tunnel" {
	PT_MARK=$DIR
	expect 0 taken -v -C "$CA_FILE" -E -p "localhost:$SQUID_TLS" 127.0.0.1 \
		"$LINE_PORT" <<<"hello"
	[[ $output == $'status 0\nunix blocking\ngot hello' ]]
	has "$stderr" "*handed over: a socket that is relayed*"
	wait_until 10 none_of_ours
}

@test "fdpass: 8 MiB both ways, plain and under TLS" {
	local proxy sum
	for proxy in "127.0.0.1:$SQUID_NONE" "https://localhost:$SQUID_TLS"; do
		BYTES=8388608 taken -C "$CA_FILE" -p "$proxy" 127.0.0.1 \
			"$ECHO_PORT" <"$DATA" >"$DIR/out"
		sum=$(tail -n +3 "$DIR/out" | sha256sum | cut -c1-64)
		[[ $sum == "$DATA_SUM" ]]
	done
}

@test "fdpass: a refusal is a line and a status, and nothing is handed over" {
	expect 0 taken -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 25 </dev/null
	[[ $output == "status 77" ]]
	has "$stderr" "proxytunnel: *403*"
	expect 0 taken -p "127.0.0.1:$CLOSED_PORT" h:1 </dev/null
	[[ $output == "status 69" ]]
}

@test "fdpass: standard output takes no descriptors" {
	refuses 64 "--fdpass: *ProxyUseFdpass*" pt --fdpass \
		-p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$LINE_PORT" </dev/null
}

@test "fdpass: who was to take it goes away" {
	hostile silent "touch:$DIR/there" hold
	PT_MARK=$DIR
	python3 - "$PT" --fdpass -p "127.0.0.1:$PORT" h:1 <<-'END' &
		import socket, subprocess, sys

		ours, theirs = socket.socketpair()
		subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs)
		theirs.close()
		ours.recv(1)
	END
	wait_until 10 test -e "$DIR/there"
	kill $!
	wait_until 10 none_of_ours
}

@test "fdpass: ssh, and no process of ours remains" {
	PT_MARK=$DIR
	mkfifo "$DIR/input"
	exec 9<>"$DIR/input"
	over_ssh "-p 127.0.0.1:$SQUID_NONE" 'echo here; head -n 1' \
		<"$DIR/input" >"$DIR/out" 2>"$DIR/err" 9>&- &
	wait_until 20 grep -q here "$DIR/out" || show_log "$DIR/err"
	none_of_ours
	echo there >&9
	wait $!
	[[ $(<"$DIR/out") == $'here\nthere' && ! -s $DIR/err ]]
}

@test "fdpass: ssh, the server's banner in the segment of the proxy's answer" {
	hostile glue head connect-glued
	expect 0 over_ssh "-p 127.0.0.1:$PORT" 'echo here'
	[[ $output == here && -z $stderr ]]
}

@test "fdpass: ssh under TLS, with much to carry" {
	sum=$(over_ssh "-C $CA_FILE -p https://localhost:$SQUID_TLS" cat \
		<"$DATA" | sha256sum | cut -c1-64)
	[[ $sum == "$DATA_SUM" ]]
}
