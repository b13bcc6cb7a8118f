#!/usr/bin/env bats
# -a: many tunnels in one process.

load lib
load hostile
load listen

setup_file() {
	need python3 prlimit
	make_ca
	start_kdc
	start_targets
	start_squid none
	start_squid negotiate
	start_apache ntlm
	start_squid digest
	start_squid tls
	start_apache none
	start_apache digest
	start_dante none
	start_sshd
	tls_service TLS_ECHO_PORT "$ECHO_PORT" target
	start_stunnel
	make_data
	syslog_shim "$BATS_FILE_TMPDIR/syslog.so"
}

teardown_file() {
	stop_all
}

teardown() {
	stop_all
}

OPEN='send:HTTP/1.1 200 OK\r\n\r\n'
# In front of a line: the time, the name, the client.
CLIENT='20[0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9] proxytunnel: 127.0.0.1:+([0-9]): '

# listens: the addresses that it listens at, sorted.
listens() {
	ss -Hltnp | awk -v pid="pid=$SERVER," 'index($0, pid) { print $4 }' |
		sort | paste -sd ' '
}

# Where to listen.

@test "a port: both addresses of loopback, and no others" {
	for proxy in $SQUID_NONE $APACHE_NONE; do
		serve -p "127.0.0.1:$proxy" 127.0.0.1 "$LINE_PORT"
		[[ $(listens) == "127.0.0.1:$PORT [::1]:$PORT" ]]
		gets "got hello" "127.0.0.1:$PORT"
		gets "got hello" "[::1]:$PORT"
		terminate
		silent
	done
}

@test "a port that is named, and the long name" {
	at=$(free_port)
	serve_as "$PT" --standalone="$at" -p "127.0.0.1:$SQUID_NONE" \
		127.0.0.1 "$LINE_PORT"
	wait_until 10 is_listening "$at"
	gets "got hello" "127.0.0.1:$at"
	terminate
	silent
	[[ ! -s $DIR/out ]]
}

@test "addresses, names, all addresses, several" {
	serve_as "$PT" -a 127.0.0.1:0 -a '[::1]:0' -a localhost:0 -a '*:0' \
		-a 0.0.0.0:0 -a '[::]:0' -p "127.0.0.1:$SQUID_NONE" \
		127.0.0.1 "$LINE_PORT"
	# shellcheck disable=SC2317 # called by wait_until
	six() { [[ $(wc -l <"$DIR/out") == 6 ]]; }
	wait_until 10 six || show_log "$DIR/err"
	mapfile -t ports <"$DIR/out"
	has " $(listens) " "* 127.0.0.1:${ports[0]} *"
	has " $(listens) " "* \\[::1]:${ports[1]} *"
	has " $(listens) " "* 127.0.0.1:${ports[2]} *"
	has " $(listens) " "* \\*:${ports[3]} *"
	has " $(listens) " "* 0.0.0.0:${ports[4]} *"
	has " $(listens) " "* \\[::]:${ports[5]} *"
	for i in 0 2 3 4; do
		gets "got hello" "127.0.0.1:${ports[i]}"
	done
	for i in 1 3 5; do
		gets "got hello" "[::1]:${ports[i]}"
	done
	gets refused "127.0.0.1:${ports[5]}" ''
	terminate
	silent
}

@test "a name that has an address twice, and one of another machine" {
	printf '%s some.test\n' 192.0.2.1 127.0.0.1 127.0.0.1 >"$DIR/hosts"
	serve_as env NSS_WRAPPER_HOSTS="$DIR/hosts" LD_PRELOAD=libnss_wrapper.so \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" \
		"$PT" -a some.test:0 --direct 127.0.0.1 "$LINE_PORT"
	wait_until 20 has_port
	[[ $(listens) == "127.0.0.1:$(<"$DIR/out")" ]]
	gets "got hello" "$(<"$DIR/out")"
	terminate
	silent
}

@test "a client is named by its own address" {
	serve -a '*:0' --direct 127.0.0.1 "$CLOSED_PORT"
	at=$(tail -n 1 "$DIR/out")
	gets reset "[::1]:$at"
	said "20* proxytunnel: \\[::1]:+([0-9]): *refused*"
	gets reset "127.0.0.1:$at"
	said "$CLIENT*refused*"
	terminate
}

@test "a socket in the file system, for its owner alone" {
	serve -a "unix:$DIR/socket" -v -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 \
		"$LINE_PORT"
	[[ -S $DIR/socket && $(stat -c %a "$DIR/socket") == 600 ]]
	gets "got hello" "$DIR/socket"
	said "*proxytunnel: unix:pid +([0-9]): accepted"
	terminate
	[[ ! -e $DIR/socket ]]
}

@test "a socket that was left over makes room" {
	serve -a "unix:$DIR/socket" --direct 127.0.0.1 "$LINE_PORT"
	kill -KILL "$SERVER"
	ended 137
	[[ -S $DIR/socket ]]
	serve -a "unix:$DIR/socket" --direct 127.0.0.1 "$LINE_PORT"
	gets "got hello" "$DIR/socket"
	# One that is in use does not, nor is it removed.
	refuses 70 "can't listen at unix:$DIR/socket: it is in use already" \
		pt -a "unix:$DIR/socket" --direct h:1
	gets "got hello" "$DIR/socket"
	# What stands there by then is not ours.
	rm "$DIR/socket"
	echo kept >"$DIR/socket"
	terminate
	[[ $(<"$DIR/socket") == kept ]]
}

