#!/usr/bin/env bats
# -i: the tunnel of a socket that somebody else has accepted.

load lib
load hostile

setup_file() {
	need inetd
	start_targets
	start_squid none
	start_apache none
	make_data
	syslog_shim "$BATS_FILE_TMPDIR/syslog.so"
}

teardown_file() {
	stop_all
}

teardown() {
	stop_all
}

# by_inetd ARGUMENT...: inetd with proxytunnel as a service; its port is in PORT.
by_inetd() {
	local word
	PORT=$(free_port)
	{
		printf '#!/bin/sh\nexport SYSLOG="%s" LD_PRELOAD="%s"\nexport ASAN_OPTIONS="%s"\nexec "%s" -i' \
			"$DIR/syslog" "$BATS_FILE_TMPDIR/syslog.so" \
			"$ASAN_OPTIONS:verify_asan_link_order=0" "$PT"
		for word; do printf " '%s'" "$word"; done
		echo
	} >"$DIR/service"
	chmod +x "$DIR/service"
	echo "127.0.0.1:$PORT stream tcp nowait $(id -un) $DIR/service service" \
		>"$DIR/inetd.conf"
	start inetd inetd -i "$DIR/inetd.conf"
	wait_port "$PORT" inetd
}

# client: sends its input to PORT, ends its side once something has come, and
# prints what comes.
client() {
	timeout 30 python3 -c '
import socket, sys, threading

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sender = threading.Thread(target=s.sendall, args=(sys.stdin.buffer.read(),))
sender.start()
left = int(sys.argv[2])
if left == 0:
    sender.join()
    s.shutdown(socket.SHUT_WR)
while piece := s.recv(65536):
    sys.stdout.buffer.write(piece)
    left -= len(piece)
    if left <= 0 and sys.argv[2] != "0":
        sender.join()
        s.shutdown(socket.SHUT_WR)
        left = sys.maxsize
' "$PORT" "${1:-1}"
}

@test "inetd: there and back, and no word besides" {
	for proxy in $SQUID_NONE $APACHE_NONE; do
		by_inetd -p "127.0.0.1:$proxy" 127.0.0.1 "$LINE_PORT"
		expect 0 client <<<"hello"
		[[ $output == "got hello" && ! -e $DIR/syslog ]]
		stop inetd
	done
}

@test "inetd: the far side speaks first" {
	by_inetd -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$BANNER_PORT"
	expect 0 client </dev/null
	[[ $output == $'BANNER 1.0\r' ]]
}

@test "inetd: 8 MiB there and back" {
	by_inetd -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	sum=$(client 8388608 <"$DATA" | sha256sum | cut -c1-64)
	[[ $sum == "$DATA_SUM" ]]
}

@test "inetd: the client's end is passed on, and the answer comes" {
	by_inetd --half-close=0.3 -p "127.0.0.1:$APACHE_NONE" 127.0.0.1 \
		"$SINK_PORT"
	expect 0 client 0 < <(printf x)
	has "$output" "1 $(printf x | sha256sum | cut -c1-64)"
}

@test "inetd: a failure is for syslogd, and the client sees the end alone" {
	by_inetd -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 25
	expect 0 client </dev/null
	[[ -z $output ]]
	wait_until 10 test -s "$DIR/syslog"
	has "$(<"$DIR/syslog")" "127.0.0.1:$SQUID_NONE refused the tunnel to *403*"
	stop inetd
	rm "$DIR/syslog"
	by_inetd --nonsense -p "127.0.0.1:$SQUID_NONE" h:1
	expect 0 client </dev/null
	[[ -z $output ]]
	wait_until 10 grep -q nonsense "$DIR/syslog"
}

@test "inetd: -v tells syslogd line by line, without secrets" {
	by_inetd -v -P bob:secret -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 \
		"$LINE_PORT"
	expect 0 client <<<"hello"
	[[ $output == "got hello" ]]
	wait_until 10 grep -q '^tunnel closed' "$DIR/syslog"
	grep -qx '> CONNECT 127.0.0.1:[0-9]* HTTP/1.1' "$DIR/syslog"
	[[ $(<"$DIR/syslog") != *secret* && $(<"$DIR/syslog") != *$'\n\n'* ]]
}

@test "inetd: standard input is no socket" {
	for input in /dev/null <(echo x); do
		refuses 64 "-i: standard input is no socket*" pt -i \
			-p "127.0.0.1:$SQUID_NONE" h 1 <"$input"
	done
}
