#!/usr/bin/env bats
# Sockets from a service manager, and words to it.

load lib
load hostile
load listen

setup_file() {
	need python3 systemd-socket-activate systemd-analyze
	start_targets
	start_squid none
}

teardown_file() {
	stop_all
}

teardown() {
	stop_all
}

# activated OPTION... -- ARGUMENT...: proxytunnel, once somebody connects, by
# systemd-socket-activate with those options.
activated() {
	local options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	serve_as systemd-socket-activate -E ASAN_OPTIONS -E UBSAN_OPTIONS \
		"${options[@]}" "$PT" --half-close=0.1 "$@"
}

# passed EXPRESSION COMMAND...: runs it with a socket that Python makes as
# descriptor 3, LISTEN_FDS=${FDS-1} and, with OTHER=1, LISTEN_PID not its own.
passed() {
	python3 -c '
import os, socket, sys

def pair():
    global other
    s, other = socket.socketpair()
    other.set_inheritable(True)
    return s

s = eval(sys.argv[1])
os.environ.update(LISTEN_PID=str(os.getpid() + int(sys.argv[3])),
    LISTEN_FDS=sys.argv[2])
fd = os.dup(s.fileno())
s.close()
os.dup2(fd, 3)
os.execvp(sys.argv[4], sys.argv[4:])
' "$1" "${FDS-1}" "${OTHER-0}" "${@:2}"
}

ours_of_session() {
	ps -o pid= -o comm= -g "$SERVER" | awk '$2 == "proxytunnel" { print $1 }'
}

@test "Accept=no: sockets that listen, one process" {
	at=$(free_port)
	activated -l "127.0.0.1:$at" -l "[::1]:$at" -l "$DIR/socket" -- \
		-p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$LINE_PORT"
	wait_until 10 test -S "$DIR/socket"
	wait_until 10 is_listening "$at"
	for _ in 1 2; do
		gets "got hello" "127.0.0.1:$at"
		gets "got hello" "[::1]:$at"
		gets "got hello" "$DIR/socket"
	done
	[[ /proc/$SERVER/exe -ef $PT ]]
	kill "$SERVER"
	ended 0
	# The socket is the manager's.
	[[ -S $DIR/socket ]]
	not grep proxytunnel: "$DIR/err"
}

@test "Accept=no and yes: told by --print-config" {
	expect 0 passed 'socket.create_server(("127.0.0.1", 0))' "$PT" \
		--print-config -p p:1 h:1
	grep -qx "# listens: 1 of systemd's sockets" <<<"$output"
	expect 0 passed 'pair()' "$PT" --print-config -p p:1 h:1
	grep -qx "# client: a connection of systemd's" <<<"$output"
	FDS=0 expect 0 passed 'pair()' "$PT" --print-config -p p:1 h:1
	not grep -q systemd <<<"$output"
}

@test "Accept=no, and addresses besides" {
	at=$(free_port)
	activated -l "127.0.0.1:$at" -- -a "unix:$DIR/socket" --max-tunnels=9 \
		-p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$LINE_PORT"
	wait_until 10 is_listening "$at"
	gets "got hello" "127.0.0.1:$at"
	gets "got hello" "$DIR/socket"
	kill "$SERVER"
	ended 0
	[[ ! -e $DIR/socket ]]
}

@test "Accept=yes: a process for each connection" {
	for how in --accept '--accept --inetd'; do
		at=$(free_port)
		args=()
		[[ $how != *inetd ]] || args=(-i)
		# shellcheck disable=SC2086 # words are meant
		activated $how -l "127.0.0.1:$at" -- "${args[@]}" \
			-p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
		wait_until 10 is_listening "$at"
		dial "$at"
		one=$FD
		dial "$at"
		answers "$one"
		answers "$FD"
		[[ $(ours_of_session | wc -l) == 2 ]]
		hang_up "$one" "$FD"
		# shellcheck disable=SC2317 # called by wait_until
		none_left() { [[ -z $(ours_of_session) ]]; }
		wait_until 10 none_left
		stop server
	done
}

@test "a connection that standard input, output and error are, too" {
	# shellcheck disable=SC2016 # for the inner shell
	expect 77 passed 'pair()' bash -c 'exec 0<&3 1>&3 2>&3 "$@"' - "$PT" \
		-p "127.0.0.1:$SQUID_NONE" 127.0.0.1 25
	[[ -z $output && -z $stderr ]]
}