@test "a file that is no socket stays, and so does a link" {
	echo kept >"$DIR/file"
	refuses 70 "can't listen at unix:$DIR/file: it is in use already" \
		pt -a "unix:$DIR/file" --direct h:1
	[[ $(<"$DIR/file") == kept ]]
	ln -s file "$DIR/link"
	refuses 70 "can't listen at unix:$DIR/link: *" \
		pt -a "unix:$DIR/link" --direct h:1
	[[ -L $DIR/link && $(<"$DIR/file") == kept ]]
	refuses 70 "can't listen at unix:$DIR/none/s: No such file*" \
		pt -a "unix:$DIR/none/s" --direct h:1
}

@test "a port that is in use" {
	serve --direct 127.0.0.1 "$LINE_PORT"
	refuses 70 "can't listen at $PORT: it is in use already" \
		pt -a "$PORT" --direct h:1
	refuses 70 "can't listen at 127.0.0.1:$PORT: it is in use already" \
		pt -a "127.0.0.1:$PORT" --direct h:1
	# All or nothing.
	refuses 70 "can't listen at $PORT: it is in use already" \
		pt -a "unix:$DIR/socket" -a "$PORT" --direct h:1
	[[ ! -e $DIR/socket ]]
	gets "got hello" "127.0.0.1:$PORT"
}

@test "an address of another machine, a name of none, a port that is root's" {
	refuses 70 "can't listen at 192.0.2.1:0: *" \
		pt -a 192.0.2.1:0 --direct h:1
	refuses 68 "-a: no.invalid can't be resolved: *" \
		env RES_OPTIONS='timeout:1 attempts:1' \
		setsid -w timeout 30 "$PT" -a no.invalid:0 --direct h:1
	local flags=-n
	((UID == 0)) || flags=-rn
	# shellcheck disable=SC2016 # for the inner shell
	refuses 70 "can't listen at 127.0.0.1:80: Permission denied" \
		unshare $flags sh -c 'ip link set lo up; exec setpriv \
		--bounding-set=-net_bind_service timeout 30 "$@"' \
		- "$PT" -a 127.0.0.1:80 --direct h:1
}

@test "what is no address is a line and status 64" {
	long=unix:/$(printf '%0200d' 7)
	for at in '' x 65536 -1 127.0.0.1: :80 127.0.0.1:x ::1:80 '[::1]80' \
		'[]:80' 127.0.0.1:80:80 unix: "$long" '1 '; do
		refuses 64 "-a*" pt -a "$at" --direct h:1
	done
	refuses 64 "-a 'x': neither a port nor ADDRESS:PORT nor unix:PATH" \
		pt -a x --direct h:1
	refuses 64 "-a: the address is missing, or has no brackets *" \
		pt -a ::1:80 --direct h:1
	refuses 64 "-a 'unix:/0*': the path of a Unix-domain socket has *" \
		pt -a "$long" --direct h:1
	refuses 64 "'-a': needs a value" pt -a
}

@test "options about listening, and none" {
	for option in --daemon "--pidfile=$DIR/pid" --max-tunnels=1 --drain=1; do
		refuses 64 "${option%=*}: it does not listen (-a says where)" \
			pt "$option" --direct h:1
		refuses 64 "${option%=*}: it does not listen (-a says where)" \
			pt "$option" --fdpass --direct h:1
	done
	[[ ! -e $DIR/pid ]]
	refuses 64 "--max-tunnels='0': *" pt -a 0 --max-tunnels=0 --direct h:1
	refuses 64 "--max-tunnels='x': *" pt -a 0 --max-tunnels=x --direct h:1
	refuses 64 "--drain='-1': *" pt -a 0 --drain=-1 --direct h:1
	refuses 64 "-a, -i or --fdpass, not two of them" pt -a 0 -i \
		--direct h:1
}

# Routes.

@test "TLS with the proxy, with the destination, with both" {
	for route in "-p https://localhost:$SQUID_TLS" \
		"-p 127.0.0.1:$SQUID_NONE -e" \
		"-p https://localhost:$SQUID_TLS -e"; do
		echo=$ECHO_PORT
		[[ $route != *-e ]] || echo=$TLS_ECHO_PORT
		# shellcheck disable=SC2086 # words are meant
		serve -C "$CA_FILE" $route 127.0.0.1 "$echo"
		expect 0 client "$PORT" echo 20 20000
		[[ $output == "20 right" ]]
		terminate
		silent
	done
}

@test "SOCKS, a chain, and no proxy" {
	for route in "-p socks5h://127.0.0.1:$DANTE_NONE" \
		"-p 127.0.0.1:$SQUID_NONE -r https://localhost:$SQUID_TLS -r socks4://127.0.0.1:$DANTE_NONE" \
		--direct; do
		# shellcheck disable=SC2086 # words are meant
		serve -C "$CA_FILE" $route 127.0.0.1 "$ECHO_PORT"
		expect 0 client "$PORT" echo 20 20000
		[[ $output == "20 right" ]]
		terminate
		silent
	done
}

