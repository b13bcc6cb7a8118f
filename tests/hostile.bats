#!/usr/bin/env bats
# What a proxy may answer, over real sockets: the bytes that come out, the
# exit status and the words.  The transcripts in talk/ have every row more.

load lib
load hostile

setup() {
	DIR=$BATS_TEST_TMPDIR
}

teardown() {
	stop_all
}

OPEN='send:HTTP/1.1 200 OK\r\n\r\n'

# refused STATUS TEXT: the program fails so, with one line that says so, and
# nothing on standard output.
refused() {
	local status=0
	shift 2
	through "$@" </dev/null >"$DIR/out" 2>"$DIR/err" || status=$?
	[ ! -s "$DIR/out" ]
	[ "$(wc -l <"$DIR/err")" -eq 1 ]
	echo "$status" >"$DIR/status"
}

# says STATUS TEXT: that was the status, and TEXT is in the line.
says() {
	cat "$DIR/err"
	cat "$DIR/status"
	[ "$(cat "$DIR/status")" -eq "$1" ]
	grep -qF -- "$2" "$DIR/err"
}

# refusal STATUS TEXT [ARG...]: both.
refusal() {
	refused "$@"
	says "$1" "$2"
}

@test "the tunnel's first bytes come in the segment of the answer" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\nVia: x\r\n\r\nSSH-2.0-x\r\n\0A' fin drain
	through </dev/null >"$DIR/out"
	printf 'SSH-2.0-x\r\n\0A' | cmp - "$DIR/out"
}

@test "the answer comes byte by byte, line ends bare" {
	hostile proxy head 'drip:1:HTTP/1.0 299\nA: b\n c\n\nbytes' fin drain
	[ "$(through </dev/null)" = bytes ]
}

@test "a kept connection is used again after the body of a 407" {
	hostile proxy -l "$DIR/heads" \
		head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n' \
		'send:hello\r\n0\r\n\r\n' head "$OPEN" 'send:in' fin drain -- rst
	[ "$(through -P bob:secret </dev/null)" = in ]
	[ "$(grep -c ^CONNECT "$DIR/heads")" -eq 2 ]
	[ "$(grep -c '^Proxy-Authorization: Basic Ym9iOnNlY3JldA==' "$DIR/heads")" -eq 1 ]
}

@test "a closed connection is made anew after a 407" {
	hostile proxy \
		head 'send:HTTP/1.0 407 No\r\nProxy-Authenticate: Basic\r\n\r\nbody' -- \
		head "$OPEN" 'send:in' fin drain
	[ "$(through -P bob:secret </dev/null)" = in ]
}

@test "a proxy that says keep-alive and closes does not matter" {
	hostile proxy \
		head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' -- \
		head "$OPEN" 'send:in' fin drain
	[ "$(through -P bob:secret </dev/null)" = in ]
}

@test "407 without end is given up" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nConnection: close\r\n\r\n'
	refusal 77 'refused the credentials' -P bob:secret
}

@test "407 without credentials names what is offered" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate, Basic realm="a, b"\r\nContent-Length: 0\r\n\r\n' hold
	refusal 77 'offers Negotiate, Basic'
}

@test "403: the words of the page" {
	hostile proxy head 'send:HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 40\r\n\r\n<h1>Forbidden</h1>\n<p>Not port 22.</p>\n\n' hold
	refusal 77 'refused the tunnel to host.example:22: 403 Forbidden: Not port 22.'
}

@test "403: the page never ends" {
	hostile proxy head 'send:HTTP/1.1 403 Forbidden\r\n\r\n' 'flood:<p>Go away</p>'
	refusal 77 '403 Forbidden: Go away'
}

@test "403: the page never comes" {
	hostile proxy head 'send:HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n' hold
	refusal 77 '403 Forbidden (the proxy'
}

@test "503, 504 and 302" {
	hostile proxy head 'send:HTTP/1.1 503 No\r\nProxy-Status: p; error=connection_refused\r\n\r\n'
	refusal 69 '503 No: connection_refused'
	hostile proxy2 head 'send:HTTP/1.1 504 Late\r\n\r\n'
	refusal 75 '504 Late'
	hostile proxy3 head 'send:HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n'
	refusal 77 '302 Found: http://login/'
}

@test "an SSH server" {
	hostile proxy 'send:SSH-2.0-OpenSSH_9.2p1\r\n' hold
	refusal 76 'this looks like an SSH server'
}

@test "a TLS port" {
	hostile proxy head 'send:\x15\x03\x01\0\x02\x02\x46'
	refusal 76 'this looks like a TLS port: use -E'
}

@test "an SMTP server" {
	hostile proxy 'send:220 mx ESMTP\r\n' hold
	refusal 76 'SMTP'
}

@test "an echo service" {
	hostile proxy echo
	refusal 76 'an echo service'
}

