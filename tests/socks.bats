#!/usr/bin/env bats
# SOCKS 4, 4a and 5 through dante and ssh -D; proxies at sockets of unix.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

ODD_ENCODED='p%3Aa%20ss%2541%3Awo%25rd%20'

setup_file() {
	need base64 od python3 sha256sum
	make_ca
	start_targets
	start_dante none
	start_dante password
	start_squid none
	start_squid basic
	start_tinyproxy none
	start_sshd
	start_ssh "$SQUID_BASIC"
	tls_service TLS_DANTE "$DANTE_PASSWORD" good
	tls_service TLS_SSH_SOCKS "$SSH_SOCKS" good
	tls_service TLS_LINE_PORT "$LINE_PORT" target
	start_stunnel
	make_data
}

teardown_file() {
	stop_all
}

teardown() {
	stop_all
}

# to HOST ARGUMENT...: the answer comes from the service there.
to() {
	local host=$1
	shift
	expect 0 pt "$@" "$host" "$LINE_PORT" <<<"hello"
	# shellcheck disable=SC2154 # set by expect
	[[ $output == "got hello" && -z $stderr ]] ||
		fail "$* to $host brought: $output" "$stderr"
}

# asked ARGUMENT...: what a SOCKS5 proxy without a login, or with 4 first one of
# SOCKS4, gets to hear, in ASKED.
asked() {
	local script=('send:\x05\x00')
	if [[ $1 == 4 ]]; then
		script=()
		shift
	fi
	hostile "asked$((++ASKS))" "${script[@]}" "save:$DIR/asked"
	expect 75 pt --timeout=0.5 -p "${1/PORT/$PORT}" "${@:2}"
	wait_until 5 test -s "$DIR/asked"
	ASKED=$(hex <"$DIR/asked")
}

# hex: standard input, in digits.
hex() {
	od -An -v -tx1 | tr -d ' \n'
}

OPEN5='send:\x05\x00\0\x01\x7f\0\0\x01\0\x50'

# --- the proxies

@test "socks5h: dante and ssh -D, to a name, to IPv4, to IPv6" {
	for port in $DANTE_NONE $SSH_SOCKS; do
		for host in localhost 127.0.0.1 ::1; do
			to "$host" -p "socks5h://127.0.0.1:$port"
		done
	done
}

@test "socks5: dante and ssh -D, to a name, to IPv4, to IPv6" {
	for port in $DANTE_NONE $SSH_SOCKS; do
		for host in localhost 127.0.0.1 ::1; do
			to "$host" -p "socks5://127.0.0.1:$port"
		done
	done
}

@test "socks4: dante and ssh -D, to a name, to IPv4" {
	for port in $DANTE_NONE $SSH_SOCKS; do
		for host in localhost 127.0.0.1; do
			to "$host" -p "socks4://127.0.0.1:$port"
		done
	done
}

# dante has no 4a.
@test "socks4a: ssh -D, to a name, to IPv4" {
	for host in localhost 127.0.0.1; do
		to "$host" -p "socks4a://127.0.0.1:$SSH_SOCKS"
	done
	to 127.0.0.1 -p "socks4a://127.0.0.1:$DANTE_NONE"
	refuses 69 "127.0.0.1:$DANTE_NONE could not open the tunnel to localhost:$LINE_PORT*" \
		pt -p "socks4a://127.0.0.1:$DANTE_NONE" localhost "$LINE_PORT"
}

@test "socks: the proxy at ::1, and by name" {
	for port in $DANTE_NONE $SSH_SOCKS; do
		for scheme in socks4 socks5 socks5h; do
			opens -p "$scheme://[::1]:$port"
			opens -p "$scheme://localhost:$port"
		done
	done
}

@test "socks: the proxy of the environment" {
	for name in https_proxy all_proxy; do
		for scheme in socks4 socks5 socks5h; do
			export "$name=$scheme://127.0.0.1:$DANTE_NONE"
			opens
		done
		unset "$name"
	done
}

@test "socks: over TLS, by -E" {
	for scheme in socks4 socks4a socks5 socks5h; do
		opens -E -C "$CA_FILE" -p "$scheme://localhost:$TLS_SSH_SOCKS"
	done
	opens -E -C "$CA_FILE" -p "socks5://localhost:$TLS_DANTE" \
		-P "$PLAIN_USER:$PLAIN_PASSWORD"
	refuses 77 "localhost:$TLS_SSH_SOCKS *unknown issuer*" \
		ask -E -p "socks5://localhost:$TLS_SSH_SOCKS"
}