LISTENS='socket.create_server(("127.0.0.1", 0))'

@test "sockets that are another's, or none" {
	OTHER=1 expect 0 passed "$LISTENS" "$PT" -p "127.0.0.1:$SQUID_NONE" \
		127.0.0.1 "$LINE_PORT" <<<"hello"
	[[ $output == "got hello" && -z $stderr ]]
	for FDS in 0 x -1 '' 1001; do
		expect 0 passed "$LISTENS" "$PT" -p "127.0.0.1:$SQUID_NONE" \
			127.0.0.1 "$LINE_PORT" <<<"hello"
		[[ $output == "got hello" && -z $stderr ]]
	done
}

@test "sockets that do not listen" {
	for socket in 'socket.socket()' \
		'socket.socket(socket.AF_INET, socket.SOCK_DGRAM)' \
		'open("/dev/null")'; do
		refuses 70 "can't listen at the socket that is passed: *" \
			passed "$socket" "$PT" -p "127.0.0.1:$SQUID_NONE" h:1
	done
}

@test "an option counts more than what is passed" {
	refuses 64 "-i: standard input is no socket*" passed "$LISTENS" "$PT" \
		-i -p "127.0.0.1:$SQUID_NONE" h:1 </dev/null
	refuses 64 "--fdpass: *" passed "$LISTENS" "$PT" --fdpass \
		-p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$LINE_PORT" </dev/null
	refuses 64 "--daemon: it does not listen *" passed "$LISTENS" "$PT" \
		-i --daemon -p "127.0.0.1:$SQUID_NONE" h:1 </dev/null
}

@test "the manager is told, at a path and at a name" {
	for address in "$DIR/notify" "@pt-test-$BASHPID-$RANDOM"; do
		start manager python3 "$BATS_TEST_DIRNAME/manager.py" \
			"$address" "$DIR/told"
		wait_until 10 grep -q ready "$DIR/manager.log"
		serve_as env NOTIFY_SOCKET="$address" "$PT" -a 0 --direct \
			127.0.0.1 "$LINE_PORT"
		wait_until 10 test -s "$DIR/told"
		gets "got hello" "$(<"$DIR/out")"
		kill -HUP "$SERVER"
		said "*read again"
		terminate
		# shellcheck disable=SC2317 # called by wait_until
		all_told() { grep -q STOPPING "$DIR/told"; }
		wait_until 10 all_told
		has "$(<"$DIR/told")" "READY=1
RELOADING=1 MONOTONIC_USEC=+([0-9])
READY=1
STOPPING=1"
		stop manager
		rm "$DIR/told" "$DIR/manager.log"
	done
}

@test "a manager that does not hear" {
	for address in "$DIR/none" @none relative '' / @ "/$(printf %0200d 7)"; do
		serve_as env NOTIFY_SOCKET="$address" "$PT" -a 0 --direct \
			127.0.0.1 "$LINE_PORT"
		wait_until 20 has_port
		gets "got hello" "$(<"$DIR/out")"
		terminate
		silent
	done
}

@test "the time is the journal's" {
	: >"$DIR/err"
	journal=$(stat -c %d:%i "$DIR/err")
	for stream in "$journal" 1:2; do
		serve_as env JOURNAL_STREAM="$stream" "$PT" -a 0 \
			-p "127.0.0.1:$SQUID_NONE" 127.0.0.1 25
		wait_until 20 has_port
		gets reset "$(<"$DIR/out")"
		if [[ $stream == "$journal" ]]; then
			said "proxytunnel: 127.0.0.1:*refused*"
		else
			said "20* proxytunnel: 127.0.0.1:*refused*"
		fi
		terminate
	done
}

@test "the units are sound" {
	cp "$BATS_TEST_DIRNAME"/../contrib/* "$DIR"
	sed -i "s|^ExecStart=proxytunnel |ExecStart=$PT |" "$DIR"/*.service
	[[ $(grep -l "^ExecStart=$PT -p" "$DIR"/*.service | wc -l) == 2 ]]
	run systemd-analyze verify --man=no "$DIR"/proxytunnel*.{service,socket}
	[[ $status == 0 && -z $output ]] || fail "$output"
}