@test "Digest: several in turn, and many at once" {
	for proxy in $SQUID_DIGEST $APACHE_DIGEST; do
		serve -P "$PLAIN_USER:$PLAIN_PASSWORD" -p "127.0.0.1:$proxy" \
			127.0.0.1 "$ECHO_PORT"
		for i in 1 2 3; do
			expect 0 client "$PORT" echo 1 1000
			[[ $output == "1 right" ]]
		done
		expect 0 client "$PORT" echo 20 1000
		[[ $output == "20 right" ]]
		terminate
		silent
	done
}

@test "NTLM and Negotiate: several in turn, and many at once" {
	ticket PLAIN
	for route in "-P $PLAIN_USER:$PLAIN_PASSWORD -N -p localhost:$APACHE_NTLM" \
		"-p localhost:$SQUID_NEGOTIATE"; do
		# shellcheck disable=SC2086 # words are meant
		serve $route 127.0.0.1 "$ECHO_PORT"
		for n in 1 1 20; do
			expect 0 client "$PORT" echo $n 1000
			[[ $output == "$n right" ]]
		done
		terminate
		silent
	done
}

@test "--password-command runs once for all who wait, and again where that is no good" {
	printf '#!/bin/sh\necho >>"%s/asked"\ncat "%s/password"\n' "$DIR" \
		"$DIR" >"$DIR/command"
	chmod +x "$DIR/command"
	echo wrong >"$DIR/password"
	serve -P "$PLAIN_USER" --password-command="$DIR/command" \
		-p "127.0.0.1:$SQUID_DIGEST" 127.0.0.1 "$ECHO_PORT"
	gets reset "127.0.0.1:$PORT"
	said "${CLIENT}127.0.0.1:$SQUID_DIGEST refused the credentials *"
	echo "$PLAIN_PASSWORD" >"$DIR/password"
	expect 0 client "$PORT" echo 20 1000
	[[ $output == "20 right" ]]
	[[ $(wc -l <"$DIR/asked") -le 3 && $(wc -l <"$DIR/err") == 1 ]]
	terminate
}

@test "a person is asked once for all who wait" {
	timeout 60 python3 - "$PT" "$SQUID_DIGEST" "$ECHO_PORT" "$PLAIN_USER" \
		"$PLAIN_PASSWORD" <<-'END'
			import os, pty, select, signal, socket, sys

			pt, proxy, echo, user, password = sys.argv[1:]
			r, w = os.pipe()
			pid, fd = pty.fork()
			if pid == 0:
			    os.dup2(w, 1)
			    os.execv(pt, [pt, "-a", "0", "-P", user,
			        "-p", "127.0.0.1:" + proxy, "127.0.0.1", echo])
			port = int(os.read(r, 100))
			clients = [socket.create_connection(("127.0.0.1", port))
			    for _ in range(5)]
			for s in clients:
			    s.sendall(b"x")
			seen = b""
			while b"password for" not in seen:
			    seen += os.read(fd, 1000)
			os.write(fd, password.encode() + b"\n")
			for s in clients:
			    assert s.recv(1) == b"x"
			while select.select([fd], [], [], 0)[0]:
			    seen += os.read(fd, 1000)
			assert seen.count(b"password for") == 1, seen
			for s in clients:
			    s.close()
			os.kill(pid, signal.SIGINT)
			assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
	END
}

@test "ssh by way of it" {
	serve -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$SSHD_PORT"
	for i in 1 2; do
		sum=$(timeout 60 ssh -F "$SSH_CONFIG" -p "$PORT" localhost cat \
			<"$DATA" | sha256sum | cut -c1-64)
		[[ $sum == "$DATA_SUM" ]]
	done
	terminate
	silent
}

# Many.

@test "100 tunnels at once through a proxy, 300 without" {
	serve -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	expect 0 client "$PORT" echo 100 10000
	[[ $output == "100 right" ]]
	terminate
	serve --direct 127.0.0.1 "$ECHO_PORT"
	files=$(find "/proc/$SERVER/fd" -mindepth 1 | wc -l)
	for i in 1 2; do
		expect 0 client "$PORT" echo 300 10000
		[[ $output == "300 right" ]]
	done
	# shellcheck disable=SC2317 # called by wait_until
	as_before() {
		[[ $(find "/proc/$SERVER/fd" -mindepth 1 | wc -l) == "$files" ]]
	}
	wait_until 10 as_before || fail "descriptors: $(ls -l "/proc/$SERVER/fd")"
	terminate
	silent
}

@test "8 MiB there and back" {
	serve -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	sum=$(timeout 60 python3 - "$PORT" "$DATA" <<-'END' | sha256sum | cut -c1-64
		import socket, sys, threading

		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		data = open(sys.argv[2], "rb").read()
		threading.Thread(target=s.sendall, args=(data,)).start()
		left = len(data)
		while left > 0 and (piece := s.recv(65536)):
		    sys.stdout.buffer.write(piece)
		    left -= len(piece)
	END
	)
	[[ $sum == "$DATA_SUM" ]]
	terminate
	silent
}

