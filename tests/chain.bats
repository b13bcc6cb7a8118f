#!/usr/bin/env bats
# Chains of proxies: squid, Apache, tinyproxy, dante, with TLS and without.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

setup_file() {
	local kind
	need base64 python3 sha256sum
	make_ca
	start_targets
	for kind in none digest basic-close tls tls-digest; do
		start_squid "$kind"
	done
	for kind in none basic tls tls-basic tls-client; do
		start_apache "$kind"
	done
	for kind in none basic limited; do
		start_tinyproxy "$kind"
	done
	start_dante none
	start_dante password
	start_sshd
	start_ssh "$SQUID_NONE"
	tls_targets
	tls_service TLS_SSHD "$SSHD_PORT" target
	tls_service TLS_TINYPROXY "$TINYPROXY_NONE" good
	tls_service TLS_TINYPROXY_BASIC "$TINYPROXY_BASIC" good
	tls_service TLS_DANTE "$DANTE_PASSWORD" good
	start_stunnel
}

teardown_file() {
	stop_all
}

teardown() {
	stop_all
}

# Each knows another user.
SQUID_LOGIN=$ODD_USER:$ODD_PASSWORD
APACHE_LOGIN=$UTF8_USER:$UTF8_PASSWORD
TINYPROXY_LOGIN=$PLAIN_USER:$PLAIN_PASSWORD
SQUID_URI=$ODD_USER:p%3Aa%20ss%2541%3Awo%25rd%20
APACHE_URI=j%C3%B6rg:gr%C3%BC%C3%9Fe%20%E2%82%AC5

# opens_tls ARGUMENT...: over TLS to the service that answers.
opens_tls() {
	LINE_PORT=$TLS_LINE_PORT opens -C "$CA_FILE" -e "$@"
}

# rebuilds TIMES ARGUMENT...: so often a connection is made.
rebuilds() {
	local times=$1
	shift
	expect 0 ask -v "$@"
	[[ $output == "got hello" ]]
	[[ $(grep -c '^proxytunnel: connected to ' <<<"$stderr") == "$times" ]] ||
		fail "not connected $times times:" "$stderr"
}

# over_ssh ARGUMENT...: those of proxytunnel, with %% for a %; also PORT for ssh.
over_ssh() {
	printf 'ProxyCommand "%s" %s %%h %%p\nInclude %s\n' "$PT" "$*" \
		"$SSH_CONFIG" >"$DIR/config"
	expect 0 timeout -k 5 60 ssh -F "$DIR/config" \
		-p "${PORT:-$SSHD_PORT}" 127.0.0.1 'echo here'
	# shellcheck disable=SC2154 # set by expect
	[[ $output == here && -z $stderr ]] || fail "$output" "$stderr"
}

# --- order

@test "chain: two proxies, of every kind and in every order" {
	local all="$SQUID_NONE $APACHE_NONE $TINYPROXY_NONE"
	for first in $all; do
		for second in $all; do
			# It does not go through itself.
			[[ $first$second != "$TINYPROXY_NONE$TINYPROXY_NONE" ]] ||
				continue
			opens -p "127.0.0.1:$first" -r "127.0.0.1:$second"
		done
	done
}

@test "chain: three, five, the same one again" {
	opens -p "127.0.0.1:$TINYPROXY_NONE" -r "127.0.0.1:$APACHE_NONE" \
		-r "http://localhost:$SQUID_NONE"
	opens -p "127.0.0.1:$SQUID_NONE" -r "[::1]:$SQUID_NONE" \
		-r "127.0.0.1:$SQUID_NONE" -r "localhost:$APACHE_NONE" \
		-r "127.0.0.1:$TINYPROXY_NONE"
}

