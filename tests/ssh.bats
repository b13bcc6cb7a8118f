#!/usr/bin/env bats
# OpenSSH over proxytunnel as its ProxyCommand, through squid.

load lib

setup_file() {
	need ssh scp sftp rsync git python3 sha256sum
	start_targets
	start_squid none
	start_squid basic
	start_apache none
	start_tinyproxy none
	start_sshd
}

teardown_file() {
	stop_all
}

setup() {
	through -p "127.0.0.1:$SQUID_NONE" %h %p
}

teardown() {
	stop_all
}

# through ARGUMENT...: those of proxytunnel, for CONFIG, the file for ssh -F.
through() {
	CONFIG=$DIR/config
	printf 'ProxyCommand "%s" %s\nInclude %s\n' "$PT" "$*" "$SSH_CONFIG" \
		>"$CONFIG"
}

# over ARGUMENT...: ssh, bounded.
over() {
	timeout -k 5 60 ssh -F "$CONFIG" "$@"
}

is_dead() {
	! alive "$1"
}

is_up_or_dead() {
	grep -qsx up "$DIR/client.log" || is_dead client
}

# open_session MARK [COMMAND]: an ssh that stays until its input, descriptor 7,
# ends.
open_session() {
	mkfifo "$DIR/in"
	exec 7<>"$DIR/in"
	# shellcheck disable=SC2016 # for the inner shell
	start client env "PT_MARK=$1" bash -c \
		'exec ssh -F "$1" 127.0.0.1 "echo up; $3" <"$2" 7>&-' \
		- "$CONFIG" "$DIR/in" "${2:-exec cat}"
	wait_until 20 is_up_or_dead
	grep -qx up "$DIR/client.log" || show_log "$DIR/client.log"
	[[ $(ours "$1") =~ ^[0-9]+$ ]]
}

@test "ssh: a command" {
	expect 0 over 127.0.0.1 true
	[[ -z $output && -z $stderr ]]
	expect 0 over 127.0.0.1 'echo here; echo there >&2'
	# shellcheck disable=SC2154 # set by run
	[[ $output == here && $stderr == there ]]
}

@test "ssh: through Apache, through tinyproxy, by name, to ::1" {
	for port in $APACHE_NONE $TINYPROXY_NONE; do
		through -p "127.0.0.1:$port" %h %p
		expect 0 over 127.0.0.1 'echo here'
		[[ $output == here && -z $stderr ]]
	done
	through -p "127.0.0.1:$SQUID_NONE" %h %p
	for host in localhost ::1; do
		expect 0 over "$host" 'echo here'
		[[ $output == here && -z $stderr ]]
	done
}

@test "ssh: %h:%p, and the proxy from the environment" {
	through %h:%p
	https_proxy="http://127.0.0.1:$SQUID_NONE" \
		expect 0 over 127.0.0.1 'echo here'
	[[ $output == here && -z $stderr ]]
}

@test "ssh: the ProxyCommand of old" {
	through -q -p "127.0.0.1:$SQUID_NONE" -d %h:%p
	expect 0 over 127.0.0.1 'echo here'
	[[ $output == here && -z $stderr ]]
}

@test "ssh: a proxy that asks for a password" {
	through -p "127.0.0.1:$SQUID_BASIC" -P "$PLAIN_USER" %h %p
	PROXYPASS=$PLAIN_PASSWORD expect 0 over 127.0.0.1 'echo here'
	[[ $output == here && -z $stderr ]]
}

@test "ssh: the exit status of the command" {
	expect 42 over 127.0.0.1 'exit 42'
	expect 1 over 127.0.0.1 false
}

@test "ssh: standard input, to its end" {
	head -c 1048576 /dev/urandom >"$DIR/data"
	expect 0 over 127.0.0.1 sha256sum <"$DIR/data"
	[[ $output == "$(sha256sum <"$DIR/data")" ]]
	over 127.0.0.1 cat <"$DIR/data" >"$DIR/back"
	cmp "$DIR/data" "$DIR/back"
}

@test "scp: both ways" {
	local mib=256 sum
	[[ -z ${QUICK:-} ]] || mib=16
	head -c "${mib}M" /dev/urandom >"$DIR/data"
	sum=$(sha256sum <"$DIR/data")
	timeout -k 5 120 scp -q -F "$CONFIG" "$DIR/data" "127.0.0.1:$DIR/up"
	[[ $(sha256sum <"$DIR/up") == "$sum" ]]
	rm "$DIR/data"
	timeout -k 5 120 scp -q -F "$CONFIG" "127.0.0.1:$DIR/up" "$DIR/down"
	[[ $(sha256sum <"$DIR/down") == "$sum" ]]
}

@test "rsync: a tree there and back" {
	mkdir -p "$DIR/tree/sub"
	head -c 3000000 /dev/urandom >"$DIR/tree/large"
	echo text >"$DIR/tree/sub/small"
	timeout -k 5 60 rsync -a -e "ssh -F $CONFIG" "$DIR/tree/" \
		"127.0.0.1:$DIR/there/"
	diff -r "$DIR/tree" "$DIR/there"
	echo more >>"$DIR/there/large"
	timeout -k 5 60 rsync -a -e "ssh -F $CONFIG" \
		"127.0.0.1:$DIR/there/" "$DIR/tree/"
	diff -r "$DIR/tree" "$DIR/there"
	[[ $(tail -n 1 "$DIR/tree/large") == *more ]]
}