@test "one that does not read holds up no other" {
	serve -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	dial
	stuck=$FD
	# As much as goes in, and nothing is read.
	# shellcheck disable=SC2016 # for the inner shell
	apart timeout 60 bash -c 'cat /dev/zero >/dev/tcp/127.0.0.1/$1' - \
		"$PORT" </dev/null >"$DIR/cat" 2>&1 &
	echo $! >"$DIR/cat.pid"
	dial
	for i in {1..20}; do
		answers "$FD"
	done
	expect 0 client "$PORT" echo 20 10000
	[[ $output == "20 right" ]]
	answers "$stuck"
	silent
	stop cat
	hang_up "$stuck" "$FD"
	terminate
}

@test "the client's end is passed on, and the answer comes" {
	serve --half-close=0.3 -p "127.0.0.1:$APACHE_NONE" 127.0.0.1 \
		"$SINK_PORT"
	expect 0 client "$PORT" end < <(printf x)
	[[ $output == "1 $(printf x | sha256sum | cut -c1-64)" ]]
	terminate
	silent
}

# Errors of one.

@test "a refusal: one line about it, a reset, and the others go on" {
	serve -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 25
	for i in 1 2; do
		dial
		[[ $(comes "$FD") == reset ]]
		hang_up "$FD"
	done
	said "${CLIENT}127.0.0.1:$SQUID_NONE refused the tunnel to *403*"
	[[ $(wc -l <"$DIR/err") == 2 ]]
	terminate
}

@test "a reset by the far end is one for the client, and touches no other" {
	hostile mixed head "${OPEN}x" read:1 rst -- head "$OPEN" echo
	# shellcheck disable=SC2153 # set by hostile
	serve -p "127.0.0.1:$PORT" h:1
	dial
	broken=$FD
	IFS= read -r -t 20 -N 1 -u "$broken" got
	[[ $got == x ]]
	dial
	answers "$FD"
	echo y >&"$broken"
	[[ $(comes "$broken") == reset ]]
	said "${CLIENT}*reset*"
	[[ $(wc -l <"$DIR/err") == 1 ]]
	answers "$FD"
	hang_up "$FD" "$broken"
	terminate
}

@test "what had come before it broke comes before the reset" {
	head -c 200000 "$DATA" >"$DIR/piece"
	hostile stops head "$OPEN" "file:$DIR/piece" hold
	serve --idle-timeout=0.5 -p "127.0.0.1:$PORT" h:1
	dial
	said "$CLIENT*idle*"
	cat <&"$FD" >"$DIR/got" 2>"$DIR/fault" || :
	cmp "$DIR/piece" "$DIR/got"
	has "$(<"$DIR/fault")" "*reset*"
	hang_up "$FD"
	terminate
}

@test "the proxy need not be there at the beginning" {
	nobody
	proxy=$PORT
	serve -p "127.0.0.1:$proxy" h:1
	gets reset "127.0.0.1:$PORT"
	said "${CLIENT}127.0.0.1:$proxy can't be reached: Connection refused*"
	at=$PORT
	hostile proxy -p "$proxy" head "$OPEN" echo
	dial "$at"
	answers "$FD"
	hang_up "$FD"
	terminate
}

@test "an idle tunnel ends, and the busy one does not" {
	serve --idle-timeout=1 -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	dial
	idle=$FD
	answers "$idle"
	dial
	for i in {1..8}; do
		answers "$FD"
		sleep 0.2
	done
	[[ $(comes "$idle") == reset ]]
	said "$CLIENT*idle*"
	hang_up "$FD" "$idle"
	terminate
}

@test "a client that goes away while its tunnel opens" {
	hostile silent head "touch:$DIR/there" hold
	serve -v -p "127.0.0.1:$PORT" h:1
	dial
	wait_until 10 test -e "$DIR/there"
	hang_up "$FD"
	# An end alone may be that of the input; a reset is not.
	python3 - "$PORT" <<-'END'
		import socket, struct, sys

		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
		    struct.pack("ii", 1, 0))
	END
	said "${CLIENT}nobody reads * any more"
	terminate
}

# Limits.

# ticks: the time that it has had the CPU for, in clock ticks.
ticks() {
	local words
	read -ra words < <(sed 's/.*) //' "/proc/$SERVER/stat")
	echo $((words[11] + words[12]))
}

# rests: it uses no CPU for a second.
rests() {
	local before
	before=$(ticks)
	sleep 1
	(($(ticks) - before <= 2))
}

