# tls.bash -- certificates, and what needs them: stunnel, openssl(1), a peer in
# Python.  Needs servers.bash.

# issue NAME CA SUBJECT ALTERNATIVE-NAMES USE [FROM TO]: a key and a
# certificate, NAME.key and NAME.pem, in the folder of the day's work.
issue() {
	local names=$4
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-config conf -subj "$3" -keyout "$1.key" -out "$1.csr"
	NAMES=${names:-email:none@invalid} openssl ca -batch -notext \
		-config conf -extensions "$5" -cert "$2.pem" \
		-keyfile "$2.key" -startdate "${6:-20200101000000Z}" \
		-enddate "${7:-20491231000000Z}" -in "$1.csr" -out "$1.pem"
}

# make_certificates: all of them, in the current folder.
make_certificates() {
	local here=DNS:localhost,IP:127.0.0.1,IP:::1 name
	mkdir -p issued rehashed
	: >index
	cat >conf <<-'END'
		[ca]
		default_ca = default
		[default]
		database = index
		rand_serial = yes
		new_certs_dir = issued
		default_md = sha256
		policy = policy
		unique_subject = no
		[policy]
		commonName = supplied
		[req]
		distinguished_name = name
		[name]
		[authority]
		basicConstraints = critical,CA:true
		keyUsage = critical,keyCertSign
		subjectKeyIdentifier = hash
		[server]
		basicConstraints = CA:false
		subjectAltName = $ENV::NAMES
		extendedKeyUsage = serverAuth
		[nameless]
		basicConstraints = CA:false
		[client]
		basicConstraints = CA:false
		extendedKeyUsage = clientAuth
	END
	export NAMES=
	for name in ca foreign-ca; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -config conf -extensions authority \
			-days 10000 -subj "/CN=$name" -keyout $name.key \
			-out $name.pem
	done
	issue middle ca /CN=middle '' authority
	for name in good apache target; do
		issue $name ca /CN=$name "$here" server
	done
	issue expired ca /CN=expired "$here" server 20200101000000Z \
		20240229120000Z
	issue future ca /CN=future "$here" server 20480229120000Z
	issue other ca /CN=other.test 'DNS:other.test,DNS:*.other.test' server
	issue nameless ca /CN=localhost '' nameless
	issue foreign foreign-ca /CN=foreign "$here" server
	issue below middle /CN=below "$here" server
	NAMES=$here openssl req -x509 -newkey ec \
		-pkeyopt ec_paramgen_curve:P-256 -nodes -config conf \
		-extensions server -days 10000 -subj /CN=localhost \
		-keyout self.key -out self.pem
	issue client ca /CN=client '' client
	issue client-below middle /CN=client-below '' client
	issue client-foreign foreign-ca /CN=client-foreign '' client

	cp below.pem below-alone.pem
	cat middle.pem >>below.pem
	cat middle.pem >>client-below.pem
	cat client.pem client.key >client-both.pem
	openssl pkcs8 -topk8 -in client.key -passout "pass:$KEY_PASSWORD" \
		-out client-locked.key
	cat client.pem client-locked.key >client-locked-both.pem
	cp ca.pem rehashed
	openssl rehash rehashed
	# Servers may be somebody else, and nothing here is worth a secret.
	chmod 644 ./*.key ./*.pem
}

# make_ca: exports CERTS, a folder with certificates (NAME.pem) and their keys
# (NAME.key), the authority in CA_FILE and CA_DIR, and KEY_PASSWORD.
#   good apache target   for localhost, 127.0.0.1 and ::1, each of its own key
#   expired future other foreign self
#                        the same, but over, not yet, for other.test and
#                        *.other.test, by foreign-ca, by itself
#   nameless             its common name is localhost, and it has no other
#   below below-alone    by middle, an authority below; with it and without
#   client client-below client-foreign
#                        for clients; by middle, by foreign-ca
#   client-both          certificate and key in a file
#   client-locked.key    the key under KEY_PASSWORD; with the certificate in
#                        client-locked-both
make_ca() {
	need openssl
	export CERTS=$DIR/certs KEY_PASSWORD='key: wörd'
	export CA_FILE=$CERTS/ca.pem CA_DIR=$CERTS/rehashed
	server_folder certs "$(id -un)"
	(
		set -e
		cd "$CERTS"
		make_certificates
	) >"$DIR/certs.log" 2>&1 || show_log "$DIR/certs.log"
}

# pin NAME: of the public key of that certificate.
pin() {
	printf 'sha256//%s\n' "$(openssl x509 -in "$CERTS/$1.pem" -noout \
		-pubkey | openssl pkey -pubin -outform DER |
		openssl dgst -sha256 -binary | base64 -w0)"
}

# tls_service NAME PORT CERTIFICATE [LINE...]: stunnel, once start_stunnel
# starts it, has TLS on a port of 127.0.0.1 and ::1 before that one, with these
# lines in its configuration; exports the port as NAME.
tls_service() {
	local name=$1 to=$2 certificate=$3 port address
	shift 3
	port=$(free_port)
	export "$name=$port"
	for address in 127.0.0.1 ::1; do
		printf '%s\n' "[$name-$address]" "accept = $address:$port" \
			"connect = $to" "cert = $CERTS/$certificate.pem" \
			"key = $CERTS/${certificate%-alone}.key" "$@"
	done >>"$DIR/stunnel.conf"
}

# start_stunnel: with the services so far.
start_stunnel() {
	need stunnel4 ss
	printf '%s\n' 'foreground = yes' 'pid =' 'syslog = no' \
		'debug = info' 'socket = l:TCP_NODELAY=1' \
		'socket = r:TCP_NODELAY=1' >"$DIR/stunnel-all.conf"
	cat "$DIR/stunnel.conf" >>"$DIR/stunnel-all.conf"
	start stunnel stunnel4 "$DIR/stunnel-all.conf"
	wait_port "$(sed -n 's/^accept = .*:\([0-9]*\)$/\1/p' \
		"$DIR/stunnel.conf" | tail -n 1)" stunnel
}

# tls_targets: services of TLS before those of targets.py: TLS_LINE_PORT ...;
# to the line service also by other certificates and versions.
tls_targets() {
	local name plain
	for name in ECHO LINE LATE BANNER SINK SOURCE TRADE; do
		plain=${name}_PORT
		tls_service "TLS_$plain" "${!plain}" target
	done
	for name in expired future other nameless foreign self below \
		below-alone; do
		plain=${name^^}
		tls_service "TLS_${plain//-/_}_PORT" "$LINE_PORT" "$name"
	done
	tls_service TLS_12_PORT "$LINE_PORT" target 'sslVersion = TLSv1.2'
	tls_service TLS_13_PORT "$LINE_PORT" target 'sslVersion = TLSv1.3'
	tls_service TLS_10_PORT "$LINE_PORT" target 'sslVersion = TLSv1' \
		'ciphers = ALL:@SECLEVEL=0'
	tls_service TLS_CLIENT_PORT "$LINE_PORT" target 'verifyChain = yes' \
		"CAfile = $CA_FILE"
}

# start_peer NAME ARGUMENT...: a scripted server with TLS, see tlspeer.py; its
# port is in PORT then.
start_peer() {
	local name=$1
	shift
	need python3
	start "$name" python3 -u "$BATS_TEST_DIRNAME/tlspeer.py" \
		-c "$CERTS/target.pem" -k "$CERTS/target.key" "$@"
	wait_until 20 test -s "$DIR/$name.log" || show_log "$DIR/$name.log"
	PORT=$(head -n 1 "$DIR/$name.log")
	[[ $PORT == +([0-9]) ]] || show_log "$DIR/$name.log"
}

# start_openssl NAME ARGUMENT...: openssl s_server; its port is in PORT then,
# and it takes commands from descriptor 8.
start_openssl() {
	local name=$1
	shift
	need openssl ss
	PORT=$(free_port)
	mkfifo "$DIR/$name.in"
	exec 8<>"$DIR/$name.in"
	# shellcheck disable=SC2016 # for the inner shell
	start "$name" bash -c 'in=$1; shift; exec "$@" <"$in"' - \
		"$DIR/$name.in" stdbuf -oL openssl s_server -accept "127.0.0.1:$PORT" \
		-cert "$CERTS/target.pem" -key "$CERTS/target.key" "$@"
	wait_port "$PORT" "$name"
}

# peer_says NAME GLOB: its log has a line like that, soon.
peer_says() {
	# shellcheck disable=SC2317 # called by wait_until
	says_now() {
		local line
		while IFS= read -r line; do
			# shellcheck disable=SC2053 # a pattern
			[[ $line != $2 ]] || return 0
		done <"$DIR/$1.log"
		return 1
	}
	wait_until 10 says_now "$1" "$2" || show_log "$DIR/$1.log"
}