@test "git: clone and push" {
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
	export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com
	export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
	export GIT_SSH_COMMAND="ssh -F $CONFIG"
	git init -q -b main "$DIR/tree"
	head -c 300000 /dev/urandom >"$DIR/tree/file"
	git -C "$DIR/tree" add file
	git -C "$DIR/tree" commit -q -m first
	git clone -q --bare "$DIR/tree" "$DIR/bare"

	timeout -k 5 60 git clone -q "ssh://127.0.0.1$DIR/bare" "$DIR/clone"
	cmp "$DIR/tree/file" "$DIR/clone/file"
	git -C "$DIR/clone" commit -q --allow-empty -m second
	timeout -k 5 60 git -C "$DIR/clone" push -q
	[[ $(git -C "$DIR/bare" log -1 --format=%s main) == second ]]
}

# Types into a pseudo-terminal of 33 by 99, prints what comes back.
@test "ssh: a session on a terminal" {
	expect 0 timeout -k 5 60 python3 - "$CONFIG" <<-'END'
		import fcntl, os, pty, re, select, struct, sys, termios

		pid, fd = pty.fork()
		if pid == 0:
		    fcntl.ioctl(0, termios.TIOCSWINSZ,
		                struct.pack("HHHH", 33, 99, 0, 0))
		    os.execvp("ssh", ["ssh", "-F", sys.argv[1], "127.0.0.1"])

		seen = b""

		def read_until(text):
		    global seen
		    while not (match := re.search(text, seen)):
		        data = b""
		        try:
		            if select.select([fd], [], [], 20)[0]:
		                data = os.read(fd, 4096)
		        except OSError:
		            pass
		        if not data:
		            sys.exit("no %r in %r" % (text, seen))
		        seen += data
		    seen = seen[match.end():]

		read_until(b"[$#] ")  # a prompt
		os.write(fd, b"stty size; echo $((6 * 7))-out\n")
		read_until(b"33 99\r\n")
		read_until(b"42-out\r\n")
		os.write(fd, b"echo $((6 * 8))-cat; cat\n")
		read_until(b"48-cat\r\n")
		os.write(fd, b"typed\n")
		read_until(b"typed\r\ntyped\r\n")
		os.write(fd, b"\x03")  # ends cat, not the session
		read_until(b"\\^C")
		read_until(b"[$#] ")
		os.write(fd, b"echo $((6 * 9))-alive\n")
		read_until(b"54-alive\r\n")
		os.write(fd, b"exit 7\n")
		_, status = os.waitpid(pid, 0)
		print(os.waitstatus_to_exitcode(status))
	END
	[[ $output == 7 ]]
}

@test "ssh: the proxy is down" {
	through -p "127.0.0.1:$CLOSED_PORT" %h %p
	expect 255 over 127.0.0.1 true
	[[ -z $output ]]
	has "$stderr" "proxytunnel: 127.0.0.1:$CLOSED_PORT can't be reached: Connection refused*"
}

@test "ssh: the wrong password" {
	through -p "127.0.0.1:$SQUID_BASIC" -P "$PLAIN_USER:wrong" %h %p
	expect 255 over 127.0.0.1 true
	[[ -z $output ]]
	has "$stderr" "proxytunnel: 127.0.0.1:$SQUID_BASIC refused the credentials*"
}

@test "ssh: sshd is down" {
	expect 255 over -p "$CLOSED_PORT" 127.0.0.1 true
	[[ -z $output ]]
	has "$stderr" "proxytunnel: 127.0.0.1:$SQUID_NONE could not open the tunnel to 127.0.0.1:$CLOSED_PORT: 503 *"
}

# ssh ends its ProxyCommand as soon as that closes standard output.
@test "end: the reason is written before standard output is closed" {
	expect 0 timeout -k 5 60 setsid -w python3 - "$PT" -p \
		"127.0.0.1:$SQUID_NONE" 127.0.0.1:25 <<-'END'
		import fcntl, os, select, subprocess, sys

		# A full pipe holds up the line.
		reader, writer = os.pipe()
		fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
		filler = 0
		for size in (4096, 1):
		    try:
		        while True:
		            filler += os.write(writer, b"." * size)
		    except BlockingIOError:
		        pass
		fcntl.fcntl(writer, fcntl.F_SETFL, 0)
		ours = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE,
		                        stdout=subprocess.PIPE, stderr=writer)
		os.close(writer)
		ready, _, _ = select.select([ours.stdout], [], [], 1.5)
		text = b""
		while data := os.read(reader, 65536):
		    text += data
		line = text[filler:]
		if ours.wait() != 77 or b"403 Forbidden" not in line:
		    sys.exit("status %d: %r" % (ours.returncode, line))
		if ready:
		    sys.exit("standard output ended before the line was out")
	END
}

@test "end: a session ends, and no process stays" {
	open_session "end-$$"
	exec 7>&-
	wait_until 10 none_of_ours "end-$$"
	wait_until 10 is_dead client
}

@test "end: ssh is terminated, and no process stays" {
	open_session "term-$$"
	kill -TERM "$(<"$DIR/client.pid")"
	wait_until 10 none_of_ours "term-$$"
}

@test "end: ssh is killed, and no process stays" {
	open_session "kill-$$"
	kill -KILL "$(<"$DIR/client.pid")"
	wait_until 10 none_of_ours "kill-$$"
}

@test "end: the server ends the session, and no process stays" {
	# shellcheck disable=SC2016 # for the shell over there
	open_session "server-$$" 'read -r line; kill -TERM $PPID'
	echo >&7
	wait_until 10 none_of_ours "server-$$"
	wait_until 10 is_dead client
}