@test "it rests where there is nothing to do" {
	hostile all head "$OPEN" hold -- head "${OPEN}bye" fin hold -- \
		head "$OPEN" flood:x -- head "$OPEN" hold -- \
		head "until:$DIR/end" -- head "until:$DIR/end" -- \
		head "$OPEN" "until:$DIR/end" -- head "$OPEN" flood:x -- \
		head "${OPEN}bye" fin "until:$DIR/end"
	serve --half-close=never --linger=60 --timeout=60 \
		-p "127.0.0.1:$PORT" h:1
	cat >"$DIR/clients.py" <<-'END'
		import socket, sys, threading

		def client(send=b"", end=False, read=None):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		    if send:
		        s.settimeout(1)
		        try:
		            while True:
		                s.sendall(send)
		        except TimeoutError:
		            pass
		    if end:
		        s.shutdown(socket.SHUT_WR)
		    if read is not None:
		        s.settimeout(None)
		        assert s.recv(100) == read
		        assert s.recv(100) == b""
		    return s

		all = [
		    client(),                   # both are silent
		    client(read=b"bye"),        # the far end has ended
		    client(),                   # nobody reads what comes
		    client(end=True),           # the client has ended
		    client(),                   # it is being opened
		    client(end=True),           # the same, and the client has ended
		    client(send=bytes(65536)),  # the far end does not read
		    client(end=True),           # nobody reads, and that has ended
		    client(send=bytes(65536)),  # the far end has ended, does not read
		]
		print("ready", flush=True)
		threading.Event().wait()
	END
	start clients python3 "$DIR/clients.py" "$PORT"
	wait_until 20 grep -qs ready "$DIR/clients.log" ||
		show_log "$DIR/clients.log" "$DIR/err"
	kill -USR1 "$SERVER"
	said "*: 7 tunnels open, 2 being opened, 0 ended, *"
	# The kernel has room for much, which fills first.
	wait_until 20 rests
	stop clients
}

@test "--max-tunnels: others wait, without a spin, and go on" {
	serve --max-tunnels=2 -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	dial
	one=$FD
	dial
	two=$FD
	answers "$one"
	answers "$two"
	dial
	three=$FD
	echo waits >&"$three"
	dial
	four=$FD
	said "*proxytunnel: with 2 tunnels others have to wait: *--max-tunnels*"
	rests
	[[ $(comes "$three" 0.1) == nothing ]]
	answers "$one"
	hang_up "$one"
	[[ $(comes "$three") == waits ]]
	[[ $(comes "$four" 0.1) == nothing ]]
	hang_up "$three"
	answers "$four"
	hang_up "$two" "$four"
	dial
	answers "$FD"
	hang_up "$FD"
	[[ $(wc -l <"$DIR/err") == 1 ]]
	terminate
}

@test "as many tunnels as descriptors allow, of the hard limit" {
	at=$(free_port)
	# shellcheck disable=SC2016 # for the inner shell
	serve_as bash -c 'ulimit -Sn 20 && ulimit -Hn 70 && exec "$@"' - \
		"$PT" -a "127.0.0.1:$at" --half-close=0.1 \
		-p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	wait_until 10 is_listening "$at"
	fds=()
	for i in 1 2 3; do
		dial "$at"
		answers "$FD"
		fds+=("$FD")
	done
	dial "$at"
	echo waits >&"$FD"
	said "*proxytunnel: with 3 tunnels others have to wait: *ulimit -n*"
	[[ $(comes "$FD" 0.1) == nothing ]]
	hang_up "${fds[@]}"
	[[ $(comes "$FD") == waits ]]
	hang_up "$FD"
	terminate
}

@test "descriptors that are short: others wait, without a spin, and go on" {
	serve -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	dial
	one=$FD
	answers "$one"
	limit=$(prlimit --pid "$SERVER" --nofile --output=HARD --noheadings)
	prlimit --pid "$SERVER" --nofile=5:"${limit// /}"
	dial
	echo waits >&"$FD"
	said "*proxytunnel: with 1 tunnels others have to wait: Too many open*"
	rests
	answers "$one"
	prlimit --pid "$SERVER" --nofile="${limit// /}:${limit// /}"
	[[ $(comes "$FD") == waits ]]
	[[ $(wc -l <"$DIR/err") == 1 ]]
	hang_up "$FD" "$one"
	terminate
}

# Signals.

@test "SIGTERM: no new ones, and those that are there may end" {
	serve --drain=60 -a "unix:$DIR/socket" -p "127.0.0.1:$SQUID_NONE" \
		127.0.0.1 "$ECHO_PORT"
	dial
	answers "$FD"
	kill "$SERVER"
	wait_until 10 not test -e "$DIR/socket"
	gets refused "127.0.0.1:$PORT" ''
	gets refused "[::1]:$PORT" ''
	answers "$FD"
	alive server
	hang_up "$FD"
	ended 0
	silent
}

@test "SIGTERM: at the end of --drain tunnels are cut; a second one cuts at once" {
	serve --drain=0.3 -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	dial
	answers "$FD"
	kill "$SERVER"
	ended 0
	said "*proxytunnel: 1 tunnels are cut (--drain)"
	[[ $(comes "$FD") == reset ]]
	hang_up "$FD"
	serve --drain=60 -a "unix:$DIR/socket" -p "127.0.0.1:$SQUID_NONE" \
		127.0.0.1 "$ECHO_PORT"
	dial
	answers "$FD"
	kill "$SERVER"
	wait_until 10 not test -e "$DIR/socket"
	kill "$SERVER"
	ended 0
	[[ $(comes "$FD") == reset ]]
	hang_up "$FD"
	serve --drain=0 -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	dial
	answers "$FD"
	terminate
	hang_up "$FD"
}

