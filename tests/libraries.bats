#!/usr/bin/env bats
# Libraries that are opened only when they are needed: machines without them,
# what a process maps, and what the program tells packagers.

load lib
load hostile

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

SHIM=$BATS_TEST_DIRNAME/../build/nolibrary.so
OPENS='send:HTTP/1.1 200 OK\r\n\r\nopened'
CRYPTO="libcrypto.so.3 libcrypto.so.1.1 libcrypto.so"
MIT=libgssapi_krb5.so.2
HEIMDAL=libgssapi.so.3
DIGEST='Digest realm="x", nonce="y", qop="auth"'

setup_file() {
	export DIR=$BATS_FILE_TMPDIR
	need python3
	start_kdc
}

teardown_file() {
	stop_all
}

setup() {
	DIR=$BATS_TEST_TMPDIR
	[[ -e $SHIM ]] || fail "$SHIM is not there"
	ticket PLAIN
}

teardown() {
	stop_all
}

# answer CHALLENGE...: a 407 with these.
answer() {
	printf 'send:HTTP/1.1 407 No\\r\\n'
	printf 'Proxy-Authenticate: %s\\r\\n' "$@"
	printf 'Content-Length: 0\\r\\n\\r\\n'
}

# demands CHALLENGE...: starts a proxy that does, once.
demands() {
	hostile demands -l "$DIR/heads" head "$(answer "$@")" head "$OPENS" \
		fin drain
}

# without NAMES COMMAND...: proxytunnel can't open these libraries.
without() {
	local names=$1 program=$PT PT=$DIR/without
	shift
	cat >"$PT" <<-END
		#!/bin/sh
		export ASAN_OPTIONS="\$ASAN_OPTIONS:verify_asan_link_order=0"
		export LD_PRELOAD="$SHIM" NO_LIBRARY="$names" LOOKED_FOR="$DIR/looked"
		exec "$program" "\$@"
	END
	chmod +x "$PT"
	rm -f "$DIR/looked"
	"$@"
}

