#!/usr/bin/env bats
# Each allocation in turn fails: one line and status 70, or the same end as
# ever where it did not matter; never a crash and never a hang.

load lib
load hostile

setup() {
	DIR=$BATS_TEST_TMPDIR
	SHIM=$BATS_TEST_DIRNAME/../build/failnth.so
	[ -e "$SHIM" ]
}

teardown() {
	stop_all
}

# once N COMMAND...: the N-th allocation of its own fails.  Those of OpenSSL are
# left alone: it does not survive it when they fail as it is set up.
once() {
	local n=$1
	shift
	rm -f "$DIR/told"
	timeout 10 env FAIL_NTH="$n" FAIL_TOLD="$DIR/told" \
		FAIL_SPARES="libcrypto libssl" LD_PRELOAD="$SHIM" "$@" </dev/null
}

# all_failed: the last one had no allocation of that number any more.
all_failed() {
	[[ ! -e $DIR/told ]]
}

# Who has no password, or a scheme less, for want of memory is told so; only the
# linker has no word for it.
TOLD=': (out of memory|memory is short|[^~]*(more than memory holds|Cannot allocate memory))(~|$)|lib(crypto|ssl|proxy).so.[13] is not there'
TOLD=${TOLD//\~/$'\n'} # a line ends there

# A name is no good here: glibc's resolver crashes without memory.
#
# tortured STATUS ARG...: the program, as often as it takes until no
# allocation of its own fails any more.
tortured() {
	local want=$1 status n err failed=0
	shift
	for ((n = 1; n <= 1000; n++)); do
		status=0
		once "$n" "$PT" "$@" >"$DIR/out" 2>"$DIR/err" || status=$?
		err=$(<"$DIR/err")
		echo "$n: $status: $err"
		! all_failed || break
		# A check tells of a tunnel's failure in its report.
		if [[ $(<"$DIR/out") != *memory* ]]; then
			[[ $status == 70 || $status == "$want" || $err =~ $TOLD ]]
			[[ $status != 70 || $'\n'$err == *$'\n'"proxytunnel: "* ]]
		fi
		failed=$((failed + (status == 70)))
	done
	all_failed
	[ "$failed" -ge 10 ]
	[ "$status" -eq "$want" ]
}

@test "a tunnel with credentials" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 3\r\n\r\nabc' \
		head 'send:HTTP/1.1 200 OK\r\n\r\nhi' fin drain
	tortured 0 -v -H 'X-A: b' -o a:1 -x title -P bob:secret \
		-p "127.0.0.1:$PORT" h:1
}

@test "a refusal with a page" {
	hostile proxy head 'send:HTTP/1.1 403 No\r\nProxy-Status: x; error=y; details="z"\r\n\r\n<html><p>Go</p>'
	tortured 77 -p "http://bob:secret@127.0.0.1:$PORT" h:1
}

@test "a password file, and what is no proxy" {
	printf 'proxy_user = bob\nproxy_passwd = "a b"\n' >"$DIR/pw"
	chmod 600 "$DIR/pw"
	hostile proxy 'send:SSH-2.0-x\r\n' hold
	tortured 76 -F "$DIR/pw" -p "127.0.0.1:$PORT" h:1
}

DIGEST='send:HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm="x", nonce="y", qop="auth", algorithm=SHA-256\r\nContent-Length: 0\r\n\r\n'
OPENS='send:HTTP/1.1 200 OK\r\nProxy-Authentication-Info: nextnonce="z"\r\n\r\nhi'

@test "Digest" {
	hostile proxy head "$DIGEST" head "$OPENS" fin drain
	tortured 0 -v -P bob:secret -p "127.0.0.1:$PORT" h:1
}

@test "a password command" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n' \
		head "$OPENS" fin drain
	tortured 0 -P bob --password-command='echo secret' \
		-p "127.0.0.1:$PORT" h:1
}

@test "a netrc, and a password that is not wanted" {
	echo 'machine 127.0.0.1 login bob password "a b"' >"$DIR/netrc"
	hostile proxy head "$OPENS" fin drain
	tortured 0 "--netrc=$DIR/netrc" -p "127.0.0.1:$PORT" h:1
}

TLS_OPENS='send:HTTP/1.1 200 OK\r\n\r\nhi'

@test "TLS, a client certificate and a chain of two" {
	make_ca
	hostile second head "$TLS_OPENS" fin drain
	start_peer first -a "$CA_FILE" head 'send:HTTP/1.1 200 OK\r\n\r\n' \
		"relay:$PORT"
	tortured 0 -v -C "$CA_FILE" -c "$CERTS/client-both.pem" -E \
		-p "127.0.0.1:$PORT" -r second:1 h:1
}

# What fails within OpenSSL has many a status, but only what went well has 0.
@test "TLS, and OpenSSL without memory" {
	make_ca
	start_peer peer head "$TLS_OPENS"
	for ((n = 1; n <= 400; n += 3)); do
		status=0
		timeout 10 env FAIL_NTH="$n" LD_PRELOAD="$SHIM" "$PT" \
			-C "$CA_FILE" -E -p "127.0.0.1:$PORT" h:1 </dev/null \
			>"$DIR/out" 2>"$DIR/err" || status=$?
		echo "$n: $status: $(cat "$DIR/err")"
		[[ $status == 0 || $status == 1 || $status == 6? ||
			$status == 7? ]]
		[[ $status != 0 || $(<"$DIR/out") == hi ]]
		[[ $status == 0 || $(<"$DIR/err") == "proxytunnel: "* ]]
	done
}