@test "HTTP/0.9" {
	hostile proxy head 'send:<html>Hello</html>'
	refusal 76 'HTTP/0.9'
}

@test "garbage, made safe for the terminal" {
	hostile proxy head 'send:\x1b]0;owned\x07\n'
	refusal 76 "it sent '?]0;owned?'"
	not grep -q $'\e' "$DIR/err"
}

@test "a line of 100 KB" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\nX: ' 'flood:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
	refusal 76 'over 64 KiB'
}

@test "fields without end" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\n' 'flood:X: y\r\n'
	refusal 76 'over 64 KiB'
}

@test "NUL bytes" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\nX: \0\r\n\r\n' hold
	refusal 76 'NUL'
}

@test "interim answers without end" {
	hostile proxy head 'flood:HTTP/1.1 100 Continue\r\n\r\n'
	refusal 76 'interim answers without end'
}

@test "closes before, within and right behind the head" {
	hostile before head
	refusal 76 'closed the connection without an answer'
	hostile within head 'send:HTTP/1.1 200'
	refusal 76 'closed the connection in the middle of its answer'
	hostile behind head "$OPEN"
	refusal 69 'closed the tunnel before a byte came through it'
}

@test "resets before, within and right behind the head" {
	hostile before head rst
	refusal 76 'reset the connection without an answer'
	hostile within head 'send:HTTP/1.1 200' "until:$DIR/go" rst
	(wait_until 10 grep -q . "$DIR/within.log" && touch "$DIR/go") &
	refusal 76 'the connection'
	hostile behind head "$OPEN" rst
	refusal 69 'closed the tunnel before a byte came through it'
}

@test "a proxy that closes before it has read the request" {
	hostile proxy 'send:HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n' fin drain
	refusal 77 '403 Forbidden'
}

