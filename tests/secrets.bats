#!/usr/bin/env bats
# What is left of a password: nothing in the list of processes, in a core, in
# memory once the tunnel is open, in what is written.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

OPENS='send:HTTP/1.1 200 OK\r\n\r\nopened'
REALM_OF_DIGEST=kept
SOURCES=(uri option file environment variables netrc command askpass typed)

# answer CHALLENGE: a 407 with it.
answer() {
	printf 'send:HTTP/1.1 407 No\\r\\nProxy-Authenticate: %s\\r\\nContent-Length: 0\\r\\n\\r\\n' "$1"
}

# The second message of NTLM, in base64: a Unicode server in a domain, with
# or without a clock, for which the third has a proof over all three.
ntlm_challenge() {
	python3 - "$1" <<-'END'
		import base64, struct, sys

		def pair(kind, value):
		    return struct.pack("<HH", kind, len(value)) + value

		target = "TEST".encode("utf-16-le")
		info = pair(2, target) + pair(1, "PROXY".encode("utf-16-le"))
		if sys.argv[1] == "clock":
		    info += pair(7, struct.pack("<Q", 0x01d9000000000000))
		info += pair(0, b"")
		flags = 0xa28a8205
		print(base64.b64encode(
		    struct.pack("<8sLHHLL8s8xHHL8s", b"NTLMSSP\0", 2,
		        len(target), len(target), 56, flags, b"\x01\x23\x45\x67" * 2,
		        len(info), len(info), 56 + len(target), b"\x06\1\0\0\0\0\0\x0f")
		    + target + info).decode())
	END
}

