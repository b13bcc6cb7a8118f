#!/usr/bin/env bats
# Tunnels through squid, Apache's mod_proxy_connect and tinyproxy.

load lib

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

ODD_ENCODED='p%3Aa%20ss%2541%3Awo%25rd%20'
UTF8_USER_ENCODED='j%C3%B6rg'
UTF8_ENCODED='gr%C3%BC%C3%9Fe%20%e2%82%ac5'

setup_file() {
	local kind
	need base64 sha256sum
	start_targets
	for kind in none basic basic-close; do
		start_squid "$kind"
	done
	for kind in none basic; do
		start_apache "$kind"
	done
	for kind in none basic limited; do
		start_tinyproxy "$kind"
	done
	make_data
}

teardown_file() {
	stop_all
}

teardown() {
	stop_all
}

basic_ports() {
	echo "$SQUID_BASIC $SQUID_BASIC_CLOSE $APACHE_BASIC $TINYPROXY_BASIC"
}

@test "proxies: a plain tunnel" {
	for port in $SQUID_NONE $APACHE_NONE $TINYPROXY_NONE; do
		opens -p "127.0.0.1:$port"
	done
}

@test "proxies: the destination by -d, as one argument, as two" {
	for port in $SQUID_NONE $APACHE_NONE $TINYPROXY_NONE; do
		for words in "-d 127.0.0.1:$LINE_PORT" \
			"127.0.0.1:$LINE_PORT" "127.0.0.1 $LINE_PORT"; do
			# shellcheck disable=SC2086 # words
			expect 0 pt -p "127.0.0.1:$port" $words <<<"hello"
			[[ $output == "got hello" ]]
		done
	done
}

@test "proxies: a destination that speaks first" {
	for port in $SQUID_NONE $APACHE_NONE $TINYPROXY_NONE; do
		expect 0 pt --half-close=1 -p "127.0.0.1:$port" 127.0.0.1 \
			"$BANNER_PORT" </dev/null
		[[ $output == $'BANNER 1.0\r' ]]
	done
}

@test "proxies: a proxy at ::1, a destination at ::1" {
	for port in $SQUID_NONE $APACHE_NONE $TINYPROXY_NONE; do
		expect 0 pt -p "[::1]:$port" "[::1]:$LINE_PORT" <<<"hello"
		[[ $output == "got hello" ]]
		expect 0 pt -p "http://[::1]:$port" -d "[::1]:$LINE_PORT" \
			<<<"hello"
		[[ $output == "got hello" ]]
		expect 0 pt -6 -p "[::1]:$port" ::1 "$LINE_PORT" <<<"hello"
		[[ $output == "got hello" ]]
	done
}

@test "proxies: a proxy by name, over IPv4 or IPv6 alone" {
	opens -4 -p "localhost:$SQUID_NONE"
	opens -6 -p "[::1]:$SQUID_NONE"
	refuses 68 "\[::1\]:$SQUID_NONE can't be resolved: *" \
		ask -4 -p "[::1]:$SQUID_NONE"
	refuses 68 "127.0.0.1:$SQUID_NONE can't be resolved: *" \
		ask -6 -p "127.0.0.1:$SQUID_NONE"
}

@test "proxies: a proxy that is not there" {
	refuses 69 "127.0.0.1:$CLOSED_PORT can't be reached: Connection refused*" \
		ask -p "127.0.0.1:$CLOSED_PORT"
}

@test "proxies: a proxy whose name does not exist" {
	export RES_OPTIONS='timeout:1 attempts:1'
	refuses 68 "name.invalid:3128 can't be resolved: *" \
		ask -p name.invalid:3128
}

@test "basic: right credentials by -P" {
	for port in $(basic_ports); do
		opens -p "127.0.0.1:$port" -P "$PLAIN_USER:$PLAIN_PASSWORD"
	done
}

@test "basic: a wrong password" {
	for port in $(basic_ports); do
		refuses 77 "127.0.0.1:$port refused the credentials*Basic*" \
			ask -p "127.0.0.1:$port" -P "$PLAIN_USER:wrong"
	done
}

@test "basic: an unknown user" {
	for port in $(basic_ports); do
		refuses 77 "127.0.0.1:$port refused the credentials*Basic*" \
			ask -p "127.0.0.1:$port" -P "nobody:$PLAIN_PASSWORD"
	done
}