@test "chain: in the order that is said, each with the header" {
	opens -H "X-Test: order" -p "127.0.0.1:$SQUID_NONE" \
		-r "127.0.0.1:$APACHE_NONE"
	wait_until 10 has_logged squid-none order 200
	wait_until 10 has_logged apache-none order 200
	refuses 69 "hop 1, *$SQUID_NONE could not open the tunnel to 127.0.0.1:$CLOSED_PORT*" \
		ask -p "127.0.0.1:$SQUID_NONE" -r "127.0.0.1:$CLOSED_PORT"
}

@test "chain: behind the proxy of the environment" {
	https_proxy=127.0.0.1:$SQUID_NONE opens \
		-r "127.0.0.1:$TINYPROXY_BASIC" -R "$TINYPROXY_LOGIN"
}

@test "chain: SOCKS over HTTP, HTTP over SOCKS, SOCKS over SOCKS" {
	local http=127.0.0.1:$SQUID_NONE
	for scheme in socks4 socks5 socks5h; do
		for port in $DANTE_NONE $SSH_SOCKS; do
			opens -p "$http" -r "$scheme://127.0.0.1:$port"
			opens -p "$scheme://127.0.0.1:$port" -r "$http"
		done
		opens -p "socks5h://localhost:$SSH_SOCKS" \
			-r "$scheme://localhost:$DANTE_NONE"
	done
	opens -p "$http" -r "socks5://127.0.0.1:$DANTE_PASSWORD" \
		-R "$TINYPROXY_LOGIN" -r "127.0.0.1:$APACHE_NONE"
}

@test "chain: SOCKS over HTTPS, HTTPS over SOCKS" {
	opens -C "$CA_FILE" -E -p "localhost:$SQUID_TLS" \
		-r "socks5h://127.0.0.1:$DANTE_NONE"
	opens -C "$CA_FILE" -p "https://localhost:$SQUID_TLS" \
		-r "socks4a://127.0.0.1:$SSH_SOCKS"
	opens -C "$CA_FILE" -p "socks5h://127.0.0.1:$DANTE_NONE" \
		-r "https://localhost:$SQUID_TLS"
	opens -C "$CA_FILE" -p "socks5h://127.0.0.1:$SSH_SOCKS" \
		-r "localhost:$SQUID_TLS" -X
}

@test "chain: SOCKS inside TLS, over HTTPS" {
	opens -C "$CA_FILE" -E -p "localhost:$SQUID_TLS" -r \
		"socks5://$TINYPROXY_LOGIN@localhost:$TLS_DANTE" -X
}

@test "chain: -X is for the last -r so far, or else for the first" {
	local tls=localhost:$TLS_TINYPROXY plain=127.0.0.1:$APACHE_NONE
	opens -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE" -X -r "$tls"
	opens -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE" -X -r "$tls" -r "$plain"
	opens -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE" -r "$tls" -X -r "$plain"
	opens -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE" -r "$plain" -r "$tls" -X
	opens -C "$CA_FILE" -p "127.0.0.1:$SQUID_NONE" -r "$plain" \
		-r "https://$tls"
}

# --- credentials

@test "credentials: squid, Apache, tinyproxy, each its own; in the addresses" {
	opens -p "$SQUID_URI@127.0.0.1:$SQUID_DIGEST" \
		-r "http://$APACHE_URI@127.0.0.1:$APACHE_BASIC" \
		-r "$TINYPROXY_LOGIN@127.0.0.1:$TINYPROXY_BASIC"
	opens -p "$TINYPROXY_LOGIN@127.0.0.1:$TINYPROXY_BASIC" \
		-r "http://$APACHE_URI@127.0.0.1:$APACHE_BASIC" \
		-r "http://$SQUID_URI@127.0.0.1:$SQUID_DIGEST"
}

@test "credentials: by -P and -R" {
	opens -p "127.0.0.1:$SQUID_DIGEST" -P "$SQUID_LOGIN" \
		-r "127.0.0.1:$APACHE_BASIC" -R "$APACHE_LOGIN" \
		-r "127.0.0.1:$TINYPROXY_BASIC" -R "$TINYPROXY_LOGIN"
	opens -R "$APACHE_LOGIN" -P "$SQUID_LOGIN" \
		-r "127.0.0.1:$APACHE_BASIC" -p "127.0.0.1:$SQUID_DIGEST"
}