@test "SIGTERM at the limit: those who wait are told" {
	serve --max-tunnels=1 -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	dial
	one=$FD
	answers "$one"
	dial
	echo waits >&"$FD"
	said "*others have to wait: *"
	kill "$SERVER"
	[[ $(comes "$FD") == reset ]]
	answers "$one"
	hang_up "$FD" "$one"
	ended 0
}

@test "SIGINT ends at once" {
	serve -a "unix:$DIR/socket" -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 \
		"$ECHO_PORT"
	dial
	answers "$FD"
	# A shell's background has it ignored; it is asked for in another way.
	kill "$SERVER"
	wait_until 10 not test -e "$DIR/socket"
	hang_up "$FD"
	ended 0
	python3 - "$PT" "$ECHO_PORT" "$DIR/socket" <<-'END'
		import signal, socket, subprocess, sys

		signal.signal(signal.SIGINT, signal.SIG_DFL)
		p = subprocess.Popen([sys.argv[1], "-a", "0",
		    "-a", "unix:" + sys.argv[3], "--direct",
		    "127.0.0.1", sys.argv[2]], stdout=subprocess.PIPE)
		port = int(p.stdout.readline())
		s = socket.create_connection(("127.0.0.1", port))
		s.sendall(b"x")
		assert s.recv(1) == b"x"
		p.send_signal(signal.SIGINT)
		assert p.wait(20) == 130, p.returncode
		try:
		    s.recv(1)
		    assert False
		except ConnectionResetError:
		    pass
	END
	[[ ! -e $DIR/socket ]]
}

@test "SIGUSR1: one line of totals, also with -q" {
	serve -q -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$ECHO_PORT"
	dial
	answers "$FD"
	expect 0 client "$PORT" echo 3 1000
	# shellcheck disable=SC2317 # called by wait_until
	reports() {
		kill -USR1 "$SERVER"
		tail -n 1 "$DIR/err" | grep -q '3 ended'
	}
	wait_until 10 reports
	said "*proxytunnel: after +([0-9]).[0-9][0-9][0-9] s: 1 tunnels open, 0 being opened, 3 ended, 0 of them failed, 30[0-9][0-9] bytes sent, 30[0-9][0-9] received"
	not grep -qv "proxytunnel: after " "$DIR/err"
	hang_up "$FD"
	terminate
}

passwords() {
	printf 'proxy_user = %s\nproxy_passwd = %s\n' "$1" "$2" >"$DIR/login"
	chmod 600 "$DIR/login"
}

@test "SIGHUP: the password file is read again, and a bad one is not" {
	passwords "$PLAIN_USER" wrong
	serve -F "$DIR/login" -p "127.0.0.1:$SQUID_DIGEST" 127.0.0.1 "$LINE_PORT"
	gets reset "127.0.0.1:$PORT"
	said "${CLIENT}127.0.0.1:$SQUID_DIGEST refused the credentials *"
	passwords "$PLAIN_USER" "$PLAIN_PASSWORD"
	kill -HUP "$SERVER"
	said "*proxytunnel: passwords and certificates are read again"
	gets "got hello" "127.0.0.1:$PORT"
	chmod 644 "$DIR/login"
	kill -HUP "$SERVER"
	said "*proxytunnel: not read again: password file $DIR/login: others may*"
	gets "got hello" "127.0.0.1:$PORT"
	[[ $(wc -l <"$DIR/err") == 3 ]]
	terminate
}

@test "SIGHUP: netrc, CAs and certificates are read again" {
	echo 'machine other login a password b' >"$DIR/netrc"
	cp "$CERTS/foreign-ca.pem" "$DIR/ca.pem"
	serve --netrc="$DIR/netrc" -p "127.0.0.1:$SQUID_DIGEST" \
		-C "$DIR/ca.pem" -e localhost "$TLS_ECHO_PORT"
	gets reset "127.0.0.1:$PORT"
	said "$CLIENT*demands credentials*"
	echo "machine 127.0.0.1 login $PLAIN_USER password $PLAIN_PASSWORD" \
		>"$DIR/netrc"
	kill -HUP "$SERVER"
	said "*read again"
	gets reset "127.0.0.1:$PORT"
	said "${CLIENT}localhost:$TLS_ECHO_PORT*unknown issuer*"
	cp "$CERTS/ca.pem" "$DIR/ca.pem"
	kill -HUP "$SERVER"
	# shellcheck disable=SC2317 # called by wait_until
	twice() { [[ $(grep -c 'are read again' "$DIR/err") == 2 ]]; }
	wait_until 10 twice
	expect 0 client "$PORT" echo 1 1000
	[[ $output == "1 right" ]]
	: >"$DIR/ca.pem"
	kill -HUP "$SERVER"
	said "*proxytunnel: not read again: *$DIR/ca.pem*"
	expect 0 client "$PORT" echo 1 1000
	[[ $output == "1 right" ]]
	terminate
}

@test "SIGHUP while tunnels open and are open" {
	passwords amy tiger7
	hostile slow head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 3\r\n\r\nx' \
		"touch:$DIR/there" "until:$DIR/go" send:yz head "${OPEN}opened" hold
	serve -F "$DIR/login" -p "127.0.0.1:$PORT" h:1
	dial
	wait_until 10 test -e "$DIR/there"
	passwords ben lion8
	kill -HUP "$SERVER"
	said "*read again"
	kill -HUP "$SERVER"
	touch "$DIR/go"
	[[ $(IFS= read -r -t 20 -N 6 -u "$FD" got; echo "$got") == opened ]]
	hang_up "$FD"
	terminate
}

