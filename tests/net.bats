#!/usr/bin/env bats
# Addresses that do not answer and peers that fall silent, in a network of the
# test's own.

load lib
load hostile

setup() {
	DIR=$BATS_TEST_TMPDIR
	need unshare ip
}

teardown() {
	stop_all
}

# private: runs a script of bash, its standard input, in a network namespace of
# its own, with a loopback and an interface behind which nobody is; a silent
# resolver; and a host, proxy.test, as hosts has it.
private() {
	local flags=-n
	[ "$(id -u)" -eq 0 ] || flags=-rn
	export PT HOSTILE DIR
	{
		cat <<'SH'
		set -eu
		ip link set lo up
		ip link add nobody type veth peer name void
		ip address add 2001:db8::1/64 dev nobody nodad
		ip address add 192.0.2.1/24 dev nobody
		ip link set nobody up
		ip link set void up
		serve() {
			"$HOSTILE" "$@" >"$DIR/port" &
			server=$!
			until [ -s "$DIR/port" ]; do sleep 0.01; done
			port=$(cat "$DIR/port")
		}
		hosts() {
			printf "%s proxy.test\n" "$@" >"$DIR/hosts"
			export NSS_WRAPPER_HOSTS=$DIR/hosts
			export LD_PRELOAD=libnss_wrapper.so
			export ASAN_OPTIONS=verify_asan_link_order=0
		}
		OPEN="send:HTTP/1.1 200 OK\r\n\r\n"
SH
		cat
		cat <<'SH'
		kill ${server:-} 2>/dev/null || :
SH
	} >"$DIR/script"
	unshare "$flags" bash "$DIR/script" 3>&-
}

@test "a dead IPv6 address costs a quarter of a second" {
	private <<'SH'
		hosts 2001:db8::2 127.0.0.1
		serve head "$OPEN" send:x fin drain
		[ "$(timeout 20 "$PT" -v -p "proxy.test:$port" h:1 </dev/null 2>"$DIR/err")" = x ]
SH
	cat "$DIR/err"
	grep -qE 'connected to proxy.test:[0-9]+ after 0\.(2[4-9]|[3-9])' "$DIR/err"
}

@test "a dead IPv4 address in front of a live IPv6 one" {
	private <<'SH'
		hosts ::1 192.0.2.2
		serve -6 head "$OPEN" send:x fin drain
		[ "$(timeout 20 "$PT" -v -p "proxy.test:$port" h:1 </dev/null)" = x ]
		[ "$(timeout 20 "$PT" -6 -p "proxy.test:$port" h:1 </dev/null)" = x ]
		status=0
		timeout 20 "$PT" -4 --connect-timeout=0.5 -p "proxy.test:$port" \
			h:1 </dev/null 2>"$DIR/err" || status=$?
		[ $status -eq 75 ]
SH
	cat "$DIR/err"
	grep -q "can't be reached within 0.5 s: no answer from 192.0.2.2:" "$DIR/err"
}

@test "every address refuses: each is named" {
	private <<'SH'
		hosts ::1 127.0.0.1
		status=0
		timeout 20 "$PT" -p proxy.test:9 h:1 </dev/null 2>"$DIR/err" ||
			status=$?
		[ $status -eq 69 ]
		server=
SH
	cat "$DIR/err"
	grep -q '\[::1\]:9: Connection refused' "$DIR/err"
	grep -q '127.0.0.1:9: Connection refused' "$DIR/err"
}

@test "a link-local proxy with its zone" {
	private <<'SH'
		ip address add fe80::5/64 dev lo nodad
		python3 - >"$DIR/port" <<"PY" &
import socket
s = socket.socket(socket.AF_INET6)
s.bind(("fe80::5", 0, 0, socket.if_nametoindex("lo")))
s.listen()
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
c.recv(1000)
c.sendall(b"HTTP/1.1 200 OK\r\n\r\nx")
c.close()
PY
		server=$!
		until [ -s "$DIR/port" ]; do sleep 0.01; done
		port=$(cat "$DIR/port")
		[ "$(timeout 20 "$PT" -p "[fe80::5%lo]:$port" h:1 </dev/null)" = x ]
		server=
SH
}