@test "basic: no credentials, and what the proxy offers" {
	for port in $(basic_ports); do
		refuses 77 "127.0.0.1:$port demands credentials and offers Basic*" \
			ask -p "127.0.0.1:$port"
	done
}

@test "basic: a user, and nowhere a password" {
	for port in $(basic_ports); do
		refuses 77 "127.0.0.1:$port demands credentials and offers Basic: no password is known, and there is no terminal*" \
			ask -p "127.0.0.1:$port" -P "$PLAIN_USER"
		refuses 77 "127.0.0.1:$port is not asked: no password is known, and there is no terminal*" \
			ask --auth=basic -p "127.0.0.1:$port" -P "$PLAIN_USER"
	done
}

@test "basic: ':', ' ' and '%' in the password" {
	for port in $SQUID_BASIC $SQUID_BASIC_CLOSE $APACHE_BASIC; do
		opens -p "127.0.0.1:$port" -P "$ODD_USER:$ODD_PASSWORD"
		PROXYUSER=$ODD_USER PROXYPASS=$ODD_PASSWORD \
			opens -p "127.0.0.1:$port"
		opens -p "http://$ODD_USER:$ODD_ENCODED@127.0.0.1:$port"
		# The blank at the end belongs to it.
		refuses 77 "*refused the credentials*" ask \
			-p "127.0.0.1:$port" -P "$ODD_USER:${ODD_PASSWORD% }"
	done
}

@test "basic: user and password in UTF-8" {
	for port in $SQUID_BASIC $SQUID_BASIC_CLOSE $APACHE_BASIC; do
		opens -p "127.0.0.1:$port" -P "$UTF8_USER:$UTF8_PASSWORD"
		PROXYUSER=$UTF8_USER PROXYPASS=$UTF8_PASSWORD \
			opens -p "127.0.0.1:$port"
		opens -p \
			"$UTF8_USER_ENCODED:$UTF8_ENCODED@127.0.0.1:$port"
		opens -p "http://$UTF8_USER:$UTF8_PASSWORD@127.0.0.1:$port"
	done
}

@test "basic: a password of 1500 bytes" {
	for port in $SQUID_BASIC $SQUID_BASIC_CLOSE $APACHE_BASIC; do
		opens -p "127.0.0.1:$port" -P "$LONG_USER:$LONG_PASSWORD"
		PROXYUSER=$LONG_USER PROXYPASS=$LONG_PASSWORD \
			opens -p "127.0.0.1:$port"
		opens -p "http://$LONG_USER:$LONG_PASSWORD@127.0.0.1:$port"
		refuses 77 "*refused the credentials*" ask \
			-p "127.0.0.1:$port" -P "$LONG_USER:${LONG_PASSWORD%7}8"
	done
}

@test "basic: -P with the user, PROXYPASS with the password" {
	for port in $(basic_ports); do
		PROXYPASS=$PLAIN_PASSWORD opens -p "127.0.0.1:$port" \
			-P "$PLAIN_USER"
		PROXYPASS=$PLAIN_PASSWORD opens -p "$PLAIN_USER@127.0.0.1:$port"
	done
}

@test "basic: PROXYUSER and PROXYPASS" {
	for port in $(basic_ports); do
		PROXYUSER=$PLAIN_USER PROXYPASS=$PLAIN_PASSWORD \
			opens -p "127.0.0.1:$port"
		PROXYUSER=$PLAIN_USER PROXYPASS=wrong \
			refuses 77 "*refused the credentials*" \
			ask -p "127.0.0.1:$port"
	done
}

@test "basic: -P before PROXYUSER and PROXYPASS" {
	export PROXYUSER=nobody PROXYPASS=wrong
	opens -p "127.0.0.1:$SQUID_BASIC" -P "$PLAIN_USER:$PLAIN_PASSWORD"
}

@test "basic: credentials in the address of the proxy" {
	for port in $(basic_ports); do
		opens -p "http://$PLAIN_USER:$PLAIN_PASSWORD@127.0.0.1:$port"
		opens -p "http://%61my:%74iger7@127.0.0.1:$port"
		refuses 77 "127.0.0.1:$port refused the credentials*" \
			ask -p "http://$PLAIN_USER:wrong@127.0.0.1:$port"
	done
}