@test "SIGHUP as the terminal goes away ends it, nohup keeps it" {
	for nohup in '' nohup; do
		timeout 60 python3 - "$PT" "$ECHO_PORT" "$nohup" <<-'END'
			import os, pty, signal, socket, sys

			r, w = os.pipe()
			pid, fd = pty.fork()
			if pid == 0:
			    os.dup2(w, 1)
			    if sys.argv[3]:
			        signal.signal(signal.SIGHUP, signal.SIG_IGN)
			    os.execv(sys.argv[1], [sys.argv[1], "-a", "0", "--direct",
			        "127.0.0.1", sys.argv[2]])
			port = int(os.read(r, 100))
			def serves():
			    with socket.create_connection(("127.0.0.1", port)) as s:
			        s.sendall(b"x")
			        assert s.recv(1) == b"x"
			serves()
			if not sys.argv[3]:
			    os.kill(pid, signal.SIGHUP)
			    seen = b""
			    while b"read again" not in seen:
			        seen += os.read(fd, 1000)
			serves()
			os.close(fd)
			if sys.argv[3]:
			    serves()
			    os.kill(pid, signal.SIGTERM)
			status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
			assert status == (0 if sys.argv[3] else 129), status
		END
	done
}

# What is said.

@test "-v: each line is about a client" {
	serve -v -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 "$LINE_PORT"
	said "*listening at 127.0.0.1:$PORT"
	gets "got hello" "127.0.0.1:$PORT"
	said "${CLIENT}accepted"
	said "*127.0.0.1:+([0-9]): > CONNECT 127.0.0.1:$LINE_PORT HTTP/1.1"
	said "${CLIENT}tunnel closed by the far end *"
	terminate
	said "*no new tunnels; 0 have 5 s to end"
	said "*after *: 0 tunnels open, 0 being opened, 1 ended, 0 of them failed, 6 bytes sent, 10 received"
}

# In the background.

