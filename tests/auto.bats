#!/usr/bin/env bats
# -p auto: the proxies that libproxy names.  Most of its answers come from one
# that only seems to be libproxy; some from the real one.

load lib
load hostile
load listen

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

SHIM=$BATS_TEST_DIRNAME/../build/nolibrary.so
OPENS='send:HTTP/1.1 200 OK\r\n\r\nopened'

setup_file() {
	cat >"$BATS_FILE_TMPDIR/libproxy.c" <<-'END'
		#include <signal.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <unistd.h>

		void *px_proxy_factory_new(void);
		char **px_proxy_factory_get_proxies(void *, const char *);

		void *
		px_proxy_factory_new(void)
		{
			return "";
		}

		/* The words of NAMES; or what HOW says. */
		char **
		px_proxy_factory_get_proxies(void *factory, const char *url)
		{
			static char *list[32];
			char *how = getenv("HOW"), *names = getenv("NAMES");
			FILE *asked = fopen(getenv("ASKED"), "a");
			int n = 0;

			(void)factory;
			fprintf(asked, "%s\n", url);
			fclose(asked);
			if (how != NULL && strcmp(how, "crash") == 0)
				raise(SIGKILL);
			if (how != NULL && strcmp(how, "hang") == 0)
				pause();
			if (how != NULL && strcmp(how, "exit") == 0)
				exit(0);
			if (how != NULL && strcmp(how, "chatter") == 0)
				for (;;)
					if (write(4, how, 7) < 0)
						exit(1);
			for (names = strtok(names, " "); names != NULL;
			     names = strtok(NULL, " "))
				list[n++] = names;
			return list;
		}
	END
	"${CC:-cc}" -shared -fPIC -o "$BATS_FILE_TMPDIR/libproxy.so.1" \
		"$BATS_FILE_TMPDIR/libproxy.c"
}

setup() {
	DIR=$BATS_TEST_TMPDIR
	export ASKED=$DIR/asked
}

teardown() {
	stop_all
}

# named PROXIES COMMAND...: what seems to be libproxy names these.
named() {
	local LD_LIBRARY_PATH=$BATS_FILE_TMPDIR NAMES=$1
	shift
	export LD_LIBRARY_PATH NAMES
	"$@"
}

# auto ARGUMENT...: proxytunnel, to host.example:22.
auto() {
	pt -p auto "$@" host.example 22 </dev/null
}

# opened ARGUMENT...: a tunnel, and nothing is said.
opened() {
	expect 0 auto "$@"
	# shellcheck disable=SC2154 # set by run
	[[ $output == opened && -z $stderr ]] || fail "$output" "$stderr"
}

# --- The real one

# real URL: what the environment has for it.
real() {
	export https_proxy=$1
	shift
	"$@"
}

@test "libproxy: the proxy of the environment, and its password" {
	hostile p -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n' \
		head "$OPENS" fin drain
	real "http://bob:sEcret@127.0.0.1:$PORT" expect 0 auto -v
	[[ $output == opened ]]
	has "$stderr" "*libproxy names as the proxy: 127.0.0.1:$PORT*"
	[[ $stderr != *sEcret* && $stderr != *"$(printf bob:sEcret | base64)"* ]]
	grep -q "^Proxy-Authorization: Basic $(printf bob:sEcret | base64)" \
		"$DIR/heads"
}

@test "libproxy: no_proxy, and no proxy at all" {
	hostile far send:hello fin drain
	expect 0 pt -v -p auto -d "127.0.0.1:$PORT" </dev/null
	[[ $output == hello ]]
	has "$stderr" "*libproxy names as the proxy: none*"
	no_proxy=127.0.0.1 real http://127.0.0.1:1 \
		expect 0 pt -p auto -d "127.0.0.1:$PORT" </dev/null
	[[ $output == hello ]]
}

@test "libproxy: a PAC file" {
	local pac
	need python3
	compgen -G '/usr/lib/*/libproxy/*/modules/pacrunner_*' >/dev/null ||
		compgen -G '/usr/lib/*/libproxy/libpxbackend-*' >/dev/null ||
		skip "libproxy has nothing here that runs one"
	hostile p -l "$DIR/heads" head "$OPENS" fin drain
	cat >"$DIR/pac" <<-END
		function FindProxyForURL(url, host) {
			if (url == "https://host.example:22/" &&
			    host == "host.example")
				return "PROXY 127.0.0.1:1; PROXY 127.0.0.1:$PORT";
			return "DIRECT";
		}
	END
	pac=$(free_port)
	start web python3 -m http.server --bind 127.0.0.1 -d "$DIR" "$pac"
	wait_port "$pac" web
	real "pac+http://127.0.0.1:$pac/pac" opened
	grep -qx $'CONNECT host.example:22 HTTP/1.1\r' "$DIR/heads"
	# A check tells of both.
	real "pac+http://127.0.0.1:$pac/pac" expect 0 pt --check -p auto \
		host.example:22
	has "$output" "host.example:22 by 127.0.0.1:$PORT
  FAIL before it *127.0.0.1:1 can't be reached: Connection refused*
  ok   behind it *: opened"
}

