# listen.bash -- the program as a server, and clients of it.  Needs lib.bash.

has_port() {
	[[ -s $DIR/out ]] || ! alive server
}

# serve_as COMMAND...: the program as a server, by that command; what it says is
# in "$DIR/out" and "$DIR/err".
serve_as() {
	: >"$DIR/out"
	apart "$@" </dev/null >"$DIR/out" 2>"$DIR/err" &
	SERVER=$!
	echo $SERVER >"$DIR/server.pid"
}

# serve ARGUMENT...: proxytunnel listens, at a port that is in PORT then, and
# its number in SERVER.  A client that closes is not waited for as long as usual.
serve() {
	serve_as "$PT" -a 0 --half-close=0.1 "$@"
	wait_until 20 has_port || :
	PORT=$(head -n 1 "$DIR/out")
	[[ -n $PORT ]] || show_log "$DIR/err"
}

# ended STATUS: the server has ended, with that.
ended() {
	local got=0
	wait_until 20 not alive server || fail "it runs on"
	rm "$DIR/server.pid"
	wait "$SERVER" || got=$?
	[[ $got == "$1" ]] || fail "status $got, not $1" "$(<"$DIR/err")"
}

# terminate STATUS: ends it, and says nothing but what it had said.
terminate() {
	kill "$SERVER"
	ended "${1:-0}"
}

# said GLOB: a line of that kind is in its log, soon.
said() {
	# shellcheck disable=SC2317 # called by wait_until
	says_now() {
		local line
		while IFS= read -r line; do
			# shellcheck disable=SC2053 # a pattern
			[[ $line != $1 ]] || return 0
		done <"$DIR/err"
		return 1
	}
	wait_until 20 says_now "$1" || fail "no such line: $1" "$(<"$DIR/err")"
}

# silent: nothing has been said.
silent() {
	[[ ! -s $DIR/err ]] || fail "it says: $(<"$DIR/err")"
}

# client ADDRESS WHAT...: see clients.py.
client() {
	timeout -k 5 60 python3 "$BATS_TEST_DIRNAME/clients.py" "$@"
}

# gets ANSWER ADDRESS [TEXT]: what comes for a line.
gets() {
	expect 0 client "$2" ask <<<"${3-hello}"
	# shellcheck disable=SC2154 # set by run
	[[ $output == "$1" ]] || fail "it got: $output" "$(<"$DIR/err")"
}

# dial [PORT [HOST]]: a connection, as descriptor FD.
dial() {
	# shellcheck disable=SC2034 # for the test
	exec {FD}<>"/dev/tcp/${2:-127.0.0.1}/${1:-$PORT}"
}

hang_up() {
	local fd
	for fd; do exec {fd}>&-; done
}

# answers FD [SECONDS]: what is said comes back, from the echo service.
answers() {
	local line text="hello $RANDOM"
	echo "$text" >&"$1"
	IFS= read -r -t "${2:-20}" -u "$1" line && [[ $line == "$text" ]]
}

# comes FD [SECONDS]: prints what comes: a line, or "end", "reset", "nothing".
comes() {
	local line='' status=0
	IFS= read -r -t "${2:-20}" -u "$1" line 2>"$DIR/fault" || status=$?
	if [[ $(<"$DIR/fault") == *reset* ]]; then
		echo reset
	elif ((status > 128)); then
		echo nothing
	elif ((status > 0)); then
		echo "${line}end"
	else
		echo "$line"
	fi
}
