# Shared by the .bats files: load lib
#
# A server is started by start_*, in setup_file for a whole file or in a test
# for that test, and ended by stop_all in teardown_file or teardown.  Its port
# is exported as a variable; its configuration and logs are in "$DIR/NAME/"
# and "$DIR/NAME.log".  Only what start has started is ever ended.

bats_require_minimum_version 1.5.0

PT=${PROXYTUNNEL:-$BATS_TEST_DIRNAME/../proxytunnel}
export PT

# A test has its own folder, and so has a file (setup_file, teardown_file).
DIR=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}

unset http_proxy https_proxy all_proxy no_proxy
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
unset proxyuser proxypass remproxyuser remproxypass
unset PROXYUSER PROXYPASS REMPROXYUSER REMPROXYPASS
unset SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE SSH_AUTH_SOCK BASH_ENV ENV OPENSSL_CONF
unset KRB5CCNAME KRB5_KTNAME KRB5_CLIENT_KTNAME KRB5_TRACE NTLM_USER_FILE
export LC_ALL=C SHELL=/bin/sh
# A file of the user's would count.
export XDG_CONFIG_HOME=/nonexistent
umask 022
# The system's own come first: a python3 may be a script that looks for one.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

# fail MESSAGE...: ends the test.
fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# need COMMAND...: a missing program is a failure, not a reason to skip.
need() {
	local command missing=
	for command; do
		command -v "$command" >/dev/null || missing+=" $command"
	done
	[[ -z $missing ]] || fail "missing programs:$missing"
}

# has TEXT GLOB: fails and shows the text where it does not match.
has() {
	# shellcheck disable=SC2053 # a pattern
	[[ $1 == $2 ]] || fail "not like: $2" "$1"
}

# expect STATUS COMMAND...: as run, stdout in $output and stderr in $stderr, but
# with fewer processes.
expect() {
	local wanted=$1 file=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/.stderr
	shift
	status=0
	output=$(set +eET; "$@" 2>"$file") || status=$?
	read -d '' -r stderr <"$file" || :
	[[ $status == "$wanted" ]] ||
		fail "status $status, not $wanted: $*" "$output" "$stderr"
}

# pt ARGUMENT...: proxytunnel, bounded, and without a terminal to ask on.
pt() {
	setsid -w timeout -k 5 "${PT_SECONDS:-30}" "$PT" "$@"
}

# wait_until SECONDS COMMAND...: looks after 20 ms and then ever more seldom, up
# to five times a second, whether it succeeds: looking costs what others need,
# and so does the trap that bats has before each command of a function.
wait_until() {
	local - end=$((${EPOCHREALTIME/./} + $1 * 1000000)) ms=20 pause
	set +T
	shift
	until "$@"; do
		((${EPOCHREALTIME/./} < end)) || return 1
		printf -v pause 0.%03d $ms
		sleep "$pause"
		((ms = ms < 140 ? ms * 3 / 2 : 200))
	done
}

# free_port: prints a port of loopback that nobody else gets: outside the range
# of the kernel's own choice, and reserved while this shell runs.
free_port() {
	local folder=${TMPDIR:-/tmp}/pt-ports-$UID port shell
	mkdir -p "$folder"
	while read -r port shell; do
		[[ -e /proc/$shell ]] || rm -f "$folder/$port"
	done < <(find "$folder" -type l -printf '%f %l\n' 2>/dev/null)
	for ((;;)); do
		port=$((10000 + RANDOM % 20000))
		ln -s "$$" "$folder/$port" 2>/dev/null || continue
		if [[ -z $(ss -Htanu "sport = :$port") ]]; then
			echo "$port"
			return 0
		fi
		rm -f "$folder/$port"
	done
}

# apart COMMAND...: becomes that, in a session of its own; for the background.
apart() {
	local fd
	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		((fd <= 2 || fd == 255)) || eval "exec $fd>&-"
	done
	exec setsid "$@"
}

# start NAME COMMAND...: runs a server in a session of its own; one of that name
# is ended before.
start() {
	local name=$1
	shift
	[[ ! -e $DIR/$name.pid ]] || stop "$name"
	apart "$@" </dev/null >>"$DIR/$name.log" 2>&1 &
	echo $! >"$DIR/$name.pid"
	disown $!
}

