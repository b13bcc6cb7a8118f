#!/usr/bin/env bats
# The main paths under valgrind: no error, no leak, no descriptor left open.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

setup() {
	DIR=$BATS_TEST_TMPDIR
	need valgrind
}

teardown() {
	stop_all
}

OPEN='send:HTTP/1.1 200 OK\r\n\r\n'

# What the dynamic linker keeps of a library that does not let itself be
# unloaded is no leak of ours.
suppressions() {
	cat >"$DIR/suppressions" <<-'END'
		{
		   the linker's own
		   Memcheck:Leak
		   match-leak-kinds: reachable
		   fun:*alloc
		   obj:*/ld-linux*.so.*
		   ...
		}
	END
}

# checked STATUS ARG...: the program ends so, and valgrind has nothing to say.
checked() {
	local want=$1 status=0
	shift
	suppressions
	timeout 120 valgrind --leak-check=full --show-leak-kinds=all \
		--errors-for-leak-kinds="${KINDS:-all}" --track-fds=yes \
		--error-exitcode=99 --child-silent-after-fork=yes \
		--suppressions="$DIR/suppressions" \
		--log-file="$DIR/log" "$PT" "$@" || status=$?
	cat "$DIR/log" >&2
	[ "$status" -eq "$want" ]
	grep -q 'ERROR SUMMARY: 0 errors' "$DIR/log"
	# All that is open at the end came from outside.
	[ "$(grep -c '== Open ' "$DIR/log")" -eq \
		"$(grep -c '<inherited from parent>' "$DIR/log")" ]
}

@test "a tunnel, both ways, with half-close" {
	hostile proxy head "$OPEN" echo
	head -c 300000 /dev/zero >"$DIR/in"
	checked 0 --half-close=0.3 -p "127.0.0.1:$PORT" h:1 <"$DIR/in" >"$DIR/out"
	cmp "$DIR/in" "$DIR/out"
}

@test "credentials from a file, over a kept connection" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Digest x="y", Basic realm="z"\r\nContent-Length: 3\r\n\r\nabc' \
		head "$OPEN" send:x fin drain
	printf 'proxy_user = bob\nproxy_passwd = "a b"\n' >"$DIR/pw"
	chmod 600 "$DIR/pw"
	checked 0 -v -F "$DIR/pw" -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "credentials over a new connection, refused" {
	hostile proxy head 'send:HTTP/1.0 407 No\r\nProxy-Authenticate: Basic\r\n\r\nabc'
	checked 77 -p "http://bob:x@127.0.0.1:$PORT" h:1 </dev/null
}

# demands CHALLENGE...: a proxy that does so, each in turn, and then opens.
demands() {
	local challenge steps=()
	for challenge; do
		steps+=(head "send:HTTP/1.1 407 No\r\nProxy-Authenticate: $challenge\r\nContent-Length: 0\r\n\r\n")
	done
	hostile demands "${steps[@]}" head "$OPEN" send:hi fin drain
}

# The second message of NTLM: a domain, and a clock.
ntlm_challenge() {
	python3 - <<-'END'
		import base64, struct

		target = "TEST".encode("utf-16-le")
		info = (struct.pack("<HH", 2, len(target)) + target +
		        struct.pack("<HHQHH", 7, 8, 0x01d9000000000000, 0, 0))
		print(base64.b64encode(
		    struct.pack("<8sLHHLL8s8xHHL8s", b"NTLMSSP\0", 2, len(target),
		        len(target), 56, 0xa28a8205, b"nonce678", len(info), len(info),
		        56 + len(target), b"\x06\1\0\0\0\0\0\x0f")
		    + target + info).decode())
	END
}