# in_background ARGUMENT...: --daemon; its port is in AT, its number in DAEMON.
in_background() {
	AT=$(SYSLOG="$DIR/syslog" LD_PRELOAD="$BATS_FILE_TMPDIR/syslog.so" \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" \
		timeout 30 "$PT" -a 0 --daemon --pidfile="$DIR/pid" "$@" \
		2>"$DIR/err") || show_log "$DIR/err"
	DAEMON=$(<"$DIR/pid")
	echo "$DAEMON" >"$DIR/daemon.pid"
}

@test "--daemon: it is there once the parent has ended, and syslogd hears it" {
	in_background -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 25
	[[ $AT == +([0-9]) ]]
	silent
	[[ $(stat -c %a "$DIR/pid") == 644 ]]
	[[ "/proc/$DAEMON/exe" -ef $PT ]]
	# It leads a session, and no terminal, and has none of our files.
	[[ $(ps -o sid= -o tty= -p "$DAEMON" | xargs) == "$DAEMON ?" ]]
	for fd in 0 1 2; do
		[[ $(readlink "/proc/$DAEMON/fd/$fd") == /dev/null ]]
	done
	gets reset "127.0.0.1:$AT"
	wait_until 10 test -s "$DIR/syslog"
	has "$(<"$DIR/syslog")" "127.0.0.1:+([0-9]): 127.0.0.1:$SQUID_NONE refused *"
	kill "$DAEMON"
	wait_until 10 not alive daemon
	[[ ! -e $DIR/pid ]]
}

@test "--daemon: paths from where it began" {
	passwords "$PLAIN_USER" wrong
	cd "$DIR"
	in_background -a unix:socket -F login -p "127.0.0.1:$SQUID_DIGEST" \
		127.0.0.1 "$LINE_PORT"
	[[ -S socket ]]
	passwords "$PLAIN_USER" "$PLAIN_PASSWORD"
	kill -HUP "$DAEMON"
	wait_until 10 grep -qs "read again" syslog
	gets "got hello" "$DIR/socket"
	kill "$DAEMON"
	wait_until 10 not alive daemon
	[[ ! -e socket && ! -e pid ]]
}

@test "--daemon: what fails before that is the parent's" {
	serve --direct 127.0.0.1 "$LINE_PORT"
	refuses 70 "can't listen at $PORT: it is in use already" \
		pt -a "$PORT" --daemon --pidfile="$DIR/pid" --direct h:1
	[[ ! -e $DIR/pid ]]
	refuses 66 "--pidfile=$DIR/none/pid: No such file*" \
		pt -a "unix:$DIR/socket" --daemon --pidfile="$DIR/none/pid" \
		--direct h:1
	[[ ! -e $DIR/socket ]]
}

@test "--daemon: passphrase and password are asked for before it leaves" {
	timeout 60 python3 - "$PT" "$SQUID_DIGEST" "$TLS_ECHO_PORT" \
		"$CERTS/client-locked-both.pem" "$KEY_PASSWORD" "$PLAIN_USER" \
		"$PLAIN_PASSWORD" "$CA_FILE" "$DIR/pid" <<-'END'
		import os, pty, signal, socket, sys

		pt, proxy, echo, cert, key, user, password, ca, pidfile = sys.argv[1:]
		r, w = os.pipe()
		pid, fd = pty.fork()
		if pid == 0:
		    os.dup2(w, 1)
		    os.execv(pt, [pt, "-a", "0", "--daemon", "--pidfile=" + pidfile,
		        "-P", user, "-p", "127.0.0.1:" + proxy, "-C", ca, "-c", cert,
		        "-e", "localhost:" + echo])
		os.close(w)
		seen = b""
		def asked(what, answer):
		    global seen
		    while what not in seen:
		        seen += os.read(fd, 1000)
		    seen = b""
		    assert not os.path.exists(pidfile)
		    os.write(fd, answer.encode() + b"\n")
		asked(b"passphrase for", key)
		asked(b"password for", password)
		assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
		os.close(fd)
		port = int(os.read(r, 100))
		assert os.read(r, 100) == b""
		for _ in range(2):
		    with socket.create_connection(("127.0.0.1", port)) as s:
		        s.sendall(b"x")
		        assert s.recv(1) == b"x"
		with open(pidfile) as file:
		    os.kill(int(file.read()), signal.SIGTERM)
	END
	wait_until 10 not test -e "$DIR/pid"
}

@test "a pidfile that takes nothing" {
	local daemon
	for daemon in '' --daemon; do
		# shellcheck disable=SC2016 # for the inner shell
		PT_MARK=$DIR run bash -c 'trap "" XFSZ; ulimit -f 0
			"$@" 2>&1 | cat
			exit "${PIPESTATUS[0]}"' - timeout 30 "$PT" \
			-a "unix:$DIR/socket" --pidfile="$DIR/pid" $daemon \
			--direct h:1
		[[ $status == 66 ]]
		has "$output" "proxytunnel: *pidfile*: File too large"
		wait_until 10 none_of_ours
		[[ ! -e $DIR/pid && ! -e $DIR/socket ]]
	done
}

@test "a pidfile that is a link stays" {
	: >"$DIR/file"
	ln -s file "$DIR/pid"
	serve --pidfile="$DIR/pid" --direct 127.0.0.1 "$LINE_PORT"
	wait_until 10 test -s "$DIR/file"
	terminate
	[[ -L $DIR/pid ]]
}

@test "nobody is there to be asked at the beginning" {
	refuses 77 "client key $CERTS/client-locked-both.pem: *" pt \
		-a "unix:$DIR/socket" -c "$CERTS/client-locked-both.pem" \
		--direct -e 127.0.0.1 "$TLS_ECHO_PORT"
	refuses 77 "proxy 127.0.0.1:$SQUID_DIGEST: *" pt \
		-a "unix:$DIR/socket" --daemon --pidfile="$DIR/pid" \
		-P "$PLAIN_USER" -p "127.0.0.1:$SQUID_DIGEST" h:1
	[[ ! -e $DIR/socket && ! -e $DIR/pid ]]
}

@test "signals while it asks at the beginning, and a key once it was unlocked" {
	timeout 60 python3 - "$PT" "$TLS_ECHO_PORT" "$CA_FILE" \
		"$CERTS/client-locked-both.pem" "$KEY_PASSWORD" "$DIR/socket" <<-'END'
			import os, pty, signal, socket, sys

			pt, echo, ca, cert, key, path = sys.argv[1:]
			def run():
			    global pid, fd, seen
			    seen = b""
			    pid, fd = pty.fork()
			    if pid == 0:
			        os.execv(pt, [pt, "-a", "unix:" + path, "-C", ca, "-c",
			            cert, "--direct", "-e", "localhost:" + echo])
			def expect(text):
			    global seen
			    while text not in seen:
			        seen += os.read(fd, 1000)
			    seen = seen[seen.index(text) + len(text):]
			def end():
			    try:
			        while os.read(fd, 1000):
			            pass
			    except OSError:
			        pass
			    assert not os.path.exists(path)
			    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
			for number in signal.SIGTERM, signal.SIGINT:
			    run()
			    expect(b"passphrase for")
			    os.kill(pid, number)
			    status = end()
			    assert status in (128 + number, -number), status
			run()
			expect(b"passphrase for")
			os.write(fd, key.encode() + b"\n")
			for _ in range(2):
			    s = socket.socket(socket.AF_UNIX)
			    s.connect(path)
			    s.sendall(b"x")
			    assert s.recv(1) == b"x"
			    s.close()
			    os.kill(pid, signal.SIGHUP)
			    expect(b"stays in use")
			    expect(b"read again")
			os.kill(pid, signal.SIGINT)
			assert end() == 130
	END
}

@test "--pidfile without --daemon" {
	serve --pidfile="$DIR/pid" --direct 127.0.0.1 "$LINE_PORT"
	wait_until 10 test -s "$DIR/pid"
	[[ $(<"$DIR/pid") == "$SERVER" ]]
	gets "got hello" "127.0.0.1:$PORT"
	terminate
	[[ ! -e $DIR/pid ]]
}