# alive NAME: does it run?  A zombie does not.
alive() {
	local pid stat
	read -r pid <"$DIR/$1.pid" || return 1
	read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
	[[ ${stat##*) } != [ZX]* ]]
}

is_listening() {
	[[ -n $(ss -Hltn "sport = :$1") ]]
}

is_listening_or_dead() {
	is_listening "$1" || ! alive "$2"
}

show_log() {
	printf -- '--- %s\n' "$@" >&2
	tail -n 30 -- "$@" >&2
	return 1
}

# wait_port PORT [NAME]: until it listens; shows the log where it does not.
wait_port() {
	if [[ -z ${2:-} ]]; then
		wait_until 20 is_listening "$1" || fail "port $1: nobody there"
		return
	fi
	if ! wait_until 20 is_listening_or_dead "$1" "$2" || ! alive "$2"; then
		printf '%s does not listen on port %s\n' "$2" "$1" >&2
		show_log "$DIR/$2.log"
	fi
}

# What is left of a session may be zombies, until init has time.
group_ended() {
	local stat
	kill -0 -- "-$1" 2>/dev/null || return 0
	while read -r stat; do
		[[ $stat == Z* ]] || return 1
	done < <(ps -o stat= -g "$1")
}

# stop NAME...: TERM to its process group, and KILL where that is not enough.
stop() {
	local name pid files=("${@/#/$DIR/}")
	for name; do
		read -r pid <"$DIR/$name.pid"
		kill -TERM -- "-$pid" 2>/dev/null ||
			kill -TERM "$pid" 2>/dev/null || :
	done
	for name; do
		read -r pid <"$DIR/$name.pid"
		if ! wait_until 5 group_ended "$pid"; then
			kill -KILL -- "-$pid" 2>/dev/null || :
			wait_until 5 group_ended "$pid" || :
		fi
	done
	rm -f "${files[@]/%/.pid}"
}

# stop_all: what was started here and still runs.
stop_all() {
	local file names=()
	for file in "$DIR"/*.pid; do
		[[ -e $file ]] || continue
		file=${file##*/}
		names+=("${file%.pid}")
	done
	[[ -z ${names[*]} ]] || stop "${names[@]}"
}

# make_data: exports DATA, a file of 8 MiB that nobody guesses, and DATA_SUM, its
# SHA-256.
make_data() {
	need sha256sum
	DATA=$BATS_FILE_TMPDIR/data
	head -c 8388608 /dev/urandom >"$DATA"
	DATA_SUM=$(sha256sum <"$DATA" | cut -c1-64)
	export DATA DATA_SUM
}

# ours [MARK]: the processes of proxytunnel with PT_MARK=MARK in their
# environment, children included; without MARK those of this test, whose folder
# it is.
ours() {
	local process
	for process in /proc/[0-9]*; do
		[[ $process/exe -ef $PT ]] || continue
		grep -qzsx "PT_MARK=${1:-$DIR}" "$process/environ" &&
			echo "${process#/proc/}"
	done
	return 0
}

none_of_ours() {
	[[ -z $(ours "$@") ]]
}

# in_terminal COMMAND...: what it shows in a pseudo-terminal, without CR.
in_terminal() {
	timeout 30 python3 - "$@" <<-'END'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[1], sys.argv[1:])
		seen = b""
		while True:
		    try:
		        piece = os.read(fd, 4096)
		    except OSError:
		        break
		    if not piece:
		        break
		    seen += piece
		os.waitpid(pid, 0)
		sys.stdout.buffer.write(seen.replace(b"\r", b""))
	END
}

# ask ARGUMENT...: a line to a service that answers it.
ask() {
	pt "$@" 127.0.0.1 "$LINE_PORT" <<<"hello"
}

# opens ARGUMENT...: the answer comes back, and nothing is said.
opens() {
	expect 0 ask "$@"
	# shellcheck disable=SC2154 # set by run
	[[ $output == "got hello" && -z $stderr ]] ||
		fail "$* brought: $output" "$stderr"
}

# refuses STATUS GLOB COMMAND...: no answer, one line on stderr.
refuses() {
	local status_wanted=$1 line=$2
	shift 2
	expect "$status_wanted" "$@"
	[[ -z $output ]] || fail "on stdout: $output"
	has "$stderr" "proxytunnel: $line"
	[[ $stderr != *$'\n'* ]] || fail "more than a line: $stderr"
}

# logged SERVER TAG: squid's or Apache's lines about requests with that tag
# (X-Test), without the tag: STATUS CLIENT-PORT
logged() {
	sed -n "s/ $2\$//p" "$BATS_FILE_TMPDIR/$1/access.log"
}

has_logged() {
	[[ $(logged "$1" "$2") == *"$3"* ]]
}

# silent_about USER PASSWORD TEXT: it does not give the password away.
silent_about() {
	local secret
	for secret in "$2" "$(printf '%s:%s' "$1" "$2" | base64 -w0)" \
		"$(printf %s "$2" | base64 -w0)"; do
		[[ $3 != *"$secret"* ]] ||
			fail "it gives '$secret' away:" "$3"
	done
}

load servers
load tls
load socks