# Once it listens it goes on, and the clients after that one are served.
@test "a listener" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\n\r\n' echo
	timeout 300 python3 - "$SHIM" "$DIR/told" "$DIR/socket" "$PT" -v \
		-a "unix:$DIR/socket" --drain=0 -p "127.0.0.1:$PORT" \
		h:1 <<-'END'
			import os, signal, socket, subprocess, sys, time

			shim, told, path, *command = sys.argv[1:]
			def client():
			    with socket.socket(socket.AF_UNIX) as s:
			        s.settimeout(10)
			        s.connect(path)
			        try:
			            s.sendall(b"x")
			            return s.recv(1)
			        except (ConnectionResetError, BrokenPipeError):
			            return b""
			n = refused = lost = 0
			open(told, "w").close()
			while os.path.exists(told):
			    os.unlink(told)
			    n += 1
			    p = subprocess.Popen(command, stderr=subprocess.PIPE,
			        stdin=subprocess.DEVNULL, env={**os.environ,
			            "FAIL_NTH": str(n), "FAIL_TOLD": told,
			            "LD_PRELOAD": shim,
			            "MALLOC_PERTURB_": "165"})
			    got = None
			    while p.poll() is None and got is None:
			        try:
			            got = [client() for _ in range(3)]
			        except (ConnectionRefusedError, FileNotFoundError):
			            time.sleep(0.002)
			        except TimeoutError:
			            break
			    p.terminate()
			    if got is None and p.returncode is None:
			        p.kill()
			    said = p.communicate(timeout=10)[1].decode()
			    print(n, p.returncode, got, said, flush=True)
			    assert not os.path.exists(path)
			    if p.returncode == 70:
			        assert "proxytunnel: " in said
			        refused += 1
			        continue
			    # Before it has begun SIGTERM ends it as any program.
			    assert p.returncode == 0
			    assert got.count(b"x") >= 2
			    if b"" in got:
			        assert "memory" in said
			        lost += 1
			assert refused >= 10 and lost >= 10, (refused, lost)
			assert got == [b"x"] * 3
	END
}

@test "a check, in words" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nServer: x\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n' \
		head 'send:HTTP/1.1 200 OK\r\nVia: 1.1 x (y)\r\n\r\nSSH-2.0-x\r\n' fin drain
	tortured 0 --check -P bob:secret -p "127.0.0.1:$PORT" h:1 i:2
}

@test "a check, in JSON, and other ports" {
	hostile proxy head 'send:HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'
	tortured 77 --check --json -p "127.0.0.1:$PORT" h:1
}

@test "a check of what is no proxy" {
	hostile proxy 'send:\5\0'
	tortured 76 --check -p "127.0.0.1:$PORT" h:1
}

@test "checks again and again" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n' hold
	tortured 0 --check --repeat 3 --interval 0 --json \
		-p "127.0.0.1:$PORT" h:1
}

@test "a scan" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n' fin -- \
		head 'send:HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'
	tortured 0 --scan 1-3 --json -p "127.0.0.1:$PORT" h
}

@test "what login is wanted" {
	hostile proxy head 'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x", Digest realm="x"\r\nContent-Length: 0\r\n\r\n'
	tortured 0 --auth-info --json -P bob:secret \
		-H 'Cookie: x' -p "127.0.0.1:$PORT"
}

@test "a configuration file" {
	hostile proxy head "$OPENS" fin drain
	(
		umask 077
		printf '%s\n' 'Host x' 'Proxy y:1' 'Host h' \
			"Proxy 127.0.0.1:$PORT" 'ProxyAuth bob:secret' \
			'Header "X-A: b"' 'Host *' 'Timeout 20' >"$DIR/config"
	)
	tortured 0 -f "$DIR/config" h:1
}

@test "libproxy, and a proxy that can't be reached" {
	hostile proxy head "$OPENS" fin drain
	cat >"$DIR/lib.c" <<-'END'
		#include <stdlib.h>
		char **px_proxy_factory_get_proxies(void *, const char *);
		void *px_proxy_factory_new(void);
		void *px_proxy_factory_new(void) { return ""; }
		char **px_proxy_factory_get_proxies(void *f, const char *u)
		{
			static char *list[] = { "http://127.0.0.1:1", 0, 0 };
			(void)f; (void)u;
			list[1] = getenv("SECOND");
			return list;
		}
	END
	"${CC:-cc}" -shared -fPIC -o "$DIR/libproxy.so.1" "$DIR/lib.c"
	LD_LIBRARY_PATH=$DIR SECOND=http://127.0.0.1:$PORT \
		tortured 0 -p auto -P bob:x -H 'X-A: b' h:1
}

@test "what counts, and the help" {
	local n status
	printf 'RemProxy q:1\nFor 2\nProxyAuth eve:b\nInclude m*\n' >"$DIR/file"
	printf 'Host h\nTimeout 7\n' >"$DIR/more"
	chmod 600 "$DIR/file"
	set -- --print-config -f "$DIR/file" -p a:b@p:1 -P bob:x \
		-H 'Cookie: x' h:1
	SSLKEYLOGFILE=/k "$PT" "$@" >"$DIR/whole"
	SSLKEYLOGFILE=/k tortured 0 "$@"
	# What is shown is all of it.
	for ((n = 1; n <= 1000; n++)); do
		status=0
		SSLKEYLOGFILE=/k once "$n" "$PT" "$@" >"$DIR/out" 2>/dev/null ||
			status=$?
		[ "$status" -ne 0 ] || diff "$DIR/whole" "$DIR/out"
		! all_failed || break
	done
	all_failed
	"$PT" --help=all >"$DIR/whole"
	for ((n = 1; n <= 1000; n++)); do
		status=0
		once "$n" "$PT" --help=all >"$DIR/out" 2>/dev/null || status=$?
		[ "$status" -eq 70 ] || diff "$DIR/whole" "$DIR/out"
		! all_failed || break
	done
	all_failed
	[ "$status" -eq 0 ]
}
