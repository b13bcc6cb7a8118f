#!/usr/bin/env bats
# TLS to a proxy and to the destination.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

setup_file() {
	local kind
	need base64 python3 sha256sum
	make_ca
	start_targets
	for kind in none tls tls-basic tls-basic-close; do
		start_squid "$kind"
	done
	for kind in none tls tls-basic tls-digest tls-ntlm tls-client; do
		start_apache "$kind"
	done
	start_tinyproxy none
	tls_targets
	tls_service STUNNEL_TINYPROXY "$TINYPROXY_NONE" good
	start_stunnel
	start_sshd
	make_data
}

teardown_file() {
	stop_all
}

teardown() {
	exec 8>&- 9>&-
	stop_all
}

OPEN='send:HTTP/1.1 200 OK\r\n\r\n'

# trusting ARGUMENT...: proxytunnel that trusts our authority.
trusting() {
	pt -C "$CA_FILE" "$@"
}

# ask_trusting ARGUMENT...: the same, a line to a service that answers it.
ask_trusting() {
	ask -C "$CA_FILE" "$@"
}

# opens_tls ARGUMENT...: over TLS to the service that answers.
opens_tls() {
	LINE_PORT=${TO:-$TLS_LINE_PORT} opens -e "$@"
}

# ask_tls ARGUMENT...: the same, to see what becomes of it.
ask_tls() {
	LINE_PORT=${TO:-$TLS_LINE_PORT} ask -e "$@"
}

# ended: the status of the command behind, in $status.
ended() {
	status=0
	wait $! || status=$?
}

# hello ARGUMENT...: what our ClientHello has, in HELLO.
hello() {
	start_peer hello hello
	# shellcheck disable=SC2153 # set by start_peer
	expect 76 pt -E -p "${AT:-localhost}:$PORT" "$@" h.test:1
	peer_says hello 'sni=*'
	HELLO=$(tail -n 1 "$DIR/hello.log")
	stop hello
	rm "$DIR/hello.log"
}