@test "Digest, a stale nonce, and a proof" {
	demands 'Digest realm="x", nonce="y", qop="auth", userhash=true, algorithm=SHA-256-sess' \
		'Digest realm="x", nonce="z", stale=true, qop="auth", algorithm=MD5'
	checked 0 -v -P bob:secret -p "127.0.0.1:$PORT" h:1 </dev/null
	hostile proof head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm="x", nonce="y"\r\nContent-Length: 0\r\n\r\n' \
		head 'send:HTTP/1.1 200 OK\r\nProxy-Authentication-Info: rspauth="x"\r\n\r\n' hold
	checked 77 -P bob:secret -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "Digest refused, and Basic after it" {
	demands 'Digest realm="x", nonce="y", Basic realm="x"' \
		'Digest realm="x", nonce="z", Basic realm="x"' \
		'Basic realm="x"'
	checked 77 -P bob:secret -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "NTLM" {
	demands NTLM "NTLM $(ntlm_challenge)"
	checked 0 -P bob:secret -p "127.0.0.1:$PORT" h:1 </dev/null
	hostile refuses head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n' \
		head "send:HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM TlRMTVNTUAACAAAA\r\nContent-Length: 0\r\n\r\n" hold
	checked 77 -N -t OTHER -P bob:secret -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "a password command, and one that fails" {
	demands 'Basic realm="x"'
	checked 0 -P bob --password-command='echo secret' \
		-p "127.0.0.1:$PORT" h:1 </dev/null
	checked 77 -P bob --password-command=false -p "127.0.0.1:$PORT" h:1 \
		</dev/null
	checked 69 --auth=basic -P bob --password-command='echo secret' \
		-p 127.0.0.1:1 h:1 </dev/null
}

@test "a signal while a password command runs" {
	local running
	demands 'Basic realm="x"'
	# It dies of the signal itself, so that all can yet be reached.
	KINDS=definite,indirect,possible checked 143 -P bob \
		-p "127.0.0.1:$PORT" --password-command="touch '$DIR/runs'; exec sleep 60" h:1 \
		</dev/null 3>&- &
	running=$!
	wait_until 60 test -e "$DIR/runs"
	kill "$(pgrep -P "$(pgrep -P "$running")")"
	wait "$running"
}

@test "SSH_ASKPASS, wrong and again" {
	demands 'Basic realm="x"' 'Basic realm="x"'
	printf '#!/bin/sh\necho secret\n' >"$DIR/askpass"
	chmod +x "$DIR/askpass"
	SSH_ASKPASS=$DIR/askpass SSH_ASKPASS_REQUIRE=force \
		checked 0 -P bob -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "netrc" {
	demands 'Basic realm="x"'
	printf 'machine other login x password y\nmachine 127.0.0.1 login bob password "a b"\n' >"$DIR/netrc"
	checked 0 --netrc="$DIR/netrc" -p "127.0.0.1:$PORT" h:1 </dev/null
	echo 'machine 127.0.0.1 login "bob' >"$DIR/netrc"
	checked 66 --netrc="$DIR/netrc" -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "Negotiate without a ticket" {
	demands Negotiate
	printf '[libdefaults]\ndefault_realm = TEST\ndefault_ccache_name = FILE:%s/none\n' "$DIR" >"$DIR/krb5.conf"
	KRB5_CONFIG=$DIR/krb5.conf checked 77 -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "a refusal with a page" {
	hostile proxy head 'send:HTTP/1.1 503 No\r\nContent-Type: text/html\r\n\r\n<title>x</title><p>Name resolution failed'
	checked 68 -H 'X: y' -x title -o a:1 -p "localhost:$PORT" h:1 </dev/null
}

@test "no proxy listens; no such name; silence" {
	nobody
	checked 69 -p "127.0.0.1:$PORT" h:1 </dev/null
	checked 68 -p "proxy.invalid:1" h:1 </dev/null
	hostile proxy hold
	checked 75 --timeout=2 -p "127.0.0.1:$PORT" h:1 </dev/null
}

@test "a reset, and a reader that goes" {
	hostile proxy head "$OPEN" send:x rst
	checked 1 -p "127.0.0.1:$PORT" h:1 </dev/null
	hostile proxy2 head "$OPEN" 'flood:yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'
	checked 1 -p "127.0.0.1:$PORT" h:1 </dev/null > >(head -c 100 >"$DIR/out")
}

@test "a signal" {
	hostile proxy head "$OPEN" send:x hold
	mkfifo "$DIR/in"
	exec 8<>"$DIR/in"
	checked 143 -p "127.0.0.1:$PORT" h:1 <"$DIR/in" >"$DIR/out" 3>&- &
	wait_until 60 grep -q x "$DIR/out"
	kill "$(pgrep -P "$(pgrep -P $!)")"
	wait $!
}

@test "TLS to the proxy, by a key with a passphrase, and to the destination" {
	make_ca
	printf '#!/bin/sh\necho "%s"\n' "$KEY_PASSWORD" >"$DIR/askpass"
	chmod +x "$DIR/askpass"
	start_peer far -a "$CA_FILE" send:opened
	start_peer near -a "$CA_FILE" head "$OPEN" "relay:$PORT"
	KINDS=definite SSH_ASKPASS=$DIR/askpass SSH_ASKPASS_REQUIRE=force \
		checked 0 -v -e -E -C "$CA_FILE" -c "$CERTS/client.pem" \
		-k "$CERTS/client-locked.key" -p "localhost:$PORT" \
		localhost:1 </dev/null >"$DIR/out"
	[ "$(cat "$DIR/out")" = opened ]
}

@test "TLS: a certificate that is not trusted" {
	make_ca
	start_peer peer head "$OPEN"
	KINDS=definite checked 77 -E -p "localhost:$PORT" h:1 </dev/null
}

@test "SOCKS, its password asked for, and a name that is resolved here" {
	hostile proxy 'read:4' 'send:\x05\x02' 'read:12' 'send:\x01\x00' \
		'read:10' 'send:\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00hi' fin drain
	checked 0 -v -4 --password-command='echo secret' \
		-p "socks5://bob@127.0.0.1:$PORT" localhost:1 </dev/null \
		>"$DIR/out"
	[ "$(cat "$DIR/out")" = hi ]
}

@test "a usage error, help and version" {
	checked 64 -p nowhere -H 'a: b' h:1
	checked 0 --help >/dev/null
	# What constructors of libraries keep is theirs.
	KINDS=definite,possible checked 0 --version >/dev/null
	checked 64 -P bob:x -a nowhere -p a:1 h:1
	checked 66 -F /nowhere -P bob -p a:1 h:1
}

@test "checks: many, again and again, of ports, of a login" {
	local no='send:HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'
	hostile proxy head "$OPEN" 'send:SSH-2.0-x\r\n' hold -- head "$no"
	checked 77 --check -p "127.0.0.1:$PORT" h:1 i:2 j:3 >"$DIR/out"
	grep -q '^1 of 3 can be reached' "$DIR/out"
	grep -q 'it is not the port alone' "$DIR/out"
	checked 77 --check --json --repeat 2 --interval 0 \
		-p "127.0.0.1:$PORT" h:1 i:2
	checked 0 --scan 1-3,25 -p "127.0.0.1:$PORT" h
	hostile ssh 'send:SSH-2.0-x\r\n' hold
	checked 76 --check -p "127.0.0.1:$PORT" h:1
	hostile asks head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n' hold
	checked 0 --auth-info -H 'Cookie: x' -P bob:secret -p "127.0.0.1:$PORT"
}

# Each ends in the middle of what it asks: the second question stays open.
@test "checks that a signal ends" {
	local what
	for what in '--check --json h:1 i:2' '--scan 1-9 h' '--auth-info'; do
		hostile "proxy${#what}" head "$OPEN" 'send:SSH-2.0-x\r\n' \
			hold -- head "touch:$DIR/asked" hold
		[[ $what != --auth-info ]] || hostile silent \
			head "touch:$DIR/asked" hold
		# shellcheck disable=SC2086 # words are meant
		checked 143 $what -p "127.0.0.1:$PORT" >"$DIR/out" 3>&- &
		wait_until 60 test -e "$DIR/asked"
		kill "$(pgrep -P "$(pgrep -P $!)")"
		wait $!
		rm "$DIR/asked"
	done
}