@test "credentials: REMPROXYUSER and REMPROXYPASS are for the second" {
	export REMPROXYUSER=$UTF8_USER REMPROXYPASS=$UTF8_PASSWORD
	opens -p "127.0.0.1:$SQUID_NONE" -r "127.0.0.1:$APACHE_BASIC"
	opens -p "127.0.0.1:$SQUID_NONE" -r "127.0.0.1:$APACHE_BASIC" \
		-r "127.0.0.1:$TINYPROXY_NONE"
	refuses 77 "hop 3, 127.0.0.1:$APACHE_BASIC demands credentials*" \
		ask -p "127.0.0.1:$SQUID_NONE" -r "127.0.0.1:$TINYPROXY_NONE" \
		-r "127.0.0.1:$APACHE_BASIC"
	REMPROXYUSER=nobody opens -p "127.0.0.1:$SQUID_NONE" \
		-r "127.0.0.1:$APACHE_BASIC" -R "$APACHE_LOGIN"
}

@test "credentials: remproxy_user and remproxy_passwd of -F" {
	printf '%s_user=%s\n%s_passwd="%s"\n' proxy "$PLAIN_USER" proxy \
		"$PLAIN_PASSWORD" remproxy "$UTF8_USER" remproxy \
		"$UTF8_PASSWORD" >"$DIR/file"
	chmod 600 "$DIR/file"
	opens -F "$DIR/file" -p "127.0.0.1:$TINYPROXY_BASIC" \
		-r "127.0.0.1:$APACHE_BASIC"
}

@test "credentials: a command for the second" {
	opens -p "127.0.0.1:$SQUID_NONE" \
		-r "$PLAIN_USER@127.0.0.1:$TINYPROXY_BASIC" \
		--for=2 --password-command="echo $PLAIN_PASSWORD"
}

@test "credentials: those of one hop do not arrive at another" {
	local asks='send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'
	local hop hops=() user words
	for hop in 1 2 3; do
		hostile "hop$hop" -l "$DIR/heads$hop" head "$asks" head connect
		hops+=("127.0.0.1:$PORT")
	done
	for auth in '' --auth=basic; do
		expect 0 ask $auth -p "${hops[0]}" -P one:secret1 \
			-r "${hops[1]}" -R two:secret2 -r "${hops[2]}" \
			-R three:secret3 || :
	done
	for hop in 1 2 3; do
		user=("" one two three)
		words=$(sed -n 's/^Proxy-Authorization: Basic //p' \
			"$DIR/heads$hop" | tr -d '\r' | sort -u)
		[[ $(base64 -d <<<"$words") == "${user[hop]}:secret$hop" ]]
		grep -q '^CONNECT ' "$DIR/heads$hop"
	done
}

@test "credentials: a hop without any gets none" {
	hostile second -l "$DIR/heads2" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n'
	second=$PORT
	hostile first -l "$DIR/heads1" head connect
	refuses 77 "hop 2, 127.0.0.1:$second demands credentials*" ask \
		--auth=basic -p "127.0.0.1:$PORT" -P one:secret1 \
		-r "127.0.0.1:$second"
	[[ $(<"$DIR/heads1") == *Proxy-Authorization* ]]
	[[ $(<"$DIR/heads2") != *Authorization* ]]
}

@test "credentials: those of the second do not help the first" {
	hostile first -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n'
	for words in "-R two:secret2" "-r two:secret2@127.0.0.1:1" ""; do
		# shellcheck disable=SC2086 # words
		REMPROXYUSER=three REMPROXYPASS=secret3 refuses 77 \
			"hop 1, 127.0.0.1:$PORT demands credentials*" \
			ask -p "127.0.0.1:$PORT" -r 127.0.0.1:1 $words
	done
	[[ $(<"$DIR/heads") != *Authorization* ]]
}