setup_file() {
	need base64 gcc openssl python3 strace
	cat >"$BATS_FILE_TMPDIR/secrets.py" <<-'END'
		# Runs the program and looks for the password around it.
		import base64, hashlib, os, pty, re, resource, select, signal, sys
		import time

		USER, PASSWORD = os.environ["LOOK_USER"], os.environ["LOOK_PASSWORD"]
		TYPED = os.environ.get("LOOK_TYPED")
		REALM = os.environ.get("LOOK_REALM", "")
		MD4 = bytes.fromhex(os.environ.get("LOOK_MD4", ""))
		MARK = b"mark-of-the-test"

		def forms():
		    "What gives the password away, whole or a good part of it."
		    pair = f"{USER}:{PASSWORD}".encode()
		    yield from pieces("password", PASSWORD.encode(), 8)
		    yield from pieces("UTF-16", PASSWORD.encode("utf-16-le"), 16)
		    # What is before the password in it is no secret.
		    skip = (len(USER) + 1) * 4 // 3 + 1
		    yield from pieces("base64", base64.b64encode(pair)[skip:], 12)
		    for name in "md5", "sha256":
		        h = hashlib.new(name, f"{USER}:{REALM}:{PASSWORD}".encode())
		        yield from pieces("HA1 " + name, h.digest(), 8)
		        yield from pieces("HA1 in hex " + name,
		                          h.hexdigest().encode(), 16)
		    if MD4:
		        yield from pieces("MD4", MD4, 8)

		def pieces(name, whole, size):
		    for at in range(len(whole) - size + 1):
		        yield name, whole[at:at + size]

		def regions(pid):
		    with open(f"/proc/{pid}/maps") as maps, \
		         open(f"/proc/{pid}/mem", "rb", 0) as mem:
		        for line in maps:
		            begin, end = (int(n, 16) for n in line.split()[0].split("-"))
		            name = line.split(None, 5)[5:] or ["anonymous"]
		            # What can't be written has nothing in it.
		            if line.split()[1][:2] != "rw":
		                continue
		            mem.seek(begin)
		            yield name[0].strip(), begin, mem.read(end - begin)

		def search(places):
		    "Prints what is found; the mark is a proof that all was read."
		    wanted = {}
		    for name, piece in forms():
		        wanted.setdefault(piece, name)
		    any_of = re.compile(b"|".join(re.escape(p) for p in wanted))
		    found, marked = {}, False
		    for place, begin, data in places:
		        marked |= MARK in data
		        for m in any_of.finditer(data):
		            key = wanted[m[0]], place
		            found.setdefault(key, (begin + m.start(), m[0]))
		    for (name, place), (at, piece) in found.items():
		        print(f"{name} in {place} at {at:x}: {piece!r}")
		    if not marked:
		        print("the mark was not found")
		    return not found and marked

		def run(args):
		    "Its standard input stays open; typed: at a terminal of its own."
		    hold, far = os.pipe(), os.pipe()
		    pid, tty = pty.fork() if TYPED else (os.fork(), -1)
		    if pid == 0:
		        if not TYPED:
		            os.setsid()
		        os.dup2(hold[0], 0)
		        os.dup2(far[1], 1)
		        for fd in hold + far:
		            os.close(fd)
		        for name in [n for n in os.environ if n.startswith("LOOK_")]:
		            del os.environ[name]
		        os.environ["MARK"] = MARK.decode()
		        os.execvp(args[0], args)
		    os.close(hold[0])
		    os.close(far[1])
		    return pid, hold[1], far[0], tty

		def type_in(tty):
		    seen = b""
		    while b"password for" not in seen or not seen.endswith(b": "):
		        seen += os.read(tty, 1000)
		    os.write(tty, PASSWORD.encode() + b"\n")

		def wait_for(fd, text):
		    seen = b""
		    while text not in seen:
		        piece = os.read(fd, 1000)
		        if not piece:
		            sys.exit(f"it ended: {seen!r}")
		        seen += piece

		def until(made):
		    end = time.monotonic() + 20
		    while not made():
		        if time.monotonic() > end:
		            sys.exit("in vain")
		        time.sleep(0.01)

		def image(args):
		    "Looks at all that a process with an open tunnel has."
		    pid, hold, far, tty = run(args)
		    if TYPED:
		        type_in(tty)
		    wait_for(far, b"opened")
		    clean = search(regions(pid))
		    for name in "cmdline", "environ":
		        with open(f"/proc/{pid}/{name}", "rb") as f:
		            if any(piece in f.read() for _, piece in forms()):
		                print("found in", name)
		                clean = False
		    os.kill(pid, signal.SIGTERM)
		    os.waitpid(pid, 0)
		    return clean

		def core(args, signo, when, wanted):
		    """Is there a core of a process that is ended by a signal once a
		    file is there (or, for the word "opened", the tunnel is open)?
		    Where one is wanted, the password must not be in it."""
		    try:
		        resource.setrlimit(resource.RLIMIT_CORE,
		                           (resource.RLIM_INFINITY,) * 2)
		    except (ValueError, OSError):
		        if wanted:
		            sys.exit(42)
		    before = set(os.listdir("."))
		    pid, hold, far, tty = run(args)
		    if TYPED and when == "prompt":
		        wait_for(tty, b"password for")
		    elif TYPED:
		        type_in(tty)
		    if when == "opened":
		        wait_for(far, b"opened")
		    elif when != "prompt":
		        until(lambda: os.path.exists(when))
		    os.kill(pid, signo)
		    status = os.waitpid(pid, 0)[1]
		    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signo, status
		    files = set(os.listdir(".")) - before
		    dumped = os.WCOREDUMP(status)
		    print("dumped:", dumped, "files:", files)
		    if dumped != wanted or (files and not wanted):
		        return False
		    with open("/proc/sys/kernel/core_pattern") as f:
		        pattern = f.read().strip()
		    if not wanted or pattern.startswith("|") or "/" in pattern:
		        return True
		    assert len(files) == 1, files
		    name = files.pop()
		    with open(name, "rb") as f:
		        clean = search([(name, 0, f.read())])
		    os.unlink(name)
		    return clean

		def writes(trace):
		    """What our own processes write, socket or not, by strace -f -xx;
		    those that become other programs are left out."""
		    starts = re.compile(r'(\d+) +execve\("((?:\\x..)*)".*= 0$')
		    call = re.compile(r"(\d+) +(\w+)\((\d+)<([^>]*)>, (.*)")
		    others = set()
		    for line in open(trace):
		        m = starts.match(line)
		        if m:
		            name = bytes.fromhex(m[2].replace("\\x", "")).decode()
		            is_ours = name == os.environ["PT"]
		            (others.discard if is_ours else others.add)(m[1])
		        m = call.match(line)
		        if m and m[1] not in others:
		            text = "".join(re.findall(r'"((?:\\x..)*)"', m[5]))
		            where = bytes.fromhex(m[4].replace("\\x", ""))
		            yield where.decode(), bytes.fromhex(text.replace("\\x", ""))

		def written(trace, may_have_base64):
		    sent, clean = b"", True
		    for where, data in writes(trace):
		        socket = where.startswith(("socket:", "TCP"))
		        sent += data if socket else b""
		        for name, piece in forms():
		            if piece in data and not (
		                    socket and may_have_base64 and name == "base64"):
		                print(f"{name} written to {where}: {data!r}")
		                clean = False
		                break
		    if b"CONNECT h:1 " not in sent or (
		            may_have_base64 and b"Proxy-Authorization: Basic " not in sent):
		        print("the trace does not have the request:", sent)
		        clean = False
		    return clean

		def traced(args, trace, may_have_base64):
		    pid, hold, far, tty = run(args)
		    if TYPED:
		        type_in(tty)
		    wait_for(far, b"opened")
		    os.close(hold)
		    while os.read(far, 1000):
		        pass
		    while TYPED:
		        try:
		            if not os.read(tty, 1000):
		                break
		        except OSError:
		            break
		    assert os.waitpid(pid, 0)[1] == 0
		    return written(trace, may_have_base64)

		if __name__ == "__main__":
		    what, args = sys.argv[1], sys.argv[sys.argv.index("--") + 1:]
		    if what == "image":
		        good = image(args)
		    elif what == "core":
		        good = core(args, int(sys.argv[2]), sys.argv[3],
		                    sys.argv[4] == "wanted")
		    else:
		        good = traced(args, sys.argv[2], sys.argv[3] == "basic")
		    sys.exit(not good)
	END
}