@test "socks: TLS to the destination" {
	for scheme in socks4 socks5h; do
		expect 0 pt -e -C "$CA_FILE" --half-close=0.3 -p \
			"$scheme://127.0.0.1:$DANTE_NONE" localhost \
			"$TLS_LINE_PORT" <<<"hello"
		[[ $output == "got hello" && -z $stderr ]]
	done
}

@test "ssh: through dante and ssh -D" {
	for proxy in "socks5h://127.0.0.1:$DANTE_NONE" \
		"socks4://127.0.0.1:$SSH_SOCKS"; do
		printf 'ProxyCommand "%s" -p %s %%h %%p\nInclude %s\n' "$PT" \
			"$proxy" "$SSH_CONFIG" >"$DIR/config"
		expect 0 timeout -k 5 60 ssh -F "$DIR/config" 127.0.0.1 \
			'echo here'
		[[ $output == here && -z $stderr ]]
	done
}

# --- login

@test "login: user and password, in the address and by -P" {
	for scheme in socks5 socks5h; do
		opens -p "$scheme://$PLAIN_USER:$PLAIN_PASSWORD@127.0.0.1:$DANTE_PASSWORD"
		opens -p "$scheme://127.0.0.1:$DANTE_PASSWORD" \
			-P "$PLAIN_USER:$PLAIN_PASSWORD"
	done
}

@test "login: PROXYUSER and PROXYPASS, a file, a command" {
	local proxy=socks5h://127.0.0.1:$DANTE_PASSWORD
	PROXYUSER=$PLAIN_USER PROXYPASS=$PLAIN_PASSWORD opens -p "$proxy"
	printf 'proxy_user=%s\nproxy_passwd=%s\n' "$PLAIN_USER" \
		"$PLAIN_PASSWORD" >"$DIR/file"
	chmod 600 "$DIR/file"
	opens -p "$proxy" -F "$DIR/file"
	opens -p "$proxy" -P "$PLAIN_USER" \
		--password-command="echo $PLAIN_PASSWORD"
}

@test "login: awkward passwords, and some in UTF-8" {
	opens -p "socks5://127.0.0.1:$DANTE_PASSWORD" \
		-P "$ODD_USER:$ODD_PASSWORD"
	opens -p "socks5://$ODD_USER:$ODD_ENCODED@127.0.0.1:$DANTE_PASSWORD"
	opens -p "socks5://127.0.0.1:$DANTE_PASSWORD" \
		-P "$UTF8_USER:$UTF8_PASSWORD"
}

@test "login: a wrong password, an unknown user" {
	for login in "$PLAIN_USER:wrong" "nobody:$PLAIN_PASSWORD" \
		"$ODD_USER:${ODD_PASSWORD% }"; do
		refuses 77 "127.0.0.1:$DANTE_PASSWORD refused user and password*" \
			ask -p "socks5://127.0.0.1:$DANTE_PASSWORD" -P "$login"
	done
}

@test "login: none is given" {
	for scheme in socks5 socks5h; do
		refuses 77 "127.0.0.1:$DANTE_PASSWORD demands a login*-P USER*" \
			ask -p "$scheme://127.0.0.1:$DANTE_PASSWORD"
	done
	refuses 77 "127.0.0.1:$DANTE_PASSWORD *password*" \
		ask -p "socks5://$PLAIN_USER@127.0.0.1:$DANTE_PASSWORD"
}

@test "login: one is given, and nobody wants it" {
	for port in $DANTE_NONE $SSH_SOCKS; do
		for scheme in socks4 socks5; do
			opens -p "$scheme://127.0.0.1:$port" \
				-P "$PLAIN_USER:$PLAIN_PASSWORD"
		done
	done
}

@test "login: only where --auth allows Basic" {
	local proxy=socks5://127.0.0.1:$DANTE_PASSWORD
	opens --auth=basic -p "$proxy" -P "$PLAIN_USER:$PLAIN_PASSWORD"
	opens --auth=digest,basic -p "$proxy" -P "$PLAIN_USER:$PLAIN_PASSWORD"
	refuses 77 "127.0.0.1:$DANTE_PASSWORD *--auth*basic*" \
		ask --auth=digest,ntlm -p "$proxy" \
		-P "$PLAIN_USER:$PLAIN_PASSWORD"
}

