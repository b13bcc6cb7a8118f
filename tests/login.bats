#!/usr/bin/env bats
# Where user and password come from, which of them comes first, and whether
# anybody is asked at all.  What is typed at a terminal is in prompt.bats.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

ASKS='send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'
OPENS='send:HTTP/1.1 200 OK\r\n\r\nopened'
NO_PASSWORD="*demands credentials and offers Basic: no password is known, and there is no terminal*"
NO_USER="*demands credentials and offers Basic: give them with -P USER*"

setup() {
	DIR=$BATS_TEST_TMPDIR
	export HOME=$DIR
	need base64
	hostile proxy -l "$DIR/heads" head "$ASKS" head "$OPENS" fin drain
}

teardown() {
	stop_all
}

# at ARGUMENT...: through the last hostile.
at() {
	pt -p "127.0.0.1:$PORT" "$@" host.example:22 </dev/null
}

# sent: the logins that the proxy got, a line each.
sent() {
	sed -n 's/^Proxy-Authorization: Basic \(.*\)\r$/\1/p' "$DIR/heads" |
		while read -r line; do
			base64 -d <<<"$line"
			echo
		done
}

# logs_in LOGIN COMMAND...: it opens with that login, and says nothing.
logs_in() {
	local login=$1
	shift
	rm -f "$DIR/heads"
	expect 0 "$@"
	[[ $output == opened && -z $stderr ]] || fail "$output" "$stderr"
	[[ $(sent) == "$login" ]] || fail "not $login: $(sent)"
}

# stays_out GLOB COMMAND...: 77 with that line, and no login was sent.
stays_out() {
	local line=$1
	shift
	rm -f "$DIR/heads"
	refuses 77 "$line" "$@"
	[[ -z $(sent) ]] || fail "sent: $(sent)"
}

# secret_file NAME LINE...: for -F.
secret_file() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$DIR/$name"
	chmod 600 "$DIR/$name"
}

# script NAME LINE...: a program.
script() {
	local name=$1
	shift
	printf '%s\n' '#!/bin/sh' "$@" >"$DIR/$name"
	chmod +x "$DIR/$name"
}

# force_askpass: the program askpass is to be used, come what may.
force_askpass() {
	export SSH_ASKPASS=$DIR/askpass SSH_ASKPASS_REQUIRE=force
}

# --- Each source, and its neighbours

# with SOURCE...: the program, where each of these knows the user bob and, as
# his password, the source's own name.
with() {
	local source uri=http://127.0.0.1:$PORT args=() variables=() known=
	for source; do
		case $source in
		uri) uri=http://bob:uri@127.0.0.1:$PORT ;;
		option) args+=(-P bob:option) known=1 ;;
		file)
			secret_file file proxy_user=bob proxy_passwd=file
			args+=(-F "$DIR/file")
			;;
		environment)
			variables+=("https_proxy=http://bob:environment@127.0.0.1:$PORT")
			uri=
			;;
		variables)
			variables+=(PROXYUSER=bob PROXYPASS=variables)
			;;
		command)
			args+=(--password-command='echo command')
			;;
		netrc)
			echo 'machine 127.0.0.1 login bob password netrc' \
				>"$DIR/netrc"
			args+=("--netrc=$DIR/netrc")
			;;
		askpass)
			script askpass 'echo askpass'
			variables+=("SSH_ASKPASS=$DIR/askpass"
				SSH_ASKPASS_REQUIRE=force)
			;;
		esac
	done
	[[ -n $known ]] || args+=(-P bob)
	env "${variables[@]}" setsid -w timeout -k 5 30 "$PT" \
		${uri:+-p "$uri"} "${args[@]}" host.example:22 </dev/null
}

@test "sources: each of them alone" {
	for source in uri option file environment variables command netrc \
		askpass; do
		logs_in "bob:$source" with "$source"
	done
}