# --- What is done with its answer

@test "auto: what libproxy is asked for" {
	named http://127.0.0.1:1 expect 69 auto
	named direct:// expect 69 pt -p auto --connect-timeout=1 '[::1]:1' \
		</dev/null
	[[ $(cat "$ASKED") == "https://host.example:22/"$'\n'"https://[::1]:1/" ]]
	# Not where there is another word on it.
	named x expect 69 pt -p auto -p 127.0.0.1:1 host.example 22 </dev/null
	named x expect 69 pt -p auto --direct 127.0.0.1:1 </dev/null
	named x expect 0 pt -p auto --help
	[[ $(wc -l <"$ASKED") == 2 ]]
}

@test "auto: the first that can be reached" {
	local up
	hostile p -l "$DIR/heads" head "$OPENS" fin drain
	up=127.0.0.1:$PORT
	nobody
	named "http://$up http://127.0.0.1:$PORT" opened
	named "http://127.0.0.1:$PORT http://127.0.0.1:1 http://$up direct://" \
		expect 0 auto -v
	[[ $output == opened ]]
	has "$stderr" "*libproxy names as the proxy: 127.0.0.1:$PORT, then 127.0.0.1:1, then $up, then none*127.0.0.1:$PORT can't be reached: Connection refused *; the next one is 127.0.0.1:1*the next one is $up*connected to $up*"
	named "http://nobody.invalid:1 $up" opened
	[[ $(grep -c ^CONNECT "$DIR/heads") == 3 ]]
}

@test "auto: none can be reached" {
	nobody
	named "http://127.0.0.1:1 http://127.0.0.1:$PORT" refuses 69 \
		"127.0.0.1:$PORT can't be reached: Connection refused * (after 1 that failed: see -v)" \
		auto
	named http://127.0.0.1:1 refuses 69 \
		"127.0.0.1:1 can't be reached: Connection refused (is it running, and is the port right?)" \
		auto
}

@test "auto: what one refuses the next is not asked for" {
	local no
	hostile no head 'send:HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'
	no=$PORT
	hostile other -l "$DIR/heads" head "$OPENS" fin drain
	named "http://127.0.0.1:$no http://127.0.0.1:$PORT" refuses 77 \
		"127.0.0.1:$no *403*" auto
	hostile late head \
		'send:HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n'
	named "http://127.0.0.1:$PORT http://127.0.0.1:$no" refuses 69 \
		"127.0.0.1:$PORT *503*" auto
	[[ ! -e $DIR/heads ]]
}

@test "auto: what is no proxy, and socks:// of the older kind" {
	local none
	hostile none head 'send:SSH-2.0-OpenSSH\r\n'
	none=$PORT
	hostile p -l "$DIR/heads" head "$OPENS" fin drain
	named "http://127.0.0.1:$none http://127.0.0.1:$PORT" opened
	hostile socks read:3 'send:\0\x5b\0\0\0\0\0\0' -- read:22 \
		'send:\0\x5a\0\0\0\0\0\0opened' fin drain
	named "socks://127.0.0.1:$PORT" opened
}

@test "auto: a proxy that does not answer leaves time for the next" {
	local flags=-n
	need unshare ip
	((UID == 0)) || flags=-rn
	cat >"$DIR/script" <<-'END'
		ip link set lo up
		ip link add nobody type veth peer name void
		ip address add 192.0.2.1/24 dev nobody
		ip link set nobody up
		ip link set void up
		"$HOSTILE" head "$OPENS" fin drain >"$DIR/port" &
		until [ -s "$DIR/port" ]; do sleep 0.01; done
		NAMES="http://192.0.2.2:1 http://127.0.0.1:$(cat "$DIR/port")" \
			timeout 20 "$PT" -v --timeout=2 -p auto h:1 </dev/null
		kill $!
	END
	export DIR HOSTILE OPENS
	named '' expect 0 unshare $flags bash "$DIR/script"
	[[ $output == opened ]]
	has "$stderr" "*192.0.2.2:1 can't be reached within 1 s: *the next one is 127.0.0.1:*"
}

@test "auto: without a proxy, where others can't be reached" {
	hostile far send:hello fin drain
	named "http://127.0.0.1:1 direct://" expect 0 \
		pt -p auto "127.0.0.1:$PORT" </dev/null
	[[ $output == hello && -z $stderr ]]
}

@test "auto: with a proxy behind it" {
	hostile p -l "$DIR/heads" head 'send:HTTP/1.1 200 OK\r\n\r\n' head \
		"$OPENS" fin drain
	named "http://127.0.0.1:1 http://127.0.0.1:$PORT" \
		opened -r second.example:8080
	[[ $(sed -n 's/^CONNECT \(.*\) HTTP.*/\1/p' "$DIR/heads" | paste -sd' ') == "second.example:8080 host.example:22" ]]
	# Where there is none it is the first; what is for another is not its.
	rm "$DIR/heads"
	stop p
	hostile r -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n' \
		head "$OPENS" fin drain
	(
		umask 077
		printf 'proxy_user=eve\nproxy_passwd=y\nremproxy_user=bob\nremproxy_passwd=x\n' \
			>"$DIR/pass"
	)
	named direct:// opened -P eve:y -r "127.0.0.1:$PORT" -F "$DIR/pass"
	grep -q "^Proxy-Authorization: Basic $(printf bob:x | base64)" \
		"$DIR/heads"
	run ! grep -q "$(printf eve:y | base64)" "$DIR/heads"
}