@test "login: -v does not show the password" {
	for v in -v -vv; do
		for login in "$PLAIN_USER:$PLAIN_PASSWORD" "$PLAIN_USER:mistaken"; do
			run --separate-stderr ask $v \
				-p "socks5://127.0.0.1:$DANTE_PASSWORD" \
				-P "$login"
			[[ $stderr == *hidden* ]]
			silent_about "$PLAIN_USER" "${login#*:}" \
				"$output$stderr"
		done
	done
}

# --- what is said

@test "socks5h and socks4a leave the name to the proxy" {
	asked socks5h://127.0.0.1:PORT name.invalid 443
	[[ $ASKED == "05010005010003$(printf %02x 12)$(printf name.invalid | hex)01bb" ]]
	asked 4 socks4a://127.0.0.1:PORT name.invalid 443
	[[ $ASKED == "040101bb0000000100$(printf name.invalid | hex)00" ]]
}

@test "socks5 and socks4 resolve it here" {
	asked socks5://127.0.0.1:PORT localhost 443
	[[ $ASKED == 050100050100017f00000101bb ||
		$ASKED == 05010005010004$(printf %032x 1)01bb ]]
	asked 4 socks4://127.0.0.1:PORT localhost 443
	[[ $ASKED == 040101bb7f00000100 ]]
	export RES_OPTIONS='timeout:1 attempts:1'
	for scheme in socks5 socks4; do
		refuses 68 "*name.invalid*can't be resolved*" pt -p \
			"$scheme://127.0.0.1:$DANTE_NONE" name.invalid 443
	done
}

@test "socks5: -4 and -6 say which address" {
	asked socks5://127.0.0.1:PORT -4 localhost 443
	[[ $ASKED == 050100050100017f00000101bb ]]
	# It may have none of the other family.
	hostile six -6 'send:\x05\x00' "save:$DIR/asked"
	run --separate-stderr pt --timeout=0.5 -p "socks5://[::1]:$PORT" -6 \
		localhost 443
	if [[ $status == 68 ]]; then
		has "$stderr" "proxytunnel: *localhost can't be resolved*"
		return
	fi
	wait_until 5 test -s "$DIR/asked"
	[[ $status == 75 && $(hex <"$DIR/asked") == \
		05010005010004$(printf %032x 1)01bb ]]
}

@test "socks: addresses go as such" {
	for scheme in socks5 socks5h; do
		asked $scheme://127.0.0.1:PORT 192.0.2.7 22
		[[ $ASKED == 05010005010001c00002070016 ]]
		asked $scheme://127.0.0.1:PORT 2001:db8::7 22
		[[ $ASKED == \
			0501000501000420010db80000000000000000000000070016 ]]
	done
	for scheme in socks4 socks4a; do
		asked 4 $scheme://127.0.0.1:PORT 192.0.2.7 22
		[[ $ASKED == 04010016c000020700 ]]
		refuses 64 "*IPv6*" pt -p "$scheme://127.0.0.1:$DANTE_NONE" \
			2001:db8::7 22
	done
}

@test "socks: a login that is offered, and the user of SOCKS4" {
	asked socks5://127.0.0.1:PORT -P bob:secret 192.0.2.7 22
	[[ $ASKED == 0502000205010001c00002070016 ||
		$ASKED == 0502020005010001c00002070016 ]]
	asked 4 socks4://127.0.0.1:PORT -P bob:secret 192.0.2.7 22
	[[ $ASKED == "04010016c0000207$(printf bob | hex)00" ]]
}