# offered WORD: its value in HELLO.
offered() {
	local value=${HELLO#*"$1="}
	echo "${value%% *}"
}

# --- the proxy by TLS

@test "-E: squid, stunnel before tinyproxy; by name and by address" {
	for port in $SQUID_TLS $STUNNEL_TINYPROXY; do
		for host in localhost 127.0.0.1 '[::1]'; do
			opens -C "$CA_FILE" -E -p "$host:$port"
			opens -C "$CA_FILE" -p "https://$host:$port"
		done
	done
}

@test "-E: Apache, by name and by address" {
	for host in localhost 127.0.0.1 '[::1]'; do
		opens_tls -C "$CA_FILE" -E -p "$host:$APACHE_TLS"
		opens_tls -C "$CA_FILE" -p "https://$host:$APACHE_TLS"
	done
}

# It never says close_notify behind a CONNECT.
@test "-E: Apache ends a tunnel as if it were cut off, and the answer is whole" {
	expect 1 ask_trusting -E -p "localhost:$APACHE_TLS"
	# shellcheck disable=SC2154 # set by expect
	[[ $output == "got hello" && $stderr == "proxytunnel: "*"cut off"* ]]
}

@test "-E: TLS 1.2 and a chain of certificates" {
	opens -C "$CA_FILE" -E -p "localhost:$SQUID_TLS_12"
	opens -C "$CA_FILE" -E -p "localhost:$SQUID_TLS_BELOW"
}

@test "-E: a login goes through TLS" {
	local login=$PLAIN_USER:$PLAIN_PASSWORD
	for port in $SQUID_TLS_BASIC $SQUID_TLS_BASIC_CLOSE $APACHE_TLS_BASIC \
		$APACHE_TLS_DIGEST; do
		opens_tls -C "$CA_FILE" -E -p "localhost:$port" -P "$login"
		opens_tls -C "$CA_FILE" -p "https://$login@localhost:$port"
		refuses 77 "localhost:$port refused the credentials*" \
			ask_trusting -E -p "localhost:$port" \
			-P "$MISTAKEN_USER:wrong"
	done
}

@test "-E: NTLM, whose answers belong to a connection" {
	opens_tls -C "$CA_FILE" -E -N -p "localhost:$APACHE_TLS_NTLM" \
		-P "$NTLM_DOMAIN\\$PLAIN_USER:$PLAIN_PASSWORD"
}

@test "-E: after a 407 the connection is used again if it is kept" {
	for server in squid-tls-basic apache-tls-basic; do
		port=${server^^}
		port=${port//-/_}
		opens_tls -C "$CA_FILE" -E -p "localhost:${!port}" \
			-H "X-Test: kept" -P "$PLAIN_USER:$PLAIN_PASSWORD"
		wait_until 10 has_logged "$server" kept 200
		[[ $(logged "$server" kept) =~ \
			^407\ ([0-9]+)$'\n'200\ ([0-9]+)$ ]]
		[[ ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]]
	done
}

@test "-E: the proxy of the environment" {
	https_proxy=https://localhost:$SQUID_TLS opens -C "$CA_FILE"
	https_proxy=localhost:$SQUID_TLS opens -C "$CA_FILE" -E
}

@test "-e: the destination by TLS" {
	for host in localhost 127.0.0.1 ::1; do
		expect 0 trusting -e -p "127.0.0.1:$SQUID_NONE" "$host" \
			"$TLS_LINE_PORT" <<<"hello"
		[[ $output == "got hello" && -z $stderr ]]
	done
}

@test "-E and -e: TLS in TLS" {
	for port in $SQUID_TLS $APACHE_TLS $STUNNEL_TINYPROXY; do
		opens_tls -C "$CA_FILE" -E -p "localhost:$port"
	done
}

@test "--direct: a plain client of TLS, whatever else is said" {
	expect 0 ask_tls -C "$CA_FILE" -v --direct
	# shellcheck disable=SC2154 # set by expect
	[[ $output == "got hello" && $stderr == *direct* ]]
	https_proxy=127.0.0.1:$CLOSED_PORT opens_tls -C "$CA_FILE" --direct
	opens_tls -C "$CA_FILE" --direct -p "127.0.0.1:$CLOSED_PORT"
	opens --direct -p "127.0.0.1:$CLOSED_PORT"
	refuses 69 "127.0.0.1:$CLOSED_PORT can't be reached*" \
		pt --direct 127.0.0.1 "$CLOSED_PORT"
}

@test "no_proxy: no proxy, but where -d names the destination" {
	export no_proxy=127.0.0.1
	opens -p "127.0.0.1:$CLOSED_PORT"
	opens_tls -C "$CA_FILE" -E -p "127.0.0.1:$CLOSED_PORT"
	https_proxy=127.0.0.1:$CLOSED_PORT opens
	expect 0 ask -v -p "127.0.0.1:$CLOSED_PORT"
	has "$stderr" "*no proxy: no_proxy has the destination*"
	refuses 69 "127.0.0.1:$CLOSED_PORT can't be reached*" \
		pt -p "127.0.0.1:$CLOSED_PORT" -d "127.0.0.1:$LINE_PORT"
	no_proxy=other.test refuses 69 "127.0.0.1:$CLOSED_PORT can't be*" \
		ask -p "127.0.0.1:$CLOSED_PORT"
}

@test "ssh: through a proxy by TLS, and an sshd behind TLS" {
	tls_service TLS_SSHD "$SSHD_PORT" target
	start_stunnel
	printf 'ProxyCommand "%s" -C %s -E -p localhost:%s %%h %%p\nInclude %s\n' \
		"$PT" "$CA_FILE" "$SQUID_TLS" "$SSH_CONFIG" >"$DIR/config"
	expect 0 timeout -k 5 60 ssh -F "$DIR/config" 127.0.0.1 'echo here'
	[[ $output == here && -z $stderr ]]
	sed "s/:$SQUID_TLS /:$APACHE_TLS /" "$DIR/config" >"$DIR/apache"
	# Apache never says close_notify, and a word about that may come.
	expect 0 timeout -k 5 60 ssh -F "$DIR/apache" 127.0.0.1 'echo here'
	[[ $output == here ]]
	sed -i 's/ -E / -E -e /' "$DIR/config"
	expect 0 timeout -k 5 60 ssh -F "$DIR/config" -p "$TLS_SSHD" \
		127.0.0.1 'echo here'
	[[ $output == here && -z $stderr ]]
}

# --- certificates

@test "-C: a folder, SSL_CERT_FILE, SSL_CERT_DIR" {
	opens -C "$CA_DIR" -E -p "localhost:$SQUID_TLS"
	SSL_CERT_FILE=$CA_FILE opens -E -p "localhost:$SQUID_TLS"
	SSL_CERT_DIR=$CA_DIR opens -E -p "localhost:$SQUID_TLS"
	SSL_CERT_FILE=$CERTS/foreign-ca.pem opens -C "$CA_FILE" -E \
		-p "localhost:$SQUID_TLS"
}

@test "-C: it is not there, or has no certificate" {
	refuses 66 "*$DIR/none*" ask -E -C "$DIR/none" \
		-p "localhost:$SQUID_TLS"
	refuses 66 "*$CERTS/good.key*" ask -E -C "$CERTS/good.key" \
		-p "localhost:$SQUID_TLS"
	echo nothing >"$DIR/empty"
	refuses 66 "*$DIR/empty*" ask -E -C "$DIR/empty" \
		-p "localhost:$SQUID_TLS"
}

@test "-C: the system does not know our authority" {
	refuses 77 "localhost:$SQUID_TLS *unknown issuer*-C*" \
		ask -E -p "localhost:$SQUID_TLS"
}

@test "certificates: expired" {
	refuses 77 "localhost:$SQUID_TLS_EXPIRED *certificate*expired on*2024*" \
		ask_trusting -E -p "localhost:$SQUID_TLS_EXPIRED"
	TO=$TLS_EXPIRED_PORT refuses 77 \
		"127.0.0.1:$TLS_EXPIRED_PORT *certificate*expired on*2024*" \
		ask_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
}

@test "certificates: not yet valid" {
	refuses 77 "localhost:$SQUID_TLS_FUTURE *not valid before*2048*" \
		ask_trusting -E -p "localhost:$SQUID_TLS_FUTURE"
	TO=$TLS_FUTURE_PORT refuses 77 \
		"127.0.0.1:$TLS_FUTURE_PORT *not valid before*2048*" \
		ask_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
}

@test "certificates: of another name" {
	for host in localhost 127.0.0.1; do
		refuses 77 "$host:$SQUID_TLS_OTHER *certificate*not for $host but for other.test*" \
			ask_trusting -E -p "$host:$SQUID_TLS_OTHER"
	done
	TO=$TLS_OTHER_PORT refuses 77 \
		"127.0.0.1:$TLS_OTHER_PORT *not for 127.0.0.1 but for other.test*" \
		ask_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
}

@test "certificates: a common name stands in where there is no DNS name" {
	TO=$TLS_NAMELESS_PORT opens_tls -C "$CA_FILE" --sni=localhost --direct
	TO=$TLS_NAMELESS_PORT refuses 77 \
		"127.0.0.1:$TLS_NAMELESS_PORT *not for 127.0.0.1 but for localhost *" \
		ask_tls -C "$CA_FILE" --direct
}

@test "certificates: self-signed" {
	refuses 77 "localhost:$SQUID_TLS_SELF *certificate*self-signed*" \
		ask_trusting -E -p "localhost:$SQUID_TLS_SELF"
	TO=$TLS_SELF_PORT refuses 77 \
		"127.0.0.1:$TLS_SELF_PORT *self-signed*" \
		ask_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
	opens -C "$CERTS/self.pem" -E -p "localhost:$SQUID_TLS_SELF"
}

@test "certificates: of another authority" {
	refuses 77 "localhost:$SQUID_TLS_FOREIGN *certificate*unknown issuer*-C*" \
		ask_trusting -E -p "localhost:$SQUID_TLS_FOREIGN"
	TO=$TLS_FOREIGN_PORT refuses 77 \
		"127.0.0.1:$TLS_FOREIGN_PORT *unknown issuer*-C*" \
		ask_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
	opens -C "$CERTS/foreign-ca.pem" -E -p "localhost:$SQUID_TLS_FOREIGN"
}

@test "certificates: an authority in between, shown and not shown" {
	TO=$TLS_BELOW_PORT opens_tls -C "$CA_FILE" \
		-p "127.0.0.1:$SQUID_NONE"
	TO=$TLS_BELOW_ALONE_PORT refuses 77 \
		"127.0.0.1:$TLS_BELOW_ALONE_PORT *unknown issuer*" \
		ask_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
	cat "$CERTS/middle.pem" "$CA_FILE" >"$DIR/both"
	TO=$TLS_BELOW_ALONE_PORT opens_tls -C "$DIR/both" \
		-p "127.0.0.1:$SQUID_NONE"
}

@test "certificates: none of a client is one of a server" {
	tls_service TLS_MISUSED_PORT "$LINE_PORT" client
	start_stunnel
	TO=$TLS_MISUSED_PORT refuses 77 \
		"127.0.0.1:$TLS_MISUSED_PORT *certificate*" ask_tls \
		-C "$CA_FILE" --sni=client -p "127.0.0.1:$SQUID_NONE"
}

@test "-z: any certificate will do" {
	for port in $SQUID_TLS $SQUID_TLS_EXPIRED $SQUID_TLS_FUTURE \
		$SQUID_TLS_OTHER $SQUID_TLS_SELF $SQUID_TLS_FOREIGN; do
		opens -z -E -p "localhost:$port"
		opens --no-check-certificate -C "$CA_FILE" -E -p "127.0.0.1:$port"
	done
	TO=$TLS_OTHER_PORT opens_tls -z -p "127.0.0.1:$SQUID_NONE"
}

@test "nothing is sent to a proxy that is not trusted" {
	start_peer peer head "$OPEN" drain
	refuses 77 "localhost:$PORT *unknown issuer*" ask -E --auth=basic \
		-p "localhost:$PORT" -P "$PLAIN_USER:$PLAIN_PASSWORD"
	# shellcheck disable=SC2314 # the last of a test
	! grep -q CONNECT "$DIR/peer.log"
}

# --- names

@test "--sni: the name of the certificate" {
	for name in other.test a.other.test OTHER.test; do
		opens -C "$CA_FILE" -E --sni="$name" \
			-p "localhost:$SQUID_TLS_OTHER"
	done
	for name in a.b.other.test est test; do
		refuses 77 "*not for $name but for other.test*" ask_trusting \
			-E --sni="$name" -p "localhost:$SQUID_TLS_OTHER"
	done
	TO=$TLS_OTHER_PORT opens_tls -C "$CA_FILE" --sni=other.test \
		-p "127.0.0.1:$SQUID_NONE"
}

@test "-o: the name of the certificate, unless --sni says another" {
	opens -C "$CA_FILE" -E -o other.test -p "localhost:$SQUID_TLS_OTHER"
	opens -C "$CA_FILE" -E -o other.test:443 \
		-p "localhost:$SQUID_TLS_OTHER"
	opens -C "$CA_FILE" -E -o wrong.test --sni=other.test \
		-p "localhost:$SQUID_TLS_OTHER"
	refuses 77 "*not for other.test but for localhost*" ask_trusting -E \
		-o other.test -p "localhost:$SQUID_TLS"
}

@test "-o: the Host field inside TLS" {
	start_peer peer head "$OPEN" send:opened
	expect 0 trusting -E -o "localhost:7" -p "127.0.0.1:$PORT" h.test:1 \
		</dev/null
	[[ $output == opened ]]
	peer_says peer '| Host: localhost:7'
}

@test "SNI: the name of the proxy, of --sni, of -o; none for an address" {
	hello
	[[ $(offered sni) == localhost ]]
	AT=127.0.0.1 hello
	[[ -z $(offered sni) ]]
	hello --sni=a.test
	[[ $(offered sni) == a.test ]]
	hello -o b.test:7
	[[ $(offered sni) == b.test ]]
	hello -o b.test --sni=a.test
	[[ $(offered sni) == a.test ]]
	AT=127.0.0.1 hello --sni=a.test
	[[ $(offered sni) == a.test ]]
}

@test "-I: no SNI, and the name is verified all the same" {
	hello -I
	[[ -z $(offered sni) ]]
	hello -I --sni=a.test
	[[ -z $(offered sni) ]]
	opens -C "$CA_FILE" -I -E -p "localhost:$SQUID_TLS"
	opens -C "$CA_FILE" -I -E --sni=other.test \
		-p "localhost:$SQUID_TLS_OTHER"
	refuses 77 "*not for localhost but for other.test*" ask_trusting -I \
		-E -p "localhost:$SQUID_TLS_OTHER"
}

# --- what is offered

@test "--alpn: the protocols, and one of them chosen" {
	hello --alpn=h2,http/1.1
	[[ $(offered alpn) == h2,http/1.1 ]]
	start_peer peer -p spdy/3,x line send:yes
	expect 0 trusting -e --alpn=x,spdy/3 --direct "localhost:$PORT" \
		<<<"hello"
	[[ $output == yes ]]
	peer_says peer 'open *alpn=spdy/3 *'
	refuses 64 "*--alpn*" trusting -e --alpn=a,,b --direct \
		"localhost:$PORT"
}

@test "--tls-min: TLS 1.2 and 1.3 unless something is said" {
	hello
	[[ $(offered versions) == 0304,0303 ]]
	hello --tls-min=1.2
	[[ $(offered versions) == 0304,0303 ]]
	hello --tls-min=1.3
	[[ $(offered versions) == 0304 ]]
	hello --tls-min=1.1
	[[ $(offered versions) == 0304,0303,0302 ]]
	hello --tls-min=1.0
	[[ $(offered versions) == 0304,0303,0302,0301 ]]
	refuses 64 "*--tls-min*" ask_trusting --tls-min=1.4 -E \
		-p "localhost:$SQUID_TLS"
}

@test "--tls-min: servers of one version" {
	TO=$TLS_12_PORT opens_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
	TO=$TLS_13_PORT opens_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
	TO=$TLS_13_PORT opens_tls -C "$CA_FILE" --tls-min=1.3 \
		-p "127.0.0.1:$SQUID_NONE"
	TO=$TLS_12_PORT refuses 76 "127.0.0.1:$TLS_12_PORT *" ask_tls \
		-C "$CA_FILE" --tls-min=1.3 -p "127.0.0.1:$SQUID_NONE"
}

@test "--tls-min: a server that is too old" {
	TO=$TLS_10_PORT refuses 76 \
		"127.0.0.1:$TLS_10_PORT *TLS 1.2*--tls-min*" \
		ask_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
	TO=$TLS_10_PORT opens_tls -C "$CA_FILE" --tls-min=1.0 \
		-p "127.0.0.1:$SQUID_NONE"
}

@test "--ciphers: those, and no others" {
	hello --ciphers=ECDHE-ECDSA-AES128-GCM-SHA256
	[[ $(offered ciphers) == c02b?(,00ff) ]]
	hello --ciphers=TLS_CHACHA20_POLY1305_SHA256
	[[ $(offered ciphers) == 1303?(,00ff) ]]
	hello --ciphers=ECDHE-RSA-AES256-GCM-SHA384:TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384
	[[ $(offered ciphers) == 1301,c030,c02c?(,00ff) ]]
	start_peer peer line send:yes
	expect 0 trusting -e --ciphers=TLS_AES_128_GCM_SHA256 --direct \
		"localhost:$PORT" <<<"hello"
	[[ $output == yes ]]
	peer_says peer 'open *cipher=TLS_AES_128_GCM_SHA256 *'
}

@test "--ciphers: one that does not exist, none in common" {
	refuses 64 "*--ciphers*" ask_trusting --ciphers=NONE-OF-THESE -E \
		-p "localhost:$SQUID_TLS"
	refuses 64 "*--ciphers*" ask_trusting --ciphers=TLS_NONE_OF_THESE -E \
		-p "localhost:$SQUID_TLS"
	refuses 76 "localhost:$SQUID_TLS_12 *" ask_trusting \
		--ciphers=ECDHE-RSA-AES128-GCM-SHA256 -E \
		-p "localhost:$SQUID_TLS_12"
}

# --- our own certificate

@test "-c and -k: squid, Apache and a destination demand a certificate" {
	for port in $SQUID_TLS_CLIENT $APACHE_TLS_CLIENT; do
		opens_tls -C "$CA_FILE" -c "$CERTS/client.pem" \
			-k "$CERTS/client.key" -E -p "localhost:$port"
	done
	TO=$TLS_CLIENT_PORT opens_tls -C "$CA_FILE" -c "$CERTS/client.pem" \
		-k "$CERTS/client.key" -p "127.0.0.1:$SQUID_NONE"
}

@test "-c: the key in the same file" {
	opens -C "$CA_FILE" -c "$CERTS/client-both.pem" -E \
		-p "localhost:$SQUID_TLS_CLIENT"
}

@test "-c: the authority in between goes with it" {
	for port in $SQUID_TLS_CLIENT $APACHE_TLS_CLIENT; do
		opens_tls -C "$CA_FILE" -c "$CERTS/client-below.pem" \
			-k "$CERTS/client-below.key" -E -p "localhost:$port"
	done
}

@test "-c: none is given" {
	for port in $SQUID_TLS_CLIENT $APACHE_TLS_CLIENT; do
		refuses 77 "localhost:$port *client certificate*-c*" \
			ask_trusting -E -p "localhost:$port"
	done
	TO=$TLS_CLIENT_PORT refuses 77 \
		"127.0.0.1:$TLS_CLIENT_PORT *client certificate*-c*" \
		ask_tls -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE"
	start_peer peer -a "$CA_FILE" -x 1.2 line send:yes
	LINE_PORT=$PORT refuses 77 "127.0.0.1:$PORT *client certificate*-c*" \
		ask_trusting -e --direct
}

@test "-c: by an authority that is not theirs" {
	local given=(-c "$CERTS/client-foreign.pem"
		-k "$CERTS/client-foreign.key")
	refuses 77 "localhost:$APACHE_TLS_CLIENT *refuses the client certificate*" \
		ask_trusting "${given[@]}" -E -p "localhost:$APACHE_TLS_CLIENT"
	# squid's alert may be lost when it resets the connection.
	refuses 77 "localhost:$SQUID_TLS_CLIENT *client certificate*" \
		ask_trusting "${given[@]}" -E -p "localhost:$SQUID_TLS_CLIENT"
	start_peer peer -a "$CA_FILE" -x 1.2 line send:yes
	LINE_PORT=$PORT refuses 77 \
		"127.0.0.1:$PORT *refuses the client certificate*" \
		ask_trusting "${given[@]}" -e --direct
}

@test "-c: files that are not there, or no pair" {
	refuses 66 "*$DIR/none*" ask_trusting -c "$DIR/none" -E \
		-p "localhost:$APACHE_TLS_CLIENT"
	refuses 66 "*$DIR/none*" ask_trusting -c "$CERTS/client.pem" \
		-k "$DIR/none" -E -p "localhost:$APACHE_TLS_CLIENT"
	refuses 66 "*" ask_trusting -c "$CERTS/client.pem" \
		-k "$CERTS/good.key" -E -p "localhost:$APACHE_TLS_CLIENT"
	refuses 66 "*$CERTS/client.pem*" ask_trusting \
		-c "$CERTS/client.pem" -E -p "localhost:$APACHE_TLS_CLIENT"
}

# askpass LINE...: a program for SSH_ASKPASS that gives these lines in turn.
askpass() {
	printf '%s\n' "$@" >"$DIR/answers"
	cat >"$DIR/askpass" <<-END
		#!/bin/sh
		printf '%s\n' "\$1" >>"$DIR/asked"
		head -n 1 "$DIR/answers"
		sed -i 1d "$DIR/answers"
	END
	chmod +x "$DIR/askpass"
	export SSH_ASKPASS=$DIR/askpass SSH_ASKPASS_REQUIRE=force
}

@test "-k: a locked key, and SSH_ASKPASS" {
	askpass "$KEY_PASSWORD"
	opens -C "$CA_FILE" -c "$CERTS/client.pem" \
		-k "$CERTS/client-locked.key" -E \
		-p "localhost:$SQUID_TLS_CLIENT"
	has "$(<"$DIR/asked")" "*client-locked.key*"
	askpass "$KEY_PASSWORD"
	opens -C "$CA_FILE" -c "$CERTS/client-locked-both.pem" -E \
		-p "localhost:$SQUID_TLS_CLIENT"
	askpass wrong "$KEY_PASSWORD"
	expect 0 ask_trusting -c "$CERTS/client.pem" \
		-k "$CERTS/client-locked.key" -E \
		-p "localhost:$SQUID_TLS_CLIENT"
	[[ $output == "got hello" ]]
}

@test "-k: a locked key is asked for before anything is connected to" {
	askpass "$KEY_PASSWORD"
	refuses 69 "*can't be reached*" ask_trusting -c "$CERTS/client.pem" \
		-k "$CERTS/client-locked.key" -E -p "localhost:$CLOSED_PORT"
	[[ -s $DIR/asked ]]
}

@test "-k: three wrong passphrases" {
	askpass one two three "$KEY_PASSWORD"
	expect 77 ask_trusting -c "$CERTS/client.pem" \
		-k "$CERTS/client-locked.key" -E \
		-p "localhost:$SQUID_TLS_CLIENT"
	[[ -z $output && $(wc -l <"$DIR/asked") == 3 ]]
	has "$stderr" "*client-locked.key*"
}

@test "-k: a locked key, and nowhere to ask" {
	refuses 77 "*client-locked.key*" ask_trusting -c "$CERTS/client.pem" \
		-k "$CERTS/client-locked.key" -E \
		-p "localhost:$SQUID_TLS_CLIENT"
}

# Types what follows "type:" after the prompt; prints what is shown, and at the
# end the status.
at_terminal() {
	timeout 60 python3 - "$@" <<-'END'
		import os, pty, sys, termios

		typed = [a[5:] for a in sys.argv[1:] if a.startswith("type:")]
		command = [a for a in sys.argv[1:] if not a.startswith("type:")]
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(command[0], command)
		seen = b""
		while True:
		    try:
		        piece = os.read(fd, 1000)
		    except OSError:
		        break
		    if not piece:
		        break
		    seen += piece
		    if typed and seen.endswith(b": "):
		        assert not termios.tcgetattr(fd)[3] & termios.ECHO
		        os.write(fd, os.fsencode(typed.pop(0)) + b"\n")
		status = os.waitpid(pid, 0)[1]
		os.write(1, seen + b"status %d" %
		         os.waitstatus_to_exitcode(status))
	END
}

@test "-k: a locked key, at the terminal" {
	start_peer peer -a "$CA_FILE" send:opened
	expect 0 at_terminal "$PT" -C "$CA_FILE" -c "$CERTS/client.pem" \
		-k "$CERTS/client-locked.key" -e --direct "localhost:$PORT" \
		type:wrong "type:$KEY_PASSWORD"
	has "$output" "*client-locked.key: *client-locked.key: *opened*status 0"
	[[ $output != *"$KEY_PASSWORD"* ]]
	peer_says peer 'open *client=client'
}

# --- pins

@test "--pin: the key of the proxy, of the destination" {
	opens -C "$CA_FILE" --pin="$(pin good)" -E -p "localhost:$SQUID_TLS"
	opens -C "$CA_FILE" --pin="$(pin apache);$(pin good)" -E \
		-p "localhost:$SQUID_TLS"
	opens_tls -C "$CA_FILE" --pin="$(pin target)" \
		-p "127.0.0.1:$SQUID_NONE"
}

@test "--pin: another key, although the certificate is good" {
	refuses 77 "localhost:$SQUID_TLS *public key*--pin*" ask_trusting \
		--pin="$(pin apache)" -E -p "localhost:$SQUID_TLS"
	refuses 77 "127.0.0.1:$TLS_LINE_PORT *public key*--pin*" ask_tls \
		-C "$CA_FILE" --pin="$(pin apache);$(pin good)" \
		-p "127.0.0.1:$SQUID_NONE"
}

@test "--pin: with -z it holds, and alone it does not make trust" {
	opens -z --pin="$(pin self)" -E -p "localhost:$SQUID_TLS_SELF"
	refuses 77 "localhost:$SQUID_TLS *public key*--pin*" \
		ask -z --pin="$(pin apache)" -E -p "localhost:$SQUID_TLS"
	refuses 77 "localhost:$SQUID_TLS_SELF *self-signed*" \
		ask --pin="$(pin self)" -E -p "localhost:$SQUID_TLS_SELF"
}

@test "--pin: it is none" {
	for pin in x sha256//x sha1//AAAA "$(pin good);" "$(pin good)A" ''; do
		refuses 64 "*--pin*" ask_trusting --pin="$pin" -E \
			-p "localhost:$SQUID_TLS"
	done
}

# --- SSLKEYLOGFILE

@test "SSLKEYLOGFILE: what the server knows, for nobody else to read" {
	for version in -tls1_3 -tls1_2; do
		rm -f "$DIR/ours" "$DIR/theirs"
		start_openssl "server$version" $version -rev \
			-keylogfile "$DIR/theirs"
		SSLKEYLOGFILE=$DIR/ours expect 0 trusting -e --direct \
			--half-close=0.3 "localhost:$PORT" <<<"hello"
		[[ $output == olleh ]]
		[[ $(stat -c %a "$DIR/ours") == 600 ]]
		diff <(grep -v '^#' "$DIR/ours" | sort) \
			<(grep -v '^#' "$DIR/theirs" | sort)
		stop "server$version"
		exec 8>&-
	done
}

@test "SSLKEYLOGFILE: every layer is added" {
	echo before >"$DIR/log"
	SSLKEYLOGFILE=$DIR/log expect 0 ask_tls -C "$CA_FILE" -E \
		-p "localhost:$SQUID_TLS"
	[[ $output == "got hello" && $(head -n 1 "$DIR/log") == before ]]
	[[ $(grep -c ^CLIENT_TRAFFIC_SECRET_0 "$DIR/log") == 2 ]]
}

@test "SSLKEYLOGFILE: it can't be written" {
	SSLKEYLOGFILE=$DIR/none/log expect 0 ask_trusting -E \
		-p "localhost:$SQUID_TLS"
	[[ $output == "got hello" ]]
	has "$stderr" "proxytunnel: *$DIR/none/log*"
}

# --- ends

@test "ends: close_notify goes out, and comes back" {
	start_peer peer count
	expect 0 trusting -e --direct --half-close=now "localhost:$PORT" \
		< <(head -c 100000 /dev/zero)
	[[ $output == 100000 && -z $stderr ]]
	peer_says peer close_notify
}

@test "ends: the other side ends first, and hears of ours" {
	start_peer peer send:bye end drain
	expect 0 trusting -e --direct --half-close=never "localhost:$PORT" \
		</dev/null
	[[ $output == bye && -z $stderr ]]
	peer_says peer close_notify
}

@test "ends: half of it, through proxies with TLS" {
	local sum
	sum=$(printf x | sha256sum | cut -c1-64)
	for when in 0.3 now; do
		expect 0 trusting -e --half-close="$when" --direct 127.0.0.1 \
			"$TLS_SINK_PORT" < <(printf x)
		[[ $output == "1 $sum" ]]
		expect 0 trusting -E -e --half-close="$when" \
			-p "localhost:$SQUID_TLS" 127.0.0.1 "$TLS_SINK_PORT" \
			< <(printf x)
		[[ $output == "1 $sum" ]]
	done
}

@test "ends: an answer comes although standard input has ended" {
	for port in $SQUID_TLS $STUNNEL_TINYPROXY; do
		expect 0 trusting -E -p "localhost:$port" 127.0.0.1 \
			"$LATE_PORT" <<<"hello"
		[[ $output == "got hello" ]]
	done
	for port in $SQUID_TLS $APACHE_TLS $STUNNEL_TINYPROXY; do
		expect 0 trusting -E -e -p "localhost:$port" 127.0.0.1 \
			"$TLS_LATE_PORT" <<<"hello"
		[[ $output == "got hello" ]]
	done
}

@test "ends: openssl s_server hears the end" {
	start_openssl server -quiet
	printf 'hello\n' | trusting -e --half-close=now --direct \
		"localhost:$PORT" >"$DIR/out"
	peer_says server hello
}

@test "ends: without close_notify the stream is cut off" {
	for version in 1.2 1.3; do
		start_peer "peer$version" -x $version line send:part cut
		expect 1 trusting -e --direct "localhost:$PORT" <<<"hello"
		[[ $output == part ]]
		has "$stderr" "proxytunnel: *cut off*"
		[[ $stderr != *$'\n'* ]]
	done
}

@test "ends: a proxy with TLS cuts off" {
	start_peer peer head "$OPEN" send:part cut
	expect 1 trusting -E -p "localhost:$PORT" h.test:1 </dev/null
	[[ $output == part && $stderr == "proxytunnel: "*"cut off"* ]]
}

@test "ends: the server is killed" {
	start_openssl server -quiet
	mkfifo "$DIR/input"
	exec 9<>"$DIR/input"
	trusting -e --direct "localhost:$PORT" <"$DIR/input" >"$DIR/out" \
		2>"$DIR/err" 8>&- 9>&- &
	echo hello >&9
	peer_says server hello
	echo there >&8
	wait_until 10 grep -q there "$DIR/out"
	kill -KILL "$(<"$DIR/server.pid")"
	ended
	[[ $status == 1 && $(<"$DIR/out") == there ]]
	has "$(<"$DIR/err")" "proxytunnel: *"
}

# --- in the middle

# talk_to_server TEXT: TEXT there and back, over the descriptors 9 and 8.
talk_to_server() {
	echo "up $1" >&9
	peer_says server "up $1"
	echo "down $1" >&8
	wait_until 10 grep -qx "down $1" "$DIR/out" || show_log "$DIR/server.log"
}

@test "key update: asked for and not, in the middle of it" {
	start_openssl server -tls1_3
	mkfifo "$DIR/input"
	exec 9<>"$DIR/input"
	trusting -e --direct --half-close=now "localhost:$PORT" \
		<"$DIR/input" >"$DIR/out" 2>"$DIR/err" 8>&- 9>&- &
	talk_to_server 1
	for command in K k K; do
		echo $command >&8
		talk_to_server "after $command"
	done
	exec 9>&-
	ended
	[[ $status == 0 && ! -s $DIR/err ]]
	[[ $(grep -c 'SSL_do_handshake -> 1' "$DIR/server.log") == 3 ]]
}

@test "renegotiation: it is refused" {
	start_openssl server -tls1_2
	mkfifo "$DIR/input"
	exec 9<>"$DIR/input"
	trusting -e --direct "localhost:$PORT" <"$DIR/input" >"$DIR/out" \
		2>"$DIR/err" 8>&- 9>&- &
	talk_to_server 1
	echo r >&8
	ended
	[[ $status == 1 ]]
	[[ $(grep -c 'BEGIN SSL SESSION' "$DIR/server.log") == 1 ]]
	has "$(<"$DIR/err")" "proxytunnel: *"
}

@test "bytes: 8 MiB both ways at a time" {
	for port in $SQUID_TLS $APACHE_TLS $STUNNEL_TINYPROXY; do
		{
			echo 8388608
			cat "$DATA"
		} | trusting -E -e -p "localhost:$port" 127.0.0.1 \
			"$TLS_TRADE_PORT" >"$DIR/out"
		sum=$(head -c 8388608 "$DIR/out" | sha256sum | cut -c1-64)
		has "$(tail -c +8388609 "$DIR/out")" "sent $sum got $DATA_SUM"
	done
}

@test "bytes: 8 MiB up, to the end" {
	expect 0 trusting -E -e --half-close=0.3 -p "localhost:$APACHE_TLS" \
		127.0.0.1 "$TLS_SINK_PORT" <"$DATA"
	[[ $output == "8388608 $DATA_SUM" ]]
}

@test "bytes: 8 MiB down, with stdin at its end" {
	wanted=$(python3 -c 'import hashlib
print(hashlib.sha256(bytes(range(256)) * 32768).hexdigest())')
	for port in $SQUID_TLS $APACHE_TLS $STUNNEL_TINYPROXY; do
		sum=$(trusting -E -e -p "localhost:$port" 127.0.0.1 \
			"$TLS_SOURCE_PORT" </dev/null | sha256sum | cut -c1-64)
		[[ $sum == "$wanted" ]]
	done
}

@test "bytes: those behind the proxy's answer, in the same record" {
	start_peer peer head "${OPEN}first" echo
	expect 0 trusting -E --half-close=0.3 -p "localhost:$PORT" h.test:1 \
		<<<"hello"
	[[ $output == firsthello ]]
}

# --- other sides that are none

@test "TLS: to a port that speaks HTTP without it" {
	for port in $SQUID_NONE $APACHE_NONE; do
		refuses 76 "localhost:$port does not speak TLS: this looks like an HTTP server*" \
			ask_trusting -E -p "localhost:$port"
	done
	# It waits for more.
	refuses 75 "localhost:$TINYPROXY_NONE *TLS*" ask_trusting --timeout=1 \
		-E -p "localhost:$TINYPROXY_NONE"
}

@test "TLS: to one that speaks first, to one that closes" {
	refuses 76 "127.0.0.1:$BANNER_PORT does not speak TLS: *BANNER*" \
		pt -C "$CA_FILE" -e --direct 127.0.0.1 "$BANNER_PORT"
	refuses 76 "127.0.0.1:$SSHD_PORT does not speak TLS: *" \
		pt -C "$CA_FILE" -e --direct 127.0.0.1 "$SSHD_PORT"
	start_peer peer hello
	refuses 76 "localhost:$PORT *closed the connection in the TLS handshake*" \
		ask_trusting -E -p "localhost:$PORT"
}

@test "TLS: nobody answers, in the handshake or after it" {
	hostile silent hold
	refuses 75 "localhost:$PORT *1 s*" ask_trusting --timeout=1 -E \
		-p "localhost:$PORT"
	start_peer peer drain
	refuses 75 "localhost:$PORT *1 s*" ask_trusting --timeout=1 -E \
		-p "localhost:$PORT"
}

@test "TLS: a destination that has none, behind a proxy" {
	refuses 76 "127.0.0.1:$BANNER_PORT does not speak TLS: *BANNER*" \
		pt -C "$CA_FILE" -e -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 \
		"$BANNER_PORT"
}

@test "-W: TLS ends behind CONNECT, with a warning" {
	for words in "-E -W" -B; do
		start_peer peer head clear "${OPEN}in clear " echo
		# shellcheck disable=SC2086 # words
		expect 0 trusting $words --half-close=0.3 \
			-p "localhost:$PORT" h.test:1 <<<"hello"
		[[ $output == "in clear hello" && -n $stderr ]]
		peer_says peer 'open *version=TLSv1.2 *'
		peer_says peer '| CONNECT h.test:1 HTTP/1.1'
		stop peer
		rm "$DIR/peer.log"
	done
}

@test "-W: a proxy that keeps to TLS is none for it" {
	refuses 76 "*this looks like TLS that goes on: leave -W or -B away*" \
		ask_trusting -q -B -p "localhost:$SQUID_TLS"
}

@test "secrets: -v does not show what goes through TLS" {
	for v in -v -vv; do
		expect 0 ask_trusting $v -E -p "localhost:$SQUID_TLS_BASIC" \
			-P "$PLAIN_USER:$PLAIN_PASSWORD"
		has "$stderr" "*Proxy-Authorization: Basic*hidden*"
		silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" "$output$stderr"
	done
	askpass "$KEY_PASSWORD"
	expect 0 ask_trusting -vv -c "$CERTS/client.pem" \
		-k "$CERTS/client-locked.key" -E \
		-p "localhost:$SQUID_TLS_CLIENT"
	silent_about x "$KEY_PASSWORD" "$output$stderr"
}