@test "environment: the proxy by six variables" {
	for name in https_proxy HTTPS_PROXY http_proxy HTTP_PROXY \
		all_proxy ALL_PROXY; do
		export "$name=http://127.0.0.1:$SQUID_NONE"
		opens
		export "$name=127.0.0.1:$SQUID_NONE"
		opens
		unset "$name"
		refuses 64 "no proxy*" ask
	done
}

@test "environment: a proxy with user and percent-encoded password" {
	for name in https_proxy HTTPS_PROXY http_proxy HTTP_PROXY \
		all_proxy ALL_PROXY; do
		for port in $SQUID_BASIC $APACHE_BASIC; do
			export "$name=http://$ODD_USER:$ODD_ENCODED@127.0.0.1:$port"
			opens
			export "$name=http://$ODD_USER:wrong@127.0.0.1:$port"
			refuses 77 "*refused the credentials*" ask
		done
		unset "$name"
	done
}

@test "environment: -p comes before it, and small letters before capitals" {
	https_proxy="127.0.0.1:$CLOSED_PORT" opens -p "127.0.0.1:$SQUID_NONE"
	https_proxy="127.0.0.1:$SQUID_NONE" \
		HTTPS_PROXY="127.0.0.1:$CLOSED_PORT" \
		http_proxy="127.0.0.1:$CLOSED_PORT" opens
}

@test "environment: -P comes before the credentials in https_proxy" {
	https_proxy="http://$PLAIN_USER:wrong@127.0.0.1:$SQUID_BASIC" \
		opens -P "$PLAIN_USER:$PLAIN_PASSWORD"
	https_proxy="http://nobody@127.0.0.1:$SQUID_BASIC" \
		opens -P "$PLAIN_USER:$PLAIN_PASSWORD"
}

@test "environment: -F comes before the credentials in https_proxy" {
	printf 'proxy_user=%s\nproxy_passwd=%s\n' "$PLAIN_USER" \
		"$PLAIN_PASSWORD" >"$DIR/file"
	chmod 600 "$DIR/file"
	https_proxy="http://$PLAIN_USER:wrong@127.0.0.1:$SQUID_BASIC" \
		opens -F "$DIR/file"
}

@test "file: user and password" {
	printf 'proxy_user=%s\nproxy_passwd=%s\n' "$PLAIN_USER" \
		"$PLAIN_PASSWORD" >"$DIR/file"
	chmod 600 "$DIR/file"
	for port in $(basic_ports); do
		opens -p "127.0.0.1:$port" -F "$DIR/file"
	done
}

@test "file: wget's own, with other lines, blanks and proxy_password" {
	cat >"$DIR/file" <<-END
		# tries = 20
		use_proxy = on
		  Proxy_User   =   $PLAIN_USER   
		proxy_password = $PLAIN_PASSWORD
		http_proxy = http://127.0.0.1:$CLOSED_PORT/
	END
	chmod 600 "$DIR/file"
	for port in $(basic_ports); do
		opens -p "127.0.0.1:$port" -F "$DIR/file"
	done
}

@test "file: quotes keep the blanks" {
	: >"$DIR/file"
	chmod 600 "$DIR/file"
	for quote in \" \'; do
		printf 'proxy_user=%s\nproxy_passwd = %s%s%s\n' "$ODD_USER" \
			"$quote" "$ODD_PASSWORD" "$quote" >"$DIR/file"
		for port in $SQUID_BASIC $APACHE_BASIC; do
			opens -p "127.0.0.1:$port" -F "$DIR/file"
		done
	done
}

@test "file: the password in it, the user from -P" {
	printf 'proxy_passwd=%s\n' "$PLAIN_PASSWORD" >"$DIR/file"
	chmod 600 "$DIR/file"
	opens -p "127.0.0.1:$SQUID_BASIC" -P "$PLAIN_USER" -F "$DIR/file"
}

@test "file: others may read it" {
	printf 'proxy_user=%s\nproxy_passwd=%s\n' "$PLAIN_USER" \
		"$PLAIN_PASSWORD" >"$DIR/file"
	for mode in 0644 0640 0604; do
		chmod "$mode" "$DIR/file"
		refuses 66 "password file $DIR/file: others may read it*" \
			ask -p "127.0.0.1:$SQUID_BASIC" -F "$DIR/file"
	done
	chmod 0400 "$DIR/file"
	opens -p "127.0.0.1:$SQUID_BASIC" -F "$DIR/file"
}