# cpu_ms COMMAND...: runs it; the CPU time it took is in CPU_MS then.
cpu_ms() {
	local TIMEFORMAT='%U %S' user sys
	{ time "$@"; } 2>"$DIR/time" || :
	read -r user sys <<<"$(tail -n 1 "$DIR/time")"
	CPU_MS=$((10#${user/./} + 10#${sys/./}))
}

@test "silence ends at the deadline, at no CPU" {
	hostile proxy hold
	cpu_ms refused 75 - --timeout=1.5
	says 75 'has not answered within 1.5 s'
	[ "$CPU_MS" -lt 500 ]
}

@test "one byte now and then ends at the deadline" {
	hostile proxy head 'drip:200:HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n'
	refusal 75 'has not finished its answer within 1 s' --timeout=1
}

@test "a 407 whose body never ends" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 99\r\n\r\n' hold
	refusal 75 'has not finished its answer' --timeout=1 -P bob:x
}

@test "no proxy listens" {
	nobody
	refusal 69 "127.0.0.1:$PORT can't be reached: Connection refused"
}

@test "the proxy's name has no address" {
	status=0
	timeout 60 "$PT" -p proxy.invalid:3128 host:22 </dev/null 2>"$DIR/err" || status=$?
	[ "$status" -eq 68 ]
	grep -q "^proxytunnel: proxy.invalid:3128 can't be resolved: " "$DIR/err"
}

@test "the request is what it should be" {
	hostile proxy -l "$DIR/heads" head "$OPEN" 'send:x' fin drain
	through </dev/null >/dev/null
	printf 'CONNECT host.example:22 HTTP/1.1\r\nHost: host.example:22\r\nUser-Agent: proxytunnel/2.0.0\r\nProxy-Connection: Keep-Alive\r\n\r\n' |
		cmp - "$DIR/heads"
}

@test "headers are added, replaced and removed" {
	hostile proxy -l "$DIR/heads" head "$OPEN" 'send:x' fin drain
	through -H 'X-A: 1' -H 'User-Agent: y' -H 'Proxy-Connection:' -o other:99 \
		</dev/null >/dev/null
	printf 'CONNECT host.example:22 HTTP/1.1\r\nHost: other:99\r\nX-A: 1\r\nUser-Agent: y\r\n\r\n' |
		cmp - "$DIR/heads"
}

@test "an IPv6 destination goes in brackets" {
	hostile proxy -l "$DIR/heads" head "$OPEN" 'send:x' fin drain
	for dest in '-d [::1]:22' '::1 22' '[::1]:22' '[::1] 22'; do
		# shellcheck disable=SC2086 # words are meant
		timeout 60 "$PT" -p "127.0.0.1:$PORT" $dest </dev/null >/dev/null
	done
	[ "$(grep -c '^CONNECT \[::1\]:22 HTTP/1.1' "$DIR/heads")" -eq 4 ]
	[ "$(grep -c '^Host: \[::1\]:22' "$DIR/heads")" -eq 4 ]
}

@test "the proxy from the environment, and no_proxy" {
	hostile proxy head "$OPEN" 'send:proxied' fin drain
	for name in https_proxy HTTPS_PROXY http_proxy HTTP_PROXY all_proxy ALL_PROXY; do
		[ "$(env "$name=http://127.0.0.1:$PORT/" timeout 60 "$PT" host:22 </dev/null)" = proxied ]
	done
	proxy=$PORT
	hostile direct 'send:direct' fin drain
	[ "$(http_proxy=127.0.0.1:$proxy no_proxy=127.0.0.0/8 timeout 60 "$PT" 127.0.0.1 "$PORT" </dev/null)" = direct ]
	[ "$(no_proxy='*' timeout 60 "$PT" -p "127.0.0.1:$proxy" 127.0.0.1 "$PORT" </dev/null)" = direct ]
	[ "$(no_proxy='*' timeout 60 "$PT" -p "127.0.0.1:$proxy" -d "127.0.0.1:$PORT" </dev/null)" = proxied ]
	[ "$(timeout 60 "$PT" --direct -p "127.0.0.1:$proxy" -d "127.0.0.1:$PORT" </dev/null)" = direct ]
}

@test "secrets are in no log, no list of processes and no environment" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' head "$OPEN" echo
	mkfifo "$DIR/in"
	exec 9<>"$DIR/in"
	PROXYPASS=s3cret1 http_proxy=http://eve:s3cret1@127.0.0.1:1 timeout 60 \
		"$PT" -vv -P bob:s3cret2 -H 'Cookie: s3cret3' \
		-p "http://al:s3cret4@127.0.0.1:$PORT" host:22 \
		<"$DIR/in" >"$DIR/out" 2>"$DIR/err" 3>&- 9>&- &
	echo hello >&9
	wait_until 10 grep -q hello "$DIR/out"
	pid=$(pgrep -P $!)
	tr '\0' '\n' <"/proc/$pid/cmdline" >"$DIR/cmdline"
	tr '\0' '\n' <"/proc/$pid/environ" >"$DIR/environ"
	exec 9>&-
	wait $!
	grep -q '^http_proxy=http://eve:\.*@127' "$DIR/environ"
	grep -q -- '^-P' "$DIR/cmdline"
	not grep -E 's3cret[124]' "$DIR/cmdline" "$DIR/environ"
	not grep -e s3cret -e "$(printf 'bob:s3cret2' | base64)" \
		-e "$(printf 'al:s3cret4' | base64)" "$DIR/err"
	grep -q 'Proxy-Authorization: Basic \[hidden\]' "$DIR/err"
	grep -q 'Cookie: \[hidden\]' "$DIR/err"
}

@test "a user and a password of 64 KiB each" {
	hostile proxy -l "$DIR/heads" head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' \
		head "$OPEN" send:in fin drain
	user=$(head -c 65536 /dev/zero | tr '\0' u)
	password=$(head -c 65536 /dev/zero | tr '\0' p)
	printf 'proxy_user = %s\nproxy_passwd = %s\n' "$user" "$password" >"$DIR/pw"
	chmod 600 "$DIR/pw"
	[ "$(through -F "$DIR/pw" </dev/null)" = in ]
	sed -n 's/^Proxy-Authorization: Basic //p' "$DIR/heads" | tr -d '\r' |
		head -n 1 | base64 -d >"$DIR/sent"
	printf '%s:%s' "$user" "$password" | cmp - "$DIR/sent"
}

@test "one user's password does not go out with another's name" {
	hostile proxy -l "$DIR/heads" head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' head hold
	status=0
	PROXYUSER=al PROXYPASS=hers setsid -w timeout 60 "$PT" -P bob \
		-p "127.0.0.1:$PORT" h:1 </dev/null 2>"$DIR/err" || status=$?
	[ "$status" -eq 77 ]
	grep -q 'no password is known' "$DIR/err"
	not grep -q '^Proxy-Authorization' "$DIR/heads"
	status=0
	PROXYPASS=his setsid -w timeout 60 "$PT" -P bob \
		-p "127.0.0.1:$PORT" h:1 </dev/null 2>"$DIR/err" &
	wait_until 10 grep -qs "$(printf 'bob:his' | base64)" "$DIR/heads"
	kill $!
}

@test "the title in the list of processes" {
	hostile proxy head "$OPEN" echo
	mkfifo "$DIR/in"
	exec 9<>"$DIR/in"
	timeout 60 "$PT" -x 'my tunnel' -P bob:secret -p "127.0.0.1:$PORT" \
		host:22 <"$DIR/in" >"$DIR/out" 3>&- 9>&- &
	echo hello >&9
	wait_until 10 grep -q hello "$DIR/out"
	[ "$(tr -d '\0' <"/proc/$(pgrep -P $!)/cmdline")" = 'my tunnel' ]
	exec 9>&-
	wait $!
}