setup() {
	DIR=$BATS_TEST_TMPDIR
	export HOME=$DIR
	# Nobody else has such a one; of a length that NTLM's blocks do not split.
	PASSWORD=$(python3 -c 'import secrets
print("".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789") for _ in range(31)))')
}

teardown() {
	stop_all
}

# scheme NAME [STEP...]: starts a proxy that demands it, then opens and stays,
# or takes these steps.
scheme() {
	local first=() last=("${@:2}")
	(($# > 1)) || last=("$OPENS" hold)
	case $1 in
	basic) first=(head "$(answer 'Basic realm="x"')") ;;
	unasked) ;;
	digest | digest-sess)
		local sess=${1#digest}
		first=(head "$(answer "Digest realm=\"$REALM_OF_DIGEST\", nonce=\"n\", qop=\"auth\", algorithm=MD5$sess")")
		;;
	digest-sha256)
		first=(head "$(answer "Digest realm=\"$REALM_OF_DIGEST\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256")")
		;;
	ntlm) first=(head "$(answer NTLM)" head "$(answer "NTLM $(ntlm_challenge)")") ;;
	ntlm-clock) first=(head "$(answer NTLM)" head "$(answer "NTLM $(ntlm_challenge clock)")") ;;
	esac
	hostile "proxy-$1" "${first[@]}" head "${last[@]}"
}

# look WHAT... -- ARGUMENT...: secrets.py, for the program with the arguments.
look() {
	local what=()
	while [[ $1 != -- ]]; do
		what+=("$1")
		shift
	done
	shift
	(
		mkdir -p "$DIR/here"
		cd "$DIR/here" || exit
		export LOOK_USER=bob LOOK_PASSWORD=$PASSWORD LOOK_TYPED
		export LOOK_REALM=$REALM_OF_DIGEST LOOK_MD4
		LOOK_MD4=$(printf %s "$PASSWORD" | iconv -t UTF-16LE |
			openssl dgst -provider legacy -md4 -r | cut -c1-32)
		[[ ${#LOOK_MD4} == 32 ]] || exit
		exec timeout 60 python3 "$BATS_FILE_TMPDIR/secrets.py" \
			"${what[@]}" -- "$@"
	)
}

# source_of NAME: COMMAND, with which the password comes from there.
source_of() {
	local proxy=127.0.0.1:$PORT
	LOOK_TYPED=''
	COMMAND=("$PT" -p "$proxy")
	printf '%s\n' "$PASSWORD" >"$DIR/password"
	case $1 in
	uri) COMMAND=("$PT" -p "http://bob:$PASSWORD@$proxy") ;;
	option) COMMAND+=(-P "bob:$PASSWORD") ;;
	file)
		printf 'proxy_user=bob\nproxy_passwd=%s\n' "$PASSWORD" >"$DIR/file"
		chmod 600 "$DIR/file"
		COMMAND+=(-F "$DIR/file")
		;;
	environment)
		COMMAND=(env "https_proxy=http://bob:$PASSWORD@$proxy" "$PT")
		;;
	variables)
		COMMAND=(env PROXYUSER=bob "PROXYPASS=$PASSWORD" "${COMMAND[@]}")
		;;
	netrc)
		echo "machine 127.0.0.1 login bob password $PASSWORD" >"$DIR/netrc"
		COMMAND+=("--netrc=$DIR/netrc")
		;;
	command)
		COMMAND+=(-P bob --password-command="cat '$DIR/password'")
		;;
	askpass)
		printf '#!/bin/sh\ncat "%s"\n' "$DIR/password" >"$DIR/askpass"
		chmod +x "$DIR/askpass"
		COMMAND=(env "SSH_ASKPASS=$DIR/askpass"
			SSH_ASKPASS_REQUIRE=force "${COMMAND[@]}" -P bob)
		;;
	typed)
		LOOK_TYPED=yes
		COMMAND+=(-P bob)
		;;
	esac
}

