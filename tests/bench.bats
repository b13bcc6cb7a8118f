#!/usr/bin/env bats
# The benchmark itself: that all its rows can be measured.  How fast anything is
# does not matter here.

load lib

BENCH=$BATS_TEST_DIRNAME/bench/bench.py

setup() {
	DIR=$BATS_TEST_TMPDIR
	export PROXYTUNNEL=$PT TOOLS=proxytunnel PT_MARK=$DIR
}

# marked: the processes that have our mark; who looks for it has not.
marked() {
	PT_MARK='' grep -lzsx "PT_MARK=$DIR" /proc/[0-9]*/environ
}

are_there() {
	local found
	mapfile -t found < <(marked)
	((${#found[@]} >= $1))
}

nobody_is_there() {
	! are_there 1
}

# measured ROW UNIT: the line has a reference, a ratio, its range, and a figure.
measured() {
	local number='[0-9.]+'
	grep -qE "^$1 +$2 +(floor|lfloor|straight) $number +$number $number-$number $number" \
		<<<"$output" || fail "$1 $2 is missing:" "$output"
}

@test "bench: every row, as small as can be" {
	local row
	need python3
	ROUNDS=1 BYTES=1000000 MANY=20 \
		expect 0 timeout 400 "$BENCH"
	for row in {down,up,duplex,echo}{,-sock}{,-free}; do
		measured "$row" GB/s
	done
	for row in ping{1,64}{,-free}; do
		measured "$row" us
	done
	measured setup 'us to its end'
	measured memory KiB
	for row in 'listen 100 busy' 'listen 20\+100 busy'; do
		measured "$row" GB/s
	done
	measured 'listen 20' 'opened 1/s'
	# Whether one may log in here at all is not ours to say.
	if [[ $output != *"ssh "*"skipped: sshd: "* ]]; then
		measured ssh-down GB/s
		measured ssh-up-fdpass GB/s
	fi
	nobody_is_there
}

@test "bench: rows by name, and one that there is not" {
	ROUNDS=1 BYTES=1000000 ROWS="down-sock" expect 0 timeout 60 "$BENCH"
	measured down-sock-free GB/s
	[[ $output != *"up"* ]]
	ROWS="down sideways" expect 1 timeout 60 "$BENCH"
	# shellcheck disable=SC2154 # set by run
	has "$stderr" "no such row: sideways*"
}

@test "bench: SIGINT leaves nobody behind" {
	ROWS=down MS=10000 start bench "$BENCH"
	# The script, the proxy, the driver, and the tool
	wait_until 20 are_there 4
	kill -INT "$(<"$DIR/bench.pid")"
	wait_until 10 nobody_is_there || fail "$(marked)"
	rm "$DIR/bench.pid"
}

teardown() {
	stop_all
}
