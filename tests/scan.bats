#!/usr/bin/env bats
# --scan, which ports a proxy opens tunnels to, and --auth-info, which login it
# demands.
# shellcheck disable=SC2030,SC2031 # variables are meant for one test

load lib
load hostile

NO='send:HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'
OPENS='send:HTTP/1.1 200 OK\r\n\r\n'

setup_file() {
	DIR=$BATS_FILE_TMPDIR
	start_targets
	start_kdc
	start_squid none
	start_squid negotiate-basic
	start_squid digest
	start_dante none
	start_dante password
}

teardown_file() {
	DIR=$BATS_FILE_TMPDIR
	stop_all
}

setup() {
	DIR=$BATS_TEST_TMPDIR
}

teardown() {
	stop_all
}

# line GLOB: a line of the report is like that.
line() {
	local line
	while IFS= read -r line; do
		# shellcheck disable=SC2053 # a pattern
		[[ $line != $1 ]] || return 0
	done <<<"$output"
	fail "no line like: $1" "$output"
}

# json STATUS EXPRESSION... -- ARGUMENT...: the values of the expressions, a
# line each, are in $output then.
json() {
	local wanted=$1 expressions=()
	shift
	while [[ $1 != -- ]]; do
		expressions+=("$1")
		shift
	done
	expect "$wanted" pt --json "${@:2}"
	[[ -z $stderr ]] || fail "on stderr: $stderr"
	output=$(printf '%s\n' "$output" | python3 \
		"$BATS_TEST_DIRNAME/checkjson.py" "${expressions[@]}")
}

@test "scan: open, refused, unreachable; and the proxy's own loopback" {
	expect 0 pt --scan "1-9,443,$BANNER_PORT" -p "127.0.0.1:$SQUID_NONE" \
		127.0.0.1
	[[ -z $stderr ]] || fail "$stderr"
	line "ports of 127.0.0.1 by 127.0.0.1:$SQUID_NONE"
	line "  1-9 * refused by the proxy: 403 Forbidden: Access Denied."
	line "  443 * unreachable behind it: 503 Service Unavailable: *"
	line "  $BANNER_PORT * open: an unknown service: BANNER 1.0"
	line "FAIL the proxy's own loopback (127.0.0.1) is let through (port $BANNER_PORT): whoever reaches it, without a login, gets at what listens there *: an open relay in waiting (CWE-441)"
}

# squid_with NAME LINE...: one with these lines of access, which asks for all
# that it allows the last hostile; its port is in PORT then.
squid_with() {
	local name=$1 user=proxy port parent=$PORT
	shift
	((UID == 0)) || user=$(id -un)
	port=$(free_port)
	server_folder "$name" "$user"
	cat >"$DIR/$name/squid.conf" <<-END
		http_port 127.0.0.1:$port
		visible_hostname localhost
		pid_filename none
		cache_effective_user $user
		cache_log $DIR/$name/cache.log
		coredump_dir $DIR/$name
		cache deny all
		cache_mem 1 MB
		pinger_enable off
		netdb_filename none
		shutdown_lifetime 0 seconds
		dns_nameservers 127.0.0.1
		dns_timeout 1 second
		dns_retransmit_interval 1 second
		cache_peer 127.0.0.1 parent $parent 0 no-query no-digest no-netdb-exchange
		never_direct allow all
		$(printf '%s\n' "$@")
		http_access allow all
	END
	start "$name" squid -N -n "pt$port" -f "$DIR/$name/squid.conf"
	wait_port "$port" "$name"
	PORT=$port
}

@test "scan: a squid as it comes, and one that lets all through" {
	hostile parent head "$OPENS" 'send:220 mx ESMTP\r\n' hold
	local parent=$PORT
	squid_with strict 'acl SSL_ports port 443' \
		'acl loopback dst 127.0.0.0/8 ::1' \
		'http_access deny CONNECT !SSL_ports' \
		'http_access deny loopback'
	expect 0 pt --scan 25,443 -p "127.0.0.1:$PORT" mx.example
	line "  25 * refused by the proxy: 403 Forbidden: Access Denied."
	line "  443 * open: a mail server (SMTP): 220 mx ESMTP"
	line "ok   no open relay, as far as these ports tell"
	PORT=$parent
	squid_with lax
	expect 0 pt --scan 25 -p "127.0.0.1:$PORT" mx.example
	line "FAIL port 25 is let through: whoever reaches it, without a login, can send mail in its name: an open relay in waiting (CWE-441)"
	line "FAIL the proxy's own loopback (127.0.0.1) is let through (port 25): *: an open relay in waiting (CWE-441)"
}

