#!/usr/bin/env bats
# --check: what it finds out at real proxies and at hostile ones, and how it
# says so, to a person and to a program.
# shellcheck disable=SC2030,SC2031 # variables are meant for one test

load lib
load hostile

OPENS='send:HTTP/1.1 200 OK\r\n\r\n'
SSH='send:HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH_9.2\r\n'

setup_file() {
	DIR=$BATS_FILE_TMPDIR
	start_targets
	make_ca
	tls_targets
	start_stunnel
	start_squid none
	start_squid basic
	start_squid tls
	start_dante none
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

# check STATUS ARGUMENT...: its report is in $output then, with times as "T".
check() {
	local wanted=$1
	shift
	expect "$wanted" pt --check "$@"
	[[ -z $stderr ]] || fail "on stderr: $stderr"
	output=$(sed -E 's/ +[0-9]+\.[0-9] ms/ T/g' <<<"$output")
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
	expect "$wanted" pt --check --json "${@:2}"
	[[ -z $stderr ]] || fail "on stderr: $stderr"
	output=$(printf '%s\n' "$output" | python3 \
		"$BATS_TEST_DIRNAME/checkjson.py" "${expressions[@]}")
}

@test "all is well: a line a stage" {
	check 0 -p "127.0.0.1:$SQUID_NONE" "127.0.0.1:$BANNER_PORT"
	[[ $output == "127.0.0.1:$BANNER_PORT by 127.0.0.1:$SQUID_NONE
  ok   connection T  127.0.0.1:$SQUID_NONE
  ok   proxy T  127.0.0.1:$SQUID_NONE asks for no login: 200 Connection established
  ok   tunnel T  open
  ok   behind it T  an unknown service: BANNER 1.0" ]] || fail "$output"
}

@test "a name, its addresses, and the one that is connected" {
	check 0 -p "localhost:$SQUID_NONE" "127.0.0.1:$BANNER_PORT"
	line "  ok   name T  localhost is *127.0.0.1*"
	line "  ok   connection T  *:$SQUID_NONE"
}

@test "TLS with the proxy and with the destination: version, cipher, issuer, days" {
	check 0 -C "$CA_FILE" -p "https://127.0.0.1:$SQUID_TLS" -e \
		"127.0.0.1:$TLS_BANNER_PORT"
	line "  ok   TLS * 127.0.0.1:$SQUID_TLS: TLSv1.3, TLS_AES_*, certificate of good by ca, +([0-9]) days left, verified"
	line "  ok   TLS * 127.0.0.1:$TLS_BANNER_PORT: TLSv1.3, *certificate of target by ca, *"
	line "  ok   behind it T  an unknown service: BANNER 1.0"
	check 0 -z -p "https://127.0.0.1:$SQUID_TLS_EXPIRED" \
		"127.0.0.1:$BANNER_PORT"
	line "  ok   TLS *, expired +([0-9]) days ago, not verified (-z)"
}

# dated NAME TIME: a server of TLS, at PORT, whose certificate ends then.
dated() {
	(
		cd "$CERTS"
		export NAMES=
		issue "$1" ca "/CN=$1" IP:127.0.0.1 server 20200101000000Z \
			"$(date -u -d "$2" +%Y%m%d%H%M%SZ)"
	) >"$DIR/issue.log" 2>&1 || show_log "$DIR/issue.log"
	PORT=$(free_port)
	start "$1" openssl s_server -quiet -accept "127.0.0.1:$PORT" \
		-key "$CERTS/$1.key" -cert "$CERTS/$1.pem"
	wait_port "$PORT" "$1"
}

@test "TLS: days, and a key that is pinned" {
	local pin
	dated ends '36 hours'
	check 0 -C "$CA_FILE" --direct -e "127.0.0.1:$PORT"
	line "  ok   TLS * certificate of ends by ca, 1 day left, verified"
	pin=$(openssl x509 -in "$CERTS/ends.pem" -pubkey -noout |
		openssl pkey -pubin -outform der | openssl sha256 -binary |
		base64)
	check 0 -z --pin "sha256//$pin" --direct -e "127.0.0.1:$PORT"
	line "  ok   TLS * not verified (-z), but its key is the pinned one"
	dated ended '12 hours ago'
	check 0 -z --direct -e "127.0.0.1:$PORT"
	line "  ok   TLS * expired less than a day ago, not verified (-z)"
	json 0 'o[0]["stages"][1]["days_left"]' -- -z --direct -e \
		"127.0.0.1:$PORT"
	[[ $output == -1 ]]
}

@test "TLS: what a certificate says that is not trusted" {
	local tls='o[0]["stages"][1]'
	json 77 "${tls}[\"version\"]" "${tls}[\"issuer\"]" "${tls}[\"verified\"]" \
		"${tls}[\"days_left\"] < -300" -- -C "$CA_FILE" -p \
		"https://127.0.0.1:$SQUID_TLS_EXPIRED" h:22
	[[ $output == $'TLSv1.3\nca\nFalse\nTrue' ]] || fail "$output"
	json 77 "${tls}[\"version\"]" "${tls}[\"subject\"]" "${tls}[\"verified\"]" \
		-- -z --pin "sha256//$(head -c 32 /dev/zero | base64)" -p \
		"https://127.0.0.1:$SQUID_TLS" h:22
	[[ $output == $'TLSv1.3\ngood\nFalse' ]] || fail "$output"
	json 76 "${tls}[\"version\"]" "${tls}[\"issuer\"]" -- -p \
		"https://127.0.0.1:$SQUID_NONE" h:22
	[[ $output == $'None\nNone' ]] || fail "$output"
}

@test "TLS: what a connection before the last has shown is not told" {
	local far tls='o[0]["stages"][-1]'
	start_peer far head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
	far=$PORT
	hostile near head connect -- head "$OPENS"
	export REMPROXYPASS=x
	json 69 "${tls}[\"stage\"], ${tls}[\"ok\"], ${tls}[\"version\"]" \
		"${tls}[\"days_left\"]" -- -C "$CA_FILE" -R u \
		-p "127.0.0.1:$PORT" -r "https://127.0.0.1:$far" h.test:1
	[[ $output == "('tls', False, None)
None" ]] || fail "$output"
}

@test "what the proxy offers and what it took; no password is shown" {
	export PROXYPASS=$PLAIN_PASSWORD
	expect 0 pt --check -vv -P "$PLAIN_USER" -p "127.0.0.1:$SQUID_BASIC" \
		"127.0.0.1:$BANNER_PORT"
	line "  ok   proxy *127.0.0.1:$SQUID_BASIC (squid/*) offers Basic, logged in by Basic: 200 Connection established"
	silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" "$output$stderr"
	expect 0 pt --check --json -P "$PLAIN_USER" -p \
		"127.0.0.1:$SQUID_BASIC" "127.0.0.1:$BANNER_PORT"
	silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" "$output"
}

@test "SOCKS" {
	check 0 -p "socks5h://127.0.0.1:$DANTE_NONE" "127.0.0.1:$BANNER_PORT"
	line "  ok   proxy * 127.0.0.1:$DANTE_NONE (SOCKS5) asks for no login: succeeded"
}

@test "without a proxy" {
	check 0 --direct "127.0.0.1:$BANNER_PORT"
	line "127.0.0.1:$BANNER_PORT directly"
	line "  ok   behind it * an unknown service: BANNER 1.0"
}

@test "what waits behind the tunnel" {
	local row
	for row in 'SSH-2.0-x\r\n|an SSH server: SSH-2.0-x' \
		'220 mx ESMTP\r\n|a mail server (SMTP): 220 mx ESMTP' \
		'HTTP/1.0 400 No\r\n\r\n|an HTTP server: HTTP/1.0 400 No' \
		'\x16\x03\x01|a server of TLS that speaks first' \
		'\x1b]0;x\x07\n|an unknown service: ?]0;x?' \
		'|silence, as of a server that lets its client speak first (web servers do)'; do
		hostile "proxy${#row}" head "${OPENS}${row%|*}" hold
		check 0 -p "127.0.0.1:$PORT" h:1
		line "  ok   behind it T  ${row##*|}"
		[[ $output != *$'\e'* ]] || fail "$output"
	done
}

@test "nothing is sent to the destination" {
	hostile proxy head "$OPENS" "save:$DIR/got"
	check 0 -p "127.0.0.1:$PORT" h:1
	wait_until 5 test -e "$DIR/got"
	[[ ! -s $DIR/got ]]
}

# Ten set-ups that are broken: what a person reads.

@test "broken: the port is another service's" {
	hostile proxy 'send:SSH-2.0-OpenSSH_9.2\r\n' hold
	check 76 -p "127.0.0.1:$PORT" h:22
	line "  FAIL proxy * does not speak HTTP: this looks like an SSH server*"
	line "       try   * 127.0.0.1:$PORT is no proxy: 3128, 8080 and 1080 are common ports of one"
}

@test "broken: a port of TLS, spoken to without" {
	check 76 -p "127.0.0.1:$SQUID_TLS" h:22
	line "  FAIL proxy * without an answer (*"
	line "       try   * that port speaks TLS: write the proxy as https://127.0.0.1:$SQUID_TLS"
}

@test "broken: the port is that of a SOCKS4 proxy" {
	hostile proxy head 'send:\x00\x5b\x00\x00\x00\x00\x00\x00' hold
	check 76 -p "127.0.0.1:$PORT" h:22
	line "  FAIL proxy * does not speak HTTP: this looks like a SOCKS4 proxy*"
	line "       try   * write the proxy as socks4a://127.0.0.1:$PORT"
}

@test "broken: what is there ends each connection without an answer" {
	hostile proxy head -- close -- close -- close -- close -- close
	check 76 -p "127.0.0.1:$PORT" h:22
	line "  FAIL proxy * closed the connection without an answer*"
	line "       try   * it answers neither TLS, SOCKS5 nor HTTP*"
}

@test "broken: the answer does not end" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\nX: ' hold
	check 75 --timeout=0.3 -p "127.0.0.1:$PORT" h:22
	line "  FAIL proxy * has not finished its answer within 0.3 s"
	line "       try   * it is slow: --timeout gives it longer"
}

@test "broken: -6 and an IPv4 address" {
	check 68 -6 -p 127.0.0.1:1 h:22
	line "       try * that is an address of the other family: leave -4 or -6 away"
}

@test "broken: -e, and the destination speaks no TLS" {
	check 76 --direct -e "127.0.0.1:$BANNER_PORT"
	line "  FAIL TLS * does not speak TLS: it sent 'BANNER*"
	line "       try * leave -e away: that port speaks no TLS"
}

@test "broken: a port without TLS, spoken to in TLS" {
	check 76 -p "https://127.0.0.1:$SQUID_NONE" h:22
	line "  FAIL TLS * does not speak TLS: this looks like an HTTP server*"
	line "       try * that port speaks HTTP, without TLS: write the proxy as http://127.0.0.1:$SQUID_NONE"
}

@test "broken: the certificate has expired" {
	check 77 -C "$CA_FILE" -p "https://127.0.0.1:$SQUID_TLS_EXPIRED" h:22
	line "  FAIL TLS * shows a certificate that expired on 2024-02-29 12:00 UTC \[TLSv1.3, TLS_*, certificate of * by *, expired +([0-9]) days ago]"
	line "       try * who runs it has to renew the certificate*"
}

@test "broken: 407 with Negotiate alone, and no ticket" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nServer: squid/5.7\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n' hold
	export KRB5_CONFIG=/dev/null KRB5CCNAME=FILE:$DIR/none
	check 77 -p "127.0.0.1:$PORT" h:22
	line "  FAIL proxy * demands credentials and offers Negotiate;* \[squid/5.7]"
	line "       try   * the proxy offers Negotiate: run kinit"
}

@test "broken: 403 for port 22; others were asked for" {
	check 77 -p "127.0.0.1:$SQUID_NONE" 127.0.0.1:22
	line "  FAIL proxy * refused the tunnel to 127.0.0.1:22: 403 Forbidden: Access Denied. *"
	line "       try   * 403 for port 22: ports 443 and 8443 are let through"
}

@test "broken: 403 for all; few are asked for" {
	hostile proxy -l "$DIR/heads" head 'send:HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n' hold
	check 77 -p "127.0.0.1:$PORT" h:443
	line "       try * it is not the port alone: h is refused at 80 and 8443, too"
	[[ $(grep -c ^CONNECT "$DIR/heads") == 3 ]]
}

@test "broken: 403, and no answer for others: they are not let through" {
	hostile proxy head 'send:HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n' -- hold
	check 77 --timeout=0.5 -p "127.0.0.1:$PORT" h:22
	[[ $output != *"let through"* && $output != *"refused at"* ]] ||
		fail "$output"
}

@test "broken: the proxy can't resolve the destination" {
	hostile proxy head 'send:HTTP/1.1 503 Service Unavailable\r\nProxy-Status: p; error=dns_error; rcode="NXDOMAIN"\r\nContent-Length: 0\r\n\r\n' hold
	check 68 -p "127.0.0.1:$PORT" no-such.test:443
	line "  FAIL proxy * 503 Service Unavailable: dns_error* (the proxy can't resolve that name)"
	line "       try   * is no-such.test spelled right? *"
}

@test "broken: no proxy is there" {
	nobody
	check 69 -p "127.0.0.1:$PORT" h:22
	line "  FAIL connection T  127.0.0.1:$PORT can't be reached: Connection refused*"
	line "       try * nobody listens at that port*"
}

@test "broken: a firewall that drops it in silence" {
	need unshare ip
	local flags=-n
	((UID == 0)) || flags=-rn
	expect 75 unshare "$flags" sh -c '
		ip link set lo up
		ip link add nobody type veth peer name void
		ip address add 192.0.2.1/24 dev nobody
		ip link set nobody up
		ip link set void up
		exec timeout 20 "$@"' - "$PT" --check --timeout=0.5 \
		-p 192.0.2.9:3128 h:22
	line "  FAIL connection * 192.0.2.9:3128 can't be reached within 0.5 s: no answer from 192.0.2.9:3128"
	line "       try * a firewall drops it in silence, or nobody has that address*"
}

# welcomes: starts a portal that says 200 to all, and sends its page.
welcomes() {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html><title>Welcome</title>\n' hold
}

@test "broken: a captive portal says 200 to all, and sends a page" {
	welcomes
	check 77 -p "127.0.0.1:$PORT" h:22
	line "  FAIL behind it * a web page came out of it: a login page (captive portal) is in the way"
	line "       try * open any page in a browser, log in there, and check again"
	[[ $output != *"ok   tunnel"* ]] || fail "$output"
}

@test "broken: a captive portal's page, where TLS with the destination is to be" {
	welcomes
	check 77 -e -p "127.0.0.1:$PORT" h:443
	line "  FAIL TLS * a web page came out of it: a login page (captive portal) is in the way"
	line "       try * open any page in a browser, log in there, and check again"
}

@test "broken: a captive portal leads to its login page" {
	hostile proxy head 'send:HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\nContent-Length: 0\r\n\r\n' hold
	check 77 -p "127.0.0.1:$PORT" h:443
	line "  FAIL proxy * 302 Found: http://portal.test/ *"
	line "       try * open any page in a browser, log in there, and check again"
}

@test "broken: what speaks TLS, and is no proxy, is not to be written as https://" {
	check 76 -C "$CA_FILE" -p "https://127.0.0.1:$TLS_BANNER_PORT" h:22
	line "  FAIL proxy * does not speak HTTP: it sent 'BANNER 1.0'*"
	line "       try   * is no proxy: 3128, 8080 and 1080 are common ports of one"
}

@test "broken: a web server is taken for a proxy" {
	hostile web head 'send:HTTP/1.1 405 Method Not Allowed\r\nServer: web/1\r\nContent-Length: 0\r\n\r\n' hold
	check 76 -p "127.0.0.1:$PORT" h:22
	line "  FAIL proxy * 405 Method Not Allowed * \[web/1]"
	line "       try * it speaks HTTP but opens no tunnel: a web server? *"
}

@test "broken: the second proxy wants a login: the option is the one for it" {
	check 77 -p "127.0.0.1:$SQUID_NONE" -r "127.0.0.1:$SQUID_BASIC" h:443
	line "  FAIL proxy * hop 2, 127.0.0.1:$SQUID_BASIC demands credentials *"
	line "       try * name a user with -R USER; *REMPROXYPASS"
}

@test "a proxy at a socket, whose path is long" {
	local folder=/tmp/pt-$$-a-folder-whose-name-makes-the-path-of-a-socket-longer-than-seventy
	mkdir "$folder"
	start relay "$PT" -a "unix:$folder/s" --direct "127.0.0.1:$SQUID_NONE"
	wait_until 5 test -S "$folder/s"
	check 0 -p "unix:$folder/s" "127.0.0.1:$BANNER_PORT"
	rm -r "$folder"
	[[ $output == "127.0.0.1:$BANNER_PORT by unix:$folder/s
  ok   connection T  unix:$folder/s
  ok   proxy T "* ]] || fail "$output"
}

@test "broken: the second proxy is not there" {
	check 69 -p "127.0.0.1:$SQUID_NONE" -r "127.0.0.1:$CLOSED_PORT" h:443
	line "  FAIL proxy * hop 1, 127.0.0.1:$SQUID_NONE could not open the tunnel to 127.0.0.1:$CLOSED_PORT: 503 *"
	line "       try * is 127.0.0.1:$CLOSED_PORT the name and port of a proxy that 127.0.0.1:$SQUID_NONE reaches?"
}

@test "broken: no proxy is at that socket" {
	check 69 -p "unix:$DIR/none" h:22
	line "  FAIL connection T  unix:$DIR/none can't be reached: No such file or directory*"
	line "       try * is the proxy running, and is that its socket?"
}

@test "broken: a SOCKS proxy is taken for one of HTTP, and the other way round" {
	check 76 -p "127.0.0.1:$DANTE_NONE" h:22
	line "       try * that port speaks SOCKS5: write the proxy as socks5h://127.0.0.1:$DANTE_NONE"
	check 75 --timeout=1 -p "socks5h://127.0.0.1:$SQUID_NONE" h:22
	line "       try * that port speaks HTTP, without TLS: write the proxy as http://127.0.0.1:$SQUID_NONE"
}

@test "broken: 200, then the end, as where the destination can't be reached" {
	hostile proxy head "$OPENS"
	check 69 -p "127.0.0.1:$PORT" h:22
	line "  FAIL behind it * closed the tunnel before a byte came through it*"
}

@test "broken: a proxy that falls silent, within the deadline" {
	hostile proxy hold
	check 75 --timeout=0.7 -p "127.0.0.1:$PORT" h:22
	line "  FAIL proxy * has not answered within 0.7 s"
	line "       try * it is connected but says nothing, neither in TLS, SOCKS5 nor HTTP: is that a proxy?"
}

@test "broken: a proxy that is silent for the sake of the destination" {
	hostile proxy head hold -- 'send:HTTP/1.0 400 No\r\n\r\n' hold
	check 75 --timeout=0.7 -p "127.0.0.1:$PORT" h:22
	line "       try * the proxy is there and answers other questions: is port 22 open at h, seen from the proxy?"
}

@test "a server that says nothing and closes" {
	hostile closer fin
	json 0 'o[0]["stages"][-1]["kind"], o[0]["stages"][-1]["text"]' -- \
		--direct "127.0.0.1:$PORT"
	[[ $output == "('closed', None)" ]] || fail "$output"
}

@test "several: in their order, a table, and whose status it is" {
	hostile slow head 'drip:20:HTTP/1.1 200 OK\r\n\r\n' 'send:SSH-2.0-x\r\n' hold
	check 77 -p "127.0.0.1:$SQUID_NONE" "127.0.0.1:$BANNER_PORT" \
		127.0.0.1:22 127.0.0.1 "$CLOSED_PORT"
	has "$output" "*127.0.0.1:$BANNER_PORT by *127.0.0.1:22 by *127.0.0.1:$CLOSED_PORT by *"
	line "1 of 3 can be reached"
	line "ok   127.0.0.1:$BANNER_PORT T  an unknown service: BANNER 1.0"
	line "FAIL 127.0.0.1:22 *T  proxy: 403 Forbidden"
	line "exit status 77, that of 127.0.0.1:22"
}

@test "several: at the same time" {
	local now=${EPOCHREALTIME/./} i targets=()
	for i in {1..20}; do
		targets+=("h$i:1")
	done
	hostile proxy head 'drip:25:HTTP/1.1 200 OK\r\n\r\n' 'send:SSH-2.0-x\n' hold
	check 0 -p "127.0.0.1:$PORT" "${targets[@]}"
	now=$((${EPOCHREALTIME/./} - now))
	line "20 of 20 can be reached"
	((now < 5000000)) || fail "it took $now us"
}

@test "several: what is asked besides is asked of few, and once" {
	local i targets=()
	for i in {1..20}; do
		targets+=("h$i:22")
	done
	hostile proxy -l "$DIR/heads" head 'send:HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n' hold
	check 77 -p "127.0.0.1:$PORT" "${targets[@]}"
	[[ $(grep -c '^CONNECT h[0-9]*:22 ' "$DIR/heads") == 20 ]]
	[[ $(grep -c '^CONNECT h[0-9]*:\(80\|443\|8443\) ' "$DIR/heads") == 12 ]]
	[[ $(grep -c 'it is not the port alone' <<<"$output") == 4 ]]
	hostile web -l "$DIR/others" head 'send:HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n' hold
	check 76 -p "127.0.0.1:$PORT" "${targets[@]}"
	[[ $(grep -c '^OPTIONS' "$DIR/others") == 1 ]]
	[[ $(grep -c 'try * it speaks HTTP but opens no tunnel' <<<"$output") == 20 ]]
}

@test "several: thousands, and each is in the table" {
	local i targets=()
	nobody
	for i in {1..3000}; do
		targets+=("host$i.example.org:1")
	done
	check 69 -p "127.0.0.1:$PORT" "${targets[@]}"
	line "0 of 3000 can be reached"
	[[ $(grep -c '^FAIL host[0-9]*.example.org:1 ' <<<"$output") == 3000 ]]
	line "FAIL host3000.example.org:1 T  connection: 127.0.0.1:$PORT can't be reached: *"
	line "exit status 69, that of host1.example.org:1"
}

@test "several: with few descriptors one after the other" {
	local i targets=()
	need prlimit
	for i in {1..30}; do
		targets+=("h$i:1")
	done
	hostile proxy head 'drip:5:HTTP/1.1 200 OK\r\n\r\n' 'send:SSH-2.0-x\n' hold
	expect 0 prlimit --nofile=24 "$PT" --check -p "localhost:$PORT" \
		"${targets[@]}"
	line "30 of 30 can be reached"
	expect 0 prlimit --nofile=24 "$PT" --scan 1-30 -p "localhost:$PORT" h
	line "  1-30         open: an SSH server: SSH-2.0-x"
}

@test "several: no_proxy excepts some" {
	no_proxy=127.0.0.1 check 69 -p "127.0.0.1:$SQUID_NONE" \
		"127.0.0.1:$BANNER_PORT" "localhost:$CLOSED_PORT"
	line "127.0.0.1:$BANNER_PORT directly"
	line "localhost:$CLOSED_PORT by 127.0.0.1:$SQUID_NONE"
}

@test "JSON: as the schema has it" {
	json 0 'o[0]["destination"]' 'o[0]["proxies"]' 'o[0]["open_ms"] > 0' \
		'[s["stage"] for s in o[0]["stages"]]' \
		'o[0]["stages"][-1]["text"]' \
		'o[0]["stages"][1]["days_left"] > 1000' -- \
		-C "$CA_FILE" -p "https://127.0.0.1:$SQUID_TLS" -e \
		"127.0.0.1:$TLS_BANNER_PORT"
	[[ $output == "127.0.0.1:$TLS_BANNER_PORT
['127.0.0.1:$SQUID_TLS']
True
['connection', 'tls', 'proxy', 'tls', 'greeting']
BANNER 1.0
True" ]] || fail "$output"
}

@test "JSON: a line for each destination, in order" {
	json 77 '[(x["destination"], x["exit"]) for x in o]' \
		'o[1]["failure"]["advice"]' 'o[1]["failure"]["code"]' \
		'o[1]["stages"][-1]["words"]' -- \
		-p "127.0.0.1:$SQUID_NONE" "127.0.0.1:$BANNER_PORT" \
		127.0.0.1:22 "127.0.0.1:$CLOSED_PORT"
	[[ $output == "[('127.0.0.1:$BANNER_PORT', 0), ('127.0.0.1:22', 77), ('127.0.0.1:$CLOSED_PORT', 69)]
403 for port 22: ports 443 and 8443 are let through
refused
Access Denied." ]] || fail "$output"
}

@test "JSON: whatever the proxy says it is UTF-8, without control characters" {
	hostile proxy head 'send:HTTP/1.1 403 Gr\xfc\xdf "\\ \x1b[2J\r\nServer: \xff\xfe\xe2\x82\r\nContent-Length: 3\r\n\r\n<\x80\x01' hold
	json 77 'o[0]["stages"][-1]["status"]' \
		'not any(ord(c) < 32 for c in o[0]["failure"]["text"])' -- \
		-p "127.0.0.1:$PORT" h:22
	[[ $output == $'403\nTrue' ]] || fail "$output"
}

@test "JSON: no login, a connection, a name that fails" {
	nobody
	json 69 'o[0]["failure"]["stage"]' 'o[0]["stages"][0]["failed"]' \
		'o[0]["open_ms"]' -- -p "127.0.0.1:$PORT" h:22
	[[ $output == "connection
[{'address': '127.0.0.1:$PORT', 'error': 'Connection refused'}]
None" ]] || fail "$output"
	json 68 'o[0]["failure"]["stage"]' -- -p proxy.invalid:3128 h:22
	[[ $output == name ]]
}

@test "again and again: a line each, then min, median, p99 and losses" {
	check 0 --repeat 3 --interval 0.05 -p "127.0.0.1:$SQUID_NONE" \
		"127.0.0.1:$BANNER_PORT"
	line "ok   127.0.0.1:$BANNER_PORT #1 open after T"
	line "ok   127.0.0.1:$BANNER_PORT #3 open after T"
	line "127.0.0.1:$BANNER_PORT by *: 3 tried, 3 open, 0 lost (0%)"
	line "  open after: min T, median T, p99 T"
}

@test "again and again: losses" {
	hostile proxy head "$SSH" -- head 'send:HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n' -- head "$SSH" hold
	check 69 --repeat 3 --interval 0 -p "127.0.0.1:$PORT" h:1
	line "FAIL h:1 #2 127.0.0.1:$PORT could not open the tunnel to h:1: 502 No*"
	line "*: 3 tried, 2 open, 1 lost (33.3%)"
}

@test "again and again: JSON" {
	json 0 '[(x["type"], x.get("round")) for x in o]' 'o[-1]["tried"]' \
		'o[-1]["min_ms"] <= o[-1]["median_ms"] <= o[-1]["p99_ms"]' -- \
		--repeat 2 --interval 0 -p "127.0.0.1:$SQUID_NONE" \
		"127.0.0.1:$BANNER_PORT"
	[[ $output == "[('check', 1), ('check', 2), ('summary', None)]
2
True" ]] || fail "$output"
}

@test "again and again: at its interval" {
	local now=${EPOCHREALTIME/./}
	hostile proxy head "$SSH" hold
	check 0 --repeat 3 --interval 0.4 -p "127.0.0.1:$PORT" h:1
	now=$((${EPOCHREALTIME/./} - now))
	((now > 800000)) || fail "it took $now us"
}

# interrupted SIGNAL: --repeat without end, once it has printed a line.
interrupted() {
	hostile proxy head "$SSH" hold
	start endless "$PT" --check --repeat 0 --interval 0.01 -p \
		"127.0.0.1:$PORT" h:1
	wait_until 10 grep -q '#3 ' "$DIR/endless.log"
	kill "-$1" "$(<"$DIR/endless.pid")"
	wait_until 10 grep -q '0 lost (0%)' "$DIR/endless.log"
}

@test "again and again: SIGINT ends it, with the summary" {
	interrupted INT
	wait_until 5 none_alive
	grep -q 'open after: min' "$DIR/endless.log"
}

none_alive() {
	! alive endless
}

@test "a signal ends a check" {
	hostile proxy hold
	start once "$PT" --check -p "127.0.0.1:$PORT" h:1
	wait_until 10 grep -qs . "$DIR/proxy.log"
	sleep 0.2
	kill -TERM "$(<"$DIR/once.pid")"
	wait_until 5 eval '! alive once'
}

@test "a key ends it: how far it has come is told" {
	hostile proxy -l "$DIR/heads" head hold
	start once "$PT" --check -p "127.0.0.1:$PORT" h:1 i:2
	wait_until 10 grep -qs '^CONNECT h:1' "$DIR/heads"
	wait_until 10 grep -qs '^CONNECT i:2' "$DIR/heads"
	kill -INT "$(<"$DIR/once.pid")"
	wait_until 5 eval '! alive once'
	output=$(sed -E 's/ +[0-9]+\.[0-9] ms/ T/g' "$DIR/once.log")
	[[ $output == "h:1 by 127.0.0.1:$PORT
  ok   connection T  127.0.0.1:$PORT
  FAIL proxy T  interrupted while it waited for 127.0.0.1:$PORT

i:2 by 127.0.0.1:$PORT
  ok   connection T  127.0.0.1:$PORT
  FAIL proxy T  interrupted while it waited for 127.0.0.1:$PORT" ]] || fail "$output"
}

@test "-q: the failures alone, on standard error" {
	expect 77 pt --check -q -p "127.0.0.1:$SQUID_NONE" 127.0.0.1:22 \
		"127.0.0.1:$BANNER_PORT"
	[[ -z $output ]]
	has "$stderr" "proxytunnel: 127.0.0.1:22: 127.0.0.1:$SQUID_NONE refused *"
	[[ $stderr != *$'\n'* ]]
}

@test "standard output that takes nothing is told of" {
	# shellcheck disable=SC2016 # for the inner shell
	expect 1 bash -c '"$@" >/dev/full' - "$PT" --check -p \
		"127.0.0.1:$SQUID_NONE" "127.0.0.1:$BANNER_PORT"
	has "$stderr" "proxytunnel: can't write to standard output: *"
}

# full COMMAND...: standard output is a pipe that nobody empties for a while;
# then the command is run, with the process and the other end.
full() {
	timeout 30 python3 - "$@" <<-'PY'
		import fcntl, os, select, subprocess, sys
		kind = sys.argv[1]
		end, out = os.pipe()
		size = fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, 4096)
		os.set_blocking(out, kind != "nonblocking")
		pt = subprocess.Popen(sys.argv[2:], stdout=out)
		while select.select([], [out], [], 0)[1]:
		    select.select([], [], [], 0.02)
		os.close(out)
		if kind == "signal":
		    pt.terminate()
		    status = pt.wait(5)
		    print("ended", status)
		else:
		    got = b""
		    while piece := os.read(end, 65536):
		        got += piece
		    print("ended", pt.wait(5), got.count(b"can be reached"),
		          got.count(b"\n"))
	PY
}

@test "standard output that is full is waited for, and a signal ends that" {
	local i targets=()
	for i in {1..200}; do
		targets+=("h$i:1")
	done
	nobody
	expect 0 full nonblocking "$PT" --check -p "127.0.0.1:$PORT" "${targets[@]}"
	[[ $output == "ended 69 1 1002" ]] || fail "$output"
	expect 0 full signal "$PT" --check -p "127.0.0.1:$PORT" "${targets[@]}"
	[[ $output == "ended 143" || $output == "ended -15" ]] || fail "$output"
}

# at_terminal ARGUMENT...: what a check shows there.
at_terminal() {
	in_terminal "$PT" --check "$@"
}

@test "a terminal: colours and marks" {
	local green=$'\e[32m✓\e[0m' red=$'\e[31m✗\e[0m'
	export TERM=xterm
	output=$(LC_ALL=C.UTF-8 at_terminal -p "127.0.0.1:$SQUID_NONE" \
		127.0.0.1:22 "127.0.0.1:$BANNER_PORT")
	line "  $green connection * 127.0.0.1:$SQUID_NONE"
	line "  $red proxy * refused *"
	line $'    \e[1mtry\e[0m * 403 for port 22: *'
}

@test "a terminal: NO_COLOR, a dumb one, and one without UTF-8" {
	export TERM=xterm
	output=$(NO_COLOR=1 LC_ALL=C.UTF-8 at_terminal -p \
		"127.0.0.1:$SQUID_NONE" 127.0.0.1:22)
	[[ $output != *$'\e'* ]] || fail "$output"
	line "  ✗ proxy * refused *"
	output=$(TERM=dumb LC_ALL=C.UTF-8 at_terminal -p \
		"127.0.0.1:$SQUID_NONE" 127.0.0.1:22)
	[[ $output != *$'\e'* ]] || fail "$output"
	output=$(LC_ALL=C LANG=de_DE.UTF-8 at_terminal -p \
		"127.0.0.1:$SQUID_NONE" 127.0.0.1:22)
	[[ $output != *✗* ]] || fail "$output"
	line $'  \e[31mFAIL\e[0m proxy * refused *'
}

@test "a terminal: again and again, in colours" {
	local green=$'\e[32m✓\e[0m' red=$'\e[31m✗\e[0m'
	export TERM=xterm
	output=$(LC_ALL=C.UTF-8 at_terminal --repeat 2 --interval 0.05 -p \
		"127.0.0.1:$SQUID_NONE" 127.0.0.1:22 "127.0.0.1:$BANNER_PORT")
	line "$green 127.0.0.1:$BANNER_PORT #1 open after * ms"
	line "$red 127.0.0.1:22 #2 127.0.0.1:$SQUID_NONE refused *"
	line "127.0.0.1:22 by *: 2 tried, 0 open, 2 lost (100%)"
}

@test "a terminal: while it waits it says for what" {
	hostile proxy hold
	output=$(at_terminal --timeout=1.5 -p "127.0.0.1:$PORT" h:1)
	has "$output" "*waiting for 127.0.0.1:$PORT, 1 s*"
	# It is gone by the time that the report comes.
	[[ ${output##*$'\e[K'} == "h:1 by 127.0.0.1:$PORT"* ]] || fail "$output"
	output=$(at_terminal -q --timeout=1.5 -p "127.0.0.1:$PORT" h:1)
	[[ $output != *waiting* ]] || fail "$output"
	output=$(at_terminal --timeout=1.5 -p "127.0.0.1:$PORT" h:1 i:1)
	has "$output" "*0 of 2, 1 s*"
	# Not for a program.
	check 75 --timeout=1.5 -p "127.0.0.1:$PORT" h:1
	[[ $output != *waiting* ]] || fail "$output"
}

@test "a terminal: the question for a password is not wiped away" {
	hostile proxy head 'drip:15:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n' head "$SSH" hold
	output=$(timeout 30 python3 -c '
import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
while b"password for" not in seen:
    seen += os.read(fd, 4096)
# Whatever is to come in its place comes within two seconds.
while select.select([fd], [], [], 2.2)[0]:
    seen += os.read(fd, 4096)
os.write(fd, b"x\n")
while True:
    try:
        seen += os.read(fd, 4096)
    except OSError:
        break
sys.stdout.buffer.write(seen.replace(b"\r", b""))
' "$PT" --check -P amy -p "127.0.0.1:$PORT" h:1)
	has "$output" "*waiting for 127.0.0.1:$PORT, 1 s"$'\e'"\[K*password for*"
	output=${output##*password for}
	[[ ${output%%h:1 by*} != *$'\e[K'* ]] || fail "$output"
}

@test "a terminal: no password is asked for to find out about other ports" {
	output=$(at_terminal -P "$PLAIN_USER" -p "127.0.0.1:$SQUID_BASIC" \
		127.0.0.1:22)
	line "  *FAIL* proxy * refused *"
	[[ $output != *"password for"* ]] || fail "$output"
}

@test "a password is asked for once, for all destinations" {
	output=$(printf '%s\n' "$PLAIN_PASSWORD" | timeout 30 python3 -c '
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
while b"password for" not in seen:
    seen += os.read(fd, 4096)
os.write(fd, sys.stdin.buffer.readline())
while True:
    try:
        seen += os.read(fd, 4096)
    except OSError:
        break
sys.stdout.buffer.write(seen.replace(b"\r", b""))
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen
' "$PT" --check -P "$PLAIN_USER" -p "127.0.0.1:$SQUID_BASIC" \
		"127.0.0.1:$BANNER_PORT" "localhost:$BANNER_PORT" \
		"127.0.0.1:$LINE_PORT")
	line "3 of 3 can be reached"
	[[ $(grep -c 'password for' <<<"$output") == 1 ]]
	silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" "$output"
}

@test "a wrong password is tried once a destination" {
	export PROXYPASS=wrong
	check 77 -P "$MISTAKEN_USER" -p "127.0.0.1:$SQUID_BASIC" \
		"127.0.0.1:$BANNER_PORT"
	line "  FAIL proxy * refused the credentials of this user*"
	line "       try * check user and password"
}

@test "what does not go together" {
	local row
	for row in '--check' '--json h:1' '--repeat 2 h:1' '--check -i h:1' \
		'--check -a 0 h:1' '--check --scan 22 h:1' \
		'--check --fdpass h:1' '--check --repeat x h:1' \
		'--check --interval=-1 h:1' '--check --interval=1 h:1' \
		'--interval=1 h:1' '--check h:1 h'; do
		# shellcheck disable=SC2086 # words are meant
		expect 64 pt -p p:1 $row
		[[ -z $output ]]
	done
}