@test "-H: for all, a secret one for the first alone, --for another" {
	local hop hops=() words
	for hop in 1 2 3; do
		hostile "hop$hop" -l "$DIR/heads$hop" head connect
		hops+=("127.0.0.1:$PORT")
	done
	opens -H 'X-All: a' -H 'Proxy-Authorization: Basic c2VjcmV0' \
		-H 'Cookie: crumb' -H 'Authorization: Bearer token' \
		--for=2 -H 'X-Two: b' -H 'Cookie: two' --for=3 \
		-H 'X-Three: c' --for=all -H 'X-End: d' -p "${hops[0]}" \
		-r "${hops[1]}" -r "${hops[2]}"
	for hop in 1 2 3; do
		words=$(grep -oE '^(X-[A-Za-z]*|Proxy-Auth.*|Auth.*|Cookie.*)' \
			"$DIR/heads$hop" | tr -d '\r' | sort | paste -sd,)
		echo "$hop: $words"
	done >"$DIR/seen"
	diff "$DIR/seen" - <<-'END'
		1: Authorization: Bearer token,Cookie: crumb,Proxy-Authorization: Basic c2VjcmV0,X-All,X-End
		2: Cookie: two,X-All,X-End,X-Two
		3: X-All,X-End,X-Three
	END
}

@test "407: a second or third hop that closes has the chain made anew" {
	rebuilds 2 -p "127.0.0.1:$SQUID_NONE" \
		-r "$TINYPROXY_LOGIN@127.0.0.1:$TINYPROXY_BASIC"
	rebuilds 2 -C "$CA_FILE" -p "https://localhost:$SQUID_TLS" \
		-r "https://$TINYPROXY_LOGIN@localhost:$TLS_TINYPROXY_BASIC"
	rebuilds 2 -p "socks5://127.0.0.1:$DANTE_NONE" \
		-r "127.0.0.1:$APACHE_NONE" \
		-r "$TINYPROXY_LOGIN@127.0.0.1:$TINYPROXY_BASIC"
	rebuilds 3 -p "$SQUID_URI@127.0.0.1:$SQUID_BASIC_CLOSE" \
		-r "$TINYPROXY_LOGIN@127.0.0.1:$TINYPROXY_BASIC"
	rebuilds 1 -p "$SQUID_URI@127.0.0.1:$SQUID_DIGEST" \
		-r "$APACHE_URI@127.0.0.1:$APACHE_BASIC"
}

@test "407: a second hop that closes, again and again" {
	hostile second head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nConnection: close\r\n\r\n'
	second=$PORT
	hostile first head connect
	refuses 77 "hop 2, 127.0.0.1:$second refused the credentials*" ask \
		-p "127.0.0.1:$PORT" -r "bob:secret@127.0.0.1:$second"
}

# --- what is said of a failure

@test "errors: the first hop" {
	local rest=(-r "127.0.0.1:$APACHE_NONE")
	refuses 69 "hop 1, 127.0.0.1:$CLOSED_PORT can't be reached: *" \
		ask -p "127.0.0.1:$CLOSED_PORT" "${rest[@]}"
	refuses 77 "hop 1, 127.0.0.1:$SQUID_DIGEST demands credentials*" \
		ask -p "127.0.0.1:$SQUID_DIGEST" "${rest[@]}"
	refuses 77 "hop 1, 127.0.0.1:$TINYPROXY_LIMITED refused the tunnel to 127.0.0.1:$APACHE_NONE: 403*" \
		ask -p "127.0.0.1:$TINYPROXY_LIMITED" "${rest[@]}"
	refuses 77 "hop 1, localhost:$SQUID_TLS_EXPIRED *expired on*2024*" \
		ask -C "$CA_FILE" -E -p "localhost:$SQUID_TLS_EXPIRED" \
		"${rest[@]}"
}

