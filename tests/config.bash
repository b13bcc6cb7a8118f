# config.bash -- a home of its own, and configuration files in it.  Needs
# lib.bash.

setup() {
	DIR=$BATS_TEST_TMPDIR
	export HOME=$DIR/home XDG_CONFIG_HOME=
	mkdir -p "$HOME/.config/proxytunnel"
	# shellcheck disable=SC2034 # for the tests
	FILE=$HOME/.config/proxytunnel/config
}

teardown() {
	stop_all
}

# put FILE: standard input, as a file that only the user reads.
put() {
	cat >"$1"
	chmod 600 "$1"
}