@test "socks: names of 255 bytes and of more" {
	local name
	printf -v name '%063d.%063d.%063d.%059d.tt' 1 2 3 4
	[[ ${#name} == 254 ]]
	asked socks5h://127.0.0.1:PORT "t$name" 443
	[[ $ASKED == "05010005010003ff$(printf %s "t$name" | hex)01bb" ]]
	for scheme in socks5h socks4a; do
		refuses 64 "*255 bytes*" pt -p \
			"$scheme://127.0.0.1:$DANTE_NONE" "tt$name" 443
	done
}

@test "login: a user or a password of more than 255 bytes" {
	printf -v long '%0256d' 1
	refuses 64 "127.0.0.1:$DANTE_PASSWORD *user of over 255 bytes*" ask \
		-p "socks5://127.0.0.1:$DANTE_PASSWORD" -P "$long:x"
	refuses 64 "127.0.0.1:$DANTE_PASSWORD *password of over 255 bytes*" \
		ask -p "socks5://127.0.0.1:$DANTE_PASSWORD" -P "x:$long"
}

# --- what is answered

@test "answers: the tunnel's bytes in the segment of the reply" {
	hostile five read:3 'send:\x05\x00' read:10 "${OPEN5}SSH-2.0-x\r\n" \
		fin drain
	expect 0 pt -p "socks5://127.0.0.1:$PORT" 192.0.2.7 22 </dev/null
	[[ $output == $'SSH-2.0-x\r' ]]
	hostile four read:9 'send:\0\x5a\0\0\0\0\0\0SSH-2.0-x\r\n' fin drain
	expect 0 pt -p "socks4://127.0.0.1:$PORT" 192.0.2.7 22 </dev/null
	[[ $output == $'SSH-2.0-x\r' ]]
}

@test "answers: byte by byte, with a name or IPv6 in the reply" {
	hostile name read:3 'drip:1:\x05\x00' read:10 \
		'drip:1:\x05\x00\0\x03\x03abc\0\x50bytes' fin drain
	expect 0 pt -p "socks5://127.0.0.1:$PORT" 192.0.2.7 22 </dev/null
	[[ $output == bytes ]]
	hostile six read:3 'drip:1:\x05\x00' read:10 \
		'drip:1:\x05\x00\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50bytes' \
		fin drain
	expect 0 pt -p "socks5://127.0.0.1:$PORT" 192.0.2.7 22 </dev/null
	[[ $output == bytes ]]
}

@test "answers: nobody listens at the destination" {
	for scheme in socks4 socks5 socks5h; do
		refuses 69 "127.0.0.1:$DANTE_NONE could not open the tunnel to 127.0.0.1:$CLOSED_PORT*" \
			pt -p "$scheme://127.0.0.1:$DANTE_NONE" 127.0.0.1 \
			"$CLOSED_PORT"
	done
}

# It does not say so, but closes the connection.
@test "answers: nobody listens at the destination behind ssh -D" {
	for scheme in socks5 socks5h; do
		refuses 69 "127.0.0.1:$SSH_SOCKS closed the connection when it was asked for *" \
			pt -p "$scheme://127.0.0.1:$SSH_SOCKS" 127.0.0.1 \
			"$CLOSED_PORT"
	done
	# Of version 4 that was the first message.
	for scheme in socks4 socks4a; do
		refuses 76 "127.0.0.1:$SSH_SOCKS closed the connection*" \
			pt -p "$scheme://127.0.0.1:$SSH_SOCKS" 127.0.0.1 \
			"$CLOSED_PORT"
	done
}

@test "answers: the numbers of RFC 1928" {
	local said
	for said in 1:69 2:77 3:69 4:69 5:69 6:69; do
		hostile "five${said%:*}" read:3 'send:\x05\x00' read:10 \
			"send:\x05\x0${said%:*}\0\x01\0\0\0\0\0\0"
		refuses "${said#*:}" "127.0.0.1:$PORT *192.0.2.7:22*" \
			pt -p "socks5://127.0.0.1:$PORT" 192.0.2.7 22
	done
	for said in 5b:69 5c:77 5d:77; do
		hostile "four${said%:*}" read:9 \
			"send:\0\x${said%:*}\0\0\0\0\0\0"
		refuses "${said#*:}" "127.0.0.1:$PORT *192.0.2.7:22*" \
			pt -p "socks4://127.0.0.1:$PORT" 192.0.2.7 22
	done
}

@test "answers: by a proxy that speaks HTTP, to one that speaks SOCKS" {
	hostile http 'send:HTTP/1.1 400 Bad Request\r\n\r\n' drain
	for scheme in socks5 socks4; do
		refuses 76 "127.0.0.1:$PORT *SOCKS*HTTP*" ask --timeout=5 \
			-p "$scheme://127.0.0.1:$PORT"
	done
	refuses 76 "127.0.0.1:$DANTE_NONE *" ask --timeout=5 \
		-p "127.0.0.1:$DANTE_NONE"
	refuses 76 "127.0.0.1:$SSHD_PORT *SOCKS*" ask --timeout=5 \
		-p "socks5://127.0.0.1:$SSHD_PORT"
}

@test "answers: none" {
	hostile silent hold
	for scheme in socks4 socks5; do
		refuses 75 "127.0.0.1:$PORT *0.5 s*" ask --timeout=0.5 \
			-p "$scheme://127.0.0.1:$PORT"
	done
	hostile half read:3 'send:\x05\x00' read:10 'send:\x05\x00' hold
	refuses 75 "127.0.0.1:$PORT *0.5 s*" pt --timeout=0.5 \
		-p "socks5://127.0.0.1:$PORT" 192.0.2.7 22
}

# --- the tunnel

@test "half-close: dante and ssh -D pass the end on" {
	for port in $DANTE_NONE $SSH_SOCKS; do
		expect 0 pt --half-close=now -p "socks5://127.0.0.1:$port" \
			127.0.0.1 "$SINK_PORT" < <(printf x)
		[[ $output == "1 $(printf x | sha256sum | cut -c1-64)" ]]
	done
}

@test "bytes: 8 MiB both ways at a time" {
	for port in $DANTE_NONE $SSH_SOCKS; do
		{
			echo 8388608
			cat "$DATA"
		} | pt -p "socks5h://127.0.0.1:$port" 127.0.0.1 "$TRADE_PORT" \
			>"$DIR/out"
		sum=$(head -c 8388608 "$DIR/out" | sha256sum | cut -c1-64)
		has "$(tail -c +8388609 "$DIR/out")" "sent $sum got $DATA_SUM"
	done
}

# --- sockets of unix

@test "unix: HTTP in it" {
	opens -p "unix:$HTTP_SOCKET" -P "$PLAIN_USER:$PLAIN_PASSWORD"
	opens -p "http://$PLAIN_USER:$PLAIN_PASSWORD@unix:$HTTP_SOCKET"
	https_proxy=unix:$HTTP_SOCKET opens -P "$PLAIN_USER:$PLAIN_PASSWORD"
	refuses 77 "unix:$HTTP_SOCKET refused the credentials*" \
		ask -p "unix:$HTTP_SOCKET" -P "$MISTAKEN_USER:wrong"
	refuses 77 "unix:$HTTP_SOCKET demands credentials*" \
		ask -p "unix:$HTTP_SOCKET"
}

@test "unix: SOCKS in it" {
	for scheme in socks4 socks4a socks5 socks5h; do
		opens -p "$scheme://unix:$SOCKS_SOCKET"
	done
	opens -p "socks5://bob:secret@unix:$SOCKS_SOCKET"
}

@test "unix: TLS in it" {
	printf '%s\n' '[unix]' "accept = $DIR/tls.sock" \
		"connect = $SQUID_NONE" "cert = $CERTS/good.pem" \
		"key = $CERTS/good.key" >"$DIR/stunnel.conf"
	start_stunnel
	wait_until 10 test -S "$DIR/tls.sock"
	opens -C "$CA_FILE" --sni=localhost -p "https://unix:$DIR/tls.sock"
	opens -C "$CA_FILE" --sni=localhost -E -p "unix:$DIR/tls.sock"
	refuses 77 "unix:$DIR/tls.sock *not for other.test but for localhost*" \
		ask -C "$CA_FILE" --sni=other.test -E -p "unix:$DIR/tls.sock"
}

@test "unix: nobody there, no socket, a name too long" {
	refuses 69 "unix:$DIR/none can't be reached: No such file*" \
		ask -p "unix:$DIR/none"
	: >"$DIR/file"
	refuses 69 "unix:$DIR/file can't be reached: *" \
		ask -p "unix:$DIR/file"
	printf -v long '%0200d' 1
	run --separate-stderr ask -p "unix:/$long"
	[[ $status == 64 || $status == 69 ]]
	has "$stderr" "proxytunnel: *"
}

@test "unix: only the first proxy can be there" {
	refuses 64 "-r*" ask -p "127.0.0.1:$SQUID_NONE" \
		-r "unix:$HTTP_SOCKET"
}

@test "unix: before another proxy" {
	opens -p "socks5h://unix:$SOCKS_SOCKET" -r "127.0.0.1:$SQUID_NONE"
	opens -p "http://$PLAIN_USER:$PLAIN_PASSWORD@unix:$HTTP_SOCKET" \
		-r "socks5://127.0.0.1:$DANTE_NONE"
}