@test "errors: the second hop" {
	local first=(-p "127.0.0.1:$APACHE_NONE")
	refuses 77 "hop 2, 127.0.0.1:$TINYPROXY_BASIC refused the credentials*" \
		ask "${first[@]}" -r "127.0.0.1:$TINYPROXY_BASIC" \
		-R "$PLAIN_USER:wrong"
	refuses 77 "hop 2, 127.0.0.1:$DANTE_PASSWORD refused user and password*" \
		ask "${first[@]}" -r "socks5://127.0.0.1:$DANTE_PASSWORD" \
		-R "$PLAIN_USER:wrong"
	refuses 77 "hop 2, 127.0.0.1:$TINYPROXY_LIMITED refused the tunnel to 127.0.0.1:$LINE_PORT: 403*" \
		ask "${first[@]}" -r "127.0.0.1:$TINYPROXY_LIMITED"
	refuses 69 "hop 2, 127.0.0.1:$SQUID_NONE could not open the tunnel to 127.0.0.1:$CLOSED_PORT: 503*" \
		pt "${first[@]}" -r "127.0.0.1:$SQUID_NONE" 127.0.0.1 \
		"$CLOSED_PORT"
	refuses 76 "hop 2, 127.0.0.1:$SSHD_PORT *" \
		ask "${first[@]}" -r "127.0.0.1:$SSHD_PORT"
}

@test "errors: the second hop's TLS" {
	local first=(-C "$CA_FILE" -p "127.0.0.1:$APACHE_NONE") kind
	for kind in "EXPIRED *expired on*2024" "FUTURE *not valid before*2048" \
		"OTHER *not for localhost but for other.test" \
		"SELF *self-signed" "FOREIGN *unknown issuer"; do
		port=SQUID_TLS_${kind%% *}
		refuses 77 "hop 2, localhost:${!port} ${kind#* }*" \
			ask "${first[@]}" -X -r "localhost:${!port}"
	done
	refuses 76 "hop 2, 127.0.0.1:$SQUID_NONE does not speak TLS: this looks like an HTTP server*" \
		ask "${first[@]}" -X -r "127.0.0.1:$SQUID_NONE"
}

@test "errors: a hop that is silent" {
	hostile silent hold
	for scheme in http https socks4 socks5; do
		refuses 75 "hop 2, 127.0.0.1:$PORT *0.5 s*" ask --timeout=0.5 \
			-p "127.0.0.1:$SQUID_NONE" -r "$scheme://127.0.0.1:$PORT"
	done
}

@test "errors: the destination's TLS, behind two proxies" {
	LINE_PORT=$TLS_EXPIRED_PORT refuses 77 \
		"*127.0.0.1:$TLS_EXPIRED_PORT *expired on*2024*" ask \
		-C "$CA_FILE" -e -p "127.0.0.1:$SQUID_NONE" \
		-r "127.0.0.1:$TINYPROXY_NONE"
}

@test "errors: -W and unix are for the first hop" {
	refuses 64 "*" ask -p "127.0.0.1:$SQUID_NONE" -r "unix:$HTTP_SOCKET"
}

# --- options for one hop

@test "--for: -z for one hop is for no other" {
	local bad=localhost:$SQUID_TLS_SELF
	opens --for=1 -z --for=2 -C "$CA_FILE" -E -p "$bad" -X \
		-r "localhost:$SQUID_TLS"
	opens --for=2 -z --for=1 -C "$CA_FILE" -E -p "localhost:$SQUID_TLS" \
		-X -r "$bad"
	refuses 77 "hop 2, $bad *self-signed*" ask -C "$CA_FILE" --for=1 -z -E \
		-p "$bad" -X -r "$bad"
	refuses 77 "hop 1, $bad *self-signed*" ask -C "$CA_FILE" --for=2 -z -E \
		-p "$bad" -X -r "$bad"
	opens -z -E -p "$bad" -X -r "$bad"
	LINE_PORT=$TLS_SELF_PORT refuses 77 \
		"*127.0.0.1:$TLS_SELF_PORT *self-signed*" ask -C "$CA_FILE" \
		--for=1 -z --for=2 -z -e -E -p "$bad" -X -r "$bad"
}