@test "scan: at a proxy of SOCKS" {
	expect 0 pt --scan "$CLOSED_PORT,$BANNER_PORT" \
		-p "socks5h://127.0.0.1:$DANTE_NONE" 127.0.0.1
	line "  $CLOSED_PORT * unreachable behind it: 5 connection refused"
	line "  $BANNER_PORT * open: an unknown service: BANNER 1.0"
}

@test "scan: port 25 is let through" {
	hostile proxy -l "$DIR/heads" head "$OPENS" 'send:220 mx ESMTP\r\n' hold -- head "$NO"
	expect 0 pt --scan 25 -p "127.0.0.1:$PORT" mx.example
	line "  25 * open: a mail server (SMTP): 220 mx ESMTP"
	line "FAIL port 25 is let through: whoever reaches it, without a login, can send mail in its name: an open relay in waiting (CWE-441)"
	[[ $output != *loopback* ]] || fail "$output"
	# Its loopback was asked for, at that port alone.
	[[ $(grep ^CONNECT "$DIR/heads" | tr -d '\r') == "CONNECT mx.example:25 HTTP/1.1
CONNECT 127.0.0.1:25 HTTP/1.1" ]]
}

@test "scan: all is refused, and no other port is asked for" {
	hostile proxy -l "$DIR/heads" head "$NO" hold
	expect 0 pt --scan 22,25-27 -p "127.0.0.1:$PORT" h.example
	line "  25-27 * refused by the proxy: 403 Forbidden"
	line "ok   no open relay, as far as these ports tell"
	[[ $(grep -c ^CONNECT "$DIR/heads") == 4 ]]
}

@test "scan: words of the proxy that differ are told apart; JSON" {
	hostile proxy head "$NO" -- head 'send:HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n' -- head "$OPENS"
	json 0 '[(p["port"], p["verdict"], p["said"]) for p in o[0]["ports"]]' \
		'o[0]["complete"], o[0]["login"]' \
		'[j["cwe"] for j in o[0]["judgements"]]' -- \
		--scan 1,2,3 -p "127.0.0.1:$PORT" localhost
	[[ $output == "[(1, 'refused', '403 Forbidden'), (2, 'unreachable', '502 No'), (3, 'unreachable', 'closed as soon as it was open')]
(True, False)
['CWE-441']" ]] || fail "$output"
}

@test "scan: a login that is refused is not tried again" {
	hostile proxy -l "$DIR/heads" head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n' head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n' hold
	expect 77 pt --scan 1-100 -P amy:wrong -p "127.0.0.1:$PORT" h.example
	line "  FAIL no verdict: 127.0.0.1:$PORT refused the credentials of this user*"
	[[ $output != *judgement* && $output != *relay* ]] || fail "$output"
	[[ $(grep -c ^Proxy-Authorization "$DIR/heads") == 1 ]]
	nobody
	json 69 'o[0]["failure"]["code"]' 'o[0]["complete"]' -- --scan 1-100 \
		-p "127.0.0.1:$PORT" h.example
	[[ $output == $'connect\nFalse' ]] || fail "$output"
}

@test "scan: a proxy that falls silent, within the deadline" {
	hostile proxy head "$NO" -- hold
	expect 0 pt --scan 1-3,25 --timeout=0.5 -p "127.0.0.1:$PORT" h.example
	line "  2-3 * no answer in time"
	line "  25  * no answer in time"
	line "ok   no open relay, as far as these ports tell; port 25 has not been answered in time"
	hostile other head "$OPENS" 'send:SSH-2.0-x\r\n' hold -- hold
	json 0 '[p["verdict"] for p in o[0]["ports"]]' \
		'o[0]["judgements"][0]["text"]' -- \
		--scan 1-2 --timeout=0.5 -p "127.0.0.1:$PORT" h.example
	[[ $output == "['open', 'silent']
no open relay, as far as these ports tell; whether the proxy's own loopback is let through is not known" ]] ||
		fail "$output"
}

@test "scan: words that are not the same for all of a row are not in it" {
	hostile proxy head 'send:HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\none' -- head 'send:HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\ntwo' -- head 'send:HTTP/1.1 403 Nay\r\nContent-Length: 3\r\n\r\ntwo'
	expect 0 pt --scan 1-4 -p "127.0.0.1:$PORT" h.example
	line "  1-2          refused by the proxy: 403 No"
	line "  3-4          refused by the proxy: 403 Nay: two"
}

@test "scan: TLS behind it is there, or nobody is, or a login page" {
	hostile proxy head "$OPENS" 'send:SSH-2.0-x\r\n' hold -- head "$OPENS"
	json 0 '[(p["verdict"], p["said"]) for p in o[0]["ports"]]' -- \
		--scan 1-2 -e -p "127.0.0.1:$PORT" localhost
	has "$output" "\[('open', 'localhost:1 does not speak TLS: this looks like an SSH server*), ('unreachable', 'closed as soon as it was open')]"
	hostile portal head 'send:HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html>\n' hold
	expect 77 pt --scan 1-2 -e -p "127.0.0.1:$PORT" h.example
	line "  FAIL no verdict: *login page (captive portal) is in the way"
}

@test "scan: not more than so many at a time, nor in a second" {
	local now=${EPOCHREALTIME/./}
	hostile proxy head "$NO"
	expect 0 pt --scan 1-51 -p "127.0.0.1:$PORT" h.example
	now=$((${EPOCHREALTIME/./} - now))
	((now > 950000)) || fail "it took $now us"
}

@test "scan: on a terminal it says how far it is" {
	hostile proxy head "$NO"
	output=$(in_terminal "$PT" --scan 1-60 -p "127.0.0.1:$PORT" h.example)
	has "$output" $'*\e\\[K'"[0-9]* of 60 ports, 1 s"$'\e\\[K'"ports of *"
}

@test "scan: SIGINT ends it, with what is there" {
	hostile proxy head "$NO"
	start many "$PT" --scan 1-10000 -p "127.0.0.1:$PORT" h.example
	sleep 0.7
	kill -INT "$(<"$DIR/many.pid")"
	wait_until 5 eval '! alive many'
	grep -q '^  1-[0-9]* *refused by the proxy' "$DIR/many.log"
	grep -q 'not all ports were asked for' "$DIR/many.log"
}

@test "scan: what is wrong" {
	local row
	for row in '--scan 22 h:1' '--scan 22' '--scan 0 h' '--scan 22 a b' \
		'--scan 22 --direct h' '--scan 22 --repeat 2 h' \
		'--auth-info --direct' '--auth-info --scan 1 h'; do
		# shellcheck disable=SC2086 # words are meant
		expect 64 pt -p p:1 $row
		[[ -z $output ]]
	done
}

@test "auth-info: none is asked for" {
	expect 0 pt --auth-info -p "127.0.0.1:$SQUID_NONE"
	has "$output" "127.0.0.1:$SQUID_NONE (squid/*) asks for no login, at least not for check.invalid:443: 50[0-9] *"
	local scheme
	for scheme in http socks5h socks5 socks4; do
		PORT=$DANTE_NONE
		[[ $scheme != http ]] || PORT=$SQUID_NONE
		expect 0 pt --auth-info -p "$scheme://127.0.0.1:$PORT" \
			"127.0.0.1:$BANNER_PORT"
		has "$output" "127.0.0.1:$PORT* asks for no login: *"
	done
	# Without a destination no name is resolved here.
	for scheme in socks5 socks4; do
		expect 0 pt --auth-info -p "$scheme://127.0.0.1:$DANTE_NONE"
		has "$output" "127.0.0.1:$DANTE_NONE * asks for no login, at least not for check.invalid:443: *"
	done
}

@test "auth-info: a ticket, or none; a user, or none" {
	expect 77 pt --auth-info -p "localhost:$SQUID_NEGOTIATE_BASIC"
	line "  FAIL Negotiate  no ticket*"
	line "  FAIL Basic      no user is known: -P USER"
	line "no login can be tried here and now"
	expired_ticket PLAIN
	expect 77 pt --auth-info -p "localhost:$SQUID_NEGOTIATE_BASIC"
	line "  FAIL Negotiate  *expired*"
	ticket PLAIN
	expect 0 pt --auth-info -p "localhost:$SQUID_NEGOTIATE_BASIC"
	line "localhost:* (squid/*) demands a login; it would take"
	line "  ok   Negotiate  there is a ticket for HTTP@localhost"
	line "a login can be tried"
}

@test "auth-info: where a password would come from" {
	local asks=(--auth-info -p "127.0.0.1:$SQUID_DIGEST" -P "$PLAIN_USER")
	json 77 'o[0]["password"]' 'o[0]["schemes"][0]["text"]' -- "${asks[@]}"
	[[ $output == $'none\nthere is no password, and nobody to ask for one' ]]
	json 0 'o[0]["password"]' 'o[0]["user"]' -- "${asks[@]}" \
		--password-command="touch $DIR/ran"
	[[ $output == $'command\n'"$PLAIN_USER" ]]
	[[ ! -e $DIR/ran ]]
	PROXYPASS=$PLAIN_PASSWORD expect 0 pt "${asks[@]}"
	line "  ok   Digest  user $PLAIN_USER, the password is known"
	silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" "$output$stderr"
	expect 77 pt "${asks[@]}" --auth=ntlm,basic
	line "  FAIL Digest  --auth does not allow it"
}

@test "auth-info: Digest by an algorithm that nobody knows" {
	local other='Proxy-Authenticate: Digest realm="x", nonce="y", algorithm=SHA3\r\n'
	hostile proxy head "send:HTTP/1.1 407 No\r\n${other}Content-Length: 0\r\n\r\n" drain
	expect 77 pt --auth-info -P bob:secret -p "127.0.0.1:$PORT"
	line "  FAIL Digest  its algorithm is not known"
	hostile proxy head "send:HTTP/1.1 407 No\r\n${other}${other/SHA3/MD5}Content-Length: 0\r\n\r\n" drain
	expect 0 pt --auth-info -P bob:secret -p "127.0.0.1:$PORT"
	line "  ok   Digest  user bob, the password is known"
}

@test "auth-info: SOCKS" {
	expect 0 pt --auth-info -P "$PLAIN_USER:x" \
		-p "socks5h://127.0.0.1:$DANTE_PASSWORD"
	line "  ok   user and password  user $PLAIN_USER, the password is known"
	expect 77 pt --auth-info -p "socks5h://127.0.0.1:$DANTE_PASSWORD"
	line "  FAIL user and password  no user is known: -P USER"
}

@test "auth-info: nothing secret is sent" {
	hostile proxy -l "$DIR/heads" head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x, Digest realm="x", nonce="y", Bearer\r\nContent-Length: 0\r\n\r\n' hold
	json 0 '[(s["scheme"], s["usable"]) for s in o[0]["schemes"]]' -- \
		--auth-info --auth=basic -P bob:s3cret -H 'Cookie: s3cret' \
		-H 'X-Plain: yes' -p "127.0.0.1:$PORT"
	[[ $output == "[('Basic', True), ('Digest', False), ('Bearer', False)]" ]] || fail "$output"
	[[ $(grep -c ^CONNECT "$DIR/heads") == 1 ]]
	grep -q '^X-Plain: yes' "$DIR/heads"
	not grep -qiE 's3cret|authorization|cookie' "$DIR/heads"
}

@test "auth-info: nothing secret is sent by SOCKS or Negotiate" {
	# It is offered to log in; what it takes to do that is not sent.
	hostile socks read:4 'send:\x05\x02' "save:$DIR/got"
	expect 0 pt --auth-info -P bob:s3cret -p "socks5h://127.0.0.1:$PORT"
	line "  ok   user and password  user bob, the password is known"
	wait_until 5 test -e "$DIR/got"
	[[ ! -s $DIR/got ]]
	ticket PLAIN
	hostile proxy -l "$DIR/heads" head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n' hold
	expect 0 pt --auth-info -p "localhost:$PORT"
	line "  ok   Negotiate  there is a ticket for HTTP@localhost"
	[[ $(grep -c ^CONNECT "$DIR/heads") == 1 ]]
	not grep -qi authorization "$DIR/heads"
}

@test "auth-info: of a chain, the first that demands one" {
	json 77 'o[0]["hop"]' 'o[0]["peer"]' -- --auth-info \
		-p "127.0.0.1:$SQUID_NONE" -r "127.0.0.1:$SQUID_DIGEST"
	[[ $output == $'2\n'"127.0.0.1:$SQUID_DIGEST" ]] || fail "$output"
}

@test "auth-info: no proxy is there" {
	nobody
	expect 69 pt --auth-info -p "127.0.0.1:$PORT"
	line "  FAIL connection *Connection refused*"
	json 69 'o[0]["failure"]["code"]' 'o[0]["demanded"]' -- --auth-info \
		-p "127.0.0.1:$PORT"
	[[ $output == $'connect\nNone' ]]
}

@test "JSON: what is not as the manual's schema has it is seen" {
	local line row
	hostile proxy head "$NO" hold
	expect 0 pt --json --scan 22 -p "127.0.0.1:$PORT" h
	line=$output
	python3 "$BATS_TEST_DIRNAME/checkjson.py" <<<"$line"
	for row in '"complete":true,|' 's/"complete"/"whole"/' \
		's/"port":22/"port":"22"/' 's/"port":22/"port":22.5/' \
		's/"login":false/"login":null/' 's/"refused"/"Refused"/' \
		's/"text":"no/"text":"\\u0007no/' 's/^{/{"type":"scan",/' \
		's/"cwe":null/"cwe":false/' 's/"complete":true,//'; do
		[[ $row == s/* ]] || row="s/${row%|}/&&/"
		[[ $(sed "$row" <<<"$line") != "$line" ]] || fail "$row: no change"
		not python3 "$BATS_TEST_DIRNAME/checkjson.py" 2>/dev/null \
			< <(sed "$row" <<<"$line") || fail "$row: not seen"
	done
}
