#!/usr/bin/env bats
# A short form of make soak.

load lib

SOAK=$BATS_TEST_DIRNAME/../build/soak

setup() {
	DIR=$BATS_TEST_TMPDIR
}

# soak OPTION...: shows what the program had to say where it fails.
soak() {
	local listener=(-a 127.0.0.1:0 -p 127.0.0.1:%p destination.example:1)
	while [[ $1 != -- ]]; do
		listener=("$1" "${listener[@]}")
		shift
	done
	shift
	# Of memory a sanitizer takes what it likes.
	timeout 150 "$SOAK" "$@" ${QUICK:+-m} -e "$DIR/stderr" \
		"$PT" -q "${listener[@]}" ||
		show_log "$DIR/stderr"
}

@test "soak: 150 tunnels in every state, for 8 s" {
	soak --half-close=0.05 -- -t 8 -n 150 -g
}

@test "soak: the end of a client is passed on at once" {
	[[ -z ${QUICK:-} ]] || skip "QUICK"
	soak --half-close=now --linger=0.5 -- -t 4 -n 100 -l 500
}