@test "sources: of two the first" {
	local order=(uri option file environment variables command netrc askpass)
	local first second
	for ((first = 0; first < ${#order[@]}; first++)); do
		for ((second = first + 1; second < ${#order[@]}; second++)); do
			# A URI of -p leaves none to the environment.
			[[ ${order[first]}${order[second]} != urienvironment ]] ||
				continue
			logs_in "bob:${order[first]}" with "${order[second]}" "${order[first]}"
		done
	done
}

@test "sources: of all the first" {
	logs_in bob:uri with uri option file variables command netrc askpass
	logs_in bob:option with option file environment variables command \
		netrc askpass
}

@test "sources: the user from one, the password from the next" {
	secret_file password proxy_passwd=file
	secret_file user proxy_user=bob
	echo 'machine 127.0.0.1 login bob' >"$DIR/netrc"
	echo 'machine 127.0.0.1 password netrc' >"$DIR/netrc-password"
	logs_in bob:file at -P bob -F "$DIR/password"
	logs_in bob:file pt -p "http://bob@127.0.0.1:$PORT" \
		-F "$DIR/password" h:1
	logs_in bob:option pt -p "http://bob@127.0.0.1:$PORT" -P bob:option h:1
	PROXYPASS=variable logs_in bob:variable at -F "$DIR/user"
	PROXYPASS=variable logs_in bob:variable at -P bob
	https_proxy=http://bob@127.0.0.1:$PORT PROXYPASS=variable \
		logs_in bob:variable pt h:1
	https_proxy=http://bob@127.0.0.1:$PORT \
		logs_in bob:file pt -F "$DIR/password" h:1
	PROXYUSER=bob logs_in bob:netrc at --netrc="$DIR/netrc-password"
	PROXYPASS=variable logs_in bob:variable at --netrc="$DIR/netrc"
	logs_in bob:command at --netrc="$DIR/netrc" \
		--password-command='echo command'
	logs_in bob:command at -F "$DIR/user" \
		--password-command='echo command'
	PROXYUSER=bob logs_in bob:command at \
		--password-command='echo command'
}

@test "sources: another user's password is not used" {
	secret_file amy proxy_user=amy proxy_passwd=hers
	echo 'machine 127.0.0.1 login amy password hers' >"$DIR/netrc"
	stays_out "$NO_PASSWORD" pt -p "http://bob@127.0.0.1:$PORT" -P amy:hers h:1
	stays_out "$NO_PASSWORD" at -P bob -F "$DIR/amy"
	PROXYUSER=amy PROXYPASS=hers stays_out "$NO_PASSWORD" at -P bob
	https_proxy=http://amy:hers@127.0.0.1:$PORT \
		stays_out "$NO_PASSWORD" pt -P bob h:1
	stays_out "$NO_PASSWORD" at -P bob --netrc="$DIR/netrc"
	PROXYUSER=amy PROXYPASS=hers logs_in bob:command at -P bob \
		--password-command='echo command'
	PROXYUSER=bob PROXYPASS=his logs_in bob:his at -P bob -F "$DIR/amy"
}

@test "sources: another user's password is not used within the environment" {
	https_proxy=http://bob@127.0.0.1:$PORT PROXYUSER=amy PROXYPASS=hers \
		stays_out "$NO_PASSWORD" pt h:1
}

@test "sources: an empty password is one, an empty user is none" {
	logs_in bob: at -P bob:
	PROXYPASS='' logs_in bob: at -P bob
	PROXYUSER='' PROXYPASS=x stays_out "$NO_USER" at
	PROXYUSER='' PROXYPASS=x logs_in bob:x at -P bob
}

@test "sources: the password of a proxy stays with it" {
	https_proxy=http://bob:secret@127.0.0.1:1 stays_out "$NO_USER" at
	hostile elsewhere -l "$DIR/heads" head \
		'send:HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n' hold
	stays_out '*302*' at -P bob:secret
	# An origin's own demand opens with the tunnel, and is not ours.
	hostile behind -l "$DIR/heads" head \
		'send:HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n' \
		fin save:"$DIR/behind"
	expect 0 at -P bob:secret
	[[ -z $(sent) ]]
	wait_until 5 test -e "$DIR/behind"
	[[ ! -s $DIR/behind ]]
}

# --- Nobody knows

@test "nobody: a user alone, and no terminal" {
	stays_out "$NO_PASSWORD" at -P bob
	has "$stderr" '*PROXYPASS*-F FILE*--password-command*'
	PROXYUSER=bob stays_out "$NO_PASSWORD" at
}

@test "nobody: with Basic alone it is said before anything is connected to" {
	nobody
	refuses 77 "127.0.0.1:$PORT is not asked: no password is known, and there is no terminal*" \
		at --auth=basic -P bob
}

@test "nobody: neither user nor password" {
	stays_out "$NO_USER" at
	PROXYPASS=x stays_out "$NO_USER" at
}

# --- The command

# marks COMMAND: one that also leaves a line in a file.
marks() {
	echo "echo ran >>'$DIR/ran'; $1"
}

ran() {
	[[ ! -e $DIR/ran ]] || wc -l <"$DIR/ran"
}

@test "command: by the shell, of which the first line counts" {
	logs_in 'bob:a  b' at -P bob --password-command='printf %s\\n "a  b" | cat'
	logs_in bob:one at -P bob --password-command='printf "one\ntwo\n"'
	logs_in bob:one at -P bob --password-command='printf "one\r\ntwo"'
	logs_in bob:one at -P bob --password-command='printf one'
	logs_in 'bob: one ' at -P bob --password-command='echo " one "'
	logs_in bob:p:a%41 at -P bob --password-command='echo p:a%41'
	logs_in bob:last at -P bob --password-command='echo first' \
		--password-command='echo last'
}

@test "command: the second line comes after a while" {
	touch "$DIR/lock"
	# Who reads the first line alone must not end the one that writes.
	logs_in bob:one at -P bob --password-command="echo one
		exec sh -c 'sleep 0.3; echo two; echo three'"
}

@test "command: it is run once, whatever the proxy says to it" {
	logs_in bob:right at -P bob --password-command="$(marks 'echo right')"
	[[ $(ran) == 1 ]]
	hostile never -l "$DIR/heads" head "$ASKS" head "$ASKS" hold
	rm "$DIR/heads"
	refuses 77 "*refused the credentials*" at -P bob \
		--password-command="$(marks 'echo wrong')"
	[[ $(ran) == 2 && $(sent) == bob:wrong ]]
}

@test "command: it is not run unless its password is needed" {
	local marks
	marks=$(marks 'echo secret')
	stays_out "$NO_USER" at --password-command="$marks"
	logs_in bob:known at -P bob:known --password-command="$marks"
	PROXYPASS=known logs_in bob:known at -P bob --password-command="$marks"
	hostile open -l "$DIR/heads" head "$OPENS" fin drain
	logs_in '' at -P bob --password-command="$marks"
	hostile closed -l "$DIR/heads" head \
		'send:HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'
	refuses 77 '*403*' at -P bob --password-command="$marks"
	hostile bearer -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n' hold
	stays_out '*offers Bearer*' at -P bob --password-command="$marks"
	hostile digest -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm="x", nonce="y"\r\nContent-Length: 0\r\n\r\n' hold
	refuses 77 '*--auth does not allow it*' at --auth=ntlm -P bob \
		--password-command="$marks"
	nobody
	refuses 69 '*refused*' at -P bob --password-command="$marks"
	[[ -z $(ran) ]]
}

@test "command: it is not run where a ticket opens" {
	start_kdc
	ticket PLAIN
	hostile negotiate -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' \
		head "$OPENS" fin drain
	expect 0 pt -p "localhost:$PORT" -P bob \
		--password-command="$(marks 'echo secret')" h:1 </dev/null
	[[ $output == opened && -z $stderr && -z $(ran) ]]
	grep -q '^Proxy-Authorization: Negotiate ' "$DIR/heads"
	# Without one it is, also for NTLM within Negotiate.
	unset KRB5CCNAME
	hostile fallback -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' \
		head "$OPENS" fin drain
	logs_in bob:secret pt --auth=negotiate,basic -p "localhost:$PORT" -P bob \
		--password-command="$(marks 'echo secret')" h:1
	expect 0 pt -p "localhost:$PORT" -P bob \
		--password-command="$(marks 'echo secret')" h:1 </dev/null
	grep -q '^Proxy-Authorization: Negotiate TlRMTVNTUA' "$DIR/heads"
	[[ $(ran) == 2 ]]
}

@test "command: with Basic alone it is run before anything is connected to" {
	hostile open -l "$DIR/heads" head "$OPENS" fin drain
	logs_in bob:secret at --auth=basic -P bob \
		--password-command="$(marks 'echo secret')"
	nobody
	refuses 69 '*refused*' at --auth=basic -P bob \
		--password-command="$(marks 'echo secret')"
	refuses 77 "127.0.0.1:$PORT is not asked: the password command ended with status 1" \
		at --auth=basic -P bob --password-command="$(marks false)"
	[[ $(ran) == 3 ]]
}

@test "command: one that fails is named, and nobody else is asked" {
	local failed="127.0.0.1:$PORT demands credentials and offers Basic: the password command"
	script askpass 'echo askpass'
	force_askpass
	echo 'machine 127.0.0.1 login bob password netrc' >"$DIR/.netrc"
	stays_out "$failed ended with status 3" at --netrc -P bob \
		--password-command='echo secret; exit 3'
	stays_out "$failed ended with status 143" at --netrc -P bob \
		--password-command="kill \$\$"
	stays_out "$failed printed no password" at --netrc -P bob \
		--password-command=true
	stays_out "$failed printed more than memory holds" at --netrc -P bob \
		--password-command='head -c 300000 /dev/zero; exit 1'
	stays_out '*NUL byte in the password' at --netrc -P bob \
		--password-command='printf "a\0b\n"'
	stays_out "$failed ended with status 127" at --netrc -P bob \
		--password-command='exec 2>/dev/null; exec /no/such/program'
}

@test "command: what it says on standard error is shown" {
	rm -f "$DIR/heads"
	expect 77 at -P bob --password-command='/no/such/program'
	has "$stderr" "*/no/such/program*"$'\n'"proxytunnel: *the password command ended with status 127"
	expect 0 at -P bob --password-command='echo note >&2; echo secret'
	[[ $output == opened && $stderr == note && $(sent) == bob:secret ]]
}

@test "command: a weaker scheme is not tried without its password" {
	hostile both -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm="x", nonce="y"\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n' hold
	stays_out '*demands credentials and offers Digest, Basic*the password command ended with status 1' \
		at -P bob --password-command="$(marks false)"
	[[ $(ran) == 1 ]]
}

@test "command: a process that it leaves behind is not waited for" {
	local start=${EPOCHREALTIME/./}
	for says in 'echo secret' 'printf secret'; do
		logs_in bob:secret at -P bob --password-command="$says
			sleep 60 & echo \$! >>'$DIR/left'"
	done
	stays_out '*printed no password' at -P bob --password-command="
		sleep 60 & echo \$! >>'$DIR/left'"
	# They live on: they are not ours.
	[[ $(wc -l <"$DIR/left") == 3 ]]
	while read -r pid; do kill "$pid"; done <"$DIR/left"
	((${EPOCHREALTIME/./} - start < 20000000)) || fail "too slow"
}

@test "command: its time does not count" {
	logs_in bob:secret at --timeout=1 -P bob \
		--password-command='sleep 1.3; echo secret'
}

@test "command: standard input is empty, standard output is not the tunnel's" {
	hostile echo -l "$DIR/heads" head "$ASKS" head "$OPENS" echo
	echo "for the tunnel" >"$DIR/in"
	expect 0 pt --half-close=0.3 -p "127.0.0.1:$PORT" -P bob \
		--password-command='cat; readlink /proc/self/fd/0 >&2; echo secret' \
		h:1 <"$DIR/in"
	[[ $output == "openedfor the tunnel" && $stderr == /dev/null ]] ||
		fail "$output" "$stderr"
	[[ $(sent) == bob:secret ]]
}

@test "command: it has no descriptor of ours" {
	logs_in bob:secret at -P bob --password-command="
		ls -l /proc/\$\$/fd >'$DIR/descriptors'; echo secret"
	cat "$DIR/descriptors"
	run ! grep -q 'socket:' "$DIR/descriptors"
	# Input, output, errors, and the two of the talk with us at most.
	[[ $(grep -c -- '->' "$DIR/descriptors") -le 5 ]]
}

ends_at() {
	[[ ! -e /proc/$1 ]] || [[ $(ps -o stat= -p "$1") == Z* ]]
}

@test "command: it ends with us" {
	local signal pid
	for signal in TERM INT HUP; do
		rm -f "$DIR/pid"
		start client "$PT" -p "127.0.0.1:$PORT" -P bob \
			--password-command="echo \$\$ >'$DIR/pid'; exec sleep 60" h:1
		wait_until 10 test -s "$DIR/pid"
		pid=$(<"$DIR/pid")
		run ! ends_at "$pid"
		kill -"$signal" "$(<"$DIR/client.pid")"
		wait_until 5 ends_at "$pid" || fail "$signal leaves it"
	done
}

@test "command: signals mean to it what they meant to us" {
	local look="grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status"
	logs_in bob:secret at -P bob \
		--password-command="$look >'$DIR/signals'; echo secret"
	diff "$DIR/signals" <(pt --version >/dev/null &&
		setsid -w timeout 30 sh -c "$look; :")
}

# --- SSH_ASKPASS

# asked_for: what the program of SSH_ASKPASS was told, a line each.
asked_for() {
	cat "$DIR/questions" 2>/dev/null
	rm -f "$DIR/questions"
}

QUESTION="password for bob at the proxy 127.0.0.1:"

# asks: the program of SSH_ASKPASS; it gives lines of a file, in turn.
asks() {
	printf '%s\n' "$@" >"$DIR/answers"
	script askpass "[ \$# -eq 1 ] || exit 9" \
		"echo \"\$1\" >>'$DIR/questions'" \
		"sed -n \"\$(wc -l <'$DIR/questions')p\" '$DIR/answers'"
	export SSH_ASKPASS=$DIR/askpass
}

@test "askpass: without a terminal, on a display" {
	asks secret
	for display in DISPLAY=:9 WAYLAND_DISPLAY=wayland-0; do
		logs_in bob:secret env "$display" setsid -w "$PT" \
			-p "127.0.0.1:$PORT" -P bob h:1
		[[ $(asked_for) == "proxytunnel: $QUESTION$PORT: " ]]
		logs_in bob:secret env "$display" SSH_ASKPASS_REQUIRE=prefer \
			setsid -w "$PT" -p "127.0.0.1:$PORT" -P bob h:1
		[[ $(asked_for) == "proxytunnel: $QUESTION$PORT: " ]]
	done
}

@test "askpass: forced, without a display" {
	asks secret
	SSH_ASKPASS_REQUIRE=force logs_in bob:secret at -P bob
	[[ $(asked_for) == "proxytunnel: $QUESTION$PORT: " ]]
	DISPLAY=:9 SSH_ASKPASS_REQUIRE=force logs_in bob:secret at -P bob
	[[ $(asked_for) == "proxytunnel: $QUESTION$PORT: " ]]
}

@test "askpass: never, or no display, or no program" {
	asks secret
	stays_out "$NO_PASSWORD" at -P bob
	DISPLAY='' WAYLAND_DISPLAY='' stays_out "$NO_PASSWORD" at -P bob
	SSH_ASKPASS_REQUIRE=prefer stays_out "$NO_PASSWORD" at -P bob
	SSH_ASKPASS_REQUIRE=never DISPLAY=:9 stays_out "$NO_PASSWORD" at -P bob
	SSH_ASKPASS='' SSH_ASKPASS_REQUIRE=force stays_out "$NO_PASSWORD" \
		at -P bob
	unset SSH_ASKPASS
	SSH_ASKPASS_REQUIRE=force stays_out "$NO_PASSWORD" at -P bob
	[[ -z $(asked_for) ]]
}

@test "askpass: only once the proxy demands a password of a user" {
	asks secret
	force_askpass
	stays_out "$NO_USER" at
	logs_in bob:known at -P bob:known
	logs_in bob:command at -P bob --password-command='echo command'
	hostile open -l "$DIR/heads" head "$OPENS" fin drain
	logs_in '' at -P bob
	[[ -z $(asked_for) ]]
	nobody
	refuses 69 '*refused*' at --auth=basic -P bob
	[[ $(asked_for) == "proxytunnel: $QUESTION$PORT: " ]]
}

@test "askpass: a wrong password may be typed again, three times in all" {
	force_askpass
	hostile thrice -l "$DIR/heads" head "$ASKS" head "$ASKS" head "$ASKS" \
		head "$OPENS" fin drain -- rst
	asks one two three
	logs_in $'bob:one\nbob:two\nbob:three' at -P bob
	[[ $(asked_for) == "proxytunnel: $QUESTION$PORT: 
proxytunnel: refused; $QUESTION$PORT: 
proxytunnel: refused; $QUESTION$PORT: " ]]
	hostile never -l "$DIR/heads" head "$ASKS" head "$ASKS" head "$ASKS" \
		head "$ASKS" hold
	rm "$DIR/heads"
	refuses 77 "127.0.0.1:$PORT refused the credentials*" at -P bob
	[[ $(sent) == $'bob:one\nbob:two\nbob:three' ]]
	[[ $(asked_for | wc -l) == 3 ]]
}

@test "askpass: one that fails is named" {
	force_askpass
	stays_out '*offers Basic: SSH_ASKPASS ended with status 127' at -P bob
	script askpass 'echo secret' 'exit 1'
	stays_out '*offers Basic: SSH_ASKPASS ended with status 1' at -P bob
	script askpass
	stays_out '*offers Basic: SSH_ASKPASS printed no password' at -P bob
}

@test "askpass: given up after a refusal" {
	force_askpass
	hostile never -l "$DIR/heads" head "$ASKS" head "$ASKS" hold
	script askpass "[ ! -e '$DIR/once' ] || exit 1" "touch '$DIR/once'" \
		'echo wrong'
	refuses 77 "127.0.0.1:$PORT refused the credentials*" at -P bob
	[[ $(sent) == bob:wrong ]]
}

# --- netrc

# netrc LINE...: a file of that name.
netrc() {
	printf '%s\n' "$@" >"$DIR/.netrc"
	chmod 600 "$DIR/.netrc"
}

@test "netrc: at home, or a file by name" {
	netrc "machine 127.0.0.1 login bob password secret"
	logs_in bob:secret at --netrc
	mv "$DIR/.netrc" "$DIR/elsewhere"
	logs_in bob:secret at "--netrc=$DIR/elsewhere"
	stays_out "$NO_USER" at --netrc
	stays_out "$NO_USER" env -u HOME setsid -w "$PT" --netrc \
		-p "127.0.0.1:$PORT" h:1
	# What is not asked for is not read.
	netrc "machine 127.0.0.1 login bob password secret"
	stays_out "$NO_USER" at
}

@test "netrc: a file that is named must be there, and be one" {
	refuses 66 "netrc file $DIR/none: No such file or directory" \
		at "--netrc=$DIR/none"
	refuses 66 "netrc file $DIR: Is a directory" at "--netrc=$DIR"
	netrc 'machine 127.0.0.1 login bob password "secret'
	refuses 66 "netrc file $DIR/.netrc: a quote is not closed*" at --netrc
	[[ ! -e $DIR/heads ]]
}

@test "netrc: the proxy's host, not the destination's" {
	netrc "machine host.example login other password theirs" \
		"machine localhost login bob password by-name" \
		"machine 127.0.0.1 login bob password by-number"
	logs_in bob:by-number at --netrc
	logs_in bob:by-name pt --netrc -p "LocalHost:$PORT" h:1
	netrc "machine host.example login other password theirs"
	stays_out "$NO_USER" at --netrc
}

@test "netrc: the entry of the user, and default" {
	netrc "machine 127.0.0.1 login amy password hers" \
		"machine 127.0.0.1 login bob password his" \
		"default login guest password anyone"
	logs_in amy:hers at --netrc
	logs_in bob:his at --netrc -P bob
	PROXYUSER=bob logs_in bob:his at --netrc
	logs_in guest:anyone at --netrc -P guest
	stays_out "$NO_PASSWORD" at --netrc -P carl
	logs_in carl:known at --netrc -P carl:known
	netrc "machine other login amy password hers" \
		"default login guest password anyone"
	logs_in guest:anyone at --netrc
}

@test "netrc: lines, quotes, comments and macros" {
	netrc '# machine 127.0.0.1 login no password no' \
		'macdef init' 'machine 127.0.0.1 login no password no' '' \
		'machine other login no password no' \
		'machine' '  127.0.0.1' $'\tlogin bob' 'account none' \
		'password "a \"b\" c#d"'
	logs_in 'bob:a "b" c#d' at --netrc
}

@test "netrc: a line end in a password does not split the request" {
	netrc 'machine 127.0.0.1 login bob password "a\r\nX-Evil: y"'
	at --netrc || :
	run ! grep -q '^X-Evil' "$DIR/heads"
}

@test "netrc: at squid" {
	start_squid basic
	netrc "machine 127.0.0.1 login $ODD_USER password \"$ODD_PASSWORD\"" \
		"machine localhost login $UTF8_USER password \"$UTF8_PASSWORD\""
	start_targets
	opens --netrc -p "127.0.0.1:$SQUID_BASIC"
	opens --netrc -p "localhost:$SQUID_BASIC"
	netrc "machine 127.0.0.1 login $PLAIN_USER password wrong"
	refuses 77 "*refused the credentials*" \
		ask --netrc -p "127.0.0.1:$SQUID_BASIC"
	opens --netrc -p "127.0.0.1:$SQUID_BASIC" -P "$PLAIN_USER" \
		--password-command="echo $PLAIN_PASSWORD"
}