# looked_for NAME...: these, in this order, and no other.
looked_for() {
	local names
	names=$(cat "$DIR/looked" 2>/dev/null) || :
	names=${names//$'\n'/ }
	[[ $names == "$*" ]] || fail "looked for: $names"
}

# at ARGUMENT...: through the last hostile, by the name that Kerberos knows.
at() {
	pt -p "localhost:$PORT" "$@" h:1 </dev/null
}

opens_at() {
	expect 0 at "$@"
	[[ $output == opened && -z $stderr ]] || fail "$output" "$stderr"
}

# answered: the schemes that were, in a line.
answered() {
	sed -n 's/^Proxy-Authorization: \([^ ]*\).*/\1/p' "$DIR/heads" |
		paste -sd' '
}

# about FEATURE: what --version, in the file "about", says of it.
about() {
	sed -n "s/^$1  *//p" "$DIR/about"
}

# asks_version: all of it, with nothing on standard error.
asks_version() {
	expect 0 pt --version
	[[ -z $stderr && $(wc -l <<<"$output") == 7 ]] ||
		fail "$output" "$stderr"
	echo "$output" >"$DIR/about"
}

# --- Nothing there

@test "no library: what needs none" {
	local all="$CRYPTO $MIT $HEIMDAL"
	without "$all" expect 0 pt --help
	looked_for
	hostile open -l "$DIR/heads" head "$OPENS" fin drain
	without "$all" opens_at
	without "$all" opens_at -P bob:x
	looked_for
	demands 'Basic realm="x"'
	without "$all" opens_at -P bob:x
	[[ $(answered) == Basic ]]
	looked_for
}

@test "no libssl: TLS names it and its package, and nobody is connected to" {
	local option
	hostile open -l "$DIR/heads" head "$OPENS" fin drain
	for option in -E -e; do
		without libssl.so.3 refuses 78 "TLS: libssl.so.3 *libssl3*" \
			at "$option"
	done
	[[ ! -e $DIR/heads ]]
}

@test "no libcrypto: Digest alone names it and its package" {
	demands "$DIGEST"
	without "$CRYPTO" refuses 77 \
		"localhost:$PORT demands credentials and offers Digest; Digest: libcrypto.so.3 *libssl3*" \
		at -P bob:x
	# shellcheck disable=SC2086 # words
	looked_for $CRYPTO
	[[ -z $(answered) ]]
	# Where it is there, it is used.
	demands_again "$DIGEST"
	without '' opens_at -P bob:x
	[[ $(answered) == Digest ]]
	looked_for libcrypto.so.3
}

demands_again() {
	hostile again -l "$DIR/heads" head "$(answer "$@")" head "$OPENS" \
		fin drain
}

@test "no libcrypto: NTLM alone names it and its package" {
	demands NTLM
	without "$CRYPTO" refuses 77 \
		"localhost:$PORT demands credentials and offers NTLM; NTLM: libcrypto.so.3 *libssl3*" \
		at -P bob:x
	[[ -z $(answered) ]]
}

@test "no libcrypto: Basic follows Digest and NTLM" {
	demands NTLM "$DIGEST" 'Basic realm="x"'
	without "$CRYPTO" opens_at -P bob:x
	[[ $(answered) == Basic ]]
	without "$CRYPTO" expect 0 at -v -P bob:x
	has "$stderr" "*Digest: libcrypto.so.3*Authorization: Basic*"
	has "$stderr" "*NTLM: libcrypto.so.3*Authorization: Basic*"
	without "$CRYPTO" refuses 77 "*Digest: libcrypto.so.3 *" \
		at --auth=digest -P bob:x
}

@test "no libcrypto: a command is not asked for a password in vain twice" {
	demands "$DIGEST"
	without "$CRYPTO" refuses 77 "*Digest: libcrypto.so.3 *" at -P bob \
		--password-command="echo x >>'$DIR/ran'; echo secret"
	[[ $(wc -l <"$DIR/ran") -le 1 ]]
}

@test "no libgssapi: Negotiate alone names it and its package" {
	demands Negotiate
	without "$MIT $HEIMDAL" refuses 77 \
		"localhost:$PORT demands credentials and offers Negotiate; Negotiate: libgssapi_krb5.so.2 *libgssapi-krb5-2*" \
		at
	looked_for "$MIT" "$HEIMDAL"
	[[ -z $(answered) ]]
}

@test "no libgssapi: a password follows Negotiate" {
	demands Negotiate "$DIGEST" 'Basic realm="x"'
	without "$MIT $HEIMDAL" opens_at -P bob:x
	[[ $(answered) == Digest ]]
	rm "$DIR/heads"
	without "$MIT $HEIMDAL $CRYPTO" opens_at -P bob:x
	[[ $(answered) == Basic ]]
}

# --- What is there

@test "version: which libraries there are, and of which file" {
	local all="$CRYPTO $MIT $HEIMDAL libssl.so.3 libproxy.so.1" feature file
	asks_version
	has "$(<"$DIR/about")" "proxytunnel "*[0-9]$'\n'"TLS "*
	for feature in TLS Digest,\ NTLM Negotiate -p\ auto; do
		file=$(about "$feature")
		[[ -f ${file%% *} ]] || fail "$feature: $file"
	done
	has "$(about TLS)" '*/libssl.so.3 (OpenSSL 3.*)'
	has "$(about 'Digest, NTLM')" '*/libcrypto.so.3 (OpenSSL 3.*)'
	has "$(about Negotiate)" '*/libgssapi_krb5.so.2* (MIT)'
	has "$(about '-p auto')" '*/libproxy.so.1*'
	has "$(about systemd)" '*readiness*'
	has "$(about relay)" 'splice, epoll'
	without "$MIT" asks_version
	has "$(about Negotiate)" '*/libgssapi.so.3* (Heimdal)'
	# Without any, each line names the library and the package.
	without "$all" asks_version
	has "$(about TLS)" "no: libssl.so.3 *Debian's package libssl3)"
	has "$(about 'Digest, NTLM')" "no: libcrypto.so.3 *libssl3)"
	has "$(about Negotiate)" 'no: libgssapi_krb5.so.2 *libgssapi-krb5-2)'
	has "$(about '-p auto')" 'no: libproxy.so.1 *libproxy1v5)'
	# What it tells is what a tunnel would get.
	demands "$DIGEST"
	without "$CRYPTO" expect 77 at -P bob:x
	has "$stderr" "*Digest: $(about 'Digest, NTLM' | sed 's/^no: //')*"
}

@test "no library: --auth-info, and the advice of a check, name what is missing" {
	demands Negotiate "$DIGEST" NTLM 'Basic realm="x"'
	without "$MIT $HEIMDAL $CRYPTO" expect 0 at --auth-info -P bob:x
	has "$output" "*
  FAIL Negotiate  libgssapi_krb5.so.2 *libgssapi-krb5-2*
  FAIL Digest     libcrypto.so.3 *libssl3*
  FAIL NTLM       libcrypto.so.3 *libssl3*
  ok   Basic      user bob, the password is known
a login can be tried"
	demands_again Negotiate
	without "$MIT $HEIMDAL" expect 77 at --check
	has "$output" "*try * install the library that is missing"
}

# --- One or the other

@test "libgssapi: MIT's, where it is there" {
	demands Negotiate
	without '' opens_at
	[[ $(answered) == Negotiate ]]
	[[ $(grep -c gssapi "$DIR/looked") == 1 ]]
	grep -qx "$MIT" "$DIR/looked"
}

@test "libgssapi: Heimdal's, where MIT's is not there" {
	demands Negotiate
	without "$MIT" opens_at
	[[ $(answered) == Negotiate ]]
	[[ $(grep gssapi "$DIR/looked") == "$MIT"$'\n'"$HEIMDAL" ]]
}

@test "libgssapi: Heimdal's, at squid" {
	start_targets
	start_squid negotiate
	without "$MIT" opens -p "localhost:$SQUID_NEGOTIATE"
	unset KRB5CCNAME
	without "$MIT" refuses 77 "*Negotiate: *kinit*" \
		ask -p "localhost:$SQUID_NEGOTIATE"
}

# --- What is mapped

# holds CHALLENGE... -- ARGUMENT...: opens a tunnel and keeps it open, as
# "client".
holds() {
	local challenges=()
	while [[ $1 != -- ]]; do
		challenges+=("$1")
		shift
	done
	shift
	if ((${#challenges[@]} > 0)); then
		hostile holds -l "$DIR/heads" head \
			"$(answer "${challenges[@]}")" head "$OPENS" hold
	else
		hostile holds -l "$DIR/heads" head "$OPENS" hold
	fi
	holds_at "$@"
}

# holds_at ARGUMENT...: the same through the last hostile.
holds_at() {
	start client "$PT" -p "localhost:$PORT" --half-close=never "$@" h:1
	wait_until 10 grep -qs opened "$DIR/client.log" ||
		show_log "$DIR/client.log"
}

# mapped: the names of the libraries of "client", without their versions.
mapped() {
	sed -n 's:.*/\(lib[a-z0-9_]*\|ld-linux[a-z0-9_-]*\)[-.][^/]*$:\1:p' \
		"/proc/$(<"$DIR/client.pid")/maps" | sort -u | paste -sd' '
}

only_libc() {
	has "$(mapped)" 'ld-linux* libc'
}

@test "maps: a plain tunnel has libc alone" {
	holds --
	only_libc
}

@test "maps: after Basic, too" {
	holds 'Basic realm="x"' -- -P bob:x
	[[ $(answered) == Basic ]]
	only_libc
	stop client
	rm "$DIR/heads" "$DIR/client.log"
	hostile unasked -l "$DIR/heads" head "$OPENS" hold
	holds_at --auth=basic -P bob:x
	[[ $(answered) == Basic ]]
	only_libc
}

@test "maps: after Basic by a command, or by netrc" {
	holds 'Basic realm="x"' -- -P bob --password-command='echo x'
	only_libc
	stop client holds
	rm "$DIR/client.log" "$DIR/holds.log"
	echo 'machine localhost login bob password x' >"$DIR/netrc"
	holds 'Basic realm="x"' -- --netrc="$DIR/netrc"
	only_libc
}

@test "maps: after Negotiate there is no libgssapi" {
	holds Negotiate --
	[[ $(answered) == Negotiate ]]
	only_libc
	# Nor is its process there any more.
	run ! pgrep -P "$(<"$DIR/client.pid")"
}

@test "maps: after Digest there is libcrypto at most" {
	holds "$DIGEST" -- -P bob:x
	[[ $(answered) == Digest ]]
	[[ $(mapped) != *gss* && $(mapped) != *krb5* ]]
}

@test "maps: the program itself needs libc alone" {
	need readelf
	[[ $(readelf -d "$PT" | grep -c '(NEEDED)') == 1 ]]
	readelf -d "$PT" | grep -q '(NEEDED).*\[libc\.so\.6\]'
}

# --- What packagers' tools are told

@test "notes: of which owner, and what is in them" {
	need readelf objcopy
	readelf -n "$PT" | grep -A99 'in: .note.dlopen' |
		grep -qE '^ *FDO +0x[0-9a-f]+'
	objcopy -O binary --only-section=.note.dlopen "$PT" "$DIR/notes"
	python3 - "$DIR/notes" <<-'END'
		import json, struct, sys

		data, notes = open(sys.argv[1], "rb").read(), []
		while data:
		    owner, size, kind = struct.unpack("<III", data[:12])
		    assert (owner, kind, data[12:16]) == (4, 0x407c0c0a, b"FDO\0")
		    text = data[16:16 + size]
		    assert text.endswith(b"]\0") and text.count(b"\0") == 1, text
		    notes += json.loads(text[:-1])
		    data = data[16 + (size + 3) // 4 * 4:]
		assert len(notes) == 4, notes
		for note in notes:
		    assert set(note) == {"feature", "description", "priority", "soname"}
		    assert note["priority"] in ("required", "recommended", "suggested")
		    assert note["feature"] and note["description"]
		names = {name for note in notes for name in note["soname"]}
		assert names == {"libcrypto.so.3", "libcrypto.so.1.1", "libssl.so.3",
		                 "libgssapi_krb5.so.2", "libgssapi.so.3", "libproxy.so.1"}, names
	END
}

@test "notes: what they name is what is looked for" {
	need objcopy strings
	objcopy -O binary --only-section=.note.dlopen "$PT" "$DIR/notes"
	demands Negotiate "$DIGEST" NTLM
	without "$CRYPTO $MIT $HEIMDAL" expect 77 at -P bob:x
	while read -r name; do
		# A name without a version is there for developers' machines.
		[[ $name == *.so ]] || grep -qF "\"$name\"" "$DIR/notes" ||
			fail "$name is not in the notes"
	done <"$DIR/looked"
	[[ $(sort -u "$DIR/looked" | wc -l) == 5 ]]
}