@test "--for=dest: the destination alone" {
	LINE_PORT=$TLS_SELF_PORT opens -C "$CA_FILE" -e -E \
		-p "localhost:$SQUID_TLS" --for=dest -z
	refuses 77 "localhost:$SQUID_TLS_SELF *self-signed*" ask -C "$CA_FILE" \
		-e -E -p "localhost:$SQUID_TLS_SELF" --for=dest -z
}

@test "--for: a pin for each" {
	local words=(-E -p "localhost:$SQUID_TLS" -X -r
		"localhost:$APACHE_TLS")
	opens_tls --for=1 --pin="$(pin good)" --for=2 --pin="$(pin apache)" \
		--for=dest --pin="$(pin target)" "${words[@]}"
	refuses 77 "hop 2, localhost:$APACHE_TLS *public key*--pin*" ask \
		-C "$CA_FILE" --for=1 --pin="$(pin good)" --for=2 \
		--pin="$(pin good)" "${words[@]}"
}

@test "--for: a name, an authority, a certificate of ours" {
	opens_tls --for=2 --sni=other.test -E -p "localhost:$SQUID_TLS" \
		-X -r "localhost:$SQUID_TLS_OTHER"
	opens_tls --for=2 -C "$CERTS/foreign-ca.pem" -E \
		-p "localhost:$SQUID_TLS" -X -r "localhost:$SQUID_TLS_FOREIGN"
	opens_tls --for=2 -c "$CERTS/client.pem" -k "$CERTS/client.key" -E \
		-p "localhost:$SQUID_TLS" -X -r "localhost:$APACHE_TLS_CLIENT"
	refuses 77 "hop 2, localhost:$APACHE_TLS_CLIENT *client certificate*-c*" \
		ask -C "$CA_FILE" --for=1 -c "$CERTS/client-both.pem" -E \
		-p "localhost:$SQUID_TLS" -X -r "localhost:$APACHE_TLS_CLIENT"
	opens_tls -c "$CERTS/client-both.pem" -E \
		-p "localhost:$SQUID_TLS_CLIENT" -X \
		-r "localhost:$APACHE_TLS_CLIENT"
}

@test "--for: a hop that does not exist" {
	for hop in 0 x -1 ''; do
		refuses 64 "*--for*" ask --for="$hop" -z \
			-p "127.0.0.1:$SQUID_NONE"
	done
	refuses 64 "*--for*" ask --for=3 -z -p "127.0.0.1:$SQUID_NONE" \
		-r "127.0.0.1:$APACHE_NONE"
}

@test "-W: only the first proxy ends TLS" {
	start_peer peer head clear 'send:HTTP/1.1 200 OK\r\n\r\n' \
		"relay:$TLS_TINYPROXY"
	expect 0 ask -q -C "$CA_FILE" -B -p "localhost:$PORT" -X \
		-r "localhost:$TLS_TINYPROXY"
	[[ $output == "got hello" ]]
}

# --- the tunnel

@test "ssh: through squid, Apache and tinyproxy, each with another login" {
	over_ssh -p "${SQUID_URI//%/%%}@127.0.0.1:$SQUID_DIGEST" \
		-r "${APACHE_URI//%/%%}@127.0.0.1:$APACHE_BASIC" \
		-r "$TINYPROXY_LOGIN@127.0.0.1:$TINYPROXY_BASIC"
}

