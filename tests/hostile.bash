# hostile.bash -- the scripted proxy, for tests of what no real one does.
# Needs lib.bash.

HOSTILE=${HOSTILE:-$BATS_TEST_DIRNAME/../build/hostile}

# hostile NAME ARG...: starts one; its port is in PORT then.
hostile() {
	local name=$1
	shift
	[[ ! -e $DIR/$name.log ]] || rm "$DIR/$name.log" # of one before it
	start "$name" "$HOSTILE" "$@"
	wait_until 20 test -s "$DIR/$name.log" || fail "$name: hostile does not start"
	read -r PORT <"$DIR/$name.log"
}

# nobody: PORT is one on which nobody listens.
nobody() {
	PORT=$(free_port)
}

# through ARG...: the program through the last hostile, to a destination that only
# has a name.
through() {
	timeout 60 "$PT" -p "127.0.0.1:$PORT" "$@" host.example:22
}

# not COMMAND...: "!" alone does not fail a test.
not() {
	if "$@"; then return 1; fi
}