# --- The memory of a process with an open tunnel

# forgets SCHEME "SOURCE..." [ARGUMENT...]: nothing is left.
forgets() {
	local source failed=
	scheme "$1"
	for source in $2; do
		source_of "$source"
		look image -- "${COMMAND[@]}" "${@:3}" h:1 ||
			failed+=" $source"
	done
	[[ -z $failed ]] || fail "left by$failed"
}

@test "memory: Basic leaves nothing" {
	forgets basic "${SOURCES[*]}"
}

@test "memory: Basic, unasked, leaves nothing" {
	forgets unasked "${SOURCES[*]}" --auth=basic
}

@test "memory: Digest leaves nothing" {
	forgets digest "${SOURCES[*]}"
}

@test "memory: Digest by SHA-256 and by session leaves nothing" {
	forgets digest-sha256 option
	forgets digest-sess option
}

@test "memory: NTLM leaves nothing" {
	forgets ntlm "${SOURCES[*]}"
}

@test "memory: NTLM with a server's clock leaves nothing" {
	forgets ntlm-clock "${SOURCES[*]}"
}

@test "memory: -vv leaves nothing" {
	for scheme in basic digest ntlm; do
		forgets "$scheme" "option typed command" -vv
	done
}

@test "memory: two wrong passwords leave nothing" {
	hostile thrice head "$(answer Basic)" head "$(answer Basic)" \
		head "$(answer Basic)" head "$OPENS" hold
	# The same each time, of which nobody but us knows.
	printf '#!/bin/sh\ncat "%s"\n' "$DIR/password" >"$DIR/askpass"
	source_of askpass
	look image -- "${COMMAND[@]}" h:1
}

@test "memory: a login by -H leaves nothing" {
	scheme basic
	hostile open head "$OPENS" hold
	look image -- "$PT" -p "127.0.0.1:$PORT" -H "Proxy-Authorization: Basic $(
		printf 'bob:%s' "$PASSWORD" | base64 -w0)" h:1
}

@test "memory: a direct tunnel does not keep what is for the proxy" {
	hostile direct "$OPENS" hold
	LOOK_TYPED='' look image -- env no_proxy=127.0.0.1 \
		"https_proxy=http://bob:$PASSWORD@127.0.0.1:1" \
		PROXYPASS="$PASSWORD" "$PT" -P "bob:$PASSWORD" "127.0.0.1:$PORT"
}

# --- Cores

# ends SIGNAL WHEN wanted|unwanted COMMAND...: is there a core?
ends() {
	local signal=$1 when=$2 core=$3
	shift 3
	status=0
	look core "$(kill -l "$signal")" "$when" "$core" -- "$@" || status=$?
	[[ $status != 42 ]] || skip "cores have a hard limit here"
	[[ $status == 0 ]] || fail "SIG$signal, $when: $status"
}

# held COMMAND...: no signal leaves a core before the proxy's last answer.
held() {
	local signal
	for signal in ABRT SEGV; do
		rm -f "$DIR/asked"
		ends "$signal" "$DIR/asked" unwanted "$@"
	done
}

@test "core: none while a password is held" {
	local source
	scheme basic touch:"$DIR/asked" hold
	for source in "${SOURCES[@]}"; do
		source_of "$source"
		held "${COMMAND[@]}" h:1
	done
}