@test "file: it is not there" {
	refuses 66 "password file $DIR/none: No such file or directory" \
		ask -p "127.0.0.1:$SQUID_BASIC" -F "$DIR/none"
}

@test "command: the password of a user" {
	for port in $(basic_ports); do
		opens -p "127.0.0.1:$port" -P "$PLAIN_USER" \
			--password-command="echo $PLAIN_PASSWORD"
		refuses 77 "127.0.0.1:$port refused the credentials*Basic*" \
			ask -p "127.0.0.1:$port" -P "$PLAIN_USER" \
			--password-command='echo wrong'
	done
	for port in $SQUID_NONE $APACHE_NONE $TINYPROXY_NONE; do
		opens -p "127.0.0.1:$port" -P "$PLAIN_USER" \
			--password-command=false
	done
}

@test "407: a kept connection is used again" {
	for server in squid-basic apache-basic; do
		port=SQUID_BASIC
		[[ $server == squid* ]] || port=APACHE_BASIC
		opens -p "127.0.0.1:${!port}" -H "X-Test: kept" \
			-P "$PLAIN_USER:$PLAIN_PASSWORD"
		wait_until 10 has_logged "$server" kept 200
		[[ $(logged "$server" kept) =~ \
			^407\ ([0-9]+)$'\n'200\ ([0-9]+)$ ]]
		[[ ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]]
	done
}

@test "407: a closed connection is followed by another" {
	opens -p "127.0.0.1:$SQUID_BASIC_CLOSE" -H "X-Test: closed" \
		-P "$PLAIN_USER:$PLAIN_PASSWORD"
	wait_until 10 has_logged squid-basic-close closed 200
	[[ $(logged squid-basic-close closed) =~ \
		^407\ ([0-9]+)$'\n'200\ ([0-9]+)$ ]]
	[[ ${BASH_REMATCH[1]} != "${BASH_REMATCH[2]}" ]]

	expect 0 ask -v -p "127.0.0.1:$TINYPROXY_BASIC" \
		-P "$PLAIN_USER:$PLAIN_PASSWORD"
	# shellcheck disable=SC2154 # set by expect
	has "$stderr" "*< HTTP/1.0 407 *< Connection: close*connected to *< HTTP/1.0 200 *"
}