@test "ssh: through all of it, with TLS and SOCKS" {
	PORT=$TLS_SSHD over_ssh -C "$CA_FILE" -e -E \
		-p "${SQUID_URI//%/%%}@localhost:$SQUID_TLS_DIGEST" \
		-X -r "${APACHE_URI//%/%%}@localhost:$APACHE_TLS_BASIC" \
		-r "socks5h://$TINYPROXY_LOGIN@localhost:$TLS_DANTE" -X \
		-r "https://$TINYPROXY_LOGIN@localhost:$TLS_TINYPROXY_BASIC"
}

@test "bytes: TLS in TLS in TLS, 256 MiB both ways" {
	local mib=256 sum theirs
	[[ -z ${QUICK:-} ]] || mib=16
	head -c "${mib}M" /dev/urandom >"$DIR/data"
	sum=$(sha256sum <"$DIR/data" | cut -c1-64)
	{
		echo $((mib << 20))
		cat "$DIR/data"
	} | PT_SECONDS=120 pt -C "$CA_FILE" -E -e -p "localhost:$SQUID_TLS" \
		-X -r "localhost:$APACHE_TLS" 127.0.0.1 "$TLS_TRADE_PORT" |
		{
			head -c "${mib}M" | sha256sum | cut -c1-64 >"$DIR/sum"
			cat >"$DIR/rest"
		}
	theirs=$(<"$DIR/sum")
	has "$(<"$DIR/rest")" "sent $theirs got $sum"
}

@test "bytes: 8 MiB through five layers of TLS" {
	head -c 8388608 /dev/urandom >"$DIR/data"
	sum=$(sha256sum <"$DIR/data" | cut -c1-64)
	{
		echo 8388608
		cat "$DIR/data"
	} | pt -C "$CA_FILE" -e -p "https://localhost:$SQUID_TLS" \
		-r "https://localhost:$APACHE_TLS" \
		-r "https://localhost:$TLS_TINYPROXY" \
		-r "https://localhost:$SQUID_TLS_12" 127.0.0.1 \
		"$TLS_TRADE_PORT" >"$DIR/out"
	theirs=$(head -c 8388608 "$DIR/out" | sha256sum | cut -c1-64)
	has "$(tail -c +8388609 "$DIR/out")" "sent $theirs got $sum"
}

@test "ends: half of it, through a chain that passes it on" {
	sum=$(printf x | sha256sum | cut -c1-64)
	for when in 0.3 now; do
		expect 0 pt --half-close="$when" -C "$CA_FILE" \
			-p "127.0.0.1:$APACHE_NONE" \
			-r "socks5://127.0.0.1:$DANTE_NONE" \
			-r "socks4a://localhost:$SSH_SOCKS" 127.0.0.1 \
			"$SINK_PORT" < <(printf x)
		[[ $output == "1 $sum" && -z $stderr ]]
	done
}

@test "ends: an answer comes although standard input has ended" {
	expect 0 pt -e -C "$CA_FILE" -E -p "localhost:$SQUID_TLS" \
		-X -r "localhost:$APACHE_TLS" -r "127.0.0.1:$TINYPROXY_NONE" \
		127.0.0.1 "$TLS_LATE_PORT" <<<"hello"
	[[ $output == "got hello" && -z $stderr ]]
}

@test "secrets: -vv shows none of any hop" {
	expect 0 ask -vv -p "$SQUID_URI@127.0.0.1:$SQUID_DIGEST" \
		-r "$APACHE_URI@127.0.0.1:$APACHE_BASIC" \
		-r "socks5://$TINYPROXY_LOGIN@127.0.0.1:$DANTE_PASSWORD" \
		-r "$TINYPROXY_LOGIN@127.0.0.1:$TINYPROXY_BASIC"
	[[ $output == "got hello" ]]
	silent_about "$ODD_USER" "$ODD_PASSWORD" "$stderr"
	silent_about "$UTF8_USER" "$UTF8_PASSWORD" "$stderr"
	silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" "$stderr"
}