@test "core: none while Digest or NTLM has a password" {
	scheme digest touch:"$DIR/asked" hold
	source_of option
	held "${COMMAND[@]}" h:1
	scheme ntlm touch:"$DIR/asked" hold
	source_of option
	held "${COMMAND[@]}" h:1
}

@test "core: none before the proxy demands the password" {
	hostile silent head touch:"$DIR/asked" hold
	for source in option file variables netrc; do
		source_of "$source"
		held "${COMMAND[@]}" h:1
	done
}

@test "core: none while a password is typed or a command runs" {
	local signal
	scheme basic
	for signal in ABRT SEGV; do
		source_of typed
		ends "$signal" prompt unwanted "${COMMAND[@]}" h:1
		LOOK_TYPED=''
		rm -f "$DIR/asked"
		ends "$signal" "$DIR/asked" unwanted "$PT" \
			-p "127.0.0.1:$PORT" -P bob \
			--password-command="cat '$DIR/password'; touch '$DIR/asked'; exec sleep 20" h:1
	done
}

@test "core: there may be one where there is no password" {
	LOOK_TYPED=''
	hostile silent head touch:"$DIR/asked" hold
	ends ABRT "$DIR/asked" wanted "$PT" -p "127.0.0.1:$PORT" h:1
	hostile open head "$OPENS" hold
	ends SEGV opened wanted "$PT" -p "127.0.0.1:$PORT" h:1
}

@test "core: once the tunnel is open there may be one, without the password" {
	local source
	scheme basic
	for source in "${SOURCES[@]}"; do
		source_of "$source"
		ends ABRT opened wanted "${COMMAND[@]}" h:1
	done
	scheme digest
	source_of option
	ends SEGV opened wanted "${COMMAND[@]}" h:1
	scheme ntlm
	source_of typed
	ends SEGV opened wanted "${COMMAND[@]}" h:1
}

# --- Processes

# has_no_secret FILE...: they are there, and it is in none of them.
has_no_secret() {
	local file
	for file; do
		[[ -n $(tr -d '\0' <"$file") ]] || fail "$file is empty"
		! grep -qaF "$PASSWORD" "$file" || fail "in $file:" \
			"$(tr '\0' '\n' <"$file")"
		! grep -qaF "$(printf 'bob:%s' "$PASSWORD" | base64 -w0)" \
			"$file" || fail "in $file, in base64"
	done
}

# Of the arguments and the environment of the one that runs, and of its parent:
# what a command, or a program of SSH_ASKPASS, leaves in files.
peek() {
	printf '%s\n' '#!/bin/sh' \
		"cat /proc/\$\$/environ >'$DIR/environ'" \
		"cat /proc/\$\$/cmdline >'$DIR/cmdline'" \
		"cat /proc/\$PPID/cmdline >'$DIR/parent-cmdline'" \
		"cat /proc/\$PPID/environ >'$DIR/parent-environ' || :" \
		'echo other' >"$DIR/peek"
	chmod +x "$DIR/peek"
}

# peeks COMMAND...: it runs the peek, of which the files are clean.
peeks() {
	rm -f "$DIR"/{,parent-}{environ,cmdline}
	expect 0 env MARK=here "$@" </dev/null
	has_no_secret "$DIR/environ" "$DIR/cmdline" "$DIR/parent-cmdline"
	grep -qa MARK=here "$DIR/environ"
	grep -qaF h:1 "$DIR/parent-cmdline"
	# Who is not root may not look at that of one that holds a secret.
	[[ ! -s $DIR/parent-environ ]] || has_no_secret "$DIR/parent-environ"
}

