#!/usr/bin/env bats
# Digest, NTLM and Negotiate at squid and Apache, with a KDC of our own.

load lib

setup_file() {
	local kind
	need base64 python3 strace
	start_targets
	start_kdc
	for kind in basic digest digest-close digest-stale digest-basic ntlm \
		ntlm-close negotiate negotiate-close wrapper everything; do
		start_squid "$kind"
	done
	for kind in digest ntlm negotiate negotiate-basic; do
		start_apache "$kind"
	done
	start_sshd
}

teardown_file() {
	stop_all
}

teardown() {
	stop_all
}

DIGEST_SERVERS="squid-digest squid-digest-close apache-digest"
NEGOTIATE_SERVERS="squid-negotiate squid-negotiate-close apache-negotiate
	apache-negotiate-basic"
NO_TICKET="Negotiate: *klist shows none; run kinit*"

# port_of SERVER: squid-digest-close -> the value of SQUID_DIGEST_CLOSE.
port_of() {
	local name=${1^^}
	name=${name//-/_}
	echo "${!name}"
}

# at SERVER: by the name that Kerberos knows.
at() {
	echo "localhost:$(port_of "$1")"
}

# login NAME: NAME_USER:NAME_PASSWORD
login() {
	local user=$1_USER password=$1_PASSWORD
	echo "${!user}:${!password}"
}

# said GLOB COMMAND...: it succeeds, and says that with -v.
said() {
	local glob=$1
	shift
	expect 0 "$@" -v
	[[ $output == "got hello" ]] || fail "it brought: $output" "$stderr"
	has "$stderr" "$glob"
}

# The statuses that SERVER logged for TAG, in a line.
statuses() {
	logged "$1" "$2" | cut -d' ' -f1 | paste -sd,
}

has_statuses() {
	[[ $(statuses "$1" "$2") == "$3" ]]
}

# trips SERVER TAG STATUSES CONNECTIONS: the requests with that tag.
trips() {
	wait_until 5 has_statuses "$1" "$2" "$3" ||
		fail "$1 saw, not $3:" "$(logged "$1" "$2")"
	[[ $(logged "$1" "$2" | cut -d' ' -f2 | uniq | wc -l) == "$4" ]] ||
		fail "not on $4 connections:" "$(logged "$1" "$2")"
}

# over_ssh ARGUMENT...: those of proxytunnel.
over_ssh() {
	printf 'ProxyCommand "%s" %s %%h %%p\nInclude %s\n' "$PT" "$*" \
		"$SSH_CONFIG" >"$DIR/config"
	expect 0 timeout -k 5 60 ssh -F "$DIR/config" 127.0.0.1 'echo here'
	[[ $output == here && -z $stderr ]] || fail "$output" "$stderr"
}

# empty_libraries SONAME...: prints a folder with libraries that offer nothing.
empty_libraries() {
	local name folder=$DIR/libraries
	need "${CC:-cc}"
	mkdir -p "$folder"
	for name; do
		"${CC:-cc}" -shared -nostdlib -Wl,-soname="$name" \
			-o "$folder/$name" -x c /dev/null
	done
	echo "$folder"
}

# without FOLDER COMMAND...: our program finds these libraries first.
without() {
	local folder=$1 PT=$DIR/without
	shift
	printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$folder" \
		"'${PROXYTUNNEL:-$BATS_TEST_DIRNAME/../proxytunnel}'" >"$PT"
	chmod +x "$PT"
	"$@"
}

# --- Digest

@test "digest: right credentials" {
	for server in $DIGEST_SERVERS squid-digest-basic; do
		for user in PLAIN ODD UTF8 LONG; do
			opens -p "$(at "$server")" -P "$(login "$user")"
		done
		PROXYUSER=$UTF8_USER PROXYPASS=$UTF8_PASSWORD \
			opens -p "$(at "$server")"
	done
}

@test "digest: a wrong password, an unknown user" {
	for server in $DIGEST_SERVERS; do
		for login in "$MISTAKEN_USER:wrong" \
			"$MISTAKEN_USER:$MISTAKEN_PASSWORD " \
			"nobody:$MISTAKEN_PASSWORD"; do
			refuses 77 "$(at "$server") refused the credentials*offers Digest; Digest: refused*" \
				ask -p "$(at "$server")" -P "$login"
		done
	done
}

@test "digest: no credentials" {
	for server in $DIGEST_SERVERS; do
		refuses 77 "$(at "$server") demands credentials and offers Digest*-P USER*" \
			ask -p "$(at "$server")"
	done
}

@test "digest: 407 and 200, on one connection if it is kept" {
	for server in squid-digest apache-digest; do
		opens -p "$(at "$server")" -P "$(login PLAIN)" \
			-H "X-Test: right"
		trips "$server" right 407,200 1
		expect 77 ask -p "$(at "$server")" -P "$MISTAKEN_USER:wrong" \
			-H "X-Test: wrong"
		trips "$server" wrong 407,407 1
	done
	opens -p "$(at squid-digest-close)" -P "$(login PLAIN)" \
		-H "X-Test: right"
	trips squid-digest-close right 407,200 2
}

@test "digest: it says what it does, without secrets" {
	for server in $DIGEST_SERVERS; do
		said "*> Proxy-Authorization: Digest \[hidden\]*" \
			ask -p "$(at "$server")" -P "$(login PLAIN)"
		[[ $stderr != *Basic* && $stderr != *response=* ]]
	done
}

@test "digest: nonces that are good for one tunnel" {
	for _ in 1 2 3; do
		opens -p "$(at squid-digest-stale)" -P "$(login PLAIN)"
	done
}

# start_replayer PORT TIMES: a proxy before squid at PORT that uses up so many
# of the nonces that it sees; REPLAYER is its port then.
start_replayer() {
	cat >"$DIR/replayer.py" <<-'END'
		import socket, sys, threading

		upstream = ("127.0.0.1", int(sys.argv[1]))
		left = int(sys.argv[2])

		def pass_on(source, sink):
		    while data := source.recv(65536):
		        sink.sendall(data)
		    sink.shutdown(socket.SHUT_WR)

		def serve(client):
		    global left
		    squid = socket.create_connection(upstream)
		    threading.Thread(target=pass_on, args=(squid, client),
		                     daemon=True).start()
		    while data := client.recv(65536):
		        if b"\r\nProxy-Authorization: Digest " in data and left > 0:
		            left -= 1
		            answer = b""
		            while b"stale=true" not in answer:
		                with socket.create_connection(upstream) as other:
		                    other.sendall(data)
		                    answer = other.recv(65536)
		        squid.sendall(data)
		    squid.shutdown(socket.SHUT_WR)

		listener = socket.create_server(("127.0.0.1", 0))
		print(listener.getsockname()[1])
		while True:
		    threading.Thread(target=serve, args=(listener.accept()[0],),
		                     daemon=True).start()
	END
	start replayer python3 -u "$DIR/replayer.py" "$@"
	wait_until 10 test -s "$DIR/replayer.log"
	REPLAYER=$(<"$DIR/replayer.log")
}

@test "digest: a nonce that became stale is followed by another" {
	start_replayer "$(port_of squid-digest-stale)" 1
	opens -p "127.0.0.1:$REPLAYER" -P "$(login PLAIN)" -H "X-Test: once"
	# The first, that to the replayer, that to us.
	[[ $(logged squid-digest-stale once | grep -c ^407) == 3 ]]
}

@test "digest: nonces that are stale again and again" {
	start_replayer "$(port_of squid-digest-stale)" 100
	refuses 77 "*refused the credentials*Digest: *" \
		ask -p "127.0.0.1:$REPLAYER" -P "$(login ODD)"
}

@test "digest: stronger than Basic, which follows it" {
	local server=squid-digest-basic
	said "*Proxy-Authorization: Digest*" \
		ask -p "$(at "$server")" -P "$(login PLAIN)"
	[[ $stderr != *"Authorization: Basic"* ]]
	refuses 77 "$(at "$server") refused the credentials*Digest: refused*" \
		ask -p "$(at "$server")" -P "$MISTAKEN_USER:wrong"
}

@test "digest: an OpenSSL that has no MD5" {
	cat >"$DIR/openssl.cnf" <<-'END'
		openssl_conf = all
		[all]
		providers = providers
		alg_section = algorithms
		[providers]
		default = on
		[on]
		activate = 1
		[algorithms]
		default_properties = fips=yes
	END
	export OPENSSL_CONF=$DIR/openssl.cnf
	refuses 77 "$(at squid-digest) demands credentials*Digest: *libcrypto*" \
		ask -p "$(at squid-digest)" -P "$(login PLAIN)"
	refuses 77 "$(at apache-ntlm) demands credentials*NTLM: *libcrypto*" \
		ask -N -p "$(at apache-ntlm)" -P "$(login PLAIN)"
	said "*Digest: *libcrypto*Authorization: Basic*" \
		ask -p "$(at squid-digest-basic)" -P "$(login PLAIN)"
}

@test "digest: no OpenSSL" {
	local folder
	folder=$(empty_libraries libcrypto.so.3 libcrypto.so.1.1 libcrypto.so)
	without "$folder" refuses 77 \
		"$(at squid-digest) demands credentials*Digest: *libcrypto*" \
		ask -p "$(at squid-digest)" -P "$(login PLAIN)"
	without "$folder" opens -p "$(at squid-digest-basic)" \
		-P "$(login PLAIN)"
}

# --- NTLM

@test "ntlm: right credentials, and the domain in four ways" {
	local server
	server=$(at apache-ntlm)
	opens -p "$server" -P "$(login PLAIN)"
	opens -p "$server" -P "$(login PLAIN)" -t "$NTLM_DOMAIN"
	opens -p "$server" -P "$(login PLAIN)" --domain="$NTLM_DOMAIN"
	opens -p "$server" -P "$NTLM_DOMAIN\\$(login PLAIN)"
	opens -p "$server" -P "$PLAIN_USER@$NTLM_DOMAIN:$PLAIN_PASSWORD"
	opens -N -p "$server" -P "$(login PLAIN)"
	opens --ntlm -p "$server" -P "$(login PLAIN)"
	opens --auth=ntlm -p "$server" -P "$(login PLAIN)"
}

@test "ntlm: another domain" {
	local server other=$PLAIN_USER:$OTHER_PASSWORD login
	server=$(at apache-ntlm)
	opens -p "$server" -P "$other" -t "$OTHER_DOMAIN"
	opens -p "$server" -P "$OTHER_DOMAIN\\$other"
	opens -p "$server" -P "$PLAIN_USER@$OTHER_DOMAIN:$OTHER_PASSWORD"
	for login in "$other" "$OTHER_DOMAIN\\$(login PLAIN)"; do
		refuses 77 "$server refused the credentials*NTLM: refused*" \
			ask -p "$server" -P "$login"
	done
	refuses 77 "$server refused the credentials*NTLM: refused*" \
		ask -p "$server" -P "$(login PLAIN)" -t "$OTHER_DOMAIN"
	refuses 77 "$server refused the credentials*NTLM: refused*" \
		ask -p "$server" -P "$(login PLAIN)" -t NONE
}

@test "ntlm: -t comes before a domain in the name" {
	refuses 77 "*refused the credentials*NTLM: refused*" \
		ask -p "$(at apache-ntlm)" -t "$NTLM_DOMAIN" \
		-P "$NTLM_DOMAIN\\$(login PLAIN)"
}

@test "ntlm: user and password in UTF-8, in any letter case" {
	local server
	server=$(at apache-ntlm)
	opens -p "$server" -P "$(login UTF8)"
	opens -p "$server" -P "JÖRG:$UTF8_PASSWORD"
	opens -p "$server" -P "${PLAIN_USER^^}:$PLAIN_PASSWORD"
	PROXYUSER=$UTF8_USER PROXYPASS=$UTF8_PASSWORD opens -p "$server"
	refuses 77 "$server refused the credentials*NTLM: refused*" \
		ask -p "$server" -P "$UTF8_USER:${UTF8_PASSWORD^^}"
}

@test "ntlm: a name or password that is not UTF-8" {
	refuses 77 "$(at apache-ntlm) demands credentials*NTLM: *UTF-8*" \
		ask -p "$(at apache-ntlm)" -P "$PLAIN_USER:"$'gr\xfc\xdfe'
}

@test "ntlm: a wrong password, an unknown user" {
	for login in "$MISTAKEN_USER:wrong" "nobody:$PLAIN_PASSWORD"; do
		refuses 77 "$(at apache-ntlm) refused the credentials*offers Negotiate, NTLM;*NTLM: refused*" \
			ask -p "$(at apache-ntlm)" -P "$login"
		refuses 77 "$(at apache-ntlm) refused the credentials*NTLM: refused*" \
			ask -N -p "$(at apache-ntlm)" -P "$login"
	done
}

@test "ntlm: no credentials" {
	for server in squid-ntlm squid-ntlm-close apache-ntlm; do
		refuses 77 "$(at "$server") demands credentials and offers *NTLM*-P USER*" \
			ask -p "$(at "$server")"
	done
}

@test "ntlm: squid, and its answers without a target list" {
	for server in squid-ntlm squid-ntlm-close; do
		for user in PLAIN ODD UTF8; do
			opens -p "$(at "$server")" -P "$(login "$user")"
			opens -p "$(at "$server")" -P "$(login "$user")" \
				-t "$NTLM_DOMAIN"
		done
	done
}

@test "ntlm: 407, 407 and 200, the last two on one connection" {
	for server in squid-ntlm apache-ntlm; do
		opens -p "$(at "$server")" -P "$(login PLAIN)" \
			-H "X-Test: right"
		trips "$server" right 407,407,200 1
	done
	opens -p "$(at squid-ntlm-close)" -P "$(login PLAIN)" \
		-H "X-Test: right"
	trips squid-ntlm-close right 407,407,200 2
	expect 77 ask -p "$(at apache-ntlm)" -P "$MISTAKEN_USER:wrong" \
		-H "X-Test: wrong"
	trips apache-ntlm wrong 407,407,407 1
}

@test "ntlm: it says what it does, without secrets" {
	for server in squid-ntlm apache-ntlm; do
		said "*> Proxy-Authorization: NTLM \[hidden\]*> Proxy-Authorization: NTLM \[hidden\]*" \
			ask -p "$(at "$server")" -P "$(login PLAIN)"
		[[ $stderr != *"Authorization: NTLM T"* ]]
	done
}

@test "ntlm: a ticket that this proxy can't use" {
	ticket PLAIN
	opens -p "$(at apache-ntlm)" -P "$(login PLAIN)"
}

@test "ntlm: where Negotiate alone is offered" {
	local server
	server=$(at squid-wrapper)
	said "*> Proxy-Authorization: Negotiate \[hidden\]*> Proxy-Authorization: Negotiate \[hidden\]*" \
		ask -p "$server" -P "$(login PLAIN)" -H "X-Test: inside"
	trips squid-wrapper inside 407,407,200 1
	opens -N -p "$server" -P "$(login PLAIN)"
	ticket PLAIN
	opens -p "$server" -H "X-Test: kerberos"
	trips squid-wrapper kerberos 407,200 1
}

# --- Negotiate

@test "negotiate: a ticket" {
	for user in PLAIN ODD UTF8; do
		ticket "$user"
		for server in $NEGOTIATE_SERVERS squid-everything; do
			opens -p "$(at "$server")"
		done
	done
}

@test "negotiate: 407 and 200, on one connection if it is kept" {
	ticket PLAIN
	for server in squid-negotiate apache-negotiate; do
		opens -p "$(at "$server")" -H "X-Test: ticket"
		trips "$server" ticket 407,200 1
	done
	opens -p "$(at squid-negotiate-close)" -H "X-Test: ticket"
	trips squid-negotiate-close ticket 407,200 2
}

@test "negotiate: it says what it does, without secrets" {
	ticket PLAIN
	for server in $NEGOTIATE_SERVERS; do
		said "*> Proxy-Authorization: Negotiate \[hidden\]*" \
			ask -p "$(at "$server")"
		[[ $stderr != *"Authorization: Negotiate Y"* ]]
	done
}

@test "negotiate: no ticket" {
	for server in squid-negotiate squid-negotiate-close apache-negotiate; do
		refuses 77 "$(at "$server") demands credentials and offers Negotiate; $NO_TICKET" \
			ask -p "$(at "$server")"
	done
}

@test "negotiate: an expired ticket" {
	expired_ticket PLAIN
	for server in squid-negotiate apache-negotiate; do
		refuses 77 "$(at "$server") demands credentials*Negotiate: *kinit*" \
			ask -p "$(at "$server")"
		[[ $stderr != *"klist shows none"* ]]
	done
}

@test "negotiate: no ticket, but the user of Kerberos by Basic" {
	local server
	server=$(at apache-negotiate-basic)
	for user in PLAIN UTF8; do
		opens -p "$server" -P "$(login "$user")"
	done
	refuses 77 "$server refused the credentials*$NO_TICKET, *Basic: refused*" \
		ask -p "$server" -P "$MISTAKEN_USER:wrong"
	expired_ticket PLAIN
	opens -p "$server" -P "$(login PLAIN)"
}

@test "negotiate: a proxy by a name that Kerberos does not know" {
	local port server
	ticket PLAIN
	for server in squid-negotiate apache-negotiate; do
		port=$(port_of "$server")
		refuses 77 "127.0.0.1:$port demands credentials*Negotiate: *--spn*" \
			ask -p "127.0.0.1:$port"
		opens --spn=HTTP@localhost -p "127.0.0.1:$port"
		opens --spn=HTTP/localhost -p "127.0.0.1:$port"
		opens --spn="HTTP/localhost@$REALM" -p "127.0.0.1:$port"
	done
	refuses 77 "*Negotiate: *--spn*" ask --spn=HTTP@nowhere \
		-p "$(at squid-negotiate)"
}

@test "negotiate: a ticket for another service" {
	ticket PLAIN
	for server in squid-negotiate squid-negotiate-close apache-negotiate; do
		refuses 77 "$(at "$server") refused the credentials*offers Negotiate; Negotiate: *" \
			ask --spn=HTTP/other -p "$(at "$server")"
	done
}

@test "negotiate: a ticket is handed over only with --delegate" {
	local file=$BATS_FILE_TMPDIR/apache-negotiate/delegated/$ODD_USER@$REALM
	local server
	server=$(at apache-negotiate)
	ticket ODD -f
	opens -p "$server"
	[[ ! -e $file ]]
	opens --delegate -p "$server"
	[[ -e $file ]]
	klist -s -c "FILE:$file" || ((UID != 0))
	rm -f "$file"
	# This one may not be.
	ticket ODD -F
	opens --delegate -p "$server"
	[[ ! -e $file ]]
}

# kdc_at PORT: Kerberos looks for its KDC there.
kdc_at() {
	krb5_conf "$DIR/krb5.conf" "127.0.0.1:$1"
	export KRB5_CONFIG=$DIR/krb5.conf
}

@test "negotiate: no KDC" {
	ticket PLAIN
	kdc_at "$CLOSED_PORT"
	for server in squid-negotiate apache-negotiate; do
		PT_SECONDS=10 refuses 77 \
			"$(at "$server") demands credentials and offers Negotiate*; Negotiate: *" \
			ask -p "$(at "$server")"
		[[ $stderr != *kinit* ]]
	done
}

@test "negotiate: a KDC that does not answer" {
	local took start=${EPOCHREALTIME/./}
	ticket PLAIN
	kdc_at "$SINK_PORT"
	export PT_MARK=$DIR
	PT_SECONDS=10 run --separate-stderr ask --timeout=1 \
		-p "$(at squid-negotiate)"
	[[ $status == 75 || $status == 77 ]]
	[[ -z $output ]]
	has "$stderr" "proxytunnel: $(at squid-negotiate) *; Negotiate: *KDC*"
	took=$((${EPOCHREALTIME/./} - start))
	((took > 300000 && took < 3000000)) || fail "after $took us"
	none_of_ours
}

has_child() {
	[[ $(ours | wc -l) == 2 ]]
}

@test "negotiate: the end while a KDC does not answer leaves no process" {
	local signal
	ticket PLAIN
	kdc_at "$SINK_PORT"
	for signal in TERM INT HUP KILL; do
		start client env "PT_MARK=$DIR" "$PT" \
			-p "$(at squid-negotiate)" 127.0.0.1 "$LINE_PORT"
		wait_until 10 has_child
		kill -"$signal" "$(<"$DIR/client.pid")"
		wait_until 5 none_of_ours || fail "$signal leaves a process"
	done
}

@test "negotiate: Heimdal's library" {
	local folder
	folder=$(empty_libraries libgssapi_krb5.so.2)
	ticket PLAIN
	for server in squid-negotiate apache-negotiate; do
		without "$folder" opens -p "$(at "$server")"
	done
	without "$folder" opens --spn=HTTP/localhost \
		-p "127.0.0.1:$(port_of squid-negotiate)"
	unset KRB5CCNAME
	without "$folder" refuses 77 "*Negotiate: *kinit*" \
		ask -p "$(at squid-negotiate)"
}

@test "negotiate: no library of Kerberos" {
	local folder
	folder=$(empty_libraries libgssapi_krb5.so.2 libgssapi.so.3)
	ticket PLAIN
	without "$folder" refuses 77 \
		"$(at squid-negotiate) demands credentials*Negotiate: *libgssapi*" \
		ask -p "$(at squid-negotiate)"
	without "$folder" opens -p "$(at squid-everything)" -P "$(login PLAIN)"
}

# --- Negotiate, and who the proxy is

# start_gss HOW [legs]: a proxy that sends a last token, see gss-proxy.py; GSS
# is its name and port.
start_gss() {
	local name=gss-$1${2:+-$2}
	ntlm_file "$DIR/users"
	start "$name" env KRB5_KTNAME="$KEYTAB" KRB5RCACHENAME=none: \
		NTLM_USER_FILE="$DIR/users" \
		python3 -u "$BATS_TEST_DIRNAME/gss-proxy.py" "$@"
	GSS_LOG=$DIR/$name.log
	wait_until 20 test -s "$GSS_LOG" || show_log "$GSS_LOG"
	GSS=localhost:$(head -n 1 "$GSS_LOG")
}

gss_said() {
	[[ $(<"$GSS_LOG") == "$1" ]]
}

# gss_saw CONTEXT TEXT: who came and how, and what came through the tunnel.
gss_saw() {
	wait_until 5 gss_said "$1"$'\n'"through: $2" || show_log "$GSS_LOG"
}

# with_each COMMAND...: with MIT's library and with Heimdal's.
with_each() {
	local folder
	folder=$(empty_libraries libgssapi_krb5.so.2)
	"$@"
	without "$folder" "$@"
}

# proven CONTEXT ARGUMENT...: a tunnel to the proxy GSS; it saw that context.
proven() {
	local context=$1
	shift
	: >"$GSS_LOG"
	opens -p "$GSS" "$@"
	gss_saw "$context" hello
}

# unproven CONTEXT: no byte of the tunnel comes or goes.
unproven() {
	: >"$GSS_LOG"
	PT_MARK=$DIR refuses 77 \
		"$GSS opened the tunnel but could not prove who it is: ?*" \
		ask -p "$GSS"
	[[ ${stderr,,} != *"unknown error"* ]] || fail "$stderr"
	gss_saw "$1" ""
}

@test "negotiate: a last token that is right, or none" {
	local how
	ticket PLAIN
	for how in right none; do
		start_gss "$how"
		with_each proven "$PLAIN_USER@$REALM legs=1 mutual"
	done
}

@test "negotiate: a last token that is wrong" {
	local how
	ticket PLAIN
	for how in wrong garbage; do
		start_gss "$how"
		with_each unproven "$PLAIN_USER@$REALM legs=1 mutual"
	done
	wait_until 5 none_of_ours
}

@test "negotiate: the last token of another context" {
	ticket PLAIN
	start_gss other
	proven "$PLAIN_USER@$REALM legs=1 mutual"
	with_each unproven "$PLAIN_USER@$REALM legs=1 mutual"
	wait_until 5 none_of_ours
}

@test "negotiate: several legs, and a last token that is right, or none" {
	local how
	ticket PLAIN
	for how in right none; do
		start_gss "$how" legs
		NTLM_USER_FILE=$DIR/users \
			proven "$NTLM_DOMAIN\\$PLAIN_USER legs=3"
	done
}

@test "negotiate: several legs, and a last token that is wrong" {
	local how
	ticket PLAIN
	for how in wrong garbage; do
		start_gss "$how" legs
		NTLM_USER_FILE=$DIR/users \
			unproven "$NTLM_DOMAIN\\$PLAIN_USER legs=3"
	done
	start_gss other legs
	NTLM_USER_FILE=$DIR/users \
		proven "$NTLM_DOMAIN\\$PLAIN_USER legs=3"
	NTLM_USER_FILE=$DIR/users \
		unproven "$NTLM_DOMAIN\\$PLAIN_USER legs=3"
	wait_until 5 none_of_ours
}

@test "negotiate: delegation is asked for only with --delegate" {
	start_gss right
	ticket PLAIN -f
	with_each proven "$PLAIN_USER@$REALM legs=1 mutual"
	with_each proven "$PLAIN_USER@$REALM legs=1 delegation mutual" \
		--delegate
	ticket PLAIN -F
	with_each proven "$PLAIN_USER@$REALM legs=1 mutual" --delegate
}

# --- All of them

EVERYTHING="Negotiate, NTLM, Digest, Basic"

@test "everything: with a ticket, Negotiate" {
	ticket PLAIN
	for login in "" "$(login ODD)" "$MISTAKEN_USER:wrong"; do
		said "*> Proxy-Authorization: Negotiate \[hidden\]*" \
			ask -p "$(at squid-everything)" -H "X-Test: ticket" \
			${login:+-P "$login"}
		[[ $stderr != *"Authorization: Digest"* ]]
	done
	trips squid-everything ticket 407,200,407,200,407,200 3
}

@test "everything: without a ticket, Digest, and -v says why" {
	opens -p "$(at squid-everything)" -P "$(login PLAIN)" \
		-H "X-Test: no-ticket"
	trips squid-everything no-ticket 407,200 1
	said "*$NO_TICKET*> Proxy-Authorization: Digest \[hidden\]*" \
		ask -p "$(at squid-everything)" -P "$(login PLAIN)"
	expired_ticket PLAIN
	opens -p "$(at squid-everything)" -P "$(login PLAIN)"
	said "*Negotiate: *kinit*> Proxy-Authorization: Digest \[hidden\]*" \
		ask -p "$(at squid-everything)" -P "$(login PLAIN)"
}

@test "everything: a ticket that is refused, then the password" {
	ticket PLAIN
	for server in squid-everything apache-negotiate-basic; do
		opens --spn=HTTP/other -p "$(at "$server")" \
			-P "$(login PLAIN)"
	done
}

@test "everything: neither ticket nor password" {
	refuses 77 "$(at squid-everything) demands credentials and offers $EVERYTHING; $NO_TICKET-P USER*" \
		ask -p "$(at squid-everything)"
}

@test "--auth: a scheme alone" {
	ticket PLAIN
	for scheme in Digest NTLM Negotiate; do
		said "*> Proxy-Authorization: $scheme \[hidden\]*" \
			ask --auth="${scheme,,}" -p "$(at squid-everything)" \
			-P "$(login PLAIN)"
		[[ $(grep -c "^> Proxy-Authorization" <<<"$stderr") == \
			$(grep -c "^> Proxy-Authorization: $scheme" \
			<<<"$stderr") ]]
	done
	said "*> Proxy-Authorization: NTLM \[hidden\]*" \
		ask -N -p "$(at squid-everything)" -P "$(login PLAIN)"
	[[ $stderr != *"Authorization: Negotiate"* ]]
}

@test "--auth=basic: goes with the first request, whatever is offered" {
	ticket PLAIN
	for server in squid-everything squid-digest-basic \
		apache-negotiate-basic; do
		opens --auth=basic -p "$(at "$server")" -P "$(login PLAIN)" \
			-H "X-Test: unasked"
		trips "$server" unasked 200 1
	done
}

@test "--auth: of several, the strongest that works" {
	said "*$NO_TICKET*> Proxy-Authorization: Digest*" \
		ask --auth=negotiate,digest -p "$(at squid-everything)" \
		-P "$(login PLAIN)"
	refuses 77 "$(at squid-everything) refused the credentials*Digest: refused*password right*" \
		ask --auth=negotiate,digest -p "$(at squid-everything)" \
		-P "$MISTAKEN_USER:wrong"
	[[ $stderr != *"NTLM: refused"* && $stderr != *"Basic: refused"* ]]
	refuses 77 "$(at squid-everything) refused the credentials*Basic: refused*password right*" \
		ask --auth=negotiate,basic -p "$(at squid-everything)" \
		-P "$MISTAKEN_USER:wrong"
	ticket PLAIN
	said "*> Proxy-Authorization: Negotiate*" \
		ask --auth=digest,negotiate -p "$(at squid-everything)" \
		-P "$(login PLAIN)"
}

@test "--auth: what is offered is not allowed" {
	ticket PLAIN
	for server in digest ntlm negotiate; do
		refuses 77 "$(at "squid-$server") demands credentials and offers *--auth*" \
			ask --auth=basic -p "$(at "squid-$server")" \
			-H "X-Test: not-allowed"
	done
	refuses 77 "$(at squid-basic) demands credentials and offers Basic*--auth*" \
		ask --auth=negotiate,ntlm,digest -p "$(at squid-basic)" \
		-P "$(login PLAIN)"
	refuses 77 "$(at squid-digest) demands credentials and offers Digest*--auth*" \
		ask -N -p "$(at squid-digest)" -P "$(login PLAIN)"
}

# --- ssh

@test "ssh: Digest" {
	for server in $DIGEST_SERVERS; do
		PROXYPASS=$PLAIN_PASSWORD over_ssh -p "$(at "$server")" \
			-P "$PLAIN_USER"
	done
}

@test "ssh: NTLM" {
	for server in apache-ntlm squid-ntlm squid-ntlm-close; do
		PROXYPASS=$PLAIN_PASSWORD over_ssh -N -p "$(at "$server")" \
			-P "$PLAIN_USER" -t "$NTLM_DOMAIN"
	done
}

@test "ssh: Negotiate" {
	ticket PLAIN
	for server in $NEGOTIATE_SERVERS; do
		over_ssh -p "$(at "$server")"
	done
}

@test "ssh: Negotiate, Digest or Basic as it comes" {
	for server in squid-everything squid-digest-basic squid-basic; do
		PROXYPASS=$PLAIN_PASSWORD over_ssh -p "$(at "$server")" \
			-P "$PLAIN_USER"
	done
	ticket PLAIN
	over_ssh -p "$(at squid-everything)"
}

# --- Secrets

# written PASSWORD ARGUMENT...: a tunnel with -vv, and what was written of the
# secrets: the schemes sent, in turn, and where the password went, in clear, in
# base64 or in UTF-16.
written() {
	local password=$1 program=$PT PT=$DIR/traced
	shift
	rm -f "$DIR"/trace.*
	cat >"$PT" <<-END
		#!/bin/sh
		# The look for leaks does not go with being traced, nor does
		# what keeps other processes from our memory.
		export ASAN_OPTIONS="\$ASAN_OPTIONS:detect_leaks=0"
		exec strace -ff -xx -s 65535 -o "$DIR/trace" -e inject=prctl:retval=0 -e trace=prctl,socket,close,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg "$program" "\$@"
	END
	chmod +x "$PT"
	ask -vv "$@" >"$DIR/out" 2>"$DIR/err" || fail "$(<"$DIR/err")"
	[[ $(<"$DIR/out") == "got hello" ]] || fail "$(<"$DIR/out")"
	python3 - "$password" "$DIR"/trace.* <<-'END'
		import base64, collections, re, sys

		password, traces = sys.argv[1], sys.argv[2:]
		sent = collections.defaultdict(bytes)
		for trace in traces:  # one for each process and thread
		    sockets = set()
		    for line in open(trace):
		        call = re.match(r"(\w+)\((\w*)(.*)", line)
		        if not call:
		            continue
		        if call[1] == "socket":
		            if call[2] in ("AF_INET", "AF_INET6"):
		                sockets.add(line.split()[-1])
		        elif call[1] == "close":
		            sockets.discard(call[2])
		        else:
		            where = "other " + call[2]
		            if call[2] in sockets:
		                where = "socket"
		            for text in re.findall(r'"((?:\\x..)*)"', call[3]):
		                sent[trace, where] += bytes.fromhex(
		                    text.replace("\\x", ""))

		secrets = [password.encode(), password.encode("utf-16-le")]
		answers = []
		places = set()
		for (_, where), data in sent.items():
		    if where == "socket":
		        answers += re.findall(
		            rb"\r\nProxy-Authorization: (\S+) ([^\r]*)", data)
		    texts = [data]
		    for run in re.findall(rb"[A-Za-z0-9+/]{4,}", data):
		        for start in range(4):
		            piece = run[start:]
		            texts.append(base64.b64decode(
		                piece + b"AAA"[:-len(piece) % 4]))
		    if any(s in text for s in secrets for text in texts):
		        places.add("password: " + where)
		for scheme, answer in answers:
		    print(scheme.decode())
		    for (_, where), data in sent.items():
		        if where != "socket" and answer in data:
		            places.add("answer: " + where)
		print(*sorted(places), sep="\n")
	END
}

@test "secrets: Digest and NTLM write the password nowhere" {
	for user in PLAIN UTF8; do
		password=${user}_PASSWORD
		for server in $DIGEST_SERVERS squid-digest-basic; do
			expect 0 written "${!password}" -p "$(at "$server")" \
				-P "$(login "$user")"
			[[ $output == Digest ]] || fail "$output"
		done
		for server in apache-ntlm squid-ntlm; do
			expect 0 written "${!password}" -p "$(at "$server")" \
				-P "$(login "$user")"
			[[ $output == $'NTLM\nNTLM' ]] || fail "$output"
		done
	done
}

@test "secrets: Negotiate writes neither password nor ticket elsewhere" {
	ticket PLAIN
	for server in $NEGOTIATE_SERVERS; do
		expect 0 written "$PLAIN_PASSWORD" -p "$(at "$server")" \
			-P "$(login PLAIN)"
		[[ $output == Negotiate ]] || fail "$output"
	done
}

@test "secrets: Basic writes the password to the proxy alone" {
	for server in squid-basic apache-negotiate-basic; do
		expect 0 written "$PLAIN_PASSWORD" -p "$(at "$server")" \
			-P "$(login PLAIN)" --auth=basic
		[[ $output == $'Basic\npassword: socket' ]] || fail "$output"
	done
}

@test "secrets: nothing shows the password where it is refused" {
	for server in $DIGEST_SERVERS apache-ntlm squid-digest-basic \
		apache-negotiate-basic; do
		expect 77 ask -vv -p "$(at "$server")" \
			-P "$MISTAKEN_USER:mistaken"
		has "$stderr" "*Proxy-Authorization*refused the credentials*: refused*"
		silent_about "$MISTAKEN_USER" mistaken "$output$stderr"
	done
}