@test "auto: what is said of the proxy is for each of them" {
	local up
	hostile p -l "$DIR/heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n' \
		head "$OPENS" fin drain
	up=127.0.0.1:$PORT
	named "http://127.0.0.1:1 http://$up" opened -P bob:x -H 'X-A: b' -o h:1
	grep -q '^X-A: b' "$DIR/heads"
	grep -q '^Host: h:1' "$DIR/heads"
	grep -q "^Proxy-Authorization: Basic $(printf bob:x | base64)" \
		"$DIR/heads"
	PROXYUSER=eve PROXYPASS=y named "http://127.0.0.1:1 http://$up" opened
	grep -q "^Proxy-Authorization: Basic $(printf eve:y | base64)" \
		"$DIR/heads"
}

@test "auto: in a configuration file" {
	hostile p -l "$DIR/heads" head "$OPENS" fin drain
	echo 'Proxy auto' >"$DIR/config"
	named "http://127.0.0.1:1 http://127.0.0.1:$PORT" \
		expect 0 pt -f "$DIR/config" host.example:22 </dev/null
	[[ $output == opened && -z $stderr ]]
	[[ $(cat "$ASKED") == "https://host.example:22/" ]]
}

@test "auto: every client of a listener" {
	hostile p -l "$DIR/heads" head "$OPENS" fin drain
	named "http://127.0.0.1:1 http://127.0.0.1:$PORT" \
		serve -p auto host.example 22
	gets opened "127.0.0.1:$PORT"
	gets opened "127.0.0.1:$PORT"
	terminate
	[[ $(wc -l <"$ASKED") == 1 ]]
}

# --- Where it has no answer

@test "auto: libproxy is not there, or ends as it should not" {
	[[ -e $SHIM ]] || fail "$SHIM is not there"
	cat >"$DIR/without" <<-END
		#!/bin/sh
		export ASAN_OPTIONS="\$ASAN_OPTIONS:verify_asan_link_order=0"
		export LD_PRELOAD="$SHIM" NO_LIBRARY=libproxy.so.1
		exec "$PT" "\$@"
	END
	chmod +x "$DIR/without"
	PT=$DIR/without refuses 78 \
		"-p auto: libproxy.so.1 is not there *package libproxy1v5*" auto
	HOW=crash named '' refuses 70 \
		"-p auto: libproxy crashed (signal 9)" auto
	HOW="exit" named '' refuses 70 "-p auto: libproxy has no answer" auto
	named '' refuses 70 "-p auto: libproxy has no answer" auto
	named 'ftp://x:1 nonsense http://' refuses 69 \
		"-p auto: libproxy names no proxy that can be used" auto
	hostile p head "$OPENS" fin drain
	named "ftp://x:1 http:// http://127.0.0.1:$PORT" opened
}

@test "auto: libproxy hangs" {
	HOW=hang named '' refuses 75 \
		"-p auto: libproxy has not answered within 0.5 s" \
		env PT_MARK="$DIR" setsid -w timeout 20 "$PT" --timeout=0.5 \
		-p auto h:1
	wait_until 5 none_of_ours
}

@test "auto: no process is left over" {
	hostile p head "$OPENS" hold
	PT_MARK=$DIR named "http://127.0.0.1:$PORT" start client "$PT" \
		--half-close=never -p auto h:1
	wait_until 10 grep -qs opened "$DIR/client.log"
	run ! pgrep -P "$(<"$DIR/client.pid")"
	run ! grep -q libproxy "/proc/$(<"$DIR/client.pid")/maps"
}

@test "a check tells of the proxies before, one destination at a time" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n' hold
	export LD_LIBRARY_PATH=$BATS_FILE_TMPDIR
	export NAMES="http://127.0.0.1:1 http://127.0.0.1:$PORT"
	expect 0 pt --check -p auto h:22
	has "$output" "h:22 by 127.0.0.1:$PORT
  FAIL before it *127.0.0.1:1 can't be reached: Connection refused*
  ok   connection *
  ok   behind it *an SSH server: SSH-2.0-x"
	expect 0 pt --check --json -p auto h:22
	output=$(python3 "$BATS_TEST_DIRNAME/checkjson.py" 'len(o[0]["before"])' \
		'o[0]["proxies"]' <<<"$output")
	[[ $output == "1
['127.0.0.1:$PORT']" ]] || fail "$output"
	expect 64 pt --check -p auto h:22 i:22
	has "$stderr" '*check them one by one'
	NAMES=direct:// expect 64 pt --auth-info -p auto h:22
	has "$stderr" '*there is none'
	# Nothing secret goes to another one either.
	NAMES="http://127.0.0.1:1 http://127.0.0.1:$PORT" expect 69 pt \
		--auth-info -p auto -P bob:secret h:22
}