@test "a peer that falls silent while idle is found" {
	private <<'SH'
		serve head "$OPEN" send:x hold
		mkfifo "$DIR/in"
		exec 9<>"$DIR/in"
		"$PT" --keepalive=3 -p "127.0.0.1:$port" h:1 <"$DIR/in" >"$DIR/out" 2>"$DIR/err" &
		until grep -q x "$DIR/out"; do sleep 0.02; done
		ip link set lo down
		status=0
		wait $! || status=$?
		[ $status -eq 1 ]
SH
	grep -q 'the tunnel broke: ' "$DIR/err"
}

@test "a peer that falls silent with bytes on the way is found" {
	private <<'SH'
		serve head "$OPEN" echo
		mkfifo "$DIR/in"
		exec 9<>"$DIR/in"
		"$PT" --keepalive=3 -p "127.0.0.1:$port" h:1 <"$DIR/in" >"$DIR/out" 2>"$DIR/err" &
		pid=$!
		echo x >&9
		until grep -q x "$DIR/out"; do sleep 0.02; done
		tc qdisc add dev lo root netem loss 100% 2>/dev/null ||
			ip link set lo down
		echo y >&9
		status=0
		wait $pid || status=$?
		[ $status -eq 1 ]
SH
	cat "$DIR/err"
	grep -q 'the far end has acknowledged nothing for 3 s' "$DIR/err"
}

@test "a resolver that does not answer ends at the deadline" {
	private <<'SH'
		ip route add default dev nobody
		python3 -c "if True:
			import socket, sys, time
			s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
			s.bind(('', 53))
			print('here', flush=True)
			time.sleep(20)" >"$DIR/port" &
		server=$!
		until [ -s "$DIR/port" ]; do sleep 0.01; done
		status=0
		timeout 20 "$PT" --timeout=1 -p proxy.example:3128 h:1 </dev/null \
			2>"$DIR/err" || status=$?
		[ $status -eq 75 ]
SH
	cat "$DIR/err"
	grep -q "can't be reached within 1 s: the resolver does not answer" "$DIR/err"
}

@test "--retry: what may pass is tried again, and nothing of the input is lost" {
	hostile proxy head 'send:HTTP/1.1 503 Busy\r\n\r\n' -- \
		head 'send:HTTP/1.1 200 OK\r\n\r\n' echo
	[ "$(printf hello | timeout 20 "$PT" --retry=2 --half-close=now \
		-p "127.0.0.1:$PORT" h:1 2>"$DIR/err")" = hello ]
	[ "$(wc -l <"$DIR/err")" -eq 1 ]
	grep -q '503 Busy.*; again in 1 s (1 of 2)$' "$DIR/err"
}

@test "--retry: in the end the failure stands" {
	nobody
	status=0
	timeout 20 "$PT" --retry=1 -p "127.0.0.1:$PORT" h 1 2>"$DIR/err" || status=$?
	[ "$status" -eq 69 ]
	grep -c refused "$DIR/err" | grep -qx 2
}

@test "--retry: a refusal is one" {
	hostile proxy head 'send:HTTP/1.1 403 No\r\n\r\n' -- hold
	status=0
	timeout 20 "$PT" --retry=5 -p "127.0.0.1:$PORT" h 1 2>"$DIR/err" || status=$?
	[ "$status" -eq 77 ]
	[ "$(wc -l <"$DIR/err")" -eq 1 ]
}

@test "--retry: a signal ends the pause" {
	nobody
	"$PT" --retry=9 -p "127.0.0.1:$PORT" h 1 2>"$DIR/err" &
	pid=$!
	until [ -s "$DIR/err" ]; do sleep 0.01; done
	kill $pid
	status=0
	wait $pid || status=$?
	[ $status -eq 143 ]
}