@test "children: neither their environment nor their arguments have a password" {
	local url="http://amy:$PASSWORD@127.0.0.1"
	peek
	hostile proxy head "$(answer Basic)" head "$OPENS" fin drain
	# It is another user's, so that the command is yet needed.
	local command=(--password-command="exec '$DIR/peek'")
	peeks PROXYUSER=amy PROXYPASS="$PASSWORD" REMPROXYPASS="$PASSWORD" \
		"$PT" -p "127.0.0.1:$PORT" -P bob "${command[@]}" h:1
	peeks "$PT" -p "http://bob@127.0.0.1:$PORT" -P "amy:$PASSWORD" \
		"${command[@]}" h:1
	peeks "$PT" -p "http://bob@127.0.0.1:$PORT" \
		--proxyauth="amy:$PASSWORD" "${command[@]}" h:1
	peeks https_proxy="$url:$PORT" HTTP_PROXY="$url:1" all_proxy="$url:2" \
		"$PT" -P bob "${command[@]}" h:1
	local askpass=(SSH_ASKPASS="$DIR/peek" SSH_ASKPASS_REQUIRE=force)
	peeks PROXYUSER=amy PROXYPASS="$PASSWORD" "${askpass[@]}" \
		"$PT" -p "127.0.0.1:$PORT" -P bob h:1
	peeks https_proxy="$url:$PORT" "${askpass[@]}" "$PT" -P bob h:1
	peeks "${askpass[@]}" "$PT" -p "http://bob@127.0.0.1:$PORT" \
		-P "amy:$PASSWORD" h:1
}

# looks_clean NAME COMMAND...: while the proxy is silent, too.
looks_clean() {
	local name=$1
	shift
	rm -f "$DIR/asked"
	start "$name" env MARK=here "$@" h:1
	wait_until 10 test -e "$DIR/asked"
	has_no_secret /proc/"$(<"$DIR/$name.pid")"/cmdline
	[[ $name == title ]] ||
		grep -qaF h:1 "/proc/$(<"$DIR/$name.pid")/cmdline"
	((UID != 0)) ||
		has_no_secret /proc/"$(<"$DIR/$name.pid")"/environ
}

@test "processes: neither arguments nor environment have a password" {
	scheme basic touch:"$DIR/asked" hold
	looks_clean option "$PT" -p "127.0.0.1:$PORT" -P "bob:$PASSWORD"
	looks_clean long "$PT" -p "127.0.0.1:$PORT" --proxyauth="bob:$PASSWORD"
	looks_clean short "$PT" -p "127.0.0.1:$PORT" --proxya "bob:$PASSWORD"
	looks_clean glued "$PT" "-p127.0.0.1:$PORT" "-Pbob:$PASSWORD"
	looks_clean twice "$PT" "-p127.0.0.1:$PORT" "-Pamy:$PASSWORD" -P "bob:$PASSWORD"
	looks_clean uri "$PT" -p "http://bob:$PASSWORD@127.0.0.1:$PORT"
	looks_clean title "$PT" -x short -p "http://bob:$PASSWORD@127.0.0.1:$PORT"
	looks_clean variable PROXYUSER=bob PROXYPASS="$PASSWORD" "$PT" -p "127.0.0.1:$PORT"
	looks_clean proxy https_proxy="http://bob:$PASSWORD@127.0.0.1:$PORT" "$PT"
	hostile open head touch:"$DIR/asked" hold
	looks_clean header "$PT" -p "127.0.0.1:$PORT" -H "Proxy-Authorization: Basic $(
		printf 'bob:%s' "$PASSWORD" | base64 -w0)"
}

# --- What is written

# writes SCHEME "SOURCE..." [ARGUMENT...]: the password goes nowhere but, with
# Basic, in base64 to the proxy.
writes() {
	local scheme=$1 source failed='' ours=()
	# Who is not root traces one that allows it to nobody as root of his own.
	((UID == 0)) || ours=(unshare -r)
	scheme "$scheme" "$OPENS" fin drain
	[[ $scheme != unasked ]] || scheme=basic
	for source in $2; do
		source_of "$source"
		look written "$DIR/trace" "$scheme" -- "${ours[@]}" \
			strace -f -y -xx -s 65535 -o "$DIR/trace" \
			-e trace=execve,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg \
			-e signal=none "${COMMAND[@]}" -vv "${@:3}" h:1 2>"$DIR/err" || {
			cat "$DIR/err"
			failed+=" $source"
		}
		silent_about bob "$PASSWORD" "$(<"$DIR/err")"
	done
	[[ -z $failed ]] || fail "written by$failed"
}

@test "writes: Basic writes the password to the proxy, in base64" {
	writes basic "${SOURCES[*]}"
}

@test "writes: Basic, unasked, writes the password to the proxy, in base64" {
	writes unasked "option typed command" --auth=basic
}

@test "writes: Digest writes the password nowhere" {
	writes digest "${SOURCES[*]}"
}

@test "writes: NTLM writes the password nowhere" {
	writes ntlm "${SOURCES[*]}"
}