@test "407: a wrong password is tried once" {
	for server in squid-basic squid-basic-close apache-basic; do
		port=${server^^}
		port=${port//-/_}
		expect 77 ask -p "127.0.0.1:${!port}" -H "X-Test: once" \
			-P "$PLAIN_USER:wrong"
		wait_until 10 has_logged "$server" once $'\n407'
		[[ $(logged "$server" once) =~ \
			^407\ [0-9]+$'\n'407\ [0-9]+$ ]]
	done
}

@test "401: tinyproxy's word for a wrong password" {
	expect 77 ask -v -p "127.0.0.1:$TINYPROXY_BASIC" \
		-P "$PLAIN_USER:wrong"
	has "$stderr" "*< HTTP/1.0 407 *< HTTP/1.0 401 *refused the credentials*"
}

@test "--auth=basic: goes with the first request" {
	for server in squid-basic squid-basic-close apache-basic; do
		port=${server^^}
		port=${port//-/_}
		opens --auth=basic -p "127.0.0.1:${!port}" \
			-H "X-Test: unasked" -P "$PLAIN_USER:$PLAIN_PASSWORD"
		wait_until 10 has_logged "$server" unasked 200
		[[ $(logged "$server" unasked) =~ ^200\ [0-9]+$ ]]
	done
	expect 0 ask -v --auth=basic -p "127.0.0.1:$TINYPROXY_BASIC" \
		-P "$PLAIN_USER:$PLAIN_PASSWORD"
	[[ $output == "got hello" && $stderr != *" 407 "* ]]
}

@test "--auth=basic: a wrong password" {
	for port in $(basic_ports); do
		refuses 77 "127.0.0.1:$port refused the credentials*" \
			ask --auth=basic -p "127.0.0.1:$port" \
			-P "$PLAIN_USER:wrong"
	done
}

@test "refused: a port that the proxy forbids, in its words" {
	refuses 77 "127.0.0.1:$SQUID_NONE refused the tunnel to 127.0.0.1:25: 403 Forbidden: Access Denied*" \
		pt -p "127.0.0.1:$SQUID_NONE" 127.0.0.1 25
	refuses 77 "127.0.0.1:$TINYPROXY_LIMITED refused the tunnel to 127.0.0.1:25: 403 Access violation: The CONNECT method not allowed with the port you tried to use.*" \
		pt -p "127.0.0.1:$TINYPROXY_LIMITED" 127.0.0.1 25
	refuses 77 "127.0.0.1:$APACHE_NONE refused the tunnel to 127.0.0.1:25: 403 Proxy Error: *" \
		pt -p "127.0.0.1:$APACHE_NONE" 127.0.0.1 25
	[[ $stderr == *"permission"* || $stderr == *"blocked"* ]]
}

@test "refused: nobody listens at the destination" {
	for said in "$SQUID_NONE 503" "$APACHE_NONE 503" "$TINYPROXY_NONE 500"; do
		port=${said% *}
		refuses 69 "127.0.0.1:$port could not open the tunnel to 127.0.0.1:$CLOSED_PORT: ${said#* } *" \
			pt -p "127.0.0.1:$port" 127.0.0.1 "$CLOSED_PORT"
	done
}

# Only Apache says that it was the name.
@test "refused: the destination's name does not exist" {
	refuses 68 "127.0.0.1:$APACHE_NONE could not open the tunnel to name.invalid:443: 502 *resolve*" \
		pt -p "127.0.0.1:$APACHE_NONE" name.invalid 443
	refuses 69 "127.0.0.1:$SQUID_NONE could not open the tunnel to name.invalid:443: 500 *: Unable to forward this request at this time*" \
		pt -p "127.0.0.1:$SQUID_NONE" name.invalid 443
	refuses 69 "127.0.0.1:$TINYPROXY_NONE could not open the tunnel to name.invalid:443: 500 Unable to connect: *" \
		pt -p "127.0.0.1:$TINYPROXY_NONE" name.invalid 443
}

@test "half-close: Apache passes the end on, and the answer arrives" {
	for when in 0.3 now; do
		expect 0 pt --half-close="$when" -p "127.0.0.1:$APACHE_NONE" \
			127.0.0.1 "$SINK_PORT" < <(printf x)
		[[ $output == "1 $(printf x | sha256sum | cut -c1-64)" ]]
	done
}

@test "half-close: an answer comes although stdin has ended" {
	for port in $SQUID_NONE $TINYPROXY_NONE $APACHE_NONE; do
		expect 0 pt -p "127.0.0.1:$port" 127.0.0.1 "$LATE_PORT" \
			<<<"hello"
		[[ $output == "got hello" ]]
		expect 0 pt --half-close=never -p "127.0.0.1:$port" \
			127.0.0.1 "$LATE_PORT" <<<"hello"
		[[ $output == "got hello" ]]
	done
}

@test "half-close: an end at once costs the answer at squid and tinyproxy" {
	for port in $SQUID_NONE $TINYPROXY_NONE; do
		expect 0 pt -v --half-close=now -p "127.0.0.1:$port" \
			127.0.0.1 "$LATE_PORT" <<<"hello"
		[[ -z $output ]]
		has "$stderr" "*tunnel to 127.0.0.1:$LATE_PORT open after*6 bytes sent*"
	done
}

@test "half-close: an echo, then silence, then the end" {
	for port in $SQUID_NONE $TINYPROXY_NONE $APACHE_NONE; do
		expect 0 pt --half-close=1 -p "127.0.0.1:$port" 127.0.0.1 \
			"$ECHO_PORT" < <(printf x)
		[[ $output == x ]]
	done
}

@test "bytes: 8 MiB both ways at a time" {
	for port in $SQUID_NONE $TINYPROXY_NONE $APACHE_NONE; do
		{
			echo 8388608
			cat "$DATA"
		} | pt -p "127.0.0.1:$port" 127.0.0.1 "$TRADE_PORT" >"$DIR/out"
		sum=$(head -c 8388608 "$DIR/out" | sha256sum | cut -c1-64)
		has "$(tail -c +8388609 "$DIR/out")" "sent $sum got $DATA_SUM"
	done
}

@test "bytes: 8 MiB up, to the end" {
	expect 0 pt --half-close=0.3 -p "127.0.0.1:$APACHE_NONE" 127.0.0.1 \
		"$SINK_PORT" <"$DATA"
	[[ $output == "8388608 $DATA_SUM" ]]
}

@test "bytes: 8 MiB down, with stdin at its end" {
	wanted=$(python3 -c 'import hashlib
print(hashlib.sha256(bytes(range(256)) * 32768).hexdigest())')
	for port in $SQUID_NONE $TINYPROXY_NONE $APACHE_NONE; do
		sum=$(pt -p "127.0.0.1:$port" 127.0.0.1 "$SOURCE_PORT" \
			</dev/null | sha256sum | cut -c1-64)
		[[ $sum == "$wanted" ]]
	done
}

@test "secrets: -v does not show the password" {
	for port in $(basic_ports); do
		for v in -v -vv; do
			for auth in basic ''; do
				expect 0 ask $v ${auth:+--auth=basic} \
					-p "127.0.0.1:$port" \
					-P "$PLAIN_USER:$PLAIN_PASSWORD"
				has "$stderr" \
					"*Proxy-Authorization: Basic*hidden*"
				silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" \
					"$output$stderr"
			done
			expect 0 ask $v -p \
				"http://$PLAIN_USER:$PLAIN_PASSWORD@127.0.0.1:$port"
			silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" \
				"$output$stderr"
			https_proxy="http://$PLAIN_USER:$PLAIN_PASSWORD@127.0.0.1:$port" \
				expect 0 ask $v
			silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" \
				"$output$stderr"
			expect 77 ask $v -p "127.0.0.1:$port" \
				-P "$PLAIN_USER:mistaken"
			silent_about "$PLAIN_USER" mistaken "$output$stderr"
		done
	done
}

@test "secrets: a Proxy-Authorization by -H is not shown either" {
	basic=$(printf '%s:%s' "$PLAIN_USER" "$PLAIN_PASSWORD" | base64 -w0)
	expect 0 ask -v -p "127.0.0.1:$SQUID_BASIC" \
		-H "Proxy-Authorization: Basic $basic"
	[[ $output == "got hello" ]]
	has "$stderr" "*Proxy-Authorization: *hidden*"
	silent_about "$PLAIN_USER" "$PLAIN_PASSWORD" "$output$stderr"
}

# open_tunnel NAME COMMAND...: holds a tunnel open to the service that greets.
open_tunnel() {
	local name=$1
	shift
	start "$name" "$@" --half-close=never 127.0.0.1 "$BANNER_PORT"
	wait_until 10 grep -qs BANNER "$DIR/$name.log" ||
		show_log "$DIR/$name.log"
}

# in_proc NAME FILE TEXT: is it in /proc/PID/FILE?
in_proc() {
	tr '\0' '\n' <"/proc/$(<"$DIR/$1.pid")/$2" | grep -qF -- "$3"
}

@test "secrets: the password is not in the list of processes" {
	local url=http://$PLAIN_USER:$PLAIN_PASSWORD@127.0.0.1:$SQUID_BASIC
	open_tunnel option "$PT" -p "127.0.0.1:$SQUID_BASIC" \
		-P "$PLAIN_USER:$PLAIN_PASSWORD"
	open_tunnel long "$PT" -p "127.0.0.1:$SQUID_BASIC" \
		--proxyauth="$PLAIN_USER:$PLAIN_PASSWORD"
	open_tunnel glued "$PT" "-p127.0.0.1:$SQUID_BASIC" \
		"-P$PLAIN_USER:$PLAIN_PASSWORD"
	open_tunnel uri "$PT" -p "$url"
	for name in option long glued uri; do
		in_proc "$name" cmdline "$BANNER_PORT"
		run ! in_proc "$name" cmdline "$PLAIN_PASSWORD"
	done
}

@test "secrets: the password does not stay in the environment" {
	local url=http://$PLAIN_USER:$PLAIN_PASSWORD@127.0.0.1:$SQUID_BASIC
	open_tunnel variable env "PROXYPASS=$PLAIN_PASSWORD" MARK=here \
		"$PT" -p "127.0.0.1:$SQUID_BASIC" -P "$PLAIN_USER"
	open_tunnel uri env "https_proxy=$url" MARK=here "$PT"
	for name in variable uri; do
		in_proc "$name" environ MARK=here
		run ! in_proc "$name" environ "PROXYPASS=$PLAIN_PASSWORD"
		run ! in_proc "$name" environ ":$PLAIN_PASSWORD@"
	done
}
